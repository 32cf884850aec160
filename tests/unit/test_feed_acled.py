"""ACLED as a feed: let in, paged to its end, kept in step, never silent about what lacks."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from ceasefire_monitor.feeds.http.credentials import Credentials
from ceasefire_monitor.feeds.http.errors import FeedError, Reason
from ceasefire_monitor.feeds.sources import SOURCES
from ceasefire_monitor.model.errors import CeasefireError
from tests.feedservers.acled_server import PASSWORD, USER, AcledServer, event
from tests.feedservers.reading import NOW, checked, imported, read
from tests.feedservers.serving import Answer, json_answer

ACLED = SOURCES["acled"]
LOGIN = Credentials(username=USER, password=PASSWORD)
LATER = datetime(2026, 11, 20, tzinfo=timezone.utc)


@pytest.fixture
def server():
    with AcledServer([event(number) for number in range(1, 24)]) as running:
        yield running


def fetch(server, limit=10, **how):
    options = {"limit": limit, **how.pop("options", {})}
    how.setdefault("credentials", LOGIN)
    return read(ACLED, server.address, options=options, **how)


def ids(found):
    return [row["event_id_cnty"] for row in found.rows]


def test_all_pages_come_by_cursor_and_become_incidents(server):
    found = fetch(server)
    assert ids(found) == list(server.events) and found.outcome.complete and found.outcome.snapshot
    asked = [one.one("cursor") for one in server.log if one.path == "/api/acled/read"]
    assert asked == ["0", "c10", "c20"] and found.warnings == []
    incidents, rejected = imported(ACLED, found)
    assert len(incidents) == 23 and not rejected
    assert incidents["acled:VAL7"].category == "firing/shelling"
    assert incidents["acled:VAL7"].longitude == 20.007


def test_the_login_is_a_form_and_the_token_goes_in_the_header_only(server):
    found = fetch(server)
    form = server.log[0].form()
    assert form["grant_type"] == "password" and form["scope"] == "authenticated"
    assert form["password"] == PASSWORD
    assert all("token" not in one.target for one in server.log[1:])
    assert all(PASSWORD not in one.reply.url for one in found.batches)


def test_a_token_that_expires_between_pages_is_refreshed(server):
    server.tokens_last = 2
    found = fetch(server, limit=5)
    assert ids(found) == list(server.events) and found.outcome.complete
    assert server.grants == ["password", "refresh_token", "refresh_token"]


def test_a_refresh_token_that_expired_means_a_new_login(server):
    server.tokens_last, server.refreshing = 2, False
    found = fetch(server)
    assert ids(found) == list(server.events)
    assert server.grants == ["password", "refresh_token", "password"]


def test_a_token_that_is_never_good_ends_with_a_sentence(server):
    server.tokens_last = 0
    with pytest.raises(FeedError, match="does not accept") as raised:
        fetch(server)
    assert raised.value.reason is Reason.UNAUTHORISED


def test_a_wrong_password_is_said_and_not_shown(server):
    wrong = Credentials(username=USER, password="not the password")
    with pytest.raises(FeedError, match="did not take this feed's user name") as raised:
        fetch(server, credentials=wrong)
    assert raised.value.reason is Reason.UNAUTHORISED
    assert "not the password" not in str(raised.value)


def test_no_credentials_and_a_stale_token_are_told_apart(server):
    with pytest.raises(FeedError, match="needs the e-mail address"):
        fetch(server, credentials=Credentials())
    with pytest.raises(FeedError, match="one lasts 24 hours"):
        fetch(server, credentials=Credentials(token="stale-token-of-yesterday"))


def test_the_open_tier_is_told_in_words(server):
    server.tier = "open"
    with pytest.raises(FeedError, match="the Open tier has none") as raised:
        fetch(server)
    assert raised.value.reason is Reason.FORBIDDEN


def test_the_closed_host_says_where_to_go():
    with pytest.raises(FeedError, match=r"https://acleddata\.com"):
        read(ACLED, "https://api.acleddata.com", credentials=LOGIN)


def test_an_embargo_is_never_no_events(server):
    server.embargo = "2025-08-29"
    found = fetch(server)
    assert found.rows == [] and len(found.batches) == 1
    assert not found.outcome.complete and not found.outcome.nothing_new
    assert found.said("up to 2025-08-29") and found.said("withheld")


def test_an_embargo_that_moves_on_brings_events_of_old_timestamps(server):
    server.embargo = "2026-03-03"
    server.events["VAL1"]["event_date"] = "2026-03-01"
    first = fetch(server)
    assert ids(first) == ["VAL1"] and first.said("up to 2026-03-03")
    assert first.outcome.snapshot and first.outcome.window[1] < NOW - timedelta(days=200)
    server.embargo = "2026-03-04"
    second = fetch(server, mark=first.outcome.mark)
    assert set(ids(second)) == set(server.events)


def test_an_embargo_beyond_the_last_day_asked_for_is_none(server):
    server.embargo = "2026-06-01"
    found = fetch(server, options={"until": "2026-05-01"}, since=NOW - timedelta(days=300))
    assert found.outcome.complete and len(found.rows) == 23 and found.warnings == []


def test_a_restriction_in_unknown_words_is_passed_on(server):
    server.bend = lambda body, request: {**body, "data_query_restrictions": {"area": ["north"]}}
    found = fetch(server)
    assert found.said('"area"') and not found.outcome.complete


def test_an_empty_list_of_restrictions_is_none(server):
    server.bend = lambda body, request: {**body, "data_query_restrictions": []}
    assert fetch(server).outcome.complete


def test_a_cursor_that_comes_again_is_an_error_and_not_an_end(server):
    server.bend = lambda body, request: {**body, "next_cursor": "c10"}
    found = fetch(server, keep_error=True)
    assert found.error.reason is Reason.TRUNCATED and "read before" in str(found.error)
    assert len(found.rows) == 20


def test_ever_new_cursors_without_rows_come_to_an_end(server):
    def bend(body, request):
        return {**body, "data": [], "next_cursor": request.one("cursor") + "1"}

    server.bend = bend
    with pytest.raises(FeedError, match="only empty pages"):
        fetch(server)
    assert len(server.log) < 8


def test_no_cursor_and_few_rows_is_the_end(server):
    def bend(body, request):
        return {key: value for key, value in body.items() if key != "next_cursor"}

    server.bend = bend
    found = fetch(server, limit=50)
    assert found.outcome.complete and len(found.rows) == 23
    assert len(found.batches) == 1


def test_a_cursor_left_out_in_the_middle_is_truncated(server):
    def bend(body, request):
        if request.one("cursor") == "c10":
            body.pop("next_cursor")
        return body

    server.bend = bend
    with pytest.raises(FeedError, match="left out the cursor") as raised:
        fetch(server)
    assert raised.value.reason is Reason.TRUNCATED


@pytest.mark.parametrize("count", [23, 20])
def test_a_server_without_cursors_is_read_by_page_numbers(server, count):
    server.cursors = False
    server.events = {f"VAL{i}": event(i) for i in range(1, count + 1)}
    found = fetch(server)
    assert ids(found) == list(server.events) and found.outcome.complete


def test_page_numbers_after_their_end_need_a_total_as_proof(server):
    server.cursors = False
    assert fetch(server, now=LATER).outcome.complete
    server.tells_total = False
    with pytest.raises(FeedError, match="knows no cursor"):
        fetch(server, now=LATER)
    assert fetch(server, now=NOW).outcome.complete


def test_a_server_that_knows_neither_is_truncated(server):
    server.cursors = server.pages = False
    with pytest.raises(FeedError, match="the same rows for page 2") as raised:
        fetch(server)
    assert raised.value.reason is Reason.TRUNCATED


def test_a_total_that_disagrees_is_said_and_nothing_is_withdrawn(server):
    server.bend = lambda body, request: {**body, "total_count": 25}
    found = fetch(server)
    assert not found.outcome.complete and len(found.rows) == 23
    assert found.said("25 events, and 23 different ones came")
    server.bend = None
    assert fetch(server, mark=found.outcome.mark).outcome.snapshot


def test_rows_that_shift_between_pages_do_not_pass_for_all(server):
    def bend(body, request):
        if request.one("cursor") == "c10":
            body["data"][0] = {**body["data"][0], "event_id_cnty": "VAL1"}
        return body

    server.bend = bend
    found = fetch(server)
    assert not found.outcome.complete and found.said("22 different ones")


def test_deletions_come_first_then_what_changed(server):
    first = fetch(server)
    newest = 1_770_000_023
    server.delete("VAL3", newest + 900_000)
    server.events["VAL4"].update(fatalities="2", timestamp=str(newest + 1_000_000))
    server.events["VAL99"] = event(99, timestamp=newest + 1_000_000)
    server.log.clear()
    second = fetch(server, mark=first.outcome.mark, now=NOW + timedelta(hours=2))
    assert second.removed == ["VAL3"] and second.batches[0].removed == ["VAL3"]
    assert {"VAL4", "VAL99"} <= set(ids(second)) and not second.outcome.snapshot
    paths = [one.path for one in server.log]
    assert paths == ["/oauth/token", "/api/deleted/read"] + ["/api/acled/read"] * (len(paths) - 2)
    asked = server.log[2]
    assert asked.one("timestamp") == str(newest - 7 * 86400)
    assert second.outcome.mark["timestamp"] == newest + 1_000_000


def test_after_a_week_and_after_other_options_everything_is_read_again(server):
    first = fetch(server)
    week = fetch(server, mark=first.outcome.mark, now=NOW + timedelta(days=8))
    assert week.outcome.snapshot
    other = fetch(server, mark=first.outcome.mark, options={"country": "Vale"})
    assert other.outcome.snapshot
    assert fetch(server, mark=first.outcome.mark, full=True).outcome.snapshot
    assert not fetch(server, mark=first.outcome.mark).outcome.snapshot


def test_deletions_that_cannot_be_had_mean_a_full_pass(server):
    first = fetch(server)
    answer = server.answer

    def without(request):
        return Answer(404) if request.path.startswith("/api/deleted") else answer(request)

    server.answer = without
    found = fetch(server, mark=first.outcome.mark)
    assert found.outcome.snapshot and found.said("all events are read again")


def test_since_is_asked_for_and_bounds_the_window(server):
    since = datetime(2026, 3, 1, 22, 30, tzinfo=timezone.utc)
    found = fetch(server, since=since, timezone="Asia/Tokyo")
    asked = server.log[-1]
    assert asked.one("event_date") == "2026-03-02" and asked.one("event_date_where") == ">="
    assert found.outcome.window == (datetime(2026, 3, 1, 15, tzinfo=timezone.utc), None)


def test_an_area_is_asked_for_and_held_against_each_row(server):
    found = fetch(server, options={"bbox": "20.0005,47,20.0055,48"})
    assert ids(found) == ["VAL1", "VAL2", "VAL3", "VAL4", "VAL5"] and found.outcome.complete
    assert server.log[-1].one("longitude_where") == "BETWEEN"


def test_lists_go_with_bars_and_further_parameters_as_they_are(server):
    fetch(server, options={"country": "Vale|Dale", "query": "actor1=Some & One&fatalities=1"})
    asked = server.log[-1]
    assert asked.one("country") == "Vale|Dale" and asked.one("fatalities") == "1"


def test_a_failure_with_status_200_is_an_error_in_the_servers_words(server):
    server.bend = lambda body, request: {
        "status": 400,
        "success": False,
        "error": [{"message": "Unknown column actr1"}],
    }
    with pytest.raises(FeedError, match="Unknown column actr1") as raised:
        fetch(server)
    assert raised.value.reason is Reason.REFUSED


@pytest.mark.parametrize(
    "body", [[], {"success": True}, {"data": ["row"]}, {"data": {"0": {}}}, "text"]
)
def test_a_reply_of_another_form_is_a_changed_schema(server, body):
    server.bend = lambda before, request: json_answer(body)
    with pytest.raises(FeedError, match="form may have changed") as raised:
        fetch(server)
    assert raised.value.reason is Reason.SCHEMA


def test_a_column_that_is_gone_is_a_changed_schema(server):
    for one in server.events.values():
        one.pop("longitude")
    with pytest.raises(FeedError, match="no column longitude"):
        fetch(server)


def test_what_the_server_says_beside_the_rows_is_passed_on(server):
    server.bend = lambda body, request: {**body, "messages": ["Paging by page ends soon"]}
    assert fetch(server, limit=50).said("ACLED says: “Paging by page ends soon”.") is True


def test_odd_options_are_refused_in_words(server):
    for options in ({"limit": 0}, {"fields": "a b"}, {"bbox": "1,2,3"}, {"until": "soon"}):
        with pytest.raises(CeasefireError, match="option"):
            fetch(server, options=options, limit=options.get("limit", 10))


def test_a_trial_tells_rows_dates_and_the_embargo(server):
    found = checked(ACLED, server.address, credentials=LOGIN)
    assert (found.reachable, found.authorised, found.rows) == (True, True, 23)
    assert str(found.first) == str(found.last) == "2026-03-04"
    server.embargo = "2025-08-29"
    found = checked(ACLED, server.address, credentials=LOGIN)
    assert found.rows == 0 and "2025-08-29" in found.sentences[-1]
