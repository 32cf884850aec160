"""The boundary of one party's area, told apart: theatre's edge, another party, or a gap."""

from __future__ import annotations

import dataclasses
from typing import Optional

import numpy as np
import shapely

EDGE = -1
GAP = -2
TOUCHING_M = 1.0
SHORTEST_STEP_M = 25.0
COMING_NEARER = 0.02


@dataclasses.dataclass
class Segments:
    """Line segments with a tree, and to whom each belongs."""

    tree: shapely.STRtree
    owner: np.ndarray

    @classmethod
    def of(cls, owned: list[tuple[int, object]]) -> Optional[Segments]:
        """The boundaries of areas, given as (owner, polygon); None where there is no boundary."""
        lines, owners = [], []
        for owner, area in owned:
            for ring in rings_of(area):
                pairs = np.stack([ring[:-1], ring[1:]], axis=1)
                lines.append(shapely.linestrings(pairs))
                owners.append(np.full(len(pairs), owner))
        if not lines:
            return None
        return cls(shapely.STRtree(np.concatenate(lines)), np.concatenate(owners))

    def nearest(self, points):
        """(owner, distance) of the nearest segment for each point."""
        (at, segment), distance = self.tree.query_nearest(
            points, return_distance=True, all_matches=False
        )
        owner, away = np.empty(len(points), dtype=np.int64), np.empty(len(points))
        owner[at], away[at] = self.owner[segment], distance
        return owner, away


@dataclasses.dataclass
class Run:
    """A stretch of a boundary, (n, 2) in the plane, the party's area on its left.

    ``other`` is the index of the party across, or GAP.
    """

    points: np.ndarray
    other: int


def rings_of(area) -> list[np.ndarray]:
    """The rings of an area as (n, 2) arrays, closed, with the area on their left."""
    rings = []
    for polygon in getattr(area, "geoms", [area]):
        if shapely.is_empty(polygon):
            continue
        shells = [polygon.exterior, *polygon.interiors]
        for index, ring in enumerate(shells):
            points = shapely.get_coordinates(ring)
            leftwards = shapely.is_ccw(ring) == (index == 0)
            rings.append(_from_the_west(points if leftwards else points[::-1]))
    return rings


def runs_of(area, theatre, edge: Segments, others: Optional[Segments], tolerance_m: float):
    """The runs of an area's boundary that are no edge of the theatre.

    A boundary outside the theatre, or within ``tolerance_m`` of its edge, is edge; but where a
    line comes to the edge it is kept until it comes no nearer. Elsewhere it faces the party whose
    boundary is within ``tolerance_m`` (the nearest), else a gap. All in metres of one plane.
    """
    runs = []
    for ring in rings_of(area):
        points, original = _with_steps(ring, max(tolerance_m / 2.0, SHORTEST_STEP_M))
        middles = shapely.points((points[:-1] + points[1:]) / 2.0)
        labels = np.full(len(middles), GAP)
        if others is not None:
            owner, away = others.nearest(middles)
            close = away <= max(tolerance_m, TOUCHING_M)
            labels[close] = owner[close]
        _, away = edge.nearest(middles)
        at_edge = (away <= max(tolerance_m, TOUCHING_M)) | ~shapely.contains_properly(
            theatre, middles
        )
        _, to_edge = edge.nearest(shapely.points(points))
        nearer = np.diff(to_edge) / np.hypot(*np.diff(points, axis=0).T)
        labels = _come_to_the_edge(labels, at_edge, nearer)
        runs += _split(points, original, labels)
    return runs


def _from_the_west(ring: np.ndarray) -> np.ndarray:
    """The ring, begun at its westernmost (then southernmost) vertex: the same at every date."""
    open_ring = ring[:-1]
    start = int(np.lexsort((open_ring[:, 1], open_ring[:, 0]))[0])
    turned = np.roll(open_ring, -start, axis=0)
    return np.vstack([turned, turned[:1]])


def _with_steps(ring: np.ndarray, step: float):
    """The ring with points between its vertices, at most ``step`` apart, and which are vertices."""
    length = np.hypot(*np.diff(ring, axis=0).T)
    count = np.maximum(1, np.ceil(length / step)).astype(np.int64)
    segment = np.repeat(np.arange(len(count)), count)
    part = np.arange(len(segment)) - np.repeat(np.cumsum(count) - count, count)
    share = (part / count[segment])[:, None]
    points = ring[segment] * (1.0 - share) + ring[segment + 1] * share
    return np.vstack([points, ring[-1:]]), np.append(part == 0, True)


def _come_to_the_edge(labels, at_edge, nearer) -> np.ndarray:
    """Labels with the edge put in, the ends of lines kept until they come no nearer to it.

    ``nearer`` is the change of the distance to the edge along each step, as a share of the step.
    """
    count = len(labels)
    result = np.where(at_edge, EDGE, labels)
    if at_edge.all() or not at_edge.any():
        return result
    for index in np.flatnonzero(at_edge & ~np.roll(at_edge, 1)):
        kept = result[index - 1]
        while result[index % count] == EDGE and nearer[index % count] < -COMING_NEARER:
            result[index % count] = kept
            index += 1
    for index in np.flatnonzero(at_edge & ~np.roll(at_edge, -1)):
        kept = result[(index + 1) % count]
        while result[index % count] == EDGE and nearer[index % count] > COMING_NEARER:
            result[index % count] = kept
            index -= 1
    return result


def _split(points: np.ndarray, original: np.ndarray, labels: np.ndarray) -> list[Run]:
    """Runs of equal label; a ring's last run goes on into its first."""
    changes = np.flatnonzero(labels != np.roll(labels, 1))
    if len(changes) == 0:
        return [] if labels[0] == EDGE else [Run(points[original], int(labels[0]))]
    runs = []
    for start, end in zip(changes, np.append(changes[1:], changes[0] + len(labels))):
        label = int(labels[start])
        if label == EDGE:
            continue
        places = np.arange(start, end + 1) % len(labels)
        kept = original[places].copy()
        kept[[0, -1]] = True
        runs.append(Run(points[places[kept]], label))
    return runs
