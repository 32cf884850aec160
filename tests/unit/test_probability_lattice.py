"""The feet of a lattice's nodes: near enough, the same whoever asks, and each found once."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from ceasefire_monitor.analysis.contact_line import LineColumns, prepare_lines
from ceasefire_monitor.analysis.earth_centred import earth_centred
from ceasefire_monitor.analysis.nearest import nearest
from ceasefire_monitor.analysis.probability_lattice import (
    FINEST_M,
    LEVELS,
    lattice_of,
    level_of,
    nodes_at,
    spacing_m,
)


def wavy(seed=0, centre=(35.0, 48.0)):
    """A line of 600 edges about a place, prepared."""
    random = np.random.default_rng(seed)
    along = np.linspace(-1.0, 1.0, 601)
    lat = centre[1] + 0.1 * np.sin(9.0 * along) + np.cumsum(random.normal(0.0, 2e-4, 601))
    geometry = shapely.linestrings(np.column_stack([centre[0] + along, lat]))
    return prepare_lines(LineColumns(np.array([geometry], dtype=object)))


def places(count, seed=1, centre=(35.0, 48.0)):
    random = np.random.default_rng(seed)
    lon = centre[0] + random.uniform(-1.0, 1.0, count)
    return lon, centre[1] + random.uniform(-0.3, 0.3, count)


@pytest.mark.parametrize("level", [0, 2, 5])
@pytest.mark.parametrize("centre", [(35.0, 48.0), (180.0, -70.0), (0.0, 0.0)])
def test_the_foot_of_a_node_is_about_as_near_as_the_nearest_place_of_the_line(level, centre):
    lines = wavy(centre=centre)
    lon, lat = places(400, centre=centre)
    keys = nodes_at([column[:, None] for column in earth_centred(lon, lat)], np.full(400, level))
    feet, at = lattice_of(lines, (0,)).feet_of(keys)
    here = np.column_stack(earth_centred(lon, lat))
    away = np.linalg.norm(here - feet[at[:, 0]], axis=1)
    truth = nearest(lines, lon, lat).distance_m
    # A node lies up to half a diagonal of a cube from its place; its foot is as near to the node.
    slack = np.sqrt(3.0) * spacing_m(level)
    assert (away >= truth - 1.0).all()
    assert (away <= truth + slack + 1.0).all()
    assert np.median(away - truth) < 0.1 * slack


def test_a_node_has_the_same_foot_alone_and_in_company_and_is_found_once():
    lon, lat = places(300)
    columns = [column[:, None] for column in earth_centred(lon, lat)]
    keys = nodes_at(columns, np.full(300, 3))
    together = lattice_of(wavy(), (0,))
    feet, at = together.feet_of(keys)
    known = len(together)
    assert known == len(np.unique(keys))
    again, where = together.feet_of(keys[::-1])
    assert len(together) == known
    assert np.array_equal(again[where][::-1], feet[at])
    alone = lattice_of(wavy(), (0,))
    for row in range(0, 300, 29):
        own, place = alone.feet_of(keys[row : row + 1])
        assert np.array_equal(own[place[0, 0]], feet[at[row, 0]])


def test_levels_are_never_coarser_than_asked_and_what_is_too_fine_has_none():
    asked = np.array([1.0, FINEST_M - 0.1, FINEST_M, 100.0, 5_000.0, 1e9])
    level = level_of(asked)
    assert level[:2].tolist() == [-1, -1]
    assert (spacing_m(level[2:5]) <= asked[2:5]).all()
    assert (spacing_m(level[2:5]) > asked[2:5] / 2.0).all()
    assert level[5] == LEVELS - 1


def test_lattices_are_kept_for_each_set_of_lines():
    lines = wavy()
    assert lattice_of(lines, (0,)) is lattice_of(lines, (0,))
    assert lattice_of(lines, (0,)) is not lattice_of(wavy(), (0,))
