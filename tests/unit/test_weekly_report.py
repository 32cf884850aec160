"""The weekly report's trend: per observed hour, pooled, and blind periods are not zeros."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.util
import sys
from datetime import datetime, time, timedelta, timezone
from pathlib import Path

import pytest

from ceasefire_monitor.model.incident import Effort, Incident
from ceasefire_monitor.model.land import Finding
from ceasefire_monitor.reports.figures import figures_of
from ceasefire_monitor.reports.material import Entry, Material
from ceasefire_monitor.reports.period import period_of, theatre_zone, week_of
from ceasefire_monitor.reports.trend import trend_of, trend_table
from ceasefire_monitor.reports.trend_chart import draw_trend
from ceasefire_monitor.reports.weekly import WeeklyReport
from ceasefire_monitor.reports.withheld import Withheld
from ceasefire_monitor.reports.words import Words

_SPEC = importlib.util.spec_from_file_location(
    "brief_theatre", Path(__file__).resolve().parent.parent / "brief_theatre.py"
)
brief_theatre = importlib.util.module_from_spec(_SPEC)
sys.modules.setdefault("brief_theatre", brief_theatre)
_SPEC.loader.exec_module(brief_theatre)

ZONE = theatre_zone("UTC")
START = datetime(2031, 3, 24, tzinfo=timezone.utc)
WEEK = timedelta(days=7)
WORDS = Words("en", ZONE, False)


def week():
    return period_of("2031-03-24", "2031-03-30", [], ZONE, time(0))


def effort(weeks_ago, hours, status="operating"):
    start = START - weeks_ago * WEEK
    return Effort(f"e{weeks_ago}", "P1", start, start + timedelta(hours=hours), status)


def fire(weeks_ago, hour, number=5):
    when = START - weeks_ago * WEEK + timedelta(hours=hour, minutes=10)
    incident = Incident(
        incident_id=f"i{weeks_ago}-{hour}",
        origin="own_observation",
        category="firing/burst",
        count_low=number,
        count_high=number,
        occurred_from=when,
    )
    return Entry(incident, Finding())


@pytest.fixture
def material():
    """This week 2 of 20 hours with fire; before: 1 of 10, 3 of 40, blind, and nothing known."""
    return Material(
        entries=[fire(0, 1), fire(0, 2), fire(1, 3), *(fire(2, hour) for hour in (4, 5, 6))],
        effort=[effort(0, 20), effort(1, 10), effort(2, 40), effort(3, 50, "down")],
    )


def test_each_period_has_its_hours_with_fire_per_hundred_observed(material):
    steps = trend_of(material, week(), 5).steps
    assert [step.rate for step in steps] == [None, None, 7.5, 10.0, 10.0]
    assert [step.hours for step in steps] == [None, 0.0, 40.0, 10.0, 20.0]
    assert [step.not_observed for step in steps] == [False, True, False, False, False]
    assert [f"{step.label:%d.%m.}" for step in steps] == [
        "24.02.",
        "03.03.",
        "10.03.",
        "17.03.",
        "24.03.",
    ]


def test_the_mean_pools_the_earlier_periods_in_which_somebody_observed(material):
    trend = trend_of(material, week(), 5)
    assert len(trend.earlier) == 2
    assert trend.mean == pytest.approx(100 * (1 + 3) / (10 + 40)), "not the mean of the rates"
    alone = trend_of(Material(), week())
    assert alone.mean is None
    assert len(alone.steps) == 8


def test_the_table_tells_unknown_not_observed_and_zero_apart(material):
    material.effort.append(effort(5, 30))
    rows = trend_table(trend_of(material, week(), 6), WORDS).rows
    assert rows[0][1:6] == ["0", "0", "30", "0", "0.0"]
    assert rows[1][1:6] == ["not known", "0", "not known", "–", "–"]
    assert rows[2][1:6] == ["not observed", "0", "not observed", "–", "–"]
    assert rows[5][1:6] == ["10", "2", "20", "2", "10.0"]
    assert rows[6][0] == "Earlier periods together (3)"
    assert rows[6][5] == "5.0"


def test_the_trend_comes_first_and_all_fixed_sections_follow():
    material = brief_theatre.theatre()
    period = period_of("2031-03-10", "2031-03-16", [], ZONE, time(0))
    figures = figures_of(material, period)
    sections = WeeklyReport(figures, material, WORDS, Withheld()).sections()
    assert sections[0].key == "trend"
    assert len(sections) == 12
    assert all(section.texts or section.tables for section in sections)
    nothing = dataclasses.replace(material, entries=[], effort=[])
    empty = WeeklyReport(figures_of(nothing, period), nothing, WORDS, Withheld()).sections()[0]
    assert empty.chart is None
    assert "no rate" in empty.texts[0]


def test_the_same_trend_gives_the_same_bytes(material, tmp_path):
    digests = set()
    for name in ("a.svg", "b.svg"):
        draw_trend(trend_of(material, week()), WORDS, tmp_path / name)
        digests.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert len(digests) == 1


def test_without_dates_a_week_is_the_seven_days_up_to_the_last_with_data():
    moments = [START, START + timedelta(days=6, hours=5)]
    assert week_of("", "", moments, ZONE, time(0)) == week()
    assert week_of("2031-03-24", "", moments, ZONE, time(0)) == week()
    assert week_of("", "2031-03-30", moments, ZONE, time(0)) == week()
    evening = week_of("", "", moments, ZONE, time(19, 30))
    assert evening.end == datetime(2031, 3, 30, 19, 30, tzinfo=timezone.utc)
    assert evening.hours() == 7 * 24


def test_a_week_in_which_the_clocks_change_keeps_its_local_hours():
    zone = theatre_zone("Europe/Lisbon")
    period = week_of("", "", [datetime(2031, 4, 1, 12, tzinfo=timezone.utc)], zone, time(0))
    assert period.hours() == 7 * 24 - 1
    assert period.start.astimezone(zone).time() == time(0)
