"""``ceasefire:takeevidence``: a file of evidence copied out, checked and logged."""

from __future__ import annotations

from pathlib import Path

from qgis.core import (
    QgsProcessingOutputString,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterString,
)

from .evidencealgorithm import ANY_FILE, AUTHCFG, LEDGER, EvidenceAlgorithm


class TakeEvidence(EvidenceAlgorithm):
    """Copies a file of evidence out of the folder, for reading or for handing over."""

    NAME = "takeevidence"
    TITLE = "Take out evidence"
    HELP = (
        "Copies a file of evidence out of the ledger's folder, decrypted where it is encrypted. "
        "Its SHA-256 is checked first: a file that is not the one that was attached is not "
        "copied. The custody log gets a row that stays: an access, or a transfer where RECIPIENT "
        "says to whom it goes. A file that exists is never written over.\n\n"
        "The copy is outside of the ledger's custody, and is not encrypted."
    )

    EVIDENCE_ID = "EVIDENCE_ID"
    RECIPIENT = "RECIPIENT"
    OUTPUT = "OUTPUT"

    def initAlgorithm(self, configuration=None):
        """The parameters, each with its help, and the outputs."""
        self.add_ledger()
        self.add(
            QgsProcessingParameterString(self.EVIDENCE_ID, self.tr("Id of the evidence")),
            self.tr("Its id in the register; “List evidence” shows it."),
        )
        self.add_hand(self.tr("Why it is taken out; kept in the custody."), optional=False)
        self.add(
            QgsProcessingParameterString(self.RECIPIENT, self.tr("Recipient"), optional=True),
            self.tr("To whom it is handed over; empty where it is only looked at."),
        )
        self.add_passphrase()
        self.add(
            QgsProcessingParameterFileDestination(
                self.OUTPUT, self.tr("Copy"), fileFilter=ANY_FILE
            ),
            self.tr("Where the copy is written; a file that exists is never written over."),
        )
        self.addOutput(QgsProcessingOutputString("SHA256", self.tr("SHA-256")))

    def work(self, parameters, context, feedback, outputs):
        """Check, copy and log."""
        final = self.parameterAsFileOutput(parameters, self.OUTPUT, context)
        identifier = self.text(parameters, context, self.EVIDENCE_ID) or ""
        with self.open(parameters, context) as ledger:
            known = ledger.read("evidence", ids=[identifier])
            taken = ledger.take_evidence(
                identifier,
                Path(final),
                self.hand(parameters, context),
                self.text(parameters, context, self.RECIPIENT),
                self.secret(AUTHCFG),
                self.steps(feedback, known[0].size_bytes if known else None),
            )
        feedback.pushInfo(
            self.tr("Copied “%1”, whose SHA-256 %2 was checked; the custody says so.")
            .replace("%1", taken.file_name or taken.evidence_id)
            .replace("%2", taken.sha256)
        )
        return {
            LEDGER: self.parameterAsFile(parameters, LEDGER, context),
            self.OUTPUT: final,
            "SHA256": taken.sha256,
        }
