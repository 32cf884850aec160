"""The panel of incidents on a ledger of 10,000: table, filter, selection, empty states."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone

import pytest
from qgis.core import QgsApplication, QgsProject
from qgis.PyQt.QtCore import QDate, QItemSelectionModel, Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QAbstractItemView


def column_texts(plugin, column):
    model = plugin.dock.model
    return [model.text(model.row_at(row), column) for row in range(model.rowCount())]


def test_without_a_ledger_the_panel_says_what_to_do(plugin):
    dock = plugin.dock
    assert dock.pages.currentWidget() is dock.without_ledger
    assert "ledger" in dock.without_ledger.sentence.text()
    assert plugin.commands.actions["demo"].isEnabled()
    assert not plugin.commands.actions["flag"].isEnabled()


def test_an_empty_ledger_asks_for_an_import(plugin, tmp_path, wait):
    from ceasefire_monitor.ledger.geopackage import Ledger

    Ledger.create(tmp_path / "new.gpkg", {"theatre": "Empty"}).close()
    plugin.session.open(str(tmp_path / "new.gpkg"))
    wait(lambda: plugin.session.path is not None)
    assert plugin.dock.pages.currentWidget() is plugin.dock.without_incidents
    assert plugin.dock.ledger_button.text() == "Empty"


def test_times_are_those_of_the_theatre(opened):
    from ceasefire_monitor.ui.incidents_model import Column

    texts = column_texts(opened, Column.TIME)
    # The first incident is at 2031-03-01 00:00 UTC; Kathmandu is 5 h 45 min ahead.
    assert texts[-1] == "2031-03-01 05:45"
    role = Qt.ItemDataRole.ToolTipRole
    assert "Asia/Kathmandu" in opened.dock.model.headerData(0, Qt.Orientation.Horizontal, role)


def test_words_narrow_the_table_and_all_must_occur(opened, wait):
    dock = opened.dock
    dock.filter.text.setText('"VILLAGE 07"  burst')
    wait(lambda: dock.model.rowCount() < 10_000)
    # Village 07 holds the numbers that end in 07: all odd, and odd ones are explosions.
    assert dock.model.rowCount() == 0
    dock.filter.text.setText('explosion "village 07"')
    wait(lambda: dock.model.rowCount() > 0)
    assert dock.model.rowCount() == 100
    assert dock.filter.summary.text() == "100 of 10,000 incidents"


def test_a_period_is_of_whole_days_of_the_theatre(opened, wait):
    dock = opened.dock
    dock.filter.first_day.setDate(QDate(2031, 3, 2))
    dock.filter.last_day.setDate(QDate(2031, 3, 2))
    wait(lambda: dock.model.rowCount() < 10_000)
    texts = column_texts(opened, 0)
    assert len(texts) == 24
    assert (texts[-1], texts[0]) == ("2031-03-02 00:45", "2031-03-02 23:45")


def test_chips_count_flags_and_filter_by_them(opened, wait):
    dock = opened.dock
    counts = {chip.objectName(): chip.text() for chip in dock.filter.chips.buttons()}
    # Numbers i with i % 5 > 0, flagged by i % 4: 2,000 of each, and 2,000 not flagged.
    assert counts["flag_near"] == "near 2,000"
    assert counts["flag_not_flagged"] == "not flagged 2,000"
    chip = dock.filter.chips.buttons()[0]
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert dock.model.rowCount() == 2000
    assert {dock.model.row_at(i).flag for i in range(2000)} == {"near"}
    dock.filter.nothing.click()
    wait(lambda: dock.model.rowCount() == 10_000)


def test_sorting_puts_unknown_values_last_both_ways(opened):
    from ceasefire_monitor.ui.incidents_model import Column

    dock = opened.dock
    for order in (Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder):
        dock.table.sortByColumn(Column.DISTANCE, order)
        distances = [dock.model.row_at(i).line_distance_m for i in range(10_000)]
        known = [value for value in distances if value is not None]
        assert known == sorted(known, reverse=order == Qt.SortOrder.DescendingOrder)
        assert distances[8000:] == [None] * 2000


def test_rows_selected_in_the_table_are_selected_on_the_map(opened):
    dock, layer = opened.dock, opened.session.layer()
    selection = dock.table.selectionModel()
    flags = QItemSelectionModel.SelectionFlag
    selection.select(dock.model.index(3, 0), flags.ClearAndSelect | flags.Rows)
    selection.select(dock.model.index(9, 0), flags.Select | flags.Rows)
    expected = {dock.model.row_at(3).fid, dock.model.row_at(9).fid}
    assert set(layer.selectedFeatureIds()) == expected


def test_features_selected_on_the_map_are_selected_in_the_table(opened):
    dock, layer = opened.dock, opened.session.layer()
    layer.selectByExpression("\"incident_id\" in ('patrol:12', 'patrol:9000')")
    rows = [index.row() for index in dock.table.selectionModel().selectedRows()]
    assert {dock.model.row_at(row).incident_id for row in rows} == {"patrol:12", "patrol:9000"}
    assert "2 incidents" in dock.detail.toPlainText()


def test_what_a_filter_hides_stays_selected_on_the_map(opened, wait):
    dock, layer = opened.dock, opened.session.layer()
    layer.selectByExpression("\"incident_id\" in ('patrol:12', 'patrol:7')")
    dock.filter.text.setText('"village 07"')
    wait(lambda: dock.model.rowCount() == 100)
    assert layer.selectedFeatureCount() == 2
    rows = dock.table.selectionModel().selectedRows()
    assert [dock.model.row_at(index.row()).incident_id for index in rows] == ["patrol:7"]
    dock.filter.clear()
    wait(lambda: dock.model.rowCount() == 10_000)
    assert len(dock.table.selectionModel().selectedRows()) == 2


def test_enter_shows_the_incident_with_its_surroundings(opened, desk):
    dock = opened.dock
    desk.canvas.setDestinationCrs(opened.session.layer().crs())
    at = next(i for i in range(100) if dock.model.row_at(i).flag)
    dock.table.setCurrentIndex(dock.model.index(at, 0))
    QTest.keyClick(dock.table, Qt.Key.Key_Return)
    centre = desk.canvas.extent().center()
    expected = 10 + int(dock.model.row_at(at).incident_id.split(":")[1]) / 10_000
    assert centre.x() == pytest.approx(expected, abs=1e-4)
    assert centre.y() == pytest.approx(5.0, abs=1e-4)


def test_detail_says_finding_and_what_is_not_known(opened):
    dock = opened.dock
    opened.session.layer().selectByExpression("\"incident_id\" = 'patrol:13'")
    text = dock.detail.toPlainText()
    assert "About 13 m from the Line of March." in text
    assert "Patrol report 13" in text
    assert "within 250 m" in text
    opened.session.layer().selectByExpression("\"incident_id\" = 'patrol:15'")
    assert "not been held against a contact line" in dock.detail.toPlainText()


def test_copied_rows_go_into_a_spreadsheet(opened):
    dock = opened.dock
    opened.session.layer().selectByExpression("\"incident_id\" in ('patrol:12', 'patrol:7')")
    dock.table.copy_selected()
    lines = QgsApplication.clipboard().text().splitlines()
    assert len(lines) == 3
    assert lines[0].split("\t")[1:4] == ["What", "Number", "Place"]
    assert "Village 12" in lines[1]


def test_an_edit_on_the_map_reaches_the_table(opened, wait, desk):
    layer = opened.session.layer()
    feature = next(layer.getFeatures("\"incident_id\" = 'patrol:4444'"))
    assert layer.startEditing()
    layer.changeAttributeValue(feature.id(), layer.fields().indexOf("place"), "Elsewhere")
    assert layer.commitChanges()
    model = opened.dock.model
    wait(lambda: opened.session.rows[4444].place == "Elsewhere")
    row = model.row_at(model.position_of(feature.id()))
    assert row.place == "Elsewhere"
    assert row.finding_is_old()
    layer.startEditing()
    layer.changeAttributeValue(feature.id(), layer.fields().indexOf("place"), "Village 44")
    layer.commitChanges()
    wait(lambda: opened.session.rows[4444].place == "Village 44")


def test_a_layer_taken_off_the_map_can_be_put_back(opened, wait):
    project = QgsProject.instance()
    project.removeMapLayer(opened.session.layer().id())
    assert opened.session.layer() is None
    assert opened.dock.map_action.isVisible()
    opened.dock.table.selectRow(0)
    opened.dock.map_action.trigger()
    assert opened.session.layer() is not None
    assert not opened.dock.map_action.isVisible()


def test_a_file_that_is_no_ledger_is_refused_in_one_sentence(opened, desk, tmp_path, wait):
    (tmp_path / "no.gpkg").write_bytes(b"not a geopackage")
    former = opened.session.path
    opened.session.open(str(tmp_path / "no.gpkg"))
    wait(lambda: desk.sentences())
    assert opened.session.path == former
    assert "no.gpkg" in desk.sentences()[-1]
    assert "Traceback" not in desk.sentences()[-1]


def test_a_new_project_closes_the_ledger(opened, desk, wait):
    desk.newProject(False)
    assert opened.session.path is None
    assert opened.dock.pages.currentWidget() is opened.dock.without_ledger


def test_a_project_that_shows_a_ledger_opens_it(opened, desk, tmp_path, wait, big_ledger):
    from ceasefire_monitor.ui.ledger_layers import LAYERS, TABLES

    project = QgsProject.instance()
    assert project.write(str(tmp_path / "p.qgz"))
    desk.newProject(False)
    desk.addProject(str(tmp_path / "p.qgz"))
    wait(lambda: opened.session.path is not None)
    assert opened.session.path == big_ledger
    assert len(project.mapLayers()) == len(LAYERS) + len(TABLES)


def test_filtering_10_000_rows_is_quick(opened):
    dock = opened.dock
    started = time.perf_counter()
    dock.filter.text.setText('"village 07"')
    dock.filter.changed.emit()
    assert dock.model.rowCount() == 100
    assert time.perf_counter() - started < 0.2


def test_keyboard_reaches_every_control(opened):
    dock = opened.dock
    for widget in (dock.filter.text, dock.table, dock.filter.chips.buttons()[0]):
        assert widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        assert widget.accessibleName()
    assert dock.table.selectionBehavior() == QAbstractItemView.SelectionBehavior.SelectRows


@pytest.fixture
def line_ledger(tmp_path):
    """Three incidents 1 km, 9 km and 60 km north of a line along 5° N, known to 100 m."""
    import shapely

    from ceasefire_monitor.ledger.geopackage import Ledger
    from ceasefire_monitor.model.incident import Incident
    from ceasefire_monitor.model.land import ContactLine

    start = datetime(2031, 3, 1, tzinfo=timezone.utc)
    line = ContactLine(
        line_id="march",
        line_name="Line of March",
        kind="agreed",
        left_party="North",
        right_party="South",
        valid_from=start - timedelta(days=30),
        uncertainty_m=10.0,
        geometry=shapely.MultiLineString([[(10.45, 5.0), (10.55, 5.0)]]),
    )
    # One degree of latitude at 5° N is 110,583 m on the WGS 84 ellipsoid.
    incidents = [
        Incident(
            incident_id=f"patrol:{kilometres}",
            source="patrol",
            category="firing/shot",
            occurred_from=start,
            occurred_to=start + timedelta(minutes=1),
            time_precision="minute",
            uncertainty_m=100.0,
            uncertainty_kind="gauss",
            longitude=10.5,
            latitude=5.0 + kilometres * 1000 / 110_583,
        )
        for kilometres in (1, 9, 60)
    ]
    path = tmp_path / "line.gpkg"
    with Ledger.create(path, {"theatre": "March"}) as ledger:
        ledger.write_records("contact_lines", [line], None, "test")
        ledger.write_records("incidents", incidents, None, "test")
    return str(path)


def test_the_flag_button_flags_the_ledger_and_the_table_shows_it(
    plugin, provider, line_ledger, wait, desk
):
    plugin.session.open(line_ledger)
    wait(lambda: plugin.dock.model.total() == 3)
    plugin.dock.distance.setValue(10_000)
    plugin.commands.actions["flag"].trigger()
    assert plugin.dock.progress.isVisible()
    assert not plugin.commands.actions["flag"].isEnabled()
    wait(lambda: not plugin.runner.busy(), 60)
    assert [text for text in desk.sentences() if "flagged" not in text] == []
    wait(lambda: any(row.flag for row in plugin.session.rows))
    flags = {row.incident_id: row.flag for row in plugin.session.rows}
    assert flags == {"patrol:1": "near", "patrol:9": "near", "patrol:60": "far"}
    near = next(row for row in plugin.session.rows if row.incident_id == "patrol:9")
    assert near.line_distance_m == pytest.approx(9000, abs=10)
    assert not plugin.dock.progress.isVisible()
    assert plugin.commands.actions["flag"].isEnabled()


def test_a_brief_starts_from_the_ledger_and_the_period_that_is_shown(opened, monkeypatch):
    asked = []
    monkeypatch.setattr(opened.commands._dialogs, "show", lambda *words: asked.append(words))
    opened.dock.filter.first_day.setDate(QDate(2031, 3, 2))
    opened.dock.filter.last_day.setDate(QDate(2031, 3, 8))
    opened.commands.actions["brief"].trigger()
    algorithm, parameters, _ = asked[0]
    assert algorithm == "ceasefire:brief"
    assert (parameters["FROM"], parameters["TO"]) == ("2031-03-02", "2031-03-08")
    assert parameters["LEDGER"] == opened.session.path
    assert parameters["OUTPUT_FOLDER"].endswith("brief_2031-03-02_2031-03-08")
    assert parameters["TIMEZONE"] == "Asia/Kathmandu"


@pytest.mark.parametrize(
    ("starts", "first", "last"),
    [("00:00", "2031-03-02 00:00", "2031-03-02 23:59"), ("19:30", "2031-03-01 19:30", None)],
)
def test_a_reporting_day_starts_when_the_theatre_says(starts, first, last):
    from ceasefire_monitor.ui.local_time import LocalTime

    clock = LocalTime("Asia/Kathmandu", starts)
    assert clock.text(clock.day_start(QDate(2031, 3, 2))) == first
    if last:
        assert clock.text(clock.day_start(QDate(2031, 3, 3)) - 60) == last


@pytest.mark.parametrize(
    ("low", "high", "qualifier", "text"),
    [
        (3, 3, "exact", "3"),
        (30, 30, "about", "about 30"),
        (2, 4, "exact", "2–4"),
        (3, None, "at_least", "at least 3"),
        (None, None, "not_known", "not known"),
        (None, 9, None, "at most 9"),
        (None, None, None, ""),
        (0, 0, "exact", "0"),
    ],
)
def test_numbers_say_what_is_known(low, high, qualifier, text):
    from ceasefire_monitor.ui import incident_words
    from ceasefire_monitor.ui.incident_row import IncidentRow

    empty = IncidentRow(*[None] * len(IncidentRow._fields))
    row = empty._replace(count_low=low, count_high=high, count_qualifier=qualifier)
    assert incident_words.number(row) == text


def test_a_record_of_which_nothing_is_known_is_shown_without_a_fault(plugin):
    from ceasefire_monitor.ui.incident_row import IncidentRow
    from ceasefire_monitor.ui.incidents_model import Column
    from ceasefire_monitor.ui.local_time import LocalTime

    nothing = IncidentRow(*[None] * len(IncidentRow._fields))._replace(
        fid=1, incident_id="a:1", search="a:1"
    )
    model = plugin.dock.model
    model.set_rows([nothing, nothing._replace(fid=2)], LocalTime("Nowhere/Nothing"))
    for column in Column:
        model.sort(column, Qt.SortOrder.AscendingOrder)
        assert isinstance(model.data(model.index(0, column)), str)
    plugin.dock.detail.show_rows([nothing], model.clock)
    assert "not known" in plugin.dock.detail.toPlainText()
