"""Sources with a ledger behind them: additions, corrections, absences, and nothing lost."""

from __future__ import annotations

import json

import pytest

from ceasefire_monitor.feeds.http.client import Client
from ceasefire_monitor.feeds.http.credentials import Credentials
from ceasefire_monitor.feeds.sources import SOURCES
from ceasefire_monitor.ledger.feedsync import synchronise
from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.model.feed import Feed
from tests.feedservers.acled_server import PASSWORD, USER, AcledServer, event
from tests.feedservers.firms_server import KEY, FirmsServer, fire
from tests.feedservers.odk_server import EMAIL, OdkServer, submission
from tests.feedservers.odk_server import PASSWORD as ODK_PASSWORD
from tests.feedservers.reading import QUICK, Skipping
from tests.feedservers.ucdp_server import TOKEN, UcdpServer, events_of


@pytest.fixture
def ledger(tmp_path):
    with Ledger.create(tmp_path / "ledger.gpkg") as made:
        yield made


def kept(ledger, source: str, address: str, **options) -> Feed:
    """A feed of that source, kept in the ledger."""
    zone = options.pop("zone", "UTC")
    feed = Feed(
        feed_id=f"feed-{source}",
        feed_name=f"Our {source}",
        source=source,
        address=address,
        options=json.dumps(options),
        timezone=zone,
    )
    ledger.write_records("feeds", [feed], "tests", "a test")
    return feed


def fetch(ledger, feed: Feed, credentials: Credentials):
    with Client(limits=QUICK, credentials=credentials, clock=Skipping()) as client:
        return synchronise(ledger, feed, SOURCES[feed.source], client, credentials, "tests")


def numbers(report):
    return (report.added, report.changed, report.withdrawn, report.reappeared, report.unchanged)


def active(ledger) -> set[str]:
    return {one.incident_id for one in ledger.read("incidents") if one.workflow != "withdrawn"}


def test_acled_deletes_corrects_and_restores(ledger):
    login = Credentials(username=USER, password=PASSWORD)
    with AcledServer([event(number) for number in range(1, 24)]) as server:
        feed = kept(ledger, "acled", server.address, limit=10)
        assert numbers(fetch(ledger, feed, login)) == (23, 0, 0, 0, 0)
        gone = server.events["VAL3"]
        server.delete("VAL3", 1_770_009_999)
        server.events["VAL4"].update(fatalities="3", timestamp="1770009999")
        second = fetch(ledger, feed, login)
        assert (second.changed, second.withdrawn, second.complete) == (1, 1, True)
        assert active(ledger) == {f"acled:{name}" for name in server.events}
        server.events["VAL3"] = {**gone, "timestamp": "1770019999"}
        assert fetch(ledger, feed, login).reappeared == 1
        assert active(ledger) == {f"acled:{name}" for name in server.events}


def test_what_odk_central_says_is_deleted_or_rejected_is_withdrawn_at_once(ledger):
    login = Credentials(username=EMAIL, password=ODK_PASSWORD)
    mapping = json.dumps({"occurred_from": "incident_date"})
    with OdkServer([submission(number) for number in range(1, 7)]) as server:
        feed = kept(ledger, "odk", f"{server.address}/v1/projects/7/forms/incident%20report")
        feed.mapping = mapping
        ledger.write_records("feeds", [feed], "tests", "a test")
        assert numbers(fetch(ledger, feed, login)) == (6, 0, 0, 0, 0)
        server.delete(4, 1000)
        server.change(5, 1001, reviewState="rejected")
        second = fetch(ledger, feed, login)
        assert (second.withdrawn, second.complete) == (2, True)
        assert {name[-1] for name in active(ledger)} == {"1", "2", "3", "6"}
        server.change(5, 1002, reviewState="approved")
        assert fetch(ledger, feed, login).reappeared == 1


def test_acleds_embargo_takes_nothing_away(ledger):
    login = Credentials(username=USER, password=PASSWORD)
    with AcledServer([event(number) for number in range(1, 9)]) as server:
        server.events["VAL1"]["event_date"] = "2025-01-05"
        feed = kept(ledger, "acled", server.address)
        fetch(ledger, feed, login)
        for last_day in ("2025-08-29", "2024-08-29"):
            server.embargo = last_day
            report = fetch(ledger, feed, login)
            assert report.withdrawn == 0 and any(last_day in one for one in report.warnings)
        assert not report.complete and len(active(ledger)) == 8


def test_firms_takes_away_only_in_days_that_are_over(ledger, monkeypatch):
    from datetime import datetime, timedelta, timezone

    today = datetime.now(timezone.utc).date()
    days = [str(today - timedelta(days=ago)) for ago in range(4)]
    available = {"VIIRS_NOAA20_NRT": ("2026-01-01", days[0])}
    with FirmsServer([fire(day, n) for day in days for n in (1, 2)], available) as server:
        options = {"product": "VIIRS_NOAA20_NRT", "bbox": "19,46,22,49"}
        feed = kept(ledger, "firms", server.address, **options)
        assert fetch(ledger, feed, Credentials(token=KEY)).added == 8
        server.fires = [one for one in server.fires if one["longitude"] != "20.00200"]
        report = fetch(ledger, feed, Credentials(token=KEY))
        assert (report.withdrawn, report.complete) == (3, True)
        still = [name for name in active(ledger) if name.endswith("20.00200")]
        assert len(still) == 1 and days[0] in still[0]


@pytest.mark.real_data
def test_ucdps_real_releases_replace_each_other(ledger, real_data):
    folder = real_data / "ucdp_ukraine"
    key = Credentials(token=TOKEN)
    older = events_of(folder / "ucdp_ged_ukraine_2014-2021_isoT_dates.csv")
    newer = events_of(folder / "ucdp_ged_ukraine_2014-20220223_iso_dates.csv")
    with UcdpServer({"22.1": older}) as server:
        feed = kept(ledger, "ucdp", server.address + "/api", version="22.1", zone="Europe/Kyiv")
        assert numbers(fetch(ledger, feed, key)) == (3000, 0, 0, 0, 0)
        again = fetch(ledger, feed, key)
        assert again.nothing_new and numbers(again) == (0, 0, 0, 0, 0)
        server.versions["23.1"] = newer
        report = fetch(ledger, feed, key)
    assert (report.added, report.withdrawn, report.complete) == (79, 2, True)
    assert report.changed + report.unchanged == 2998
    assert active(ledger) == {f"ucdp:{one['id']}" for one in newer}
