"""Algorithm ``ceasefire:linesectors``: the line in force cut into named sectors with land."""

from __future__ import annotations

from qgis.core import (
    QgsProcessing,
    QgsProcessingOutputNumber,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
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
from .sectorcuts import cuts_asked, names_asked


class LineSectors(CeasefireAlgorithm):
    """Sectors of each contact line in force on a date, and the land that is nearest to each."""

    NAME = "linesectors"
    TITLE = "Sectors of the contact line"
    GROUP = "Contact line"
    GROUP_ID = "line"
    HELP = (
        "Cuts each contact line that was in force on the date into sectors: at chainages, every so "
        "many kilometres, or at the foot of places (then the sectors are called “A – B”). The "
        "whole line belongs to sectors: its start and end need not be given. Beside the stretches "
        "of line it gives the land of each sector: what is nearer to the line than the depth, "
        "split so that an incident lies in the area of the sector to which the chainage of its "
        "nearest place of the line belongs. The areas leave no gaps and do not overlap. Beyond the "
        "open end of a line, land within the depth of that end belongs to the sector that ends "
        "there. A chainage at which the line was cut belongs to the sector that begins there."
    )

    DATE = "DATE"
    LINE = "LINE"
    CHAINAGES = "CHAINAGES"
    LENGTH = "LENGTH"
    PLACES = "PLACES"
    PLACE_FIELD = "PLACE_FIELD"
    NAMES = "NAMES"
    DEPTH = "DEPTH"
    OUTPUT = "OUTPUT"
    AREAS = "AREAS"

    def initAlgorithm(self, config=None):
        add_lines(self)
        for parameter, help_text in (*self._which(), *self._cuts(), *self._words()):
            add_parameter(self, parameter, help_text)
        add_choices(self)
        for name, title, kind, help_text, optional in (
            (
                self.OUTPUT,
                self.tr("Sectors"),
                QgsProcessing.SourceType.TypeVectorLine,
                self.tr("The stretches of line, with name, number, chainages and parties."),
                False,
            ),
            (
                self.AREAS,
                self.tr("Areas of the sectors"),
                QgsProcessing.SourceType.TypeVectorPolygon,
                self.tr("Optional: the land that is nearest to each sector, within the depth."),
                True,
            ),
        ):
            sink = QgsProcessingParameterFeatureSink(name, title, kind, None, optional)
            add_parameter(self, sink, help_text)
        self.addOutput(QgsProcessingOutputNumber("LINES_IN_FORCE", self.tr("Lines in force")))
        self.addOutput(QgsProcessingOutputNumber("SECTORS", self.tr("Sectors")))

    def _which(self):
        tr = self.tr
        return (
            (
                QgsProcessingParameterString(self.DATE, tr("Date"), optional=True),
                tr("The lines in force on this date, as 2031-03-14 or with a time; now if empty."),
            ),
            (
                QgsProcessingParameterString(self.LINE, tr("Line"), optional=True),
                tr("The name of one line, where several are in force and only one is meant."),
            ),
        )

    def _cuts(self):
        tr, double = self.tr, QgsProcessingParameterNumber.Type.Double
        points = [QgsProcessing.SourceType.TypeVectorPoint]
        return (
            (
                QgsProcessingParameterString(
                    self.CHAINAGES, tr("Cut at kilometres"), optional=True
                ),
                tr("Chainages in kilometres, for example “0, 42.5, 90”."),
            ),
            (
                QgsProcessingParameterNumber(
                    self.LENGTH, tr("Cut every (kilometres)"), double, None, True, 0.001
                ),
                tr("The length of each sector; the last is what remains."),
            ),
            (
                QgsProcessingParameterFeatureSource(
                    self.PLACES, tr("Cut at places"), points, optional=True
                ),
                tr("Points; each cuts the line that is nearest to it, at the nearest place."),
            ),
        )

    def _words(self):
        tr, double = self.tr, QgsProcessingParameterNumber.Type.Double
        return (
            (
                QgsProcessingParameterField(
                    self.PLACE_FIELD,
                    tr("Field with the places' names"),
                    parentLayerParameterName=self.PLACES,
                    optional=True,
                ),
                tr("Left empty, “place”, “place_name” or “name” is used if it is there."),
            ),
            (
                QgsProcessingParameterString(self.NAMES, tr("Names of the sectors"), optional=True),
                tr("One name a sector, in their order, separated by semicolons or commas."),
            ),
            (
                QgsProcessingParameterNumber(
                    self.DEPTH, tr("Depth of the areas (metres)"), double, 15_000.0, minValue=0.001
                ),
                tr("How far from the line the areas reach, on the ground."),
            ),
        )

    def work(self, parameters, context, feedback, outputs):
        require("shapely", "pyproj")
        from ...analysis.line_sector_areas import sector_areas
        from ...analysis.line_sectors import SECTOR_AREAS, SECTORS, sectors_of

        material = LineMaterial.read(self, parameters, context, feedback)
        span = span_asked(self, parameters, self.DATE, material.zone, context)
        name = text_of(self, parameters, self.LINE, context)
        among = material.named(material.in_force(span), name, self)
        sectors, areas, notes = [], [], []
        if among:
            cuts, notes = cuts_asked(self, parameters, material.lines, among, context, feedback)
            names = names_asked(self, parameters, context)
            sectors = sectors_of(material.lines, cuts, names, feedback.isCanceled)
            feedback.setProgress(30.0)
            if parameters.get(self.AREAS) is not None:
                depth = self.parameterAsDouble(parameters, self.DEPTH, context)
                areas = sector_areas(material.lines, sectors, depth, feedback.isCanceled)
        for note in material.notes + notes:
            feedback.pushWarning(note)
        feedback.setProgress(80.0)
        results = {"LINES_IN_FORCE": len(among), "SECTORS": len(sectors)}
        for output, table, records in (
            (self.OUTPUT, SECTORS, sectors),
            (self.AREAS, SECTOR_AREAS, areas),
        ):
            style = "sectors" if output == self.AREAS else None
            results[output] = write_records(
                self, outputs, output, table, records, context, feedback, style
            )
        self._tell(feedback, among, sectors, day_words(span, material.zone))
        return results

    def _tell(self, feedback, among, sectors, day: str) -> None:
        if not among:
            words = self.tr("No contact line was in force on %1; there are no sectors.")
            feedback.pushWarning(words.replace("%1", day))
            return
        words = self.tr("%1 sectors of the lines in force on %2 (%3 of them).")
        feedback.pushInfo(
            words.replace("%1", f"{len(sectors):,}")
            .replace("%2", day)
            .replace("%3", str(len(among)))
        )
