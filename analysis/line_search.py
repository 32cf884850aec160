"""Where the nearest piece of a line is looked for: earth-centred, without a projection."""

from __future__ import annotations

import dataclasses

import numpy as np

from .earth_centred import earth_centred
from .line_pieces import Pieces
from .strip_tree import GROUPS, StripTree


@dataclasses.dataclass
class LineSearch:
    """The pieces of one line as chords (earth-centred, metres), and the tree over them.

    ``starts`` are the columns of the pieces' starts, ``origin`` the place near which the tree
    counts its coordinates, ``lengths`` the pieces' lengths along the ground.
    """

    starts: tuple
    origin: np.ndarray
    lengths: np.ndarray
    tree: StripTree

    @classmethod
    def of(cls, pieces: Pieces) -> LineSearch:
        """The search for the pieces of one line."""
        starts = np.column_stack(earth_centred(pieces.lon0, pieces.lat0))
        ends = np.column_stack(earth_centred(pieces.lon1, pieces.lat1))
        origin = starts.mean(axis=0)
        tree = StripTree.of(starts - origin, ends - origin)
        columns = tuple(np.ascontiguousarray(column) for column in starts.T)
        return cls(columns, origin, pieces.length, tree)

    def nearest_piece(self, places, groups=GROUPS, about: bool = False) -> np.ndarray:
        """The piece nearest to each place (earth-centred columns; neighbours follow each other).

        With ``about`` it may be farther than the nearest by some centimetres.
        """
        away = (p - o for p, o in zip(places, self.origin))
        return self.tree.nearest(*away, groups, about)[0]
