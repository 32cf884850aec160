"""A team's ledger in real QGIS: the algorithms, editing, and a colleague's commit on my map."""

# ruff: noqa: E501 - statements of SQL, and records in a row, stay in one piece
from __future__ import annotations

import time

import pytest
from qgis.core import (
    QgsDataSourceUri,
    QgsFeature,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingUtils,
    QgsProviderRegistry,
    QgsVectorLayer,
    QgsVectorLayerUtils,
)
from qgis.PyQt.QtCore import QEventLoop, QTimer

from ceasefire_monitor.ledger.opening import open_ledger
from ceasefire_monitor.ledger.postgis.place import PostgisPlace
from ceasefire_monitor.processing.ledger.place import is_in_database, ledger_place
from ceasefire_monitor.tests.feedservers.reports_server import ReportsServer, report
from ceasefire_monitor.tests.unit.test_ledger_writing import incident

NAME = "ceasefire test server"


@pytest.fixture(scope="module")
def connection(qgis_app, server):
    """The server as a connection that QGIS knows."""
    words = dict(word.split("=", 1) for word in server.conninfo().split())
    uri = QgsDataSourceUri()
    uri.setConnection(
        words["host"], words["port"], words["dbname"], words["user"], words["password"]
    )
    metadata = QgsProviderRegistry.instance().providerMetadata("postgres")
    made = metadata.createConnection(uri.uri(False), {"saveUsername": True, "savePassword": True})
    metadata.saveConnection(made, NAME)
    yield uri
    metadata.deleteConnection(NAME)


@pytest.fixture(scope="module")
def team(connection, server, provider):
    import processing

    text = f"{NAME}/team"
    made = processing.run(
        "ceasefire:createledger",
        {"LEDGER": text, "THEATRE": "Vale", "TIMEZONE": "Europe/Athens"},
    )
    assert made["LEDGER"] == text
    with open_ledger(PostgisPlace(server.conninfo(), "team")) as ledger:
        ledger.write_records("incidents", [incident(n) for n in range(5)], "Ana", "first")
    return text


def layer(connection, name: str, geometry: str = "geom") -> QgsVectorLayer:
    uri = QgsDataSourceUri(connection)
    uri.setDataSource("team", name, geometry or None, "", "fid")
    made = QgsVectorLayer(uri.uri(False), name, "postgres")
    assert made.isValid()
    return made


def until(done, seconds: float = 5.0) -> float:
    """Let QGIS work until ``done()``; how long it took."""
    begun = time.monotonic()
    while not done():
        assert time.monotonic() - begun < seconds, "it did not happen"
        loop = QEventLoop()
        QTimer.singleShot(20, loop.quit)
        loop.exec()
    return time.monotonic() - begun


def test_a_text_names_a_file_or_a_connection_and_schema(team, tmp_path):
    assert ledger_place(team).schema == "team"
    assert "password" not in repr(ledger_place(team))
    (tmp_path / "a").mkdir()
    for path in ("ledger.gpkg", f"{tmp_path}/a/b.gpkg", "a/b/c.gpkg", str(tmp_path / "a"), ""):
        assert not is_in_database(path)
    with pytest.raises(Exception, match="knows no PostgreSQL connection “nowhere”"):
        ledger_place("nowhere/team")


def test_algorithms_take_a_teams_ledger(run, team, tmp_path):
    drawn = QgsVectorLayer("Point?crs=epsg:4326&field=site_name:string", "s", "memory")
    feature = QgsFeature(drawn.fields())
    feature.setGeometry(QgsGeometry.fromWkt("POINT(30 45)"))
    feature.setAttributes(["School"])
    drawn.dataProvider().addFeature(feature)
    added = run("ceasefire:addtoledger", INPUT=drawn, TABLE="sites", LEDGER=team)
    assert added["ADDED"] == 1
    moved = run("ceasefire:moveledger", LEDGER=team, TARGET=str(tmp_path / "home.gpkg"))
    assert (
        run("ceasefire:verifyledger", LEDGER=str(tmp_path / "home.gpkg"))["HASH"] == moved["HEAD"]
    )
    assert run("ceasefire:verifyledger", LEDGER=team)["HOLDS"] == 1
    again = run("ceasefire:moveledger", LEDGER=str(tmp_path / "home.gpkg"), TARGET=f"{NAME}/again")
    assert again["HEAD"] == moved["HEAD"]
    with pytest.raises(QgsProcessingException, match="exists already"):
        run("ceasefire:createledger", LEDGER=team)


def test_a_feed_is_kept_in_step_in_a_teams_ledger(run, server, team):
    with ReportsServer() as source:
        source.reports = {f"r{number}": report(number) for number in range(1, 5)}
        added = run(
            "ceasefire:addfeed",
            LEDGER=team,
            NAME="Vale",
            SOURCE="ogcapi",
            ADDRESS=source.collection,
        )
        first = run("ceasefire:fetchfeed", LEDGER=team, FEED="Vale", OUTPUT="TEMPORARY_OUTPUT")
        assert (first["ADDED"], first["COMPLETE"], first["LEDGER"]) == (4, 1, team)
        assert first["OUTPUT"].featureCount() == 4
        source.reports["r2"]["description"] = "seen"
        del source.reports["r3"]
        second = run("ceasefire:fetchfeed", LEDGER=team, FEED="Vale", OUTPUT="TEMPORARY_OUTPUT")
        assert [second[name] for name in ("ADDED", "CHANGED", "WITHDRAWN")] == [0, 1, 1]
        listed = run("ceasefire:listfeeds", LEDGER=team, OUTPUT="TEMPORARY_OUTPUT")
        assert (listed["FEEDS"], listed["FAILING"], listed["DUE"]) == (1, 0, 0)
        (row,) = listed["OUTPUT"].getFeatures()
        assert (row["feed_name"], row["state"]) == ("Vale", "in step")
        assert row["feed_id"] == added["FEED_ID"] and row["last_complete_at"]
        everything = run("ceasefire:fetchallfeeds", LEDGER=team, OUTPUT="TEMPORARY_OUTPUT")
        # A model's next step takes the team's incidents by this text.
        context = QgsProcessingContext()
        incidents = QgsProcessingUtils.mapLayerFromString(everything["LEDGER_INCIDENTS"], context)
        assert incidents.isValid() and incidents.featureCount() >= 4
        truth = {key: one["description"] for key, one in source.reports.items()}
    with open_ledger(PostgisPlace(server.conninfo(), "team")) as ledger:
        brought = [one for one in ledger.read("incidents") if one.source_id in {*truth, "r3"}]
        assert {
            one.source_id: one.description for one in brought if one.workflow != "withdrawn"
        } == truth
        assert len(brought) == 4 and ledger.verify().holds


def test_roles_are_given_by_an_algorithm(run, server, team):
    server.run("CREATE ROLE cleo LOGIN PASSWORD 'x'")
    assert (
        run("ceasefire:grantledger", LEDGER=team, USER="cleo", ROLE="analyst")["ROLES"] == "analyst"
    )
    with pytest.raises(QgsProcessingException, match="is a file"):
        run("ceasefire:grantledger", LEDGER="a.gpkg", USER="cleo", ROLE="analyst")


def test_qgis_draws_edits_and_cannot_delete(connection, server, team):
    incidents = layer(connection, "incidents")
    assert incidents.startEditing()
    drawn = QgsVectorLayerUtils.createFeature(incidents, QgsGeometry.fromWkt("POINT(30.5 45.5)"))
    drawn["category"] = "firing/explosion"
    assert incidents.addFeature(drawn)
    first = next(f for f in incidents.getFeatures() if f["incident_id"] == "watch:1")
    names = incidents.fields()
    incidents.changeAttributeValue(first.id(), names.indexOf("term"), "seen")
    incidents.changeAttributeValue(first.id(), names.indexOf("edited_by"), "Dana")
    incidents.changeAttributeValue(first.id(), names.indexOf("edit_base"), first["revision"])
    incidents.changeGeometry(first.id(), QgsGeometry.fromWkt("POINT(30.6 45.6)"))
    assert incidents.commitChanges(), incidents.commitErrors()
    assert incidents.startEditing()
    incidents.deleteFeature(first.id())
    assert not incidents.commitChanges()
    assert "set workflow to withdrawn" in " ".join(incidents.commitErrors())
    incidents.rollBack()
    with open_ledger(PostgisPlace(server.conninfo(), "team")) as ledger:
        last = ledger.history("watch:1")[-1]
        assert (last.who, last.payload["term"], last.payload["longitude"]) == ("Dana", "seen", 30.6)
        assert [r for r in ledger.read("incidents") if r.incident_id.startswith("own:")]
        assert ledger.verify().holds


def test_a_stale_form_is_refused_in_qgis_with_what_changed(connection, server, team):
    incidents = layer(connection, "incidents")
    read = next(f for f in incidents.getFeatures() if f["incident_id"] == "watch:2")
    with open_ledger(PostgisPlace(server.conninfo(), "team")) as ledger:
        ledger.write_records("incidents", [incident(2, term="theirs")], "Boris", "fix")
    assert incidents.startEditing()
    for name, value in (("term", "mine"), ("edited_by", "Ana"), ("edit_base", read["revision"])):
        incidents.changeAttributeValue(read.id(), incidents.fields().indexOf(name), value)
    assert not incidents.commitChanges()
    assert "changed meanwhile by Boris" in " ".join(incidents.commitErrors())
    incidents.rollBack()


def test_a_colleagues_commit_reaches_my_map_within_a_second(connection, server, team):
    incidents = layer(connection, "incidents")
    heard, repainted = [], []
    incidents.dataProvider().notify.connect(heard.append)
    incidents.repaintRequested.connect(lambda *_: repainted.append(1))
    incidents.setRefreshOnNofifyMessage("incidents")
    incidents.setRefreshOnNotifyEnabled(True)
    waited = QTimer()
    waited.setSingleShot(True)
    waited.start(500)
    until(lambda: not waited.isActive())
    with open_ledger(PostgisPlace(server.conninfo(), "team")) as ledger:
        ledger.write_records("incidents", [incident(3, verification="confirmed")], "Boris", "seen")
    assert until(lambda: "incidents" in heard and repainted) < 1.0
