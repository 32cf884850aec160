"""The map tools in QGIS's toolbar: one button that drops down, its tools made when first used."""

from __future__ import annotations

import importlib
from typing import Dict

from qgis.core import QgsSettings
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QObject
from qgis.PyQt.QtWidgets import QAction, QMenu

from ..icons import icon

LAST = "ceasefire_monitor/map_tool"
# Module of this folder and class, by name.
TOOLS = {
    "from_line": ("from_line_tool", "FromLineTool"),
    "observation": ("observation_tool", "ObservationTool"),
    "rings": ("rings_tool", "RingsTool"),
    "incident": ("incident_tool", "IncidentTool"),
}


class MapToolsPart(QObject):
    """Owns the button, its menu and the tools; ``choices`` are the menu's actions by name."""

    def __init__(self, iface, session, commands, runner, dock):
        super().__init__(iface.mainWindow())
        self.iface, self.session, self.commands = iface, session, commands
        self.runner, self.dock = runner, dock
        self.tools: Dict[str, QObject] = {}
        self.choices: Dict[str, QAction] = {}
        self._former = None
        self._menu = QMenu(iface.mainWindow())
        self.button = QAction(icon("maptools"), self.tr("Map tools"), self)
        self.button.setObjectName("ceasefire_monitor_maptools")
        self.button.setToolTip(
            self.tr(
                "Map tools: measure from the line, record an observation, range rings, incident"
            )
        )
        self.button.setMenu(self._menu)
        self.button.triggered.connect(self._press)
        for name, (title, tip) in self._words().items():
            self._add(name, title, tip)
        self.actions = [self.button]

    def take_up(self, name: str) -> None:
        """Work on the map with a tool; it is made when first used."""
        canvas = self.iface.mapCanvas()
        if name not in self.tools:
            module, cls = TOOLS[name]
            made = getattr(importlib.import_module(f".{module}", __package__), cls)(self)
            made.setAction(self.choices[name])
            self.tools[name] = made
        tool = self.tools[name]
        if canvas.mapTool() is tool:
            self.choices[name].setChecked(True)
            return
        if canvas.mapTool() not in self.tools.values():
            self._former = canvas.mapTool()
        canvas.setMapTool(tool)
        QgsSettings().setValue(LAST, name)
        self.button.setIcon(self.choices[name].icon())

    def put_away(self, tool) -> None:
        """Give the map back to the tool that had it before."""
        canvas = self.iface.mapCanvas()
        if canvas.mapTool() is not tool:
            return
        canvas.unsetMapTool(tool)
        former, self._former = self._former, None
        if former is not None and not sip.isdeleted(former):
            canvas.setMapTool(former)

    def unload(self) -> None:
        """Take back the tools, the menu and the button."""
        for tool in self.tools.values():
            self.put_away(tool)
            tool.unload()
        self.tools, self._former = {}, None
        self._menu.deleteLater()
        for action in (self.button, *self.choices.values()):
            action.deleteLater()
        self.choices, self.actions = {}, []
        self.deleteLater()

    def _press(self, *_) -> None:
        """The button itself: the tool that was used last."""
        name = QgsSettings().value(LAST, "from_line")
        self.take_up(name if name in TOOLS else "from_line")

    def _words(self) -> dict:
        return {
            "from_line": (
                self.tr("From the line"),
                self.tr("Distance, side, chainage and clauses wherever the cursor is"),
            ),
            "observation": (
                self.tr("Observation…"),
                self.tr("Record what an observer perceived: from where, in which direction"),
            ),
            "rings": (
                self.tr("Range rings…"),
                self.tr("Draw how far weapons reach from a place: rings or a fan"),
            ),
            "incident": (
                self.tr("Incident here…"),
                self.tr("Record an incident at a place of the map"),
            ),
        }

    def _add(self, name: str, title: str, tip: str) -> None:
        action = QAction(icon(f"tool_{name}"), title, self)
        action.setObjectName(f"ceasefire_monitor_tool_{name}")
        action.setCheckable(True)
        action.setToolTip(tip)
        action.setStatusTip(tip)
        action.triggered.connect(lambda *_: self.take_up(name))
        self._menu.addAction(action)
        self.choices[name] = action
