"""Features' geometries in degrees, as the model keeps them."""

from __future__ import annotations

import math
from typing import Optional

from qgis.core import Qgis, QgsCoordinateTransform, QgsCsException, QgsFeature, QgsGeometry

from .attributes import Unfit, tr


def in_degrees(
    feature: QgsFeature, transform: Optional[QgsCoordinateTransform]
) -> Optional[QgsGeometry]:
    """A feature's geometry in EPSG:4326; None where it has none. Raises Unfit."""
    if not feature.hasGeometry() or feature.geometry().isEmpty():
        return None
    geometry = QgsGeometry(feature.geometry())
    try:
        if transform is not None:
            geometry.transform(transform)
    except QgsCsException:
        raise Unfit(tr("its geometry cannot be brought to EPSG:4326.")) from None
    box = geometry.boundingBox()
    edges = (box.xMinimum(), box.xMaximum(), box.yMinimum(), box.yMaximum())
    if not all(math.isfinite(edge) for edge in edges):
        raise Unfit(tr("its geometry has a coordinate that is no number."))
    if max(abs(edges[0]), abs(edges[1])) > 360 or max(abs(edges[2]), abs(edges[3])) > 90:
        raise Unfit(tr("its geometry lies outside the Earth's degrees: check the layer's CRS."))
    return geometry


def given_point(place: dict) -> Optional[tuple[float, float]]:
    """The point of two columns, ``longitude`` and ``latitude``; None where both are empty."""
    longitude, latitude = place["longitude"], place["latitude"]
    if longitude is None and latitude is None:
        return None
    if longitude is None or latitude is None:
        raise Unfit(tr("only one of longitude and latitude is given."))
    if abs(longitude) > 360 or abs(latitude) > 90:
        raise Unfit(tr("its longitude and latitude lie outside the Earth's degrees."))
    return longitude, latitude


def single_point(geometry: QgsGeometry) -> tuple[float, float]:
    """The point of a geometry that has exactly one. Raises Unfit."""
    if geometry.type() != Qgis.GeometryType.Point:
        raise Unfit(tr("its geometry is not a point."))
    points = list(geometry.vertices())
    if len(points) != 1:
        raise Unfit(tr("it has several points where one is kept: split it first."))
    return points[0].x(), points[0].y()


def multi_part(geometry: QgsGeometry, wanted: Qgis.GeometryType):
    """A line or area as a shapely multi-part geometry, without curves and heights."""
    import shapely

    if geometry.type() != wanted:
        raise Unfit(tr("its geometry is of another kind than the table's."))
    straight = QgsGeometry(geometry.constGet().segmentize())
    straight.convertToMultiType()
    return shapely.force_2d(shapely.from_wkb(bytes(straight.asWkb())))
