"""Dated contact lines from areas of control."""

from __future__ import annotations

import dataclasses
from typing import Callable, Optional

import numpy as np
import shapely

from ..model.errors import Cancelled, CeasefireError
from ..model.incident import content_id
from ..model.land import ContactLine
from .control_areas import TheatrePlane, polygons_of
from .control_day import DayLine, DaySettings, lines_of_day
from .line_words import metres
from .utc import utc_datetime

NOT_PARTIES = ("contested", "no party", "unknown", "none", "disputed")
SAME_DEG = 2e-7


@dataclasses.dataclass
class ControlColumns:
    """Areas of control, one array a field.

    ``geometry``: shapely, EPSG:4326, of any kind that holds polygons. ``holder``: object array of
    the party's name; None where there is no such field. ``since``: ``datetime64[us]`` UTC, the
    start of the area's date, NaT where no date is known. ``label``: what messages call an area.
    """

    geometry: np.ndarray
    holder: Optional[np.ndarray]
    since: np.ndarray
    label: np.ndarray


@dataclasses.dataclass
class ControlSettings:
    """How lines are drawn from areas.

    ``theatre``: shapely polygon, EPSG:4326, or None (then the outline of all areas together).
    ``tolerance_m``: a boundary this near the theatre's edge is coast or border; slivers between
    two areas up to this width are closed. ``min_length_m``: shorter fragments are dropped.
    ``party`` names the holder where the areas have none; ``other_party`` holds all the rest.
    """

    theatre: Optional[object]
    tolerance_m: float = 1000.0
    min_length_m: float = 0.0
    party: Optional[str] = None
    other_party: Optional[str] = None
    uncertainty_m: Optional[float] = None
    source: Optional[str] = None
    kind: str = "de_facto"


@dataclasses.dataclass
class ControlLines:
    """The contact lines, what was repaired or doubtful, and how many metres were dropped."""

    lines: list[ContactLine]
    notes: list[str]
    dropped_m: float


def lines_from_control(
    areas: ControlColumns,
    settings: ControlSettings,
    progress: Optional[Callable[[float], None]] = None,
    cancelled: Optional[Callable[[], bool]] = None,
) -> ControlLines:
    """The contact lines between the parties, each in force from its date until the next date.

    One line a front (pair of parties) and date, its pockets as further parts; where the areas of
    two parties leave a gap wider than the tolerance, one line for each of them. Along a line the
    party whose name comes first in the alphabet is on the left, at every date, and parts begin at
    their western end, so that chainage keeps. A line that stays the same over consecutive dates is
    one line. Raises CeasefireError where no line can come of what was given.
    """
    _check(areas, settings)
    notes: list[str] = []
    shapes = _polygons(areas, notes)
    plane = TheatrePlane.of([settings.theatre, *shapes] if settings.theatre else shapes)
    drawn = np.array([plane.drawn(shape) for shape in shapes], dtype=object)
    theatre = plane.drawn(polygons_of(settings.theatre)) if settings.theatre else None
    dates = _dates(areas, notes)
    days = []
    dropped = 0.0
    for step, date in enumerate(dates):
        if cancelled is not None and cancelled():
            raise Cancelled("Stopped; nothing was written.")
        if progress is not None:
            progress(step / len(dates))
        chosen = np.isnat(areas.since) if np.isnat(date) else areas.since == date
        held = _held(areas, drawn, chosen, settings)
        day = lines_of_day(held, DaySettings.of(settings, theatre, plane))
        dropped += day.dropped_m
        days.append(day.lines)
    lines = _records(dates, days, settings)
    if dropped > 0.0:
        notes.append(
            f"{metres(dropped)} of line in fragments shorter than "
            f"{metres(settings.min_length_m)} were dropped, over all dates."
        )
    if not lines:
        raise CeasefireError(
            "No contact line came of these areas: all their boundaries run along the theatre's "
            "edge, or are shorter than the minimum length. Check the theatre and the tolerance."
        )
    return ControlLines(lines, notes, dropped)


def _check(areas: ControlColumns, settings: ControlSettings) -> None:
    if len(areas.geometry) == 0:
        raise CeasefireError("The layer of areas of control has no features.")
    if settings.tolerance_m < 0.0 or settings.min_length_m < 0.0:
        raise CeasefireError("Tolerance and minimum length must be 0 m or more.")
    one_party = areas.holder is None or settings.other_party
    if one_party and settings.theatre is None:
        raise CeasefireError(
            "Where the areas are those of one side, the theatre is needed to know where the other "
            "side is. Choose a polygon layer as the theatre, or the field that names the party."
        )
    if settings.theatre is not None and shapely.is_empty(polygons_of(settings.theatre)):
        raise CeasefireError("The theatre has no area. Choose a polygon layer as the theatre.")


def _polygons(areas: ControlColumns, notes: list[str]) -> np.ndarray:
    """The valid, flat polygons of each area; what is no area is named."""
    shapes = np.empty(len(areas.geometry), dtype=object)
    repaired = []
    for index, geometry in enumerate(areas.geometry):
        try:
            shapes[index] = polygons_of(geometry)
        except CeasefireError as error:
            shapes[index] = shapely.Polygon()
            notes.append(f"{areas.label[index]} {error}; it was left out.")
            continue
        if shapely.is_empty(shapes[index]):
            notes.append(f"{areas.label[index]} has no area; it was left out.")
        elif not shapely.is_valid(geometry):
            repaired.append(str(areas.label[index]))
    if repaired:
        listed = ", ".join(repaired[:10]) + (" …" if len(repaired) > 10 else "")
        notes.append(f"{len(repaired)} invalid areas were repaired: {listed}.")
    if shapely.is_empty(shapes).all():
        raise CeasefireError(
            "None of the areas of control is a polygon. Choose the layer with the areas."
        )
    return shapes


def _dates(areas: ControlColumns, notes: list[str]) -> np.ndarray:
    """The dates in order; a single NaT where no area is dated."""
    known = ~np.isnat(areas.since)
    if not known.any():
        return np.array(["NaT"], dtype="datetime64[us]")
    if not known.all():
        names = ", ".join(str(label) for label in areas.label[~known][:10])
        notes.append(f"{np.count_nonzero(~known)} areas have no date and were left out: {names}.")
    return np.unique(areas.since[known])


def _held(areas, drawn, chosen, settings) -> dict[Optional[str], object]:
    """Who holds what on one date, in the plane; what no party holds is left out."""
    if areas.holder is None:
        return {settings.party or None: shapely.union_all(drawn[chosen])}
    held = {}
    names = np.array([str(name or "").strip() for name in areas.holder], dtype=object)
    for name in sorted(set(names[chosen])):
        if name == "" or name.lower().replace("_", " ") in NOT_PARTIES:
            continue
        held[name] = shapely.union_all(drawn[chosen & (names == name)])
    return {name: area for name, area in held.items() if not shapely.is_empty(area)}


def _records(dates, days: list[list[DayLine]], settings: ControlSettings) -> list[ContactLine]:
    """One record for each line over the consecutive dates on which it is the same."""
    records: list[ContactLine] = []
    current: dict[tuple, tuple[DayLine, np.datetime64]] = {}
    never = np.datetime64("NaT", "us")
    for date, lines in zip(dates, days):
        today = {line.key(): line for line in lines}
        for key, (line, since) in list(current.items()):
            if key in today and line.same_as(today[key], SAME_DEG):
                continue
            records.append(_record(line, since, date, settings))
            del current[key]
        for key, line in today.items():
            current.setdefault(key, (line, date))
    records += [_record(line, since, never, settings) for line, since in current.values()]
    return sorted(
        records, key=lambda line: (str(line.valid_from or ""), line.line_name or "", line.line_id)
    )


def _record(line: DayLine, since, until, settings: ControlSettings) -> ContactLine:
    identity = content_id(settings.kind, *line.key(), since)
    return ContactLine(
        line_id=f"line:{identity}",
        line_name=line.name(),
        kind=settings.kind,
        front=line.front,
        left_party=line.left,
        right_party=line.right,
        valid_from=utc_datetime(since),
        valid_to=utc_datetime(until),
        uncertainty_m=settings.uncertainty_m,
        source=settings.source,
        geometry=line.geometry,
    )
