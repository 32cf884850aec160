"""Algorithm ``ceasefire:linepositions``: kilometre points along the line in force."""

from __future__ import annotations

from qgis.core import (
    QgsProcessing,
    QgsProcessingOutputNumber,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from ..base import CeasefireAlgorithm
from ..libraries import require
from .lineinput import (
    LineMaterial,
    add_choices,
    add_lines,
    add_parameter,
    day_words,
    span_asked,
    text_of,
)
from .recordsink import write_records


class LinePositions(CeasefireAlgorithm):
    """Points at every kilometre of each contact line in force on a date."""

    NAME = "linepositions"
    TITLE = "Kilometre points along the contact line"
    GROUP = "Contact line"
    GROUP_ID = "line"
    HELP = (
        "Puts a point at every kilometre (or another interval) of each contact line that was in "
        "force on the date, for the map's margin and for speaking of a place as “km 42”. The "
        "chainage is the one that flagincidents gives: geodesic, from the line's start, part after "
        "part, breaks not counted. Every part's start and end gets a point too. Each point has the "
        "line's direction there and a direction for its label, clear of the line; every fifth one "
        "is marked as major."
    )

    DATE = "DATE"
    LINE = "LINE"
    INTERVAL = "INTERVAL"
    MAJOR_EVERY = "MAJOR_EVERY"
    LABEL_SIDE = "LABEL_SIDE"
    OUTPUT = "OUTPUT"
    SIDES = ("right", "left")

    def initAlgorithm(self, config=None):
        add_lines(self)
        for parameter, help_text in self._choices():
            add_parameter(self, parameter, help_text)
        add_choices(self)
        add_parameter(
            self,
            QgsProcessingParameterFeatureSink(
                self.OUTPUT, self.tr("Kilometre points"), QgsProcessing.SourceType.TypeVectorPoint
            ),
            self.tr("The points, with chainage, label, direction and the parties on both sides."),
        )
        for name, title in (
            ("LINES_IN_FORCE", self.tr("Lines in force")),
            ("POINTS", self.tr("Points")),
            ("LENGTH_M", self.tr("Length of the lines (m)")),
        ):
            self.addOutput(QgsProcessingOutputNumber(name, title))

    def _choices(self):
        tr, kinds = self.tr, QgsProcessingParameterNumber.Type
        return (
            (
                QgsProcessingParameterString(self.DATE, tr("Date"), optional=True),
                tr("The lines in force on this date, as 2031-03-14 or with a time; now if empty."),
            ),
            (
                QgsProcessingParameterString(self.LINE, tr("Line"), optional=True),
                tr("The name of one line, where several are in force and only one is meant."),
            ),
            (
                QgsProcessingParameterNumber(
                    self.INTERVAL, tr("Interval (metres)"), kinds.Double, 1000.0, minValue=0.001
                ),
                tr("Metres on the ground between two points, along the line."),
            ),
            (
                QgsProcessingParameterNumber(
                    self.MAJOR_EVERY, tr("Label every"), kinds.Integer, 5, minValue=1
                ),
                tr("Every so many points one is major; starts and ends always are."),
            ),
            (
                QgsProcessingParameterEnum(
                    self.LABEL_SIDE,
                    tr("Labels stand"),
                    list(self.SIDES),
                    defaultValue="right",
                    usesStaticStrings=True,
                ),
                tr("On which side of the line, seen along it, labels are to stand."),
            ),
        )

    def work(self, parameters, context, feedback, outputs):
        require("shapely", "pyproj")
        from ...analysis.line_positions import LINE_POSITIONS, PositionSettings, line_positions

        material = LineMaterial.read(self, parameters, context, feedback)
        for note in material.notes:
            feedback.pushWarning(note)
        span = span_asked(self, parameters, self.DATE, material.zone, context)
        name = text_of(self, parameters, self.LINE, context)
        among = material.named(material.in_force(span), name, self)
        positions, length = [], 0.0
        if among:
            settings = PositionSettings(
                self.parameterAsDouble(parameters, self.INTERVAL, context),
                self.parameterAsInt(parameters, self.MAJOR_EVERY, context),
                self.parameterAsEnumString(parameters, self.LABEL_SIDE, context) == "left",
            )
            positions = line_positions(material.lines, among, settings, feedback.isCanceled)
            length = sum(material.lines.lines[index].length_m for index in among)
        feedback.setProgress(50.0)
        destination = write_records(
            self,
            outputs,
            self.OUTPUT,
            LINE_POSITIONS,
            positions,
            context,
            feedback,
            "line_positions",
        )
        self._tell(feedback, among, positions, length, day_words(span, material.zone))
        return {
            self.OUTPUT: destination,
            "LINES_IN_FORCE": len(among),
            "POINTS": len(positions),
            "LENGTH_M": length,
        }

    def _tell(self, feedback, among, positions, length: float, day: str) -> None:
        if not among:
            words = self.tr("No contact line was in force on %1; there are no points.")
            feedback.pushWarning(words.replace("%1", day))
            return
        words = self.tr("%1 points on the lines in force on %2 (%3 of them, %4 km).")
        feedback.pushInfo(
            words.replace("%1", f"{len(positions):,}")
            .replace("%2", day)
            .replace("%3", str(len(among)))
            .replace("%4", f"{length / 1000.0:,.1f}")
        )
