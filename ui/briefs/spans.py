"""The spans that a brief is usually asked for, in the theatre's reporting days."""

from __future__ import annotations

from typing import Iterable, Optional, Tuple

from qgis.PyQt.QtCore import QDate, QDateTime

from ..local_time import LocalTime

LAST_DAY, WEEK, MONTH, ALL, OWN = "last_day", "week", "month", "all", "own"


def reporting_day(seconds: float, clock: LocalTime) -> QDate:
    """The reporting day in which an instant lies."""
    local = QDateTime.fromSecsSinceEpoch(int(seconds), clock.zone).date()
    days = [local.addDays(step) for step in (1, 0, -1)]
    return next((day for day in days if clock.day_start(day) <= seconds), days[-1])


def days_of(
    span: str, moments: Iterable[Optional[float]], clock: LocalTime
) -> Tuple[Optional[QDate], Optional[QDate]]:
    """First and last day of a span that ends with the last day with data; None where open."""
    known = [moment for moment in moments if moment is not None]
    if span in (ALL, OWN) or not known:
        return None, None
    last = reporting_day(max(known), clock)
    if span == WEEK:
        return last.addDays(-6), last
    if span == MONTH:
        return last.addMonths(-1).addDays(1), last
    return last, last
