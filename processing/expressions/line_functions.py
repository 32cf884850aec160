"""The functions on the contact line: distance, side, chainage, and the line in force."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Optional

from qgis.core import QgsExpressionContext, QgsGeometry

from ...model.errors import CeasefireError
from ..fields import qgis_value
from ..line.instants import Unreadable, span_of
from .function import Argument, CeasefireFunction
from .line_snapshot import LineSnapshot
from .linechoice import VARIABLE
from .linereading import LinesAsked

ZONE_VARIABLE = "ceasefire_timezone"

# Where no point is given; NULL is a point that is not known.
EVERYWHERE = ""

GEOMETRY = Argument("geometry", "a point, such as @geometry; NULL gives NULL")
WHEN = Argument(
    "when",
    "the moment that decides which lines were in force: a date and time, a date (its beginning in "
    "the theatre's time zone) or ISO text; with NULL only undated lines count",
)
LINES = Argument(
    "lines",
    "the contact lines: a layer's name or id, a ledger's path, or a kind of line such as 'agreed'; "
    "'Layer|kind=agreed' chooses a kind of that layer. Left out, the project variable "
    "ceasefire_lines names them, else they are the project's layer of contact lines",
    True,
)
CRS = Argument(
    "crs",
    "the coordinate reference system of the geometry, such as 'EPSG:4326'. Left out, it is the "
    "layer's own, and EPSG:4326 where there is no layer",
    True,
)
NO_LINE = (
    "NULL where no line was in force. Dates are read in the time zone of the project variable "
    "ceasefire_timezone, else in that of the ledger that holds the lines, else in UTC."
)


class LineFunction(CeasefireFunction):
    """Base of the functions that ask the contact lines."""

    def question(self, given, context):
        lines = text_of(given["lines"], "lines") or variable(context, VARIABLE)
        folder = variable(context, "project_folder") if lines else None
        return LinesAsked(lines, variable(context, ZONE_VARIABLE), folder)

    def measured(self, snapshot: LineSnapshot, given, context):
        """What was measured for the feature; None where there is no place or no line."""
        crs = text_of(given["crs"], "crs")
        place = snapshot.places.place(given["geometry"], crs, context)
        if place is None:
            return None
        return snapshot.measured(*place, snapshot.among(moment_of(given["when"], snapshot.zone)))


class LineDistance(LineFunction):
    """Metres from the nearest line in force."""

    NAME = "line_distance"
    HELP = (
        "Returns the distance in metres from a point to the nearest contact line that was in force "
        "at that moment: geodesic, on the ellipsoid WGS 84, whatever the layer's coordinate "
        "reference system. It is the line_distance_m of “Flag incidents near the contact line”."
    )
    ARGUMENTS = (GEOMETRY, WHEN, LINES, CRS)
    EXAMPLES = (
        ('line_distance(@geometry, "occurred_from")', "1240.5"),
        ("line_distance(make_point(30.5, 50.02), '2025-01-31', crs:='EPSG:4326')", "2225.4"),
        ("round(line_distance(@geometry, now(), 'agreed') / 1000, 1) || ' km'", "'1.2 km'"),
        ("line_distance(@geometry, \"occurred_from\", '/data/ledger.gpkg')", "1240.5"),
    )
    NOTES = NO_LINE

    def answer(self, snapshot, given, context):
        found = self.measured(snapshot, given, context)
        return None if found is None else found.distance_m


class LineSide(LineFunction):
    """On whose side of the nearest line in force."""

    NAME = "line_side"
    HELP = (
        "Returns on which side of the nearest contact line in force a point lay: the name of the "
        "party on that side (left or right where it has none), “on the line” within the line's "
        "uncertainty, “beyond the end” past an open end of it, “between lines” between the forward "
        "lines of two parties, or “unknown”."
    )
    ARGUMENTS = (GEOMETRY, WHEN, LINES, CRS)
    EXAMPLES = (
        ('line_side(@geometry, "occurred_from")', "'Aster'"),
        ("line_side(@geometry, \"occurred_from\", 'de_facto')", "'on the line'"),
    )
    NOTES = NO_LINE

    def answer(self, snapshot, given, context):
        found = self.measured(snapshot, given, context)
        return None if found is None else found.side


class LineChainage(LineFunction):
    """Metres along the nearest line in force, from its start."""

    NAME = "line_chainage"
    HELP = (
        "Returns at how many metres along the nearest contact line in force, from its start, the "
        "place nearest to a point lies."
    )
    ARGUMENTS = (GEOMETRY, WHEN, LINES, CRS)
    EXAMPLES = (
        ('line_chainage(@geometry, "occurred_from")', "35871.2"),
        (
            "'km ' || format_number(line_chainage(@geometry, \"occurred_from\") / 1000, 1)",
            "'km 35.9'",
        ),
    )
    NOTES = NO_LINE

    def answer(self, snapshot, given, context):
        found = self.measured(snapshot, given, context)
        return None if found is None else found.chainage_m


class LineInForce(LineFunction):
    """The line that was in force: its name, its geometry, or all that is known of it."""

    NAME = "line_in_force"
    HELP = (
        "Returns the contact line that was in force at a moment: its name, or the names of all, "
        "one after the other, where several were. With a point, only the nearest counts."
    )
    ARGUMENTS = (
        WHEN,
        LINES,
        Argument(
            "give",
            "'name' (the default); 'geometry', the lines themselves in EPSG:4326; or 'lines', an "
            "array with a map for each line: name, kind, front, left_party, right_party, "
            "valid_from, valid_to, uncertainty_m",
            True,
        ),
        Argument("geometry", "a point: then only the line nearest to it counts", True, EVERYWHERE),
        CRS,
    )
    EXAMPLES = (
        ("line_in_force('2025-01-31')", "'Sector North, January'"),
        ('line_in_force("occurred_from", geometry:=@geometry)', "'Sector North, January'"),
        (
            "transform(line_in_force(now(), give:='geometry'), 'EPSG:4326', @map_crs)",
            "(geometry: multilinestring)",
        ),
        ("line_in_force(now(), give:='lines')[0]['left_party']", "'Aster'"),
    )
    NOTES = NO_LINE

    def answer(self, snapshot, given, context):
        give = text_of(given["give"], "give") or "name"
        if give not in ("name", "geometry", "lines"):
            raise CeasefireError(
                f"“{give}” cannot be given: write 'name', 'geometry' or 'lines' as “give”."
            )
        among = snapshot.among(moment_of(given["when"], snapshot.zone))
        if given["geometry"] != EVERYWHERE:
            found = self.measured(snapshot, given, context)
            among = () if found is None else (found.line,)
        if not among:
            return None
        columns = snapshot.lines.columns
        if give == "geometry":
            return _shape(columns, among)
        if give == "lines":
            return [_all_of(columns, index) for index in among]
        named = [columns.line_name[index] or columns.line_id[index] for index in among]
        return "; ".join(dict.fromkeys(name for name in named if name)) or None


def moment_of(value: Any, zone) -> Optional[datetime]:
    """The moment that “when” means, aware; the beginning of the day where it is a bare date."""
    try:
        return span_of(value, zone)[0]
    except Unreadable:
        raise CeasefireError(
            f"“{value}” is no date and no time. Give “when” as a date, a date and time, or ISO "
            "text such as '2025-01-31' or '2025-01-31T14:30'."
        ) from None


def text_of(value: Any, name: str) -> Optional[str]:
    """An argument's text, None where it is empty."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise CeasefireError(f"The argument “{name}” must be a text; it is “{value}”.")
    return value.strip() or None


def variable(context: Optional[QgsExpressionContext], name: str) -> Optional[str]:
    """The text of a variable of the project, None where it has none."""
    value = None if context is None else context.variable(name)
    return value.strip() or None if isinstance(value, str) else None


def _shape(columns, among) -> QgsGeometry:
    """The lines as one geometry, EPSG:4326."""
    import shapely

    shapes = []
    for index in among:
        shape = QgsGeometry()
        shape.fromWkb(shapely.to_wkb(columns.geometry[index]))
        shapes.append(shape)
    return QgsGeometry.collectGeometry(shapes)


def _all_of(columns, index: int) -> dict:
    from ...analysis.utc import utc_datetime

    names = ("line_id", "kind", "front", "left_party", "right_party")
    told = {name: qgis_value(getattr(columns, name)[index]) for name in names}
    told["name"] = qgis_value(columns.line_name[index])
    for name in ("valid_from", "valid_to"):
        told[name] = qgis_value(utc_datetime(getattr(columns, name)[index]))
    uncertainty = float(columns.uncertainty_m[index])
    told["uncertainty_m"] = qgis_value(None if uncertainty != uncertainty else uncertainty)
    return told
