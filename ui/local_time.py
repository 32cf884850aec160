"""Instants as the theatre's clocks show them."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import QDate, QDateTime, QLocale, QTimeZone

SHOWN = {"year": "yyyy", "month": "yyyy-MM", "week": "yyyy-MM-dd", "day": "yyyy-MM-dd"}
MINUTES = "yyyy-MM-dd HH:mm"


class LocalTime:
    """Turns seconds since 1970 (UTC) into texts of one time zone, and days into seconds.

    ``reporting_day_start`` is the local time, "HH:MM", at which the theatre's day begins.
    """

    def __init__(self, timezone: Optional[str], reporting_day_start: Optional[str] = None):
        self._day_starts = reporting_day_start
        zone = QTimeZone((timezone or "UTC").encode())
        self.zone = zone if zone.isValid() else QTimeZone(b"UTC")
        self.name = bytes(self.zone.id()).decode()

    def text(self, seconds: Optional[float], precision: Optional[str] = None) -> str:
        """An instant, shown no finer than it is known; empty where it is not known."""
        if seconds is None:
            return ""
        moment = QDateTime.fromSecsSinceEpoch(int(seconds), self.zone)
        return QLocale.c().toString(moment, SHOWN.get(precision or "", MINUTES))

    def day_start(self, day: QDate) -> float:
        """The first instant of a reporting day, as briefs count it."""
        from ..reports.period import clock, moment, theatre_zone

        zone, starts = theatre_zone(self.name), clock(self._day_starts)
        return moment(day.toString("yyyy-MM-dd"), zone, starts).timestamp()
