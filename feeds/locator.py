"""The points of a table's rows, with swapped columns and missing values minded."""

from __future__ import annotations

from statistics import median
from typing import Optional

from .coordinates import UnreadableCoordinate, degrees, inside, point_of, swapped_as_a_whole
from .notes import Notes
from .outliers import FAR_M
from .sheet import RowError, Sheet
from .table import GEOMETRY_LATITUDE, GEOMETRY_LONGITUDE, GEOMETRY_RADIUS, plain_name
from .vector import haversine

Pair = Optional[tuple[float, float]]
SWAPPED = "latitude and longitude were swapped, which one of them shows, and were set right"
HALF = "one of latitude and longitude is missing: the incident has no place"
ORIGIN = "the point is 0, 0, which stands for a missing one: the incident has no place"


class Locator:
    """Longitude and latitude by row; a row without is None, a row with an impossible one raises.

    The geometry's own columns go before columns of numbers, these before a well-known text.
    """

    def __init__(
        self, sheet: Sheet, notes: Notes, latitude="latitude", longitude="longitude", point="point"
    ):
        self.sheet, self.notes = sheet, notes
        self.latitude, self.longitude = latitude, longitude
        places = {plain_name(name): i for i, name in enumerate(sheet.columns)}
        self._geometry = tuple(
            places.get(plain_name(name))
            for name in (GEOMETRY_LONGITUDE, GEOMETRY_LATITUDE, GEOMETRY_RADIUS)
        )
        self._get_latitude, self._get_longitude = sheet.getter(latitude), sheet.getter(longitude)
        self._get_point = sheet.getter(point)
        self._numbered = sheet.has(latitude) and sheet.has(longitude)
        self.found: list[object] = [self._read(cells) for cells in sheet.rows]
        self._rest: Optional[tuple] = None
        self.swapped = self._swapped()
        if self.swapped:
            notes.say(
                "Latitude and longitude are swapped throughout the file (some latitudes lie beyond "
                "90°); all were set right."
            )

    def _swapped(self) -> bool:
        """Whether the whole file's points are the other way about: as surveyed, else by the rows'.

        A survey tells of columns, so only where no longitude lies beyond 90°.
        """
        survey = self.sheet.survey
        if survey is not None and self._numbered:
            names = [self.sheet.name(field) or "" for field in (self.latitude, self.longitude)]
            surveyed = [survey.beyond.get(name) for name in names]
            if None not in surveyed:
                (latitudes, count), (longitudes, _) = surveyed
                return bool(latitudes) and not longitudes and latitudes >= 0.5 * count
        return swapped_as_a_whole(pair for pair in self.found if isinstance(pair, tuple))

    @property
    def any(self) -> bool:
        """Whether the table has any column for a point."""
        return self._numbered or self._geometry[0] is not None or self.sheet.has("point")

    def _read(self, cells: list) -> object:
        """(longitude, latitude) as written, None, the text of a note, or a RowError."""
        at_lon, at_lat, _ = self._geometry
        if at_lon is not None and cells[at_lon] is not None and cells[at_lat] is not None:
            return float(cells[at_lon]), float(cells[at_lat])
        if self._numbered:
            lat_text, lon_text = self._get_latitude(cells), self._get_longitude(cells)
            if lat_text is not None or lon_text is not None:
                return self._from_texts(lat_text, lon_text)
        text = self._get_point(cells)
        return point_of(text) if text else None

    def _from_texts(self, lat_text: Optional[str], lon_text: Optional[str]) -> object:
        field, text = self.latitude, lat_text
        try:
            latitude = degrees(lat_text)
            field, text = self.longitude, lon_text
            longitude = degrees(lon_text)
        except UnreadableCoordinate as error:
            return self.sheet.wrong(field, text, str(error))
        if latitude is None and longitude is None:
            return None
        if latitude is None or longitude is None:
            return HALF
        return longitude, latitude

    def at(self, i: int) -> Pair:
        """(longitude, latitude) of the row with index ``i``, or None; raises RowError."""
        pair = self.found[i]
        if pair is None:
            return None
        if isinstance(pair, RowError):
            raise pair
        if isinstance(pair, str):
            self.notes.row(pair, self.sheet.numbers[i])
            return None
        longitude, latitude = (pair[1], pair[0]) if self.swapped else pair
        if longitude == 0.0 and latitude == 0.0:
            self.notes.row(ORIGIN, self.sheet.numbers[i])
            return None
        if inside(longitude, latitude):
            return longitude, latitude
        if inside(latitude, longitude) and self._among_the_rest(latitude, longitude):
            self.notes.row(SWAPPED, self.sheet.numbers[i])
            return latitude, longitude
        wrong = self.latitude if abs(latitude) > 90 else self.longitude
        value = latitude if abs(latitude) > 90 else longitude
        raise RowError(
            self.sheet.name(wrong) or wrong,
            str(value),
            "this is not on the Earth: latitudes run from -90 to 90, longitudes from -180 to 180",
        )

    def _among_the_rest(self, longitude: float, latitude: float) -> bool:
        """Whether a point lies where the file's sound points lie, or these are too few to tell."""
        if self._rest is None:
            sound = [pair for pair in self.found if isinstance(pair, tuple) and inside(*pair)]
            self._rest = extent_of(sound)
        if not self._rest:
            return True
        middle_lon, middle_lat, reach = self._rest
        return haversine(longitude, latitude, middle_lon, middle_lat) <= reach

    def radius(self, cells: list) -> Optional[float]:
        """The radius in metres that holds a line or an area; None for points."""
        at = self._geometry[2]
        return float(cells[at]) if at is not None and cells[at] is not None else None


def extent_of(pairs: list[tuple[float, float]]) -> tuple:
    """(longitude, latitude, metres) of the middle of points and what is near it; () for under 5."""
    if len(pairs) < 5:
        return ()
    lon = median(pair[0] for pair in pairs)
    lat = median(pair[1] for pair in pairs)
    distances = sorted(haversine(*pair, lon, lat) for pair in pairs)
    return lon, lat, max(FAR_M, 3.0 * distances[int(0.95 * (len(distances) - 1))])
