"""A team's ledger on the desktop: styles and forms from the database, and the panel."""

# ruff: noqa: E501 - statements of SQL stay in one piece
from __future__ import annotations

import secrets
import time
from datetime import datetime, timezone

import pytest
from qgis.core import (
    Qgis,
    QgsDataSourceUri,
    QgsExpression,
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsProject,
    QgsProviderRegistry,
    QgsVectorLayer,
)
from qgis.gui import (
    QgsAttributeForm,
    QgsGui,
    QgsMessageBar,
)
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QDate, QDateTime, QEventLoop, QTime, QTimer

from ceasefire_monitor.ledger.opening import create_ledger, open_ledger
from ceasefire_monitor.ledger.postgis.granting import grant
from ceasefire_monitor.ledger.postgis.place import PostgisPlace
from ceasefire_monitor.ledger.postgis.styles import write_styles
from ceasefire_monitor.tests.qgis.forms import around_forms
from ceasefire_monitor.tests.unit.test_ledger_writing import incident

CONNECTION = "ceasefire forms test"
PASSWORD = secrets.token_hex(8)


@pytest.fixture(scope="module")
def place(qgis_app, server):
    """A ledger with two analysts, in a database whose sessions begin in another zone."""
    QgsGui.editorWidgetRegistry().initEditors()
    server.run("ALTER DATABASE postgres SET timezone TO 'America/New_York'")
    made = PostgisPlace(server.conninfo(), "vale")
    with create_ledger(made, {"theatre": "Vale", "timezone": "Europe/Athens"}) as ledger:
        ledger.write_records("incidents", [incident(n) for n in range(5)], "Ana", "first")
        for user in ("anna", "boris"):
            server.run(f"CREATE ROLE {user} LOGIN PASSWORD '{PASSWORD}'")
            grant(ledger, "analyst", user)
        assert ledger.notes == []
    yield made
    QgsProject.instance().clear()


def uri_of(server, user: str) -> QgsDataSourceUri:
    words = dict(word.split("=", 1) for word in server.conninfo().split())
    uri = QgsDataSourceUri()
    uri.setConnection(words["host"], words["port"], words["dbname"], user, PASSWORD)
    return uri


def layer_of(server, user: str, name: str = "incidents", geometry: str = "geom"):
    uri = uri_of(server, user)
    uri.setDataSource("vale", name, geometry or None, "", "fid")
    layer = QgsVectorLayer(uri.uri(False), name, "postgres")
    assert layer.isValid()
    return layer


def feature_of(layer, number: int):
    return next(layer.getFeatures(f"\"incident_id\" = 'watch:{number}'"))


@pytest.fixture
def surroundings(place):
    with around_forms() as context:
        yield context


def form_of(layer, number: int, context):
    assert layer.isEditable() or layer.startEditing()
    form = QgsAttributeForm(layer, feature_of(layer, number), context)
    context.forms.append(form)
    return form


def saved(layer, number: int, context, **values) -> bool:
    """Change values of an incident in the layer's form, and save both."""
    form = form_of(layer, number, context)
    for name, value in values.items():
        form.changeAttribute(name, value)
    assert form.save()
    return layer.commitChanges()


def until(done, seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it did not happen"
        loop = QEventLoop()
        QTimer.singleShot(20, loop.quit)
        loop.exec()


def test_a_layer_comes_with_the_ledgers_style_to_one_who_owns_nothing(server, place):
    incidents = layer_of(server, "anna")
    assert incidents.attributeAlias(incidents.fields().indexOf("place")) == "Place"
    assert incidents.editFormConfig().layout() == Qgis.AttributeFormLayout.DragAndDrop
    assert incidents.renderer().type() == "categorizedSymbol"
    harm = layer_of(server, "anna", "harm", "")
    assert harm.attributeAlias(harm.fields().indexOf("incident_id")) == "Incident"
    may = "SELECT has_table_privilege('{}', 'vale.layer_styles', 'UPDATE')"
    assert [server.run(may.format(user)) for user in ("anna", "vale_keeper")] == [[["f"]], [["t"]]]


def test_two_forms_of_two_people_the_second_is_refused_and_keeps_its_edit(
    server, place, surroundings
):
    mine, theirs = layer_of(server, "anna"), layer_of(server, "boris")
    form = form_of(mine, 1, surroundings)
    assert saved(theirs, 1, surroundings, place="Mill", edited_by="Boris", edit_reason="he called")
    form.changeAttribute("place", "Ford")
    assert form.save()
    assert not mine.commitChanges()
    told = " ".join(mine.commitErrors())
    assert "changed meanwhile by Boris" in told and "to Mill" in told
    assert mine.isEditable() and mine.isModified()
    assert feature_of(mine, 1)["place"] == "Ford"
    assert mine.rollBack()
    assert saved(mine, 1, surroundings, place="Ford", edited_by="Anna", edit_reason="seen there")
    with open_ledger(place) as ledger:
        states = ledger.history("watch:1")
        assert [(s.who, s.why, s.based_on) for s in states[1:]] == [
            ("Boris", "he called", 1),
            ("Anna", "seen there", 2),
        ]
        assert not any(state.conflict for state in states)


@pytest.fixture
def far_east(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_times_are_shown_and_typed_in_utc_wherever_computer_and_server_are(
    server, place, surroundings, far_east
):
    layer = layer_of(server, "anna")
    shown = feature_of(layer, 2)["occurred_from"]
    known = incident(2).occurred_from
    assert (shown.time().hour(), shown.time().minute()) == (known.hour, known.minute)
    typed = QDateTime(QDate(2031, 5, 2), QTime(3, 4, 5))
    assert saved(layer, 2, surroundings, occurred_to=typed), layer.commitErrors()
    with open_ledger(place) as ledger:
        (read,) = ledger.read("incidents", ids=["watch:2"])
    assert read.occurred_to == datetime(2031, 5, 2, 3, 4, 5, tzinfo=timezone.utc)
    assert read.occurred_from == known


def test_a_style_that_somebody_changed_stays_and_a_renamed_database_is_followed(server, place):
    server.run("UPDATE vale.layer_styles SET styleqml = 'mine' WHERE f_table_name = 'zones'")
    server.run("UPDATE vale.layer_styles SET f_table_catalog = 'former'")
    with open_ledger(place) as ledger:
        server.run("DELETE FROM vale.layer_styles WHERE f_table_name = 'sites'")
        assert write_styles(ledger._connection) == ["sites"]
    rows = server.run("SELECT styleqml FROM vale.layer_styles WHERE f_table_name = 'zones'")
    assert rows == [["mine"]]
    rows = server.run("SELECT DISTINCT f_table_catalog FROM vale.layer_styles")
    assert rows == [["postgres"]]
    server.run("DELETE FROM vale.layer_styles WHERE f_table_name = 'zones'")


def test_an_earlier_teams_ledger_gets_styles_when_its_owner_opens_it(server, place):
    server.run("DROP TABLE vale.layer_styles")
    with open_ledger(place):
        pass
    incidents = layer_of(server, "boris")
    assert incidents.attributeAlias(incidents.fields().indexOf("place")) == "Place"


@pytest.fixture
def connection(server, place):
    """The server as a connection that QGIS knows, by anna's account."""
    metadata = QgsProviderRegistry.instance().providerMetadata("postgres")
    settings = {"saveUsername": True, "savePassword": True}
    made = metadata.createConnection(uri_of(server, "anna").uri(False), settings)
    metadata.saveConnection(made, CONNECTION)
    yield f"{CONNECTION}/vale"
    QgsProject.instance().clear()
    metadata.deleteConnection(CONNECTION)


def test_the_panels_session_opens_a_teams_ledger_and_hears_of_edits(server, place, connection):
    from ceasefire_monitor.ui.ledger_layers import find_ledger
    from ceasefire_monitor.ui.ledger_session import LedgerSession

    bar = QgsMessageBar()
    session = LedgerSession(bar)
    session.open(connection)
    until(lambda: session.path is not None)
    assert session.theatre() == "Vale" and session.clock.name == "Europe/Athens"
    assert {row.incident_id for row in session.rows} == {f"watch:{n}" for n in range(5)}
    assert session.rows[0].occurred_from == incident(0).occurred_from.timestamp()
    assert find_ledger(QgsProject.instance()) == connection
    layer = session.layer()
    assert layer is not None and layer.isRefreshOnNotifyEnabled()
    assert layer.refreshOnNotifyMessage() == "incidents"
    relations = QgsProject.instance().relationManager().relations()
    assert relations["incident_history_incident_id"].isValid()
    assert connection in session.recent()
    listening = QTimer()
    listening.setSingleShot(True)
    listening.start(500)
    until(lambda: not listening.isActive())
    with open_ledger(place) as ledger:
        ledger.write_records("incidents", [incident(4, place="Ford")], "Boris", "seen")
    until(lambda: any(row.place == "Ford" for row in session.rows))
    session.unload()
    sip.delete(bar)


def test_a_mistyped_teams_ledger_is_told_in_a_sentence(qgis_app):
    from ceasefire_monitor.ui.ledger_session import LedgerSession

    bar = QgsMessageBar()
    session = LedgerSession(bar)
    session.open("nowhere/vale")
    until(lambda: bool(bar.items()))
    told = bar.items()[0].text()
    assert "no folder “nowhere”" in told and "no PostgreSQL connection “nowhere”" in told
    assert session.path is None
    session.unload()
    sip.delete(bar)


def test_expressions_take_lines_and_zone_from_a_teams_ledger(server, place, connection, provider):
    import shapely

    from ceasefire_monitor.model.land import ContactLine
    from ceasefire_monitor.processing.expressions.register import ExpressionFunctions

    line = ContactLine(
        line_id="l:1",
        line_name="Line of March",
        kind="agreed",
        valid_from=datetime(2030, 1, 1, tzinfo=timezone.utc),
        geometry=shapely.MultiLineString([[(30, 45), (30, 46)]]),
    )
    with open_ledger(place) as ledger:
        ledger.write_records("contact_lines", [line], "Ana", "agreed")
    kept = ExpressionFunctions()
    try:
        context = QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(None))
        asked = QgsExpression(f"line_in_force(to_datetime('2031-05-01T12:00:00'), '{connection}')")
        assert asked.evaluate(context) == "Line of March", asked.evalErrorString()
    finally:
        kept.unregister()
