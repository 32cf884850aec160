"""Which lines were in force when: the moments at which that changes, and the lines between."""

from __future__ import annotations

import dataclasses

import numpy as np

from .contact_line import LineColumns, validity_bounds

LIMITS = np.iinfo(np.int64)


@dataclasses.dataclass
class Timeline:
    """The intervals between changes, in order, and the lines in force in each.

    ``changes`` (n) are microseconds since 1970 (UTC); ``in_force`` (n + 1) are tuples of line
    indices, for the time before the first change, between two, and from the last on.
    """

    changes: np.ndarray
    in_force: list[tuple[int, ...]]
    undated: tuple[int, ...]

    @classmethod
    def of(cls, columns: LineColumns) -> Timeline:
        """The timeline of the lines' validities."""
        starts, ends = validity_bounds(columns)
        changes = np.unique(np.concatenate([starts, ends]))
        changes = changes[(changes > LIMITS.min) & (changes < LIMITS.max)]
        begins = np.concatenate([[LIMITS.min], changes])
        in_force = [
            tuple(np.flatnonzero((starts <= begin) & (ends > begin)).tolist()) for begin in begins
        ]
        undated = np.flatnonzero((starts == LIMITS.min) & (ends == LIMITS.max))
        return cls(changes, in_force, tuple(undated.tolist()))

    def interval(self, moments: np.ndarray) -> np.ndarray:
        """The interval in which each moment (microseconds) lies."""
        return np.searchsorted(self.changes, moments, side="right")


@dataclasses.dataclass
class Moments:
    """The intervals that each incident's span touches: one row an incident and interval, in order.

    ``weight`` is the share of the span, summing to 1 for each incident.
    """

    incident: np.ndarray
    interval: np.ndarray
    weight: np.ndarray


def moments_of(timeline: Timeline, start: np.ndarray, end: np.ndarray) -> Moments:
    """The intervals touched by spans [start, end) (``datetime64[us]``, start known).

    A span without an end, or with an end before its start, is the moment of its start.
    """
    begin = start.astype(np.int64)
    finish = np.where(np.isnat(end), begin, end.astype(np.int64))
    lasting = finish > begin
    first = timeline.interval(begin)
    last = np.where(lasting, timeline.interval(finish - 1), first)
    count = last - first + 1
    incident = np.repeat(np.arange(len(begin)), count)
    step = np.arange(len(incident)) - np.repeat(np.cumsum(count) - count, count)
    interval = first[incident] + step
    opens = np.concatenate([[LIMITS.min], timeline.changes])[interval]
    closes = np.concatenate([timeline.changes, [LIMITS.max]])[interval]
    shared = np.minimum(closes, finish[incident]) - np.maximum(opens, begin[incident])
    whole = np.where(lasting, finish - begin, 1)[incident]
    return Moments(incident, interval, np.where(lasting[incident], shared / whole, 1.0))
