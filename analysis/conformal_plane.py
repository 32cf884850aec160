"""A plane that keeps angles, and the way back to degrees that files can hold."""

from __future__ import annotations

import dataclasses

import numpy as np
import shapely
from pyproj import Proj

from .geodesy import project
from .line_parts import unit_vectors


@dataclasses.dataclass
class ConformalPlane:
    """The stereographic plane about the middle of some places (Snyder 1987, p. 154), in metres."""

    projection: Proj
    middle_lon: float

    @classmethod
    def of(cls, lonlat: np.ndarray) -> ConformalPlane:
        """The plane for places (n, 2) in degrees, also across ±180°."""
        vectors = unit_vectors(lonlat)
        middle = (vectors.min(axis=0) + vectors.max(axis=0)) / 2.0
        lon = float(np.degrees(np.arctan2(middle[1], middle[0])))
        lat = float(np.degrees(np.arctan2(middle[2], np.hypot(middle[0], middle[1]))))
        return cls(Proj(proj="stere", lon_0=lon, lat_0=lat, k_0=1.0, ellps="WGS84"), lon)

    def drawn(self, lonlat: np.ndarray) -> np.ndarray:
        """Degrees (n, 2) as places of the plane (n, 2)."""
        return np.column_stack(project(self.projection, lonlat[:, 0], lonlat[:, 1]))

    def degrees(self, xy: np.ndarray) -> np.ndarray:
        """Places of the plane (n, 2) as degrees; longitudes run on past ±180°, without a jump."""
        lon, lat = project(self.projection, xy[:, 0], xy[:, 1], inverse=True)
        lon = self.middle_lon + np.mod(lon - self.middle_lon + 180.0, 360.0) - 180.0
        return np.column_stack([lon, lat])


def line_in_degrees(parts: list[np.ndarray]) -> shapely.MultiLineString:
    """Vertices (n, 2) a part as one line within ±180°, split where it crosses the antimeridian."""
    lines = []
    for points in parts:
        lon = np.unwrap(points[:, 0], period=360.0)
        lines.append(shapely.linestrings(np.column_stack([lon, points[:, 1]])))
    return _split(shapely.multilinestrings(lines), "LineString", shapely.multilinestrings)


def area_in_degrees(area) -> shapely.MultiPolygon:
    """Polygons whose longitudes run past ±180° as one area within it, split there."""
    return _split(area, "Polygon", shapely.multipolygons)


def _split(geometry, kind: str, gather):
    west, _, east, _ = shapely.bounds(geometry)
    if west >= -180.0 and east <= 180.0:
        return gather(_of_kind(geometry, kind))
    parts = []
    for turn in range(int((west + 180.0) // 360.0), int((east + 180.0) // 360.0) + 1):
        shift = 360.0 * turn
        cut = shapely.intersection(geometry, shapely.box(shift - 180.0, -90.0, shift + 180.0, 90.0))
        moved = shapely.transform(cut, lambda xy, by=shift: xy - [by, 0.0])
        parts += _of_kind(moved, kind)
    return gather(parts)


def _of_kind(geometry, kind: str) -> list:
    parts = shapely.get_parts(shapely.get_parts(geometry))
    return [part for part in parts if part.geom_type == kind and not shapely.is_empty(part)]
