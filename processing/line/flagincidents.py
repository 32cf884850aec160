"""Algorithm ``ceasefire:flagincidents``: incidents held against the line in force that day."""

from __future__ import annotations

from qgis.core import (
    QgsProcessing,
    QgsProcessingException,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterFile,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from ..base import CeasefireAlgorithm
from ..libraries import require

COUNTS = (
    ("NEAR", "near", "Incidents near the line"),
    ("POSSIBLE", "possible", "Incidents possibly near the line"),
    ("FAR", "far", "Incidents far from the line"),
    ("NO_LINE", "no_line_in_force", "Incidents at a time without a line in force"),
    ("NOT_LOCATED", "not_located", "Incidents without a place"),
)


class FlagIncidents(CeasefireAlgorithm):
    """Flags, distances, sides, chainages, probabilities and findings for a layer of incidents."""

    NAME = "flagincidents"
    TITLE = "Flag incidents near the contact line"
    GROUP = "Contact line"
    GROUP_ID = "line"
    HELP = (
        "Holds each incident against the contact line that was in force at its time: how far it "
        "was (geodesic, on WGS 84), on whose side, at which kilometre of the line, and how likely "
        "it is that it truly was within the distance, given how well its place and the line are "
        "known. An incident is near where that probability is at least 0.95, far where it is at "
        "most 0.05, and possible between. Where neither the incident nor you give an uncertainty, "
        "the flag rests on the bare point and no probability is given. Each incident gets a "
        "sentence that says what was found. Fields named as in the model are found by themselves; "
        "fields of an earlier run are replaced. Where a ledger is given, what is left empty "
        "(lines, zones, areas of control) is taken from it, observations tell the sectors of "
        "incidents, and the findings are written to it. Without any line, as in a process by "
        "sites, every incident is flagged as having no line in force."
    )

    INPUT = "INPUT"
    LINES = "LINES"
    DISTANCE = "DISTANCE"
    TIMEZONE = "TIMEZONE"
    TIME_FIELD = "TIME_FIELD"
    TIME_TO_FIELD = "TIME_TO_FIELD"
    UNCERTAINTY_FIELD = "UNCERTAINTY_FIELD"
    UNCERTAINTY_DEFAULT = "UNCERTAINTY_DEFAULT"
    LINE_FROM_FIELD = "LINE_FROM_FIELD"
    LINE_TO_FIELD = "LINE_TO_FIELD"
    LINE_NAME_FIELD = "LINE_NAME_FIELD"
    LINE_KIND = "LINE_KIND"
    FRONT = "FRONT"
    SIDE_PROBABILITY = "SIDE_PROBABILITY"
    LEFT_FIELD = "LEFT_FIELD"
    RIGHT_FIELD = "RIGHT_FIELD"
    LINE_UNCERTAINTY_FIELD = "LINE_UNCERTAINTY_FIELD"
    ZONES = "ZONES"
    CONTROL = "CONTROL"
    AREAS = "AREAS"
    AREA_FIELD = "AREA_FIELD"
    AREA_NAME_FIELD = "AREA_NAME_FIELD"
    LEDGER = "LEDGER"
    OUTPUT = "OUTPUT"

    def initAlgorithm(self, config=None):
        self._add_layers()
        self._add_numbers()
        self._add_fields()
        self.add(
            QgsProcessingParameterFile(
                self.LEDGER,
                self.tr("Ledger"),
                fileFilter="GeoPackage (*.gpkg);;All files (*)",
                optional=True,
            ),
            self.tr("Optional: the ledger to which the findings are written."),
        )
        self.add(
            QgsProcessingParameterFeatureSink(
                self.OUTPUT, self.tr("Flagged incidents"), QgsProcessing.SourceType.TypeVector
            ),
            self.tr("The incidents with what was found."),
        )
        for name, _, title in COUNTS:
            self.addOutput(QgsProcessingOutputNumber(name, self.tr(title)))
        self.addOutput(QgsProcessingOutputString("LEDGER", self.tr("Ledger")))

    def _add_layers(self) -> None:
        lines, areas = (
            QgsProcessing.SourceType.TypeVectorLine,
            QgsProcessing.SourceType.TypeVectorPolygon,
        )
        self.add(
            QgsProcessingParameterFeatureSource(
                self.INPUT, self.tr("Incidents"), [QgsProcessing.SourceType.TypeVector]
            ),
            self.tr("Points, or a table whose rows have no place."),
        )
        self.add(
            QgsProcessingParameterFeatureSource(
                self.LINES, self.tr("Contact lines"), [lines], optional=True
            ),
            self.tr(
                "Lines with the dates from and until which they are in force. Of those in force "
                "at the incident's time the nearest counts."
            ),
        )
        self.add(
            QgsProcessingParameterFeatureSource(
                self.ZONES, self.tr("Zones"), [areas], optional=True
            ),
            self.tr("Optional: zones whose names are given where an incident lies in them."),
        )
        self.add(
            QgsProcessingParameterFeatureSource(
                self.CONTROL, self.tr("Areas of control"), [areas], optional=True
            ),
            self.tr("Optional: areas with their holder; says who held the incident's place then."),
        )
        self.add(
            QgsProcessingParameterFeatureSource(
                self.AREAS, self.tr("Areas that incidents are known by"), [areas], optional=True
            ),
            self.tr(
                "Optional: districts or provinces with their names. An incident whose "
                "“uncertainty_kind” is area may have been anywhere in the one it names."
            ),
        )

    def _add_numbers(self) -> None:
        number = QgsProcessingParameterNumber.Type.Double
        self.add(
            QgsProcessingParameterNumber(
                self.DISTANCE, self.tr("Near means within (metres)"), number, 5000.0, minValue=0.0
            ),
            self.tr("Metres on the ground, whatever CRS the layers have."),
        )
        self.add(
            QgsProcessingParameterNumber(
                self.UNCERTAINTY_DEFAULT,
                self.tr("Uncertainty of incidents that bring none (metres)"),
                number,
                None,
                optional=True,
                minValue=0.0,
            ),
            self.tr(
                "Radius that holds 95 % of the true places. Left empty: the bare point counts."
            ),
        )
        self.add(
            QgsProcessingParameterString(
                self.TIMEZONE, self.tr("Theatre's time zone"), optional=True
            ),
            self.tr(
                "Dates and times without a zone are read as of this zone, for example "
                "“Europe/Athens”; a bare date is the whole day there. Where empty, the ledger's; "
                "without a ledger, UTC."
            ),
        )
        self.add(
            QgsProcessingParameterString(
                self.LINE_KIND, self.tr("Kind of line to measure from"), "", optional=True
            ),
            self.tr(
                "Needed where the layer has lines of several kinds: agreed, claimed, de_facto, "
                "marked, historical."
            ),
        )
        self.add(
            QgsProcessingParameterString(
                self.FRONT, self.tr("Front to measure from"), "", optional=True
            ),
            self.tr(
                "Optional: only the lines of this front count: its name, or its two parties, as "
                "in “Aster – Borealis”."
            ),
        )
        self.add(
            QgsProcessingParameterBoolean(
                self.SIDE_PROBABILITY, self.tr("Tell the probability of each side"), False
            ),
            self.tr(
                "Where the place's uncertainty is known: how likely it is that the incident truly "
                "was on the side that is stated. This takes longer."
            ),
        )

    def _add_fields(self) -> None:
        for name, title, parent, usual in (
            (self.TIME_FIELD, "Incident: time, or its start", self.INPUT, "occurred_from"),
            (self.TIME_TO_FIELD, "Incident: end of its time", self.INPUT, "occurred_to"),
            (self.UNCERTAINTY_FIELD, "Incident: uncertainty (m)", self.INPUT, "uncertainty_m"),
            (self.AREA_FIELD, "Incident: area it is known by", self.INPUT, "admin1"),
            (self.AREA_NAME_FIELD, "Area: name", self.AREAS, "admin1” or “name"),
            (self.LINE_FROM_FIELD, "Line: in force from", self.LINES, "valid_from"),
            (self.LINE_TO_FIELD, "Line: in force until", self.LINES, "valid_to"),
            (self.LINE_NAME_FIELD, "Line: name", self.LINES, "line_name"),
            (self.LEFT_FIELD, "Line: party on the left", self.LINES, "left_party"),
            (self.RIGHT_FIELD, "Line: party on the right", self.LINES, "right_party"),
            (self.LINE_UNCERTAINTY_FIELD, "Line: uncertainty (m)", self.LINES, "uncertainty_m"),
        ):
            self.add(
                QgsProcessingParameterField(
                    name, self.tr(title), parentLayerParameterName=parent, optional=True
                ),
                self.tr("Left empty, the field “%1” is used if it is there.").replace("%1", usual),
            )

    def work(self, parameters, context, feedback, outputs):
        require("shapely", "pyproj")
        from ...analysis.flagging import Flagger
        from .flagmaterial import FlagMaterial
        from .flagrun import FlagRun
        from .flagwriter import FlagWriter

        source = self.parameterAsSource(parameters, self.INPUT, context)
        if source is None:
            raise QgsProcessingException(self.invalidSourceError(parameters, self.INPUT))
        material = FlagMaterial.gathered(self, parameters, source, context, feedback)
        for note in material.notes:
            feedback.pushWarning(note)
        flagger = Flagger(material.lines, material.settings)
        writer = FlagWriter(self, parameters, context, source, feedback)
        writer.sink, destination = outputs.sink(
            self.OUTPUT, writer.fields, source.wkbType(), source.sourceCrs()
        )
        run = FlagRun(self, material, flagger, writer, feedback)
        run.go()
        for note in material.reader.notes() + flagger.notes():
            feedback.pushWarning(note)
        results = {self.OUTPUT: destination}
        if material.ledger:
            material.write_findings(feedback)
        for name, code, title in COUNTS:
            results[name] = run.counts.get(code, 0)
            feedback.pushInfo(f"{self.tr(title)}: {results[name]:,}")
        results["LEDGER"] = material.ledger or ""
        return results
