"""Algorithm ``ceasefire:linechange``: what changed between the lines of two dates."""

from __future__ import annotations

from qgis.core import (
    QgsProcessing,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from ...model.errors import CeasefireError
from ..base import CeasefireAlgorithm
from ..libraries import require
from .controlsource import theatre_of
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


class LineChange(CeasefireAlgorithm):
    """Land that changed sides between two dates, the stretches that moved, and each side's sums."""

    NAME = "linechange"
    TITLE = "Change of the contact line between two dates"
    GROUP = "Contact line"
    GROUP_ID = "line"
    HELP = (
        "Compares the contact lines in force on two dates: which land changed sides, from which "
        "party to which, how large it is, which stretches of the line moved and how far. It says "
        "on whose side of the line land is, not who holds it. Areas and distances are geodesic. "
        "Where lines have open ends, they are continued straight to the theatre's edge if a "
        "theatre is given; else old and new end are joined straight, and an end that lies on the "
        "other date's line is left there. Each pair of parties is told apart; pockets may appear "
        "and vanish. Moves no greater than the tolerance are no moves. With the dates exchanged, "
        "what a side gained it has lost, to the last digit."
    )

    FROM = "FROM"
    TO = "TO"
    THEATRE = "THEATRE"
    TOLERANCE = "TOLERANCE"
    OUTPUT = "OUTPUT"
    STRETCHES = "STRETCHES"
    TABLE = "TABLE"

    def initAlgorithm(self, config=None):
        add_lines(self)
        tr = self.tr
        date_help = tr("As 2031-03-14 or with a time; the line in force at the day's beginning.")
        for parameter, help_text in (
            (QgsProcessingParameterString(self.FROM, tr("From")), date_help),
            (QgsProcessingParameterString(self.TO, tr("To")), date_help),
            (
                QgsProcessingParameterFeatureSource(
                    self.THEATRE,
                    tr("Theatre"),
                    [QgsProcessing.SourceType.TypeVectorPolygon],
                    optional=True,
                ),
                tr("Optional: the area in which land counts; lines are continued to its edge."),
            ),
            (
                QgsProcessingParameterNumber(
                    self.TOLERANCE,
                    tr("Tolerance (metres)"),
                    QgsProcessingParameterNumber.Type.Double,
                    None,
                    optional=True,
                    minValue=0.0,
                ),
                tr(
                    "Where the line moved no further, it did not move. Left empty: the larger "
                    "uncertainty of the two lines, or 50 m where neither is known."
                ),
            ),
        ):
            add_parameter(self, parameter, help_text)
        add_choices(self)
        self._add_outputs()

    def _add_outputs(self) -> None:
        tr, kinds = self.tr, QgsProcessing.SourceType
        for name, title, kind, help_text in (
            (
                self.OUTPUT,
                tr("Changed areas"),
                kinds.TypeVectorPolygon,
                tr("One polygon for each contiguous area that changed sides."),
            ),
            (
                self.STRETCHES,
                tr("Moved stretches"),
                kinds.TypeVectorLine,
                tr("Optional: the stretches of the line that moved, and how far."),
            ),
            (
                self.TABLE,
                tr("Changes by side"),
                kinds.TypeVector,
                tr("Optional: what each side gained and lost, by front and altogether."),
            ),
        ):
            optional = name != self.OUTPUT
            sink = QgsProcessingParameterFeatureSink(name, title, kind, None, optional)
            add_parameter(self, sink, help_text)
        for name, title in (
            ("AREA_COUNT", tr("Areas that changed sides")),
            ("STRETCH_COUNT", tr("Stretches that moved")),
            ("CHANGED_KM2", tr("Area that changed sides (km²)")),
            ("MOVED_KM", tr("Length of line that moved (km)")),
            ("GREATEST_MOVE_M", tr("Greatest move (m)")),
        ):
            self.addOutput(QgsProcessingOutputNumber(name, title))
        self.addOutput(QgsProcessingOutputString("SENTENCE", tr("What changed, in words")))

    def work(self, parameters, context, feedback, outputs):
        require("shapely", "pyproj")
        from ...analysis.line_change import line_change
        from ...analysis.line_change_records import CHANGED_AREAS, MOVED_STRETCHES, SIDE_CHANGES

        material = LineMaterial.read(self, parameters, context, feedback)
        for name in (self.FROM, self.TO):
            if text_of(self, parameters, name, context) is None:
                raise CeasefireError(self.tr("Give two dates, from and to, such as 2031-03-14."))
        spans = [
            span_asked(self, parameters, name, material.zone, context)
            for name in (self.FROM, self.TO)
        ]
        old, new = (material.in_force(span) for span in spans)
        settings = self._settings(parameters, spans, context, feedback)
        for note in material.notes:
            feedback.pushWarning(note)
        if spans[0][0] == spans[1][0]:
            same = self.tr("Both dates are %1: a line does not differ from itself. Give two dates.")
            feedback.pushWarning(same.replace("%1", day_words(spans[0], material.zone)))
        feedback.setProgress(10.0)
        change = line_change(material.lines, old, new, settings, feedback.isCanceled)
        for note in change.notes:
            feedback.pushWarning(note)
        feedback.setProgress(80.0)
        results = {
            name: write_records(self, outputs, name, table, records, context, feedback, style)
            for name, table, records, style in (
                (self.OUTPUT, CHANGED_AREAS, change.areas, "line_change"),
                (self.STRETCHES, MOVED_STRETCHES, change.stretches, None),
                (self.TABLE, SIDE_CHANGES, change.sides, None),
            )
        }
        results.update(_numbers(change))
        results["SENTENCE"] = self._told(change, settings, spans, (old, new), material, feedback)
        return results

    def _settings(self, parameters, spans, context, feedback):
        from ...analysis.line_change_records import ChangeSettings
        from ...analysis.utc import instants

        tolerance = None
        if parameters.get(self.TOLERANCE) not in (None, ""):
            tolerance = self.parameterAsDouble(parameters, self.TOLERANCE, context)
        before, after = instants([spans[0][0], spans[1][0]])
        theatre = theatre_of(self, parameters, context, feedback)
        return ChangeSettings(before, after, theatre, tolerance)

    def _told(self, change, settings, spans, chosen, material, feedback) -> str:
        """Say in one sentence what changed, or why it cannot be said."""
        from ...analysis.line_change_table import change_sentence

        missing = [
            day_words(span, material.zone) for span, among in zip(spans, chosen) if not among
        ]
        if missing:
            words = self.tr("No contact line was in force on %1; there is nothing to compare.")
            sentence = words.replace("%1", self.tr(" and ").join(missing))
            feedback.pushWarning(sentence)
            return sentence
        sentence = change_sentence(change, settings, material.zone)
        feedback.pushInfo(sentence)
        return sentence


def _numbers(change) -> dict:
    import math

    return {
        "AREA_COUNT": len(change.areas),
        "STRETCH_COUNT": len(change.stretches),
        "CHANGED_KM2": math.fsum(area.area_km2 for area in change.areas),
        "MOVED_KM": change.moved_m / 1000.0,
        "GREATEST_MOVE_M": change.greatest_move_m,
    }
