"""The part of the plugin that feeds and alerts are: put together and taken apart as a whole."""

from __future__ import annotations

from qgis.PyQt.QtCore import QObject, Qt

from .commands import Commands
from .feed_commands import FeedCommands
from .feed_session import FeedSession
from .feed_watch import FeedWatch, Unheard
from .feeds_dock import FeedsDock
from .icons import icon
from .ledger_session import LedgerSession
from .runner import Runner

IN_MENU = ("feed_add", "feed_fetch_all", "alert_rule", "alert_sound", "offline")


class FeedsPart(QObject):
    """Session, watch, commands and panel of feeds; ``toggle`` shows and hides the panel."""

    def __init__(self, iface, session: LedgerSession, commands: Commands, runner: Runner, beside):
        super().__init__(iface.mainWindow())
        self._iface = iface
        self.runner = Runner(iface.mainWindow(), Unheard())
        self.session = FeedSession(session)
        self.watch = FeedWatch(
            self.session, self.runner, lambda: runner.busy() or session.is_reading()
        )
        self.commands = FeedCommands(iface, session, runner, self.session, self.watch)
        self.dock = FeedsDock(
            self.session, self.watch, self.commands, commands, self.runner, iface, beside
        )
        iface.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, self.dock)
        self.toggle = self.dock.toggleViewAction()
        self.toggle.setIcon(icon("feeds"))
        self.toggle.setText(self.tr("Feeds and alerts"))
        self.toggle.setToolTip(self.tr("Show or hide the panel of feeds and alerts"))

    def add_to_menu(self, name: str) -> None:
        """Add the panel's switch and what needs no chosen feed to the plugin's menu."""
        self._iface.addPluginToMenu(name, self.toggle)
        for action in IN_MENU:
            self._iface.addPluginToMenu(name, self.commands.actions[action])

    def unload(self, name: str) -> None:
        """Stop what runs and take everything back."""
        self.watch.unload()
        self.runner.close()
        self.session.unload()
        self.dock.unload()
        self._iface.removePluginMenu(name, self.toggle)
        for action in IN_MENU:
            self._iface.removePluginMenu(name, self.commands.actions[action])
        self._iface.removeDockWidget(self.dock)
        self.commands.unload()
        for part in (self.dock, self.commands, self.watch, self.session, self.runner, self):
            part.deleteLater()
