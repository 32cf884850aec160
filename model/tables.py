"""Every table of the ledger, in one list."""

from __future__ import annotations

from .field import Shape, Table, table_of
from .incident import Effort, Incident, Observation, Post, Rejected
from .land import ContactLine, ControlArea, Fetch, Finding, Site, Zone

INCIDENTS = table_of(Incident, "incidents", "Incidents", Shape.POINT, "incident_id")
OBSERVATIONS = table_of(Observation, "observations", "Observations", Shape.POINT, "observation_id")
POSTS = table_of(Post, "posts", "Posts", Shape.POINT, "post_id")
EFFORT = table_of(Effort, "effort", "Effort", Shape.NONE, "effort_id")
CONTACT_LINES = table_of(ContactLine, "contact_lines", "Contact lines", Shape.LINE, "line_id")
CONTROL_AREAS = table_of(ControlArea, "control_areas", "Areas of control", Shape.AREA, "area_id")
ZONES = table_of(Zone, "zones", "Zones", Shape.AREA, "zone_id")
SITES = table_of(Site, "sites", "Sites", Shape.POINT, "site_id")
FINDINGS = table_of(Finding, "findings", "Findings", Shape.NONE, "finding_id")
FETCHES = table_of(Fetch, "fetches", "Fetches", Shape.NONE, "fetch_id")
REJECTED = table_of(Rejected, "rejected", "Rows set aside", Shape.NONE, None)

LEDGER_TABLES: tuple[Table, ...] = (
    INCIDENTS,
    OBSERVATIONS,
    POSTS,
    EFFORT,
    CONTACT_LINES,
    CONTROL_AREAS,
    ZONES,
    SITES,
    FINDINGS,
    FETCHES,
)

FLAG_FIELDS = tuple(
    field
    for field in FINDINGS.fields
    if field.name
    in {
        "line_name",
        "line_valid_from",
        "line_distance_m",
        "line_side",
        "line_chainage_m",
        "control",
        "flag",
        "flag_probability",
        "flag_basis",
        "zones",
        "finding",
    }
)


def table(name: str) -> Table:
    """The ledger's table of that name; raises KeyError for another."""
    return {item.name: item for item in LEDGER_TABLES}[name]
