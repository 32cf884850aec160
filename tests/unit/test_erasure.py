"""The right to be forgotten: no byte of a value is left, the chain holds, the rest is named."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from osgeo import gdal

from ceasefire_monitor.ledger.copies import Holding
from ceasefire_monitor.ledger.elsewhere import pattern_of
from ceasefire_monitor.ledger.evidence import Hand
from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.model.errors import CeasefireError
from ceasefire_monitor.model.evidence import Evidence
from ceasefire_monitor.model.harm import Harm

ROOT = Path(__file__).resolve().parents[2]
NAME = "Quillon Žarabeth the Elder"
OTHER = "Marivel of the Upper Mill"


@pytest.fixture
def path(tmp_path):
    place = tmp_path / "Журнал 1.gpkg"
    with Ledger.create(place) as made:
        harm = [Harm(harm_id=f"h:{number}", person=f"P{number % 2}") for number in range(4)]
        made.write_records("harm", harm, "Ana", "x")
    return place


def keep(path, value=NAME, table="person", record_id="P1", field="name"):
    with Ledger.open(path) as ledger:
        return ledger.set_protected(table, record_id, field, value, "Ana", "interview")


def erase(path, in_copies=False, why="asked for it", **choice):
    with Ledger.open(path) as ledger:
        records = ledger.find_protected(**(choice or {"person": "P1"}))
        return ledger.erase_protected(records, "Bo", why, in_copies)


def raw(path) -> bytes:
    """All bytes of the file and of what SQLite keeps beside it.

    Read by another process: closing a file drops the locks that SQLite holds in this one.
    """
    beside = [path.with_name(path.name + end) for end in ("", "-wal", "-shm", "-journal")]
    command = ["cat", *(str(place) for place in beside if place.exists())]
    return subprocess.run(command, capture_output=True, check=True).stdout


def verified(path) -> subprocess.CompletedProcess:
    command = [sys.executable, str(ROOT / "ledger" / "verify.py"), str(path)]
    return subprocess.run(command, capture_output=True, text=True)


def sql(path, *statements):
    dataset = gdal.OpenEx(str(path), gdal.OF_VECTOR | gdal.OF_UPDATE)
    for statement in statements:
        result = dataset.ExecuteSQL(statement)
        if result is not None:
            dataset.ReleaseResultSet(result)
    return dataset


# Another process has the file open, as QGIS would: its locks are its own.
HOLDER = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("PRAGMA journal_mode = WAL")
for word in sys.stdin:
    if word.strip() == "read":
        held.execute("BEGIN")
    print(held.execute("SELECT count(*) FROM protected_values").fetchone(), flush=True)
"""


def told(holder, word: str) -> None:
    """``look``: has read once; ``read``: goes on reading the state of that moment."""
    holder.stdin.write(word + "\n")
    holder.stdin.flush()
    assert holder.stdout.readline()


@pytest.fixture
def holder(path):
    """A process that has the file open in WAL mode; told to, it goes on reading."""
    command = [sys.executable, "-c", HOLDER, str(path)]
    child = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    told(child, "look")
    yield child
    child.kill()
    child.wait()


@pytest.mark.parametrize("wal", [False, True])
@pytest.mark.parametrize("value", [NAME, "Long " * 5000 + NAME])
def test_no_byte_of_the_value_is_left_in_file_or_journals(path, wal, value, request):
    if wal:
        request.getfixturevalue("holder")
    keep(path, value)
    keep(path, OTHER, record_id="P0")
    with Ledger.open(path) as ledger:
        salt = next(item.salt for item in ledger.protected_values() if item.value == value)
    assert NAME.encode() in raw(path)
    done = erase(path)
    assert (len(done.erased), done.clean, done.left) == (1, True, "")
    assert NAME.encode() not in raw(path)
    assert salt.encode() not in raw(path)
    assert OTHER.encode() in raw(path)
    if wal:
        assert path.with_name(path.name + "-shm").exists()


def test_deleted_by_hand_it_would_have_stayed_in_the_file(path):
    """What the test above holds is not so by itself."""
    keep(path, "Long " * 5000 + NAME)
    sql(path, "PRAGMA secure_delete = OFF", "DELETE FROM protected_values")
    assert NAME.encode() in raw(path)


def test_the_record_says_erased_when_by_whom_and_why_and_the_chain_is_whole(path):
    kept = keep(path)
    before = verified(path)
    erase(path)
    with Ledger.open(path) as ledger:
        (record,) = ledger.find_protected(person="P1")
        assert record.commitment == kept.commitment
        assert record.erased_at is not None
        assert record.erased_why == "asked for it"
        first, last = ledger.history(kept.protected_id, "protected")
        assert (last.who, last.why) == ("Bo", "asked for it")
        (read,) = ledger.read_protected([record], "Bo", "x")
        assert (read.value, read.matches) == (None, True)
    after = verified(path)
    assert (before.returncode, after.returncode) == (0, 0), after.stdout + after.stderr
    assert "erased" in after.stdout.lower()


def test_erasing_twice_does_no_harm(path):
    keep(path)
    erase(path)
    again = erase(path)
    assert (len(again.erased), len(again.before), again.clean) == (0, 1, True)


def test_a_whole_record_or_a_person_is_erased_and_nobody_else(path):
    keep(path)
    keep(path, "00 12 34 567", table="harm", record_id="h:1", field="contact")
    keep(path, "Lower Street 7", table="harm", record_id="h:1", field="address")
    keep(path, "Lower Street 9", table="harm", record_id="h:3", field="address")
    keep(path, OTHER, record_id="P0")
    assert len(erase(path, table="harm", record_id="h:1").erased) == 2
    assert len(erase(path, person="P1").erased) == 2
    with Ledger.open(path) as ledger:
        assert [item.value for item in ledger.protected_values()] == [OTHER]


def test_an_open_reader_in_the_way_is_told_and_a_later_run_clears_it(path, holder):
    keep(path, "Long " * 5000 + NAME)
    told(holder, "read")
    with Ledger.open(path, wait_ms=200) as ledger:
        done = ledger.erase_protected(ledger.find_protected(person="P1"), "Bo", "asked")
    assert not done.clean
    assert "run this again" in done.left
    assert len(done.erased) == 1
    assert NAME.encode() in raw(path)
    holder.kill()
    holder.wait()
    assert erase(path).clean
    assert NAME.encode() not in raw(path)


def test_the_reason_may_not_hold_the_value(path):
    keep(path)
    with pytest.raises(CeasefireError, match="The reason holds") as caught:
        erase(path, why=f"{NAME} asked")
    assert NAME not in str(caught.value)
    with pytest.raises(CeasefireError, match="why"):
        erase(path, why="")
    assert NAME.encode() in raw(path)


def test_text_that_somebody_typed_elsewhere_is_counted_and_readers_are_named(path):
    kept = keep(path)
    with Ledger.open(path) as ledger:
        told = Harm(harm_id="h:9", description=f'told by "x", {NAME}')
        ledger.write_records("harm", [told], "Ana", "x")
        ledger.read_protected([kept], "Cleo", "visa")
        ledger.read_protected([kept], "Cleo", "again")
    done = erase(path)
    assert done.elsewhere == {"record_history": 1}
    assert done.readers == {"Cleo": 2}


def holdings(done) -> dict:
    return {copy.path.name: copy.holding for copy in done.copies}


@pytest.fixture
def copies(path, tmp_path):
    """The ledger's own copy elsewhere, a plain one beside it, and what is none."""
    away = tmp_path / "away"
    away.mkdir()
    with Ledger.open(path) as ledger:
        ledger.copy_to(away / "before.gpkg")
    keep(path)
    keep(path, OTHER, record_id="P0")
    with Ledger.open(path) as ledger:
        ledger.copy_to(away / "with.gpkg")
        ledger.copy_to(away / "moved.gpkg")
    (away / "moved.gpkg").unlink()
    shutil.copy(path, tmp_path / "renamed by hand.gpkg")
    (tmp_path / "Журнал 1.gpkg.zip").write_bytes(b"PK")
    Ledger.create(tmp_path / "another ledger.gpkg").close()
    (tmp_path / "note.txt").write_text("nothing")
    return tmp_path


def test_every_copy_is_named_with_whether_it_holds_the_value(path, copies):
    assert holdings(erase(path)) == {
        "before.gpkg": Holding.HOLDS_NOT,
        "with.gpkg": Holding.HOLDS,
        "moved.gpkg": Holding.GONE,
        "renamed by hand.gpkg": Holding.HOLDS,
        "Журнал 1.gpkg.zip": Holding.UNKNOWN,
    }
    assert NAME.encode() in (copies / "renamed by hand.gpkg").read_bytes()
    # Erased here, the copies are still found by the value's id.
    assert holdings(erase(path))["with.gpkg"] is Holding.HOLDS


def test_copies_are_erased_where_that_is_asked_for(path, copies):
    found = holdings(erase(path, in_copies=True))
    assert found["with.gpkg"] is found["renamed by hand.gpkg"] is Holding.ERASED
    for place in (copies / "away" / "with.gpkg", copies / "renamed by hand.gpkg"):
        assert NAME.encode() not in raw(place)
        assert OTHER.encode() in raw(place)
        assert verified(place).returncode == 0
        with Ledger.open(place) as copy:
            assert copy.find_protected(person="P1")[0].erased_at is not None
    assert set(holdings(erase(path)).values()) == {
        Holding.HOLDS_NOT,
        Holding.GONE,
        Holding.UNKNOWN,
    }


def test_a_copy_that_is_locked_is_told_and_the_ledger_is_erased(path, copies):
    holder = sql(copies / "renamed by hand.gpkg", "BEGIN EXCLUSIVE")
    done = erase(path, in_copies=True)
    holder.ExecuteSQL("ROLLBACK")
    found = holdings(done)
    assert found["renamed by hand.gpkg"] is Holding.UNKNOWN
    assert found["with.gpkg"] is Holding.ERASED
    assert done.clean


def test_a_value_that_a_form_put_into_a_copy_is_found_by_its_text(path, tmp_path):
    sql(
        path,
        "INSERT INTO protected_values(value, record_table, record_id, field) "
        f"VALUES ('{NAME}', 'person', 'P1', 'name')",
    )
    shutil.copy(path, tmp_path / "copy.gpkg")
    assert holdings(erase(path, in_copies=True)) == {"copy.gpkg": Holding.ERASED}
    assert NAME.encode() not in raw(tmp_path / "copy.gpkg")


def by_form(path, value=NAME):
    sql(
        path,
        "INSERT INTO protected_values(value, record_table, record_id, field) "
        f"VALUES ('{value}', 'person', 'P1', 'name')",
    )


@pytest.mark.parametrize("settled", [False, True])
def test_a_copy_made_before_the_value_had_its_id_is_found_again_later(path, tmp_path, settled):
    """The ledger and its copy gave the value two ids, or the copy none; its text is gone here."""
    by_form(path)
    copy = tmp_path / "copy.gpkg"
    shutil.copy(path, copy)
    if settled:
        Ledger.open(copy).close()
    assert holdings(erase(path)) == {"copy.gpkg": Holding.HOLDS}
    assert holdings(erase(path, in_copies=True)) == {"copy.gpkg": Holding.ERASED}
    assert NAME.encode() not in raw(copy)
    assert holdings(erase(path)) == {"copy.gpkg": Holding.HOLDS_NOT}


def test_a_value_that_the_ledger_still_keeps_is_left_in_the_copy(path, tmp_path):
    by_form(path)
    by_form(path, OTHER)
    shutil.copy(path, tmp_path / "copy.gpkg")
    with Ledger.open(path) as ledger:
        first = next(item for item in ledger.protected_values() if item.value == NAME)
    for in_copies in (False, True):
        erase(path, in_copies, protected_id=first.protected_id)
    assert NAME.encode() not in raw(tmp_path / "copy.gpkg")
    assert OTHER.encode() in raw(tmp_path / "copy.gpkg")


def test_copies_beside_it_are_found_whatever_they_are_called(path, tmp_path):
    keep(path)
    for name in ("other name.db", "backup.sqlite", "no ending"):
        shutil.copy(path, tmp_path / name)
    found = holdings(erase(path, in_copies=True))
    assert found == dict.fromkeys(("other name.db", "backup.sqlite", "no ending"), Holding.ERASED)
    assert NAME.encode() not in (tmp_path / "other name.db").read_bytes()


def test_the_text_is_found_in_any_case_in_every_table(path, tmp_path):
    kept = keep(path)
    upper, lower = NAME.upper(), NAME.lower()
    with Ledger.open(path) as ledger:
        ledger.read_protected([kept], "Cleo", f"asked at the house of {upper}")
        ledger.copy_to(tmp_path / f"for {lower}.gpkg")
        ledger.set_setting("note", NAME)
        told = Harm(harm_id="h:9", description=unicodedata.normalize("NFD", upper))
        ledger.write_records("harm", [told], "Ana", "x")
    sql(
        path,
        f"INSERT INTO heads(position, hash, made_at, why) VALUES (1, 'aa', '2031', 'of {upper}')",
        "ALTER TABLE incidents ADD COLUMN own TEXT",
        "CREATE TABLE mine (note TEXT)",
        f"INSERT INTO mine VALUES ('{lower}')",
    )
    done = erase(path)
    assert done.elsewhere == {
        "copies": 2,
        "custody": 1,
        "heads": 1,
        "mine": 1,
        "record_history": 1,
        "settings": 1,
    }
    assert (done.unsearched, done.named) == (0, {tmp_path: 1})
    # Nothing is known of a text that is gone: that is said, and is not 0.
    assert erase(path).unsearched == 1


def test_a_reason_in_another_case_is_refused_too(path):
    keep(path)
    with pytest.raises(CeasefireError, match="The reason holds"):
        erase(path, why=f"{NAME.swapcase()} asked")


def test_a_pattern_holds_its_letters_and_nothing_else():
    held = sqlite3.connect(":memory:")
    for text in ("a*b?c[d]e^f", "Žarabeth %_", "straße", "İstanbul", "Ő" * 2000):
        for form in (text, text.upper() if "ß" not in text else text, f"x {text} y"):
            found = held.execute("SELECT ? GLOB ?", (form, pattern_of(text))).fetchone()
            assert found == (1,), (form, text)
        assert held.execute("SELECT 'aXbYcdef' GLOB ?", (pattern_of(text),)).fetchone() == (0,)


def test_evidence_of_the_same_records_is_counted(path, tmp_path):
    keep(path)
    (tmp_path / "a.txt").write_text("x")
    with Ledger.open(path) as ledger:
        about = Evidence(record_table="harm", record_id="h:1")
        ledger.store_evidence(tmp_path / "a.txt", about, Hand("Ana", "x"))
    assert erase(path).attached == 1
