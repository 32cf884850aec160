"""The worth of places, kept on grids as fine as the questions need, and worked out once."""

from __future__ import annotations

import threading

import numpy as np

from .probability_blocks import BLOCK, SMOOTH_NODES, Blocks

FINEST_M = 0.25
MOST_BLOCKS = 120_000
AT_A_TIME = 20_000
NOTHING, EVERYTHING = 0, 1
_LEVELS, _HALF, _BITS = 64, 1 << 20, 21
_MASK = (1 << _BITS) - 1


def block_keys(region, level, column, row) -> np.ndarray:
    """One number for each block of BLOCK × BLOCK nodes; all columns of integers."""
    place = ((column + _HALF) << _BITS) | (row + _HALF)
    return ((region * _LEVELS + level) << (2 * _BITS)) | place


class Field:
    """The worth about the nodes of grids, block by block, worked out where it is asked for.

    ``worth`` (see ``probability_worth``) says what a place is worth. Where worth changes suddenly a
    node keeps the mean over its cell; where the lines' uncertainty makes it smooth from node to
    node, the worth at the node. Nodes are ``spacing(level)`` metres apart, twice as far from level
    to level. What a block holds depends on the block alone, so it is kept for the next question.
    """

    def __init__(self, worth):
        self.worth = worth
        self.lock = threading.Lock()
        # The finest grid that a smooth field needs is one of the levels.
        smooth = worth.smooth_m / SMOOTH_NODES
        self.finest_m = FINEST_M
        if smooth > FINEST_M:
            self.finest_m = float(smooth / 2.0 ** np.floor(np.log2(smooth / FINEST_M)))
        self._forget()

    def _forget(self) -> None:
        self.keys = np.empty(0, dtype=np.int64)
        self.slots = np.empty(0, dtype=np.int64)
        self.values = np.zeros((64, BLOCK, BLOCK), dtype=np.float32)
        self.values[EVERYTHING] = 1.0
        self.used = 2

    def spacing(self, level) -> np.ndarray:
        """The distance of the nodes of a level's grid, metres."""
        return self.finest_m * 2.0 ** np.asarray(level, dtype=float)

    def level_of(self, widest_spacing: np.ndarray, nodes: float = SMOOTH_NODES) -> np.ndarray:
        """The coarsest level whose nodes are no further apart than that (metres).

        Where that is less, so many ``nodes`` to the lines' standard deviation are enough.
        """
        widest = np.maximum(widest_spacing, self.worth.smooth_m / nodes)
        ratio = np.maximum(widest / self.finest_m, 1.0)
        return np.minimum(np.floor(np.log2(ratio) + 1e-9), _LEVELS - 1).astype(np.int64)

    def smooth(self, level) -> np.ndarray:
        """Where a level's nodes hold the worth at the node, not the mean of its cell."""
        return self.worth.smooth_m >= self.spacing(level)

    def blocks(self, keys: np.ndarray):
        """``(slots, values)``: ``values[slots]`` are the blocks of the ``keys``, worked out now
        where they are new. What was given stays as it is, whatever is asked later."""
        with self.lock:
            if self.used > MOST_BLOCKS:
                self._forget()
            different, back = np.unique(keys, return_inverse=True)
            missing = different[~np.isin(different, self.keys, assume_unique=True)]
            for start in range(0, len(missing), AT_A_TIME):
                self._add(missing[start : start + AT_A_TIME])
            slots = self.slots[np.searchsorted(self.keys, different)]
            return slots[back.ravel()], self.values

    def _add(self, keys: np.ndarray) -> None:
        worth = self._worked_out(keys)
        low, high = worth.min(axis=(1, 2)), worth.max(axis=(1, 2))
        slots = np.where(high == 0.0, NOTHING, EVERYTHING)
        fresh = np.flatnonzero((high > 0.0) & (low < 1.0))
        slots[fresh] = self.used + np.arange(len(fresh))
        needed = self.used + len(fresh)
        if needed > len(self.values):
            grown = np.zeros((max(needed, 2 * len(self.values)), BLOCK, BLOCK), dtype=np.float32)
            grown[: self.used] = self.values[: self.used]
            self.values = grown
        self.values[self.used : needed] = worth[fresh]
        self.used = needed
        order = np.argsort(np.concatenate([self.keys, keys]), kind="stable")
        self.keys = np.concatenate([self.keys, keys])[order]
        self.slots = np.concatenate([self.slots, slots])[order]

    def _worked_out(self, keys: np.ndarray) -> np.ndarray:
        top = keys >> (2 * _BITS)
        level = top % _LEVELS
        blocks = Blocks(
            region=top // _LEVELS,
            column=(((keys >> _BITS) & _MASK) - _HALF) * BLOCK,
            row=((keys & _MASK) - _HALF) * BLOCK,
            step=self.spacing(level),
            smooth=self.smooth(level),
            smooth_m=self.worth.smooth_m,
            detail_m=self.worth.detail_m,
        )
        return self.worth.over(blocks)
