"""Algorithm ``ceasefire:linefromcontrol``: dated contact lines from areas of control."""

from __future__ import annotations

from qgis.core import (
    QgsFeature,
    QgsFeatureSink,
    QgsGeometry,
    QgsProcessing,
    QgsProcessingException,
    QgsProcessingOutputNumber,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
    QgsWkbTypes,
)

from ...model.errors import Cancelled, CeasefireError
from ...model.tables import CONTACT_LINES
from ..base import CeasefireAlgorithm
from ..fields import WGS84, WKB_TYPES, qgis_fields, qgis_value
from ..libraries import require
from .columns import not_written


class LineFromControl(CeasefireAlgorithm):
    """Contact lines between the parties, each in force from its date until the next."""

    NAME = "linefromcontrol"
    TITLE = "Contact lines from areas of control"
    GROUP = "Contact line"
    GROUP_ID = "line"
    HELP = (
        "Draws the contact line of each date from polygons that say who held what. Invalid "
        "polygons are repaired, slivers between areas closed, and what runs along the theatre's "
        "edge (coast or border) is left out. There is one line for each pair of parties and date; "
        "pockets are parts of it. Where the areas of two parties leave a gap wider than the "
        "tolerance, each side gets its own forward line; no middle is guessed. The party whose "
        "name comes first in the alphabet is on the left, so that sides and kilometres keep from "
        "date to date. A line is in force from its date until the next date in the layer; lines "
        "that stay the same over consecutive dates become one."
    )

    INPUT = "INPUT"
    PARTY_FIELD = "PARTY_FIELD"
    THEATRE = "THEATRE"
    DATE_FIELD = "DATE_FIELD"
    TOLERANCE = "TOLERANCE"
    MIN_LENGTH = "MIN_LENGTH"
    TIMEZONE = "TIMEZONE"
    PARTY = "PARTY"
    OTHER_PARTY = "OTHER_PARTY"
    UNCERTAINTY = "UNCERTAINTY"
    OUTPUT = "OUTPUT"

    def initAlgorithm(self, config=None):
        self._add_layers()
        self._add_numbers()
        self._add_words()
        self.add(
            QgsProcessingParameterFeatureSink(
                self.OUTPUT, self.tr("Contact lines"), QgsProcessing.SourceType.TypeVectorLine
            ),
            self.tr("The lines, with the fields of the model's contact lines."),
        )
        self.addOutput(QgsProcessingOutputNumber("LINES", self.tr("Number of lines")))
        self.addOutput(
            QgsProcessingOutputNumber("DROPPED_M", self.tr("Metres dropped as fragments"))
        )

    def _add_layers(self) -> None:
        areas = [QgsProcessing.SourceType.TypeVectorPolygon]
        self.add(
            QgsProcessingParameterFeatureSource(self.INPUT, self.tr("Areas of control"), areas),
            self.tr("Polygons that say who held what, of one date or several."),
        )
        self.add(
            QgsProcessingParameterFeatureSource(
                self.THEATRE, self.tr("Theatre"), areas, optional=True
            ),
            self.tr(
                "The area within which lines are drawn. It may be left empty where the areas of "
                "two or more parties cover it."
            ),
        )
        for name, title, help_text in (
            (
                self.PARTY_FIELD,
                "Field with the holder",
                "Who holds each area. “contested”, “no party” and “unknown” are nobody's. Left "
                "empty, all areas are one side's and the rest of the theatre is the other's.",
            ),
            (
                self.DATE_FIELD,
                "Field with the date",
                "Left empty, the field “valid_from” is used if it is there, and else the date in "
                "the file's name (20250914, 2025-09-14, 14_09_2025).",
            ),
        ):
            self.add(
                QgsProcessingParameterField(
                    name, self.tr(title), parentLayerParameterName=self.INPUT, optional=True
                ),
                self.tr(help_text),
            )

    def _add_numbers(self) -> None:
        for name, title, default, help_text in (
            (
                self.TOLERANCE,
                "Tolerance (metres)",
                1000.0,
                "A boundary this near the theatre's edge is coast or border, not contact line; "
                "gaps and overlaps of two areas up to this width are slivers.",
            ),
            (
                self.MIN_LENGTH,
                "Minimum length (metres)",
                0.0,
                "Shorter fragments are dropped; the log says how many metres.",
            ),
            (
                self.UNCERTAINTY,
                "Uncertainty of the lines (metres)",
                None,
                "How far the true line may be from the drawn one, holding 95 %. Left empty: not "
                "known.",
            ),
        ):
            self.add(
                QgsProcessingParameterNumber(
                    name,
                    self.tr(title),
                    QgsProcessingParameterNumber.Type.Double,
                    default,
                    optional=default is None,
                    minValue=0.0,
                ),
                self.tr(help_text),
            )

    def _add_words(self) -> None:
        for name, title, default, help_text in (
            (self.TIMEZONE, "Theatre's time zone", "UTC", "A date begins at midnight there."),
            (
                self.PARTY,
                "Holder of the areas",
                "",
                "The party's name, where no field gives it.",
            ),
            (
                self.OTHER_PARTY,
                "Holder of the rest",
                "",
                "The party that holds all of the theatre that the areas leave.",
            ),
        ):
            self.add(
                QgsProcessingParameterString(name, self.tr(title), default, optional=True),
                self.tr(help_text),
            )

    def work(self, parameters, context, feedback, outputs):
        require("shapely", "pyproj")
        from ...analysis.control import lines_from_control
        from .controlsource import areas_of_control, control_settings

        source = self.parameterAsSource(parameters, self.INPUT, context)
        if source is None:
            raise QgsProcessingException(self.invalidSourceError(parameters, self.INPUT))
        areas, notes = areas_of_control(self, parameters, source, context, feedback)
        settings = control_settings(self, parameters, source, context, feedback)
        drawn = lines_from_control(
            areas,
            settings,
            progress=lambda share: feedback.setProgress(10.0 + 80.0 * share),
            cancelled=feedback.isCanceled,
        )
        for note in notes + drawn.notes:
            feedback.pushWarning(note)
        sink, destination = outputs.sink(
            self.OUTPUT,
            qgis_fields(CONTACT_LINES.fields),
            WKB_TYPES[CONTACT_LINES.shape],
            WGS84,
        )
        for line in drawn.lines:
            if feedback.isCanceled():
                raise Cancelled(self.tr("Stopped; nothing was written."))
            if not sink.addFeature(_feature(line), QgsFeatureSink.Flag.FastInsert):
                raise CeasefireError(not_written(self, sink))
        feedback.pushInfo(
            self.tr("%1 contact lines were drawn.").replace("%1", f"{len(drawn.lines):,}")
        )
        return {self.OUTPUT: destination, "LINES": len(drawn.lines), "DROPPED_M": drawn.dropped_m}


def _feature(line) -> QgsFeature:
    feature = QgsFeature()
    geometry = QgsGeometry()
    geometry.fromWkb(line.geometry.wkb)
    if QgsWkbTypes.isSingleType(geometry.wkbType()):
        geometry.convertToMultiType()
    feature.setGeometry(geometry)
    feature.setAttributes([qgis_value(getattr(line, name)) for name in CONTACT_LINES.names()])
    return feature
