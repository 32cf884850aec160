"""The course of a prepared line: the place and direction at a chainage, and what lies between."""

from __future__ import annotations

import dataclasses

import numpy as np

from .contact_line import PreparedLine
from .geodesy import WGS84, forward
from .line_pieces import Pieces

VERTEX_M = 1e-3
SAME_M = 1e-6


@dataclasses.dataclass
class Course:
    """One line as chainage runs along it: its pieces, and the part that each piece belongs to.

    The pieces are the kernel's own, so that a chainage here is the kernel's chainage.
    """

    pieces: Pieces
    part: np.ndarray

    @classmethod
    def of(cls, line: PreparedLine) -> Course:
        """The course of a line that ``prepare_lines`` made ready."""
        pieces = line.pieces
        apart = (pieces.lon1[:-1] != pieces.lon0[1:]) | (pieces.lat1[:-1] != pieces.lat0[1:])
        # A ring may begin where an open part ends: there its direction starts anew.
        apart |= pieces.az_before[1:] != pieces.az_end[:-1]
        return cls(pieces, np.concatenate([[0], np.cumsum(apart)]))

    @property
    def length_m(self) -> float:
        """The whole length along the line, breaks not counted."""
        return float(self.pieces.chainage[-1] + self.pieces.length[-1])

    def part_bounds(self) -> np.ndarray:
        """The chainage of each part's start and end: (parts, 2), metres."""
        first = np.flatnonzero(np.diff(self.part, prepend=-1))
        last = np.append(first[1:], len(self.part)) - 1
        ends = self.pieces.chainage[last] + self.pieces.length[last]
        return np.column_stack([self.pieces.chainage[first], ends])

    def is_closed(self) -> np.ndarray:
        """Which parts are rings: (parts,) of bool."""
        first = np.flatnonzero(np.diff(self.part, prepend=-1))
        last = np.append(first[1:], len(self.part)) - 1
        before, after = self.pieces.az_before[first], self.pieces.az_after[last]
        same = (before == self.pieces.az_end[last]) & (after == self.pieces.az_start[first])
        return same & ~np.isnan(before)

    def places(self, chainage_m, at_end_of_part: bool = False):
        """``(lon, lat, azimuth_deg)`` at chainages (n,): degrees, azimuth of the line there.

        At a vertex the azimuth halves the bend. Where a part ends and the next begins at the same
        chainage, the place is the next part's start, or with ``at_end_of_part`` the part's end.
        What lies before the start or beyond the end is taken as that end.
        """
        chainage = np.clip(np.asarray(chainage_m, dtype=float), 0.0, self.length_m)
        pieces = self.pieces
        if at_end_of_part:
            piece = np.searchsorted(pieces.chainage, chainage, side="left") - 1
        else:
            piece = np.searchsorted(pieces.chainage, chainage, side="right") - 1
        piece = np.clip(piece, 0, len(pieces) - 1)
        away = np.clip(chainage - pieces.chainage[piece], 0.0, pieces.length[piece])
        lon, lat = forward(pieces.lon0[piece], pieces.lat0[piece], pieces.az_start[piece], away)
        at_start, at_end = away <= VERTEX_M, away >= pieces.length[piece] - VERTEX_M
        azimuth = self._direction(lon, lat, piece, away)
        azimuth[at_start] = _halved(pieces.az_before, pieces.az_start, piece[at_start])
        azimuth[at_end] = _halved(pieces.az_end, pieces.az_after, piece[at_end])
        return within_180(lon), lat, np.mod(azimuth, 360.0)

    def _direction(self, lon, lat, piece, away) -> np.ndarray:
        """The azimuth in which each piece runs ``away`` metres from its start."""
        pieces = self.pieces
        _, _, back = WGS84.fwd(
            np.atleast_1d(pieces.lon0[piece]).tolist(),
            np.atleast_1d(pieces.lat0[piece]).tolist(),
            np.atleast_1d(pieces.az_start[piece]).tolist(),
            np.atleast_1d(away).tolist(),
        )
        return np.asarray(back, dtype=float) + 180.0

    def between(self, start_m: float, end_m: float, longest_m: float = np.inf) -> list[np.ndarray]:
        """The vertices from one chainage to another: one array (n, 2) of degrees a part.

        Vertices stand at the ends of the pieces too (5 km apart at most), and at every
        ``longest_m``, on the geodesics.
        """
        pieces = self.pieces
        ends = pieces.chainage + pieces.length
        chosen = np.flatnonzero((ends > start_m) & (pieces.chainage < end_m))
        result = []
        for number in np.unique(self.part[chosen]):
            of_part = chosen[self.part[chosen] == number]
            opens = np.maximum(pieces.chainage[of_part], start_m)
            closes = np.minimum(ends[of_part], end_m)
            count = np.maximum(1, np.ceil((closes - opens) / longest_m - 1e-9)).astype(np.int64)
            row = np.repeat(np.arange(len(of_part)), count)
            step = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
            at = opens[row] + step * ((closes - opens) / count)[row]
            piece = of_part[row]
            result.append(self._vertices(piece, at, of_part[-1], closes[-1]))
        return result

    def _vertices(self, piece, at, last_piece, last_at) -> np.ndarray:
        pieces = self.pieces
        piece, at = np.append(piece, last_piece), np.append(at, last_at)
        away = at - pieces.chainage[piece]
        lon, lat = forward(pieces.lon0[piece], pieces.lat0[piece], pieces.az_start[piece], away)
        # What is given stays as given, to the last digit.
        given = away <= SAME_M
        lon[given], lat[given] = pieces.lon0[piece[given]], pieces.lat0[piece[given]]
        given = away >= pieces.length[piece] - SAME_M
        lon[given], lat[given] = pieces.lon1[piece[given]], pieces.lat1[piece[given]]
        return np.column_stack([within_180(lon), lat])


def within_180(lon) -> np.ndarray:
    """Longitudes in [-180, 180]; those already there are left untouched."""
    lon = np.asarray(lon, dtype=float)
    return np.where(np.abs(lon) > 180.0, np.mod(lon + 180.0, 360.0) - 180.0, lon)


def _halved(arriving, leaving, piece) -> np.ndarray:
    """The azimuth half way between arriving and leaving; the one that is known at an end."""
    arrive, leave = arriving[piece], leaving[piece]
    turn = np.mod(leave - arrive + 180.0, 360.0) - 180.0
    halved = arrive + turn / 2.0
    return np.where(np.isnan(arrive), leave, np.where(np.isnan(leave), arrive, halved))
