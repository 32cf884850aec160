"""Ledgers that earlier versions of the plugin made, opened by this one.

`tests/data` holds one of each version, of a fictional theatre, made with the code of its time.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.ledger.upgrade import WHY_FIRST
from ceasefire_monitor.model.errors import CeasefireError
from ceasefire_monitor.model.harm import Harm
from tests.ledger_sql import rows, run

DATA = Path(__file__).resolve().parent.parent / "data"
VERSIONS = (1, 2)
ROOT_USER = hasattr(os, "geteuid") and os.geteuid() == 0


def old_ledger(version, folder):
    """A ledger of that version in ``folder``."""
    place = Path(folder) / "ledger.gpkg"
    place.write_bytes(gzip.decompress((DATA / f"ledger-version-{version}.gpkg.gz").read_bytes()))
    return place


@pytest.fixture(params=VERSIONS)
def version(request):
    return request.param


@pytest.fixture
def path(version, tmp_path):
    return old_ledger(version, tmp_path)


def schema(path):
    """The definition of everything in the file, but for layers whose columns came later."""
    found = rows(
        path,
        "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' "
        "AND name NOT LIKE 'gpkg_%'",
    )
    return {
        (kind, name): re.sub(r"\s+", " ", text or "").replace("IF NOT EXISTS ", "")
        for kind, name, text in found
        if name not in ("incidents", "incident_history", "findings")
    }


def columns(path, name):
    return {row[0] for row in rows(path, f"SELECT name FROM pragma_table_info('{name}')")}


def beside(path):
    return sorted(item.name for item in path.parent.iterdir())


def test_an_upgraded_ledger_is_made_as_a_new_one(path, tmp_path):
    Ledger.open(path).close()
    fresh = tmp_path / "new" / "new.gpkg"
    fresh.parent.mkdir()
    Ledger.create(fresh).close()
    assert schema(path) == schema(fresh)
    for name in ("incidents", "incident_history", "findings"):
        assert columns(path, name) == columns(fresh, name)
    titles = "SELECT table_name, column_name, title FROM gpkg_data_columns"
    assert set(rows(path, titles)) == set(rows(fresh, titles))
    listed = "SELECT table_name, data_type, identifier FROM gpkg_contents"
    assert set(rows(path, listed)) == set(rows(fresh, listed))


def test_everything_that_was_known_stays_and_its_past_begins(path, version):
    before = rows(path, "SELECT * FROM incident_history")
    with Ledger.open(path) as ledger:
        assert [item.place for item in ledger.read("incidents")] == [
            'Mill "Ёлка"',
            "Ford",
            "by hand",
        ]
        assert ledger.settings()["theatre"] == "Vale"
        assert ledger.latest_findings()["watch:1"].flag == "near"
        assert [item.who for item in ledger.history("watch:1")] == ["Ana", "Bo"]
        assert ledger.write_records("harm", [Harm(harm_id="h:1")], "Ana", "new table").added == 1
    assert [row[: len(before[0])] for row in rows(path, "SELECT * FROM incident_history")] == before
    past = rows(
        path,
        "SELECT table_name, revision, operation, who, why, payload FROM record_history "
        "WHERE table_name <> 'harm'",
    )
    names = ["observations", "posts", "effort", "contact_lines", "zones", "sites"]
    later = ["weapon_sightings"] if version == 2 else []
    assert [row[0] for row in past] == [*names, *later, "fetches"]
    assert {row[1:5] for row in past} == {(1, "insert", None, WHY_FIRST)}
    assert json.loads(past[0][5])["bearing_deg"] == 12.5
    assert json.loads(past[4][5])["geometry"].startswith("0106")


def test_a_copy_as_it_was_lies_beside_it_and_is_named(path, version):
    before = rows(path, "SELECT * FROM incident_history")
    with Ledger.open(path) as ledger:
        (note,) = ledger.notes
    copy = path.with_name("ledger.before-version-3.gpkg")
    assert str(copy) in note
    assert f"from ledger version {version} to 3" in note
    assert beside(path) == [copy.name, path.name]
    assert rows(path, "SELECT path FROM copies") == [(str(copy),)]
    version_of = "SELECT value FROM settings WHERE key = 'schema_version'"
    assert rows(copy, version_of) == [(str(version),)]
    assert rows(copy, "SELECT * FROM incident_history") == before
    with Ledger.open(path) as ledger:
        assert ledger.notes == []
    assert beside(path) == [copy.name, path.name]


def test_an_agreement_that_was_there_has_its_first_revision(tmp_path):
    path = old_ledger(2, tmp_path)
    assert run(path, "INSERT INTO agreements(version_id, text) VALUES ('a:1', 'ё')") is None
    with Ledger.open(path) as ledger:
        (first,) = ledger.history("a:1", "agreements")
        assert (first.operation, first.why, first.payload["text"]) == ("insert", WHY_FIRST, "ё")
        assert ledger.verify().holds


HOURS_AGO = time.time() - 2 * 3600
LEFT = (
    ".0a1b2c3d.ledger.before-version-3.gpkg",
    ".0a1b2c3d.ledger.before-version-3.gpkg-journal",
    ".ffffffff.ledger.before-version-4-2.gpkg",
)
OTHERS = (
    ".0a1b2c3d.other.before-version-3.gpkg",
    ".0a1b2c3d.ledger.gpkg",
    ".0a1b2c3d.ledger.before-version-3.zip",
    ".notes.ledger.before-version-3.gpkg",
    "0a1b2c3d.ledger.before-version-3.gpkg",
    "ledger.before-version-3.gpkg",
    ".0a1b2c3d.my.ledger.before-version-3.gpkg",
    ".0a1b2c3d.ledgerXbefore-version-3.gpkg",
)


def test_what_a_killed_upgrade_left_is_removed_later_and_nothing_else_is(path):
    for name in (*LEFT, *OTHERS):
        path.with_name(name).write_text("left")
        os.utime(path.with_name(name), (HOURS_AGO, HOURS_AGO))
    fresh = path.with_name(".0a1b2c3e.ledger.before-version-3.gpkg")
    fresh.write_text("being written")
    Ledger.open(path, readonly=True).close()
    assert {*LEFT, *OTHERS, fresh.name} < set(beside(path))
    with Ledger.open(path) as ledger:
        assert ledger.verify().holds
    kept = {*OTHERS, fresh.name, path.name, "ledger.before-version-3-2.gpkg"}
    assert set(beside(path)) == kept
    os.utime(fresh, (HOURS_AGO, HOURS_AGO))
    Ledger.open(path).close()
    assert set(beside(path)) == kept - {fresh.name}


def test_a_copy_that_is_there_already_is_not_written_over(path):
    taken = path.with_name("ledger.before-version-3.gpkg")
    taken.write_text("mine")
    path.with_name("ledger.before-version-3-2.gpkg").write_text("mine too")
    Ledger.open(path).close()
    assert taken.read_text() == "mine"
    assert path.with_name("ledger.before-version-3-3.gpkg").stat().st_size > 100_000


def test_opened_for_reading_it_stays_as_it_is_and_what_it_lacks_is_empty(path):
    before = path.read_bytes()
    with Ledger.open(path, readonly=True) as ledger:
        assert len(ledger.read("incidents")) == 3
        assert ledger.read("incidents")[0].reliability is None
        assert ledger.read("harm") == []
        assert len(ledger.history("watch:1")) == 2
        assert ledger.notes == []
    assert path.read_bytes() == before
    assert beside(path) == ["ledger.gpkg"]


def test_a_trigger_of_the_user_stays(path):
    mine = "CREATE TRIGGER mine AFTER INSERT ON zones BEGIN SELECT 1; END"
    assert run(path, mine) is None
    Ledger.open(path).close()
    assert rows(path, "SELECT name FROM sqlite_master WHERE name = 'mine'") == [("mine",)]


def test_a_ledger_of_this_version_that_lost_a_table_is_refused(path):
    Ledger.open(path).close()
    assert run(path, "DROP TRIGGER ledger_layers_stay", "DROP TABLE record_history") is None
    with pytest.raises(CeasefireError, match=r"lacks record_history: restore"):
        Ledger.open(path)


@pytest.mark.skipif(os.name == "nt", reason="file size limits are POSIX")
@pytest.mark.parametrize("room", [0, 200_000])
def test_without_room_it_is_one_sentence_and_nothing_changed(path, room):
    before = rows(path, "SELECT * FROM incident_history"), schema(path)
    # 0: not even the copy has room. 200,000: the copy has, and the upgrade has not.
    limit = 100_000 if room == 0 else path.stat().st_size + room
    program = (
        "import sys, resource, signal\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n"
        f"sys.path.insert(0, {str(DATA.parent)!r})\n"
        "import conftest\n"
        "from ceasefire_monitor.ledger.geopackage import Ledger\n"
        "try:\n"
        f"    Ledger.open({str(path)!r})\n"
        "except Exception as error:\n"
        "    print(type(error).__name__ + ': ' + str(error))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    (told,) = done.stdout.splitlines()
    assert told.startswith("CeasefireError: ")
    assert "disk" in told
    assert re.search("nothing was (written|changed)", told)
    assert beside(path) == ["ledger.gpkg"]
    assert (rows(path, "SELECT * FROM incident_history"), schema(path)) == before
    with Ledger.open(path) as ledger:
        assert len(ledger.notes) == 1


@pytest.mark.skipif(os.name == "nt" or ROOT_USER, reason="root may write everywhere")
def test_in_a_read_only_folder_it_is_one_sentence(path):
    path.parent.chmod(0o500)
    try:
        with pytest.raises(CeasefireError, match="nothing was changed"):
            Ledger.open(path)
    finally:
        path.parent.chmod(0o700)
    assert beside(path) == ["ledger.gpkg"]


def test_while_another_program_writes_it_is_one_sentence_and_nothing_changed(path):
    program = (
        "import sqlite3, sys\n"
        "connection = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "connection.execute('BEGIN IMMEDIATE')\n"
        "print('writing', flush=True)\n"
        "sys.stdin.read()\n"
    )
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", program, str(path)]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        process.stdout.readline()
        with pytest.raises(CeasefireError, match="written to by another program"):
            Ledger.open(path, wait_ms=50)
        assert beside(path) in (["ledger.gpkg"], ["ledger.gpkg", "ledger.gpkg-journal"])
        process.stdin.close()
        process.wait()
    with Ledger.open(path) as ledger:
        assert len(ledger.notes) == 1
