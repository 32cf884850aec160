"""Coordinates as people write them, read to longitude and latitude, and written again.

Every place comes with how exactly it was written and how exactly its datum is known.
"""

from __future__ import annotations

import dataclasses
import math
import re
from functools import lru_cache
from typing import List, Optional, Tuple

from ..model.errors import CeasefireError
from . import coordinate_mgrs as mgrs

FORMATS = ("auto", "decimal", "dm", "dms", "utm", "mgrs", "sk42", "gauss_kruger")
METRES_A_DEGREE = 111_320.0
PULKOVO_1942, WGS84 = 4284, 4326
# PROJ states 2 to 10 m for the regional shifts, each within a rectangle about its country; near a
# border the neighbour's shift may be taken, so that no shift is believed to better than this.
SHIFT_FLOOR_M = 10.0
ANGLE = re.compile(
    r"([NSEW])?\s*([+-]?\d+(?:\.\d+)?)\s*[°d:]?\s*"
    r"(?:(\d+(?:\.\d+)?)\s*['′:]?\s*)?(?:(\d+(?:\.\d+)?)\s*[\"″]?\s*)?([NSEW])?",
)
UTM = re.compile(
    r"^(\d{1,2})\s*([A-Z])\s+(\d+(?:\.\d+)?)\s*(?:m?E)?[\s,;]+(\d+(?:\.\d+)?)\s*(?:m?N)?$", re.I
)
PAIR = re.compile(r"^[XY=\s]*(\d{6,8}(?:\.\d+)?)[\s,;]+[XY=\s]*(\d{6,8}(?:\.\d+)?)$", re.I)


@dataclasses.dataclass(frozen=True)
class Place:
    """A place in WGS 84: ``accuracy_m`` joins the last written digit and the datum's shift.

    It is None where PROJ knows no shift of the datum for that region: then it is not known.
    """

    lon: float
    lat: float
    accuracy_m: Optional[float]
    format: str
    line: int = 0


@dataclasses.dataclass(frozen=True)
class BadLine:
    """A line that could not be read, with one sentence that says why."""

    line: int
    sentence: str


def read_lines(text: str, form: str = "auto") -> Tuple[List[Place], List[BadLine]]:
    """Every line of a text; blank lines and lines that start with # are passed over."""
    places, bad = [], []
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        try:
            places.append(dataclasses.replace(read_coordinate(line, form), line=number))
        except CeasefireError as error:
            bad.append(BadLine(number, f"Line {number}, “{line}”: {error}."))
    return places, bad


def read_coordinate(text: str, form: str = "auto") -> Place:
    """One place. ``auto`` knows MGRS, UTM, Gauss-Krüger (zone in the easting) and angles;
    angles are WGS 84 unless ``sk42`` is asked, which reads them on Pulkovo 1942."""
    if form not in FORMATS:
        raise CeasefireError(f"there is no format “{form}”; there are {', '.join(FORMATS)}")
    text = text.strip().replace("’", "'").replace("”", '"').replace("−", "-").replace("''", '"')
    if form == "mgrs" or (
        form == "auto" and mgrs.REFERENCE.match(re.sub(r"\s+", "", text.upper()))
    ):
        return _of_mgrs(text)
    found = UTM.match(text)
    if form == "utm" or (form == "auto" and found):
        return _of_utm(found)
    found = PAIR.match(text)
    if form == "gauss_kruger" or (form in ("auto", "sk42") and found):
        return _of_gauss_kruger(found)
    return _of_angles(text, form)


def format_coordinate(lon: float, lat: float, form: str = "decimal") -> str:
    """A place of WGS 84 in a format of FORMATS but ``auto``; latitude comes first."""
    if not (abs(lat) <= 90.0 and abs(lon) <= 180.0):
        raise CeasefireError("its latitude is beyond 90° or its longitude beyond 180°")
    if form == "decimal":
        return f"{lat:.6f}, {lon:.6f}"
    if form in ("dm", "dms"):
        return f"{_angle(lat, 'NS', form)} {_angle(lon, 'EW', form)}"
    if form in ("utm", "mgrs"):
        zone, band = mgrs.zone_of(lon, lat), mgrs.band_of(lat)
        east, north = _transformer(4326, _utm_code(zone, lat >= 0)).transform(lon, lat)
        if form == "mgrs":
            return mgrs.written(zone, band, east, north)
        return f"{zone}{band} {east:.0f} {north:.0f}"
    if form == "sk42":
        lon, lat = _shift(lon, lat)[0].transform(lon, lat, direction="INVERSE")
        return f"{lat:.6f}, {lon:.6f}"
    if form == "gauss_kruger":
        zone = int(lon % 360.0 // 6.0) + 1
        if not 2 <= zone <= 32:
            raise CeasefireError("Gauss-Krüger zones of Pulkovo 1942 go from 6° E to 168° W")
        old = _shift(lon, lat)[0].transform(lon, lat, direction="INVERSE")
        east, north = _transformer(PULKOVO_1942, 28400 + zone).transform(*old)
        return f"X={north:.0f} Y={east:.0f}"
    raise CeasefireError(f"there is no format “{form}” to write in")


def _of_mgrs(text: str) -> Place:
    zone, north, easting, northing, size = mgrs.read(text, _northing_at)
    lon, lat = _transformer(_utm_code(zone, north), 4326).transform(easting, northing)
    return Place(lon, lat, size / math.sqrt(2.0), "mgrs")


def _northing_at(zone: int, lat: float) -> float:
    return _transformer(4326, _utm_code(zone, True)).transform(6.0 * zone - 183.0, lat)[1]


def _of_utm(found) -> Place:
    if found is None:
        raise CeasefireError("it is not UTM such as “37U 412345 5567890”: zone, band, east, north")
    zone, band, east, north = int(found[1]), found[2].upper(), found[3], found[4]
    if not 1 <= zone <= 60 or band not in mgrs.BANDS:
        raise CeasefireError(f"there is no UTM zone with band “{zone}{band}”")
    easting, northing = float(east), float(north)
    if not 100_000.0 <= easting <= 900_000.0 or northing > 10_000_000.0:
        raise CeasefireError("its easting or northing is outside of what a UTM zone has")
    lon, lat = _transformer(_utm_code(zone, band >= "N"), 4326).transform(easting, northing)
    south = -80.0 + 8.0 * mgrs.BANDS.index(band)
    # “S” is read by some as south: the letter is the band's, and must fit the northing.
    if not south - 1.0 <= lat <= south + (13.0 if band == "X" else 9.0):
        raise CeasefireError(
            f"the northing does not lie in the band “{band}”; the letter is a band"
        )
    return Place(lon, lat, _last_digit(east, 1.0), "utm")


def _of_gauss_kruger(found) -> Place:
    if found is None:
        raise CeasefireError("it is not Gauss-Krüger such as “5567890 7412345”: X north, Y east")
    # In Soviet maps X is north and Y east, with the zone before the easting's six digits.
    north, east = found[1], found[2]
    zone = int(float(east) // 1_000_000)
    if not 2 <= zone <= 32:
        raise CeasefireError("its second number has no zone (2 to 32) before the six digits east")
    old = _transformer(28400 + zone, PULKOVO_1942)
    lon, lat = old.transform(float(east), float(north))
    if not (math.isfinite(lon) and math.isfinite(lat) and abs(lat) <= 90.0):
        raise CeasefireError("its numbers lie outside of the zone")
    return _shifted(lon, lat, _last_digit(east, 1.0), "gauss_kruger")


def _of_angles(text: str, form: str) -> Place:
    halves = _halves(text)
    if halves is None:
        raise CeasefireError(
            "no format fits; write latitude, longitude, such as “48.5123, 37.9876”"
        )
    (first, first_letter, parts, unit), (second, second_letter, others, _) = halves
    if (first_letter or "N") in "EW" or (second_letter or "E") in "NS":
        first, second, first_letter, second_letter = second, first, second_letter, first_letter
    if (first_letter or "N") in "EW" or (second_letter or "E") in "NS":
        raise CeasefireError("it has two latitudes or two longitudes")
    if abs(first) > 90.0 or abs(second) > 180.0:
        raise CeasefireError("its latitude is beyond 90° or its longitude beyond 180°")
    kind = ("decimal", "dm", "dms")[max(parts, others) - 1]
    if form in ("decimal", "dm", "dms") and kind != form:
        raise CeasefireError(f"it is written as “{kind}” and not as “{form}”")
    accuracy = unit * METRES_A_DEGREE
    if form == "sk42":
        return _shifted(second, first, accuracy, "sk42")
    return Place(second, first, accuracy, kind)


def _shifted(lon: float, lat: float, written_m: float, form: str) -> Place:
    """A place of Pulkovo 1942 in WGS 84."""
    shift, accuracy = _shift(lon, lat)
    lon, lat = shift.transform(lon, lat)
    return Place(lon, lat, None if accuracy is None else math.hypot(written_m, accuracy), form)


def _shift(lon: float, lat: float):
    """The shift from Pulkovo 1942 to WGS 84 for a place, and how exact it is (None: not known)."""
    return _shift_about(math.floor(lon), math.floor(lat))


@lru_cache(maxsize=256)
def _shift_about(lon: int, lat: int):
    from pyproj.aoi import AreaOfInterest
    from pyproj.transformer import TransformerGroup

    # The middle of the degree, so that a place and its neighbours are shifted alike.
    east, north = min(lon + 0.5, 179.5), min(lat + 0.5, 89.5)
    area = AreaOfInterest(east - 0.01, north - 0.01, east + 0.01, north + 0.01)
    group = TransformerGroup(PULKOVO_1942, WGS84, always_xy=True, area_of_interest=area)
    best = group.transformers[0]
    known = 0.0 <= best.accuracy < 900.0
    return best, max(best.accuracy, SHIFT_FLOOR_M) if known else None


def _halves(text: str):
    """Both angles: split at a comma or semicolon, at a letter, or in the middle of the numbers."""
    text = text.upper().replace("D", "°")
    for separator in (";", ","):
        if text.count(separator) == 1:
            return _both(*text.split(separator))
    found = re.match(r"^([NSEW][^NSEW]*)([NSEW][^NSEW]*)$", text) or re.match(
        r"^([^NSEW]*[NSEW])\s*(\d.*)$", text
    )
    if found:
        return _both(found[1], found[2])
    words = text.split()
    if len(words) % 2 or not words:
        return None
    middle = len(words) // 2
    return _both(" ".join(words[:middle]), " ".join(words[middle:]))


def _both(first: str, second: str):
    angles = [_read_angle(first.strip()), _read_angle(second.strip())]
    return None if None in angles else angles


def _read_angle(text: str) -> Optional[Tuple[float, str, int, float]]:
    """Degrees with sign, letter, how many parts it was written in, half its last digit's worth."""
    found = ANGLE.fullmatch(text)
    if found is None:
        return None
    before, degrees, minutes, seconds, after = found.groups()
    if before and after:
        return None
    numbers = [part for part in (degrees, minutes, seconds) if part is not None]
    if any(float(part) >= 60.0 for part in numbers[1:]):
        raise CeasefireError("its minutes or seconds are 60 or more")
    if any("." in part for part in numbers[:-1]):
        return None
    letter = before or after or ""
    value = sum(abs(float(part)) / 60.0**place for place, part in enumerate(numbers))
    if letter and degrees[0] in "+-":
        raise CeasefireError("it has both a sign and a letter; leave one of them out")
    if degrees.startswith("-") or letter in ("S", "W"):
        value = -value
    return value, letter, len(numbers), _last_digit(numbers[-1], 60.0 ** (1 - len(numbers)))


def _last_digit(number: str, unit: float) -> float:
    """Half of what the last written digit is worth."""
    decimals = len(number.partition(".")[2])
    return unit * 0.5 * 10.0**-decimals


def _angle(value: float, letters: str, form: str) -> str:
    letter = letters[0] if value >= 0 else letters[1]
    if form == "dm":
        total = round(abs(value) * 60_000)
        return f"{total // 60_000}°{total % 60_000 / 1000:06.3f}'{letter}"
    total = round(abs(value) * 36_000)
    minutes, rest = divmod(total, 600)
    return f"{minutes // 60}°{minutes % 60:02d}'{rest / 10:04.1f}\"{letter}"


def _utm_code(zone: int, north: bool) -> int:
    return (32600 if north else 32700) + zone


@lru_cache(maxsize=64)
def _transformer(source: int, target: int):
    from pyproj import Transformer

    return Transformer.from_crs(source, target, always_xy=True)
