"""The theatre's incidents and lines as GeoPackage files, as QGIS takes them."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

import numpy as np
from osgeo import ogr, osr

from . import theatre

TEXT, NUMBER, MOMENT = ogr.OFTString, ogr.OFTReal, ogr.OFTDateTime
SECTOR = (
    "observer_lon",
    "observer_lat",
    "bearing_deg",
    "bearing_halfwidth_deg",
    "range_min_m",
    "range_max_m",
)
INCIDENT_FIELDS = {
    "incident_id": TEXT,
    "category": TEXT,
    "place_name": TEXT,
    "occurred_from": MOMENT,
    "occurred_to": MOMENT,
    "span_is": TEXT,
    "uncertainty_m": NUMBER,
    "uncertainty_kind": TEXT,
    **dict.fromkeys(SECTOR, NUMBER),
}
LINE_FIELDS = {
    "line_name": TEXT,
    "kind": TEXT,
    "left_party": TEXT,
    "right_party": TEXT,
    "valid_from": MOMENT,
    "valid_to": MOMENT,
    "uncertainty_m": NUMBER,
}
CATEGORIES = ("small_arms", "mortar", "artillery", "explosion", "drone")


def incidents_file(folder: Path, count: int, versions: int = 10) -> Path:
    """A file of ``count`` incidents, made where it is not there yet."""
    path = folder / f"incidents_{theatre.VERSION}_{versions}_{count}.gpkg"
    if not path.exists():
        _written(path, "incidents", ogr.wkbPoint, INCIDENT_FIELDS, _incidents(count, versions))
    return path


def lines_file(folder: Path, segments: int, versions: int, only: Optional[int] = None) -> Path:
    """A file of the line's versions; with ``only``, of that one as one feature."""
    which = "all" if only is None else only
    path = folder / f"lines_{theatre.VERSION}_{segments}_{versions}_{which}.gpkg"
    if not path.exists():
        rows = _lines(segments, versions, only)
        _written(path, "lines", ogr.wkbLineString, LINE_FIELDS, rows)
    return path


def _incidents(count: int, versions: int):
    number = 0
    for block in theatre.blocks(count, versions):
        begins, ends = _moments(block.occurred_from), _moments(block.occurred_to)
        numbers = [_numbers(getattr(block, name)) for name in ("uncertainty_m", *SECTOR)]
        places = zip(block.lon.tolist(), block.lat.tolist())
        for row, (lon, lat) in enumerate(places):
            number += 1
            yield (
                f"POINT ({lon!r} {lat!r})",
                f"incident-{number:08d}",
                CATEGORIES[number % len(CATEGORIES)],
                f"Place {number % theatre.VILLAGES}",
                begins[row],
                ends[row],
                block.span_is[row],
                numbers[0][row],
                block.uncertainty_kind[row],
                *(column[row] for column in numbers[1:]),
            )


def _lines(segments: int, versions: int, only):
    columns = theatre.contact_lines(segments, versions)
    moments = [_moments(columns.valid_from), _moments(columns.valid_to)]
    for row in range(versions) if only is None else [only]:
        names = (getattr(columns, name)[row] for name in list(LINE_FIELDS)[:4])
        uncertainty = float(columns.uncertainty_m[row])
        yield (columns.geometry[row].wkt, *names, moments[0][row], moments[1][row], uncertainty)


def _written(path: Path, name: str, shape: int, fields: dict, rows) -> None:
    """Write to a name of its own first: a file that is there is whole."""
    begun = path.with_name(f"making_{path.name}")
    begun.unlink(missing_ok=True)
    source = ogr.GetDriverByName("GPKG").CreateDataSource(str(begun))
    system = osr.SpatialReference()
    system.ImportFromEPSG(4326)
    system.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    layer = source.CreateLayer(name, system, shape)
    for field, kind in fields.items():
        layer.CreateField(ogr.FieldDefn(field, kind))
    definition = layer.GetLayerDefn()
    layer.StartTransaction()
    for geometry, *values in rows:
        feature = ogr.Feature(definition)
        feature.SetGeometryDirectly(ogr.CreateGeometryFromWkt(geometry))
        for place, value in enumerate(values):
            if value is not None:
                feature.SetField(place, value)
        layer.CreateFeature(feature)
    layer.CommitTransaction()
    layer = source = None
    begun.rename(path)


def _moments(values: np.ndarray) -> list:
    texts = np.datetime_as_string(values, unit="s").tolist()
    return [None if text == "NaT" else f"{text}Z" for text in texts]


def _numbers(values: np.ndarray) -> list:
    return [None if value != value else value for value in values.tolist()]
