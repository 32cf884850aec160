"""The quick way to probabilities, by a few feet, against simulation that knows nothing of it."""

from __future__ import annotations

import math

import numpy as np
import pyproj
import pytest
import shapely

from ceasefire_monitor.analysis.contact_line import LineColumns, prepare_lines
from ceasefire_monitor.analysis.incident_columns import IncidentColumns
from ceasefire_monitor.analysis.probability_feet import TAIL, by_the_tail, near_by_feet
from ceasefire_monitor.analysis.probability_spreads import Unsure

LIMIT_M = 2_000.0
LINE_M = 40.0
DRAWS = 12_000
WIDE_95 = math.sqrt(-2.0 * math.log(0.05))
PLANE = pyproj.Transformer.from_crs(
    "+proj=aeqd +lat_0=48 +lon_0=35 +ellps=WGS84", "EPSG:4326", always_xy=True
)


def plane_line(waves_m=250.0):
    """A line that waves, in metres about the middle of the plane: (n, 2)."""
    x = np.linspace(-30_000.0, 30_000.0, 601)
    y = waves_m * (np.sin(x / 900.0) + 3.0 * np.sin(x / 6_000.0 + 1.0))
    return np.column_stack([x, y])


def prepared(shape):
    geometry = shapely.linestrings(np.column_stack(PLANE.transform(*shape.T)))
    return prepare_lines(LineColumns(np.array([geometry], dtype=object)))


def incidents_about(shape, kind, share, count, seed):
    """Incidents whose limit runs through where they may have been, and the same in the plane."""
    random = np.random.default_rng(seed)
    radius = np.full(count, share * LIMIT_M)
    away = LIMIT_M + radius * random.uniform(-0.8, 0.8, count)
    at = shape[random.integers(150, 450, count)]
    x, y = at[:, 0], at[:, 1] + away * random.choice([-1.0, 1.0], count)
    bearing = random.uniform(0.0, 360.0, count)
    post = 1.5 * radius
    post_x = x - post * np.sin(np.radians(bearing))
    post_y = y - post * np.cos(np.radians(bearing))
    lon, lat = PLANE.transform(x, y)
    post_lon, post_lat = PLANE.transform(post_x, post_y)
    seen = {
        "bearing_deg": bearing,
        "bearing_halfwidth_deg": random.uniform(4.0, 12.0, count),
        "range_min_m": post - 0.8 * radius,
        "range_max_m": post + 0.8 * radius,
    }
    kinds = np.full(count, kind, dtype=object)
    incidents = IncidentColumns(
        lon,
        lat,
        uncertainty_m=radius,
        uncertainty_kind=kinds,
        observer_lon=post_lon,
        observer_lat=post_lat,
        **seen,
    )
    return incidents, np.column_stack([x, y, radius, post_x, post_y, *seen.values()])


def simulated(shape, kind, row, random):
    """The share of drawn places within the limit of the drawn line, which moves as a whole."""
    x, y, radius, post_x, post_y, bearing, halfwidth, low, high = row
    if kind == "gauss":
        east, north = random.normal(0.0, radius / WIDE_95, (2, DRAWS))
    elif kind == "disc":
        away, turn = radius * np.sqrt(random.random(DRAWS)), 2.0 * np.pi * random.random(DRAWS)
        east, north = away * np.cos(turn), away * np.sin(turn)
    else:
        away = np.sqrt(random.uniform(low**2, high**2, DRAWS))
        turn = np.radians(bearing + random.uniform(-halfwidth, halfwidth, DRAWS))
        x, y, east, north = post_x, post_y, away * np.sin(turn), away * np.cos(turn)
    distance = _distances(shape, x + east, y + north)
    return float((distance + random.normal(0.0, LINE_M, DRAWS) <= LIMIT_M).mean())


def _distances(shape, x, y):
    near = np.abs(shape[:, 0] - x.mean()) < 8_000.0
    return shapely.distance(shapely.points(x, y), shapely.linestrings(shape[near]))


@pytest.mark.parametrize("share", [0.08, 0.3, 0.65, 0.95])
@pytest.mark.parametrize("kind", ["gauss", "disc", "sector"])
def test_what_is_told_is_what_simulation_finds(kind, share):
    shape, count = plane_line(), 8
    incidents, plane = incidents_about(shape, kind, share, count, seed=int(100 * share))
    unsure = Unsure.of(incidents, np.arange(count))
    chance, told = near_by_feet(prepared(shape), (0,), LINE_M, unsure, LIMIT_M)
    assert told.sum() >= 0.5 * count
    random = np.random.default_rng(5)
    truths = [simulated(shape, kind, plane[number], random) for number in np.flatnonzero(told)]
    # Simulation itself is off by 0.009 at two standard deviations.
    assert np.allclose(chance[told], truths, atol=0.03)
    assert np.abs(chance[told] - truths).mean() < 0.01


def test_a_sector_along_the_limit_is_told_from_places_all_over_it():
    shape, count = plane_line(), 12
    incidents, plane = incidents_about(shape, "sector", 0.4, count, seed=21)
    # Turned to look along the line, from a post as far from it as the limit.
    for row in range(count):
        side, at = (1.0, -1.0)[row % 2], shape[200 + 15 * row]
        post = at[0] - 1_500.0, at[1] + side * (LIMIT_M + 30.0 * row - 150.0)
        lon, lat = PLANE.transform(*post)
        incidents.observer_lon[row], incidents.observer_lat[row] = lon, lat
        incidents.bearing_deg[row] = plane[row, 5] = 90.0
        plane[row, 3:5] = post
    unsure = Unsure.of(incidents, np.arange(count))
    chance, told = near_by_feet(prepared(shape), (0,), LINE_M, unsure, LIMIT_M)
    assert told.all()
    random = np.random.default_rng(6)
    truths = np.array([simulated(shape, "sector", row, random) for row in plane])
    assert ((truths > 0.05) & (truths < 0.95)).sum() >= count // 2
    assert np.allclose(chance, truths, atol=0.03)
    assert np.abs(chance - truths).mean() < 0.01


@pytest.mark.parametrize("kind", ["gauss", "disc", "sector"])
def test_the_same_incident_gets_the_same_answer_alone_and_in_company(kind):
    shape = plane_line()
    incidents, _ = incidents_about(shape, kind, 0.4, 40, seed=3)
    lines, unsure = prepared(shape), Unsure.of(incidents, np.arange(40))
    chance, told = near_by_feet(lines, (0,), LINE_M, unsure, LIMIT_M)
    for number in range(0, 40, 9):
        alone = near_by_feet(lines, (0,), LINE_M, unsure.take(np.array([number])), LIMIT_M)
        assert (alone[0][0], alone[1][0]) == (chance[number], told[number])


def test_beside_a_straight_line_normal_places_follow_the_closed_form():
    shape = plane_line(waves_m=0.0)
    incidents, plane = incidents_about(shape, "gauss", 0.5, 20, seed=8)
    unsure = Unsure.of(incidents, np.arange(20))
    chance, told = near_by_feet(prepared(shape), (0,), LINE_M, unsure, LIMIT_M)
    deviation = math.hypot(0.5 * LIMIT_M / WIDE_95, LINE_M)
    beyond = (np.abs(plane[:, 1]) - LIMIT_M) / deviation
    expected = [0.5 * math.erfc(one / math.sqrt(2.0)) for one in beyond]
    assert told.all()
    # The limit of a few feet is a row of arcs, a little inside the straight one.
    assert np.allclose(chance, expected, atol=0.01)


def test_nothing_is_told_of_what_is_spread_wider_than_the_limit_or_of_a_line_that_moves_far():
    shape = plane_line()
    lines = prepared(shape)
    wide, _ = incidents_about(shape, "gauss", 1.5, 6, seed=4)
    assert not near_by_feet(lines, (0,), LINE_M, Unsure.of(wide, np.arange(6)), LIMIT_M)[1].any()
    small, _ = incidents_about(shape, "gauss", 0.2, 6, seed=4)
    moved = near_by_feet(lines, (0,), 0.3 * LIMIT_M, Unsure.of(small, np.arange(6)), LIMIT_M)
    assert not moved[1].any()


def test_a_ray_that_crosses_two_arms_of_the_line_is_not_told():
    # Between two arms farther apart than twice the limit: near the one, neither, near the other.
    apart = 2.3 * LIMIT_M
    shape = np.array([[-2e4, 0.0], [1e4, 0.0], [1e4, apart], [-2e4, apart]])
    lon, lat = PLANE.transform([-5_000.0], [apart / 2.0])
    incidents = IncidentColumns(
        lon, lat, uncertainty_m=[0.95 * LIMIT_M], uncertainty_kind=["gauss"]
    )
    unsure = Unsure.of(incidents, np.arange(1))
    assert not near_by_feet(prepared(shape), (0,), LINE_M, unsure, LIMIT_M)[1][0]


def test_far_from_the_limit_the_tail_of_the_normal_distribution_tells():
    count = 5
    kinds = np.array(["gauss", "gauss", "gauss", "disc", "gauss"], dtype=object)
    place = np.full(count, 35.0), np.full(count, 48.0)
    incidents = IncidentColumns(
        *place, uncertainty_m=np.full(count, 1_000.0), uncertainty_kind=kinds
    )
    deviation = math.hypot(1_000.0 / WIDE_95, LINE_M)
    beyond = np.array([TAIL + 0.05, -TAIL - 0.05, TAIL - 0.05, 5.0, -6.0])
    unsure = Unsure.of(incidents, np.arange(count))
    chance, told = by_the_tail(LINE_M, unsure, LIMIT_M + beyond * deviation, LIMIT_M)
    assert told.tolist() == [True, True, False, False, True]
    expected = [0.5 * math.erfc(one / math.sqrt(2.0)) for one in beyond[told]]
    assert np.allclose(chance[told], expected, atol=1e-5)
