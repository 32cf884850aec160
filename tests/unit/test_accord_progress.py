"""How far an accord is carried out: published figures, known answers, and simulated truth."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest

from ceasefire_monitor.analysis.accord_comparison import KINDS, compare, matrix_years
from ceasefire_monitor.analysis.accord_model import (
    STATES,
    Assessment,
    Provision,
    checked,
    day_of,
    state_of,
)
from ceasefire_monitor.analysis.accord_progress import (
    coder_agreement,
    pace_ratio,
    points_a_year,
    rates,
    standings,
)
from ceasefire_monitor.model.errors import CeasefireError

KAPPA = 0.8118279569892473
SIGNED = date(2016, 11, 24)
DAY = date(2021, 11, 30)


def scored(*given):
    """(provision, day as text, state or score) as assessments."""
    return [Assessment(one, day_of(day), state_of(state)) for one, day, state in given]


def test_the_published_distribution_of_578_stipulations_comes_back():
    published = {"complete": 173, "intermediate": 108, "minimum": 213, "not_initiated": 84}
    states = [state for state, count in published.items() for _ in range(count)]
    provisions = [Provision(str(number)) for number in range(578)]
    given = [Assessment(str(n), date(2021, 11, 30), state) for n, state in enumerate(states)]
    whole = rates(provisions, checked(provisions, given), DAY)[0]
    shares = [whole.complete_percent, whole.intermediate_percent, whole.minimum_percent,
              whole.not_initiated_percent]  # fmt: skip
    assert [round(share) for share in shares] == [30, 19, 37, 15]
    assert whole.rate_percent == pytest.approx((3 * 173 + 2 * 108 + 213) / (3 * 578) * 100)


def test_what_has_no_score_is_apart_and_no_zero():
    provisions = [Provision(name) for name in "abcde"]
    given = scored(("a", "2020", 3), ("b", "2020", "not due"), ("c", "2020", "no_evidence"),
                   ("d", "2020", ""))  # fmt: skip
    whole = rates(provisions, checked(provisions, given), DAY)[0]
    assert (whole.provisions, whole.assessed, whole.rate_percent) == (5, 1, 100.0)
    assert (whole.not_initiated, whole.not_due, whole.no_evidence, whole.not_assessed) == (
        0, 1, 1, 2,
    )  # fmt: skip
    nothing = rates(provisions, checked(provisions, []), DAY)[0]
    assert nothing.rate_percent is None
    assert nothing.complete_percent is None


def test_rates_by_year_take_the_last_score_up_to_its_end():
    provisions = [Provision("a", theme="Land"), Provision("b", theme="Votes", priority=True)]
    given = scored(("a", "2018-03", 1), ("b", "2018", 0), ("a", "2019-12", 2), ("b", "2020-06", 3))
    made = rates(provisions, checked(provisions, given), date(2020, 12, 31))
    found = {(one.by, one.group): one.rate_percent for one in made}
    assert found[("year", "2018")] == pytest.approx(100 / 6)
    assert found[("year", "2019")] == pytest.approx(100 * 2 / 6)
    assert found[("year", "2020")] == found[("accord", None)] == pytest.approx(100 * 5 / 6)
    assert found[("theme", "Land")] == pytest.approx(100 * 2 / 3)
    assert found[("priority", "priority")] == 100.0
    assert ("priority", "the rest") not in found


def test_each_provision_is_told_how_it_stands():
    late = date(2019, 1, 1)
    provisions = [Provision("a", deadline=late), *(Provision(name) for name in "bcdefg")]
    given = scored(
        ("a", "2021-06", 1), ("b", "2018", 1), ("b", "2021-06", 1), ("c", "2019", 2),
        ("c", "2021", 1), ("d", "2018", 3), ("e", "2021-06", 0), ("f", "2021", "not due"),
    )  # fmt: skip
    found = {one.provision_id: one for one in standings(
        provisions, checked(provisions, given), SIGNED, date(2021, 12, 31), 12)}  # fmt: skip
    assert {name: one.standing for name, one in found.items()} == {
        "a": "advancing", "b": "stalled", "c": "reversed", "d": "complete",
        "e": "not_initiated", "f": "not_due", "g": "not_assessed",
    }  # fmt: skip
    assert found["a"].overdue_days == (date(2021, 12, 31) - late).days
    assert found["d"].overdue_days is None
    # From nothing to 1 in 4.6 years: 3 after thrice as long.
    days = (date(2021, 6, 30) - SIGNED).days
    reached = date.fromordinal(date(2021, 6, 30).toordinal() + 2 * days)
    told = date.fromisoformat(found["a"].at_this_pace)
    assert abs((told - reached).days) <= 1
    assert [name for name, one in found.items() if one.at_this_pace] == ["a"]


def test_the_pace_is_points_a_year_since_the_signature():
    given = scored(("a", "2018-11-24", 2))
    assert points_a_year(given, SIGNED, DAY) == pytest.approx(1.0, abs=1e-3)
    assert points_a_year(scored(("a", "2016", "not due")), SIGNED, DAY) is None


def simulated(times, seed, count=120):
    """Scores of provisions whose chance to advance in a year is ``times`` as high with priority."""
    rng = np.random.default_rng(seed)
    provisions, given = [], []
    for number in range(count):
        priority = number % 3 == 0
        provisions.append(Provision(str(number), priority=priority))
        score = 0
        for year in range(2017, 2022):
            score = min(3, score + int(rng.random() < (0.22 * times if priority else 0.22)))
            given.append(Assessment(str(number), date(year, 12, 31), STATES[score]))
    return provisions, checked(provisions, given)


def mean_score(chance):
    """The mean of the score after five years of that chance: never above 3."""
    return sum(min(3, n) * math.comb(5, n) * chance**n * (1 - chance) ** (5 - n) for n in range(6))


def test_priority_that_went_twice_as_fast_is_recognised():
    truth = mean_score(0.44) / mean_score(0.22)
    found = [
        pace_ratio(*simulated(2.0, seed, 300), SIGNED, date(2021, 12, 31)) for seed in range(40)
    ]
    assert all(one.differs and "faster than the rest" in one.sentence() for one in found)
    # Of 40 intervals of 95 %, fewer than 34 holding the truth comes less than once in a thousand.
    assert sum(one.low <= truth <= one.high for one in found) >= 34


def test_where_there_is_no_difference_none_is_told():
    told = [
        pace_ratio(*simulated(1.0, seed), SIGNED, date(2021, 12, 31)).differs for seed in range(60)
    ]
    # One in twenty by chance: of 60, more than 9 would come once in a thousand times.
    assert sum(told) <= 9


def test_weighted_kappa_is_scikit_learns():
    table = [[5, 1, 0, 0], [1, 6, 2, 0], [0, 1, 4, 1], [0, 0, 1, 8]]
    given, number = [], 0
    for first, row in enumerate(table):
        for second, count in enumerate(row):
            for _ in range(count):
                number += 1
                for coder, score in (("A", first), ("B", second)):
                    given.append(Assessment(str(number), date(2020, 1, 31), STATES[score], coder))
    found = coder_agreement(given, "A", "B")
    assert found.pairs == 30
    assert found.equal_percent == pytest.approx(100 * 23 / 30)
    # cohen_kappa_score(weights="linear") of scikit-learn.
    assert found.kappa == pytest.approx(KAPPA, abs=1e-12)


@pytest.mark.parametrize(
    ("provisions", "given", "words"),
    [
        ([], [], "no provisions"),
        ([Provision("a"), Provision("a")], [], "stands there twice"),
        ([Provision("a")], scored(("b", "2020", 1)), "does not have, such as “b”"),
        (
            [Provision("a")],
            scored(("a", "2020-03-02", 1), ("a", "2020-03-30", 2)),
            "two scores for 2020-03",
        ),
    ],
)
def test_what_contradicts_itself_is_named(provisions, given, words):
    with pytest.raises(CeasefireError, match=words):
        checked(provisions, given)


@pytest.mark.parametrize("wrong", [4, -1, 1.5, "almost", "7"])
def test_a_score_outside_of_the_scale_is_refused(wrong):
    with pytest.raises(CeasefireError, match="is no score"):
        state_of(wrong)


def test_days_months_quarters_and_years_are_their_last_day():
    assert day_of("2020") == day_of("2020-12") == day_of("2020-Q4") == date(2020, 12, 31)
    assert day_of("2020-02") == date(2020, 2, 29)
    assert day_of("2020-02-03") == date(2020, 2, 3)
    for wrong in ("2020-13", "soon", "2020-Q5"):
        with pytest.raises(CeasefireError, match="is no date"):
            day_of(wrong)


def matrix_row(accord, year, **scores):
    """A row as the Matrix's file has it, its irregular names included."""
    names = {"arbdam": "arbdamprov", "disput": "disput_prov"}
    fields = {"civadm": "civadm_impem", "develop": "develop_iplem", "disput": "dispute_implem"}
    row = {"caseid": accord, "year_count": str(year)}
    for kind in KINDS:
        row[names.get(kind, f"{kind}_prov")] = "1" if kind in scores else "0"
        row[fields.get(kind, f"{kind}_implem")] = str(scores.get(kind, ""))
    return row


def test_the_matrix_is_read_with_its_irregular_names_and_its_rate():
    assert len(KINDS) == 51
    row = matrix_row(7, 3, arbdam=1, civadm=2, develop=3, disput=0, cease=3)
    (found,) = matrix_years([row])
    assert found.scores == {"arbdam": 1, "civadm": 2, "develop": 3, "disput": 0, "cease": 3}
    assert found.rate_percent == pytest.approx(9 / 15 * 100)


def test_an_accord_is_compared_over_shared_provisions_at_equal_year():
    others = matrix_years([
        matrix_row(1, 5, cease=3, amnest=1), matrix_row(2, 5, cease=1), matrix_row(3, 5, women=2),
        matrix_row(1, 4, cease=0), matrix_row(4, 6, cease=0),
    ])  # fmt: skip
    rows, sentence = compare({"cease": 2.5, "amnest": 1.0, "truth": 3.0}, 5, others)
    told = {row.kind: (row.score, row.mean, row.accords, row.rank) for row in rows}
    assert told == {"cease": (2.5, 2.0, 2, 2), "amnest": (1.0, 1.0, 1, 1)}
    assert sentence == (
        "5 years after signature it is above the mean of 2 accords in 1 of 2 provisions."
    )


def test_a_matrix_without_its_columns_or_with_an_odd_score_is_named():
    with pytest.raises(CeasefireError, match="needs the columns caseid, year_count"):
        matrix_years([{"a": 1}])
    with pytest.raises(CeasefireError, match="“5” in cease_implem is no score"):
        matrix_years([matrix_row(1, 1, cease=5)])
    with pytest.raises(CeasefireError, match="“peace” is no kind"):
        compare({"peace": 1.0}, 1, [])
