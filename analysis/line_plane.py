"""Where to look for the nearest piece of a line: a plane with a bound on how much it deceives."""

from __future__ import annotations

import dataclasses
from typing import Optional

import numpy as np
import shapely
from pyproj import Proj

from .geodesy import project
from .line_parts import unit_vectors
from .line_pieces import Pieces

NEAR_HORIZON = np.radians(80.0)


@dataclasses.dataclass
class SearchPlane:
    """An equal-area plane (Lambert, azimuthal) about one line's middle, with a tree of its pieces.

    Lengths in it are wrong by a factor between cos(c/2) and 1/cos(c/2), where c is the angle from
    the middle (Snyder 1987, p. 182), and every piece that may be the nearest lies within the
    distance to the nearest in the plane, enlarged by that.
    """

    projection: Proj
    middle: np.ndarray
    reach: float
    segments: np.ndarray
    tree: shapely.STRtree
    _whole: Optional[shapely.Geometry] = None

    @classmethod
    def of(cls, pieces: Pieces) -> SearchPlane:
        """The plane for the pieces of one line."""
        ends = np.column_stack(
            [np.append(pieces.lon0, pieces.lon1[-1:]), np.append(pieces.lat0, pieces.lat1[-1:])]
        )
        vectors = unit_vectors(ends)
        middle = (vectors.min(axis=0) + vectors.max(axis=0)) / 2.0
        middle = middle / max(float(np.linalg.norm(middle)), 1e-9)
        lon, lat = np.degrees(np.arctan2(middle[1], middle[0])), np.degrees(np.arcsin(middle[2]))
        projection = Proj(proj="laea", lon_0=lon, lat_0=lat, ellps="WGS84", units="m")
        x0, y0 = project(projection, pieces.lon0, pieces.lat0)
        x1, y1 = project(projection, pieces.lon1, pieces.lat1)
        pairs = np.stack([np.column_stack([x0, y0]), np.column_stack([x1, y1])], axis=1)
        segments = shapely.linestrings(pairs)
        reach = float(_angles(vectors, middle).max())
        return cls(projection, middle, reach, segments, shapely.STRtree(segments))

    def drawn(self, lon, lat):
        """Degrees (columns) as coordinates ``(x, y)`` of the plane, metres."""
        return project(self.projection, lon, lat)

    def candidates(self, lon, lat):
        """Pairs (point index, piece index) among which the nearest piece of each point is."""
        angles = _angles(unit_vectors(np.column_stack([lon, lat])), self.middle)
        widest = np.maximum(angles, self.reach)
        inside = np.flatnonzero(widest < NEAR_HORIZON)
        outside = np.flatnonzero(widest >= NEAR_HORIZON)
        points = shapely.points(*self.drawn(lon[inside], lat[inside]))
        (at, _), distance = self.tree.query_nearest(points, return_distance=True, all_matches=False)
        order = np.argsort(at, kind="stable")
        # The ellipsoid's own part in the deception is far below a thousandth of the bound.
        deceit = 1.0 / np.cos(widest[inside] / 2.0) ** 2 - 1.0
        limit = distance[order] * (1.0 + 1.01 * deceit + 1e-6) + 2.0
        which, piece = self.tree.query(points, predicate="dwithin", distance=limit)
        count = len(self.segments)
        return (
            np.concatenate([inside[which], np.repeat(outside, count)]),
            np.concatenate([piece, np.tile(np.arange(count), len(outside))]),
        )

    def whole(self):
        """The line as one geometry of the plane, prepared for asking what lies within a limit."""
        if self._whole is None:
            whole = shapely.multilinestrings(self.segments)
            shapely.prepare(whole)
            self._whole = whole
        return self._whole

    def planar_distance(self, x, y) -> np.ndarray:
        """Distances in the plane, for points of the plane (metres)."""
        shape = np.shape(x)
        points = shapely.points(np.ravel(x), np.ravel(y))
        (at, _), distance = self.tree.query_nearest(points, return_distance=True, all_matches=False)
        result = np.empty(len(points))
        result[at] = distance
        return result.reshape(shape)


def _angles(vectors: np.ndarray, middle: np.ndarray) -> np.ndarray:
    chord = np.linalg.norm(vectors - middle, axis=1)
    # The geodetic latitude is not the sphere's: a hundredth more covers the difference.
    return 2.0 * np.arcsin(np.minimum(chord / 2.0, 1.0)) * 1.01
