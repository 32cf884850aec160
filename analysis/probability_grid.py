"""Means of a field over square patches of its grids, many incidents at once."""

from __future__ import annotations

import dataclasses
from typing import Callable

import numpy as np

from .probability_field import BLOCK, Field, block_keys

AT_A_TIME = 2_048


@dataclasses.dataclass
class Patches:
    """Square patches of ``width`` × ``width`` nodes, one a row, and how to take their means.

    ``rows``: where the means go. ``region``, ``level``: the grid; ``column``, ``row``: the node in
    the patch's corner. ``mean(part, patch)`` takes the rows ``part`` (a slice of these) and their
    values (n, width, width), and gives n means.
    """

    rows: np.ndarray
    region: np.ndarray
    level: np.ndarray
    column: np.ndarray
    row: np.ndarray
    width: int
    mean: Callable[[np.ndarray, np.ndarray], np.ndarray]

    def keys(self):
        """``(keys, needed)``, (n, w, w): the blocks that each patch lies on."""
        across = (2 * BLOCK - 2 + self.width) // BLOCK
        step = np.arange(across)
        column = (self.column // BLOCK)[:, None, None] + step[None, :, None]
        row = (self.row // BLOCK)[:, None, None] + step[None, None, :]
        last = self.width - 1
        needed = (column * BLOCK <= (self.column + last)[:, None, None]) & (
            row * BLOCK <= (self.row + last)[:, None, None]
        )
        shape = needed.shape
        column, row = np.broadcast_to(column, shape), np.broadcast_to(row, shape)
        grid = (self.region[:, None, None], self.level[:, None, None])
        return block_keys(*grid, column, row), needed


def means(field: Field, groups: list[Patches], count: int) -> np.ndarray:
    """The means of all the patches, put into ``count`` rows."""
    result = np.zeros(count)
    groups = [group for group in groups if len(group.rows)]
    if not groups:
        return result
    keys = [group.keys() for group in groups]
    slots, values = field.blocks(np.concatenate([key[needed] for key, needed in keys]))
    start = 0
    for group, (key, needed) in zip(groups, keys):
        end = start + np.count_nonzero(needed)
        slot = np.zeros(key.shape, dtype=np.int64)
        slot[needed] = slots[start:end]
        start = end
        order = np.argsort(key[:, 0, 0], kind="stable")
        for low in range(0, len(order), AT_A_TIME):
            part = order[low : low + AT_A_TIME]
            patch = _patch(group, part, key[part, 0, 0], slot[part], needed[part], values)
            result[group.rows[part]] = group.mean(part, patch)
    return result


def _patch(group: Patches, part, corner, slot, needed, values) -> np.ndarray:
    """The values (n, width, width) of some patches, cut from windows of whole blocks."""
    different, window = np.unique(corner, return_inverse=True)
    window = window.ravel()
    across = slot.shape[1]
    joined = np.zeros((len(different), across, across), dtype=np.int64)
    which, i, j = np.nonzero(needed)
    joined[window[which], i, j] = slot[which, i, j]
    side = across * BLOCK
    blocks = values[joined].transpose(0, 1, 3, 2, 4).reshape(-1)
    start = window * side**2 + (group.column[part] % BLOCK) * side + group.row[part] % BLOCK
    step = np.arange(group.width, dtype=np.int32)
    index = start.astype(np.int32)[:, None, None] + (step[:, None] * side + step)
    return np.take(blocks, index)
