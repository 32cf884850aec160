"""A place that was read from a line of text, as a layer shows it."""

from __future__ import annotations

import dataclasses
from typing import Any, Optional

from ...model.field import Shape, integer, real, table_of, text


@dataclasses.dataclass
class CoordinatePoint:
    """One place: which line of the text it stood in, how it was written and how exactly."""

    place_id: str = text("Place", default="")
    text_line: Optional[int] = integer("Line of the text")
    format: Optional[str] = text("Format")
    longitude: Optional[float] = real("Longitude (WGS 84)")
    latitude: Optional[float] = real("Latitude (WGS 84)")
    accuracy_m: Optional[float] = real("Writing and datum leave open (m)")
    geometry: Any = None

    @classmethod
    def of(cls, place) -> CoordinatePoint:
        """A place as ``analysis.coordinates`` reads it."""
        import shapely

        return cls(
            place_id=str(place.line),
            text_line=place.line,
            format=place.format,
            longitude=place.lon,
            latitude=place.lat,
            accuracy_m=place.accuracy_m,
            geometry=shapely.Point(place.lon, place.lat),
        )


COORDINATE_POINTS = table_of(
    CoordinatePoint, "coordinate_points", "Places from coordinates", Shape.POINT, "place_id"
)
