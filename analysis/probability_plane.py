"""The planes in which places are spread: one for each patch of the earth of about 400 km."""

from __future__ import annotations

import functools

import numpy as np
from pyproj import Proj

from .geodesy import project

BAND_DEG = 4.0
BANDS = 45
MOST_IN_BAND = 128


def region_of(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """The number of the patch that each point (degrees) lies in.

    Bands of 4° of latitude, cut so that a patch is about as wide as high. No point of a patch is
    further than 330 km from its middle, where the plane's lengths are right: they are wrong by
    less than a thousandth within the patch, and by half a hundredth 1,000 km away.
    """
    band = np.clip(np.floor((lat + 90.0) / BAND_DEG), 0, BANDS - 1).astype(np.int64)
    count = _in_band(band)
    column = np.floor(np.mod(lon, 360.0) / 360.0 * count).astype(np.int64)
    return band * MOST_IN_BAND + np.minimum(column, count - 1)


def into_plane(region: int, lon: np.ndarray, lat: np.ndarray):
    """Degrees (columns) as ``(x, y)`` of the region's plane, metres."""
    return project(_plane(int(region)), lon, lat)


def from_plane(region: int, x: np.ndarray, y: np.ndarray):
    """``(x, y)`` of the region's plane, metres, as degrees; infinite outside the earth."""
    return project(_plane(int(region)), x, y, inverse=True)


def _in_band(band):
    middle = np.radians((np.asarray(band) + 0.5) * BAND_DEG - 90.0)
    return np.maximum(1, np.round(90.0 * np.cos(middle))).astype(np.int64)


@functools.lru_cache(maxsize=256)
def _plane(region: int) -> Proj:
    """Lambert's azimuthal equal-area plane about the region's middle (Snyder 1987, p. 182)."""
    band, column = divmod(region, MOST_IN_BAND)
    lon = (column + 0.5) * 360.0 / int(_in_band(band))
    lat = (band + 0.5) * BAND_DEG - 90.0
    return Proj(proj="laea", lon_0=lon - 360.0 * (lon > 180.0), lat_0=lat, ellps="WGS84", units="m")
