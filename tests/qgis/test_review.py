"""The algorithms of review in real QGIS, on one ledger with made-up data."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from osgeo import ogr
from qgis.core import (
    QgsApplication,
    QgsFeature,
    QgsGeometry,
    QgsProcessingException,
    QgsProcessingFeatureSourceDefinition,
    QgsProject,
    QgsVectorLayer,
)

from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.model.claim import Claim, Restriction
from ceasefire_monitor.model.harm import Harm
from ceasefire_monitor.model.incident import Effort, Incident, Observation, Post

UTC = timezone.utc
NOON = datetime(2031, 5, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def incident(name: str, **values) -> Incident:
    known = {
        "origin": "own_observation",
        "category": "firing/explosion",
        "occurred_from": NOON,
        "occurred_to": NOON + HOUR,
        "place": "Mill",
        "longitude": 30.0,
        "latitude": 45.0,
    }
    return Incident(name, **{**known, **values})


def claim(name: str, party: str, hours: float, **values) -> Claim:
    known = {
        "received_at": NOON + hours * HOUR,
        "alleged_from": NOON + hours * HOUR,
        "category": "firing/explosion",
        "place": "Mill",
        "longitude": 30.001,
        "latitude": 45.0,
    }
    return Claim(name, party, **{**known, **values})


@pytest.fixture
def path(tmp_path):
    place = tmp_path / "Журнал смены.gpkg"
    settings = {"theatre": "Vale <1>", "timezone": "Europe/Athens"}
    with Ledger.create(place, settings) as ledger:
        ledger.write_records("incidents", [incident(name) for name in "ABC"], "Ana", "log")
        posts = [
            Post("P1", "Tower", "camera", range_m=3000.0, longitude=30.0, latitude=45.0),
            Post("P2", "Mill", "patrol", longitude=31.0, latitude=45.0),
        ]
        ledger.write_records("posts", posts, "Ana", "log")
        effort = [
            Effort("E1", "P1", NOON - 2 * HOUR, NOON + 6 * HOUR, "operating"),
            Effort("E2", "P1", NOON + 6 * HOUR, NOON + 9 * HOUR, "down", "no power"),
        ]
        ledger.write_records("effort", effort, "Ana", "log")
        seen = [Observation("O1", "A", "P1", observed_from=NOON)]
        ledger.write_records("observations", seen, "Ana", "log")
        claims = [
            claim("C1", "Aster", 0.2),
            claim("C2", "Borea", 4.5, due_at=NOON + 5 * HOUR),
            claim("C3", "Borea", 7.5),
        ]
        ledger.write_records("claims", claims, "Ana", "log")
        denial = Restriction("R1", NOON, None, "denial", "P2", cause="gate shut")
        ledger.write_records("restrictions", [denial], "Ana", "log")
        harm = [
            Harm("H1", "A", "P-1", "injured", "civilian", independent_sources=1),
            Harm("H2", "A", "P-1", "died_later", "civilian", independent_sources=3),
            Harm("H3", "B", None, "injured", low=2, best=3, high=4),
        ]
        ledger.write_records("harm", harm, "Ana", "log")
    return str(place)


def read(path, table="incidents", **options):
    with Ledger.open(path, readonly=True) as ledger:
        return ledger.read(table, **options)


def rows(destination) -> list[dict]:
    """The attributes of an output layer."""
    layer = destination
    if not isinstance(layer, QgsVectorLayer):
        layer = QgsVectorLayer(str(destination), "output", "ogr")
    assert layer.isValid()
    names = [field.name() for field in layer.fields()]
    return [dict(zip(names, feature.attributes())) for feature in layer.getFeatures()]


def refused(run, identifier, **parameters) -> str:
    with pytest.raises(QgsProcessingException) as caught:
        run(identifier, **parameters)
    return str(caught.value)


def test_ids_are_reviewed_and_signed(run, path):
    done = run(
        "ceasefire:reviewincidents",
        LEDGER=path,
        INCIDENTS="A, B\nA",
        VERIFICATION="confirmed",
        WORKFLOW="reviewed",
        CREDIBILITY="1",
        BY="Bo",
        WHY="two photographs",
        OUTPUT="TEMPORARY_OUTPUT",
    )
    assert (done["REVIEWED"], done["UNCHANGED"], done["REFUSED"]) == (2, 0, 0)
    assert [row["result"] for row in rows(done["OUTPUT"])] == ["reviewed", "reviewed"]
    with Ledger.open(path, readonly=True) as ledger:
        last = ledger.history("A")[-1]
    assert (last.revision, last.who, last.why) == (2, "Bo", "two photographs")


def test_without_a_name_the_users_full_name_signs_and_never_the_account(run, path):
    run("ceasefire:reviewincidents", LEDGER=path, INCIDENTS="A", WORKFLOW="reviewed", WHY="read")
    with Ledger.open(path, readonly=True) as ledger:
        who = ledger.history("A")[-1].who
    name, account = QgsApplication.userFullName(), QgsApplication.userLoginName()
    assert who == (None if name.casefold() == account.casefold() or not name else name)
    assert who != account


def test_a_selection_of_a_layer_is_reviewed(run, path):
    layer = QgsVectorLayer(f"{path}|layername=incidents", "incidents", "ogr")
    QgsProject.instance().addMapLayer(layer)
    try:
        layer.selectByExpression("incident_id = 'B'")
        chosen = QgsProcessingFeatureSourceDefinition(layer.id(), True)
        done = run(
            "ceasefire:reviewincidents", LEDGER=path, LAYER=chosen, WORKFLOW="reviewed", WHY="read"
        )
    finally:
        QgsProject.instance().removeMapLayer(layer)
    assert done["REVIEWED"] == 1
    assert {item.incident_id: item.workflow for item in read(path)} == {
        "A": "recorded",
        "B": "reviewed",
        "C": "recorded",
    }


def test_one_that_may_not_holds_all_back_unless_partly_is_on(run, path):
    run("ceasefire:reviewincidents", LEDGER=path, INCIDENTS="A", WORKFLOW="reviewed", WHY="read")
    step = {"LEDGER": path, "INCIDENTS": "A,B", "WORKFLOW": "released", "WHY": "out"}
    words = refused(run, "ceasefire:reviewincidents", **step)
    assert "1 of 2" in words and "B: Workflow goes from" in words
    assert [item.workflow for item in read(path)] == ["reviewed", "recorded", "recorded"]
    done = run("ceasefire:reviewincidents", PARTLY=True, **step)
    assert (done["REVIEWED"], done["REFUSED"]) == (1, 1)


def test_the_four_eyes_rule_is_a_setting(run, path):
    shown = run("ceasefire:ledgersettings", LEDGER=path)
    assert "four_eyes: no" in shown["SETTINGS"] and "review_due_hours: 24" in shown["SETTINGS"]
    shown = run("ceasefire:ledgersettings", LEDGER=path, FOUR_EYES="yes", REVIEW_DUE_HOURS=6)
    assert "four_eyes: yes" in shown["SETTINGS"] and "review_due_hours: 6" in shown["SETTINGS"]
    review = {"LEDGER": path, "INCIDENTS": "A", "WORKFLOW": "reviewed", "WHY": "read"}
    assert "four-eyes" in refused(run, "ceasefire:reviewincidents", BY="Ana", **review)
    assert run("ceasefire:reviewincidents", BY="Bo", **review)["REVIEWED"] == 1


def test_an_attribute_table_cannot_release_what_nobody_reviewed(provider, path):
    layer = QgsVectorLayer(f"{path}|layername=incidents", "incidents", "ogr")
    column = layer.fields().lookupField("workflow")
    feature = next(layer.getFeatures())
    assert layer.startEditing()
    layer.changeAttributeValue(feature.id(), column, "released")
    assert not layer.commitChanges()
    assert any("goes from" in words for words in layer.commitErrors())
    layer.rollBack()
    assert layer.startEditing()
    layer.changeAttributeValue(feature.id(), column, "reviewed")
    assert layer.commitChanges(), layer.commitErrors()
    assert read(path)[0].workflow == "reviewed"


def test_incidents_are_linked_read_from_both_ends_and_unlinked(run, path):
    common = {"LEDGER": path, "OTHER": "B", "RELATION": "duplicate_of", "WHY": "one log entry"}
    done = run("ceasefire:linkincidents", INCIDENTS="A", OUTPUT="TEMPORARY_OUTPUT", **common)
    assert done["LINKS"] == 1
    assert [tuple(row.values())[-3:] for row in rows(done["OUTPUT"])] == [
        ("A", "duplicate of", "B"),
        ("B", "has the duplicate", "A"),
    ]
    assert "circle" not in refused(
        run, "ceasefire:linkincidents", **{**common, "INCIDENTS": "B", "OTHER": "A"}
    )
    assert run("ceasefire:linkincidents", INCIDENTS="A", WITHDRAW=True, **common)["LINKS"] == 1
    assert [item.status for item in read(path, "links")] == ["withdrawn"]


def test_coverage_by_post_and_hour(run, path):
    done = run(
        "ceasefire:effortcoverage",
        LEDGER=path,
        FROM="2031-05-01",
        TO="2031-05-01",
        HOURS="TEMPORARY_OUTPUT",
        POSTS="TEMPORARY_OUTPUT",
    )
    hours = rows(done["HOURS"])
    assert len(hours) == 48
    tower = {row["local_hour"][11:16]: row for row in hours if row["post_id"] == "P1"}
    # Noon in UTC is 15:00 in Athens in May.
    assert (tower["15:00"]["reported"], tower["14:00"]["reported"]) == ("1", "0")
    assert (tower["21:00"]["reported"], tower["21:00"]["reasons"]) == ("not observed", "no power")
    assert (tower["00:00"]["reported"], tower["00:00"]["state"]) == ("not known", "not_known")
    mill = {row["local_hour"][11:16]: row for row in hours if row["post_id"] == "P2"}
    assert (mill["15:00"]["denied_min"], mill["15:00"]["restrictions"]) == (60.0, "denial")
    posts = {row["post_id"]: row for row in rows(done["POSTS"])}
    assert (posts["P1"]["observed_h"], posts["P1"]["down_h"]) == (8.0, 3.0)
    assert done["OBSERVED_HOURS"] == 8.0


def test_claims_are_answered_only_when_asked_and_with_a_reason(run, path):
    asked = {"LEDGER": path, "FROM": "2031-05-01", "TO": "2031-05-01", "DISTANCE": 500.0}
    done = run("ceasefire:answerclaims", OUTPUT="TEMPORARY_OUTPUT", **asked)
    found = {row["claim_id"]: row for row in rows(done["OUTPUT"])}
    assert [found[name]["finding"] for name in ("C1", "C2", "C3")] == [
        "observed",
        "not_observed_with_coverage",
        "no_coverage",
    ]
    assert "Tower: operating 100 %" in found["C2"]["coverage"]
    assert {item.finding for item in read(path, "claims")} == {"under_review"}
    asked["OUTPUT"] = "TEMPORARY_OUTPUT"
    assert "WHY" in refused(run, "ceasefire:answerclaims", APPLY=True, **asked)
    done = run("ceasefire:answerclaims", APPLY=True, WHY="weekly", BY="Bo", **asked)
    assert done["WRITTEN"] == 3
    kept = {item.claim_id: item for item in read(path, "claims")}
    assert kept["C2"].finding == "not_observed_with_coverage"
    assert "observed throughout" in kept["C2"].coverage
    with Ledger.open(path, readonly=True) as ledger:
        last = ledger.history("C2", "claims")[-1]
    assert (last.revision, last.who, last.why) == (2, "Bo", "weekly")
    assert run("ceasefire:answerclaims", APPLY=True, WHY="again", **asked)["WRITTEN"] == 0


def test_the_list_of_claims_is_a_table_and_a_sheet(run, path, tmp_path):
    sheet = str(tmp_path / "claims.html")
    asked = {"LEDGER": path, "FROM": "2031-05-01", "TO": "2031-05-01", "AS_OF": "2031-05-02"}
    done = run("ceasefire:claimslist", OUTPUT="TEMPORARY_OUTPUT", SHEET=sheet, **asked)
    assert (done["CLAIMS"], done["OVERDUE"], done["ANSWERED"]) == (3, 1, 0)
    assert [row["claim_id"] for row in rows(done["OUTPUT"])] == ["C1", "C2", "C3"]
    text = Path(sheet).read_text(encoding="utf-8")
    assert "Vale &lt;1&gt;" in text and "Overdue" in text
    assert "Release level: RESTRICTED" in text
    with Ledger.open(path) as ledger:
        first = ledger.read("claims")[0]
        hidden = dataclasses.replace(first, sensitivity="Confidential")
        ledger.write_records("claims", [hidden], "Ana", "asked for it")
    for release, numbers in (("restricted", (2, 1)), ("confidential", (3, 0))):
        done = run("ceasefire:claimslist", OUTPUT="memory:", SHEET=sheet, RELEASE=release, **asked)
        assert (done["CLAIMS"], done["LEFT_OUT"]) == numbers
        page = Path(sheet).read_text(encoding="utf-8")
        assert f"Release level: {release.upper()}" in page
        assert ("1 claim is left out" in page) == (release == "restricted")
        ids = [row["claim_id"] for row in rows(done["OUTPUT"])]
        assert (first.claim_id in ids) == (release == "confidential")
    ledger_back = dataclasses.replace(first, sensitivity="restricted")
    with Ledger.open(path) as ledger:
        ledger.write_records("claims", [ledger_back], "Ana", "released again")
    one = run("ceasefire:claimslist", OUTPUT="TEMPORARY_OUTPUT", PARTY="Aster", **asked)
    assert one["CLAIMS"] == 1


def test_harm_is_totalled_and_feeds_stand_apart(run, path):
    with Ledger.open(path) as ledger:
        press = incident("D", source="press", origin="media", deaths_best=9)
        ledger.write_records("incidents", [press], "Ana", "feed")
    done = run(
        "ceasefire:harmtotals",
        LEDGER=path,
        OUTPUT="TEMPORARY_OUTPUT",
        FEEDS="TEMPORARY_OUTPUT",
    )
    assert (done["DIED_CORROBORATED"], done["DIED_REPORTED"]) == (1, 0)
    whole = {
        (row["outcome"], row["standing"]): row
        for row in rows(done["OUTPUT"])
        if row["dimension"] == "all"
    }
    died = whole["died", "corroborated"]
    assert (died["low"], died["best"], died["high"], died["died_later"]) == (1, 1, 1, 1)
    hurt = whole["injured", "reported"]
    assert (hurt["low"], hurt["best"], hurt["high"]) == (2, 3, 4)
    assert [(row["source"], row["deaths_best"]) for row in rows(done["FEEDS"])] == [("press", 9)]
    months = {row["value"] for row in rows(done["OUTPUT"]) if row["dimension"] == "period"}
    assert months == {"2031-05"}


def sql(path, *statements: str) -> None:
    """What another program writes, which asks nobody."""
    dataset = ogr.Open(path, update=1)
    for statement in statements:
        dataset.ExecuteSQL(statement)


def test_rows_that_cannot_be_so_are_set_aside_and_told(run, path):
    sql(
        path,
        "INSERT INTO harm(harm_id, incident_id, outcome, best) VALUES ('H4', 'B', 'injured', -4)",
        "INSERT INTO harm(harm_id, incident_id, outcome, low, high) "
        "VALUES ('H5', 'B', 'injured', 9, 2)",
        "INSERT INTO effort(effort_id, post_id, observed_from, observed_to, status) VALUES "
        "('E3', 'P2', '2031-05-01T12:00:00Z', '2031-05-01T11:00:00Z', 'operating'), "
        "('E4', 'P2', '2031-05-01T12:00:00Z', '2031-05-01T13:00:00Z', 'sleeping'), "
        "('E5', 'P2', '2031-05-01T12:00:00Z', NULL, 'down')",
    )
    found = run(
        "ceasefire:harmtotals", LEDGER=path, OUTPUT="TEMPORARY_OUTPUT", FEEDS="TEMPORARY_OUTPUT"
    )
    (injured,) = [
        row
        for row in rows(found["OUTPUT"])
        if (row["dimension"], row["outcome"]) == ("all", "injured")
    ]
    assert (injured["low"], injured["best"], injured["high"]) == (2, 3, 4)
    assert found["SET_ASIDE"] == 2
    span = {"FROM": "2031-05-01", "TO": "2031-05-01"}
    tables = {"HOURS": "TEMPORARY_OUTPUT", "POSTS": "TEMPORARY_OUTPUT"}
    found = run("ceasefire:effortcoverage", LEDGER=path, **tables, **span)
    assert (found["INCOMPLETE"], found["BACKWARDS"], found["UNSTATED"]) == (1, 1, 1)


def test_harm_within_an_area(run, path):
    area = QgsVectorLayer("Polygon?crs=epsg:4326", "area", "memory")
    feature = QgsFeature()
    feature.setGeometry(QgsGeometry.fromWkt("POLYGON((40 40,41 40,41 41,40 41,40 40))"))
    area.dataProvider().addFeature(feature)
    done = run("ceasefire:harmtotals", LEDGER=path, AREA=area, OUTPUT="TEMPORARY_OUTPUT")
    assert rows(done["OUTPUT"]) == []
    area.dataProvider().truncate()
    words = refused(run, "ceasefire:harmtotals", LEDGER=path, AREA=area, OUTPUT="TEMPORARY_OUTPUT")
    assert "no polygon" in words


def test_a_shift_is_handed_over(run, path, tmp_path):
    began = datetime.now(UTC) - timedelta(minutes=5)
    dataset = ogr.Open(path, update=1)
    dataset.ExecuteSQL("UPDATE incidents SET place = 'Ford' WHERE incident_id = 'A'")
    del dataset
    run("ceasefire:reviewincidents", LEDGER=path, INCIDENTS="C", WORKFLOW="withdrawn", WHY="twice")
    sheet = str(tmp_path / "shift.html")
    done = run(
        "ceasefire:shifthandover",
        LEDGER=path,
        SINCE=began.isoformat(timespec="seconds"),
        UNTIL="2031-05-01T23:00",
        OUTPUT="TEMPORARY_OUTPUT",
        SHEET=sheet,
    )
    found = rows(done["OUTPUT"])
    parts = {}
    for row in found:
        parts.setdefault(row["part"], set()).add(row["record_id"])
    assert parts["overdue"] == {"A", "B"}
    assert parts["unsigned"] >= {"A"}
    assert parts["restriction"] == {"R1"}
    assert parts["post"] == {"P1", "P2"}
    assert parts["claim"] == {"C2"}
    (claimed,) = [row["what"] for row in found if row["part"] == "claim"]
    assert claimed.startswith("overdue, Borea")
    downs = {row["record_id"]: row["what"] for row in found if row["part"] == "post"}
    assert downs == {"P1": "Tower: down", "P2": "Mill: denied"}
    assert {"B", "P1", "H1"} <= parts["new"]
    text = Path(sheet).read_text(encoding="utf-8")
    assert "Shift handover: Vale &lt;1&gt;" in text and "gate shut" in text
    words = refused(
        run, "ceasefire:shifthandover", LEDGER=path, SINCE="2999-01-01", OUTPUT="TEMPORARY_OUTPUT"
    )
    assert "earlier" in words


def test_claims_restrictions_harm_and_links_are_added_from_tables(run, path, tmp_path):
    def added(table: str, text: str) -> tuple:
        file = tmp_path / f"{table}.csv"
        file.write_text(text, encoding="utf-8")
        done = run("ceasefire:addtoledger", INPUT=str(file), TABLE=table, LEDGER=path)
        return done["ADDED"], done["REJECTED"]

    head = "claim_id,party,received_at,due_at,longitude,latitude"
    claims = f"{head}\nC9,Aster,2031-05-02,2031-05-03,30,45\n"
    assert added("claims", claims) == (1, 0)
    (kept,) = read(path, "claims", ids=["C9"])
    # Bare dates are the theatre's days; an answer is due by the end of its day.
    assert kept.received_at == datetime(2031, 5, 1, 21, tzinfo=UTC)
    assert kept.due_at == datetime(2031, 5, 3, 21, tzinfo=UTC)
    assert (kept.longitude, kept.finding) == (30.0, "under_review")
    assert added("restrictions", "restricted_from,kind,post_id\n2031-05-01,delay,P1\n") == (1, 0)
    assert added("harm", "incident_id,person,outcome\nA,P-9,missing\n") == (1, 0)
    links = "incident_id,relation,other_id\nA,same_event,B\nA,same_event,A\n"
    assert added("links", links) == (1, 1)
