"""A tree over the pieces of a line: which piece is the nearest to each of many points.

Strips after Ballard (1981), doi:10.1145/358645.358661, in three dimensions and over many points
at once: a strip is the chord of some consecutive pieces and how far they stray from it.
"""

from __future__ import annotations

import dataclasses

import numpy as np

FAN = 6
GROUPS = (4096, 256, 16, 1)
MARGIN_M = 1e-3
FEWEST = 8
FILL_M = 1e9


@dataclasses.dataclass
class Strips:
    """One level of the tree, a column a field: chords from ``(ax, ay, az)`` along ``(dx, dy, dz)``.

    ``per_square`` is one over the chord's squared length, ``width`` how far the pieces stray from
    it at most, ``gap`` how far a place of the chord is from the pieces at most (more where the line
    has a break there), ``reach`` half the length of a usual strip; metres.
    """

    ax: np.ndarray
    ay: np.ndarray
    az: np.ndarray
    dx: np.ndarray
    dy: np.ndarray
    dz: np.ndarray
    per_square: np.ndarray
    width: np.ndarray
    gap: np.ndarray
    reach: float

    @classmethod
    def of(cls, starts: np.ndarray, ends: np.ndarray, size: int) -> Strips:
        """Strips of ``size`` pieces each, from the pieces' ends (n, 3)."""
        first = np.arange(0, len(starts), size)
        last = np.minimum(first + size, len(starts)) - 1
        begin, chord = starts[first], ends[last] - starts[first]
        squared = np.einsum("ij,ij->i", chord, chord)
        per_square = np.where(squared > 1e-12, 1.0 / np.maximum(squared, 1e-12), 0.0)
        width = gap = np.zeros(len(first))
        if size > 1:
            own = np.arange(len(starts)) // size
            strays = np.maximum(
                *(
                    _strays(points, begin[own], chord[own], per_square[own])
                    for points in (starts, ends)
                )
            )
            width = np.sqrt(np.maximum.reduceat(strays, first)) + MARGIN_M
            breaks = np.linalg.norm(starts - np.roll(ends, 1, axis=0), axis=1)
            breaks[first] = 0.0
            gap = width + np.maximum.reduceat(breaks, first) / 2.0
        reach = float(np.median(np.sqrt(squared) / 2.0 + width))
        columns = (np.ascontiguousarray(column) for column in (*begin.T, *chord.T))
        return cls(*columns, per_square, width, gap, reach)

    def __len__(self) -> int:
        return len(self.ax)

    def of_parents(self) -> Strips:
        """The same strips by parents: columns (FAN, parents), filled up with strips far away."""
        parents = -(-len(self) // FAN)
        fill = {"ax": FILL_M, "gap": np.inf}

        def by_parents(name):
            column = np.full(parents * FAN, fill.get(name, 0.0))
            column[: len(self)] = getattr(self, name)
            return np.ascontiguousarray(column.reshape(parents, FAN).T)

        return Strips(*(by_parents(name) for name in COLUMNS), self.reach)

    def take(self, where) -> Strips:
        """The strips (or the children of the parents) that an index array chooses."""
        columns = (getattr(self, name).take(where, axis=-1) for name in COLUMNS)
        return Strips(*columns, self.reach)

    def squared(self, x, y, z) -> np.ndarray:
        """The squared distances of points from the strips' chords, column against column."""
        # In place where it can be: this runs some forty times for every incident.
        x, y, z = x - self.ax, y - self.ay, z - self.az
        along, step = x * self.dx, y * self.dy
        along += step
        along += np.multiply(z, self.dz, out=step)
        along *= self.per_square
        np.maximum(along, 0.0, out=along)
        np.minimum(along, 1.0, out=along)
        for offset, chord in ((x, self.dx), (y, self.dy), (z, self.dz)):
            offset -= np.multiply(along, chord, out=step)
            offset *= offset
        x += y
        x += z
        return x


COLUMNS = tuple(field.name for field in dataclasses.fields(Strips))[:-1]


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

    def nearest(self, x, y, z, groups=GROUPS):
        """``(piece, squared distance)`` of the nearest piece to each point (columns, metres).

        It is quick where points that follow each other lie near each other. Points are looked at
        in ``groups`` (so many points each, each size a multiple of the next, the last 1) and pieces
        in strips, the larger of the two divided each time; a strip farther from a group than the
        group's points can be from another is left out.
        """
        groups = [size for size in groups if size * FEWEST <= len(x) or size == 1]
        nodes = _nodes(x, y, z, groups)
        at, level = 0, len(self.levels)
        node = np.arange(len(nodes[0].x))
        strip = np.zeros(len(node), dtype=np.int64)
        least = None
        while least is None:
            first = np.flatnonzero(np.concatenate([[True], node[1:] != node[:-1]]))
            pairs = node, strip, first
            if self._points_next(nodes, at, level):
                at += 1
                last = at == len(nodes) - 1 and level == 0
                node, strip, least = _divide_points(*pairs, nodes[at], self.levels[level], last)
            else:
                level -= 1
                last = at == len(nodes) - 1 and level == 0
                node, strip, least = _divide_strips(*pairs, nodes[at], self.families[level], last)
        piece, squared = np.empty(len(node), dtype=np.int64), np.empty(len(node))
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


def _divide_strips(node, strip, first, here: _Nodes, family: Strips, last: bool):
    """Each group's strips divided: ``(group, strip, None)``, those that may have its nearest piece.

    At ``last``, where groups are points and strips pieces, the nearest and its squared distance.
    """
    children = family.take(strip)
    distance = children.squared(here.x.take(node), here.y.take(node), here.z.take(node))
    if last:
        least = distance.min(axis=0)
        column = _first_least(least[None, :], first)
        child = distance.take(column, axis=1).argmin(axis=0)
        return node.take(column), strip.take(column) * FAN + child, least.take(column)
    np.sqrt(distance, out=distance)
    limit = np.minimum.reduceat((distance + children.gap).min(axis=0), first) + MARGIN_M
    if here.radius is not None:
        limit += 2.0 * here.radius.take(node.take(first))
    distance -= children.width
    near = distance <= limit.take(_run(first, len(node)))
    pair, child = _divided(np.flatnonzero(near.T), FAN)
    return node.take(pair), strip.take(pair) * FAN + child, None


def _divide_points(node, strip, first, below: _Nodes, strips: Strips, last: bool):
    """Each group divided: its strips that may have the nearest piece; as ``_divide_strips``."""
    chosen = strips.take(strip)
    members = (column.reshape(below.sizes[0], -1) for column in (below.x, below.y, below.z))
    distance = chosen.squared(*(column.take(node, axis=1) for column in members))
    groups = len(below.x) // below.sizes[0]
    if last:
        least = _first_least(distance, first)
        member, pair = _divided(least, len(node))
        return member * groups + node.take(pair), strip.take(pair), distance.take(least)
    np.sqrt(distance, out=distance)
    limit = np.minimum.reduceat(distance + chosen.gap, first, axis=1) + MARGIN_M
    if below.radius is not None:
        limit += 2.0 * below.radius.reshape(below.sizes[0], -1).take(node.take(first), axis=1)
    distance -= chosen.width
    near = distance <= limit.take(_run(first, len(node)), axis=1)
    member, pair = _divided(np.flatnonzero(near), len(node))
    return member * groups + node.take(pair), strip.take(pair), None


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


def _strays(points, begin, chord, per_square) -> np.ndarray:
    offset = points - begin
    along = np.clip(np.einsum("ij,ij->i", offset, chord) * per_square, 0.0, 1.0)
    offset -= along[:, None] * chord
    return np.einsum("ij,ij->i", offset, offset)
