"""The QGIS project in the ledger's file: opened without the plugin, wherever the file goes."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest
from osgeo import gdal
from qgis.core import Qgis, QgsApplication, QgsProject
from qgis.gui import QgsGui

from ceasefire_monitor.ledger.form_layout import RELATIONS
from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.model.harm import Harm
from ceasefire_monitor.tests.unit.test_ledger_writing import incident


@pytest.fixture
def path(tmp_path, qgis_app):
    QgsGui.editorWidgetRegistry().initEditors()
    place = tmp_path / "Журнал & 1.gpkg"
    with Ledger.create(place, {"theatre": "Vale & Hill", "timezone": "Europe/Athens"}) as ledger:
        ledger.write_records("incidents", [incident(n) for n in range(3)], "Ana", "first")
        ledger.write_records("incidents", [incident(1, place="Mill")], "Ben", "he called")
        harm = Harm(harm_id="h:1", incident_id="watch:1", outcome="injured")
        ledger.write_records("harm", [harm], "Ana", "first")
    yield place
    QgsProject.instance().clear()


def address(path) -> str:
    return f"geopackage:{path}?projectName=ledger"


def opened(path) -> QgsProject:
    project = QgsProject.instance()
    assert project.read(address(path)), project.error()
    return project


def layers_are_valid(path) -> bool:
    return all(layer.isValid() for layer in opened(path).mapLayers().values())


def stored(path) -> dict:
    with closing(sqlite3.connect(path)) as file:
        ((metadata,),) = file.execute("SELECT metadata FROM qgis_projects").fetchall()
    return json.loads(metadata)


def test_qgis_lists_the_project_and_opens_it_with_valid_layers(path):
    storage = QgsApplication.projectStorageRegistry().projectStorageFromType("geopackage")
    assert storage.listProjects(f"geopackage:{path}") == ["ledger"]
    project = opened(path)
    layers = project.mapLayers().values()
    assert len(layers) == 27 and all(layer.isValid() for layer in layers)
    assert {str(path)} == {layer.source().split("|")[0] for layer in layers}
    assert project.crs().authid() == "EPSG:4326" and project.ellipsoid() == "EPSG:7030"
    assert project.customVariables()["ceasefire_timezone"] == "Europe/Athens"
    assert project.title() == "Vale & Hill"
    groups = [group.name() for group in project.layerTreeRoot().children()]
    assert groups == ["Ceasefire Monitor", "Tables"]


def test_forms_show_what_stands_beside_a_record(path):
    project = opened(path)
    relations = project.relationManager().relations()
    assert set(relations) == {relation.name for relation in RELATIONS}
    assert all(relation.isValid() for relation in relations.values())
    incidents = project.mapLayer("ledger_incidents")
    shown = {
        element.relation().id(): element.relation()
        for tab in incidents.editFormConfig().tabs()
        for element in tab.findElements(Qgis.AttributeEditorType.Relation)
    }
    assert len(shown) == 8
    feature = next(incidents.getFeatures("\"incident_id\" = 'watch:1'"))
    states = shown["incident_history_incident_id"].getRelatedFeatures(feature)
    assert sorted((state["revision"], state["who"]) for state in states) == [(1, "Ana"), (2, "Ben")]
    (hurt,) = shown["harm_incident_id"].getRelatedFeatures(feature)
    assert hurt["harm_id"] == "h:1"


def test_styles_aliases_and_read_only_histories_come_with_it(path):
    project = opened(path)
    incidents = project.mapLayer("ledger_incidents")
    assert incidents.renderer().type() == "categorizedSymbol"
    assert incidents.attributeAlias(incidents.fields().indexOf("count_high")) == "Number, at most"
    for name in ("incident_history", "record_history", "findings", "custody", "fetches"):
        layer = project.mapLayer(f"ledger_{name}")
        assert layer.readOnly() and not layer.startEditing()
    assert incidents.startEditing() and incidents.rollBack()


def test_the_map_begins_where_the_incidents_are(path):
    west, south, east, north = stored(path)["made_for"]["extent"]
    with Ledger.open(path, readonly=True) as ledger:
        for known in ledger.read("incidents"):
            assert west < known.longitude < east and south < known.latitude < north
    assert east - west < 5


@pytest.mark.parametrize("where", ["moved/{}", "renamed سجل.gpkg"])
def test_it_goes_with_the_file_and_is_written_anew_under_another_name(path, where):
    place = path.parent / where.format(path.name)
    place.parent.mkdir(exist_ok=True)
    path.rename(place)
    if place.name != path.name:
        assert not layers_are_valid(place)
        QgsProject.instance().clear()
        Ledger.open(place, readonly=True).close()
        assert stored(place)["made_for"]["file"] == path.name
        Ledger.open(place).close()
    assert layers_are_valid(place)


def test_a_project_that_somebody_saved_or_deleted_is_left_alone(path):
    project = opened(path)
    project.setTitle("Mine")
    assert project.write(address(path)), project.error()
    project.clear()
    other = path.with_name("other.gpkg")
    path.rename(other)
    Ledger.open(other).close()
    with closing(sqlite3.connect(other)) as file:
        assert "made_for" not in stored(other)
        file.execute("DELETE FROM qgis_projects")
        file.commit()
        Ledger.open(other).close()
        assert file.execute("SELECT count(*) FROM qgis_projects").fetchone() == (0,)


@pytest.mark.parametrize("clean", [False, True])
def test_a_copy_has_a_project_of_its_own_and_a_clean_one_no_other(path, clean):
    project = opened(path)
    project.setTitle("Secret title")
    assert project.write(f"geopackage:{path}?projectName=mine")
    project.clear()
    copy = path.with_name("copy.gpkg")
    with Ledger.open(path) as ledger:
        ledger.copy_to(copy, clean)
    with closing(sqlite3.connect(copy)) as file:
        names = [name for (name,) in file.execute("SELECT name FROM qgis_projects ORDER BY 1")]
    assert names == (["ledger"] if clean else ["ledger", "mine"])
    assert layers_are_valid(copy)
    with Ledger.open(copy) as ledger:
        assert ledger.verify().holds


def test_it_is_no_layer_and_ogr_copies_the_ledger_without_it(path, tmp_path):
    dataset = gdal.OpenEx(str(path), gdal.OF_VECTOR)
    names = [dataset.GetLayerByIndex(i).GetName() for i in range(dataset.GetLayerCount())]
    assert "qgis_projects" not in names
    plain = str(tmp_path / "plain.gpkg")
    assert gdal.VectorTranslate(plain, dataset, layers=["incidents", "harm"]) is not None


def test_an_older_ledger_gets_one_when_it_is_opened_for_writing(path):
    with closing(sqlite3.connect(path)) as file:
        file.execute("DROP TABLE qgis_projects")
        file.commit()
    Ledger.open(path, readonly=True).close()
    Ledger.open(path).close()
    assert layers_are_valid(path)
