"""Whether a record can be so."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from ceasefire_monitor.model.claim import Claim, Restriction
from ceasefire_monitor.model.harm import Harm
from ceasefire_monitor.model.incident import Effort, Incident
from ceasefire_monitor.model.sound import problem_of
from ceasefire_monitor.model.weapons import WeaponSighting

NOON = datetime(2031, 5, 1, 12, tzinfo=timezone.utc)
BEFORE = NOON - timedelta(minutes=1)


@pytest.mark.parametrize(
    ("table", "record", "words"),
    [
        ("harm", Harm(best=-4), "best is -4"),
        ("harm", Harm(low=9, high=2), "low is 9 and high 2"),
        ("harm", Harm(independent_sources=-1), "independent_sources is -1"),
        ("incidents", Incident(deaths_low=3, deaths_best=2), "deaths_low is 3 and deaths_best 2"),
        ("incidents", Incident(deaths_best="many"), "no number"),
        ("incidents", Incident(count_low=4, count_high=1), "count_low is 4"),
        ("incidents", Incident(occurred_from=NOON, occurred_to=BEFORE), "occurred_to is before"),
        ("weapon_sightings", WeaponSighting(count_low=4, count_high=1), "count_low is 4"),
        ("effort", Effort(observed_from=NOON, observed_to=BEFORE), "observed_to is before"),
        ("effort", Effort(observed_from=NOON, observed_to=NOON), "same moment"),
        ("effort", Effort(status="sleeping"), "choose one of operating"),
        ("claims", Claim(alleged_from=NOON, alleged_to=BEFORE), "alleged_to is before"),
        ("restrictions", Restriction(restricted_from=NOON, restricted_to=BEFORE), "before"),
    ],
)
def test_what_cannot_be_so_is_told_with_its_fields(table, record, words):
    assert words in problem_of(table, record)


@pytest.mark.parametrize(
    ("table", "record"),
    [
        ("harm", Harm()),
        ("harm", Harm(low=0, best=0, high=0)),
        ("harm", Harm(low=2, high=2)),
        ("incidents", Incident(occurred_from=NOON, occurred_to=NOON, deaths_best=1)),
        ("effort", Effort(observed_from=BEFORE, observed_to=NOON, status="down")),
        ("effort", Effort(observed_from=NOON)),
        ("claims", Claim(alleged_from=NOON, alleged_to=NOON)),
        ("posts", object()),
    ],
)
def test_what_is_not_told_is_no_problem(table, record):
    assert problem_of(table, record) is None
