"""What the panel of feeds and its menu can do. Each runs an algorithm or opens its dialog."""

from __future__ import annotations

from typing import Any, Callable, Dict, Optional

from qgis.core import Qgis, QgsSettings
from qgis.PyQt.QtCore import QObject
from qgis.PyQt.QtWidgets import QAction

from ..processing.feeds.client import OFFLINE_KEY, is_offline
from .alert_notice import SOUND_KEY
from .algorithm_dialogs import AlgorithmDialogs
from .feed_row import FeedRow
from .feed_session import FeedSession
from .feed_watch import FeedWatch
from .icons import icon
from .job import Outcome, Run
from .ledger_session import LedgerSession
from .runner import Runner

# The field of a feed behind each parameter of “Add a feed” that its dialog shows again.
PARAMETERS = {
    "NAME": "feed_name",
    "INTERVAL": "interval_minutes",
    **{
        name.upper(): name
        for name in (
            *("source", "address", "options", "authcfg", "preset", "mapping", "timezone"),
            *("quiet_from", "quiet_to", "redistribution", "attribution", "notes"),
        )
    },
}
YES_NO = {True: "yes", False: "no"}
# Counts of a fetch in the order of the sentence that tells them.
TOLD = ("ADDED", "CHANGED", "WITHDRAWN", "REAPPEARED")


class FeedCommands(QObject):
    """The actions, by name in ``actions``. ``chosen`` gives the row of the panel; None: none."""

    def __init__(
        self, iface, session: LedgerSession, runner: Runner, feeds: FeedSession, watch: FeedWatch
    ):
        super().__init__(iface.mainWindow())
        self.chosen: Callable[[], Optional[FeedRow]] = lambda: None
        self._bar = iface.messageBar()
        self._session = session
        self._runner = runner
        self._feeds = feeds
        self._watch = watch
        self._dialogs = AlgorithmDialogs(iface, self)
        self.actions: Dict[str, QAction] = {}
        self._make_actions()
        feeds.changed.connect(self.enable)
        watch.changed.connect(self.enable)
        watch.asked_ended.connect(self._fetched)
        runner.started.connect(self.enable)
        runner.finished.connect(self.enable)
        self.enable()

    # The feeds

    def add(self) -> None:
        """Open the dialog that adds a feed."""
        parameters = {"LEDGER": self._feeds.path(), "TIMEZONE": self._session.clock.name}
        self._dialogs.show("ceasefire:addfeed", parameters, self._added)

    def change(self) -> None:
        """Open the same dialog for the chosen feed, filled in."""
        row = self.chosen()
        if row is not None:
            values = {name: getattr(row.feed, field) for name, field in PARAMETERS.items()}
            self._dialogs.show(
                "ceasefire:addfeed", {**values, "LEDGER": self._feeds.path()}, self._added
            )

    def test(self) -> None:
        """Try the chosen feed without writing."""
        row = self.chosen()
        if row is not None:
            self._runner.run(
                "ceasefire:testfeed",
                {"FEED": row.name(), "LEDGER": self._feeds.path()},
                self._tested,
            )

    def fetch(self) -> None:
        """Fetch the chosen feed now."""
        row = self.chosen()
        if row is not None:
            self._watch.fetch([row.feed])

    def fetch_all(self) -> None:
        """Fetch every feed that is not paused, one after the other."""
        self._watch.fetch([row.feed for row in self._feeds.rows if row.feed.enabled is not False])

    def pause(self) -> None:
        """Pause the chosen feed, or resume it."""
        row = self.chosen()
        if row is None:
            return
        parameters = {
            "LEDGER": self._feeds.path(),
            "NAME": row.name(),
            "SOURCE": row.feed.source,
            "ENABLED": YES_NO[row.feed.enabled is False],
            "WHY": self.tr("resumed") if row.feed.enabled is False else self.tr("paused"),
        }
        self._runner.run("ceasefire:addfeed", parameters, lambda run: self._feeds.read())

    def rule(self) -> None:
        """Open the dialog that makes a rule for alerts."""
        self._dialogs.show(
            "ceasefire:alertrule", {"LEDGER": self._feeds.path()}, lambda _: self._feeds.read()
        )

    def acknowledge(self, alerts: list) -> None:
        """Say that alerts were seen."""
        if alerts:
            self._runner.run(
                "ceasefire:acknowledgealerts",
                {
                    "LEDGER": self._feeds.path(),
                    "ALERTS": ";".join(one.alert_id for one in alerts),
                },
                lambda run: self._feeds.read(),
            )

    def unload(self) -> None:
        """Take back every action and dialog."""
        self._dialogs.unload()
        for action in self.actions.values():
            action.deleteLater()
        self.actions.clear()

    # What comes after

    def _added(self, _results: Dict[str, Any]) -> None:
        if not self._feeds.rows:
            self._feeds.set_watched(True)
        self._feeds.read()

    def _tested(self, run: Run) -> None:
        if run.outcome is not Outcome.DONE:
            return
        report = run.results.get("REPORT") or self.tr("The feed could be read.")
        works = bool(run.results.get("WORKS", 1))
        level = Qgis.MessageLevel.Success if works else Qgis.MessageLevel.Warning
        # The first line says whether it works, the button shows all of them.
        first, _, more = report.partition("\n")
        title = self.tr("Ceasefire Monitor")
        if more:
            self._bar.pushMessage(title, first, report, level, 0)
        else:
            self._bar.pushMessage(title, first, level, 0)

    def _fetched(self, feed: Any, run: Run) -> None:
        """Tell how a fetch went that somebody asked for."""
        if run.outcome is Outcome.CANCELLED:
            return
        if run.outcome is Outcome.FAILED:
            self._say(run.sentence, False)
            return
        words = self.tr("“%0”: %1 added, %2 changed, %3 withdrawn, %4 reappeared.")
        for place, name in enumerate(TOLD, start=1):
            words = words.replace(f"%{place}", f"{run.results.get(name) or 0:,}")
        if not run.results.get("COMPLETE", 1):
            words += " " + self.tr("Not everything came; the next fetch goes on.")
        self._say(words.replace("%0", feed.feed_name or ""), True)

    def _say(self, sentence: str, well: bool) -> None:
        level = Qgis.MessageLevel.Success if well else Qgis.MessageLevel.Critical
        # Zero stays until it is closed, -1 for as long as QGIS's settings say.
        self._bar.pushMessage(self.tr("Ceasefire Monitor"), sentence, level, -1 if well else 0)

    # The actions

    def set_offline(self, offline: bool) -> None:
        """Make no connection at all from now on, or make them again."""
        QgsSettings().setValue(OFFLINE_KEY, offline)
        if offline:
            self._watch.cancel()
        self._feeds.changed.emit()

    def enable(self, *_) -> None:
        """Offer what can be done now."""
        if not self.actions:
            return
        opened, row, idle = self._feeds.path() is not None, self.chosen(), not self._runner.busy()
        offline = is_offline()
        for name in ("feed_add", "alert_rule"):
            self.actions[name].setEnabled(opened and idle)
        for name in ("feed_change", "feed_pause"):
            self.actions[name].setEnabled(row is not None and idle)
        self.actions["feed_test"].setEnabled(row is not None and idle and not offline)
        running = row is not None and row.feed.feed_id == self._watch.fetching
        self.actions["feed_fetch"].setEnabled(row is not None and not running and not offline)
        self.actions["feed_fetch_all"].setEnabled(bool(self._feeds.rows) and not offline)
        paused = row is not None and row.feed.enabled is False
        self.actions["feed_pause"].setText(self.tr("Resume") if paused else self.tr("Pause"))
        self.actions["feed_watch"].setEnabled(bool(self._feeds.rows))
        for name, checked in (("feed_watch", self._feeds.is_watched()), ("offline", offline)):
            self.actions[name].blockSignals(True)
            self.actions[name].setChecked(checked)
            self.actions[name].blockSignals(False)
        # What the environment forbids, a button cannot allow.
        forced = offline and not QgsSettings().value(OFFLINE_KEY, False, bool)
        self.actions["offline"].setEnabled(not forced)

    def _make_actions(self) -> None:
        for name, text, slot, tip in self._buttons():
            self._add(name, text, tip).triggered.connect(lambda *_, slot=slot: slot())
        for name, text, slot, tip in self._switches():
            action = self._add(name, text, tip)
            action.setCheckable(True)
            action.toggled.connect(slot)
        self.actions["alert_sound"].blockSignals(True)
        self.actions["alert_sound"].setChecked(QgsSettings().value(SOUND_KEY, False, bool))
        self.actions["alert_sound"].blockSignals(False)

    def _buttons(self) -> tuple:
        """Name, text, what it does, and tooltip of what is pressed."""
        return (
            (
                "feed_add",
                self.tr("Add feed…"),
                self.add,
                self.tr("Say where reports come from; the open ledger is kept in step with it"),
            ),
            (
                "feed_change",
                self.tr("Change…"),
                self.change,
                self.tr("Change address, options, interval or quiet hours of the chosen feed"),
            ),
            (
                "feed_test",
                self.tr("Test"),
                self.test,
                self.tr("Try the chosen feed without writing: is it there, and what does it have?"),
            ),
            (
                "feed_fetch",
                self.tr("Fetch now"),
                self.fetch,
                self.tr("Bring the ledger in step with the chosen feed"),
            ),
            (
                "feed_fetch_all",
                self.tr("Fetch all"),
                self.fetch_all,
                self.tr("Fetch every feed that is not paused, one after the other"),
            ),
            (
                "feed_pause",
                self.tr("Pause"),
                self.pause,
                self.tr("Fetch the chosen feed no more by itself, or do so again"),
            ),
            (
                "alert_rule",
                self.tr("Alert rule…"),
                self.rule,
                self.tr("Say of which new incidents you want to be told at once"),
            ),
        )

    def _switches(self) -> tuple:
        """Name, text, what it does, and tooltip of what is on or off."""
        return (
            (
                "feed_watch",
                self.tr("Keep in step"),
                self._feeds.set_watched,
                self.tr("On this computer, fetch the ledger's feeds by themselves when due"),
            ),
            (
                "offline",
                self.tr("Offline"),
                self.set_offline,
                self.tr("Make no connection at all"),
            ),
            (
                "alert_sound",
                self.tr("Sound with alerts"),
                lambda on: QgsSettings().setValue(SOUND_KEY, on),
                self.tr("Beep when an alert is raised"),
            ),
        )

    def _add(self, name: str, text: str, tip: str) -> QAction:
        picture = {"feed_change": "feeds", "alert_rule": "alert", "alert_sound": "alert"}
        action = QAction(icon(picture.get(name, name)), text, self)
        action.setObjectName(f"ceasefire_monitor_{name}")
        action.setToolTip(tip)
        action.setStatusTip(tip)
        self.actions[name] = action
        return action
