"""From a wall-clock reading to a half-open span in UTC, with the clock's changes minded."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Optional

from ..model.errors import CeasefireError
from .dates import Reading, UnreadableDate

UTC = timezone.utc


@dataclasses.dataclass(frozen=True)
class Span:
    """UTC instants, half-open, and how closely they are known."""

    start: datetime
    end: datetime
    precision: str
    doubled: bool = False


def time_zone(name: Optional[str]) -> tzinfo:
    """The time zone of that IANA name; raises CeasefireError where there is none."""
    cleaned = (name or "UTC").strip() or "UTC"
    if cleaned.upper() in ("UTC", "Z", "GMT"):
        return UTC
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(cleaned)
    except (KeyError, ValueError, OSError):
        raise CeasefireError(
            f"There is no time zone “{cleaned}”: give a name such as Europe/Vienna or Asia/Seoul, "
            "or UTC."
        ) from None


def to_utc(reading: Reading, zone: tzinfo) -> Span:
    """The span of a reading in a time zone.

    A bare day is the whole local day. In the autumn's doubled hour the span covers both; a time
    in the spring's missing hour raises UnreadableDate.
    """
    if reading.offset is not None:
        start = (reading.start - reading.offset).replace(tzinfo=UTC)
        return Span(start, start + (reading.end - reading.start), reading.precision)
    if reading.precision in ("day", "week", "month", "year"):
        return Span(day_start(reading.start, zone), day_start(reading.end, zone), reading.precision)
    early, late = instants(reading.start, zone)
    if early is None:
        raise UnreadableDate(
            "the clock was put forward over this hour: there was no such local time"
        )
    if reading.is_range:
        return range_span(reading, zone, early)
    length = reading.end - reading.start
    doubled = early != late
    return Span(early, late + length, "hour" if doubled else reading.precision, doubled)


def range_span(reading: Reading, zone: tzinfo, early: datetime) -> Span:
    """A range of local times: from the earliest reading of its start to the latest of its end."""
    _, late = instants(reading.end, zone)
    if late is None:
        late = day_start(reading.end, zone)
    start_early, start_late = instants(reading.start, zone)
    end_early, end_late = instants(reading.end, zone)
    doubled = start_early != start_late or end_early != end_late
    return Span(early, max(late, early + timedelta(seconds=1)), reading.precision, doubled)


def instants(naive: datetime, zone: tzinfo) -> tuple[Optional[datetime], Optional[datetime]]:
    """The earlier and later instant of a local time; (None, None) if the clock left it out."""
    if zone is UTC:
        moment = naive.replace(tzinfo=UTC)
        return moment, moment
    first = naive.replace(tzinfo=zone, fold=0).astimezone(UTC)
    second = naive.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if first == second:
        return first, first
    if first.astimezone(zone).replace(tzinfo=None) != naive:
        return None, None
    return min(first, second), max(first, second)


def day_start(naive: datetime, zone: tzinfo) -> datetime:
    """The first instant at or after a local time, also where the clock left that time out."""
    early, _ = instants(naive, zone)
    if early is not None:
        return early
    return _after_gap(naive, zone)


def _after_gap(naive: datetime, zone: tzinfo) -> datetime:
    """The instant at which the clock jumped over ``naive``."""
    low = naive.replace(tzinfo=zone, fold=1).astimezone(UTC)
    high = naive.replace(tzinfo=zone, fold=0).astimezone(UTC)
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)
