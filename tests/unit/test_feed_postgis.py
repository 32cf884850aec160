"""Feeds in a ledger of a team: the same runs in PostgreSQL, by role, and moved there and back."""

from __future__ import annotations

import pytest

pytest.importorskip("psycopg2")

from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.ledger.moving import move_ledger
from ceasefire_monitor.ledger.postgis.granting import grant
from ceasefire_monitor.ledger.postgis.ledger import PostgisLedger
from ceasefire_monitor.ledger.postgis.place import PostgisPlace
from ceasefire_monitor.model.errors import CeasefireError
from tests.scripted_source import (
    Truth,
    active,
    fetch,
    incremental_source,
    kept_feed,
    of,
    snapshot_source,
)


@pytest.fixture
def truth():
    made = Truth()
    for number in range(7):
        made.put(f"r{number}")
    return made


def place(server, name, user=None):
    conninfo = server.conninfo() if user is None else server.conninfo(user, "plain")
    return PostgisPlace(conninfo, name, "test")


@pytest.mark.parametrize("kind", [snapshot_source, incremental_source])
def test_a_team_ledger_is_kept_in_step(server, truth, kind):
    with PostgisLedger.create(place(server, kind.__name__)) as ledger:
        feed, source = kept_feed(ledger), kind(truth)
        first = fetch(ledger, feed, source)
        assert (first.added, first.complete) == (7, True)
        assert len(ledger.read("fetches")) == 3
        fetch(ledger, feed, source)
        assert len(ledger.read("fetches")) == 3
        truth.put("r1", description="second")
        truth.drop("r2")
        report = fetch(ledger, feed, source)
        assert (report.changed, report.withdrawn) == (1, 1)
        latest = ledger.history("scripted:r2")[-1]
        assert latest.fetch_id == ledger.read("fetches")[-1].fetch_id
        assert latest.who == "Ada"
        truth.put("r2", description="back")
        assert fetch(ledger, feed, source).reappeared == 1
        assert active(ledger) == of(truth)
        assert ledger.verify().holds
        status = ledger.feed_status(feed.feed_id)
        assert status.mark == {"clock": truth.clock} and status.failures == 0


def test_a_persons_edit_while_the_feed_is_read_stays(server, truth):
    with PostgisLedger.create(place(server, "meanwhile")) as ledger:
        feed = kept_feed(ledger)
        fetch(ledger, feed, snapshot_source(truth))

        def edit():
            with PostgisLedger.open(place(server, "meanwhile")) as other:
                (mine,) = other.read("incidents", ids=["scripted:r1"])
                mine.description = "mine"
                other.write_records("incidents", [mine], "Bea", "seen myself")

        truth.put("r1", description="second", type="firing/shot")
        truth.before_page[2] = edit
        report = fetch(ledger, feed, snapshot_source(truth))
        assert (report.changed, report.kept) == (1, ["scripted:r1"])
        (now,) = ledger.read("incidents", ids=["scripted:r1"])
        assert (now.description, now.category) == ("mine", "firing/shot")


def test_an_analyst_fetches_and_a_reader_does_not(server, truth):
    for name in ("anna", "rita"):
        server.run(f"create role {name} login password 'plain'")
    with PostgisLedger.create(place(server, "roles")) as ledger:
        grant(ledger, "analyst", "anna")
        grant(ledger, "reader", "rita")
        feed = kept_feed(ledger, redistribution="none")
        fetch(ledger, feed, snapshot_source(truth))
        (secret,) = ledger.read("incidents", ids=["scripted:r3"])
        secret.sensitivity = "confidential"
        ledger.write_records("incidents", [secret], "Bea", "a source is in danger")
    truth.put("r1", description="second")
    truth.put("r3", description="second")
    truth.put("new")
    truth.drop("r2")
    with PostgisLedger.open(place(server, "roles", "anna")) as ledger:
        report = fetch(ledger, ledger.feed("North"), snapshot_source(truth))
        assert (report.added, report.changed, report.withdrawn) == (1, 1, 1)
        assert any("may not see" in sentence for sentence in report.warnings)
        seen = ledger._connection.rows("SELECT incident_id FROM feed_items")
        assert ("scripted:r3",) not in seen and len(seen) == 7
        assert "r3" not in active(ledger)
    with PostgisLedger.open(place(server, "roles", "rita")) as ledger:
        assert ledger.feed("North").redistribution == "none"
        assert ledger.feed_status("feed:North").failures == 0
        with pytest.raises(CeasefireError):
            fetch(ledger, ledger.feed("North"), snapshot_source(truth))
    with PostgisLedger.open(place(server, "roles")) as ledger:
        assert active(ledger)["r3"] == "first"
        assert fetch(ledger, ledger.feed("North"), snapshot_source(truth)).changed == 1
        assert active(ledger) == of(truth)
        truth.drop("r3")
        assert fetch(ledger, ledger.feed("North"), snapshot_source(truth)).withdrawn == 1
        assert ledger.verify().holds


def test_a_ledger_that_is_moved_goes_on_with_its_feeds(server, truth, tmp_path):
    file = tmp_path / "ledger.gpkg"
    with Ledger.create(file) as ledger:
        feed = kept_feed(ledger)
        fetch(ledger, feed, snapshot_source(truth))
        status = ledger.feed_status(feed.feed_id)
    moved = move_ledger(file, place(server, "moved"))
    assert (moved.rows["feed_items"], moved.rows["feed_status"]) == (7, 1)
    with PostgisLedger.open(place(server, "moved")) as ledger:
        assert ledger.feed_status(feed.feed_id) == status
        assert ledger.feed("North") == feed
        truth.put("r1", description="second")
        truth.drop("r2")
        report = fetch(ledger, feed, snapshot_source(truth))
        assert (report.unchanged, report.changed, report.withdrawn) == (5, 1, 1)
    back = tmp_path / "back.gpkg"
    move_ledger(place(server, "moved"), back)
    with Ledger.open(back) as ledger:
        truth.put("r2", description="back")
        assert fetch(ledger, feed, snapshot_source(truth)).reappeared == 1
        assert active(ledger) == of(truth)
        assert ledger.verify().holds


def test_many_rows_come_in_parts(server):
    truth = Truth(page=400)
    for number in range(1000):
        truth.put(f"r{number}")
    with PostgisLedger.create(place(server, "parts")) as ledger:
        feed = kept_feed(ledger)
        assert fetch(ledger, feed, snapshot_source(truth)).added == 1000
        truth.drop("r5")
        assert fetch(ledger, feed, snapshot_source(truth)).withdrawn == 1
        # What none of them has rests on all replies of the run.
        run = ledger.feed_status(feed.feed_id).run
        assert run == 2 and len(ledger.read("fetches")) == 6
