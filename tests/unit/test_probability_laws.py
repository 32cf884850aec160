"""What a probability has to obey, whatever the numbers: bounds, order, the same answer again."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ceasefire_monitor.analysis.contact_line import LineColumns, prepare_lines
from ceasefire_monitor.analysis.incident_columns import IncidentColumns
from ceasefire_monitor.analysis.nearest import nearest
from ceasefire_monitor.analysis.probability import probability_near
from ceasefire_monitor.analysis.probability_area import area_places, attach_areas
from ceasefire_monitor.analysis.side_probability import side_probability

BENT = [(30.0, 50.0), (30.1, 50.05), (30.12, 49.95), (30.3, 50.1), (30.28, 50.12), (30.5, 50.0)]


def lines_of(*geometries, uncertainty=np.nan, **columns):
    unsure = np.full(len(geometries), uncertainty)
    geometry = np.array(geometries, dtype=object)
    return prepare_lines(LineColumns(geometry, uncertainty_m=unsure, **columns))


def many(count, seed=1):
    rng = np.random.default_rng(seed)
    return IncidentColumns(
        rng.uniform(29.9, 30.6, count),
        rng.uniform(49.8, 50.2, count),
        uncertainty_m=10 ** rng.uniform(1, 4.3, count),
        uncertainty_kind=rng.choice(["gauss", "disc", "sector", None], count),
        observer_lon=rng.uniform(29.9, 30.6, count),
        observer_lat=rng.uniform(49.8, 50.2, count),
        bearing_deg=rng.uniform(0, 360, count),
        bearing_halfwidth_deg=rng.uniform(1, 200, count),
        range_min_m=rng.uniform(0, 3000, count),
        range_max_m=rng.uniform(3000, 9000, count),
    )


def asked(lines, incidents, limit, rows=None):
    rows = np.arange(len(incidents)) if rows is None else rows
    bare = nearest(lines, incidents.lon[rows], incidents.lat[rows]).distance_m
    return probability_near(lines, tuple(range(len(lines))), incidents, rows, bare, limit)


@settings(max_examples=8, deadline=None)
@given(st.floats(10.0, 20_000.0), st.floats(1.0, 1.5), st.sampled_from([np.nan, 50.0, 3000.0]))
def test_a_greater_distance_is_never_less_likely(limit, factor, unsure):
    lines = lines_of(shapely.LineString(BENT), uncertainty=unsure)
    incidents = many(60)
    nearer, farther = asked(lines, incidents, limit), asked(lines, incidents, limit * factor)
    # The ways by which it is worked out agree to a hundredth, not to the last digit.
    assert (farther >= nearer - 0.01).all()
    assert ((nearer >= 0.0) & (farther <= 1.0)).all()


def test_an_incident_gets_the_same_answer_alone_and_in_company():
    incidents = many(150)
    together = asked(lines_of(shapely.LineString(BENT), uncertainty=300.0), incidents, 3000.0)
    undecided = np.flatnonzero((together > 0.0) & (together < 1.0))
    assert len(undecided) > 30
    lines = lines_of(shapely.LineString(BENT), uncertainty=300.0)
    for row in undecided[::-1]:
        assert asked(lines, incidents, 3000.0, np.array([row]))[0] == together[row]


def test_across_the_antimeridian_and_near_the_pole_as_anywhere():
    here = lines_of(shapely.LineString([(10.0, 0.01), (11.0, 0.01)]))
    there = lines_of(shapely.LineString([(179.5, 0.01), (180.5, 0.01)]))
    for kind, radius in (("gauss", 4000.0), ("disc", 9000.0)):
        told = [
            asked(lines, IncidentColumns([lon], [0.06], None, None, None, [radius], [kind]), 5000.0)
            for lines, lon in ((here, 10.5), (there, 180.0), (there, -180.0))
        ]
        assert told[1] == pytest.approx(told[0], abs=0.003)
        assert told[2] == pytest.approx(told[1], abs=0.003)
    pole = lines_of(shapely.LineString([(0.0, 89.95), (90.0, 89.95), (180.0, 89.95)]))
    chance = asked(pole, IncidentColumns([45.0], [89.99], None, None, None, [8000.0], None), 4000.0)
    assert 0.0 < chance[0] < 1.0


def test_places_in_an_area_are_even_also_in_slivers_holes_and_parts():
    hole = shapely.box(10, 50, 10.2, 50.1).difference(shapely.box(10.05, 50.02, 10.15, 50.08))
    sliver = shapely.Polygon([(10, 50), (10.5, 50.4), (10.501, 50.4), (10.001, 50)])
    parts = shapely.MultiPolygon([shapely.box(10, 50, 10.3, 50.1), shapely.box(11, 50, 11.1, 50.1)])
    sides = shapely.MultiPolygon([shapely.box(179, 5, 180, 6), shapely.box(-180, 5, -179.5, 6)])
    for area in (hole, sliver, parts, sides):
        lon, lat, apart = area_places(area)
        inside = shapely.dwithin(area, shapely.points(lon, lat), 0.02)
        assert inside.all() and len(lon) == 1024 and apart > 0.0
        assert shapely.contains_xy(area, lon, lat).mean() > 0.94
    lon, lat, _ = area_places(parts)
    assert (lon < 10.5).mean() == pytest.approx(0.75, abs=0.01)
    lon, lat, _ = area_places(sides)
    assert (lon > 0).mean() == pytest.approx(2 / 3, abs=0.01)


def test_an_area_that_crosses_the_limit_halfway_is_near_by_half():
    lines = lines_of(shapely.LineString([(10.0, 0.0), (12.0, 0.0)]))
    area = shapely.box(10.9, 0.0, 11.1, 0.09)
    incident = IncidentColumns([11.0, 11.0], [0.045, 0.3], uncertainty_kind=["area", "area"])
    incident.area[:] = [area, area]
    limit = 0.045 * 110_574.0
    assert asked(lines, incident, limit) == pytest.approx([0.5, 0.5], abs=0.005)
    assert asked(lines, incident, 20_000.0).tolist() == [1.0, 1.0]


def test_a_normal_place_beside_a_straight_line_has_the_closed_form():
    lines = lines_of(shapely.LineString([(9.0, 0.0), (12.0, 0.0)]), uncertainty=1959.963985)
    radius = 2.447746830680816 * 750.0
    incident = IncidentColumns([10.5], [4000.0 / 110_574.3], None, None, None, [radius], ["gauss"])
    # Place and line together: a normal deviation of 1,250 m; 4,000 m away, the limit at 5,000 m.
    assert asked(lines, incident, 5000.0)[0] == pytest.approx(0.78814, abs=0.004)
    side = nearest(lines, incident.lon, incident.lat)
    told = side_probability(lines, (0,), incident, np.array([0]), side)[0]
    assert told == pytest.approx(0.99931, abs=0.002)


def test_the_side_is_certain_unknown_or_none():
    lines = lines_of(shapely.LineString([(10.0, 0.0), (12.0, 0.0)]), uncertainty=100.0)
    incidents = IncidentColumns(
        [11.0, 11.0, 13.0, 11.0],
        [0.2, 0.2, 0.0, -0.2],
        uncertainty_m=[5000.0, np.nan, 500.0, 9000.0],
        uncertainty_kind=["gauss", "gauss", "gauss", "disc"],
    )
    found = nearest(lines, incidents.lon, incidents.lat)
    told = side_probability(lines, (0,), incidents, np.arange(4), found)
    assert told[0] == 1.0 and told[3] == 1.0
    assert np.isnan(told[1]) and np.isnan(told[2])


def test_a_party_is_on_its_side_of_whichever_line_is_nearest():
    names = {"left_party": ["Northern command"] * 2, "right_party": ["Southern command"] * 2}
    one, other = [(10.0, 0.0), (11.0, 0.0)], [(11.0, 0.0), (12.0, 0.0)]
    lines = lines_of(shapely.LineString(one), shapely.LineString(other), **names)
    incident = IncidentColumns([11.0], [0.01], None, None, None, [20_000.0], ["gauss"])
    found = nearest(lines, incident.lon, incident.lat)
    told = side_probability(lines, (0, 1), incident, np.array([0]), found)[0]
    whole = lines_of(shapely.LineString([*one, *other[1:]]))
    found = nearest(whole, incident.lon, incident.lat)
    alone = side_probability(whole, (0,), incident, np.array([0]), found)[0]
    assert told == pytest.approx(alone, abs=0.02)


def test_areas_are_found_by_name_and_those_that_are_not_are_told():
    kinds = ["area", "area", "gauss", "area"]
    incidents = IncidentColumns(np.zeros(4), np.zeros(4), uncertainty_kind=kinds)
    area = shapely.box(10.0, 50.0, 11.0, 51.0)
    names = np.array(["Upper Vale", " upper vale", "Upper Vale", None], dtype=object)
    assert attach_areas(incidents, names, [area], ["Upper Vale"]).tolist() == [3]
    assert incidents.area[0] is area and incidents.area[1] is area
    assert incidents.has_area().tolist() == [True, True, False, False]


def test_behind_an_end_there_is_no_side_and_the_share_says_so():
    lines = lines_of(shapely.LineString([(10.0, 0.0), (11.0, 0.0)]))
    # Half of the disc lies past the end, the other half left and right of the line.
    incident = IncidentColumns([10.9999], [0.0005], None, None, None, [4000.0], ["disc"])
    found = nearest(lines, incident.lon, incident.lat)
    told = side_probability(lines, (0,), incident, np.array([0]), found)[0]
    assert told == pytest.approx(0.25, abs=0.015)
