"""How likely it is that an incident truly was within a distance of the line."""

from __future__ import annotations

from typing import Optional

import numpy as np

from .contact_line import PreparedLines
from .incident_columns import IncidentColumns
from .line_parts import EARTH_M, unit_vectors
from .probability_area import area_bounds
from .probability_feet import by_the_tail, near_by_feet
from .probability_field import Field
from .probability_grid import means
from .probability_places import different_areas, mean_over_areas
from .probability_spreads import Form, Unsure, patches_of
from .probability_worth import LINE_TAIL, NearWorth, moves_m
from .spread import HOLDS_95

FAR_TAIL = 3.8
"""Beyond so many standard deviations a normally spread place is left out (7 in 10,000)."""
AT_A_TIME = 100_000
MOST_BLOCKS = 200_000
"""So many blocks (1 KB each) are kept beside lines at most, for all questions together."""


def probability_near(
    lines: PreparedLines,
    among: tuple[int, ...],
    incidents: IncidentColumns,
    rows: np.ndarray,
    bare_m: np.ndarray,
    distance_m: float,
    feet=None,
) -> np.ndarray:
    """P(true distance ≤ ``distance_m``) from the nearest of the lines ``among``, for ``rows``.

    ``bare_m`` are the distances of the bare points from those lines, and ``feet`` (lon, lat; not
    needed, but it saves time) the places of the lines that are so far from them. The incident's
    place is spread as its kind says; each line moves as a whole across its direction, normally,
    95 % within its ``uncertainty_m``. Distance changes by at most the length of a move, so only
    incidents near enough to the limit are worked out, and those from a field of the chance at
    each place (``probability_field``) that all of them share: the same question always gets the
    same answer, whatever else is asked. Where they can be no other, it is exactly 0 or 1.
    """
    rows, bare_m = np.asarray(rows, dtype=np.int64), np.asarray(bare_m, dtype=float)
    if len(among) == 0:
        return np.zeros(len(rows))
    unsure = Unsure.of(incidents, rows)
    reach = reach_m(unsure) + float(moves_m(lines, among).max()) * LINE_TAIL
    result = np.where(bare_m + reach <= distance_m, 1.0, 0.0)
    open_question = (bare_m + reach > distance_m) & (bare_m - reach <= distance_m)
    open_question = np.flatnonzero(open_question)
    if len(open_question):
        asked = unsure.take(open_question)
        if feet is not None:
            feet = tuple(np.asarray(column)[open_question] for column in feet)
        bare_m = bare_m[open_question]
        result[open_question] = _asked(lines, among, asked, bare_m, distance_m, feet)
    return result


def _asked(lines, among, unsure: Unsure, bare_m, distance_m: float, feet) -> np.ndarray:
    """The chances of those that bounds leave open: each by the quickest way that tells it."""
    worth = NearWorth(lines, among, distance_m)
    result, told = np.empty(len(bare_m)), np.zeros(len(bare_m), dtype=bool)
    if len(worth.groups) == 1:
        ((members, move_m),) = worth.groups
        result, told = by_the_tail(move_m, unsure, bare_m, distance_m)
        rest = np.flatnonzero(~told)
        if feet is not None:
            feet = tuple(column[rest] for column in feet)
        result[rest], told[rest] = near_by_feet(
            lines, members, move_m, unsure.take(rest), distance_m, feet
        )
    rest = np.flatnonzero(~told)
    if len(rest):
        key = ("near", tuple(among), float(distance_m))
        result[rest] = expected(field_of(lines, key, lambda: worth), unsure.take(rest))
    return result


def expected(field: Field, unsure: Unsure) -> np.ndarray:
    """The mean of a field over where each of the incidents may have been."""
    count = len(unsure.rows)
    result = np.empty(count)
    for start in range(0, count, AT_A_TIME):
        part = np.arange(start, min(start + AT_A_TIME, count))
        result[part] = means(field, patches_of(field, unsure.take(part)), len(part))
    areas = np.flatnonzero(unsure.form == Form.AREA)
    if len(areas):
        result[areas] = mean_over_areas(field.worth.at, unsure.area(areas))
    return np.round(np.clip(result, 0.0, 1.0), 6)


def reach_m(unsure: Unsure) -> np.ndarray:
    """How far from its bare point each incident may have been at most (metres)."""
    radius = unsure.radius_m
    reach = np.where(unsure.form == Form.NORMAL, radius * FAR_TAIL / HOLDS_95, radius)
    sector = np.flatnonzero(unsure.form == Form.SECTOR)
    if len(sector):
        lon, lat, *_, nearest, farthest = unsure.sector(sector)
        reach[sector] = np.maximum(nearest, farthest) + _way(unsure, sector, lon, lat)
    area = np.flatnonzero(unsure.form == Form.AREA)
    if len(area):
        different, back = different_areas(unsure.area(area))
        circles = np.array([area_bounds(one) for one in different])[back]
        reach[area] = circles[:, 2] + _way(unsure, area, circles[:, 0], circles[:, 1])
    return reach


def _way(unsure: Unsure, chosen, lon, lat) -> np.ndarray:
    """At most so far (metres) from the bare points: the way on a sphere, a hundredth longer."""
    here = unit_vectors(np.column_stack([unsure.lon[chosen], unsure.lat[chosen]]))
    chord = np.linalg.norm(here - unit_vectors(np.column_stack([lon, lat])), axis=1)
    return 2.02 * EARTH_M * np.arcsin(np.minimum(chord / 2.0, 1.0))


def field_of(lines: PreparedLines, key, worth) -> Field:
    """The field kept beside ``lines`` under ``key``; ``worth()`` makes what it needs if new."""
    fields = vars(lines).setdefault("_fields", {})
    field: Optional[Field] = fields.get(key)
    if field is None:
        if sum(one.used for one in fields.values()) > MOST_BLOCKS:
            fields.clear()
        field = fields[key] = Field(worth())
    return field
