"""When a rule binds, and how much of a subject's time that concerns."""

from __future__ import annotations

import dataclasses

import numpy as np

from ..model.agreement import Agreement, Rule, RuleKind
from .agreement_times import rule_intervals, silence_intervals
from .utc import instants, utc_datetime

LIMITS = np.iinfo(np.int64)
FAR_PAST = np.datetime64("1700-01-01", "us")
FAR_FUTURE = np.datetime64("2200-01-01", "us")


@dataclasses.dataclass
class RuleTime:
    """The spans during which a rule binds, in order and apart: microseconds since 1970 (UTC)."""

    starts: np.ndarray
    ends: np.ndarray

    @classmethod
    def of(cls, agreement: Agreement, rule: Rule, first, last) -> RuleTime:
        """When ``rule`` binds; of times of silence those between two moments (datetime64)."""
        if rule.kind is RuleKind.SILENCE:
            start, end = (utc_datetime(moment) for moment in (first, last))
            intervals = silence_intervals(agreement, rule, start, end)
        else:
            intervals = rule_intervals(agreement, rule)
        starts = instants([start for start, _ in intervals])
        ends = instants([end for _, end in intervals])
        starts[np.isnat(starts)], ends[np.isnat(ends)] = FAR_PAST, FAR_FUTURE
        return cls(starts.astype(np.int64), ends.astype(np.int64))

    def elapsed(self, moments: np.ndarray) -> np.ndarray:
        """How long the rule had been binding in all before each moment (microseconds)."""
        if len(self.starts) == 0:
            return np.zeros(len(moments), dtype=np.int64)
        before = np.concatenate([[0], np.cumsum(self.ends - self.starts)])
        last = np.searchsorted(self.starts, moments, side="right") - 1
        known = np.maximum(last, 0)
        within = np.clip(moments - self.starts[known], 0, (self.ends - self.starts)[known])
        return np.where(last < 0, 0, before[known] + within)

    def binds_at(self, moments: np.ndarray) -> np.ndarray:
        """Whether the rule binds at each moment (microseconds)."""
        if len(self.starts) == 0:
            return np.zeros(len(moments), dtype=bool)
        last = np.searchsorted(self.starts, moments, side="right") - 1
        return (last >= 0) & (moments < self.ends[np.maximum(last, 0)])

    def meet(self, start: np.ndarray, end: np.ndarray) -> Met:
        """What the rule's time and the spans [start, end) (``datetime64[us]``) have in common.

        A span without an end, or with an end before its start, is the moment of its start.
        """
        known = ~np.isnat(start)
        begin = np.where(known, start, FAR_PAST).astype(np.int64)
        finish = np.where(np.isnat(end) | ~known, begin.astype("datetime64[us]"), end)
        finish = np.maximum(finish.astype(np.int64), begin)
        moment = finish == begin
        common = self.elapsed(finish) - self.elapsed(begin)
        touched = known & np.where(moment, self.binds_at(begin), common > 0)
        share = np.where(moment, 1.0, common / np.maximum(finish - begin, 1))
        opens, closes = begin.copy(), finish.copy()
        if len(self.starts):
            following = np.searchsorted(self.ends, begin, side="right")
            opens = np.maximum(begin, self.starts[np.minimum(following, len(self.starts) - 1)])
            preceding = np.searchsorted(self.starts, finish, side="left") - 1
            closes = np.minimum(finish, self.ends[np.maximum(preceding, 0)])
        opens = np.where(moment, begin, opens)
        closes = np.where(moment, finish, closes)
        return Met(touched, np.where(touched, share, 0.0), opens, closes, moment)


@dataclasses.dataclass
class Met:
    """What rule and spans have in common, one row a span.

    ``touched``: whether they meet. ``share``: of the span. From ``opens`` to ``closes``
    (microseconds since 1970) lies all that they have in common. ``moment``: the span is one.
    """

    touched: np.ndarray
    share: np.ndarray
    opens: np.ndarray
    closes: np.ndarray
    moment: np.ndarray

    def take(self, chosen) -> Met:
        """The spans that an index array or mask chooses."""
        return Met(*(getattr(self, field.name)[chosen] for field in dataclasses.fields(self)))
