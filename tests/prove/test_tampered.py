"""Tampering with a ledger past every trigger: each altered byte is found, and the first named."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
from pathlib import Path

import pytest

from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.ledger.verify import HISTORIES, read_head, verify_file
from ceasefire_monitor.model.evidence import CustodyEvent
from ceasefire_monitor.model.stored_agreement import StoredAgreement
from tests import tampering

PROVE = bool(os.environ.get("CEASEFIRE_PROVE"))
CHANGES = 500 if PROVE else 40
AHEAD = 40


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A ledger with its exported head, compact, so that each payload lies in it once."""
    folder = tmp_path_factory.mktemp("tampered")
    tampering.make(folder / "grown.gpkg")
    with Ledger.open(folder / "grown.gpkg") as ledger:
        head = ledger.add_head("proof")
        (folder / "head.json").write_text(ledger.head_as_text(head), encoding="utf-8")
        ledger.copy_to(folder / "ledger.gpkg")
    assert verify_file(folder / "ledger.gpkg", read_head(folder / "head.json")).holds
    return folder


@pytest.fixture
def path(made, tmp_path):
    return Path(shutil.copy(made / "ledger.gpkg", tmp_path / "ledger.gpkg"))


@pytest.fixture
def head(made):
    return read_head(made / "head.json")


def history_rows(path):
    """History, names and values of every revision."""
    connection = sqlite3.connect(str(path))
    for history, names in HISTORIES.items():
        query = f"SELECT {', '.join(names)} FROM {history} ORDER BY 1"
        for values in connection.execute(query).fetchall():
            yield history, names, values
    connection.close()


def altered(value, rng):
    """The value with one byte of what is stored changed; text stays text, numbers numbers."""
    if isinstance(value, int):
        return value ^ (1 << rng.randrange(8))
    data = bytearray(value.encode("utf-8"))
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return bytes(data)


def test_each_byte_that_sql_changes_in_a_revision_is_found_and_named(path):
    rng = random.Random(1)
    rows = list(history_rows(path))
    connection = sqlite3.connect(str(path), isolation_level=None)
    connection.execute("PRAGMA ignore_check_constraints = ON")
    guards = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE '%_history'"
    ).fetchall()
    for name, _ in guards:
        connection.execute(f'DROP TRIGGER "{name}"')
    changes = 0
    while changes < CHANGES:
        history, names, values = rng.choice(rows)
        name, value = rng.choice(
            [item for item in zip(names[1:], values[1:]) if item[1] not in (None, "")]
        )
        now = altered(value, rng)
        cast = "CAST(? AS TEXT)" if isinstance(now, bytes) else "?"
        change = f"UPDATE {history} SET {name} = {{}} WHERE history_id = ?"
        try:
            connection.execute(change.format(cast), (now, values[0]))
        except sqlite3.IntegrityError:
            continue  # another revision has that number: SQLite itself does not let it stand
        changes += 1
        found = verify_file(path)
        assert found.fault_count and not found.holds, (history, values[0], name)
        assert (found.faults[0].kind, found.faults[0].history, found.faults[0].history_id) == (
            "altered",
            history,
            values[0],
        )
        connection.execute(change.format("?"), (value, values[0]))
    for _, statement in guards:
        connection.execute(statement)
    connection.close()
    assert verify_file(path).holds


def cells(path):
    """History, row and the bytes in the file of each revision whose cell lies in one piece:
    its record's header, without the empty place of the row number, and all its values."""
    data = path.read_bytes()
    for history, names, values in history_rows(path):
        texts = [value.encode("utf-8") if isinstance(value, str) else b"" for value in values]
        state = names.index("payload")
        if data.count(texts[state]) != 1:
            continue
        small = sum(isinstance(value, int) and value > 1 for value in values[1:state])
        start = data.index(texts[state]) - sum(map(len, texts[:state])) - small
        sizes = [
            size
            for size in range(10, AHEAD)
            if data[start - size : start - size + 2] == bytes([size, 0])
        ]
        if len(sizes) != 1:
            continue
        end = start + sum(map(len, texts)) + small
        yield history, values[0], [start - sizes[0], *range(start - sizes[0] + 2, end)]


def test_each_byte_changed_in_the_file_itself_is_found(path):
    rng = random.Random(2)
    places = list(cells(path))
    assert len(places) > 15
    whole = path.read_bytes()
    named = 0
    for _ in range(CHANGES):
        history, number, bytes_of = rng.choice(places)
        # As many of the short header as its share would hardly give.
        place = rng.choice(bytes_of[: AHEAD // 2] if rng.random() < 0.1 else bytes_of)
        changed = bytearray(whole)
        changed[place] ^= rng.randrange(1, 256)
        path.write_bytes(changed)
        found = verify_file(path)
        assert not found.holds, (history, number, place)
        assert found.faults[0].sentence
        named += (found.faults[0].history, found.faults[0].history_id) == (history, number)
    path.write_bytes(whole)
    assert verify_file(path).holds
    # A header that no longer fits can make the page unreadable: then the row before is named.
    assert named > 0.75 * CHANGES


def test_a_removed_revision_is_found_and_named(path):
    with tampering.behind_its_back(path) as connection:
        connection.execute("DELETE FROM incident_history WHERE history_id = 7")
    first = verify_file(path).faults[0]
    assert (first.kind, first.history, first.history_id) == ("removed", "incident_history", 7)


def test_a_swapped_pair_is_found_and_named(path):
    with tampering.behind_its_back(path) as connection:
        for one, other in ((3, -1), (4, 3), (-1, 4)):
            connection.execute(
                "UPDATE incident_history SET history_id = ? WHERE history_id = ?", (other, one)
            )
    first = verify_file(path).faults[0]
    assert (first.kind, first.history, first.history_id) == ("altered", "incident_history", 3)


def test_a_swapped_pair_with_its_rows_of_the_chain_is_found_and_named(path):
    with tampering.behind_its_back(path) as connection:
        for one, other in ((3, -1), (4, 3), (-1, 4)):
            connection.execute("UPDATE chain SET position = ? WHERE position = ?", (other, one))
    found = verify_file(path)
    assert found.faults[0].history_id in (3, 4) or "reordered" in found.faults[0].sentence
    assert "reordered" in {fault.kind for fault in found.faults}


@pytest.mark.parametrize("number", [-1, -(1 << 63), 5])
def test_an_inserted_revision_is_found_and_named(path, number):
    with tampering.behind_its_back(path) as connection:
        if number == 5:  # all that follow make room, in the chain too
            for table, key in (("incident_history", "history_id"), ("chain", "history_id")):
                where = "history = 'incident_history'" if table == "chain" else "1"
                for sign in ("-1000 - ", "-999 - "):
                    connection.execute(
                        f"UPDATE {table} SET {key} = {sign}{key} WHERE {where} "
                        f"AND ({key} >= 5 OR {key} < 0)"
                    )
        connection.execute(
            "INSERT INTO incident_history SELECT ?, incident_id, 0, operation, recorded_at, "
            "payload, who, why, with_what, fetch_id, based_on, conflict FROM incident_history "
            "WHERE history_id = 1",
            (number,),
        )
    found = verify_file(path)
    assert found.faults[0].kind == "inserted"
    assert number == -(1 << 63) or found.faults[0].history_id == number


def test_a_tail_made_anew_is_found_with_the_exported_head_alone(path, head):
    with tampering.behind_its_back(path) as connection:
        connection.execute(
            "UPDATE incident_history SET payload = replace(payload, 'Shots', 'Peace'), "
            "who = 'Nobody' WHERE history_id = 5"
        )
        connection.execute(
            "UPDATE incidents SET description = replace(description, 'Shots', 'Peace') "
            "WHERE fid = 5"
        )
        connection.execute("DELETE FROM heads")
    assert verify_file(path).faults[0].history_id == 5
    tampering.forge_tail(path, 5)
    with sqlite3.connect(str(path)) as connection:
        connection.execute("DELETE FROM sqlite_sequence WHERE name = 'heads'")
    assert verify_file(path).holds
    found = verify_file(path, head)
    assert found.faults[0].kind == "head"
    assert f"up to position {head['position']}" in found.faults[0].sentence


def test_a_tail_cut_off_with_its_chain_is_found_by_the_counters_or_else_by_the_head(path, head):
    with tampering.behind_its_back(path) as connection:
        connection.execute("DELETE FROM record_history WHERE history_id > 3")
        connection.execute("DELETE FROM chain WHERE history = 'record_history' AND history_id > 3")
        connection.execute("DELETE FROM heads")
    found = verify_file(path)
    assert "removed" in {fault.kind for fault in found.faults}
    with tampering.behind_its_back(path) as connection:
        for table, key in (("chain", "position"), ("record_history", "history_id")):
            connection.execute(
                f"UPDATE sqlite_sequence SET seq = (SELECT max({key}) FROM {table}) WHERE name = ?",
                (table,),
            )
    kinds = [fault.kind for fault in verify_file(path).faults]
    assert "removed" not in kinds
    found = verify_file(path, head)
    gone = head["position"] - found.position
    assert f"the last {gone} revisions were removed" in found.faults[0].sentence


def test_an_altered_or_removed_row_of_the_chain_is_found_and_named(path):
    with tampering.behind_its_back(path) as connection:
        (digest,) = connection.execute("SELECT hash FROM chain WHERE position = 6").fetchone()
        other = ("0" if digest[0] != "0" else "1") + digest[1:]
        connection.execute("UPDATE chain SET hash = ? WHERE position = 6", (other,))
    found = verify_file(path)
    assert [(fault.kind, fault.history_id) for fault in found.faults] == [("chain", 6)]
    assert "the hash of revision 1 of incident watch:5 (row 6 of incident_history)" in (
        found.faults[0].sentence
    )
    with tampering.behind_its_back(path) as connection:
        connection.execute("UPDATE chain SET hash = ? WHERE position = 6", (digest,))
        connection.execute("DELETE FROM chain WHERE position = 6")
    assert verify_file(path).faults[0].kind == "removed"


def test_a_state_edited_around_the_triggers_is_found_and_named(path):
    cases = (
        ("UPDATE incidents SET deaths_best = 99 WHERE fid = 2", "watch:1", "deaths_best"),
        (
            "UPDATE incidents SET uncertainty_m = uncertainty_m + 1e-9 WHERE fid = 2",
            "watch:1",
            "unc",
        ),
        ("UPDATE incidents SET reliability = 'F' WHERE fid = 2", "watch:1", "reliability"),
        ("UPDATE incidents SET geom = NULL WHERE fid = 2", "watch:1", "geometry"),
        ("UPDATE zones SET zone_name = 'C'", "zone:a", "zone_name"),
        ("DELETE FROM zones", "zone:a", "gone"),
        ("DELETE FROM incidents WHERE fid = 4", "watch:3", "gone"),
        ("INSERT INTO posts(post_id) VALUES ('post:b')", "post:b", "deleted"),
        ("INSERT INTO sites(site_id) VALUES ('site:x')", "site:x", "no revision"),
    )
    for statement, record, words in cases:
        copy = path.with_name("copy.gpkg")
        shutil.copy(path, copy)
        with tampering.behind_its_back(copy) as connection:
            connection.execute(statement)
        found = verify_file(copy)
        assert [(fault.kind, fault.record) for fault in found.faults] == [("state", record)]
        assert words in found.faults[0].sentence
        with Ledger.open(copy, readonly=True) as ledger:
            assert ledger.verify().faults == found.faults


def test_a_row_that_is_only_added_to_and_was_altered_is_found_and_named(path):
    with Ledger.open(path) as ledger:
        event = CustodyEvent(event_id="v:1", action="collected", by_whom="Ana")
        ledger.write_records("custody", [event], "Ana", "kept")
        agreed = StoredAgreement(agreement_id="vale", text='{"limit": 50}')
        ledger.write_records("agreements", [agreed], "Ana", "signed")
        ((version,),) = ledger._connection.rows("SELECT version_id FROM agreements")
    assert verify_file(path).holds
    cases = (
        ("UPDATE custody SET by_whom = 'Bo'", "v:1", "by_whom"),
        ("DELETE FROM custody", "v:1", "gone"),
        ("UPDATE agreements SET text = '{\"limit\": 15}'", version, "text"),
        ("INSERT INTO custody(event_id) VALUES ('v:2')", "v:2", "no revision"),
        ("INSERT INTO fetches(fetch_id) VALUES ('f:9')", "f:9", "no revision"),
    )
    for statement, record, words in cases:
        copy = path.with_name("copy.gpkg")
        shutil.copy(path, copy)
        with tampering.behind_its_back(copy) as connection:
            connection.execute(statement)
        (fault,) = verify_file(copy).faults
        assert (fault.kind, fault.record) == ("state", record)
        assert words in fault.sentence


def test_the_head_is_json_that_says_what_it_stands_for(made, head):
    told = json.loads((made / "head.json").read_text(encoding="utf-8"))
    assert told == head
    assert told["revisions"]["incidents"] == 16
    assert told["position"] == sum(told["revisions"].values())
