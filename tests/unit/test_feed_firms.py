"""FIRMS as a feed: five days at a time, days that are over, and a key that nobody sees."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from urllib.parse import quote

import pytest

from ceasefire_monitor.feeds.http.credentials import Credentials
from ceasefire_monitor.feeds.http.errors import FeedError, Reason
from ceasefire_monitor.feeds.sources import SOURCES
from ceasefire_monitor.feeds.sources.firms_table import sure_enough
from ceasefire_monitor.model.errors import CeasefireError
from tests.feedservers.firms_server import COLUMNS, KEY, FirmsServer, fire, fires_of
from tests.feedservers.reading import NOW, checked, imported, read

FIRMS = SOURCES["firms"]
OPEN = Credentials(token=KEY)
UTC = timezone.utc
DAYS = [f"2026-09-{day:02d}" for day in range(22, 31)] + [
    f"2026-10-{day:02d}" for day in range(1, 6)
]


@pytest.fixture
def server():
    available = {"VIIRS_NOAA20_NRT": ("2026-08-01", "2026-10-05")}
    with FirmsServer([fire(day) for day in DAYS], available) as running:
        yield running


def fetch(server, **how):
    options = {
        "product": "VIIRS_NOAA20_NRT",
        "bbox": "19,46,22,49",
        **how.pop("options", {}),
    }
    how.setdefault("credentials", OPEN)
    return read(FIRMS, server.address, options=options, **how)


def asked_spans(server):
    return [tuple(one.path.split("/")[-2:]) for one in server.log if "/area/" in one.path]


def days(found):
    return [row["acq_date"] for row in found.rows]


def test_the_last_days_come_five_at_a_time_and_today_is_no_snapshot(server):
    found = fetch(server)
    assert asked_spans(server) == [("5", "2026-09-26"), ("5", "2026-10-01")]
    assert days(found) == DAYS[4:]
    assert found.outcome.complete and found.outcome.snapshot
    assert found.outcome.window == (
        datetime(2026, 9, 26, tzinfo=UTC),
        datetime(2026, 10, 5, tzinfo=UTC),
    )
    assert found.outcome.mark["until"] == "2026-10-04" and found.warnings == []


def test_the_next_run_reads_the_last_days_again_and_no_more(server):
    first = fetch(server)
    server.log.clear()
    second = fetch(server, mark=first.outcome.mark, now=NOW + timedelta(hours=3))
    assert asked_spans(server) == [("4", "2026-10-02")]
    assert second.outcome.window[0] == datetime(2026, 10, 2, tzinfo=UTC)
    late = fetch(server, mark=first.outcome.mark, now=NOW + timedelta(days=8))
    assert late.outcome.window[0] == datetime(2026, 9, 26, tzinfo=UTC)


def test_since_sets_the_first_day(server):
    found = fetch(server, since=datetime(2026, 9, 23, 5, tzinfo=UTC))
    assert days(found) == DAYS[1:] and len(asked_spans(server)) == 3


def test_detections_become_incidents_with_ids_that_stay(server):
    server.fires = [fire("2026-10-03", acq_time="35"), fire("2026-10-03", 2, acq_time="1219")]
    first, rejected = imported(FIRMS, fetch(server))
    assert not rejected and set(first) == {
        "firms:N20/2026-10-03/0035/47.50000,20.00100",
        "firms:N20/2026-10-03/1219/47.50000,20.00200",
    }
    one = first["firms:N20/2026-10-03/0035/47.50000,20.00100"]
    assert one.occurred_from == datetime(2026, 10, 3, 0, 35, tzinfo=UTC)
    assert one.origin == "sensor" and one.category == "other/thermal_anomaly"
    server.fires[0].update(acq_time="0035", version="2.0", bright_ti4="340.1", latitude="47.5")
    again, _ = imported(FIRMS, fetch(server))
    assert set(again) == set(first)


def test_the_key_is_in_no_text(server):
    found = fetch(server)
    assert quote(KEY, safe="") in server.log[0].target
    for batch in found.batches:
        assert KEY not in batch.reply.url and quote(KEY, safe="") not in batch.reply.url
        assert "•••" in batch.reply.url
    server.says, server.status = f"Invalid request with {KEY}", 400
    with pytest.raises(FeedError) as raised:
        fetch(server)
    assert KEY not in str(raised.value) + raised.value.body


@pytest.mark.parametrize(
    ("says", "status", "reason"),
    [
        ("Invalid MAP_KEY.", 200, Reason.UNAUTHORISED),
        ("Invalid MAP_KEY.", 400, Reason.UNAUTHORISED),
        ("Exceeding allowed transaction limit.", 200, Reason.LIMITED),
        ("Invalid area.", 200, Reason.REFUSED),
        ("", 200, Reason.TRUNCATED),
    ],
)
def test_a_text_instead_of_a_table_is_an_error_whatever_its_status(server, says, status, reason):
    server.says, server.status = says, status
    with pytest.raises(FeedError) as raised:
        fetch(server)
    assert raised.value.reason is reason and str(raised.value).endswith(".")


def test_a_wrong_key_and_none_are_told(server):
    with pytest.raises(FeedError, match="does not take this feed's MAP_KEY"):
        fetch(server, credentials=Credentials(token="another-key"))
    with pytest.raises(FeedError, match="needs a MAP_KEY"):
        fetch(server, credentials=Credentials())


def test_a_last_day_that_is_missing_ends_the_window_before_it(server):
    server.available["VIIRS_NOAA20_NRT"] = ("2026-08-01", "2026-10-02")
    found = fetch(server)
    assert days(found)[-1] == "2026-10-02" and found.said("only up to 2026-10-02")
    assert found.outcome.window[1] == datetime(2026, 10, 2, tzinfo=UTC)
    assert found.outcome.mark["until"] == "2026-10-01"


def test_days_that_firms_no_longer_has_are_not_withdrawn(server):
    server.available["VIIRS_NOAA20_NRT"] = ("2026-09-29", "2026-10-05")
    found = fetch(server)
    assert found.outcome.window[0] == datetime(2026, 9, 29, tzinfo=UTC)
    assert found.said("only from 2026-09-29 on")


def test_of_several_satellites_the_window_is_what_all_of_them_have(server):
    server.available["VIIRS_SNPP_NRT"] = ("2026-09-28", "2026-10-03")
    server.fires.append(fire("2026-10-01", satellite="N"))
    found = fetch(server, options={"product": "VIIRS_NOAA20_NRT, VIIRS_SNPP_NRT"})
    assert {row["satellite"] for row in found.rows} == {"N", "N20"}
    assert found.outcome.window == (
        datetime(2026, 9, 28, tzinfo=UTC),
        datetime(2026, 10, 3, tzinfo=UTC),
    )


def test_without_a_list_of_days_nothing_is_a_snapshot(server):
    server.tells_days = False
    found = fetch(server)
    assert days(found) == DAYS[4:] and not found.outcome.snapshot
    assert found.said("does not say which days it has")
    assert fetch(server, mark=found.outcome.mark).rows == found.rows


def test_a_product_that_is_none_is_told(server):
    with pytest.raises(FeedError, match="no product “VIIRS_OTHER”"):
        fetch(server, options={"product": "VIIRS_OTHER"})
    with pytest.raises(CeasefireError, match="option “product”"):
        fetch(server, options={"product": "a/b"})


def test_rows_of_other_days_are_left_out_and_nothing_is_withdrawn(server):
    server.minds_dates = False
    found = fetch(server)
    assert sorted(days(found)) == DAYS[4:] and not found.outcome.complete
    assert found.said("was asked for other days") and not found.outcome.snapshot


def test_an_area_over_the_date_line_is_asked_for_in_two(server):
    server.fires = [
        fire("2026-10-03", longitude="179.50000"),
        fire("2026-10-03", longitude="-179.50000"),
        fire("2026-10-03", longitude="0.50000"),
    ]
    found = fetch(server, options={"bbox": "179,46,-179,49", "days": 5})
    assert {row["longitude"] for row in found.rows} == {"179.50000", "-179.50000"}


def test_detections_that_are_not_sure_are_counted_out(server):
    server.fires[-1]["confidence"] = "l"
    server.fires[-2]["confidence"] = "high"
    found = fetch(server, options={"least_confidence": "nominal"})
    assert days(found) == DAYS[4:-1] and found.said("1 detection was left out")
    steps = [
        sure_enough({"confidence": text}, "high") for text in ("0", "79", "80", "100", "h", "")
    ]
    assert steps == [False, False, True, True, True, True]


def test_a_table_without_a_column_is_a_changed_schema(server):
    lines = ["latitude,longitude,when", "47,20,now"]
    server._area = lambda *_: server._csv(lines)
    with pytest.raises(FeedError, match="no column acq_date") as raised:
        fetch(server)
    assert raised.value.reason is Reason.SCHEMA


def test_a_cut_row_withdraws_nothing(server):
    row = ",".join(fire("2026-10-05")[name] for name in COLUMNS)
    server._area = lambda *_: server._csv([",".join(COLUMNS), row, row[:30]])
    found = fetch(server, options={"days": 1})
    assert len(found.rows) == 1 and not found.outcome.complete and found.said("cut off")


def test_no_fires_is_a_proof_and_not_a_fault(server):
    server.fires = []
    found = fetch(server)
    assert found.rows == [] and len(found.batches) == 2
    assert found.outcome.snapshot and found.outcome.complete and found.warnings == []


def test_a_trial_tells_the_days_and_the_last_days_rows(server):
    found = checked(
        FIRMS,
        server.address,
        credentials=OPEN,
        options={"product": "VIIRS_NOAA20_NRT", "bbox": "19,46,22,49"},
    )
    assert (found.rows, str(found.first), str(found.last)) == (1, "2026-08-01", "2026-10-05")


@pytest.mark.real_data
def test_four_real_days_come_whole_and_each_once(real_data):
    path = real_data / "firms_ukraine" / "firms_viirs_nrt_20260624-27_native.csv"
    products = ("VIIRS_SNPP_NRT", "VIIRS_NOAA20_NRT", "VIIRS_NOAA21_NRT")
    available = dict.fromkeys(products, ("2026-05-01", "2026-06-27"))
    with FirmsServer(fires_of(path), available) as server:
        found = read(
            FIRMS,
            server.address,
            options={"bbox": "20,43,42,53", "days": 7},
            credentials=OPEN,
            now=datetime(2026, 6, 27, 18, tzinfo=UTC),
        )
    incidents, rejected = imported(FIRMS, found)
    assert len(found.rows) == 5731 and len(incidents) == 5731 and not rejected
    assert found.outcome.window[1] == datetime(2026, 6, 27, tzinfo=UTC)
    assert [sum(row["acq_date"].endswith(day) for row in found.rows) for day in ("24", "27")] == [
        1616,
        1201,
    ]
