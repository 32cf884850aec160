"""One-sided bands along contact lines: the ground from near to far on a party's side.

The ground within the distance is cut along the lines and, at each open end, along the
perpendicular: what lies past it has no side. Each piece is then asked, at points spread over it,
on whose side the nearest line has it (the kernel's own answer); a piece with several answers, as
between two arms of a spiral, is cut again half-way between the arms.
"""

from __future__ import annotations

from typing import Optional

import numpy as np
import shapely

from .agreement_strip import Course, Frame, across, polygons_of, within
from .contact_line import LineColumns, PreparedLines, prepare_lines
from .geodesy import between, forward
from .nearest import Side, nearest

ASKED = 16
SMALLEST_M2 = 100.0
METRES_A_DEGREE = 111_320.0
STEPS = 40
MOST_SITES = 4_000


def band(
    columns: LineColumns,
    left: np.ndarray,
    right: np.ndarray,
    party: Optional[str],
    near_m: float,
    far_m: float,
):
    """The ground from ``near_m`` to ``far_m`` (metres) on a party's side: a MultiPolygon.

    ``columns`` are the lines that count, the nearest each time; ``left`` and ``right`` name the
    party on each side of each (None: not told). Without a party both sides are meant. EPSG:4326,
    split at ±180°. Distances hold to 0.1 % against geodesics, or 2 m where that is more.
    """
    prepared = prepare_lines(_one_kind(columns))
    kept = _kept(columns, prepared)
    courses = [Course(geometry) for geometry in prepared.columns.geometry]
    frame = Frame(np.concatenate([part[:, 0] for course in courses for part in course.parts]))
    area = within(courses, far_m, frame)
    if near_m > 0.0:
        area = shapely.difference(area, within(courses, near_m, frame))
    ask = _Asker(prepared, left[kept], right[kept], party, frame)
    faces = _faces(area, courses, far_m, frame)
    chosen = []
    for face, share in zip(faces, ask.shares(faces)):
        if share == 1.0:
            chosen.append(face)
        elif share > 0.0:
            chosen += _mixed(face, courses, far_m, frame, ask)
    return frame.geometry_out(_without_slivers(shapely.union_all(chosen)))


class _Asker:
    """Whose side points lie on, by the nearest of the lines."""

    def __init__(self, prepared: PreparedLines, left, right, party, frame: Frame):
        self.prepared, self.frame = prepared, frame
        self.left = np.array([party is None or name == party for name in left], dtype=bool)
        self.right = np.array([party is None or name == party for name in right], dtype=bool)

    def at(self, points: np.ndarray) -> np.ndarray:
        """Whether points (n, 2) of the frame lie on the party's side."""
        lon = np.mod(points[:, 0] + self.frame.middle + 180.0, 360.0) - 180.0
        found = nearest(self.prepared, lon, points[:, 1])
        side, line = found.side, np.maximum(found.line, 0)
        told = ((side == Side.LEFT) & self.left[line]) | ((side == Side.RIGHT) & self.right[line])
        return told & (found.line >= 0)

    def shares(self, faces: list) -> list[float]:
        """The share of each face's points that lie on the party's side."""
        if not faces:
            return []
        points = [_spread(face) for face in faces]
        answers = self.at(np.concatenate(points))
        ends = np.cumsum([len(each) for each in points])[:-1]
        return [float(part.mean()) for part in np.split(answers, ends)]


def _spread(face) -> np.ndarray:
    """Points spread over a face: a grid's that lie in it, and one that certainly does."""
    west, south, east, north = face.bounds
    steps = (np.arange(ASKED) + 0.5) / ASKED
    x, y = np.meshgrid(west + steps * (east - west), south + steps * (north - south))
    x, y = x.ravel(), y.ravel()
    shapely.prepare(face)
    inside = shapely.contains_xy(face, x, y)
    certain = shapely.get_coordinates(shapely.point_on_surface(face))
    return np.concatenate([certain, np.column_stack([x[inside], y[inside]])])


def _faces(area, courses: list[Course], far_m: float, frame: Frame) -> list:
    """The area cut along the lines, their bridged breaks, and the perpendiculars at open ends."""
    return _cut(area, [shapely.boundary(area), *_cuts(courses, far_m, frame)])


def _cuts(courses: list[Course], far_m: float, frame: Frame) -> list:
    cuts = []
    for course in courses:
        for part in (*course.parts, *course.bridges):
            cuts.append(shapely.linestrings(np.column_stack([frame.into(part[:, 0]), part[:, 1]])))
        cuts += [across(end, 1.02 * far_m, frame) for end in course.ends]
    return cuts


def _cut(area, cuts: list) -> list:
    faces = polygons_of(shapely.polygonize(shapely.get_parts(shapely.union_all(cuts))))
    shapely.prepare(area)
    return [face for face in faces if shapely.contains(area, shapely.point_on_surface(face))]


def _without_slivers(geometry):
    """A geometry less the specks and pinholes that cutting and joining leave behind."""
    kept = []
    for polygon in polygons_of(geometry):
        if _square_metres(polygon) < SMALLEST_M2:
            continue
        holes = [
            ring
            for ring in polygon.interiors
            if _square_metres(shapely.Polygon(ring)) >= SMALLEST_M2
        ]
        kept.append(shapely.Polygon(polygon.exterior, holes))
    return shapely.MultiPolygon(kept)


def _square_metres(face) -> float:
    _, south, _, north = face.bounds
    return face.area * METRES_A_DEGREE**2 * np.cos(np.radians((south + north) / 2.0))


def _mixed(face, courses: list[Course], far_m: float, frame: Frame, ask: _Asker) -> list:
    """The parts of a face on the party's side, cut half-way between stretches of the lines."""
    scale = np.array([np.cos(np.radians((face.bounds[1] + face.bounds[3]) / 2.0)), 1.0])
    flat = shapely.transform(face, lambda xy: xy * scale)
    sites = np.concatenate([_sites(course, far_m, frame) for course in courses]) * scale
    reach = 1.2 * far_m / METRES_A_DEGREE
    sites = np.unique(sites[shapely.distance(shapely.points(sites), flat) <= reach], axis=0)
    if len(sites) < 2:
        return [face]
    edges = shapely.voronoi_polygons(shapely.multipoints(sites), extend_to=flat, only_edges=True)
    # Not clipped to the face: an edge that ends a digit short of its boundary cuts nothing off.
    edges = shapely.transform(edges, lambda xy: xy / scale)
    parts = _cut(face, [shapely.boundary(face), edges, *_cuts(courses, far_m, frame)])
    if not parts:
        return []
    centres = shapely.get_coordinates(shapely.point_on_surface(parts))
    return [part for part, told in zip(parts, ask.at(centres)) if told]


def _sites(course: Course, far_m: float, frame: Frame) -> np.ndarray:
    """Points along a line, a fortieth of the distance apart, in the frame."""
    found = []
    for part in course.parts:
        azimuth, _, length = between(part[:-1, 0], part[:-1, 1], part[1:, 0], part[1:, 1])
        step = max(far_m / STEPS, length.sum() / MOST_SITES)
        along = np.concatenate([[0.0], np.cumsum(length)])
        places = np.append(np.arange(0.0, along[-1], step), along[-1] * (1.0 - 1e-12))
        edge = np.clip(np.searchsorted(along, places, side="right") - 1, 0, len(length) - 1)
        lon, lat = forward(part[edge, 0], part[edge, 1], azimuth[edge], places - along[edge])
        found.append(np.column_stack([frame.into(lon), lat]))
    return np.concatenate(found)


def _one_kind(columns: LineColumns) -> LineColumns:
    """Lines that were chosen already: their kinds no longer matter."""
    chosen = columns.take(np.arange(len(columns)))
    chosen.kind = np.full(len(columns), None, dtype=object)
    chosen.label = np.arange(len(columns)).astype(object)
    chosen.label = np.array([str(number) for number in chosen.label], dtype=object)
    return chosen


def _kept(columns: LineColumns, prepared: PreparedLines) -> np.ndarray:
    """The places in ``columns`` of the lines that could be prepared."""
    return np.array([int(label) for label in prepared.columns.label])
