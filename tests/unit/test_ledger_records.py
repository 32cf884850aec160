"""The history of everything that is no incident, who signs an edit, and what is stale."""

from __future__ import annotations

import dataclasses
import json
import shutil
import sqlite3
from datetime import datetime, timezone

import pytest
import shapely
from osgeo import gdal, ogr

from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.ledger.record_triggers import HISTORIED, RECORDED
from ceasefire_monitor.ledger.schema import RECORDS
from ceasefire_monitor.model.errors import CeasefireError
from ceasefire_monitor.model.evidence import Evidence, Protected
from ceasefire_monitor.model.field import Kind, Shape
from ceasefire_monitor.model.harm import Link
from ceasefire_monitor.model.incident import Incident, Post
from ceasefire_monitor.model.land import Finding, Zone
from ceasefire_monitor.model.tables import INCIDENTS, LEDGER_TABLES
from tests.ledger_sql import rows, run

NOON = datetime(2031, 5, 1, 12, tzinfo=timezone.utc)
OTHERS = [table for table in RECORDED if table is not INCIDENTS]
KEPT = ("evidence", "protected")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A ledger with two records of each table that has a history; closed."""
    place = tmp_path_factory.mktemp("records") / "ledger.gpkg"
    with Ledger.create(place) as ledger:
        for table in RECORDED:
            ledger.write_records(table.name, [record(table, n) for n in (1, 2)], "Ana", "first")
    return place


def record(table, number):
    made = RECORDS[table.name](**{table.key: f"{table.name}:{number}"})
    if table.shape is Shape.AREA:
        made.geometry = shapely.box(30, 45, 31, 46)
    if table.shape is Shape.LINE:
        made.geometry = shapely.LineString([(30, 45), (31, 46)])
    return made


@pytest.fixture
def path(made, tmp_path):
    return shutil.copy(made, tmp_path / "ledger.gpkg")


def history(path, table, number=1):
    where = f"table_name = '{table}' AND record_id = '{table}:{number}'"
    return rows(
        path,
        "SELECT revision, operation, who, why, based_on, conflict, payload FROM record_history "
        f"WHERE {where} ORDER BY revision",
    )


def of_incident(path, number=1):
    return rows(
        path,
        "SELECT revision, who, why, based_on, conflict FROM incident_history "
        f"WHERE incident_id = 'incidents:{number}' ORDER BY revision",
    )


def text_of(table):
    return next(
        item.name for item in table.fields if item.kind is Kind.TEXT and item.name != table.key
    )


def test_every_table_but_those_that_are_only_added_to_has_a_history():
    without = {table.name for table in LEDGER_TABLES} - {table.name for table in RECORDED}
    assert without == {"findings", "fetches", "agreements", "custody"}
    assert {table.name for table in LEDGER_TABLES} - {"findings"} == {t.name for t in HISTORIED}


ONCE = [table for table in HISTORIED if table not in RECORDED]


@pytest.mark.parametrize("table", ONCE, ids=lambda table: table.name)
def test_what_is_only_added_to_has_one_revision_of_each_row_signed_by_the_session(path, table):
    name, key = table.name, table.key
    signed = (
        "INSERT INTO ledger_session(id, who, why, with_what, fetch_id) "
        "VALUES (1, 'Ana', 'kept', 'by hand', 'f:0')"
    )
    added = f'INSERT INTO "{name}"("{key}") VALUES (\'{name}:1\')'
    assert run(path, signed, added, "DELETE FROM ledger_session") is None
    # Another program, which gives no id.
    assert run(path, f'INSERT INTO "{name}" DEFAULT VALUES') is None
    kept = rows(
        path,
        "SELECT record_id, revision, operation, who, why, with_what, fetch_id, payload "
        f"FROM record_history WHERE table_name = '{name}' ORDER BY history_id",
    )
    assert kept[0][:7] == (f"{name}:1", 1, "insert", "Ana", "kept", "by hand", "f:0")
    assert kept[1][0].startswith("own:") and kept[1][1:7] == (1, "insert", None, None, None, None)
    assert [json.loads(row[7])[key] for row in kept] == [row[0] for row in kept]
    assert list(json.loads(kept[0][7])) == table.names()
    with Ledger.open(path) as ledger:
        found = ledger.verify()
        assert found.holds, found.sentences()
        assert found.unsealed == 0
        (known,) = ledger.history(f"{name}:1", name)
        assert ledger.records_as_of(name, known.recorded_at) == ledger.read(name)[:1]
        with pytest.raises(CeasefireError, match="nothing to restore"):
            ledger.restore(name, f"{name}:1", 1, "Ana", "again")


def test_findings_have_no_history_and_write_none(path):
    before = rows(path, "SELECT count(*) AS n FROM record_history")
    with Ledger.open(path) as ledger:
        ledger.write_findings([Finding(incident_id="incidents:1", flag="near")])
        with pytest.raises(CeasefireError, match="have no history"):
            ledger.history("x", "findings")
    assert rows(path, "SELECT count(*) AS n FROM record_history") == before


@pytest.mark.parametrize("table", OTHERS, ids=lambda table: table.name)
def test_an_insert_a_change_and_a_deletion_are_revisions_and_can_be_read_back(path, table):
    name, field = table.name, text_of(table)
    edit = f'UPDATE "{name}" SET "{field}" = \'Mill\' WHERE "{table.key}" = \'{name}:1\''
    remove = f'DELETE FROM "{name}" WHERE "{table.key}" = \'{name}:1\''
    assert run(path, edit, edit) is None
    first, second = history(path, name)
    assert first[:6] == (1, "insert", "Ana", "first", None, None)
    assert second[:6] == (2, "update", None, None, None, None)
    assert json.loads(first[6])[field] != json.loads(second[6])[field] == "Mill"
    assert list(json.loads(second[6]))[: len(table.fields)] == table.names()
    refused = run(path, remove)
    if name in KEPT:
        assert "never deleted" in refused
        return
    assert refused is None
    assert history(path, name)[2][:3] == (3, "delete", None)
    assert history(path, name)[2][6] == second[6]
    assert len(history(path, name, 2)) == 1
    again = f'INSERT INTO "{name}"("{table.key}") VALUES (\'{name}:1\')'
    assert run(path, again) is None
    assert history(path, name)[3][:2] == (4, "insert")


def test_emptying_a_table_records_every_deletion(path):
    assert run(path, "DELETE FROM zones") is None
    assert [history(path, "zones", n)[-1][1] for n in (1, 2)] == ["delete", "delete"]


def test_a_deletion_by_the_plugin_is_signed_by_its_session(path):
    signed = "INSERT INTO ledger_session(id, who, why) VALUES (1, 'Bo', 'drawn twice')"
    assert run(path, signed, "DELETE FROM zones", "DELETE FROM ledger_session") is None
    assert history(path, "zones")[-1][1:4] == ("delete", "Bo", "drawn twice")


@pytest.mark.parametrize("table", OTHERS, ids=lambda table: table.name)
@pytest.mark.parametrize("recursive", ["ON", "OFF"])
def test_no_record_changes_its_key_or_takes_anothers_row(path, table, recursive):
    name, key = table.name, table.key
    pragma = f"PRAGMA recursive_triggers = {recursive}"
    keeps = f'UPDATE "{name}" SET "{key}" = \'x\' WHERE fid = 1'
    assert "keeps its id" in run(path, pragma, keeps)
    assert "keeps its id" in run(path, pragma, f'UPDATE "{name}" SET fid = 99 WHERE fid = 1')
    takes = f'INSERT OR REPLACE INTO "{name}"(fid, "{key}") VALUES (1, \'x\')'
    assert "taken by another" in run(path, pragma, takes)
    again = f'INSERT OR REPLACE INTO "{name}"("{key}") VALUES (\'{name}:1\')'
    refused = run(path, pragma, again)
    # What replaces a row is refused, or its deletion stands in the history.
    if recursive == "OFF" or name in KEPT:
        assert "already" in refused or "never deleted" in refused
        assert [item[1] for item in history(path, name)] == ["insert"]
    else:
        assert [item[1] for item in history(path, name)] == ["insert", "delete", "insert"]


ONLY_ADDED = {
    "record_history": "revision",
    "incident_history": "revision",
    "chain": "hash",
    "copies": "path",
    "heads": "why",
    "findings": "flag",
    "custody": "note",
    "fetches": "source",
    "agreements": "version_id",
}


@pytest.mark.parametrize("name", ONLY_ADDED)
def test_what_is_only_added_to_is_never_changed_removed_or_replaced(path, name):
    column = ONLY_ADDED[name]
    with Ledger.open(path) as ledger:
        ledger.write_findings([Finding(incident_id="incidents:1", flag="near")])
    assert run(
        path,
        "INSERT INTO copies(path, made_at) VALUES ('x', '2031-05-01T00:00:00.000Z')",
        "INSERT INTO heads(position, hash, made_at) VALUES (1, 'a', '2031-05-01T00:00:00.000Z')",
        "INSERT INTO custody(event_id, note) VALUES ('c:1', 'n')",
        "INSERT INTO fetches(fetch_id) VALUES ('f:1')",
        "INSERT INTO agreements(version_id) VALUES ('a:1')",
        "INSERT INTO chain(history, history_id, hash) VALUES ('incident_history', 999, 'b')",
    ) in (None,)
    before = rows(path, f'SELECT * FROM "{name}"')
    assert before
    assert "never changed" in run(path, f'UPDATE "{name}" SET "{column}" = \'9\'')
    assert "never changed" in run(path, f'DELETE FROM "{name}"')
    copied = f'INSERT OR REPLACE INTO "{name}" SELECT * FROM "{name}" LIMIT 1'
    assert "never changed" in run(path, "PRAGMA recursive_triggers = OFF", copied)
    assert rows(path, f'SELECT * FROM "{name}"') == before


def test_a_heads_token_is_set_once(path):
    head = "INSERT INTO heads(position, hash, made_at, request) VALUES (1, 'a', '2031', '30')"
    token = "UPDATE heads SET token = 'ff', token_time = '2031', token_authority = 'A'"
    assert run(path, head, token) is None
    assert "never changed" in run(path, "UPDATE heads SET token = 'fe'")
    assert "never changed" in run(path, "UPDATE heads SET token = NULL")
    assert "never changed" in run(path, "UPDATE heads SET request = '31'")


def test_a_protected_value_is_added_and_erased_but_never_changed(path):
    assert run(path, "INSERT INTO protected_values(value) VALUES ('a name')") is None
    assert "never changed" in run(path, "UPDATE protected_values SET value = 'another'")
    assert run(path, "DELETE FROM protected_values") is None


NAMES = ("record_history", "chain", "heads", "copies", "protected_values", "current_findings")


@pytest.mark.parametrize("name", NAMES)
def test_the_new_tables_are_listed_and_stay(path, name):
    dataset = gdal.OpenEx(str(path), gdal.OF_VECTOR)
    assert dataset.GetLayerByName(name) is not None
    del dataset
    assert "belongs to a ledger" in run(path, f"DELLAYER:{name}")
    gone = f"DELETE FROM gpkg_contents WHERE table_name = '{name}'"
    assert "belongs to a ledger" in run(path, gone)


# Who signs.


def edit(who, base=None, reason="seen", **values):
    texts = {"edited_by": who, "edit_reason": reason, **values}
    pairs = [f"{name} = '{value}'" for name, value in texts.items()]
    pairs.append("edit_base = " + ("NULL" if base is None else str(base)))
    return f"UPDATE incidents SET {', '.join(pairs)} WHERE incident_id = 'incidents:1'"


# A place as GDAL sends it, in an UPDATE of its own.
MOVE = (
    "UPDATE incidents SET geom = x'47500001E61000000101000000"
    "0000000000003E400000000000804640' WHERE incident_id = 'incidents:1'"
)


def test_a_forms_stamps_sign_its_revision_and_are_gone(path):
    assert run(path, edit("Bo", base=1, place="Mill")) is None
    assert of_incident(path)[1] == (2, "Bo", "seen", 1, 0)
    left = "SELECT edited_by, edit_reason, edit_base FROM incidents"
    assert set(rows(path, left)) == {(None, None, None)}
    with Ledger.open(path) as ledger:
        assert ledger.read("incidents", ids=["incidents:1"])[0].revision == 2


def test_the_stamps_of_an_insert_sign_it(path):
    added = "INSERT INTO zones(zone_id, edited_by, edit_reason) VALUES ('zones:9', 'Bo', 'new')"
    assert run(path, added) is None
    assert history(path, "zones", 9)[0][:4] == (1, "insert", "Bo", "new")
    assert rows(path, "SELECT edited_by FROM zones WHERE zone_id = 'zones:9'") == [(None,)]


def test_the_plugins_session_goes_before_stamps(path):
    signed = "INSERT INTO ledger_session(id, who, why) VALUES (1, 'Ana', 'import')"
    assert run(path, signed, edit("Bo", place="Mill"), "DELETE FROM ledger_session") is None
    assert of_incident(path)[1][1:3] == ("Ana", "import")


def test_a_place_and_values_sent_one_after_the_other_are_signed_both_and_no_conflict(path):
    assert run(path, MOVE, edit("Bo", base=1, place="Mill")) is None
    assert of_incident(path)[1:] == [(2, "Bo", "seen", 1, 0), (3, "Bo", "seen", 1, 0)]


def test_a_place_alone_is_signed_by_the_stamps_that_follow(path):
    assert run(path, MOVE, edit("Bo", base=1)) is None
    assert of_incident(path)[1:] == [(2, "Bo", "seen", 1, 0)]


def test_a_place_and_values_of_a_record_without_revision_number_are_signed_both(path):
    area = shapely.to_wkb(shapely.MultiPolygon([shapely.box(1, 1, 2, 2)]), byte_order=1).hex()
    moved = f"UPDATE zones SET geom = x'47500001E6100000{area}' WHERE zone_id = 'zones:1'"
    named = "UPDATE zones SET zone_name='Vale', edited_by='Bo' WHERE zone_id = 'zones:1'"
    assert run(path, moved, named) is None
    assert [item[2] for item in history(path, "zones")] == ["Ana", "Bo", "Bo"]


def test_stamps_alone_never_sign_what_was_read_already_signed_sealed_or_long_ago(path):
    plain = "UPDATE incidents SET place = 'Mill' WHERE incident_id = 'incidents:1'"
    # Bo had read revision 2 of somebody else, and changed nothing.
    assert run(path, plain, edit("Bo", base=2)) is None
    assert of_incident(path)[1][1] is None
    # Opening the ledger seals it.
    Ledger.open(path).close()
    assert run(path, edit("Bo", base=1)) is None
    assert of_incident(path)[1][1] is None
    assert run(path, edit("Bo", base=2, place="Ford"), edit("Cy", base=2)) is None
    assert of_incident(path)[2][1] == "Bo"
    assert len(of_incident(path)) == 3


def test_another_program_cannot_sign_a_revision_by_itself(path):
    plain = "UPDATE incidents SET place = 'Mill' WHERE incident_id = 'incidents:1'"
    forged = "UPDATE incident_history SET who = 'Bo' WHERE revision = 2"
    assert run(path, plain) is None
    assert "never changed" in run(path, forged)
    assert run(path, "UPDATE zones SET kind = 'buffer' WHERE zone_id = 'zones:1'") is None
    forged = "UPDATE record_history SET who = 'Bo' WHERE revision = 2"
    assert "never changed" in run(path, forged)


def test_a_stale_edit_is_recorded_and_marked_where_another_person_was_between(path):
    assert run(path, edit("Cy", base=1, place="Ford")) is None
    assert run(path, edit("Bo", base=1, place="Mill")) is None
    assert [item[1:] for item in of_incident(path)[1:]] == [
        ("Cy", "seen", 1, 0),
        ("Bo", "seen", 1, 1),
    ]
    # Bo saves again on what he had read before his own edit, and after it.
    assert run(path, edit("Bo", base=2, place="Weir"), edit("Bo", base=2, place="Lock")) is None
    assert [item[4] for item in of_incident(path)[3:]] == [0, 0]


def test_a_stale_place_and_values_are_both_marked(path):
    assert run(path, edit("Cy", base=1, place="Ford")) is None
    assert run(path, MOVE, edit("Bo", base=1, place="Mill")) is None
    assert of_incident(path)[2:] == [(3, "Bo", "seen", 1, 1), (4, "Bo", "seen", 1, 1)]


def test_an_unsigned_change_of_more_than_the_place_is_anothers(path):
    plain = "UPDATE incidents SET place = 'Ford' WHERE incident_id = 'incidents:1'"
    assert run(path, plain, edit("Bo", base=1, place="Mill")) is None
    assert of_incident(path)[1:] == [(2, None, None, None, None), (3, "Bo", "seen", 1, 1)]


def test_an_edit_by_the_plugin_has_no_conflict(path):
    with Ledger.open(path) as ledger:
        (found,) = ledger.read("incidents", ids=["incidents:1"])
        ledger.write_records("incidents", [dataclasses.replace(found, place="x")], "Cy", "y")
    assert of_incident(path)[1] == (2, "Cy", "y", None, None)


def test_plain_sqlite_cannot_replace_a_record_in_silence(path):
    """Without GDAL, triggers are not recursive and a table without geometry can be written."""
    connection = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match="change that one"):
        connection.execute("REPLACE INTO links(link_id) VALUES ('links:1')")
    with pytest.raises(sqlite3.IntegrityError, match="taken by another"):
        connection.execute("REPLACE INTO links(fid, link_id) VALUES (1, 'x')")
    connection.close()
    assert [item[1] for item in history(path, "links")] == ["insert"]


def test_ogr2ogr_append_update_and_upsert_are_recorded(path, tmp_path):
    other = tmp_path / "other.gpkg"
    with Ledger.create(other) as ledger:
        changed = Post(post_id="posts:1", name="Mill", longitude=1, latitude=2)
        ledger.write_records("posts", [changed, Post(post_id="posts:7")], None, "elsewhere")
        ledger.write_records("links", [Link(link_id="links:7")], None, "elsewhere")
        ledger.write_records("zones", [Zone(zone_id="zones:7")], None, "elsewhere")
    target = gdal.OpenEx(str(path), gdal.OF_VECTOR | gdal.OF_UPDATE)
    if not hasattr(ogr.Layer, "UpsertFeature"):
        pytest.skip("this GDAL has no upsert")
    gdal.VectorTranslate(target, str(other), options=["-upsert", "-unsetFid", "posts"])
    gdal.VectorTranslate(target, str(other), options=["-append", "-unsetFid", "links", "zones"])
    del target
    assert json.loads(history(path, "posts")[1][6])["name"] == "Mill"
    assert [history(path, name, 7)[0][1] for name in ("posts", "links", "zones")] == ["insert"] * 3


def test_a_revision_of_incidents_cannot_be_lost_by_evidence_or_protected(path):
    with Ledger.open(path) as ledger:
        ledger.write_records("evidence", [Evidence(evidence_id="evidence:3")], None, "x")
        ledger.write_records("protected", [Protected(protected_id="protected:3")], None, "x")
        ledger.write_records("incidents", [Incident(incident_id="incidents:3")], None, "x")
    for name in ("evidence", "protected", "incidents"):
        assert "never deleted" in run(path, f'DELETE FROM "{name}"')
        assert len(rows(path, f'SELECT * FROM "{name}"')) == 3
