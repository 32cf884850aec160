"""Sides: a property of the line as a whole, at vertices, bends, loops and ends."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from ceasefire_monitor.analysis.contact_line import LineColumns, prepare_lines
from ceasefire_monitor.analysis.line_sides import side_words
from ceasefire_monitor.analysis.nearest import Side, nearest


def prepared(*geometries, **columns):
    return prepare_lines(LineColumns(np.array(geometries, dtype=object), **columns))


def words(lines, lon, lat):
    lon, lat = np.atleast_1d(np.array(lon, float)), np.atleast_1d(np.array(lat, float))
    among = tuple(range(len(lines)))
    return side_words(lines, among, lon, lat, nearest(lines, lon, lat, among)).tolist()


def test_sides_of_a_closed_area_agree_with_inside_and_outside_at_every_bend():
    # A jagged star with acute bends both ways; counter-clockwise, so the inside is on the left.
    rng = np.random.default_rng(5)
    angles = np.linspace(0, 2 * np.pi, 61)[:-1]
    radius = np.where(np.arange(60) % 2, 0.05, 0.3) * rng.uniform(0.8, 1.2, 60)
    ring = np.column_stack([30 + radius * np.cos(angles) * 1.5, 50 + radius * np.sin(angles)])
    ring = np.vstack([ring, ring[:1]])
    lon, lat = rng.uniform(29.3, 30.7, 4000), rng.uniform(49.5, 50.5, 4000)
    inside = shapely.contains_xy(shapely.Polygon(ring), lon, lat)
    found = nearest(prepared(shapely.LineString(ring)), lon, lat)
    # Within a few metres the geodesic edge and the straight line of degrees may differ.
    clear = found.distance_m > 20.0
    assert clear.sum() > 3900
    assert ((found.side == Side.LEFT) == inside)[clear].all()
    assert not (found.side == Side.BEYOND).any()


def test_a_spiral_that_nearly_closes_keeps_its_sides():
    angles = np.linspace(0, 4 * np.pi, 200)
    radius = 0.1 + 0.02 * angles
    spiral = np.column_stack([30 + radius * np.cos(angles), radius * np.sin(angles)])
    lines = prepared(shapely.LineString(spiral))
    middle = angles[40:160]
    for offset, side in ((-0.03, Side.LEFT), (0.03, Side.RIGHT)):
        reach = 0.1 + 0.02 * middle + offset
        found = nearest(lines, 30 + reach * np.cos(middle), reach * np.sin(middle))
        assert (found.side == side).all()


@pytest.mark.parametrize("reach", [0.001, 0.01, 0.2])
def test_round_an_acute_bend_the_outside_is_one_side(reach):
    # North to the tip, then sharply back south: the outside of the tip is on the left.
    lines = prepared(shapely.LineString([(30, 49), (30, 50), (30.02, 49)]))
    angles = np.radians(np.linspace(5, 175, 35))
    found = nearest(lines, 30 + reach * np.cos(angles), 50 + reach * np.sin(angles))
    assert (found.side == Side.LEFT).all()
    assert nearest(lines, [30.001], [49.9]).side[0] == Side.RIGHT


def test_past_the_end_there_is_no_side():
    lines = prepared(shapely.LineString([(30, 50), (31, 50)]), left_party=["Aster"])
    assert words(lines, [29.9, 31.1, 31.1, 30.5, 30.5], [50.0, 50.05, 49.9, 50.1, 49.9]) == [
        "beyond the end",
        "beyond the end",
        "beyond the end",
        "Aster",
        "right",
    ]


def test_on_the_line_is_within_its_uncertainty():
    lines = prepared(shapely.LineString([(30, 50), (30, 51)]), uncertainty_m=[500.0])
    assert words(lines, [30.005, 30.01, 30.0], [50.5, 50.5, 49.999]) == [
        "on the line",
        "right",
        "on the line",
    ]
    bare = prepared(shapely.LineString([(30, 50), (30, 51)]))
    assert words(bare, [30.0, 29.9999], [50.5, 50.5]) == ["on the line", "left"]


def test_parts_of_mixed_direction_are_ordered_before_sides_are_told():
    parts = [
        [(30.0, 50.0), (30.3, 50.0)],
        [(30.6, 50.0), (30.3, 50.0)],  # backwards
        [(30.61, 50.0), (31.0, 50.0)],  # 700 m further on
    ]
    lines = prepared(shapely.MultiLineString(parts))
    assert any("1 of its parts" in note for note in lines.notes)
    lon = np.array([30.1, 30.4, 30.605, 30.9])
    assert words(lines, lon, np.full(4, 50.02)) == ["left"] * 4
    assert words(lines, lon, np.full(4, 49.98)) == ["right"] * 4
    chainage = nearest(lines, lon, np.full(4, 50.02)).chainage_m
    assert (np.diff(chainage) > 0).all()


def test_a_wide_break_is_an_end():
    lines = prepared(
        shapely.MultiLineString([[(30.0, 50.0), (30.3, 50.0)], [(30.6, 50.0), (31.0, 50.0)]])
    )
    assert words(lines, [30.45, 30.35], [50.01, 50.01]) == ["beyond the end"] * 2


@pytest.mark.parametrize("second", [[(30, 50.4), (31, 50.4)], [(31, 50.4), (30, 50.4)]])
def test_between_two_forward_lines_is_no_side(second):
    eastward = second[0][0] < second[1][0]
    north = ("Borealis", None) if eastward else (None, "Borealis")
    lines = prepared(
        shapely.LineString([(31, 50), (30, 50)]),
        shapely.LineString(second),
        front=["Aster – Borealis"] * 2,
        left_party=["Aster", north[0]],
        right_party=[None, north[1]],
    )
    assert words(lines, [30.5] * 4, [49.9, 50.1, 50.3, 50.5]) == [
        "Aster",
        "between lines",
        "between lines",
        "Borealis",
    ]


def test_another_front_makes_nothing_between():
    lines = prepared(
        shapely.LineString([(31, 50), (30, 50)]),
        shapely.LineString([(30, 50.4), (31, 50.4)]),
        front=["Aster – Cedar", "Aster – Borealis"],
        left_party=["Aster", "Borealis"],
        right_party=["Cedar", "Aster"],
    )
    assert words(lines, [30.5] * 2, [50.1, 50.3]) == ["Cedar", "Aster"]


@pytest.mark.parametrize(("names", "told"), [("AA", "Borealis"), ("AB", "between lines")])
def test_two_versions_of_one_line_have_nothing_between_them(names, told):
    lines = prepared(
        shapely.LineString([(30, 50.4), (31, 50.4)]),
        shapely.LineString([(30, 50), (31, 50)]),
        line_name=list(names),
        left_party=["Aster"] * 2,
        right_party=["Borealis"] * 2,
    )
    assert words(lines, [30.5], [50.3]) == [told]
