"""Algorithm ``ceasefire:lineannex``: the turning points of a line as an annex to an agreement."""

from __future__ import annotations

from qgis.core import (
    Qgis,
    QgsProcessing,
    QgsProcessingException,
    QgsProcessingOutputNumber,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterString,
    QgsWkbTypes,
)

from ...model.errors import CeasefireError
from ..base import CeasefireAlgorithm
from ..libraries import require
from ..line.columns import need_geometry, read_shapes, transform_of
from ..line.lineinput import text_of
from ..line.recordsink import write_records
from ..review.reviewparameters import write_page

FORMS = ("dms", "utm", "mgrs", "sk42", "gauss_kruger", "decimal", "dm")
USUAL = ("dms", "utm", "mgrs", "sk42")


class LineAnnex(CeasefireAlgorithm):
    """Numbered turning points with their coordinates, legs and azimuths."""

    NAME = "lineannex"
    TITLE = "Coordinates of a line as an annex"
    GROUP = "Proposals"
    GROUP_ID = "proposals"
    HELP = (
        "Writes the turning points of one line, numbered along it, in the coordinate formats that "
        "you choose, with the geodesic distance and true azimuth to the next point: as points, and "
        "as a page that can be attached to an agreement. SK-42 is shifted by PROJ's own "
        "parameters of the region; write the accuracy and the map editions that the parties agreed "
        "on into SURVEY and MAPS. “Check a line's annex” reads such a table back."
    )

    INPUT, FORMATS, TITLE_TEXT = "INPUT", "FORMATS", "TITLE"
    MAPS, SURVEY, OUTPUT, SHEET = "MAPS", "SURVEY", "OUTPUT", "SHEET"

    def initAlgorithm(self, config=None):
        """The parameters, each with its help, and the outputs."""
        from ...analysis.annex_forms import TITLES

        tr, kinds = self.tr, QgsProcessing.SourceType
        self.add(
            QgsProcessingParameterFeatureSource(
                self.INPUT, tr("Line"), [kinds.TypeVectorLine, kinds.TypeVectorPolygon]
            ),
            tr("A layer with one line or one area; choose one feature where it has several."),
        )
        self.add(
            QgsProcessingParameterEnum(
                self.FORMATS, tr("Coordinates"), [tr(TITLES[form]) for form in FORMS],
                allowMultiple=True, defaultValue=[FORMS.index(form) for form in USUAL],
            ),
            tr("The formats in which each point is written; two make slips of the pen visible."),
        )  # fmt: skip
        for name, title, words in (
            (self.TITLE_TEXT, tr("Title"), tr("Stands above the page.")),
            (self.MAPS, tr("Maps"), tr("The map editions and sheets of both parties.")),
            (self.SURVEY, tr("Accuracy"), tr("How exactly the points are known, and by what.")),
        ):
            self.add(QgsProcessingParameterString(name, title, optional=True), words)
        self.add(
            QgsProcessingParameterFeatureSink(
                self.OUTPUT, tr("Turning points"), kinds.TypeVectorPoint
            ),
            tr("One point a row, with the written coordinates."),
        )
        self.add(
            QgsProcessingParameterFileDestination(
                self.SHEET, tr("Annex"), "HTML (*.html)", None, True
            ),
            tr("Optional: the annex as a page."),
        )
        self.addOutput(QgsProcessingOutputNumber("POINTS", tr("Turning points")))
        self.addOutput(QgsProcessingOutputNumber("LENGTH_M", tr("Length (m)")))

    def work(self, parameters, context, feedback, outputs):
        """Number the line's points, write them."""
        require("shapely", "pyproj")
        import shapely

        from ...analysis.line_annex import TURNING_POINTS, turning_points
        from ...reports.annex_sheet import annex_sheet

        chosen = self.parameterAsEnums(parameters, self.FORMATS, context)
        forms = [FORMS[index] for index in chosen]
        if not forms:
            raise CeasefireError(self.tr("Choose at least one format of coordinates."))
        path = self._path(parameters, context, feedback)
        points = turning_points(path, forms)
        for point in points:
            point.geometry = shapely.Point(point.lon, point.lat)
        output = write_records(
            self, outputs, self.OUTPUT, TURNING_POINTS, points, context, feedback
        )
        sheet = self.parameterAsFileOutput(parameters, self.SHEET, context)
        if sheet:
            words = [text_of(self, parameters, name, context)
                     for name in (self.TITLE_TEXT, self.MAPS, self.SURVEY)]  # fmt: skip
            write_page(outputs, sheet, annex_sheet(points, forms, *words).html())
        return {
            self.OUTPUT: output,
            self.SHEET: sheet,
            "POINTS": len(points),
            "LENGTH_M": points[-1].chainage_m,
        }

    def _path(self, parameters, context, feedback):
        """The points of the one line, (n, 2) in degrees; CeasefireError where there are several."""
        import shapely

        source = self.parameterAsSource(parameters, self.INPUT, context)
        if source is None:
            raise QgsProcessingException(self.invalidSourceError(parameters, self.INPUT))
        what = self.tr("The layer")
        if QgsWkbTypes.geometryType(source.wkbType()) != Qgis.GeometryType.Polygon:
            need_geometry(source, what, Qgis.GeometryType.Line)
        transform = transform_of(source, what, context)
        shapes, _, _ = read_shapes(source, [], transform, "feature", feedback)
        parts = [part for shape in shapes if shape is not None for part in _lines(shape)]
        merged = shapely.line_merge(shapely.MultiLineString(parts)) if parts else None
        if merged is None or merged.geom_type != "LineString":
            count = 0 if merged is None else len(shapely.get_parts(merged))
            words = self.tr(
                "An annex describes one line, and there are %1. Select one feature, and choose "
                "“selected features only”."
            )
            raise CeasefireError(words.replace("%1", str(count)))
        points = shapely.get_coordinates(merged if len(parts) > 1 else parts[0])
        # Vertices that follow each other in one place are one turning point.
        kept = [0] + [i for i in range(1, len(points)) if (points[i] != points[i - 1]).any()]
        return points[kept]


def _lines(shape) -> list:
    """The lines of a line, or the rim of an area."""
    import shapely

    if shapely.get_dimensions(shape) == 2:
        shape = shapely.boundary(shape)
    return [part for part in shapely.get_parts(shape) if not shapely.is_empty(part)]
