"""Which lines each incident is held against over its span, and how likely it was near them."""

from __future__ import annotations

import dataclasses
from typing import Callable, Iterator, Optional

import numpy as np

from ..model.errors import Cancelled
from .contact_line import PreparedLines
from .incident_columns import IncidentColumns
from .line_sides import has_side, side_words
from .line_time import Timeline, moments_of
from .nearest import Nearest, nearest
from .probability import probability_near
from .side_probability import side_probability

MEASURING = 0.5


class LineSets:
    """The sets of lines (tuples of indices) that incidents are held against, numbered.

    First those of the timeline's intervals, then the undated lines, then unions as they are met.
    """

    def __init__(self, timeline: Timeline):
        self.timeline = timeline
        self.sets: list[tuple[int, ...]] = [*timeline.in_force, timeline.undated]
        self.has_line = np.array([len(chosen) > 0 for chosen in self.sets])
        self.undated = len(self.sets) - 1
        self._unions: dict[tuple[int, ...], int] = {}

    def union(self, first: int, last: int) -> int:
        """The number of the set of all lines in force from one interval until another."""
        among = tuple(sorted({line for chosen in self.sets[first : last + 1] for line in chosen}))
        if among not in self._unions:
            self._unions[among] = len(self.sets)
            self.sets.append(among)
        return self._unions[among]


@dataclasses.dataclass
class Judged:
    """What holding incidents against lines gave: one array a field, all of one length.

    ``held``: whether there was a line to hold the incident against; ``line`` is its index, -1
    without. ``side``: the model's words. ``share``: the probability of having been near, NaN where
    not held. ``lines_in_span``: how many sets of lines its span touches; ``without_line``: the
    share of its span without one. ``side_share``: the probability of the side that is stated, NaN
    where none is, or where the place's uncertainty is not known.
    """

    located: np.ndarray
    held: np.ndarray
    line: np.ndarray
    distance_m: np.ndarray
    side: np.ndarray
    chainage_m: np.ndarray
    share: np.ndarray
    lines_in_span: np.ndarray
    without_line: np.ndarray
    side_share: np.ndarray


@dataclasses.dataclass
class Asked:
    """What is asked of the incidents: within ``limit_m`` metres?

    ``known``: where the place's uncertainty is known (mask); elsewhere the bare point decides.
    ``sides``: whether the probability of the side is asked too.
    """

    limit_m: float
    known: np.ndarray
    sides: bool = False


def not_judged(incidents: IncidentColumns) -> Judged:
    """The answer where there is no line at all."""
    return _Case(None, None, incidents, None).answer()


def judged(
    lines: PreparedLines,
    sets: LineSets,
    incidents: IncidentColumns,
    asked: Asked,
    progress: Optional[Callable[[float], None]] = None,
    cancelled: Optional[Callable[[], bool]] = None,
) -> Judged:
    """Measure the incidents, and judge how likely they were near.

    ``progress`` takes 0 to 1; ``cancelled`` is asked between groups (raises Cancelled).
    """
    case = _Case(lines, sets, incidents, asked, progress, cancelled)
    case.measure()
    case.judge()
    return case.answer()


class _Case:
    """One chunk of incidents: the columns as they come into being."""

    def __init__(self, lines, sets, incidents, asked, progress=None, cancelled=None):
        count = len(incidents)
        self.lines, self.sets, self.incidents, self.asked = lines, sets, incidents, asked
        self.progress, self.cancelled = progress, cancelled
        self.located = incidents.located()
        self.measured = Nearest.nothing(count)
        self.side = np.full(count, None, dtype=object)
        self.share = np.full(count, np.nan)
        self.side_share = np.full(count, np.nan)
        self.lines_in_span = np.zeros(count, dtype=np.int64)
        self.without_line = np.zeros(count)
        self.reference = np.full(count, -1, dtype=np.int64)

    def measure(self) -> None:
        """Distance, side and chainage, against the version that stands for the incident."""
        timed = self.located & ~np.isnat(self.incidents.occurred_from)
        self.rows = np.flatnonzero(timed)
        self.moments = moments_of(
            self.sets.timeline,
            self.incidents.occurred_from[self.rows],
            self.incidents.occurred_to[self.rows],
        )
        covered = self.sets.has_line[self.moments.interval]
        incident, first = np.unique(self.moments.incident[covered], return_index=True)
        self.reference[self.rows[incident]] = self.moments.interval[covered][first]
        if self.sets.has_line[self.sets.undated]:
            self.reference[self.located & ~timed] = self.sets.undated
        for rows, among in self._groups(self.reference, 0.0, MEASURING):
            lon, lat = self.incidents.lon[rows], self.incidents.lat[rows]
            found = nearest(self.lines, lon, lat, among)
            self.measured.put(rows, found)
            self.side[rows] = side_words(self.lines, among, lon, lat, found)
            if not self.asked.sides:
                continue
            told = np.flatnonzero(has_side(self.side[rows]) & self.asked.known[rows])
            self.side_share[rows[told]] = side_probability(
                self.lines, among, self.incidents, rows[told], found.take(told)
            )

    def judge(self) -> None:
        """The probability (or, by the bare point, the share of moments) of having been near."""
        cases, numbers, weights = self._cases()
        chances = np.zeros(len(cases))
        for chosen, among in self._groups(numbers, MEASURING, 1.0):
            rows = cases[chosen]
            bare = self.measured.take(rows)
            other = np.flatnonzero(numbers[chosen] != self.reference[rows])
            if len(other):
                lon, lat = self.incidents.lon[rows[other]], self.incidents.lat[rows[other]]
                bare.put(other, nearest(self.lines, lon, lat, among))
            chances[chosen] = self._chances(among, rows, bare)
        self.share[self.reference >= 0] = 0.0
        np.add.at(self.share, cases, weights * chances)
        self.share = np.clip(self.share, 0.0, 1.0)

    def answer(self) -> Judged:
        """The finished columns."""
        return Judged(
            located=self.located,
            held=self.reference >= 0,
            line=self.measured.line,
            distance_m=self.measured.distance_m,
            side=self.side,
            chainage_m=self.measured.chainage_m,
            share=self.share,
            lines_in_span=self.lines_in_span,
            without_line=self.without_line,
            side_share=self.side_share,
        )

    def _chances(self, among, rows, bare: Nearest) -> np.ndarray:
        limit_m = self.asked.limit_m
        chances = (bare.distance_m <= limit_m).astype(float)
        known = np.flatnonzero(self.asked.known[rows])
        if len(known):
            rows, bare = rows[known], bare.take(known)
            feet = bare.foot_lon, bare.foot_lat
            chances[known] = probability_near(
                self.lines, among, self.incidents, rows, bare.distance_m, limit_m, feet
            )
        return chances

    def _cases(self):
        """(incident, set of lines, weight): what has to be judged for each incident."""
        moments, rows = self.moments, self.rows
        used = self.sets.has_line[moments.interval]
        np.add.at(self.without_line, rows[moments.incident], moments.weight * ~used)
        np.add.at(self.lines_in_span, rows[moments.incident], used.astype(np.int64))
        lasted = (self.incidents.span_is == "duration")[rows]
        several = (self.lines_in_span[rows] > 1) | (self.without_line[rows] > 0.0)
        union = lasted & several & (self.lines_in_span[rows] > 0)
        single = used & ~union[moments.incident]
        lasting = np.flatnonzero(union)
        untimed = np.flatnonzero(self.located & np.isnat(self.incidents.occurred_from))
        untimed = untimed[self.reference[untimed] >= 0]
        cases = (rows[moments.incident[single]], rows[lasting], untimed)
        numbers = (moments.interval[single], self._unions(lasting), self.reference[untimed])
        weights = (moments.weight[single], np.ones(len(lasting)), np.ones(len(untimed)))
        return np.concatenate(cases), np.concatenate(numbers), np.concatenate(weights)

    def _unions(self, chosen: np.ndarray) -> np.ndarray:
        """The numbers of all lines in force within the spans of the ``chosen`` incidents."""
        interval = self.moments.interval
        first = np.searchsorted(self.moments.incident, chosen, side="left")
        last = np.searchsorted(self.moments.incident, chosen, side="right") - 1
        spans = np.column_stack([interval[first], interval[last]]).reshape(-1, 2)
        different, back = np.unique(spans, axis=0, return_inverse=True)
        numbers = [self.sets.union(int(begin), int(end)) for begin, end in different]
        return np.array(numbers, dtype=np.int64)[back.ravel()]

    def _groups(self, numbers: np.ndarray, begin: float, end: float) -> Iterator[tuple]:
        """Rows that are held against the same lines; tells progress and looks for a stop."""
        order = np.argsort(numbers, kind="stable")
        ordered = numbers[order]
        different = np.unique(ordered[ordered >= 0])
        for step, number in enumerate(different):
            if self.cancelled is not None and self.cancelled():
                raise Cancelled("Stopped; nothing was written.")
            if self.progress is not None:
                self.progress(begin + (end - begin) * step / len(different))
            low, high = np.searchsorted(ordered, [number, number + 1])
            if self.sets.sets[number]:
                yield order[low:high], self.sets.sets[number]
