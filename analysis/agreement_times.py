"""When an agreement and its rules are in force: its own days and hours as moments in UTC.

An interval is ``(start, end)``, half-open, aware datetimes in UTC; None is an open end.
"""

from __future__ import annotations

import dataclasses
from datetime import datetime, time, timedelta
from typing import Optional, Tuple

import numpy as np

from ..model.agreement import (
    Agreement,
    Change,
    ChangeKind,
    NamedLine,
    Rule,
    Status,
    Timing,
    ZoneDrawing,
)
from .agreement_moments import h_hour, local_moment, moment_end, moment_start, zone_of
from .utc import instants as column_of

Interval = Tuple[Optional[datetime], Optional[datetime]]


def in_force(agreement: Agreement) -> tuple[Interval, ...]:
    """When the agreement is in force, suspensions taken out; empty for a draft."""
    if agreement.status is Status.DRAFT:
        return ()
    timing = agreement.timing
    start, end = entry_into_force(timing), _end(timing)
    return _without_suspensions([(start, end)], timing, None)


def entry_into_force(timing: Timing) -> Optional[datetime]:
    """The first moment in force: as stated, else H-hour on D-day, else the day of signature."""
    if timing.in_force_from:
        return moment_start(timing, timing.in_force_from)
    if timing.d_day:
        return h_hour(timing)
    return moment_start(timing, timing.signed_on) if timing.signed_on else None


def rule_intervals(agreement: Agreement, rule: Rule) -> tuple[Interval, ...]:
    """When a rule binds: within the agreement's time, from its deadline on where it has one."""
    timing = agreement.timing
    start = moment_start(timing, rule.valid_from) if rule.valid_from else None
    limit = deadline_of(agreement, rule)
    if limit is not None:
        start = limit if start is None else max(start, limit)
    end = moment_end(timing, rule.valid_to) if rule.valid_to else None
    for change in timing.changes:
        if rule.code in change.rules:
            end = _changed_end(timing, change, end)
    own = [_meet(interval, (start, end)) for interval in in_force(agreement)]
    return _without_suspensions([each for each in own if each], timing, rule.code)


def rule_interval(agreement: Agreement, rule: Rule) -> Optional[Interval]:
    """From the first to the last moment at which a rule binds; None where it never does."""
    every = rule_intervals(agreement, rule)
    return (every[0][0], every[-1][1]) if every else None


def deadline_of(agreement: Agreement, rule: Rule) -> Optional[datetime]:
    """The moment by which a rule has to be carried out (the stated day included), or None."""
    text = rule.deadline
    for change in agreement.timing.changes:
        if change.kind is ChangeKind.DEADLINE_MOVED and rule.code in change.rules:
            text = change.until
    return moment_end(agreement.timing, text) if text else None


def drawing_intervals(agreement: Agreement, drawing: ZoneDrawing) -> tuple[Interval, ...]:
    """When a zone of the agreement is in force."""
    timing = agreement.timing
    start = moment_start(timing, drawing.valid_from) if drawing.valid_from else None
    end = moment_end(timing, drawing.valid_to) if drawing.valid_to else None
    own = (_meet(interval, (start, end)) for interval in in_force(agreement))
    return tuple(each for each in own if each)


def line_moment(agreement: Agreement, line: NamedLine) -> Optional[datetime]:
    """The moment whose line is meant: the end of a bare day; None for the line in force.

    A day on which a line was drawn is meant as it stood when that day was over.
    """
    if not line.as_of:
        return None
    end = moment_end(agreement.timing, line.as_of)
    is_day = end != moment_start(agreement.timing, line.as_of)
    return end - timedelta(microseconds=1) if is_day else end


def in_force_at(agreement: Agreement, instants) -> np.ndarray:
    """Whether the agreement is in force at each moment (``datetime64[us]``, UTC; NaT: False).

    Where it is not, what happened is an incident, never a violation.
    """
    return within(in_force(agreement), instants)


def binds_at(agreement: Agreement, rule: Rule, instants) -> np.ndarray:
    """Whether a rule binds at each moment (``datetime64[us]``, UTC; NaT: False)."""
    return within(rule_intervals(agreement, rule), instants)


def within(intervals, instants) -> np.ndarray:
    """Whether each moment (``datetime64[us]``, UTC; NaT: False) lies in one of the intervals."""
    moments = np.asarray(instants, dtype="datetime64[us]")
    result = np.zeros(moments.shape, dtype=bool)
    for start, end in intervals:
        inside = ~np.isnat(moments)
        if start is not None:
            inside &= moments >= column_of([start])[0]
        if end is not None:
            inside &= moments < column_of([end])[0]
        result |= inside
    return result


def silence_intervals(
    agreement: Agreement, rule: Rule, start: datetime, end: datetime
) -> tuple[Interval, ...]:
    """The times of silence of a rule between two moments (aware), in order, overlaps joined."""
    found: list[Interval] = []
    asked = [_meet(interval, (start, end)) for interval in rule_intervals(agreement, rule)]
    for window in rule.windows:
        timing = agreement.timing
        opens = moment_start(timing, window.opens) if window.opens else None
        closes = moment_end(timing, window.closes) if window.closes else None
        for interval in filter(None, asked):
            part = _meet(interval, (opens, closes))
            if part and window.daily_from:
                found += _daily(timing, window.daily_from, window.daily_to, part)
            elif part:
                found.append(part)
    return tuple(_joined(found))


def _daily(timing: Timing, opens: str, closes: str, span: Interval) -> list[Interval]:
    """The daily hours that touch a span; hours over midnight begin on the evening's day."""
    zone = zone_of(timing)
    first, last = time.fromisoformat(opens), time.fromisoformat(closes)
    day = span[0].astimezone(zone).date() - timedelta(days=1)
    final = span[1].astimezone(zone).date()
    found = []
    while day <= final:
        until = day if last > first else day + timedelta(days=1)
        begins = local_moment(datetime.combine(day, first), zone)
        ends = local_moment(datetime.combine(until, last), zone, latest=last != time())
        part = _meet((begins, ends), span)
        if part:
            found.append(part)
        day += timedelta(days=1)
    return found


def _end(timing: Timing) -> Optional[datetime]:
    """The agreement's end, with what was changed later."""
    end = None
    if timing.in_force_to:
        end = moment_end(timing, timing.in_force_to)
    elif timing.duration_days:
        zone = zone_of(timing)
        begun = entry_into_force(timing).astimezone(zone).replace(tzinfo=None)
        end = local_moment(begun + timedelta(days=timing.duration_days), zone)
    for change in timing.changes:
        if not change.rules:
            end = _changed_end(timing, change, end)
    return end


def _changed_end(timing: Timing, change: Change, end: Optional[datetime]) -> Optional[datetime]:
    if change.kind is ChangeKind.EXTENDED:
        return moment_end(timing, change.until) if change.until else None
    if change.kind is ChangeKind.ENDED:
        ended = moment_start(timing, change.since)
        return ended if end is None else min(end, ended)
    return end


def _without_suspensions(
    intervals, timing: Timing, rule_code: Optional[str]
) -> tuple[Interval, ...]:
    """Intervals less the suspensions of the whole agreement, or of one rule."""
    for change in timing.changes:
        concerned = rule_code in change.rules if rule_code else not change.rules
        if change.kind is not ChangeKind.SUSPENDED or not concerned:
            continue
        since = moment_start(timing, change.since)
        until = moment_end(timing, change.until) if change.until else None
        kept = []
        for interval in intervals:
            kept.append(_meet(interval, (None, since)))
            if until is not None:
                kept.append(_meet(interval, (until, None)))
        intervals = [each for each in kept if each]
    return tuple(intervals)


def _meet(one: Optional[Interval], other: Interval) -> Optional[Interval]:
    """What two intervals have in common; None where that is nothing."""
    if one is None:
        return None
    starts = [start for start in (one[0], other[0]) if start is not None]
    ends = [end for end in (one[1], other[1]) if end is not None]
    start = max(starts) if starts else None
    end = min(ends) if ends else None
    if start is not None and end is not None and end <= start:
        return None
    return start, end


def _joined(intervals: list[Interval]) -> list[Interval]:
    """Intervals with both ends known, in order, those that touch made one."""
    joined: list[Interval] = []
    for start, end in sorted(intervals):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


@dataclasses.dataclass(frozen=True)
class DayNumber:
    """A local day by the agreement's own numbering: ``number`` 14 is D+14."""

    number: int

    def __str__(self) -> str:
        return f"D{self.number:+d}"


def day_number(timing: Timing, moment: datetime) -> Optional[DayNumber]:
    """The number of the local day in which a moment (aware) lies; None without a D-day."""
    if not timing.d_day:
        return None
    local = moment.astimezone(zone_of(timing)).date()
    passed = (local - datetime.fromisoformat(timing.d_day).date()).days
    return DayNumber(passed + timing.first_day_number)
