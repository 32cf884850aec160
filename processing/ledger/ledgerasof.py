"""``ceasefire:ledgerasof``: a table of the ledger as it was known at a moment."""

from __future__ import annotations

from qgis.core import (
    QgsFeature,
    QgsFeatureSink,
    QgsGeometry,
    QgsProcessing,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFile,
    QgsProcessingParameterString,
)

from ...model.errors import Cancelled
from ...model.field import Field, Kind
from ...model.tables import FINDINGS, INCIDENTS, LEDGER_TABLES, table
from ..base import CeasefireAlgorithm
from ..fields import WGS84, WKB_TYPES, qgis_fields, qgis_value
from .theatretime import TheatreTime, zone_parameter

TABLES = tuple(item.name for item in LEDGER_TABLES if item is not FINDINGS)
KNOWN = (
    Field("known_revision", Kind.INTEGER, "Revision known then"),
    Field("known_since", Kind.INSTANT, "Known since (UTC)"),
    Field("known_by", Kind.TEXT, "Recorded by"),
    Field("known_why", Kind.TEXT, "Recorded because"),
)


class LedgerAsOf(CeasefireAlgorithm):
    """Gives each record in the last state that was recorded by a moment."""

    NAME = "ledgerasof"
    TITLE = "Ledger as of"
    GROUP = "Ledger"
    GROUP_ID = "ledger"
    HELP = (
        "Gives the incidents, or another table of the ledger, as they were known at a moment: of "
        "each record the last state that had been recorded by then, whatever became of it since. "
        "Beside the table's fields stand the revision, since when it was known, and who recorded "
        "it and why.\n\n"
        "Incidents that were withdrawn by then are among them, with their workflow withdrawn; "
        "records that were deleted by then are not. The log says how many there are of both. "
        "Their sensitivity is that of then: release nothing of it that is confidential today. "
        "AS_OF is in the theatre's time; a bare date means the end of its reporting day."
    )

    LEDGER = "LEDGER"
    AS_OF = "AS_OF"
    TIMEZONE = "TIMEZONE"
    TABLE = "TABLE"
    OUTPUT = "OUTPUT"
    COUNTS = (
        ("RECORDS", "Records known then"),
        ("WITHDRAWN", "Of these withdrawn"),
        ("DELETED", "Records deleted by then"),
    )

    def initAlgorithm(self, configuration=None):
        """The parameters, each with its help, and the outputs."""
        self.add(
            QgsProcessingParameterFile(
                self.LEDGER, self.tr("Ledger"), fileFilter="GeoPackage (*.gpkg);;All files (*)"
            ),
            self.tr("The ledger to look into; it is only read."),
        )
        self.add(
            QgsProcessingParameterString(self.AS_OF, self.tr("As known on")),
            self.tr("The moment, as 2031-03-14 (the end of that day) or 2031-03-14T19:30."),
        )
        self.add(*zone_parameter(self, self.TIMEZONE))
        self.add(
            QgsProcessingParameterEnum(
                self.TABLE,
                self.tr("Table of the ledger"),
                options=list(TABLES),
                defaultValue=INCIDENTS.name,
                usesStaticStrings=True,
            ),
            self.tr("The table whose records are given."),
        )
        self.add(
            QgsProcessingParameterFeatureSink(
                self.OUTPUT, self.tr("As known then"), QgsProcessing.SourceType.TypeVector
            ),
            self.tr("The records as they were known, with known_revision, known_since and so on."),
        )
        for name, title in self.COUNTS:
            self.addOutput(QgsProcessingOutputNumber(name, self.tr(title)))
        self.addOutput(QgsProcessingOutputString(self.LEDGER, self.tr("Ledger")))

    def work(self, parameters, context, feedback, outputs):
        """Read the states page by page, and write them as they come."""
        from .place import open_place

        path = self.parameterAsString(parameters, self.LEDGER, context)
        wanted = table(self.parameterAsEnumString(parameters, self.TABLE, context))
        fields = qgis_fields((*wanted.fields, *KNOWN))
        with open_place(path, readonly=True) as ledger:
            given = self.parameterAsString(parameters, self.TIMEZONE, context)
            time = TheatreTime(given, ledger.settings())
            moment = time.past(self.parameterAsString(parameters, self.AS_OF, context))
            sink, destination = outputs.sink(self.OUTPUT, fields, WKB_TYPES[wanted.shape], WGS84)
            count, pages = ledger.states_as_of(wanted.name, moment)
            counts = self._write(_Maker(wanted, fields), sink, count, pages, feedback)
        self._tell(feedback, wanted, time.words(moment), counts)
        return {self.OUTPUT: destination, self.LEDGER: path, **counts}

    def _write(self, maker, sink, count: int, pages, feedback) -> dict[str, int]:
        counts = dict.fromkeys((name for name, _ in self.COUNTS), 0)
        seen = 0
        for page in pages:
            if feedback.isCanceled():
                raise Cancelled(self.tr("Stopped; nothing was written."))
            for state in page:
                if state.deleted:
                    counts["DELETED"] += 1
                    continue
                counts["RECORDS"] += 1
                counts["WITHDRAWN"] += state.values.get("workflow") == "withdrawn"
                sink.addFeature(maker.feature(state), QgsFeatureSink.Flag.FastInsert)
            seen += len(page)
            feedback.setProgress(100.0 * seen / max(1, count))
        return counts

    def _tell(self, feedback, wanted, moment: str, counts: dict[str, int]) -> None:
        feedback.pushInfo(
            self.tr("%1 as known on %2: %3 records, of these %4 withdrawn; %5 had been deleted.")
            .replace("%1", wanted.title)
            .replace("%2", moment)
            .replace("%3", f"{counts['RECORDS']:,}")
            .replace("%4", f"{counts['WITHDRAWN']:,}")
            .replace("%5", f"{counts['DELETED']:,}")
        )
        if not counts["RECORDS"]:
            feedback.pushWarning(
                self.tr("Nothing of that table had been recorded by then: check the moment.")
            )


class _Maker:
    """Makes features of states."""

    def __init__(self, wanted, fields):
        from ...ledger.past import wkb_of
        from ...ledger.rows import instant_of, instants_of

        self._instant, self._wkb = instant_of, wkb_of
        self._fields = fields
        self._names = wanted.names()
        self._instants = set(instants_of(wanted))

    def feature(self, state) -> QgsFeature:
        """The feature of one state."""
        since = self._instant(state.recorded_at)
        values = {**state.values, "revision": state.revision, "recorded_at": state.recorded_at}
        attributes = [
            self._instant(values.get(name)) if name in self._instants else values.get(name)
            for name in self._names
        ]
        attributes += [state.revision, since, state.who, state.why]
        feature = QgsFeature(self._fields)
        feature.setAttributes([qgis_value(value) for value in attributes])
        wkb = self._wkb(state.values)
        if wkb is not None:
            geometry = QgsGeometry()
            geometry.fromWkb(wkb)
            feature.setGeometry(geometry)
        return feature
