"""A tree over the pieces of a line: which piece is the nearest to each of many points.

Strips after Ballard (1981), doi:10.1145/358645.358661, in three dimensions and over many points
at once: a strip is the chord of some consecutive pieces and how far they stray from it.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import Optional

import numpy as np

from .strips import CHORDS, FAN, MARGIN_M, Strips

GROUPS = (4096, 256, 16, 1)
ROUGH_M = 1e6
"""Up to such coordinates (metres) strips may be chosen in single precision: right to 6 cm."""
ROUGH_MARGIN_M = 2.0
FEWEST = 8


@dataclasses.dataclass
class StripTree:
    """Levels of strips, ``levels[0]`` the pieces themselves, each further one of ``FAN`` below.

    ``families`` are the same levels by parents; above the last is one parent of all.
    """

    levels: list[Strips]
    families: list[Strips]

    @classmethod
    def of(cls, starts: np.ndarray, ends: np.ndarray) -> StripTree:
        """The tree for pieces from ``starts`` to ``ends``, (n, 3) metres, in the line's order."""
        levels = []
        size = 1
        while not levels or len(levels[-1]) > FAN:
            levels.append(Strips.of(starts, ends, size))
            size *= FAN
        return cls(levels, [level.of_parents() for level in levels])

    @functools.cached_property
    def rough(self) -> Optional[StripTree]:
        """The same tree in single precision; None where that would be too rough."""
        pieces = self.levels[0]
        if max(np.abs(column).max() for column in (pieces.ax, pieces.ay, pieces.az)) > ROUGH_M:
            return None
        return StripTree(*([one.single() for one in kept] for kept in (self.levels, self.families)))

    def nearest(self, x, y, z, groups=GROUPS, about: bool = False):
        """``(piece, squared distance)`` of the nearest piece to each point (columns, metres).

        It is quick where points that follow each other lie near each other. Points are looked at
        in ``groups`` (so many points each, each size a multiple of the next, the last 1) and pieces
        in strips, the larger of the two divided each time; a strip farther from a group than the
        group's points can be from another is left out. Where coordinates allow it, that is found
        out in single precision, with a wider margin, and only the last step taken in double; with
        ``about`` not even that: a piece may be farther than the nearest by centimetres, or by a
        ten-millionth.
        """
        groups = [size for size in groups if size * FEWEST <= len(x) or size == 1]
        tree, margin = self, MARGIN_M
        rough = self.rough is not None
        if rough and not about:
            rough = max(np.abs(column).max() for column in (x, y, z)) <= ROUGH_M
        if rough:
            tree, margin = self.rough, ROUGH_MARGIN_M
        if rough and about:
            x, y, z = (column.astype(np.float32) for column in (x, y, z))
        nodes = exact = _nodes(x, y, z, groups)
        last_tree = tree
        if rough and not about:
            nodes, last_tree = [one.single() for one in nodes], self
        at, level = 0, len(self.levels)
        node = np.arange(len(nodes[0].x))
        strip = np.zeros(len(node), dtype=np.int64)
        least = None
        while least is None:
            first = np.flatnonzero(np.concatenate([[True], node[1:] != node[:-1]]))
            pairs = node, strip, first
            if self._points_next(nodes, at, level):
                at += 1
                if at == len(nodes) - 1 and level == 0:
                    node, strip, least = _last_points(*pairs, exact[at], last_tree.levels[0])
                else:
                    node, strip = _divide_points(*pairs, nodes[at], tree.levels[level], margin)
            else:
                level -= 1
                if at == len(nodes) - 1 and level == 0:
                    node, strip, least = _last_strips(*pairs, exact[at], last_tree.families[0])
                else:
                    node, strip = _divide_strips(*pairs, nodes[at], tree.families[level], margin)
        piece, squared = np.empty(len(node), dtype=np.int64), np.empty(len(node), dtype=least.dtype)
        piece[node], squared[node] = strip, least
        return tuple(nodes[-1].in_order(column)[: len(x)] for column in (piece, squared))

    def _points_next(self, nodes: list[_Nodes], at: int, level: int) -> bool:
        """Whether the groups are to be divided, not the strips: whichever are larger."""
        if at == len(nodes) - 1 or level == len(self.levels):
            return False
        return level == 0 or nodes[at].usual_radius > self.levels[level].reach


@dataclasses.dataclass
class _Nodes:
    """Groups of points that follow each other: their middles, and how far their points lie away.

    ``sizes``: the numbers by which each group was divided, the outermost last. Groups are kept by
    their number within the larger group, and by that one's; so those of all larger groups that have
    the same number there follow each other.
    """

    sizes: tuple
    x: np.ndarray
    y: np.ndarray
    z: np.ndarray
    radius: np.ndarray | None
    usual_radius: float

    def single(self) -> _Nodes:
        """The same groups in single precision."""
        columns = (self.x, self.y, self.z, self.radius)
        columns = (None if one is None else one.astype(np.float32) for one in columns)
        return _Nodes(self.sizes, *columns, self.usual_radius)

    def in_order(self, values: np.ndarray) -> np.ndarray:
        """Values of these groups in the order in which their points were given."""
        return values.reshape(self.sizes).T.ravel()


def _nodes(x, y, z, groups) -> list[_Nodes]:
    """The points in groups; the last one is filled up with the last point."""
    count = -(-len(x) // groups[0])
    missing = count * groups[0] - len(x)
    within = [large // small for large, small in zip(groups[:-1], groups[1:])]
    columns = []
    for column in (x, y, z):
        filled = np.concatenate([column, np.repeat(column[-1:], missing)]) if missing else column
        columns.append(filled.reshape([count, *within]).T.ravel())
    nodes = []
    for number, size in enumerate(groups):
        sizes = (*within[:number][::-1], count)
        if size == 1:
            nodes.append(_Nodes(sizes, *columns, None, 0.0))
            break
        members = [column.reshape(size, -1) for column in columns]
        middles = [(member.min(axis=0) + member.max(axis=0)) / 2.0 for member in members]
        squared = sum((member - middle) ** 2 for member, middle in zip(members, middles))
        radius = np.sqrt(squared.max(axis=0))
        nodes.append(_Nodes(sizes, *middles, radius, float(np.median(radius))))
    return nodes


def _divide_strips(node, strip, first, here: _Nodes, family: Strips, margin: float):
    """Each group's strips divided: ``(group, strip)``, those that may have its nearest piece."""
    children = family.take(strip)
    distance = children.squared(here.x.take(node), here.y.take(node), here.z.take(node))
    np.sqrt(distance, out=distance)
    limit = np.minimum.reduceat((distance + children.gap).min(axis=0), first) + margin
    if here.radius is not None:
        limit += 2.0 * here.radius.take(node.take(first))
    distance -= children.width
    near = distance <= limit.take(_run(first, len(node)))
    pair, child = _divided(np.flatnonzero(near.T), FAN)
    return node.take(pair), strip.take(pair) * FAN + child


def _last_strips(node, strip, first, here: _Nodes, family: Strips):
    """Where groups are points and children pieces: ``(point, nearest piece, squared distance)``."""
    children = family.take(strip, CHORDS)
    distance = children.squared(here.x.take(node), here.y.take(node), here.z.take(node))
    least = distance.min(axis=0)
    column = _first_least(least[None, :], first)
    child = distance.take(column, axis=1).argmin(axis=0)
    return node.take(column), strip.take(column) * FAN + child, least.take(column)


def _divide_points(node, strip, first, below: _Nodes, strips: Strips, margin: float):
    """Each group divided: its strips that may have the nearest piece; as ``_divide_strips``."""
    chosen = strips.take(strip)
    members = (column.reshape(below.sizes[0], -1) for column in (below.x, below.y, below.z))
    distance = chosen.squared(*(column.take(node, axis=1) for column in members))
    np.sqrt(distance, out=distance)
    limit = np.minimum.reduceat(distance + chosen.gap, first, axis=1) + margin
    if below.radius is not None:
        limit += 2.0 * below.radius.reshape(below.sizes[0], -1).take(node.take(first), axis=1)
    distance -= chosen.width
    near = distance <= limit.take(_run(first, len(node)), axis=1)
    member, pair = _divided(np.flatnonzero(near), len(node))
    return member * (len(below.x) // below.sizes[0]) + node.take(pair), strip.take(pair)


def _last_points(node, strip, first, below: _Nodes, pieces: Strips):
    """Where groups are divided into points and strips are pieces; as ``_last_strips``."""
    chosen = pieces.take(strip, CHORDS)
    members = (column.reshape(below.sizes[0], -1) for column in (below.x, below.y, below.z))
    distance = chosen.squared(*(column.take(node, axis=1) for column in members))
    least = _first_least(distance, first)
    member, pair = _divided(least, len(node))
    point = member * (len(below.x) // below.sizes[0]) + node.take(pair)
    return point, strip.take(pair), distance.take(least)


def _run(first: np.ndarray, count: int) -> np.ndarray:
    """Which run each of ``count`` pairs is in; ``first``: where each run starts."""
    run = np.zeros(count, dtype=np.int64)
    run[first[1:]] = 1
    return np.cumsum(run, out=run)


def _divided(numbers: np.ndarray, by: int):
    """Quotient and rest, as ``np.divmod`` of numbers that are not negative, but quicker."""
    quotient = numbers // by
    return quotient, numbers - quotient * by


def _first_least(distance: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Where, in rows of runs laid end to end, the first least value of each run is."""
    count = distance.shape[1]
    run = _run(first, count)
    least = np.minimum.reduceat(distance, first, axis=1)
    hit = np.flatnonzero(distance <= least.take(run, axis=1))
    row, pair = _divided(hit, count)
    own = row * len(first) + run.take(pair)
    return hit[np.concatenate([[True], own[1:] != own[:-1]])]
