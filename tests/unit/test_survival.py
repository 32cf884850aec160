"""Survival estimates against the published answers of R's and the literature's examples."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ceasefire_monitor.analysis.survival import (
    chi_square_tail,
    kaplan_meier,
    log_rank,
    standard_error,
)
from ceasefire_monitor.analysis.survival_intervals import Intervals, turnbull

# Freireich and others (1963), as printed in every textbook: weeks of remission.
DRUG = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
DRUG_ENDED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
# R's survival::aml.
AML = [9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161]
AML_ENDED = [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0]
AML_OTHER = [5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45]
AML_OTHER_ENDED = [1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1]
# Finkelstein and Wolfe (1985), radiotherapy alone: months, (left, right].
LEFT = [
    45, 6, 0, 46, 46, 7, 17, 7, 37, 0, 4, 15, 11, 22, 46, 46, 25, 46, 26, 46, 27, 36, 46, 36, 37,
    40, 17, 46, 11, 38, 5, 37, 0, 18, 24, 36, 5, 19, 17, 24, 32, 33, 19, 37, 34, 36,
]  # fmt: skip
NO = math.inf
RIGHT = [
    NO, 10, 7, NO, NO, 16, NO, 14, 44, 8, 11, NO, 15, NO, NO, NO, 37, NO, 40, NO, 34, 44, NO, 48,
    NO, NO, 25, NO, 18, NO, 12, NO, 5, NO, NO, NO, 11, 35, 25, NO, NO, NO, 26, NO, NO, NO,
]  # fmt: skip


def test_shares_and_standard_errors_are_the_published_ones():
    curve = kaplan_meier(DRUG, DRUG_ENDED)
    assert curve.time.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert curve.survival.round(3).tolist() == [0.857, 0.807, 0.753, 0.69, 0.627, 0.538, 0.448]
    errors = [standard_error(DRUG, DRUG_ENDED, each) for each in curve.time]
    assert np.round(errors, 4).tolist() == [
        0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346,
    ]  # fmt: skip


def test_median_is_the_published_one_and_none_where_half_still_lasts():
    assert kaplan_meier(DRUG, DRUG_ENDED).quantile()[0] == 23
    assert kaplan_meier(PLACEBO, [1] * 21).quantile()[0] == 8
    assert kaplan_meier([1, 5, 5, 5], [1, 0, 0, 0]).quantile()[0] is None


def test_interval_on_the_log_log_scale_is_that_of_r():
    curve = kaplan_meier(AML, AML_ENDED)
    assert curve.survival[:2].round(3).tolist() == [0.909, 0.818]
    assert curve.low[:2].round(3).tolist() == [0.508, 0.447]
    assert curve.high[:2].round(3).tolist() == [0.987, 0.951]


@pytest.mark.parametrize(
    ("times", "ended", "first", "chi_square", "p"),
    [
        (DRUG + PLACEBO, DRUG_ENDED + [1] * 21, 21, 16.793, 4.2e-05),
        (AML + AML_OTHER, AML_ENDED + AML_OTHER_ENDED, 11, 3.396, 0.0653),
    ],
)
def test_log_rank_is_that_of_r(times, ended, first, chi_square, p):
    groups = ["a"] * first + ["b"] * (len(times) - first)
    tested = log_rank(times, ended, groups)
    assert tested.chi_square == pytest.approx(chi_square, abs=6e-4)
    assert tested.p == pytest.approx(p, rel=0.02)
    assert tested.expected.sum() == pytest.approx(tested.observed.sum())


def test_chi_square_tail_has_the_values_of_the_tables():
    for degrees, value in ((1, 3.841), (2, 5.991), (3, 7.815), (4, 9.488), (5, 11.070)):
        assert chi_square_tail(value, degrees) == pytest.approx(0.05, abs=1e-4)


def test_turnbull_gives_the_published_masses():
    intervals = Intervals(LEFT, RIGHT, open_low=[True] * len(LEFT))
    masses = intervals.masses
    told = {
        (a, b): round(float(mass), 4)
        for a, b, mass in zip(intervals.since, intervals.until, masses)
        if mass > 1e-4
    }
    published = {
        (4, 5): 0.0463, (6, 7): 0.0334, (7, 8): 0.0887, (11, 12): 0.0708, (24, 25): 0.0926,
        (33, 34): 0.0818, (38, 40): 0.1209, (46, 48): 0.4656,
    }  # fmt: skip
    assert set(told) == set(published)
    for place, mass in published.items():
        assert told[place] == pytest.approx(mass, abs=2e-4)


def test_turnbull_is_kaplan_and_meier_where_every_day_is_known():
    high = [time if end else math.inf for time, end in zip(DRUG, DRUG_ENDED)]
    curve, known = turnbull(Intervals(DRUG, high)), kaplan_meier(DRUG, DRUG_ENDED)
    falls = np.diff(np.concatenate([[1.0], curve.survival])) < -1e-6
    assert curve.time[falls].tolist() == known.time.tolist()
    assert curve.survival[falls] == pytest.approx(known.survival, abs=1e-4)


def test_bounds_are_the_same_each_time_and_hold_the_estimate():
    one, other = (turnbull(Intervals(LEFT, RIGHT, open_low=[True] * len(LEFT))) for _ in range(2))
    assert one.low.tolist() == other.low.tolist() and (one.low < one.high).any()
    assert (one.low <= one.survival + 1e-6).all() and (one.survival <= one.high + 1e-6).all()


def test_drawn_bounds_come_near_those_of_greenwood():
    high = [time if end else math.inf for time, end in zip(DRUG, DRUG_ENDED)]
    drawn, known = Intervals(DRUG, high).drawn_at(12), kaplan_meier(DRUG, DRUG_ENDED).at(12)
    assert np.std(drawn) == pytest.approx(standard_error(DRUG, DRUG_ENDED, 12), rel=0.2)
    assert np.mean(drawn) == pytest.approx(known[0], abs=0.02)


def test_nothing_ended_and_all_ended_give_no_false_bounds():
    assert kaplan_meier([3, 4], [0, 0]).at(10) == (1.0, 1.0, 1.0)
    share, low, high = kaplan_meier([3, 4], [1, 1]).at(10)
    assert share == 0.0 and math.isnan(low) and math.isnan(high)
