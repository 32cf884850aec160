"""The ledger in plain QGIS: its layers and aliases, and edits that the history records."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from osgeo import gdal
from qgis.core import NULL, Qgis, QgsFeature, QgsGeometry, QgsPointXY, QgsVectorLayer

from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.ledger.own_tables import LISTED
from ceasefire_monitor.ledger.record_triggers import STAMPS
from ceasefire_monitor.model.errors import CeasefireError
from ceasefire_monitor.model.incident import Incident
from ceasefire_monitor.model.tables import LEDGER_TABLES

NOON = datetime(2031, 5, 1, 12, tzinfo=timezone.utc)


def incident(number: int, **values) -> Incident:
    known = {
        "incident_id": f"watch:{number}",
        "source": "watch",
        "occurred_from": NOON + timedelta(minutes=number),
        "longitude": 30.5,
        "latitude": 45.25,
    }
    return Incident(**{**known, **values})


@pytest.fixture
def path(tmp_path, qgis_app):
    place = tmp_path / "Журнал سجل 1.gpkg"
    with Ledger.create(place, {"theatre": "Vale"}) as ledger:
        ledger.write_records("incidents", [incident(n) for n in range(3)], "Ana", "first")
    return place


def layer_of(path, name="incidents"):
    layer = QgsVectorLayer(f"{path}|layername={name}", name, "ogr")
    assert layer.isValid()
    return layer


def feature_of(layer, identifier):
    (feature,) = (item for item in layer.getFeatures() if item["incident_id"] == identifier)
    return feature


def titles(path, table, columns) -> set:
    """Rows of one of the GeoPackage's own tables."""
    dataset = gdal.OpenEx(str(path), gdal.OF_VECTOR)
    result = dataset.ExecuteSQL(f"SELECT {', '.join(columns)} FROM {table}")
    rows = {tuple(row.GetField(name) for name in columns) for row in result}
    dataset.ReleaseResultSet(result)
    return rows


def history(path, identifier="watch:1"):
    with Ledger.open(path, readonly=True) as ledger:
        return ledger.history(identifier)


def test_every_layer_opens_in_degrees_under_its_name(path):
    for table in LEDGER_TABLES:
        layer = layer_of(path, table.name)
        columns = [field.name() for field in layer.fields()][1:]
        assert [name for name in columns if name not in STAMPS] == table.names()
        if layer.isSpatial():
            assert layer.crs().authid() == "EPSG:4326"
    layer = QgsVectorLayer(str(path), "whole", "ogr")
    sublayers = layer.dataProvider().subLayers()
    names = {text.split("!!::!!")[1] for text in sublayers}
    assert names == {table.name for table in LEDGER_TABLES} | set(LISTED)
    assert layer_of(path, "incident_history").featureCount() == 3


def test_every_column_and_layer_has_its_name_for_people_in_the_file(path):
    columns = titles(path, "gpkg_data_columns", ("table_name", "column_name", "title"))
    for table in LEDGER_TABLES:
        for field in table.fields:
            assert (table.name, field.name, field.title) in columns
    layers = titles(path, "gpkg_contents", ("table_name", "identifier"))
    assert layers > {(table.name, table.title) for table in LEDGER_TABLES}


def test_an_edit_of_values_and_place_in_the_edit_buffer_is_recorded(path):
    layer = layer_of(path)
    assert layer.startEditing()
    feature = feature_of(layer, "watch:1")
    layer.changeAttributeValue(feature.id(), layer.fields().indexOf("place"), "Mill")
    layer.changeAttributeValue(feature.id(), layer.fields().indexOf("deaths_best"), 2)
    layer.changeAttributeValue(feature.id(), layer.fields().indexOf("edited_by"), "Chi")
    layer.changeGeometry(feature.id(), QgsGeometry.fromPointXY(QgsPointXY(31, 46)))
    assert layer.commitChanges(), layer.commitErrors()
    first, *_, last = history(path)
    assert (first.who, last.who) == ("Ana", "Chi")
    assert (last.payload["place"], last.payload["deaths_best"]) == ("Mill", 2)
    assert (last.payload["longitude"], last.payload["latitude"]) == (31, 46)
    assert last.payload["occurred_from"] == first.payload["occurred_from"]
    assert first.payload["place"] is None
    layer.reload()
    assert feature_of(layer, "watch:1")["revision"] == last.revision
    assert len(history(path, "watch:2")) == 1


def test_an_edit_that_puts_the_same_values_again_is_no_revision(path):
    layer = layer_of(path)
    assert layer.startEditing()
    feature = feature_of(layer, "watch:1")
    for name in ("occurred_from", "source", "recorded_at", "revision"):
        column = layer.fields().indexOf(name)
        layer.changeAttributeValue(feature.id(), column, feature.attribute(column))
    layer.changeGeometry(feature.id(), feature.geometry())
    assert layer.commitChanges(), layer.commitErrors()
    assert len(history(path)) == 1


def test_an_edit_that_is_undone_leaves_nothing(path):
    layer = layer_of(path)
    layer.startEditing()
    feature = feature_of(layer, "watch:1")
    # As QGIS's table does it: the stamps that come with the change are one step with it.
    layer.beginEditCommand("place")
    layer.changeAttributeValue(feature.id(), layer.fields().indexOf("place"), "Mill")
    layer.endEditCommand()
    layer.undoStack().undo()
    assert layer.commitChanges()
    assert len(history(path)) == 1


def test_a_drawn_incident_gets_id_and_history(path):
    layer = layer_of(path)
    layer.startEditing()
    feature = QgsFeature(layer.fields())
    feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(30, 45)))
    feature["place"] = "Mill"
    assert layer.addFeature(feature)
    assert layer.commitChanges(), layer.commitErrors()
    with Ledger.open(path) as ledger:
        drawn = ledger.read("incidents")[-1]
        assert (drawn.place, drawn.revision) == ("Mill", 1)
        assert drawn.incident_id.startswith("own:")
        assert len(ledger.history(drawn.incident_id)) == 1


@pytest.mark.parametrize("how", ["delete", "truncate", "history"])
def test_deleting_in_qgis_is_refused_and_says_what_to_do(path, how):
    layer = layer_of(path, "incident_history" if how == "history" else "incidents")
    provider = layer.dataProvider()
    if how == "truncate":
        assert not provider.truncate()
    elif how == "history":
        assert not layer.startEditing()
        assert not provider.deleteFeatures([item.id() for item in layer.getFeatures()])
        assert "never changed" in " ".join(provider.errors())
    else:
        layer.startEditing()
        layer.deleteFeatures([item.id() for item in layer.getFeatures()])
        assert not layer.commitChanges()
        assert "set workflow to withdrawn" in " ".join(layer.commitErrors())
        layer.rollBack()
    with Ledger.open(path) as ledger:
        assert len(ledger.read("incidents")) == 3
        assert len(ledger.history("watch:1")) == 1


def test_while_a_layer_is_being_edited_the_ledger_is_written_and_both_are_kept(path):
    layer = layer_of(path)
    assert layer.startEditing()
    feature = feature_of(layer, "watch:1")
    layer.changeAttributeValue(feature.id(), layer.fields().indexOf("place"), "Mill")
    with Ledger.open(path) as ledger:
        changed = incident(2, place="Bridge")
        assert ledger.write_records("incidents", [changed], "Ben", "from the field").changed == 1
    assert layer.commitChanges(), layer.commitErrors()
    assert [item.who for item in history(path, "watch:2")] == ["Ana", "Ben"]
    assert [item.payload["place"] for item in history(path)] == [None, "Mill"]


def test_a_reader_of_the_layer_in_the_middle_does_not_lose_a_write(path):
    layer = layer_of(path)
    features = layer.getFeatures()
    first = next(features)
    with Ledger.open(path, wait_ms=100) as ledger:
        try:
            written = ledger.write_records("incidents", [incident(7)], "Ben", "x").added
        except CeasefireError as error:
            assert "written to by another program" in str(error)
            written = 0
        assert len(ledger.read("incidents")) == 3 + written
        del features, first
        counts = ledger.write_records("incidents", [incident(8)], "Ben", "x")
        assert counts.added == 1


def test_instants_come_to_qgis_as_utc_and_null_as_null(path):
    feature = feature_of(layer_of(path), "watch:1")
    moment = feature["occurred_from"].toUTC()
    assert moment.toString("yyyy-MM-dd HH:mm:ss") == "2031-05-01 12:01:00"
    assert feature["deaths_best"] == NULL
    assert layer_of(path).wkbType() == Qgis.WkbType.Point
