"""Algorithm ``ceasefire:linefromcoordinates``: a line, area or points from coordinates as text."""

from __future__ import annotations

from datetime import timezone
from typing import Any, Optional

from qgis.core import (
    QgsProcessing,
    QgsProcessingOutputNumber,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from ...model.errors import CeasefireError
from ...model.land import ContactLine, Zone
from ...model.tables import CONTACT_LINES, ZONES
from ...model.vocabulary import vocabulary
from ..base import CeasefireAlgorithm
from ..libraries import require
from .coordinatepoint import COORDINATE_POINTS, CoordinatePoint
from .instants import Unreadable, span_of
from .lineinput import text_of
from .recordsink import write_records

FORMATS = ("auto", "decimal", "dm", "dms", "utm", "mgrs", "sk42", "gauss_kruger")
LINE, AREA, POINTS = "line", "area", "points"
FEWEST = {LINE: 2, AREA: 3, POINTS: 1}
REASONS_TOLD = 20


class LineFromCoordinates(CeasefireAlgorithm):
    """What a protocol's list of coordinates describes, with what is known of its exactness."""

    NAME = "linefromcoordinates"
    TITLE = "Line or area from coordinates"
    GROUP = "Contact line"
    GROUP_ID = "line"
    HELP = (
        "Draws a line, an area or points from coordinates that are typed or pasted, one place a "
        "line: decimal degrees, degrees and minutes, degrees, minutes and seconds, UTM, MGRS, or "
        "SK-42 (Pulkovo 1942, as degrees or Gauss-Krüger), which is shifted to WGS 84 by PROJ with "
        "an accuracy that is told. Latitude comes first unless letters say otherwise. Blank lines "
        "and lines that start with # are passed over.\n\n"
        "A line that cannot be read stops the run, with its number and the reason: a corner left "
        "out in silence would be another line. The uncertainty is what you state, joined with what "
        "the last written digit and the datum's shift leave open; without a statement it stays not "
        "known. Nothing is written to a ledger: “Add to ledger” takes the output."
    )

    TEXT = "TEXT"
    FORMAT = "FORMAT"
    DRAW = "DRAW"
    ACCURACY = "ACCURACY"
    SKIP = "SKIP"
    LINE_NAME = "LINE_NAME"
    KIND = "KIND"
    LEFT_PARTY = "LEFT_PARTY"
    RIGHT_PARTY = "RIGHT_PARTY"
    FROM = "FROM"
    TO = "TO"
    TIMEZONE = "TIMEZONE"
    SOURCE = "SOURCE"
    OUTPUT = "OUTPUT"

    def initAlgorithm(self, configuration=None):
        """The parameters, each with its help, and the outputs."""
        self._add_places()
        self._add_words()
        self.add(
            QgsProcessingParameterFeatureSink(
                self.OUTPUT,
                self.tr("Line, area or points"),
                QgsProcessing.SourceType.TypeVectorAnyGeometry,
            ),
            self.tr(
                "A line with the fields of the model's contact lines, an area with those of its "
                "zones, or each place with its line in the text, its format and its accuracy."
            ),
        )
        for name, title in (
            ("POINTS", self.tr("Places read")),
            ("REJECTED", self.tr("Lines of text left out")),
            ("LENGTH_M", self.tr("Length or perimeter (m, geodesic)")),
            ("WRITTEN_M", self.tr("What writing and datum leave open (m)")),
        ):
            self.addOutput(QgsProcessingOutputNumber(name, title))

    def _add_places(self) -> None:
        tr = self.tr
        self.add(
            QgsProcessingParameterString(self.TEXT, tr("Coordinates"), multiLine=True),
            tr("One place a line, such as “48.5123, 37.9876” or “37U DQ 12345 67890”."),
        )
        self.add(
            QgsProcessingParameterEnum(
                self.FORMAT,
                tr("Format"),
                list(FORMATS),
                defaultValue=FORMATS[0],
                usesStaticStrings=True,
            ),
            tr(
                "How they are written. “auto” finds out by itself, line by line, but takes degrees "
                "for WGS 84: for degrees of Pulkovo 1942 choose sk42."
            ),
        )
        self.add(
            QgsProcessingParameterEnum(
                self.DRAW,
                tr("Draw"),
                [LINE, AREA, POINTS],
                defaultValue=LINE,
                usesStaticStrings=True,
            ),
            tr("A line through the places in their order, the area that they enclose, or points."),
        )
        self.add(
            QgsProcessingParameterNumber(
                self.ACCURACY,
                tr("Uncertainty of the places (metres)"),
                QgsProcessingParameterNumber.Type.Double,
                None,
                optional=True,
                minValue=0.0,
            ),
            tr("How far the true line may be from the places, holding 95 %. Empty: not known."),
        )
        self.add(
            QgsProcessingParameterBoolean(self.SKIP, tr("Leave out what cannot be read"), False),
            tr("Off: a line of text that cannot be read stops the run. On: it is left out."),
        )

    def _add_words(self) -> None:
        tr = self.tr
        for name, title, help_text in (
            (self.LINE_NAME, tr("Name"), tr("What the line or area is called.")),
            (
                self.KIND,
                tr("Kind"),
                tr("Of a line: %1. Of an area: %2.")
                .replace("%1", ", ".join(vocabulary("line_kinds")))
                .replace("%2", ", ".join(vocabulary("zone_kinds"))),
            ),
            (
                self.LEFT_PARTY,
                tr("Party on the left"),
                tr("Left as one goes along the line from the first place to the last."),
            ),
            (self.RIGHT_PARTY, tr("Party on the right"), tr("The party on the other side.")),
            (
                self.FROM,
                tr("In force from"),
                tr("As 2031-03-14 (from its beginning) or with a time. Empty: open."),
            ),
            (
                self.TO,
                tr("In force until"),
                tr("As 2031-03-14 (that day included) or with a time (excluded). Empty: open."),
            ),
            (
                self.TIMEZONE,
                tr("Theatre's time zone"),
                tr("Dates without a zone are read as of this zone; UTC where empty."),
            ),
            (self.SOURCE, tr("Source"), tr("The document that the coordinates stand in.")),
        ):
            self.add(QgsProcessingParameterString(name, title, optional=True), help_text)

    def work(self, parameters, context, feedback, outputs):
        """Read every line, draw, and say what is known of how exact it is."""
        require("shapely", "pyproj")
        places, rejected = self._read(parameters, context, feedback)
        draw = self.parameterAsEnumString(parameters, self.DRAW, context)
        if len(places) < FEWEST[draw]:
            raise CeasefireError(
                self.tr("Of the text %1 places were read; “%2” needs at least %3.")
                .replace("%1", str(len(places)))
                .replace("%2", draw)
                .replace("%3", str(FEWEST[draw]))
            )
        table, records, length_m = self._drawn(draw, places, parameters, context, feedback)
        written_m = self._tell_accuracy(places, feedback)
        destination = write_records(
            self, outputs, self.OUTPUT, table, records, context, feedback, _style(draw)
        )
        return {
            self.OUTPUT: destination,
            "POINTS": len(places),
            "REJECTED": rejected,
            "LENGTH_M": length_m,
            "WRITTEN_M": written_m,
        }

    def _read(self, parameters, context, feedback):
        from ...analysis.coordinates import read_lines

        text = self.parameterAsString(parameters, self.TEXT, context)
        form = self.parameterAsEnumString(parameters, self.FORMAT, context)
        places, bad = read_lines(text, form)
        if bad and not self.parameterAsBool(parameters, self.SKIP, context):
            told = " ".join(each.sentence for each in bad[:REASONS_TOLD])
            more = len(bad) - REASONS_TOLD
            if more > 0:
                told += " " + self.tr("… and %1 more lines.").replace("%1", f"{more:,}")
            raise CeasefireError(told)
        for each in bad[:REASONS_TOLD]:
            feedback.pushWarning(self.tr("Left out: %1").replace("%1", each.sentence))
        return places, len(bad)

    def _drawn(self, draw: str, places, parameters, context, feedback):
        """The table, its records, and how long the line or perimeter is."""
        from ...analysis.drawn_places import drawn_area, drawn_line

        if draw == POINTS:
            return COORDINATE_POINTS, [CoordinatePoint.of(place) for place in places], 0.0
        shape = (drawn_line if draw == LINE else drawn_area)(places)
        for note in shape.notes:
            feedback.pushWarning(note)
        words = self._words(parameters, context, draw)
        uncertainty = self._uncertainty(places, parameters, context)
        if draw == LINE:
            record: Any = ContactLine(
                line_name=words.pop("name"),
                uncertainty_m=uncertainty,
                datum=_datum(places),
                **words,
            )
            table = CONTACT_LINES
        else:
            record, table = Zone(zone_name=words.pop("name"), **words), ZONES
        record.geometry = shape.geometry
        return table, [record], shape.length_m

    def _words(self, parameters, context, draw: str) -> dict:
        """What the user said of the line or area, as the model's fields."""
        words = {
            "name": text_of(self, parameters, self.LINE_NAME, context),
            "kind": self._kind(parameters, context, draw),
            "source": text_of(self, parameters, self.SOURCE, context),
            "valid_from": self._date(parameters, context, self.FROM, 0),
            "valid_to": self._date(parameters, context, self.TO, 1),
        }
        begin, end = words["valid_from"], words["valid_to"]
        if begin is not None and end is not None and end <= begin:
            raise CeasefireError(self.tr("It would end before it begins: look at both dates."))
        if draw == LINE:
            words["left_party"] = text_of(self, parameters, self.LEFT_PARTY, context)
            words["right_party"] = text_of(self, parameters, self.RIGHT_PARTY, context)
        return words

    def _kind(self, parameters, context, draw: str) -> Optional[str]:
        kind = text_of(self, parameters, self.KIND, context)
        known = vocabulary("line_kinds" if draw == LINE else "zone_kinds")
        if kind is not None and kind not in known:
            raise CeasefireError(
                self.tr("There is no kind “%1”; there are %2.")
                .replace("%1", kind)
                .replace("%2", ", ".join(known))
            )
        return kind

    def _date(self, parameters, context, name: str, side: int):
        """The beginning of what a date names, or its end (``side`` 1)."""
        from ...analysis.flag_sentences import zone_of

        text = text_of(self, parameters, name, context)
        if text is None:
            return None
        zone = zone_of(text_of(self, parameters, self.TIMEZONE, context) or "UTC")
        try:
            return span_of(text, zone)[side].astimezone(timezone.utc)
        except Unreadable:
            raise CeasefireError(
                self.tr(
                    "“%1” is no date. Give one as 2031-03-14 or 2031-03-14T19:30, or none."
                ).replace("%1", text)
            ) from None

    def _uncertainty(self, places, parameters, context) -> Optional[float]:
        """What was stated, joined with writing and datum; None where either is not known."""
        import math

        if parameters.get(self.ACCURACY) in (None, ""):
            return None
        written = [place.accuracy_m for place in places]
        if None in written:
            return None
        return math.hypot(self.parameterAsDouble(parameters, self.ACCURACY, context), max(written))

    def _tell_accuracy(self, places, feedback) -> Optional[float]:
        """Say what writing and datum leave open; None where a datum's shift is not known."""
        forms = ", ".join(sorted({place.format for place in places}))
        feedback.pushInfo(
            self.tr("Places read: %1 (%2).").replace("%1", f"{len(places):,}").replace("%2", forms)
        )
        written = [place.accuracy_m for place in places]
        if None in written:
            feedback.pushWarning(
                self.tr(
                    "PROJ knows no shift of Pulkovo 1942 for some of these places: how exact they "
                    "are is not known."
                )
            )
            return None
        feedback.pushInfo(
            self.tr("The last written digit and the datum leave at most ± %1 m open.").replace(
                "%1", f"{max(written):,.2f}"
            )
        )
        return max(written)


def _datum(places) -> str:
    """The datum that the places were written in."""
    old = {place.format in ("sk42", "gauss_kruger") for place in places}
    return {(False,): "WGS 84", (True,): "Pulkovo 1942"}.get(tuple(old), "WGS 84, Pulkovo 1942")


def _style(draw: str) -> Optional[str]:
    return {LINE: "contact_lines", AREA: "zones"}.get(draw)
