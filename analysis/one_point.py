"""One point held against the lines in force: what an expression asks, feature by feature.

``nearest`` is made for many points: one alone costs it a millisecond a line. Here one point goes
another way through the same tree, and is then measured by the same formulas; the numbers are those
of ``nearest`` and the words those of ``side_words``.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from typing import Optional

import numpy as np

from .contact_line import PreparedLine, PreparedLines
from .earth_centred import earth_centred
from .line_sides import ON_M as ON_THE_LINE_M
from .line_sides import same_front, sides_behind
from .line_words import BETWEEN_LINES, BEYOND_THE_END, LEFT, ON_THE_LINE, RIGHT, UNKNOWN
from .nearest import Side
from .one_foot import OneFoot, foot_on
from .strip_tree import FAN

# The level of a line's tree that is looked through as a whole; a strip there is of 216 pieces.
LEVEL = 3
# A chord may be longer than another by so much while its arc is shorter.
SHARE, MARGIN_M = 1.001, 2.0
CHORD = ("dx", "dy", "dz", "per_square", "width")


@dataclasses.dataclass(frozen=True)
class Measured:
    """What was measured for one point: ``line`` is the index among the prepared lines."""

    line: int
    distance_m: float
    side: str
    chainage_m: float


class OnePoint:
    """Measures points, one at a time, against the lines ``among``; any thread may ask it."""

    def __init__(self, lines: PreparedLines, among: tuple[int, ...]):
        self._lines, self._among = lines, among
        self._joined = Joined.of([lines.lines[index] for index in among]) if among else None
        self._alone: dict[int, Joined] = {}

    def measure(self, lon: float, lat: float) -> Optional[Measured]:
        """The nearest of the lines from one point (degrees, EPSG:4326).

        None where there is no line, or the point is none.
        """
        found = self.nearest(lon, lat)
        if found is None:
            return None
        index, foot = found
        return Measured(index, foot.distance_m, self._word(index, foot, lon, lat), foot.chainage_m)

    def nearest(self, lon: float, lat: float) -> Optional[tuple[int, OneFoot]]:
        """The index of the nearest line, and the foot on it; None as above."""
        if self._joined is None or not (math.isfinite(lon) and abs(lat) <= 90.0):
            return None
        place = _placed(lon, lat)
        best = None
        for number, piece in self._joined.nearest_pieces(place):
            index = self._among[number]
            foot = foot_on(self._lines.lines[index], piece, lon, lat, place)
            if best is None or foot.distance_m < best[1].distance_m:
                best = index, foot
        return best

    def _word(self, index: int, foot: OneFoot, lon: float, lat: float) -> str:
        """The side in words, as ``side_words`` has it."""
        columns = self._lines.columns
        within = np.nan_to_num(columns.uncertainty_m[index], nan=0.0)
        if foot.distance_m <= max(within, ON_THE_LINE_M):
            return ON_THE_LINE
        if foot.side == Side.BEYOND:
            return BEYOND_THE_END
        for other, there in self._facing.get((index, foot.side), ()):
            if self._side_of(other, lon, lat) == there:
                return BETWEEN_LINES
        if foot.side == Side.LEFT:
            return columns.left_party[index] or LEFT
        return (columns.right_party[index] or RIGHT) if foot.side == Side.RIGHT else UNKNOWN

    def _side_of(self, index: int, lon: float, lat: float) -> Side:
        line, place = self._lines.lines[index], _placed(lon, lat)
        if index not in self._alone:
            self._alone[index] = Joined.of([line])
        ((_, piece),) = self._alone[index].nearest_pieces(place)
        return foot_on(line, piece, lon, lat, place).side

    @functools.cached_property
    def _facing(self) -> dict:
        """For each line and side of it, the lines of the same front, and on which side of each of
        them a point lies between the two."""
        columns, found = self._lines.columns, {}
        for index in self._among:
            for other in self._among:
                if other == index or not same_front(columns, index, other):
                    continue
                for here, behind in sides_behind(columns, index):
                    for there, behind_it in sides_behind(columns, other):
                        if None not in (behind, behind_it) and behind != behind_it:
                            found.setdefault((index, here), []).append((other, there))
        return found


@dataclasses.dataclass
class Joined:
    """The strips of several lines as one set of columns, earth-centred metres.

    ``start`` and ``chord`` are the strips' columns; ``owner`` is the number of each strip's line,
    ``first`` its first piece. ``trees`` hold each line's pieces, their origin and a strip's size.
    """

    trees: list
    start: tuple
    chord: tuple
    owner: list[int]
    first: list[int]

    @classmethod
    def of(cls, lines: list[PreparedLine]) -> Joined:
        """The strips of these lines."""
        trees, columns, owner, first = [], [], [], []
        for number, line in enumerate(lines):
            levels = line.search.tree.levels
            level = min(LEVEL, len(levels) - 1)
            strips, origin = levels[level], line.search.origin
            trees.append((levels[0], tuple(origin.tolist()), FAN**level))
            starts = (strips.ax + origin[0], strips.ay + origin[1], strips.az + origin[2])
            columns.append((*starts, *(getattr(strips, name) for name in CHORD)))
            owner += [number] * len(strips)
            first += range(0, len(strips) * FAN**level, FAN**level)
        joined = [np.concatenate(column) for column in zip(*columns)]
        return cls(trees, tuple(joined[:3]), tuple(joined[3:]), owner, first)

    def nearest_pieces(self, place):
        """``(line's number, piece)`` of each line that may be the nearest, in the lines' order."""
        squared = _squared(place, self.start, self.chord)
        width = self.chord[4]
        lower = np.sqrt(squared) - width
        order = np.argsort(lower).tolist()
        lower = lower.tolist()
        found: dict[int, tuple[float, int]] = {}
        best = math.inf
        for strip in order:
            if lower[strip] > best * SHARE + MARGIN_M:
                break
            number, start = self.owner[strip], self.first[strip]
            least, piece = self._within(number, start, place)
            if number not in found or least < found[number][0]:
                found[number] = (least, piece)
                best = min(best, math.sqrt(least))
        limit = (best * SHARE + MARGIN_M) ** 2
        return [(number, found[number][1]) for number in sorted(found) if found[number][0] <= limit]

    def _within(self, number: int, start: int, place) -> tuple[float, int]:
        """The least squared distance to the pieces of one strip, and that piece."""
        pieces, origin, size = self.trees[number]
        part = slice(start, start + size)
        shifted = tuple(value - middle for value, middle in zip(place, origin))
        starts = (pieces.ax[part], pieces.ay[part], pieces.az[part])
        chords = (pieces.dx[part], pieces.dy[part], pieces.dz[part], pieces.per_square[part])
        squared = _squared(shifted, starts, chords)
        least = int(squared.argmin())
        return squared.item(least), start + least


def _placed(lon: float, lat: float) -> tuple[float, ...]:
    return tuple(float(part) for part in earth_centred(lon, lat))


def _squared(place, start, chord) -> np.ndarray:
    """The squared distance of one place from each chord; as ``Strips.squared``."""
    x, y, z = place[0] - start[0], place[1] - start[1], place[2] - start[2]
    dx, dy, dz, per_square = chord[:4]
    along = x * dx
    along += y * dy
    along += z * dz
    along *= per_square
    np.maximum(along, 0.0, out=along)
    np.minimum(along, 1.0, out=along)
    x -= along * dx
    y -= along * dy
    z -= along * dz
    x *= x
    y *= y
    z *= z
    x += y
    x += z
    return x
