"""Rings and fans of range, against GeographicLib."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from geographiclib.geodesic import Geodesic

from ceasefire_monitor.analysis.range_rings import Range, fan, ranges_of
from ceasefire_monitor.model.errors import CeasefireError
from ceasefire_monitor.model.vocabulary import vocabulary

WGS84 = Geodesic.WGS84
PLACES = [(10.2, 5.0), (30.5, 69.0), (179.99, -20.0), (-179.99, 64.0)]


def measured(lon, lat, points):
    """Azimuth and distance of points from a place, by GeographicLib."""
    told = [WGS84.Inverse(lat, lon, y, x) for x, y in points]
    return np.array([each["azi1"] for each in told]), np.array([each["s12"] for each in told])


@pytest.mark.parametrize(("lon", "lat"), PLACES)
@pytest.mark.parametrize("radius", [500.0, 20_000.0, 120_000.0])
def test_every_corner_of_a_ring_is_as_far_as_the_range(lon, lat, radius):
    shape = fan(lon, lat, 0.0, 180.0, 0.0, radius)
    _, distances = measured(lon, lat, shapely.get_coordinates(shape))
    assert np.abs(distances - radius).max() < 1e-3
    assert shape.is_valid and shape.contains(shapely.Point(lon, lat))


@pytest.mark.parametrize(("lon", "lat"), PLACES)
def test_a_fan_keeps_its_bearings_and_ranges(lon, lat):
    shape = fan(lon, lat, 350.0, 20.0, 1000.0, 8000.0)
    azimuths, distances = measured(lon, lat, shapely.get_coordinates(shape))
    assert distances.min() == pytest.approx(1000.0, abs=1e-3)
    assert distances.max() == pytest.approx(8000.0, abs=1e-3)
    off = (azimuths - 350.0 + 180.0) % 360.0 - 180.0
    assert (off.min(), off.max()) == (pytest.approx(-20.0, abs=1e-6), pytest.approx(20.0, abs=1e-6))
    assert shape.is_valid


def test_the_area_of_a_fan_is_that_of_the_annular_sector():
    from pyproj import Geod

    shape = fan(10.0, 5.0, 90.0, 30.0, 2000.0, 6000.0)
    area = abs(Geod(ellps="WGS84").geometry_area_perimeter(shape)[0])
    assert area == pytest.approx(np.pi / 6.0 * (6000.0**2 - 2000.0**2), rel=1e-3)


def test_a_ring_between_two_ranges_has_a_hole():
    shape = fan(10.0, 5.0, 0.0, 180.0, 2000.0, 6000.0)
    assert len(shape.interiors) == 1
    assert not shape.contains(shapely.Point(10.0, 5.0))


def test_a_ring_around_the_pole_holds_the_pole():
    shape = fan(40.0, 89.0, 0.0, 180.0, 0.0, 300_000.0)
    assert shape.is_valid
    assert shape.bounds[3] == 90.0


def test_ranges_are_read_in_metres_kilometres_and_weapons():
    weapons = vocabulary("weapon_types")
    found = ranges_of("5 km; 800\nmortar_120; hmg=1800; mortar=6,5 km", weapons)
    assert found == [
        Range(800.0),
        Range(1800.0, "hmg"),
        Range(5000.0),
        Range(6500.0, "mortar"),
        Range(weapons["mortar_120"]["range_m"], "mortar_120"),
    ]


@pytest.mark.parametrize(
    "text", ["", " ; ", "mortar", "slingshot", "hmg=far", "0", "-5", "5 miles"]
)
def test_what_is_no_range_is_refused_with_a_sentence(text):
    with pytest.raises(CeasefireError, match="write"):
        ranges_of(text, vocabulary("weapon_types"))
