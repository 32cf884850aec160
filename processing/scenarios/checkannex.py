"""Algorithm ``ceasefire:checkannex``: whether an annex of coordinates holds together."""

from __future__ import annotations

from qgis.core import (
    QgsProcessing,
    QgsProcessingException,
    QgsProcessingOutputNumber,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
)

from ...model.errors import CeasefireError
from ..base import CeasefireAlgorithm
from ..libraries import require
from ..line.columns import find_field, numbers, read_shapes, texts
from ..line.recordsink import write_records
from .lineannex import FORMS

NUMBERS = ("number", "no", "nr", "point", "id")
LEGS = ("leg_m", "distance_m", "length_m")


class CheckAnnex(CeasefireAlgorithm):
    """Reads an annex of coordinates back and names the point that is wrong."""

    NAME = "checkannex"
    TITLE = "Check a line's annex"
    GROUP = "Proposals"
    GROUP_ID = "proposals"
    HELP = (
        "Reads a table of turning points, as “Coordinates of a line as an annex” writes it or as "
        "typed off a protocol, and holds its numbers against each other: the formats of one "
        "point must lie together, the legs must be as long as written, the line must close where "
        "it should. A wrong digit is named by its point. Columns are found by their names: "
        "number; decimal, dm, dms, utm, mgrs, sk42, gauss_kruger; leg_m. The line as read is "
        "written too, where every point can be read."
    )

    INPUT, CLOSED, OUTPUT, LINE = "INPUT", "CLOSED", "OUTPUT", "LINE"

    def initAlgorithm(self, config=None):
        """The parameters, each with its help, and the outputs."""
        tr, kinds = self.tr, QgsProcessing.SourceType
        self.add(
            QgsProcessingParameterFeatureSource(self.INPUT, tr("Annex"), [kinds.TypeVector]),
            tr("A table (CSV, spreadsheet, layer) with one row a turning point, in order."),
        )
        self.add(
            QgsProcessingParameterBoolean(self.CLOSED, tr("The line closes"), False),
            tr("The last point has to be the first one again, as around a zone."),
        )
        self.add(
            QgsProcessingParameterFeatureSink(self.OUTPUT, tr("Problems"), kinds.TypeVector),
            tr("One row a problem; empty where everything holds together."),
        )
        self.add(
            QgsProcessingParameterFeatureSink(
                self.LINE, tr("Line as read"), kinds.TypeVectorLine, None, True
            ),
            tr("Optional: the line through the points as read."),
        )
        self.addOutput(QgsProcessingOutputNumber("POINTS", tr("Points read")))
        self.addOutput(QgsProcessingOutputNumber("PROBLEMS", tr("Problems")))

    def work(self, parameters, context, feedback, outputs):
        """Read the rows, check them, tell what is wrong."""
        require("shapely", "pyproj")
        import shapely

        from ...analysis.line_annex import ANNEX_PROBLEMS, check_annex
        from ...model.land import ContactLine
        from ...model.tables import CONTACT_LINES

        rows = self._rows(parameters, context, feedback)
        closed = self.parameterAsBool(parameters, self.CLOSED, context)
        points, problems = check_annex(rows, closed)
        for problem in problems[:50]:
            feedback.pushWarning(problem.sentence)
        if not problems:
            words = self.tr("All %1 points hold together.").replace("%1", str(len(points)))
            feedback.pushInfo(words)
        output = write_records(
            self, outputs, self.OUTPUT, ANNEX_PROBLEMS, problems, context, feedback
        )
        lines = []
        if len(points) == len(rows) and len(points) > 1:
            shape = shapely.LineString([(point.lon, point.lat) for point in points])
            known = [point.accuracy_m for point in points]
            lines = [
                ContactLine(
                    line_id="annex",
                    line_name=self.tr("Line of the annex"),
                    uncertainty_m=None if None in known else max(known),
                    geometry=shape,
                )
            ]
        line = write_records(self, outputs, self.LINE, CONTACT_LINES, lines, context, feedback)
        return {
            self.OUTPUT: output,
            self.LINE: line,
            "POINTS": len(points),
            "PROBLEMS": len(problems),
        }

    def _rows(self, parameters, context, feedback) -> list:
        from ...analysis.line_annex import AnnexRow

        source = self.parameterAsSource(parameters, self.INPUT, context)
        if source is None:
            raise QgsProcessingException(self.invalidSourceError(parameters, self.INPUT))
        fields = source.fields()
        forms = {form: find_field(fields, None, form) for form in FORMS}
        forms = {form: name for form, name in forms.items() if name is not None}
        if not forms:
            words = self.tr("The table has no coordinates: name a column one of %1.")
            raise CeasefireError(words.replace("%1", ", ".join(FORMS)))
        names = [find_field(fields, None, *NUMBERS), find_field(fields, None, *LEGS)]
        _, _, columns = read_shapes(source, [*names, *forms.values()], None, "row", feedback)
        notes: list[str] = []
        legs = numbers(columns[1], names[1] or "", notes)
        for note in notes:
            feedback.pushWarning(note)
        called = texts(columns[0])
        written = [texts(column) for column in columns[2:]]
        if len(called) == 0:
            raise CeasefireError(self.tr("The annex has no rows."))
        return [
            AnnexRow(
                called[row] or str(row + 1),
                {form: column[row] for form, column in zip(forms, written) if column[row]},
                None if legs[row] != legs[row] else float(legs[row]),
            )
            for row in range(len(called))
        ]
