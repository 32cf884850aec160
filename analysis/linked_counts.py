"""Counts as recorded, and without the rows that are known to tell of the same event."""

from __future__ import annotations

import dataclasses
from typing import Iterable, Mapping, Optional, Sequence

import numpy as np

from ..model.harm import Link
from .link_graph import events_of, leads_of


@dataclasses.dataclass(frozen=True)
class LinkedCounts:
    """What remains when each event counts once.

    ``counted`` (boolean, shape (n,)) are the rows that stand for their event; ``event`` (whole
    numbers, shape (n,)) is the event of each row. ``without_lead`` is how many events of several
    rows have no lead record among them, so that the largest row stands for them.
    """

    counted: np.ndarray
    event: np.ndarray
    without_lead: int

    @property
    def left_out(self) -> int:
        """How many rows are known duplicates of another one."""
        return int(len(self.counted) - self.counted.sum())


def linked_counts(
    ids: Sequence[str],
    low: Iterable[Optional[float]],
    high: Iterable[Optional[float]],
    links: Iterable[Link],
    groups: Optional[Mapping[str, str]] = None,
) -> LinkedCounts:
    """Which rows count when links (same event, duplicate of) are followed.

    ``low`` and ``high`` are the rows' counts; None or NaN: not known. A row's event is that of its
    links and of ``groups`` (id to the name of a group of duplicates) together. Of an event the
    lead record counts; where it is not among the rows, or no record leads, the row with the
    largest count.
    """
    ids, links = list(ids), list(links)
    named = events_of(links)
    names = [named.get(identifier, identifier) for identifier in ids]
    event = _numbered(names, [(groups or {}).get(identifier) for identifier in ids])
    leads = set(leads_of(links).values())
    order = _by_size(event, _column(low), _column(high), [item in leads for item in ids])
    counted = np.zeros(len(ids), dtype=bool)
    counted[order[_firsts(event[order])]] = True
    several = np.bincount(event, minlength=1)[event] > 1 if len(ids) else counted
    led = np.array([item in leads for item in ids], dtype=bool)
    without = int((counted & several & ~led).sum())
    return LinkedCounts(counted, event, without)


def _numbered(names: list[str], groups: list[Optional[str]]) -> np.ndarray:
    """One number for all rows that share an event's name or a group."""
    of_name: dict[str, int] = {}
    parent = list(range(len(names)))
    of_group: dict[str, int] = {}
    for row, (name, group) in enumerate(zip(names, groups)):
        for known, key in ((of_name, name), (of_group, group)):
            if key is not None:
                first = _root(parent, known.setdefault(key, row))
                parent[_root(parent, row)] = first
    return np.array([_root(parent, row) for row in range(len(names))], dtype=np.int64)


def _root(parent: list[int], row: int) -> int:
    while parent[row] != row:
        parent[row] = parent[parent[row]]
        row = parent[row]
    return row


def _by_size(event, low, high, leads: list[bool]) -> np.ndarray:
    """The rows by event; in each the lead first, then the largest, then the first."""
    low = np.where(np.isnan(low), -1.0, low)
    high = np.where(np.isnan(high), low, high)
    rows = np.arange(len(event))
    return np.lexsort((rows, -low, -high, ~np.array(leads, dtype=bool), event))


def _firsts(sorted_events) -> np.ndarray:
    """Where another event begins."""
    if not len(sorted_events):
        return np.zeros(0, dtype=bool)
    return np.r_[True, sorted_events[1:] != sorted_events[:-1]]


def _column(values: Iterable[Optional[float]]) -> np.ndarray:
    return np.array([np.nan if value is None else float(value) for value in values], dtype=float)
