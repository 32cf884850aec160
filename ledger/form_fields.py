"""How each field of a ledger is entered: from a list, as an instant, a number or text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional

from ..model.field import Field, Kind, Table
from ..model.vocabulary import vocabulary

# QGIS's word for NULL in a list of values.
NOT_KNOWN = "{2839923C-8B7D-419E-B84B-CA2FE9B80EC7}"
INSTANT_FORMAT = "yyyy-MM-dd HH:mm:ss"
MOST = 2147483647
# The vocabulary of a field, by its name in any table; below, where a table has its own.
VOCABULARIES = {
    "action": "custody_actions",
    "age_group": "age_groups",
    "category": "categories",
    "circumstance": "circumstances",
    "civilian_status": "civilian_statuses",
    "count_qualifier": "count_qualifiers",
    "credibility": "credibilities",
    "domain": "domains",
    "flag": "flags",
    "flag_basis": "flag_bases",
    "means": "means",
    "origin": "origins",
    "outcome": "harm_outcomes",
    "phase": "phases",
    "point_role": "point_roles",
    "probability_basis": "flag_bases",
    "relation": "link_relations",
    "reliability": "reliabilities",
    "sensitivity": "sensitivities",
    "sex": "sexes",
    "span_is": "spans",
    "time_precision": "time_precisions",
    "uncertainty_kind": "uncertainty_kinds",
    "verdict": "verdicts",
    "verification": "verifications",
    "weapon": "weapon_types",
    "workflow": "workflows",
}
VOCABULARIES_OF = {
    ("claims", "finding"): "claim_findings",
    ("contact_lines", "kind"): "line_kinds",
    ("effort", "status"): "effort_statuses",
    ("evidence", "kind"): "evidence_kinds",
    ("feeds", "redistribution"): "redistributions",
    ("links", "status"): "link_statuses",
    ("posts", "kind"): "post_kinds",
    ("restrictions", "kind"): "restriction_kinds",
    ("sites", "kind"): "site_kinds",
    ("zones", "kind"): "zone_kinds",
}
LONG_TEXTS = {
    *("description", "original_text", "response", "coverage", "reason", "notes", "text"),
    *("payload", "stated_reason", "sources", "note", "erased_why", "options", "mapping"),
}


@dataclass(frozen=True)
class Reference:
    """That a field holds the key of a record in another table."""

    table: str
    key: str


_POST = Reference("posts", "post_id")
_INCIDENT = Reference("incidents", "incident_id")
REFERENCES = {
    ("observations", "incident_id"): _INCIDENT,
    ("observations", "post_id"): _POST,
    ("effort", "post_id"): _POST,
    ("harm", "incident_id"): _INCIDENT,
    ("links", "incident_id"): _INCIDENT,
    ("links", "other_id"): _INCIDENT,
    ("claims", "incident_id"): _INCIDENT,
    ("restrictions", "post_id"): _POST,
    ("weapon_sightings", "post_id"): _POST,
    ("inventories", "site_id"): Reference("storage_sites", "site_id"),
}


@dataclass(frozen=True)
class Widget:
    """An editor widget of QGIS: its type and its settings."""

    kind: str
    settings: dict[str, Any]


def vocabulary_of(table: str, field: str) -> Optional[str]:
    """The vocabulary whose codes a field of a table holds; None where it holds none."""
    return VOCABULARIES_OF.get((table, field)) or VOCABULARIES.get(field)


def widget_of(table: Table, field: Field) -> Widget:
    """How that field is entered."""
    name = vocabulary_of(table.name, field.name)
    if name is not None:
        return Widget("ValueMap", {"map": choices(name)})
    if field.kind is Kind.INSTANT:
        return Widget("DateTime", _instant())
    if field.kind is Kind.BOOLEAN:
        return Widget("CheckBox", {"AllowNullState": True, "TextDisplayMethod": 0})
    if field.kind is Kind.INTEGER:
        return Widget("Range", _whole_number())
    return Widget("TextEdit", {"IsMultiline": field.name in LONG_TEXTS, "UseHtml": False})


def choices(name: str) -> list[tuple[str, str]]:
    """Labels and codes of a vocabulary, first of all that it is not known."""
    codes = vocabulary(name)
    return [("not known", NOT_KNOWN)] + [
        (_label(code, entry), code) for code, entry in codes.items()
    ]


def _label(code: str, entry: dict[str, Any]) -> str:
    label, group = entry["label"]["en"], entry.get("group")
    if group:
        return f"{group.replace('_', ' ')}: {label}"
    return label if len(code) > 1 else f"{code}: {label}"


def _instant() -> dict[str, Any]:
    return {
        "display_format": INSTANT_FORMAT,
        "field_format": INSTANT_FORMAT,
        "field_format_overwrite": False,
        "field_iso_format": False,
        "allow_null": True,
        "calendar_popup": True,
    }


def _whole_number() -> dict[str, Any]:
    return {
        "AllowNull": True,
        "Min": 0,
        "Max": MOST,
        "Step": 1,
        "Precision": 0,
        "Style": "SpinBox",
    }


@dataclass(frozen=True)
class Rule:
    """What a value should be, as an expression of QGIS; a form warns and lets it pass."""

    expression: str
    words: str


def _ordered(first: str, second: str, words: str) -> Rule:
    return Rule(f'"{first}" IS NULL OR "{second}" IS NULL OR "{first}" <= "{second}"', words)


def _within(name: str, low: str, high: Optional[str], words: str) -> Rule:
    condition = f'"{name}" {low}' + (f' AND "{name}" {high}' if high else "")
    return Rule(f'"{name}" IS NULL OR ({condition})', words)


_ENDS = (
    ("occurred_from", "occurred_to"),
    ("observed_from", "observed_to"),
    ("valid_from", "valid_to"),
    ("harmed_from", "harmed_to"),
    ("alleged_from", "alleged_to"),
    ("restricted_from", "restricted_to"),
    ("seen_from", "seen_to"),
)
_BEARING = "A direction is between 0 and 360 degrees, clockwise from true north."
RULES = {
    **{end: _ordered(begin, end, "The end is not before the beginning.") for begin, end in _ENDS},
    "count_high": _ordered("count_low", "count_high", "“At most” is not below “at least”."),
    "high": Rule(
        '("low" IS NULL OR "high" IS NULL OR "low" <= "high") AND '
        '("best" IS NULL OR "high" IS NULL OR "best" <= "high")',
        "“At most” is not below “at least” or the best estimate.",
    ),
    "deaths_high": Rule(
        '("deaths_low" IS NULL OR "deaths_high" IS NULL OR "deaths_low" <= "deaths_high") AND '
        '("deaths_best" IS NULL OR "deaths_high" IS NULL OR "deaths_best" <= "deaths_high")',
        "The high number of deaths is not below the low or the best one.",
    ),
    "range_max_m": _ordered("range_min_m", "range_max_m", "“At most” is not below “at least”."),
    "bearing_deg": _within("bearing_deg", ">= 0", "<= 360", _BEARING),
    "fire_azimuth_deg": _within("fire_azimuth_deg", ">= 0", "<= 360", _BEARING),
    "bearing_halfwidth_deg": _within(
        "bearing_halfwidth_deg", "> 0", "<= 180", "Plus or minus is above 0, at most 180 degrees."
    ),
    "field_of_view_deg": _within(
        "field_of_view_deg", "> 0", "<= 360", "A field of view is above 0, at most 360 degrees."
    ),
    **{
        name: _within(name, "> 0", None, "It is more than 0 metres; leave it empty if not known.")
        for name in ("uncertainty_m", "range_m", "radius_m")
    },
}
