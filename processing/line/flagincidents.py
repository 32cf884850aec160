"""Algorithm ``ceasefire:flagincidents``: incidents held against the line in force that day."""

from __future__ import annotations

import math

from qgis.core import (
    Qgis,
    QgsFeature,
    QgsFeatureRequest,
    QgsFeatureSink,
    QgsFields,
    QgsProcessing,
    QgsProcessingException,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterFile,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from ...model.errors import Cancelled, CeasefireError
from ...model.tables import FLAG_FIELDS
from ..base import CeasefireAlgorithm
from ..fields import qgis_fields, qgis_value
from ..libraries import require
from .columns import AS_THEY_ARE, not_written

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
    LEFT_FIELD = "LEFT_FIELD"
    RIGHT_FIELD = "RIGHT_FIELD"
    LINE_UNCERTAINTY_FIELD = "LINE_UNCERTAINTY_FIELD"
    ZONES = "ZONES"
    CONTROL = "CONTROL"
    LEDGER = "LEDGER"
    OUTPUT = "OUTPUT"

    def initAlgorithm(self, config=None):
        self._add_layers()
        self._add_numbers()
        self._add_fields()
        self._add(
            QgsProcessingParameterFile(
                self.LEDGER, self.tr("Ledger"), fileFilter="GeoPackage (*.gpkg)", optional=True
            ),
            self.tr("Optional: the ledger to which the findings are written."),
        )
        self._add(
            QgsProcessingParameterFeatureSink(
                self.OUTPUT, self.tr("Flagged incidents"), QgsProcessing.SourceType.TypeVector
            ),
            self.tr("The incidents with what was found."),
        )
        for name, _, title in COUNTS:
            self.addOutput(QgsProcessingOutputNumber(name, self.tr(title)))
        self.addOutput(QgsProcessingOutputString("LEDGER", self.tr("Ledger")))

    def _add(self, parameter, help_text: str) -> None:
        parameter.setHelp(help_text)
        self.addParameter(parameter)

    def _add_layers(self) -> None:
        lines, areas = (
            QgsProcessing.SourceType.TypeVectorLine,
            QgsProcessing.SourceType.TypeVectorPolygon,
        )
        self._add(
            QgsProcessingParameterFeatureSource(
                self.INPUT, self.tr("Incidents"), [QgsProcessing.SourceType.TypeVector]
            ),
            self.tr("Points, or a table whose rows have no place."),
        )
        self._add(
            QgsProcessingParameterFeatureSource(
                self.LINES, self.tr("Contact lines"), [lines], optional=True
            ),
            self.tr(
                "Lines with the dates from and until which they are in force. Of those in force "
                "at the incident's time the nearest counts."
            ),
        )
        self._add(
            QgsProcessingParameterFeatureSource(
                self.ZONES, self.tr("Zones"), [areas], optional=True
            ),
            self.tr("Optional: zones whose names are given where an incident lies in them."),
        )
        self._add(
            QgsProcessingParameterFeatureSource(
                self.CONTROL, self.tr("Areas of control"), [areas], optional=True
            ),
            self.tr("Optional: areas with their holder; says who held the incident's place then."),
        )

    def _add_numbers(self) -> None:
        number = QgsProcessingParameterNumber.Type.Double
        self._add(
            QgsProcessingParameterNumber(
                self.DISTANCE, self.tr("Near means within (metres)"), number, 5000.0, minValue=0.0
            ),
            self.tr("Metres on the ground, whatever CRS the layers have."),
        )
        self._add(
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
        self._add(
            QgsProcessingParameterString(
                self.TIMEZONE, self.tr("Theatre's time zone"), optional=True
            ),
            self.tr(
                "Dates and times without a zone are read as of this zone, for example "
                "“Europe/Athens”; a bare date is the whole day there. Where empty, the ledger's; "
                "without a ledger, UTC."
            ),
        )
        self._add(
            QgsProcessingParameterString(
                self.LINE_KIND, self.tr("Kind of line to measure from"), "", optional=True
            ),
            self.tr(
                "Needed where the layer has lines of several kinds: agreed, claimed, de_facto, "
                "marked, historical."
            ),
        )

    def _add_fields(self) -> None:
        for name, title, parent, usual in (
            (self.TIME_FIELD, "Incident: time, or its start", self.INPUT, "occurred_from"),
            (self.TIME_TO_FIELD, "Incident: end of its time", self.INPUT, "occurred_to"),
            (self.UNCERTAINTY_FIELD, "Incident: uncertainty (m)", self.INPUT, "uncertainty_m"),
            (self.LINE_FROM_FIELD, "Line: in force from", self.LINES, "valid_from"),
            (self.LINE_TO_FIELD, "Line: in force until", self.LINES, "valid_to"),
            (self.LINE_NAME_FIELD, "Line: name", self.LINES, "line_name"),
            (self.LEFT_FIELD, "Line: party on the left", self.LINES, "left_party"),
            (self.RIGHT_FIELD, "Line: party on the right", self.LINES, "right_party"),
            (self.LINE_UNCERTAINTY_FIELD, "Line: uncertainty (m)", self.LINES, "uncertainty_m"),
        ):
            self._add(
                QgsProcessingParameterField(
                    name, self.tr(title), parentLayerParameterName=parent, optional=True
                ),
                self.tr("Left empty, the field “%1” is used if it is there.").replace("%1", usual),
            )

    def work(self, parameters, context, feedback, outputs):
        require("shapely", "pyproj")
        from ...analysis.flagging import flag
        from .flagmaterial import FlagMaterial

        source = self.parameterAsSource(parameters, self.INPUT, context)
        if source is None:
            raise QgsProcessingException(self.invalidSourceError(parameters, self.INPUT))
        material = FlagMaterial.gathered(self, parameters, source, context, feedback)
        for note in material.notes:
            feedback.pushWarning(note)
        columns = flag(
            material.incidents.columns,
            material.lines,
            material.settings,
            progress=lambda share: feedback.setProgress(10.0 + 50.0 * share),
            cancelled=feedback.isCanceled,
        )
        for note in columns.notes:
            feedback.pushWarning(note)
        results = self._write(parameters, source, material, columns, feedback, outputs)
        if material.ledger:
            material.write_findings(columns, feedback)
        for name, code, title in COUNTS:
            results[name] = columns.count(code)
            feedback.pushInfo(f"{self.tr(title)}: {results[name]:,}")
        results["LEDGER"] = material.ledger or ""
        feedback.setProgress(100.0)
        return results

    def _write(self, parameters, source, material, columns, feedback, outputs) -> dict:
        """Write INPUT's features with what was found; same-named fields are replaced."""
        kept = self._kept_fields(source, feedback)
        combined = QgsFields()
        for index in kept:
            combined.append(source.fields().at(index))
        for field in qgis_fields(FLAG_FIELDS):
            combined.append(field)
        sink, destination = outputs.sink(
            self.OUTPUT, combined, source.wkbType(), source.sourceCrs()
        )
        if sink is None:
            return {self.OUTPUT: destination}
        rows = {identifier: row for row, identifier in enumerate(material.incidents.feature_ids)}
        found = _values(columns)
        total = max(len(rows), 1)
        for done, feature in enumerate(source.getFeatures(QgsFeatureRequest(), AS_THEY_ARE)):
            if feedback.isCanceled():
                raise Cancelled(self.tr("Stopped; nothing was written."))
            row = rows.get(feature.id())
            if row is None:
                raise CeasefireError(
                    self.tr("The layer of incidents changed during the run. Run this again.")
                )
            written = QgsFeature(combined)
            written.setGeometry(feature.geometry())
            before = feature.attributes()
            written.setAttributes([before[index] for index in kept] + [c[row] for c in found])
            if not sink.addFeature(written, QgsFeatureSink.Flag.FastInsert):
                raise CeasefireError(not_written(self, sink))
            if done % 1000 == 0:
                feedback.setProgress(60.0 + 40.0 * done / total)
        return {self.OUTPUT: destination}

    def _kept_fields(self, source, feedback) -> list[int]:
        """The fields of INPUT that are written again: not those of an earlier run.

        A field “fid” that is no key is left out too, for GeoPackage takes it for one.
        """
        fields = source.fields()
        left_out = {field.name for field in FLAG_FIELDS}
        key = fields.lookupField("fid")
        if key >= 0 and not _is_key(source, key):
            left_out.add("fid")
            feedback.pushInfo(
                self.tr("The field “fid” repeats numbers, so it cannot be kept; it was left out.")
            )
        return [i for i in range(fields.count()) if fields.at(i).name().lower() not in left_out]


def _is_key(source, index: int) -> bool:
    """Whether a field holds a different whole number in every feature."""
    values = [feature[index] for feature in source.getFeatures(_only_field(index))]
    return all(type(value) is int for value in values) and len(set(values)) == len(values)


def _only_field(index: int) -> QgsFeatureRequest:
    request = QgsFeatureRequest().setSubsetOfAttributes([index])
    return request.setFlags(Qgis.FeatureRequestFlag.NoGeometry)


def _values(columns) -> list[list]:
    """The flag columns as attribute values, one list a field."""
    from ...analysis.utc import utc_datetime

    result = []
    for field in FLAG_FIELDS:
        values = getattr(columns, field.name)
        if values.dtype.kind == "M":
            values = [utc_datetime(value) for value in values]
        elif values.dtype.kind == "f":
            values = [None if math.isnan(value) else value for value in values.tolist()]
        result.append([qgis_value(value) for value in values])
    return result
