"""The lines of one date as barriers between sides: their parts, and what continues their ends."""

from __future__ import annotations

import dataclasses
from typing import Optional

import numpy as np
import shapely

from .conformal_plane import ConformalPlane
from .contact_line import LineColumns, PreparedLines, prepare_lines
from .geodesy import WGS84
from .line_course import Course
from .line_in_force import name_of_line
from .line_pieces import BRIDGED_M
from .line_words import LEFT, RIGHT
from .nearest import nearest

NO_PARTY = "no party"
TOUCHING_M = 1.0
OVERSHOOT_M = 1.0
SAMPLES = 200
AGAINST = -0.5


@dataclasses.dataclass
class End:
    """An open end that meets nothing: its place (degrees), the barrier it ends, and what it is.

    ``key`` names the two sides; ``begins`` says whether, seen with the side that comes first in
    the alphabet on the left, the line begins here.
    """

    lonlat: np.ndarray
    row: int
    at_start: bool
    key: frozenset
    begins: bool


@dataclasses.dataclass
class _Row:
    """One barrier as it is gathered: vertices in degrees, and what ``Barriers`` keeps of it."""

    points: np.ndarray
    line: int
    offset_m: float
    sides: tuple[str, str]
    closed: bool


@dataclasses.dataclass
class Barriers:
    """What parts the sides on one date, one row a part of a line, a bridge or a continuation.

    ``line`` is the index among all lines, -1 for what is no line; ``offset_m`` the chainage at
    which the row begins; ``left`` and ``right`` who is on its sides.
    """

    prepared: Optional[PreparedLines]
    line: np.ndarray
    offset_m: np.ndarray
    left: np.ndarray
    right: np.ndarray
    ends: list[End]
    rows: list[_Row]

    def paths(self, longest_m: float) -> list[np.ndarray]:
        """All barriers as vertices (n, 2) in degrees, at most ``longest_m`` apart."""
        if self.prepared is None:
            return []
        courses = [Course.of(line) for line in self.prepared.lines]
        return [
            path for course in courses for path in course.between(0.0, course.length_m, longest_m)
        ]


def sides_of(columns: LineColumns, index: int) -> tuple[str, str]:
    """Who is left and right of a line: a party or "no party"; left, right where none is named."""
    left, right = columns.left_party[index], columns.right_party[index]
    if left is None and right is None:
        return LEFT, RIGHT
    return left or NO_PARTY, right or NO_PARTY


def lines_run_backwards(lines: PreparedLines, earlier, later) -> dict[int, str]:
    """Lines of the later date that run against those of the earlier with the same sides.

    They were digitised the other way round: their sides are to be exchanged. Returns a sentence a
    line. Method: the mean cosine between its direction and that of the nearest earlier line.
    """
    found = {}
    courses = {index: Course.of(lines.lines[index]) for index in {*earlier, *later}}
    for index in later:
        sides = sides_of(lines.columns, index)
        same = [one for one in earlier if set(sides_of(lines.columns, one)) == set(sides)]
        if index in earlier or not same:
            continue
        course = courses[index]
        count = SAMPLES
        lon, lat, azimuth = course.places((np.arange(count) + 0.5) * course.length_m / count)
        foot = nearest(lines, lon, lat, same)
        agree = np.empty(count)
        for one in same:
            rows = np.flatnonzero(foot.line == one)
            _, _, there = courses[one].places(foot.chainage_m[rows])
            sign = 1.0 if sides_of(lines.columns, one) == sides else -1.0
            agree[rows] = sign * np.cos(np.radians(there - azimuth[rows]))
        if agree.mean() < AGAINST:
            found[index] = (
                f"The line “{name_of_line(lines, index)}” runs the other way round than on the "
                "earlier date with the same sides; its sides were exchanged."
            )
    return found


def barriers_of(lines: PreparedLines, among, backwards) -> Barriers:
    """The parts of the lines ``among`` with their sides, and bridges over breaks of up to 1 km."""
    rows, bridges = [], []
    for index in among:
        course = Course.of(lines.lines[index])
        sides = sides_of(lines.columns, index)
        sides = sides[::-1] if index in backwards else sides
        bounds, closed = course.part_bounds(), course.is_closed()
        last = None
        for (start, end), ring in zip(bounds, closed):
            points = course.between(start, end)[0]
            rows.append(_Row(points, index, start, sides, bool(ring)))
            if ring:
                continue
            if last is not None and 0.0 < _apart(last, points[0]) <= BRIDGED_M:
                bridge = np.array([last, points[0]])
                bridges.append(_Row(bridge, -1, np.nan, sides, False))
            last = points[-1]
    return _with_ends(_gathered(rows + bridges))


def _apart(one, other) -> float:
    return float(WGS84.inv(one[0], one[1], other[0], other[1])[2])


def _gathered(rows: list[_Row]) -> Barriers:
    """Barriers of these rows; their ends are not looked for yet."""
    left, right = np.empty(len(rows), dtype=object), np.empty(len(rows), dtype=object)
    left[:], right[:] = [row.sides[0] for row in rows], [row.sides[1] for row in rows]
    line = np.array([row.line for row in rows], dtype=np.int64)
    offset = np.array([row.offset_m for row in rows], dtype=float)
    prepared = None
    if rows:
        geometry = np.array([shapely.linestrings(row.points) for row in rows], dtype=object)
        prepared = prepare_lines(LineColumns(geometry))
    return Barriers(prepared, line, offset, left, right, [], rows)


def _with_ends(barriers: Barriers) -> Barriers:
    """The barriers with the open ends of theirs that meet no other barrier."""
    for number, row in enumerate(barriers.rows):
        if row.closed:
            continue
        for at_start in (True, False):
            begins = at_start == (row.sides[0] <= row.sides[1])
            place = row.points[0 if at_start else -1]
            end = End(place, number, at_start, frozenset(row.sides), begins)
            if not _meets_another(barriers, end):
                barriers.ends.append(end)
    return barriers


def _meets_another(barriers: Barriers, end: End) -> bool:
    others = [row for row in range(len(barriers.line)) if row != end.row]
    if not others:
        return False
    found = nearest(barriers.prepared, [end.lonlat[0]], [end.lonlat[1]], others)
    return bool(found.distance_m[0] <= TOUCHING_M)


def continued_to_the_edge(barriers: Barriers, theatre, plane: ConformalPlane) -> Barriers:
    """The barriers with every end that meets nothing continued straight to the theatre's edge.

    ``theatre`` is in the plane. A continuation stops where it meets another barrier of its date.
    """
    if barriers.prepared is None:
        return barriers
    edge = shapely.boundary(theatre)
    drawn = [shapely.linestrings(plane.drawn(path)) for path in barriers.paths(1_000.0)]
    walls = shapely.multilinestrings(drawn)
    added = []
    for end in barriers.ends:
        start = plane.drawn(end.lonlat[None, :])[0]
        if not shapely.contains_xy(theatre, *start):
            continue
        path = _straight_to(start, edge, walls)
        if path is None:
            continue
        path = plane.degrees(path)
        # The very same place, or the continuation would not meet the line.
        path[0] = end.lonlat
        path = path[::-1] if end.at_start else path
        added.append(_Row(path, -1, np.nan, barriers.rows[end.row].sides, False))
    return _gathered(barriers.rows + added) if added else barriers


def _straight_to(start: np.ndarray, edge, walls) -> Optional[np.ndarray]:
    """From an end straight to the nearest place of the edge, or to the first wall on the way."""
    point = shapely.points(start)
    foot = shapely.get_coordinates(shapely.shortest_line(point, edge))[-1]
    length = float(np.hypot(*(foot - start)))
    if length < 1e-3:
        return None
    ahead = (foot - start) / length
    way = shapely.linestrings([start + ahead * 0.01, foot + ahead * OVERSHOOT_M])
    met = shapely.intersection(way, walls)
    if not shapely.is_empty(met):
        foot = start + ahead * (0.01 + float(shapely.distance(shapely.points(start), met)))
    return np.array([start, foot + ahead * OVERSHOOT_M])
