"""The contact lines of one date: a front for each pair of parties."""

from __future__ import annotations

import dataclasses
from typing import Optional

import numpy as np
import shapely

from .control_areas import TheatrePlane
from .control_runs import EDGE, GAP, Run, Segments, runs_of
from .geodesy import WGS84
from .line_parts import order_parts

NOBODY = "no party"


@dataclasses.dataclass
class DaySettings:
    """What holds for every date; the theatre is in the plane, None for the areas' own outline."""

    theatre: Optional[object]
    plane: TheatrePlane
    tolerance_m: float
    min_length_m: float
    other_party: Optional[str]
    rest_is_other: bool

    @classmethod
    def of(cls, settings, theatre, plane: TheatrePlane) -> DaySettings:
        """From the settings of all lines."""
        return cls(
            theatre,
            plane,
            settings.tolerance_m,
            settings.min_length_m,
            settings.other_party or None,
            bool(settings.other_party),
        )


@dataclasses.dataclass
class DayLine:
    """One front's line on one date, ``geometry`` in degrees."""

    front: Optional[str]
    left: Optional[str]
    right: Optional[str]
    geometry: shapely.MultiLineString

    def key(self) -> tuple:
        """What makes it the same line on another date."""
        return (self.front, self.left, self.right)

    def name(self) -> Optional[str]:
        """The front's name; for one of two forward lines also whose it is."""
        if self.front is None or (self.left and self.right):
            return self.front
        return f"{self.front}, forward line of {self.left or self.right}"

    def same_as(self, other: DayLine, tolerance_deg: float) -> bool:
        """Whether both run through the same vertices in the same order."""
        return bool(shapely.equals_exact(self.geometry, other.geometry, tolerance_deg))


@dataclasses.dataclass
class Day:
    """The lines of one date, and how many metres of fragments were dropped."""

    lines: list[DayLine]
    dropped_m: float


def lines_of_day(held: dict[Optional[str], object], settings: DaySettings) -> Day:
    """The lines between the areas in ``held`` (party to polygon, in the plane)."""
    parties = list(held)
    areas = _without_overlaps([held[party] for party in parties], settings.tolerance_m)
    present = [area for area in areas if not shapely.is_empty(area)]
    if not present:
        return Day([], 0.0)
    theatre = settings.theatre
    if theatre is None:
        theatre = _outline(present, settings.tolerance_m)
    shapely.prepare(theatre)
    edge = Segments.of([(EDGE, theatre)])
    gaps = _Gaps(theatre, areas, settings.tolerance_m)
    stretches: dict[tuple, list[np.ndarray]] = {}
    for number, area in enumerate(areas):
        others = Segments.of(
            [(index, other) for index, other in enumerate(areas) if index != number]
        )
        for run in runs_of(area, theatre, edge, others, settings.tolerance_m):
            if run.other != GAP and run.other < number:
                continue
            key, points = _assign(run, number, parties, gaps, settings)
            stretches.setdefault(key, []).append(points)
    return _assemble(stretches, settings)


def _assign(run: Run, number: int, parties, gaps: _Gaps, settings: DaySettings):
    """The front and sides of a run, and its points so that the first in the alphabet is left."""
    party = parties[number]
    if run.other != GAP:
        left, right = party, parties[run.other]
        return ((_front(left, right), left, right), run.points)
    if settings.rest_is_other or party is None:
        other, facing = settings.other_party, settings.other_party
    else:
        across = gaps.across(run, number)
        other, facing = (NOBODY, None) if across is None else (parties[across], None)
    turned = party is not None and other not in (None, NOBODY) and other < party
    if turned:
        return ((_front(other, party), facing, party), run.points[::-1])
    return ((_front(party, other), party, facing), run.points)


def _front(one: Optional[str], other: Optional[str]) -> Optional[str]:
    if one is None and other is None:
        return None
    return " – ".join(name for name in (one, other) if name is not None)


class _Gaps:
    """The areas of the theatre that no party holds, and which parties stand around each."""

    def __init__(self, theatre, areas, tolerance_m: float):
        self.areas = areas
        free = shapely.difference(theatre, shapely.union_all(areas))
        parts = [part for part in getattr(free, "geoms", [free]) if part.geom_type == "Polygon"]
        self.parts = np.array(parts, dtype=object)
        self.reach = max(tolerance_m, 1.0)

    def across(self, run: Run, number: int) -> Optional[int]:
        """The party across the gap that a run faces: of those around it, the nearest to the run."""
        line = shapely.linestrings(run.points)
        if len(self.parts) == 0:
            return None
        shared = shapely.length(shapely.intersection(shapely.buffer(line, 1.0), self.parts))
        around = self.parts[int(np.argmax(shared))]
        found = [
            (float(shapely.distance(line, area)), index)
            for index, area in enumerate(self.areas)
            if index != number
            and not shapely.is_empty(area)
            and shapely.distance(around, area) <= self.reach
        ]
        return min(found)[1] if found else None


def _without_overlaps(areas: list, tolerance_m: float) -> list:
    """The areas less what two of them claim, where that is wider than the tolerance: contested."""
    claimed = []
    for index, area in enumerate(areas):
        for other in areas[index + 1 :]:
            both = shapely.intersection(area, other)
            for part in getattr(both, "geoms", [both]):
                if part.geom_type == "Polygon" and not shapely.is_empty(
                    shapely.buffer(part, -max(tolerance_m, 1.0) / 2.0)
                ):
                    claimed.append(part)
    if not claimed:
        return areas
    contested = shapely.union_all(claimed)
    return [shapely.difference(area, contested) for area in areas]


def _outline(areas: list, tolerance_m: float):
    """The outline of all areas together, slivers closed and holes filled."""
    half = max(tolerance_m, 1.0) / 2.0
    grown = shapely.buffer(shapely.union_all(areas), half, join_style="mitre")
    whole = shapely.buffer(grown, -half, join_style="mitre")
    parts = getattr(whole, "geoms", [whole])
    return shapely.union_all([shapely.Polygon(part.exterior) for part in parts])


def _assemble(stretches: dict[tuple, list[np.ndarray]], settings: DaySettings) -> Day:
    lines, dropped = [], 0.0
    for (front, left, right), runs in stretches.items():
        degrees = [settings.plane.degrees(points) for points in runs]
        degrees = [points[_moving(points)] for points in degrees]
        degrees = [points for points in degrees if len(points) > 1]
        degrees.sort(key=lambda points: (-_length(points), points[0].tolist()))
        kept = []
        for points in order_parts(degrees, may_turn=False).parts if degrees else []:
            if _length(points) < settings.min_length_m:
                dropped += _length(points)
                continue
            kept.append(points)
        if kept:
            lines.append(DayLine(front, left, right, shapely.MultiLineString(kept)))
    lines.sort(key=lambda line: tuple(str(name) for name in line.key()))
    return Day(lines, dropped)


def _moving(points: np.ndarray) -> np.ndarray:
    return np.concatenate([[True], (np.diff(points, axis=0) != 0.0).any(axis=1)])


def _length(points: np.ndarray) -> float:
    return float(WGS84.line_length(points[:, 0], points[:, 1]))
