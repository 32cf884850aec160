"""Where an incident may truly have been: points that stand for equal shares of probability."""

from __future__ import annotations

import numpy as np

from .geodesy import forward

SHARES = 1024
SECTOR_SHARES = 256
HOLDS_95 = 2.447746830680816
"""The radius that holds 95 % of a round normal distribution, in standard deviations."""
HOLDS_95_ONE = 1.959963984540054
"""The half-width that holds 95 % of a normal distribution on one axis."""
# A step of the R2 sequence (Roberts 2018), by which angles stay evenly spread with the radii.
ANGLE_STEP = 0.7548776662466927


def gauss_offsets(shares: int = SHARES) -> np.ndarray:
    """(shares, 2) offsets of a round normal distribution whose 95 % radius is 1.

    Angles by an irrational step, radii by equal shares of the distribution.
    """
    share = (np.arange(shares) + 0.5) / shares
    return _turning(np.sqrt(-2.0 * np.log(1.0 - share)) / HOLDS_95)


def disc_offsets(shares: int = SHARES) -> np.ndarray:
    """(shares, 2) offsets spread evenly over the disc of radius 1."""
    return _turning(np.sqrt((np.arange(shares) + 0.5) / shares))


def sector_places(lon, lat, bearing, halfwidth, nearest, farthest):
    """Points spread evenly over annular sectors: ``(lon, lat)``, each (n, SHARES), degrees.

    Inputs are (n) columns: the observer's point, bearing and half-width (degrees), range (metres).
    """
    azimuth, distance = sector_across(bearing, halfwidth, nearest, farthest, SHARES)
    shape = azimuth.shape
    columns = (np.broadcast_to(column[:, None], shape).ravel() for column in (lon, lat))
    there_lon, there_lat = forward(*columns, azimuth.ravel(), distance.ravel())
    return np.reshape(there_lon, shape), np.reshape(there_lat, shape)


def sector_across(bearing, halfwidth, nearest, farthest, shares: int):
    """Equal shares of annular sectors: ``(azimuth, distance)`` from the observer, (n, shares)."""
    index = np.arange(shares)
    across = (2.0 * np.mod(0.5 + index * ANGLE_STEP, 1.0) - 1.0).astype(bearing.dtype)
    share = ((index + 0.5) / shares).astype(bearing.dtype)
    halfwidth = np.minimum(np.abs(halfwidth), 180.0)
    azimuth = bearing[:, None] + halfwidth[:, None] * across
    near, far = np.minimum(nearest, farthest) ** 2, np.maximum(nearest, farthest) ** 2
    return azimuth, np.sqrt(near[:, None] + (far - near)[:, None] * share)


def sector_box(bearing, halfwidth, nearest, farthest):
    """How far east and north annular sectors reach: ``((west, east), (south, north))``, columns."""
    halfwidth = np.minimum(np.abs(halfwidth), 180.0)
    near, far = np.minimum(nearest, farthest), np.maximum(nearest, farthest)
    box = []
    for east in (90.0, 0.0):
        one, other = (np.cos(np.radians(bearing + s * halfwidth - east)) for s in (-1.0, 1.0))
        # Whether the sector looks along the axis, or against it.
        along = np.abs(np.mod(bearing - east + 180.0, 360.0) - 180.0) <= halfwidth
        against = np.abs(np.mod(bearing - east, 360.0) - 180.0) <= halfwidth
        low = np.where(against, -1.0, np.minimum(one, other))
        high = np.where(along, 1.0, np.maximum(one, other))
        box.append((np.minimum(low * near, low * far), np.maximum(high * near, high * far)))
    return tuple(box)


def _turning(radius: np.ndarray) -> np.ndarray:
    angle = 2.0 * np.pi * ANGLE_STEP * np.arange(len(radius))
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
