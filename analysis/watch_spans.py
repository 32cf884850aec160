"""What one post could observe and when: its effort rows as stretches of time without overlap."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Iterable, Optional, Sequence

import numpy as np

from ..model.claim import Restriction
from ..model.incident import Effort, Post
from .utc import MICROSECONDS, instants

# A stretch of time is in exactly one of these states.
STATES = ("operating", "degraded", "contradicted", "denied", "down", "not_deployed", "not_known")
OBSERVING = ("operating", "degraded")
# Where rows agree that nobody observed but not why, the first of these counts.
NOT_OBSERVING = ("denied", "down", "not_deployed")
SECOND = np.timedelta64(1_000_000, "us")
_PAST = np.datetime64("0001-01-01", "us")
_FUTURE = np.datetime64("9999-12-31", "us")


@dataclasses.dataclass(frozen=True)
class Stretches:
    """The states of one post over all time, and what of its rows is odd.

    ``starts`` and ``ends`` (``datetime64[us]``, UTC, half-open, in order, without gaps) are
    stretches, ``states`` their places in STATES. ``overlaps`` and ``contradictions`` are pairs of
    moments at which rows overlap, and of those, at which they say opposite things. Rows that say
    nothing are counted: ``incomplete`` have no beginning or no end, ``backwards`` do not end after
    they begin, ``unstated`` have no status that is one.
    """

    post_id: str
    starts: np.ndarray
    ends: np.ndarray
    states: np.ndarray
    overlaps: list
    contradictions: list
    incomplete: int
    rows: tuple
    backwards: int = 0
    unstated: int = 0

    def seconds(self, start: np.datetime64, end: np.datetime64) -> np.ndarray:
        """The seconds in each of STATES within a half-open span; they add up to its length."""
        first = int(np.searchsorted(self.ends, start, side="right"))
        last = int(np.searchsorted(self.starts, end, side="left"))
        begin = np.maximum(self.starts[first:last], start)
        finish = np.minimum(self.ends[first:last], end)
        length = (finish - begin) / SECOND
        return np.bincount(self.states[first:last], weights=length, minlength=len(STATES))

    def observing(self) -> list[tuple[np.datetime64, np.datetime64]]:
        """The stretches in which the post surely observed."""
        wanted = np.isin(self.states, [STATES.index(state) for state in OBSERVING])
        return list(zip(self.starts[wanted], self.ends[wanted]))

    def reasons(self, start: np.datetime64, end: np.datetime64) -> list[str]:
        """Why the post could not or not fully observe in a span, as its rows say, each once."""
        found = []
        for row, first, last in self.rows:
            if row.reason and row.status != "operating" and first < end and last > start:
                found.append(row.reason)
        return list(dict.fromkeys(found))


def stretches_of(
    post_id: str,
    effort: Iterable[Effort],
    post: Optional[Post] = None,
    restrictions: Sequence[Restriction] = (),
) -> Stretches:
    """The states of one post from its effort rows, its dates and its restrictions.

    Where rows say opposite things (able to observe and not), the state is ``contradicted``, which
    is not counted as observed. Time without a row is ``not_known``, never ``down``; outside the
    post's own dates it is ``not_deployed``. A restriction that denies the post (``post_id`` is
    its, ``kind`` is denial, and no single asset is named) is held as a row of denied access.
    """
    complete, incomplete, backwards = _complete(effort)
    stated = [item for item in complete if _state_of(item[0].status) is not None]
    spans = [(_state_of(row.status), first, last) for row, first, last in stated]
    spans += [("denied", *span) for span in _denials(post_id, restrictions)]
    life = _life(post)
    edges = [_PAST, _FUTURE, *life, *(moment for span in spans for moment in span[1:])]
    cuts = np.unique(np.array(edges, dtype=MICROSECONDS))
    cover = {state: np.zeros(len(cuts), dtype=np.int64) for state in STATES}
    for state, first, last in spans:
        cover[state][np.searchsorted(cuts, first)] += 1
        cover[state][np.searchsorted(cuts, last)] -= 1
    count = {state: np.cumsum(column)[:-1] for state, column in cover.items()}
    starts, ends = cuts[:-1], cuts[1:]
    total = sum(count.values())
    states, opposed = _states(count, (starts >= life[0]) & (ends <= life[1]))
    return Stretches(
        post_id,
        starts,
        ends,
        states,
        _pairs(starts, ends, total > 1),
        _pairs(starts, ends, opposed),
        incomplete,
        tuple(stated),
        backwards,
        len(complete) - len(stated),
    )


def _complete(effort: Iterable[Effort]) -> tuple[list, int, int]:
    """The rows that last, with their spans; how many lack a moment, and how many run backwards."""
    rows = list(effort)
    starts = instants(row.observed_from for row in rows)
    ends = instants(row.observed_to for row in rows)
    whole = ~np.isnat(starts) & ~np.isnat(ends)
    lasting = whole & (ends > starts)
    found = [(row, a, b) for row, a, b, ok in zip(rows, starts, ends, lasting) if ok]
    return found, int((~whole).sum()), int((whole & ~lasting).sum())


def _denials(post_id: str, restrictions: Iterable[Restriction]):
    for item in restrictions:
        if item.post_id == post_id and item.kind == "denial" and not item.asset:
            yield restricted_span(item)


def restricted_span(item: Restriction) -> tuple[np.datetime64, np.datetime64]:
    """When a restriction held, as ``datetime64[us]``: what it leaves open lasts."""
    start, end = instants([item.restricted_from, item.restricted_to])
    if end < start:
        # It says nothing of when.
        return _PAST, _PAST
    return (_PAST if np.isnat(start) else start), (_FUTURE if np.isnat(end) else end)


def _life(post: Optional[Post]) -> tuple[np.datetime64, np.datetime64]:
    dates: tuple[Optional[datetime], Optional[datetime]] = (None, None)
    if post is not None:
        dates = (post.valid_from, post.valid_to)
    start, end = instants(dates)
    return (_PAST if np.isnat(start) else start), (_FUTURE if np.isnat(end) else end)


def _state_of(status: Optional[str]) -> Optional[str]:
    """A row's state; None for a status that is no status, which says nothing."""
    return status if status in OBSERVING or status in NOT_OBSERVING else None


def _states(count: dict, alive: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The state of each stretch, and where rows say opposite things."""
    seen = sum(count[state] for state in OBSERVING) > 0
    unseen = sum(count[state] for state in NOT_OBSERVING) > 0
    chosen = np.full(len(alive), STATES.index("not_known"))
    chosen[~alive] = STATES.index("not_deployed")
    for state in (*reversed(NOT_OBSERVING), *OBSERVING):
        chosen[count[state] > 0] = STATES.index(state)
    opposed = seen & unseen
    chosen[opposed] = STATES.index("contradicted")
    return chosen, opposed


def _pairs(starts, ends, wanted) -> list:
    """The wanted stretches, those that touch put together."""
    result: list = []
    for start, end in zip(starts[wanted], ends[wanted]):
        if result and result[-1][1] == start:
            result[-1] = (result[-1][0], end)
        else:
            result.append((start, end))
    return result
