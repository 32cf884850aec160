"""The data annex: a GeoPackage and a CSV whose rows are those of the brief, in its order."""

from __future__ import annotations

import contextlib
import csv
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Optional

import shapely
from osgeo import gdal, ogr, osr

from ..ledger.difference_table import FIELDS, rows_of
from ..ledger.difference_words import reason_words
from ..model.errors import CeasefireError
from ..model.field import Field, Kind, Shape
from ..model.tables import CONTACT_LINES, EFFORT, FLAG_FIELDS, INCIDENTS, SITES, ZONES
from .material import Entry, Material, in_force
from .release import Release, sources_on_terms
from .revisions import may_show

NUMBER = Field("number", Kind.INTEGER, "Number in the brief")
LOCAL = Field("local_time", Kind.TEXT, "Local time")
IDS = ("incident_id", "source_id", "source_url")
# Of the changes, what names analysts or the machine.
NOT_IN_THE_ANNEX = ("record_table", "who", "with_what", "fetch_id", "steps")
TYPES = {
    Kind.TEXT: (ogr.OFTString, ogr.OFSTNone),
    Kind.INTEGER: (ogr.OFTInteger64, ogr.OFSTNone),
    Kind.REAL: (ogr.OFTReal, ogr.OFSTNone),
    Kind.INSTANT: (ogr.OFTDateTime, ogr.OFSTNone),
    Kind.BOOLEAN: (ogr.OFTInteger, ogr.OFSTBoolean),
}
SHAPES = {
    Shape.NONE: ogr.wkbNone,
    Shape.POINT: ogr.wkbPoint,
    Shape.LINE: ogr.wkbMultiLineString,
    Shape.AREA: ogr.wkbMultiPolygon,
}


def columns(release: Release) -> list[Field]:
    """The columns of the annex's incidents at a release level."""
    hidden = () if release is Release.CONFIDENTIAL else IDS
    incident = [field for field in INCIDENTS.fields if field.name not in hidden]
    return [NUMBER, LOCAL, *incident, *FLAG_FIELDS]


def values(entry: Entry, fields: list[Field], zone) -> list[Any]:
    """One entry's values in the order of the columns."""
    own = {"number": entry.number or None, "local_time": None}
    if entry.when is not None:
        own["local_time"] = entry.when.astimezone(zone).isoformat(timespec="seconds")
    flags = {field.name for field in FLAG_FIELDS}
    return [
        own[field.name]
        if field.name in own
        else getattr(entry.finding if field.name in flags else entry.incident, field.name)
        for field in fields
    ]


def write_csv(path: Path, entries: list[Entry], options: Any) -> None:
    """The incidents as CSV, UTF-8, with longitude and latitude as the last columns."""
    fields = columns(options.release)
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file)
        writer.writerow([*(field.name for field in fields), "longitude", "latitude"])
        for entry in entries:
            row = [_text(value) for value in values(entry, fields, options.period.zone)]
            writer.writerow([*row, _text(entry.incident.longitude), _text(entry.incident.latitude)])


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")
    return repr(value) if isinstance(value, float) else str(value)


def write_geopackage(
    path: Path, entries: list[Entry], late: list[Entry], material: Material, options: Any
) -> None:
    """Incidents, earlier incidents, and the lines, zones, sites and effort of the period."""
    period, fields = options.period, columns(options.release)
    stamp = options.created.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    # GDAL stamps layers with the time of writing; the brief's own makes two equal briefs equal.
    with _stamped(stamp):
        dataset = ogr.GetDriverByName("GPKG").CreateDataSource(str(path))
        if dataset is None:
            raise CeasefireError(
                f"The data annex “{path.name}” could not be made. Choose a folder that you may "
                "write to."
            )
        for name, rows in (("incidents", entries), ("earlier_incidents", late)):
            if rows or name == "incidents":
                _write(
                    dataset,
                    name,
                    Shape.POINT,
                    fields,
                    [(values(entry, fields, period.zone), _point(entry)) for entry in rows],
                )
        for table, records in (
            (CONTACT_LINES, material.lines),
            (ZONES, material.zones),
            (SITES, material.sites),
        ):
            shown = [item for item in records if in_force(item, period.start, period.end)]
            _write_records(dataset, table, shown)
        within = [
            item
            for item in material.effort
            if item.observed_from
            and item.observed_to
            and item.observed_from < period.end
            and item.observed_to > period.start
        ]
        _write_records(dataset, EFFORT, within)
        revisions = material.revisions
        if revisions is not None and options.release is not Release.CONFIDENTIAL:
            revisions = revisions.without_sources(sources_on_terms(material, "aggregates", "none"))
        _write_revisions(dataset, entries, revisions, options.release)
        del dataset


@contextlib.contextmanager
def _stamped(stamp: str):
    before = gdal.GetConfigOption("OGR_CURRENT_DATE")
    gdal.SetConfigOption("OGR_CURRENT_DATE", stamp)
    try:
        yield
    finally:
        gdal.SetConfigOption("OGR_CURRENT_DATE", before)


def _point(entry: Entry) -> Optional[Any]:
    if not entry.located:
        return None
    return shapely.Point(entry.incident.longitude, entry.incident.latitude)


def _write_records(dataset, table, records: list) -> None:
    if not records:
        return
    rows = [
        ([getattr(item, field.name) for field in table.fields], getattr(item, "geometry", None))
        for item in records
    ]
    _write(dataset, table.name, table.shape, list(table.fields), rows)


def _write_revisions(dataset, entries: list[Entry], revisions: Any, release: Release) -> None:
    """What became of incidents since an earlier report, a row a changed field; nobody is named."""
    if revisions is None or not revisions.listed:
        return
    fields = [field for field in FIELDS if field.name not in NOT_IN_THE_ANNEX]
    if release is not Release.CONFIDENTIAL:
        fields = [field for field in fields if field.name != "record_id"]
    numbers = {entry.incident.incident_id: entry.number for entry in entries}
    rows = []
    for change in revisions.listed:
        for row in rows_of(change):
            values = {field.name: value for field, value in zip(FIELDS, row)}
            values["why"] = reason_words(values["why"] or "") or None
            if may_show(change, values["field"], release):
                own = [values[field.name] for field in fields]
                rows.append(([numbers.get(change.record_id) or None, *own], None))
    _write(dataset, "revisions", Shape.NONE, [NUMBER, *fields], rows)


def _write(dataset, name: str, shape: Shape, fields: list[Field], rows: list) -> None:
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(4326)
    reference.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    layer = dataset.CreateLayer(name, reference if shape is not Shape.NONE else None, SHAPES[shape])
    for field in fields:
        kind, subtype = TYPES[field.kind]
        definition = ogr.FieldDefn(field.name, kind)
        definition.SetSubType(subtype)
        definition.SetAlternativeName(field.title)
        layer.CreateField(definition)
    dataset.StartTransaction()
    for row, geometry in rows:
        feature = ogr.Feature(layer.GetLayerDefn())
        for index, value in enumerate(row):
            _set(feature, index, value)
        if geometry is not None and shape is not Shape.NONE:
            feature.SetGeometry(_geometry(geometry, shape))
        if layer.CreateFeature(feature) != ogr.OGRERR_NONE:
            raise CeasefireError(
                f"The data annex could not be written to its end (layer “{name}”): the disk may "
                "be full. Free some room and run it again."
            )
    dataset.CommitTransaction()


def _geometry(geometry: Any, shape: Shape):
    result = ogr.CreateGeometryFromWkb(shapely.to_wkb(shapely.force_2d(geometry)))
    if shape is Shape.LINE:
        return ogr.ForceToMultiLineString(result)
    return ogr.ForceToMultiPolygon(result) if shape is Shape.AREA else result


def _set(feature, index: int, value: Any) -> None:
    if value is None:
        feature.SetFieldNull(index)
    elif isinstance(value, datetime):
        utc = value.astimezone(timezone.utc)
        seconds = utc.second + utc.microsecond / 1e6
        # 100 is OGR's code for UTC.
        feature.SetField(index, utc.year, utc.month, utc.day, utc.hour, utc.minute, seconds, 100)
    elif isinstance(value, bool):
        feature.SetField(index, int(value))
    elif isinstance(value, int):
        feature.SetFieldInteger64(index, value)
    else:
        feature.SetField(index, value)
