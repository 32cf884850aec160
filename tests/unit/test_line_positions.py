"""Kilometre points: where GeographicLib puts them, and at the kernel's chainage."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from geographiclib.geodesic import Geodesic

from ceasefire_monitor.analysis.contact_line import LineColumns, prepare_lines
from ceasefire_monitor.analysis.line_positions import PositionSettings, line_positions
from ceasefire_monitor.analysis.nearest import nearest
from ceasefire_monitor.model.errors import CeasefireError

WGS84 = Geodesic.WGS84
LINES = {
    "short edges": [(30 + 0.03 * i, 50 + 0.02 * np.sin(i)) for i in range(20)],
    "edges of hundreds of kilometres": [(30.0, 48.0), (36.0, 50.0), (35.0, 46.0), (41.0, 44.0)],
    "at 70 degrees north": [(20.0, 70.0), (30.0, 70.0), (31.0, 71.5)],
    "across the antimeridian": [(178.0, 52.0), (181.0, 53.0), (184.0, 51.0)],
}


def prepared(*geometries, **columns):
    return prepare_lines(LineColumns(np.array(geometries, dtype=object), **columns))


def positions_of(*geometries, among=None, **settings):
    lines = prepared(*geometries, left_party=["Aster"] * len(geometries))
    chosen = range(len(lines)) if among is None else among
    return lines, line_positions(lines, chosen, PositionSettings(**settings))


def place_at(vertices, chainage):
    """(lon, lat, azimuth) at a chainage, walking the edges in pure GeographicLib."""
    for (lon0, lat0), (lon1, lat1) in zip(vertices, vertices[1:]):
        edge = WGS84.InverseLine(lat0, lon0, lat1, lon1)
        if chainage <= edge.s13 or (lon1, lat1) == tuple(vertices[-1]):
            place = edge.Position(min(chainage, edge.s13))
            return place["lon2"], place["lat2"], place["azi2"]
        chainage -= edge.s13
    raise AssertionError("beyond the line")


def coordinates(positions):
    return shapely.get_coordinates([position.geometry for position in positions])


@pytest.mark.parametrize("name", LINES)
def test_positions_lie_where_geographiclib_puts_them_to_a_centimetre(name):
    vertices = LINES[name]
    _, positions = positions_of(shapely.LineString(vertices), interval_m=7_300.0)
    for position in positions:
        lon, lat, azimuth = place_at(vertices, position.chainage_m)
        apart = WGS84.Inverse(lat, lon, position.geometry.y, position.geometry.x)["s12"]
        assert apart < 0.01
        assert abs(position.geometry.x) <= 180.0
        turn = (position.azimuth_deg - azimuth + 180) % 360 - 180
        assert abs(turn) < 0.01 or position.point_kind != "position"
        assert position.offset_azimuth_deg == pytest.approx((position.azimuth_deg + 90) % 360)


@pytest.mark.parametrize("name", LINES)
def test_the_kernel_finds_the_same_chainage_there(name):
    lines, positions = positions_of(shapely.LineString(LINES[name]))
    found = nearest(lines, *coordinates(positions).T)
    told = np.array([position.chainage_m for position in positions])
    assert found.distance_m.max() < 1e-3
    assert np.abs(found.chainage_m - told).max() < 0.01


def test_ends_are_included_and_every_fifth_is_major():
    line = shapely.LineString([(30, 50), (30, 50.1)])
    _, positions = positions_of(line)
    length = WGS84.Inverse(50, 30, 50.1, 30)["s12"]
    assert [position.label for position in positions] == [
        *(f"km {number}" for number in range(12)),
        "km 11.1",
    ]
    assert [position.point_kind for position in positions] == ["start", *["position"] * 11, "end"]
    assert [n for n, position in enumerate(positions) if position.major] == [0, 5, 10, 12]
    assert positions[-1].chainage_m == pytest.approx(length, abs=1e-6)
    assert (positions[3].left_party, positions[3].right_party) == ("Aster", None)
    assert len({position.position_id for position in positions}) == len(positions)


def test_an_end_on_a_whole_kilometre_is_one_point():
    end = WGS84.Direct(50, 30, 0, 3_000.0)
    _, positions = positions_of(shapely.LineString([(30, 50), (end["lon2"], end["lat2"])]))
    assert [position.label for position in positions] == ["km 0", "km 1", "km 2", "km 3"]
    assert positions[-1].point_kind == "end"


def test_a_short_interval_and_labels_on_the_left():
    line = shapely.LineString([(30, 50), (30, 50.01)])
    _, positions = positions_of(line, interval_m=250.0, major_every=2, label_left=True)
    assert [p.label for p in positions] == [
        "km 0.00", "km 0.25", "km 0.50", "km 0.75", "km 1.00", "km 1.11",
    ]  # fmt: skip
    assert all(position.offset_azimuth_deg == pytest.approx(270.0) for position in positions)
    assert [position.major for position in positions] == [True, False, True, False, True, True]


def test_every_part_has_its_ends_and_a_ring_its_start():
    ring = shapely.Point(30.5, 50.4).buffer(0.05).exterior
    parts = shapely.MultiLineString(
        [[(30, 50), (30, 50.02)], [(30, 50.05), (30, 50.08)], list(ring.coords)]
    )
    lines, positions = positions_of(parts)
    kinds = [position.point_kind for position in positions if position.point_kind != "position"]
    assert kinds == ["start", "end", "start", "end", "start"]
    ends = [position for position in positions if position.point_kind != "position"]
    # The first part's end and the second's start are two places at one chainage.
    assert ends[1].chainage_m == pytest.approx(ends[2].chainage_m)
    assert (ends[1].geometry.y, ends[2].geometry.y) == pytest.approx((50.02, 50.05))
    found = nearest(lines, *coordinates(positions).T)
    told = np.array([position.chainage_m for position in positions])
    # A ring's start is its end too, so the kernel may tell either.
    start = np.array([position.point_kind == "start" for position in positions])
    start[: np.flatnonzero(start)[-1]] = False
    assert np.allclose(found.chainage_m[~start], told[~start], atol=0.01)


def test_at_a_bend_the_direction_halves_it():
    bend = shapely.LineString([(30, 0.0), (30, 0.1), (30.1, 0.1)])
    length = WGS84.Inverse(0, 30, 0.1, 30)["s12"]
    _, positions = positions_of(bend, interval_m=length)
    assert positions[1].azimuth_deg == pytest.approx(45.0, abs=0.01)


def test_only_the_lines_asked_for_and_each_of_them():
    one, other = [(30, 50), (30, 50.05)], [(31, 50), (31, 50.05)]
    lines = [shapely.LineString(one), shapely.LineString(other)]
    _, positions = positions_of(*lines, among=[1])
    assert {round(position.geometry.x) for position in positions} == {31}
    assert len(positions_of(*lines)[1]) == 2 * len(positions)


def test_backwards_3d_self_crossing_and_repeated_vertices():
    crossing = [(30, 50, 1), (30.1, 50.1, 2), (30.1, 50.1, 3), (30.1, 50, 4), (30, 50.1, np.nan)]
    flat = [(30, 50), (30.1, 50.1), (30.1, 50), (30, 50.1)]
    _, positions = positions_of(shapely.LineString(crossing))
    for position in positions:
        lon, lat, _ = place_at(flat, position.chainage_m)
        assert WGS84.Inverse(lat, lon, position.geometry.y, position.geometry.x)["s12"] < 0.01


@pytest.mark.parametrize("interval", [0.0, -5.0, float("nan"), 1e-6])
def test_an_interval_that_cannot_be_is_told(interval):
    with pytest.raises(CeasefireError, match="interval"):
        positions_of(shapely.LineString([(30, 50), (31, 50)]), interval_m=interval)
