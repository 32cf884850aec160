"""Where an incident may truly have been: points that stand for equal shares of probability."""

from __future__ import annotations

import functools
from statistics import NormalDist

import numpy as np

from .geodesy import forward

SHARES = 1024
HOLDS_95 = 2.447746830680816
"""The radius that holds 95 % of a round normal distribution, in standard deviations."""
HOLDS_95_ONE = 1.959963984540054
"""The half-width that holds 95 % of a normal distribution on one axis."""
# Steps of the R2 sequence (Roberts 2018), by which angle and move stay evenly spread together with
# the radius; the further ones are for a second and third line.
ANGLE_STEP = 0.7548776662466927
MOVE_STEPS = (0.5698402909980532, np.sqrt(2.0) - 1.0, np.sqrt(3.0) - 1.0)
_INDEX = np.arange(SHARES)


def gauss_offsets() -> np.ndarray:
    """(SHARES, 2) offsets of a round normal distribution whose 95 % radius is 1.

    Angles by an irrational step, radii by equal shares of the distribution.
    """
    share = (_INDEX + 0.5) / SHARES
    return _turning(np.sqrt(-2.0 * np.log(1.0 - share)) / HOLDS_95)


def disc_offsets() -> np.ndarray:
    """(SHARES, 2) offsets spread evenly over the disc of radius 1."""
    return _turning(np.sqrt((_INDEX + 0.5) / SHARES))


def sector_places(lon, lat, bearing, halfwidth, nearest, farthest):
    """Points spread evenly over annular sectors: ``(lon, lat)``, each (n, SHARES), degrees.

    Inputs are (n) columns: the observer's point, bearing and half-width (degrees), range (metres).
    """
    across = np.mod(0.5 + _INDEX * ANGLE_STEP, 1.0)
    share = (_INDEX + 0.5) / SHARES
    halfwidth = np.minimum(np.abs(halfwidth), 180.0)
    azimuth = bearing[:, None] + halfwidth[:, None] * (2.0 * across - 1.0)
    near, far = np.minimum(nearest, farthest) ** 2, np.maximum(nearest, farthest) ** 2
    distance = np.sqrt(near[:, None] + (far - near)[:, None] * share)
    shape = azimuth.shape
    columns = (np.broadcast_to(column[:, None], shape).ravel() for column in (lon, lat))
    there_lon, there_lat = forward(*columns, azimuth.ravel(), distance.ravel())
    return np.reshape(there_lon, shape), np.reshape(there_lat, shape)


def line_offsets(which: int) -> np.ndarray:
    """(SHARES) offsets of line number ``which`` across its direction, 95 % within -1 … 1.

    The order is shuffled evenly against the points', so that both are spread together.
    """
    step = MOVE_STEPS[which % len(MOVE_STEPS)]
    order = np.argsort(np.argsort(np.mod(0.5 + (_INDEX + 1) * step, 1.0)))
    return _normal_quantiles()[order] / HOLDS_95_ONE


@functools.lru_cache(maxsize=1)
def _normal_quantiles() -> np.ndarray:
    normal = NormalDist()
    return np.array([normal.inv_cdf((rank + 0.5) / SHARES) for rank in range(SHARES)])


def _turning(radius: np.ndarray) -> np.ndarray:
    angle = 2.0 * np.pi * ANGLE_STEP * _INDEX
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
