"""Lines derived from lines: beside one, and midway between two.

Both are drawn in a conformal plane about the lines (true to a few parts in ten thousand within a
hundred kilometres) and given back in degrees (EPSG:4326).
"""

from __future__ import annotations

import dataclasses
from typing import Any, Optional

import numpy as np
import shapely

from ..model.errors import CeasefireError
from ..model.field import Shape, table_of, text
from .conformal_plane import ConformalPlane, line_in_degrees
from .geodesy import WGS84, inverse

MOST_PLACES = 40_000
SCALE_STEP_M = 1_000.0
# Edges are geodesics: drawn with a vertex so often, they are straight in the plane too.
LONGEST_EDGE_M = 1_000.0
# Chords of a rounded corner then lie within a ten-thousandth of the distance.
QUARTER_STEPS = 64


@dataclasses.dataclass
class DerivedLine:
    """A proposed line; ``geometry`` is a shapely line, EPSG:4326."""

    scenario: Optional[str] = text("Scenario")
    left_party: Optional[str] = text("Party on the left")
    right_party: Optional[str] = text("Party on the right")
    geometry: Any = None


DERIVED_LINES = table_of(DerivedLine, "scenarios", "Scenarios", Shape.LINE, "scenario")


def offset_line(line, distance_m: float):
    """The line at a distance beside another, left of its direction where positive (shapely lines).

    Corners are rounded, so that every place of it lies at the distance; it may fall into parts
    at tight bends. Raises CeasefireError where nothing is left.
    """
    if not distance_m:
        raise CeasefireError("The distance is 0 m: the line beside would be the line itself.")
    points = shapely.get_coordinates(line)
    plane = ConformalPlane.of(points)
    made = []
    for part in shapely.get_parts(line):
        lonlat = shapely.get_coordinates(part)
        drawn = shapely.LineString(plane.drawn(_dense(lonlat)))
        beside = shapely.offset_curve(
            drawn, distance_m * _scale(plane, lonlat), quad_segs=QUARTER_STEPS, join_style="round"
        )
        beside = shapely.segmentize(beside, LONGEST_EDGE_M)
        beside = [one for one in shapely.get_parts(beside) if not shapely.is_empty(one)]
        made += [_along(drawn, one) for one in beside]
    if not made:
        raise CeasefireError("At that distance nothing is left of the line. Give a smaller one.")
    return line_in_degrees([plane.degrees(shapely.get_coordinates(one)) for one in made])


def midline(one, other, step_m: float = 100.0):
    """The line every place of which is as far from ``one`` as from ``other`` (shapely lines).

    The lines are sampled every ``step_m``; the midline is exact to about that where they lie
    farther apart than it. It runs as far as both lines are beside each other. Raises CeasefireError
    where the lines cross or are sampled by too many places.
    """
    plane = ConformalPlane.of(
        np.vstack([shapely.get_coordinates(one), shapely.get_coordinates(other)])
    )
    drawn = [_drawn(plane, line) for line in (one, other)]
    if shapely.intersects(*drawn):
        raise CeasefireError(
            "The two lines meet or cross: between them there is no midline. Part them where they "
            "meet."
        )
    samples = [shapely.get_coordinates(shapely.segmentize(line, step_m)) for line in drawn]
    count = sum(map(len, samples))
    if count > MOST_PLACES:
        raise CeasefireError(
            f"The lines would be sampled at {count:,} places; {MOST_PLACES:,} is the most. Give a "
            "larger step."
        )
    cells = _cells(samples)
    between = shapely.intersection(*(shapely.boundary(cell) for cell in cells))
    # Beyond their ends the cells' common edge runs off to the drawing's frame.
    near = shapely.convex_hull(shapely.union_all(drawn))
    kept = shapely.line_merge(shapely.intersection(_lines_of(between), near))
    parts = [part for part in shapely.get_parts(kept) if shapely.length(part) > 0.0]
    if not parts:
        raise CeasefireError("The two lines do not lie beside each other: there is no midline.")
    along = [_along(drawn[0], part) for part in parts]
    return line_in_degrees([plane.degrees(shapely.get_coordinates(part)) for part in along])


def _along(line, derived):
    """The derived line in the direction of the line that it comes from: so sides keep their names.

    Of a line of several parts, the part nearest to it says the direction.
    """
    parts = shapely.get_parts(line)
    part = parts[int(np.argmin(shapely.distance(parts, derived)))]
    ends = shapely.points(shapely.get_coordinates(derived)[[0, -1]])
    start, end = shapely.line_locate_point(part, ends)
    return shapely.reverse(derived) if start > end else derived


def _drawn(plane: ConformalPlane, line):
    return shapely.MultiLineString(
        [plane.drawn(_dense(shapely.get_coordinates(part))) for part in shapely.get_parts(line)]
    )


def _dense(lonlat: np.ndarray) -> np.ndarray:
    """A path's vertices and, on each geodesic edge, one every kilometre."""
    made = [lonlat[:1]]
    for start, end in zip(lonlat, lonlat[1:]):
        length_m = float(inverse(*start, *end)[1])
        count = max(int(np.ceil(length_m / LONGEST_EDGE_M)) - 1, 0)
        if count:
            made.append(np.array(WGS84.npts(*start, *end, count)))
        made.append(end[None, :])
    return np.vstack(made)


def _cells(samples: list[np.ndarray]) -> list:
    """For each line the area whose places are nearer to it than to the other."""
    points = np.vstack(samples)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points)))
    tree = shapely.STRtree(cells)
    place, cell = tree.query(shapely.points(points), predicate="intersects")
    owner = np.full(len(cells), -1)
    owner[cell] = place >= len(samples[0])
    return [shapely.union_all(cells[owner == number]) for number in (0, 1)]


def _lines_of(geometry):
    lines = [part for part in shapely.get_parts(geometry) if shapely.get_dimensions(part) == 1]
    return shapely.MultiLineString(lines)


def _scale(plane: ConformalPlane, lonlat: np.ndarray) -> float:
    """Metres of the plane for a metre on the ground, in the middle of a line."""
    lon, lat = lonlat[len(lonlat) // 2]
    beside = np.array([[lon, lat], [lon, lat + SCALE_STEP_M / 111_320.0]])
    across = plane.drawn(beside)
    ground_m = float(inverse(lon, lat, *beside[1])[1])
    return float(np.hypot(*(across[1] - across[0]))) / ground_m
