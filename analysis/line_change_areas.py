"""The contiguous areas that changed sides, and the stretches of line around them."""

from __future__ import annotations

import numpy as np
import shapely

from ..model.errors import Cancelled
from ..model.incident import content_id
from .conformal_plane import area_in_degrees, line_in_degrees
from .deepest_place import deepest_place
from .geodesy import WGS84
from .line_change_records import (
    APPEARED,
    MOVED,
    VANISHED,
    ChangedArea,
    Comparison,
    MovedStretch,
    usual_tolerance,
)
from .line_change_rim import ChangedPiece, Rim
from .line_course import Course
from .line_in_force import name_of_line
from .nearest import nearest

RUN_GAP_M = 0.5
# Smaller faces come of rounding, where a line touches another.
LEAST_M2 = 0.01


def areas_and_stretches(compared: Comparison, notes: list[str], cancelled):
    """The changed areas, numbered along the old lines, and the stretches of line around them.

    What moved no further than the tolerance is left out and told in ``notes``.
    """
    found = []
    small, small_m2 = 0, 0.0
    for piece in _pieces(compared):
        if cancelled is not None and cancelled():
            raise Cancelled("Stopped; nothing was written.")
        if shapely.area(piece.polygon) < LEAST_M2:
            continue
        rims = Rim.both(compared, piece)
        lines = {int(line) for rim in rims for line in rim.lines()}
        tolerance = usual_tolerance(compared.lines, lines, compared.settings.tolerance_m)
        area, stretches = None, []
        if _extent_m(piece.polygon) > tolerance:
            area, stretches = _measured(compared, piece, *rims, tolerance)
        if area is None or area.depth_m <= tolerance:
            small, small_m2 = small + 1, small_m2 + float(shapely.area(piece.polygon))
            continue
        found.append((area, stretches))
    if small:
        what = "1 area of" if small == 1 else f"{small:,} areas of together"
        notes.append(
            f"{what} {small_m2 / 1e6:.3g} km², in which the line moved no further than the "
            f"tolerance, {'was' if small == 1 else 'were'} left out."
        )
    found.sort(key=lambda pair: _order(pair[0]))
    for number, (area, stretches) in enumerate(found, start=1):
        area.number = number
        for stretch in stretches:
            stretch.area_number = number
    return [area for area, _ in found], [one for _, ones in found for one in ones]


def _extent_m(polygon) -> float:
    """How far apart two places of an area may be at most, in the plane (which only enlarges)."""
    west, south, east, north = shapely.bounds(polygon)
    return float(np.hypot(east - west, north - south))


def _order(area: ChangedArea):
    at = area.chainage_from_m
    return (area.front, at is None, at or 0.0, area.area_id)


def _pieces(compared: Comparison) -> list[ChangedPiece]:
    """Faces whose holder changed, joined where two of the same change share an edge."""
    faces, old, new = compared.faces, compared.held_old, compared.held_new
    changed = (old >= 0) & (new >= 0) & (old != new)
    group = np.arange(len(old))
    shared = faces.neighbours()
    one, other = shared[:, 1], shared[:, 2]
    same = changed[one] & changed[other] & (old[one] == old[other]) & (new[one] == new[other])
    for _, first, second in shared[same]:
        group[_root(group, first)] = _root(group, second)
    roots = np.array([_root(group, face) for face in range(len(group))], dtype=np.int64)
    pieces = []
    of_use = np.where(changed, roots, -1)[faces.face]
    for members, uses in zip(_groups(np.where(changed, roots, -1)), _groups(of_use)):
        polygon = faces.polygons[members[0]]
        if len(members) > 1:
            polygon = shapely.coverage_union_all(faces.polygons[members])
        edge, times = np.unique(faces.edge[uses], return_counts=True)
        names = compared.names[old[members[0]]], compared.names[new[members[0]]]
        pieces.append(ChangedPiece(polygon, edge[times == 1], *names))
    return pieces


def _groups(number: np.ndarray) -> list[np.ndarray]:
    """The indices that have each number, in the order of the numbers; those with -1 left out."""
    order = np.argsort(number, kind="stable")
    order = order[number[order] >= 0]
    if len(order) == 0:
        return []
    return np.split(order, np.flatnonzero(np.diff(number[order])) + 1)


def _root(group: np.ndarray, face: int) -> int:
    while group[face] != face:
        group[face] = group[group[face]]
        face = group[face]
    return int(face)


def _measured(compared: Comparison, piece: ChangedPiece, old: Rim, new: Rim, tolerance: float):
    """The record of one changed area and of the stretches around it."""
    moves = old.moves_to(new, compared), new.moves_to(old, compared)
    if len(old.edges) and len(new.edges):
        change, depth = MOVED, max(moves[0][1], moves[1][1])
    else:
        only = old if len(old.edges) else new
        depth = _deepest(compared, piece, only)
        # A rim that runs along a continuation or the theatre's edge too is no pocket's.
        pocket = len(only.lines()) == len(piece.edges)
        change = (VANISHED if only is old else APPEARED) if pocket else MOVED
    degrees = shapely.transform(piece.polygon, compared.plane.degrees)
    main = old.main_line()
    spans = old.span(main) if main is not None else (None, None)
    before, after = compared.dates
    area = ChangedArea(
        area_id="change:" + content_id(before, after, piece.from_party, _key(degrees)),
        front=piece.front,
        from_party=piece.from_party,
        to_party=piece.to_party,
        change=change,
        area_km2=geodesic_area_m2(degrees) / 1e6,
        depth_m=depth,
        chainage_from_m=spans[0],
        chainage_to_m=spans[1],
        tolerance_m=tolerance,
        date_from=before,
        date_to=after,
        geometry=area_in_degrees(degrees),
    )
    stretches = _stretches(compared, piece, area, old, new, moves[1])
    return area, stretches


def geodesic_area_m2(area) -> float:
    """The area of polygons in degrees whose edges are geodesics, square metres (Karney 2013)."""
    polygons = [shapely.geometry.polygon.orient(part) for part in shapely.get_parts(area)]
    return float(sum(WGS84.geometry_area_perimeter(part)[0] for part in polygons))


def _key(degrees) -> str:
    place = shapely.get_coordinates(shapely.point_on_surface(degrees))[0]
    return f"{place[0]:.5f} {place[1]:.5f}"


def _deepest(compared: Comparison, piece: ChangedPiece, rim: Rim) -> float:
    """How far the place deepest within an area is from its rim, by the kernel; metres."""
    deepest = 0.0
    if len(rim.row) == 0:
        return deepest
    rows = np.unique(rim.row).tolist()
    for part in shapely.get_parts(piece.polygon):
        size = float(np.sqrt(shapely.area(part)))
        place = deepest_place(part, max(size * 1e-3, 0.1))
        if place is not None:
            found = nearest(rim.barriers.prepared, *compared.plane.degrees(place[None]).T, rows)
            deepest = max(deepest, float(found.distance_m[0]))
    return deepest


def _stretches(compared, piece: ChangedPiece, area: ChangedArea, old: Rim, new: Rim, moves):
    """One stretch for each line around an area: new lines with the old ones they replace."""
    pairs = _paired(compared, old, new)
    result = []
    for old_line, new_line in pairs:
        stretch = MovedStretch(
            stretch_id=f"{area.area_id}:{len(result) + 1}",
            front=piece.front,
            gaining_party=piece.to_party,
            losing_party=piece.from_party,
            change=area.change,
            date_from=area.date_from,
            date_to=area.date_to,
        )
        runs = {}
        for name, rim, line in (("old", old, old_line), ("new", new, new_line)):
            if line is None:
                continue
            start, end = rim.span(line)
            chosen = rim.on_line(line)
            setattr(stretch, f"{name}_line", name_of_line(compared.lines, line))
            setattr(stretch, f"{name}_chainage_from_m", start)
            setattr(stretch, f"{name}_chainage_to_m", end)
            setattr(stretch, f"{name}_length_m", float(np.ptp(chosen, axis=1).sum()))
            runs[name] = (line, chosen)
        if not np.isnan(moves[0]):
            stretch.mean_move_m, stretch.greatest_move_m = moves[0], area.depth_m
        line, chosen = runs.get("new") or runs["old"]
        stretch.geometry = _drawn(compared, line, chosen)
        result.append(stretch)
    return result


def _paired(compared: Comparison, old: Rim, new: Rim) -> list[tuple]:
    """Old and new lines around an area, paired where they stand between the same sides."""
    old_lines = np.unique(old.lines()).tolist()
    new_lines = np.unique(new.lines()).tolist()
    columns = compared.lines.columns
    pairs = []
    for line in new_lines:
        sides = {columns.left_party[line], columns.right_party[line]}
        same = [
            one for one in old_lines if {columns.left_party[one], columns.right_party[one]} == sides
        ]
        partner = same[0] if same else None
        if partner is not None:
            old_lines.remove(partner)
        pairs.append((partner, line))
    return pairs + [(line, None) for line in old_lines]


def _drawn(compared: Comparison, line: int, chosen: np.ndarray):
    """The runs of chainage (n, 2) of one line as a geometry in degrees."""
    course = Course.of(compared.lines.lines[line])
    breaks = np.flatnonzero(chosen[1:, 0] > chosen[:-1, 1] + RUN_GAP_M) + 1
    parts = []
    for run in np.split(chosen, breaks):
        parts += course.between(float(run[0, 0]), float(run[-1, 1]))
    return line_in_degrees(parts)
