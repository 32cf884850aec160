"""``ceasefire:evidencelist``: the register of evidence with its custody, and a hand-over sheet."""

from __future__ import annotations

from pathlib import Path

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsProcessing,
    QgsProcessingOutputNumber,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterString,
    QgsWkbTypes,
)

from ...model.tables import CUSTODY, EVIDENCE
from ..fields import qgis_fields, qgis_value
from ..ledger.theatretime import TheatreTime, zone_parameter
from .evidencealgorithm import LEDGER, RECORD_ID, TABLE, TABLES, EvidenceAlgorithm


class EvidenceList(EvidenceAlgorithm):
    """Lists the evidence and what was done with it."""

    NAME = "evidencelist"
    TITLE = "List evidence"
    HELP = (
        "Gives the register of evidence as a table, the log of its custody as another, and as a "
        "web page a sheet to print for a hand-over: each file with its SHA-256 and its custody, "
        "and lines to sign. All of it, or that of one record, or those named. No file of evidence "
        "is opened, and nothing is logged.\n\n"
        "Register and sheet can hold what is confidential: file names, places, who collected."
    )

    SECRETS: dict = {}
    EVIDENCE_IDS = "EVIDENCE_IDS"
    TIMEZONE = "TIMEZONE"
    OUTPUT = "OUTPUT"
    CUSTODY = "CUSTODY"
    SHEET = "SHEET"

    def initAlgorithm(self, configuration=None):
        """The parameters, each with its help, and the outputs."""
        self.add_ledger()
        self.add_record(TABLES, self.tr("List only what is attached to a record of this table."))
        self.add(
            QgsProcessingParameterString(
                self.EVIDENCE_IDS, self.tr("Ids of the evidence"), optional=True
            ),
            self.tr("List only these, separated by commas."),
        )
        self.add(*zone_parameter(self, self.TIMEZONE))
        for name, title, words in (
            (self.OUTPUT, self.tr("Register"), self.tr("One row for each record of evidence.")),
            (self.CUSTODY, self.tr("Custody"), self.tr("One row for each thing done with them.")),
        ):
            sink = QgsProcessingParameterFeatureSink(
                name, title, QgsProcessing.SourceType.TypeVector, optional=True
            )
            self.add(sink, words)
        self.add(
            QgsProcessingParameterFileDestination(
                self.SHEET,
                self.tr("Hand-over sheet"),
                fileFilter="HTML (*.html)",
                optional=True,
                createByDefault=False,
            ),
            self.tr("A page to print and sign at a hand-over."),
        )
        self.addOutput(QgsProcessingOutputNumber("COUNT", self.tr("Records of evidence")))

    def work(self, parameters, context, feedback, outputs):
        """Read, choose, write."""
        with self.open(parameters, context, readonly=True) as ledger:
            settings = ledger.settings()
            records = self._chosen(parameters, context, ledger.read("evidence"))
            ids = {record.evidence_id for record in records}
            events = [item for item in ledger.read("custody") if item.evidence_id in ids]
        results = {"COUNT": len(records)}
        for name, table, rows in (
            (self.OUTPUT, EVIDENCE, records),
            (self.CUSTODY, CUSTODY, events),
        ):
            destination = self._write(outputs, name, table, rows)
            if destination is not None:
                results[name] = destination
        sheet = self.parameterAsFileOutput(parameters, self.SHEET, context)
        if sheet:
            self._write_sheet(parameters, context, outputs, settings, records, events)
            results[self.SHEET] = sheet
        feedback.pushInfo(
            self.tr("%1 records of evidence, %2 rows of custody.")
            .replace("%1", f"{len(records):,}")
            .replace("%2", f"{len(events):,}")
        )
        results[LEDGER] = self.parameterAsFile(parameters, LEDGER, context)
        return results

    def _chosen(self, parameters, context, records):
        table = self.chosen(parameters, context, TABLE)
        record_id = self.text(parameters, context, RECORD_ID)
        given = self.text(parameters, context, self.EVIDENCE_IDS) or ""
        ids = {part.strip() for part in given.split(",") if part.strip()}
        return [
            record
            for record in records
            if (not table or record.record_table == table)
            and (not record_id or record.record_id == record_id)
            and (not ids or record.evidence_id in ids)
        ]

    def _write(self, outputs, name, table, rows):
        fields = qgis_fields(table.fields)
        sink, destination = outputs.sink(
            name, fields, QgsWkbTypes.Type.NoGeometry, QgsCoordinateReferenceSystem()
        )
        if sink is None:
            return None
        for row in rows:
            feature = QgsFeature(fields)
            values = [qgis_value(getattr(row, column)) for column in table.names()]
            feature.setAttributes(values)
            sink.addFeature(feature)
        return destination

    def _write_sheet(self, parameters, context, outputs, settings, records, events) -> None:
        from .handover import sheet

        given = self.text(parameters, context, self.TIMEZONE)
        clock = TheatreTime(given, settings)
        words = sheet(records, events, settings, clock.words, self.tr)
        final = self.parameterAsFileOutput(parameters, self.SHEET, context)
        Path(outputs.file(final)).write_text(words, encoding="utf-8")
