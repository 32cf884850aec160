"""The panel of briefs, clicked in real QGIS on a ledger of 10,000 incidents."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from qgis.core import QgsApplication, QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QDate, Qt
from qgis.PyQt.QtWidgets import QComboBox, QLineEdit, QToolButton, QTreeWidget

from ceasefire_monitor.ui.briefs.past import FORMAT, read_brief
from ceasefire_monitor.ui.briefs.spans import ALL, LAST_DAY, MONTH, WEEK, days_of, reporting_day
from ceasefire_monitor.ui.local_time import LocalTime

# QGIS owns the providers, but Python must not let go of them.
GIVEN: list = []


@pytest.fixture
def algorithms(qgis_app):
    """The provider, this module's own: an earlier one's may still be there."""
    from ceasefire_monitor.processing.provider import CeasefireProvider

    registry = QgsApplication.processingRegistry()
    registry.removeProvider("ceasefire")
    GIVEN.append(CeasefireProvider())
    registry.addProvider(GIVEN[-1])
    yield
    registry.removeProvider("ceasefire")


@pytest.fixture
def panel(algorithms, opened, wait, tmp_path):
    """The panel with the big ledger open, its contents counted; briefs go to a folder of ours."""
    panel = opened.panels["briefs"]
    panel.show_now()
    wait(lambda: panel.page.contents.topLevelItemCount() > 0)
    panel.page.form.folder.setFilePath(str(tmp_path / "made"))
    yield panel
    wait(lambda: not panel.runner.busy() and not panel.counting.busy())


def lines(panel):
    tree = panel.page.contents
    return {
        tree.topLevelItem(row).data(0, Qt.ItemDataRole.UserRole)["kind"]: tree.topLevelItem(row)
        for row in range(tree.topLevelItemCount())
    }


def made(panel, wait):
    panel.own["make"].trigger()
    wait(lambda: panel.page.past.topLevelItemCount() == 1, 60.0)
    return panel.page.chosen_brief()


def test_it_says_what_the_last_day_with_data_will_hold_and_shows_its_incidents(panel, opened, wait):
    form = panel.page.form
    assert form.span.currentData() == LAST_DAY
    assert form.first.date() == form.last.date() == QDate(2032, 4, 20)
    found = lines(panel)
    unreviewed = found["unreviewed"]
    count = unreviewed.data(0, Qt.ItemDataRole.UserRole)["count"]
    assert 0 < count <= 24
    assert panel.page.summary.text()
    panel.page.contents.itemActivated.emit(unreviewed, 0)
    wait(lambda: opened.dock.model.rowCount() < 10_000)
    assert opened.dock.model.rowCount() == count


def test_another_span_is_counted_anew(panel, wait):
    before = panel.page.summary.text()
    form = panel.page.form
    form.span.setCurrentIndex(form.span.findData(WEEK))
    wait(lambda: panel.page.summary.text() not in (before, "Counting what the brief will hold…"))
    assert form.first.date().daysTo(form.last.date()) == 6
    assert panel.page.summary.text().startswith(("168 ", "16"))


def test_every_choice_of_the_algorithm_is_offered(panel):
    algorithm = QgsApplication.processingRegistry().algorithmById("ceasefire:brief")
    for definition in algorithm.parameterDefinitions():
        if definition.type() == "enum":
            box = panel.page.form.choices[definition.name()]
            assert [box.itemText(row) for row in range(box.count())] == definition.options()
            assert box.currentText() == definition.defaultValue()


def test_a_brief_is_made_found_again_and_compared(panel, opened, wait, monkeypatch):
    brief = made(panel, wait)
    assert brief.pdf.is_file()
    assert brief.release == "restricted"
    asked = []
    monkeypatch.setattr(panel.commands, "show_dialog", lambda *given: asked.append(given))
    panel.own["since"].trigger()
    panel.own["again"].trigger()
    (since, what, *_), (again, parameters, *_) = asked
    assert (since, what["SINCE"]) == ("ceasefire:ledgerdiff", brief.as_of)
    assert (again, parameters["AS_OF"]) == ("ceasefire:brief", brief.as_of)
    assert parameters["KIND"] == "period"
    assert parameters["OUTPUT_FOLDER"] != str(brief.folder)
    # Another program's session finds it, too: the folder is remembered.
    panel.page.past.clear()
    panel.look_for_past()
    wait(lambda: panel.page.past.topLevelItemCount() == 1)


def test_a_preview_shows_pages_and_keeps_nothing(panel, wait, tmp_path):
    from ceasefire_monitor.ui.briefs.preview import can_draw

    if not can_draw():
        pytest.skip("this GDAL draws no PDF")
    panel.own["preview"].trigger()
    wait(lambda: panel.preview_dialog is not None, 60.0)
    dialog = panel.preview_dialog
    assert dialog.pages > 3
    first = dialog.picture.pixmap().toImage()
    assert first.width() > 700
    dialog.turn(1)
    assert dialog.page == 2
    assert dialog.picture.pixmap().toImage() != first
    dialog.turn(-5)
    dialog.zoom(-1)
    assert dialog.page == 1
    assert dialog.picture.pixmap().width() < first.width()
    assert not (tmp_path / "made").exists()
    assert panel.page.past.topLevelItemCount() == 0
    folder = Path(panel._temporary.name)
    assert folder.is_dir()
    panel.forget_preview()
    assert not folder.exists()


def test_an_area_is_the_layers_selection_where_there_is_one(panel, wait):
    layer = QgsVectorLayer("Polygon?crs=EPSG:4326", "areas", "memory")
    QgsProject.instance().addMapLayer(layer)
    panel.page.form.area.setLayer(layer)
    asked = panel.page.form.parameters("x")["AREA"]
    assert (asked.source.staticValue(), asked.selectedFeaturesOnly) == (layer.id(), False)


def test_without_a_ledger_it_says_what_to_do(algorithms, plugin):
    panel = plugin.panels["briefs"]
    panel.show_now()
    assert panel.page.currentWidget() is panel.page.empty
    assert not panel.own["make"].isEnabled()


def test_everything_has_a_name_and_a_tooltip(panel):
    for kind in (QComboBox, QTreeWidget, QToolButton):
        for widget in panel.page.whole.findChildren(kind):
            if widget.objectName().startswith("qt_") or isinstance(
                widget.parent(), (QComboBox, QLineEdit)
            ):
                continue
            if kind is QToolButton and widget.defaultAction() is None:
                continue
            assert widget.accessibleName(), widget
            assert widget.toolTip(), widget


def test_a_reporting_day_that_begins_in_the_evening_is_the_briefs():
    clock = LocalTime("UTC", "19:30")
    day = QDate(2031, 3, 14)
    start = clock.day_start(day)
    assert reporting_day(start, clock) == day
    assert reporting_day(start - 1, clock) == day.addDays(-1)
    assert reporting_day(clock.day_start(day.addDays(1)) - 1, clock) == day


def test_spans_end_with_the_last_day_with_data():
    clock = LocalTime("UTC")
    moments = [None, clock.day_start(QDate(2031, 3, 1)), clock.day_start(QDate(2031, 3, 14)) + 60]
    last = QDate(2031, 3, 14)
    assert days_of(LAST_DAY, moments, clock) == (last, last)
    assert days_of(WEEK, moments, clock) == (QDate(2031, 3, 8), last)
    assert days_of(MONTH, moments, clock) == (QDate(2031, 2, 15), last)
    assert days_of(ALL, moments, clock) == (None, None)
    assert days_of(LAST_DAY, [None], clock) == (None, None)


def test_folders_without_a_brief_are_no_briefs(tmp_path):
    assert read_brief(tmp_path) is None
    for text in ("no json", "[]", "{}", json.dumps({"format": FORMAT, "options": 1})):
        (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
        assert read_brief(tmp_path) is None
