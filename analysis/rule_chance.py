"""Chances over a subject's time: what changes during it (lines, zones) is weighed by its time."""

from __future__ import annotations

import dataclasses
from typing import Callable

import numpy as np

from .line_time import Timeline, moments_of
from .rule_times import Met, RuleTime

Chance = Callable[[tuple, np.ndarray], np.ndarray]


@dataclasses.dataclass
class Weighed:
    """The chance for each row, and which members of the timeline stand for it.

    ``chance``: of what was asked, at the rule's own times. ``reference``: number of ``sets`` that
    stands for the row (the first of its time with members), -1 where there never were any.
    """

    chance: np.ndarray
    reference: np.ndarray
    sets: list

    def groups(self):
        """Rows that have the same reference, with its members."""
        for number in np.unique(self.reference[self.reference >= 0]):
            yield np.flatnonzero(self.reference == number), self.sets[number]


def weighed(
    timeline: Timeline, time: RuleTime, met: Met, lasted: np.ndarray, chance: Chance
) -> Weighed:
    """The chance over each row's common time with the rule (``met``, all of it touched).

    ``chance(members, rows)`` answers for rows while ``members`` of the timeline are in force.
    Where the row ``lasted``, it is the chance at any moment; else the mean over the possible
    moments, at which without members, or outside the rule's time, the chance is 0.
    """
    count = len(met.touched)
    moments = moments_of(
        timeline, met.opens.astype("datetime64[us]"), met.closes.astype("datetime64[us]")
    )
    row, interval = moments.incident, moments.interval
    weight = _weights(timeline, time, met, row, interval)
    sets = list(timeline.in_force)
    has = np.array([len(members) > 0 for members in sets], dtype=bool)
    used = has[interval] & (weight > 0.0)
    reference = np.full(count, -1, dtype=np.int64)
    rows, first = np.unique(row[used], return_index=True)
    reference[rows] = interval[used][first]
    several = np.bincount(row[used], minlength=count) > 1
    union = used & (lasted & (several | (met.share < 1.0)))[row]
    single = used & ~union
    total = np.zeros(count)
    for members, chosen in _by_members(sets, interval, single):
        np.add.at(total, row[chosen], weight[chosen] * chance(members, row[chosen]))
    for members, chosen in _unions(sets, row, interval, union).items():
        total[chosen] = chance(members, np.array(chosen))
    return Weighed(np.clip(total, 0.0, 1.0), reference, sets)


def _weights(timeline, time: RuleTime, met: Met, row, interval) -> np.ndarray:
    """The share of each row's whole time in which interval and rule are both in force."""
    limits = np.iinfo(np.int64)
    opens = np.concatenate([[limits.min], timeline.changes])[interval]
    closes = np.concatenate([timeline.changes, [limits.max]])[interval]
    low, high = np.maximum(opens, met.opens[row]), np.minimum(closes, met.closes[row])
    common = time.elapsed(high) - time.elapsed(low)
    mine = time.elapsed(met.closes) - time.elapsed(met.opens)
    share = common / np.maximum(mine[row], 1) * met.share[row]
    return np.where(met.moment[row], 1.0, share)


def _by_members(sets: list, interval: np.ndarray, chosen: np.ndarray):
    """Cases whose members are the same, whatever the interval."""
    numbers: dict[tuple, list[int]] = {}
    for number in np.unique(interval[chosen]):
        numbers.setdefault(sets[number], []).append(int(number))
    for members, same in numbers.items():
        yield members, np.flatnonzero(chosen & np.isin(interval, same))


def _unions(sets: list, row, interval, union) -> dict[tuple, list[int]]:
    """Rows that lasted, by all members that were in force at some moment of theirs."""
    members: dict[int, set] = {}
    for index in np.flatnonzero(union):
        members.setdefault(int(row[index]), set()).update(sets[interval[index]])
    groups: dict[tuple, list[int]] = {}
    for index, every in members.items():
        groups.setdefault(tuple(sorted(every)), []).append(index)
    return groups
