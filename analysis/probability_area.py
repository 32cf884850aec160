"""Places spread evenly over an administrative area."""

from __future__ import annotations

import numpy as np
import shapely
from pyproj import Proj

from .geodesy import project
from .line_parts import EARTH_M, unit_vectors

AREA_SHARES = 1024
LEAST_ROWS = 32
LONGEST_EDGE_DEG = 0.1


def attach_areas(incidents, names, polygons, polygon_names) -> np.ndarray:
    """Give the incidents of the kind "area" their polygons, found by name.

    ``names``: what each incident calls its area (object array of text or None); ``polygons`` and
    ``polygon_names`` run side by side. Names are compared without regard to case and outer spaces;
    of polygons of one name the first counts, and all incidents of it share it. Returns the rows of
    the kind "area" that found none: they are taken as discs of their ``uncertainty_m``.
    """
    known: dict[str, object] = {}
    for name, polygon in zip(polygon_names, polygons):
        if name and polygon is not None and not polygon.is_empty:
            known.setdefault(str(name).strip().casefold(), polygon)
    missing = []
    for row in np.flatnonzero(incidents.uncertainty_kind == "area"):
        polygon = known.get(str(names[row] or "").strip().casefold())
        incidents.area[row] = polygon
        if polygon is None:
            missing.append(row)
    return np.array(missing, dtype=np.int64)


def area_bounds(area) -> tuple[float, float, float]:
    """A circle about an area: its middle (degrees), its radius (metres, a hundredth too long)."""
    vectors = unit_vectors(shapely.get_coordinates(area))
    lon, lat = _middle(vectors)
    middle = unit_vectors(np.array([[lon, lat]]))[0]
    chord = float(np.linalg.norm(vectors - middle, axis=1).max())
    return lon, lat, 2.02 * EARTH_M * float(np.arcsin(min(chord / 2.0, 1.0)))


def area_places(area, shares: int = AREA_SHARES):
    """Places spread evenly over a polygon, the same each time: ``(lon, lat, spacing_m)``.

    ``area``: a shapely polygon or multipolygon in degrees, EPSG:4326, holes and parts on both
    sides of the antimeridian included; edges are straight in degrees. In an equal-area plane rows
    are laid across the longer axis, and places at equal steps along all rows' lengths, so that
    slivers too are covered. ``spacing_m`` is the side of a square of one share.
    """
    area = shapely.segmentize(shapely.force_2d(area), LONGEST_EDGE_DEG)
    lon, lat = _middle(unit_vectors(shapely.get_coordinates(area)))
    plane = Proj(proj="laea", lon_0=lon, lat_0=lat, ellps="WGS84", units="m")
    start, end = _edges(area, plane)
    axes = _axes(start)
    start, end = start @ axes, end @ axes
    size = np.maximum(np.ptp(start, axis=0), 1e-6)
    rows = int(np.clip(np.sqrt(shares * size[0] / size[1]), LEAST_ROWS, shares / 2))
    height = size[0] / rows
    middle = start[:, 0].min() + (np.arange(rows) + 0.5) * height
    row, low, high = _chords(start, end, middle)
    length = high - low
    total = float(length.sum())
    if total <= 0.0:
        return np.array([lon]), np.array([lat]), 0.0
    ends = np.cumsum(length)
    along = (np.arange(shares) + 0.5) / shares * total
    chord = np.minimum(np.searchsorted(ends, along), len(ends) - 1)
    across = low[chord] + along - (ends[chord] - length[chord])
    # Within its row each place is moved by an irrational step, so that rows leave no pattern.
    jitter = np.mod(0.5 + np.arange(shares) * 0.6180339887498949, 1.0) - 0.5
    points = np.column_stack([middle[row[chord]] + jitter * height * 0.999, across]) @ axes.T
    there = project(plane, points[:, 0].copy(), points[:, 1].copy(), inverse=True)
    return (*there, float(np.sqrt(total * height / shares)))


def _middle(vectors: np.ndarray) -> tuple[float, float]:
    middle = (vectors.min(axis=0) + vectors.max(axis=0)) / 2.0
    middle = middle / max(float(np.linalg.norm(middle)), 1e-9)
    return (
        float(np.degrees(np.arctan2(middle[1], middle[0]))),
        float(np.degrees(np.arcsin(np.clip(middle[2], -1.0, 1.0)))),
    )


def _edges(area, plane: Proj):
    """The start and end (n, 2) of all rings' edges in the plane."""
    rings = shapely.get_rings(shapely.get_parts(area))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    drawn = np.column_stack(project(plane, points[:, 0].copy(), points[:, 1].copy()))
    same = np.diff(ring) == 0
    return drawn[:-1][same], drawn[1:][same]


def _axes(points: np.ndarray) -> np.ndarray:
    """The longer and the shorter axis of points, as the columns of a rotation."""
    spread = points - points.mean(axis=0)
    _, vectors = np.linalg.eigh(spread.T @ spread)
    return vectors[:, ::-1]


def _chords(start, end, rows):
    """Where rows (at first coordinates) run inside the rings, by even and odd: row, from, to."""
    low, high = np.minimum(start[:, 0], end[:, 0]), np.maximum(start[:, 0], end[:, 0])
    first, last = np.searchsorted(rows, low, "left"), np.searchsorted(rows, high, "left")
    count = last - first
    edge = np.repeat(np.arange(len(count)), count)
    row = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count) + first[edge]
    share = (rows[row] - start[edge, 0]) / (end[edge, 0] - start[edge, 0])
    at = start[edge, 1] + share * (end[edge, 1] - start[edge, 1])
    order = np.lexsort((at, row))
    row, at = row[order], at[order]
    return row[0::2], at[0::2], at[1::2]
