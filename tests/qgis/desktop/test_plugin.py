"""Loading and unloading: light, whole, and nothing left behind."""

from __future__ import annotations

import configparser
import gc
import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from qgis.core import QgsApplication, QgsProject
from qgis.PyQt import sip
from qgis.PyQt.QtWidgets import QAction, QDialog, QDockWidget, QTabBar, QToolBar, QWidget

TITLE = "Ceasefire Monitor"
ROOT = Path(__file__).resolve().parents[3]

# A provider without a reference in Python loses its Python half.
GIVEN_BACK: list = []

LOAD = """
import json, sys
sys.path.append("/usr/share/qgis/python/plugins")
sys.path.insert(0, sys.argv[1])
import importlib.util
from qgis.core import QgsApplication
from qgis.gui import QgsMapCanvas, QgsMessageBar
from qgis.PyQt.QtWidgets import QMainWindow, QMenu
import qgis.utils
application = QgsApplication([], True)
application.initQgis()
window = QMainWindow()
class Iface:
    mainWindow = lambda self: window
    mapCanvas = lambda self, canvas=QgsMapCanvas(): canvas
    messageBar = lambda self, bar=QgsMessageBar(): bar
    addToolBar = lambda self, name: window.addToolBar(name)
    addDockWidget = lambda self, area, dock: window.addDockWidget(area, dock)
    addPluginToMenu = lambda self, name, action: None
    registerOptionsWidgetFactory = lambda self, factory: None
    registerLocatorFilter = lambda self, found: None
before = set(sys.modules)
spec = importlib.util.spec_from_file_location(
    "ceasefire_monitor", sys.argv[2] + "/__init__.py", submodule_search_locations=[sys.argv[2]])
package = importlib.util.module_from_spec(spec)
sys.modules["ceasefire_monitor"] = package
spec.loader.exec_module(package)
plugin = package.classFactory(Iface())
plugin.initGui()
print(json.dumps({"new": sorted(set(sys.modules) - before)}))
import os
os._exit(0)
"""


@pytest.fixture
def registry():
    """Processing's registry without our provider, which other tests get back afterwards."""
    from ceasefire_monitor.processing.provider import CeasefireProvider

    processing = QgsApplication.processingRegistry()
    shared = processing.providerById("ceasefire") is not None
    if shared:
        processing.removeProvider("ceasefire")
    yield processing
    if shared:
        GIVEN_BACK.append(CeasefireProvider())
        processing.addProvider(GIVEN_BACK[-1])


@pytest.fixture
def plugin(desk, registry):
    from ceasefire_monitor.plugin import CeasefireMonitor

    return CeasefireMonitor(desk)


def place(widget) -> int:
    """Where a widget is; what Python says is its id may be another's a moment later."""
    return sip.unwrapinstance(widget)


def inventory(desk) -> dict:
    """What a plugin can leave behind, counted."""
    # What only Python's cycles hold is not left behind.
    gc.collect()
    project = QgsProject.instance()
    # A main window keeps the bar of tabs that docks once shared, for the next ones.
    tabs = desk.window.findChildren(QTabBar)
    of_tabs = {place(one) for bar in tabs for one in (bar, *bar.findChildren(QWidget))}
    return {
        "docks": len(desk.window.findChildren(QDockWidget)),
        "toolbars": len(desk.window.findChildren(QToolBar)),
        "actions": len(desk.window.findChildren(QAction)),
        "dialogs": len(desk.window.findChildren(QDialog)),
        "widgets": sum(place(one) not in of_tabs for one in desk.window.findChildren(QWidget)),
        "objects": sum(place(one) not in of_tabs for one in desk.window.children()),
        "menus": sorted(desk.menus),
        "options": len(desk.options),
        "locators": len(desk.locators),
        "threads": threading.active_count(),
        "providers": sorted(p.id() for p in QgsApplication.processingRegistry().providers()),
        "tasks": QgsApplication.taskManager().count(),
        "project": [
            project.receivers(signal)
            for signal in (
                project.readProject,
                project.cleared,
                project.layersAdded,
                project.layersWillBeRemoved,
            )
        ],
    }


def test_what_is_loaded_is_in_menu_toolbar_and_panel(plugin, desk):
    plugin.initGui()
    toolbar = next(
        bar
        for bar in desk.window.findChildren(QToolBar)
        if bar.windowTitle() == "Ceasefire Monitor"
    )
    texts = [action.text() for action in toolbar.actions()]
    assert texts == [
        "Incidents",
        "Feeds and alerts",
        "Start",
        "Timeline",
        "Line and rules",
        "Briefs",
        "Open the demo",
        "Import…",
        "Flag",
        "Brief…",
        "Help",
        "Map tools",
    ]
    assert "Open the demo" in [a.text() for a in desk.menus["Ceasefire Monitor"].actions()]
    assert QgsApplication.processingRegistry().providerById("ceasefire") is not None
    for action in toolbar.actions():
        assert action.toolTip()
        assert not action.icon().isNull()
    plugin.unload()


def test_loading_and_unloading_twenty_times_leaves_nothing(plugin, desk, wait, big_ledger):
    plugin.initGui()
    plugin.unload()
    wait()
    before = inventory(desk)
    for _ in range(20):
        plugin.initGui()
        plugin.unload()
        wait()
    assert inventory(desk) == before
    assert "ceasefire" not in before["providers"]
    assert desk.menus == {}


def test_unloading_with_a_ledger_and_help_open_leaves_nothing(plugin, desk, wait, big_ledger):
    plugin.initGui()
    plugin.unload()
    wait()
    before = inventory(desk)
    plugin.initGui()
    plugin.session.open(big_ledger)
    wait(lambda: plugin.session is not None and plugin.session.path is not None)
    layer = plugin.session.layer()
    receivers = layer.receivers(layer.selectionChanged)
    plugin.commands.help()
    plugin.unload()
    wait(lambda: QgsApplication.taskManager().countActiveTasks() == 0)
    assert layer.receivers(layer.selectionChanged) == receivers - 1
    assert inventory(desk) == before


def test_unloading_while_a_ledger_is_being_read_is_clean(plugin, desk, wait, big_ledger):
    plugin.initGui()
    plugin.session.open(big_ledger)
    plugin.unload()
    wait(lambda: QgsApplication.taskManager().countActiveTasks() == 0)
    assert desk.sentences() == []


def test_the_provider_alone_loads_without_a_window(registry):
    from ceasefire_monitor.plugin import CeasefireMonitor

    headless = CeasefireMonitor(None)
    headless.initProcessing()
    assert QgsApplication.processingRegistry().providerById("ceasefire") is not None
    headless.unload()
    assert QgsApplication.processingRegistry().providerById("ceasefire") is None


def test_loading_is_light():
    output = subprocess.run(
        [sys.executable, "-c", LOAD, str(ROOT / "tests"), str(ROOT)],
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=120,
    ).stdout
    loaded = json.loads(output.decode().strip().splitlines()[-1])
    top = {name.split(".")[0] for name in loaded["new"]}
    assert not top & {"shapely", "matplotlib", "numpy", "pyproj", "requests", "jinja2", "osgeo"}


def test_an_absent_or_old_library_says_what_to_install(monkeypatch):
    from ceasefire_monitor.model.errors import MissingLibrary
    from ceasefire_monitor.processing import libraries

    monkeypatch.setitem(libraries.NEEDED, "shapely", (99, 0))
    with pytest.raises(MissingLibrary, match=r"shapely 99\.0 or later.*pip install"):
        libraries.require_shapely()
    monkeypatch.setitem(libraries.NEEDED, "no_such_library", (1, 0))
    with pytest.raises(MissingLibrary, match="no working no_such_library"):
        libraries.require("no_such_library")


def test_metadata_is_what_the_plugin_repository_asks_for():
    metadata = configparser.ConfigParser()  # QGIS and the repository read it with interpolation
    metadata.read(ROOT / "metadata.txt", encoding="utf-8")
    general = metadata["general"]
    assert general["name"] == "Ceasefire Monitor"
    assert general.getboolean("hasProcessingProvider")
    assert (ROOT / general["icon"]).is_file()
    assert general["qgisMinimumVersion"] == "3.40"


def test_the_demo_is_opened_where_it_is_and_unsaved_work_is_asked_for(
    plugin, desk, wait, big_ledger, tmp_path, monkeypatch
):
    from ceasefire_monitor.ui import commands

    monkeypatch.setattr(commands, "demo_folder", lambda: tmp_path)
    QgsProject.instance().write(str(tmp_path / "demo.qgz"))
    plugin.initGui()
    desk.keeps_unsaved_work = True
    plugin.commands.actions["demo"].trigger()
    assert desk.projects == []
    desk.keeps_unsaved_work = False
    plugin.commands.actions["demo"].trigger()
    assert desk.projects == [str(tmp_path / "demo.qgz")]
    plugin.unload()


def test_help_shows_its_pages_and_follows_links(desk, tmp_path):
    from qgis.PyQt.QtCore import QUrl

    from ceasefire_monitor.ui.help_dialog import HelpDialog

    (tmp_path / "index.md").write_text("# Welcome\n\nSee [more](more.md#the-end).\n")
    (tmp_path / "more.md").write_text("# More\n\n" + "text\n\n" * 200 + "## The end\n\nlast\n")
    dialog = HelpDialog(desk.window, tmp_path)
    dialog.show()
    assert "Welcome" in dialog.page.toPlainText()
    dialog.page.anchorClicked.emit(QUrl("more.md#the-end"))
    assert dialog.pages.currentItem().text() == "More"
    assert dialog.page.verticalScrollBar().value() > 0
    dialog.close()
    dialog.deleteLater()
