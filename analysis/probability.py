"""How likely it is that an incident truly was within a distance of the line."""

from __future__ import annotations

import numpy as np
import shapely

from .contact_line import PreparedLine, PreparedLines
from .geodesy import inverse
from .incident_columns import IncidentColumns
from .nearest import nearest
from .spread import (
    HOLDS_95,
    HOLDS_95_ONE,
    SHARES,
    disc_offsets,
    gauss_offsets,
    line_offsets,
    sector_places,
)

AT_A_TIME = 256
FAR_TAIL = 4.2


def probability_near(
    lines: PreparedLines,
    among: tuple[int, ...],
    incidents: IncidentColumns,
    rows: np.ndarray,
    bare_m: np.ndarray,
    distance_m: float,
) -> np.ndarray:
    """P(true distance ≤ ``distance_m``) from the nearest of the lines ``among``, for ``rows``.

    ``bare_m`` are the distances of the bare points from those lines. The incident's place is
    spread as its kind says; each line moves as a whole across its direction, normally, 95 %
    within its ``uncertainty_m``. Distance changes by at most the length of a move, so only
    incidents near enough to the limit are worked out: over 1,024 evenly spread places, the same
    each time. Where they can be no other, the answer is exactly 0 or 1.
    """
    moved = _widest_move(lines, among)
    reach = _reach(incidents, rows) + moved
    result = np.where(bare_m + reach <= distance_m, 1.0, 0.0)
    open_question = np.flatnonzero((bare_m + reach > distance_m) & (bare_m - reach <= distance_m))
    if len(open_question) == 0:
        return result
    cases, back = _different_cases(incidents, rows[open_question])
    answers = np.empty(len(cases))
    for start in range(0, len(cases), AT_A_TIME):
        part = slice(start, start + AT_A_TIME)
        answers[part] = _shares_near(lines, among, incidents, cases[part], distance_m)
    result[open_question] = answers[back]
    return result


def _widest_move(lines: PreparedLines, among) -> float:
    known = np.nan_to_num(lines.columns.uncertainty_m[list(among)], nan=0.0)
    return float(known.max()) * FAR_TAIL / HOLDS_95_ONE


def _reach(incidents: IncidentColumns, rows: np.ndarray) -> np.ndarray:
    """How far from its bare point an incident may have been at most (metres)."""
    radius = incidents.uncertainty_m[rows]
    round_kind = np.isin(incidents.uncertainty_kind[rows], ("disc", "area"))
    reach = np.where(round_kind, radius, radius * FAR_TAIL / HOLDS_95)
    sector = np.flatnonzero(incidents.has_sector()[rows])
    if len(sector):
        chosen = rows[sector]
        _, away = inverse(
            incidents.lon[chosen],
            incidents.lat[chosen],
            incidents.observer_lon[chosen],
            incidents.observer_lat[chosen],
        )
        farthest = np.maximum(incidents.range_max_m[chosen], incidents.range_min_m[chosen])
        reach[sector] = away + farthest
    return reach


def _different_cases(incidents: IncidentColumns, rows: np.ndarray):
    """Rows that stand for all that are alike, and where each row finds its answer."""
    kinds = np.unique(incidents.uncertainty_kind[rows].astype(str), return_inverse=True)[1]
    names = ("lon", "lat", "uncertainty_m", "observer_lon", "observer_lat", "bearing_deg")
    names += ("bearing_halfwidth_deg", "range_min_m", "range_max_m")
    columns = [np.nan_to_num(getattr(incidents, name)[rows], nan=-1e9) for name in names]
    table = np.column_stack([*columns, kinds.ravel()])
    _, first, back = np.unique(table, axis=0, return_index=True, return_inverse=True)
    return rows[first], back.ravel()


def _shares_near(lines, among, incidents, rows, distance_m) -> np.ndarray:
    near = np.zeros((len(rows), SHARES), dtype=bool)
    for number, index in enumerate(among):
        line = lines.lines[index]
        x, y = _places_in_plane(line, incidents, rows)
        limit = distance_m * _plane_per_metre(lines, index, incidents, rows)
        uncertainty = lines.columns.uncertainty_m[index]
        near |= _within(line, x, y, limit, uncertainty, number, distance_m)
    return near.mean(axis=1)


def _within(line, x, y, limit, uncertainty, number, distance_m) -> np.ndarray:
    """Which places (n, SHARES) are within the limit (n) of the line, moved by its uncertainty."""
    points = shapely.points(x, y)
    whole = line.plane.whole()
    moves = line_offsets(number) * (0.0 if np.isnan(uncertainty) else uncertainty)
    farthest = limit[:, None] + moves
    near = shapely.dwithin(whole, points, np.maximum(farthest, 0.0)) & (farthest >= 0.0)
    passed = moves - distance_m
    if (passed > 0.0).any():
        nearest_allowed = np.broadcast_to(passed, near.shape)
        overshot = nearest_allowed > 0.0
        near[overshot] &= ~shapely.dwithin(whole, points[overshot], nearest_allowed[overshot])
    return near


def _places_in_plane(line: PreparedLine, incidents: IncidentColumns, rows: np.ndarray):
    """Where the incidents may have been, as (n, SHARES) coordinates of the line's plane."""
    x, y = line.plane.drawn(incidents.lon[rows], incidents.lat[rows])
    kinds = incidents.uncertainty_kind[rows]
    radius = np.nan_to_num(incidents.uncertainty_m[rows], nan=0.0)
    even = np.isin(kinds, ("disc", "area"))[:, None, None]
    offsets = np.where(even, disc_offsets(), gauss_offsets()) * radius[:, None, None]
    x, y = x[:, None] + offsets[:, :, 0], y[:, None] + offsets[:, :, 1]
    sector = np.flatnonzero(incidents.has_sector()[rows])
    if len(sector):
        chosen = rows[sector]
        names = ("observer_lon", "observer_lat", "bearing_deg", "bearing_halfwidth_deg")
        names += ("range_min_m", "range_max_m")
        lon, lat = sector_places(*(getattr(incidents, name)[chosen] for name in names))
        drawn = line.plane.drawn(lon.ravel(), lat.ravel())
        x[sector], y[sector] = (column.reshape(lon.shape) for column in drawn)
    return x, y


def _plane_per_metre(lines: PreparedLines, index: int, incidents, rows) -> np.ndarray:
    """How long the plane draws a true metre between each incident and this line."""
    line = lines.lines[index]
    lon, lat = incidents.lon[rows], incidents.lat[rows]
    true = nearest(lines, lon, lat, [index]).distance_m
    drawn = line.plane.planar_distance(*line.plane.drawn(lon, lat))
    ratio = np.divide(drawn, true, out=np.ones(len(rows)), where=true > 100.0)
    return np.clip(ratio, 0.5, 2.0)
