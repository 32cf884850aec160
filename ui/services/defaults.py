"""What new ledgers and briefs begin with, as the Options keep it."""

from __future__ import annotations

from qgis.core import QgsSettings
from qgis.PyQt.QtCore import QTimeZone

ZONE_KEY = "ceasefire_monitor/default_timezone"
DAY_KEY = "ceasefire_monitor/default_reporting_day_start"
RELEASE_KEY = "ceasefire_monitor/default_release"
RELEASES = ("restricted", "confidential")


def default_zone() -> str:
    """The time zone that was chosen, else this computer's."""
    kept = QgsSettings().value(ZONE_KEY, "")
    return kept or bytes(QTimeZone.systemTimeZoneId()).decode() or "UTC"


def for_new_ledger() -> dict:
    """What the dialog of a new ledger begins with; the computer's own zone is no default there."""
    settings = QgsSettings()
    return {
        "TIMEZONE": settings.value(ZONE_KEY, "") or None,
        "REPORTING_DAY_START": settings.value(DAY_KEY, "") or None,
    }


def for_new_brief() -> dict:
    """What the dialog of a brief begins with."""
    kept = QgsSettings().value(RELEASE_KEY, RELEASES[0])
    return {"RELEASE": kept if kept in RELEASES else RELEASES[0]}
