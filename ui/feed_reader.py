"""Reads a ledger's feeds, their status and its open alerts in a task."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Callable, Dict, List, Optional

from qgis.core import QgsTask
from qgis.PyQt.QtCore import QCoreApplication

from ..model.errors import CeasefireError
from ..processing.ledger.place import ledger_place
from .feed_row import FeedRow


class FeedReader(QgsTask):
    """``ended`` gets the reader in the main thread; ``rows`` is None where it could not read."""

    def __init__(self, path: str, now: datetime, ended: Callable[[FeedReader], None]):
        super().__init__(
            QCoreApplication.translate("FeedReader", "Reading the feeds"),
            QgsTask.Flag.CanCancel | QgsTask.Flag.Silent | QgsTask.Flag.Hidden,
        )
        self.path = path
        self.rows: Optional[List[FeedRow]] = None
        self.alerts: list = []
        self.rules = 0
        self.sentence = ""
        self._now = now
        self._ended = ended
        self._place = None
        try:
            # What QGIS knows of connections belongs to the main thread.
            self._place = ledger_place(path)
        except CeasefireError as error:
            self.sentence = str(error)

    def run(self):
        if self.sentence:
            return False
        try:
            self._read()
        except CeasefireError as error:
            self.sentence = str(error)
        except Exception as error:  # a task that raises takes QGIS down with it
            self.sentence = QCoreApplication.translate(
                "FeedReader", "The feeds of “%1” could not be read (%2). Open the ledger again."
            )
            self.sentence = self.sentence.replace("%1", self.path).replace(
                "%2", type(error).__name__
            )
        return self.rows is not None

    def _read(self) -> None:
        from ..ledger.opening import open_ledger

        with open_ledger(self._place, readonly=True) as ledger:
            today = start_of_today(ledger.settings(), self._now)
            added = _added_since(ledger, today)
            feeds = sorted(ledger.feeds(), key=lambda feed: (feed.feed_name or "").casefold())
            rows = [
                FeedRow(feed, ledger.feed_status(feed.feed_id), added.get(feed.feed_id, 0))
                for feed in feeds
            ]
            alerts = [one for one in ledger.read("alerts") if one.acknowledged_at is None]
            self.rules = sum(1 for rule in ledger.read("alert_rules") if rule.enabled is not False)
            self.alerts = sorted(alerts, key=_raised, reverse=True)
        self.rows = rows

    def finished(self, result):
        self._ended(self)


def start_of_today(settings: dict, now: datetime) -> datetime:
    """When the theatre's reporting day began that ``now`` (aware) is in, in UTC."""
    from ..reports.period import clock, theatre_zone

    zone, starts = (
        theatre_zone(settings.get("timezone")),
        clock(settings.get("reporting_day_start")),
    )
    local = now.astimezone(zone)
    day = local.date() if local.time() >= starts else local.date() - timedelta(days=1)
    return datetime.combine(day, starts, tzinfo=zone).astimezone(timezone.utc)


def _added_since(ledger, moment: datetime) -> Dict[str, int]:
    """How many incidents each feed has added since then."""
    found: Dict[str, int] = {}
    for fetch in ledger.read("fetches", since=moment):
        if fetch.feed_id:
            found[fetch.feed_id] = found.get(fetch.feed_id, 0) + (fetch.added or 0)
    return found


def _raised(alert) -> datetime:
    return alert.raised_at or datetime.min.replace(tzinfo=timezone.utc)
