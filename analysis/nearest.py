"""The kernel: the nearest place of the contact line, for many points at once."""

from __future__ import annotations

import dataclasses
import functools
import os
from concurrent.futures import ThreadPoolExecutor
from enum import IntEnum

import numpy as np

from .contact_line import PreparedLine, PreparedLines
from .earth_centred import Horizon, earth_centred
from .geodesy import between
from .line_search import LineSearch
from .strip_tree import GROUPS

AT_A_TIME = 16_384
WORKERS = max(1, min(4, os.cpu_count() or 1))
FAR_M = 200_000.0
LARGEST_KEPT = (32 << 20) - 8_192
END_M = 1e-3
ON_M = 1e-4
MEAN_RADIUS_M = 6_371_008.8


class Side(IntEnum):
    """Where a point lies, seen along the line's direction."""

    LEFT = 1
    ON = 0
    RIGHT = -1
    BEYOND = 2
    NOT_KNOWN = 3


@dataclasses.dataclass
class Nearest:
    """What was measured for each point; one array a field, metres and degrees.

    ``line`` is the index among the prepared lines, -1 where nothing could be measured (then the
    numbers are NaN and the side is NOT_KNOWN).
    """

    line: np.ndarray
    distance_m: np.ndarray
    foot_lon: np.ndarray
    foot_lat: np.ndarray
    side: np.ndarray
    chainage_m: np.ndarray

    @classmethod
    def nothing(cls, count: int) -> Nearest:
        """Nothing measured yet, for ``count`` points."""
        numbers = [np.full(count, np.nan) for _ in range(4)]
        line = np.full(count, -1, dtype=np.int64)
        side = np.full(count, int(Side.NOT_KNOWN), dtype=np.int8)
        return cls(line, numbers[0], numbers[1], numbers[2], side, numbers[3])

    def put(self, where, other: Nearest) -> None:
        """Write ``other`` into the rows ``where``."""
        for field in dataclasses.fields(self):
            getattr(self, field.name)[where] = getattr(other, field.name)

    def take(self, where) -> Nearest:
        """The rows that an index array or mask chooses."""
        return Nearest(*(getattr(self, field.name)[where] for field in dataclasses.fields(self)))


def nearest(lines: PreparedLines, lon, lat, among=None) -> Nearest:
    """The nearest place of the nearest line for each point (degrees, EPSG:4326).

    ``among`` are indices of the lines that count, all by default. Distances are geodesic on
    WGS 84, edges being geodesics: to some millimetres up to 200 km, and beyond to a ten-thousandth
    (there the foot is that of the shortest chord). Points without coordinates come back with
    line -1. The same point always gets the same answer, whatever points are asked with it.
    """
    lon, lat = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    result = Nearest.nothing(len(lon))
    among = range(len(lines)) if among is None else among
    located = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat) & (np.abs(lat) <= 90.0))
    if len(located) == 0 or len(among) == 0:
        return result
    order = located[along_a_curve(lon[located], lat[located])]
    parts = [order[start : start + AT_A_TIME] for start in range(0, len(order), AT_A_TIME)]

    def measure(rows):
        result.put(rows, _nearest_of_all(lines, among, lon[rows], lat[rows]))

    in_threads(measure, parts)
    return result


def feet_near(lines: PreparedLines, among, places, groups=GROUPS, about=False):
    """The nearest places of the lines ``among``, earth-centred like ``places`` (columns, metres).

    The feet alone, and of the pieces' chords, at most half a metre below the ground: for many
    places that follow each other along the ground, far quicker than ``nearest``. With ``about`` a
    foot may be farther than the nearest by some centimetres: quicker again.
    """
    best = None
    for index in among:
        search = lines.lines[index].search
        piece = search.nearest_piece(places, groups, about)
        chords = search.tree.levels[0]
        start = [column.take(piece) for column in search.starts]
        step = [chords.dx.take(piece), chords.dy.take(piece), chords.dz.take(piece)]
        along = sum((p - s) * d for p, s, d in zip(places, start, step))
        along = np.clip(along * chords.per_square.take(piece), 0.0, 1.0)
        foot = [s + along * d for s, d in zip(start, step)]
        if len(among) == 1:
            return foot
        squared = sum((p - f) ** 2 for p, f in zip(places, foot))
        if best is None:
            best, least = foot, squared
            continue
        closer = squared < least
        least = np.where(closer, squared, least)
        best = [np.where(closer, new, old) for new, old in zip(foot, best)]
    return best


def in_threads(work, parts) -> None:
    """Run ``work`` on each part, some at a time: numpy lets other threads go on meanwhile."""
    _keep_memory()
    if len(parts) < 2 or WORKERS == 1:
        for part in parts:
            work(part)
        return
    with ThreadPoolExecutor(WORKERS) as pool:
        for _ in pool.map(work, parts):
            pass


@functools.cache
def _keep_memory() -> None:
    """Let memory that was freed stay at hand, where the C library is the GNU one.

    It hands memory back to the system in pieces of twice the largest array that it has seen freed
    (up to 32 MB), and to fetch it anew for every array takes longer than to compute with it.
    """
    np.empty(LARGEST_KEPT, dtype=np.uint8)


def along_a_curve(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """An order of points (degrees) in which those that follow each other lie near each other.

    Morton (1966): the bits of both coordinates by turns.
    """
    if len(lon) < 3:
        return np.arange(len(lon))
    place = _spread_bits(_scaled(lon)) | (_spread_bits(_scaled(lat)) << np.uint32(1))
    # Halves of 16 bits, one after the other: numpy sorts these by their digits, in a third of the
    # time that it takes to compare whole numbers.
    order = np.argsort(place.astype(np.uint16), kind="stable")
    high = (place >> np.uint32(16)).astype(np.uint16)
    return order[np.argsort(high[order], kind="stable")]


def _scaled(values: np.ndarray) -> np.ndarray:
    low, high = values.min(), values.max()
    return ((values - low) * (65_535.0 / max(high - low, 1e-12))).astype(np.uint32)


def _spread_bits(numbers: np.ndarray) -> np.ndarray:
    for shift, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        numbers = (numbers | (numbers << np.uint32(shift))) & np.uint32(mask)
    return numbers


def _nearest_of_all(lines: PreparedLines, among, lon, lat) -> Nearest:
    places = earth_centred(lon, lat)
    best = None
    for index in among:
        found = _nearest_of(lines.lines[index], lon, lat, places)
        found.line[:] = index
        if best is None:
            best = found
            continue
        closer = found.distance_m < best.distance_m
        best.put(closer, found.take(closer))
    return best


def _nearest_of(line: PreparedLine, lon, lat, places) -> Nearest:
    search = line.search
    piece = search.nearest_piece(places)
    foot = _Foot(search, piece, places)
    distance = foot.distance
    foot_lon, foot_lat = foot.horizon.degrees()
    far = np.flatnonzero(distance > FAR_M)
    if len(far):
        distance[far] = between(lon[far], lat[far], foot_lon[far], foot_lat[far])[2]
    chainage = line.pieces.chainage[piece] + foot.along * line.pieces.length[piece]
    number = np.zeros(len(piece), dtype=np.int64)
    return Nearest(number, distance, foot_lon, foot_lat, _side(line, piece, foot), chainage)


class _Foot:
    """The nearest place on each point's piece, and how the point is seen from there.

    ``along`` is its place on the piece, 0 to 1; ``past`` how far before the start (< 0) or beyond
    the end (> 0) it would be (metres); ``east`` and ``north`` lead from it to the point.
    """

    def __init__(self, search: LineSearch, piece, places):
        x, y, z = places
        pieces = search.tree.levels[0]
        x0, y0, z0 = (start.take(piece) for start in search.starts)
        dx, dy, dz = pieces.dx.take(piece), pieces.dy.take(piece), pieces.dz.take(piece)
        dot = (x - x0) * dx + (y - y0) * dy + (z - z0) * dz
        free = dot * pieces.per_square.take(piece)
        chord_x, chord_y, chord_z = self._on(np.clip(free, 0.0, 1.0), x0, y0, z0, dx, dy, dz)
        # The nearest place of the chord is not right below that of the arc: seen from far away,
        # the chord runs closer to its middle.
        squared = (x - chord_x) ** 2 + (y - chord_y) ** 2 + (z - chord_z) ** 2
        angle = np.minimum(np.sqrt(squared) / MEAN_RADIUS_M, 1.5)
        free = 0.5 + (free - 0.5) / np.cos(angle)
        self.along = np.clip(free, 0.0, 1.0)
        length = search.lengths.take(piece)
        sag = self.along * (1.0 - self.along) * length * length / (2.0 * MEAN_RADIUS_M)
        self.horizon = Horizon(*self._on(self.along, x0, y0, z0, dx, dy, dz), -sag)
        foot_x, foot_y, foot_z = self.horizon.surface()
        away = x - foot_x, y - foot_y, z - foot_z
        self.east, self.north = self.horizon.east_north(*away)
        chord = np.sqrt(away[0] ** 2 + away[1] ** 2 + away[2] ** 2)
        self.distance = self.horizon.arc(chord, self.north)
        self.past = (free - self.along) * length
        step_east, step_north = self.horizon.east_north(dx, dy, dz)
        self.turn = step_east * self.north - step_north * self.east

    @staticmethod
    def _on(along, x0, y0, z0, dx, dy, dz):
        return x0 + along * dx, y0 + along * dy, z0 + along * dz


def _side(line: PreparedLine, piece, foot: _Foot) -> np.ndarray:
    """Left or right of the line as a whole: by the edge, or by the wedge at a vertex."""
    pieces = line.pieces
    side = np.where(foot.turn > 0.0, int(Side.LEFT), int(Side.RIGHT)).astype(np.int8)
    starts = (foot.along == 0.0, pieces.az_before, pieces.az_start)
    ends = (foot.along == 1.0, pieces.az_end, pieces.az_after)
    for at_vertex, arriving, leaving in (starts, ends):
        rows = np.flatnonzero(at_vertex)
        arrive, leave = arriving[piece[rows]], leaving[piece[rows]]
        open_end = np.isnan(arrive) | np.isnan(leave)
        beyond = open_end & (np.abs(foot.past[rows]) > END_M)
        side[rows[beyond]] = int(Side.BEYOND)
        bend = np.flatnonzero(~open_end)
        towards = np.degrees(np.arctan2(foot.east[rows[bend]], foot.north[rows[bend]]))
        left = _in_left_wedge(arrive[bend], leave[bend], towards)
        side[rows[bend]] = np.where(left, int(Side.LEFT), int(Side.RIGHT))
    side[foot.distance < ON_M] = int(Side.ON)
    return side


def _in_left_wedge(arriving, leaving, towards) -> np.ndarray:
    """Whether ``towards`` lies in the angle on the left of a bend; azimuths in degrees."""
    wedge = np.mod(leaving - (arriving + 180.0), 360.0)
    return np.mod(leaving - towards, 360.0) < wedge
