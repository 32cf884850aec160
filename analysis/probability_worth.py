"""What a place is worth: the chance that somebody exactly there was near the line."""

from __future__ import annotations

import math

import numpy as np

from .contact_line import PreparedLines
from .earth_centred import Horizon, earth_centred
from .nearest import AT_A_TIME, MEAN_RADIUS_M, along_a_curve, feet_near, in_threads
from .probability_blocks import BLOCK, Blocks
from .probability_refinement import shares_of
from .spread import HOLDS_95_ONE

LINE_TAIL = 3.9
"""Beyond so many standard deviations a line's move is left out (1 in 10,000)."""
DETAIL_M, DETAIL_SHARE = 200.0, 0.12
"""Places in large cells are this far apart, or so many times the limit, whichever is more."""
BLURRED_M = 20.0
"""Where lines may have moved so far (standard deviation), centimetres do not matter."""
OFF_EARTH_M = 2.1e7
_WIDEST, _STEPS = 8.0, 500
_NORMAL = np.array(
    [
        0.5 * math.erfc((_WIDEST - step / _STEPS) / math.sqrt(2.0))
        for step in range(int(2 * _WIDEST * _STEPS) + 2)
    ]
)
_SLOPE = np.append(np.diff(_NORMAL), 0.0)
_SINGLE = _NORMAL.astype(np.float32), _SLOPE.astype(np.float32)


def normal_share(deviations: np.ndarray) -> np.ndarray:
    """The normal distribution's share below so many standard deviations (error below 1e-6)."""
    place = np.clip((deviations + _WIDEST) * _STEPS, 0.0, 2 * _WIDEST * _STEPS)
    step = place.astype(np.int32)
    start, slope = _SINGLE if place.dtype == np.float32 else (_NORMAL, _SLOPE)
    place -= step
    place *= slope[step]
    place += start[step]
    return place


def moves_m(lines: PreparedLines, among) -> np.ndarray:
    """The standard deviations (metres) by which the lines ``among`` may lie to one side."""
    return np.nan_to_num(lines.columns.uncertainty_m[list(among)], nan=0.0) / HOLDS_95_ONE


def distances_from(lines: PreparedLines, members, lon, lat, about: bool = False):
    """How far places (degrees) are from the nearest of the lines ``members``, and the feet there.

    ``(metres, foot_lon, foot_lat)``; to some ten-thousandths, which is all that chances need, and
    with ``about`` to some centimetres. A place off the earth is as far as can be.
    """
    here = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat) & (np.abs(lat) <= 90.0))
    distance = np.full(len(lon), OFF_EARTH_M)
    foot_lon, foot_lat = np.zeros(len(lon)), np.zeros(len(lon))
    if len(here) == 0:
        return distance, foot_lon, foot_lat
    here = here[along_a_curve(lon[here], lat[here])]
    parts = [here[start : start + AT_A_TIME] for start in range(0, len(here), AT_A_TIME)]

    def work(part):
        places = earth_centred(lon[part], lat[part])
        foot = feet_near(lines, members, places, about=about)
        squared = sum((place - column) ** 2 for place, column in zip(places, foot))
        # The arc over the chord, on a sphere.
        chord = np.sqrt(squared)
        half = np.minimum(chord / (2.0 * MEAN_RADIUS_M), 1.0)
        distance[part] = np.where(half > 1e-3, 2.0 * MEAN_RADIUS_M * np.arcsin(half), chord)
        foot_lon[part], foot_lat[part] = Horizon(*foot).degrees()

    in_threads(work, parts)
    return distance, foot_lon, foot_lat


class NearWorth:
    """The chance of being within ``distance_m`` of any of the lines ``among``, place by place.

    A line that is sure to lie where it is drawn makes that 0 or 1. One that may have moved by a
    normal deviation makes it F(d) = Φ((D − d)/σ) − Φ((−D − d)/σ); several move independently.
    ``groups`` are ``(members, σ)``: the sure lines together, and each of the others alone.
    """

    def __init__(self, lines: PreparedLines, among, distance_m: float):
        self.lines, self.limit = lines, float(distance_m)
        sigma = moves_m(lines, among)
        among = np.asarray(among, dtype=np.int64)
        self.groups = [((int(line),), float(move)) for line, move in zip(among, sigma) if move > 0]
        sure = among[sigma == 0.0]
        if len(sure):
            self.groups.insert(0, (tuple(int(line) for line in sure), 0.0))
        self.smooth_m = min(sigma for _, sigma in self.groups)
        self.detail_m = max(DETAIL_M, DETAIL_SHARE * self.limit)

    def measured(self, group: int, lon, lat):
        """Distances and feet from the lines of a group."""
        about = self.smooth_m >= BLURRED_M
        return distances_from(self.lines, self.groups[group][0], lon, lat, about)

    def bounds(self, group: int) -> tuple[float, float]:
        """The distances up to which a place surely is near, and beyond which it surely is not."""
        tail = self.groups[group][1] * LINE_TAIL
        return self.limit - tail, self.limit + tail

    def share(self, group: int, away: np.ndarray, blur) -> np.ndarray:
        """F(d) for one group; ``blur``: standard deviation (metres) of what ``away`` stands for."""
        move = np.asarray(self.groups[group][1], dtype=away.dtype)
        spread = np.maximum(np.hypot(move, blur), np.asarray(1e-6, dtype=away.dtype))
        share = normal_share((self.limit - away) / spread)
        high = (self.limit + away) / spread
        if high.size and high.min() < _WIDEST:
            share += normal_share(high) - 1.0
        return np.clip(share, 0.0, 1.0)

    def over(self, blocks: Blocks) -> np.ndarray:
        """The worth about the nodes of blocks: (n, BLOCK, BLOCK)."""
        missed = np.ones((len(blocks.region), BLOCK, BLOCK), dtype=np.float32)
        for group in range(len(self.groups)):
            missed *= 1.0 - shares_of(self, group, blocks)
        return 1.0 - missed

    def at(self, lon, lat, blur) -> np.ndarray:
        """The worth of single places (degrees)."""
        missed = np.ones(len(lon))
        for group in range(len(self.groups)):
            missed *= 1.0 - self.share(group, self.measured(group, lon, lat)[0], blur)
        return 1.0 - missed
