"""The ground between two contact lines, and areas that a text gives by coordinates."""

from __future__ import annotations

import numpy as np
import shapely

from ..model.errors import CeasefireError
from .agreement_strip import Course, Frame, polygons_of
from .contact_line import LineColumns
from .geodesy import between
from .line_parts import OrderedParts
from .line_pieces import cut


def between_lines(one: LineColumns, other: LineColumns):
    """The ground between two lines, closed by geodesics between their nearer ends: MultiPolygon.

    Where a line has several parts they are joined in order. Lines that touch or cross enclose
    several areas; all count. EPSG:4326, split at ±180°.
    """
    first, second = _course(one), _course(other)
    straight = _metres(first[-1], second[0]) + _metres(second[-1], first[0])
    turned = _metres(first[-1], second[-1]) + _metres(second[0], first[0])
    if turned < straight:
        second = second[::-1]
    frame = Frame(np.concatenate([first[:, 0], second[:, 0]]))
    ring = _geodesic(np.vstack([first, second, first[:1]]))
    edges = shapely.linestrings(np.column_stack([frame.into(ring[:, 0]), ring[:, 1]]))
    faces = polygons_of(shapely.polygonize(shapely.get_parts(shapely.union_all([edges]))))
    if not faces:
        raise CeasefireError("the two lines enclose no area")
    return frame.geometry_out(shapely.union_all(faces))


def area_of(rings):
    """The area of rings in degrees, the first the outline and the rest holes: MultiPolygon.

    Rings need not be closed; edges are geodesics. Raises CeasefireError where they enclose nothing.
    """
    frame = Frame(np.array([lon for lon, _ in rings[0]]))
    drawn = []
    for ring in rings:
        points = np.array(ring, dtype=float)
        points = (
            points if np.array_equal(points[0], points[-1]) else np.vstack([points, points[:1]])
        )
        points = _geodesic(points)
        outline = shapely.polygons(np.column_stack([frame.into(points[:, 0]), points[:, 1]]))
        drawn.append(shapely.make_valid(outline))
    area = drawn[0]
    for hole in drawn[1:]:
        area = shapely.difference(area, hole)
    if not polygons_of(area):
        raise CeasefireError("its coordinates enclose no area")
    return frame.geometry_out(area)


def _course(columns: LineColumns) -> np.ndarray:
    """All parts of the lines, in order, as one run of vertices."""
    whole = shapely.multilinestrings(
        [part for geometry in columns.geometry for part in shapely.get_parts(geometry)]
    )
    return np.vstack(Course(whole).parts)


def _geodesic(points: np.ndarray) -> np.ndarray:
    """Vertices with more on the geodesics between them, none further apart than 5 km."""
    kept = np.concatenate([[True], np.any(np.diff(points, axis=0) != 0.0, axis=1)])
    pieces = cut(OrderedParts([points[kept]], [False], 0))
    return np.column_stack(
        [np.append(pieces.lon0, pieces.lon1[-1]), np.append(pieces.lat0, pieces.lat1[-1])]
    )


def _metres(here: np.ndarray, there: np.ndarray) -> float:
    told = between(*(np.array([value], dtype=float) for value in (*here, *there)))
    return float(told[2][0])
