"""Dates and times of QGIS's attributes as moments in UTC, by the theatre's time zone."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from typing import Any, Iterable, Optional

from qgis.PyQt.QtCore import QDate, QDateTime, Qt, QVariant

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
    starts, ends, unreadable = spans_and_unreadable(values, zone)
    return starts, ends, len(unreadable)


def spans_and_unreadable(values: Iterable[Any], zone: tzinfo):
    """As ``spans_of``, but with the list of the rows that are neither in place of their number."""
    import numpy as np

    values = list(values)
    starts = np.full(len(values), "NaT", dtype="datetime64[us]")
    ends = starts.copy()
    kinds = set(map(type, values))
    if QDateTime in kinds:
        rows = [row for row, value in enumerate(values) if type(value) is QDateTime]
        starts[rows] = ends[rows] = _of_qdatetimes([values[row] for row in rows], zone)
    if kinds == {QDateTime}:
        return starts, ends, []
    return starts, ends, _read_one_by_one(values, zone, starts, ends)


def _read_one_by_one(values: list, zone: tzinfo, starts, ends) -> list[int]:
    """Fill in what is no QDateTime, each different text and date once; the unreadable rows."""
    from ...analysis.utc import instants

    seen: dict = {}
    unreadable: list[int] = []
    for row, value in enumerate(values):
        if value is None or type(value) is QDateTime:
            continue
        if type(value) is QVariant and value.isNull():
            continue
        key = value.toJulianDay() if type(value) is QDate else value
        if not isinstance(key, (str, int)):
            key = None
        span = seen.get(key) if key is not None else None
        if span is None:
            try:
                span = instants(span_of(value, zone))
            except Unreadable:
                unreadable.append(row)
                continue
            if key is not None:
                seen[key] = span
        starts[row], ends[row] = span
    return unreadable


def _of_qdatetimes(values: list, zone: tzinfo):
    """Dates with time as ``datetime64[us]`` in UTC; those without a zone are of ``zone``."""
    import numpy as np

    from ...analysis.utc import instants

    # By way of whole numbers: numpy takes ten times as long from a list to datetime64.
    milliseconds = np.array(list(map(QDateTime.toMSecsSinceEpoch, values)), dtype=np.int64)
    moments = milliseconds.view("datetime64[ms]").astype("datetime64[us]")
    specs = list(map(QDateTime.timeSpec, values))
    if set(specs) == {Qt.TimeSpec.UTC} and all(map(QDateTime.isValid, values)):
        return moments
    for row, spec in enumerate(specs):
        if spec == Qt.TimeSpec.LocalTime or not values[row].isValid():
            moments[row] = instants(_of_qdatetime(values[row], zone)[:1])[0]
    return moments


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


def written(value: Any) -> Optional[str]:
    """A date or time as the user wrote it; None where it is empty."""
    value = python_value(value)
    if isinstance(value, QDate):
        return value.toString(Qt.DateFormat.ISODate) if value.isValid() else None
    if isinstance(value, QDateTime):
        return value.toString(Qt.DateFormat.ISODate) if value.isValid() else None
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return str(value).strip() or None if value is not None else None


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
