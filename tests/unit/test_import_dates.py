"""Dates, times, their order, and the clock's changes, against answers worked out by hand."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from ceasefire_monitor.feeds.clock import read_clock
from ceasefire_monitor.feeds.dateorder import decide
from ceasefire_monitor.feeds.dates import UnreadableDate, YearMissing, read_moment
from ceasefire_monitor.feeds.importer import import_table
from ceasefire_monitor.feeds.span import day_start, time_zone, to_utc
from ceasefire_monitor.feeds.table import RawTable
from ceasefire_monitor.model.errors import CeasefireError

VIENNA = time_zone("Europe/Vienna")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


def imported(dates, zone="UTC", **columns):
    """An import of rows that have a date and nothing else but the given columns."""
    names = ["date", *columns]
    rows = [list(row) for row in zip(dates, *columns.values())]
    table = RawTable(names, rows, list(range(1, len(rows) + 1)), [], "made.csv")
    return import_table(table, "generic", zone)


@pytest.mark.parametrize(
    ("text", "start", "precision"),
    [
        ("2020-10-13", "2020-10-13 00:00", "day"),
        ("2020/10/3", "2020-10-03 00:00", "day"),
        ("20201013", "2020-10-13 00:00", "day"),
        ("2020-10-13T18:47:05", "2020-10-13 18:47:05", "second"),
        ("2020-10-13 18:47", "2020-10-13 18:47", "minute"),
        ("13.10.2020", "2020-10-13 00:00", "day"),
        ("13/10/2020 18:47", "2020-10-13 18:47", "minute"),
        ("1/22/2014 12:00:00 AM", "2014-01-22 00:00", "second"),
        ("1/22/2014 12:30 PM", "2014-01-22 12:30", "minute"),
        ("13-Oct-2020, 18:47", "2020-10-13 18:47", "minute"),
        ("13 October 2020", "2020-10-13 00:00", "day"),
        ("October 13, 2020", "2020-10-13 00:00", "day"),
        ("Tue 13 Oct 2020 18:47", "2020-10-13 18:47", "minute"),
        ("13th Oct 20", "2020-10-13 00:00", "day"),
        ("18:47, 13-Oct-2020", "2020-10-13 18:47", "minute"),
        ("October 2020", "2020-10-01 00:00", "month"),
        ("2020-10", "2020-10-01 00:00", "month"),
        ("2020", "2020-01-01 00:00", "year"),
        ("1602614820", "2020-10-13 18:47", "second"),
        ("1602614820000", "2020-10-13 18:47", "second"),
        ("44117", "2020-10-13 00:00", "day"),
        ("44117.5", "2020-10-13 12:00", "minute"),
    ],
)
def test_a_date_is_read_however_it_is_written(text, start, precision):
    reading = read_moment(text, day_first=True)
    assert reading.start == datetime.fromisoformat(start)
    assert reading.precision == precision


@pytest.mark.parametrize(
    "text", ["2202-01-01", "1850-05-05", "31.02.2020", "2020-13-45", "abc", "10:00", "32/13/2020"]
)
def test_what_is_no_date_says_so(text):
    with pytest.raises(UnreadableDate):
        read_moment(text, True, latest=2030)


def test_a_date_without_a_year_takes_the_one_given():
    assert read_moment("13-Oct, 18:47", True, year=2019).start == datetime.fromisoformat(
        "2019-10-13 18:47"
    )
    with pytest.raises(YearMissing):
        read_moment("13-Oct, 18:47", True)


def test_an_offset_is_minded():
    reading = read_moment("2020-10-13T18:47:00+02:00", True)
    assert to_utc(reading, VIENNA).start == utc("2020-10-13 16:47")
    assert to_utc(read_moment("2020-10-13T18:47Z", True), VIENNA).start == utc("2020-10-13 18:47")
    west = read_moment("2020-10-13T18:47-05:00", True)
    assert to_utc(west, VIENNA).start == utc("2020-10-13 23:47")


def test_a_range_of_times_is_half_open_and_may_cross_midnight():
    reading = read_moment("13-Oct-2020, 20:00-21:00", True)
    assert (reading.start.hour, reading.end.hour) == (20, 21)
    late = read_moment("2020-10-13 23:30 – 00:30", True)
    assert late.end - late.start == timedelta(hours=1)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0000", 0), ("0", 0), ("35", 35 * 60), ("1219", 44340), ("18.47", 67620), ("24:00", 86400)],
)
def test_times_of_day_without_signs(text, seconds):
    assert read_clock(text)[0] == seconds


@pytest.mark.parametrize("text", ["2599", "25:00", "18:75", "13:00 PM", "24:01", "x"])
def test_times_that_are_none(text):
    with pytest.raises(UnreadableDate):
        read_clock(text)


def test_one_row_settles_the_order_of_the_file():
    order = decide(["05/02/2014", "1/22/2014 12:00:00 AM", "2014-05-01"])
    assert order.of("05/02/2014") == (False, True)
    order = decide(["05/02/2014", "22/1/2014"])
    assert order.of("05/02/2014") == (True, True)


def test_an_order_that_nothing_settles_is_said_and_counted():
    result = imported(["05/02/2014", "2014-03-01", "06/07/2014"], latitude=["1", "1", "1"])
    assert result.incidents[0].occurred_from == utc("2014-02-05 00:00")
    assert any("either way" in note and "rows 1, 3" in note for note in result.notes)


def test_two_orders_in_one_file_are_told_apart_by_their_style():
    order = decide(["13.10.2020", "05.02.2020", "10/13/2020", "05/02/2020"])
    assert order.of("05.02.2020") == (True, True)
    assert order.of("05/02/2020") == (False, True)


def test_two_orders_in_one_style_leave_rows_ambiguous():
    order = decide(["13/10/2020", "14/10/2020", "10/13/2020", "05/02/2020"])
    assert order.of("05/02/2020") == (True, False)


def test_a_bare_date_is_the_whole_local_day_also_when_the_clock_changes():
    spring = to_utc(read_moment("2020-03-29", True), VIENNA)
    autumn = to_utc(read_moment("2020-10-25", True), VIENNA)
    assert spring.end - spring.start == timedelta(hours=23)
    assert autumn.end - autumn.start == timedelta(hours=25)
    assert spring.start == utc("2020-03-28 23:00")


def test_a_day_whose_midnight_was_skipped_begins_with_its_first_instant():
    beirut = time_zone("Asia/Beirut")
    assert day_start(datetime.fromisoformat("2021-03-28"), beirut) == utc("2021-03-27 22:00")


def test_the_doubled_autumn_hour_covers_both():
    result = imported(["2020-10-25 02:30"], "Europe/Vienna", latitude=["1"])
    one = result.incidents[0]
    assert one.occurred_from == utc("2020-10-25 00:30")
    assert one.occurred_to == utc("2020-10-25 01:31")
    assert one.time_precision == "hour" and one.span_is == "uncertainty"
    assert any("ran through twice" in note for note in result.notes)


def test_the_missing_spring_hour_is_set_aside_with_its_reason():
    result = imported(["2020-03-29 02:30", "2020-03-29 03:30"], "Europe/Vienna", place=["a", "b"])
    assert [one.row_number for one in result.rejected] == [1]
    assert "put forward" in result.rejected[0].reason
    assert result.incidents[0].occurred_from == utc("2020-03-29 01:30")


def test_a_range_over_the_doubled_hour_keeps_all_of_it():
    result = imported(["2020-10-25 02:30-02:45"], "Europe/Vienna")
    one = result.incidents[0]
    assert (one.occurred_from, one.occurred_to) == (
        utc("2020-10-25 00:30"),
        utc("2020-10-25 01:45"),
    )


def test_midnights_are_unknown_times_where_they_are_too_many():
    times = ["2020-05-01 00:00:00"] * 3 + ["2020-05-01 13:05:00"] * 5
    result = imported(times, "Europe/Vienna", place=list("abcdefgh"))
    first, last = result.incidents[0], result.incidents[-1]
    assert first.time_precision == "day"
    assert first.occurred_to - first.occurred_from == timedelta(days=1)
    assert last.time_precision == "minute" and last.occurred_from == utc("2020-05-01 11:05")
    assert any("00:00" in note for note in result.notes)


def test_one_midnight_among_many_times_is_a_time():
    times = [f"2020-05-01 {hour:02d}:15" for hour in range(23)] + ["2020-05-01 00:00"]
    assert imported(times).incidents[-1].time_precision == "minute"


def test_separate_columns_of_date_and_time_and_end():
    result = imported(
        ["13/10/2020", "14/10/2020"], "UTC", time=["18:47", "N/K"], **{"end time": ["19:00", ""]}
    )
    first, second = result.incidents
    assert (first.occurred_from, first.occurred_to) == (
        utc("2020-10-13 18:47"),
        utc("2020-10-13 19:00"),
    )
    assert first.span_is == "duration"
    assert second.time_precision == "day"


def test_year_2202_is_set_aside_with_column_value_and_reason():
    result = imported(["2202-01-01", "2020-01-01"])
    aside = result.rejected[0]
    assert (aside.row_number, aside.column, aside.value) == (1, "date", "2202-01-01")
    assert "2202" in aside.reason


def test_a_time_zone_that_is_none_gives_a_sentence():
    for name in ("Mars/Olympus", "../../etc/passwd", "Europe"):
        with pytest.raises(CeasefireError, match="time zone"):
            time_zone(name)
