"""Effort by post and hour: what was observed, what was not, and what nobody knows."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ceasefire_monitor.analysis.coverage import coverage_of, hour_edges, hour_start, printed
from ceasefire_monitor.analysis.watch_spans import STATES, stretches_of
from ceasefire_monitor.model.claim import Restriction
from ceasefire_monitor.model.errors import CeasefireError
from ceasefire_monitor.model.incident import Effort, Observation, Post

UTC = timezone.utc
NOON = datetime(2031, 5, 1, 12, tzinfo=UTC)
ATHENS = ZoneInfo("Europe/Athens")


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def row(start: float, end: float, status: str, reason=None, post="P1") -> Effort:
    return Effort("", post, NOON + minutes(start), NOON + minutes(end), status, reason)


def coverage(effort, hours=3, posts=(), restrictions=(), observations=(), zone=UTC):
    end = NOON + timedelta(hours=hours)
    return coverage_of(posts, effort, restrictions, NOON, end, zone, observations)


def share(state: str, found, hour: int = 0, post: int = 0) -> float:
    return float(found.seconds[post, hour, STATES.index(state)]) / 60.0


def test_half_an_hour_observed_is_half():
    found = coverage([row(0, 90, "operating"), row(90, 120, "down", "generator")])
    assert found.fraction[0].tolist() == [1.0, 0.5, 0.0]
    assert found.state[0].tolist() == ["observed", "partly", "not_known"]
    assert share("down", found, 1) == 30.0
    span = (found.edges[1], found.edges[2])
    assert found.stretches["P1"].reasons(*span) == ["generator"]


def test_a_post_without_rows_is_not_known_and_never_down():
    found = coverage([], posts=[Post("P2")])
    assert found.posts == ["P2"]
    assert set(found.state[0]) == {"not_known"}
    assert share("down", found) == 0.0
    assert [printed(word, 0) for word in found.state[0]] == ["not known"] * 3


def test_outside_its_own_dates_a_post_is_not_deployed():
    post = Post("P1", valid_from=NOON + timedelta(hours=1), valid_to=NOON + timedelta(hours=2))
    found = coverage([], posts=[post])
    assert [share("not_deployed", found, hour) for hour in range(3)] == [60.0, 0.0, 60.0]
    assert found.state[0].tolist() == ["not_observed", "not_known", "not_observed"]


def test_rows_that_say_opposite_things_are_not_counted_as_observed():
    found = coverage([row(0, 60, "operating"), row(30, 45, "down")])
    assert share("contradicted", found) == 15.0
    assert found.fraction[0, 0] == 0.75
    stretches = found.stretches["P1"]
    assert len(stretches.contradictions) == len(stretches.overlaps) == 1


def test_rows_that_overlap_and_agree_count_once():
    found = coverage([row(0, 60, "operating"), row(0, 60, "operating"), row(30, 60, "degraded")])
    assert (share("operating", found), share("degraded", found)) == (30.0, 30.0)
    assert found.fraction[0, 0] == 1.0
    assert found.stretches["P1"].contradictions == []
    assert len(found.stretches["P1"].overlaps) == 1


def test_a_denial_contradicts_a_row_that_observes_but_that_of_one_asset_does_not():
    denial = Restriction("R1", NOON, NOON + minutes(30), "denial", "P1")
    assert share("contradicted", coverage([row(0, 60, "operating")], restrictions=[denial])) == 30.0
    assert share("denied", coverage([], posts=[Post("P1")], restrictions=[denial])) == 30.0
    denial.asset = "UAV"
    assert share("contradicted", coverage([row(0, 60, "operating")], restrictions=[denial])) == 0.0


def test_what_a_restriction_leaves_open_lasts():
    denial = Restriction("R1", None, None, "denial", "P1")
    found = coverage([], posts=[Post("P1")], restrictions=[denial])
    assert [share("denied", found, hour) for hour in range(3)] == [60.0] * 3


def test_rows_without_an_end_say_nothing_and_are_counted():
    effort = [Effort("", "P1", NOON, None, "operating"), Effort("", "P1", None, NOON, "down")]
    found = coverage(effort)
    assert found.stretches["P1"].incomplete == 2
    assert set(found.state[0]) == {"not_known"}


def test_rows_that_run_backwards_say_nothing_and_are_counted_apart():
    effort = [row(60, 30, "operating"), row(30, 30, "operating"), row(0, 60, "asleep")]
    found = coverage([*effort, Effort("", "P1", NOON, None, "operating"), row(0, 5, None)])
    watch = found.stretches["P1"]
    assert (watch.incomplete, watch.backwards, watch.unstated) == (1, 2, 2)
    assert set(found.state[0]) == {"not_known"}


def test_a_status_that_is_no_status_says_nothing():
    assert set(coverage([row(0, 60, "asleep")]).state[0]) == {"not_known"}


@pytest.mark.parametrize(
    ("day", "hours"), [("2031-03-30", 23), ("2031-10-26", 25), ("2031-06-01", 24)]
)
def test_days_on_which_clocks_change_have_23_and_25_hours(day, hours):
    start = datetime.fromisoformat(day).replace(tzinfo=ATHENS)
    end = (datetime.fromisoformat(day) + timedelta(days=1)).replace(tzinfo=ATHENS)
    edges = hour_edges(start, end, ATHENS)
    assert len(edges) - 1 == hours
    assert (np.diff(edges) == np.timedelta64(3600, "s")).all()


def test_hours_are_those_of_the_local_clock():
    zone = ZoneInfo("Asia/Kathmandu")
    start = datetime(2031, 5, 1, 12, 15, tzinfo=UTC)
    edges = hour_edges(start, start + timedelta(hours=2), zone)
    assert [str(edge)[11:16] for edge in edges] == ["12:15", "13:15", "14:15"]
    assert hour_start(start + minutes(59), zone) == start
    off = hour_edges(start + minutes(30), start + timedelta(hours=1, minutes=30), zone)
    assert [str(edge)[11:16] for edge in off] == ["12:45", "13:15", "13:45"]


def test_clocks_that_change_by_half_an_hour():
    zone = ZoneInfo("Australia/Lord_Howe")
    start = datetime(2031, 4, 6, 0, tzinfo=zone)
    end = datetime(2031, 4, 6, 5, tzinfo=zone)
    edges = hour_edges(start, end, zone)
    assert (edges[-1] - edges[0]) == np.timedelta64(330, "m")
    assert sorted(set(np.diff(edges) / np.timedelta64(60_000_000, "us"))) == [30.0, 60.0]


def test_observations_are_counted_and_zero_is_printed_only_with_effort():
    moments = [NOON + minutes(minute) for minute in (1, 59, 130)]
    seen = [Observation("O", None, "P1", observed_from=moment) for moment in moments]
    found = coverage([row(0, 120, "operating")], observations=seen)
    assert found.events[0].tolist() == [2, 0, 1]
    words = [printed(word, events) for word, events in zip(found.state[0], found.events[0])]
    assert words == ["2", "0", "1"]
    assert printed("not_observed", 0) == "not observed"


def test_an_empty_period_is_refused():
    with pytest.raises(CeasefireError, match="before it begins"):
        hour_edges(NOON, NOON, UTC)


def test_too_many_posts_and_hours_are_refused_before_they_fill_the_memory():
    with pytest.raises(CeasefireError, match="shorter period"):
        coverage([], hours=24 * 365 * 10, posts=[Post(f"P{n}") for n in range(100)])


ROWS = st.lists(
    st.tuples(
        st.integers(-200, 500), st.integers(-200, 500), st.sampled_from([*STATES[:6], "asleep"])
    ),
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_every_minute_is_in_exactly_one_state_as_a_minute_by_minute_count_says(rows):
    """Against brute force: each minute of five hours looked at by itself."""
    effort = [row(start, end, status) for start, end, status in rows if status != "contradicted"]
    found = coverage(effort, hours=5, posts=[Post("P1")])
    assert np.allclose(found.seconds.sum(axis=2), 3600.0)
    observing, unseen = {"operating", "degraded"}, {"denied", "down", "not_deployed"}
    expected = np.zeros((5, len(STATES)))
    for minute in range(300):
        middle = NOON + minutes(minute + 0.5)
        held = {
            item.status for item in effort if item.observed_from <= middle < item.observed_to
        } & (observing | unseen)
        if held & observing and held & unseen:
            state = "contradicted"
        elif held & observing:
            state = "degraded" if "degraded" in held else "operating"
        else:
            state = next((name for name in ("denied", "down", "not_deployed") if name in held), "")
        expected[minute // 60, STATES.index(state or "not_known")] += 60.0
    assert np.allclose(found.seconds[0], expected)
    whole = stretches_of("P1", effort).seconds(found.edges[0], found.edges[-1])
    assert np.allclose(whole, expected.sum(axis=0))
