"""The quick way to the chance of being near: from a few feet on the line, ray by ray."""

from __future__ import annotations

import numpy as np

from .earth_centred import Horizon, earth_centred
from .nearest import along_a_curve, feet_near, in_threads
from .probability_lattice import FootLattice, lattice_of, level_of, nodes_at
from .probability_rays import QUICK, Rays
from .probability_sectors import sectors_by_feet
from .probability_spreads import Form, Unsure
from .probability_worth import normal_share
from .spread import HOLDS_95

AT_A_TIME = 5_000
RAYS, FAN_RAYS = 20, 12
WIDEST = 1.0
"""The radius may be so many times the limit at most."""
WIDEST_MOVE = 0.25
"""The line's standard deviation may be so many times the limit at most."""
WIDEST_SECTOR_DEG = 45.0
_NORMAL, _NORMAL_WEIGHT = np.polynomial.hermite_e.hermegauss(RAYS)
_NORMAL, _NORMAL_WEIGHT = _NORMAL / HOLDS_95, _NORMAL_WEIGHT / _NORMAL_WEIGHT.sum()
_TURN = np.pi * np.arange(1, RAYS + 1) / (RAYS + 1)
_EVEN, _EVEN_WEIGHT = np.cos(_TURN), np.sin(_TURN) ** 2 * 2.0 / (RAYS + 1)
_FAN = (2.0 * np.arange(FAN_RAYS) + 1.0) / FAN_RAYS - 1.0
_PROBES = np.linspace(-1.2, 1.2, 10)
_FEW_PROBES = np.array([-1.2, -0.7, -0.25, 0.25, 0.7, 1.2])
GROUPS = (4096, 512, 64, 8, 1)
NARROW = 0.3
TAIL = 2.8
SPREADS, SQUARED = (0.75, 1.0), 0.6
"""Nodes may be so many times the spread of distances apart (with all probes, with few), and so many
times the root of the spread and the limit."""
TASKS_AT_A_TIME = 40
BEYOND = 0.9


def near_by_feet(lines, members, move_m: float, unsure: Unsure, limit_m: float, feet=None):
    """``(chance, told)``: P(distance ≤ ``limit_m``) for places, and where this way can tell it.

    ``members``: the lines that count; ``move_m``: the standard deviation of their move; ``feet``:
    where the bare points' nearest places are (degrees, columns), if that is known. A place is
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
    level = _levels(unsure, move_m, limit_m)
    tasks = _tasks(unsure, fits, level, limit_m)

    def work(one):
        rows, suits = one.rows, one.rays.fits
        chance[rows], told[rows] = one.rays.share(*one.drawn_feet(), limit_m, move_m)
        told[rows] &= suits
        fits[rows] = suits

    for start in range(0, len(tasks), TASKS_AT_A_TIME):
        some = tasks[start : start + TASKS_AT_A_TIME]
        asked = [_Feet(lines, members, limit_m, unsure, rows, level[rows], feet) for rows in some]
        in_threads(_Feet.lay_out, asked)
        _look_up(lattice_of(lines, members), [one for one in asked if one.keys is not None])
        in_threads(work, asked)
    rest = np.flatnonzero(fits & ~told & (unsure.form == Form.SECTOR))
    if len(rest):
        chance[rest] = sectors_by_feet(
            lines, members, move_m, unsure.take(rest), level[rest], limit_m
        )
        told[rest] = True
    return chance, told


def _tasks(unsure: Unsure, fits, level, limit_m: float) -> list[np.ndarray]:
    """The rows that are worked out together: alike, and near each other."""
    order = along_a_curve(unsure.lon, unsure.lat)
    kinds = (unsure.form * 2 + (unsure.radius_m <= NARROW * limit_m)) * 2 + (level < 0)
    tasks = []
    for kind in np.unique(kinds[fits & np.isin(unsure.form, list(WAYS))]):
        rows = order[(fits & (kinds == kind))[order]]
        tasks += [rows[at : at + AT_A_TIME] for at in range(0, len(rows), AT_A_TIME)]
    return tasks


def _look_up(lattice: FootLattice, asked: list[_Feet]) -> None:
    """Give each of those its nodes' feet."""
    if not asked:
        return
    feet, at = lattice.feet_of(np.concatenate([one.keys.ravel() for one in asked]))
    ends = np.cumsum([one.keys.size for one in asked])
    for one, end in zip(asked, ends):
        one.found = feet, at[end - one.keys.size : end].reshape(one.keys.shape)


def _levels(unsure: Unsure, move_m: float, limit_m: float) -> np.ndarray:
    """How fine a lattice may stand for the places whose feet are looked for; -1: none.

    A foot of a place so far aside makes the distance too long by the square of that over twice
    the limit; that has to be little against how the distance is spread.
    """
    spread = unsure.radius_m / HOLDS_95
    sector = np.flatnonzero(unsure.form == Form.SECTOR)
    if len(sector):
        _, _, _, halfwidth, low, high = unsure.sector(sector)
        across = np.radians(np.abs(halfwidth)) * (low + high) / 2.0
        spread[sector] = np.sqrt(2.0 * across * np.abs(high - low)) / 3.5
    spread = np.hypot(spread, move_m)
    few = (unsure.radius_m <= NARROW * limit_m).astype(np.int64)
    apart = np.array(SPREADS)[few] * spread
    return level_of(np.minimum(apart, SQUARED * np.sqrt(limit_m * spread)))


def by_the_tail(move_m: float, unsure: Unsure, bare_m: np.ndarray, limit_m: float):
    """``(chance, told)`` of normally spread places that are far from where the limit runs.

    Beyond 2.8 standard deviations from a place lies less than 2 % of what it is spread over, so
    that it hardly matters how the limit runs there: it is taken as straight.
    """
    deviation = np.hypot(unsure.radius_m / HOLDS_95, move_m)
    beyond = (limit_m - bare_m) / np.maximum(deviation, 1e-9)
    told = (unsure.form == Form.NORMAL) & (np.abs(beyond) > TAIL)
    return np.where(told, normal_share(beyond), 0.0), told


class _Feet:
    """Some uncertain places of one form, the plane about each, and the feet on the lines in it.

    ``rows`` are those of ``unsure``. After ``lay_out`` there are the ``rays`` across the places,
    and the ``keys`` of the nodes whose feet are needed (or else the feet, ``direct``).
    """

    def __init__(self, lines, members, limit_m: float, unsure: Unsure, rows, level, feet):
        self.lines, self.members, self.limit_m = lines, members, limit_m
        self.everything, self.rows, self.level, self.feet = unsure, rows, level, feet
        self.keys = self.found = self.direct = None

    def lay_out(self) -> None:
        """Draw the bare feet and the rays, and say where the limit's feet are to be looked for."""
        unsure = self.unsure = self.everything.take(self.rows)
        few = unsure.radius_m[0] <= NARROW * self.limit_m
        self.probes = _FEW_PROBES if few else _PROBES
        self.centre = earth_centred(unsure.lon, unsure.lat)
        self.horizon = Horizon(*self.centre)
        if self.feet is None:
            foot = feet_near(self.lines, self.members, self.centre, GROUPS)
        else:
            foot = earth_centred(*(column[self.rows] for column in self.feet))
        self.foot_x, self.foot_y = self._drawn(foot)
        self.away = np.hypot(self.foot_x, self.foot_y)
        plain = np.where(self.away > 0.01, self.away, 1.0)
        # Upon the line itself any direction is as good.
        self.east = np.where(self.away > 0.01, -self.foot_x / plain, 0.0)
        self.north = np.where(self.away > 0.01, -self.foot_y / plain, 1.0)
        self.rays = WAYS[Form(int(unsure.form[0]))](self)
        places = self.horizon.lifted(self.centre, *self._about(self.rays))
        if self.level[0] >= 0:
            self.keys = nodes_at(places, self.level)
            return
        shape = places[0].shape
        direct = feet_near(self.lines, self.members, [one.ravel() for one in places], GROUPS)
        self.direct = [column.reshape(shape) for column in direct]

    def _drawn(self, places):
        """Earth-centred places, one for each of these: metres east and north of it."""
        return self.horizon.east_north(*(a - b for a, b in zip(places, self.centre)))

    def drawn(self, lon, lat):
        """Degrees as metres east and north of each place."""
        return self._drawn(earth_centred(lon, lat))

    def drawn_feet(self):
        """The feet in each place's plane: metres east and north of it, (n, feet) each."""
        if self.direct is None:
            table, at = self.found
            feet = [table[:, place].take(at.T) for place in range(3)]
        else:
            feet = [column.T for column in self.direct]
        east, north = self._drawn(feet)
        return np.vstack([self.foot_x, east]).T, np.vstack([self.foot_y, north]).T

    def _about(self, rays: Rays):
        """Places where the limit would run if the line were straight: (n, feet)."""
        x, y, east, north = rays.probes
        slope = east * self.east[:, None] + north * self.north[:, None]
        start = self.away[:, None] + x * self.east[:, None] + y * self.north[:, None]
        slope = np.where(np.abs(slope) > 0.05, slope, 0.05)
        middle = rays.low.shape[1] // 2
        reach = rays.low[:, middle, None], rays.high[:, middle, None]
        along = np.clip((self.limit_m - start) / slope, *reach)
        x = np.column_stack([x + along * east, *rays.corners[0]])
        y = np.column_stack([y + along * north, *rays.corners[1]])
        return x, y


def _across(feet: _Feet) -> Rays:
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
    return Rays(
        x=np.zeros(aside[:, :1].shape),
        y=np.zeros(aside[:, :1].shape),
        east=east,
        north=north,
        shift=aside,
        low=-half.astype(QUICK),
        high=half.astype(QUICK),
        weight=weight,
        deviation=None if even else feet.unsure.radius_m / HOLDS_95,
        widens=False,
        probes=(probe * north, -probe * east, ones * east, ones * north),
        corners=([beyond * feet.east], [beyond * feet.north]),
        fits=np.ones(len(aside), dtype=bool),
    )


def _fan(feet: _Feet) -> Rays:
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
    width = np.ones((1, FAN_RAYS))
    return Rays(
        x=x,
        y=y,
        east=east,
        north=north,
        shift=np.zeros((1, 1)),
        low=low[:, None] * width,
        high=np.maximum(high, low + 0.1)[:, None] * width,
        weight=np.full(FAN_RAYS, 1.0 / FAN_RAYS),
        deviation=None,
        widens=True,
        probes=(x * np.ones(probe[0].shape), y * np.ones(probe[0].shape), *probe),
        corners=tuple(corners),
        fits=(halfwidth < WIDEST_SECTOR_DEG) & (extent <= WIDEST * feet.limit_m),
    )


WAYS = {Form.NORMAL: _across, Form.EVEN: _across, Form.SECTOR: _fan}
