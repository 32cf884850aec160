"""Geodesic arithmetic on the WGS 84 ellipsoid, over arrays."""

from __future__ import annotations

import numpy as np
from pyproj import Geod

WGS84 = Geod(ellps="WGS84")
_RINGS = 48
_RAYS = 48
_AT_A_TIME = 2_000


def direct(lon, lat, azimuth_deg, distance_m):
    """The points reached from (``lon``, ``lat``) along geodesics.

    Scalars or arrays that broadcast together: degrees EPSG:4326, azimuth in degrees clockwise from
    true north, metres. Returns ``(lon, lat)`` in degrees, longitude in [-180, 180]. Method:
    Karney (2013), doi:10.1007/s00190-012-0578-z, as PROJ has it.
    """
    shape, columns = _broadcast(lon, lat, azimuth_deg, distance_m)
    there_lon, there_lat = forward(*columns)
    return _shaped(there_lon, shape), _shaped(there_lat, shape)


def inverse(lon1, lat1, lon2, lat2):
    """The geodesics from the first points to the second: ``(azimuth_deg, distance_m)``.

    Scalars or arrays that broadcast together, degrees EPSG:4326. The azimuth is the one at the
    first point, in [0, 360).
    """
    shape, columns = _broadcast(lon1, lat1, lon2, lat2)
    azimuth, _, distance = between(*columns)
    return _shaped(np.mod(azimuth, 360.0), shape), _shaped(distance, shape)


def sector_point(lon, lat, bearing_deg, halfwidth_deg, range_min_m, range_max_m):
    """One point that stands for a sector seen from (``lon``, ``lat``), and how far it may be off.

    The point lies on the middle bearing at the range that halves the sector's area,
    sqrt((range_min² + range_max²) / 2). Where the direction is not known at all (a half-width of
    180° or more) it is the observer's own point. ``uncertainty_m`` is the radius about the point
    that holds 95 % of the sector's area. Scalars or arrays that broadcast together; degrees and
    metres, bearings clockwise from true north. Returns ``(lon, lat, uncertainty_m)``.
    """
    shape, columns = _broadcast(lon, lat, bearing_deg, halfwidth_deg, range_min_m, range_max_m)
    lon, lat, bearing, halfwidth, nearest, farthest = columns
    nearest, farthest = np.minimum(nearest, farthest), np.maximum(nearest, farthest)
    halfwidth = np.minimum(np.abs(halfwidth), 180.0)
    middle = np.sqrt((nearest**2 + farthest**2) / 2.0)
    middle = np.where(halfwidth >= 180.0, 0.0, middle)
    there_lon, there_lat = forward(lon, lat, bearing, middle)
    radius = np.empty(len(middle))
    for start in range(0, len(middle), _AT_A_TIME):
        part = slice(start, start + _AT_A_TIME)
        radius[part] = _radius_of_95(halfwidth[part], nearest[part], farthest[part], middle[part])
    return _shaped(there_lon, shape), _shaped(there_lat, shape), _shaped(radius, shape)


def forward(lon, lat, azimuth_deg, distance_m):
    """``pyproj.Geod.fwd`` over columns of one length: ``(lon, lat)``, always arrays."""
    if len(lon) == 1:
        # A column of one value is taken for a number by pyproj, which numpy discourages.
        there = WGS84.fwd(*(float(c[0]) for c in (lon, lat, azimuth_deg, distance_m)))
        return np.array([there[0]]), np.array([there[1]])
    there_lon, there_lat, _ = WGS84.fwd(lon, lat, azimuth_deg, distance_m)
    return there_lon, there_lat


def between(lon1, lat1, lon2, lat2):
    """``pyproj.Geod.inv`` over columns of one length: azimuths there and back, and distances.

    ``(azimuth at the first point, azimuth at the second towards the first, metres)``, arrays.
    """
    if len(lon1) == 1:
        told = WGS84.inv(*(float(column[0]) for column in (lon1, lat1, lon2, lat2)))
        return tuple(np.array([value]) for value in told)
    return WGS84.inv(lon1, lat1, lon2, lat2)


def project(projection, x, y, inverse=False):
    """A ``pyproj.Proj`` over columns of one length: always arrays."""
    if len(x) == 1:
        told = projection(float(x[0]), float(y[0]), inverse=inverse)
        return np.array([told[0]]), np.array([told[1]])
    return projection(x, y, inverse=inverse)


def _radius_of_95(halfwidth_deg, nearest, farthest, middle):
    """Radius about the point at range ``middle`` holding 95 % of each sector's area (metres).

    Equal-area cells of the half sector (the other half is its mirror image), in the plane.
    """
    rings = (np.arange(_RINGS) + 0.5) / _RINGS
    rays = (np.arange(_RAYS) + 0.5) / _RAYS
    ranges = np.sqrt(nearest[:, None] ** 2 + rings * (farthest**2 - nearest**2)[:, None])
    angles = np.radians(halfwidth_deg)[:, None] * rays
    squared = (
        ranges[:, :, None] ** 2
        + (middle**2)[:, None, None]
        - 2.0 * ranges[:, :, None] * middle[:, None, None] * np.cos(angles)[:, None, :]
    )
    distances = np.sqrt(np.maximum(squared, 0.0)).reshape(len(middle), -1)
    return np.quantile(distances, 0.95, axis=1)


def _broadcast(*columns):
    arrays = np.broadcast_arrays(*(np.asarray(column, dtype=float) for column in columns))
    return arrays[0].shape, [np.array(array, dtype=float).ravel() for array in arrays]


def _shaped(values, shape):
    values = np.asarray(values, dtype=float)
    return float(values[0]) if shape == () else values.reshape(shape)
