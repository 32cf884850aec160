"""Strips: chords of some consecutive pieces of a line, and how far these stray from them."""

from __future__ import annotations

import dataclasses

import numpy as np

FAN = 6
MARGIN_M = 1e-3
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

    def take(self, where, names=None) -> Strips:
        """The strips (or the children of the parents) that an index array chooses.

        ``names``: the columns that are needed, all by default.
        """
        taken = Strips.__new__(Strips)
        for name in COLUMNS if names is None else names:
            setattr(taken, name, getattr(self, name).take(where, axis=-1))
        return taken

    def single(self) -> Strips:
        """The same strips in single precision."""
        columns = (getattr(self, name).astype(np.float32) for name in COLUMNS)
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
CHORDS = COLUMNS[:-2]


def _strays(points, begin, chord, per_square) -> np.ndarray:
    offset = points - begin
    along = np.clip(np.einsum("ij,ij->i", offset, chord) * per_square, 0.0, 1.0)
    offset -= along[:, None] * chord
    return np.einsum("ij,ij->i", offset, offset)
