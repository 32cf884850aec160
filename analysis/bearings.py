"""Bearings as observers tell them: degrees, mils of three kinds or winds; magnetic or true."""

from __future__ import annotations

import math
from typing import Union

from ..model.errors import CeasefireError

# How many of a unit make the full circle.
FULL_CIRCLE = {
    "degrees": 360.0,
    "mils_6400": 6400.0,
    "mils_6300": 6300.0,
    "mils_6000": 6000.0,
}
WINDS = (
    *("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE"),
    *("S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW"),
)
UNITS = (*FULL_CIRCLE, "winds")
REFERENCES = ("true", "magnetic")
WIND_DEG = 360.0 / len(WINDS)


def degrees_of(bearing: Union[str, float], unit: str) -> float:
    """A bearing in degrees within [0, 360); a wind's name where the unit is ``winds``.

    Raises CeasefireError where it is no bearing of that unit.
    """
    if unit == "winds":
        return _wind(str(bearing)) * WIND_DEG
    value = _number(bearing)
    if value < 0.0 or value > FULL_CIRCLE[unit]:
        raise CeasefireError(
            f"The bearing {value:g} is none of {FULL_CIRCLE[unit]:g} to the full circle: write a "
            f"number from 0 to {FULL_CIRCLE[unit]:g}, or choose the unit that was used."
        )
    return value * 360.0 / FULL_CIRCLE[unit] % 360.0


def bearing_in(degrees: float, unit: str) -> Union[str, float]:
    """Degrees in another unit: the nearest wind's name, or a number below the full circle."""
    if unit == "winds":
        return WINDS[int(math.floor(degrees / WIND_DEG + 0.5)) % len(WINDS)]
    return degrees % 360.0 * FULL_CIRCLE[unit] / 360.0


def halfwidth_in_degrees(plus_or_minus: float, unit: str) -> float:
    """A bearing's plus or minus in degrees; for winds it counts in degrees too.

    A bearing told as one of sixteen winds is not known better than to half a wind, 11.25°.
    """
    if unit == "winds":
        return max(abs(plus_or_minus), WIND_DEG / 2.0)
    return abs(plus_or_minus) * 360.0 / FULL_CIRCLE[unit]


def true_bearing(degrees: float, reference: str, declination_deg: float) -> float:
    """The bearing from true north; ``declination_deg`` is positive where the needle points east."""
    return (degrees + (declination_deg if reference == "magnetic" else 0.0)) % 360.0


def told_bearing(true_deg: float, reference: str, declination_deg: float) -> float:
    """A bearing from true north as the reference has it: the reverse of ``true_bearing``."""
    return (true_deg - (declination_deg if reference == "magnetic" else 0.0)) % 360.0


def _wind(text: str) -> int:
    name = text.strip().upper()
    if name not in WINDS:
        raise CeasefireError(
            f"“{text}” is none of the sixteen winds: write one of {', '.join(WINDS)}."
        )
    return WINDS.index(name)


def _number(value: Union[str, float]) -> float:
    try:
        number = float(str(value).strip().replace(",", "."))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise CeasefireError(f"“{value}” is no bearing: write a number.")
    return number
