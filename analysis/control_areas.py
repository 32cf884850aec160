"""Areas of control made fit for use: repaired, flat, and in a plane of true directions."""

from __future__ import annotations

import dataclasses

import numpy as np
import shapely
from pyproj import Proj

from ..model.errors import CeasefireError
from .geodesy import project
from .line_parts import unit_vectors

# Between points a tenth of a degree apart a parallel leaves the straight line by about a metre.
LONGEST_EDGE_DEG = 0.1


@dataclasses.dataclass
class TheatrePlane:
    """An equal-area plane about the theatre's middle, in metres; left stays left in it."""

    projection: Proj

    @classmethod
    def of(cls, geometries) -> TheatrePlane:
        """The plane for geometries in degrees (EPSG:4326), also across ±180°."""
        vectors = unit_vectors(shapely.get_coordinates(geometries))
        middle = (vectors.min(axis=0) + vectors.max(axis=0)) / 2.0
        lon = np.degrees(np.arctan2(middle[1], middle[0]))
        lat = np.degrees(np.arctan2(middle[2], np.hypot(middle[0], middle[1])))
        return cls(Proj(proj="laea", lon_0=lon, lat_0=lat, ellps="WGS84", units="m"))

    def drawn(self, geometry):
        """A geometry in degrees, drawn in the plane; long edges keep to their straight degrees.

        Areas that share a long edge along a parallel share it in the plane too, whatever vertices
        each of them has on it.
        """
        dense = shapely.segmentize(geometry, LONGEST_EDGE_DEG)
        return shapely.transform(dense, lambda xy: np.column_stack(project(self.projection, *xy.T)))

    def degrees(self, xy: np.ndarray) -> np.ndarray:
        """Points of the plane as degrees, to a hundredth of a metre (7 decimals)."""
        lon, lat = project(self.projection, *xy.T, inverse=True)
        return np.round(np.column_stack([lon, lat]), 7)


def polygons_of(geometry):
    """The areas in a geometry, valid and flat: Z dropped, collections opened, bow-ties repaired.

    Returns a shapely polygon or multi-polygon, empty where there is no area.
    """
    if geometry is None or shapely.is_empty(geometry):
        return shapely.Polygon()
    flat = shapely.force_2d(geometry)
    if not np.isfinite(shapely.get_coordinates(flat)).all():
        raise CeasefireError("has coordinates that are not numbers")
    parts = [part for part in _leaves(flat) if part.geom_type == "Polygon"]
    repaired = [_repaired(part) for part in parts]
    return shapely.union_all(repaired) if repaired else shapely.Polygon()


def _repaired(polygon):
    if shapely.is_valid(polygon):
        return polygon
    leaves = _leaves(shapely.make_valid(polygon))
    return shapely.union_all([leaf for leaf in leaves if leaf.geom_type == "Polygon"])


def _leaves(geometry) -> list:
    if hasattr(geometry, "geoms"):
        return [leaf for part in geometry.geoms for leaf in _leaves(part)]
    return [geometry]
