"""Rings and fans of range about a place: geodesic, as areas in degrees."""

from __future__ import annotations

import dataclasses
import re
from typing import Mapping, Optional

import numpy as np
import shapely

from ..model.errors import CeasefireError
from .geodesy import direct

STEP_DEG = 1.0
_RANGE = re.compile(r"([0-9]+(?:[.,][0-9]+)?)\s*(m|km)?", re.IGNORECASE)


@dataclasses.dataclass(frozen=True)
class Range:
    """A range in metres; ``weapon`` is the code that it is of, None where none was named."""

    metres: float
    weapon: Optional[str] = None


def fan(lon, lat, bearing_deg, halfwidth_deg, nearest_m: float, farthest_m: float):
    """The area seen from a place (degrees) in a direction, from one range to another (metres).

    Its rims lie on the ellipsoid at those ranges, with a corner for each degree at least. With a
    half-width of 180° or more it is a disc, or a ring. Longitudes run on past ±180° where the area
    does, in one piece with the place; an area around a pole is closed by way of it.
    """
    nearest_m, farthest_m = sorted((nearest_m, farthest_m))
    if halfwidth_deg >= 180.0:
        disc = _disc(lon, lat, farthest_m)
        return disc.difference(_disc(lon, lat, nearest_m)) if nearest_m > 0 else disc
    steps = max(2, int(np.ceil(2.0 * halfwidth_deg / STEP_DEG)))
    azimuths = bearing_deg + np.linspace(-halfwidth_deg, halfwidth_deg, steps + 1)
    far = _rim(lon, lat, azimuths, farthest_m)
    near = np.array([[lon, lat]])
    if nearest_m > 0:
        near = _rim(lon, lat, azimuths[::-1], nearest_m)
    made = shapely.Polygon(np.concatenate([far, near]))
    return made if shapely.is_valid(made) else shapely.make_valid(made)


def ranges_of(text: str, weapons: Mapping[str, Mapping]) -> list[Range]:
    """The ranges that a text names: “2000; 5 km; mortar_120; hmg=1800”, the shortest first.

    A weapon's code stands for its range in ``weapons`` (``range_m``); “code=range” sets another.
    Raises CeasefireError with the part that cannot be read.
    """
    found = [_range(part.strip(), weapons) for part in re.split(r"[;\n]", text) if part.strip()]
    if not found:
        raise CeasefireError(
            "No range is named: write metres or weapons, such as “2000; 5 km; mortar_120”."
        )
    return sorted(set(found), key=lambda each: (each.metres, each.weapon or ""))


def _range(part: str, weapons: Mapping[str, Mapping]) -> Range:
    name, equals, told = (piece.strip() for piece in part.partition("="))
    if not equals and _RANGE.fullmatch(part):
        return Range(_metres(part))
    if name not in weapons:
        raise CeasefireError(
            f"“{part}” is neither a range nor a weapon of the list: write metres, such as “2000” "
            "or “5 km”, or a weapon's code, such as “mortar_120”."
        )
    if equals:
        return Range(_metres(told), name)
    metres = weapons[name].get("range_m")
    if metres is None:
        raise CeasefireError(
            f"The range of “{name}” is not known: write the one that your mission uses, such as "
            f"“{name}=5000”."
        )
    return Range(float(metres), name)


def _metres(text: str) -> float:
    found = _RANGE.fullmatch(text)
    if found is None:
        raise CeasefireError(f"“{text}” is no range: write metres, or kilometres as “5 km”.")
    metres = float(found.group(1).replace(",", "."))
    metres *= 1000.0 if (found.group(2) or "").lower() == "km" else 1.0
    if not 0.0 < metres <= 10_000_000.0:
        raise CeasefireError(f"A range of “{text}” cannot be drawn: write one above 0 m.")
    return metres


def _disc(lon: float, lat: float, radius_m: float):
    rim = _rim(lon, lat, np.arange(0.0, 361.0, STEP_DEG), radius_m)
    turn = rim[-1, 0] - rim[0, 0]
    if abs(turn) > 180.0:
        # Around a pole the rim does not come back to where it began.
        pole = np.copysign(90.0, lat)
        rim = np.concatenate([rim, [[rim[-1, 0], pole], [rim[0, 0], pole]]])
    return shapely.Polygon(rim)


def _rim(lon: float, lat: float, azimuths: np.ndarray, distance_m: float) -> np.ndarray:
    """Places at one range, their longitudes running on from the first; (n, 2) degrees."""
    there_lon, there_lat = direct(lon, lat, azimuths, distance_m)
    there_lon = np.unwrap(there_lon, period=360.0)
    there_lon -= np.round((there_lon[0] - lon) / 360.0) * 360.0
    return np.column_stack([there_lon, there_lat])
