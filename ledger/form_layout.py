"""How the forms of a ledger are laid out: which field stands in which tab, and what beside it."""

from __future__ import annotations

from dataclasses import dataclass

from ..model.field import Table
from ..model.tables import INCIDENTS, LEDGER_TABLES
from .form_fields import REFERENCES
from .record_triggers import RECORDED

HISTORY_OF_INCIDENT = "incident_history_incident_id"


@dataclass(frozen=True)
class Relation:
    """That ``field`` of the table ``child`` names a record of ``parent`` by its ``key``."""

    child: str
    field: str
    parent: str
    key: str

    @property
    def name(self) -> str:
        """The relation's id in a project."""
        return f"{self.child}_{self.field}"


RELATIONS = (
    *(
        Relation(child, field, reference.table, reference.key)
        for (child, field), reference in REFERENCES.items()
    ),
    Relation("evidence", "record_id", "incidents", "incident_id"),
    Relation("findings", "incident_id", "incidents", "incident_id"),
    Relation("incident_history", "incident_id", "incidents", "incident_id"),
    Relation("custody", "evidence_id", "evidence", "evidence_id"),
)
# Records that a form shows and does not change.
SHOWN_ONLY = ("findings", "incident_history", "custody", "evidence")


@dataclass(frozen=True)
class Tab:
    """One tab of a form: its fields, and the relations whose records stand below them."""

    title: str
    fields: tuple[str, ...]
    relations: tuple[str, ...] = ()


_INCIDENT = (
    Tab(
        "What",
        (
            *("category", "term", "phase", "circumstance", "weapon", "domain"),
            *("count_low", "count_high", "count_qualifier", "description"),
        ),
    ),
    Tab("When", ("occurred_from", "occurred_to", "time_precision", "span_is", "time_text")),
    Tab(
        "Where",
        (
            *("place", "admin1", "country", "point_role", "uncertainty_m", "uncertainty_kind"),
            "altitude_m",
        ),
    ),
    Tab(
        "Who and how sure",
        (
            *("source", "source_id", "source_url", "origin", "reliability", "credibility"),
            *("actor_1", "actor_2"),
        ),
        ("observations_incident_id", "evidence_record_id"),
    ),
    Tab(
        "Harm",
        ("deaths_low", "deaths_best", "deaths_high", "civilian_deaths", "injured"),
        ("harm_incident_id",),
    ),
    Tab(
        "Review",
        ("verification", "workflow", "sensitivity"),
        ("links_incident_id", "links_other_id", "claims_incident_id"),
    ),
    Tab("Findings", (), ("findings_incident_id",)),
    Tab("History", ("incident_id", "revision", "recorded_at"), (HISTORY_OF_INCIDENT,)),
)
_RELATED = {
    "posts": (
        Tab("Effort", (), ("effort_post_id",)),
        Tab("Observations", (), ("observations_post_id",)),
        Tab("Restrictions", (), ("restrictions_post_id",)),
    ),
    "storage_sites": (Tab("Inventories", (), ("inventories_site_id",)),),
    "evidence": (Tab("Custody", (), ("custody_evidence_id",)),),
}


def tabs_of(table: Table) -> tuple[Tab, ...]:
    """The tabs of a table's form; every field of the table stands in one of them."""
    if table is INCIDENTS:
        return _INCIDENT
    return (Tab(table.title, tuple(table.names())), *_RELATED.get(table.name, ()))


def is_signed(table: Table) -> bool:
    """Whether an edit of this table is signed: its history keeps who and why."""
    return table in RECORDED


def read_only_fields(table: Table) -> tuple[str, ...]:
    """The fields that the ledger keeps, and no form changes."""
    kept = ("incident_id", "revision", "recorded_at") if table is INCIDENTS else ()
    return ("fid", *kept)


LAYERS = {table.name: table for table in LEDGER_TABLES}
