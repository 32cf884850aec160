"""When a feed's turn is."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta, timezone
from typing import Optional
from zoneinfo import ZoneInfo

import pytest

from ceasefire_monitor.feeds.due import end_of_quiet, turn_of
from ceasefire_monitor.model.feed import Feed

UTC = timezone.utc
NOW = datetime(2031, 3, 14, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclasses.dataclass
class Status:
    last_run_at: Optional[datetime] = None
    next_allowed_at: Optional[datetime] = None


def turn(status=None, now=NOW, zone=UTC, **feed):
    return turn_of(Feed("f", "F", "url", interval_minutes=60, **feed), status, now, zone)


def test_a_feed_that_was_never_fetched_is_due():
    assert turn() == turn_of(Feed("f", "F", "url"), None, NOW, UTC)
    assert turn().due and turn().at == NOW


def test_a_feed_is_due_when_its_interval_is_over():
    assert not turn(Status(NOW - HOUR + timedelta(seconds=1))).due
    assert turn(Status(NOW - HOUR)).due
    assert turn(Status(NOW - HOUR / 2)).at == NOW + HOUR / 2


def test_a_paused_feed_has_no_turn():
    found = turn(enabled=False)
    assert not found.due and found.at is None and "paused" in found.why


def test_a_failure_keeps_it_back_until_its_wait_is_over():
    found = turn(Status(NOW - 2 * HOUR, NOW + 5 * HOUR))
    assert not found.due and found.at == NOW + 5 * HOUR and "failure" in found.why
    assert turn(Status(NOW - 2 * HOUR, NOW)).due


def test_a_clock_that_was_put_back_does_not_keep_it_for_years():
    assert turn(Status(NOW + timedelta(days=4000))).at == NOW + HOUR


def test_a_failure_noted_by_a_clock_that_was_ahead_waits_as_long_as_it_was_meant_to():
    ahead = timedelta(days=400)
    found = turn(Status(NOW + ahead - HOUR, NOW + ahead + HOUR))
    assert found.at == NOW + 2 * HOUR


def test_quiet_hours_are_in_the_theatres_time():
    zone = ZoneInfo("Africa/Nairobi")
    found = turn(zone=zone, quiet_from="14:00", quiet_to="16:30")
    assert not found.due and found.at == datetime(2031, 3, 14, 13, 30, tzinfo=UTC)
    assert turn(zone=zone, quiet_from="15:01", quiet_to="16:30").due
    assert turn(zone=zone, quiet_from="12:00", quiet_to="15:00").due


@pytest.mark.parametrize("minute", range(0, 24 * 60, 7))
def test_quiet_hours_over_midnight_agree_with_counting_minutes(minute):
    moment = datetime(2031, 3, 14, tzinfo=UTC) + timedelta(minutes=minute)
    after = moment
    while not 6 * 60 <= after.hour * 60 + after.minute < 22 * 60:
        after += timedelta(minutes=1)
    assert end_of_quiet("22:00", "06:00", moment, UTC) == after


def test_quiet_hours_end_by_the_clock_of_the_day_on_which_it_changes():
    zone = ZoneInfo("Europe/Vienna")
    evening = datetime(2031, 3, 29, 23, 0, tzinfo=UTC)
    # The clock goes from 02:00 to 03:00 in that night: 06:00 is 04:00 UTC.
    assert end_of_quiet("22:00", "06:00", evening, zone) == datetime(2031, 3, 30, 4, tzinfo=UTC)


def test_the_next_turn_after_a_wait_is_not_in_quiet_hours():
    status = Status(NOW - HOUR, NOW + 11 * HOUR)
    found = turn(status, quiet_from="22:00", quiet_to="06:00")
    assert found.at == datetime(2031, 3, 15, 6, tzinfo=UTC)
