"""``ceasefire:checkevidence``: every file of evidence held against its record."""

from __future__ import annotations

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsProcessing,
    QgsProcessingOutputNumber,
    QgsProcessingParameterFeatureSink,
    QgsWkbTypes,
)

from ...model.field import Field, Kind
from ..fields import qgis_fields, qgis_value
from .evidencealgorithm import AUTHCFG, LEDGER, EvidenceAlgorithm

FIELDS = tuple(
    Field(name, Kind.TEXT, title)
    for name, title in (
        ("evidence_id", "Evidence"),
        ("file_name", "File name"),
        ("state", "State"),
        ("note", "Note"),
        ("sha256", "SHA-256"),
        ("sha256_now", "SHA-256 now"),
    )
)
# Those of ledger/evidence_check.py, which is not imported before it is needed.
STATES = ("unaltered", "altered", "missing", "unreadable", "not_checked")
STRAY = "stray"


class CheckEvidence(EvidenceAlgorithm):
    """Says of every file of evidence whether it is there and unaltered."""

    NAME = "checkevidence"
    TITLE = "Check evidence"
    HELP = (
        "Reads every file of evidence and holds its SHA-256 against the record: unaltered, "
        "altered, missing, unreadable, or not checked (encrypted, and no passphrase given). "
        "Files in the folder that no record speaks of are named as stray: what an interrupted "
        "copy left, or what somebody put there. Nothing is removed. The custody log gets a row "
        "for each record."
    )

    OUTPUT = "OUTPUT"

    def initAlgorithm(self, configuration=None):
        """The parameters, each with its help, and the outputs."""
        self.add_ledger()
        self.add_hand()
        self.add_passphrase()
        self.add(
            QgsProcessingParameterFeatureSink(
                self.OUTPUT, self.tr("Files"), QgsProcessing.SourceType.TypeVector, optional=True
            ),
            self.tr("One row for each record of evidence and for each stray file."),
        )
        for name in (*STATES, STRAY):
            words = name.replace("_", " ").capitalize()
            self.addOutput(QgsProcessingOutputNumber(name.upper(), self.tr(words)))

    def work(self, parameters, context, feedback, outputs):
        """Read all files, and tell."""
        sink, destination = outputs.sink(
            self.OUTPUT,
            qgis_fields(FIELDS),
            QgsWkbTypes.Type.NoGeometry,
            QgsCoordinateReferenceSystem(),
        )
        with self.open(parameters, context) as ledger:
            sizes = {item.sha256: item.size_bytes or 0 for item in ledger.read("evidence")}
            found = ledger.check_evidence(
                self.hand(parameters, context, self.tr("check of the evidence")),
                self.secret(AUTHCFG),
                self.steps(feedback, sum(sizes.values())),
            )
        self._write(sink, found)
        counts = {state: found.count(state) for state in STATES}
        self._tell(feedback, found, counts)
        results = {state.upper(): count for state, count in counts.items()}
        results[STRAY.upper()] = len(found.strays)
        results[LEDGER] = self.parameterAsFile(parameters, LEDGER, context)
        if destination is not None:
            results[self.OUTPUT] = destination
        return results

    def _write(self, sink, found) -> None:
        if sink is None:
            return
        rows = [
            (
                file.record.evidence_id,
                file.record.file_name,
                file.state,
                file.note,
                file.record.sha256,
                file.sha256,
            )
            for file in found.files
        ]
        rows += [
            (None, str(path), STRAY, self.tr("No record."), None, None) for path in found.strays
        ]
        for row in rows:
            feature = QgsFeature(qgis_fields(FIELDS))
            feature.setAttributes([qgis_value(value) for value in row])
            sink.addFeature(feature)

    def _tell(self, feedback, found, counts) -> None:
        words = ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in counts.items())
        feedback.pushInfo(
            self.tr("Evidence: %1; %2 stray files.")
            .replace("%1", words)
            .replace("%2", str(len(found.strays)))
        )
        for file in found.files:
            if file.state not in ("unaltered", "not_checked"):
                feedback.pushWarning(f"{file.record.evidence_id}: {file.note}")
        for path in found.strays:
            feedback.pushWarning(self.tr("No record speaks of “%1”.").replace("%1", str(path)))
        if not found.logged:
            feedback.pushWarning(
                self.tr("The ledger may not be written to, so its custody log does not say this.")
            )
