"""Dates and times of QGIS's attributes as moments in UTC, by the theatre's time zone."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from typing import Any, Iterable, Optional

from qgis.PyQt.QtCore import QDate, QDateTime, Qt

from ..fields import python_value

DAY = re.compile(r"^\s*(\d{4})-?(\d{2})-?(\d{2})\s*$")
MOMENT = re.compile(
    r"^\s*(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(:\d{2})?(\.\d+)?\s*(Z|[+-]\d{2}:?\d{2})?\s*$", re.I
)


class Unreadable(ValueError):
    """A value that is no date and no time."""


def spans_of(values: Iterable[Any], zone: tzinfo):
    """The moments that values mean: ``(starts, ends, unreadable)``.

    ``starts`` and ``ends`` are ``datetime64[us]`` in UTC: a bare date is the whole local day, a
    date and time is a moment (both the same); NaT where not known. Times without a zone are the
    theatre's. ``unreadable`` counts the values that are neither.
    """
    from ...analysis.utc import instants

    seen: dict = {}
    starts, ends = [], []
    unreadable = 0
    for value in values:
        key = value if isinstance(value, str) else None
        if key is not None and key in seen:
            start, end = seen[key]
        else:
            try:
                start, end = span_of(value, zone)
            except Unreadable:
                unreadable += 1
                start = end = None
            else:
                if key is not None:
                    seen[key] = (start, end)
        starts.append(start)
        ends.append(end)
    return instants(starts), instants(ends), unreadable


def span_of(value: Any, zone: tzinfo) -> tuple[Optional[datetime], Optional[datetime]]:
    """The start and end (aware) that one value means; None, None where it is empty."""
    value = python_value(value)
    if value is None:
        return None, None
    if isinstance(value, QDateTime):
        return _of_qdatetime(value, zone)
    if isinstance(value, QDate):
        return _day(value.toPyDate(), zone) if value.isValid() else (None, None)
    if isinstance(value, datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=zone)
        return moment, moment
    if isinstance(value, date):
        return _day(value, zone)
    if isinstance(value, str):
        return _of_text(value, zone)
    raise Unreadable(value)


def _of_qdatetime(value: QDateTime, zone: tzinfo):
    if not value.isValid():
        return None, None
    if value.timeSpec() == Qt.TimeSpec.LocalTime:
        moment = value.toPyDateTime().replace(tzinfo=zone)
        return moment, moment
    milliseconds = value.toMSecsSinceEpoch()
    moment = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(milliseconds=milliseconds)
    return moment, moment


def _of_text(text: str, zone: tzinfo):
    if not text.strip():
        return None, None
    try:
        match = DAY.match(text)
        if match:
            return _day(date(*(int(part) for part in match.groups())), zone)
        match = MOMENT.match(text)
        if not match:
            raise Unreadable(text)
        day, minute, second, fraction, offset = match.groups()
        micro = ((fraction or ".0") + "000000")[:7]
        naive = datetime.fromisoformat(f"{day}T{minute}{second or ':00'}{micro}")
        moment = naive.replace(tzinfo=_offset(offset, zone))
    except ValueError as error:
        raise Unreadable(text) from error
    return moment, moment


def _offset(text: Optional[str], zone: tzinfo) -> tzinfo:
    if text is None:
        return zone
    if text.upper() == "Z":
        return timezone.utc
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[-2:])))


def _day(day: date, zone: tzinfo):
    try:
        following = day + timedelta(days=1)
    except OverflowError as error:
        raise Unreadable(day) from error
    return datetime.combine(day, time(), zone), datetime.combine(following, time(), zone)
