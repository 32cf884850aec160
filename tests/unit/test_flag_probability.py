"""The probability of having been near, against Monte Carlo over the exact geodesic kernel."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from pyproj import Geod

from ceasefire_monitor.analysis.contact_line import LineColumns, prepare_lines
from ceasefire_monitor.analysis.incident_columns import IncidentColumns
from ceasefire_monitor.analysis.nearest import nearest
from ceasefire_monitor.analysis.probability import probability_near

GEOD = Geod(ellps="WGS84")
DRAWS = 12_000
BENT = [(30.0, 50.0), (30.1, 50.05), (30.12, 49.95), (30.3, 50.1), (30.28, 50.12), (30.5, 50.0)]
SECTOR = {
    "observer_lon": 30.1,
    "observer_lat": 50.15,
    "bearing_deg": 157.5,
    "bearing_halfwidth_deg": 11.25,
    "range_min_m": 3000.0,
    "range_max_m": 9000.0,
}


def lines_of(*geometries, uncertainty=np.nan):
    unsure = np.full(len(geometries), uncertainty)
    return prepare_lines(LineColumns(np.array(geometries, dtype=object), uncertainty_m=unsure))


def one(lon, lat, kind, radius, **sector):
    return IncidentColumns(
        [lon],
        [lat],
        uncertainty_m=[radius],
        uncertainty_kind=[kind],
        **{name: [value] for name, value in sector.items()},
    )


def computed(lines, incident, limit):
    among = tuple(range(len(lines)))
    bare = nearest(lines, incident.lon, incident.lat).distance_m
    return probability_near(lines, among, incident, np.array([0]), bare, limit)[0]


def drawn(incident, rng):
    """Places where the incident may have been, drawn at random."""
    kind, radius = incident.uncertainty_kind[0], incident.uncertainty_m[0]
    if kind == "sector":
        azimuth = SECTOR["bearing_deg"] + SECTOR["bearing_halfwidth_deg"] * rng.uniform(
            -1, 1, DRAWS
        )
        near, far = SECTOR["range_min_m"], SECTOR["range_max_m"]
        away = np.sqrt(rng.uniform(near**2, far**2, DRAWS))
        start = (SECTOR["observer_lon"], SECTOR["observer_lat"])
    else:
        start = (incident.lon[0], incident.lat[0])
        azimuth = rng.uniform(0, 360, DRAWS)
        if kind == "gauss":
            away = rng.rayleigh(radius / np.sqrt(-2 * np.log(0.05)), DRAWS)
        else:
            away = radius * np.sqrt(rng.random(DRAWS))
    lon, lat, _ = GEOD.fwd(np.full(DRAWS, start[0]), np.full(DRAWS, start[1]), azimuth, away)
    return lon, lat


def simulated(lines, incident, limit, rng):
    lon, lat = drawn(incident, rng)
    near = np.zeros(DRAWS, dtype=bool)
    for index in range(len(lines)):
        away = nearest(lines, lon, lat, [index]).distance_m
        sigma = np.nan_to_num(lines.columns.uncertainty_m[index]) / 1.959964
        near |= np.abs(away - rng.normal(0, sigma, DRAWS)) <= limit
    return near.mean()


@pytest.mark.parametrize("line_uncertainty", [np.nan, 2000.0])
@pytest.mark.parametrize("kind", ["gauss", "disc", "area", "sector"])
def test_within_two_hundredths_of_a_simulation_for_bent_lines(kind, line_uncertainty):
    lines = lines_of(shapely.LineString(BENT), uncertainty=line_uncertainty)
    rng = np.random.default_rng(11)
    between = 0
    for radius in (10.0, 1000.0, 8000.0, 50_000.0):
        for lon, lat, limit in (
            (30.2, 49.99, 5000.0),
            (30.52, 49.97, 5000.0),
            (30.31, 50.02, 500.0),
        ):
            incident = one(lon, lat, kind, radius, **(SECTOR if kind == "sector" else {}))
            probability = computed(lines, incident, limit)
            truth = simulated(lines, incident, limit, rng)
            assert probability == pytest.approx(truth, abs=0.02)
            between += 0.02 < truth < 0.98
    assert between >= 4


def test_of_two_lines_either_counts():
    lines = lines_of(
        shapely.LineString([(30, 50), (31, 50)]),
        shapely.LineString([(30, 50.12), (31, 50.12)]),
        uncertainty=1500.0,
    )
    incident = one(30.5, 50.06, "gauss", 6000.0)
    truth = simulated(lines, incident, 4000.0, np.random.default_rng(2))
    assert computed(lines, incident, 4000.0) == pytest.approx(truth, abs=0.02)


def test_the_same_question_gives_the_same_answer():
    lines = lines_of(shapely.LineString(BENT), uncertainty=800.0)
    incident = one(30.2, 50.0, "gauss", 5000.0)
    assert computed(lines, incident, 5000.0) == computed(lines, incident, 5000.0)


def test_where_it_can_be_no_other_it_is_exactly_none_or_one():
    lines = lines_of(shapely.LineString(BENT))
    assert computed(lines, one(30.1, 50.04, "disc", 100.0), 5000.0) == 1.0
    assert computed(lines, one(30.1, 51.0, "gauss", 1000.0), 5000.0) == 0.0
    assert computed(lines, one(30.1, 50.05, "gauss", 0.0), 1.0) == 1.0


def test_a_sector_without_its_observation_is_taken_as_normal():
    lines = lines_of(shapely.LineString(BENT))
    asked = one(30.1, 50.09, "sector", 3000.0)
    assert computed(lines, asked, 5000.0) == computed(
        lines, one(30.1, 50.09, "gauss", 3000.0), 5000.0
    )
