"""Edits in QGIS itself: what its attribute table and its form send, and what the history says."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest
from qgis.core import QgsDefaultValue, QgsFeature, QgsGeometry, QgsVectorLayer

from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.model.incident import Incident, Post
from tests.ledger_sql import rows

TESTS = Path(__file__).resolve().parent.parent
MOVED = QgsGeometry.fromWkt("POINT (31 46)")
HISTORY = (
    "SELECT revision, who, based_on, conflict FROM incident_history "
    "WHERE incident_id = 'watch:1' AND revision > 1 ORDER BY revision"
)
OF_POST = (
    "SELECT revision, operation, who, conflict FROM record_history "
    "WHERE table_name = 'posts' AND revision > 1 ORDER BY revision"
)
# Another program's process: the lock of one process is no lock within it.
COLLEAGUE = f"""
import sys
sys.path.insert(0, {str(TESTS)!r})
import conftest, dataclasses
from ceasefire_monitor.ledger.geopackage import Ledger
with Ledger.open(sys.argv[1]) as ledger:
    (found,) = ledger.read("incidents", ids=["watch:1"])
    ledger.write_records("incidents", [dataclasses.replace(found, term="hut")], "Cy", "checked")
"""


@pytest.fixture
def path(tmp_path):
    place = tmp_path / "ledger.gpkg"
    with Ledger.create(place) as ledger:
        first = Incident(incident_id="watch:1", place="Mill", longitude=30, latitude=45)
        again = dataclasses.replace(first, incident_id="watch:2")
        ledger.write_records("incidents", [first, again], "Ana", "first")
        ledger.write_records("posts", [Post(post_id="p:1", longitude=30, latitude=45)], "Ana", "x")
    return place


def plain(path, name):
    """A layer without the style that the ledger stores for it."""
    options = QgsVectorLayer.LayerOptions(loadDefaultStyle=False)
    layer = QgsVectorLayer(f"{path}|layername={name}", name, "ogr", options)
    assert layer.isValid()
    return layer


def opened(path, name, who="Bo"):
    """A layer whose form signs."""
    layer = plain(path, name)
    names = layer.fields().names()
    definitions = {"edited_by": f"'{who}'"}
    if name == "incidents":
        definitions["edit_base"] = '"revision"'
    for field, expression in definitions.items():
        layer.setDefaultValueDefinition(names.index(field), QgsDefaultValue(expression, True))
    return layer


def change(layer, geometry=None, number=1, **values):
    names = layer.fields().names()
    assert layer.isEditable() or layer.startEditing()
    if geometry is not None:
        assert layer.changeGeometry(number, geometry)
    for field, value in values.items():
        assert layer.changeAttributeValue(number, names.index(field), value)


def saved(layer):
    assert layer.commitChanges(), layer.commitErrors()


def test_place_and_values_of_one_edit_are_signed_both_without_a_conflict(path):
    layer = opened(path, "incidents")
    change(layer, MOVED, place="Ford")
    change(layer, MOVED, number=2, place="Ford")
    saved(layer)
    assert rows(path, HISTORY) == [(2, "Bo", 1, 0), (3, "Bo", 1, 0)]
    change(layer, place="Weir")
    saved(layer)
    assert rows(path, HISTORY)[2:] == [(4, "Bo", 3, 0)]


def test_a_move_alone_is_one_signed_revision(path):
    layer = opened(path, "incidents")
    change(layer, MOVED)
    saved(layer)
    assert rows(path, HISTORY) == [(2, "Bo", 1, 0)]


@pytest.mark.parametrize("geometry", [None, MOVED])
def test_an_edit_on_what_a_colleague_has_changed_meanwhile_is_kept_and_marked(path, geometry):
    layer = opened(path, "incidents")
    change(layer, geometry, place="Ford")
    subprocess.run([sys.executable, "-c", COLLEAGUE, str(path)], check=True)
    saved(layer)
    colleague, *mine = rows(path, HISTORY)
    assert colleague == (2, "Cy", None, None)
    assert mine == [(3 + number, "Bo", 1, 1) for number in range(len(mine))]
    assert len(mine) == (1 if geometry is None else 2)
    with Ledger.open(path) as ledger:
        (now,) = ledger.read("incidents", ids=["watch:1"])
    # The values that were not edited stay the colleague's.
    assert (now.place, now.term) == ("Ford", "hut")


def test_a_layer_without_a_signing_form_leaves_edits_unsigned(path):
    layer = plain(path, "incidents")
    change(layer, MOVED, place="Ford")
    saved(layer)
    assert rows(path, HISTORY) == [(2, None, None, None), (3, None, None, None)]


def test_posts_are_signed_moved_deleted_and_kept_in_the_history(path):
    layer = opened(path, "posts")
    change(layer, MOVED, name="Hill")
    saved(layer)
    assert layer.startEditing()
    assert layer.deleteFeature(1)
    saved(layer)
    assert rows(path, OF_POST) == [
        (2, "update", "Bo", None),
        (3, "update", "Bo", None),
        (4, "delete", None, None),
    ]


def test_what_is_drawn_in_qgis_is_signed_and_a_deleted_incident_comes_back(path):
    layer = opened(path, "incidents")
    assert layer.startEditing()
    feature = QgsFeature(layer.fields())
    feature.setGeometry(MOVED)
    feature["place"], feature["edited_by"] = "Ford", "Bo"
    assert layer.addFeature(feature)
    saved(layer)
    drawn = "SELECT who FROM incident_history WHERE incident_id LIKE 'own:%'"
    assert rows(path, drawn) == [("Bo",)]
    assert layer.startEditing()
    layer.deleteFeature(1)
    assert not layer.commitChanges()
    assert "set workflow to withdrawn" in " ".join(layer.commitErrors())
    layer.rollBack()
    assert layer.featureCount() == 3


def test_the_view_and_the_histories_open_as_tables(path):
    for name, count in (("current_findings", 0), ("incident_history", 2), ("record_history", 1)):
        layer = QgsVectorLayer(f"{path}|layername={name}", name, "ogr")
        assert layer.isValid()
        assert sum(1 for _ in layer.getFeatures()) == count


def test_a_ledger_that_qgis_reads_and_edits_can_be_written_and_the_other_way_round(path):
    """QGIS turns on WAL when editing starts; a reader that has not finished locks nobody out."""
    layer = opened(path, "incidents")
    change(layer, place="Ford")
    reading = layer.dataProvider().getFeatures()
    assert reading.nextFeature(QgsFeature())
    subprocess.run([sys.executable, "-c", COLLEAGUE, str(path)], check=True, timeout=60)
    saved(layer)
    with Ledger.open(path) as ledger:
        assert [item.who for item in ledger.history("watch:1")] == ["Ana", "Cy", "Bo"]
    del reading, layer
