"""How likely it is that an incident truly was near one of many sites."""

from __future__ import annotations

import dataclasses

import numpy as np
import shapely

from .geodesy import inverse
from .incident_columns import IncidentColumns
from .rule_places import AT_A_TIME, areas_of, offsets_of, places_of, reach_m, sectors_of

METRES_PER_DEGREE = 110_000.0


@dataclasses.dataclass
class SitePoints:
    """Sites to be near to: degrees, dates (``datetime64[us]`` UTC, NaT for an open end), names."""

    lon: np.ndarray
    lat: np.ndarray
    name: np.ndarray
    kind: np.ndarray
    valid_from: np.ndarray
    valid_to: np.ndarray

    def __len__(self) -> int:
        return len(self.lon)

    def take(self, chosen) -> SitePoints:
        """The sites that an index array or mask chooses."""
        fields = dataclasses.fields(self)
        return SitePoints(*(getattr(self, field.name)[chosen] for field in fields))


def near_sites(sites: SitePoints, incidents: IncidentColumns, rows: np.ndarray, within_m):
    """P(within ``within_m`` of any site), the bare distance, and the nearest site's index.

    ``within_m``: metres, one number or one a site. ``(probability, distance_m, site)``; without
    sites the distance is NaN and the site -1. Sites count whose dates overlap the incident's span.
    """
    limit = np.broadcast_to(np.asarray(within_m, float), (len(sites),))
    distance = np.full(len(rows), np.nan)
    site = np.full(len(rows), -1, dtype=np.int64)
    chance = np.zeros(len(rows))
    if len(sites) == 0 or len(rows) == 0:
        return chance, distance, site
    reach = reach_m(incidents, rows)
    pairs = _pairs(sites, incidents, rows, reach + limit.max())
    row, other, azimuth, away = pairs
    order = np.lexsort((away - limit[other], row))
    first = order[np.concatenate([[True], np.diff(row[order]) > 0])] if len(order) else order
    distance[row[first]], site[row[first]] = away[first], other[first]
    chance[row[away <= limit[other]]] = 1.0
    # Only where the incident may have been on both sides of some site's limit is there a question.
    unsure = np.abs(away - limit[other]) < reach[row]
    certain = np.zeros(len(rows), dtype=bool)
    certain[row[(away <= limit[other]) & ~unsure]] = True
    asked = np.flatnonzero(unsure & ~certain[row])
    asked = asked[np.argsort(row[asked], kind="stable")]
    different, begins = np.unique(row[asked], return_index=True)
    ends = np.append(begins[1:], len(asked))
    for start in range(0, len(different), AT_A_TIME):
        part = slice(start, start + AT_A_TIME)
        places = _about(incidents, rows[different[part]])
        for index, about, low, high in zip(different[part], places, begins[part], ends[part]):
            mine = asked[low:high]
            chance[index] = _share_near(about, azimuth[mine], away[mine], limit[other[mine]])
    return chance, distance, site


def _share_near(about: np.ndarray, azimuth, away, limit) -> float:
    """The share of one incident's places (metres) that lie within the limits of sites."""
    east, north = away * np.sin(np.radians(azimuth)), away * np.cos(np.radians(azimuth))
    apart = np.hypot(about[:, :1] - east, about[:, 1:] - north)
    return float((apart <= limit).any(axis=1).mean())


def _about(incidents: IncidentColumns, rows: np.ndarray) -> np.ndarray:
    """Equally likely places as metres east and north of the bare points: (n, SHARES, 2)."""
    offsets = offsets_of(incidents, rows)
    other = np.flatnonzero(sectors_of(incidents, rows))
    other = np.union1d(other, areas_of(incidents, rows)).astype(int)
    if len(other):
        lon, lat = places_of(incidents, rows[other])
        here = incidents.lon[rows[other]][:, None], incidents.lat[rows[other]][:, None]
        azimuth, away = inverse(*(np.broadcast_to(each, lon.shape) for each in here), lon, lat)
        offsets[other, :, 0] = away * np.sin(np.radians(azimuth))
        offsets[other, :, 1] = away * np.cos(np.radians(azimuth))
    return offsets


def _pairs(sites: SitePoints, incidents, rows: np.ndarray, radius_m: np.ndarray):
    """All (row, site) within the radius, and each row's nearest site: rows, sites, azimuth, metres.

    Sites that were not there at the incident's time are left out.
    """
    lon, lat = incidents.lon[rows], incidents.lat[rows]
    tree = shapely.STRtree(shapely.points(sites.lon, sites.lat))
    squeeze = np.maximum(np.cos(np.radians(np.minimum(np.abs(lat) + 1.0, 89.0))), 0.02)
    high = radius_m / METRES_PER_DEGREE
    boxes = shapely.box(lon - high / squeeze, lat - high, lon + high / squeeze, lat + high)
    row, other = tree.query(boxes)
    nearest_row, nearest_other = _one_near(tree, sites, lon, lat)
    row, other = np.concatenate([row, nearest_row]), np.concatenate([other, nearest_other])
    there = _there_then(sites, incidents, rows)
    known = there(row, other)
    row, other = row[known], other[known]
    row, other = np.unique(np.column_stack([row, other]), axis=0).T if len(row) else (row, other)
    if len(row) == 0:
        return row, other, np.zeros(0), np.zeros(0)
    azimuth, away = inverse(lon[row], lat[row], sites.lon[other], sites.lat[other])
    return row, other, azimuth, away


def _one_near(tree, sites: SitePoints, lon, lat):
    """Every row with its nearest site, so that a distance can be told however far it is."""
    found = tree.query_nearest(shapely.points(lon, lat), all_matches=False)
    _, away = inverse(lon[found[0]], lat[found[0]], sites.lon[found[1]], sites.lat[found[1]])
    squeeze = np.maximum(np.cos(np.radians(np.minimum(np.abs(lat[found[0]]) + 1.0, 89.0))), 0.02)
    # The nearest by degrees is not always the nearest by metres: all within its distance are asked.
    high = np.minimum(away, 200_000.0) / METRES_PER_DEGREE
    x, y = lon[found[0]], lat[found[0]]
    row, other = tree.query(shapely.box(x - high / squeeze, y - high, x + high / squeeze, y + high))
    return np.concatenate([found[0], found[0][row]]), np.concatenate([found[1], other])


def _there_then(sites: SitePoints, incidents, rows):
    start = incidents.occurred_from[rows]
    end = np.where(np.isnat(incidents.occurred_to[rows]), start, incidents.occurred_to[rows])

    def there(row, other):
        opens, closes = sites.valid_from[other], sites.valid_to[other]
        begun = np.isnat(opens) | np.isnat(end[row]) | (opens <= np.maximum(end, start)[row])
        lasting = np.isnat(closes) | np.isnat(start[row]) | (closes > start[row])
        return begun & lasting

    return there
