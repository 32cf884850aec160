"""How long a ceasefire lasted, and whether that is an end, a term that ran out, or neither."""

from __future__ import annotations

from datetime import date
from typing import Optional

from ...model.precedent import Outcome, Precedent
from .cells import Span, lasted

# An end so many days from that of the term is the term's: the first day may count or not.
NEAR_TERM = 1


def set_spans(record: Precedent, start: Optional[Span], end: Optional[Span]) -> None:
    """Write the days between which a ceasefire began and ended."""
    if start is not None:
        record.start_from, record.start_to = start[0].isoformat(), start[1].isoformat()
    if end is not None:
        record.end_from, record.end_to = end[0].isoformat(), end[1].isoformat()


def set_duration(
    record: Precedent,
    start: Optional[Span],
    end: Optional[Span],
    ended: Optional[bool],
    until: Optional[date],
) -> list[str]:
    """Tell how long it lasted; returns remarks. ``until`` is the last day that the data tell of."""
    if start is None:
        return ["the start is not known"]
    if end is not None and end[1] < start[0]:
        return ["the end comes before the start; its duration is not used"]
    if ended is None:
        return ["whether it ended is not known"]
    if not ended:
        return _holding(record, start, end, until)
    if end is None:
        return _ended_some_day(record, start, until)
    record.lasted_from_days, record.lasted_to_days = lasted(start, end)
    record.outcome = Outcome.ENDED.value
    return _against_its_term(record) if record.term_days is not None else []


def _holding(record, start: Span, end: Optional[Span], until: Optional[date]) -> list[str]:
    if end is not None:
        return ["the data say that it did not end, and when it ended; its duration is not used"]
    record.outcome = Outcome.HOLDING.value
    if until is None or until < start[1]:
        return ["until when it was watched is not known"]
    record.lasted_from_days = (until - start[1]).days
    return []


def _ended_some_day(record, start: Span, until: Optional[date]) -> list[str]:
    """It ended, and nobody knows when: between its first day and the last that is told of."""
    record.outcome = Outcome.ENDED.value
    if until is None or until < start[0]:
        return ["the day of its end is not known"]
    record.lasted_from_days, record.lasted_to_days = 0, (until - start[0]).days
    return ["the day of its end is not known"]


def _against_its_term(record) -> list[str]:
    """Whether the end was before its term, with it, or after: surely, or which is not known."""
    low, high = record.lasted_from_days, record.lasted_to_days
    first, last = record.term_days - NEAR_TERM, record.term_days + NEAR_TERM
    if high < first:
        return []
    if low > last:
        return ["it went on beyond its term and ended later"]
    record.lasted_to_days = None
    if low >= first and high <= last:
        record.outcome = Outcome.EXPIRED.value
        return []
    record.outcome = Outcome.NOT_KNOWN.value
    return ["whether it ended with its term is not known"]
