"""The place deepest within a polygon, in bounded time whatever the polygon's shape."""

from __future__ import annotations

from typing import Optional

import numpy as np
import shapely

AT_FIRST = 24
MOST_KEPT = 400
MOST_ROUNDS = 40


def deepest_place(polygon, tolerance: float) -> Optional[np.ndarray]:
    """The place (x, y) inside a polygon farthest from its rim; None where it is a mere line.

    Its depth is the greatest but for ``tolerance`` (the plane's unit). Cells that may hold a deeper
    place are split in four (as in Mapbox' polylabel), but never more than ``MOST_KEPT`` at a time:
    for slivers along which thousands of places are equally deep, any of them will do.
    """
    west, south, east, north = shapely.bounds(polygon)
    # A disc within the polygon is no larger than the polygon, nor than its bounds.
    widest = min(np.sqrt(shapely.area(polygon) / np.pi), (east - west) / 2, (north - south) / 2)
    if not widest > tolerance:
        return None
    rim = shapely.boundary(polygon)
    shapely.prepare(polygon)
    half = np.array([east - west, north - south]) / (2 * AT_FIRST)
    steps = 2 * np.arange(AT_FIRST) + 1
    x, y = np.meshgrid(west + half[0] * steps, south + half[1] * steps)
    cells = np.column_stack([x.ravel(), y.ravel()])
    best = shapely.get_coordinates(shapely.point_on_surface(polygon))[0]
    depth = float(_depths(polygon, rim, best[None])[0])
    for _ in range(MOST_ROUNDS):
        depths = _depths(polygon, rim, cells)
        deepest = int(np.argmax(depths))
        if depths[deepest] > depth:
            best, depth = cells[deepest], float(depths[deepest])
        bounds = depths + np.hypot(*half)
        order = np.argsort(-bounds, kind="stable")[:MOST_KEPT]
        order = order[bounds[order] > depth + tolerance]
        if len(order) == 0:
            break
        half = half / 2
        shifts = half * np.array([(-1, -1), (-1, 1), (1, -1), (1, 1)])
        cells = (cells[order][:, None] + shifts).reshape(-1, 2)
    return best


def _depths(polygon, rim, places: np.ndarray) -> np.ndarray:
    """How far places are from the rim: below 0 outside."""
    points = shapely.points(places)
    return np.where(shapely.contains(polygon, points), 1.0, -1.0) * shapely.distance(rim, points)
