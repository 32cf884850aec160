"""The ground within a distance of lines, on the ellipsoid: as polygons in degrees.

Lines are drawn in stretches of at most 150 km, each in an azimuthal equidistant plane about its
own middle (off by r²/6R² at most: 9 m in 70 km), its segments each buffered by itself, for
GEOS's buffer of a whole line leaves out shallow bends up to 1 % of the distance.
"""

from __future__ import annotations

import numpy as np
import shapely
from pyproj import Proj

from .geodesy import between, project
from .line_parts import OrderedParts, order_parts, unit_vectors
from .line_pieces import BRIDGED_M, PIECE_M, cut

STRETCH_M = 150_000.0
ARC = 32
# Vertices closer than this (radians, half a millimetre) are one, as for the kernel.
SAME = 1e-10
WORLD = shapely.box(-180.0, -90.0, 180.0, 90.0)


class Frame:
    """Longitudes counted from a middle meridian, so that nothing there crosses ±180°."""

    def __init__(self, lon: np.ndarray):
        turn = np.radians(np.asarray(lon, dtype=float))
        self.middle = float(np.degrees(np.arctan2(np.sin(turn).sum(), np.cos(turn).sum())))

    def into(self, lon):
        """Longitudes in degrees as degrees east of the middle, in [-180, 180)."""
        return np.mod(np.asarray(lon, dtype=float) - self.middle + 180.0, 360.0) - 180.0

    def geometry_out(self, geometry):
        """A geometry in this frame as a MultiPolygon in EPSG:4326, split at ±180°."""
        moved = shapely.transform(geometry, lambda xy: xy + [self.middle, 0.0])
        parts = []
        for turn in (-360.0, 0.0, 360.0):
            west, _, east, _ = moved.bounds if not moved.is_empty else (0.0,) * 4
            if west + turn >= 180.0 or east + turn <= -180.0:
                continue
            turned = shapely.transform(moved, lambda xy, by=turn: xy + [by, 0.0])
            inside = west + turn >= -180.0 and east + turn <= 180.0
            # Rounding after the shift may let an outline touch itself, which cannot be cut.
            turned = turned if turned.is_valid else shapely.make_valid(turned)
            parts += polygons_of(turned if inside else shapely.intersection(turned, WORLD))
        # The cut may end a digit past ±180°.
        whole = shapely.transform(
            shapely.MultiPolygon(parts),
            lambda xy: np.column_stack([np.clip(xy[:, 0], -180.0, 180.0), xy[:, 1]]),
        )
        return whole if whole.is_valid else as_multipolygon(shapely.make_valid(whole))


class Course:
    """One contact line as it runs: the vertices of its parts, none further apart than 5 km.

    ``parts`` are (n, 2) arrays of degrees; ``ends`` are (lon, lat, azimuth) of its open ends;
    ``bridges`` are (2, 2) arrays across breaks of at most 1 km, at which the line has no end.
    """

    def __init__(self, geometry):
        coordinates = [
            _distinct(shapely.get_coordinates(shapely.force_2d(part)))
            for part in shapely.get_parts(geometry)
        ]
        ordered = order_parts([part for part in coordinates if len(part) > 1])
        self.parts: list[np.ndarray] = []
        self.ends: list[tuple[float, float, float]] = []
        self.bridges: list[np.ndarray] = []
        for index in range(len(ordered.parts)):
            self._add(ordered, index)
        self._bridge(ordered)

    def _add(self, ordered: OrderedParts, index: int) -> None:
        pieces = cut(OrderedParts([ordered.parts[index]], [ordered.closed[index]], 0))
        lon = np.append(pieces.lon0, pieces.lon1[-1])
        lat = np.append(pieces.lat0, pieces.lat1[-1])
        self.parts.append(np.column_stack([lon, lat]))
        if not ordered.closed[index]:
            self.ends.append((lon[0], lat[0], float(pieces.az_start[0])))
            self.ends.append((lon[-1], lat[-1], float(pieces.az_end[-1])))

    def _bridge(self, ordered: OrderedParts) -> None:
        """Take the two ends at each short break from the ends, and bridge it."""
        open_parts = [index for index, closed in enumerate(ordered.closed) if not closed]
        for order in range(len(open_parts) - 1, 0, -1):
            before = self.parts[open_parts[order - 1]][-1]
            after = self.parts[open_parts[order]][0]
            _, _, gap = between(*(np.array([value]) for value in (*before, *after)))
            if gap[0] <= BRIDGED_M:
                self.bridges.append(np.array([before, after]))
                del self.ends[2 * order - 1 : 2 * order + 1]


def within(courses: list[Course], distance_m: float, frame: Frame):
    """The ground within a distance (metres) of lines, rounded at their ends; in the frame."""
    drawn = []
    for course in courses:
        for part in course.parts:
            steps = _lengths(part)
            stretch = (np.concatenate([[0.0], np.cumsum(steps)]) // STRETCH_M).astype(int)
            for number in np.unique(stretch[:-1]):
                chosen = np.flatnonzero(stretch[:-1] == number)
                drawn.append(_around(part[chosen[0] : chosen[-1] + 2], distance_m, frame))
    return shapely.union_all(drawn)


def across(end: tuple[float, float, float], distance_m: float, frame: Frame):
    """The perpendicular at a line's open end, so far to either side; a line in the frame."""
    lon, lat, azimuth = end
    plane = _plane(lon, lat)
    half = max(1, int(np.ceil(distance_m / PIECE_M)))
    away = np.linspace(-distance_m, distance_m, 2 * half + 1)
    turn = np.radians(azimuth + 90.0)
    there = _out(plane, np.column_stack([away * np.sin(turn), away * np.cos(turn)]))
    # The end itself, to the last digit: a perpendicular that misses it cuts nothing off.
    there[half] = lon, lat
    return shapely.linestrings(np.column_stack([frame.into(there[:, 0]), there[:, 1]]))


def polygons_of(geometry) -> list:
    """The polygons of a geometry, whatever it is."""
    parts = shapely.get_parts(shapely.get_parts(geometry))
    return [part for part in parts if part.geom_type == "Polygon" and not part.is_empty]


def as_multipolygon(geometry):
    """The polygons of a geometry as one MultiPolygon."""
    return shapely.MultiPolygon(polygons_of(geometry))


def _around(points: np.ndarray, distance_m: float, frame: Frame):
    """The ground within a distance of one stretch; in the frame."""
    middle = points[len(points) // 2]
    plane = _plane(*middle)
    flat = np.column_stack(project(plane, points[:, 0], points[:, 1]))
    tolerance = min(max(4e-4 * distance_m, 0.5), 20.0)
    corners = shapely.get_coordinates(shapely.simplify(shapely.linestrings(flat), tolerance))
    segments = np.stack([corners[:-1], corners[1:]], axis=1)
    around = shapely.union_all(
        shapely.buffer(shapely.linestrings(segments), distance_m, quad_segs=ARC)
    )
    around = shapely.segmentize(around, max(PIECE_M, distance_m / 10.0))

    def out(flat_points):
        there = _out(plane, flat_points)
        return np.column_stack([frame.into(there[:, 0]), there[:, 1]])

    return shapely.make_valid(shapely.transform(around, out))


def _plane(lon: float, lat: float) -> Proj:
    return Proj(proj="aeqd", lon_0=float(lon), lat_0=float(lat), ellps="WGS84")


def _out(plane: Proj, flat: np.ndarray) -> np.ndarray:
    return np.column_stack(project(plane, flat[:, 0], flat[:, 1], inverse=True))


def _lengths(points: np.ndarray) -> np.ndarray:
    return between(points[:-1, 0], points[:-1, 1], points[1:, 0], points[1:, 1])[2]


def _distinct(points: np.ndarray) -> np.ndarray:
    if len(points) < 2:
        return points
    steps = np.linalg.norm(np.diff(unit_vectors(points), axis=0), axis=1)
    return points[np.concatenate([[True], steps > SAME])]
