"""The letters of the Military Grid Reference System: from and to UTM, without any library."""

from __future__ import annotations

import math
import re
from typing import Tuple

from ..model.errors import CeasefireError

BANDS = "CDEFGHJKLMNPQRSTUVWX"
COLUMNS = ("ABCDEFGH", "JKLMNPQR", "STUVWXYZ")
ROWS = "ABCDEFGHJKLMNPQRSTUV"
SQUARE_M = 100_000
ROWS_CYCLE_M = 2_000_000
HAIR_M = 1e-4
# The fifth row letter of an even zone stands where an odd one has its first.
EVEN_SHIFT = 5
REFERENCE = re.compile(r"^(\d{1,2})([C-HJ-NP-X])([A-HJ-NP-Z])([A-HJ-NP-V])(\d*)$")


def zone_of(lon: float, lat: float) -> int:
    """The UTM zone, with the exceptions of south-west Norway and Svalbard."""
    if 56.0 <= lat < 64.0 and 3.0 <= lon < 12.0:
        return 32
    if lat >= 72.0 and 0.0 <= lon < 42.0:
        return 31 + 2 * int((lon + 3.0) // 12.0)
    return int((lon + 180.0) // 6.0) % 60 + 1


def band_of(lat: float) -> str:
    """The letter of the band of latitude; refused in the polar regions."""
    if not -80.0 <= lat <= 84.0:
        raise CeasefireError("beyond 80° S and 84° N the grid is another (UPS)")
    return BANDS[min(19, int((lat + 80.0) // 8.0))]


def written(zone: int, band: str, easting: float, northing: float, digits: int = 5) -> str:
    """The reference of a place in UTM; digits are cut off, not rounded, as the grid demands."""
    # A place on an edge comes from a projection a hair below it.
    easting, northing = easting + HAIR_M, northing + HAIR_M
    column = COLUMNS[(zone - 1) % 3][int(easting // SQUARE_M) - 1]
    shift = EVEN_SHIFT if zone % 2 == 0 else 0
    row = ROWS[(int(northing // SQUARE_M) + shift) % len(ROWS)]
    unit = 10 ** (5 - digits)
    east, north = (int(math.floor(value % SQUARE_M)) // unit for value in (easting, northing))
    return f"{zone:02d}{band} {column}{row} {east:0{digits}d} {north:0{digits}d}"


def read(text: str, northing_at) -> Tuple[int, bool, float, float, float]:
    """Zone, whether north, easting, northing of the square's middle, and the square's size (m).

    ``northing_at(zone, lat)`` gives the UTM northing of a latitude on the zone's middle meridian
    (without the false northing): the row letters repeat every 2,000 km, and the band decides.
    """
    found = REFERENCE.match(re.sub(r"\s+", "", text.upper()))
    if found is None:
        raise CeasefireError("it is not an MGRS reference such as “37U DQ 12345 67890”")
    zone, band, column, row, digits = int(found[1]), *found.groups()[1:]
    if not 1 <= zone <= 60:
        raise CeasefireError(f"there is no UTM zone {zone}")
    if len(digits) % 2 or len(digits) > 10:
        raise CeasefireError("an MGRS reference has as many digits east as north, five at most")
    if column not in COLUMNS[(zone - 1) % 3]:
        raise CeasefireError(f"the zone {zone} has no column “{column}”")
    half = len(digits) // 2
    size = 10.0 ** (5 - half)
    east = int(digits[:half] or 0) * size + size / 2
    north = int(digits[half:] or 0) * size + size / 2
    easting = (COLUMNS[(zone - 1) % 3].index(column) + 1) * SQUARE_M + east
    shift = EVEN_SHIFT if zone % 2 == 0 else 0
    base = (ROWS.index(row) - shift) % len(ROWS) * SQUARE_M
    south = -80.0 + 8.0 * BANDS.index(band)
    # A square counts to the band in which any of it lies: allow one square below the band.
    lowest = northing_at(zone, south) - SQUARE_M
    top = northing_at(zone, south + (12.0 if band == "X" else 8.0)) + SQUARE_M
    if south < 0:
        lowest, top = lowest + 10_000_000, top + 10_000_000
    northing = base + math.ceil((lowest - base) / ROWS_CYCLE_M) * ROWS_CYCLE_M
    if northing > top:
        raise CeasefireError(f"the band “{band}” has no row “{row}” there")
    return zone, south >= 0, easting, northing + north, size
