"""Places as earth-centred coordinates, in which nearness needs no projection."""

from __future__ import annotations

import numpy as np

SEMI_MAJOR_M = 6_378_137.0
FLATTENING = 1.0 / 298.257223563
SQUARED_ECCENTRICITY = FLATTENING * (2.0 - FLATTENING)
_REST = 1.0 - SQUARED_ECCENTRICITY


def earth_centred(lon, lat):
    """Degrees (EPSG:4326, columns) as earth-centred ``(x, y, z)`` on the ellipsoid, metres."""
    longitude, latitude = np.radians(lon), np.radians(lat)
    sine, cosine = np.sin(latitude), np.cos(latitude)
    prime = SEMI_MAJOR_M / np.sqrt(1.0 - SQUARED_ECCENTRICITY * sine * sine)
    across = prime * cosine
    return across * np.cos(longitude), across * np.sin(longitude), prime * _REST * sine


class Horizon:
    """The local directions at places near the ellipsoid: what is up, east and north there.

    ``x``, ``y``, ``z`` are columns of earth-centred metres, ``height`` how far above the ellipsoid
    they are (metres, some at most).
    """

    def __init__(self, x, y, z, height=0.0):
        axis = np.sqrt(x * x + y * y)
        # Bowring (1985): the height lies along the normal, which misses the earth's centre.
        rest = _REST + SQUARED_ECCENTRICITY * height / SEMI_MAJOR_M
        slope = z / np.maximum(axis * rest, 1e-9)
        self.cos_lat = 1.0 / np.sqrt(1.0 + slope * slope)
        self.sin_lat = slope * self.cos_lat
        axis = np.maximum(axis, 1e-9)
        self.cos_lon, self.sin_lon = x / axis, y / axis

    def degrees(self):
        """The places on the ellipsoid as ``(lon, lat)`` in degrees."""
        lon = np.degrees(np.arctan2(self.sin_lon, self.cos_lon))
        return lon, np.degrees(np.arctan2(self.sin_lat, self.cos_lat))

    def surface(self):
        """The places on the ellipsoid, earth-centred ``(x, y, z)``."""
        prime = SEMI_MAJOR_M / np.sqrt(1.0 - SQUARED_ECCENTRICITY * self.sin_lat**2)
        across = prime * self.cos_lat
        return across * self.cos_lon, across * self.sin_lon, prime * _REST * self.sin_lat

    def east_north(self, x, y, z):
        """The part of each vector that points east, and that which points north."""
        east = y * self.cos_lon - x * self.sin_lon
        north = z * self.cos_lat - (x * self.cos_lon + y * self.sin_lon) * self.sin_lat
        return east, north

    def take(self, chosen) -> Horizon:
        """Those that an index array chooses."""
        taken = Horizon.__new__(Horizon)
        for name, column in vars(self).items():
            setattr(taken, name, column[chosen])
        return taken

    def lifted(self, places, east, north):
        """Places (n, …) so many metres east and north of ``places`` (n), each in its tangent plane.

        All earth-centred.
        """
        turn = [
            column[:, None] for column in (self.cos_lat, self.sin_lat, self.cos_lon, self.sin_lon)
        ]
        cos_lat, sin_lat, cos_lon, sin_lon = turn
        x, y, z = (column[:, None] for column in places)
        inward = north * sin_lat
        x = x - east * sin_lon - inward * cos_lon
        return x, y + east * cos_lon - inward * sin_lon, z + north * cos_lat

    def arc(self, chord, north):
        """How long the geodesic is whose chord is ``chord``, its part to the north ``north``.

        The chord's length along an arc of the radius of curvature in its direction (Euler's
        formula), to the fourth order: off by less than 1 mm up to 100 km, and 3 mm up to 200 km.
        """
        flat = 1.0 - SQUARED_ECCENTRICITY * self.sin_lat**2
        prime = np.sqrt(flat) / SEMI_MAJOR_M
        meridian = prime * flat / _REST
        squared = chord * chord
        share = np.minimum(north * north / np.maximum(squared, 1e-18), 1.0)
        bend = squared * (prime + (meridian - prime) * share) ** 2
        return chord * (1.0 + bend * (1.0 / 24.0 + bend * (3.0 / 640.0)))
