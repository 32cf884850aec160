"""Days of the theatre and the instants at which they begin."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Optional

from ..model.errors import CeasefireError
from .span import day_start, time_zone


def day_of(moment: datetime, timezone: str) -> date:
    """The day of an aware instant by the clocks of an IANA zone."""
    return moment.astimezone(time_zone(timezone)).date()


def begin_of(day: date, timezone: str) -> datetime:
    """The instant (UTC) at which a day begins by the clocks of an IANA zone."""
    return day_start(datetime.combine(day, time()), time_zone(timezone))


def day_option(options: dict, name: str) -> Optional[date]:
    """The option of that name as a day, None where it is empty; raises CeasefireError."""
    text = str(options.get(name) or "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise CeasefireError(
            f"The feed's option “{name}” is “{text}”, which is no day: write it as 2026-01-31."
        ) from None


def whole_option(options: dict, name: str, least: int, most: int) -> int:
    """The option of that name as a whole number within bounds; raises CeasefireError."""
    text = str(options.get(name)).strip()
    try:
        value = int(text)
    except ValueError:
        value = least - 1
    if not least <= value <= most:
        raise CeasefireError(
            f"The feed's option “{name}” is “{text}”: give a whole number from {least:,} to "
            f"{most:,}."
        )
    return value


def box_option(options: dict, name: str = "bbox") -> Optional[tuple[float, float, float, float]]:
    """The option of that name as (west, south, east, north) in degrees, None where it is empty.

    A box over the date line has a west that is larger than its east. Raises CeasefireError.
    """
    text = str(options.get(name) or "").strip()
    if not text:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
        right = -180 <= west <= 180 and -180 <= east <= 180 and -90 <= south < north <= 90
    except ValueError:
        right = False
    if not right:
        raise CeasefireError(
            f"The feed's option “{name}” is “{text}”: give west, south, east and north in degrees, "
            "as 22.0,44.0,41.0,53.0."
        )
    return west, south, east, north


def in_box(box: tuple[float, float, float, float], longitude: float, latitude: float) -> bool:
    """Whether a point lies in (west, south, east, north); the box may lie over the date line."""
    west, south, east, north = box
    if not south <= latitude <= north:
        return False
    return west <= longitude <= east if west <= east else longitude >= west or longitude <= east
