"""Keeps feeds in step while QGIS is open: one at a time, when its turn is, as a task."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Callable, Dict, Optional

from qgis.core import Qgis, QgsMessageLog
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from ..processing.feeds.auth_database import is_locked
from ..processing.feeds.client import is_offline
from .feed_row import FeedRow
from .feed_session import FeedSession
from .job import Outcome, Run
from .runner import Runner

EVERY_MS = 5000
# What was read longer ago is read again before a feed is fetched: others may have fetched it.
STALE_S = 10
# The timer stood still for so long: the computer slept, and its network needs a moment.
SLEPT_S = 60
AFTER_SLEEP_S = 15
# How long a feed without an interval is left alone after a fetch.
USUAL = timedelta(minutes=5)
FETCH, RAISE = "ceasefire:fetchfeed", "ceasefire:raisealerts"
LOG = "Ceasefire Monitor"


class Unheard:
    """A message bar for the watch's runner: what it says is said by the watch, or by the list."""

    def pushMessage(self, *_message) -> None:  # noqa: N802 (as QGIS has it)
        """Say nothing."""


class FeedWatch(QObject):
    """Looks every few seconds whose turn it is. ``changed``: what runs, or what was said, changed.

    ``runner`` is this watch's own (with an ``Unheard`` bar); nothing is started while ``busy`` says
    that the ledger is being written otherwise. A feed that was missed, however often, is fetched
    once. ``asked_ended`` carries the feed and the Run of a fetch that somebody asked for.
    """

    changed = pyqtSignal()
    asked_ended = pyqtSignal(object, object)

    def __init__(self, feeds: FeedSession, runner: Runner, busy: Callable[[], bool]):
        super().__init__(feeds)
        self.fetching: Optional[str] = None
        self._feeds = feeds
        self._runner = runner
        self._busy = busy
        self._path: Optional[str] = None
        # When each feed was last tried here, by this watch's own clock: whatever the ledger knows
        # of that fetch (it may have failed before a status was written, or another clock may have
        # signed it), it is not tried again at once.
        self._tried: Dict[str, datetime] = {}
        self._trouble: Dict[str, str] = {}
        self._queue: list = []
        self._last_look: Optional[datetime] = None
        self._rest_until: Optional[datetime] = None
        # The ledger in which alerts may have to be raised.
        self._alerts_in: Optional[str] = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self.look)
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self.look)
        feeds.changed.connect(self._ledger_changed)
        feeds.read_ended.connect(self.look)
        self._timer.start()

    def unload(self) -> None:
        """Look no more."""
        self._timer.stop()
        self._soon.stop()
        self.blockSignals(True)
        self._feeds.changed.disconnect(self._ledger_changed)
        self._feeds.read_ended.disconnect(self.look)

    def look(self) -> None:
        """Fetch what was asked for, else the feed that has been due the longest."""
        now = self._feeds.now()
        self._mind_sleep(now)
        if self._runner.busy() or self._busy() or self._feeds.path() is None:
            return
        if self._raise_alerts():
            return
        if self._queue:
            self._fetch(self._queue.pop(0), by_itself=False)
            return
        row = self._due(now)
        if row is None or self._feeds.is_reading():
            return
        read_at = self._feeds.read_at
        if read_at is None or (now - read_at).total_seconds() > STALE_S:
            self._feeds.read()
            return
        self._fetch(row.feed, by_itself=True)

    def fetch(self, feeds: list) -> None:
        """Fetch these now, one after the other, whatever their turn is."""
        waiting = {feed.feed_id for feed in self._queue} | {self.fetching}
        self._queue += [feed for feed in feeds if feed.feed_id not in waiting]
        self.look()
        self.changed.emit()

    def cancel(self) -> None:
        """Stop the fetch that runs, and forget what waits behind it."""
        self._queue.clear()
        self._runner.cancel()

    def waiting(self) -> int:
        """How many feeds wait for the one that is being fetched."""
        return len(self._queue)

    def trouble(self, feed_id: str) -> str:
        """Why a feed could not be fetched here, where its status does not tell; else empty."""
        return self._trouble.get(feed_id, "")

    def next_run(self, row: FeedRow, now: Optional[datetime] = None) -> Optional[datetime]:
        """When a feed will be fetched by itself, ``now`` at the earliest; None: it will not be."""
        if not self._feeds.is_watched() or is_offline():
            return None
        turn = row.turn(now or self._feeds.now(), self._feeds.zone())
        tried = self._tried.get(row.feed.feed_id)
        if turn.at is None or tried is None:
            return turn.at
        minutes = row.feed.interval_minutes
        return max(turn.at, tried + (timedelta(minutes=minutes) if minutes else USUAL))

    def _due(self, now: datetime) -> Optional[FeedRow]:
        if not self._feeds.is_watched() or is_offline():
            return None
        if self._rest_until is not None and now < self._rest_until:
            return None
        locked = is_locked()
        due = []
        for row in self._feeds.rows:
            at = self.next_run(row, now)
            # One whose login cannot be read now waits; no window asks for the master password.
            if at is not None and at <= now and not (locked and row.needs_login()):
                due.append(row)
        return min(due, key=lambda row: row.last_success() or 0.0, default=None)

    def _mind_sleep(self, now: datetime) -> None:
        last, self._last_look = self._last_look, now
        if last is not None and (now - last).total_seconds() > SLEPT_S:
            self._rest_until = now + timedelta(seconds=AFTER_SLEEP_S)

    def _fetch(self, feed: Any, by_itself: bool) -> None:
        self.fetching = feed.feed_id
        ledger = self._feeds.path()
        parameters = {"FEED": feed.feed_name or feed.feed_id, "LEDGER": ledger}
        self._runner.run(
            FETCH,
            parameters,
            lambda run: self._fetched(feed, ledger, run, by_itself),
            history=not by_itself,
        )
        self.changed.emit()

    def _fetched(self, feed: Any, ledger: str, run: Run, by_itself: bool) -> None:
        self.fetching = None
        if ledger == self._feeds.path():
            self._keep_outcome(feed, run)
            # Also after a failure: what had come is in the ledger.
            self._alerts_in = ledger if run.outcome is not Outcome.CANCELLED else None
        self._feeds.read()
        self.changed.emit()
        if not by_itself:
            self.asked_ended.emit(feed, run)
        self._soon.start(0)

    def _keep_outcome(self, feed: Any, run: Run) -> None:
        self._tried[feed.feed_id] = self._feeds.now()
        if run.outcome is Outcome.FAILED:
            self._trouble[feed.feed_id] = run.sentence
        else:
            self._trouble.pop(feed.feed_id, None)

    def _raise_alerts(self) -> bool:
        """Start raising alerts where that is due; whether it was started."""
        if self._alerts_in is None or self._feeds.read_at is None:
            return False
        ledger, self._alerts_in = self._alerts_in, None
        if ledger != self._feeds.path() or not self._feeds.rules:
            return False
        return self._runner.run(RAISE, {"LEDGER": ledger}, self._raised, history=False)

    def _raised(self, run: Run) -> None:
        if run.outcome is Outcome.FAILED:
            QgsMessageLog.logMessage(run.sentence, LOG, Qgis.MessageLevel.Warning)
        self._feeds.read()
        self._soon.start(0)

    def _ledger_changed(self) -> None:
        if self._path != self._feeds.path():
            self._path = self._feeds.path()
            self._queue.clear()
            self._tried.clear()
            self._trouble.clear()
            # What was recorded before QGIS was closed may not have been told.
            self._alerts_in = self._path if self._feeds.is_watched() else None
        for row in self._feeds.rows:
            key = row.feed.feed_id
            success, tried = row.last_success(), self._tried.get(key)
            if success is not None and tried is not None and success > tried.timestamp():
                # Somebody else of the team has fetched it since.
                self._trouble.pop(key, None)
            row.trouble = self._trouble.get(key, "")
