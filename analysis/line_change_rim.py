"""The rim of an area that changed sides: which of its edges lie on which date's lines."""

from __future__ import annotations

import dataclasses
from typing import Optional

import numpy as np

from .line_change_barriers import Barriers
from .line_change_faces import Borne
from .line_change_records import Comparison
from .nearest import nearest

FINEST_M = 20.0
SAMPLES = 2_000


@dataclasses.dataclass
class ChangedPiece:
    """A contiguous area that changed: its faces' union in the plane, and its rim's edges."""

    polygon: object
    edges: np.ndarray
    from_party: str
    to_party: str

    @property
    def front(self) -> str:
        """Both parties, in the order of the alphabet."""
        return " – ".join(sorted((self.from_party, self.to_party)))


@dataclasses.dataclass
class Rim:
    """The part of an area's rim on one date's barriers: edges with row and chainage."""

    barriers: Barriers
    edges: np.ndarray
    row: np.ndarray
    chainage_m: np.ndarray

    @classmethod
    def of(
        cls, compared, piece: ChangedPiece, on: Borne, barriers: Barriers, on_other: Borne
    ) -> Rim:
        """The edges of the rim on this date's barriers and not on the other's."""
        chosen = piece.edges[(on.row[piece.edges] >= 0) & (on_other.row[piece.edges] < 0)]
        along = np.sort(on.chainage_m[chosen], axis=1)
        row = on.row[chosen]
        offset = barriers.offset_m[row] if len(row) else np.empty(0)
        return cls(barriers, compared.faces.edges[chosen], row, along + offset[:, None])

    @classmethod
    def both(cls, compared, piece: ChangedPiece) -> tuple[Rim, Rim]:
        """The rims on the old and on the new date's barriers."""
        return (
            cls.of(compared, piece, compared.on_old, compared.old, compared.on_new),
            cls.of(compared, piece, compared.on_new, compared.new, compared.on_old),
        )

    def lines(self) -> np.ndarray:
        """The line that each edge belongs to, without continuations."""
        line = self.barriers.line[self.row] if len(self.row) else np.empty(0, np.int64)
        return line[line >= 0]

    def main_line(self) -> Optional[int]:
        """The line with most of the rim; None where there is none."""
        lines = self.barriers.line[self.row] if len(self.row) else np.empty(0, np.int64)
        length = {
            int(line): float(np.ptp(self.chainage_m[lines == line], axis=1).sum())
            for line in np.unique(lines[lines >= 0])
        }
        return max(sorted(length), key=length.get) if length else None

    def on_line(self, line: int) -> np.ndarray:
        """The chainages (n, 2) of the edges on one line, in order."""
        chosen = self.chainage_m[self.barriers.line[self.row] == line]
        return chosen[np.argsort(chosen[:, 0], kind="stable")]

    def span(self, line: int) -> tuple[float, float]:
        """From the first to the last chainage of the rim on one line."""
        chosen = self.on_line(line)
        start, end = float(chosen[:, 0].min()), float(chosen[:, 1].max())
        return max(round(start, 3), 0.0) + 0.0, round(end, 3)

    def moves_to(self, other: Rim, compared: Comparison) -> tuple[float, float]:
        """The mean and the greatest distance from here to the other date's rim, metres.

        Measured by the kernel at places at most 20 m (or a 2,000th of the rim) apart.
        """
        if len(self.edges) == 0 or len(other.edges) == 0:
            return float("nan"), float("nan")
        length = np.hypot(*(self.edges[:, 2:] - self.edges[:, :2]).T)
        step = max(FINEST_M, float(length.sum()) / SAMPLES)
        count = np.maximum(1, np.ceil(length / step)).astype(np.int64)
        edge = np.repeat(np.arange(len(count)), count)
        step = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
        share = (step + 0.5) / count[edge]
        one, way = self.edges[edge, :2], (self.edges[:, 2:] - self.edges[:, :2])[edge]
        xy = np.vstack([one + share[:, None] * way, self.edges[:, :2], self.edges[:, 2:]])
        rows = np.unique(other.row).tolist()
        away = nearest(other.barriers.prepared, *compared.plane.degrees(xy).T, rows).distance_m
        weight = (length / count)[edge]
        return float(np.average(away[: len(edge)], weights=weight)), float(away.max())
