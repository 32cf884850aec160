"""The land of each sector: what is nearer than a depth to the line, split by the nearest sector."""

from __future__ import annotations

import dataclasses
from typing import Callable, Optional, Sequence

import numpy as np
import shapely

from ..model.errors import Cancelled, CeasefireError
from .conformal_plane import ConformalPlane, area_in_degrees
from .contact_line import PreparedLines
from .line_course import Course
from .line_sectors import Sector

FINEST_M = 0.2
COARSEST_M = 250.0
FINENESS = 0.05
STRETCH_M = 50_000.0
LONGEST_EDGE_M = 1_000.0
DEEPEST_M = 200_000.0
QUARTER_CIRCLE = 64


def sector_areas(
    lines: PreparedLines,
    sectors: Sequence[Sector],
    depth_m: float,
    cancelled: Optional[Callable[[], bool]] = None,
) -> list[Sector]:
    """For each sector the land within ``depth_m`` of the line that is nearest to that sector.

    The areas have no overlaps and no gaps. Land beyond an open end belongs to the sector at that
    end. A place lies in the area of the sector that holds its nearest place's chainage, to some
    metres. Method: the Voronoi cells of points along the lines, closest together where two
    sectors are near each other, in a plane that keeps angles; the rim from geodesic distances.
    Raises CeasefireError where the depth cannot be used.
    """
    if not 0.0 < depth_m <= DEEPEST_M:
        raise CeasefireError(
            f"The depth must be more than 0 and at most {DEEPEST_M / 1000:g} km; "
            f"{depth_m:g} m was given."
        )
    sites = _Sites.along(lines, sectors)
    land = shapely.union_all(
        [_land(lines, sector, depth_m, sites.plane, cancelled) for sector in sectors]
    )
    cells = _cells(sites, land)
    areas = []
    for number, sector in enumerate(sectors):
        if cancelled is not None and cancelled():
            raise Cancelled("Stopped; nothing was written.")
        own = cells[sites.sector == number]
        area = shapely.intersection(shapely.coverage_union_all(own), land)
        area = shapely.segmentize(area, LONGEST_EDGE_M)
        degrees = shapely.transform(area, sites.plane.degrees)
        areas.append(dataclasses.replace(sector, geometry=area_in_degrees(_valid(degrees))))
    return areas


@dataclasses.dataclass
class _Sites:
    """Points along the lines in the plane, each with the index of its sector."""

    plane: ConformalPlane
    xy: np.ndarray
    sector: np.ndarray

    @classmethod
    def along(cls, lines: PreparedLines, sectors: Sequence[Sector]) -> _Sites:
        courses = {index: Course.of(lines.lines[index]) for index in {s.line for s in sectors}}
        dense = [
            np.vstack(courses[s.line].between(s.chainage_from_m, s.chainage_to_m, 1_000.0))
            for s in sectors
        ]
        plane = ConformalPlane.of(np.vstack(dense))
        others = _others(plane, courses, sectors)
        xy, sector = [], []
        for number, one in enumerate(sectors):
            course = courses[one.line]
            chainage = _chainages(course, one, plane, others[number])
            lon, lat, _ = course.places(chainage)
            at_end = np.isin(chainage, course.part_bounds()[:, 1])
            xy.append(plane.drawn(np.column_stack([lon, lat])))
            if at_end.any():
                # A part may end at the chainage at which the next begins, elsewhere.
                lon, lat, _ = course.places(chainage[at_end], at_end_of_part=True)
                xy.append(plane.drawn(np.column_stack([lon, lat])))
            sector.append(np.full(len(chainage) + np.count_nonzero(at_end), number))
        together = np.round(np.vstack(xy), 4)
        _, first = np.unique(together, axis=0, return_index=True)
        first.sort()
        return cls(plane, together[first], np.concatenate(sector)[first])


def _others(plane: ConformalPlane, courses, sectors) -> list:
    """For each sector all other sectors' stretches, drawn in the plane."""
    drawn = [
        shapely.multilinestrings(
            [
                shapely.linestrings(plane.drawn(part))
                for part in courses[s.line].between(s.chainage_from_m, s.chainage_to_m, 1_000.0)
            ]
        )
        for s in sectors
    ]
    parts = [shapely.get_parts(line).tolist() for line in drawn]
    return [
        shapely.MultiLineString(
            [part for other, own in enumerate(parts) if other != number for part in own]
        )
        for number in range(len(sectors))
    ]


def _chainages(course: Course, sector: Sector, plane: ConformalPlane, others) -> np.ndarray:
    """Chainages of a sector's points: the closer the nearest other sector, the closer together.

    The sector's start is one, and its end is not: just before it stands the last, so that what is
    nearest to the cut itself goes to the sector that begins there.
    """
    start, end = sector.chainage_from_m, sector.chainage_to_m
    closed = end >= course.length_m
    bounds = np.unique(np.clip(course.part_bounds().ravel(), start, end))
    edges = np.unique(np.concatenate([[start, end], bounds]))
    low, high = edges[:-1], edges[1:]
    shapely.prepare(others)
    settled = [edges]
    while len(low):
        middle, length = (low + high) / 2.0, high - low
        lon, lat, _ = course.places(middle)
        points = shapely.points(plane.drawn(np.column_stack([lon, lat])))
        away = np.full(len(points), np.inf)
        if not shapely.is_empty(others):
            away = shapely.distance(points, others)
        fine = np.maximum(FINENESS * np.maximum(away - length / 2.0, 0.0), FINEST_M)
        split = length > np.minimum(fine, COARSEST_M)
        settled.append(middle)
        low, high, middle = low[split], high[split], middle[split]
        low, high = np.concatenate([low, middle]), np.concatenate([middle, high])
    chainage = np.unique(np.concatenate(settled))
    if closed:
        return chainage
    return np.append(chainage[chainage < end - FINEST_M], max(end - FINEST_M, (start + end) / 2.0))


def _cells(sites: _Sites, land) -> np.ndarray:
    """The Voronoi cell of each site, in the order of the sites; all the land for a single one."""
    if len(sites.xy) < 2:
        return np.array([shapely.envelope(land)], dtype=object)
    points = shapely.multipoints(sites.xy)
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=land))
    single = shapely.points(sites.xy)
    cell, site = shapely.STRtree(single).query(cells, predicate="contains")
    ordered = np.full(len(single), shapely.Polygon(), dtype=object)
    ordered[site] = cells[cell]
    return ordered


def _land(lines, sector: Sector, depth_m: float, plane: ConformalPlane, cancelled):
    """The land within the depth of one sector, in the plane; measured stretch by stretch."""
    course = Course.of(lines.lines[sector.line])
    start, end = sector.chainage_from_m, sector.chainage_to_m
    count = max(1, int(np.ceil((end - start) / STRETCH_M)))
    steps = np.linspace(start, end, count + 1)
    rims = []
    for low, high in zip(steps[:-1], steps[1:]):
        if cancelled is not None and cancelled():
            raise Cancelled("Stopped; nothing was written.")
        for part in course.between(low, high, LONGEST_EDGE_M):
            local = ConformalPlane.of(part)
            near = shapely.buffer(
                shapely.linestrings(local.drawn(part)), depth_m, quad_segs=QUARTER_CIRCLE
            )
            near = shapely.segmentize(near, LONGEST_EDGE_M)
            rims.append(shapely.transform(shapely.transform(near, local.degrees), plane.drawn))
    return shapely.union_all(rims)


def _valid(area):
    return area if shapely.is_valid(area) else shapely.make_valid(area)
