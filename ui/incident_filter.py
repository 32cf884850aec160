"""Which incidents the panel shows: by text, by period, by flag, by distance and by facets."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from typing import TYPE_CHECKING, Dict, FrozenSet, Iterable, List, Mapping, Optional, Tuple

from .facets import FACETS, FacetColumns
from .incident_row import IncidentRow
from .incident_words import flag_of

if TYPE_CHECKING:
    import numpy as np

WORD = re.compile(r'["“]([^"”]+)["”]|(\S+)')


@dataclasses.dataclass(frozen=True)
class IncidentFilter:
    """What is asked for; the defaults ask for all.

    ``words`` must all occur, in lower case. An incident belongs to the period that its start
    lies in: from ``start`` until before ``end``, seconds since 1970. ``flags`` empty: any.
    ``within_m`` asks for what is known to lie at most so far from the line. ``facets`` holds the
    values that are wanted of some facets, in the order of FACETS.
    """

    words: Tuple[str, ...] = ()
    start: Optional[float] = None
    end: Optional[float] = None
    flags: FrozenSet[str] = frozenset()
    within_m: Optional[float] = None
    facets: Tuple[Tuple[str, FrozenSet[str]], ...] = ()

    def asks_for_all(self) -> bool:
        """Whether nothing is filtered out."""
        narrowed = self.words or self.flags or self.facets or self.within_m is not None
        return not (narrowed or self.has_period())

    def has_period(self) -> bool:
        """Whether a period is asked for, so that incidents without a time cannot be shown."""
        return self.start is not None or self.end is not None


@dataclasses.dataclass(frozen=True)
class Filtered:
    """What a filter let through.

    ``indices`` keep the order that was given; ``flags`` counts each flag, and ``facets`` each value
    of a facet, among the rows that pass all other filters; ``without_time`` are rows that a period
    leaves out for having no time.
    """

    indices: List[int]
    flags: Counter
    without_time: int
    facets: Mapping[str, Mapping[str, int]] = dataclasses.field(default_factory=dict)


def words_of(text: str) -> Tuple[str, ...]:
    """The words of a search in lower case; what stands in quotes is one."""
    return tuple(quoted or word for quoted, word in WORD.findall(text.lower()) if quoted or word)


def apply_filter(
    rows: List[IncidentRow],
    order: Iterable[int],
    asked: IncidentFilter,
    columns: Optional[FacetColumns] = None,
) -> Filtered:
    """The indices out of ``order`` of the rows that are asked for.

    ``columns`` are those of all rows; they are made where they are not given.
    """
    import numpy as np

    if not rows:
        return Filtered([], Counter(), 0)
    columns = columns or columns_of(rows)
    masks, without_time = _masks(rows, columns, asked)
    passed = _all(masks.values(), len(rows))
    indices = np.fromiter(order, dtype=np.int64)
    shown = indices[passed[indices]].tolist()
    flags = np.bincount(
        columns.flag_codes[_others(masks, "flag", len(rows))], minlength=len(columns.flags)
    )
    facets = {
        facet.name: columns.counts(facet.name, _others(masks, facet.name, len(rows)))
        for facet in FACETS
    }
    counted = {flag: int(count) for flag, count in zip(columns.flags, flags) if count}
    return Filtered(shown, Counter(counted), without_time, facets)


def columns_of(rows: List[IncidentRow]) -> FacetColumns:
    """The columns of rows: those that were made with them in a task, else new ones."""
    made = getattr(rows, "columns", None)
    return made if made is not None else FacetColumns(rows, flag_of)


def _masks(rows, columns: FacetColumns, asked: IncidentFilter) -> Tuple[Dict, int]:
    """A mask for each thing that is asked for; and how many rows a period leaves out untimed."""
    import numpy as np

    masks: Dict[str, np.ndarray] = {}
    if asked.words:
        words = asked.words
        masks["words"] = np.fromiter(
            (all(word in row.search for word in words) for row in rows), bool, len(rows)
        )
    for name, wanted in asked.facets:
        masks[name] = columns.among(name, wanted)
    if asked.flags:
        chosen = np.array([flag in asked.flags for flag in columns.flags])
        masks["flag"] = chosen[columns.flag_codes]
    if asked.within_m is not None:
        # A comparison with what is not known is false: it is not known to be near.
        masks["within"] = columns.line_distance_m <= asked.within_m
    without_time = 0
    if asked.has_period():
        others = _others(masks, "flag", len(rows))
        when = columns.occurred_from
        without_time = int(np.count_nonzero(others & np.isnan(when)))
        start = float("-inf") if asked.start is None else asked.start
        end = float("inf") if asked.end is None else asked.end
        masks["period"] = (when >= start) & (when < end)
    return masks, without_time


def _others(masks: Dict, name: str, count: int) -> np.ndarray:
    """The rows that pass all but one."""
    return _all((mask for key, mask in masks.items() if key != name), count)


def _all(masks: Iterable, count: int) -> np.ndarray:
    import numpy as np

    passed = np.ones(count, dtype=bool)
    for mask in masks:
        passed &= mask
    return passed
