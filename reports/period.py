"""The span that a brief covers, in the theatre's local time, and the one before it."""

from __future__ import annotations

import dataclasses
import re
from datetime import date, datetime, time, timedelta, timezone
from typing import Iterator, Optional
from zoneinfo import ZoneInfo

from ..model.errors import CeasefireError

BARE_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$")


@dataclasses.dataclass(frozen=True)
class Day:
    """One reporting day: its local date, and its bounds in UTC, half-open."""

    label: date
    start: datetime
    end: datetime


@dataclasses.dataclass(frozen=True)
class Period:
    """A span in UTC, half-open, of a theatre with a time zone and a start of its reporting day."""

    start: datetime
    end: datetime
    zone: ZoneInfo
    day_start: time = time(0, 0)

    def holds(self, moment: Optional[datetime]) -> bool:
        """Whether a moment lies in the span; an unknown moment does not."""
        return moment is not None and self.start <= moment < self.end

    def previous(self) -> Period:
        """The span of the same local length just before: seven days before seven days."""
        start = self.start.astimezone(self.zone).replace(tzinfo=None)
        end = self.end.astimezone(self.zone).replace(tzinfo=None)
        before = (start - (end - start)).replace(tzinfo=self.zone)
        return dataclasses.replace(self, start=before.astimezone(timezone.utc), end=self.start)

    def days(self) -> Iterator[Day]:
        """The reporting days that the span touches, the first and last cut to it.

        A reporting day that starts after noon is named after the day on which it ends.
        """
        local = self.start.astimezone(self.zone)
        day = local.date()
        if local.time() < self.day_start:
            day -= timedelta(days=1)
        while True:
            start, end = self._bound(day), self._bound(day + timedelta(days=1))
            if start >= self.end:
                return
            name = day + timedelta(days=1) if self.day_start >= time(12, 0) else day
            yield Day(name, max(start, self.start), min(end, self.end))
            day += timedelta(days=1)

    def hours(self) -> float:
        """The length of the span in hours."""
        return (self.end - self.start).total_seconds() / 3600

    def _bound(self, day: date) -> datetime:
        local = datetime.combine(day, self.day_start, tzinfo=self.zone)
        return local.astimezone(timezone.utc)


def theatre_zone(name: Optional[str]) -> ZoneInfo:
    """The time zone of that name; raises CeasefireError where there is none."""
    try:
        return ZoneInfo(name or "UTC")
    except (KeyError, ValueError, OSError):
        raise CeasefireError(
            f"“{name}” is not a time zone. Give one as Area/City, for example “Africa/Nairobi”, "
            "or “UTC”."
        ) from None


def moment(text: str, zone: ZoneInfo, day_start: time, closing: bool = False) -> datetime:
    """A date or date-time as a UTC moment; without an offset it is the theatre's local time.

    A bare date is its reporting day: its start, or with ``closing`` its end.
    """
    text = text.strip()
    try:
        if BARE_DATE.match(text):
            day = date.fromisoformat(text) + timedelta(days=1 if closing else 0)
            if day_start >= time(12, 0):
                day -= timedelta(days=1)
            return datetime.combine(day, day_start, tzinfo=zone).astimezone(timezone.utc)
        parsed = datetime.fromisoformat(text.replace("Z", "+00:00").replace(" ", "T", 1))
        if parsed.tzinfo is None:
            parsed = parsed.replace(tzinfo=zone)
        return parsed.astimezone(timezone.utc)
    except (ValueError, OverflowError):
        raise CeasefireError(
            f"“{text}” is not a date or date-time. Write it as 2031-03-14 or 2031-03-14T19:30."
        ) from None


def clock(text: Optional[str]) -> time:
    """The start of the reporting day, "HH:MM"; raises CeasefireError for anything else."""
    try:
        return time.fromisoformat(text or "00:00")
    except ValueError:
        raise CeasefireError(
            f"“{text}” is not a time of day for the start of the reporting day. "
            "Write it as HH:MM, for example 19:30."
        ) from None


def period_of(
    start: Optional[str],
    end: Optional[str],
    moments: list[datetime],
    zone: ZoneInfo,
    day_start: time,
) -> Period:
    """The period asked for; a bound that is not given is the data's, as whole reporting days.

    Raises CeasefireError where the end is not after the start, or nothing has a date.
    """
    if not moments and not (start and end):
        raise CeasefireError(
            "No incident and no effort has a date, so there is no period to report on. "
            "Give FROM and TO, or check the dates of the input."
        )
    first = moment(start, zone, day_start) if start else _floor(min(moments), zone, day_start)
    last = moment(end, zone, day_start, True) if end else _ceiling(max(moments), zone, day_start)
    if last <= first:
        raise CeasefireError(
            "The period ends before it starts. Give a TO that is later than FROM "
            "(a bare date means the whole of that day)."
        )
    return Period(first, last, zone, day_start)


def day_of(
    start: Optional[str],
    end: Optional[str],
    moments: list[datetime],
    zone: ZoneInfo,
    day_start: time,
) -> Period:
    """The period of a daily report: as asked; one bare date is its day, none the last with data."""
    return _days_of(1, start, end, moments, zone, day_start)


def week_of(
    start: Optional[str],
    end: Optional[str],
    moments: list[datetime],
    zone: ZoneInfo,
    day_start: time,
) -> Period:
    """The period of a weekly report: as asked, else seven reporting days from or to a date."""
    return _days_of(7, start, end, moments, zone, day_start)


def _days_of(
    count: int, start, end, moments: list[datetime], zone: ZoneInfo, day_start: time
) -> Period:
    if start and end:
        return period_of(start, end, moments, zone, day_start)
    only = (start or end or "").strip()
    if only and not BARE_DATE.match(only):
        raise CeasefireError(
            "A report with one moment has no length. Give both FROM and TO, or one date."
        )
    others = timedelta(days=count - 1)
    if start:
        last = (date.fromisoformat(only) + others).isoformat()
        return period_of(only, last, moments, zone, day_start)
    if end:
        first = (date.fromisoformat(only) - others).isoformat()
        return period_of(first, only, moments, zone, day_start)
    latest = period_of(None, None, [max(moments)] if moments else [], zone, day_start)
    local = latest.start.astimezone(zone).replace(tzinfo=None) - others
    return dataclasses.replace(latest, start=local.replace(tzinfo=zone).astimezone(timezone.utc))


def _floor(instant: datetime, zone: ZoneInfo, day_start: time) -> datetime:
    local = instant.astimezone(zone)
    day = local.date() - timedelta(days=1 if local.time() < day_start else 0)
    return datetime.combine(day, day_start, tzinfo=zone).astimezone(timezone.utc)


def _ceiling(instant: datetime, zone: ZoneInfo, day_start: time) -> datetime:
    start = _floor(instant, zone, day_start).astimezone(zone).replace(tzinfo=None)
    return (start + timedelta(days=1)).replace(tzinfo=zone).astimezone(timezone.utc)
