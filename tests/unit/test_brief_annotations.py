"""Numbers of a map: all placed, no leader crosses another or a label, no label on the line."""

from __future__ import annotations

import itertools
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, box

from ceasefire_monitor.reports.annotations import (
    MOST_NUMBERS,
    Frame,
    inner,
    place,
)
from ceasefire_monitor.reports.assignment import assign

FRAME = Frame(15, 30, 195, 200)


def test_assignment_is_the_cheapest_of_all_permutations():
    random = np.random.default_rng(5)
    for rows, columns in ((1, 1), (3, 3), (4, 6), (5, 7)):
        cost = random.uniform(0, 10, (rows, columns))
        chosen = assign(cost)
        least = min(
            sum(cost[row, column] for row, column in enumerate(order))
            for order in itertools.permutations(range(columns), rows)
        )
        assert len(set(chosen)) == rows
        assert sum(cost[row, column] for row, column in enumerate(chosen)) == pytest.approx(least)


def check(points, widths, obstacles=()):
    found = place(points, widths, 4.4, FRAME, obstacles)
    assert found.placed.all()
    leaders = [LineString([point, end]) for point, end in zip(points, found.ends)]
    boxes = [box(*edges) for edges in found.boxes]
    for one, two in itertools.combinations(range(len(points)), 2):
        assert not leaders[one].crosses(leaders[two]), (one, two)
        assert not leaders[one].overlaps(leaders[two])
        assert boxes[one].distance(boxes[two]) > 0.5
    for one, leader in enumerate(leaders):
        for two, label in enumerate(boxes):
            if one != two:
                assert leader.distance(label) > 0.05
        assert leader.intersection(boxes[one]).length < 1e-9
    for line in obstacles:
        assert all(LineString(line).distance(label) > 0.7 for label in boxes)
    frame = box(FRAME.left, FRAME.top, FRAME.right, FRAME.bottom)
    assert all(frame.contains(label) for label in boxes)


@settings(max_examples=400 if "CEASEFIRE_PROVE" in os.environ else 40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, MOST_NUMBERS), st.sampled_from([2.0, 20.0, 160.0]))
def test_forty_points_however_dense_are_all_placed_without_a_crossing(seed, count, spread):
    random = np.random.default_rng(seed)
    area = inner(FRAME, 9, 4.4)
    centre = random.uniform([area.left, area.top], [area.right, area.bottom])
    points = centre + random.uniform(-spread / 2, spread / 2, (count, 2))
    points = np.clip(points, [area.left, area.top], [area.right, area.bottom])
    check(points, list(random.uniform(5, 9, count)))


@settings(max_examples=400 if "CEASEFIRE_PROVE" in os.environ else 40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, MOST_NUMBERS // 2))
def test_two_labels_of_one_point_do_not_cross(seed, count):
    random = np.random.default_rng(seed)
    area = inner(FRAME, 9, 4.4)
    points = random.uniform([area.left, area.top], [area.right, area.bottom], (count, 2))
    check(np.repeat(points, 2, axis=0), list(random.uniform(5, 9, 2 * count)))


def test_labels_keep_off_a_line_that_leaves_the_map_through_two_sides():
    random = np.random.default_rng(11)
    area = inner(FRAME, 9, 4.4)
    points = random.uniform([area.left, area.top], [area.right, area.bottom], (40, 2))
    line = np.array([[10, 60], [60, 90], [120, 80], [150, 205]])
    check(points, [8.0] * 40, [line])


def test_points_on_one_straight_row_are_placed_without_a_crossing():
    area = inner(FRAME, 9, 4.4)
    points = np.column_stack([np.linspace(area.left, area.right, 30), np.full(30, 115.0)])
    check(points, [7.0] * 30)


def test_more_points_than_slots_leaves_the_last_unplaced_and_says_so():
    points = np.full((300, 2), 100.0) + np.arange(300)[:, None] * 0.01
    found = place(points, [12.0] * 300, 4.4, FRAME)
    assert 40 <= found.placed.sum() < 300
    assert not found.placed[-1] and np.isnan(found.ends[-1]).all()


def test_no_point_is_no_label():
    assert len(place(np.empty((0, 2)), [], 4.4, FRAME).placed) == 0
