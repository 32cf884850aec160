"""Sunrise, sunset and nights against times that another program computed.

The times are of PyEphem 4 (the theory VSOP87): upper edge of the sun, refraction of 34 minutes of
arc, level horizon; UTC.
"""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from ceasefire_monitor.analysis.solar import DAY, daylight, nights

ALMANAC = (
    ("London", 51.5074, -0.1278, "2024-06-20 03:43:02", "2024-06-20 20:21:24"),
    ("London", 51.5074, -0.1278, "2024-12-21 08:03:57", "2024-12-21 15:53:39"),
    ("Nairobi", -1.2864, 36.8172, "2031-03-14 03:38:28", "2031-03-14 15:45:28"),
    ("Kathmandu", 27.7172, 85.324, "2031-10-01 00:11:11", "2031-10-01 12:05:23"),
    ("Kyiv", 50.4501, 30.5234, "2015-02-15 05:10:15", "2015-02-15 15:14:31"),
    ("Auckland", -36.8485, 174.7633, "2026-01-09 17:12:47", "2026-01-10 07:43:23"),
    ("Quito", -0.1807, -78.4678, "2024-03-20 11:17:51", "2024-03-20 23:24:21"),
)
HOUR = 3600.0


def seconds(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc).timestamp()


@pytest.mark.parametrize(("place", "latitude", "longitude", "rise", "set_"), ALMANAC)
def test_sunrise_and_sunset_are_those_of_an_almanac(place, latitude, longitude, rise, set_):
    noon = (seconds(rise) + seconds(set_)) / 2
    found = daylight(noon, longitude, latitude)
    assert found[0] == pytest.approx(seconds(rise), abs=60), place
    assert found[1] == pytest.approx(seconds(set_), abs=60), place


@pytest.mark.parametrize(("place", "latitude", "longitude", "rise", "set_"), ALMANAC)
def test_a_day_is_cut_into_two_nights_by_its_daylight(place, latitude, longitude, rise, set_):
    start, end = seconds(rise) - 2 * HOUR, seconds(set_) + 3 * HOUR
    before, after = nights(start, end, longitude, latitude)
    assert before[0] == start and after[1] == end
    assert before[1] == pytest.approx(seconds(rise), abs=60), place
    assert after[0] == pytest.approx(seconds(set_), abs=60), place


def test_nights_follow_each_other_without_overlap_and_stay_in_the_span():
    start = seconds("2031-03-01 03:00:00")
    found = nights(start, start + 30 * DAY, 10.0, 5.0)
    assert len(found) in (30, 31)
    assert found[0][0] >= start and found[-1][1] <= start + 30 * DAY
    assert all(one[1] < other[0] for one, other in zip(found, found[1:]))
    assert all(11 * HOUR < b - a < 13 * HOUR for a, b in found[1:-1])


def test_a_span_within_daylight_has_no_night():
    noon = seconds("2031-03-14 09:30:00")
    assert nights(noon - HOUR, noon + HOUR, 36.8, -1.3) == []


def test_beyond_the_polar_circle_it_is_night_or_day_all_day_long():
    winter, summer = seconds("2031-12-21 00:00:00"), seconds("2031-06-21 00:00:00")
    assert daylight(winter + 11 * HOUR, 19.0, 78.0) is None
    assert nights(winter, winter + 3 * DAY, 19.0, 78.0) == [(winter, winter + 3 * DAY)]
    assert nights(summer, summer + 3 * DAY, 19.0, 78.0) == []
