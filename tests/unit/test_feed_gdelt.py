"""GDELT as a feed: every quarter of an hour once, missing files told, centroids counted out."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from ceasefire_monitor.feeds.http.errors import FeedError, Reason
from ceasefire_monitor.feeds.presets.gdelt import CAMEO, meaning
from ceasefire_monitor.feeds.sources import SOURCES
from ceasefire_monitor.feeds.sources.gdelt_files import COLUMNS
from ceasefire_monitor.model.errors import CeasefireError
from ceasefire_monitor.model.vocabulary import vocabulary
from tests.feedservers.gdelt_server import TEXT, GdeltServer, event
from tests.feedservers.reading import NOW, checked, imported, read
from tests.feedservers.serving import Answer

GDELT = SOURCES["gdelt"]
UTC = timezone.utc
LAST = datetime(2026, 10, 5, 11, 45, tzinfo=UTC)


def stamp(quarters_ago: int = 0) -> str:
    return (LAST - timedelta(minutes=15 * quarters_ago)).strftime("%Y%m%d%H%M%S")


@pytest.fixture
def server():
    files = {stamp(ago): [event(1000 - ago)] for ago in range(9)}
    with GdeltServer(files) as running:
        yield running


def fetch(server, **how):
    options = {"history_hours": 2, **how.pop("options", {})}
    return read(GDELT, server.address + "/gdeltv2", options=options, **how)


def ids(found):
    return [int(row["GLOBALEVENTID"]) for row in found.rows]


def names(server):
    return [one.path.rpartition("/")[2].partition(".")[0] for one in server.log]


def newer(server, count=1):
    """So many further quarters of an hour on the server."""
    for ahead in range(1, count + 1):
        server.files[stamp(-ahead)] = [event(1000 + ahead)]


def test_the_first_fetch_goes_back_some_hours_in_order(server):
    found = fetch(server)
    assert ids(found) == list(range(993, 1001)) and found.outcome.complete
    assert names(server) == ["lastupdate", *(stamp(ago) for ago in range(7, -1, -1))]
    assert found.outcome.mark["last"] == stamp() and not found.outcome.snapshot


def test_nothing_new_asks_for_the_listing_alone(server):
    mark = fetch(server).outcome.mark
    server.log.clear()
    again = fetch(server, mark=mark)
    assert again.outcome.nothing_new and again.outcome.mark == mark and len(server.log) == 1


def test_files_that_were_missed_are_read_each_once(server):
    mark = fetch(server).outcome.mark
    newer(server, 3)
    found = fetch(server, mark=mark, now=NOW + timedelta(hours=1))
    assert ids(found) == [1001, 1002, 1003] and "masterfilelist" not in names(server)


def test_a_long_gap_is_read_by_the_master_list(server):
    mark = fetch(server).outcome.mark
    newer(server, 12)
    del server.files[stamp(-5)]
    found = fetch(server, mark=mark, options={"listing_beyond_hours": 2})
    # The options are others than those of the mark: the whole of the first span is read again.
    assert "masterfilelist" not in names(server)
    mark = {**mark, "query": found.outcome.mark["query"]}
    found = fetch(
        server, mark=mark, options={"listing_beyond_hours": 2}, now=NOW + timedelta(hours=3)
    )
    assert names(server).count("masterfilelist") == 1
    assert ids(found) == [1000 + n for n in range(1, 13) if n != 5] and found.outcome.complete


@pytest.mark.parametrize(
    "listing", [Answer(404, "gone"), Answer(200, "no lines of files here\n", TEXT)]
)
def test_a_listing_that_cannot_be_read_is_said_and_names_are_made(server, listing):
    mark = fetch(server, options={"listing_beyond_hours": 0}).outcome.mark
    newer(server, 3)
    server.listing = listing
    found = fetch(server, mark=mark, options={"listing_beyond_hours": 0})
    assert ids(found) == [1001, 1002, 1003]
    assert found.said("by the names they should have")


def test_a_file_missing_in_the_middle_is_told_and_asked_for_again(server):
    server.lost = {stamp(3)}
    found = fetch(server)
    assert ids(found) == [n for n in range(993, 1001) if n != 997]
    assert not found.outcome.complete and found.said("asked for again at the next fetch")
    assert found.outcome.mark["waiting"] == [stamp(3)]
    server.lost = set()
    second = fetch(server, mark=found.outcome.mark)
    assert ids(second) == [997] and second.outcome.complete
    assert second.outcome.mark == {**found.outcome.mark, "waiting": []}


def test_a_file_that_stays_away_is_given_up_and_said_so(server):
    server.lost = {stamp(3)}
    first = fetch(server)
    late = fetch(server, mark=first.outcome.mark, now=NOW + timedelta(hours=30))
    assert late.outcome.complete and late.said("the events in it are missing")
    assert late.outcome.mark["waiting"] == []


def test_a_sum_that_does_not_match_is_asked_for_twice(server):
    server.damaged = {stamp(): 1}
    assert ids(fetch(server))[-1] == 1000
    server.damaged = {stamp(): 2}
    found = fetch(server)
    assert 1000 not in ids(found) and not found.outcome.complete
    assert found.said("its MD5 is not that of the listing")


def test_a_damaged_archive_without_a_listed_sum_is_noticed_too(server):
    server.damaged = {stamp(2): 2}
    found = fetch(server)
    assert 998 not in ids(found) and found.said("cannot be unpacked")


def test_a_listing_of_something_else_is_an_error(server):
    server.update = "Service moved\n"
    with pytest.raises(FeedError, match="names no file of events") as raised:
        fetch(server)
    assert raised.value.reason is Reason.SCHEMA


def test_other_than_61_columns_is_a_changed_schema(server):
    server.files[stamp(1)] = [event(1)[:-1], event(2)[:-1]]
    with pytest.raises(FeedError, match="does not have 61 columns") as raised:
        fetch(server)
    assert raised.value.reason is Reason.SCHEMA
    server.files[stamp(1)] = [event(1)[:-1], event(999), event(2001)]
    found = fetch(server)
    assert 2001 in ids(found) and found.said("1 row was left out because of not having 61")


def test_codes_are_text_and_chosen_by_their_beginnings(server):
    assert len(COLUMNS) == 61 and COLUMNS[26] == "EventCode" and COLUMNS[60] == "SOURCEURL"
    server.files = {
        stamp(): [
            event(number, EventCode=code)
            for number, code in enumerate(("0871", "087", "1831", "190", "020", "196", "871"))
        ]
    }
    found = fetch(server)
    assert [row["EventCode"] for row in found.rows] == ["0871", "1831", "190", "196"]
    assert len(fetch(server, options={"codes": ""}).rows) == 7
    with pytest.raises(CeasefireError, match="no CAMEO code"):
        fetch(server, options={"codes": "19,fight"})


def test_centres_of_countries_and_states_are_counted_out(server):
    server.files = {
        stamp(): [event(n, ActionGeo_Type=kind) for n, kind in enumerate(("1", "2", "3", "4", "5"))]
    }
    found = fetch(server)
    assert ids(found) == [2, 3] and found.said("3 events were left out")
    areas = fetch(server, options={"places": "areas"})
    assert ids(areas) == [1, 2, 3, 4] and areas.said("1 event was left out")
    assert len(fetch(server, options={"places": "all"}).rows) == 5


def test_countries_area_and_since_are_held_against_each_row(server):
    server.files = {
        stamp(): [
            event(1),
            event(2, ActionGeo_CountryCode="XX"),
            event(3, ActionGeo_Lat="10"),
            event(4, SQLDATE="20251005"),
        ]
    }
    options = {"countries": "va", "bbox": "19,46,22,49"}
    found = fetch(server, options=options, since=datetime(2026, 10, 5, 9, tzinfo=UTC))
    assert len(found.warnings) == 3 and found.said("09:00 UTC and 4 after it did not come")
    assert ids(found) == [1] and found.said("1 event was left out because dated before")


def test_rows_become_leads_and_never_verified_events(server):
    server.files = {stamp(): [event(1), event(2, EventCode="0871", ActionGeo_Type="3")]}
    incidents, rejected = imported(GDELT, fetch(server), "Europe/Kyiv")
    one, other = incidents["gdelt:1"], incidents["gdelt:2"]
    assert not rejected and one.category == "firing/shelling" and one.origin == "media"
    assert one.term == "CAMEO 194: fight with artillery and tanks"
    assert one.verification == "unverified" and one.point_role == "place_centroid"
    assert one.uncertainty_m == 25_000 and one.source_url == "https://news.example.org/1"
    assert one.occurred_from == datetime(2026, 10, 4, 21, tzinfo=UTC)
    assert other.category == "other/agreement"


def test_every_code_has_a_category_of_the_vocabulary():
    assert {category for category, _ in CAMEO.values()} <= set(vocabulary("categories"))
    assert meaning("1832") == CAMEO["183"] and meaning("0871") == CAMEO["0871"]
    assert meaning(None) == ("other/undetermined", "")


def test_a_server_that_fails_in_the_middle_keeps_what_came(server):
    answer = server.answer

    def failing(request):
        return Answer(500) if stamp(2) in request.path else answer(request)

    server.answer = failing
    found = fetch(server)
    assert ids(found) == list(range(993, 998)) and not found.outcome.complete
    assert found.outcome.mark["last"] == stamp(3) and found.said("are not read yet")
    server.answer = answer
    assert ids(fetch(server, mark=found.outcome.mark)) == [998, 999, 1000]


def test_a_trial_tells_what_the_newest_file_has(server):
    found = checked(GDELT, server.address + "/gdeltv2")
    assert found.rows == 1 and str(found.last) == "2026-10-05"
    assert "none is verified" in found.sentences[0]
