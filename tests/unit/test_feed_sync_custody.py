"""What a run of a feed leaves behind besides incidents: raw replies, effort, an older ledger."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from osgeo import gdal

from ceasefire_monitor.feeds.http.errors import FeedError, Reason
from ceasefire_monitor.ledger.evidence import Hand
from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.model.errors import CeasefireError
from tests.scripted_source import Truth, active, fetch, kept_feed, of, snapshot_source

DATA = Path(__file__).resolve().parent.parent / "data"
HAND = Hand("Ada", "checked")
# Another program, in the middle of writing until it is told to end; it does so half a second later.
WRITER = """
import sqlite3, sys, threading
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("writing", flush=True)
sys.stdin.readline()
threading.Event().wait(0.5)
connection.execute("ROLLBACK")
"""


@pytest.fixture
def ledger(tmp_path):
    with Ledger.create(tmp_path / "ledger.gpkg", {"timezone": "UTC"}) as made:
        yield made


@pytest.fixture
def truth(tmp_path):
    made = Truth()
    made.folder = tmp_path / "replies"
    made.folder.mkdir()
    for number in range(5):
        made.put(f"r{number}")
    return made


def test_raw_replies_are_kept_as_evidence_that_the_fetch_names(ledger, truth, tmp_path):
    feed = kept_feed(ledger, keep_raw=True)
    fetch(ledger, feed, snapshot_source(truth))
    fetches = ledger.read("fetches")
    assert len(fetches) == 2
    for one in fetches:
        (record,) = ledger.read("evidence", ids=[one.raw_evidence])
        assert (record.record_table, record.record_id) == ("fetches", one.fetch_id)
        ledger.take_evidence(record.evidence_id, tmp_path / "out", HAND)
        body = gzip.decompress((tmp_path / "out").read_bytes())
        assert hashlib.sha256(body).hexdigest() == one.sha256
        (tmp_path / "out").unlink()
    fetch(ledger, feed, snapshot_source(truth))
    assert len(ledger.read("evidence")) == 2
    assert {found.state for found in ledger.check_evidence(HAND).files} == {"unaltered"}
    # Of a run that withdraws, every reply is kept: none of them had it.
    truth.drop("r4")
    fetch(ledger, feed, snapshot_source(truth))
    assert len(ledger.read("evidence")) == 4
    assert ledger.verify().holds


def test_raw_replies_that_cannot_be_kept_do_not_keep_the_rows_away(ledger, truth, tmp_path):
    ledger.evidence_folder.write_text("in the way")
    report = fetch(ledger, kept_feed(ledger, keep_raw=True), snapshot_source(truth))
    assert report.added == 5
    assert "raw replies were not kept" in report.warnings[0]


def test_without_keep_raw_nothing_of_the_body_is_kept(ledger, truth):
    fetch(ledger, kept_feed(ledger), snapshot_source(truth))
    assert ledger.read("evidence") == [] and not ledger.evidence_folder.exists()


@pytest.mark.parametrize("version", [1, 2])
def test_a_ledger_of_an_earlier_version_takes_feeds_after_its_upgrade(tmp_path, truth, version):
    place = tmp_path / "old.gpkg"
    content = (DATA / f"ledger-version-{version}.gpkg.gz").read_bytes()
    place.write_bytes(gzip.decompress(content))
    with Ledger.open(place, readonly=True) as ledger:
        assert ledger.feeds() == [] and ledger.redistribution() == {}
        assert ledger.feed_status("any").run == 0 and ledger.feed_statuses() == {}
        before = len(ledger.read("incidents"))
    with Ledger.open(place) as ledger:
        feed = kept_feed(ledger)
        assert fetch(ledger, feed, snapshot_source(truth)).added == 5
        truth.drop("r1")
        assert fetch(ledger, feed, snapshot_source(truth)).withdrawn == 1
        assert len(ledger.read("incidents")) == before + 5
        assert ledger.verify().holds


def test_a_copy_of_a_ledger_goes_on_with_its_feeds(ledger, truth, tmp_path):
    feed = kept_feed(ledger)
    fetch(ledger, feed, snapshot_source(truth))
    truth.drop("r1")
    for clean in (False, True):
        place = tmp_path / f"copy {clean}.gpkg"
        ledger.copy_to(place, clean=clean)
        with Ledger.open(place) as copy:
            assert fetch(copy, feed, snapshot_source(truth)).withdrawn == 1
            assert active(copy) == of(truth)
            assert copy.verify().holds


def test_while_another_program_writes_a_run_waits_then_says_so_and_the_next_repairs(ledger, truth):
    feed = kept_feed(ledger)
    fetch(ledger, feed, snapshot_source(truth))
    truth.put("r1", description="second")
    command = [sys.executable, "-c", WRITER, str(ledger.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout.readline() == b"writing\n"
        impatient = Ledger.open(ledger.path, wait_ms=200)
        with impatient, pytest.raises(CeasefireError, match="written to by another program"):
            fetch(impatient, feed, snapshot_source(truth))
        assert active(ledger)["r1"] == "first"
        writer.stdin.write(b"end soon\n")
        writer.stdin.flush()
        assert fetch(ledger, feed, snapshot_source(truth)).changed == 1
    assert active(ledger) == of(truth)


def test_nothing_is_held_while_a_source_is_read(ledger, truth):
    feed = kept_feed(ledger)
    fetch(ledger, feed, snapshot_source(truth))
    written = []

    def meanwhile():
        with Ledger.open(ledger.path, wait_ms=1) as other:
            (mine,) = other.read("incidents", ids=["scripted:r1"])
            mine.description = "mine"
            written.append(other.write_records("incidents", [mine], "Bea", "seen myself").changed)

    truth.put("r1", description="second")
    truth.before_page[1] = meanwhile
    assert fetch(ledger, feed, snapshot_source(truth)).kept == ["scripted:r1"]
    assert written == [1] and active(ledger)["r1"] == "mine"


def test_a_failure_at_once_is_told_by_the_status(ledger, truth):
    feed = kept_feed(ledger)
    truth.faults[0] = FeedError("No such place.", Reason.NOT_FOUND)
    with pytest.raises(FeedError):
        fetch(ledger, feed, snapshot_source(truth))
    status = ledger.feed_status(feed.feed_id)
    assert status.message.startswith("No such place.")
    assert "nothing was written" in status.message
    assert (status.last_success_at, status.failures, status.quota["requests"]) == (None, 1, 1)


def test_a_ledger_that_lost_what_feeds_brought_is_not_opened(ledger, truth, tmp_path):
    fetch(ledger, kept_feed(ledger), snapshot_source(truth))
    ledger.close()
    broken = tmp_path / "broken.gpkg"
    shutil.copy(ledger.path, broken)
    dataset = gdal.OpenEx(str(broken), gdal.OF_VECTOR | gdal.OF_UPDATE)
    dataset.ExecuteSQL("DROP TABLE feed_items")
    del dataset
    with pytest.raises(CeasefireError, match="feed_items"):
        Ledger.open(broken)
