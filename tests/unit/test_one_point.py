"""One point measured alone gets what the kernel gives it among many."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from ceasefire_monitor.analysis.contact_line import LineColumns, prepare_lines
from ceasefire_monitor.analysis.line_sides import side_words
from ceasefire_monitor.analysis.nearest import nearest
from ceasefire_monitor.analysis.one_point import OnePoint


def wandering(rng, lon, lat, count, step=0.01):
    lons = lon + np.cumsum(rng.uniform(0.2, 1.0, count)) * step
    lats = lat + np.cumsum(rng.normal(0.0, step, count))
    return shapely.linestrings(np.column_stack([lons, lats]))


def hairpin(rng):
    """There and back again, with acute bends."""
    points = [(30.0 + 0.3 * i, 49.0 + (0.6 if i % 2 else 0.0)) for i in range(9)]
    return shapely.linestrings(points)


def theatres():
    rng = np.random.default_rng(20)
    ring = shapely.get_exterior_ring(shapely.Point(31.0, 50.5).buffer(0.2))
    front = [wandering(rng, 30, lat, 400) for lat in (50.0, 50.2, 49.8)]
    yield "a front with forward lines", front, ("A", "A", None), ("B", None, "B"), (29, 34, 49, 51)
    mixed = [hairpin(rng), ring, wandering(rng, 31, 50.9, 3)]
    yield "bends and a pocket", mixed, ("A", "B", "C"), ("B", "C", None), (29, 34, 48, 52)
    long = [shapely.linestrings([(10, 60), (40, 72), (70, 60)]), wandering(rng, 20, 55, 3000)]
    yield "long edges in the north", long, ("A", "C"), ("B", "D"), (0, 80, 40, 80)
    across = [shapely.linestrings([(178, 10), (182, 12), (184, 9)])]
    yield "antimeridian", across, ("A",), ("B",), (-180, 180, -85, 85)


@pytest.mark.parametrize("name, shapes, left, right, box", list(theatres()))
def test_alone_it_gets_what_it_gets_among_many(name, shapes, left, right, box):
    lines = prepare_lines(
        LineColumns(
            np.array(shapes, dtype=object),
            left_party=left,
            right_party=right,
            uncertainty_m=[50.0] + [np.nan] * (len(shapes) - 1),
        )
    )
    rng = np.random.default_rng(21)
    lon, lat = rng.uniform(*box[:2], 3000), rng.uniform(*box[2:], 3000)
    vertices = shapely.get_coordinates(shapely.MultiLineString(shapes))
    chosen = vertices[rng.integers(0, len(vertices), 500)]
    lon[:500], lat[:500] = chosen[:, 0], chosen[:, 1]
    lon[500:1000] = chosen[:, 0] + rng.normal(0, 1e-3, 500)
    lat[500:1000] = chosen[:, 1] + rng.normal(0, 1e-3, 500)
    among = tuple(range(len(shapes)))
    told = nearest(lines, lon, lat, among)
    words = side_words(lines, among, lon, lat, told)
    one = OnePoint(lines, among)
    found = [one.measure(x, y) for x, y in zip(lon.tolist(), lat.tolist())]
    assert [each.line for each in found] == told.line.tolist()
    assert np.abs([each.distance_m for each in found] - told.distance_m).max() < 1e-6
    assert np.abs([each.chainage_m for each in found] - told.chainage_m).max() < 1e-3
    assert [each.side for each in found] == words.tolist()
    if len(shapes) == 3 and left[2] is None:
        assert {"A", "B", "between lines", "on the line", "beyond the end"} <= set(words)


def test_without_a_line_or_a_place_there_is_nothing():
    lines = prepare_lines(LineColumns(np.array([shapely.linestrings([(30, 50), (31, 50)])])))
    assert OnePoint(lines, ()).measure(30.0, 50.0) is None
    assert OnePoint(lines, (0,)).measure(float("nan"), 50.0) is None
    assert OnePoint(lines, (0,)).measure(30.0, 91.0) is None
    assert OnePoint(lines, (0,)).measure(30.0, float("nan")) is None
