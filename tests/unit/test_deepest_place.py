"""The place deepest within a polygon: against polylabel, and where that would never end."""

from __future__ import annotations

import time

import numpy as np
import pytest
import shapely
from shapely.ops import polylabel

from ceasefire_monitor.analysis.deepest_place import deepest_place

HOLED = shapely.Point(0, 0).buffer(900.0).difference(shapely.Point(200, 100).buffer(300.0))
BENT = shapely.Polygon([(0, 0), (5000, 0), (5000, 900), (1200, 900), (1200, 4000), (0, 4000)])
STAR = shapely.Polygon(
    [
        (np.cos(turn) * reach, np.sin(turn) * reach)
        for turn, reach in zip(np.linspace(0, 6.2, 23), [1000.0, 300.0] * 12)
    ]
)


def depth_of(polygon, place):
    point = shapely.Point(place)
    assert polygon.contains(point)
    return polygon.boundary.distance(point)


@pytest.mark.parametrize("polygon", [HOLED, BENT, STAR])
def test_as_deep_as_polylabel_says(polygon):
    truth = depth_of(polygon, polylabel(polygon, 0.5).coords[0])
    assert depth_of(polygon, deepest_place(polygon, 1.0)) == pytest.approx(truth, abs=1.5)


def test_slivers_take_no_time():
    diagonal = shapely.Polygon([(0, 0), (1e5, 1e5), (1e5, 1e5 + 2.0), (0, 2.0)])
    upright = shapely.Polygon([(0, 0), (1e-7, 0), (1e-7, 1e5), (0, 1e5)])
    begun = time.perf_counter()
    assert depth_of(diagonal, deepest_place(diagonal, 0.1)) == pytest.approx(2**-0.5, abs=0.11)
    assert deepest_place(upright, 0.1) is None
    assert time.perf_counter() - begun < 5.0
