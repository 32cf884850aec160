"""HDX HAPI: one event type a feed, months as aggregates of an area, nothing summed."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from ceasefire_monitor.feeds.http.credentials import Credentials
from ceasefire_monitor.feeds.http.errors import FeedError, Reason
from ceasefire_monitor.feeds.importer import import_table
from ceasefire_monitor.feeds.table import RawTable
from tests.feedservers.asking import ask, checked, incidents
from tests.feedservers.hapi_server import PATH, HapiServer, month

UTC = timezone.utc
KEY = Credentials(token="dmFsZTp2YWxl")


def server(**manners):
    rows = [month(f"VAL{n:02d}", "2026-03-01", n) for n in range(1, 8)]
    rows += [month(f"VAL{n:02d}", "2026-03-01", 1, "civilian_targeting") for n in range(1, 8)]
    return HapiServer(rows, **manners)


def fetch(one, **how):
    options = {"limit": 3, "location_code": "VAL", **how.pop("options", {})}
    return ask("hapi", one.address + PATH, KEY, options=options, **how)


def test_one_event_type_comes_whole_as_months_of_areas():
    with server() as one:
        told = fetch(one)
        assert not any("dmFsZTp2YWxl" in request.target for request in one.log)
    made = incidents("hapi", told)
    assert len(made) == 7 and told.outcome.complete and told.outcome.snapshot
    seven = made["hapi:VAL/VAL01/VAL07/political_violence/2026-03-01"]
    assert (seven.count_low, seven.count_high, seven.count_qualifier) == (7, 7, "exact")
    assert seven.occurred_from == datetime(2026, 3, 1, tzinfo=UTC)
    assert datetime(2026, 3, 31, 23, 59, tzinfo=UTC) <= seven.occurred_to
    assert seven.occurred_to <= datetime(2026, 4, 1, tzinfo=UTC)
    assert (seven.time_precision, seven.span_is) == ("month", "uncertainty")
    assert (seven.uncertainty_kind, seven.point_role) == ("area", "place_centroid")
    assert seven.longitude is None and seven.place == "District VAL07"
    assert (seven.deaths_low, seven.deaths_best) == (0, None)


def test_event_types_overlap_and_are_never_read_together():
    with server(knows={"location_code", "offset"}) as one:
        told = fetch(one)
        assert {row["event_type"] for row in told.records} == {"political_violence"}
        assert "7 rows of event types" in told.warnings[0] and "overlap" in told.notes
        with pytest.raises(FeedError, match="must not be summed") as wrong:
            fetch(one, options={"event_type": "political_violence,civilian_targeting"})
        assert wrong.value.reason is Reason.REFUSED
    with server() as one:
        other = fetch(one, options={"event_type": "civilian_targeting"})
    assert not {row["source_id"] for row in other.records} & {r["source_id"] for r in told.records}


def test_months_without_events_are_no_incidents():
    with HapiServer([month("VAL01", "2026-03-01", 0), month("VAL02", "2026-03-01", 2)]) as one:
        told = fetch(one)
    assert [row["admin2_code"] for row in told.records] == ["VAL02"]
    table = RawTable(["location_code", "event_type", "events", "reference_period_start"], [], [])
    table.rows, table.row_numbers = [["VAL", "demonstration", "0", "2026-03-01"]], [1]
    result = import_table(table)
    assert result.preset == "hapi" and "nothing to count" in result.rejected[0].reason


def test_what_begins_before_since_is_left_out_here():
    with server() as one:
        one.rows.insert(0, month("VAL01", "2025-12-01", 4))
        since = datetime(2026, 1, 1, tzinfo=UTC)
        told = fetch(one, since=since)
    assert len(told.records) == 7 and told.outcome.window == (since, None)


def test_a_page_that_never_changes_is_a_loop_and_said():
    with server(knows={"event_type"}) as one:
        told = fetch(one)
    assert len(told.records) == 3 and "loop" in told.warnings[0] and not told.outcome.complete


def test_rows_that_come_twice_withdraw_nothing():
    with server() as one:
        one.before_page = lambda page: (
            page == 2 and one.rows.insert(0, month("VAL00", "2026-03-01", 1))
        )
        told = fetch(one)
    assert len(told.records) == len({row["source_id"] for row in told.records})
    assert not told.outcome.snapshot and "came twice" in told.warnings[0]


def test_an_area_without_a_code_is_known_by_its_name():
    row = month("VAL01", "2026-03-01", 1, admin2_code=None, provider_admin2_name="Old Mill")
    with HapiServer([row]) as one:
        own = fetch(one).records[0]["source_id"]
    assert own == "VAL/VAL01/Old Mill/political_violence/2026-03-01"


def test_a_schema_that_changed_is_said():
    row = {k: v for k, v in month("VAL01", "2026-03-01", 1).items() if k != "events"}
    with HapiServer([row]) as one, pytest.raises(FeedError) as wrong:
        fetch(one)
    assert wrong.value.reason is Reason.SCHEMA


def test_points_come_from_a_gazetteer_with_the_areas_uncertainty():
    with server() as one:
        told = fetch(one)
    batch = told.batches[0]
    table = RawTable(batch.columns, batch.rows, list(range(1, len(batch.rows) + 1)))
    made = import_table(table, "hapi", gazetteer={"District VAL01": (20.5, 47.5)}).incidents[0]
    assert (made.longitude, made.latitude, made.uncertainty_m) == (20.5, 47.5, 30_000.0)


def test_the_trial_says_whether_the_identifier_is_taken():
    with server() as one:
        assert checked("hapi", one.address + PATH, KEY).authorised
        refused = checked("hapi", one.address + PATH, Credentials(token="wrong"))
        assert refused.reachable and not refused.authorised and "wrong" not in refused.sentences[0]
