"""Which area holds a point: edges are geodesics, ±180° is no border, dates count."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from geographiclib.geodesic import Geodesic

from ceasefire_monitor.analysis.area_shapes import on_the_ground
from ceasefire_monitor.analysis.areas import AreaColumns, PreparedAreas, names_at

NEVER = np.datetime64("NaT", "us")


def at(areas, *places):
    lon, lat = np.array(places, dtype=float).T
    return names_at(areas, lon, lat, np.full(len(lon), NEVER)).tolist()


def test_a_long_edge_is_the_geodesic_and_not_the_parallel():
    box = AreaColumns([shapely.box(0, 50, 20, 60)], ["Zone"])
    edge = Geodesic.WGS84.InverseLine(60, 0, 60, 20)
    middle = edge.Position(edge.s13 / 2)
    assert middle["lat2"] > 60.3
    just = 0.00002
    lon, lat = middle["lon2"], middle["lat2"]
    assert at(box, (lon, lat - just), (lon, lat + just)) == ["Zone", None]
    # And the southern edge bulges northwards too.
    edge = Geodesic.WGS84.InverseLine(50, 0, 50, 20)
    south = edge.Position(edge.s13 / 2)["lat2"]
    assert at(box, (10, south - just), (10, south + just)) == [None, "Zone"]


@pytest.mark.parametrize(
    "shape",
    [
        shapely.Polygon([(179, 10), (-179, 10), (-179, 12), (179, 12)]),
        shapely.Polygon([(179, 10), (181, 10), (181, 12), (179, 12)]),
        shapely.Polygon([(-181, 10), (-179, 10), (-179, 12), (-181, 12)]),
        shapely.MultiPolygon([shapely.box(179, 10, 180, 12), shapely.box(-180, 10, -179, 12)]),
    ],
    ids=["jumping", "beyond 180", "below -180", "split"],
)
def test_an_area_across_the_antimeridian_is_one_area(shape):
    areas = AreaColumns([shape], ["Strait"])
    inside = [(179.5, 11), (-179.5, 11), (180, 11), (-180, 11), (180.5, 11), (-180.5, 11)]
    outside = [(178.5, 11), (-178.5, 11), (0, 11), (181.5, 11), (179.5, 13)]
    assert at(areas, *inside) == ["Strait"] * 6
    assert at(areas, *outside) == [None] * 5


def test_a_hole_across_the_antimeridian_stays_a_hole():
    shell = [(170, 0), (-170, 0), (-170, 20), (170, 20)]
    hole = [(-179, 5), (-179, 15), (179, 15), (179, 5)]
    areas = AreaColumns([shapely.Polygon(shell, [hole])], ["Ring"])
    assert at(areas, (180, 10), (-180, 10), (175, 10), (-175, 10)) == [None, None, "Ring", "Ring"]


def test_an_area_around_a_pole_holds_the_pole():
    lon = np.arange(-180, 180, 30)
    areas = AreaColumns([shapely.Polygon([(x, 80) for x in lon])], ["Cap"])
    assert at(areas, (12, 89.9), (-170, 85), (0, 79)) == ["Cap", "Cap", None]
    south = AreaColumns([shapely.Polygon([(x, -70) for x in lon])], ["Ice"])
    assert at(south, (100, -89), (100, 89)) == ["Ice", None]


def test_a_band_around_the_earth_is_as_drawn():
    areas = AreaColumns([shapely.box(-180, -90, 180, 90)], ["Earth"])
    assert at(areas, (0, 0), (180, 45), (-179.9, -80)) == ["Earth"] * 3


def test_an_area_that_crosses_itself_is_repaired_and_an_empty_one_holds_nothing():
    bow = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    areas = AreaColumns([bow, shapely.Polygon(), None], ["Bow", "Nothing", "Nowhere"])
    assert at(areas, (0.2, 1.0), (1.8, 1.0), (1.0, 1.8)) == ["Bow", "Bow", None]


def test_names_are_told_once_each_in_alphabetical_order():
    box = shapely.box(0, 0, 1, 1)
    areas = AreaColumns([box, box, box, box], ["Zone B", "Zone A", "Zone B", None])
    assert at(areas, (0.5, 0.5), (np.nan, 0.5)) == ["Zone A; Zone B", None]


def test_many_points_in_many_areas_agree_with_one_by_one():
    rng = np.random.default_rng(3)
    centres = rng.uniform([20, 30], [24, 33], (150, 2))
    shapes = [shapely.Point(x, y).buffer(0.15 + 0.2 * rng.random(), 12) for x, y in centres]
    names = [f"Area {number}" for number in range(150)]
    starts = np.datetime64("2025-01-01", "us") + rng.integers(0, 50, 150) * np.timedelta64(1, "D")
    areas = AreaColumns(shapes, names, starts)
    lon, lat = rng.uniform([20, 30], [24, 33], (3000, 2)).T
    when = np.datetime64("2025-01-01", "us") + rng.integers(0, 50, 3000) * np.timedelta64(1, "D")
    ground = [on_the_ground(shape) for shape in shapes]
    found = PreparedAreas(areas).names_at(lon, lat, when)
    for row in range(0, 3000, 10):
        point = shapely.Point(lon[row], lat[row])
        holding = sorted(
            name
            for name, shape, start in zip(names, ground, starts)
            if start <= when[row] and shape.intersects(point)
        )
        assert found[row] == ("; ".join(holding) or None)


def test_short_edges_and_meridians_are_left_as_they_are():
    drawn = shapely.Polygon([(30, 50), (30.01, 50), (30.01, 55), (30, 55)])
    assert shapely.equals(on_the_ground(drawn), drawn)
