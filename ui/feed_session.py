"""The feeds and open alerts of the ledger that is open, read anew whenever it changes."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Callable, List, Optional, Set

from qgis.core import QgsApplication, QgsSettings
from qgis.PyQt.QtCore import QObject, pyqtSignal

from .feed_reader import FeedReader
from .feed_row import FeedRow
from .ledger_session import LedgerSession

WATCHED_KEY = "ceasefire_monitor/watched_ledgers"


def utc_now() -> datetime:
    """The time, aware."""
    return datetime.now(timezone.utc)


class FeedSession(QObject):
    """Follows the ledger's session. ``changed``: rows or alerts are others; ``alerted``: new ones.

    ``alerted`` carries the alerts that were not there at the last reading of the same ledger, be
    they raised here or by somebody else of the team.
    """

    changed = pyqtSignal()
    alerted = pyqtSignal(list)
    read_ended = pyqtSignal()

    def __init__(self, ledger: LedgerSession, now: Callable[[], datetime] = utc_now):
        super().__init__(ledger)
        self.rows: List[FeedRow] = []
        self.alerts: list = []
        self.rules = 0
        self.sentence = ""
        self.now = now
        self.read_at: Optional[datetime] = None
        self._ledger = ledger
        self._path: Optional[str] = None
        self._seen: Optional[Set[str]] = None
        self._reader: Optional[FeedReader] = None
        # A task without a reference in Python loses its Python half, even while it is cancelled.
        self._running: set = set()
        self._again = False
        ledger.changed.connect(self.read)

    def path(self) -> Optional[str]:
        """The ledger whose feeds these are; None where none is open."""
        return self._path

    def clock(self):
        """The theatre's clocks."""
        return self._ledger.clock

    def zone(self):
        """The theatre's time zone, in which quiet hours are."""
        from ..feeds.span import time_zone

        return time_zone(self._ledger.clock.name)

    def is_reading(self) -> bool:
        """Whether the feeds are being read."""
        return self._reader is not None

    def read(self) -> None:
        """Read feeds and alerts of the open ledger; what is being read is read once more."""
        if self._ledger.path != self._path:
            self._forget(self._ledger.path)
        if self._path is None:
            return
        if self._reader is not None:
            self._again = True
            return
        reader = FeedReader(self._path, self.now(), self._read)
        self._reader = reader
        self._running.add(reader)
        QgsApplication.taskManager().addTask(reader)

    def unload(self) -> None:
        """Stop reading; nothing is told any more."""
        self.blockSignals(True)
        self._ledger.changed.disconnect(self.read)
        self._forget(None)

    # Whether this QGIS keeps the ledger's feeds in step

    def is_watched(self) -> bool:
        """Whether feeds of this ledger are fetched by themselves on this computer."""
        return self._path is not None and self._path in _watched()

    def set_watched(self, watched: bool) -> None:
        """Fetch the feeds of this ledger by themselves on this computer, or do not."""
        if self._path is None or watched == self.is_watched():
            return
        others = [path for path in _watched() if path != self._path]
        QgsSettings().setValue(WATCHED_KEY, [*others, self._path] if watched else others)
        self.changed.emit()

    def _forget(self, path: Optional[str]) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.cancel()
        self._path, self._seen, self._again = path, None, False
        self.rows, self.alerts, self.rules, self.sentence = [], [], 0, ""
        self.read_at = None
        self.changed.emit()

    def _read(self, reader: FeedReader) -> None:
        self._running.discard(reader)
        if reader is not self._reader:
            return
        self._reader = None
        again, self._again = self._again, False
        self.sentence = reader.sentence
        if reader.rows is not None:
            self.rows, self.alerts, self.rules = reader.rows, reader.alerts, reader.rules
            self.read_at = self.now()
            fresh = self._fresh()
            self.changed.emit()
            if fresh:
                self.alerted.emit(fresh)
        self.read_ended.emit()
        if again:
            self.read()

    def _fresh(self) -> list:
        """Alerts that the last reading had not; none at the first, which finds what stood there."""
        seen, self._seen = self._seen, {alert.alert_id for alert in self.alerts}
        if seen is None:
            return []
        return [alert for alert in self.alerts if alert.alert_id not in seen]


def _watched() -> List[str]:
    kept = QgsSettings().value(WATCHED_KEY, []) or []
    return [kept] if isinstance(kept, str) else list(kept)
