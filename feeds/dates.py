"""Dates and times as people write them, read into wall-clock readings without a time zone."""

from __future__ import annotations

import dataclasses
import re
from datetime import date, datetime, timedelta, timezone
from typing import Optional

from .clock import UnreadableDate, read_clock

FIRST_YEAR = 1900
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january",
            "feb february",
            "mar march",
            "apr april",
            "may",
            "jun june",
            "jul july",
            "aug august",
            "sep sept september",
            "oct october",
            "nov november",
            "dec december",
        ),
        start=1,
    )
    for name in names.split()
}
MONTH = r"(?P<month>" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\.?"
ISO = re.compile(r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?!\d)")
COMPACT = re.compile(r"(?P<y>(?:19|20|21|22)\d\d)(?P<m>[01]\d)(?P<d>[0-3]\d)(?!\d)")
NUMERIC = re.compile(
    r"(?<![\d/.-])(?P<a>\d{1,2})(?P<sep>[-/.])(?P<b>\d{1,2})(?P=sep)(?P<y>\d{4}|\d{2})(?!\d)"
)
DAY_MONTH = re.compile(
    r"(?P<d>\d{1,2})(?:st|nd|rd|th)?[-\s./]*"
    + MONTH
    + r"(?:[-\s,./]+(?P<y>\d{4}|\d{2}(?![:\d.h])))?(?!\w)",
    re.IGNORECASE,
)
MONTH_DAY = re.compile(
    MONTH + r"\s+(?P<d>\d{1,2})(?:st|nd|rd|th)?(?!\d)(?:,?\s+(?P<y>\d{4}))?", re.IGNORECASE
)
MONTH_YEAR = re.compile(MONTH + r"[\s,-]+(?P<y>\d{4})(?!\d)", re.IGNORECASE)
YEAR_MONTH = re.compile(r"(?P<y>\d{4})[-/](?P<m>\d{1,2})$")
YEAR = re.compile(r"(?P<y>\d{4})$")
WEEKDAY = re.compile(r"^(mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+(?=\d|[a-z])", re.IGNORECASE)
EPOCH = re.compile(r"-?\d{9,10}(\.\d+)?$|-?\d{12,13}$")
SERIAL = re.compile(r"[2-7]\d{4}(\.\d+)?$")
OFFSET = re.compile(
    r"\s*(?:(?P<z>Z|UTC|GMT)|(?P<sign>[+-])(?P<h>\d{2}):?(?P<m>\d{2})?)$", re.IGNORECASE
)
ISO_SHORT_OFFSET = re.compile(r"(T\d{2}:\d{2})([+-]\d{2}:?\d{2})$")
LOCAL_WORDS = re.compile(r"\s*\b(local time|local|lt)\.?$", re.IGNORECASE)
RANGE = re.compile(r"\s*(?:-|–|—|to|until|and)\s*", re.IGNORECASE)
NO_TIME = {"", "n/k", "nk", "n/a", "na", "-", "–", "—", "unknown", "not known", "null", "none", "?"}


@dataclasses.dataclass(frozen=True)
class Reading:
    """A wall-clock reading: from ``start`` until before ``end``, naive unless ``offset`` is known.

    ``precision`` is second, minute, hour, day, month or year. ``ambiguous``: day and month could
    stand either way. ``year_known``: False where the text bore no year (``start`` has the given).
    """

    start: datetime
    end: datetime
    precision: str
    offset: Optional[timedelta] = None
    ambiguous: bool = False
    midnight: bool = False
    is_range: bool = False


@dataclasses.dataclass(frozen=True)
class Day:
    """The date part: the first day, the day after the last, what is left of the text for a time."""

    first: date
    after: date
    precision: str
    rest: str
    ambiguous: bool = False


def read_moment(
    text: str, day_first: bool, year: Optional[int] = None, latest: int = 2100
) -> Reading:
    """A date, or date and time, or date and time range as a Reading.

    ``day_first`` settles 05/02/2014; ``year`` is for dates that bear none; years outside 1900 to
    ``latest`` raise UnreadableDate, as does all that is no date.
    """
    epoch = read_epoch(text, latest)
    if epoch is not None:
        return epoch
    text = ISO_SHORT_OFFSET.sub(r"\1:00\2", text)
    day = read_day(text, day_first, year, latest)
    if not day.rest or day.precision != "day":
        return whole_day(day)
    return with_time(day, day.rest)


def read_epoch(text: str, latest: int) -> Optional[Reading]:
    """Seconds or milliseconds since 1970 (UTC), or a spreadsheet's day number; else None."""
    if EPOCH.match(text):
        number = float(text)
        seconds = number / 1000 if abs(number) > 1e11 else number
        moment = datetime(1970, 1, 1) + timedelta(seconds=int(seconds))
        check_year(moment.year, latest)
        return Reading(moment, moment + timedelta(seconds=1), "second", timedelta(0))
    if not SERIAL.match(text):
        return None
    start = datetime(1899, 12, 30) + timedelta(seconds=round(float(text) * 86400))
    check_year(start.year, latest)
    if "." not in text:
        return Reading(start, start + timedelta(days=1), "day")
    return Reading(
        start.replace(second=0), start.replace(second=0) + timedelta(minutes=1), "minute"
    )


def read_day(text: str, day_first: bool, year: Optional[int], latest: int) -> Day:
    """The date in a text, wherever a time may stand beside it."""
    text = WEEKDAY.sub("", text.strip())
    for pattern, build in PATTERNS:
        found = pattern.match(text) or (pattern.search(text) if pattern in LATE else None)
        if found is None:
            continue
        rest = (text[: found.start()] + " " + text[found.end() :]).strip(" ,;T\u00a0\u202f")
        return build(found, rest, day_first, year, latest)
    raise UnreadableDate("this is not a date")


def _iso(found, rest, day_first, year, latest) -> Day:
    return one_day(int(found["y"]), int(found["m"]), int(found["d"]), rest, latest)


def _numeric(found, rest, day_first, year, latest) -> Day:
    a, b = int(found["a"]), int(found["b"])
    full = full_year(found["y"])
    either = a <= 12 and b <= 12 and a != b
    if a > 12 or (either and day_first):
        a, b = b, a
    day = one_day(full, a, b, rest, latest)
    return dataclasses.replace(day, ambiguous=True) if either else day


def _named(found, rest, day_first, year, latest) -> Day:
    known = full_year(found["y"]) if found["y"] else year
    if known is None:
        raise YearMissing("the date has no year")
    return one_day(known, MONTHS[found["month"].lower()], int(found["d"]), rest, latest)


def _month(found, rest, day_first, year, latest) -> Day:
    named = found.groupdict().get("month")
    month = MONTHS[named.lower()] if named else int(found["m"])
    first = one_day(int(found["y"]), month, 1, "", latest).first
    after = date(first.year + month // 12, month % 12 + 1, 1)
    return Day(first, after, "month", "")


def _year(found, rest, day_first, year, latest) -> Day:
    first = one_day(int(found["y"]), 1, 1, "", latest).first
    return Day(first, date(first.year + 1, 1, 1), "year", "")


class YearMissing(UnreadableDate):
    """A date without a year, and none was given for it."""


PATTERNS = (
    (ISO, _iso),
    (NUMERIC, _numeric),
    (YEAR_MONTH, _month),
    (DAY_MONTH, _named),
    (MONTH_DAY, _named),
    (MONTH_YEAR, _month),
    (COMPACT, _iso),
    (YEAR, _year),
)
LATE = {ISO, NUMERIC, DAY_MONTH, MONTH_DAY}


def full_year(text: str) -> int:
    """A year of two digits as one of four: 69 and below in this century."""
    number = int(text)
    return number + (2000 if number < 70 else 1900) if len(text) == 2 else number


def check_year(year: int, latest: int) -> None:
    """Raise where the year cannot be meant."""
    if not FIRST_YEAR <= year <= latest:
        raise UnreadableDate(f"the year {year} is outside {FIRST_YEAR} to {latest}")


def one_day(year: int, month: int, day: int, rest: str, latest: int) -> Day:
    """One calendar day; raises UnreadableDate where there is none such."""
    check_year(year, latest)
    try:
        first = date(year, month, day)
    except ValueError:
        raise UnreadableDate("there is no such day in the calendar") from None
    return Day(first, first + timedelta(days=1), "day", rest)


def whole_day(day: Day) -> Reading:
    """All of a day, month or year."""
    start = datetime(day.first.year, day.first.month, day.first.day)
    end = datetime(day.after.year, day.after.month, day.after.day)
    return Reading(start, end, day.precision, None, day.ambiguous)


def with_time(day: Day, time_text: str) -> Reading:
    """A day and the time or time range that stands beside it."""
    text = time_text.strip(" ,;()\u00a0\u202f")
    if text.lower() in NO_TIME:
        return whole_day(day)
    start_of_day = whole_day(day).start
    text, offset = without_offset(LOCAL_WORDS.sub("", text))
    parts = RANGE.split(
        re.sub(r"^(between|from|at|approx\.?|about|ca\.?|~)\s*", "", text, flags=re.I)
    )
    if len(parts) > 2:
        raise UnreadableDate("the time cannot be read")
    first, step, precision = read_clock(parts[0])
    start = start_of_day + timedelta(seconds=first)
    if len(parts) == 1:
        end = start + timedelta(seconds=step)
        return Reading(start, end, precision, offset, day.ambiguous, midnight=first == 0)
    last, _, _ = read_clock(parts[1])
    end = start_of_day + timedelta(seconds=last)
    if end < start:
        end += timedelta(days=1)
    if end == start:
        end = start + timedelta(seconds=step)
    return Reading(start, end, precision, offset, day.ambiguous, is_range=True)


def without_offset(text: str) -> tuple[str, Optional[timedelta]]:
    """A time without its offset from UTC, and that offset; 20:00-21:00 is a range, no offset."""
    zone = OFFSET.search(text)
    if zone is None:
        return text, None
    if zone["z"]:
        return text[: zone.start()].strip(), timedelta(0)
    if zone["sign"] == "-" and not re.match(r"\d{1,2}:\d{2}:\d{2}", text):
        return text, None
    offset = timedelta(hours=int(zone["h"]), minutes=int(zone["m"] or 0))
    if offset > timedelta(hours=14):
        return text, None
    return text[: zone.start()].strip(), -offset if zone["sign"] == "-" else offset


def year_now() -> int:
    """The latest year that is taken: next year, for forecasts and slow clocks."""
    return datetime.now(timezone.utc).year + 1
