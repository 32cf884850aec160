"""A ledger goes from a file into a database and back with its history, chain and every row."""

from __future__ import annotations

import itertools
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
import shapely

from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.ledger.moving import move_ledger
from ceasefire_monitor.ledger.opening import create_ledger, open_ledger
from ceasefire_monitor.ledger.postgis.place import PostgisPlace
from ceasefire_monitor.model.errors import Cancelled, CeasefireError
from ceasefire_monitor.model.evidence import CustodyEvent, Evidence
from ceasefire_monitor.model.incident import Effort
from ceasefire_monitor.model.land import ContactLine, Fetch, Finding, Site, Zone
from ceasefire_monitor.tests.unit.test_ledger_writing import incident, result

NUMBERS = itertools.count(1)
VERIFY = Path(__file__).resolve().parents[2] / "ledger" / "verify.py"


@pytest.fixture
def place(server):
    return PostgisPlace(server.conninfo(), f"Мост {next(NUMBERS)} \"'; --", "test")


def fill(ledger) -> None:
    texts = ("Вода '; --", "وقف \u202e إطلاق", "\\N \t \n \r { } %s $1", "")
    records = [incident(n, description=text, uncertainty_m=0.1 * n) for n, text in enumerate(texts)]
    ledger.write_import(
        result(*records, incident(9, longitude=None, latitude=None)),
        Fetch(source="watch"),
        "Ana",
        "daily",
    )
    ledger.write_records(
        "incidents", [incident(1, term="corrected")], "Boris", "source wrote again"
    )
    line = shapely.MultiLineString([[(30, 45), (30.1, 45.3333333333333)], [(31, 45), (31, 46)]])
    ledger.write_records(
        "contact_lines", [ContactLine("l1", line_name="Line", geometry=line)], "Ana", "w"
    )
    ledger.write_records(
        "zones", [Zone("z1", zone_name="Z", geometry=shapely.box(30, 45, 31, 46))], "Ana", "w"
    )
    ledger.write_records("sites", [Site("s1", "S", geometry=shapely.Point(30, 45))], "Ana", "w")
    ledger.write_records("effort", [Effort("f1", "p", reason="x")], "Ana", "w")
    ledger.write_records("effort", [Effort("f1", "p", reason="y")], "Ana", "w")
    ledger.write_records(
        "evidence", [Evidence("e1", "ab" * 32, encrypted=1, size_bytes=3)], "Ana", "w"
    )
    ledger.write_records("custody", [CustodyEvent("v1", "e1", "collected")], "Ana", "w")
    ledger.write_findings([Finding(incident_id="watch:1", flag="near", line_distance_m=12.5)])
    ledger.set_protected("incidents", "watch:1", "name", "A. Name", "Ana", "asked")
    ledger.add_head("first report")


def everything(ledger) -> list:
    told = [ledger.settings().get("ledger_id"), ledger.heads(), ledger.protected_values()]
    for name in (
        "incidents",
        "contact_lines",
        "zones",
        "sites",
        "effort",
        "evidence",
        "custody",
        "findings",
        "fetches",
        "protected",
    ):
        told.append(ledger.read(name))
    told += [ledger.history(f"watch:{n}") for n in range(10)] + [ledger.history("f1", "effort")]
    return told


def test_there_and_back_again_everything_is_as_it_was(tmp_path, place):
    with Ledger.create(tmp_path / "мост 1.gpkg", {"timezone": "Europe/Vienna"}) as ledger:
        fill(ledger)
        before, head = everything(ledger), ledger.head()
    there = move_ledger(tmp_path / "мост 1.gpkg", place)
    assert (there.position, there.head) == (head.position, head.hash)
    with open_ledger(place) as team:
        assert everything(team) == before
        assert team.verify(
            {"ledger_id": before[0], "position": head.position, "hash": head.hash}
        ).holds
        team.write_records("incidents", [incident(2, term="in the team")], "Cleo", "more")
        middle = everything(team)
    back = move_ledger(place, tmp_path / "again.gpkg")
    assert back.position == head.position + 1
    with Ledger.open(tmp_path / "again.gpkg") as again:
        assert everything(again) == middle
        again.write_records("incidents", [incident(2, term="at home")], "Dan", "more")
        assert [r.revision for r in again.history("watch:2")] == [1, 2, 3]
        assert again.verify().holds
    checked = subprocess.run(
        [sys.executable, VERIFY, tmp_path / "again.gpkg"], capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stdout
    with Ledger.open(tmp_path / "мост 1.gpkg") as first:
        assert str(place) in [path for (path,) in first._connection.rows("SELECT path FROM copies")]


def test_a_target_that_exists_and_two_of_a_kind_are_refused(tmp_path, place):
    with Ledger.create(tmp_path / "a.gpkg"), create_ledger(place):
        pass
    with pytest.raises(CeasefireError, match="exists already"):
        move_ledger(tmp_path / "a.gpkg", place)
    with pytest.raises(CeasefireError, match="exists already"):
        move_ledger(place, tmp_path / "a.gpkg")
    with pytest.raises(CeasefireError, match="one of each"):
        move_ledger(tmp_path / "a.gpkg", tmp_path / "b.gpkg")


def test_a_move_that_is_stopped_leaves_nothing(server, tmp_path, place):
    with Ledger.create(tmp_path / "a.gpkg") as ledger:
        fill(ledger)
    calls = itertools.count()

    def step():
        if next(calls) > 12:
            raise Cancelled()

    with pytest.raises(Cancelled):
        move_ledger(tmp_path / "a.gpkg", place, step)
    with pytest.raises(CeasefireError, match="There is no ledger"):
        open_ledger(place)
    move_ledger(tmp_path / "a.gpkg", place)
    calls = itertools.count()
    with pytest.raises(Cancelled):
        move_ledger(place, tmp_path / "b.gpkg", step)
    assert [path.name for path in tmp_path.glob("*b.gpkg*")] == []


def test_a_ledger_that_does_not_hold_is_not_moved(tmp_path, place):
    with create_ledger(place) as ledger:
        fill(ledger)
        ledger._connection.run("ALTER TABLE incident_history DISABLE TRIGGER USER")
        ledger._connection.run("UPDATE incident_history SET who = 'Nobody' WHERE history_id = 2")
    with pytest.raises(CeasefireError, match="does not hold and is not moved"):
        move_ledger(place, tmp_path / "a.gpkg")
    assert list(tmp_path.iterdir()) == []


def test_an_erased_value_is_erased_and_the_copies_are_named(tmp_path, place):
    with Ledger.create(tmp_path / "a.gpkg") as ledger:
        fill(ledger)
    move_ledger(tmp_path / "a.gpkg", place)
    with open_ledger(place) as team:
        done = team.erase_protected(team.find_protected(), "Ana", "asked to be forgotten")
        assert len(done.erased) == 1 and "backup" in done.left
        assert team.protected_values() == []
        checked = team.verify()
        assert checked.holds and checked.erased == 1
    with Ledger.open(tmp_path / "a.gpkg") as first:
        assert len(first.protected_values()) == 1


def test_the_past_reads_the_same_in_both(tmp_path, place):
    start = datetime.now(timezone.utc) - timedelta(days=1)
    with Ledger.create(tmp_path / "a.gpkg") as ledger:
        fill(ledger)
    move_ledger(tmp_path / "a.gpkg", place)
    with Ledger.open(tmp_path / "a.gpkg") as file, open_ledger(place) as team:
        moments = [r.recorded_at for n in range(4) for r in file.history(f"watch:{n}")]
        for moment in moments:
            assert team.records_as_of("incidents", moment) == file.records_as_of(
                "incidents", moment
            )
        now = datetime.now(timezone.utc)
        assert team.changes(start, now) == file.changes(start, now)
        assert team.latest_findings() == file.latest_findings()
        team.restore("effort", "f1", 1, "Ana", "was right")
        assert team.read("effort")[0].reason == "x"
