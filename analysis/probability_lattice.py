"""Feet of the nodes of a lattice: what places near each other share, found once."""

from __future__ import annotations

import threading

import numpy as np

from .contact_line import PreparedLines
from .earth_centred import Horizon
from .nearest import AT_A_TIME, along_a_curve, feet_near, in_threads

FINEST_M = 32.0
LEVELS, STEPS = 16, 1.0
"""So many lattices, and so many of them until the nodes are twice as far apart."""
MOST_NODES = 1_000_000
"""So many nodes (32 bytes each) are kept beside lines at most, for all sets of lines together."""
_BITS = 19
_HALF = 1 << (_BITS - 1)
_MASK = (1 << _BITS) - 1


class FootLattice:
    """The nearest places of the lines ``members`` for nodes of cubic lattices in space.

    The lattices' nodes are from FINEST_M to some kilometres apart, counted from the earth's
    centre: no projection, no pole, no date line. A node lies up to a spacing above or below the
    ground, which hardly changes what is nearest to it. A foot depends on the node alone, so it is
    kept for the next question, and the same question always gets the same answer.
    """

    def __init__(self, lines: PreparedLines, members: tuple[int, ...]):
        self.lines, self.members = lines, members
        self.lock = threading.Lock()
        self._forget()

    def _forget(self) -> None:
        self.keys = np.empty(0, dtype=np.int64)
        self.feet = np.empty((0, 3))

    def __len__(self) -> int:
        return len(self.keys)

    def feet_of(self, keys: np.ndarray):
        """``(feet, at)``: ``feet[at]`` are the feet (n, 3) of the nodes ``keys`` (any shape)."""
        different, at = np.unique(keys, return_inverse=True)
        with self.lock:
            if len(self.keys) > MOST_NODES:
                self._forget()
            if len(self.keys) == 0:
                self.keys, self.feet = different, self._found(different)
                return self.feet, at.reshape(keys.shape)
            self._add(different)
            feet = self.feet[np.searchsorted(self.keys, different)]
        return feet, at.reshape(keys.shape)

    def _add(self, keys: np.ndarray) -> None:
        """Find the feet of those nodes (different ones, in order) that are not known yet."""
        where = np.searchsorted(self.keys, keys)
        new = self.keys[np.minimum(where, len(self.keys) - 1)] != keys
        if not new.any():
            return
        where, missing = where[new], keys[new]
        self.feet = np.insert(self.feet, where, self._found(missing), axis=0)
        self.keys = np.insert(self.keys, where, missing)

    def _found(self, keys: np.ndarray) -> np.ndarray:
        spacing = spacing_m(keys >> (3 * _BITS))
        nodes = [(((keys >> (place * _BITS)) & _MASK) - _HALF) * spacing for place in range(3)]
        order = along_a_curve(*Horizon(*nodes).degrees())
        found = np.empty((len(keys), 3))
        parts = [order[start : start + AT_A_TIME] for start in range(0, len(order), AT_A_TIME)]

        def work(part):
            places = [column[part] for column in nodes]
            found[part] = np.column_stack(feet_near(self.lines, self.members, places, about=True))

        in_threads(work, parts)
        return found


def level_of(spacing_m: np.ndarray) -> np.ndarray:
    """The coarsest lattice whose nodes are no farther apart; -1 where none is so fine."""
    ratio = np.maximum(spacing_m / FINEST_M, 0.6)
    return np.minimum(np.floor(STEPS * np.log2(ratio)), LEVELS - 1).astype(np.int64)


def spacing_m(level: np.ndarray) -> np.ndarray:
    """How far apart the nodes of a level's lattice are (metres)."""
    return FINEST_M * 2.0 ** (level / STEPS)


def nodes_at(places, level: np.ndarray) -> np.ndarray:
    """The keys of the nodes nearest to places: earth-centred columns (n, …), levels (n)."""
    level = np.maximum(level, 0)[:, None]
    scale = 1.0 / spacing_m(level)
    key = level << (3 * _BITS)
    for number, column in enumerate(places):
        key = key | ((np.rint(column * scale).astype(np.int64) + _HALF) << (number * _BITS))
    return key


def lattice_of(lines: PreparedLines, members: tuple[int, ...]) -> FootLattice:
    """The lattice kept beside ``lines`` for those of them."""
    kept = vars(lines).setdefault("_lattices", {})
    lattice = kept.get(members)
    if lattice is None:
        if sum(len(one) for one in kept.values()) > MOST_NODES:
            kept.clear()
        lattice = kept[members] = FootLattice(lines, members)
    return lattice
