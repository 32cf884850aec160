"""``ceasefire:importincidents``: a file or layer of incidents into the model's fields."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Optional

from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsProcessingContext,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingUtils,
    QgsProperty,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QUrl

from ...model.errors import CeasefireError
from ...model.tables import INCIDENTS, REJECTED
from ..base import CeasefireAlgorithm
from ..fields import WGS84, WKB_TYPES, qgis_fields, qgis_value
from ..ledger.zone import theatre_zone
from .importledger import stop_if_cancelled, write_ledger
from .importparameters import PRESETS, inputs, sinks

COUNTS = ("ROWS", "IMPORTED", "EFFORT_ROWS", "REJECTED_ROWS", "NOT_LOCATED")
LEDGER_COUNTS = ("ADDED", "CHANGED", "UNCHANGED", "NOT_SEEN")


class ImportIncidents(CeasefireAlgorithm):
    """Reads any table of incidents; every row is imported, effort, or set aside with its reason."""

    NAME = "importincidents"
    TITLE = "Import incidents"
    GROUP = "Incidents"
    GROUP_ID = "incidents"
    HELP = (
        "Reads a file or layer of incidents (CSV, TSV, XLSX, ODS, GeoJSON, GeoPackage, KML or any "
        "open layer) into the fields of the model, in UTC and EPSG:4326.\n\n"
        "Every row is accounted for: it becomes an incident, it becomes effort (somebody was there "
        "and saw nothing), or it is set aside in REJECTED with its row number, column, value and "
        "reason. A row without coordinates is an incident without a place. Importing the same file "
        "again changes nothing.\n\n"
        "PRESET “auto” recognises ACLED, UCDP GED, VIINA, FIRMS, Insecurity Insight, tables of "
        "ceasefire violations and logs of cameras by their columns; “generic” takes any table that "
        "has a date. What was noticed on the way is said in the log."
    )

    INPUT = "INPUT"
    PRESET = "PRESET"
    MAPPING = "MAPPING"
    TIMEZONE = "TIMEZONE"
    POSTS = "POSTS"
    LEDGER = "LEDGER"
    OUTPUT = "OUTPUT"
    REJECTED = "REJECTED"

    def __init__(self):
        super().__init__()
        self._layers: dict[str, Any] = {}

    def initAlgorithm(self, configuration=None):
        """The parameters and outputs."""
        for parameter, words in (*inputs(self), *sinks(self)):
            parameter.setHelp(words)
            self.addParameter(parameter)
        for name in (*COUNTS, *LEDGER_COUNTS):
            title = name.replace("_", " ").capitalize()
            self.addOutput(QgsProcessingOutputNumber(name, title))
        self.addOutput(QgsProcessingOutputString("PRESET_USED", self.tr("Preset used")))
        self.addOutput(QgsProcessingOutputString(self.LEDGER, self.tr("Ledger")))

    def checkParameterValues(self, parameters, context):
        """Any path is taken for INPUT and POSTS, also one that QGIS itself would not open."""
        stand_in = QgsVectorLayer("NoGeometry", "stand-in", "memory")
        checked = dict(parameters)
        for name in (self.INPUT, self.POSTS):
            if said(parameters.get(name)):
                checked[name] = stand_in
        return super().checkParameterValues(checked, context)

    def prepareAlgorithm(self, parameters, context, feedback):
        """On the main thread: take what is needed of layers that are open."""
        from .layertable import LayerTable

        for name in (self.INPUT, self.POSTS):
            layer = open_layer(self._value(parameters, name, context), context)
            if layer is not None:
                self._layers[name] = LayerTable(layer, context.transformContext())
        return True

    def work(self, parameters, context, feedback, outputs):
        """Read, import, write; see the class."""
        from ...feeds.importer import import_table

        path = self.parameterAsFile(parameters, self.LEDGER, context)
        given = self.parameterAsString(parameters, self.TIMEZONE, context)
        zone = theatre_zone(self, given, path, feedback)
        table = self._table(parameters, self.INPUT, context, feedback)
        result = import_table(
            table,
            self._preset(parameters, context),
            zone,
            self._mapping(parameters, context),
            self._gazetteer(parameters, context, feedback),
            progress=lambda percent: feedback.setProgress(20.0 + 0.5 * percent),
            cancelled=feedback.isCanceled,
        )
        results = self._write_layers(parameters, context, feedback, outputs, result)
        results.update(self._counts(result))
        self._tell(feedback, result)
        results[self.LEDGER] = path or None
        if path:
            results.update(write_ledger(self, path, zone, table, result, feedback))
        return results

    def _value(self, parameters, name: str, context) -> Any:
        """What was given for a layer parameter: a layer or a text."""
        value = parameters.get(name)
        if isinstance(value, QgsProcessingFeatureSourceDefinition):
            value = value.source
        if isinstance(value, QgsProperty):
            value, _ = value.valueAsString(context.expressionContext(), "")
        if isinstance(value, QUrl):
            value = value.toLocalFile()
        return value if not isinstance(value, Path) else str(value)

    def _table(self, parameters, name: str, context, feedback):
        """The raw table of a layer or path."""
        from ...feeds.table import read_table

        if name in self._layers:
            return self._layers[name].read(feedback)
        return read_table(str(self._value(parameters, name, context)))

    def _preset(self, parameters, context) -> str:
        value = parameters.get(self.PRESET)
        if isinstance(value, int) and 0 <= value < len(PRESETS):
            return PRESETS[value]
        return self.parameterAsEnumString(parameters, self.PRESET, context) or "auto"

    def _mapping(self, parameters, context) -> Optional[dict]:
        text = self.parameterAsString(parameters, self.MAPPING, context).strip()
        if not text:
            return None
        try:
            mapping = json.loads(text)
        except ValueError as error:
            raise CeasefireError(
                self.tr('MAPPING is not JSON (%1): write it as {"field": "Column"}.').replace(
                    "%1", str(error)
                )
            ) from None
        if not isinstance(mapping, dict):
            raise CeasefireError(
                self.tr('MAPPING must be pairs in braces: write it as {"field": "Column"}.')
            )
        return mapping

    def _gazetteer(self, parameters, context, feedback):
        """Names with points from POSTS; None where none are given."""
        if not said(self._value(parameters, self.POSTS, context)):
            return None
        from ...feeds.gazetteer import gazetteer_of

        return gazetteer_of(self._table(parameters, self.POSTS, context, feedback))

    def _write_layers(self, parameters, context, feedback, outputs, result) -> dict:
        """The layers OUTPUT and REJECTED."""
        fields = qgis_fields(INCIDENTS.fields)
        sink, destination = outputs.sink(self.OUTPUT, fields, WKB_TYPES[INCIDENTS.shape], WGS84)
        names = INCIDENTS.names()
        total = max(1, len(result.incidents))
        for i, one in enumerate(result.incidents if sink is not None else ()):
            if i % 512 == 0:
                stop_if_cancelled(feedback, self)
                feedback.setProgress(70.0 + 20.0 * i / total)
            feature = QgsFeature(fields)
            feature.setAttributes([qgis_value(getattr(one, name)) for name in names])
            if one.longitude is not None and one.latitude is not None:
                point = QgsPointXY(one.longitude, one.latitude)
                feature.setGeometry(QgsGeometry.fromPointXY(point))
            add(sink, feature, self)
        fields = qgis_fields(REJECTED.fields)
        aside, aside_destination = outputs.sink(
            self.REJECTED, fields, WKB_TYPES[REJECTED.shape], WGS84
        )
        for one in result.rejected if aside is not None else ():
            feature = QgsFeature(fields)
            feature.setAttributes([qgis_value(getattr(one, name)) for name in REJECTED.names()])
            add(aside, feature, self)
        return {self.OUTPUT: destination, self.REJECTED: aside_destination}

    def _counts(self, result) -> dict:
        return {
            "ROWS": result.rows,
            "IMPORTED": len(result.incidents),
            "EFFORT_ROWS": len(result.effort),
            "REJECTED_ROWS": len(result.rejected),
            "NOT_LOCATED": sum(1 for one in result.incidents if one.longitude is None),
            "PRESET_USED": result.preset,
        }

    def _tell(self, feedback, result) -> None:
        """The notes and the counts, in sentences."""
        for sentence in result.notes:
            feedback.pushInfo(sentence)
        feedback.pushInfo(
            self.tr("Read as %1: %2 rows; %3 incidents, %4 rows of effort, %5 set aside.")
            .replace("%1", result.preset)
            .replace("%2", f"{result.rows:,}")
            .replace("%3", f"{len(result.incidents):,}")
            .replace("%4", f"{len(result.effort):,}")
            .replace("%5", f"{len(result.rejected):,}")
        )
        for one in result.rejected[:5]:
            where = f"{one.column}: {one.value}" if one.column else ""
            feedback.pushWarning(
                self.tr("Row %1 was set aside: %2. %3")
                .replace("%1", str(one.row_number))
                .replace("%2", one.reason)
                .replace("%3", where)
                .strip()
            )
        if result.rows and not result.incidents and not result.effort:
            feedback.pushWarning(
                self.tr("No row could be imported: look at REJECTED for the reasons.")
            )


def said(value: Any) -> bool:
    """Whether a layer parameter was given at all."""
    return value is not None and value != "" and value != QgsProperty()


def open_layer(value: Any, context: QgsProcessingContext) -> Optional[QgsVectorLayer]:
    """The vector layer that a parameter's value is or names; None for a file that we read.

    A file's path stays a path even where QGIS has loaded it meanwhile (its check of coordinate
    systems does): through a layer, letters of Windows-1252 and headers of spreadsheets are lost.
    """
    if isinstance(value, QgsVectorLayer):
        return value
    if not isinstance(value, str) or not value or is_plain_file(value):
        return None
    loading = Path(value.split("|")[0]).is_file()
    layer = QgsProcessingUtils.mapLayerFromString(value, context, allowLoadingNewLayers=loading)
    return layer if isinstance(layer, QgsVectorLayer) and layer.isValid() else None


def is_plain_file(source: str) -> bool:
    """Whether a source names a file, or one layer of it, and asks nothing more of QGIS."""
    from ...feeds.table import split_source

    try:
        path, _ = split_source(source)
        return path.exists()
    except (CeasefireError, OSError, ValueError):
        return False


def add(sink, feature, algorithm) -> None:
    """Add a feature, or say that the output took no more."""
    from qgis.core import QgsFeatureSink

    if not sink.addFeature(feature, QgsFeatureSink.Flag.FastInsert):
        raise CeasefireError(
            algorithm.tr(
                "The output could not be written (%1): free some room or choose another place."
            ).replace("%1", sink.lastError() or algorithm.tr("the disk may be full"))
        )
