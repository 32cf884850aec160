"""The kernel's distances, feet and chainages, against GeographicLib by search along each edge."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from geographiclib.geodesic import Geodesic

from ceasefire_monitor.analysis.contact_line import LineColumns, prepare_lines
from ceasefire_monitor.analysis.nearest import nearest

WGS84 = Geodesic.WGS84


def prepared(*geometries, **columns):
    return prepare_lines(LineColumns(np.array(geometries, dtype=object), **columns))


def by_search(vertices, lon, lat):
    """(distance, chainage) by golden-section search along every edge, in pure GeographicLib."""
    best, chainage = (np.inf, 0.0), 0.0
    for (lon0, lat0), (lon1, lat1) in zip(vertices[:-1], vertices[1:]):
        edge = WGS84.InverseLine(lat0, lon0, lat1, lon1)

        def away(along, edge=edge):
            place = edge.Position(along)
            return WGS84.Inverse(lat, lon, place["lat2"], place["lon2"])["s12"]

        steps = np.linspace(0.0, edge.s13, 25)
        values = [away(step) for step in steps]
        middle = int(np.argmin(values))
        low, high = steps[max(middle - 1, 0)], steps[min(middle + 1, 24)]
        ratio = (np.sqrt(5.0) - 1.0) / 2.0
        for _ in range(45):
            one, two = high - ratio * (high - low), low + ratio * (high - low)
            if away(one) < away(two):
                high = two
            else:
                low = one
        place = min((low + high) / 2.0, 0.0, edge.s13, key=away)
        best = min(best, (away(place), chainage + place))
        chainage += edge.s13
    return best


def points_about(vertices, rng, count, farthest_m):
    """Points at most ``farthest_m`` from somewhere on the line."""
    points = []
    for _ in range(count):
        edge = rng.integers(len(vertices) - 1)
        (lon0, lat0), (lon1, lat1) = vertices[edge], vertices[edge + 1]
        line = WGS84.InverseLine(lat0, lon0, lat1, lon1)
        place = line.Position(rng.uniform(0, line.s13))
        there = WGS84.Direct(
            place["lat2"], place["lon2"], rng.uniform(0, 360), farthest_m * rng.random() ** 2
        )
        points.append(((there["lon2"] + 180) % 360 - 180, there["lat2"]))
    return points


LINES = {
    "short edges": [(30 + 0.03 * i, 50 + 0.02 * np.sin(i)) for i in range(20)],
    "edges of hundreds of kilometres": [(30.0, 48.0), (36.0, 50.0), (35.0, 46.0), (41.0, 44.0)],
    "at 70 degrees north": [(20.0, 70.0), (30.0, 70.0), (31.0, 71.5)],
    "across the antimeridian": [(178.0, 52.0), (-179.0, 53.0), (-176.0, 51.0)],
    "southern": [(-70.0, -50.0), (-66.0, -55.0)],
}


@pytest.mark.parametrize("name", LINES)
def test_distance_and_chainage_agree_with_geographiclib(name):
    vertices = LINES[name]
    rng = np.random.default_rng(3)
    points = points_about(vertices, rng, 25, 100_000.0)
    found = nearest(prepared(shapely.LineString(vertices)), *np.array(points).T)
    for row, (lon, lat) in enumerate(points):
        distance, chainage = by_search(vertices, lon, lat)
        assert found.distance_m[row] == pytest.approx(distance, abs=0.05)
        foot = WGS84.Inverse(lat, lon, found.foot_lat[row], found.foot_lon[row])["s12"]
        assert foot == pytest.approx(distance, abs=0.05)
        assert found.chainage_m[row] == pytest.approx(chainage, abs=1.0)


def test_the_foot_lies_on_the_geodesic_edge_not_on_the_straight_line_of_degrees():
    # Half way between two places on the 60th parallel, 20 degrees apart, the geodesic runs
    # 46 km north of the parallel.
    line = prepared(shapely.LineString([(10, 60), (30, 60)]))
    found = nearest(line, [20.0], [60.0])
    top = WGS84.InverseLine(60, 10, 60, 30)
    middle = top.Position(top.s13 / 2)
    told = WGS84.Inverse(60, 20, middle["lat2"], middle["lon2"])["s12"]
    assert told > 40_000
    assert found.distance_m[0] == pytest.approx(told, abs=0.05)


def test_a_line_split_at_the_antimeridian_is_one_line():
    whole = prepared(shapely.LineString([(178, 52), (180, 52.5), (182, 53)]))
    split = prepared(
        shapely.MultiLineString([[(178, 52), (180, 52.5)], [(-180, 52.5), (-178, 53)]])
    )
    lon, lat = np.array([179.9, -179.9, 180.0]), np.array([52.6, 52.6, 53.0])
    one, other = nearest(whole, lon, lat), nearest(split, lon, lat)
    assert np.allclose(one.distance_m, other.distance_m, atol=1e-6)
    assert np.allclose(one.chainage_m, other.chainage_m, atol=1e-3)
    assert (one.side == other.side).all()


def test_far_points_and_the_other_side_of_the_earth_are_measured_too():
    vertices = LINES["short edges"]
    points = [(60.0, 20.0), (-60.0, 10.0), (30.3, -89.0), (-140.0, -40.0)]
    found = nearest(prepared(shapely.LineString(vertices)), *np.array(points).T)
    for row, (lon, lat) in enumerate(points):
        assert found.distance_m[row] == pytest.approx(by_search(vertices, lon, lat)[0], abs=1.0)


def test_of_several_lines_the_nearest_counts_and_only_those_asked():
    lines = prepared(
        shapely.LineString([(30, 50), (31, 50)]), shapely.LineString([(30, 51), (31, 51)])
    )
    found = nearest(lines, [30.5, 30.5, np.nan], [50.2, 50.8, 50.0])
    assert found.line.tolist() == [0, 1, -1]
    assert np.isnan(found.distance_m[2])
    assert nearest(lines, [30.5], [50.8], [0]).line.tolist() == [0]


def test_repeated_points_and_points_on_a_vertex():
    lines = prepared(shapely.LineString([(30, 50), (31, 50), (31, 51)]))
    found = nearest(lines, [31.0, 31.0, 31.0], [50.0, 50.0, 50.5])
    assert np.allclose(found.distance_m, 0.0, atol=1e-5)
    assert found.chainage_m[0] == found.chainage_m[1]


def test_on_a_line_as_wide_as_a_continent_no_nearer_piece_is_overlooked():
    # A staircase over 60 degrees: many places of it are nearly as near as the nearest.
    vertices = [(0 + 3 * (i // 2 + i % 2), 20 + 2 * (i // 2)) for i in range(40)]
    lon, lat = np.random.default_rng(6).uniform([0, 15], [60, 62], (800, 2)).T
    found = nearest(prepared(shapely.LineString(vertices)), lon, lat)
    edges = prepared(*(shapely.LineString(pair) for pair in zip(vertices, vertices[1:])))
    apart = nearest(edges, lon, lat)
    assert np.allclose(found.distance_m, apart.distance_m, atol=0.5)


def test_parts_that_follow_each_other_are_not_turned_for_a_slightly_shorter_gap():
    # From the first part's end it is 20.6 km to the second's start and 20.1 km to its end.
    first, second = [(30.0, 50.0), (30.0, 50.3)], [(30.2, 50.44), (30.2, 50.42)]
    lines = prepared(shapely.MultiLineString([first, second]))
    assert not [note for note in lines.notes if "turned" in note]
    here, there = nearest(lines, [30.2, 30.2], [50.44, 50.42]).chainage_m
    assert here < there
