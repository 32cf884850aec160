"""The coordinates of a line as an annex to an agreement, and whether such an annex holds together.

Turning points are numbered along the line; each leg is the geodesic to the next one (WGS 84,
Karney 2013), so that whoever reads the annex can check each number by another.
"""

from __future__ import annotations

import dataclasses
from typing import Mapping, Optional, Sequence

import numpy as np

from ..model.errors import CeasefireError
from ..model.field import Shape, integer, real, table_of, text
from .annex_forms import TITLES
from .coordinates import format_coordinate, read_coordinate
from .geodesy import inverse

# Beside what the last digits leave open: rounding of a tenth of a second and of a metre.
SLACK_M = 1.0
JUMP_LEGS = 5.0
JUMP_DETOUR = 3.0


@dataclasses.dataclass
class TurningPoint:
    """One numbered point of a line; ``leg_m`` and ``azimuth_deg`` lead to the next one."""

    number: Optional[int] = integer("Number")
    lon: Optional[float] = real("Longitude")
    lat: Optional[float] = real("Latitude")
    decimal: Optional[str] = text(TITLES["decimal"])
    dm: Optional[str] = text(TITLES["dm"])
    dms: Optional[str] = text(TITLES["dms"])
    utm: Optional[str] = text(TITLES["utm"])
    mgrs: Optional[str] = text(TITLES["mgrs"])
    sk42: Optional[str] = text(TITLES["sk42"])
    gauss_kruger: Optional[str] = text(TITLES["gauss_kruger"])
    leg_m: Optional[float] = real("To the next point (m)")
    azimuth_deg: Optional[float] = real("Azimuth to the next point (degrees, true)")
    chainage_m: Optional[float] = real("From the start (m)")
    geometry: object = None


TURNING_POINTS = table_of(TurningPoint, "turning_points", "Turning points", Shape.POINT, "number")


@dataclasses.dataclass
class AnnexProblem:
    """What does not hold together, at which point, in one sentence; ``by_m``: how far off."""

    number: Optional[str] = text("Point")
    column: Optional[str] = text("Column")
    by_m: Optional[float] = real("Off by (m)")
    sentence: str = text("What is wrong", default="")


ANNEX_PROBLEMS = table_of(AnnexProblem, "annex_problems", "Problems", Shape.NONE, None)


@dataclasses.dataclass
class AnnexRow:
    """A row as it stands in an annex: coordinates as written, by form; the leg in metres."""

    number: str
    written: Mapping[str, str]
    leg_m: Optional[float] = None


@dataclasses.dataclass
class ReadPoint:
    """Where a row's coordinates lie; ``accuracy_m`` None where a datum's shift is not known."""

    number: str
    lon: float
    lat: float
    accuracy_m: Optional[float]


def turning_points(lonlat: np.ndarray, forms: Sequence[str]) -> list[TurningPoint]:
    """The points (n, 2; degrees, EPSG:4326) as rows of an annex, written in ``forms``.

    Legs are measured between the places given, not between the rounded coordinates. Raises
    CeasefireError where a form cannot write a place.
    """
    legs, azimuths = _legs(lonlat)
    chainage = np.concatenate([[0.0], np.cumsum(legs)])
    result = []
    for index, (lon, lat) in enumerate(lonlat):
        last = index == len(lonlat) - 1
        try:
            words = {form: format_coordinate(float(lon), float(lat), form) for form in forms}
        except CeasefireError as error:
            raise CeasefireError(f"Point {index + 1} cannot be written: {error}.") from None
        result.append(
            TurningPoint(
                number=index + 1,
                lon=float(lon),
                lat=float(lat),
                leg_m=None if last else float(legs[index]),
                azimuth_deg=None if last else float(azimuths[index]),
                chainage_m=float(chainage[index]),
                **words,
            )
        )
    return result


def check_annex(
    rows: Sequence[AnnexRow], closed: bool = False
) -> tuple[list[ReadPoint], list[AnnexProblem]]:
    """Read an annex and hold its numbers against each other.

    The coordinates of one point must lie together within what their last digits and the datum's
    shift leave open; legs must be as long as written; ``closed``: the last point is the first.
    A point that jumps is named even where there is one form and no legs. Returns the points that
    can be read, in order, and the problems.
    """
    problems: list[AnnexProblem] = []
    points = [found for row in rows if (found := _read(row, problems)) is not None]
    if len(points) == len(rows):
        told = _wrong_legs(rows, points, problems)
        _jumps(points, problems, told)
    if closed and len(points) > 1:
        _open_ring(points, problems)
    return points, problems


def _legs(lonlat: np.ndarray):
    lon, lat = np.asarray(lonlat, dtype=float).T
    azimuth, length = inverse(lon[:-1], lat[:-1], lon[1:], lat[1:])
    return np.asarray(length), np.asarray(azimuth)


def _read(row: AnnexRow, problems: list[AnnexProblem]) -> Optional[ReadPoint]:
    """Where most of a row's coordinates lie; what lies elsewhere is told."""
    places = {}
    for form, words in row.written.items():
        try:
            places[form] = read_coordinate(words, form)
        except CeasefireError as error:
            problems.append(
                AnnexProblem(row.number, form, None, f"Point {row.number}, “{words}”: {error}.")
            )
    if not places:
        if not row.written:
            sentence = f"Point {row.number} has no coordinates."
            problems.append(AnnexProblem(row.number, None, None, sentence))
        return None
    forms = list(places)
    apart = np.array([[_apart(places[one], places[other]) for other in forms] for one in forms])
    friends = (apart <= 0.0).sum(axis=1)
    chosen = forms[int(np.argmax(friends))]
    agreeing = [form for form, off in zip(forms, apart[forms.index(chosen)]) if off <= 0.0]
    # The place is the one that is written most exactly among those that agree.
    best = min(agreeing, key=lambda form: _blur(places[form]))
    for form, off in zip(forms, apart[forms.index(chosen)]):
        if off > 0.0:
            problems.append(_disagreeing(row, form, agreeing, places))
    place = places[best]
    return ReadPoint(row.number, place.lon, place.lat, place.accuracy_m)


def _disagreeing(row: AnnexRow, form: str, agreeing: list[str], places) -> AnnexProblem:
    off_m = _distance(places[form], places[agreeing[0]])
    others = " and ".join(TITLES[one] for one in agreeing)
    which = (
        f"which of them is wrong cannot be told from two; {others} was taken"
        if len(places) == 2
        else f"the others agree; look for a wrong digit in “{row.written[form]}”"
    )
    return AnnexProblem(
        row.number,
        form,
        off_m,
        f"Point {row.number}: {TITLES[form]} lies {off_m:,.0f} m from {others}; {which}.",
    )


def _blur(place) -> float:
    return 100.0 if place.accuracy_m is None else place.accuracy_m


def _distance(one, other) -> float:
    return float(inverse(one.lon, one.lat, other.lon, other.lat)[1])


def _apart(one, other) -> float:
    """By how much two places lie farther apart than their digits and datums leave open."""
    return _distance(one, other) - (_blur(one) + _blur(other) + SLACK_M)


def _wrong_legs(rows, points: list[ReadPoint], problems) -> set[int]:
    """Legs that are not as long as written; the points that both neighbours' legs accuse."""
    wrong = {}
    for index, (row, point, following) in enumerate(zip(rows, points, points[1:])):
        if row.leg_m is None:
            continue
        length = _distance(point, following)
        slack = _blur(point) + _blur(following) + SLACK_M
        if abs(length - row.leg_m) > slack:
            wrong[index] = length
    accused = {index for index in range(1, len(points) - 1) if {index - 1, index} <= set(wrong)}
    explained = {leg for index in accused for leg in (index - 1, index)}
    for index in sorted(accused):
        off_m = max(abs(wrong[leg] - rows[leg].leg_m) for leg in (index - 1, index))
        number = rows[index].number
        problems.append(
            AnnexProblem(
                number,
                "leg_m",
                off_m,
                f"Point {number} jumps: neither the distance to it nor the one from it is as "
                "written. Look for a wrong digit in its coordinates.",
            )
        )
    for index in sorted(set(wrong) - explained):
        here, there = rows[index].number, rows[index + 1].number
        problems.append(
            AnnexProblem(
                here,
                "leg_m",
                abs(wrong[index] - rows[index].leg_m),
                f"From point {here} to {there} it is {wrong[index]:,.1f} m, and "
                f"{rows[index].leg_m:,.1f} m are written. Look at that distance and at the "
                "coordinates of both.",
            )
        )
    return accused


def _jumps(points: list[ReadPoint], problems, told: set[int]) -> None:
    """Points far off the way between their neighbours, where legs are usually short."""
    if len(points) < 5:
        return
    legs, _ = _legs(np.array([[point.lon, point.lat] for point in points]))
    usual = float(np.median(legs))
    for index in range(1, len(points) - 1):
        before, after = legs[index - 1], legs[index]
        direct = _distance(points[index - 1], points[index + 1])
        far = min(before, after) > JUMP_LEGS * usual
        if index in told or not far or before + after < JUMP_DETOUR * max(direct, usual):
            continue
        number = points[index].number
        problems.append(
            AnnexProblem(
                number,
                None,
                float(min(before, after)),
                f"Point {number} may jump: it lies {before:,.0f} m from the point before it and "
                f"{after:,.0f} m from the one after it, which are {direct:,.0f} m apart.",
            )
        )


def _open_ring(points: list[ReadPoint], problems) -> None:
    first, last = points[0], points[-1]
    if _apart(first, last) > 0.0:
        gap = _distance(first, last)
        problems.append(
            AnnexProblem(
                last.number,
                None,
                gap,
                f"The line does not close: point {last.number} lies {gap:,.1f} m from point "
                f"{first.number}.",
            )
        )
