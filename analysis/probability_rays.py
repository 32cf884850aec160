"""Straight ways across uncertain places, and how much of each lies near the line."""

from __future__ import annotations

import dataclasses

import numpy as np

from .probability_worth import normal_share

SHALLOW = 0.5
QUICK = np.float32


@dataclasses.dataclass
class Rays:
    """Straight ways across uncertain places, each in the plane about its place (metres).

    ``x``, ``y`` (n, 1): where the rays come from; ``east``, ``north``: their course, (n, RAYS), or
    (n, 1) where all run alike, each ``shift`` (n, RAYS) metres to the right of the first. ``low``
    and ``high`` (n, RAYS): between which coordinates a place may be; ``weight`` (RAYS).
    ``deviation`` (n): the standard deviation along them, None where it is even; ``widens``: whether
    it is even over a fan that grows with the coordinate. ``probes`` are rays (x, y, east, north),
    (n, PROBES) each; ``corners`` further places (x, y) whose feet count. ``fits``: which places
    this way suits.
    """

    x: np.ndarray
    y: np.ndarray
    east: np.ndarray
    north: np.ndarray
    shift: np.ndarray
    low: np.ndarray
    high: np.ndarray
    weight: np.ndarray
    deviation: np.ndarray | None
    widens: bool
    probes: tuple
    corners: tuple
    fits: np.ndarray

    def share(self, foot_x, foot_y, limit_m: float, move_m: float):
        """The chance for feet (n, feet), and whether every ray crosses in one stretch at most."""
        stretches = _Stretches(self, limit_m)
        for foot in range(foot_x.shape[1]):
            stretches.add(foot_x[:, foot, None], foot_y[:, foot, None])
        return stretches.chance(move_m)

    def below(self, coordinate, move_m):
        """The share of each ray below a coordinate that may have moved by a normal deviation."""
        if self.deviation is not None:
            return normal_share(
                coordinate / np.hypot(self.deviation.astype(QUICK)[:, None], move_m)
            )
        move_m = np.maximum(move_m, 1e-4 * (self.high - self.low) + 1e-6)
        above, below = (coordinate - self.low) / move_m, (coordinate - self.high) / move_m
        share = move_m * (_first_integral(above) - _first_integral(below))
        if not self.widens:
            return share / (self.high - self.low)
        second = move_m**2 * (_second_integral(above) - _second_integral(below))
        return 2.0 * (coordinate * share - second) / (self.high**2 - self.low**2)


class _Stretches:
    """Where rays run within the limit of the feet that were added; (n, RAYS) each.

    ``low`` and ``high``: from where to where; ``low_slope`` and ``high_slope``: how squarely a ray
    crosses the limit there, the limit for a right angle. In single precision: a millimetre in ten
    kilometres, and twice as quick.
    """

    def __init__(self, rays: Rays, limit_m: float):
        self.rays, self.limit = rays, QUICK(limit_m)
        self.course = [column.astype(QUICK) for column in (rays.east, rays.north, rays.shift)]
        self.within = rays.low.astype(QUICK), rays.high.astype(QUICK)
        shape = rays.low.shape
        self.low, self.high = np.full(shape, np.inf, QUICK), np.full(shape, -np.inf, QUICK)
        self.last, self.first = self.high.copy(), self.low.copy()
        self.low_slope, self.high_slope = np.ones(shape, QUICK), np.ones(shape, QUICK)
        self.closest = self.low.copy() if rays.widens else None

    def add(self, foot_x, foot_y) -> None:
        """The land within the limit of one more foot of each place, (n, 1)."""
        east, north, shift = self.course
        x, y = (foot_x - self.rays.x).astype(QUICK), (foot_y - self.rays.y).astype(QUICK)
        along, aside = x * east + y * north, x * north - y * east - shift
        if self.closest is not None:
            self._pass(along, np.abs(aside))
        aside *= aside
        np.subtract(self.limit * self.limit, aside, out=aside)
        missed = aside <= 0.0
        half = np.sqrt(np.maximum(aside, 0.0, out=aside), out=aside)
        begin, end = along - half, along + half
        np.copyto(begin, np.inf, where=missed)
        np.copyto(end, -np.inf, where=missed)
        np.copyto(self.low_slope, half, where=begin < self.low)
        np.copyto(self.high_slope, half, where=end > self.high)
        np.minimum(self.low, begin, out=self.low)
        np.maximum(self.high, end, out=self.high)
        np.copyto(begin, -np.inf, where=missed)
        np.copyto(end, np.inf, where=missed)
        np.maximum(self.last, begin, out=self.last)
        np.minimum(self.first, end, out=self.first)

    def _pass(self, along, aside) -> None:
        """How near rays come to the foot where a place may be."""
        low, high = self.within
        past = QUICK(0.25) * self.limit
        beside = (along > low - past) & (along < high + past)
        np.minimum(self.closest, aside, out=self.closest, where=beside)

    def chance(self, move_m: float):
        """The chance, and whether every ray crosses in one stretch at most: (n) each."""
        rays, limit = self.rays, self.limit
        low_end, high_end = self.within
        single = (self.last <= self.first) | (self.low > high_end) | (self.high < low_end)
        single = single.all(axis=1)
        crossed = self.high > self.low
        # A ray that runs obliquely meets a line that has moved farther along.
        moves = [
            QUICK(move_m) * limit / np.maximum(slope, QUICK(0.2) * limit)
            for slope in (self.low_slope, self.high_slope)
        ]
        if rays.widens:
            single &= ~self._shallow(crossed, moves, move_m).any(axis=1)
        low, high = np.where(crossed, self.low, 0.0), np.where(crossed, self.high, 0.0)
        mass = rays.below(high, moves[1]) - rays.below(low, moves[0])
        chance = (np.where(crossed, mass, 0.0) * rays.weight).sum(axis=1)
        return np.clip(chance, 0.0, 1.0), single

    def _shallow(self, crossed, moves, move_m: float) -> np.ndarray:
        """Where a ray of a sector runs along the limit: a little decides much."""
        low_end, high_end = self.within
        shallow = ~crossed & (self.closest < self.limit + 2.0 * move_m)
        ends = (self.low, self.low_slope, moves[0]), (self.high, self.high_slope, moves[1])
        for end, slope, move in ends:
            within = (end > low_end - 2.0 * move) & (end < high_end + 2.0 * move)
            shallow |= crossed & (slope < SHALLOW * self.limit) & within
        return shallow


def _first_integral(deviations):
    """The integral of the normal distribution function from minus infinity."""
    return deviations * normal_share(deviations) + _density(deviations)


def _second_integral(deviations):
    """The integral of t·Φ(t) from minus infinity."""
    share = (deviations**2 - 1.0) * normal_share(deviations)
    return (share + deviations * _density(deviations)) / 2.0


def _density(deviations):
    return np.exp(-0.5 * np.minimum(deviations**2, 200.0)) / QUICK(np.sqrt(2.0 * np.pi))
