"""The kernel: the nearest place of the contact line, for many points at once."""

from __future__ import annotations

import dataclasses
from enum import IntEnum

import numpy as np

from .contact_line import PreparedLine, PreparedLines
from .geodesy import between, forward

AT_A_TIME = 50_000
END_M = 1e-3


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
    WGS 84, edges being geodesics; the error is below a centimetre up to 100 km. Points without
    coordinates come back with line -1. Points that repeat are measured once.
    """
    lon, lat = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    result = Nearest.nothing(len(lon))
    located = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat) & (np.abs(lat) <= 90.0))
    among = range(len(lines)) if among is None else among
    if len(located) == 0 or len(among) == 0:
        return result
    places, back = np.unique(lon[located] + 1j * lat[located], return_inverse=True)
    best = Nearest.nothing(len(places))
    for index in among:
        found = nearest_of(lines.lines[index], places.real, places.imag)
        found.line[:] = index
        closer = ~(found.distance_m >= best.distance_m)
        best.put(closer, found.take(closer))
    result.put(located, best.take(back.ravel()))
    return result


def nearest_of(line: PreparedLine, lon: np.ndarray, lat: np.ndarray) -> Nearest:
    """The nearest place of one line; ``line`` in the answer is 0."""
    result = Nearest.nothing(len(lon))
    for start in range(0, len(lon), AT_A_TIME):
        part = slice(start, start + AT_A_TIME)
        result.put(part, _nearest_part(line, lon[part], lat[part]))
    return result


def _nearest_part(line: PreparedLine, lon: np.ndarray, lat: np.ndarray) -> Nearest:
    point, piece = line.plane.candidates(lon, lat)
    seen = _seen_from(line, lon[point], lat[point], piece)
    order = np.lexsort((piece, seen.distance, point))
    first = order[np.concatenate([[True], np.diff(point[order]) > 0])]
    seen = seen.take(first)
    azimuth = np.degrees(np.arctan2(seen.foot_x, seen.foot_y))
    foot_lon, foot_lat = forward(lon, lat, azimuth, seen.distance)
    chainage = line.pieces.chainage[seen.piece] + seen.along * line.pieces.length[seen.piece]
    zeros = np.zeros(len(lon), dtype=np.int64)
    side = _side(line, seen)
    return Nearest(zeros, seen.distance, foot_lon, foot_lat, side, chainage)


@dataclasses.dataclass
class _Seen:
    """Pieces as seen from points: in the plane that keeps distance and direction from each.

    ``along`` is the foot's place on the piece, 0 to 1; ``past`` how far before the start (< 0) or
    beyond the end (> 0) the foot would be, metres; ``turn`` > 0 where the point lies left;
    ``az0`` and ``az1`` are the azimuths from the piece's start and end towards the point.
    """

    piece: np.ndarray
    distance: np.ndarray
    foot_x: np.ndarray
    foot_y: np.ndarray
    along: np.ndarray
    past: np.ndarray
    turn: np.ndarray
    az0: np.ndarray
    az1: np.ndarray

    def take(self, where) -> _Seen:
        return _Seen(*(getattr(self, field.name)[where] for field in dataclasses.fields(self)))


def _seen_from(line: PreparedLine, lon, lat, piece) -> _Seen:
    pieces = line.pieces
    azimuth, az0, distance = between(lon, lat, pieces.lon0[piece], pieces.lat0[piece])
    angle = np.radians(azimuth)
    x0, y0 = distance * np.sin(angle), distance * np.cos(angle)
    azimuth, az1, distance = between(lon, lat, pieces.lon1[piece], pieces.lat1[piece])
    angle = np.radians(azimuth)
    step_x, step_y = distance * np.sin(angle) - x0, distance * np.cos(angle) - y0
    squared = np.maximum(step_x**2 + step_y**2, 1e-18)
    free = -(x0 * step_x + y0 * step_y) / squared
    along = np.clip(free, 0.0, 1.0)
    foot_x, foot_y = x0 + along * step_x, y0 + along * step_y
    return _Seen(
        piece,
        np.hypot(foot_x, foot_y),
        foot_x,
        foot_y,
        along,
        (free - along) * np.sqrt(squared),
        x0 * step_y - y0 * step_x,
        az0,
        az1,
    )


def _side(line: PreparedLine, seen: _Seen) -> np.ndarray:
    """Left or right of the line as a whole: by the edge, or by the wedge at a vertex."""
    pieces = line.pieces
    side = np.where(seen.turn > 0.0, int(Side.LEFT), int(Side.RIGHT)).astype(np.int8)
    starts = (seen.along == 0.0, pieces.az_before, pieces.az_start, seen.az0)
    ends = (seen.along == 1.0, pieces.az_end, pieces.az_after, seen.az1)
    for at_vertex, arriving, leaving, towards in (starts, ends):
        rows = np.flatnonzero(at_vertex)
        arrive, leave = arriving[seen.piece[rows]], leaving[seen.piece[rows]]
        open_end = np.isnan(arrive) | np.isnan(leave)
        beyond = open_end & (np.abs(seen.past[rows]) > END_M)
        side[rows[beyond]] = int(Side.BEYOND)
        bend = ~open_end
        left = _in_left_wedge(arrive[bend], leave[bend], towards[rows[bend]])
        side[rows[bend]] = np.where(left, int(Side.LEFT), int(Side.RIGHT))
    side[seen.distance < 1e-6] = int(Side.ON)
    return side


def _in_left_wedge(arriving, leaving, towards) -> np.ndarray:
    """Whether ``towards`` lies in the angle on the left of a bend; azimuths in degrees."""
    wedge = np.mod(leaving - (arriving + 180.0), 360.0)
    return np.mod(leaving - towards, 360.0) < wedge
