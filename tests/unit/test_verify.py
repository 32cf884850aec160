"""The checker by itself: a plain Python, any path, open elsewhere, damaged, or no ledger."""

from __future__ import annotations

import gzip
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.ledger.verify import verify_file
from ceasefire_monitor.model.errors import CeasefireError
from tests import tampering

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAM = ROOT / "ledger" / "verify.py"
PLAIN = shutil.which("python3", path="/usr/bin") or sys.executable


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return tampering.make(tmp_path_factory.mktemp("verify") / "ledger.gpkg")


@pytest.fixture
def path(made, tmp_path):
    return Path(shutil.copy(made, tmp_path / "ledger.gpkg"))


def run(*arguments, program=PROGRAM):
    return subprocess.run(
        [PLAIN, "-I", str(program), *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )


@pytest.mark.parametrize(
    "name", ["a ledger.gpkg", "журнал №1.gpkg", "سجل الهدنة.gpkg", "50%#?.gpkg"]
)
def test_it_runs_alone_on_any_path_and_says_that_all_holds(made, tmp_path, name):
    path = shutil.copy(made, tmp_path / name)
    alone = shutil.copy(PROGRAM, tmp_path / "elsewhere.py")
    done = run(path, program=alone)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("The ledger holds:")
    assert "Checked 23 sealed revisions up to position 23; 0 not yet sealed." in done.stdout


def test_it_names_the_first_fault_and_exits_with_one(path):
    with tampering.behind_its_back(path) as connection:
        for number in (15, 9):
            connection.execute(
                "UPDATE incident_history SET who = 'Zed' WHERE history_id = ?", (number,)
            )
    done = run(path)
    assert (done.returncode, done.stderr) == (1, "")
    first = done.stdout.splitlines()[0]
    assert first == (
        "The ledger does not hold: revision 1 of incident watch:8 (row 9 of incident_history) "
        "was altered after it was sealed."
    )
    assert "row 15 of incident_history" in done.stdout.splitlines()[1]


def test_it_reads_while_another_program_has_the_ledger_open_and_writes(path):
    program = (
        "import sys, time; from osgeo import gdal; gdal.UseExceptions();"
        "d = gdal.OpenEx(sys.argv[1], gdal.OF_VECTOR | gdal.OF_UPDATE);"
        "d.ExecuteSQL('PRAGMA journal_mode = WAL');"
        "d.ExecuteSQL(\"UPDATE incidents SET place = 'Mill' WHERE fid = 1\");"
        "d.StartTransaction();"
        "d.ExecuteSQL(\"UPDATE incidents SET place = 'Dale' WHERE fid = 2\");"
        "print('open', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", program, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert other.stdout.readline() == "open\n"
        done = run(path)
    finally:
        other.communicate("", timeout=30)
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 not yet sealed" in done.stdout


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_it_reads_in_a_folder_where_nothing_may_be_written(path):
    with sqlite3.connect(str(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    path.parent.chmod(0o500)
    try:
        assert run(path).returncode == 0
    finally:
        path.parent.chmod(0o700)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "There is no file"),
        (b"", "not a ledger"),
        (b"no database at all, but long enough to be taken for one" * 40, "not a ledger"),
    ],
)
def test_what_is_no_ledger_is_said_and_exits_with_two(tmp_path, content, words):
    path = tmp_path / "x.gpkg"
    if content is not None:
        path.write_bytes(content)
    done = run(path)
    assert (done.returncode, done.stderr) == (2, "")
    assert words in done.stdout


@pytest.mark.parametrize("version", [1, 2])
def test_a_ledger_of_an_earlier_version_is_told_to_be_opened_first_and_then_holds(
    tmp_path, version
):
    path = tmp_path / "old.gpkg"
    stored = ROOT / "tests" / "data" / f"ledger-version-{version}.gpkg.gz"
    path.write_bytes(gzip.decompress(stored.read_bytes()))
    done = run(path)
    assert done.returncode == 2 and "no chain yet" in done.stdout
    with Ledger.open(path, readonly=True) as ledger:
        assert ledger.head() is None and ledger.heads() == []
        with pytest.raises(CeasefireError, match="no chain yet"):
            ledger.verify()
    with Ledger.open(path):
        pass
    found = verify_file(path)
    assert (found.holds, found.unsealed, found.faults) == (True, 0, [])
    assert found.checked >= found.states > 0


def test_a_damaged_file_is_a_finding_in_a_sentence(path):
    whole = path.read_bytes()
    page = 4096
    for start in range(page, len(whole) - page, page):
        path.write_bytes(whole[:start] + b"\xa5" * page + whole[start + page :])
        done = verify_or_say(path)
        assert done is None or done.holds or all(f.sentence for f in done.faults)
    path.write_bytes(whole[: len(whole) // 2])
    done = run(path)
    assert done.returncode in (1, 2) and done.stderr == "" and done.stdout.endswith("\n")


def verify_or_say(path):
    from ceasefire_monitor.ledger.verify import CannotCheck

    try:
        return verify_file(path)
    except CannotCheck:
        return None


def test_protected_values_are_kept_erased_or_broken(path):
    with Ledger.open(path) as ledger:
        one, other, third = (
            ledger.set_protected("incidents", f"watch:{n}", "witness", f"Имя {n}", "Ana", "told")
            for n in range(3)
        )
        ledger.erase_protected([other], "Ana", "asked to")
        one, third = one.protected_id, third.protected_id
        found = ledger.verify()
        assert (found.holds, found.protected, found.erased) == (True, 2, 1)
    assert "2 kept, 1 erased" in run(path).stdout
    with tampering.behind_its_back(path) as connection:
        connection.execute("UPDATE protected_values SET value = 'x' WHERE protected_id = ?", (one,))
        connection.execute("DELETE FROM protected_values WHERE protected_id = ?", (third,))
    sentences = {fault.sentence for fault in verify_file(path).faults}
    assert sentences == {
        f"protected value {one} does not match its commitment.",
        f"protected value {third} is gone, and nothing says that it was erased.",
    }


def test_heads_that_were_kept_are_compared_and_a_foreign_one_is_refused(path, tmp_path):
    with Ledger.open(path) as ledger:
        kept = ledger.add_head("first")
        text = ledger.head_as_text(kept)
        ledger.write_records("incidents", [tampering.incident(50)], None, "more")
        assert ledger.verify().heads == 1
        assert ledger.head().position == kept.position + 1
    head = tmp_path / "head.json"
    head.write_text(text, encoding="utf-8")
    assert run(path, "--head", head).returncode == 0
    head.write_text(text.replace(kept.hash, "0" * 64), encoding="utf-8")
    assert "another one than the head that was given" in run(path, "--head", head).stdout
    for content in (text.replace('"ledger_id": "', '"ledger_id": "x'), "{}", "[", '{"hash": 1}'):
        head.write_text(content, encoding="utf-8")
        done = run(path, "--head", head)
        assert (done.returncode, done.stderr) == (2, "")
    with tampering.behind_its_back(path) as connection:
        connection.execute("UPDATE heads SET hash = ?", ("0" * 64,))
    assert {fault.kind for fault in verify_file(path).faults} == {"head"}


def test_revisions_removed_before_they_were_sealed_leave_a_gap(path):
    with sqlite3.connect(str(path)) as connection:
        for revision in (7, 8):
            connection.execute(
                "INSERT INTO incident_history(incident_id, revision, operation, recorded_at, "
                "payload) VALUES ('watch:x', ?, 'update', '2031', '{}')",
                (revision,),
            )
    with tampering.behind_its_back(path) as connection:
        connection.execute("DELETE FROM incident_history WHERE incident_id = 'watch:x'")
    (fault,) = verify_file(path).faults
    assert "2 revisions after row 16 of incident_history are gone" in fault.sentence


def test_the_check_through_gdal_finds_what_the_checker_finds(path):
    with tampering.behind_its_back(path) as connection:
        connection.execute("UPDATE record_history SET payload = '{}' WHERE history_id = 2")
        connection.execute("UPDATE zones SET zone_name = 'C'")
    with Ledger.open(path, readonly=True) as ledger:
        assert ledger.verify() == verify_file(path)
        assert not ledger.verify().holds


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_a_hundred_thousand_revisions_are_checked_in_seconds_and_little_memory(tmp_path):
    path = tampering.make(tmp_path / "big.gpkg")
    with sqlite3.connect(str(path)) as connection:
        (guard,) = connection.execute(
            "SELECT sql FROM sqlite_master WHERE name = 'incident_history_no_replace'"
        ).fetchone()
        connection.execute("DROP TRIGGER incident_history_no_replace")
        connection.execute(
            "WITH RECURSIVE k(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM k WHERE i < 100000) "
            "INSERT INTO incident_history(incident_id, revision, operation, recorded_at, payload) "
            "SELECT incident_id, i, 'update', recorded_at, payload FROM k, incident_history "
            "WHERE history_id = 2"
        )
        connection.execute(guard)
    start = time.process_time()
    with Ledger.open(path):
        pass
    program = (
        "import sys; sys.path.insert(0, sys.argv[2]); import verify; "
        "from pathlib import Path; found = verify.verify_file(Path(sys.argv[1])); "
        "status = Path('/proc/self/status').read_text().split(); "
        "print(found.holds, found.checked, status[status.index('VmHWM:') + 1])"
    )
    arguments = [PLAIN, "-c", program, str(path), str(PROGRAM.parent)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True)
    holds, checked, kib = done.stdout.split()
    assert (holds, int(checked)) == ("True", 100_014)
    assert int(kib) < 100_000
    assert time.process_time() - start < 15
