"""Totals of harm: each person once, reported apart from corroborated, unknown never zero."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timedelta, timezone

import pytest

from ceasefire_monitor.analysis.harm_people import bounds
from ceasefire_monitor.analysis.harm_totals import feed_figures, harm_totals, in_period
from ceasefire_monitor.model.harm import Harm, Link
from ceasefire_monitor.model.incident import Incident

NOON = datetime(2031, 5, 1, 12, tzinfo=timezone.utc)
DAY = timedelta(days=1)


def incident(name: str, **values) -> Incident:
    return Incident(incident_id=name, **{"occurred_from": NOON, "source": "watch", **values})


def person(code: str, outcome: str, event: str = "A", **values) -> Harm:
    key = f"{code}-{outcome}-{event}"
    return Harm(key, event, code, outcome, low=1, best=1, high=1, **values)


def group(outcome: str, low, best, high, event: str = "A", **values) -> Harm:
    return Harm(
        f"{outcome}-{low}-{best}-{high}-{event}",
        event,
        None,
        outcome,
        **values,
        low=low,
        best=best,
        high=high,
    )


def totals(harm, incidents=None, links=(), needed=2, **options):
    incidents = [incident("A"), incident("B")] if incidents is None else incidents
    return harm_totals(harm, incidents, links, needed, **options)


def of(found, outcome, dimension="all", value="all") -> tuple:
    """Low, best and high of an outcome, reported and corroborated together; None: no row."""
    rows = [
        row
        for row in found.rows
        if (row.dimension, row.value, row.outcome) == (dimension, value, outcome)
    ]
    if not rows:
        return None
    return tuple(
        None
        if all(getattr(row, name) is None for row in rows)
        else sum(getattr(row, name) or 0 for row in rows)
        for name in ("low", "best", "high")
    )


def test_a_person_of_two_records_counts_once():
    found = totals([person("P1", "injured"), person("P1", "injured", "B")])
    assert of(found, "injured") == (1, 1, 1)
    assert found.people.several_records == 1


def test_who_was_injured_and_died_later_counts_as_dead_and_it_is_told():
    found = totals([person("P1", "injured"), person("P1", "died_later"), person("P2", "killed")])
    assert of(found, "died") == (2, 2, 2)
    assert of(found, "injured") is None
    assert sum(row.died_later for row in found.rows if row.dimension == "all") == 1


def test_a_death_counts_whatever_a_later_record_says():
    harm = [
        person("P1", "killed", harmed_from=NOON),
        person("P1", "injured", harmed_from=NOON + DAY),
    ]
    assert (of(totals(harm), "died"), of(totals(harm), "injured")) == ((1, 1, 1), None)


def test_the_latest_record_counts_where_nobody_died():
    found = totals(
        [
            person("P1", "missing", harmed_from=NOON),
            person("P1", "detained", harmed_from=NOON + DAY),
        ]
    )
    assert of(found, "missing") is None
    assert of(found, "detained") == (1, 1, 1)


def test_a_group_that_holds_named_persons_gives_the_larger_of_the_two():
    named = [person("P1", "killed"), person("P2", "killed")]
    found = totals([*named, group("killed", 3, 4, 5)])
    assert of(found, "died") == (3, 4, 5)
    assert found.within_groups == 2
    found = totals([*named, group("killed", 1, 1, 1)])
    assert of(found, "died") == (2, 2, 2)


def test_persons_that_a_group_cannot_hold_are_added():
    named = person("P1", "killed", sex="female")
    found = totals([named, group("killed", 3, 3, 3, sex="male")])
    assert of(found, "died") == (4, 4, 4)
    assert of(found, "died", "sex", "female") == (1, 1, 1)


def test_who_died_later_is_taken_out_of_the_injured():
    found = totals([group("injured", 10, 10, 12), person("P1", "died_later")])
    assert (of(found, "injured"), of(found, "died")) == ((9, 9, 11), (1, 1, 1))
    found = totals([group("injured", 10, 10, 12), group("died_later", 2, 2, 3)])
    assert (of(found, "injured"), of(found, "died")) == ((7, 8, 10), (2, 2, 3))


def test_groups_of_linked_incidents_of_one_event_count_once_by_the_lead():
    harm = [group("killed", 3, 3, 3, "A"), group("killed", 4, 5, 6, "B")]
    link = Link("L", "A", "same_event", "B")
    assert of(totals(harm), "died") == (7, 8, 9)
    found = totals(harm, links=[link])
    assert of(found, "died") == (4, 5, 6)
    assert found.same_event == 1
    link.lead_id = "A"
    assert of(totals(harm, links=[link]), "died") == (3, 3, 3)
    link.status = "withdrawn"
    assert of(totals(harm, links=[link]), "died") == (7, 8, 9)


def test_persons_of_a_duplicate_are_within_the_group_of_the_other():
    harm = [group("killed", 3, 3, 3, "A"), person("P1", "killed", "B")]
    found = totals(harm, links=[Link("L", "B", "duplicate_of", "A", "A")])
    assert of(found, "died") == (3, 3, 3)


def test_refuted_and_withdrawn_are_left_out_and_told():
    incidents = [
        incident("A", verification="refuted"),
        incident("B", workflow="withdrawn"),
        incident("C"),
    ]
    harm = [
        person("P1", "killed", "A"),
        person("P2", "killed", "B"),
        person("P3", "killed", "C", verification="refuted"),
        person("P4", "killed", "C"),
    ]
    found = totals(harm, incidents)
    assert of(found, "died") == (1, 1, 1)
    assert (found.people.refuted, found.people.withdrawn) == (2, 1)


@pytest.mark.parametrize(
    ("values", "needed", "corroborated"),
    [
        ({"independent_sources": 2}, 2, True),
        ({"independent_sources": 2}, 3, False),
        ({"independent_sources": None}, 2, False),
        ({"independent_sources": 1, "verification": "confirmed"}, 2, True),
        ({"verification": "corroborated"}, 2, True),
        ({"verification": "followed_up"}, 2, False),
    ],
)
def test_how_many_sources_corroborate_is_a_setting(values, needed, corroborated):
    found = totals([person("P1", "killed", **values)], needed=needed)
    (row,) = [row for row in found.rows if row.dimension == "all"]
    assert row.corroborated is corroborated


def test_a_reported_death_of_a_corroborated_injury_is_reported():
    harm = [person("P1", "injured", independent_sources=5), person("P1", "died_later")]
    (row,) = [row for row in totals(harm).rows if row.dimension == "all"]
    assert (row.outcome, row.corroborated) == ("died", False)


def test_what_nobody_recorded_has_no_row_and_no_number_is_not_zero():
    assert totals([]).rows == []
    found = totals([group("killed", None, None, None)])
    (row,) = [row for row in found.rows if row.dimension == "all"]
    assert (row.undetermined, row.best, row.high) == (1, None, None)
    found = totals([group("killed", 3, None, None), group("killed", 2, 2, 2, "B")])
    (row,) = [row for row in found.rows if row.dimension == "all"]
    assert (row.low, row.without_best, row.open_ended) == (5, 1, 1)
    assert (row.best, row.high) == (None, None)


def test_a_sum_that_lacks_a_group_is_no_sum():
    """Seven at least and two at best would be less than the least."""
    for harm in (
        [group("killed", 7, None, None), group("killed", 2, 2, 2, "B")],
        [group("killed", 2, 2, 2), group("killed", 5, None, None, "B"), person("P1", "killed")],
    ):
        (row,) = [row for row in totals(harm).rows if row.dimension == "all"]
        assert (row.best, row.high) == (None, None)
        (row,) = [row for row in totals(harm[::-1]).rows if row.dimension == "all"]
        assert (row.best, row.high) == (None, None)
    (row,) = totals([group("killed", 1, 2, None), group("killed", 1, 1, 1, "B")]).rows[:1]
    assert (row.low, row.best, row.high) == (2, 3, None)


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ((None, -4, None), "best is -4"),
        ((9, None, 2), "low is 9 and high 2"),
        ((5, 3, 6), "low is 5 and best 3"),
        ((1, 7, 6), "best is 7 and high 6"),
    ],
)
def test_numbers_that_cannot_be_so_are_set_aside_and_told(numbers, words):
    wrong = group("injured", *numbers)
    found = totals([wrong, group("injured", 2, 3, 6, "B")])
    assert of(found, "injured") == (2, 3, 6)
    assert list(found.people.unsound) == [wrong.harm_id]
    assert words in found.people.unsound[wrong.harm_id]
    assert sum(unit.person is None for unit in found.units) == 1


def test_case_and_spaces_do_not_make_two_persons_of_a_code():
    codes = ["p1", "P1", " P1 ", "P1\u00a0"]
    harm = [person(code, "injured", name) for code, name in zip(codes, "ABAB")]
    found = totals([*harm, person("P2", "injured")])
    assert of(found, "injured") == (2, 2, 2)
    assert found.people.several_records == 1
    assert of(totals([group("injured", 4, 4, 4), harm[0], harm[1]]), "injured") == (4, 4, 4)


def test_feeds_figures_below_zero_are_set_aside():
    (figures,) = feed_figures([incident("A", deaths_best=-4), incident("B", deaths_best=3)])
    assert (figures.rows, figures.deaths_best, figures.unsound) == (1, 3, 1)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((None, 4, None), (4, 4, 4)),
        ((2, None, None), (2, None, None)),
        ((None, None, 6), (0, None, 6)),
        ((2, 3, 4), (2, 3, 4)),
        ((None, None, None), (None, None, None)),
    ],
)
def test_what_follows_from_a_groups_numbers(given, expected):
    assert bounds(group("killed", *given)) == expected


def test_traits_that_contradict_are_unknown_and_told():
    harm = [person("P1", "killed", sex="male"), person("P1", "killed", "B", sex="female")]
    found = totals(harm)
    assert of(found, "died", "sex", "unknown") == (1, 1, 1)
    assert found.people.contradicting == 1
    known = [person("P1", "killed", sex="unknown"), person("P1", "killed", "B", sex="female")]
    assert of(totals(known), "died", "sex", "female") == (1, 1, 1)


def test_who_dies_after_the_period_counts_as_dead_in_the_period_of_the_injury():
    harm = [
        person("P1", "injured", harmed_from=NOON),
        person("P1", "died_later", harmed_from=NOON + 3 * DAY),
    ]
    assert of(totals(harm, keep=in_period(NOON - DAY, NOON + DAY)), "died") == (1, 1, 1)
    assert totals(harm, keep=in_period(NOON + DAY, NOON + 9 * DAY)).rows == []


def test_every_breakdown_adds_up_to_the_whole():
    harm = [
        person("P1", "killed", sex="female", age_group="child"),
        group("killed", 3, 4, 6),
        group("killed", 2, 2, 2, "B", sex="male", civilian_status="civilian"),
        group("injured", 8, 9, 9, "B"),
    ]
    found = totals(harm)
    for dimension in ("civilian_status", "sex", "age_group", "cause"):
        for outcome in ("died", "injured"):
            values = {row.value for row in found.rows if row.dimension == dimension}
            parts = [of(found, outcome, dimension, value) for value in values]
            summed = tuple(map(sum, zip(*filter(None, parts))))
            assert summed == of(found, outcome)


def test_feeds_figures_stand_apart_by_source():
    rows = [
        incident("A", deaths_low=0, deaths_best=None, deaths_high=4),
        incident("B", deaths_best=3, source="press"),
        incident("C", deaths_best=7, verification="refuted"),
        incident("D"),
    ]
    press, watch = feed_figures(rows)
    assert (press.source, press.deaths_best, press.deaths_low) == ("press", 3, None)
    assert (watch.rows, watch.deaths_low, watch.deaths_best, watch.deaths_high) == (1, 0, None, 4)
    assert totals([], rows).rows == []


@pytest.mark.parametrize("seed", range(20))
def test_random_records_of_known_people_give_the_people(seed):
    """Simulation with known truth: people, each told of by one to five records of many events."""
    chance = random.Random(seed)
    fate, harm = {}, []
    names = [f"E{number}" for number in range(6)]
    for number in range(60):
        code, died = f"P{number}", chance.random() < 0.3
        fate[code] = "died" if died else "injured"
        for part in range(chance.randint(1, 5)):
            late = died and part == 0
            outcome = chance.choice(["killed", "died_later"]) if late else "injured"
            harm.append(person(code, outcome, chance.choice(names)))
    # Each event also tells of a group that holds all the injured of that event, and no more.
    for name in names:
        held = {
            item.person for item in harm if item.incident_id == name and item.outcome != "killed"
        }
        harm.append(group("injured", len(held), len(held), len(held), name))
    chance.shuffle(harm)
    found = totals(harm, [incident(name) for name in names])
    truth = Counter(fate.values())
    assert of(found, "died") == (truth["died"],) * 3
    assert of(found, "injured") == (truth["injured"],) * 3
