"""Zones and areas of control: which held at a place and a moment."""

from __future__ import annotations

import dataclasses
from typing import Optional

import numpy as np
import shapely

from .area_shapes import copies, on_the_ground, within_180

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


class PreparedAreas:
    """Areas made ready once, for any number of points. Edges are geodesics."""

    def __init__(self, areas: AreaColumns):
        self.areas = areas
        shapes, owners = [], []
        for owner, geometry in enumerate(areas.geometry):
            ground = on_the_ground(geometry)
            for shape in [] if ground is None else copies(ground):
                shapes.append(shape)
                owners.append(owner)
        self.shapes = np.empty(len(shapes), dtype=object)
        self.shapes[:] = shapes
        self.owners = np.array(owners, dtype=np.int64)
        shapely.prepare(self.shapes)
        self.tree = shapely.STRtree(self.shapes)
        texts = [None if name in (None, "") else str(name) for name in areas.name]
        self.names = sorted({name for name in texts if name is not None})
        code = {name: index for index, name in enumerate(self.names)}
        self.codes = np.array([code.get(name, -1) for name in texts], dtype=np.int64)
        self._lists: dict[tuple, str] = {}

    def names_at(self, lon, lat, when) -> np.ndarray:
        """The names of the areas that hold each point then; see ``names_at``."""
        lon, lat = np.asarray(lon, float), np.asarray(lat, float)
        result = np.full(len(lon), None, dtype=object)
        if len(self.names) == 0:
            return result
        point, owner = self.pairs(lon, lat)
        moments = np.asarray(when, MICROSECONDS)[point]
        start, end = self.areas.valid_from[owner], self.areas.valid_to[owner]
        holds = (np.isnat(start) | (start <= moments)) & (np.isnat(end) | (moments < end))
        holds &= self.codes[owner] >= 0
        many = len(self.names)
        told = np.unique(point[holds] * many + self.codes[owner[holds]])
        point, code = told // many, told % many
        starts = np.flatnonzero(np.diff(point, prepend=-1))
        counts = np.diff(np.append(starts, len(point)))
        names = np.array(self.names, dtype=object)
        alone = starts[counts == 1]
        result[point[alone]] = names[code[alone]]
        several = counts > 1
        for begin, count in zip(starts[several].tolist(), counts[several].tolist()):
            result[point[begin]] = self._listed(tuple(code[begin : begin + count].tolist()))
        return result

    def pairs(self, lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Which point (row) lies in which area (row), borders included; no pair twice."""
        located = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
        x, y = within_180(lon[located]), lat[located]
        if len(located) == 0 or len(self.shapes) == 0:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
        # The tree finds by bounds alone: asked for a predicate, it would prepare each point and
        # not the areas.
        point, shape = self.tree.query(shapely.points(x, y))
        order = np.argsort(shape, kind="stable")
        point, shape = point[order], shape[order]
        inside = np.zeros(len(point), dtype=bool)
        starts = np.flatnonzero(np.diff(shape, prepend=-1))
        for begin, stop in zip(starts, np.append(starts[1:], len(shape))):
            rows = point[begin:stop]
            inside[begin:stop] = shapely.intersects_xy(self.shapes[shape[begin]], x[rows], y[rows])
        found = np.column_stack([located[point[inside]], self.owners[shape[inside]]])
        found = np.unique(found.reshape(-1, 2), axis=0)
        return found[:, 0], found[:, 1]

    def _listed(self, codes: tuple) -> str:
        if codes not in self._lists:
            self._lists[codes] = "; ".join(self.names[code] for code in codes)
        return self._lists[codes]


def names_at(areas: AreaColumns, lon, lat, when) -> np.ndarray:
    """The names of the areas that hold each point then, joined by "; "; None where there is none.

    ``lon``, ``lat``: degrees; ``when``: ``datetime64[us]`` UTC. Where the moment is NaT only areas
    that are open at both ends count. Borders belong to the areas.
    """
    return PreparedAreas(areas).names_at(lon, lat, when)
