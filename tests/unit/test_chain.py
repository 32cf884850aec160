"""The custody chain: sealed with every write, in order, as the document defines it."""

from __future__ import annotations

import hashlib
import re
import shutil
import sqlite3
import threading
from pathlib import Path

import pytest

from ceasefire_monitor.ledger import verify as checker
from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.ledger.upgrade import NEW_COLUMNS
from ceasefire_monitor.model.errors import CeasefireError
from ceasefire_monitor.model.tables import LEDGER_TABLES
from tests import ledger_sql, tampering

ROOT = Path(__file__).resolve().parent.parent.parent
COLUMNS = {
    "incident_history": "history_id, incident_id, revision, operation, recorded_at, payload, "
    "who, why, with_what, fetch_id, based_on, conflict",
    "record_history": "history_id, table_name, record_id, revision, operation, recorded_at, "
    "payload, who, why, with_what, fetch_id, based_on, conflict",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return tampering.make(tmp_path_factory.mktemp("chain") / "ledger.gpkg")


@pytest.fixture
def path(made, tmp_path):
    return Path(shutil.copy(made, tmp_path / "ledger.gpkg"))


def chain(path):
    with sqlite3.connect(str(path)) as connection:
        return connection.execute("SELECT * FROM chain ORDER BY position").fetchall()


def test_the_chain_is_what_the_document_says_computed_without_our_code(made):
    connection = sqlite3.connect(str(made))
    (ledger,) = connection.execute("SELECT value FROM settings WHERE key='ledger_id'").fetchone()
    previous = hashlib.sha256(b"ceasefire-ledger-chain-1\n" + ledger.encode()).digest()
    links = chain(made)
    for position, history, number, digest in links:
        row = connection.execute(
            f"SELECT {COLUMNS[history]} FROM {history} WHERE history_id = ?", (number,)
        ).fetchone()
        previous = hashlib.sha256(previous + tampering.canonical(history, row)).digest()
        assert (position, digest) == (position, previous.hex())
    total = sum(
        connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in COLUMNS
    )
    assert [link[0] for link in links] == list(range(1, total + 1))


def test_the_worked_example_of_the_document_has_the_hashes_that_it_prints():
    text = (ROOT / "docs" / "custody.md").read_text(encoding="utf-8")
    example = text[text.index("## A worked example") :]
    identifier = re.search(r"ledger_id `([^`]+)`", example)[1]
    form = re.search(r"```text\n(16:incident_history.*?)\n```", example, re.S)[1]
    zero, one = re.findall(r"`([0-9a-f]{64})`", example)
    assert checker.hash_0(identifier).hex() == zero
    assert hashlib.sha256(bytes.fromhex(zero) + form.encode("utf-8")).hexdigest() == one
    connection = sqlite3.connect(":memory:")
    connection.execute(f"CREATE TABLE incident_history ({COLUMNS['incident_history']})")
    row = (1, "watch:1", 1, "insert", "2031-05-01T12:00:00.000Z", '{"place":"Ёлка"}')
    row += ("Ana", None, "by hand", None, None, None)
    connection.execute(f"INSERT INTO incident_history VALUES ({','.join('?' * 12)})", row)
    source = checker.Source(checker.runner(connection))
    assert list(source.forms("incident_history")) == [(1, form.encode("utf-8"))]


def test_every_write_of_ours_is_sealed_before_it_is_seen(path):
    before = len(chain(path))
    with Ledger.open(path) as ledger:
        ledger.write_records("incidents", [tampering.incident(90)], "Ana", "new")
        assert len(chain(path)) == before + 1
        with pytest.raises(CeasefireError), ledger._connection.transaction(_session()):
            ledger._connection.run("UPDATE incidents SET place = 'x' WHERE fid = 1")
            raise CeasefireError("stop")
    assert len(chain(path)) == before + 1


def test_an_edit_from_elsewhere_is_sealed_when_the_ledger_is_next_opened_for_writing(path):
    before = chain(path)
    assert ledger_sql.run(path, "UPDATE incidents SET place = 'Mill' WHERE fid = 2") is None
    assert chain(path) == before
    found = checker.verify_file(path)
    assert (found.holds, found.unsealed) == (True, 1)
    with Ledger.open(path, readonly=True):
        assert chain(path) == before
    with Ledger.open(path):
        assert chain(path)[:-1] == before
    found = checker.verify_file(path)
    assert (found.holds, found.unsealed) == (True, 0)


def test_a_ledger_that_another_program_writes_to_opens_unsealed_and_at_once(path):
    assert ledger_sql.run(path, "UPDATE incidents SET place = 'Mill' WHERE fid = 2") is None
    before = chain(path)
    other = sqlite3.connect(str(path), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.execute("UPDATE settings SET value = 'Dale' WHERE key = 'theatre'")
    with Ledger.open(path) as ledger:
        assert len(ledger.read("incidents")) == 12
    other.execute("ROLLBACK")
    assert chain(path) == before
    with Ledger.open(path) as ledger:
        assert ledger.verify().unsealed == 0


def test_two_writers_at_once_leave_one_chain(path):
    failed = []

    def write(name):
        try:
            with Ledger.open(path, wait_ms=60_000) as ledger:
                for number in range(15):
                    record = tampering.incident(100 + number, incident_id=f"{name}:{number}")
                    ledger.write_records("incidents", [record], name, "race")
        except CeasefireError as error:
            failed.append(str(error))

    writers = [threading.Thread(target=write, args=(name,)) for name in ("ana", "bo")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert not failed
    found = checker.verify_file(path)
    assert (found.holds, found.unsealed, found.faults) == (True, 0, [])


@pytest.mark.parametrize("text", ["a\x00b", "\x00", "🕊 'quoted' \"x\"", "1:a-2:bc"])
def test_odd_texts_are_sealed_and_checked_alike_here_and_through_gdal(path, text):
    with sqlite3.connect(str(path)) as connection:
        connection.execute(
            "INSERT INTO incident_history(incident_id, revision, operation, recorded_at, payload, "
            "who, why) SELECT incident_id, revision + 1, 'update', recorded_at, payload, ?, ? "
            "FROM incident_history WHERE incident_id = 'watch:1'",
            (text, text.encode("utf-8", "replace")),
        )
    with Ledger.open(path) as ledger:
        assert ledger.verify().holds
        ledger.write_records("incidents", [tampering.incident(91)], text, text)
        assert ledger.verify().holds
    assert checker.verify_file(path).holds


def test_an_altered_end_of_the_chain_stops_writing_with_a_sentence(path):
    with tampering.behind_its_back(path) as connection:
        connection.execute("UPDATE chain SET hash = 'x' WHERE position = 5")
        connection.execute(
            "UPDATE chain SET hash = 'x' WHERE position = (SELECT max(position) FROM chain)"
        )
    with Ledger.open(path) as ledger, pytest.raises(CeasefireError, match="Verify ledger"):
        ledger.write_records("incidents", [tampering.incident(92)], None, "new")


def test_a_brief_bears_the_head_of_the_ledger_that_it_was_read_from(path):
    from ceasefire_monitor.reports.from_ledger import material_of_ledger

    head = material_of_ledger(str(path)).ledger_head
    assert (head.position, head.hash) == (chain(path)[-1][0], chain(path)[-1][3])


def test_what_the_checker_knows_of_the_model_is_what_the_model_says():
    from ceasefire_monitor.ledger.record_triggers import HISTORIED

    assert {table.name: table.key for table in HISTORIED} == checker.KEYS
    names = {table.name for table in LEDGER_TABLES}
    later = {name: columns for name, columns in NEW_COLUMNS[3].items() if name in checker.KEYS}
    # Fetches have revisions since version 3 only: each of these has all columns.
    later.pop("fetches")
    assert later == checker.LATER and set(checker.KEYS) <= names


def _session():
    from ceasefire_monitor.ledger.connection import Session

    return Session("Ana", "why")
