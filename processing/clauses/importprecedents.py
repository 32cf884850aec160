"""``ceasefire:importprecedents``: earlier ceasefires and agreements out of public data sets."""

from __future__ import annotations

import json
from datetime import date

from qgis.core import (
    QgsProcessing,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFile,
    QgsProcessingParameterString,
)

from ...model.errors import CeasefireError
from ...model.precedent import PRECEDENTS, SET_ASIDE
from ..base import CeasefireAlgorithm
from ..line.recordsink import write_records


class ImportPrecedents(CeasefireAlgorithm):
    """Reads a data set of ceasefires or agreements into one table of precedents."""

    NAME = "importprecedents"
    TITLE = "Import precedents"
    GROUP = "Agreements"
    GROUP_ID = "agreements"
    HELP = (
        "Reads earlier ceasefires and agreements into one table, for precedents and "
        "ceasefiresurvival. Three kinds of file are known:\n\n"
        "The ETH/PRIO Civil Conflict Ceasefire Dataset (XLSX or CSV; from ETH Zürich and PRIO): "
        "its rows are actors, and rows of one ceasefire become one precedent. -1 is not known. "
        "PA-X (CSV or Excel from www.peaceagreements.org, any version): one row an agreement, "
        "with its issue codes. A file of your own: one row a ceasefire, with the column start "
        "and, if you have them, id, name, end, ended, term, country, region, parties, kind, "
        "purpose, mechanism, enforcement, mediated, written, partial; MAPPING tells other names. "
        "Look up the licence of a data set with its publisher and cite it as CITATION says; no "
        "data set comes with the plugin.\n\n"
        "A day of which only the month or year is known stays an interval and is never put in the "
        "middle. A fixed term that ran out is not an end. What did not end is watched until UNTIL. "
        "Rows that cannot be used are set aside with their reason."
    )

    INPUT = "INPUT"
    MAPPING = "MAPPING"
    DATASET = "DATASET"
    UNTIL = "UNTIL"
    OUTPUT = "OUTPUT"
    REJECTED = "REJECTED"

    def initAlgorithm(self, config=None):
        """The parameters, each with its help, and the outputs."""
        tr = self.tr
        self.add(
            QgsProcessingParameterFile(
                self.INPUT,
                tr("Data set"),
                fileFilter="Tables (*.xlsx *.xls *.ods *.csv *.tsv *.zip);;All files (*)",
            ),
            tr("The file as it was downloaded, or your own. Of a workbook, the first sheet."),
        )
        self.add(
            QgsProcessingParameterString(
                self.MAPPING, tr("Names of columns (JSON)"), optional=True, multiLine=True
            ),
            tr(
                "For your own file: which column is what, such as {"
                '"start": "Date of entry", "end": "Broken on"}. Empty where the names are those '
                "above, and for the public data sets."
            ),
        )
        self.add(
            QgsProcessingParameterString(
                self.DATASET, tr("Name of the file's data"), optional=True
            ),
            tr("How your own data are called; the file's name where empty."),
        )
        self.add(
            QgsProcessingParameterString(self.UNTIL, tr("Watched until"), optional=True),
            tr(
                "The last day that the data set tells of, as 2020-12-31: until then what did not "
                "end is known to have held. Where empty, the last day that any row has."
            ),
        )
        for name, title, words in (
            (self.OUTPUT, tr("Precedents"), tr("One row a ceasefire or agreement.")),
            (self.REJECTED, tr("Rows set aside"), tr("Rows that could not be used, and why.")),
        ):
            sink = QgsProcessingParameterFeatureSink(
                name, title, QgsProcessing.SourceType.TypeVector, optional=name == self.REJECTED
            )
            self.add(sink, words)
        self.addOutput(QgsProcessingOutputNumber("PRECEDENTS", tr("Precedents")))
        self.addOutput(QgsProcessingOutputNumber("SET_ASIDE", tr("Rows set aside")))
        self.addOutput(QgsProcessingOutputNumber("WITH_DURATION", tr("With a known duration")))
        self.addOutput(QgsProcessingOutputString("CITATION", tr("How to cite the data")))

    def work(self, parameters, context, feedback, outputs):
        """Read the file, recognise the data set, write precedents and what was set aside."""
        from pathlib import Path

        from ...analysis.precedents.reading import read_precedents
        from ...feeds.table import read_table

        path = self.parameterAsString(parameters, self.INPUT, context)
        table = read_table(path)
        for note in table.notes:
            feedback.pushInfo(note)
        name = self.parameterAsString(parameters, self.DATASET, context).strip()
        reading = read_precedents(
            *(table.columns, table.rows, table.row_numbers, name or Path(path).stem),
            self._mapping(parameters, context),
            self._until(parameters, context),
        )
        destination = write_records(
            *(self, outputs, self.OUTPUT, PRECEDENTS, reading.precedents, context, feedback)
        )
        aside = write_records(
            *(self, outputs, self.REJECTED, SET_ASIDE, reading.aside, context, feedback)
        )
        durations = sum(each.lasted_from_days is not None for each in reading.precedents)
        self._tell(reading, durations, feedback)
        results = {
            self.OUTPUT: destination,
            "PRECEDENTS": len(reading.precedents),
            "SET_ASIDE": len(reading.aside),
            "WITH_DURATION": durations,
            "CITATION": reading.citation or "",
        }
        return {**results, self.REJECTED: aside} if aside else results

    def _tell(self, reading, durations: int, feedback) -> None:
        feedback.pushInfo(
            self.tr("%1: %2 precedents, %3 of them with a known duration; %4 rows set aside.")
            .replace("%1", reading.dataset)
            .replace("%2", f"{len(reading.precedents):,}")
            .replace("%3", f"{durations:,}")
            .replace("%4", f"{len(reading.aside):,}")
        )
        if reading.until is not None:
            feedback.pushInfo(
                self.tr("What did not end is counted as watched until %1.").replace(
                    "%1", reading.until.isoformat()
                )
            )
        if reading.citation:
            feedback.pushInfo(self.tr("Cite: %1").replace("%1", reading.citation))

    def _mapping(self, parameters, context):
        told = self.parameterAsString(parameters, self.MAPPING, context).strip()
        if not told:
            return None
        try:
            mapping = json.loads(told)
        except json.JSONDecodeError:
            mapping = None
        if not isinstance(mapping, dict):
            raise CeasefireError(
                self.tr('MAPPING is no JSON object; write it like {"start": "Date of entry"}.')
            )
        return mapping

    def _until(self, parameters, context):
        told = self.parameterAsString(parameters, self.UNTIL, context).strip()
        try:
            return date.fromisoformat(told) if told else None
        except ValueError:
            raise CeasefireError(
                self.tr("UNTIL is “%1”; write a day such as 2020-12-31.").replace("%1", told)
            ) from None
