"""The quick way to the chance of being near: from a few feet on the line, ray by ray."""

from __future__ import annotations

import dataclasses

import numpy as np

from .earth_centred import Horizon, earth_centred
from .nearest import along_a_curve, feet_near, in_threads
from .probability_spreads import Form, Unsure
from .probability_worth import normal_share
from .spread import HOLDS_95

AT_A_TIME = 5_000
RAYS = 12
WIDEST = 1.0
"""The radius may be so many times the limit at most."""
WIDEST_MOVE = 0.25
"""The line's standard deviation may be so many times the limit at most."""
WIDEST_SECTOR_DEG = 45.0
_NORMAL, _NORMAL_WEIGHT = np.polynomial.hermite_e.hermegauss(RAYS)
_NORMAL, _NORMAL_WEIGHT = _NORMAL / HOLDS_95, _NORMAL_WEIGHT / _NORMAL_WEIGHT.sum()
_TURN = np.pi * np.arange(1, RAYS + 1) / (RAYS + 1)
_EVEN, _EVEN_WEIGHT = np.cos(_TURN), np.sin(_TURN) ** 2 * 2.0 / (RAYS + 1)
_FAN = (2.0 * np.arange(RAYS) + 1.0) / RAYS - 1.0
_PROBES = np.linspace(-1.0, 1.0, 8)
_FEW_PROBES = np.array([-1.0, -0.35, 0.35, 1.0])
GROUPS = (4096, 512, 64, 8, 1)
NARROW = 0.3
TAIL = 2.8
SHALLOW = 0.5
BEYOND = 0.9


def near_by_feet(lines, members, move_m: float, unsure: Unsure, limit_m: float):
    """``(chance, told)``: P(distance ≤ ``limit_m``) for places, and where this way can tell it.

    ``members``: the lines that count; ``move_m``: the standard deviation of their move. A place is
    no farther from a line than from any foot on it, and just as far from the nearest. Where the
    limit is wide against the uncertainty, the land within the limit is the land within it of a few
    feet: those of places about where the limit runs. Each ray across the uncertain place lies in it
    on one stretch, whose probability has a closed form. Where the stretches of the feet do not
    overlap, nothing is told.
    """
    chance, told = np.zeros(len(unsure.rows)), np.zeros(len(unsure.rows), dtype=bool)
    if move_m > WIDEST_MOVE * limit_m:
        return chance, told
    fits = (unsure.radius_m <= WIDEST * limit_m) | (unsure.form == Form.SECTOR)
    order = along_a_curve(unsure.lon, unsure.lat)
    parts = []
    narrow = unsure.radius_m <= NARROW * limit_m
    for form in WAYS:
        for few in (True, False):
            rows = order[((unsure.form == form) & fits & (narrow == few))[order]]
            parts += [(few, rows[at : at + AT_A_TIME]) for at in range(0, len(rows), AT_A_TIME)]

    def work(task):
        few, part = task
        feet = _Feet(lines, members, unsure.take(part), limit_m, few)
        rays = WAYS[Form(int(unsure.form[part[0]]))](feet)
        chance[part], told[part] = rays.share(*feet.about(rays), limit_m, move_m)
        told[part] &= rays.fits

    in_threads(work, parts)
    return chance, told


def by_the_tail(move_m: float, unsure: Unsure, bare_m: np.ndarray, limit_m: float):
    """``(chance, told)`` of normally spread places that are far from where the limit runs.

    Beyond 2.8 standard deviations from a place lies less than 2 % of what it is spread over, so
    that it hardly matters how the limit runs there: it is taken as straight.
    """
    deviation = np.hypot(unsure.radius_m / HOLDS_95, move_m)
    beyond = (limit_m - bare_m) / np.maximum(deviation, 1e-9)
    told = (unsure.form == Form.NORMAL) & (np.abs(beyond) > TAIL)
    return np.where(told, normal_share(beyond), 0.0), told


@dataclasses.dataclass
class _Rays:
    """Straight ways across uncertain places, each in the plane about its place (metres).

    ``x``, ``y`` (n, RAYS): where a ray's coordinate is 0; ``east``, ``north``: its course. ``low``
    and ``high`` (n, RAYS): between which coordinates it may be; ``weight`` (RAYS). ``deviation``
    (n): the standard deviation along it, None where it is even; ``widens``: whether it is even over
    a fan that grows with the coordinate. ``probes`` are rays (x, y, east, north), (n, PROBES) each;
    ``corners`` further places (x, y) whose feet count. ``fits``: which places this way suits.
    """

    x: np.ndarray
    y: np.ndarray
    east: np.ndarray
    north: np.ndarray
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
        low = np.full(self.x.shape, np.inf)
        high, last, first = -low, -low, low.copy()
        low_slope, high_slope = np.ones(low.shape), np.ones(low.shape)
        closest, past = low.copy(), 0.25 * limit_m
        for foot in range(foot_x.shape[1]):
            x, y = foot_x[:, foot, None] - self.x, foot_y[:, foot, None] - self.y
            along = x * self.east + y * self.north
            aside = x * self.north - y * self.east
            half = np.sqrt(np.maximum(limit_m**2 - aside**2, 0.0))
            missed = half == 0.0
            if self.widens:
                beside = (along > self.low - past) & (along < self.high + past)
                np.minimum(closest, np.abs(aside), out=closest, where=beside)
            begin, end = along - half, along + half
            begin[missed], end[missed] = np.inf, -np.inf
            low_slope = np.where(begin < low, half, low_slope)
            high_slope = np.where(end > high, half, high_slope)
            np.minimum(low, begin, out=low)
            np.maximum(high, end, out=high)
            begin[missed], end[missed] = -np.inf, np.inf
            np.maximum(last, begin, out=last)
            np.minimum(first, end, out=first)
        single = ((last <= first) | (low > self.high) | (high < self.low)).all(axis=1)
        crossed = high > low
        # A ray that runs obliquely meets a line that has moved farther along.
        low_move, high_move = (
            move_m * limit_m / np.maximum(slope, 0.2 * limit_m) for slope in (low_slope, high_slope)
        )
        if self.widens:
            # Where a ray of a sector runs along the limit, a little decides much.
            shallow = ~crossed & (closest < limit_m + 2.0 * move_m)
            for end, slope, move in ((low, low_slope, low_move), (high, high_slope, high_move)):
                within = (end > self.low - 2.0 * move) & (end < self.high + 2.0 * move)
                shallow |= crossed & (slope < SHALLOW * limit_m) & within
            single &= ~shallow.any(axis=1)
        low, high = np.where(crossed, low, 0.0), np.where(crossed, high, 0.0)
        mass = self._below(high, high_move) - self._below(low, low_move)
        chance = (np.where(crossed, mass, 0.0) * self.weight).sum(axis=1)
        return np.clip(chance, 0.0, 1.0), single

    def _below(self, coordinate, move_m):
        """The share of each ray below a coordinate that may have moved by a normal deviation."""
        if self.deviation is not None:
            return normal_share(coordinate / np.hypot(self.deviation[:, None], move_m))
        move_m = np.maximum(move_m, 1e-4 * (self.high - self.low) + 1e-6)
        above, below = (coordinate - self.low) / move_m, (coordinate - self.high) / move_m
        share = move_m * (_first_integral(above) - _first_integral(below))
        if not self.widens:
            return share / (self.high - self.low)
        second = move_m**2 * (_second_integral(above) - _second_integral(below))
        return 2.0 * (coordinate * share - second) / (self.high**2 - self.low**2)


def _first_integral(deviations):
    """The integral of the normal distribution function from minus infinity."""
    return deviations * normal_share(deviations) + _density(deviations)


def _second_integral(deviations):
    """The integral of t·Φ(t) from minus infinity."""
    share = (deviations**2 - 1.0) * normal_share(deviations)
    return (share + deviations * _density(deviations)) / 2.0


def _density(deviations):
    return np.exp(-0.5 * np.minimum(deviations**2, 200.0)) / np.sqrt(2.0 * np.pi)


class _Feet:
    """Uncertain places, the plane about each, and the feet on the lines in it."""

    def __init__(self, lines, members, unsure: Unsure, limit_m: float, few: bool):
        self.lines, self.members, self.unsure = lines, members, unsure
        self.limit_m = limit_m
        self.probes = _FEW_PROBES if few else _PROBES
        self.centre = earth_centred(unsure.lon, unsure.lat)
        self.horizon = Horizon(*self.centre)
        self.foot_x, self.foot_y = self._feet(self.centre, 1)
        self.away = np.hypot(self.foot_x, self.foot_y)
        plain = np.where(self.away > 0.01, self.away, 1.0)
        # Upon the line itself any direction is as good.
        self.east = np.where(self.away > 0.01, -self.foot_x / plain, 0.0)
        self.north = np.where(self.away > 0.01, -self.foot_y / plain, 1.0)

    def _feet(self, places, each: int):
        """The feet of ``each`` places for every uncertain one, drawn in its plane (columns)."""
        return self._drawn(feet_near(self.lines, self.members, places, GROUPS), each)

    def _drawn(self, places, each: int):
        """Earth-centred places, ``each`` for every uncertain one: metres east and north of it."""
        at = np.repeat(np.arange(len(self.unsure.rows)), each)
        away = [column - centre[at] for column, centre in zip(places, self.centre)]
        return self.horizon.take(at).east_north(*away)

    def drawn(self, lon, lat):
        """Degrees as metres east and north of each place."""
        return self._drawn(earth_centred(lon, lat), 1)

    def about(self, rays: _Rays):
        """The feet of places where the limit would run if the line were straight: (n, feet)."""
        x, y, east, north = rays.probes
        slope = east * self.east[:, None] + north * self.north[:, None]
        start = self.away[:, None] + x * self.east[:, None] + y * self.north[:, None]
        slope = np.where(np.abs(slope) > 0.05, slope, 0.05)
        middle = rays.x.shape[1] // 2
        reach = rays.low[:, middle, None], rays.high[:, middle, None]
        along = np.clip((self.limit_m - start) / slope, *reach)
        x = np.column_stack([x + along * east, *rays.corners[0]])
        y = np.column_stack([y + along * north, *rays.corners[1]])
        places = self.horizon.lifted(self.centre, x, y)
        foot_x, foot_y = self._feet([column.ravel() for column in places], x.shape[1])
        foot_x, foot_y = foot_x.reshape(x.shape), foot_y.reshape(x.shape)
        return np.column_stack([self.foot_x, foot_x]), np.column_stack([self.foot_y, foot_y])


def _across(feet: _Feet) -> _Rays:
    """Rays that run away from the line, for places spread all round."""
    radius = feet.unsure.radius_m[:, None]
    even = feet.unsure.form[0] == Form.EVEN
    across, weight = (_EVEN, _EVEN_WEIGHT) if even else (_NORMAL, _NORMAL_WEIGHT)
    aside = radius * across
    half = (
        np.maximum(radius, 0.1) * np.sqrt(1.0 - across**2)
        if even
        else np.broadcast_to(1.5 * radius, aside.shape)
    )
    east, north = feet.east[:, None], feet.north[:, None]
    probe = feet.probes * (0.95 if even else 1.1) * radius
    ones = np.ones(probe.shape)
    # On the other side of the place another stretch of the line may be near.
    beyond = BEYOND * feet.unsure.radius_m
    return _Rays(
        x=aside * north,
        y=-aside * east,
        east=np.broadcast_to(east, aside.shape),
        north=np.broadcast_to(north, aside.shape),
        low=-half,
        high=half,
        weight=weight,
        deviation=None if even else feet.unsure.radius_m / HOLDS_95,
        widens=False,
        probes=(probe * north, -probe * east, ones * east, ones * north),
        corners=([beyond * feet.east], [beyond * feet.north]),
        fits=np.ones(len(aside), dtype=bool),
    )


def _fan(feet: _Feet) -> _Rays:
    """Rays from the post, for places in its sector."""
    unsure = feet.unsure
    lon, lat, bearing, halfwidth, low, high = unsure.sector(np.arange(len(unsure.rows)))
    low, high = np.minimum(low, high), np.maximum(low, high)
    x, y = (column[:, None] for column in feet.drawn(lon, lat))
    halfwidth = np.minimum(np.abs(halfwidth), WIDEST_SECTOR_DEG)

    def course(shares):
        angle = np.radians(bearing[:, None] + halfwidth[:, None] * shares)
        return np.sin(angle), np.cos(angle)

    east, north = course(_FAN)
    probe = course(feet.probes * 0.9)
    edges = [(column[:, 0], column[:, -1]) for column in probe]
    corners = [
        [start[:, 0] + away * edge for away in (low, high) for edge in pair]
        for start, pair in zip((x, y), edges)
    ]
    extent = (high - low) / 2.0 + np.radians(halfwidth) * (high + low) / 2.0
    width = np.ones((1, RAYS))
    return _Rays(
        x=x * width,
        y=y * width,
        east=east,
        north=north,
        low=low[:, None] * width,
        high=np.maximum(high, low + 0.1)[:, None] * width,
        weight=np.full(RAYS, 1.0 / RAYS),
        deviation=None,
        widens=True,
        probes=(x * np.ones(probe[0].shape), y * np.ones(probe[0].shape), *probe),
        corners=tuple(corners),
        fits=(halfwidth < WIDEST_SECTOR_DEG) & (extent <= WIDEST * feet.limit_m),
    )


WAYS = {Form.NORMAL: _across, Form.EVEN: _across, Form.SECTOR: _fan}
