"""Zones and areas of control: which held at a place and a moment."""

from __future__ import annotations

import dataclasses
from typing import Optional

import numpy as np
import shapely

MICROSECONDS = "datetime64[us]"


@dataclasses.dataclass
class AreaColumns:
    """Areas with a name and dates, one array a field.

    ``geometry``: shapely polygons, EPSG:4326. ``name``: object array of text (a zone's name, or
    who holds the area). ``valid_from`` inclusive, ``valid_to`` exclusive: ``datetime64[us]`` UTC,
    NaT for an open end.
    """

    geometry: np.ndarray
    name: np.ndarray
    valid_from: Optional[np.ndarray] = None
    valid_to: Optional[np.ndarray] = None

    def __post_init__(self):
        count = len(self.geometry)
        self.geometry = np.asarray(self.geometry, dtype=object)
        self.name = np.asarray(self.name, dtype=object)
        for field in ("valid_from", "valid_to"):
            given = getattr(self, field)
            empty = np.full(count, "NaT", dtype=MICROSECONDS)
            setattr(self, field, empty if given is None else np.asarray(given, MICROSECONDS))


def names_at(areas: AreaColumns, lon, lat, when) -> np.ndarray:
    """The names of the areas that hold each point then, joined by "; "; None where there is none.

    ``lon``, ``lat``: degrees; ``when``: ``datetime64[us]`` UTC. Where the moment is NaT only areas
    that are open at both ends count.
    """
    lon, lat = np.asarray(lon, float), np.asarray(lat, float)
    result = np.full(len(lon), None, dtype=object)
    located = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
    if len(located) == 0 or len(areas.geometry) == 0:
        return result
    usable = _usable(areas.geometry)
    shapely.prepare(usable)
    points = shapely.points(lon[located], lat[located])
    point, area = shapely.STRtree(usable).query(points, predicate="intersects")
    moments = np.asarray(when, MICROSECONDS)[located][point]
    start, end = areas.valid_from[area], areas.valid_to[area]
    holds = (np.isnat(start) | (start <= moments)) & (np.isnat(end) | (moments < end))
    for index, name in sorted(
        {
            (int(located[one]), str(areas.name[other]))
            for one, other in zip(point[holds], area[holds])
            if areas.name[other] not in (None, "")
        }
    ):
        result[index] = name if result[index] is None else f"{result[index]}; {name}"
    return result


def _usable(geometry: np.ndarray) -> np.ndarray:
    valid = shapely.force_2d(geometry)
    return np.where(shapely.is_valid(valid), valid, shapely.make_valid(valid))
