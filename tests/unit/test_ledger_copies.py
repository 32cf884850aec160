"""Copies of a ledger, whole and clean, and its compacting."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ceasefire_monitor.ledger.copies import Copy, Holding, find_copies
from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.ledger.protected import values_of
from ceasefire_monitor.ledger.staging import private_parent
from ceasefire_monitor.model.errors import CeasefireError
from ceasefire_monitor.model.evidence import Protected
from ceasefire_monitor.model.incident import Incident
from tests.ledger_sql import rows, run

ROOT = Path(__file__).resolve().parent.parent.parent
NAME = "Quendolin Featherstonehaugh"
SALT = "5a" * 32
COMMITMENT = hashlib.sha256(bytes.fromhex(SALT) + NAME.encode()).hexdigest()


@pytest.fixture
def path(tmp_path):
    place = tmp_path / "ledger.gpkg"
    with Ledger.create(place, {"theatre": "Vale"}) as ledger:
        many = [Incident(incident_id=f"m:{n}", description="text " * 300) for n in range(300)]
        ledger.write_records("incidents", many, "Ana", "first")
        ledger.set_setting("evidence_folder", "/home/somebody/evidence")
        kept = Protected(protected_id="p:1", record_table="harm", commitment=COMMITMENT)
        ledger.write_records("protected", [kept], "Ana", "kept")
    columns = "protected_id, record_table, value, salt"
    value = f"INSERT INTO protected_values({columns}) VALUES ('p:1', 'harm', '{NAME}', '{SALT}')"
    assert run(place, value) is None
    return place


def checked(path):
    """What the checker says that others run."""
    command = [sys.executable, "-I", str(ROOT / "ledger" / "verify.py"), str(path)]
    return subprocess.run(command, capture_output=True, text=True)


def test_a_copy_is_whole_and_the_ledger_remembers_it(path, tmp_path):
    copy = tmp_path / "copy.gpkg"
    with Ledger.open(path) as ledger:
        ledger.copy_to(copy)
    for name in ("incidents", "incident_history", "chain", "protected_values", "settings"):
        assert rows(copy, f"SELECT * FROM {name}") == rows(path, f"SELECT * FROM {name}")
    (being_made,), (place, why) = (
        rows(path, "SELECT path FROM copies WHERE why = 'being made'")[0],
        rows(path, "SELECT path, why FROM copies WHERE why <> 'being made'")[0],
    )
    assert (place, why) == (str(copy), "a copy")
    assert not Path(being_made).parent.exists()
    assert rows(copy, "SELECT path FROM copies") == [(being_made,)]


def test_a_clean_copy_keeps_the_custody_and_who_read_the_values(path, tmp_path):
    with Ledger.open(path) as ledger:
        ledger.read_protected(ledger.find_protected(), "Cleo", "visa")
        ledger.copy_to(tmp_path / "copy.gpkg", clean=True)
        logged = ledger.read("custody")
    assert logged and NAME.encode() not in (tmp_path / "copy.gpkg").read_bytes()
    with Ledger.open(tmp_path / "copy.gpkg") as copy:
        assert copy.read("custody") == logged
        found = copy.verify()
        assert found.holds and found.erased == 1, found.sentences()


def test_a_clean_copy_holds_no_protected_value_anywhere_and_its_chain_holds(path, tmp_path):
    copy = tmp_path / "copy.gpkg"
    assert NAME.encode() in path.read_bytes()
    with Ledger.open(path) as ledger:
        ledger.copy_to(tmp_path / "whole.gpkg")
        ledger.copy_to(copy, clean=True)
    content = copy.read_bytes()
    for secret in (NAME, "/home/somebody", str(tmp_path)):
        assert secret.encode() not in content
    sealed = "SELECT position, history, history_id, hash FROM chain ORDER BY position"
    assert rows(copy, sealed)[: len(rows(path, sealed))] == rows(path, sealed)
    ((why,),) = rows(copy, "SELECT erased_why FROM protected")
    assert why == "left out of a clean copy"
    assert rows(path, "SELECT erased_why FROM protected") == [(None,)]
    assert "never changed" in run(
        copy, "INSERT INTO copies(path, made_at) VALUES ('a', 'b')", "DELETE FROM copies"
    )
    assert len(rows(copy, "SELECT * FROM incident_history")) == 300
    with Ledger.open(copy) as ledger:
        assert ledger.settings()["theatre"] == "Vale"
        assert "evidence_folder" not in ledger.settings()
    done = checked(copy)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_copy_that_fails_leaves_nothing(path, tmp_path):
    taken = tmp_path / "taken.gpkg"
    taken.write_text("mine")
    with Ledger.open(path) as ledger:
        with pytest.raises(CeasefireError, match="exists already"):
            ledger.copy_to(taken)
        with pytest.raises(CeasefireError, match="does not exist"):
            ledger.copy_to(tmp_path / "no" / "copy.gpkg")
    assert taken.read_text() == "mine"
    assert rows(path, "SELECT * FROM copies") == []


@pytest.mark.skipif(os.name == "nt", reason="file size limits are POSIX")
@pytest.mark.parametrize(
    "work", ["copy_to(sys.argv[2])", "copy_to(sys.argv[2], True)", "compact()"]
)
def test_without_room_copying_and_compacting_are_one_sentence(path, tmp_path, work):
    program = (
        "import sys, resource, signal\n"
        f"sys.path.insert(0, {str(ROOT / 'tests')!r})\n"
        "import conftest\n"
        "from ceasefire_monitor.ledger.geopackage import Ledger\n"
        "ledger = Ledger.open(sys.argv[1])\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))\n"
        "try:\n"
        f"    ledger.{work}\n"
        "except Exception as error:\n"
        "    print(type(error).__name__ + ': ' + str(error))\n"
    )
    command = [sys.executable, "-c", program, str(path), str(tmp_path / "copy.gpkg")]
    done = subprocess.run(command, capture_output=True, text=True)
    (told,) = done.stdout.splitlines()
    assert told.startswith("CeasefireError: ")
    assert "disk" in told
    # The next opening takes back what the limit kept this one from taking back.
    Ledger.open(path).close()
    assert sorted(item.name for item in tmp_path.iterdir()) == ["ledger.gpkg"]
    assert checked(path).returncode == 0


def test_a_ledger_open_for_reading_can_be_copied(path, tmp_path):
    with Ledger.open(path, readonly=True) as ledger:
        ledger.copy_to(tmp_path / "copy.gpkg")
        with pytest.raises(CeasefireError, match="cannot be written"):
            ledger.compact()
    assert len(rows(tmp_path / "copy.gpkg", "SELECT * FROM incidents")) == 300


def test_compacting_gives_back_room_and_keeps_everything(path):
    many = ", ".join(f"('x:{n}', '{'text ' * 400}')" for n in range(500))
    added = f"INSERT INTO protected_values(protected_id, value) VALUES {many}"
    assert run(path, added, "DELETE FROM protected_values WHERE protected_id <> 'p:1'") is None
    names = ("incidents", "incident_history", "chain", "gpkg_contents")
    before = [rows(path, f"SELECT * FROM {name}") for name in names]
    with Ledger.open(path) as ledger:
        full, compact = ledger.compact()
    assert compact < full - 500_000
    assert path.stat().st_size == compact
    assert [rows(path, f"SELECT * FROM {name}") for name in names] == before
    assert "never deleted" in run(path, "DELETE FROM incidents")
    assert checked(path).returncode == 0


# The child makes a copy and stops where it is told to, to be killed there.
CHILD = """
import sys
sys.path.insert(0, {tests!r})
import conftest
from ceasefire_monitor.ledger import copying
from ceasefire_monitor.ledger.geopackage import Ledger

def wait(*_):
    print("here", flush=True)
    sys.stdin.read()

copying._settle_copy = wait
Ledger.open({path!r}).copy_to({copy!r}, {clean!r})
"""


@pytest.mark.parametrize("clean", [False, True])
def test_what_a_killed_copying_leaves_is_known_private_and_taken_away(path, tmp_path, clean):
    away = tmp_path / "stick"
    away.mkdir()
    copy = away / "copy.gpkg"
    program = CHILD.format(tests=str(ROOT / "tests"), path=str(path), copy=str(copy), clean=clean)
    command = [sys.executable, "-c", program]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline() == "here\n"
    ((stage,),) = rows(path, "SELECT path FROM copies")
    stage = Path(stage)
    assert NAME.encode() in stage.read_bytes()
    assert stage.parent.stat().st_mode & 0o077 == 0
    if clean:
        assert list(away.iterdir()) == []
        assert stage.stat().st_mode & 0o077 == 0
    with Ledger.open(path) as ledger:
        # Another copy leaves one alone that is still being made.
        ledger.copy_to(tmp_path / "meanwhile.gpkg", clean=True)
        assert stage.exists()
        child.kill()
        child.wait()
        assert find_copies(ledger._connection, values_of(ledger._connection))[0] == Copy(
            stage, Holding.HOLDS
        )
        ledger.copy_to(copy, clean=True)
        assert not stage.parent.exists()
        assert stage not in [item.path for item in find_copies(ledger._connection, [])]
    assert [item.name for item in away.iterdir()] == ["copy.gpkg"]
    left = [item.name for item in tmp_path.iterdir()]
    assert sorted(left) == ["ledger.gpkg", "meanwhile.gpkg", "stick"]


def test_a_ledger_that_is_only_read_is_cleaned_out_of_the_copys_folder(path, tmp_path, monkeypatch):
    private = tmp_path / "temporary"
    private.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(private))
    with Ledger.open(path, readonly=True) as ledger:
        assert private_parent(ledger._connection) == private
        ledger.copy_to(tmp_path / "copy.gpkg", clean=True)
    assert NAME.encode() not in (tmp_path / "copy.gpkg").read_bytes()
    assert list(private.iterdir()) == []
