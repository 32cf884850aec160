"""Incidents from a layer, as the columns that flags need."""

from __future__ import annotations

import dataclasses
from datetime import tzinfo
from typing import Any, Optional

from qgis.core import Qgis, QgsCsException, QgsFeatureRequest, QgsWkbTypes

from ...model.errors import Cancelled, CeasefireError
from ..fields import python_value
from .columns import AS_THEY_ARE, GEOMETRY_WORDS, find_field, numbers, texts, transform_of
from .instants import spans_of

SECTOR = (
    "observer_lon",
    "observer_lat",
    "bearing_deg",
    "bearing_halfwidth_deg",
    "range_min_m",
    "range_max_m",
)


@dataclasses.dataclass
class ReadIncidents:
    """A layer's incidents: ``columns`` for the analysis, and what binds them to their features."""

    columns: Any
    feature_ids: list[int]
    incident_ids: Any
    revisions: Any
    notes: list[str]


@dataclasses.dataclass
class IncidentFields:
    """The fields that the user names; None: found by the model's names."""

    time_from: Optional[str] = None
    time_to: Optional[str] = None
    uncertainty: Optional[str] = None


def incidents_of_source(source, asked: IncidentFields, zone: tzinfo, context, feedback):
    """Read a layer (points, or a table without places) once; raises CeasefireError for others."""
    from ...analysis.incident_columns import IncidentColumns

    transform = _transform(source, context)
    fields = source.fields()
    names = [
        find_field(fields, asked.time_from, "occurred_from"),
        find_field(fields, asked.time_to, "occurred_to"),
        find_field(fields, asked.uncertainty, "uncertainty_m"),
        *(
            find_field(fields, None, name)
            for name in ("span_is", "uncertainty_kind", "incident_id", "revision", *SECTOR)
        ),
    ]
    table = _read(source, fields, names, transform, feedback)
    notes = table.notes
    starts, day_ends, odd = spans_of(table.columns[0], zone)
    _count_odd(odd, names[0], notes)
    ends = day_ends
    if names[1] is not None:
        _, ends, odd = spans_of(table.columns[1], zone)
        _count_odd(odd, names[1], notes)
    columns = IncidentColumns(
        lon=table.lon,
        lat=table.lat,
        occurred_from=starts,
        occurred_to=ends,
        uncertainty_m=numbers(table.columns[2], names[2] or "", notes),
        span_is=texts(table.columns[3]),
        uncertainty_kind=texts(table.columns[4]),
        **{name: numbers(column, name, notes) for name, column in zip(SECTOR, table.columns[7:])},
    )
    if names[0] is None:
        notes.append(
            "No field holds the time of the incidents; choose it as the time field, or only lines "
            "without dates can be held against them."
        )
    revisions = numbers(table.columns[6], "revision", notes)
    return ReadIncidents(columns, table.ids, texts(table.columns[5]), revisions, notes)


@dataclasses.dataclass
class _Table:
    lon: list[float]
    lat: list[float]
    ids: list[int]
    columns: list[list[Any]]
    notes: list[str]


def _transform(source, context):
    has = QgsWkbTypes.geometryType(source.wkbType())
    if has == Qgis.GeometryType.Null:
        return None
    if has not in (Qgis.GeometryType.Point, Qgis.GeometryType.Unknown):
        raise CeasefireError(
            f"The layer of incidents “{source.sourceName()}” has {GEOMETRY_WORDS[has]}, but points "
            "are needed. Choose a layer of points, or a table."
        )
    return transform_of(source, "The layer of incidents", context)


def _read(source, fields, names, transform, feedback) -> _Table:
    wanted = [name for name in names if name is not None]
    request = QgsFeatureRequest().setSubsetOfAttributes(wanted, fields)
    table = _Table([], [], [], [[] for _ in names], [])
    places = [-1 if name is None else fields.lookupField(name) for name in names]
    lost = 0
    for feature in source.getFeatures(request, AS_THEY_ARE):
        if feedback.isCanceled():
            raise Cancelled("Stopped; nothing was written.")
        try:
            lon, lat = _place(feature.geometry(), transform)
        except QgsCsException:
            lost += 1
            lon = lat = float("nan")
        table.lon.append(lon)
        table.lat.append(lat)
        table.ids.append(feature.id())
        for column, place in zip(table.columns, places):
            column.append(None if place < 0 else python_value(feature[place]))
    if lost:
        table.notes.append(
            f"{lost:,} points lie where the layer's coordinate reference system does not reach; "
            "they count as not located."
        )
    return table


def _place(geometry, transform) -> tuple[float, float]:
    """Longitude and latitude of a feature's point; NaN where it has none."""
    if geometry.isNull() or geometry.isEmpty():
        return float("nan"), float("nan")
    if geometry.type() != Qgis.GeometryType.Point:
        raise CeasefireError(
            "The layer of incidents has features that are not points. Choose a layer of points."
        )
    point = next(geometry.vertices())
    if transform is not None:
        point = transform.transform(point.x(), point.y())
    return point.x(), point.y()


def _count_odd(odd: int, name: Optional[str], notes: list[str]) -> None:
    if odd:
        notes.append(f"{odd:,} values of the field “{name}” are no dates; taken as not known.")
