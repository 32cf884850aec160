"""Distances and directions in words: ``3-5km NNW``, ``5km north-east of Birch``."""

from __future__ import annotations

import dataclasses
import functools
import re
from typing import Optional

from .numbers import is_empty_word, number

WINDS = ("N NNE NE ENE E ESE SE SSE S SSW SW WSW W WNW NW NNW").split()
POINTS = {"north": "N", "south": "S", "east": "E", "west": "W"}
HALFWIDTH_16 = 11.25
HALFWIDTH_8 = 22.5
SINGLE_DISTANCE_SHARE = 0.2
NUMBER = r"\d+(?:[.,]\d+)?"
DISTANCE = re.compile(
    rf"(?P<a>{NUMBER})(?:\s*(?:km|m)?\s*(?:-|–|—|to)\s*(?P<b>{NUMBER}))?\s*(?P<unit>km|kilomet\w+|m|met\w+)\b",
    re.IGNORECASE,
)
WORDS = r"(?:north|south|east|west)"
DIRECTION = re.compile(
    rf"\b(?P<words>{WORDS}(?:[-\s]*{WORDS}){{0,2}})(?:ern|erly)?\b|(?<![\w/])(?P<letters>[NESW]{{1,3}})(?![\w/])",
    re.IGNORECASE,
)
DEGREES = re.compile(rf"(?P<deg>{NUMBER})\s*(?:°|deg(?:rees)?\b)", re.IGNORECASE)
OFFSET_OF = re.compile(r"\bof\s+(?:the\s+)?(?P<place>[^,;()]+)", re.IGNORECASE)
FIRE = re.compile(
    rf"\b(?P<a>[NESW]{{1,3}}|{WORDS}(?:[-\s]{WORDS})*)\s*(?:to|-to-|→|->)\s*(?P<b>[NESW]{{1,3}}|{WORDS}(?:[-\s]{WORDS})*)\b",
    re.IGNORECASE,
)


@dataclasses.dataclass(frozen=True)
class Sighting:
    """Direction (degrees, true, ± half-width) and range (metres); None: not known."""

    bearing_deg: Optional[float] = None
    halfwidth_deg: Optional[float] = None
    range_min_m: Optional[float] = None
    range_max_m: Optional[float] = None


@functools.lru_cache(maxsize=20_000)
def sighting(text: Optional[str]) -> Optional[Sighting]:
    """Distance and direction from a post; None where the text has neither and is not N/K.

    16-wind letters are ± 11.25°, those of the eight-wind rose ± 22.5°, degrees as given ± 5°; a
    single distance is ± 20 %.
    """
    if is_empty_word(text):
        return Sighting()
    low, high = distances(text)
    rest = DISTANCE.sub(" ", text)
    bearing, halfwidth = direction(rest)
    if low is None and bearing is None:
        return None
    return Sighting(bearing, halfwidth, low, high)


def distances(text: str) -> tuple[Optional[float], Optional[float]]:
    """The range in metres of ``3-5km``, ``500m``, ``2 km``; (None, None) where there is none."""
    found = DISTANCE.search(text)
    if found is None:
        return None, None
    scale = 1000.0 if found["unit"].lower().startswith("k") else 1.0
    first = number(found["a"]) * scale
    if found["b"] is None:
        return first * (1 - SINGLE_DISTANCE_SHARE), first * (1 + SINGLE_DISTANCE_SHARE)
    second = number(found["b"]) * scale
    return min(first, second), max(first, second)


def direction(text: str) -> tuple[Optional[float], Optional[float]]:
    """Bearing and half-width in degrees of the first direction in a text."""
    exact = DEGREES.search(text)
    if exact:
        return number(exact["deg"]) % 360.0, 5.0
    for found in DIRECTION.finditer(text):
        wind = wind_of(found[0])
        if wind is not None:
            return wind
    return None, None


def wind_of(word: str) -> Optional[tuple[float, float]]:
    """Bearing and half-width of a wind's letters or words (``NNW``, ``north-north-west``)."""
    letters = re.sub(
        WORDS,
        lambda found: POINTS[found[0].lower()],
        re.sub(r"(ern|erly)$", "", word, flags=re.I),
        flags=re.I,
    )
    letters = re.sub(r"[\s-]+", "", letters).upper()
    if letters not in WINDS:
        return None
    place = WINDS.index(letters)
    return place * 22.5, HALFWIDTH_8 if place % 2 == 0 else HALFWIDTH_16


def offset_from(text: str) -> Optional[tuple[str, float, float]]:
    """``5km N of Birch`` as (Birch, bearing, metres); None where the text has no such words."""
    found = OFFSET_OF.search(text)
    if found is None:
        return None
    before = text[: found.start()]
    start = list(DISTANCE.finditer(before))
    if not start:
        return None
    last = start[-1]
    wind, _ = direction(before[last.end() :])
    if wind is None:
        return None
    low, high = distances(last[0])
    return found["place"].strip(), wind, (low + high) / 2


def fire_azimuth(text: str) -> Optional[float]:
    """The direction of fire of ``W to E`` (90°); None where the text names none."""
    for found in FIRE.finditer(text):
        here, there = wind_of(found["a"]), wind_of(found["b"])
        if here is not None and there is not None and (there[0] - here[0]) % 360 == 180:
            return there[0]
    return None
