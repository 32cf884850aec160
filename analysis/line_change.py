"""What changed between the contact lines of two dates: land that changed sides, and where."""

from __future__ import annotations

from typing import Callable, Optional

import numpy as np
import shapely

from ..model.errors import Cancelled, CeasefireError
from .conformal_plane import ConformalPlane
from .contact_line import PreparedLines
from .control_areas import LONGEST_EDGE_DEG, polygons_of
from .geodesy import WGS84
from .line_change_areas import areas_and_stretches
from .line_change_barriers import (
    barriers_of,
    continued_to_the_edge,
    lines_run_backwards,
    sides_of,
)
from .line_change_closing import connections
from .line_change_faces import borne_by, faces_between, fill_alone, holders
from .line_change_records import ChangeSettings, Comparison, LineChange, usual_tolerance
from .line_change_table import side_changes
from .line_in_force import name_of_line

LONGEST_M = 1_000.0


def line_change(
    lines: PreparedLines,
    old,
    new,
    settings: ChangeSettings,
    cancelled: Optional[Callable[[], bool]] = None,
) -> LineChange:
    """Compare the lines ``old`` with the lines ``new`` (indices among ``lines``).

    The lines of both dates part the land into faces; on each face a line on its rim says who is on
    that side, by each date, and what differs has changed sides. Open ends are continued straight
    to the theatre's edge, or without a theatre joined straight, old end with new end. Areas are
    geodesic (pyproj's ``Geod``); with the dates exchanged gains and losses are exchanged exactly.
    Raises CeasefireError where the tolerance cannot be used, and Cancelled where ``cancelled``
    says so.
    """
    tolerance = settings.tolerance_m
    if tolerance is not None and not tolerance >= 0.0:
        raise CeasefireError("The tolerance must be 0 m or more; leave it empty for the usual one.")
    if set(old) == set(new) or not len(old) or not len(new):
        return LineChange([], [], [], [])
    notes: list[str] = []
    compared = _compared(lines, old, new, settings, notes, cancelled)
    areas, stretches = areas_and_stretches(compared, notes, cancelled)
    alone = [] if settings.theatre is not None else _without_counterpart(lines, old, new)
    sides = side_changes(areas, stretches)
    return LineChange(areas, stretches, sides, notes + alone, same_fronts=not alone)


def _compared(lines, old, new, settings: ChangeSettings, notes, cancelled) -> Comparison:
    in_order = settings.before <= settings.after
    earlier, later = (old, new) if in_order else (new, old)
    backwards = lines_run_backwards(lines, earlier, later)
    notes.extend(backwards.values())
    sides = [barriers_of(lines, among, backwards) for among in (old, new)]
    paths = [path for one in sides for path in one.paths(LONGEST_M)]
    plane = ConformalPlane.of(np.vstack(paths))
    theatre = None
    if settings.theatre is not None:
        theatre = _drawn_theatre(settings.theatre, plane)
        sides = [continued_to_the_edge(one, theatre, plane) for one in sides]
        paths = [path for one in sides for path in one.paths(LONGEST_M)]
        rims = [shapely.get_coordinates(ring) for ring in shapely.get_rings(_parts(theatre))]
    else:
        tolerance = usual_tolerance(lines, {*old, *new}, settings.tolerance_m)
        paths += [_dense(path) for path in connections(*sides, tolerance)]
        rims = []
    _look(cancelled)
    faces = faces_between([plane.drawn(path) for path in paths] + rims)
    borne = []
    for one in sides:
        _look(cancelled)
        borne.append(borne_by(faces, one, plane))
    names = sorted({name for one in sides for name in (*one.left, *one.right)})
    held = [holders(faces, on, one, names) for on, one in zip(borne, sides)]
    known = [one.copy() for one in held]
    fill_alone(faces, held[0], known[1], borne[1], sides[0], sides[1], plane, names)
    fill_alone(faces, held[1], known[0], borne[0], sides[1], sides[0], plane, names)
    if theatre is not None and len(faces.polygons):
        inner = shapely.point_on_surface(faces.polygons)
        outside = ~shapely.contains(theatre, inner)
        held[0][outside] = held[1][outside] = -1
    return Comparison(lines, settings, plane, faces, *sides, *borne, names, *held)


def _without_counterpart(lines: PreparedLines, old, new) -> list[str]:
    """Sentences on lines between sides that have no line on the other date."""
    sentences = []
    for here, there in ((old, new), (new, old)):
        known = {frozenset(sides_of(lines.columns, index)) for index in there}
        for index in sorted(set(here) - set(there)):
            if frozenset(sides_of(lines.columns, index)) in known:
                continue
            sentences.append(
                f"The line “{name_of_line(lines, index)}” has none between the same sides on the "
                "other date; without a theatre only land that lines enclose is counted there."
            )
    return sentences


def _drawn_theatre(theatre, plane: ConformalPlane):
    polygons = shapely.segmentize(polygons_of(theatre), LONGEST_EDGE_DEG)
    if shapely.is_empty(polygons):
        raise CeasefireError("The theatre has no area. Choose a polygon layer as the theatre.")
    drawn = shapely.transform(polygons, plane.drawn)
    drawn = drawn if shapely.is_valid(drawn) else shapely.make_valid(drawn)
    shapely.prepare(drawn)
    return drawn


def _parts(theatre):
    parts = shapely.get_parts(theatre)
    return parts[shapely.get_type_id(parts) == 3]


def _dense(path: np.ndarray) -> np.ndarray:
    """A geodesic between two places with a vertex every kilometre."""
    # Always from the same end, so that exchanging the dates changes not even the last digit.
    path = path[np.lexsort(path.T)]
    (lon0, lat0), (lon1, lat1) = path
    length = WGS84.inv(lon0, lat0, lon1, lat1)[2]
    count = max(int(np.ceil(length / LONGEST_M)) - 1, 0)
    inner = WGS84.npts(lon0, lat0, lon1, lat1, count) if count else []
    return np.array([path[0], *inner, path[1]])


def _look(cancelled) -> None:
    if cancelled is not None and cancelled():
        raise Cancelled("Stopped; nothing was written.")
