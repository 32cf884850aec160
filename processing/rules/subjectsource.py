"""Incidents and weapon sightings from a layer or a ledger, as the columns that rules need."""

from __future__ import annotations

from datetime import tzinfo
from typing import Any, Optional

from qgis.core import QgsCsException, QgsFeatureRequest

from ...model.errors import Cancelled, CeasefireError
from ..fields import python_value
from ..line.columns import (
    AS_THEY_ARE,
    find_field,
    numbers,
    point_of,
    points_transform,
    texts,
)
from ..line.instants import spans_of

INCIDENTS, SIGHTINGS = "incidents", "weapon_sightings"
BEGINS = {
    INCIDENTS: ("occurred_from", "date_start"),
    SIGHTINGS: ("seen_from", "observed_from", "occurred_from"),
}
ENDS = {
    INCIDENTS: ("occurred_to", "date_end"),
    SIGHTINGS: ("seen_to", "observed_to", "occurred_to"),
}
IDS = {INCIDENTS: "incident_id", SIGHTINGS: "sighting_id"}
TEXTS = ("category", "circumstance", "domain", "weapon", "holder")
NUMBERS = ("revision", "altitude_m", "count_low", "count_high")
SECTOR = (
    "observer_lon",
    "observer_lat",
    "bearing_deg",
    "bearing_halfwidth_deg",
    "range_min_m",
    "range_max_m",
)


def kind_of(source) -> str:
    """Whether a layer holds incidents or weapon sightings, by its fields.

    Raises CeasefireError where it is neither.
    """
    fields = {field.name().lower() for field in source.fields()}
    if "sighting_id" in fields or ("category" not in fields and {"weapon", "holder"} <= fields):
        return SIGHTINGS
    if "category" in fields:
        return INCIDENTS
    raise CeasefireError(
        f"“{source.sourceName()}” is neither a layer of incidents (it has no field “category”) nor "
        "of weapon sightings (“weapon” and “holder”). Import it first, or name its fields so."
    )


def subjects_of_source(source, kind: str, zone: tzinfo, context, feedback, notes: list[str]):
    """The layer's rows as ``analysis.rule_columns.RuleSubjects``; raises CeasefireError."""
    fields = source.fields()
    names = {
        "id": find_field(fields, None, IDS[kind]),
        "from": find_field(fields, None, *BEGINS[kind]),
        "to": find_field(fields, None, *ENDS[kind]),
    }
    for name in (*TEXTS, *NUMBERS, "span_is", "uncertainty_m", "uncertainty_kind", *SECTOR):
        names[name] = find_field(fields, None, name)
    if names["from"] is None:
        raise CeasefireError(
            f"“{source.sourceName()}” has no field “{BEGINS[kind][0]}” with the time: rules are "
            "dated, so nothing could be held against them. Import it first, or name it so."
        )
    lon, lat, ids, table = _read(source, names, context, feedback, notes)
    starts, day_ends, odd = spans_of(table["from"], zone)
    ends = day_ends
    if names["to"] is not None:
        _, ends, more = spans_of(table["to"], zone)
        odd += more
    if odd:
        notes.append(f"{odd:,} times of “{source.sourceName()}” are no dates; taken as not known.")
    identifiers = texts(table["id"]) if names["id"] else texts([str(each) for each in ids])
    return _subjects(kind, table, identifiers, lon, lat, starts, ends, notes)


def subjects_of_records(kind: str, records: list, notes: list[str]):
    """The ledger's incidents or sightings as ``analysis.rule_columns.RuleSubjects``."""
    from ...analysis.utc import instants

    def column(name: str) -> list:
        return [getattr(record, name, None) for record in records]

    table = {
        name: column(name)
        for name in (*TEXTS, *NUMBERS, "span_is", "uncertainty_m", "uncertainty_kind", *SECTOR)
    }
    starts, ends = instants(column(BEGINS[kind][0])), instants(column(ENDS[kind][0]))
    lon, lat = numbers(column("longitude"), "", []), numbers(column("latitude"), "", [])
    return _subjects(kind, table, texts(column(IDS[kind])), lon, lat, starts, ends, notes)


def _subjects(kind: str, table: dict, identifiers, lon, lat, starts, ends, notes: list[str]):
    from ...analysis.incident_columns import IncidentColumns
    from ...analysis.rule_columns import RuleSubjects

    place = IncidentColumns(
        lon=lon,
        lat=lat,
        occurred_from=starts,
        occurred_to=ends,
        span_is=texts(table["span_is"]),
        uncertainty_m=numbers(table["uncertainty_m"], "uncertainty_m", notes),
        uncertainty_kind=texts(table["uncertainty_kind"]),
        **{name: numbers(table[name], name, notes) for name in SECTOR},
    )
    return RuleSubjects(
        place,
        identifiers,
        are_sightings=kind == SIGHTINGS,
        **{name: texts(table[name]) for name in TEXTS},
        **{name: numbers(table[name], name, notes) for name in NUMBERS},
    )


def _read(source, names: dict[str, Optional[str]], context, feedback, notes: list[str]):
    """Degrees, feature ids and the columns of the named fields, in one pass."""
    transform = points_transform(source, "The layer", context)
    fields = source.fields()
    known = {what: fields.lookupField(name) for what, name in names.items() if name is not None}
    request = QgsFeatureRequest().setSubsetOfAttributes(sorted(set(known.values())))
    table: dict[str, list[Any]] = {what: [] for what in names}
    lon, lat, ids = [], [], []
    lost = 0
    for feature in source.getFeatures(request, AS_THEY_ARE):
        if feedback.isCanceled():
            raise Cancelled("Stopped; nothing was written.")
        try:
            x, y = point_of(feature.geometry(), "The layer")
            if transform is not None and x == x:
                place = transform.transform(x, y)
                x, y = place.x(), place.y()
        except QgsCsException:
            lost += 1
            x = y = float("nan")
        lon.append(x)
        lat.append(y)
        ids.append(feature.id())
        attributes = feature.attributes()
        for what, column in table.items():
            column.append(python_value(attributes[known[what]]) if what in known else None)
    if lost:
        notes.append(
            f"{lost:,} points lie where the layer's coordinate reference system does not reach; "
            "they count as not located."
        )
    return numbers(lon, "", []), numbers(lat, "", []), ids, table
