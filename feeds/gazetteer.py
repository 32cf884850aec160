"""A gazetteer from a table of posts or places."""

from __future__ import annotations

from ..model.errors import CeasefireError
from .locator import Locator
from .notes import Notes
from .places import Gazetteer
from .sheet import RowError, Sheet
from .table import RawTable

NAMES = {
    "name": ("name", "post_name", "place_name", "label", "title", "camera", "position"),
    "post_id": ("post_id", "id", "code"),
    "place_name": ("place_name", "place", "settlement"),
    "latitude": ("latitude", "lat", "y"),
    "longitude": ("longitude", "lon", "long", "lng", "x"),
    "point": ("wkt", "geom_wkt"),
}


def gazetteer_of(table: RawTable) -> Gazetteer:
    """Points by name and by id from a table of posts; rows without a point are left out.

    Raises CeasefireError where the table has no names or no points at all.
    """
    sheet = Sheet(table, NAMES)
    locator = Locator(sheet, Notes())
    getters = [
        sheet.getter(field) for field in ("post_id", "place_name", "name") if sheet.has(field)
    ]
    if not getters or not locator.any:
        raise CeasefireError(
            "POSTS must have names (a field name, post_id or place_name) and points; its "
            f"columns are {', '.join(table.columns[:30])}."
        )
    points: dict[str, tuple[float, float]] = {}
    for get in getters:
        for i, cells in enumerate(sheet.rows):
            name = get(cells)
            point = point_at(locator, i)
            if name is not None and point is not None:
                points[name] = point
    return Gazetteer(points)


def point_at(locator: Locator, i: int):
    """The point of a row, or None where it has none that can be."""
    try:
        return locator.at(i)
    except RowError:
        return None
