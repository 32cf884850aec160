"""The faces into which the lines of two dates part the land, and who was on each on each date."""

from __future__ import annotations

import dataclasses

import numpy as np
import shapely

from .conformal_plane import ConformalPlane
from .line_change_barriers import Barriers
from .nearest import Side, nearest

ON_M = 0.02
UNKNOWN = -1


@dataclasses.dataclass
class Borne:
    """Which barrier of one date each edge lies on.

    ``row`` is -1 where on none; ``forward`` whether the barrier runs from the edge's first end to
    its second; ``chainage_m`` that of the edge's two ends, by the row.
    """

    row: np.ndarray
    forward: np.ndarray
    chainage_m: np.ndarray


@dataclasses.dataclass
class Faces:
    """Faces (polygons of the plane), and their edges.

    ``edges`` (m, 4) are x, y of both ends, each edge once; ``face`` and ``edge`` (k) say which
    face uses which edge, with its inside on the left where ``along`` is true.
    """

    polygons: np.ndarray
    edges: np.ndarray
    face: np.ndarray
    edge: np.ndarray
    along: np.ndarray

    def lengths(self) -> np.ndarray:
        """The edges' lengths in the plane."""
        return np.hypot(self.edges[:, 2] - self.edges[:, 0], self.edges[:, 3] - self.edges[:, 1])

    def neighbours(self) -> np.ndarray:
        """Edges that two faces share: (n, 3) of edge, face, face."""
        order = np.argsort(self.edge, kind="stable")
        edge, face = self.edge[order], self.face[order]
        twice = np.flatnonzero(edge[:-1] == edge[1:])
        return np.column_stack([edge[twice], face[twice], face[twice + 1]])


def faces_between(paths: list[np.ndarray]) -> Faces:
    """The bounded faces between paths (n, 2) of the plane, in whatever order the paths come."""
    pairs = np.vstack([np.hstack([path[:-1], path[1:]]) for path in paths])
    segments = np.unique(_canonical(pairs)[0], axis=0)
    segments = segments[(segments[:, :2] != segments[:, 2:]).any(axis=1)]
    noded = shapely.union_all(shapely.linestrings(segments.reshape(-1, 2, 2)))
    polygons = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    polygons = np.array([shapely.geometry.polygon.orient(one) for one in polygons], dtype=object)
    if len(polygons) == 0:
        none = np.empty(0, dtype=np.int64)
        return Faces(polygons, np.empty((0, 4)), none, none, none.astype(bool))
    rings, owner = shapely.get_rings(polygons, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    inside = ring[:-1] == ring[1:]
    uses = np.hstack([xy[:-1], xy[1:]])[inside]
    keys, along = _canonical(uses)
    edges, edge = np.unique(keys, axis=0, return_inverse=True)
    return Faces(polygons, edges, owner[ring[:-1][inside]], edge.ravel(), along)


def _canonical(pairs: np.ndarray):
    """Segments (n, 4) with their lesser end first, and whether they were so already."""
    one, other = pairs[:, :2], pairs[:, 2:]
    less = (one[:, 0] < other[:, 0]) | ((one[:, 0] == other[:, 0]) & (one[:, 1] <= other[:, 1]))
    return np.where(less[:, None], pairs, np.hstack([other, one])), less


def borne_by(faces: Faces, barriers: Barriers, plane: ConformalPlane) -> Borne:
    """On which barrier each edge lies, by the kernel's distance and chainage."""
    count = len(faces.edges)
    none = np.full(count, UNKNOWN)
    if barriers.prepared is None or count == 0:
        return Borne(none, np.zeros(count, bool), np.full((count, 2), np.nan))
    one, other = faces.edges[:, :2], faces.edges[:, 2:]
    found = [
        nearest(barriers.prepared, *plane.degrees(one + share * (other - one)).T)
        for share in (1.0 / 3.0, 2.0 / 3.0)
    ]
    step = found[1].chainage_m - found[0].chainage_m
    on = (found[0].distance_m <= ON_M) & (found[1].distance_m <= ON_M)
    on &= (found[0].line == found[1].line) & (step != 0.0)
    row = np.where(on, found[0].line, UNKNOWN)
    ends = np.column_stack([found[0].chainage_m - step, found[1].chainage_m + step])
    return Borne(row, step > 0.0, ends)


def holders(faces: Faces, borne: Borne, barriers: Barriers, names: list[str]) -> np.ndarray:
    """Who is on each face by one date's barriers: indices in ``names``, -1 where not known.

    A barrier on a face's rim says who is on its side of it; where rims disagree, the longer part
    of the rim counts. What no barrier borders has its neighbours' holder.
    """
    number = {name: index for index, name in enumerate(names)}
    left = np.array([number[name] for name in barriers.left], dtype=np.int64)
    right = np.array([number[name] for name in barriers.right], dtype=np.int64)
    votes = np.zeros((len(faces.polygons), len(names)))
    used = np.flatnonzero(borne.row[faces.edge] >= 0)
    edge = faces.edge[used]
    on_left = borne.forward[edge] == faces.along[used]
    row = borne.row[edge]
    who = np.where(on_left, left[row], right[row]) if len(used) else np.empty(0, np.int64)
    np.add.at(votes, (faces.face[used], who), faces.lengths()[edge])
    held = np.where(votes.max(axis=1, initial=0.0) > 0.0, votes.argmax(axis=1), UNKNOWN)
    return _spread(faces, borne, held)


def _spread(faces: Faces, borne: Borne, held: np.ndarray) -> np.ndarray:
    """Give faces without a holder that of a neighbour from which no barrier parts them."""
    shared = faces.neighbours()
    shared = shared[borne.row[shared[:, 0]] < 0]
    while True:
        one, other = held[shared[:, 1]], held[shared[:, 2]]
        to_one, to_other = (one < 0) & (other >= 0), (other < 0) & (one >= 0)
        if not (to_one.any() or to_other.any()):
            return held
        held[shared[to_one, 1]] = other[to_one]
        held[shared[to_other, 2]] = one[to_other]


def fill_alone(faces, held, known, borne_known, barriers, barriers_known, plane, names) -> None:
    """Give ``held`` to faces that only the other date's lines border: a pocket that came or went.

    It is the side of the nearest line of this date; beyond that line's end, whoever stands on the
    other side of the pocket's own rim.
    """
    alone = np.flatnonzero((held < 0) & (known >= 0))
    if len(alone) == 0:
        return
    across = _across(faces, borne_known, barriers_known, known, names)
    held[alone] = across[alone]
    if barriers.prepared is None:
        return
    inner = shapely.get_coordinates(shapely.point_on_surface(faces.polygons[alone]))
    found = nearest(barriers.prepared, *plane.degrees(inner).T)
    number = {name: index for index, name in enumerate(names)}
    for face, row, side in zip(alone, found.line, found.side):
        if side in (Side.LEFT, Side.RIGHT):
            sides = barriers.left if side == Side.LEFT else barriers.right
            held[face] = number[sides[row]]


def _across(faces, borne, barriers, known, names) -> np.ndarray:
    """Who stands on the other side of each face's rim, by the date on which it has one."""
    number = {name: index for index, name in enumerate(names)}
    result = np.full(len(faces.polygons), UNKNOWN)
    for face, edge in zip(faces.face, faces.edge):
        row = borne.row[edge]
        if row < 0 or known[face] < 0:
            continue
        sides = {number[barriers.left[row]], number[barriers.right[row]]} - {known[face]}
        result[face] = min(sides) if sides else known[face]
    return result
