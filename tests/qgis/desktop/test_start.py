"""The panel Start, the project of a theatre, and the wizard that makes one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from qgis.core import QgsApplication, QgsProject
from qgis.PyQt.QtCore import QDateTime, Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QToolButton

DEMO = Path(__file__).resolve().parents[3] / "resources" / "demo"
GIVEN_BACK: list = []


@pytest.fixture
def plugin(desk):
    """The whole plugin on the desk, with Processing's provider of its own."""
    from processing.core.Processing import Processing

    from ceasefire_monitor.plugin import CeasefireMonitor
    from ceasefire_monitor.processing.provider import CeasefireProvider

    Processing.initialize()
    registry = QgsApplication.processingRegistry()
    shared = registry.providerById("ceasefire") is not None
    if shared:
        registry.removeProvider("ceasefire")
    made = CeasefireMonitor(desk)
    made.initGui()
    yield made
    made.unload()
    if shared:
        GIVEN_BACK.append(CeasefireProvider())
        registry.addProvider(GIVEN_BACK[-1])


@pytest.fixture
def start(plugin):
    panel = plugin.panels["start"]
    panel.show_now()
    return panel


@pytest.fixture
def wizard(start):
    start.own["set_up"].trigger()
    return start.wizard


def small_ledger(folder: Path) -> str:
    """A ledger with a zone, two incidents and another clock than UTC."""
    from datetime import datetime, timezone

    from shapely.geometry import box

    from ceasefire_monitor.ledger.geopackage import Ledger
    from ceasefire_monitor.model.incident import Incident
    from ceasefire_monitor.model.land import Zone

    path = folder / "vale.gpkg"
    settings = {
        "theatre": "Merrow Vale",
        "timezone": "Asia/Kathmandu",
        "reporting_day_start": "19:30",
    }
    with Ledger.create(path, settings) as ledger:
        ledger.write_records(
            "zones",
            [Zone("z1", "Sector North", "buffer", geometry=box(30.1, 5.1, 30.4, 5.3))],
            None,
            "test",
        )
        ledger.write_records(
            "incidents",
            [
                Incident(
                    incident_id=f"patrol:{day}",
                    source="patrol",
                    category="firing/shot",
                    occurred_from=datetime(2031, 3, day, 12, tzinfo=timezone.utc),
                    occurred_to=datetime(2031, 3, day, 13, tzinfo=timezone.utc),
                    longitude=30.2,
                    latitude=5.2,
                )
                for day in (4, 9)
            ],
            None,
            "test",
        )
    return str(path)


# The panel


def test_without_a_ledger_it_says_what_to_do_and_every_button_is_named(start):
    assert start.page.heading.text() == "No ledger is open"
    assert "demo" in start.page.sentence.text()
    assert not start.page.now_row.isVisible()
    buttons = start.page.findChildren(QToolButton)
    assert len(buttons) >= 12
    for button in buttons:
        assert button.accessibleName() and button.toolTip(), button.text()
    assert start.own["set_up"].isEnabled() and not start.own["handover"].isEnabled()


def test_with_a_ledger_it_says_which_and_offers_the_day_s_work(start, tmp_path, wait):
    path = small_ledger(tmp_path)
    start.session.open(path)
    wait(lambda: start.page.heading.text() == "Merrow Vale")
    said = start.page.sentence.text()
    assert "2 incidents" in said and "Asia/Kathmandu" in said and "19:30" in said and path in said
    assert start.page.now_row.isVisible() and start.own["handover"].isEnabled()


def test_recent_ledgers_open_by_enter_and_a_missing_one_says_why(start, desk, tmp_path, wait):
    path = small_ledger(tmp_path)
    gone = str(tmp_path / "gone.gpkg")
    shutil.copy(path, gone)
    for one in (gone, path):
        start.session.open(one, on_map=False)
        wait(lambda one=one: start.session.path == one)
    start.session.close()
    Path(gone).unlink()
    start.refresh()
    recent = start.page.recent
    assert start.session.remembered() == [path, gone]
    texts = [recent.item(row).text() for row in range(recent.count())]
    assert len(texts) == 2 and "vale" in texts[0] and "moved or deleted" in texts[1]
    recent.setCurrentRow(1)
    QTest.keyClick(recent, Qt.Key.Key_Return)
    assert any("moved or deleted" in text for text in desk.sentences())
    assert start.session.path is None
    recent.setCurrentRow(0)
    QTest.keyClick(recent, Qt.Key.Key_Return)
    wait(lambda: start.session.path == path)
    recent.setCurrentRow(1)
    QTest.keyClick(recent, Qt.Key.Key_Delete)
    assert recent.count() == 1


def test_the_hand_over_begins_where_the_last_one_ended(start, tmp_path, wait):
    start.session.open(small_ledger(tmp_path), on_map=False)
    wait(lambda: start.session.path is not None)
    zone = start.session.clock.zone
    first = QDateTime.fromString(start.handover.since(), "yyyy-MM-ddTHH:mm")
    hours_ago = QDateTime.currentDateTimeUtc().toTimeZone(zone)
    first.setTimeZone(zone)
    assert abs(first.secsTo(hours_ago) - 8 * 3600) < 120
    asked = []
    start.commands.show_dialog = lambda *said: asked.append(said)
    start.own["handover"].trigger()
    name, parameters, then = asked[0]
    assert name == "ceasefire:shifthandover" and parameters["SINCE"] == start.handover.since()
    then({"SHEET": parameters["SHEET"]})
    second = QDateTime.fromString(start.handover.since(), "yyyy-MM-ddTHH:mm")
    second.setTimeZone(zone)
    assert second > first and abs(second.secsTo(hours_ago)) < 120


# The project


def test_the_project_opens_with_groups_times_bookmarks_sheets_and_properties(plugin, tmp_path):
    import processing

    path = small_ledger(tmp_path)
    results = processing.run(
        "ceasefire:theatreproject", {"LEDGER": path, "PROJECT": str(tmp_path / "vale.qgz")}
    )
    project = QgsProject()
    assert project.read(results["PROJECT"])
    layers = {layer.name(): layer for layer in project.mapLayers().values()}
    assert len(layers) == results["LAYERS"] and all(one.isValid() for one in layers.values())
    assert all(one.crs().isValid() for one in layers.values() if one.isSpatial())
    groups = [group.name() for group in project.layerTreeRoot().findGroups()]
    assert groups == ["Ceasefire Monitor", "Tables"]
    assert layers["Incidents"].temporalProperties().isActive()
    assert layers["Incidents"].renderer().type() != "singleSymbol"
    times = project.timeSettings().temporalRange()
    # Reporting days from 19:30 in Kathmandu, which is 13:45 UTC.
    assert times.begin().toUTC().toString("yyyy-MM-ddTHH:mm") == "2031-03-03T13:45"
    assert times.end().toUTC().toString("yyyy-MM-ddTHH:mm") == "2031-03-09T13:45"
    marks = {mark.name(): mark.extent() for mark in project.bookmarkManager().bookmarks()}
    assert set(marks) == {"Merrow Vale", "Sector North"}
    assert marks["Sector North"].contains(30.2, 5.2)
    assert project.crs().authid() == "EPSG:32636"
    assert len(project.layoutManager().printLayouts()) == 3
    for name, value in (
        ("theatre", "Merrow Vale"),
        ("timezone", "Asia/Kathmandu"),
        ("reporting_day_start", "19:30"),
    ):
        assert project.readEntry("ceasefire_monitor", f"/{name}")[0] == value
        assert project.customVariables()[f"ceasefire_{name}"] == value
    assert project.relationManager().relations()
    project.clear()


def test_a_project_that_is_there_is_not_written_over(plugin, tmp_path):
    import processing
    from qgis.core import QgsProcessingException

    path, target = small_ledger(tmp_path), tmp_path / "mine.qgz"
    target.write_bytes(b"mine")
    with pytest.raises(QgsProcessingException, match="another name"):
        processing.run("ceasefire:theatreproject", {"LEDGER": path, "PROJECT": str(target)})
    assert target.read_bytes() == b"mine"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["mine.qgz", "vale.gpkg"]


# The wizard


def answer(wizard, folder: Path) -> None:
    """The first two pages: a theatre and its clocks."""
    wizard.theatre.name.setText("Isle of Test")
    wizard.theatre.ledger.setFilePath(str(folder / "isle.gpkg"))
    wizard.clocks.zone.setCurrentText("Atlantic/Azores")


def to_the_end(wizard) -> None:
    while wizard.currentPage() is not wizard.making:
        page = wizard.currentPage()
        assert page.isComplete(), page.title()
        wizard.next()


def test_the_wizard_leads_from_nothing_to_an_open_project(start, wizard, tmp_path, desk, wait):
    answer(wizard, tmp_path)
    line, reports = wizard.line, wizard.reports
    next(reversed(line.choices.values())).setChecked(True)
    line.areas.choose_file(str(DEMO / "control_areas.geojson"))
    line.theatre.choose_file(str(DEMO / "theatre.geojson"))
    assert (line.party.currentField(), line.dates.currentField()) == ("holder", "valid_from")
    list(reports.choices.values())[1].setChecked(True)
    reports.file.setFilePath(str(DEMO / "third_party.csv"))
    to_the_end(wizard)
    wizard.making.start.click()
    wait(lambda: wizard.making.sequence.outcome is not None, 90)
    assert wizard.making.isComplete(), wizard.making.words.text()
    assert "set aside" in wizard.making.words.text()
    wizard.accept()
    wait(lambda: start.session.path == str(tmp_path / "isle.gpkg"))
    assert [Path(one).name for one in desk.projects] == ["isle.qgz"]
    layers = {one.name(): one for one in QgsProject.instance().mapLayers().values()}
    assert layers["Contact lines in force"].featureCount() == 5
    assert any(row.flag == "near" for row in start.session.rows)
    assert start.session.clock.name == "Atlantic/Azores"


def test_what_fails_is_told_and_what_was_made_stays(wizard, tmp_path, wait):
    answer(wizard, tmp_path)
    list(wizard.reports.choices.values())[1].setChecked(True)
    bad = tmp_path / "bad.csv"
    bad.write_text("colour,shape\nred,round\n", encoding="utf-8")
    wizard.reports.file.setFilePath(str(bad))
    to_the_end(wizard)
    wizard.making.start.click()
    wait(lambda: wizard.making.sequence.outcome is not None)
    said = wizard.making.words.text()
    assert "Import the first reports" in said and "isle.gpkg" in said and "Traceback" not in said
    assert not wizard.making.isComplete() and (tmp_path / "isle.gpkg").is_file()
    # Put right, it goes on where it stopped: the ledger is not made a second time.
    next(iter(wizard.reports.choices.values())).setChecked(True)
    wizard.back()
    to_the_end(wizard)
    wizard.making.start.click()
    wait(lambda: wizard.making.sequence.outcome is not None)
    assert wizard.making.isComplete(), wizard.making.words.text()
    assert (tmp_path / "isle.qgz").is_file()


def test_closing_the_wizard_opens_what_was_made_and_forgets_the_wizard(
    start, wizard, tmp_path, wait
):
    wizard.reject()
    wait(lambda: start.wizard is None)
    assert start.session.path is None


def test_a_wrong_time_zone_or_a_file_in_the_way_stops_the_page_with_a_sentence(wizard, tmp_path):
    answer(wizard, tmp_path)
    assert wizard.theatre.isComplete() and wizard.clocks.isComplete()
    (tmp_path / "isle.gpkg").write_bytes(b"mine")
    wizard.theatre.ledger.setFilePath(str(tmp_path / "isle"))
    assert not wizard.theatre.isComplete() and "another name" in wizard.theatre.problem.text()
    wizard.clocks.zone.setCurrentText("Europe/Nowhere")
    assert not wizard.clocks.isComplete() and "Nowhere" in wizard.clocks.example.text()


def test_unloading_while_the_wizard_is_open_leaves_nothing(start, wizard, plugin, desk, wait):
    from qgis.PyQt.QtWidgets import QWizard

    start.take_back()
    wait(lambda: not desk.window.findChildren(QWizard))
    start.built = False
