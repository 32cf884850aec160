"""Observation effort: how many hours each post could observe, and when nobody could."""

from __future__ import annotations

import bisect
import dataclasses
from datetime import date, datetime
from typing import Iterable, Optional

from ..model.incident import Effort
from .period import Period

OBSERVING = ("operating", "degraded")
STATUSES = ("operating", "degraded", "down", "denied", "not_deployed")
Span = tuple[datetime, datetime]


@dataclasses.dataclass
class PostHours:
    """The hours of one post in a period, by status; ``observed`` are operating and degraded."""

    post_id: str
    hours: dict[str, float]
    observed: float
    previous_observed: float


@dataclasses.dataclass
class Watch:
    """The effort of a period. ``known`` is False where no effort is recorded at all."""

    known: bool
    posts: list[PostHours]
    observed: float
    previous_observed: Optional[float]
    days_without: list[date]
    reasons: list[tuple[str, str, float]]


class Spans:
    """Spans without overlaps, in order, with their ends at hand for searching."""

    def __init__(self, spans: list[Span]):
        self.spans = spans
        self.ends = [end for _, end in spans]

    def hours(self, start: datetime, end: datetime) -> float:
        """The hours that lie in a half-open span."""
        seconds = 0.0
        for first, last in self.spans[bisect.bisect_right(self.ends, start) :]:
            if first >= end:
                break
            seconds += (min(last, end) - max(first, start)).total_seconds()
        return seconds / 3600

    def holds(self, moment: datetime) -> bool:
        """Whether a moment lies in one of them."""
        place = bisect.bisect_right(self.ends, moment)
        return place < len(self.spans) and self.spans[place][0] <= moment


def merged(spans: Iterable[Span]) -> Spans:
    """Spans without overlaps, in order, so that no hour is counted twice."""
    result: list[Span] = []
    for start, end in sorted(spans):
        if end <= start:
            continue
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return Spans(result)


def anyone(spans: dict[str, Spans]) -> Spans:
    """When at least one post could observe."""
    return merged(span for item in spans.values() for span in item.spans)


def observing_spans(effort: Iterable[Effort]) -> dict[str, Spans]:
    """When each post could observe, merged."""
    spans: dict[str, list[Span]] = {}
    for item in effort:
        if item.status in OBSERVING and item.observed_from and item.observed_to:
            spans.setdefault(item.post_id or "", []).append((item.observed_from, item.observed_to))
    return {post: merged(items) for post, items in spans.items()}


def watch_of(effort: list[Effort], period: Period) -> Watch:
    """The effort of a period and of the one before it."""
    previous = period.previous()
    dated = [item for item in effort if item.observed_from and item.observed_to]
    observing = observing_spans(dated)
    posts = []
    for post in sorted({item.post_id or "" for item in dated}):
        own = [item for item in dated if (item.post_id or "") == post]
        hours = {status: _status_hours(own, status, period) for status in STATUSES}
        spans = observing.get(post, Spans([]))
        seen = spans.hours(period.start, period.end)
        before = spans.hours(previous.start, previous.end)
        if any(hours.values()) or before:
            posts.append(PostHours(post, hours, seen, before))
    every = anyone(observing)
    days = [day for day in period.days() if not every.hours(day.start, day.end)]
    touches = [_touches(item, previous) for item in dated]
    return Watch(
        known=any(_touches(item, period) for item in dated),
        posts=posts,
        observed=sum(post.observed for post in posts),
        previous_observed=sum(post.previous_observed for post in posts) if any(touches) else None,
        days_without=[day.label for day in days],
        reasons=_reasons(dated, period),
    )


def _touches(item: Effort, period: Period) -> bool:
    return item.observed_from < period.end and item.observed_to > period.start


def _status_hours(effort: list[Effort], status: str, period: Period) -> float:
    spans = merged(
        (item.observed_from, item.observed_to) for item in effort if item.status == status
    )
    return spans.hours(period.start, period.end)


def _reasons(effort: list[Effort], period: Period) -> list[tuple[str, str, float]]:
    """Why posts could not observe: post, reason, hours; longest first."""
    sums: dict[tuple[str, str], float] = {}
    for item in effort:
        if item.status in OBSERVING or not item.reason or not _touches(item, period):
            continue
        hours = merged([(item.observed_from, item.observed_to)]).hours(period.start, period.end)
        key = (item.post_id or "", item.reason)
        sums[key] = sums.get(key, 0.0) + hours
    return sorted(((*key, hours) for key, hours in sums.items()), key=lambda row: (-row[2], row))
