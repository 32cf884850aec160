"""The panel of incidents as the place of review: going to one, keys, undo, many at once, detail."""

from __future__ import annotations

import math
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from qgis.core import QgsCoordinateReferenceSystem, QgsDistanceArea, QgsPointXY, QgsProject
from qgis.PyQt.QtCore import Qt, QUrl
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QDialogButtonBox

from ceasefire_monitor.ledger.links import link_incidents
from ceasefire_monitor.ledger.opening import create_ledger, open_ledger
from ceasefire_monitor.ledger.review import review_incidents
from ceasefire_monitor.model.evidence import Evidence
from ceasefire_monitor.model.incident import Incident, Observation
from ceasefire_monitor.model.land import Finding
from ceasefire_monitor.model.review import Review
from ceasefire_monitor.ui.review.many import ManyDialog
from ceasefire_monitor.ui.review.reason_dialog import ReasonDialog
from ceasefire_monitor.ui.review.refused_dialog import RefusedDialog
from ceasefire_monitor.ui.review.signature import sign_as

START = datetime(2031, 3, 1, tzinfo=timezone.utc)
EVIDENCE = Evidence(
    evidence_id="evidence:1",
    sha256="0" * 64,
    file_name="crater.jpg",
    size_bytes=123_456,
    record_table="incidents",
    record_id="patrol:3",
)
FINDING = Finding(
    finding_id="finding:1",
    incident_id="patrol:3",
    incident_revision=2,
    assessed_at=START,
    agreement_id="merrow",
    clause="4.2",
    rule="heavy",
    verdict="breaks",
    probability=0.9,
    finding="Heavy weapon within the zone",
)
OBSERVATION = Observation(
    observation_id="observation:1",
    incident_id="patrol:40",
    bearing_deg=90.0,
    bearing_halfwidth_deg=10.0,
    range_min_m=2000.0,
    range_max_m=4000.0,
    means="saw",
    longitude=10.5,
    latitude=5.0,
)


@pytest.fixture
def plugin(desk, provider):
    """The plugin's parts on the desk, beside the provider."""
    from ceasefire_monitor.plugin import CeasefireMonitor

    made = CeasefireMonitor(desk)
    made.initProcessing = lambda: None
    made.initGui()
    yield made
    made.unload()


def incident(number: int, **more):
    return Incident(
        incident_id=f"patrol:{number}",
        source="patrol",
        category="firing/explosion",
        occurred_from=START + timedelta(hours=number),
        occurred_to=START + timedelta(hours=number, minutes=1),
        time_precision="minute",
        place=f"Village {number:02d}",
        uncertainty_m=250.0,
        uncertainty_kind="gauss",
        longitude=10 + number / 100,
        latitude=5.0,
        **more,
    )


@pytest.fixture
def ledger(tmp_path):
    """A ledger of 30 incidents that wait for review."""
    path = tmp_path / "review.gpkg"
    with create_ledger(path, {"theatre": "Merrow Valley", "timezone": "UTC"}) as made:
        made.write_records("incidents", map(incident, range(30)), "A. Recorder", "recorded")
    return str(path)


@pytest.fixture
def opened(plugin, ledger, wait):
    """The plugin with the ledger open and on the map, the table in focus."""
    sign_as("B. Reviewer")
    plugin.session.open(ledger)
    wait(lambda: plugin.dock.model.total() == 30)
    plugin.dock.table.setFocus()
    yield plugin
    sign_as("")


def stored(path: str) -> dict:
    """What the ledger holds, by id."""
    with open_ledger(path, readonly=True) as ledger:
        return {record.incident_id: record for record in ledger.read("incidents")}


def states(path: str, incident_id: str) -> list:
    """The revisions of an incident, the oldest first."""
    with open_ledger(path, readonly=True) as ledger:
        return ledger.history(incident_id)


def written(plugin) -> bool:
    """Whether every review is in the ledger, and the panel has read it."""
    queue = plugin.dock.reviewer.queue
    return queue.pending() == 0 and not queue.unseen()


def test_an_incident_is_shown_by_its_id_and_the_filter_that_hides_it_is_taken_off(
    opened, desk, wait
):
    dock = opened.dock
    dock.filter.text.setText('"village 07"')
    wait(lambda: dock.model.rowCount() == 1)
    assert dock.show_incident("patrol:7")
    assert dock.model.rowCount() == 1
    assert dock.show_incident("patrol:12")
    assert dock.model.rowCount() == 30
    assert any("The filter hid" in sentence for sentence in desk.sentences())
    (index,) = dock.table.selectionModel().selectedRows()
    assert dock.model.row_at(index.row()).incident_id == "patrol:12"
    assert dock.table.currentIndex().row() == index.row()
    assert not dock.show_incident("patrol:nobody")
    assert any("no incident" in sentence for sentence in desk.sentences())


def press(plugin, *keys) -> None:
    """Press keys as a person does: they go to whatever has the focus of the window."""
    for key in keys:
        QTest.keyClick(plugin.dock.window().focusWidget(), key)


def test_ten_incidents_are_reviewed_by_keyboard_alone(opened, ledger, wait):
    dock = opened.dock
    press(opened, Qt.Key.Key_T)
    QTest.keyClicks(dock.window().focusWidget(), "Crater 1 seen by the patrol")
    press(opened, Qt.Key.Key_Return, Qt.Key.Key_N)
    for number in range(10):
        press(opened, Qt.Key.Key_4 if number % 2 else Qt.Key.Key_3, Qt.Key.Key_R)
    wait(lambda: written(opened))
    reviewed = [record for record in stored(ledger).values() if record.workflow == "reviewed"]
    assert len(reviewed) == 10
    verifications = sorted(record.verification for record in reviewed)
    assert verifications == ["confirmed"] * 5 + ["corroborated"] * 5
    # Verification and workflow of one incident are one revision.
    assert {record.revision for record in reviewed} == {2}
    assert {(state.who, state.why) for state in states(ledger, reviewed[0].incident_id)[1:]} == {
        ("B. Reviewer", "Crater 1 seen by the patrol")
    }
    assert "20 of 30" in dock.review_strip.status.text()
    current = dock.model.row_at(dock.table.currentIndex().row())
    assert current.incident_id not in {record.incident_id for record in reviewed}


def test_a_review_is_taken_back_before_and_after_it_was_written(opened, ledger, wait):
    dock = opened.dock
    assert dock.show_incident("patrol:3")
    press(opened, Qt.Key.Key_4)
    QTest.keyClick(dock.table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert written(opened)
    press(opened, Qt.Key.Key_4, Qt.Key.Key_R)
    wait(lambda: written(opened))
    assert stored(ledger)["patrol:3"].workflow == "reviewed"
    QTest.keyClick(dock.table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert dock.model.row_at(dock.table.currentIndex().row()).incident_id == "patrol:3"
    wait(lambda: written(opened))
    record = stored(ledger)["patrol:3"]
    assert (record.verification, record.workflow) == ("unverified", "recorded")
    past = states(ledger, "patrol:3")
    assert len(past) == 3
    assert past[-1].why.startswith("Taken back: ")


def test_a_step_that_is_not_allowed_is_said_and_not_written(opened, ledger, desk, wait):
    assert opened.dock.show_incident("patrol:3")
    press(opened, Qt.Key.Key_L)
    assert any("only to “reviewed” or “withdrawn”" in text for text in desk.sentences())
    assert written(opened)


def test_a_withdrawal_asks_why(opened, ledger, wait):
    dock = opened.dock
    assert dock.show_incident("patrol:3")
    press(opened, Qt.Key.Key_W)
    (dialog,) = dock.findChildren(ReasonDialog)
    ok = dialog.buttons.button(QDialogButtonBox.StandardButton.Ok)
    assert not ok.isEnabled()
    QTest.keyClicks(dialog.line, "A range practice")
    QTest.keyClick(dialog.line, Qt.Key.Key_Return)
    wait(lambda: opened.dock.reviewer.queue.pending() == 0)
    assert stored(ledger)["patrol:3"].workflow == "withdrawn"
    assert states(ledger, "patrol:3")[-1].why == "A range practice"


def test_who_recorded_an_incident_is_told_that_another_one_confirms_it(opened, ledger, desk, wait):
    sign_as("A. Recorder")
    with open_ledger(ledger) as made:
        made.set_setting("four_eyes", "yes")
    assert opened.dock.show_incident("patrol:3")
    press(opened, Qt.Key.Key_4, Qt.Key.Key_R)
    wait(lambda: any("four-eyes" in text for text in desk.sentences()))
    wait(lambda: written(opened))
    assert stored(ledger)["patrol:3"].revision == 1


def test_several_selected_get_one_review_and_refusals_are_told_one_by_one(
    opened, ledger, desk, wait
):
    dock = opened.dock
    with open_ledger(ledger) as made:
        review_incidents(made, ["patrol:1"], Review(workflow="withdrawn"), "C", "why")
    opened.session.reload()
    wait(lambda: opened.session.rows[1].workflow == "withdrawn")
    wanted = "\"incident_id\" in ('patrol:1', 'patrol:2', 'patrol:4')"
    opened.session.layer().selectByExpression(wanted)
    press(opened, Qt.Key.Key_R)
    (dialog,) = dock.findChildren(ManyDialog)
    assert not dialog.run.isEnabled()
    assert "1 of 3" in dialog.forecast.text()
    QTest.keyClicks(dialog.reason, "Patrol log")
    dialog.run.click()
    wait(lambda: dock.findChildren(RefusedDialog))
    (refused,) = dock.findChildren(RefusedDialog)
    assert refused.table.item(0, 0).text() == "patrol:1"
    assert "withdrawn" in refused.table.item(0, 1).text()
    refused.close()
    records = stored(ledger)
    assert [records[f"patrol:{i}"].workflow for i in (1, 2, 4)] == [
        "withdrawn",
        "reviewed",
        "reviewed",
    ]


def test_an_edit_is_undone_given_up_and_saved(opened, ledger, wait):
    dock, layer = opened.dock, opened.session.layer()
    assert dock.show_incident("patrol:3")
    press(opened, Qt.Key.Key_E)
    assert layer.isEditable()
    form = dock.editor._form
    form.attributeForm().changeAttribute("place", "Mill Ford")
    form.accept()
    assert dock.editor.bar.isVisible()
    dock.editor.bar.undo.click()
    assert not layer.isModified()
    press(opened, Qt.Key.Key_E)
    dock.editor._form.attributeForm().changeAttribute("place", "Mill Ford")
    dock.editor._form.accept()
    dock.editor.bar.save.click()
    wait(lambda: stored(ledger)["patrol:3"].place == "Mill Ford")
    assert not dock.editor.bar.isVisible()


def test_what_the_ledger_refuses_to_save_is_said_and_stays(opened, ledger, desk):
    dock, layer = opened.dock, opened.session.layer()
    assert dock.show_incident("patrol:3")
    press(opened, Qt.Key.Key_E)
    dock.editor._form.attributeForm().changeAttribute("workflow", "released")
    dock.editor._form.accept()
    dock.editor.bar.save.click()
    assert any("only to “reviewed”" in text for text in desk.sentences())
    assert layer.isEditable()
    dock.editor.bar.give_up.click()
    assert not layer.isEditable()


def test_the_pages_tell_of_past_links_evidence_and_clauses(opened, ledger, wait):
    dock = opened.dock
    with open_ledger(ledger) as made:
        review_incidents(
            made, ["patrol:3"], Review(verification="confirmed"), "C. Chief", "Two craters"
        )
        link_incidents(made, [("patrol:4", "patrol:3")], "duplicate_of", "C. Chief", "same hour")
        made.write_records("evidence", [EVIDENCE], "C. Chief", "photo")
        made.write_rule_findings([FINDING])
    opened.session.reload()
    wait(lambda: opened.session.rows[3].verification == "confirmed")
    assert dock.show_incident("patrol:3")
    wait(lambda: "Two craters" in dock.detail.page_text("revisions"))
    revisions = dock.detail.page_text("revisions")
    assert revisions.index("Revision 2") < revisions.index("Revision 1")
    assert "C. Chief" in revisions
    assert "unverified" in revisions and "confirmed" in revisions
    assert "has the duplicate patrol:4" in dock.detail.page_text("links")
    assert "lead record" in dock.detail.page_text("links")
    assert "Heavy weapon within the zone" in dock.detail.page_text("findings")
    assert "crater.jpg" not in dock.detail.page_text("evidence")
    assert "1 confidential" in dock.detail.page_text("evidence")
    dock.detail.pages["evidence"].anchorClicked.emit(QUrl("show:confidential"))
    assert "crater.jpg" in dock.detail.page_text("evidence")
    dock.detail.pages["links"].anchorClicked.emit(QUrl("incident:patrol%3A4"))
    assert dock.model.row_at(dock.table.currentIndex().row()).incident_id == "patrol:4"


def test_the_map_shows_how_far_the_place_may_be_off(opened, desk, wait):
    desk.canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    dock = opened.dock
    assert dock.show_incident("patrol:3")
    wait(lambda: dock.uncertainty.shape is not None)
    measure = QgsDistanceArea()
    measure.setEllipsoid("EPSG:7030")
    measure.setSourceCrs(opened.session.layer().crs(), QgsProject.instance().transformContext())
    ring = dock.uncertainty.shape.asMultiPolygon()[0][0]
    away = [measure.measureLine(QgsPointXY(10.03, 5.0), corner) for corner in ring]
    assert away == pytest.approx([250.0] * len(away), abs=0.01)
    dock.table.clearSelection()
    assert dock.uncertainty.shape is None


def test_a_sector_is_drawn_as_it_was_seen(opened, ledger, wait):
    dock = opened.dock
    with open_ledger(ledger) as made:
        seen = incident(40)
        seen.uncertainty_kind = "sector"
        made.write_records("incidents", [seen], "A", "b")
        made.write_records("observations", [OBSERVATION], "A", "b")
    opened.session.reload()
    wait(lambda: dock.model.total() == 31)
    assert dock.show_incident("patrol:40")
    wait(lambda: dock.uncertainty.shape is not None)
    # East of the post, from 2 to 4 km, 10 degrees to each side: 20/360 of the ring.
    area = QgsDistanceArea()
    area.setEllipsoid("EPSG:7030")
    area.setSourceCrs(opened.session.layer().crs(), QgsProject.instance().transformContext())
    expected = math.pi * (4000**2 - 2000**2) * 20 / 360
    assert area.measureArea(dock.uncertainty.shape) == pytest.approx(expected, rel=0.005)
    box = dock.uncertainty.shape.boundingBox()
    assert box.xMinimum() > 10.5


def test_a_review_that_waits_is_written_when_another_ledger_is_opened(
    opened, ledger, tmp_path, wait
):
    other = tmp_path / "other.gpkg"
    create_ledger(other, {"theatre": "Elsewhere"}).close()
    assert opened.dock.show_incident("patrol:3")
    press(opened, Qt.Key.Key_4)
    opened.session.open(str(other))
    wait(lambda: opened.session.path == str(other))
    assert stored(ledger)["patrol:3"].verification == "confirmed"
    assert written(opened)


def test_a_review_alone_does_not_ask_for_a_new_flag(opened, ledger, wait):
    dock = opened.dock
    flagged = Finding(incident_id="patrol:3", incident_revision=1, flag="near", finding="80 m")
    with open_ledger(ledger) as made:
        made.write_findings([flagged])
        review_incidents(made, ["patrol:3"], Review(verification="confirmed"), "C", "why")
    opened.session.reload()
    wait(lambda: opened.session.rows[3].revision == 2)
    assert dock.show_incident("patrol:3")
    wait(lambda: "Revision 2" in dock.detail.page_text("revisions"))
    assert "flag it again" not in dock.detail.toPlainText()
    with open_ledger(ledger) as made:
        (moved,) = made.read("incidents", ids=["patrol:3"])
        moved.latitude = 5.5
        made.write_records("incidents", [moved], "C", "typing error")
    opened.session.reload()
    wait(lambda: "Revision 3" in dock.detail.page_text("revisions"))
    assert "flag it again" in dock.detail.toPlainText()


def test_the_table_stays_at_its_incident_while_it_is_read_again(opened, wait):
    dock = opened.dock
    opened.session.layer().selectByIds([])
    project = QgsProject.instance()
    project.removeMapLayer(opened.session.layer().id())
    assert dock.show_incident("patrol:17", zoom=False)
    opened.session.reload()
    assert opened.session.is_reading()
    wait(lambda: not opened.session.is_reading())
    assert dock.model.row_at(dock.table.currentIndex().row()).incident_id == "patrol:17"
    (index,) = dock.table.selectionModel().selectedRows()
    assert index.row() == dock.table.currentIndex().row()


def test_keys_type_letters_where_text_is_written(opened, wait):
    dock = opened.dock
    assert dock.show_incident("patrol:3")
    dock.filter.text.setFocus()
    QTest.keyClicks(dock.filter.text, "R4W")
    assert dock.filter.text.text() == "R4W"
    assert dock.reviewer.queue.pending() == 0


def test_what_could_not_be_written_is_named(opened, ledger, desk, wait):
    assert opened.dock.show_incident("patrol:3")
    Path(ledger).rename(f"{ledger}.gone")
    press(opened, Qt.Key.Key_4, Qt.Key.Key_R)
    wait(lambda: any("give them again: patrol:3" in text for text in desk.sentences()))
    Path(f"{ledger}.gone").rename(ledger)
    assert stored(ledger)["patrol:3"].workflow == "recorded"
