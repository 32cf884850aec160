"""Which incidents the panel shows: by text, by period and by flag."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from typing import FrozenSet, Iterable, List, Optional, Tuple

from .incident_row import IncidentRow
from .incident_words import NOT_FLAGGED

WORD = re.compile(r'["“]([^"”]+)["”]|(\S+)')


@dataclasses.dataclass(frozen=True)
class IncidentFilter:
    """What is asked for; the defaults ask for all.

    ``words`` must all occur, in lower case. An incident belongs to the period that its start
    lies in: from ``start`` until before ``end``, seconds since 1970. ``flags`` empty: any.
    """

    words: Tuple[str, ...] = ()
    start: Optional[float] = None
    end: Optional[float] = None
    flags: FrozenSet[str] = frozenset()

    def asks_for_all(self) -> bool:
        """Whether nothing is filtered out."""
        return not (self.words or self.flags or self.has_period())

    def has_period(self) -> bool:
        """Whether a period is asked for, so that incidents without a time cannot be shown."""
        return self.start is not None or self.end is not None


@dataclasses.dataclass(frozen=True)
class Filtered:
    """What a filter let through.

    ``indices`` keep the order that was given; ``flags`` counts each flag among the rows that
    pass text and period; ``without_time`` are rows that a period leaves out for having no time.
    """

    indices: List[int]
    flags: Counter
    without_time: int


def words_of(text: str) -> Tuple[str, ...]:
    """The words of a search in lower case; what stands in quotes is one."""
    return tuple(quoted or word for quoted, word in WORD.findall(text.lower()) if quoted or word)


def apply_filter(rows: List[IncidentRow], order: Iterable[int], asked: IncidentFilter) -> Filtered:
    """The indices out of ``order`` of the rows that are asked for."""
    indices = list(order)
    for word in asked.words:
        indices = [index for index in indices if word in rows[index].search]
    without_time = 0
    if asked.has_period():
        timed = [index for index in indices if rows[index].occurred_from is not None]
        without_time = len(indices) - len(timed)
        start = float("-inf") if asked.start is None else asked.start
        end = float("inf") if asked.end is None else asked.end
        indices = [index for index in timed if start <= rows[index].occurred_from < end]
    flags = Counter(rows[index].flag or NOT_FLAGGED for index in indices)
    if asked.flags:
        indices = [index for index in indices if (rows[index].flag or NOT_FLAGGED) in asked.flags]
    return Filtered(indices, flags, without_time)
