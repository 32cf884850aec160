"""Run inside QGIS: show an incident in the panel, take a picture of the window, and quit."""

import os

from qgis.core import QgsProject
from qgis.PyQt.QtCore import Qt, QTimer
from qgis.PyQt.QtWidgets import QDockWidget, QTableView
from qgis.utils import iface

window = iface.mainWindow()


def arrange():
    window.showMaximized()
    for dock in window.findChildren(QDockWidget):
        if dock.objectName() == "Browser":
            dock.hide()
    iface.messageBar().clearWidgets()
    dock = panel()
    window.resizeDocks([dock], [330], Qt.Orientation.Vertical)
    table = dock.findChild(QTableView)
    table.selectRow(2)
    QTimer.singleShot(4000, picture)


def panel():
    docks = [dock for dock in window.findChildren(QDockWidget) if "ncidents" in dock.windowTitle()]
    return docks[0]


def picture():
    iface.messageBar().clearWidgets()
    window.grab().save(os.environ["PICTURE"])
    QgsProject.instance().setDirty(False)
    iface.actionExit().trigger()


QTimer.singleShot(8000, arrange)
