"""A line cut into short geodesic pieces, for the search and for exact measuring."""

from __future__ import annotations

import dataclasses

import numpy as np

from .earth_centred import Horizon, earth_centred
from .geodesy import WGS84, between, forward
from .line_parts import TOUCH_M, OrderedParts, gap_m

PIECE_M = 5_000.0
BRIDGED_M = 1_000.0


@dataclasses.dataclass
class Pieces:
    """Short geodesics in the order of the line; each field is one column.

    Coordinates are degrees (EPSG:4326), lengths metres, azimuths degrees clockwise from north in
    the direction of travel: ``az_start`` leaves the piece's start, ``az_end`` arrives at its end,
    ``az_before`` arrives at the start from what comes before, ``az_after`` leaves the end for what
    follows; NaN where the line ends there. ``chainage`` is that of the start.
    """

    lon0: np.ndarray
    lat0: np.ndarray
    lon1: np.ndarray
    lat1: np.ndarray
    az_start: np.ndarray
    az_end: np.ndarray
    az_before: np.ndarray
    az_after: np.ndarray
    length: np.ndarray
    chainage: np.ndarray

    def __len__(self) -> int:
        return len(self.lon0)


def cut(ordered: OrderedParts) -> Pieces:
    """The pieces of a line, none longer than 5 km, with points on the geodesics between vertices.

    The chord of 5 km runs at most half a metre below the ground, and the length and azimuth of so
    short a geodesic are those of its chord to a tenth of a micrometre. A break of at most 1 km
    between two parts is bridged when directions are told, never when distances are measured.
    """
    columns = [_cut_part(points) for points in ordered.parts]
    starts = np.cumsum([0] + [len(column[0]) for column in columns])
    joined = [np.concatenate(values) for values in zip(*columns)]
    lon0, lat0, lon1, lat1, az_start, az_end, length = joined
    az_before = np.concatenate([[np.nan], az_end[:-1]])
    az_after = np.concatenate([az_start[1:], [np.nan]])
    for index, (first, last) in enumerate(zip(starts[:-1], starts[1:] - 1)):
        if ordered.closed[index]:
            az_before[first], az_after[last] = az_end[last], az_start[first]
            continue
        az_before[first] = np.nan
        az_after[last] = np.nan
    _bridge(ordered, starts, az_before, az_after, az_start, az_end)
    chainage = np.concatenate([[0.0], np.cumsum(length)[:-1]])
    return Pieces(lon0, lat0, lon1, lat1, az_start, az_end, az_before, az_after, length, chainage)


def _cut_part(points: np.ndarray):
    lon, lat = _with_more_points(points[:, 0].astype(float), points[:, 1].astype(float))
    places = earth_centred(lon, lat)
    starts, ends = Horizon(*(c[:-1] for c in places)), Horizon(*(c[1:] for c in places))
    step = tuple(np.diff(column) for column in places)
    chord = np.sqrt(step[0] ** 2 + step[1] ** 2 + step[2] ** 2)
    east, north = starts.east_north(*step)
    length = starts.arc(chord, north)
    az_start = np.degrees(np.arctan2(east, north))
    az_end = np.degrees(np.arctan2(*ends.east_north(*step)))
    return lon[:-1], lat[:-1], lon[1:], lat[1:], az_start, az_end, length


def _with_more_points(lon: np.ndarray, lat: np.ndarray):
    """The line with points put on its long edges, on the geodesic, not more than 5 km apart."""
    places = earth_centred(lon, lat)
    chord = np.sqrt(sum(np.diff(column) ** 2 for column in places))
    # The chord is at most as long as the geodesic: a thousandth less leaves no edge unseen.
    long = np.flatnonzero(chord > PIECE_M * 0.999)
    if len(long) == 0:
        return lon, lat
    azimuth, _, length = between(lon[long], lat[long], lon[long + 1], lat[long + 1])
    count = np.maximum(1, np.ceil(length / PIECE_M)).astype(np.int64) - 1
    edge = np.repeat(np.arange(len(long)), count)
    step = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count) + 1
    if len(edge) == 0:
        return lon, lat
    away = step * (length / (count + 1))[edge]
    more_lon, more_lat = forward(lon[long][edge], lat[long][edge], azimuth[edge], away)
    where = long[edge] + 1
    return np.insert(lon, where, more_lon), np.insert(lat, where, more_lat)


def _bridge(ordered, starts, az_before, az_after, az_start, az_end) -> None:
    """Let a short break between two consecutive open parts tell the direction of travel."""
    for index in range(len(ordered.parts) - 1):
        if ordered.closed[index] or ordered.closed[index + 1]:
            continue
        here, there = ordered.parts[index][-1], ordered.parts[index + 1][0]
        gap = gap_m(here, there)
        last, first = starts[index + 1] - 1, starts[index + 1]
        if gap > BRIDGED_M:
            continue
        if gap < TOUCH_M:
            az_after[last], az_before[first] = az_start[first], az_end[last]
            continue
        az_after[last], back, _ = WGS84.inv(here[0], here[1], there[0], there[1])
        az_before[first] = back + 180.0
