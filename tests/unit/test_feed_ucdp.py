"""UCDP as a feed: along its links to the end, releases that replace each other, quota and files."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from ceasefire_monitor.feeds.http.credentials import Credentials
from ceasefire_monitor.feeds.http.errors import FeedError, Reason
from ceasefire_monitor.feeds.sources import SOURCES, ucdp_files
from ceasefire_monitor.feeds.sources.ucdp_versions import file_of, followed, successor
from ceasefire_monitor.model.errors import CeasefireError
from tests.feedservers.reading import NOW, checked, imported, read
from tests.feedservers.serving import Answer
from tests.feedservers.ucdp_server import TOKEN, UcdpServer, event, events_of, table_of

UCDP = SOURCES["ucdp"]
KEY = Credentials(token=TOKEN)


@pytest.fixture
def server():
    with UcdpServer({"25.1": [event(number) for number in range(1, 24)]}) as running:
        yield running


def fetch(server, **how):
    options = {
        "version": "25.1",
        "page_size": 10,
        "follow_newer": False,
        "downloads": f"{server.address}/downloads",
        **how.pop("options", {}),
    }
    how.setdefault("credentials", KEY)
    return read(UCDP, server.address + "/api", options=options, **how)


def ids(found):
    return [int(row["id"]) for row in found.rows]


def data_pages(server):
    return [one for one in server.log if one.one("pagesize") == "10"]


@pytest.mark.parametrize("end", ["", None])
def test_links_are_followed_to_their_end_and_rows_become_incidents(server, end):
    server.ends_with = end
    found = fetch(server)
    assert sorted(ids(found)) == list(range(1, 24)) and ids(found) != sorted(ids(found))
    assert found.outcome.complete and found.outcome.snapshot and found.warnings == []
    assert found.outcome.window == (None, None) and found.batches[0].version == "25.1"
    incidents, rejected = imported(UCDP, found)
    assert len(incidents) == 23 and not rejected
    assert incidents["ucdp:7"].category == "clash/armed_clash"


def test_the_token_goes_in_its_header_and_nowhere_else(server):
    found = fetch(server)
    assert {one.headers["x-ucdp-access-token"] for one in server.log} == {TOKEN}
    assert all("authorization" not in one.headers for one in server.log)
    assert all(TOKEN not in one.target for one in server.log)
    assert all(TOKEN not in one.reply.url for one in found.batches)


def test_links_in_a_circle_are_said_and_nothing_is_withdrawn(server):
    def bend(body, request):
        if request.one("page") == "1":
            body["NextPageUrl"] = f"{server.address}{request.path}?pagesize=10&page=0"
        return body

    server.bend = bend
    found = fetch(server)
    assert not found.outcome.complete and found.said("run in a circle")
    assert len(found.rows) == 20 and "full_at" not in found.outcome.mark


def test_a_link_to_another_host_is_not_followed(server):
    server.bend = lambda body, request: {**body, "NextPageUrl": "http://127.0.0.2:9/api?page=1"}
    with pytest.raises(FeedError, match="another server"):
        fetch(server)


def test_fewer_rows_than_the_total_are_said(server):
    server.bend = lambda body, request: {**body, "TotalCount": 30}
    found = fetch(server)
    assert not found.outcome.complete and found.said("30 events here, and 23 different ones")


def test_a_page_that_repeats_rows_does_not_pass_for_all(server):
    def bend(body, request):
        if request.one("page") == "1" and request.one("pagesize") == "10":
            body["Result"] = [*body["Result"][:9], event(1)]
        return body

    server.bend = bend
    found = fetch(server)
    assert not found.outcome.complete
    assert len(ids(found)) == len(set(ids(found)))


def test_no_total_is_no_proof(server):
    server.bend = lambda body, request: {**body, "TotalCount": None}
    found = fetch(server)
    assert not found.outcome.complete and found.said("does not say how many")


def test_nothing_is_read_where_totals_and_versions_are_the_same(server):
    first = fetch(server)
    server.log.clear()
    again = fetch(server, mark=first.outcome.mark, now=NOW + timedelta(hours=5))
    assert again.outcome.nothing_new and again.batches == [] and len(server.log) == 1
    week = fetch(server, mark=first.outcome.mark, now=NOW + timedelta(days=8))
    assert week.outcome.snapshot and len(week.rows) == 23
    assert fetch(server, mark=first.outcome.mark, full=True).outcome.snapshot
    server.versions["25.1"].append(event(50))
    assert 50 in ids(fetch(server, mark=first.outcome.mark))


def test_a_new_release_replaces_the_one_before(server):
    options = {"follow_newer": True}
    first = fetch(server, options=options)
    server.versions["26.1"] = [event(number, best=9) for number in (1, 2, 40)]
    second = fetch(server, options=options, mark=first.outcome.mark)
    assert sorted(ids(second)) == [1, 2, 40] and second.outcome.snapshot
    assert second.outcome.mark["versions"] == ["26.1"]
    assert {one.version for one in second.batches} == {"26.1"}


def test_of_candidate_months_the_later_one_has_the_last_word(server):
    server.versions = {
        "26.0.1": [event(1), event(2)],
        "26.0.2": [event(2, best=44), event(3)],
        "26.0.3": [event(4)],
    }
    found = fetch(server, options={"version": "26.0.1", "follow_newer": True})
    assert sorted(ids(found)) == [1, 2, 3, 4]
    assert [row["best"] for row in found.rows if row["id"] == 2] == [44]
    assert found.outcome.mark["versions"] == ["26.0.1", "26.0.2", "26.0.3"]


def test_versions_are_named_followed_and_found():
    assert [successor(one) for one in ("26.1", "26.0.8", "26.0.12", "26.01.26.06")] == [
        "27.1",
        "26.0.9",
        "27.0.1",
        None,
    ]
    assert followed(["25.1", "26.0.1"], "26.1") == ["26.1", "26.0.1"]
    assert file_of("26.1") == "ged/ged261-csv.zip"
    assert file_of("26.0.8") == "candidateged/GEDEvent_v26_0_8.csv"
    assert file_of("26.01.26.06") == "candidateged/GEDEvent_v26_01_26_06.csv"


def test_an_unknown_version_and_a_text_that_is_none(server):
    with pytest.raises(FeedError, match="no version “24.1”") as raised:
        fetch(server, options={"version": "24.1"})
    assert raised.value.reason is Reason.NOT_FOUND
    for version in ("latest", "25/1", "../25.1", ""):
        with pytest.raises(CeasefireError, match="give 26.1"):
            fetch(server, options={"version": version})


def test_a_throttle_of_400_is_waited_out(server):
    server.throttle = 2
    found = fetch(server)
    assert len(found.rows) == 23 and found.outcome.complete
    assert found.waited == pytest.approx(20, abs=0.1)


def test_a_400_that_stays_is_told_as_what_it_may_be(server):
    server.throttle = 10_000
    with pytest.raises(FeedError, match="one of the feed's options") as raised:
        fetch(server)
    assert raised.value.reason is Reason.LIMITED and raised.value.retry_after_s


def test_requests_are_counted_by_day_and_stop_before_the_quota(server):
    found = fetch(server)
    quota = found.outcome.mark["quota"]
    assert quota == {"day": "2026-10-05", "requests": len(server.log), "limit": 5000}
    mark = {**found.outcome.mark, "quota": {**quota, "requests": 4998}}
    stopped = fetch(server, mark=mark, full=True, keep_error=True)
    assert stopped.error.reason is Reason.LIMITED and stopped.requests == 2
    assert "5,000 a day" in str(stopped.error) and stopped.error.retry_after_s == 12 * 3600
    assert fetch(server, mark=mark, full=True, now=NOW + timedelta(days=1)).outcome.complete


@pytest.mark.parametrize("known", ["memory", "quota"])
def test_a_full_run_goes_on_counting_the_day(server, known):
    counted = {"day": "2026-10-05", "requests": 4998}
    how = {"quota": counted} if known == "quota" else {"memory": {"quota": counted}}
    stopped = fetch(server, full=True, keep_error=True, **how)
    assert stopped.error.reason is Reason.LIMITED and stopped.requests == 2
    how = {name: {**value, "day": "2026-10-04"} for name, value in how.items() if name == "quota"}
    assert fetch(server, full=True, **how).outcome.complete


def test_errors_count_towards_the_quota(server):
    server.throttle = 3
    assert fetch(server).outcome.mark["quota"]["requests"] == len(server.log)


def test_no_token_and_a_wrong_one_are_told_in_words(server):
    with pytest.raises(FeedError, match="set the feed's option “form” to csv"):
        fetch(server, credentials=Credentials(), options={"form": "api"})
    with pytest.raises(FeedError, match="did not take this feed's token") as raised:
        fetch(server, credentials=Credentials(token="another-token"))
    assert "another-token" not in str(raised.value)


def test_since_until_and_area_hold_for_the_day_an_event_began(server):
    server.versions["25.1"] = [
        event(1, date_start="2025-05-01T00:00:00", date_end="2025-06-20T00:00:00"),
        event(2, date_start="2025-06-02T00:00:00", date_end="2025-06-02T00:00:00"),
        event(3, date_start="2025-08-02T00:00:00", date_end="2025-08-02T00:00:00"),
    ]
    since = datetime(2025, 6, 1, tzinfo=timezone.utc)
    found = fetch(server, since=since, options={"until": "2025-07-31"}, timezone="Asia/Tokyo")
    assert ids(found) == [2] and found.outcome.complete
    assert server.log[-1].one("StartDate") == "2025-06-01"
    day = timedelta(hours=9)
    assert found.outcome.window == (since - day, datetime(2025, 8, 1, tzinfo=timezone.utc) - day)
    boxed = fetch(server, options={"bbox": "20.0025,47,20.5,48"})
    assert ids(boxed) == [3] and server.log[-1].one("Geography") == "47.0 20.0025,48.0 20.5"


@pytest.mark.parametrize("body", [{}, {"Result": None}, {"Result": [1], "TotalCount": 1}, []])
def test_a_reply_of_another_form_is_a_changed_schema(server, body):
    server.bend = lambda before, request: body
    with pytest.raises(FeedError, match="form may have changed") as raised:
        fetch(server)
    assert raised.value.reason is Reason.SCHEMA


def test_a_column_that_is_gone_is_a_changed_schema(server):
    for one in server.versions["25.1"]:
        one.pop("date_start")
    server.bend = None
    server._fits = lambda one, request: True
    with pytest.raises(FeedError, match="no column date_start"):
        fetch(server)


def test_without_a_token_the_files_are_read_in_parts(server, monkeypatch):
    monkeypatch.setattr(ucdp_files, "CHUNK_ROWS", 10)
    found = fetch(server, credentials=Credentials())
    assert sorted(ids(found)) == list(range(1, 24)) and found.outcome.complete
    assert [len(one.rows) for one in found.batches] == [10, 10, 3]
    assert [one.path for one in server.log] == ["/downloads/ged/ged251-csv.zip"]
    incidents, rejected = imported(UCDP, found)
    by_api, _ = imported(UCDP, fetch(server))
    assert incidents == by_api and not rejected


def test_files_that_did_not_change_are_not_read(server):
    server.versions = {"26.0.1": [event(1), event(2)], "26.0.2": [event(2, best=7)]}
    options = {"version": "26.0.1,26.0.2"}
    first = fetch(server, credentials=Credentials(), options=options)
    mark = first.outcome.mark
    assert fetch(server, credentials=Credentials(), options=options, mark=mark).outcome.nothing_new
    server.versions["26.0.2"] = [event(2, best=8)]
    second = fetch(server, credentials=Credentials(), options=options, mark=mark)
    assert {(int(row["id"]), int(row["best"])) for row in second.rows} == {(1, 1), (2, 8)}
    assert second.outcome.snapshot and second.outcome.complete


def test_a_new_month_of_files_is_found(server):
    server.versions = {"26.0.1": [event(1)]}
    options = {"version": "26.0.1", "follow_newer": True}
    first = fetch(server, credentials=Credentials(), options=options)
    server.versions["26.0.2"] = [event(5)]
    second = fetch(server, credentials=Credentials(), options=options, mark=first.outcome.mark)
    assert sorted(ids(second)) == [1, 5]


def test_a_file_that_was_cut_off_withdraws_nothing(server):
    data = table_of([event(number) for number in range(1, 10)])
    server.versions = {"26.0.1": []}
    server._file = lambda request: Answer(200, data[:-60], {"Content-Type": "text/csv"})
    found = fetch(server, credentials=Credentials(), options={"version": "26.0.1"})
    assert not found.outcome.complete and found.said("may be cut off") and len(found.rows) == 8


def test_a_damaged_archive_is_a_sentence(server):
    server._file = lambda request: Answer(200, b"PK\x03\x04" + b"\x00" * 300)
    with pytest.raises(FeedError, match="cannot be read as a table") as raised:
        fetch(server, credentials=Credentials())
    assert raised.value.reason is Reason.BROKEN


def test_a_trial_tells_how_many(server):
    options = {"version": "25.1", "downloads": f"{server.address}/downloads"}
    api = checked(UCDP, server.address + "/api", options=options, credentials=KEY)
    assert (api.rows, api.authorised) == (23, True) and "5,000 requests" in api.sentences[-1]
    files = checked(UCDP, server.address + "/api", options=options)
    assert (files.rows, str(files.first), str(files.last)) == (23, "2025-01-10", "2025-12-10")


@pytest.mark.real_data
def test_two_real_releases_differ_as_is_known(real_data):
    folder = real_data / "ucdp_ukraine"
    older = events_of(folder / "ucdp_ged_ukraine_2014-2021_isoT_dates.csv")
    newer = events_of(folder / "ucdp_ged_ukraine_2014-20220223_iso_dates.csv")
    with UcdpServer({"22.1": older}) as server:
        options = {"version": "22.1", "page_size": 1000, "follow_newer": True}
        first = fetch(server, options=options, timezone="Europe/Kyiv")
        server.versions["23.1"] = newer
        second = fetch(server, options=options, timezone="Europe/Kyiv", mark=first.outcome.mark)
    assert (len(first.rows), len(second.rows)) == (3000, 3077)
    assert first.outcome.complete and second.outcome.complete and second.outcome.snapshot
    before, _ = imported(UCDP, first, "Europe/Kyiv")
    after, _ = imported(UCDP, second, "Europe/Kyiv")
    common = before.keys() & after.keys()
    assert len(common) == 2998 and len(before.keys() - after.keys()) == 2
    assert len(after.keys() - before.keys()) == 79
    moved = [
        key
        for key in common
        if abs(before[key].longitude - after[key].longitude) > 1e-6
        or abs(before[key].latitude - after[key].latitude) > 1e-6
    ]
    assert len(moved) == 7
    assert sum(before[key].deaths_best != after[key].deaths_best for key in common) == 4
