"""GeoJSON, GeoPackage, KML and what else OGR reads: attributes as they are, geometry as columns."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Optional

from ..model.errors import CeasefireError
from .spreadsheet import quoted
from .table import GEOMETRY_LATITUDE, GEOMETRY_LONGITUDE, GEOMETRY_RADIUS, RawTable, assemble

KML_CLUTTER = {
    "tessellate",
    "extrude",
    "visibility",
    "draworder",
    "icon",
    "altitudemode",
    "snippet",
}


def read_vector(path: Path, layer: Optional[str] = None) -> RawTable:
    """Read one layer: the one named, the only one, or all of a KML's folders together.

    Adds columns for the geometry's point (degrees, EPSG:4326), and the radius in metres about it
    for lines and areas. Raises CeasefireError where the file cannot be read, has several layers
    and none was named, or has coordinates without a system that cannot be degrees.
    """
    from osgeo import gdal

    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        dataset = opened(gdal, path)
        layers = chosen(dataset, path, layer)
        notes: list[str] = []
        names: list[str] = []
        for one in layers:
            definition = one.GetLayerDefn()
            for i in range(definition.GetFieldCount()):
                name = definition.GetFieldDefn(i).GetName()
                if name not in names:
                    names.append(name)
        rows: list[list] = []
        for one in layers:
            rows.extend(rows_of(one, names, path.name, notes))
    except RuntimeError as error:
        raise CeasefireError(f"“{path.name}” cannot be read ({error}): export it again.") from None
    finally:
        gdal.PopErrorHandler()
    if not rows:
        raise CeasefireError(f"“{path.name}” holds no features: choose another file or layer.")
    return with_geometry(names, rows, notes, path)


def with_geometry(names: list[str], rows: list[list], notes: list[str], path: Path) -> RawTable:
    """The table of attributes and the three columns of geometry; empty KML columns left out."""
    header = [*names, GEOMETRY_LONGITUDE, GEOMETRY_LATITUDE, GEOMETRY_RADIUS]
    keep = [
        i
        for i, name in enumerate(header)
        if name.casefold() not in KML_CLUTTER or path.suffix.lower() not in (".kml", ".kmz")
    ]
    return assemble(
        [header[i] for i in keep], [[row[i] for i in keep] for row in rows], notes, path
    )


def opened(gdal, path: Path):
    """The file as an OGR dataset; raises CeasefireError where no driver takes it."""
    try:
        dataset = gdal.OpenEx(str(path), gdal.OF_VECTOR | gdal.OF_READONLY)
    except RuntimeError:
        dataset = None
    if dataset is None:
        raise CeasefireError(
            f"“{path.name}” is not a table or a vector file that can be read, or it is damaged: "
            "give CSV, XLSX, ODS, GeoJSON, GeoPackage or KML."
        )
    return dataset


def chosen(dataset, path: Path, layer: Optional[str]) -> list:
    """The layers to read; ``dataset`` must outlive them."""
    layers = [dataset.GetLayer(i) for i in range(dataset.GetLayerCount())]
    names = [one.GetName() for one in layers]
    if layer is not None:
        if layer not in names:
            raise CeasefireError(
                f"“{path.name}” has no layer “{layer}”; it has {quoted(names)}: name one of these."
            )
        return [layers[names.index(layer)]]
    if path.suffix.lower() in (".kml", ".kmz"):
        return layers
    filled = [one for one in layers if one.GetFeatureCount() > 0] or layers
    if len(filled) > 1:
        raise CeasefireError(
            f"“{path.name}” has several layers, {quoted(one.GetName() for one in filled)}: name "
            "one, as file|layername=name."
        )
    return filled


def rows_of(layer, names: list[str], file_name: str, notes: list[str]) -> list[list]:
    """The features as cells under ``names``, then longitude, latitude and radius."""
    from osgeo import ogr

    definition = layer.GetLayerDefn()
    place = {definition.GetFieldDefn(i).GetName(): i for i in range(definition.GetFieldCount())}
    numbers = {
        name
        for name, i in place.items()
        if definition.GetFieldDefn(i).GetType() in (ogr.OFTInteger, ogr.OFTInteger64, ogr.OFTReal)
    }
    located = layer.GetGeomType() != ogr.wkbNone
    transform = to_degrees(layer, file_name, notes) if located else None
    rows = []
    for feature in layer:
        cells: list = [None] * (len(names) + 3)
        for position, name in enumerate(names):
            i = place.get(name)
            if i is not None and feature.IsFieldSetAndNotNull(i):
                cells[position] = (
                    feature.GetField(i) if name in numbers else feature.GetFieldAsString(i)
                )
        geometry = feature.GetGeometryRef()
        if geometry is not None and not geometry.IsEmpty():
            cells[-3:] = point_and_radius(geometry, transform, file_name)
        rows.append(cells)
    return rows


def to_degrees(layer, file_name: str, notes: list[str]):
    """The transformation to EPSG:4326 (longitude first), or None where the layer is in degrees."""
    from osgeo import osr

    reference = layer.GetSpatialRef()
    if reference is None:
        extent = layer.GetExtent(can_return_null=True)
        if extent is not None and not all(abs(value) <= 360 for value in extent):
            raise CeasefireError(
                f"“{file_name}” does not say its coordinate system, and its coordinates are not "
                "degrees: set the layer's coordinate system and import it again."
            )
        if extent is not None:
            notes.append(
                "The file names no coordinate system; its coordinates were taken as degrees, "
                "WGS 84."
            )
        return None
    target = osr.SpatialReference()
    target.ImportFromEPSG(4326)
    target.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    reference = reference.Clone()
    reference.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    if reference.IsSame(target):
        return None
    if reference.IsLocal():
        raise CeasefireError(
            f"“{file_name}” has a local coordinate system that has no place on the Earth: "
            "set the layer's true coordinate system and import it again."
        )
    return osr.CoordinateTransformation(reference, target)


def point_and_radius(geometry, transform, file_name: str) -> list:
    """Longitude, latitude and, for other than one point, the radius in metres that holds it."""
    from osgeo import ogr

    if transform is not None:
        geometry = geometry.Clone()
        if geometry.Transform(transform) != 0:
            raise CeasefireError(
                f"A geometry of “{file_name}” cannot be brought to degrees: check the layer's "
                "coordinate system."
            )
    if ogr.GT_Flatten(geometry.GetGeometryType()) == ogr.wkbPoint:
        return [geometry.GetX(), geometry.GetY(), None]
    west, east, south, north = geometry.GetEnvelope()
    middle = _centroid(geometry)
    lon, lat = (
        (middle.GetX(), middle.GetY())
        if middle is not None and not middle.IsEmpty()
        else ((west + east) / 2, (south + north) / 2)
    )
    if west == east and south == north:
        return [lon, lat, None]
    return [lon, lat, radius(lon, lat, west, east, south, north)]


def _centroid(geometry):
    """The centroid; None for a shape that has none, such as a ring of three points in a row."""
    try:
        return geometry.Centroid()
    except RuntimeError:
        # As GDAL says it where somebody has turned its exceptions on.
        return None


def radius(lon, lat, west, east, south, north) -> float:
    """The farthest corner of a box from a point, in metres, on a sphere of 6,371,008.8 m."""
    return max(haversine(lon, lat, x, y) for x in (west, east) for y in (south, north))


def haversine(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Metres between two points in degrees on a sphere: for estimates of extent only."""
    a, b = math.radians(lat1), math.radians(lat2)
    inner = (
        math.sin((b - a) / 2) ** 2
        + math.cos(a) * math.cos(b) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    )
    return 2 * 6_371_008.8 * math.asin(min(1.0, math.sqrt(inner)))
