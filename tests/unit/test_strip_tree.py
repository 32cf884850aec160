"""The search for the nearest piece, against looking at every piece of every line."""

from __future__ import annotations

import numpy as np
import pytest

from ceasefire_monitor.analysis.strip_tree import FAN, GROUPS, StripTree


def every_piece(starts, ends, points):
    """The squared distance of each point from each piece, (points, pieces)."""
    chord = ends - starts
    squared = np.maximum(np.einsum("ij,ij->i", chord, chord), 1e-12)
    offset = points[:, None, :] - starts[None, :, :]
    along = np.clip(np.einsum("pij,ij->pi", offset, chord) / squared, 0.0, 1.0)
    offset -= along[:, :, None] * chord
    return np.einsum("pij,pij->pi", offset, offset)


def wiggly(random, pieces, step=300.0):
    """A line that wanders about in space, (pieces + 1, 3) metres."""
    course = np.cumsum(random.normal(0.0, 0.2, pieces + 1))
    moves = step * np.column_stack([np.cos(course), np.sin(course), 0.02 * np.sin(3.0 * course)])
    return np.cumsum(moves, axis=0)


@pytest.mark.parametrize("pieces", [1, 2, FAN, FAN + 1, FAN * FAN, 215, 216, 217, 1500])
@pytest.mark.parametrize("spread_m", [1.0, 3e3, 1e6])
def test_finds_the_piece_that_looking_at_all_finds(pieces, spread_m):
    random = np.random.default_rng(pieces)
    line = wiggly(random, pieces)
    starts, ends = line[:-1], line[1:]
    points = line[random.integers(0, pieces, 300)] + random.normal(0.0, spread_m, (300, 3))
    piece, squared = StripTree.of(starts, ends).nearest(*points.T)
    table = every_piece(starts, ends, points)
    assert np.allclose(squared, table.min(axis=1), rtol=1e-9, atol=1e-6)
    assert np.allclose(table[np.arange(300), piece], squared, rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize("count", [1, 2, GROUPS[-2], GROUPS[-2] + 1, GROUPS[0] * 2 + 3])
def test_every_point_gets_its_answer_whatever_points_are_asked_with_it(count):
    random = np.random.default_rng(7)
    line = wiggly(random, 700)
    tree = StripTree.of(line[:-1], line[1:])
    points = line[random.integers(0, 700, count)] + random.normal(0.0, 5e3, (count, 3))
    together = tree.nearest(*points.T)
    for row in range(0, count, max(1, count // 50)):
        alone = tree.nearest(*(column[row : row + 1] for column in points.T))
        assert alone[0][0] == together[0][row]
        assert alone[1][0] == together[1][row]


def test_parts_far_apart_and_pieces_without_length_do_not_lead_astray():
    random = np.random.default_rng(3)
    line = np.concatenate([wiggly(random, 90), wiggly(random, 90) + 5e5, wiggly(random, 90) - 4e5])
    starts, ends = line[:-1].copy(), line[1:].copy()
    ends[40] = starts[40]
    points = line[random.integers(0, len(line), 400)] + random.normal(0.0, 1e5, (400, 3))
    _, squared = StripTree.of(starts, ends).nearest(*points.T)
    assert np.allclose(squared, every_piece(starts, ends, points).min(axis=1), rtol=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_many_breaks_between_parts_do_not_hide_the_nearest(seed):
    random = np.random.default_rng(seed)
    parts = [wiggly(random, 23) + random.normal(0.0, 2e5, 3) for _ in range(30)]
    starts = np.concatenate([part[:-1] for part in parts])
    ends = np.concatenate([part[1:] for part in parts])
    points = random.normal(0.0, 2e5, (600, 3))
    _, squared = StripTree.of(starts, ends).nearest(*points.T)
    assert np.allclose(squared, every_piece(starts, ends, points).min(axis=1), rtol=1e-9)
