"""Run inside QGIS: take a picture of the window with each panel, one after the other, and quit.

PICTURES is the folder they go to, THEME one of QGIS's, PANELS the names (all where it is empty).
"""

import os
from pathlib import Path

import qgis.utils
from qgis.core import QgsApplication, QgsProject
from qgis.PyQt.QtCore import Qt, QTimer
from qgis.PyQt.QtWidgets import QDockWidget
from qgis.utils import iface

FOLDER = Path(os.environ["PICTURES"])
THEME = os.environ.get("THEME", "default")
READY_MS, LOOK_MS = 10000, 4000
window = iface.mainWindow()
plugin = qgis.utils.plugins["ceasefire_monitor"]
waiting: list = []


def docks() -> dict:
    """The panels by name."""
    return {"incidents": plugin.dock, "feeds": plugin.feeds.dock, **plugin.panels}


def arrange() -> None:
    QgsApplication.setUITheme(THEME)
    window.showMaximized()
    ours = set(map(id, docks().values()))
    for dock in window.findChildren(QDockWidget):
        if id(dock) not in ours and dock.objectName() != "Layers":
            dock.hide()
    asked = os.environ.get("PANELS", "").split()
    waiting.extend(name for name in docks() if not asked or name in asked)
    plugin.dock.table.selectRow(2)
    show_next()


def show_next() -> None:
    iface.messageBar().clearWidgets()
    if not waiting:
        QgsProject.instance().setDirty(False)
        iface.actionExit().trigger()
        return
    name = waiting.pop(0)
    dock = docks()[name]
    below = window.dockWidgetArea(dock) == Qt.DockWidgetArea.BottomDockWidgetArea
    for other in docks().values():
        if other is not dock and (below or other is not plugin.dock):
            other.hide()
    dock.setUserVisible(True)
    way = Qt.Orientation.Vertical if below else Qt.Orientation.Horizontal
    window.resizeDocks([dock], [330 if below else 420], way)
    QTimer.singleShot(LOOK_MS, lambda: picture(name))


def picture(name: str) -> None:
    iface.messageBar().clearWidgets()
    suffix = "" if THEME == "default" else "-dark"
    window.grab().save(str(FOLDER / f"{name}{suffix}.png"))
    show_next()


QTimer.singleShot(READY_MS, arrange)
