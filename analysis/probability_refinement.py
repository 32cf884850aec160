"""Worth over blocks of a grid, from few distances: squares are divided only where they must be."""

from __future__ import annotations

import dataclasses

import numpy as np

from .nearest import in_threads
from .probability_blocks import BLOCK, Blocks
from .probability_plane import from_plane, into_plane

TOLERANCE = 0.5
SAMPLES_AT_A_TIME = 60_000
# The corners of a square, in the order in which they are kept: shares of its width.
CORNER_X = np.array([0.0, 1.0, 0.0, 1.0])
CORNER_Y = np.array([0.0, 0.0, 1.0, 1.0])
EDGES = ((0, 1), (2, 3), (0, 2), (1, 3))
# A divided square's new corners, in halves of its width; and, of the four old corners and these
# five, those that each quarter has.
NEW_X, NEW_Y = (1.0, 0.0, 1.0, 2.0, 1.0), (0.0, 1.0, 1.0, 1.0, 2.0)
QUARTERS = ([0, 4, 5, 6], [4, 1, 6, 7], [5, 6, 2, 8], [6, 7, 8, 3])


def shares_of(worth, group: int, blocks: Blocks) -> np.ndarray:
    """F(d) of one group of lines about the nodes of blocks: (n, BLOCK, BLOCK).

    The distance from a set is measured, with its foot, at the corners of squares. As d² − |q|² is
    concave (it is the least of functions that are linear in q), inside a square it is no less than
    what is interpolated between the corners, and no more than each corner's foot makes it. A square
    is left where these bounds settle that all of it is near or none, or where they lie so close
    together that the distance is known; else it is divided, down to the places that are needed.
    """
    work = _Work(worth, group, blocks)
    squares = work.whole_blocks()
    while len(squares.at):
        squares = work.divided(work.settled(squares))
    return work.shares


@dataclasses.dataclass
class _Squares:
    """Squares of ``size`` nodes' width: their block ``at``, and the corner nearest the origin.

    At the four corners, (4, n): ``away``, the distance (metres), and twice the way from the foot
    (``way_x``, ``way_y``), as long as the distance is.
    """

    at: np.ndarray
    low_i: np.ndarray
    low_j: np.ndarray
    size: float
    away: np.ndarray
    way_x: np.ndarray
    way_y: np.ndarray

    def take(self, where) -> _Squares:
        at, low_i, low_j = (column[where] for column in (self.at, self.low_i, self.low_j))
        corners = (column[:, where] for column in (self.away, self.way_x, self.way_y))
        return _Squares(at, low_i, low_j, self.size, *corners)


class _Work:
    """One group of lines on its way over the blocks; ``shares`` come into being."""

    def __init__(self, worth, group: int, blocks: Blocks):
        self.worth, self.group, self.blocks = worth, group, blocks
        self.fine = blocks.fineness()
        self.near, self.far = worth.bounds(group)
        self.shares = np.zeros((len(blocks.region), BLOCK, BLOCK), dtype=np.float32)

    def whole_blocks(self) -> _Squares:
        """Each block as one square, its corners measured."""
        at = np.arange(len(self.blocks.region))
        corner = np.full(len(at), -0.5)
        i, j = (corner + BLOCK * shares[:, None] for shares in (CORNER_X, CORNER_Y))
        measured = self._measured(np.tile(at, 4), i.ravel(), j.ravel(), BLOCK)
        return _Squares(at, corner, corner, BLOCK, *(column.reshape(4, -1) for column in measured))

    def settled(self, squares: _Squares) -> _Squares:
        """Write what the squares' corners settle; the squares that are left."""
        wide = squares.size * self.blocks.step[squares.at]
        squared = squares.away**2
        lower = np.sqrt(np.maximum(_least(squared) - 0.5 * wide**2, 0.0))
        reached = _reached(squares, wide)
        upper = np.sqrt(np.maximum(_least([_most(row) for row in reached]), 0.0))
        everything = upper < self.near
        self._fill(squares, everything)
        loose = _loose(reached, squared)
        slack = loose / np.maximum(2.0 * lower, np.sqrt(loose) + 1e-9)
        known = slack <= TOLERANCE * self.blocks.step[squares.at]
        known |= squares.size * self.fine[squares.at] <= 1.0
        undecided = ~everything & (lower <= self.far)
        self._sample(squares.take(undecided & known))
        return squares.take(undecided & ~known)

    def divided(self, squares: _Squares) -> _Squares:
        """Each square as its four quarters; the five new corners are measured."""
        if len(squares.at) == 0:
            return squares
        size = squares.size / 2.0
        i, j = (
            low + size * np.array(steps)[:, None]
            for low, steps in ((squares.low_i, NEW_X), (squares.low_j, NEW_Y))
        )
        new = self._measured(np.tile(squares.at, 5), i.ravel(), j.ravel(), size)
        quarters = []
        for before, column in zip((squares.away, squares.way_x, squares.way_y), new):
            both = np.concatenate([before, column.reshape(5, -1)])
            quarters.append(np.concatenate([both[members] for members in QUARTERS], axis=1))
        return _Squares(
            np.tile(squares.at, 4),
            np.concatenate([squares.low_i + size * step for step in CORNER_X]),
            np.concatenate([squares.low_j + size * step for step in CORNER_Y]),
            size,
            *quarters,
        )

    def _measured(self, at, i, j, unit: float):
        """Distance and twice the way from the foot, at ``(i, j)`` nodes from blocks' first nodes.

        Corners that squares share are measured once.
        """
        blocks = self.blocks
        i, j = blocks.column[at] + i, blocks.row[at] + j
        grid = blocks.region[at].astype(np.uint64) * np.uint64(1 << 20)
        grid += np.frexp(blocks.step[at])[1].astype(np.int64).astype(np.uint64)
        names = _scattered(grid, np.round((i + 0.5) / unit), np.round((j + 0.5) / unit))
        _, first, back = np.unique(names, return_index=True, return_inverse=True)
        step = blocks.step[at[first]]
        x, y, regions = i[first] * step, j[first] * step, blocks.region[at[first]]
        columns = [np.empty(len(first)) for _ in range(3)]
        for region in np.unique(regions):
            part = np.flatnonzero(regions == region)
            lon, lat = from_plane(region, x[part], y[part])
            away, *foot = self.worth.measured(self.group, lon, lat)
            foot_x, foot_y = into_plane(region, *foot)
            way_x, way_y = x[part] - foot_x, y[part] - foot_y
            # The plane tells the direction; the distance is the geodesic's.
            scale = 2.0 * away / np.maximum(np.hypot(way_x, way_y), 1e-9)
            for column, values in zip(columns, (away, way_x * scale, way_y * scale)):
                column[part] = values
        return [column[back.ravel()] for column in columns]

    def _fill(self, squares: _Squares, where) -> None:
        at, size = squares.at[where], squares.size
        if len(at) == 0:
            return
        low_i, low_j = squares.low_i[where] + 0.5, squares.low_j[where] + 0.5
        if size >= 1:
            width = int(size)
            view = self.shares.reshape(-1, BLOCK // width, width, BLOCK // width, width)
            i, j = (np.floor(low / size).astype(np.int64) for low in (low_i, low_j))
            view[at, i, :, j, :] = 1.0
            return
        self._add_to_nodes(at, low_i, low_j, np.full(len(at), size**2))

    def _add_to_nodes(self, at, low_i, low_j, worth) -> None:
        node = at * BLOCK * BLOCK + np.floor(low_i).astype(np.int64) * BLOCK
        node += np.floor(low_j).astype(np.int64)
        different, back = np.unique(node, return_inverse=True)
        sums = np.bincount(back.ravel(), worth, minlength=len(different))
        self.shares.reshape(-1)[different] += sums.astype(np.float32)

    def _sample(self, squares: _Squares) -> None:
        """Write the mean share of squares whose distances are known well enough."""
        fine = self.fine[squares.at]
        parts = []
        for number in np.unique(fine):
            rows = np.flatnonzero(fine == number)
            together = max(1, int(SAMPLES_AT_A_TIME // max(squares.size * number, 1.0) ** 2))
            parts += [rows[at : at + together] for at in range(0, len(rows), together)]
        shares = [None] * len(parts)

        def work(number):
            shares[number] = self._sampled(squares.take(parts[number]))

        in_threads(work, range(len(parts)))
        for rows, share in zip(parts, shares):
            self._write(squares.take(rows), share)

    def _sampled(self, squares: _Squares) -> np.ndarray:
        """The mean shares about the nodes in squares that are sampled alike: (n, width, width).

        In squares smaller than a node's cell: the mean over the square, (n, 1, 1).
        """
        fine = int(self.fine[squares.at[0]])
        step = self.blocks.step[squares.at]
        width = max(int(squares.size), 1)
        count = int(round(squares.size * fine))
        away = _distances(squares, squares.size * step, count)
        smooth = self.blocks.smooth[squares.at]
        blur = np.where(smooth, 0.0, step / fine / np.sqrt(12.0))[:, None, None]
        share = self.worth.share(self.group, away, blur.astype(np.float32))
        return share.reshape(-1, width, count // width, width, count // width).mean(axis=(2, 4))

    def _write(self, squares: _Squares, share) -> None:
        low_i, low_j = squares.low_i + 0.5, squares.low_j + 0.5
        if squares.size < 1:
            self._add_to_nodes(squares.at, low_i, low_j, share[:, 0, 0] * squares.size**2)
            return
        width = int(squares.size)
        view = self.shares.reshape(-1, BLOCK // width, width, BLOCK // width, width)
        i, j = (np.floor(low / width).astype(np.int64) for low in (low_i, low_j))
        view[squares.at, i, :, j, :] = share


def _reached(squares: _Squares, wide) -> list[list[np.ndarray]]:
    """By pairs of corners: the squared distance of the second from the first one's foot."""
    reached = []
    for one in range(4):
        row = []
        for other in range(4):
            x, y = CORNER_X[other] - CORNER_X[one], CORNER_Y[other] - CORNER_Y[one]
            there = squares.away[one] ** 2 + (x * x + y * y) * wide**2
            there += (x * squares.way_x[one] + y * squares.way_y[one]) * wide
            row.append(there)
        reached.append(row)
    return reached


def _loose(reached, squared) -> np.ndarray:
    """How far apart the bounds on the squared distance are, at the middle and on the edges."""
    excess = [[np.maximum(reached[i][j] - squared[j], 0.0) for j in range(4)] for i in range(4)]
    most = 0.25 * _least([row[0] + row[1] + row[2] + row[3] for row in excess])
    for one, other in EDGES:
        along = 0.5 * _least([row[one] + row[other] for row in excess])
        np.maximum(most, along, out=most)
    return most


def _least(columns) -> np.ndarray:
    return np.minimum(np.minimum(columns[0], columns[1]), np.minimum(columns[2], columns[3]))


def _most(columns) -> np.ndarray:
    return np.maximum(np.maximum(columns[0], columns[1]), np.maximum(columns[2], columns[3]))


def _distances(squares: _Squares, wide, count: int) -> np.ndarray:
    """Distances (n, count, count) at places inside squares, from between the two bounds.

    In single precision: a centimetre at 300 km, and twice as quick.
    """
    share = ((np.arange(count) + 0.5) / count).astype(np.float32)
    upper = None
    for row in _reached(squares, wide):
        # A corner's bound, less its square part, is linear: its corners' values say all of it.
        bound = _between(row, share)
        upper = bound if upper is None else np.minimum(upper, bound, out=upper)
    # On a straight stretch the truth lies midway, else mostly at the upper bound.
    upper *= np.float32(0.75)
    upper += _between(0.25 * squares.away**2, share)
    bow = share * (1 - share)
    upper -= (wide**2).astype(np.float32)[:, None, None] * (bow[:, None] + bow)
    return np.sqrt(np.maximum(upper, 0.0, out=upper), out=upper)


def _between(corners, share: np.ndarray) -> np.ndarray:
    """Values (n, count, count) inside squares from those at the corners (4, n), bilinearly."""
    # Not as a product of matrices: for that the library starts threads of its own.
    origin, right, top, far = (column.astype(np.float32)[:, None] for column in corners)
    low = origin + (right - origin) * share
    step = top + (far - top) * share - low
    values = step[:, :, None] * share
    values += low[:, :, None]
    return values


def _scattered(grid, i, j) -> np.ndarray:
    """One 64-bit name for three whole numbers (multiply and shift, after Steele & al. 2014)."""
    name = grid * np.uint64(0x9E3779B97F4A7C15)
    for column in (i, j):
        name ^= column.astype(np.int64).astype(np.uint64)
        name *= np.uint64(0xBF58476D1CE4E5B9)
        name ^= name >> np.uint64(29)
        name *= np.uint64(0x94D049BB133111EB)
        name ^= name >> np.uint64(32)
    return name
