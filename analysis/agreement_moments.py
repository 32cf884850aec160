"""A moment as an agreement writes it (a date, a time, D+14, H+72), read in its own time zone."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from typing import Optional
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ..model.agreement import Timing
from ..model.errors import CeasefireError

_CLOCK = r"(?P<clock>([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?)"
_OFFSET = r"(?P<offset>Z|[+-]\d{2}:\d{2})"
DATED = re.compile(rf"(?P<date>\d{{4}}-\d{{2}}-\d{{2}})([T ]{_CLOCK}\s*{_OFFSET}?)?", re.ASCII)
NUMBERED = re.compile(rf"D(?P<number>[+-]\d{{1,5}})?( {_CLOCK})?", re.ASCII)
HOURS = re.compile(r"H(?P<hours>[+-]\d{1,6})?", re.ASCII)
CLOCK = re.compile(_CLOCK, re.ASCII)
SECOND = timedelta(seconds=1)


def zone_of(timing: Timing) -> tzinfo:
    """The agreement's time zone. Raises CeasefireError for a name that is not known here."""
    try:
        return ZoneInfo(timing.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CeasefireError(
            f"There is no time zone “{timing.timezone}”. Give a name such as Europe/Kyiv."
        ) from None


def is_relative(text: str) -> bool:
    """Whether a moment is counted from D-day or H-hour."""
    return text[:1] in ("D", "H")


def moment_start(timing: Timing, text: str) -> datetime:
    """The UTC moment at which what ``text`` names begins: a day at its midnight, D-day at H-hour.

    Raises CeasefireError where the text is no moment, or D-day is not known.
    """
    day, clock, exact = _read(timing, text)
    if exact is not None:
        return exact
    if clock is None and is_relative(text) and day == _d_day(timing):
        return h_hour(timing)
    return local_moment(datetime.combine(day, clock or time()), zone_of(timing))


def moment_end(timing: Timing, text: str) -> datetime:
    """The UTC moment until which what ``text`` names lasts: a bare day to the next midnight."""
    day, clock, exact = _read(timing, text)
    if exact is not None:
        return exact
    if clock is None:
        return local_moment(datetime.combine(day + timedelta(days=1), time()), zone_of(timing))
    return local_moment(datetime.combine(day, clock), zone_of(timing), latest=True)


def h_hour(timing: Timing) -> datetime:
    """H-hour on D-day as a UTC moment. Raises CeasefireError without a D-day."""
    clock = time.fromisoformat(timing.h_hour) if timing.h_hour else time()
    return local_moment(datetime.combine(_d_day(timing), clock), zone_of(timing))


def local_moment(local: datetime, zone: tzinfo, latest: bool = False) -> datetime:
    """A naive local time in UTC. Of a doubled hour the first, or with ``latest`` the second.

    A time that the clocks leave out is the moment at which they are put forward.
    """
    first = local.replace(tzinfo=zone, fold=0).astimezone(timezone.utc)
    second = local.replace(tzinfo=zone, fold=1).astimezone(timezone.utc)
    if first == second:
        return first
    if first < second:
        return second if latest else first
    return _put_forward(second, first, zone)


def _put_forward(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    """The UTC second between two moments from which the zone's later offset holds."""
    later = after.astimezone(zone).utcoffset()
    while after - before > SECOND:
        middle = before + timedelta(seconds=int((after - before).total_seconds()) // 2)
        if middle.astimezone(zone).utcoffset() == later:
            after = middle
        else:
            before = middle
    return after


def _read(timing: Timing, text: str):
    """``(day, clock or None, None)``, or ``(None, None, UTC moment)`` where that is told."""
    try:
        dated = DATED.fullmatch(text)
        if dated:
            return _dated(dated)
        numbered = NUMBERED.fullmatch(text)
        if numbered:
            return _numbered_day(timing, numbered), _clock(numbered), None
        hours = HOURS.fullmatch(text)
        if hours:
            return None, None, h_hour(timing) + timedelta(hours=int(hours["hours"] or 0))
    except (ValueError, OverflowError):
        raise CeasefireError(f"“{text}” is no moment that the calendar has.") from None
    raise CeasefireError(
        f"“{text}” is no moment; write 2025-09-01, 2025-09-01 04:00, D+14, D+14 18:00 or H+72."
    )


def _dated(match):
    day = date.fromisoformat(match["date"])
    if not 1800 <= day.year <= 2999:
        raise CeasefireError(f"“{match['date']}” is not between the years 1800 and 2999.")
    if not match["offset"]:
        return day, _clock(match), None
    told = match["offset"].replace("Z", "+00:00")
    seconds = match["clock"] if match["clock"].count(":") == 2 else match["clock"] + ":00"
    moment = datetime.fromisoformat(f"{match['date']}T{seconds}{told}")
    return None, None, moment.astimezone(timezone.utc)


def _clock(match) -> Optional[time]:
    return time.fromisoformat(match["clock"]) if match["clock"] else None


def _d_day(timing: Timing) -> date:
    if not timing.d_day:
        raise CeasefireError("D-day is not given (key “d_day” of the timing).")
    return date.fromisoformat(timing.d_day)


def _numbered_day(timing: Timing, match) -> date:
    if match["number"] is None:
        return _d_day(timing)
    number = int(match["number"])
    if number == 0 and timing.first_day_number == 1:
        raise CeasefireError("there is no D+0 where D-day is D+1 (first_day_number is 1).")
    # Without a D+0 the day before D-day is D-1 in both numberings.
    passed = number - timing.first_day_number if number > 0 else number
    return _d_day(timing) + timedelta(days=passed)
