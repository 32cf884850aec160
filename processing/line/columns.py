"""Layers of QGIS as columns: which field holds what, and places in EPSG:4326."""

from __future__ import annotations

from typing import Any, Optional

from qgis.core import (
    Qgis,
    QgsCoordinateTransform,
    QgsCsException,
    QgsFeatureRequest,
    QgsFields,
    QgsGeometry,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QVariant

from ...model.errors import Cancelled, CeasefireError
from ..fields import WGS84, python_value

GEOMETRY_WORDS = {
    Qgis.GeometryType.Point: "points",
    Qgis.GeometryType.Line: "lines",
    Qgis.GeometryType.Polygon: "polygons",
    Qgis.GeometryType.Null: "no geometry",
    Qgis.GeometryType.Unknown: "a mixture of geometries",
}

# What is invalid is named or repaired by the analysis; the check in Processing would stop at it.
AS_THEY_ARE = Qgis.ProcessingFeatureSourceFlag.SkipGeometryValidityChecks


def find_field(fields: QgsFields, asked: Optional[str], *usual: str) -> Optional[str]:
    """The field that was asked for, or else the first of the usual names that is there.

    Upper and lower case do not matter. Raises CeasefireError where the one asked for is not there.
    """
    if asked:
        index = fields.lookupField(asked)
        if index < 0:
            raise CeasefireError(
                f"There is no field “{asked}”. The fields are: {', '.join(fields.names())}."
            )
        return fields.at(index).name()
    present = {field.name().lower(): field.name() for field in fields}
    return next((present[name] for name in usual if name in present), None)


def need_geometry(source, what: str, wanted: Qgis.GeometryType) -> None:
    """Raise CeasefireError where a source has another geometry than is wanted."""
    has = QgsWkbTypes.geometryType(source.wkbType())
    if has not in (wanted, Qgis.GeometryType.Unknown):
        raise CeasefireError(
            f"{what} “{source.sourceName()}” has {GEOMETRY_WORDS[has]}, but "
            f"{GEOMETRY_WORDS[wanted]} are needed. Choose another layer."
        )


def transform_of(source, what: str, context) -> Optional[QgsCoordinateTransform]:
    """How to bring a source's coordinates to EPSG:4326; None where they are that already.

    Raises CeasefireError where the layer has no CRS: a guess would move every point.
    """
    crs = source.sourceCrs()
    if not crs.isValid():
        raise CeasefireError(
            f"{what} “{source.sourceName()}” has no coordinate reference system. Set it in the "
            "layer's properties, then run this again."
        )
    if crs == WGS84:
        return None
    return QgsCoordinateTransform(crs, WGS84, context.transformContext())


def points_transform(source, what: str, context) -> Optional[QgsCoordinateTransform]:
    """As ``transform_of`` for points, None for a table; raises CeasefireError for other shapes."""
    has = QgsWkbTypes.geometryType(source.wkbType())
    if has == Qgis.GeometryType.Null:
        return None
    if has not in (Qgis.GeometryType.Point, Qgis.GeometryType.Unknown):
        raise CeasefireError(
            f"{what} “{source.sourceName()}” has {GEOMETRY_WORDS[has]}, but points are needed. "
            "Choose a layer of points, or a table."
        )
    return transform_of(source, what, context)


def point_of(geometry: QgsGeometry, what: str) -> tuple[float, float]:
    """The coordinates of a feature's first point as they are; NaN where it has none."""
    if geometry.isNull() or geometry.isEmpty():
        return float("nan"), float("nan")
    if geometry.type() != Qgis.GeometryType.Point:
        raise CeasefireError(f"{what} has features that are not points. Choose a layer of points.")
    point = next(geometry.vertices())
    return point.x(), point.y()


def shape_of(geometry: QgsGeometry, transform: Optional[QgsCoordinateTransform]):
    """A QGIS geometry as a flat shapely geometry in EPSG:4326; None where there is none."""
    import shapely

    if geometry.isNull() or geometry.isEmpty():
        return None
    geometry = QgsGeometry(geometry)
    if QgsWkbTypes.isCurvedType(geometry.wkbType()):
        geometry = QgsGeometry(geometry.constGet().segmentize())
    geometry.get().dropZValue()
    geometry.get().dropMValue()
    if transform is not None:
        geometry.transform(transform)
    return shapely.from_wkb(bytes(geometry.asWkb()))


def read_shapes(source, names: list[Optional[str]], transform, what: str, feedback):
    """Geometries (shapely, EPSG:4326), labels and the columns of the named fields.

    Returns ``(geometries, labels, columns)``: object arrays, one column a name, None throughout for
    a name that is None.
    """
    geometries, labels = [], []
    columns: list[list[Any]] = [[] for _ in names]
    for feature in source.getFeatures(QgsFeatureRequest(), AS_THEY_ARE):
        if feedback.isCanceled():
            raise Cancelled("Stopped; nothing was written.")
        labels.append(f"{what} {feature.id()}")
        try:
            geometries.append(shape_of(feature.geometry(), transform))
        except QgsCsException:
            raise CeasefireError(
                f"{what[:1].upper()}{what[1:]} {feature.id()} of “{source.sourceName()}” lies "
                "where its coordinate reference system does not reach. Check the layer's CRS."
            ) from None
        for column, name in zip(columns, names):
            column.append(None if name is None else python_value(feature[name]))
    return _objects(geometries), _objects(labels), [_objects(column) for column in columns]


def _objects(values: list):
    import numpy as np

    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def numbers(values, name: str, notes: list[str]):
    """A column of numbers, NaN where not known; what is no number is counted in ``notes``."""
    result, odd = numbers_and_odd(values)
    wrong = len(odd)
    if wrong:
        what = "1 value" if wrong == 1 else f"{wrong:,} values"
        are = "is no number" if wrong == 1 else "are no numbers"
        notes.append(f"{what} of the field “{name}” {are}; taken as not known.")
    return result


def numbers_and_odd(values):
    """A column of numbers, NaN where not known; and the rows of what is no number."""
    import numpy as np

    values = without_nulls(values)
    if set(map(type, values)) <= {int, float, type(None)}:
        return np.array(values, dtype=float), []
    result = np.full(len(values), np.nan)
    wrong: list[int] = []
    for index, value in enumerate(values):
        if value is None or value == "":
            continue
        try:
            result[index] = float(value)
        except (TypeError, ValueError):
            wrong.append(index)
    return result, wrong


def texts(values):
    """A column of text, None where empty."""
    values = without_nulls(values)
    return _objects([value or None if type(value) is str else _text(value) for value in values])


def without_nulls(values) -> list:
    """Attributes with None for NULL: the same as ``python_value`` of each, in less time."""
    return [None if type(value) is QVariant and value.isNull() else value for value in values]


def _text(value: Any) -> Optional[str]:
    return None if value in (None, "") else str(value)


def not_written(algorithm, sink) -> str:
    """One sentence on a feature that an output did not take."""
    return algorithm.tr(
        "The output did not take a feature (%1). Free some room or choose another format or place, "
        "and run it again; nothing was written."
    ).replace("%1", sink.lastError() or algorithm.tr("no reason given"))
