"""An agreement's own days and hours as moments in UTC."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ceasefire_monitor.analysis.agreement_moments import h_hour, moment_end, moment_start
from ceasefire_monitor.analysis.agreement_times import (
    binds_at,
    day_number,
    deadline_of,
    drawing_intervals,
    entry_into_force,
    in_force,
    in_force_at,
    line_moment,
    rule_interval,
    rule_intervals,
    silence_intervals,
)
from ceasefire_monitor.model.agreement import (
    Agreement,
    Change,
    ChangeKind,
    Clause,
    NamedLine,
    Party,
    Rule,
    RuleKind,
    Status,
    TextStatus,
    Timing,
    Window,
    ZoneDrawing,
)
from ceasefire_monitor.model.errors import CeasefireError


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


def agreement(timing: Timing, *rules: Rule, status=Status.AGREED) -> Agreement:
    clause = Clause("1", "Text.", TextStatus.VERIFIED, rules=tuple(rules))
    return Agreement(
        agreement_id="a",
        title="A",
        status=status,
        parties=(Party("aster", "Aster"),),
        timing=timing,
        clauses=(clause,),
    )


def rule(**stated) -> Rule:
    return Rule("r", RuleKind.PROHIBITED_ACT, "no fire", categories=("firing",), **stated)


KYIV = Timing("Europe/Kyiv", d_day="2015-02-15", h_hour="00:00")


@pytest.mark.parametrize(
    "first, text, start",
    [
        (0, "D", "2015-02-14T22:00"),
        (0, "D+0", "2015-02-14T22:00"),
        (0, "D+2", "2015-02-16T22:00"),
        (0, "D+14", "2015-02-28T22:00"),
        (0, "D-1", "2015-02-13T22:00"),
        (1, "D", "2015-02-14T22:00"),
        (1, "D+1", "2015-02-14T22:00"),
        (1, "D+14", "2015-02-27T22:00"),
        (1, "D-1", "2015-02-13T22:00"),
    ],
)
def test_days_are_numbered_as_the_agreement_numbers_them(first, text, start):
    timing = Timing("Europe/Kyiv", d_day="2015-02-15", first_day_number=first)
    assert moment_start(timing, text) == utc(start)
    assert moment_end(timing, text) == utc(start) + timedelta(days=1)


def test_where_d_day_is_one_there_is_no_day_zero():
    with pytest.raises(CeasefireError, match="no D\\+0"):
        moment_start(Timing("UTC", d_day="2015-02-15", first_day_number=1), "D+0")


@given(st.integers(-400, 400), st.sampled_from([0, 1]))
def test_the_number_of_a_day_is_that_of_its_moments(passed, first):
    timing = Timing("Atlantic/Azores", d_day="2025-09-01", first_day_number=first)
    number = passed + first if passed >= 0 else passed
    start = moment_start(timing, f"D{number:+d}")
    local = start.astimezone(ZoneInfo("Atlantic/Azores"))
    assert local.date() == date(2025, 9, 1) + timedelta(days=passed)
    if passed >= 0:
        assert str(day_number(timing, start)) == f"D{number:+d}"


def test_d_day_begins_at_h_hour_and_hours_are_counted_from_it():
    timing = Timing("Asia/Beirut", d_day="2024-11-27", h_hour="04:00")
    assert h_hour(timing) == moment_start(timing, "D") == utc("2024-11-27T02:00")
    assert entry_into_force(timing) == utc("2024-11-27T02:00")
    assert moment_start(timing, "H+72") == moment_end(timing, "H+72") == utc("2024-11-30T02:00")
    assert moment_start(timing, "D 18:00") == utc("2024-11-27T16:00")
    assert moment_end(timing, "D+60") == utc("2025-01-26T22:00")


def test_a_time_with_its_own_offset_is_that_moment():
    assert moment_start(KYIV, "2015-02-15 00:00Z") == utc("2015-02-15T00:00")
    assert moment_end(KYIV, "2015-02-15T04:00:30+02:00") == utc("2015-02-15T02:00:30")


def test_days_on_which_clocks_change_have_their_own_length():
    azores = Timing("Atlantic/Azores", d_day="2025-10-26")
    # Clocks go back from 01:00 to 00:00: midnight comes twice, and the day lasts 25 hours.
    assert moment_start(azores, "D") == utc("2025-10-26T00:00")
    assert moment_end(azores, "D") == utc("2025-10-27T01:00")
    assert moment_end(azores, "2025-10-25") == utc("2025-10-26T00:00")
    # The doubled half hour: from its first coming, until its second.
    assert moment_start(azores, "2025-10-26 00:30") == utc("2025-10-26T00:30")
    assert moment_end(azores, "2025-10-26 00:30") == utc("2025-10-26T01:30")
    # Hours from H-hour are hours, whatever the clocks do.
    assert moment_start(azores, "H+24") == utc("2025-10-27T00:00")
    # Clocks go forward from 00:00 to 01:00: that midnight is the moment of the change.
    assert moment_start(azores, "2025-03-30") == utc("2025-03-30T01:00")
    beirut = Timing("Asia/Beirut")
    assert moment_start(beirut, "2025-03-30") == utc("2025-03-29T22:00")
    assert moment_start(beirut, "2025-03-30 00:20") == utc("2025-03-29T22:00")
    assert moment_end(beirut, "2025-03-30 00:20") == utc("2025-03-29T22:00")


@given(st.dates(date(1990, 1, 1), date(2037, 12, 30)), st.sampled_from(
    ["Europe/Kyiv", "Atlantic/Azores", "Asia/Beirut", "Australia/Lord_Howe", "Asia/Kathmandu"]
))  # fmt: skip
def test_days_follow_one_another_without_gap_or_overlap(day, zone):
    timing = Timing(zone)
    end = moment_end(timing, str(day))
    assert end == moment_start(timing, str(day + timedelta(days=1)))
    assert timedelta(hours=22) < end - moment_start(timing, str(day)) < timedelta(hours=26)
    local = (end - timedelta(microseconds=1)).astimezone(ZoneInfo(zone))
    assert local.date() == day


@pytest.mark.parametrize("text", ["D+x", "2025-13-01", "tomorrow", "D+14 25:00", "H + 3", "D14"])
def test_what_is_no_moment_is_said(text):
    with pytest.raises(CeasefireError):
        moment_start(KYIV, text)


def test_sixty_days_end_at_the_hour_at_which_they_began():
    timing = Timing("Asia/Beirut", d_day="2024-11-27", h_hour="04:00", duration_days=60)
    assert in_force(agreement(timing)) == ((utc("2024-11-27T02:00"), utc("2025-01-26T02:00")),)
    over_summer = Timing("Europe/Kyiv", d_day="2015-03-01", h_hour="04:00", duration_days=60)
    # 04:00 by the clock in winter and in summer time.
    assert in_force(agreement(over_summer)) == ((utc("2015-03-01T02:00"), utc("2015-04-30T01:00")),)


def test_an_end_includes_its_day_and_an_extension_moves_it():
    timing = Timing("UTC", signed_on="2025-09-01", in_force_to="2025-09-30")
    assert in_force(agreement(timing)) == ((utc("2025-09-01T00:00"), utc("2025-10-01T00:00")),)
    longer = Timing(
        "UTC",
        signed_on="2025-09-01",
        duration_days=30,
        changes=(Change(ChangeKind.EXTENDED, until="2025-12-31"),),
    )
    assert in_force(agreement(longer))[0][1] == utc("2026-01-01T00:00")
    ended = Timing(
        "UTC", signed_on="2025-09-01", changes=(Change(ChangeKind.ENDED, since="2025-10-05 12:00"),)
    )
    assert in_force(agreement(ended))[0][1] == utc("2025-10-05T12:00")


def test_suspended_means_not_in_force_and_draft_never():
    timing = Timing(
        "UTC",
        signed_on="2025-09-01",
        changes=(
            Change(ChangeKind.SUSPENDED, since="2025-09-10", until="2025-09-12"),
            Change(ChangeKind.SUSPENDED, since="2025-10-01", rules=("r",)),
        ),
    )
    one = agreement(timing, rule())
    moments = np.array(
        ["2025-08-31T23:59", "2025-09-01", "2025-09-09T23:59", "2025-09-10", "2025-09-12T23:59",
         "2025-09-13", "2025-10-02", "NaT"], dtype="datetime64[us]"
    )  # fmt: skip
    expected = [False, True, True, False, False, True, True, False]
    assert in_force_at(one, moments).tolist() == expected
    assert binds_at(one, one.clauses[0].rules[0], moments).tolist() == [*expected[:6], False, False]
    assert not in_force_at(agreement(timing, status=Status.DRAFT), moments).any()


def test_a_rule_with_a_deadline_binds_once_that_day_is_over():
    own = rule(valid_from="D+2", deadline="D+14", valid_to="D+100")
    one = agreement(KYIV, own)
    assert deadline_of(one, own) == utc("2015-03-01T22:00")
    assert rule_interval(one, own) == (utc("2015-03-01T22:00"), utc("2015-05-26T21:00"))
    moved = Timing(
        "Europe/Kyiv",
        d_day="2015-02-15",
        changes=(Change(ChangeKind.DEADLINE_MOVED, until="D+20", rules=("r",)),),
    )
    assert deadline_of(agreement(moved, own), own) == utc("2015-03-07T22:00")


def test_a_rule_never_binds_outside_the_agreement():
    timing = Timing("UTC", signed_on="2025-09-01", in_force_to="2025-09-30")
    assert rule_interval(agreement(timing, rule()), rule()) == (
        utc("2025-09-01T00:00"),
        utc("2025-10-01T00:00"),
    )
    late = rule(valid_from="2026-01-01")
    assert rule_intervals(agreement(timing, late), late) == ()
    assert rule_interval(agreement(timing, late), late) is None
    drawing = ZoneDrawing("z", "Z", valid_from="2025-09-10", valid_to="2025-12-31")
    assert drawing_intervals(agreement(timing), drawing) == (
        (utc("2025-09-10T00:00"), utc("2025-10-01T00:00")),
    )


def test_silence_at_night_follows_the_clock_through_the_change_of_time():
    timing = Timing("Europe/Kyiv", d_day="2015-03-01")
    night = Rule(
        "s", RuleKind.SILENCE, "silence", windows=(Window(daily_from="22:00", daily_to="06:00"),)
    )
    one = agreement(timing, night)
    found = silence_intervals(one, night, utc("2015-03-27T12:00"), utc("2015-03-30T12:00"))
    assert found == (
        (utc("2015-03-27T20:00"), utc("2015-03-28T04:00")),
        (utc("2015-03-28T20:00"), utc("2015-03-29T03:00")),
        (utc("2015-03-29T19:00"), utc("2015-03-30T03:00")),
    )
    assert found[1][1] - found[1][0] == timedelta(hours=7)


def test_windows_are_joined_and_cut_to_what_is_asked_and_to_the_agreement():
    timing = Timing("UTC", d_day="2025-09-01", duration_days=10)
    quiet = Rule(
        "s",
        RuleKind.SILENCE,
        "silence",
        windows=(Window("D+1", "D+2"), Window("D+2 12:00", "D+3 06:00"), Window("D+9", "D+20")),
    )
    one = agreement(timing, quiet)
    assert silence_intervals(one, quiet, utc("2025-09-02T06:00"), utc("2025-12-01T00:00")) == (
        (utc("2025-09-02T06:00"), utc("2025-09-04T06:00")),
        (utc("2025-09-10T00:00"), utc("2025-09-11T00:00")),
    )


def test_the_line_of_a_day_is_the_one_at_that_days_end():
    timing = Timing("Europe/Kyiv", signed_on="2014-09-19")
    line = NamedLine("l", "line of 19 September 2014", as_of="2014-09-19")
    assert line_moment(agreement(timing), line) == utc("2014-09-19T20:59:59.999999")
    assert line_moment(agreement(timing), NamedLine("l", "line in force")) is None
