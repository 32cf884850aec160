"""Earth-centred places and arcs, against PROJ's geodesics."""

from __future__ import annotations

import numpy as np
from pyproj import Geod, Transformer

from ceasefire_monitor.analysis.earth_centred import Horizon, earth_centred

WGS84 = Geod(ellps="WGS84")


def places(count, seed=1):
    random = np.random.default_rng(seed)
    return random.uniform(-180.0, 180.0, count), random.uniform(-89.5, 89.5, count)


def test_earth_centred_places_are_those_of_proj():
    lon, lat = places(2000)
    known = Transformer.from_crs(4979, 4978, always_xy=True).transform(lon, lat, np.zeros(2000))
    for ours, theirs in zip(earth_centred(lon, lat), known):
        assert np.abs(ours - theirs).max() < 1e-8


def test_degrees_lead_back_from_the_ground_and_from_just_below_it():
    lon, lat = places(2000)
    for height in (0.0, -0.5):
        known = Transformer.from_crs(4979, 4978, always_xy=True)
        there = known.transform(lon, lat, np.full(2000, height))
        back_lon, back_lat = Horizon(*there, height).degrees()
        _, _, off = WGS84.inv(lon, lat, back_lon, back_lat)
        assert off.max() < 1e-4


def test_the_arc_over_a_chord_is_the_geodesic_to_a_millimetre_up_to_100_km():
    lon, lat = places(20_000)
    random = np.random.default_rng(2)
    length, azimuth = random.uniform(1.0, 200_000.0, 20_000), random.uniform(0.0, 360.0, 20_000)
    there_lon, there_lat, _ = WGS84.fwd(lon, lat, azimuth, length)
    here = earth_centred(lon, lat)
    away = [b - a for a, b in zip(here, earth_centred(there_lon, there_lat))]
    chord = np.sqrt(sum(column**2 for column in away))
    horizon = Horizon(*here)
    east, north = horizon.east_north(*away)
    off = np.abs(horizon.arc(chord, north) - length)
    assert off[length < 100_000.0].max() < 1e-3
    assert off.max() < 3e-3
    # Towards a place 200 km away the chord's direction is that of the geodesic to an arc second.
    turned = np.mod(np.degrees(np.arctan2(east, north)) - azimuth + 180.0, 360.0) - 180.0
    assert np.abs(turned).max() < 1e-3
