"""When the sun rises and sets: the nights of a theatre, to within a minute of an almanac.

The low-precision formulas for the sun's place that the US Naval Observatory publishes (good to
about a hundredth of a degree between 1950 and 2050). The sun is up while its upper edge, with the
usual refraction, is above a level horizon: its centre above -50 minutes of arc. Hills, height and
weather are not in it.
"""

from __future__ import annotations

import math
from typing import List, Optional, Tuple

DAY = 86_400.0
# 2000-01-01 12:00 UTC, in seconds since 1970.
J2000 = 946_728_000.0
HORIZON = math.radians(-50 / 60)
STEPS = 3
MOMENT = 60.0

Span = Tuple[float, float]


def daylight(noon: float, longitude: float, latitude: float) -> Optional[Span]:
    """Sunrise and sunset around the sun's noon next to ``noon``, in seconds since 1970 (UTC).

    None where the sun does not rise that day; where it does not set, the whole day around noon.
    """
    transit = _transit(noon, longitude)
    rise, set_ = transit, transit
    for _ in range(STEPS):
        before, after = _half_day(rise, latitude), _half_day(set_, latitude)
        if before is None or after is None:
            return None
        rise = transit - before
        set_ = transit + after
    return rise, set_


def nights(start: float, end: float, longitude: float, latitude: float) -> List[Span]:
    """The nights that a span of time touches, cut to it, in order (seconds since 1970)."""
    found: List[Span] = []
    dark_from = start
    # The sun's noon at this longitude, a day before the span's first.
    noon = (math.floor(start / DAY) - 1) * DAY + DAY / 2 - longitude / 360 * DAY
    while noon < end + DAY:
        day = daylight(noon, longitude, latitude)
        noon += DAY
        if day is None or day[1] <= dark_from:
            continue
        # Days that touch, where the sun does not set, leave no night between them.
        if day[0] > dark_from + MOMENT:
            found.append((dark_from, min(day[0], end)))
        dark_from = day[1]
        if dark_from >= end:
            return found
    if dark_from < end:
        found.append((dark_from, end))
    return found


def sun_at(moment: float) -> Tuple[float, float]:
    """Declination (radians) and equation of time (seconds: sundial minus clock) at a moment."""
    days = (moment - J2000) / DAY
    anomaly = math.radians((357.529 + 0.98560028 * days) % 360)
    mean_longitude = (280.459 + 0.98564736 * days) % 360
    longitude = math.radians(
        mean_longitude + 1.915 * math.sin(anomaly) + 0.020 * math.sin(2 * anomaly)
    )
    tilt = math.radians(23.439 - 0.00000036 * days)
    right_ascension = math.degrees(
        math.atan2(math.cos(tilt) * math.sin(longitude), math.cos(longitude))
    )
    declination = math.asin(math.sin(tilt) * math.sin(longitude))
    degrees = (mean_longitude - right_ascension + 180) % 360 - 180
    return declination, degrees * 240


def _transit(noon: float, longitude: float) -> float:
    """When the sun passes the meridian, next to a moment."""
    mean_noon = math.floor(noon / DAY) * DAY + DAY / 2 - longitude / 360 * DAY
    mean_noon += round((noon - mean_noon) / DAY) * DAY
    return mean_noon - sun_at(mean_noon)[1]


def _half_day(moment: float, latitude: float) -> Optional[float]:
    """Seconds between noon and the horizon; None where the sun stays below it all day."""
    declination, _ = sun_at(moment)
    here = math.radians(latitude)
    below = math.cos(here) * math.cos(declination)
    if abs(below) < 1e-12:
        return DAY / 2 if math.sin(here) * math.sin(declination) > math.sin(HORIZON) else None
    cosine = (math.sin(HORIZON) - math.sin(here) * math.sin(declination)) / below
    if cosine >= 1:
        return None
    return DAY / 2 if cosine <= -1 else math.acos(cosine) / (2 * math.pi) * DAY
