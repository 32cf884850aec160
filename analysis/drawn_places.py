"""A line or an area through places that were written down, and what looks odd about it."""

from __future__ import annotations

import dataclasses
import statistics
from typing import Any, List, Sequence

from ..model.errors import CeasefireError

# A leg this much longer than the middle one is more often a wrong digit than a long straight.
ODD_TIMES = 20.0
ODD_FROM_M = 10_000.0


@dataclasses.dataclass(frozen=True)
class Drawn:
    """A shape in EPSG:4326, its geodesic length or perimeter, and sentences on what looks odd."""

    geometry: Any
    length_m: float
    notes: List[str]


def drawn_line(places: Sequence) -> Drawn:
    """The line through places (``lon``, ``lat``, ``line``) in their order."""
    import shapely

    _refuse_half_the_world(places)
    legs = _legs(places)
    shape = shapely.LineString([(place.lon, place.lat) for place in places])
    if shape.length == 0.0:
        raise CeasefireError("All places are the same: a line needs two that differ.")
    notes = _odd_legs(places, legs)
    if not shape.is_simple:
        notes.append("The line crosses or touches itself: look whether places changed their order.")
    return Drawn(shape, sum(legs), notes)


def drawn_area(places: Sequence) -> Drawn:
    """The area that places enclose in their order; the last is joined to the first."""
    import shapely

    _refuse_half_the_world(places)
    ring = list(places)
    if (ring[0].lon, ring[0].lat) != (ring[-1].lon, ring[-1].lat):
        ring.append(ring[0])
    legs = _legs(ring)
    if len(ring) < 4:
        raise CeasefireError("An area needs at least three places that differ.")
    shape = shapely.Polygon([(place.lon, place.lat) for place in ring])
    if not shape.is_valid:
        raise CeasefireError(
            "The area's edge crosses itself: give the places in the order of its edge."
        )
    return Drawn(shape, sum(legs), _odd_legs(ring, legs))


def _legs(places: Sequence) -> List[float]:
    from pyproj import Geod

    lons, lats = [place.lon for place in places], [place.lat for place in places]
    _, _, metres = Geod(ellps="WGS84").inv(lons[:-1], lats[:-1], lons[1:], lats[1:])
    return [float(value) for value in metres]


def _refuse_half_the_world(places: Sequence) -> None:
    for before, after in zip(places, places[1:]):
        if abs(after.lon - before.lon) > 180.0:
            raise CeasefireError(
                f"Between the places of lines {before.line} and {after.line} it crosses 180° of "
                "longitude: draw both halves apart."
            )


def _odd_legs(places: Sequence, legs: List[float]) -> List[str]:
    usual = statistics.median(legs)
    notes = []
    for start, end, metres in zip(places, places[1:], legs):
        if metres == 0.0:
            notes.append(f"The places of lines {start.line} and {end.line} are the same.")
        elif len(legs) > 2 and metres > max(ODD_FROM_M, ODD_TIMES * usual):
            notes.append(
                f"From the place of line {start.line} to that of line {end.line} it is "
                f"{metres / 1000:,.1f} km, far more than elsewhere: look at their digits."
            )
    return notes
