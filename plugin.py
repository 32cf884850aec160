"""The plugin: the one place where its parts are put together and taken apart."""

from __future__ import annotations

import importlib

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QObject, Qt

NAME = "Ceasefire Monitor"
IN_MENU = ("demo", "open", "team", "new", "import", "paste", "layer", "flag", "brief", "help")
IN_TOOLBAR = ("demo", "import", "flag", "brief", "help")
# Panels that are made when they are first seen: module of ``ui`` and class.
PANELS = (
    ("start.panel", "StartPanel"),
    ("timeline.panel", "TimelinePanel"),
    ("line.panel", "LinePanel"),
    ("briefs.panel", "BriefsPanel"),
)
# What has a place of its own in QGIS: ``Part(iface, session, commands, runner, dock)`` with
# ``actions`` for the toolbar and ``unload()``.
PARTS = (("maptools.part", "MapToolsPart"), ("services.part", "ServicesPart"))


class CeasefireMonitor(QObject):
    """What ``initGui`` and ``initProcessing`` register, ``unload`` takes back."""

    def __init__(self, iface):
        super().__init__()
        self.iface = iface
        self.provider = None
        self.expressions = None
        self.session = None
        self.runner = None
        self.commands = None
        self.dock = None
        self.feeds = None
        self.panels = {}
        self.parts = []
        self.toolbar = None
        self.toggle = None

    def initProcessing(self):
        """Register provider and expression functions; QGIS calls this alone in qgis_process."""
        from .processing.expressions.register import ExpressionFunctions
        from .processing.provider import CeasefireProvider

        provider = CeasefireProvider()
        # QGIS deletes a provider that it refuses, as one of that id is there already.
        if QgsApplication.processingRegistry().addProvider(provider):
            self.provider = provider
        self.expressions = ExpressionFunctions()

    def initGui(self):
        """Make the panel, menu and toolbar."""
        from .ui.commands import Commands
        from .ui.feeds_part import FeedsPart
        from .ui.incidents_dock import IncidentsDock
        from .ui.ledger_session import LedgerSession
        from .ui.runner import Runner

        self.initProcessing()
        window = self.iface.mainWindow()
        self.session = LedgerSession(self.iface.messageBar(), window)
        self.runner = Runner(window, self.iface.messageBar())
        self.commands = Commands(self.iface, self.session, self.runner)
        self.dock = IncidentsDock(self.session, self.commands, self.runner, self.iface.mapCanvas())
        self.commands.incidents = self.dock
        self.iface.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, self.dock)
        self.feeds = FeedsPart(self.iface, self.session, self.commands, self.runner, self.dock)
        self._make_panels_and_parts()
        self._make_menu_and_toolbar()

    def unload(self):
        """Take back everything, whether or not the GUI was made."""
        if self.dock is not None:
            self._unload_gui()
        if self.expressions is not None:
            self.expressions.unregister()
            self.expressions = None
        if self.provider is not None:
            QgsApplication.processingRegistry().removeProvider(self.provider)
            self.provider = None

    def _make_panels_and_parts(self) -> None:
        for module, name in PANELS:
            panel = _of_ui(module, name)(self.iface, self.session, self.commands, self.runner)
            self.iface.addDockWidget(panel.AREA, panel)
            if Qt.DockWidgetArea.BottomDockWidgetArea == panel.AREA:
                # Side by side below the map they would be cramped.
                self.iface.mainWindow().tabifyDockWidget(self.dock, panel)
            panel.hide()
            self.panels[panel.NAME] = panel
        for module, name in PARTS:
            part = _of_ui(module, name)(
                self.iface, self.session, self.commands, self.runner, self.dock
            )
            self.parts.append(part)

    def _make_menu_and_toolbar(self) -> None:
        from .ui.icons import icon

        self.toggle = self.dock.toggleViewAction()
        self.toggle.setIcon(icon("incidents"))
        self.toggle.setText(self.tr("Incidents"))
        self.toggle.setToolTip(self.tr("Show or hide the panel of incidents"))
        actions = self.commands.actions
        self.toolbar = self.iface.addToolBar(NAME)
        self.toolbar.setObjectName("ceasefire_monitor_toolbar")
        self.toolbar.addAction(self.toggle)
        self.toolbar.addAction(self.feeds.toggle)
        for panel in self.panels.values():
            self.toolbar.addAction(panel.toggle)
            self.iface.addPluginToMenu(NAME, panel.toggle)
        self.toolbar.addActions([actions[name] for name in IN_TOOLBAR])
        for part in self.parts:
            self.toolbar.addActions(part.actions)
        self.feeds.add_to_menu(NAME)
        self.iface.addPluginToMenu(NAME, self.toggle)
        for name in IN_MENU:
            self.iface.addPluginToMenu(NAME, actions[name])

    def _unload_gui(self) -> None:
        self.feeds.unload(NAME)
        for part in self.parts:
            part.unload()
        self.runner.close()
        for panel in self.panels.values():
            panel.unload()
            self.iface.removePluginMenu(NAME, panel.toggle)
            self.iface.removeDockWidget(panel)
            panel.deleteLater()
        self.session.unload()
        self.dock.unload()
        self.iface.removePluginMenu(NAME, self.toggle)
        for name in IN_MENU:
            self.iface.removePluginMenu(NAME, self.commands.actions[name])
        self.iface.mainWindow().removeToolBar(self.toolbar)
        self.iface.removeDockWidget(self.dock)
        self.commands.unload()
        for part in (self.toolbar, self.dock, self.commands, self.runner, self.session):
            part.deleteLater()
        self.toolbar = self.dock = self.commands = self.runner = self.session = None
        self.feeds = self.toggle = None
        self.panels, self.parts = {}, []


def _of_ui(module: str, name: str):
    """A class of ``ui`` by its module."""
    return getattr(importlib.import_module(f".ui.{module}", __package__), name)
