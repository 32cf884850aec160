"""Blocks of nodes of the grids on which worth is kept."""

from __future__ import annotations

import dataclasses

import numpy as np

from .probability_plane import from_plane

BLOCK = 16
FEWEST, MOST = 2, 32
SMOOTH_NODES = 1.6
"""So many nodes to a line's standard deviation are enough where nothing else makes a step."""


@dataclasses.dataclass
class Blocks:
    """Blocks of BLOCK × BLOCK nodes, one array a field.

    ``region``: the plane; ``column``, ``row``: its first node; ``step``: metres from node to node;
    ``smooth``: whether a node gets the worth at the node, else the mean over its cell;
    ``smooth_m``: the standard deviation by which worth is smooth, ``detail_m``: how far apart
    places are seen apart within a cell (metres, numbers).
    """

    region: np.ndarray
    column: np.ndarray
    row: np.ndarray
    step: np.ndarray
    smooth: np.ndarray
    smooth_m: float
    detail_m: float

    def fineness(self) -> np.ndarray:
        """How many places across a node's cell its mean is taken from."""
        wanted = np.clip(self.step / self.detail_m, FEWEST, MOST)
        if self.smooth_m > 0.0:
            wanted = np.clip(self.step * SMOOTH_NODES / self.smooth_m, 1.0, wanted)
        fine = 2.0 ** np.ceil(np.log2(wanted) - 1e-9)
        return np.where(self.smooth, 1.0, fine).astype(np.int64)

    def degrees(self, at, i, j):
        """Places ``(i, j)`` nodes from the first nodes of the blocks ``at``: ``(lon, lat)``."""
        step, regions = self.step[at], self.region[at]
        x, y = (self.column[at] + i) * step, (self.row[at] + j) * step
        lon, lat = np.empty(len(at)), np.empty(len(at))
        for region in np.unique(regions):
            part = np.flatnonzero(regions == region)
            lon[part], lat[part] = from_plane(region, x[part], y[part])
        return lon, lat
