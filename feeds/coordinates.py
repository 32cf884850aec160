"""Longitudes and latitudes as people write them, and columns that were swapped."""

from __future__ import annotations

import functools
import re
from typing import Iterable, Optional

from .numbers import is_empty_word, number

HEMISPHERE = re.compile(r"^\s*([NSEWO])\s*(.*)$|^(.*?)\s*([NSEWO])\s*\.?$", re.IGNORECASE)
MARKS = re.compile(r"[°º˚'’′´\"”″“:]|\bdeg\b|\bmin\b|\bsec\b", re.IGNORECASE)
POINT = re.compile(
    r"^\s*(?:SRID=4326;)?\s*POINT\s*(?:Z|M|ZM)?\s*\(\s*(\S+)\s+([^\s)]+)[^)]*\)\s*$", re.IGNORECASE
)
# As nearly all files have them: nothing needs to be remembered of these.
PLAIN = re.compile(r"-?\d{1,3}\.\d+$")
LIMITS = {"latitude": 90.0, "longitude": 180.0}


class UnreadableCoordinate(ValueError):
    """A text that is no coordinate; its words say why."""


def degrees(text: Optional[str]) -> Optional[float]:
    """A coordinate in degrees: ``48.12``, ``48,12``, ``48.12 N``, ``48°07'12"N``, ``48 7 12``.

    None where the text is empty or says not known; raises UnreadableCoordinate for other text.
    """
    if text is not None and PLAIN.match(text):
        return float(text)
    return _degrees(text)


@functools.lru_cache(maxsize=50_000)
def _degrees(text: Optional[str]) -> Optional[float]:
    if is_empty_word(text):
        return None
    plain = number(text)
    if plain is not None:
        return plain
    sign, rest = 1.0, text
    found = HEMISPHERE.match(text)
    if found:
        letter = (found[1] or found[4]).upper()
        rest = found[2] if found[1] else found[3]
        sign = -1.0 if letter in "SW" else 1.0
    parts = [number(part) for part in MARKS.sub(" ", rest).split()]
    if not 1 <= len(parts) <= 3 or any(part is None for part in parts):
        raise UnreadableCoordinate("this is not a coordinate in degrees")
    if any(part < 0 or part >= 60 for part in parts[1:]):
        raise UnreadableCoordinate("minutes and seconds run from 0 to below 60")
    value = sum(abs(part) / 60**power for power, part in enumerate(parts))
    return -value if sign < 0 or rest.strip().startswith(("-", "\u2212")) else value


def point_of(text: str) -> Optional[tuple[float, float]]:
    """(longitude, latitude) of a well-known text POINT; else None."""
    found = POINT.match(text)
    if found is None:
        return None
    lon, lat = number(found[1]), number(found[2])
    return (lon, lat) if lon is not None and lat is not None else None


def inside(longitude: float, latitude: float) -> bool:
    """Whether these can be degrees on the Earth."""
    return abs(longitude) <= 180.0 and abs(latitude) <= 90.0


def swapped_as_a_whole(pairs: Iterable[tuple[float, float]]) -> bool:
    """Whether a file's (longitude, latitude) pairs are clearly the other way about.

    So where at least half of the pairs can only be right when swapped and none can only be right
    as it is. Files whose values could stand either way are left alone.
    """
    only_swapped = only_straight = total = 0
    for longitude, latitude in pairs:
        total += 1
        if abs(latitude) > 90.0 >= abs(longitude) and abs(latitude) <= 180.0:
            only_swapped += 1
        elif abs(longitude) > 90.0 >= abs(latitude):
            only_straight += 1
    return bool(only_swapped) and not only_straight and only_swapped >= 0.5 * total
