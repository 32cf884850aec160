"""Moments as the theatre's people write them: in the zone and the reporting day of a ledger."""

from __future__ import annotations

from datetime import datetime, time, timezone, tzinfo
from typing import Optional

from qgis.core import QgsProcessingParameterString


class TheatreTime:
    """Reads moments in TIMEZONE or, where that is empty, in the ledger's zone."""

    def __init__(self, given: Optional[str], settings: dict):
        from ...reports.period import clock, theatre_zone

        self.zone: tzinfo = theatre_zone((given or "").strip() or settings.get("timezone"))
        self.day_start: time = clock(settings.get("reporting_day_start"))

    def moment(self, text: str, closing: bool) -> Optional[datetime]:
        """A date or date-time as a UTC moment; None where it is empty.

        A bare date is its reporting day: its start or, with ``closing``, its end.
        """
        from ...reports.period import moment

        return moment(text, self.zone, self.day_start, closing) if text.strip() else None

    def past(self, text: str) -> datetime:
        """The moment of a closing date or date-time; now where it is empty."""
        return self.moment(text, closing=True) or datetime.now(timezone.utc)

    def words(self, moment: datetime) -> str:
        """A moment for the log, with the zone's name."""
        return f"{moment.astimezone(self.zone):%Y-%m-%d %H:%M:%S} ({self.zone})"


def zone_parameter(algorithm, name: str):
    """The parameter that holds the time zone, and its help."""
    return (
        QgsProcessingParameterString(name, algorithm.tr("Time zone"), optional=True),
        algorithm.tr("The theatre's, as Africa/Nairobi; where empty, the ledger's, else UTC."),
    )
