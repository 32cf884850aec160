"""How likely it is that an incident truly was on the side of the line that is stated."""

from __future__ import annotations

import numpy as np

from .contact_line import PreparedLines
from .incident_columns import IncidentColumns
from .line_parts import EARTH_M, unit_vectors
from .nearest import Nearest, Side, nearest
from .probability import reach_m
from .probability_feet import TAIL
from .probability_places import mean_over_places
from .probability_spreads import Form, Unsure
from .probability_worth import LINE_TAIL, moves_m, normal_share
from .spread import HOLDS_95, HOLDS_95_ONE

SIDES = (int(Side.LEFT), int(Side.RIGHT))


def side_probability(
    lines: PreparedLines,
    among: tuple[int, ...],
    incidents: IncidentColumns,
    rows: np.ndarray,
    measured: Nearest,
) -> np.ndarray:
    """P(the true place was on the stated side), for ``rows``, measured against ``among``.

    ``measured`` is what ``nearest`` gave for those rows. A place is on a side as ``nearest`` tells
    it, of the line nearest to it; a side that bears a party's name is the same whichever line it
    belongs to, and past an end there is none. The place is spread as its kind says; a line moves as
    a whole across its direction, normally, 95 % within its ``uncertainty_m``. NaN where no side is
    stated (on the line, beyond the end) or the uncertainty is not known. Exactly 1 where the line
    is further away than place and line together may reach, no end is near and no other line.
    """
    rows = np.asarray(rows, dtype=np.int64)
    result = np.full(len(rows), np.nan)
    unsure = Unsure.of(incidents, rows)
    known = np.isfinite(incidents.uncertainty_m[rows]) | (unsure.form >= Form.SECTOR)
    stated = np.flatnonzero(known & np.isin(measured.side, SIDES) & (measured.line >= 0))
    if len(stated) == 0:
        return result
    unsure, distance = unsure.take(stated), measured.distance_m[stated]
    names = _SideNames(lines, among)
    name = names.of(measured.line[stated], measured.side[stated])
    reach = reach_m(unsure) + float(moves_m(lines, among).max()) * LINE_TAIL
    sure = np.flatnonzero(distance > reach)
    sure = sure[names.alone(unsure.lon[sure], unsure.lat[sure], distance[sure], reach[sure])]
    share = _by_the_tail(names, unsure, distance, measured.line[stated])
    share[sure] = 1.0
    for number in np.unique(name[np.isnan(share)]):
        asked = np.flatnonzero(np.isnan(share) & (name == number))
        worth = SideWorth(names, int(number))
        share[asked] = mean_over_places(worth.at, unsure.take(asked))
    result[stated] = np.round(np.clip(share, 0.0, 1.0), 6)
    return result


def _by_the_tail(names: _SideNames, unsure: Unsure, distance_m, line) -> np.ndarray:
    """The chances of normally spread places far from the line, and NaN of all others.

    Where the line is farther than 2.8 standard deviations, less than 2 % of what a place is spread
    over lies beyond, so that it hardly matters how the line runs there: it is taken as straight.
    """
    moves = np.nan_to_num(names.lines.columns.uncertainty_m[line], nan=0.0) / HOLDS_95_ONE
    deviation = np.hypot(unsure.radius_m / HOLDS_95, moves)
    away = distance_m / np.maximum(deviation, 1e-9)
    rows = np.flatnonzero((unsure.form == Form.NORMAL) & (away > TAIL))
    place = unsure.lon[rows], unsure.lat[rows]
    rows = rows[names.alone(*place, distance_m[rows], TAIL * deviation[rows])]
    share = np.full(len(away), np.nan)
    share[rows] = normal_share(away[rows])
    return share


class _SideNames:
    """Numbers for the sides of lines: the same for sides on which the same party stands.

    The side of a forward line towards the other party, where nobody stands, is the same for the
    lines of one front.
    """

    def __init__(self, lines: PreparedLines, among):
        self.lines, self.among = lines, tuple(int(line) for line in among)
        self.left = np.full(len(lines), -1, dtype=np.int64)
        self.right = np.full(len(lines), -1, dtype=np.int64)
        columns, numbers = lines.columns, {}
        for line in self.among:
            between = ("front", columns.front[line])
            if columns.front[line] is None:
                between = ("line", line)
            for parties, side in (
                (columns.left_party, self.left),
                (columns.right_party, self.right),
            ):
                own = (between, side is self.left) if between[0] == "line" else between
                name = own if parties[line] is None else ("party", parties[line])
                side[line] = numbers.setdefault(name, len(numbers))
        pieces = [lines.lines[line].pieces for line in self.among]
        starts = [np.column_stack([p.lon0, p.lat0])[np.isnan(p.az_before)] for p in pieces]
        ends = [np.column_stack([p.lon1, p.lat1])[np.isnan(p.az_after)] for p in pieces]
        self.ends = unit_vectors(np.concatenate(starts + ends))

    def of(self, line: np.ndarray, side: np.ndarray) -> np.ndarray:
        """The numbers of sides of lines; -1 where there is no side."""
        number = np.where(side == Side.LEFT, self.left[line], self.right[line])
        return np.where(np.isin(side, SIDES) & (line >= 0), number, -1)

    def alone(self, lon, lat, distance, reach) -> np.ndarray:
        """Where no end, and no line with other sides, can be nearest within ``reach`` (mask)."""
        limit = distance + 2.0 * reach
        alone = self.from_ends(lon, lat) > limit
        for line in self.among if len(self.among) > 1 else ():
            rows = np.flatnonzero(alone)
            away = nearest(self.lines, lon[rows], lat[rows], (line,)).distance_m
            alone[rows] &= (away == distance[rows]) | (away > limit[rows])
        return alone

    def from_ends(self, lon, lat) -> np.ndarray:
        """At least so far (metres) from any open end."""
        places = unit_vectors(np.column_stack([lon, lat]))
        # The cosine of the angle is too flat for short ways: the chord is taken instead.
        chord = np.full(len(places), 2.0)
        for end in self.ends:
            np.minimum(chord, np.sqrt(((places - end) ** 2).sum(axis=1)), out=chord)
        return 0.99 * 2.0 * EARTH_M * np.arcsin(np.minimum(chord / 2.0, 1.0))


class SideWorth:
    """The chance that somebody exactly at a place was on a side with the number ``asked``."""

    def __init__(self, names: _SideNames, asked: int):
        self.names, self.asked = names, asked
        self.moves = np.zeros(len(names.lines))
        self.moves[list(names.among)] = moves_m(names.lines, names.among)

    def at(self, lon, lat, blur) -> np.ndarray:
        """The worth of places (degrees); ``blur``: standard deviation of distances, metres."""
        names = self.names
        found = nearest(names.lines, lon, lat, names.among)
        here = names.of(found.line, found.side)
        across = names.of(found.line, -found.side.astype(np.int64))
        move = np.hypot(self.moves[found.line], blur)
        share = normal_share(np.nan_to_num(found.distance_m, nan=1e9) / np.maximum(move, 1e-6))
        worth = np.where(here == self.asked, share, 0.0)
        worth += np.where((across == self.asked) & (here >= 0), 1.0 - share, 0.0)
        on = found.side == Side.ON
        either = (names.left[found.line] == self.asked) | (names.right[found.line] == self.asked)
        worth[on & either] = 0.5
        return worth
