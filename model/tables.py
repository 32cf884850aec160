"""Every table of the ledger, in one list."""

from __future__ import annotations

from .alert import Alert, AlertRule
from .claim import Claim, Restriction
from .evidence import CustodyEvent, Evidence, Protected
from .feed import Feed
from .field import Shape, Table, table_of
from .harm import Harm, Link
from .incident import Effort, Incident, Observation, Post, Rejected
from .land import ContactLine, ControlArea, Fetch, Finding, Site, Zone
from .stored_agreement import StoredAgreement
from .weapons import Inventory, StorageSite, WeaponSighting

INCIDENTS = table_of(Incident, "incidents", "Incidents", Shape.POINT, "incident_id")
OBSERVATIONS = table_of(Observation, "observations", "Observations", Shape.POINT, "observation_id")
POSTS = table_of(Post, "posts", "Posts", Shape.POINT, "post_id")
EFFORT = table_of(Effort, "effort", "Effort", Shape.NONE, "effort_id")
CONTACT_LINES = table_of(ContactLine, "contact_lines", "Contact lines", Shape.LINE, "line_id")
CONTROL_AREAS = table_of(ControlArea, "control_areas", "Areas of control", Shape.AREA, "area_id")
ZONES = table_of(Zone, "zones", "Zones", Shape.AREA, "zone_id")
SITES = table_of(Site, "sites", "Sites", Shape.POINT, "site_id")
WEAPON_SIGHTINGS = table_of(
    WeaponSighting, "weapon_sightings", "Weapon sightings", Shape.POINT, "sighting_id"
)
STORAGE_SITES = table_of(StorageSite, "storage_sites", "Storage sites", Shape.POINT, "site_id")
INVENTORIES = table_of(Inventory, "inventories", "Inventories", Shape.NONE, "inventory_id")
LINKS = table_of(Link, "links", "Links between incidents", Shape.NONE, "link_id")
HARM = table_of(Harm, "harm", "Harm to people", Shape.NONE, "harm_id")
CLAIMS = table_of(Claim, "claims", "Claims of the parties", Shape.POINT, "claim_id")
RESTRICTIONS = table_of(
    Restriction, "restrictions", "Restrictions of access", Shape.POINT, "restriction_id"
)
EVIDENCE = table_of(Evidence, "evidence", "Evidence", Shape.NONE, "evidence_id")
CUSTODY = table_of(CustodyEvent, "custody", "Custody of evidence", Shape.NONE, "event_id")
PROTECTED = table_of(Protected, "protected", "Protected values", Shape.NONE, "protected_id")
AGREEMENTS = table_of(StoredAgreement, "agreements", "Agreements", Shape.NONE, "version_id")
ALERT_RULES = table_of(AlertRule, "alert_rules", "Alert rules", Shape.NONE, "rule_id")
ALERTS = table_of(Alert, "alerts", "Alerts", Shape.POINT, "alert_id")
FINDINGS = table_of(Finding, "findings", "Findings", Shape.NONE, "finding_id")
FETCHES = table_of(Fetch, "fetches", "Fetches", Shape.NONE, "fetch_id")
FEEDS = table_of(Feed, "feeds", "Feeds", Shape.NONE, "feed_id")
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
    WEAPON_SIGHTINGS,
    STORAGE_SITES,
    INVENTORIES,
    LINKS,
    HARM,
    CLAIMS,
    RESTRICTIONS,
    EVIDENCE,
    CUSTODY,
    PROTECTED,
    FEEDS,
    ALERT_RULES,
    ALERTS,
    AGREEMENTS,
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
        "side_probability",
    }
)

RULE_FIELDS = tuple(
    field
    for field in FINDINGS.fields
    if field.name
    in {
        "incident_id",
        "incident_revision",
        "sighting_id",
        "site_id",
        "agreement_id",
        "clause",
        "rule",
        "party",
        "verdict",
        "probability",
        "probability_basis",
        "measured_m",
        "limit_m",
        "distance_to_compliance_m",
        "line_name",
        "line_valid_from",
        "zones",
        "counted_low",
        "counted_high",
        "limit_count",
        "period_from",
        "period_to",
        "finding",
        "rests_on",
    }
)


def table(name: str) -> Table:
    """The ledger's table of that name; raises KeyError for another."""
    return {item.name: item for item in LEDGER_TABLES}[name]
