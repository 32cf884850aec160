"""The styles in the ledger's file, as plain QGIS reads them: names, lists, forms, signatures."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone

import pytest
from osgeo import gdal
from qgis.core import (
    Qgis,
    QgsEditorWidgetSetup,
    QgsExpressionContextUtils,
    QgsFieldConstraints,
    QgsGeometry,
    QgsPointXY,
    QgsProject,
    QgsRelation,
    QgsVectorLayer,
)
from qgis.gui import (
    QgsAttributeEditorContext,
    QgsAttributeForm,
    QgsGui,
)
from qgis.PyQt.QtCore import Qt, QTime
from qgis.PyQt.QtWidgets import QDateTimeEdit

from ceasefire_monitor.ledger.connection import Connection
from ceasefire_monitor.ledger.form_layout import RELATIONS
from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.ledger.stored_styles import write_styles
from ceasefire_monitor.model.incident import Effort, Incident, Observation, Post
from ceasefire_monitor.model.tables import INCIDENTS, LEDGER_TABLES
from ceasefire_monitor.model.vocabulary import vocabulary
from ceasefire_monitor.tests.qgis.forms import around_forms

# Values that a careless form would round, trim, localise or drop.
NOON = datetime(2031, 5, 1, 12, 34, 56, 789000, tzinfo=timezone.utc)
ODD = Incident(
    incident_id="watch:1",
    source="watch",
    category="firing/of_another_time",
    count_low=0,
    occurred_from=NOON,
    occurred_to=NOON + timedelta(hours=1),
    uncertainty_m=123.456789012345678,
    altitude_m=1e-7,
    place=" by the mill ",
    actor_1="",
    deaths_best=3,
    description="one line\nanother\twith a tab",
    verification="unverified",
    longitude=30.123456789,
    latitude=45.2,
)


@pytest.fixture
def path(tmp_path, qgis_app):
    QgsGui.editorWidgetRegistry().initEditors()
    place = tmp_path / "Журнал 1.gpkg"
    with Ledger.create(place, {"theatre": "Vale"}) as ledger:
        ledger.write_records("incidents", [ODD], "Ana", "first")
    yield place
    QgsProject.instance().clear()


@pytest.fixture
def surroundings(path):
    with around_forms() as context:
        yield context


def form_of(layer, context):
    """The form of a layer's first feature, in a layer that is being edited."""
    layer.startEditing()
    if not any(True for _ in layer.getFeatures()):
        # Where QGIS cannot open the file anew at that moment it reads nothing until reloaded.
        layer.reload()
    form = QgsAttributeForm(layer, next(layer.getFeatures()), context)
    context.forms.append(form)
    return form


def layer_of(path, name="incidents"):
    layer = QgsVectorLayer(f"{path}|layername={name}", name, "ogr")
    assert layer.isValid()
    QgsProject.instance().addMapLayer(layer)
    return layer


def column(layer, name):
    return layer.fields().indexOf(name)


def edit(layer, context, between=None, **values):
    """Change values in the layer's form, and save; ``between`` runs while the form is open."""
    form = form_of(layer, context)
    if between is not None:
        between()
    for name, value in values.items():
        form.changeAttribute(name, value)
    assert form.save()
    assert layer.commitChanges(), layer.commitErrors()


def history(path, identifier="watch:1", table="incidents"):
    with Ledger.open(path, readonly=True) as ledger:
        return ledger.history(identifier, table)


def changed(before, after) -> set:
    return {name for name in after.payload if after.payload[name] != before.payload[name]}


def another_writes(path):
    with Ledger.open(path) as ledger:
        (known,) = ledger.read("incidents", ids=["watch:1"])
        known.country = f"Land {time.monotonic()}"
        ledger.write_records("incidents", [known], "Ben", "meanwhile")


def test_every_layer_comes_with_names_lists_and_tabs(path):
    for table in LEDGER_TABLES:
        layer = layer_of(path, table.name)
        for field in table.fields:
            assert layer.attributeAlias(column(layer, field.name)) == field.title
        config = layer.editFormConfig()
        assert config.layout() == Qgis.AttributeFormLayout.DragAndDrop
        assert layer.editorWidgetSetup(0).type() == "Hidden"
        shown = {
            element.name()
            for tab in config.tabs()
            for element in tab.findElements(Qgis.AttributeEditorType.Field)
        }
        assert shown >= set(table.names())
    incidents = layer_of(path)
    (values,) = [incidents.editorWidgetSetup(column(incidents, "verification")).config()["map"]]
    codes = [code for value in values for code in value.values()]
    assert codes[1:] == list(vocabulary("verifications"))
    assert [tab.name() for tab in incidents.editFormConfig().tabs()][:3] == [
        "What",
        "When",
        "Where",
    ]
    assert layer_of(path, "contact_lines").renderer().type() == "categorizedSymbol"


@pytest.mark.parametrize("name", ["incident_history", "record_history", "findings", "fetches"])
def test_what_is_never_changed_opens_read_only(path, name):
    layer = layer_of(path, name)
    assert layer.readOnly() and not layer.startEditing()


def test_a_form_changes_only_what_was_changed_in_it(path, surroundings):
    edit(layer_of(path), surroundings, domain="land", edit_reason="He called again")
    first, second = history(path)
    assert changed(first, second) == {"domain"}
    assert (second.who is not None, second.why) == (True, "He called again")


def test_an_observation_goes_through_its_form_as_it_is(path, surroundings):
    odd = Observation(
        observation_id="watch:o",
        incident_id="watch:1",
        bearing_deg=359.123456789,
        range_min_m=1e-7,
        range_max_m=1234567.891,
        observed_from=NOON,
    )
    with Ledger.open(path) as ledger:
        ledger.write_records("observations", [odd], "Ana", "first")
    edit(layer_of(path, "observations"), surroundings, means="heard", edit_reason="as told")
    first, second = history(path, "watch:o", "observations")
    assert changed(first, second) == {"means"}
    assert second.why == "as told"


def test_the_name_to_sign_with_is_the_users_choice_and_no_reason_is_repeated(path, surroundings):
    layer = layer_of(path)
    QgsExpressionContextUtils.setGlobalVariable("ceasefire_user", "Chi")
    try:
        edit(layer, surroundings, domain="land", edit_reason="seen again")
        edit(layer, surroundings, domain="sea")
        edit(layer, surroundings, domain="air", edited_by="Dee")
    finally:
        QgsExpressionContextUtils.removeGlobalVariable("ceasefire_user")
    signs = [(item.who, item.why) for item in history(path)[1:]]
    assert signs == [("Chi", "seen again"), ("Chi", None), ("Dee", None)]


def test_a_form_is_based_on_the_revision_that_was_read_when_it_opened(path, surroundings):
    layer = layer_of(path)
    edit(layer, surroundings, domain="land")
    edit(layer, surroundings, between=lambda: another_writes(path), domain="sea")
    revisions = history(path)
    assert [item.based_on for item in revisions] == [None, 1, None, 2]
    assert [bool(item.conflict) for item in revisions] == [False, False, False, True]


def test_cells_of_the_table_are_based_on_the_revision_at_the_first_change(path):
    layer = layer_of(path)
    layer.startEditing()
    layer.changeAttributeValue(1, column(layer, "place"), "Mill")
    another_writes(path)
    layer.changeAttributeValue(1, column(layer, "admin1"), "Vale")
    assert layer.commitChanges(), layer.commitErrors()
    last = history(path)[-1]
    assert (last.revision, last.based_on, bool(last.conflict)) == (3, 1, True)


def test_of_many_at_once_no_revision_is_said_to_have_been_read(path, surroundings):
    with Ledger.open(path) as ledger:
        other = Incident(incident_id="watch:2", source="watch", place="Ford")
        ledger.write_records("incidents", [other], "Ana", "second")
    another_writes(path)
    layer = layer_of(path)
    layer.selectAll()
    form = form_of(layer, surroundings)
    form.setMode(QgsAttributeEditorContext.Mode.MultiEditMode)
    form.setMultiEditFeatureIds(layer.selectedFeatureIds())
    form.changeAttribute("admin1", "Vale")
    form.changeAttribute("edit_reason", "both lie there")
    form.save()
    assert layer.commitChanges(), layer.commitErrors()
    for identifier in ("watch:1", "watch:2"):
        last = history(path, identifier)[-1]
        assert (last.payload["admin1"], last.why) == ("Vale", "both lie there")
        assert last.based_on is None and not last.conflict


def test_place_and_values_of_one_edit_are_signed_and_no_conflict(path):
    layer = layer_of(path)
    layer.startEditing()
    layer.changeGeometry(1, QgsGeometry.fromPointXY(QgsPointXY(31, 46)))
    layer.changeAttributeValue(1, column(layer, "place"), "Mill")
    layer.changeAttributeValue(1, column(layer, "edit_reason"), "measured")
    layer.changeAttributeValue(1, column(layer, "edited_by"), "Chi")
    assert layer.commitChanges(), layer.commitErrors()
    first, *since = history(path)
    assert {(item.who, item.why) for item in since} == {("Chi", "measured")}
    assert not any(item.conflict for item in since)
    assert changed(first, since[-1]) == {"place", "longitude", "latitude"}


@pytest.fixture
def far_east(monkeypatch):
    """A computer whose clock shows another time than UTC."""
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_times_are_shown_and_typed_in_utc_wherever_the_computer_is(path, surroundings, far_east):
    layer = layer_of(path)
    form = form_of(layer, surroundings)
    (edited,) = [
        item for item in form.findChildren(QDateTimeEdit) if item.text() == "2031-05-01 12:34:56"
    ]
    edited.setTime(QTime(3, 4, 5))
    assert form.save() and layer.commitChanges()
    stored = history(path)[-1].payload
    assert stored["occurred_from"] == datetime(2031, 5, 1, 3, 4, 5, tzinfo=timezone.utc)
    assert stored["occurred_to"] == ODD.occurred_to
    layer.reload()
    read = next(layer.getFeatures())["occurred_from"].toUTC()
    assert read.toString(Qt.DateFormat.ISODate) == "2031-05-01T03:04:05Z"


def test_what_is_odd_is_told_and_may_be_saved(path, surroundings):
    layer = layer_of(path)
    high = column(layer, "count_high")
    constraints = layer.fields().at(high).constraints()
    expression = QgsFieldConstraints.Constraint.ConstraintExpression
    strength = constraints.constraintStrength(expression)
    assert strength == QgsFieldConstraints.ConstraintStrength.ConstraintStrengthSoft
    assert "at least" in constraints.constraintDescription()
    edit(layer, surroundings, count_low=5, count_high=2)
    assert history(path)[-1].payload["count_high"] == 2


def test_relations_join_the_layers_under_either_name_that_qgis_gives_them(path):
    for prefix in ("", f"{path.stem} — "):
        layers = {}
        for name in {name for item in RELATIONS for name in (item.child, item.parent)}:
            layers[name] = QgsVectorLayer(f"{path}|layername={name}", prefix + name, "ogr")
        project = QgsProject.instance()
        project.addMapLayers(list(layers.values()))
        for relation in RELATIONS:
            made = _weakly(layers, relation, prefix)
            assert made.isValid(), relation
            assert made.referencedLayer().id() == layers[relation.parent].id()
            assert made.referencingLayer().id() == layers[relation.child].id()
        project.clear()


def _weakly(layers, relation, prefix) -> QgsRelation:
    """The relation as the parent's stored style tells it, resolved by the layers' names."""
    from qgis.PyQt.QtXml import QDomDocument

    stored = _stored(layers[relation.parent].source().split("|")[0], relation.parent)
    document = QDomDocument()
    assert document.setContent(stored)
    told = document.elementsByTagName("referencingLayers").at(0).toElement()
    nodes = told.elementsByTagName("relation")
    (element,) = [
        nodes.at(i).toElement()
        for i in range(nodes.count())
        if nodes.at(i).toElement().attribute("id") == relation.name
        and nodes.at(i).toElement().attribute("layerName") == prefix + relation.child
    ]
    made = QgsRelation()
    made.setId(element.attribute("id"))
    made.setName(element.attribute("name"))
    made.setReferencedLayer(layers[relation.parent].id())
    (child,) = QgsProject.instance().mapLayersByName(element.attribute("layerName"))
    made.setReferencingLayer(child.id())
    pair = element.firstChildElement("fieldRef")
    made.addFieldPair(pair.attribute("referencingField"), pair.attribute("referencedField"))
    return made


def _stored(path, name) -> str:
    with Ledger.open(path, readonly=True) as ledger:
        ((qml,),) = ledger._connection.rows(
            f"SELECT styleQML FROM layer_styles WHERE f_table_name = '{name}'"
        )
    return qml


def test_a_users_own_style_stays_and_ours_is_renewed(path):
    mine = layer_of(path, "posts")
    mine.setEditorWidgetSetup(column(mine, "name"), QgsEditorWidgetSetup("TextEdit", {"Mine": "1"}))
    mine.saveStyleToDatabase("mine", "", True, "")
    theirs = layer_of(path, "sites")
    theirs.setFieldAlias(column(theirs, "site_name"), "Called")
    theirs.saveStyleToDatabase("ceasefire", "", True, "")
    dataset = gdal.OpenEx(str(path), gdal.OF_VECTOR | gdal.OF_UPDATE)
    _older_style_of_ours(dataset, "zones")
    del dataset
    QgsProject.instance().clear()
    connection = Connection(path, update=True)
    assert write_styles(connection) == ["zones"]
    assert write_styles(connection) == []
    connection.close()
    posts, sites, zones = (layer_of(path, name) for name in ("posts", "sites", "zones"))
    assert posts.editorWidgetSetup(column(posts, "name")).config() == {"Mine": "1"}
    assert sites.attributeAlias(column(sites, "site_name")) == "Called"
    assert zones.attributeAlias(column(zones, "zone_name")) == "Name"


def _older_style_of_ours(dataset, name):
    import hashlib

    older = '<!DOCTYPE qgis><qgis version="3.40.0"><aliases/></qgis>'
    owner = "ceasefire:" + hashlib.sha256(older.encode()).hexdigest()[:20]
    dataset.ExecuteSQL(
        f"UPDATE layer_styles SET styleQML = '{older}', owner = '{owner}' "
        f"WHERE f_table_name = '{name}'"
    )


def test_making_a_ledger_with_its_styles_is_quick_and_small(tmp_path):
    start = time.perf_counter()
    Ledger.create(tmp_path / "new.gpkg").close()
    assert time.perf_counter() - start < 3
    assert (tmp_path / "new.gpkg").stat().st_size < 3_000_000


def test_a_splitted_line_and_a_duplicated_incident_do_not_bear_the_same_id(path):
    lines, incidents = layer_of(path, "contact_lines"), layer_of(path)
    policy = lines.fields().at(column(lines, "line_id")).splitPolicy()
    assert policy == Qgis.FieldDomainSplitPolicy.DefaultValue
    policy = incidents.fields().at(column(incidents, INCIDENTS.key)).duplicatePolicy()
    assert policy == Qgis.FieldDuplicatePolicy.UnsetField


def test_effort_of_a_post_is_found_from_the_post(path):
    with Ledger.open(path) as ledger:
        ledger.write_records("posts", [Post(post_id="OP 1", name="Hill")], "Ana", "first")
        watch = Effort(effort_id="e1", post_id="OP 1", observed_from=NOON, status="operating")
        ledger.write_records("effort", [watch], "Ana", "first")
    posts, effort = layer_of(path, "posts"), layer_of(path, "effort")
    relation = _weakly({"posts": posts, "effort": effort}, _named("effort_post_id"), "")
    found = list(relation.getRelatedFeatures(next(posts.getFeatures())))
    assert [item["effort_id"] for item in found] == ["e1"]


def _named(name):
    return next(relation for relation in RELATIONS if relation.name == name)


def test_the_plugin_relates_the_layers_and_the_forms_know_it(path):
    from ceasefire_monitor.ui.ledger_layers import add_layers

    layers = add_layers(QgsProject.instance(), str(path))
    config = layers["incidents"].editFormConfig()
    shown = [
        element
        for tab in config.tabs()
        for element in tab.findElements(Qgis.AttributeEditorType.Relation)
    ]
    assert len(shown) == 8
    assert all(element.relation().isValid() for element in shown)
