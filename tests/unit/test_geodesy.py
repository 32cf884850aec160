"""Geodesic arithmetic, against GeographicLib and against counting."""

from __future__ import annotations

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic

from ceasefire_monitor.analysis.geodesy import direct, inverse, sector_point

WGS84 = Geodesic.WGS84


def test_direct_and_inverse_agree_with_geographiclib():
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(-180, 180, 200), rng.uniform(-89, 89, 200)
    azimuth, distance = rng.uniform(0, 360, 200), rng.uniform(0, 500_000, 200)
    there_lon, there_lat = direct(lon, lat, azimuth, distance)
    back_azimuth, back_distance = inverse(lon, lat, there_lon, there_lat)
    for row in range(200):
        told = WGS84.Direct(lat[row], lon[row], azimuth[row], distance[row])
        assert there_lat[row] == pytest.approx(told["lat2"], abs=1e-9)
        assert (there_lon[row] - told["lon2"] + 180) % 360 - 180 == pytest.approx(0, abs=1e-8)
    assert np.allclose(back_distance, distance, atol=1e-5)
    assert np.abs((back_azimuth - azimuth + 180) % 360 - 180).max() < 1e-3


def test_scalars_come_back_as_scalars():
    lon, lat = direct(30.0, 50.0, 90.0, 1000.0)
    assert isinstance(lon, float) and isinstance(lat, float)
    azimuth, distance = inverse(30.0, 50.0, lon, lat)
    assert distance == pytest.approx(1000.0, abs=1e-6)
    assert 0.0 <= azimuth < 360.0


def test_arrays_broadcast_and_unknown_stays_unknown():
    lon, lat = direct(np.array([30.0, np.nan]), 50.0, np.array([0.0, 90.0]), 1000.0)
    assert lon.shape == (2,)
    assert np.isnan(lon[1]) and not np.isnan(lat[0])


@pytest.mark.parametrize(
    ("halfwidth", "nearest", "farthest"),
    [(11.25, 3000.0, 5000.0), (22.5, 0.0, 8000.0), (3.0, 1000.0, 1000.0), (90.0, 500.0, 4000.0)],
)
def test_sector_point_lies_mid_bearing_and_its_radius_holds_95_percent(
    halfwidth, nearest, farthest
):
    lon, lat, radius = sector_point(30.0, 50.0, 337.5, halfwidth, nearest, farthest)
    rng = np.random.default_rng(7)
    count = 20_000
    azimuth = 337.5 + halfwidth * rng.uniform(-1, 1, count)
    distance = np.sqrt(rng.uniform(nearest**2, farthest**2, count))
    places = direct(30.0, 50.0, azimuth, distance)
    away = inverse(lon, lat, *places)[1]
    assert np.mean(away <= radius) == pytest.approx(0.95, abs=0.01)
    told = WGS84.Inverse(50.0, 30.0, lat, lon)
    assert told["azi1"] % 360 == pytest.approx(337.5, abs=1e-6)
    assert told["s12"] == pytest.approx(np.sqrt((nearest**2 + farthest**2) / 2), abs=0.01)


def test_a_sector_all_around_stands_at_the_observer():
    lon, lat, radius = sector_point(30.0, 50.0, 0.0, 180.0, 0.0, 1000.0)
    assert (lon, lat) == (pytest.approx(30.0), pytest.approx(50.0))
    assert radius == pytest.approx(1000.0 * np.sqrt(0.95), rel=0.01)
