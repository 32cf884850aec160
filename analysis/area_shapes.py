"""Areas as they lie on the ground: edges are geodesics, and ±180° is no border."""

from __future__ import annotations

import numpy as np
import shapely

from .geodesy import between, forward

LONGEST_EDGE_M = 3000.0


def on_the_ground(geometry):
    """A polygon (EPSG:4326) whose edges, drawn straight in degrees, follow their geodesics.

    An edge is the shortest way between its vertices, so one from 179° to -179° crosses ±180°;
    only an edge all around the earth (360°) is taken as drawn, along its parallel. Longitudes run
    on past 180° where the area does; the westernmost is within [-180, 180). Edges get a vertex
    every 3 km, which keeps them within a metre of the geodesic up to 80° of latitude. A ring
    around a pole is closed by way of the pole. What is invalid is repaired
    (``shapely.make_valid``); heights are left aside. None where nothing is left.
    """
    if geometry is None or shapely.is_empty(geometry):
        return None
    whole = shapely.union_all([_ground_polygon(part) for part in _polygons(_valid(geometry))])
    return None if shapely.is_empty(whole) else whole


def copies(geometry) -> list:
    """The area, and the area 360° further west where it reaches 180°: so points are found."""
    shapes = [geometry]
    if shapely.bounds(geometry)[2] >= 180.0:
        shapes.append(shapely.transform(geometry, lambda points: points - [360.0, 0.0]))
    return shapes


def within_180(lon: np.ndarray) -> np.ndarray:
    """Longitudes in [-180, 180); those that are there already are unchanged."""
    lon = np.asarray(lon, dtype=float)
    inside = (lon >= -180.0) & (lon < 180.0)
    return np.where(inside, lon, np.mod(lon + 180.0, 360.0) - 180.0)


def _valid(geometry):
    """The geometry, repaired where it is invalid as drawn and no edge of it crosses ±180°."""
    flat = shapely.force_2d(geometry)
    points = shapely.get_coordinates(flat)
    if not np.isfinite(points).all():
        return shapely.Polygon()
    return flat if shapely.is_valid(flat) or _jumps(flat) else shapely.make_valid(flat)


def _jumps(geometry) -> bool:
    rings = shapely.get_rings(shapely.get_parts(geometry))
    return any(np.abs(np.diff(shapely.get_coordinates(ring)[:, 0])).max() > 180.0 for ring in rings)


def _polygons(geometry) -> list:
    parts = shapely.get_parts(geometry)
    nested = [_polygons(part) for part in parts if part.geom_type.startswith("Multi")]
    return [part for part in parts if part.geom_type == "Polygon"] + sum(nested, [])


def _ground_polygon(polygon):
    shell = _ring(shapely.get_coordinates(polygon.exterior))
    shell[:, 0] += within_180(shell[:, 0].min()) - shell[:, 0].min()
    holes = []
    for interior in polygon.interiors:
        hole = _ring(shapely.get_coordinates(interior))
        west = hole[:, 0].min()
        hole[:, 0] += np.ceil((shell[:, 0].min() - west) / 360.0 - 1e-12) * 360.0
        holes.append(hole)
    made = shapely.Polygon(shell, holes)
    return made if shapely.is_valid(made) else shapely.make_valid(made)


def _ring(points: np.ndarray) -> np.ndarray:
    """A closed ring unwrapped and with geodesic edges: (n, 2) degrees."""
    steps = np.diff(points[:, 0])
    around = np.abs(np.abs(steps) - 360.0) < 1e-9
    turns = np.where(around, 0.0, np.round(steps / 360.0))
    lon = points[:, 0] - 360.0 * np.concatenate([[0.0], np.cumsum(turns)])
    unwrapped = _bent(np.column_stack([lon, points[:, 1]]), around)
    turn = lon[-1] - lon[0]
    if abs(turn) < 180.0:
        unwrapped[-1] = unwrapped[0]
        return unwrapped
    pole = np.copysign(90.0, points[:, 1].mean())
    closing = [[lon[-1], pole], [lon[0], pole], unwrapped[0]]
    return np.concatenate([unwrapped, closing])


def _bent(points: np.ndarray, straight: np.ndarray) -> np.ndarray:
    """The vertices with those between that long edges need; ``straight`` edges need none."""
    start, end = points[:-1], points[1:]
    azimuth, _, length = between(start[:, 0], start[:, 1], end[:, 0], end[:, 1])
    bends = ~straight & (start[:, 0] != end[:, 0])
    pieces = np.where(bends, np.ceil(length / LONGEST_EDGE_M), 1.0).astype(np.int64)
    pieces = np.maximum(pieces, 1)
    edge = np.repeat(np.arange(len(pieces)), pieces)
    step = np.arange(len(edge)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    result = start[edge].copy()
    inner = np.flatnonzero(step)
    if len(inner):
        chosen = edge[inner]
        away = length[chosen] * step[inner] / pieces[chosen]
        lon, lat = forward(start[chosen, 0], start[chosen, 1], azimuth[chosen], away)
        # The geodesic's longitude, on the same turn as the edge it belongs to.
        turned = np.round((start[chosen, 0] - lon) / 360.0) * 360.0
        result[inner] = np.column_stack([lon + turned, lat])
    return np.concatenate([result, points[-1:]])
