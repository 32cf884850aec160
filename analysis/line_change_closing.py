"""How the open ends of an old and a new line are joined, so that what lies between has an area."""

from __future__ import annotations

import numpy as np

from .geodesy import WGS84
from .line_change_barriers import Barriers, End
from .nearest import nearest

SAME_M = 1e-3
# The nearest place of a geodesic is off its drawn chords by less; a way goes that far beyond it.
BEYOND_M = 0.05


def connections(old: Barriers, new: Barriers, tolerance_m: float) -> list[np.ndarray]:
    """Straight (geodesic) connections between open ends: arrays (2, 2) of degrees.

    Ends of lines between the same sides are joined pair by pair, start with start and end with
    end, the nearest first. Where one end lies on the other date's line within the tolerance, it is
    joined to that place: what the other line has beyond it is not compared. An end without a
    partner is joined to the nearest place of the other date's line between the same sides, and
    where there is none to the nearest ends of lines that share a side with it.
    """
    joined: list[np.ndarray] = []
    pairs, lone = _pairs(old.ends, new.ends)
    for one, other, apart in pairs:
        if apart <= SAME_M:
            # However close: only ends that are exactly the same close what lies between.
            if tuple(one.lonlat) != tuple(other.lonlat):
                joined.append(np.array([one.lonlat, other.lonlat]))
            continue
        feet = [_foot(one, new), _foot(other, old)]
        on_it = [foot for foot in feet if foot is not None and foot[1] <= tolerance_m]
        if apart > tolerance_m and on_it:
            joined += [path for foot in on_it for path in _ways(*foot)]
        else:
            joined.append(np.array([one.lonlat, other.lonlat]))
    for ends, there in ((lone[0], new), (lone[1], old)):
        for end in ends:
            foot = _foot(end, there)
            if foot is None:
                joined += _to_other_fronts(end, there.ends)
            else:
                joined += _ways(*foot)
    return joined


def _to_other_fronts(end: End, others: list[End]) -> list[np.ndarray]:
    """From an end of a line that the other date does not have to those that took its place.

    Those are the nearest end of each line that has one of its sides too: where two forward lines
    become one line, both of their ends are joined to its end.
    """
    nearest_of: dict[frozenset, tuple] = {}
    for other in others:
        if not end.key & other.key:
            continue
        apart = float(WGS84.inv(*end.lonlat, *other.lonlat)[2])
        told = (apart, other.lonlat[0], other.lonlat[1])
        nearest_of[other.key] = min(nearest_of.get(other.key, told), told)
    return [
        np.array([end.lonlat, [lon, lat]])
        for apart, lon, lat in nearest_of.values()
        if apart > SAME_M
    ]


def _pairs(old: list[End], new: list[End]):
    """Pairs ``(old end, new end, metres apart)``, the nearest first, and the ends left over."""
    possible = []
    for i, one in enumerate(old):
        for j, other in enumerate(new):
            if one.key == other.key and one.begins == other.begins:
                apart = float(WGS84.inv(*one.lonlat, *other.lonlat)[2])
                possible.append((apart, i, j))
    used_old, used_new, pairs = set(), set(), []
    for apart, i, j in sorted(possible):
        if i in used_old or j in used_new:
            continue
        used_old.add(i)
        used_new.add(j)
        pairs.append((old[i], new[j], apart))
    lone = (
        [end for i, end in enumerate(old) if i not in used_old],
        [end for j, end in enumerate(new) if j not in used_new],
    )
    return pairs, lone


def _ways(path: np.ndarray, length_m: float) -> list[np.ndarray]:
    """From an end (the first of ``path``) to a line and a little beyond, so that both do cross.

    What is beyond encloses nothing. An end on the line itself has no direction to go in: ways in
    four directions, of which one crosses the line, however it runs.
    """
    (lon, lat), foot = path
    towards = [0.0, 90.0, 180.0, 270.0]
    if length_m > SAME_M:
        towards = [WGS84.inv(lon, lat, *foot)[0]]
    reach = length_m + BEYOND_M
    return [np.array([[lon, lat], WGS84.fwd(lon, lat, one, reach)[:2]]) for one in towards]


def _foot(end: End, barriers: Barriers):
    """The way from an end to the nearest place of the other date's line, and its length."""
    rows = [
        row
        for row in range(len(barriers.line))
        if frozenset((barriers.left[row], barriers.right[row])) == end.key
    ]
    if not rows:
        return None
    found = nearest(barriers.prepared, [end.lonlat[0]], [end.lonlat[1]], rows)
    foot = np.array([found.foot_lon[0], found.foot_lat[0]])
    return np.array([end.lonlat, foot]), float(found.distance_m[0])
