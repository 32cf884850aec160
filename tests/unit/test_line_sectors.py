"""Sectors by chainage and by polygon, held against the kernel."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from geographiclib.geodesic import Geodesic

from ceasefire_monitor.analysis.contact_line import LineColumns, prepare_lines
from ceasefire_monitor.analysis.line_sector_areas import sector_areas
from ceasefire_monitor.analysis.line_sectors import (
    cuts_at_chainages,
    cuts_at_places,
    cuts_every,
    sector_at,
    sectors_of,
)
from ceasefire_monitor.analysis.nearest import nearest
from ceasefire_monitor.model.errors import CeasefireError

WGS84 = Geodesic.WGS84
STRAIGHT = shapely.LineString([(30, 50), (30, 50.9)])


def prepared(*geometries, **columns):
    return prepare_lines(LineColumns(np.array(geometries, dtype=object), **columns))


def every(lines, length_m):
    return sectors_of(lines, {i: cuts_every(lines, i, length_m) for i in range(len(lines))})


def test_cut_at_chainages_the_whole_line_belongs_to_sectors():
    lines = prepared(STRAIGHT)
    length = lines.lines[0].length_m
    for given in ([0.0, 42_500.0, 90_000.0], [90_000.0, 42_500.0], [42_500.0, 42_500.2, 90_000.0]):
        sectors = sectors_of(lines, {0: cuts_at_chainages(lines, 0, given)}, ["A", "B", "C"])
        bounds = [(sector.chainage_from_m, sector.chainage_to_m) for sector in sectors]
        assert bounds == [(0.0, 42_500.0), (42_500.0, 90_000.0), (90_000.0, length)]
        assert [sector.sector_name for sector in sectors] == ["A", "B", "C"]
    cut = WGS84.Direct(50, 30, 0, 42_500.0)["lat2"]
    assert sectors[0].geometry.bounds[3] == pytest.approx(cut, abs=1e-9)
    assert sectors[1].geometry.bounds[1] == pytest.approx(cut, abs=1e-9)


def test_a_cut_belongs_to_the_sector_that_begins_there_and_the_end_to_the_last():
    lines = prepared(STRAIGHT)
    sectors = every(lines, 30_000.0)
    length = lines.lines[0].length_m
    chainage = [0.0, 29_999.9, 30_000.0, 89_999.9, length]
    assert sector_at(sectors, [0] * 5, chainage).tolist() == [0, 0, 1, 2, 3]
    assert sector_at(sectors, [-1], [np.nan]).tolist() == [-1]
    assert sectors[-1].length_m == pytest.approx(length - 90_000.0)


@pytest.mark.parametrize(
    ("words", "call"),
    [
        ("cannot be cut at km 150", lambda lines: cuts_at_chainages(lines, 0, [150_000.0])),
        ("cannot be cut at km -1", lambda lines: cuts_at_chainages(lines, 0, [-1_000.0])),
        ("cannot be cut at km nan", lambda lines: cuts_at_chainages(lines, 0, [np.nan])),
        ("longer length", lambda lines: cuts_every(lines, 0, 0.0)),
        ("longer length", lambda lines: cuts_every(lines, 0, 1.0)),
        (
            "2 sectors but 1 names",
            lambda lines: sectors_of(lines, {0: cuts_every(lines, 0, 60_000.0)}, ["A"]),
        ),
        ("depth", lambda lines: sector_areas(lines, every(lines, 60_000.0), 0.0)),
    ],
)
def test_what_cannot_be_cut_is_told_with_what_to_do(words, call):
    with pytest.raises(CeasefireError, match=words):
        call(prepared(STRAIGHT, line_name=["Front"]))


def test_places_cut_at_their_feet_and_name_the_sectors():
    lines = prepared(STRAIGHT, shapely.LineString([(32, 50), (32, 50.9)]))
    lon = [30.05, 29.9, 30.2, np.nan, 30.0, 30.3]
    lat = [50.6, 50.2, 50.2, 50.0, 49.0, 50.201]
    names = ["Upper", "Lower", "Twin", "Nowhere", "South of all", None]
    cuts, notes = cuts_at_places(lines, [0, 1], np.array(lon), np.array(lat), names)
    sectors = sectors_of(lines, cuts)
    told = [sector.sector_name for sector in sectors]
    assert told[0] == "start – Lower" and told[-1].endswith("sector 1")
    assert told[-2] == "Upper – end"
    found = nearest(lines, [29.9], [50.2], [0]).chainage_m[0]
    assert sectors[0].chainage_to_m == pytest.approx(found, abs=1e-6)
    assert any("no coordinates" in note for note in notes)
    assert any("South of all" in note and "end of the line" in note for note in notes)


def held_against_the_kernel(lines, sectors, areas, depth, rng, count=4_000):
    """The share of points whose sector by polygon is that by chainage; how far off the others."""
    shapes = np.array([area.geometry for area in areas], dtype=object)
    west, south, east, north = shapely.total_bounds(shapes)
    lon, lat = rng.uniform([west, south], [east, north], (count, 2)).T
    # Half of them close to the line, where sectors that lie side by side meet.
    half = count // 2
    vertices = np.vstack([shapely.get_coordinates(sector.geometry) for sector in sectors])
    near = vertices[rng.integers(len(vertices) - 1, size=half)]
    lon[:half], lat[:half] = (near + rng.normal(0.0, 0.002, (half, 2))).T
    found = nearest(lines, lon, lat)
    truth = sector_at(sectors, found.line, found.chainage_m)
    truth[found.distance_m > depth] = -1
    point, area = shapely.STRtree(shapes).query(shapely.points(lon, lat), predicate="intersects")
    assert len(np.unique(point)) == len(point)
    told = np.full(count, -1)
    told[point] = area
    wrong = np.flatnonzero(told != truth)
    rims = shapely.union_all(shapely.boundary(shapes))
    away = shapely.distance(shapely.points(lon[wrong], lat[wrong]), rims) * 111_000
    return np.count_nonzero(truth >= 0), len(wrong), away.max(initial=0.0)


WAYS = {
    "straight": [STRAIGHT],
    "an acute bend": [shapely.LineString([(30, 50), (30.3, 50), (30.05, 50.1)])],
    "crossing itself": [shapely.LineString([(30, 50), (30.5, 50.3), (30.5, 50.1), (30.1, 50.4)])],
    "a ring": [shapely.LineString(shapely.Point(30, 50).buffer(0.3).exterior.coords)],
    "parts, one backwards, with heights": [
        shapely.MultiLineString([[(30, 50, 1), (30.6, 50, 1)], [(31.2, 50.1, 2), (30.7, 50, 3)]])
    ],
    "an edge of 300 km": [shapely.LineString([(20, 66), (26.6, 66)])],
    "three fronts at a junction": [
        shapely.LineString([(30, 50), (30, 50.5)]),
        shapely.LineString([(30, 50), (30.6, 49.7)]),
        shapely.LineString([(30, 50), (29.4, 49.7)]),
    ],
    "folded to 200 m": [shapely.LineString([(30, 50), (30.3, 50), (30.3, 50.002), (30, 50.002)])],
}


@pytest.mark.parametrize("name", WAYS)
def test_an_incidents_sector_by_polygon_is_that_by_chainage(name):
    lines = prepared(*WAYS[name])
    sectors = every(lines, 23_000.0)
    areas = sector_areas(lines, sectors, 12_000.0)
    inside, wrong, away = held_against_the_kernel(
        lines, sectors, areas, 12_000.0, np.random.default_rng(5)
    )
    assert inside > 300
    assert wrong <= inside * 0.002 and away < 6.0
    shapes = np.array([area.geometry for area in areas], dtype=object)
    whole = shapely.union_all(shapes)
    # Neither overlaps nor gaps: the areas add up to their union, and that has no holes.
    assert shapely.area(shapes).sum() == pytest.approx(whole.area, rel=1e-9)
    assert shapely.is_valid(shapes).all()
    holes = [ring for part in shapely.get_parts(whole) for ring in part.interiors]
    assert all(shapely.Polygon(ring).area > 1e-3 for ring in holes)


def test_a_line_that_is_not_cut_is_one_sector_with_all_the_land():
    lines = prepared(STRAIGHT)
    sectors = sectors_of(lines, {0: cuts_at_chainages(lines, 0, [])})
    (area,) = sector_areas(lines, sectors, 10_000.0)
    inside, wrong, _ = held_against_the_kernel(
        lines, sectors, [area], 10_000.0, np.random.default_rng(2), 1_000
    )
    assert inside > 600 and wrong <= 1


def test_where_the_cut_is_a_bend_the_outer_wedge_is_the_next_sectors():
    bent = shapely.LineString([(30, 50), (30.3, 50), (30.3, 50.3)])
    lines = prepared(bent)
    at = nearest(lines, [30.3], [50.0]).chainage_m[0]
    sectors = sectors_of(lines, {0: cuts_at_chainages(lines, 0, [at])})
    areas = sector_areas(lines, sectors, 12_000.0)
    wedge = shapely.Point(30.36, 49.96)
    found = nearest(lines, [wedge.x], [wedge.y])
    assert found.chainage_m[0] == pytest.approx(at, abs=1e-6)
    assert areas[1].geometry.contains(wedge)


def test_half_way_between_two_lines_the_boundary_is_true_to_some_metres():
    # Of unequal length, so that no symmetry of the points along them helps.
    lines = prepared(
        shapely.LineString([(30, 50), (30, 50.31)]),
        shapely.LineString([(30.021, 50), (30.02, 50.4)]),
    )
    sectors = every(lines, 100_000.0)
    areas = sector_areas(lines, sectors, 5_000.0)
    lat = np.linspace(50.02, 50.29, 300)
    for east, owner in ((-4.0, 0), (4.0, 1)):
        half = (30.021 + 30.020 - 30.0 - 30.0) / 4.0
        lon = np.full(300, 30.0 + half)
        for _ in range(3):
            apart = [nearest(lines, lon, lat, [line]).distance_m for line in (0, 1)]
            lon += (apart[1] - apart[0]) / 2.0 / 71_000.0
        lon += east / 71_000.0
        assert nearest(lines, lon, lat).line.tolist() == [owner] * 300
        assert shapely.contains_xy(areas[owner].geometry, lon, lat).all()


def test_cut_at_a_break_land_off_the_first_parts_end_is_that_of_its_chainage():
    lines = prepared(shapely.MultiLineString([[(30, 50), (30, 50.3)], [(30, 50.34), (30, 50.6)]]))
    at = nearest(lines, [30.0], [50.31]).chainage_m[0]
    sectors = sectors_of(lines, {0: cuts_at_chainages(lines, 0, [at])})
    areas = sector_areas(lines, sectors, 12_000.0)
    for lat, beside in ((50.29, 0.0), (50.31, 0.05), (50.33, -0.05), (50.35, 0.01)):
        found = nearest(lines, [30 + beside], [lat])
        (sector,) = sector_at(sectors, found.line, found.chainage_m)
        assert areas[sector].geometry.contains(shapely.Point(30 + beside, lat)), lat


def test_land_beyond_an_open_end_is_the_last_sectors_up_to_the_depth():
    lines = prepared(STRAIGHT)
    sectors = every(lines, 50_000.0)
    areas = sector_areas(lines, sectors, 15_000.0)
    for distance, inside in ((14_990.0, True), (15_010.0, False)):
        for bearing in (0.0, 40.0, -70.0):
            there = WGS84.Direct(50.9, 30, bearing, distance)
            place = shapely.Point(there["lon2"], there["lat2"])
            assert areas[-1].geometry.contains(place) == inside


def test_areas_across_the_antimeridian_are_split_there():
    lines = prepared(shapely.LineString([(179.7, 50), (180.4, 50.2)]))
    sectors = every(lines, 25_000.0)
    areas = sector_areas(lines, sectors, 10_000.0)
    for area in [*areas, *sectors]:
        west, _, east, _ = area.geometry.bounds
        assert west >= -180 and east <= 180
    lon, lat = np.array([179.8, 180.0, -179.7]), np.array([50.05, 50.1, 50.15])
    found = nearest(lines, lon, lat)
    truth = sector_at(sectors, found.line, found.chainage_m)
    for place, number in zip(shapely.points(lon, lat), truth):
        assert areas[number].geometry.intersects(place)


def test_the_real_line_in_sectors(real_data):
    path = real_data / "line_of_contact" / "line_of_contact_natural_earth.geojson"
    lines = prepared(shapely.get_parts(shapely.from_geojson(path.read_text(encoding="utf-8")))[0])
    sectors = every(lines, 30_000.0)
    areas = sector_areas(lines, sectors, 15_000.0)
    inside, wrong, away = held_against_the_kernel(
        lines, sectors, areas, 15_000.0, np.random.default_rng(1), 8_000
    )
    assert inside > 1_500 and wrong <= 3 and away < 8.0
