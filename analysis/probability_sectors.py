"""The chance that places in sectors were near, from feet spread over each sector."""

from __future__ import annotations

import numpy as np

from .earth_centred import Horizon, earth_centred
from .nearest import feet_near, in_threads
from .probability_lattice import lattice_of, nodes_at
from .probability_spreads import Unsure
from .probability_worth import normal_share
from .spread import SECTOR_SHARES, sector_across

AT_A_TIME = 250
EVERY = 11
"""Of so many places one has its foot looked for."""


def sectors_by_feet(lines, members, move_m: float, unsure: Unsure, level, limit_m: float):
    """P(distance ≤ ``limit_m``) for places in sectors that are not wider than the limit.

    Where a sector lies along the limit, how its rays cross it decides too much: so the distance is
    taken at many places, from the nearest of some feet, those of places all over the sector.
    ``level``: how fine a lattice may stand for these (see ``probability_lattice``).
    """
    chance = np.empty(len(unsure.rows))
    parts = [slice(start, start + AT_A_TIME) for start in range(0, len(chance), AT_A_TIME)]
    fans = [_Fan(unsure.take(part)) for part in parts]
    feet = _feet(lines, members, fans, [level[part] for part in parts])

    def work(number):
        chance[parts[number]] = fans[number].share(feet[number], limit_m, move_m)

    in_threads(work, range(len(parts)))
    return chance


def _feet(lines, members, fans, levels) -> list:
    """The feet (3, n, feet) for each of the fans, earth-centred."""
    places = [fan.earth_centred(slice(None, None, EVERY)) for fan in fans]
    found = []
    lattice = lattice_of(lines, members)
    for probes, level in zip(places, levels):
        shape = probes[0].shape
        feet, at = lattice.feet_of(nodes_at(probes, level))
        feet = feet.T[:, at]
        exact = np.flatnonzero(level < 0)
        if len(exact):
            own = feet_near(lines, members, [column[exact].ravel() for column in probes])
            feet[:, exact] = np.reshape(own, (3, len(exact), shape[1]))
        found.append(feet)
    return found


class _Fan:
    """Some sectors, and places in equal shares of each: metres from its post, (n, shares)."""

    def __init__(self, unsure: Unsure):
        lon, lat, *shape = unsure.sector(np.arange(len(unsure.rows)))
        self.post = earth_centred(lon, lat)
        self.horizon = Horizon(*self.post)
        azimuth, away = sector_across(*shape, SECTOR_SHARES)
        angle = np.radians(azimuth)
        self.east, self.north = away * np.sin(angle), away * np.cos(angle)
        squared = np.abs(shape[3] ** 2 - shape[2] ** 2)
        halfwidth = np.radians(np.minimum(np.abs(shape[1]), 180.0))
        # How far distances differ within one share.
        self.blur = np.sqrt(halfwidth * squared / SECTOR_SHARES / 12.0)

    def earth_centred(self, which):
        """Some of the places, earth-centred columns (n, …)."""
        return self.horizon.lifted(self.post, self.east[:, which], self.north[:, which])

    def share(self, feet, limit_m: float, move_m: float) -> np.ndarray:
        """The mean over the places of the chance to be near the nearest of the feet."""
        away = [column.T - post for column, post in zip(feet, self.post)]
        foot_x, foot_y = self.horizon.east_north(*away)
        east, north = self.east.astype(np.float32), self.north.astype(np.float32)
        least = np.full(east.shape, np.inf, dtype=np.float32)
        for x, y in zip(foot_x.astype(np.float32), foot_y.astype(np.float32)):
            squared = (east - x[:, None]) ** 2
            squared += (north - y[:, None]) ** 2
            np.minimum(least, squared, out=least)
        spread = np.maximum(np.hypot(move_m, self.blur), 1e-3).astype(np.float32)[:, None]
        return normal_share((np.float32(limit_m) - np.sqrt(least)) / spread).mean(axis=1)
