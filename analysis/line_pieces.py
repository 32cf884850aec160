"""A line cut into short geodesic pieces, for the search and for exact measuring."""

from __future__ import annotations

import dataclasses

import numpy as np

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

    A geodesic of 5 km drawn straight in the azimuthal equidistant plane of a point 100 km away is
    off by d·L²/12R², 5 mm. A break of at most 1 km between two parts is bridged when directions
    are told, never when distances are measured.
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
    lon, lat = points[:, 0], points[:, 1]
    azimuth, _, length = between(lon[:-1], lat[:-1], lon[1:], lat[1:])
    count = np.maximum(1, np.ceil(length / PIECE_M)).astype(np.int64)
    edge = np.repeat(np.arange(len(count)), count)
    step = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
    away = step * (length / count)[edge]
    lon0, lat0 = lon[edge].astype(float), lat[edge].astype(float)
    inner = step > 0
    if inner.any():
        edges = edge[inner]
        lon0[inner], lat0[inner] = forward(lon[edges], lat[edges], azimuth[edges], away[inner])
    lon1 = np.concatenate([lon0[1:], [lon[-1]]])
    lat1 = np.concatenate([lat0[1:], [lat[-1]]])
    az_start, back, piece = between(lon0, lat0, lon1, lat1)
    return lon0, lat0, lon1, lat1, az_start, np.asarray(back) + 180.0, piece


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
