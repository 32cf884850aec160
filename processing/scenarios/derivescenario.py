"""Algorithm ``ceasefire:derivescenario``: a proposal derived from lines that there are."""

from __future__ import annotations

from qgis.core import (
    Qgis,
    QgsProcessing,
    QgsProcessingException,
    QgsProcessingOutputNumber,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from ...model.errors import CeasefireError
from ..base import CeasefireAlgorithm
from ..libraries import require
from ..line.columns import find_field, need_geometry, read_shapes, texts, transform_of
from ..line.lineinput import text_of
from ..line.recordsink import write_records

COPY, OFFSET, MIDLINE = "copy", "offset", "midline"
METHODS = (COPY, OFFSET, MIDLINE)


class DeriveScenario(CeasefireAlgorithm):
    """One scenario, ready for ``comparelines``."""

    NAME = "derivescenario"
    TITLE = "Derive a proposed line"
    GROUP = "Proposals"
    GROUP_ID = "proposals"
    HELP = (
        "Makes a proposal from lines that there are: the line itself, to be moved by hand; a line "
        "at a distance beside it; or the midline between it and another one, every place of which "
        "is as far from the one as from the other. Distances are geodesic. The result is a layer "
        "of scenarios for “Compare proposed lines and zones”, with the parties of the first line. "
        "It proposes nothing by itself: a midline is geometry, not fairness."
    )

    INPUT, OTHER, METHOD, DISTANCE = "INPUT", "OTHER", "METHOD", "DISTANCE"
    STEP, SCENARIO, OUTPUT = "STEP", "SCENARIO", "OUTPUT"

    def initAlgorithm(self, config=None):
        """The parameters, each with its help, and the outputs."""
        tr, lines = self.tr, [QgsProcessing.SourceType.TypeVectorLine]
        numeric = QgsProcessingParameterNumber.Type.Double
        for parameter, words in (
            (
                QgsProcessingParameterFeatureSource(self.INPUT, tr("Line"), lines),
                tr("The line to derive from; select features to take those alone."),
            ),
            (
                QgsProcessingParameterEnum(
                    self.METHOD, tr("How"), options=list(METHODS), defaultValue=OFFSET,
                    usesStaticStrings=True,
                ),
                tr("copy: as it is. offset: beside it. midline: between it and the other line."),
            ),
            (
                QgsProcessingParameterNumber(
                    self.DISTANCE, tr("Distance (metres)"), numeric, 1000.0
                ),
                tr("For an offset: left of the line's direction where positive, right where not."),
            ),
            (
                QgsProcessingParameterFeatureSource(
                    self.OTHER, tr("Other line"), lines, optional=True
                ),
                tr("For a midline: the other line, as the other side claims it."),
            ),
            (
                QgsProcessingParameterNumber(
                    self.STEP, tr("Step of the midline (metres)"), numeric, 100.0, minValue=1.0
                ),
                tr("How often both lines are sampled; the midline is about as exact."),
            ),
            (
                QgsProcessingParameterString(self.SCENARIO, tr("Scenario's name"), optional=True),
                tr("Left empty, a name that says how it was made."),
            ),
            (
                QgsProcessingParameterFeatureSink(
                    self.OUTPUT, tr("Scenario"), QgsProcessing.SourceType.TypeVectorLine
                ),
                tr("One line with scenario, left_party and right_party."),
            ),
        ):  # fmt: skip
            self.add(parameter, words)
        self.addOutput(QgsProcessingOutputNumber("LENGTH_KM", tr("Length (km)")))

    def work(self, parameters, context, feedback, outputs):
        """Read the lines, derive one, write it."""
        require("shapely", "pyproj")
        from ...analysis.derived_lines import DERIVED_LINES, DerivedLine, midline, offset_line
        from ...analysis.geodesy import WGS84

        line, parties = self._line(parameters, self.INPUT, context, feedback)
        method = self.parameterAsEnumString(parameters, self.METHOD, context)
        name = text_of(self, parameters, self.SCENARIO, context)
        if method == OFFSET:
            distance = self.parameterAsDouble(parameters, self.DISTANCE, context)
            line = offset_line(line, distance)
            name = name or self.tr("Offset by %1 m").replace("%1", f"{distance:g}")
        elif method == MIDLINE:
            if parameters.get(self.OTHER) in (None, ""):
                raise CeasefireError(self.tr("A midline lies between two lines: name the other."))
            other, _ = self._line(parameters, self.OTHER, context, feedback)
            line = midline(line, other, self.parameterAsDouble(parameters, self.STEP, context))
            name = name or self.tr("Midline")
        row = DerivedLine(name or self.tr("Line as it is"), *parties, line)
        output = write_records(self, outputs, self.OUTPUT, DERIVED_LINES, [row], context, feedback)
        return {self.OUTPUT: output, "LENGTH_KM": WGS84.geometry_length(line) / 1000.0}

    def _line(self, parameters, parameter: str, context, feedback):
        """All lines of a layer as one, and the parties that all of them share."""
        import shapely

        source = self.parameterAsSource(parameters, parameter, context)
        if source is None:
            raise QgsProcessingException(self.invalidSourceError(parameters, parameter))
        what = self.tr("The layer")
        need_geometry(source, what, Qgis.GeometryType.Line)
        fields = source.fields()
        names = [find_field(fields, None, one) for one in ("left_party", "right_party")]
        transform = transform_of(source, what, context)
        shapes, _, columns = read_shapes(source, names, transform, "feature", feedback)
        parts = [part for shape in shapes if shape is not None for part in shapely.get_parts(shape)]
        if not parts:
            raise CeasefireError(self.tr("“%1” has no line.").replace("%1", source.sourceName()))
        merged = shapely.line_merge(shapely.MultiLineString(parts), directed=True)
        parties = []
        for column in columns:
            called = {name for name in texts(column) if name is not None}
            parties.append(called.pop() if len(called) == 1 else None)
        return merged, parties
