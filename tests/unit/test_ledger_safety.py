"""What the ledger does when things go wrong: killed, full, locked, or not a ledger at all."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
from datetime import datetime, timezone
from pathlib import Path
from types import SimpleNamespace

import pytest
from osgeo import gdal, ogr

from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.ledger.schema import SCHEMA_VERSION
from ceasefire_monitor.model.errors import CeasefireError
from ceasefire_monitor.model.incident import Incident
from ceasefire_monitor.model.land import Fetch

VERIFY = Path(__file__).resolve().parent.parent.parent / "ledger" / "verify.py"

TESTS = Path(__file__).resolve().parent.parent
NOON = datetime(2031, 5, 1, 12, tzinfo=timezone.utc)
# The child writes over an old state and says each step; told to, it waits to be killed.
CHILD = """
import dataclasses, sys
sys.path.insert(0, {tests!r})
import conftest
from types import SimpleNamespace
from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.model.incident import Incident
from ceasefire_monitor.model.land import Fetch

ledger = Ledger.open({path!r})
# So that half of the work stands in the file before the commit.
ledger._connection.run("PRAGMA cache_size = -500")
old = ledger.read("incidents")
new = [dataclasses.replace(item, place="new") for item in old]
new += [dataclasses.replace(item, incident_id="b" + item.incident_id) for item in new]
result = SimpleNamespace(
    source="watch", incidents=new, observations=[], posts=[], effort=[], rejected=[],
    rows=len(new))
count = 0

def step():
    global count
    count += 1
    print(count, flush=True)
    if count == {wait_at}:
        sys.stdin.read()

{before}
try:
    ledger.write_import(result, Fetch(source="watch"), "Ana", "x", step)
    print("done", flush=True)
except Exception as error:
    print(type(error).__name__ + ": " + str(error), flush=True)
"""


def child(path, wait_at=0, before=""):
    program = textwrap.dedent(CHILD).format(
        tests=str(TESTS), path=str(path), wait_at=wait_at, before=before
    )
    return subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


@pytest.fixture(scope="module")
def old(tmp_path_factory):
    """A ledger of 1,500 incidents with long texts, more than the child's page cache holds."""
    place = tmp_path_factory.mktemp("old") / "ledger.gpkg"
    with Ledger.create(place, {"theatre": "Vale"}) as ledger:
        incidents = [
            Incident(
                incident_id=f"watch:{number}",
                source="watch",
                occurred_from=NOON,
                place="old",
                description="text " * 300,
                longitude=30.0,
                latitude=45.0,
            )
            for number in range(1500)
        ]
        ledger.write_records("incidents", incidents, "Ana", "first")
    return place


@pytest.fixture
def path(old, tmp_path):
    return Path(shutil.copy(old, tmp_path / "ledger.gpkg"))


def values(path, sql):
    dataset = gdal.OpenEx(str(path), gdal.OF_VECTOR | gdal.OF_UPDATE)
    result = dataset.ExecuteSQL(sql)
    found = [feature.GetField(0) for feature in result]
    dataset.ReleaseResultSet(result)
    return found


def state(path) -> tuple:
    """Places of the incidents, and how many revisions, fetches and index entries there are."""
    assert values(path, "PRAGMA integrity_check") == ["ok"]
    tables = ("incidents", "incident_history", "fetches", "rtree_incidents_geom", "ledger_session")
    dataset = gdal.OpenEx(str(path), gdal.OF_VECTOR)
    for name in ("incidents", "fetches"):
        (counted,) = values(path, f"SELECT count(*) AS n FROM {name}")
        assert dataset.GetLayerByName(name).GetFeatureCount() == counted
    del dataset
    counts = [values(path, f"SELECT count(*) AS n FROM {table}")[0] for table in tables]
    return set(values(path, "SELECT DISTINCT place FROM incidents")), *counts


PROVE = "CEASEFIRE_PROVE" in os.environ
OLD = ({"old"}, 1500, 1500, 0, 1500, 0)
NEW = ({"new"}, 3000, 4500, 1, 3000, 0)


@pytest.mark.parametrize("wait_at", [1, 1500, 1501, 3000])
def test_killed_in_the_middle_of_an_import_the_old_state_stands(path, wait_at):
    with child(path, wait_at) as process:
        for line in process.stdout:
            if line.strip() == str(wait_at):
                break
        process.kill()
    assert state(path) == OLD
    with Ledger.open(path) as ledger:
        assert ledger.write_records("incidents", [], None, "still writable").added == 0


# In full (`make prove`) a kill at every 20th row; in `make test` at some that matter.
KILLS = [*range(2, 3000, 20), 2999, 3000] if PROVE else [2, 700, 2100, 2999, 3000]


@pytest.mark.parametrize("lines", KILLS)
def test_killed_while_it_runs_the_old_or_the_new_state_stands_whole(path, lines):
    with child(path) as process:
        for _ in range(lines):
            process.stdout.readline()
        process.kill()
    assert state(path) in (OLD, NEW)


def test_not_killed_the_new_state_stands(path):
    with child(path) as process:
        assert process.stdout.read().splitlines()[-1] == "done"
    assert state(path) == NEW


@pytest.mark.skipif(os.name == "nt", reason="file size limits are POSIX")
def test_a_full_disk_is_one_sentence_and_the_old_state_stands(path):
    limit = path.stat().st_size + 500_000
    before = (
        "import resource, signal\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n"
    )
    with child(path, before=before) as process:
        last = process.stdout.read().splitlines()[-1]
    assert last.startswith("CeasefireError: ")
    assert "disk" in last
    assert "nothing was written" in last
    assert state(path) == OLD


def test_a_full_database_is_one_sentence_and_the_ledger_stays_usable(path):
    with Ledger.open(path) as ledger:
        pages = ledger._connection.rows("PRAGMA page_count")[0][0]
        ledger._connection.run(f"PRAGMA max_page_count = {pages + 20}")
        many = [Incident(incident_id=f"m:{n}", description="text " * 300) for n in range(1000)]
        with pytest.raises(CeasefireError, match=r"is full: free some room"):
            ledger.write_records("incidents", many, None, "x")
        assert len(ledger.read("incidents")) == 1500
        assert ledger.write_records("incidents", many, None, "x").added == 1000


@pytest.fixture
def other_writer(path):
    """Another program that has begun to write and does not end."""
    program = (
        "import sqlite3, sys\n"
        "connection = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "connection.execute('BEGIN IMMEDIATE')\n"
        "print('writing', flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "writing\n"
        yield process
        process.kill()


def test_locked_by_another_writer_says_what_to_do_and_reads_on(path, other_writer):
    with Ledger.open(path, wait_ms=50) as ledger:
        assert len(ledger.read("incidents")) == 1500
        with pytest.raises(CeasefireError, match="written to by another program.*stop editing"):
            ledger.write_records("incidents", [Incident(incident_id="x:1")], None, "x")
        other_writer.stdin.close()
        other_writer.wait()
        assert ledger.write_records("incidents", [Incident(incident_id="x:1")], None, "x").added


def test_opened_for_reading_it_is_never_written(path):
    with Ledger.open(path, readonly=True) as ledger:
        assert len(ledger.read("incidents")) == 1500
        with pytest.raises(CeasefireError, match="cannot be written"):
            ledger.write_records("incidents", [Incident(incident_id="x:1")], None, "x")
        with pytest.raises(CeasefireError, match="cannot be written"):
            ledger.set_setting("theatre", "x")


def plain_geopackage(place):
    dataset = gdal.GetDriverByName("GPKG").Create(str(place), 0, 0, 0, gdal.GDT_Unknown)
    dataset.CreateLayer("incidents", None, ogr.wkbPoint)
    del dataset


def test_what_is_no_ledger_is_refused_in_one_sentence(path, tmp_path):
    (tmp_path / "empty.gpkg").touch()
    (tmp_path / "text.gpkg").write_text("id,lat,lon\n1,2,3\n")
    (tmp_path / "cut.gpkg").write_bytes(path.read_bytes()[:3000])
    plain_geopackage(tmp_path / "plain.gpkg")
    shutil.copy(path, tmp_path / "newer.gpkg")
    values(
        tmp_path / "newer.gpkg",
        f"UPDATE settings SET value='{SCHEMA_VERSION + 1}' WHERE key='schema_version' RETURNING 1",
    )
    for name, words in {
        "absent.gpkg": "There is no file",
        "": "is a folder",
        "empty.gpkg": "is not a GeoPackage",
        "text.gpkg": "is not a GeoPackage",
        "cut.gpkg": "",
        "plain.gpkg": "is a GeoPackage but not a ledger",
        "newer.gpkg": "newer Ceasefire Monitor",
    }.items():
        with pytest.raises(CeasefireError) as caught:
            Ledger.open(tmp_path / name)
        assert words in str(caught.value)
        assert "\n" not in str(caught.value)


def test_a_ledger_is_never_made_over_something_or_half(path, tmp_path):
    before = path.read_bytes()
    for place, words in (
        (path, "exists already"),
        (tmp_path, "is a folder"),
        (tmp_path / "no" / "l.gpkg", "does not exist"),
        (tmp_path / "l.txt", "does not end in .gpkg"),
    ):
        with pytest.raises(CeasefireError, match=words):
            Ledger.create(place)
    assert path.read_bytes() == before
    assert sorted(item.name for item in tmp_path.iterdir()) == ["ledger.gpkg"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_one_sentence(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(CeasefireError, match="may not write to the folder"):
        Ledger.create(tmp_path / "l.gpkg")


NAMES = ["a b.gpkg", "Журнал.gpkg", "سجل.gpkg", "it's 100%.gpkg", "é#?.gpkg"]


@pytest.mark.parametrize("name", NAMES)
def test_any_name_of_a_file_or_folder_works(tmp_path, name):
    folder = tmp_path / name.replace(".gpkg", "")
    folder.mkdir()
    with Ledger.create(folder / name, {"theatre": name}) as ledger:
        ledger.write_records("incidents", [Incident(incident_id=name)], name, name)
        ledger.copy_to(tmp_path / name)
    with Ledger.open(tmp_path / name) as ledger:
        assert ledger.settings()["theatre"] == name
        assert ledger.history(name)[0].who == name
    assert [item.name for item in folder.iterdir()] == [name]


@pytest.mark.parametrize("switch", ["UseExceptions", "DontUseExceptions"])
def test_gdals_own_mode_makes_no_difference_and_is_left_alone(tmp_path, switch):
    before = gdal.GetUseExceptions(), ogr.GetUseExceptions()
    try:
        for module in (gdal, ogr):
            if module.GetUseExceptions() != (switch == "UseExceptions"):
                getattr(module, switch)()
        mode = gdal.GetUseExceptions()
        with Ledger.create(tmp_path / "l.gpkg") as ledger:
            result = SimpleNamespace(
                source="watch",
                incidents=[
                    Incident(incident_id="watch:1", source="watch", longitude=1, latitude=2)
                ],
                observations=[],
                posts=[],
                effort=[],
                rejected=[],
                rows=1,
            )
            assert ledger.write_import(result, Fetch(), None, "x").added == 1
            with pytest.raises(CeasefireError, match="withdrawn"):
                ledger._connection.run("DELETE FROM incidents")
        assert gdal.GetUseExceptions() == mode
        with pytest.raises(CeasefireError):
            Ledger.open(Path(__file__))
    finally:
        # GDAL wants its modules switched back in the reverse order.
        for module, used in reversed(list(zip((gdal, ogr), before))):
            if module.GetUseExceptions() != used:
                (module.UseExceptions if used else module.DontUseExceptions)()


def test_what_a_killed_writer_left_half_written_is_undone_or_said(tmp_path):
    path = tmp_path / "ledger.gpkg"
    with Ledger.create(path) as ledger:
        ledger.write_records(
            "incidents", [Incident(incident_id=f"a:{n}") for n in range(9)], "A", "x"
        )
    # A writer whose cache is small writes into the file before it commits; then it is ended.
    program = (
        "import os, sqlite3, sys\n"
        "base = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "base.execute('PRAGMA cache_size = 5')\n"
        "base.execute('BEGIN IMMEDIATE')\n"
        "for n in range(3000):\n"
        "    base.execute('INSERT INTO settings(key, value) VALUES (?, ?)', (str(n), 'x' * 900))\n"
        "os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", program, str(path)])
    journal = path.with_name(path.name + "-journal")
    assert journal.stat().st_size
    checker = [sys.executable, "-I", str(VERIFY), str(path)]
    told = subprocess.run(checker, capture_output=True, text=True)
    assert (told.returncode, "waits to be undone" in told.stdout) == (2, True)
    with Ledger.open(path, readonly=True) as ledger:
        assert len(ledger.read("incidents")) == 9
        assert ledger.verify().holds
    assert subprocess.run(checker, capture_output=True).returncode == 0
