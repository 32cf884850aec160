"""The panel of lines and rules, clicked in real QGIS on a theatre of its own."""

from __future__ import annotations

import json
from datetime import datetime, timezone

import pytest
import shapely
from qgis.core import QgsPointXY, QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import Qt

# QGIS owns the providers, but Python must not let go of them.
GIVEN: list = []
CLAUSES = {
    "format": 1,
    "agreement_id": "march_2031",
    "title": "Understanding of March",
    "parties": [{"code": "north", "name": "North"}, {"code": "south", "name": "South"}],
    "timing": {"timezone": "UTC", "in_force_from": "2031-03-01"},
    "lines": [{"code": "line", "title": "The line", "kind": "agreed"}],
    "zones": [
        {
            "code": "strip",
            "title": "Strip",
            "kind": "security_zone",
            "clause": "2",
            "bands": [{"line": "line", "far_m": 2000.0}],
        }
    ],
    "clauses": [
        {"reference": "1", "text": "No fire.", "text_status": "verified", "title": "Fire"},
        {"reference": "2", "text": "A strip of 2 km.", "text_status": "not_verified"},
    ],
}


def moment(day: int) -> datetime:
    return datetime(2031, 3, day, tzinfo=timezone.utc)


@pytest.fixture
def theatre(tmp_path):
    """Two states of one line (until and from 10 March), an agreement, three incidents, findings."""
    from ceasefire_monitor.ledger.geopackage import Ledger
    from ceasefire_monitor.model.incident import Incident
    from ceasefire_monitor.model.land import ContactLine, Finding
    from ceasefire_monitor.model.stored_agreement import StoredAgreement

    path = tmp_path / "theatre.gpkg"
    text = json.dumps(CLAUSES)
    with Ledger.create(path, {"theatre": "Merrow", "timezone": "UTC"}) as ledger:
        ledger.write_records("contact_lines", _lines(ContactLine), None, "test")
        ledger.write_records("incidents", [_incident(Incident, i) for i in range(3)], None, "test")
        stored = StoredAgreement("", "march_2031", "Understanding of March", text)
        ledger.write_records("agreements", [stored], None, "test")
        ledger.write_rule_findings(
            [_finding(Finding, 0, "breaks"), _finding(Finding, 1, "complies")]
        )
    return str(path)


def _lines(kind):
    for number, (begin, end, lat) in enumerate(((1, 10, 5.0), (10, None, 5.05))):
        yield kind(
            line_id=f"line:{number}",
            line_name="Line of March",
            kind="agreed",
            left_party="North",
            valid_from=moment(begin),
            valid_to=end and moment(end),
            geometry=shapely.LineString([(10.0, lat), (10.1, lat), (10.2, lat)]),
        )


def _incident(kind, i):
    return kind(
        incident_id=f"patrol:{i}",
        source="patrol",
        category="firing/shot",
        occurred_from=moment(12),
        longitude=10.1,
        latitude=5.0,
    )


def _finding(kind, i, verdict):
    return kind(
        incident_id=f"patrol:{i}",
        incident_revision=1,
        assessed_at=moment(20),
        agreement_id="march_2031",
        clause="1",
        rule="fire",
        verdict=verdict,
    )


@pytest.fixture
def panel(plugin, theatre, wait):
    """The panel, seen, with the theatre's ledger read."""
    from processing.core.Processing import Processing
    from qgis.core import QgsApplication

    from ceasefire_monitor.processing.provider import CeasefireProvider

    Processing.initialize()
    registry = QgsApplication.processingRegistry()
    # An earlier test's module may have left its provider: this one gives its own back.
    registry.removeProvider("ceasefire")
    GIVEN.append(CeasefireProvider())
    registry.addProvider(GIVEN[-1])
    plugin.session.open(theatre)
    wait(lambda: plugin.session.path is not None)
    shown = plugin.panels["line"]
    shown.show_now()
    wait(lambda: shown.lines)
    yield shown
    wait(lambda: not shown.runner.busy())
    QgsApplication.processingRegistry().removeProvider("ceasefire")


def listed(panel):
    tree = panel.page.lines
    return [
        tree.topLevelItem(at).data(0, Qt.ItemDataRole.UserRole)
        for at in range(tree.topLevelItemCount())
        if tree.topLevelItem(at).data(0, Qt.ItemDataRole.UserRole)
    ]


def test_without_a_ledger_it_says_what_to_do(plugin):
    shown = plugin.panels["line"]
    shown.show_now()
    assert shown.page.currentWidget() is shown.page.empty
    assert not any(action.isEnabled() for action in shown.own.values())


def test_the_slider_stops_at_the_changes_and_lists_the_lines_in_force(panel):
    date = panel.page.date
    assert date.stops == [moment(1).timestamp(), moment(10).timestamp()]
    # It begins on the day of the latest incident.
    assert listed(panel) == ["line:1"] and date.slider.value() == 1
    date.slider.setValue(0)
    assert listed(panel) == ["line:0"]
    assert panel.page.summary.text() == "Lines in force then: 1."
    item = panel.page.lines.topLevelItem(0)
    assert item.text(1) == "North | not known" and item.text(4) == "not known"
    assert item.text(3) == "22.2 km"


def test_the_map_shows_the_date_beside_a_users_own_filter_and_gets_it_back(panel):
    from ceasefire_monitor.ui.ledger_layers import find_layer

    layer = find_layer(QgsProject.instance(), panel.session.path, "contact_lines")
    layer.setSubsetString("\"kind\" = 'agreed'")
    panel.page.date.on_map.setChecked(True)
    assert [feature["line_id"] for feature in layer.getFeatures()] == ["line:1"]
    panel.page.date.slider.setValue(0)
    assert [feature["line_id"] for feature in layer.getFeatures()] == ["line:0"]
    panel.page.date.on_map.setChecked(False)
    assert layer.subsetString() == "\"kind\" = 'agreed'"
    assert len(list(layer.getFeatures())) == 2
    # What is opened of the file afterwards knows where it lies.
    again = QgsVectorLayer(layer.source(), "again", "ogr")
    assert again.crs().authid() == layer.crs().authid() == "EPSG:4326"


def test_a_clause_shows_its_text_its_area_and_its_incidents(panel, wait):
    from ceasefire_monitor.ui.line.clauses_tree import Choice

    tree = panel.page.clauses
    texts = {item.data(0, Qt.ItemDataRole.UserRole): item.text(1) for item in tree.items()}
    assert texts[Choice("march_2031", "1")] == "2"
    assert texts[Choice("march_2031", "1", "breaks")] == "1"
    assert texts[Choice("march_2031", "2")] == "no rule"
    tree.choose(Choice("march_2031", "2"))
    assert "A strip of 2 km." in panel.page.text.toPlainText()
    wait(lambda: "Areas" in panel.page.drawn.text())
    assert panel.on_map.count() > 0
    tree.choose(Choice("march_2031", "1"))
    assert panel.on_map.count() == 0 and "nothing" in panel.page.drawn.text()
    tree.choose(Choice("march_2031", "1", "breaks"))
    panel.page.links.linkActivated.emit("#select")
    chosen = panel.commands.incidents.table.selectionModel().selectedRows()
    assert [panel.commands.incidents.model.row_at(i.row()).incident_id for i in chosen] == [
        "patrol:0"
    ]


def test_coordinates_become_a_line_of_the_ledger(panel, wait):
    panel.coordinates()
    dialog = panel.dialog
    dialog.text.setPlainText("5.1, 10.0\nno place")
    dialog.look()
    wait(lambda: "Line 2" in dialog.told.text())
    dialog.text.setPlainText("5.1, 10.0\n5.1, 10.2")
    dialog.name.setText("Proposed line")
    dialog.begin.setText("2031-03-01")
    dialog.kind.setCurrentIndex(dialog.kind.findData("agreed"))
    dialog.look()
    wait(lambda: "2 places" in dialog.told.text())
    dialog.add()
    wait(lambda: any(line.name == "Proposed line" for line in panel.lines))
    assert not dialog.isVisible()
    assert len(listed(panel)) == 2


def test_a_line_is_split_and_its_side_named_with_undo(panel, wait):
    editor = panel.editor
    panel.iface.mapCanvas().setDestinationCrs(QgsProject.instance().crs())
    from qgis.core import QgsCoordinateReferenceSystem

    panel.iface.mapCanvas().setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
    assert not editor.bar.isVisible()
    assert editor.split_at(QgsPointXY(10.15, 5.06))
    layer = editor._layer
    assert layer.featureCount() == 3 and editor.bar.isVisible()
    editor.undo()
    assert layer.featureCount() == 2
    editor.split_at(QgsPointXY(10.15, 5.06))
    hit = editor._hit(QgsPointXY(10.18, 5.01))
    assert not hit.left
    editor.set_party(hit, "South")
    assert editor.save()
    wait(lambda: len(panel.lines) == 3)
    pieces = sorted(
        (line for line in panel.lines if line.end is None), key=lambda line: line.length_m
    )
    assert [line.right for line in pieces] == ["South", None]
    assert pieces[0].length_m + pieces[1].length_m == pytest.approx(22170, rel=1e-3)
    # An end is no place to split at, and that is said.
    assert not editor.split_at(QgsPointXY(9.0, 5.06))
    assert any("end" in sentence for sentence in panel.iface.sentences())


def test_unloading_gives_the_map_back(plugin, theatre, wait):
    from ceasefire_monitor.ui.ledger_layers import find_layer

    plugin.session.open(theatre)
    wait(lambda: plugin.session.path is not None)
    shown = plugin.panels["line"]
    shown.show_now()
    wait(lambda: shown.lines)
    shown.page.date.on_map.setChecked(True)
    layer = find_layer(QgsProject.instance(), theatre, "contact_lines")
    assert len(list(layer.getFeatures())) == 1
    shown.take_back()
    assert layer.subsetString() == ""
    shown.built = False
