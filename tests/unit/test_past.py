"""The ledger as of a moment, explicit cases: deletion, upgrade, restoring, query plans."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta, timezone

import pytest
from osgeo import gdal
from shapely.geometry import LineString, MultiLineString, Point

from ceasefire_monitor.ledger import difference, past
from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.ledger.history import kept_of
from ceasefire_monitor.ledger.upgrade import WHY_FIRST
from ceasefire_monitor.model.errors import CeasefireError
from ceasefire_monitor.model.incident import Incident, Post
from ceasefire_monitor.model.land import ContactLine, Site
from ceasefire_monitor.model.tables import table

NOON = datetime(2031, 5, 1, 12, tzinfo=timezone.utc)
LATER = datetime(9000, 1, 1, tzinfo=timezone.utc)


@pytest.fixture
def ledger(tmp_path):
    with Ledger.create(tmp_path / "ledger.gpkg") as made:
        yield made


def sql(path, statement):
    """Run a statement as another program would, through GDAL; what went wrong, or empty."""
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    dataset = gdal.OpenEx(str(path), gdal.OF_VECTOR | gdal.OF_UPDATE)
    gdal.ErrorReset()
    result = dataset.ExecuteSQL(statement)
    message = gdal.GetLastErrorMsg() if gdal.GetLastErrorType() >= gdal.CE_Failure else ""
    dataset.ReleaseResultSet(result)
    del dataset
    gdal.PopErrorHandler()
    return message


def moment_of(ledger, record_id, table="incidents"):
    """When the last revision of a record was recorded, once the clock stands later."""
    last = ledger.history(record_id, table)[-1].recorded_at
    while datetime.now(timezone.utc) < last + timedelta(milliseconds=2):
        pass
    return last


def line(name, latitude):
    course = MultiLineString([LineString([(30, latitude), (31, latitude)])])
    return ContactLine("l1", name, "agreed", valid_from=NOON, geometry=course)


def test_a_line_is_as_it_was_drawn_then(ledger):
    ledger.write_records("contact_lines", [line("Line of May", 45)], "Ana", "signed")
    first = moment_of(ledger, "l1", "contact_lines")
    ledger.write_records("contact_lines", [line("Line of June", 45.5)], "Ana", "moved")
    (then,) = ledger.records_as_of("contact_lines", first)
    (now,) = ledger.records_as_of("contact_lines", LATER)
    assert (then.line_name, then.geometry.bounds[1], then.valid_from) == ("Line of May", 45, NOON)
    assert (now.line_name, now.geometry.bounds[1]) == ("Line of June", 45.5)
    assert ledger.records_as_of("contact_lines", first - timedelta(hours=1)) == []
    revisions = ledger.history("l1", "contact_lines")
    states = [(item.who, item.why, item.payload["line_name"]) for item in revisions]
    assert states == [("Ana", "signed", "Line of May"), ("Ana", "moved", "Line of June")]
    assert ledger.history("l1", "contact_lines")[1].payload["geometry"].bounds[1] == 45.5


def test_a_deleted_record_is_there_before_and_gone_after_and_can_be_brought_back(ledger):
    site = Site("s1", "Clinic", "hospital", "restricted", geometry=Point(30, 45))
    ledger.write_records("sites", [site], "Ana", "listed")
    there = moment_of(ledger, "s1", "sites")
    assert sql(ledger.path, "DELETE FROM sites WHERE site_id = 's1'") == ""
    gone = moment_of(ledger, "s1", "sites")
    assert ledger.read("sites") == []
    assert ledger.records_as_of("sites", there) == [site]
    assert ledger.records_as_of("sites", gone) == []
    count, pages = ledger.states_as_of("sites", gone)
    assert [(state.record_id, state.deleted) for page in pages for state in page] == [("s1", True)]
    assert count == 1

    back = ledger.restore("sites", "s1", 1, "Ben", "deleted by mistake")
    assert (back.revision, back.brought_back) == (3, True)
    assert ledger.read("sites") == [site]
    assert ledger.records_as_of("sites", LATER) == [site]
    assert ledger.records_as_of("sites", gone) == []
    operations = [item.operation for item in ledger.history("s1", "sites")]
    assert operations == ["insert", "delete", "insert"]
    assert ledger.history("s1", "sites")[2].why == "deleted by mistake"


def incident(**values):
    known = {"incident_id": "watch:1", "occurred_from": NOON, "longitude": 30.1, "latitude": 45.2}
    return Incident(**{**known, **values})


def test_restoring_writes_an_earlier_state_exactly_as_a_new_revision(ledger):
    first = incident(deaths_best=3, uncertainty_m=0.1 + 0.2, place="Mill")
    ledger.write_records("incidents", [first], "Ana", "first")
    changed = incident(deaths_best=None, uncertainty_m=0.3000000000000001, place="Ford")
    changed.longitude += 1e-5
    ledger.write_records("incidents", [changed], "Ana", "second")
    done = ledger.restore("incidents", "watch:1", 1, "Ben", "the second was of another place")
    assert set(done.fields) >= {"deaths_best", "place", "geometry"}
    one, _, three = ledger.history("watch:1")
    assert three.payload_text == one.payload_text
    assert (three.who, three.why) == ("Ben", "the second was of another place")
    again = ledger.restore("incidents", "watch:1", 1, "Ben", "once more")
    assert (again.fields, again.revision) == ([], 3)
    assert len(ledger.history("watch:1")) == 3


def test_a_post_is_restored_to_what_was_not_known(ledger):
    ledger.write_records("posts", [Post("p1", "Hill")], "Ana", "first")
    ledger.write_records("posts", [Post("p1", "Hill", longitude=30, latitude=45)], "Ana", "placed")
    ledger.restore("posts", "p1", 1, "Ben", "that was another hill")
    assert ledger.read("posts") == [Post("p1", "Hill")]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("incidents", "watch:1", 1, "Ana", " "), "No reason"),
        (("incidents", "watch:1", 7, "Ana", "why"), "it has 1 to 1"),
        (("incidents", "watch:9", 1, "Ana", "why"), "no record “watch:9”"),
        (("protected", "x", 1, "Ana", "why"), "not restored"),
        (("findings", "x", 1, "Ana", "why"), "have no history"),
        (("nothing", "x", 1, "Ana", "why"), "no table “nothing”"),
    ],
)
def test_what_cannot_be_restored_is_told_and_nothing_is_written(ledger, arguments, words):
    ledger.write_records("incidents", [incident()], "Ana", "first")
    with pytest.raises(CeasefireError, match=words):
        ledger.restore(*arguments)
    assert len(ledger.history("watch:1")) == 1


def test_what_was_there_before_its_table_had_a_history_was_known_before(ledger):
    ledger.write_records("posts", [Post("p1", "Hill"), Post("p2", "Mill")], None, WHY_FIRST)
    moved = moment_of(ledger, "p2", "posts")
    ledger.write_records("posts", [Post("p2", "Old mill"), Post("p3", "Ford")], "Ana", "named")
    long_ago = NOON - timedelta(days=9000)
    assert [post.name for post in ledger.records_as_of("posts", long_ago)] == ["Hill", "Mill"]
    assert [post.name for post in ledger.records_as_of("posts", moved)] == ["Hill", "Mill"]
    names = [post.name for post in ledger.records_as_of("posts", LATER)]
    assert names == ["Hill", "Old mill", "Ford"]
    told = {item.record_id: item.kind.value for item in ledger.changes(long_ago, LATER)}
    assert told == {"p2": "corrected", "p3": "new"}


def test_a_state_that_somebody_broke_is_told_in_a_sentence(ledger):
    ledger.write_records("incidents", [incident()], "Ana", "first")
    ledger.close()
    broken = sqlite3.connect(ledger.path)
    for (name,) in broken.execute(
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'incident_history'"
    ).fetchall():
        broken.execute(f'DROP TRIGGER "{name}"')
    broken.execute("UPDATE incident_history SET payload = substr(payload, 2)")
    broken.commit()
    broken.close()
    told = pytest.raises(CeasefireError, match="Verify ledger")
    with Ledger.open(ledger.path, readonly=True) as opened, told:
        opened.incidents_as_of(LATER)


@pytest.mark.parametrize("name", ["incidents", "effort"])
def test_the_past_is_found_by_indices_without_reading_states(ledger, name):
    kept = kept_of(table(name))
    connection = sqlite3.connect(f"file:{ledger.path}?mode=ro", uri=True)

    def plan(query):
        text = query.safe_substitute(
            history=kept.history,
            record=kept.record,
            condition=kept.condition,
            of_earlier=kept.condition.replace("table_name", "earlier.table_name"),
        ).replace("$$", "$")
        values = {"moment": "2031", "since": "2030", "until": "2031"}
        return [row[3] for row in connection.execute("EXPLAIN QUERY PLAN " + text, values)]

    last = [step for step in plan(past._LAST) if kept.history in step]
    assert len(last) == 2
    assert all("COVERING INDEX" in step for step in last), last
    steps = [step for step in plan(difference._STEPS) if "SEARCH" in step or "SCAN" in step]
    assert any(step.startswith("SEARCH step USING INDEX") for step in steps), steps
    assert any(step.startswith("SEARCH earlier USING COVERING INDEX") for step in steps), steps
    connection.close()
