"""What the tests of the desktop share: a main window that counts, and a ledger of 10,000 rows."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone

import pytest
from qgis.core import QgsProject, QgsSettings
from qgis.gui import QgsMapCanvas, QgsMessageBar
from qgis.PyQt.QtCore import QCoreApplication, QEvent
from qgis.PyQt.QtWidgets import QMainWindow, QMenu

START = datetime(2031, 3, 1, tzinfo=timezone.utc)
FLAGS = ("near", "possible", "far", "no_line_in_force")


class Desk:
    """QGIS's main window as a plugin sees it, of real widgets: menu, toolbars, docks, canvas."""

    def __init__(self):
        self.window = QMainWindow()
        self.window.resize(1280, 800)
        self.canvas = QgsMapCanvas(self.window)
        self.window.setCentralWidget(self.canvas)
        self.bar = QgsMessageBar(self.window)
        self.menus: dict[str, QMenu] = {}
        self.projects: list[str] = []
        self.keeps_unsaved_work = False
        self.options: list = []
        self.locators: list = []

    def registerOptionsWidgetFactory(self, factory):
        self.options.append(factory)

    def unregisterOptionsWidgetFactory(self, factory):
        self.options.remove(factory)

    def registerLocatorFilter(self, found):
        self.locators.append(found)

    def deregisterLocatorFilter(self, found):
        self.locators.remove(found)

    def mainWindow(self):
        return self.window

    def mapCanvas(self):
        return self.canvas

    def messageBar(self):
        return self.bar

    def addToolBar(self, name):
        return self.window.addToolBar(name)

    def addDockWidget(self, area, dock):
        self.window.addDockWidget(area, dock)

    def removeDockWidget(self, dock):
        self.window.removeDockWidget(dock)

    def addPluginToMenu(self, name, action):
        if name not in self.menus:
            self.menus[name] = QMenu(name, self.window)
        self.menus[name].addAction(action)

    def removePluginMenu(self, name, action):
        self.menus[name].removeAction(action)
        if not self.menus[name].actions():
            self.menus.pop(name).deleteLater()

    def newProject(self, ask):
        if ask and self.keeps_unsaved_work:
            return False
        QgsProject.instance().clear()
        return True

    def addProject(self, path):
        self.projects.append(path)
        return QgsProject.instance().read(path)

    def sentences(self) -> list[str]:
        """What the message bar says."""
        return [item.text() for item in self.bar.items()]


def settle(until=lambda: True, seconds: float = 20.0) -> None:
    """Let QGIS work until something holds; fails where it never does."""
    end = time.monotonic() + seconds
    while True:
        QCoreApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        if until():
            return
        assert time.monotonic() < end, "it did not come to pass"


@pytest.fixture
def desk(qgis_app):
    """A main window, shown off screen, with clean settings and an empty project."""
    QgsSettings().remove("ceasefire_monitor")
    QgsProject.instance().clear()
    made = Desk()
    made.window.show()
    yield made
    QgsProject.instance().clear()
    made.window.close()
    made.window.deleteLater()
    settle()
    QgsSettings().remove("ceasefire_monitor")


@pytest.fixture
def wait():
    """``wait(until)``: let QGIS work until something holds."""
    return settle


@pytest.fixture(scope="session")
def big_ledger(tmp_path_factory):
    """A ledger of 10,000 incidents, one an hour, every fifth without a place or finding."""
    from ceasefire_monitor.ledger.geopackage import Ledger

    path = tmp_path_factory.mktemp("ledger") / "theatre.gpkg"
    settings = {"theatre": "Merrow Valley", "timezone": "Asia/Kathmandu"}
    with Ledger.create(path, settings) as ledger:
        ledger.write_records("incidents", map(_incident, range(10_000)), None, "test")
        ledger.write_findings(_finding(i) for i in range(10_000) if i % 5)
    return str(path)


@pytest.fixture
def plugin(desk):
    """The plugin's parts on the desk, without the provider."""
    from ceasefire_monitor.plugin import CeasefireMonitor

    made = CeasefireMonitor(desk)
    made.initProcessing = lambda: None
    made.initGui()
    yield made
    made.unload()


@pytest.fixture
def opened(plugin, big_ledger, wait):
    """The plugin with the ledger of 10,000 incidents open and on the map."""
    plugin.session.open(big_ledger)
    wait(lambda: plugin.dock.model.total() == 10_000)
    return plugin


def _incident(i: int):
    from ceasefire_monitor.model.incident import Incident

    placed = i % 5 != 0
    return Incident(
        incident_id=f"patrol:{i}",
        source="patrol",
        category="firing/explosion" if i % 2 else "firing/burst",
        count_low=i % 40,
        count_high=i % 40,
        count_qualifier="exact",
        occurred_from=START + timedelta(hours=i),
        occurred_to=START + timedelta(hours=i, minutes=1),
        time_precision="minute",
        place=f"Village {i % 100:02d}",
        description=f"Patrol report {i}",
        uncertainty_m=250.0,
        longitude=10 + i / 10_000 if placed else None,
        latitude=5.0 if placed else None,
    )


def _finding(i: int):
    from ceasefire_monitor.model.land import Finding

    return Finding(
        incident_id=f"patrol:{i}",
        incident_revision=1,
        line_name="Line of March",
        line_distance_m=float(i),
        line_side="North",
        flag=FLAGS[i % 4],
        flag_probability=0.97,
        flag_basis="measured",
        flag_distance_m=5000.0,
        finding=f"About {i} m from the Line of March.",
    )
