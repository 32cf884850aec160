"""Bearings as observers tell them."""

from __future__ import annotations

import pytest

from ceasefire_monitor.analysis.bearings import (
    UNITS,
    bearing_in,
    degrees_of,
    halfwidth_in_degrees,
    told_bearing,
    true_bearing,
)
from ceasefire_monitor.model.errors import CeasefireError


@pytest.mark.parametrize(
    ("told", "unit", "degrees"),
    [
        (90, "degrees", 90.0),
        (360, "degrees", 0.0),
        ("45,5", "degrees", 45.5),
        (1600, "mils_6400", 90.0),
        (1500, "mils_6000", 90.0),
        (1575, "mils_6300", 90.0),
        ("nnw", "winds", 337.5),
        ("ESE", "winds", 112.5),
    ],
)
def test_every_unit_is_read(told, unit, degrees):
    assert degrees_of(told, unit) == pytest.approx(degrees)


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_comes_back_as_it_was(unit):
    for degrees in range(0, 360, 45):
        assert degrees_of(bearing_in(degrees, unit), unit) == pytest.approx(degrees)


def test_the_nearest_wind_is_named_around_north():
    assert bearing_in(348.75, "winds") == "N"
    assert bearing_in(348.7, "winds") == "NNW"
    assert bearing_in(11.3, "winds") == "NNE"


@pytest.mark.parametrize(
    ("told", "unit"),
    [(361, "degrees"), (-1, "degrees"), (6401, "mils_6400"), ("NWN", "winds"), ("x", "degrees")],
)
def test_what_is_no_bearing_is_refused_with_a_sentence(told, unit):
    with pytest.raises(CeasefireError, match="write"):
        degrees_of(told, unit)


def test_declination_east_is_added_and_taken_off_again():
    assert true_bearing(355.0, "magnetic", 7.5) == pytest.approx(2.5)
    assert true_bearing(355.0, "true", 7.5) == 355.0
    assert told_bearing(2.5, "magnetic", 7.5) == pytest.approx(355.0)
    assert true_bearing(3.0, "magnetic", -7.0) == pytest.approx(356.0)


def test_a_wind_is_not_known_better_than_to_half_a_wind():
    assert halfwidth_in_degrees(0.0, "winds") == 11.25
    assert halfwidth_in_degrees(20.0, "winds") == 20.0
    assert halfwidth_in_degrees(160.0, "mils_6400") == pytest.approx(9.0)
