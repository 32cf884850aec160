"""Kilometre points along contact lines."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Any, Callable, Optional

import numpy as np
import shapely

from ..model.errors import Cancelled, CeasefireError
from ..model.field import Shape, boolean, instant, real, table_of, text
from .contact_line import PreparedLines
from .line_course import Course
from .line_in_force import identity_of_line, name_of_line
from .utc import utc_datetime

MOST_POINTS = 2_000_000
SAME_PLACE_M = 0.005
POINT, START, END = "position", "start", "end"


@dataclasses.dataclass
class LinePosition:
    """A place on a line at a chainage; ``geometry`` is a shapely point, EPSG:4326.

    ``azimuth_deg`` is the line's direction there, ``offset_azimuth_deg`` the direction in which a
    label stands clear of the line; both clockwise from true north.
    """

    position_id: str = text("Position", default="")
    line_id: Optional[str] = text("Line id")
    line_name: Optional[str] = text("Line")
    line_valid_from: Optional[datetime] = instant("Line in force from (UTC)")
    chainage_m: Optional[float] = real("Chainage along the line (m)")
    label: Optional[str] = text("Label")
    point_kind: Optional[str] = text("Position, start or end")
    major: Optional[bool] = boolean("Labelled")
    azimuth_deg: Optional[float] = real("Direction of the line (°)")
    offset_azimuth_deg: Optional[float] = real("Direction of the label (°)")
    left_party: Optional[str] = text("Party on the left")
    right_party: Optional[str] = text("Party on the right")
    geometry: Any = None


LINE_POSITIONS = table_of(
    LinePosition, "line_positions", "Kilometre points", Shape.POINT, "position_id"
)


@dataclasses.dataclass
class PositionSettings:
    """How far apart positions stand (metres), every which is labelled, and on which side."""

    interval_m: float = 1000.0
    major_every: int = 5
    label_left: bool = False


def line_positions(
    lines: PreparedLines,
    among,
    settings: PositionSettings,
    cancelled: Optional[Callable[[], bool]] = None,
) -> list[LinePosition]:
    """Points every ``interval_m`` along each of the lines ``among`` (indices), ends included.

    Chainage runs as the kernel's does: part after part, breaks not counted. Every open part gets a
    point at its start and its end, a ring at its start. Raises CeasefireError where the interval is
    none, or would give more than two million points.
    """
    if not settings.interval_m > 0.0 or not np.isfinite(settings.interval_m):
        raise CeasefireError("The interval must be more than 0 m. Give for example 1000.")
    if settings.major_every < 1:
        raise CeasefireError("Of the positions every first, fifth or tenth is labelled, not fewer.")
    total = sum(lines.lines[index].length_m for index in among) / settings.interval_m
    if total > MOST_POINTS:
        raise CeasefireError(
            f"An interval of {settings.interval_m:g} m would give {total:,.0f} points. "
            "Give a longer interval."
        )
    positions: list[LinePosition] = []
    for index in among:
        if cancelled is not None and cancelled():
            raise Cancelled("Stopped; nothing was written.")
        positions += _of_line(lines, index, settings)
    return positions


def _of_line(lines: PreparedLines, index: int, settings: PositionSettings) -> list[LinePosition]:
    course = Course.of(lines.lines[index])
    chainage, kind, number = _chainages(course, settings.interval_m)
    lon, lat, azimuth = course.places(chainage)
    at_end = np.flatnonzero(kind == END)
    lon[at_end], lat[at_end], azimuth[at_end] = course.places(chainage[at_end], True)
    offset = np.mod(azimuth + (-90.0 if settings.label_left else 90.0), 360.0)
    major = (number % settings.major_every == 0) | (kind != POINT)
    columns = lines.columns
    name, identity = name_of_line(lines, index), identity_of_line(lines, index)
    return [
        LinePosition(
            position_id=f"{identity or name}@{kind[row]}:{chainage[row]:.3f}",
            line_id=identity,
            line_name=name,
            line_valid_from=utc_datetime(columns.valid_from[index]),
            chainage_m=float(chainage[row]),
            label=_label(chainage[row], kind[row], settings.interval_m),
            point_kind=str(kind[row]),
            major=bool(major[row]),
            azimuth_deg=float(azimuth[row]),
            offset_azimuth_deg=float(offset[row]),
            left_party=columns.left_party[index],
            right_party=columns.right_party[index],
            geometry=shapely.Point(lon[row], lat[row]),
        )
        for row in range(len(chainage))
    ]


def _chainages(course: Course, interval_m: float):
    """Chainages in order, whether each is a position, a start or an end, and its number.

    The number counts intervals from the line's start, -1 at a start or end between two of them.
    """
    inner = np.arange(int(np.floor(course.length_m / interval_m + 1e-12)) + 1) * interval_m
    inner = inner[inner <= course.length_m]
    marks = [(float(at), 1, POINT, number) for number, at in enumerate(inner)]
    taken = set()
    bounds, closed = course.part_bounds(), course.is_closed()
    ends = []
    for (start, end), ring in zip(bounds, closed):
        ends.append((float(start), 2, START))
        if not ring:
            ends.append((float(end), 0, END))
    for at, order, kind in ends:
        number = int(round(at / interval_m))
        same = 0 <= number < len(inner) and abs(inner[number] - at) <= SAME_PLACE_M
        taken.add(number if same else -1)
        marks.append((at, order, kind, number if same else -1))
    marks = [mark for mark in marks if mark[2] != POINT or mark[3] not in taken]
    marks.sort(key=lambda mark: mark[:2])
    at, _, kind, number = zip(*marks)
    return np.array(at), np.array(kind, dtype=object), np.array(number)


def _label(chainage: float, kind: str, interval_m: float) -> str:
    """ "km 12"; with as many decimals as the interval needs, and one more digit at ends."""
    decimals = 0
    while decimals < 3 and abs(round(interval_m / 1000.0, decimals) - interval_m / 1000.0) > 1e-9:
        decimals += 1
    if kind != POINT and abs(chainage / interval_m - round(chainage / interval_m)) > 1e-6:
        decimals = max(decimals, 1)
    return f"km {chainage / 1000.0:.{decimals}f}"
