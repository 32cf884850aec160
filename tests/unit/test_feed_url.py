"""A plain address, a file, a folder: validators, snapshots, half-written files, any table."""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ceasefire_monitor.feeds.delimited import read_delimited
from ceasefire_monitor.feeds.delimitedparts import DelimitedFile
from ceasefire_monitor.feeds.http.client import Client
from ceasefire_monitor.feeds.http.errors import FeedError
from ceasefire_monitor.feeds.sources.localfiles import Copies, found_at
from ceasefire_monitor.model.errors import CeasefireError
from tests.feedservers.asking import NOW, ask, checked, imported, incidents
from tests.feedservers.url_server import UrlServer

HEADER = "id,date,time,latitude,longitude,type,place\n"


def table(*numbers: int, kind: str = "shelling") -> bytes:
    rows = "".join(
        f"{n},2025-03-{n % 28 + 1:02d},1{n % 10}:15,48.{n:03d},37.5,{kind},Mill {n}\n"
        for n in numbers
    )
    return (HEADER + rows).encode()


def written(path: Path, body: bytes, age_s: float = 3600) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    moment = NOW.timestamp() - age_s
    os.utime(path, (moment, moment))
    return path


def ids(told) -> list[str]:
    return sorted(str(one["id"]) for one in told.records)


@pytest.mark.parametrize("validators", ["etag", "date", "both", "none"])
def test_nothing_new_is_told_by_validators_or_by_the_bytes(validators):
    with UrlServer(table(1, 2), validators) as server:
        address = f"{server.address}/reports.csv"
        first = ask("url", address)
        second = ask("url", address, mark=first.outcome.mark)
        server.body, server.changed = table(1, 2, 3), server.changed + 60
        third = ask("url", address, mark=second.outcome.mark)
        whole = ask("url", address, mark=third.outcome.mark, full=True)
    assert ids(first) == ["1", "2"] and first.outcome.snapshot and not first.outcome.nothing_new
    assert second.outcome.nothing_new and second.batches == []
    assert second.outcome.mark == first.outcome.mark
    assert ids(third) == ids(whole) == ["1", "2", "3"]


def test_other_options_are_another_question():
    with UrlServer(table(1)) as server:
        first = ask("url", f"{server.address}/a.csv")
        again = ask(
            "url", f"{server.address}/a.csv", mark=first.outcome.mark, options={"snapshot": False}
        )
    assert not again.outcome.nothing_new and not again.outcome.snapshot


def test_an_error_page_and_a_broken_table_are_sentences():
    with UrlServer(b"<!DOCTYPE html><html><body>Sign in</body></html>") as server:
        with pytest.raises(FeedError):
            ask("url", f"{server.address}/reports.csv")
        server.body = b"id,date\n"
        told = ask("url", f"{server.address}/reports.csv")
        assert told.records == []
        server.body = b""
        with pytest.raises(CeasefireError, match="empty"):
            ask("url", f"{server.address}/reports.csv")
        found = checked("url", f"{server.address}/secret.csv")
    assert found.reachable and not found.authorised


def packed(body: bytes, name: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, body)
    return stream.getvalue()


POINTS = json.dumps(
    {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"id": str(n), "date": "2025-03-04", "type": "shelling"},
                "geometry": {"type": "Point", "coordinates": [37.5, 48.0 + n / 100]},
            }
            for n in (1, 2)
        ],
    }
).encode()
RECORDS = json.dumps(
    {
        "data": {
            "items": [
                {
                    "id": n,
                    "when": {"date": "2025-03-04"},
                    "geometry": {"type": "Point", "coordinates": [37.5, 48.0]},
                }
                for n in (1, 2)
            ]
        }
    }
).encode()


@pytest.mark.parametrize(
    "name, body, options",
    [
        ("a.csv", table(1, 2), {}),
        ("download", table(1, 2), {}),
        ("a.csv.gz", gzip.compress(table(1, 2)), {}),
        ("a.zip", packed(table(1, 2), "inside.csv"), {}),
        ("a.tsv", table(1, 2).replace(b",", b"\t"), {}),
        ("a.geojson", POINTS, {}),
        ("service?f=json", POINTS, {}),
        ("a.geojson.gz", gzip.compress(POINTS), {}),
        ("a.json", RECORDS, {"rows_at": "data.items"}),
    ],
)
def test_any_kind_of_file_is_told_by_its_bytes(name, body, options):
    with UrlServer(body) as server:
        told = ask("url", f"{server.address}/{name}", options=options)
    mapping = {"occurred_from": "when/date"} if options else {}
    made = incidents("url", told, {"source": {"value": "x"}, **mapping})
    assert set(made) == {"x:1", "x:2"}
    assert all(one.longitude == 37.5 for one in made.values())


def test_a_preset_recognises_its_table():
    fires = (
        "latitude,longitude,bright_ti4,scan,track,acq_date,acq_time,satellite,confidence,frp\n"
        "48.1,37.5,330,0.4,0.4,2025-03-04,215,N,n,4.1\n"
    )
    with UrlServer(fires.encode()) as server:
        told = ask("url", f"{server.address}/fires.csv")
    assert [result.preset for result in imported("url", told)] == ["firms"]


def test_a_folders_files_appear_change_and_vanish(tmp_path):
    folder = tmp_path / "reports"
    written(folder / "day1.csv", table(1, 2))
    written(folder / "day2.csv", table(3))
    first = ask("url", str(folder))
    again = ask("url", str(folder), mark=first.outcome.mark)
    assert ids(first) == ["1", "2", "3"] and first.outcome.snapshot
    assert again.outcome.nothing_new and again.batches == []

    written(folder / "day3.csv", table(4), 1800)
    written(folder / "day1.csv", table(1, kind="gunfire"), 1800)
    second = ask("url", str(folder), mark=again.outcome.mark)
    assert ids(second) == ["1", "3", "4"], "a snapshot is of all files"

    (folder / "day2.csv").unlink()
    third = ask("url", str(folder), mark=second.outcome.mark)
    assert ids(third) == ["1", "4"] and third.outcome.snapshot

    written(folder / "day3.csv", table(4), 60)
    touched = ask("url", str(folder), mark=third.outcome.mark)
    assert touched.outcome.nothing_new, "another time of writing, the same bytes"


def test_without_snapshot_only_what_changed_is_read(tmp_path):
    written(tmp_path / "a.csv", table(1))
    written(tmp_path / "b.csv", table(2))
    options = {"snapshot": False}
    first = ask("url", str(tmp_path), options=options)
    written(tmp_path / "b.csv", table(2, 3), 1800)
    (tmp_path / "a.csv").unlink()
    second = ask("url", str(tmp_path), options=options, mark=first.outcome.mark)
    assert ids(second) == ["2", "3"] and not second.outcome.snapshot
    assert any("a.csv" in one and "stay" in one for one in second.warnings)
    third = ask("url", str(tmp_path), options=options, mark=second.outcome.mark)
    assert third.outcome.nothing_new and third.warnings == []


def test_a_file_written_a_moment_ago_is_left_and_nothing_is_withdrawn(tmp_path):
    written(tmp_path / "a.csv", table(1))
    first = ask("url", str(tmp_path))
    written(tmp_path / "a.csv", table(1, 2)[:-20], age_s=2)
    written(tmp_path / "b.csv", table(5))
    second = ask("url", str(tmp_path), mark=first.outcome.mark)
    assert ids(second) == ["5"]
    assert not second.outcome.snapshot and not second.outcome.complete
    assert any("a.csv" in one and "next time" in one for one in second.warnings)
    written(tmp_path / "a.csv", table(1, 2), age_s=60)
    third = ask("url", str(tmp_path), mark=first.outcome.mark)
    assert ids(third) == ["1", "2", "5"] and third.outcome.snapshot


def test_a_file_that_grows_while_it_is_read_is_left(tmp_path, monkeypatch):
    growing = written(tmp_path / "a.csv", table(1))
    from ceasefire_monitor.feeds.sources import localfiles

    class Growing(localfiles.Copies):
        def copy(self, file):
            self.ask = lambda: growing.open("ab").write(b"9,2025-03-04") and None
            return super().copy(file)

    monkeypatch.setattr("ceasefire_monitor.feeds.sources.url.Copies", Growing)
    told = ask("url", str(tmp_path))
    assert told.records == [] and not told.outcome.complete
    assert any("while it was read" in one for one in told.warnings)


def test_a_damaged_file_among_others_is_said_and_the_others_are_read(tmp_path):
    written(tmp_path / "a.csv.gz", gzip.compress(table(*range(1, 200)))[:-30])
    written(tmp_path / "b.csv", table(7))
    told = ask("url", str(tmp_path))
    assert ids(told) == ["7"] and not told.outcome.snapshot and not told.outcome.complete
    assert any("a.csv.gz" in one for one in told.warnings)
    with pytest.raises(CeasefireError, match="cannot be unpacked"):
        ask("url", str(tmp_path / "a.csv.gz"))


def test_names_are_chosen_by_patterns_and_unfinished_ones_left_alone(tmp_path):
    for name in ("a.csv", "b.txt", ".hidden.csv", "c.csv.part", "~$d.csv", "sub/e.csv"):
        written(tmp_path / name, table(ord(name.strip(".~$").replace("sub/", "")[0])))
    assert ids(ask("url", str(tmp_path), options={"pattern": "*.csv"})) == ["97"]
    assert ids(ask("url", f"{tmp_path}/*.[ct]*")) == ["97", "98"]
    assert ids(ask("url", f"{tmp_path}/**/*.csv")) == ["101", "97"]
    assert ids(ask("url", (tmp_path / "a.csv").as_uri())) == ["97"]
    assert ids(ask("url", str(tmp_path), options={"pattern": "*.csv, sub/*.csv"})) == ["101", "97"]


def test_a_missing_folder_is_an_error_and_an_empty_one_an_empty_list(tmp_path):
    with pytest.raises(FeedError, match="drive is connected"):
        ask("url", str(tmp_path / "none"))
    told = ask("url", str(tmp_path))
    assert told.batches == [] and told.outcome.complete


def test_xml_with_entities_is_refused(tmp_path):
    bomb = b'<?xml version="1.0"?><!DOCTYPE k [<!ENTITY a "aaaa">]><kml><Placemark/></kml>'
    with pytest.raises(CeasefireError, match="entities"):
        ask("url", str(written(tmp_path / "a.kml", bomb)))


def test_a_trial_tells_the_preset_the_rows_and_the_days(tmp_path):
    written(tmp_path / "a.csv", table(*range(1, 6)))
    found = checked("url", str(tmp_path))
    assert found.rows == 5 and found.first.isoformat() == "2025-03-02"
    assert any("generic" in one for one in found.sentences)
    assert not checked("url", str(tmp_path / "none")).sentences[0].startswith("Columns")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_parts_of_a_file_are_the_whole_file(tmp_path, encoding, delimiter, size):
    lines = ["Événements de la journée", HEADER.strip().replace(",", delimiter)]
    lines += [
        delimiter.join([str(n), "2025-03-04", "10:00", "48,5", "37,5", '"a ""b""\nc"', "Mühle"])
        for n in range(1, 8)
    ]
    lines.insert(4, "")
    lines.append(delimiter.join(["9", *[""] * 6, "beyond"]))
    text = "\r\n".join(line if delimiter != "," else line.replace("48,5", "48.5") for line in lines)
    text = text.replace("37,5", "37.5") if delimiter == "," else text
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode(encoding))
    whole, parts = read_delimited(path), list(DelimitedFile(path, size=size).parts())
    assert [row for part in parts for row in part.rows] == whole.rows
    assert {tuple(part.columns) for part in parts} == {tuple(whole.columns)}
    assert parts[0].title == whole.title and set(parts[0].notes) == set(whole.notes)
    assert [n for part in parts for n in part.row_numbers] == whole.row_numbers


def test_one_late_row_decides_the_order_of_day_and_month_for_all_parts(tmp_path):
    rows = [f"{n},0{n % 9 + 1}/02/2025,48.1,37.5" for n in range(30_000)] + ["x,3/28/2025,48,37"]
    body = "id,date,latitude,longitude\n" + "\n".join(rows)
    told = ask("url", str(written(tmp_path / "a.csv", body.encode())))
    assert [len(batch.rows) for batch in told.batches] == [20_000, 10_001]
    made = incidents("url", told, {"source": {"value": "x"}}, preset="generic")
    assert made["x:0"].occurred_from.date().isoformat() == "2025-01-02"
    assert len(made) == 30_001


MILLION = """
import importlib.util, resource, sys
sys.path.insert(0, {root!r})
import tests.conftest
from pathlib import Path
from tests.feedservers.asking import QUICK, NOW, asked_of
from ceasefire_monitor.feeds.http.client import Client
from ceasefire_monitor.feeds.http.credentials import Credentials
from ceasefire_monitor.feeds.sources import SOURCES
def peak(path):
    with Client(limits=QUICK) as client:
        asked = asked_of(path, client, Credentials(), [], now=NOW)
        rows = sum(len(batch.rows) for batch in SOURCES["url"].read(asked))
    return rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
small, first = peak({small!r})
large, second = peak({large!r})
print(small, large, second - first)
"""


def test_memory_stays_flat_for_a_long_file(tmp_path):
    line = "{},04/03/2025,12:30,48.12345,37.54321,shelling,Somewhere over there\n"
    paths = []
    for name, count in (("small.csv", 40_000), ("large.csv", 400_000)):
        body = HEADER + "".join(line.format(n) for n in range(count))
        paths.append(str(written(tmp_path / name, body.encode())))
    root = str(Path(__file__).resolve().parents[2])
    script = MILLION.format(root=root, small=paths[0], large=paths[1])
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    small, large, grown_mb = map(int, done.stdout.split())
    assert (small, large) == (40_000, 400_000)
    assert grown_mb < 15, f"{grown_mb} MB more for ten times the rows"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_of_ours_is_not_blamed_on_the_file(tmp_path):
    path = tmp_path / "reports.csv"
    path.write_text("id,date\n1,2024-05-01\n")
    with Client() as client:
        copies = Copies(client)
        (copies.folder / "1.body").symlink_to("/dev/full")
        with pytest.raises(CeasefireError, match="no room left") as raised:
            copies.copy(found_at(path, path.name))
    assert str(copies.folder.parent) in str(raised.value)
    assert not isinstance(raised.value, FeedError) and path.name not in str(raised.value)
