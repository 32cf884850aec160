"""Lines derived from lines, measured with GeographicLib and the kernel."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from geographiclib.geodesic import Geodesic

from ceasefire_monitor.analysis.contact_line import LineColumns, prepare_lines
from ceasefire_monitor.analysis.derived_lines import midline, offset_line
from ceasefire_monitor.analysis.nearest import Side, nearest
from ceasefire_monitor.model.errors import CeasefireError

BENT = shapely.LineString([(30, 50), (30.1, 50.3), (30.3, 50.4), (30.2, 50.8)])


def prepared(line):
    return prepare_lines(LineColumns(np.array([line], dtype=object)))


def places_on(line):
    points = shapely.get_coordinates(line)
    return points[:, 0], points[:, 1]


@pytest.mark.parametrize("distance_m", [2_000.0, -5_000.0, 15_000.0])
def test_a_line_beside_lies_at_that_distance_and_on_that_side(distance_m):
    beside = offset_line(BENT, distance_m)
    found = nearest(prepared(BENT), *places_on(beside))
    assert found.distance_m == pytest.approx(abs(distance_m), rel=2e-4)
    ends = (int(Side.BEYOND), int(Side.LEFT if distance_m > 0 else Side.RIGHT))
    assert set(found.side.tolist()) <= set(ends)
    assert (found.side == ends[1]).mean() > 0.9


def test_a_midline_is_as_far_from_one_line_as_from_the_other():
    other = shapely.LineString([(30.4, 49.9), (30.5, 50.3), (30.9, 50.5), (30.7, 50.9)])
    between = midline(BENT, other, step_m=100.0)
    lon, lat = places_on(between)
    to_one = nearest(prepared(BENT), lon, lat).distance_m
    to_other = nearest(prepared(other), lon, lat).distance_m
    assert len(lon) > 400
    assert np.abs(to_one - to_other).max() < 60.0


@pytest.mark.parametrize("turned", [False, True])
def test_derived_lines_run_as_the_first_one_does_so_that_sides_keep_their_names(turned):
    line = shapely.reverse(BENT) if turned else BENT
    other = shapely.LineString([(30.4, 49.9), (30.5, 50.3), (30.9, 50.5), (30.7, 50.9)])
    middle = shapely.Point(30.2, 50.35)
    east = Side.LEFT if turned else Side.RIGHT
    west = Side.RIGHT if turned else Side.LEFT
    for derived, side in (
        (midline(line, other), west),
        (offset_line(line, 3_000.0), Side.RIGHT),
        (offset_line(line, -3_000.0), Side.LEFT),
    ):
        assert nearest(prepared(derived), [middle.x], [middle.y]).side[0] == int(side)
    far_east = nearest(prepared(midline(line, other)), [30.85], [50.45])
    assert far_east.side[0] == int(east)


def test_between_two_meridians_the_midline_is_the_meridian_between():
    lines = [shapely.LineString([(lon, 50), (lon, 50.5)]) for lon in (30.0, 30.2)]
    lon, lat = places_on(midline(*lines))
    inner = (lat > 50.05) & (lat < 50.45)
    off_m = [Geodesic.WGS84.Inverse(y, x, y, 30.1)["s12"] for x, y in zip(lon[inner], lat[inner])]
    assert max(off_m) < 10.0
    assert lat.max() - lat.min() > 0.45


def test_the_order_of_the_lines_does_not_matter():
    other = shapely.LineString([(30.4, 49.9), (30.5, 50.3), (30.9, 50.5), (30.7, 50.9)])
    one, again = midline(BENT, other), midline(other, BENT)
    assert shapely.hausdorff_distance(one, again) < 1e-6


def test_what_has_no_line_is_said():
    with pytest.raises(CeasefireError, match="0 m"):
        offset_line(BENT, 0.0)
    crossing = shapely.LineString([(29.9, 50.2), (30.4, 50.2)])
    with pytest.raises(CeasefireError, match="meet or cross"):
        midline(BENT, crossing)
    with pytest.raises(CeasefireError, match="Give a larger step"):
        midline(BENT, shapely.LineString([(31, 50), (31, 51)]), step_m=1.0)
