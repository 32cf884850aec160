"""The place that an expression's geometry means: longitude and latitude on WGS 84."""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import Any, Optional

from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCoordinateTransformContext,
    QgsCsException,
    QgsExpressionContext,
    QgsGeometry,
    QgsReferencedGeometry,
)

from ...model.errors import CeasefireError
from ..fields import WGS84, python_value


class Places:
    """Brings points to EPSG:4326 by the project's transformations; any thread may ask it."""

    def __init__(self, transforms: QgsCoordinateTransformContext):
        self._transforms = QgsCoordinateTransformContext(transforms)
        self._named = lru_cache(maxsize=256)(self._transform_of)

    def place(
        self, geometry: Any, crs: Optional[str], context: Optional[QgsExpressionContext]
    ) -> Optional[tuple[float, float]]:
        """Longitude and latitude of a point; None where it is NULL, empty or out of reach.

        The CRS is the one asked for, else the geometry's own, else that of the layer whose feature
        is looked at, else EPSG:4326. Raises CeasefireError for what is no point.
        """
        geometry = python_value(geometry)
        if geometry is None:
            return None
        if not isinstance(geometry, QgsGeometry):
            raise CeasefireError(
                "The first argument must be a geometry, such as @geometry or make_point(30, 50)."
            )
        if geometry.isNull() or geometry.isEmpty():
            return None
        if geometry.type() != Qgis.GeometryType.Point:
            raise CeasefireError(
                "Only a point can be held against the line. Give one, such as "
                "point_on_surface(@geometry)."
            )
        transform = self._transform(geometry, crs, context)
        point = next(geometry.vertices())
        if transform is None:
            return point.x(), point.y()
        try:
            there = transform.transform(point.x(), point.y())
        except QgsCsException:
            return None
        return there.x(), there.y()

    def _transform(self, geometry, crs, context) -> Optional[QgsCoordinateTransform]:
        if crs:
            return self._named(str(crs), threading.get_ident())
        if isinstance(geometry, QgsReferencedGeometry) and geometry.crs().isValid():
            return self._to_wgs84(geometry.crs())
        layer_crs = None if context is None else context.variable("layer_crs")
        if layer_crs is None:
            return None
        if layer_crs:
            return self._named(str(layer_crs), threading.get_ident())
        # A CRS of the user's own has no code; QGIS keeps it beside, under this name.
        own = context.variable("_layer_crs")
        if isinstance(own, QgsCoordinateReferenceSystem) and own.isValid():
            return self._to_wgs84(own)
        raise CeasefireError(
            "The layer has no coordinate reference system. Set it in the layer's properties, or "
            "give it as the argument “crs”, such as crs:='EPSG:4326'."
        )

    def _transform_of(self, name: str, thread: int) -> Optional[QgsCoordinateTransform]:
        """How to come from a CRS of that name; one for each thread, for none may be shared."""
        crs = QgsCoordinateReferenceSystem(name)
        if not crs.isValid():
            raise CeasefireError(
                f"“{name}” is no coordinate reference system. Give a code, such as 'EPSG:4326'."
            )
        return self._to_wgs84(crs)

    def _to_wgs84(self, crs: QgsCoordinateReferenceSystem) -> Optional[QgsCoordinateTransform]:
        return None if crs == WGS84 else QgsCoordinateTransform(crs, WGS84, self._transforms)
