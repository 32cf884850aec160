"""Which line lies under a click, on which side of it the click is, and a line cut in two."""

from __future__ import annotations

from typing import Iterable, List, NamedTuple, Optional, Tuple

from qgis.core import QgsFeature, QgsGeometry, QgsPoint, QgsPointXY, QgsVectorLayer
from qgis.PyQt.QtCore import QDateTime

from ...model.errors import CeasefireError


class Hit(NamedTuple):
    """The line nearest to a click: the place on it, the vertex after it, and the click's side."""

    feature: QgsFeature
    place: QgsPointXY
    next_vertex: int
    left: bool
    distance: float


def nearest(layer: QgsVectorLayer, place: QgsPointXY, moment: Optional[float]) -> Optional[Hit]:
    """The nearest line in force at a moment (seconds since 1970); None where there is none."""
    best = None
    for feature in _in_force(layer, moment):
        squared, found, after, side = feature.geometry().closestSegmentWithContext(place)
        if squared < 0 or (best is not None and squared**0.5 >= best.distance):
            continue
        best = Hit(feature, found, after, side < 0, squared**0.5)
    return best


def count_in_force(layer: QgsVectorLayer, moment: Optional[float]) -> int:
    """How many lines of a layer are in force at a moment."""
    return sum(1 for _ in _in_force(layer, moment))


def cut(geometry: QgsGeometry, place: QgsPointXY, next_vertex: int) -> Tuple:
    """Both halves of a line, as lines of several parts; the order of the parts is kept.

    Raises CeasefireError where the place is an end of the line, for then there are no halves.
    """
    first: List[List[QgsPoint]] = []
    second: List[List[QgsPoint]] = []
    passed = 0
    for part in geometry.constParts():
        vertices = list(part.vertices())
        after = next_vertex - passed
        passed += len(vertices)
        if not 0 < after < len(vertices):
            (first if next_vertex >= passed else second).append(vertices)
            continue
        middle = QgsPoint(place)
        first.append(_without_twins([*vertices[:after], middle]))
        second.append(_without_twins([middle, *vertices[after:]]))
    halves = [[part for part in half if len(part) > 1] for half in (first, second)]
    if not all(halves):
        raise CeasefireError("That is the line's end: click a place between its ends.")
    made = []
    for half in halves:
        whole = QgsGeometry.collectGeometry([QgsGeometry.fromPolyline(part) for part in half])
        whole.convertToMultiType()
        made.append(whole)
    return tuple(made)


def _without_twins(vertices: List[QgsPoint]) -> List[QgsPoint]:
    kept = vertices[:1]
    for vertex in vertices[1:]:
        if (vertex.x(), vertex.y()) != (kept[-1].x(), kept[-1].y()):
            kept.append(vertex)
    return kept


def _in_force(layer: QgsVectorLayer, moment: Optional[float]) -> Iterable[QgsFeature]:
    for feature in layer.getFeatures():
        if feature.geometry().isEmpty():
            continue
        if moment is None or _is_in_force(feature, moment):
            yield feature


def _is_in_force(feature: QgsFeature, moment: float) -> bool:
    begin, end = (_seconds(feature[name]) for name in ("valid_from", "valid_to"))
    return (begin is None or begin <= moment) and (end is None or moment < end)


def _seconds(value) -> Optional[float]:
    """A date and time of an attribute as seconds since 1970; None where it is open."""
    if not isinstance(value, QDateTime) or not value.isValid():
        return None
    return value.toMSecsSinceEpoch() / 1000
