"""``ceasefire:ledgerdiff``: what changed in a ledger between two moments, and why."""

from __future__ import annotations

from datetime import datetime, timezone

from qgis.core import (
    QgsFeature,
    QgsFeatureSink,
    QgsProcessing,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFile,
    QgsProcessingParameterString,
)

from ...model.errors import Cancelled, CeasefireError
from ...model.field import Shape
from ..base import CeasefireAlgorithm
from ..fields import WGS84, WKB_TYPES, qgis_fields, qgis_value
from .ledgerasof import TABLES
from .theatretime import TheatreTime, zone_parameter

COUNTS = (
    ("NEW", "new", "New records"),
    ("CORRECTED", "corrected", "Corrected records"),
    ("WITHDRAWN", "withdrawn", "Withdrawn records"),
    ("REVIEWED", "reviewed", "Reviewed records"),
    ("DELETED", "deleted", "Deleted records"),
    ("RESTORED", "restored", "Records brought back"),
    ("REVERTED", "changed_and_restored", "Records changed and restored"),
    ("REMOVED", "recorded_and_removed", "Records recorded and removed again"),
)


class LedgerDiff(CeasefireAlgorithm):
    """Tells record by record and field by field what became of a ledger in a span."""

    NAME = "ledgerdiff"
    TITLE = "Ledger changes between two moments"
    GROUP = "Ledger"
    GROUP_ID = "ledger"
    HELP = (
        "Tells what changed in the ledger after one moment and by another: a table with one row a "
        "changed field (record, what became of it, value before and after, who, when and why), "
        "and SUMMARY, sentences that may stand in a report.\n\n"
        "A record is new, corrected, reviewed (only its verification, workflow and the like "
        "changed), withdrawn, deleted, brought back, changed and restored, or recorded and "
        "removed again within the span. LATE counts what was recorded in the span and happened "
        "before it. Edits that were made on an older state than the one they replaced are "
        "named.\n\n"
        "Each row has the sensitivity of its record, the strictest that it had in the span or has "
        "since, so that a release can leave rows out. SUMMARY is for a restricted release: it "
        "names no person, of confidential records it says only how many changed, and the reasons "
        "that people typed are held back unless REASONS asks for them. Moments are in the "
        "theatre's time; a bare date is the start of its reporting day in SINCE and the end of it "
        "in UNTIL. TABLES and SOURCE narrow what is told and counted."
    )

    LEDGER = "LEDGER"
    SINCE = "SINCE"
    UNTIL = "UNTIL"
    TIMEZONE = "TIMEZONE"
    TABLES = "TABLES"
    SOURCE = "SOURCE"
    REASONS = "REASONS"
    OUTPUT = "OUTPUT"
    SUMMARY = "SUMMARY"

    def initAlgorithm(self, configuration=None):
        """The parameters, each with its help, and the outputs."""
        for parameter, words in (*self._span(), *self._choice()):
            self.add(parameter, words)
        for name, _, title in COUNTS:
            self.addOutput(QgsProcessingOutputNumber(name, self.tr(title)))
        self.addOutput(QgsProcessingOutputNumber("LATE", self.tr("New records, recorded late")))
        self.addOutput(QgsProcessingOutputNumber("CONFLICTS", self.tr("Edits on an older state")))
        self.addOutput(QgsProcessingOutputString(self.SUMMARY, self.tr("Summary")))
        self.addOutput(QgsProcessingOutputString(self.LEDGER, self.tr("Ledger")))

    def work(self, parameters, context, feedback, outputs):
        """Go through the changes, write their rows, count them, and tell."""
        from ...ledger.difference import Kind
        from ...ledger.difference_table import FIELDS
        from ...ledger.difference_words import sentences
        from .place import open_place

        path = self.parameterAsString(parameters, self.LEDGER, context)
        source = self.parameterAsString(parameters, self.SOURCE, context).strip() or None
        named = self.parameterAsEnumStrings(parameters, self.TABLES, context)
        tables = [name for name in named if name] or None
        with open_place(path, readonly=True) as ledger:
            time = TheatreTime(
                self.parameterAsString(parameters, self.TIMEZONE, context), ledger.settings()
            )
            since = time.moment(self.parameterAsString(parameters, self.SINCE, context), False)
            until = time.past(self.parameterAsString(parameters, self.UNTIL, context))
            self._refuse_no_span(since, until)
            sink, destination = outputs.sink(
                self.OUTPUT, qgis_fields(FIELDS), WKB_TYPES[Shape.NONE], WGS84
            )
            tally = self._write(
                ledger.each_change(since, until, tables, source),
                sink,
                feedback,
                self.parameterAsBool(parameters, self.REASONS, context),
            )
        lines = sentences(tally, since, min(until, datetime.now(timezone.utc)), time.zone)
        for line in lines:
            feedback.pushInfo(line)
        return {
            self.OUTPUT: destination,
            self.LEDGER: path,
            self.SUMMARY: "\n".join(lines),
            **{name: tally.total(Kind(kind)) for name, kind, _ in COUNTS},
            "LATE": sum(tally.late.values()),
            "CONFLICTS": tally.conflicts,
        }

    def _span(self):
        yield (
            QgsProcessingParameterFile(
                self.LEDGER, self.tr("Ledger"), fileFilter="GeoPackage (*.gpkg);;All files (*)"
            ),
            self.tr("The ledger to look into; it is only read."),
        )
        yield (
            QgsProcessingParameterString(self.SINCE, self.tr("Since")),
            self.tr(
                "The earlier moment, as 2031-03-14 (the start of that day) or 2031-03-14T19:30."
            ),
        )
        yield (
            QgsProcessingParameterString(self.UNTIL, self.tr("Until"), optional=True),
            self.tr("The later moment; a bare date includes that day. Now where it is empty."),
        )
        yield zone_parameter(self, self.TIMEZONE)

    def _choice(self):
        yield (
            QgsProcessingParameterEnum(
                self.TABLES,
                self.tr("Tables of the ledger"),
                options=list(TABLES),
                allowMultiple=True,
                optional=True,
                usesStaticStrings=True,
            ),
            self.tr("The tables that are told of; all of them where none is chosen."),
        )
        yield (
            QgsProcessingParameterString(self.SOURCE, self.tr("Source"), optional=True),
            self.tr("Only records of this source; tables without a source are then left out."),
        )
        yield (
            QgsProcessingParameterBoolean(self.REASONS, self.tr("Reasons in the summary"), False),
            self.tr(
                "Tell in SUMMARY why records were changed, as people typed it; a reason may name "
                "somebody. The table has the reasons always."
            ),
        )
        yield (
            QgsProcessingParameterFeatureSink(
                self.OUTPUT, self.tr("Changes"), QgsProcessing.SourceType.TypeVector
            ),
            self.tr("A table with one row a changed field."),
        )

    def _refuse_no_span(self, since, until) -> None:
        if since is None:
            raise CeasefireError(
                self.tr("SINCE is empty: give the moment since which changes are told.")
            )
        if since >= until:
            raise CeasefireError(
                self.tr("UNTIL is not later than SINCE: give a later moment, or leave it empty.")
            )

    def _write(self, changes, sink, feedback, reasons: bool):
        from ...ledger.difference_table import FIELDS, rows_of
        from ...ledger.difference_words import Tally

        fields = qgis_fields(FIELDS)
        tally = Tally(reasons=reasons)
        for number, change in enumerate(changes, start=1):
            if feedback.isCanceled():
                raise Cancelled(self.tr("Stopped; nothing was written."))
            tally.add(change)
            for row in rows_of(change):
                feature = QgsFeature(fields)
                feature.setAttributes([qgis_value(value) for value in row])
                sink.addFeature(feature, QgsFeatureSink.Flag.FastInsert)
            if number % 20_000 == 0:
                feedback.setProgressText(
                    self.tr("%1 changed records so far").replace("%1", f"{number:,}")
                )
        return tally
