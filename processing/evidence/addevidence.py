"""``ceasefire:addevidence``: a file attached to a record, by its hash, with its custody."""

from __future__ import annotations

from pathlib import Path

from qgis.core import (
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFile,
    QgsProcessingParameterString,
)

from .evidencealgorithm import (
    ANY_FILE,
    AUTHCFG,
    LEDGER,
    RECORD_ID,
    TABLE,
    TABLES,
    EvidenceAlgorithm,
)

KINDS = ["photo", "video", "audio", "document", "reply", "other"]
SENSITIVITIES = ["confidential", "restricted", "public"]


class AddEvidence(EvidenceAlgorithm):
    """Keeps a file as evidence beside the ledger."""

    NAME = "addevidence"
    TITLE = "Add evidence"
    HELP = (
        "Keeps a file (photograph, video, PDF, reply of a feed) as evidence: its bytes are copied "
        "into the folder beside the ledger, under their SHA-256, and a record says what it is, "
        "what it is attached to, and who collected it, when, where and with what. The custody log "
        "begins with that. The same file attached twice is one file and two records.\n\n"
        "Where a passphrase is set for the evidence (“Encrypt evidence”), the copy is encrypted. "
        "The original stays where it is. Times without a zone are in TIMEZONE. TAKEN_AT is read "
        "from a JPEG's own data where it is left empty; a camera's clock may be wrong."
    )

    FILE = "FILE"
    KIND = "KIND"
    DESCRIPTION = "DESCRIPTION"
    TAKEN_AT = "TAKEN_AT"
    COLLECTED_BY = "COLLECTED_BY"
    COLLECTED_AT = "COLLECTED_AT"
    COLLECTED_WHERE = "COLLECTED_WHERE"
    TOOL = "TOOL"
    TIMEZONE = "TIMEZONE"
    SENSITIVITY = "SENSITIVITY"
    EVIDENCE_ID = "EVIDENCE_ID"

    def initAlgorithm(self, configuration=None):
        """The parameters, each with its help, and the outputs."""
        self.add_ledger()
        self.add(
            QgsProcessingParameterFile(self.FILE, self.tr("File"), fileFilter=ANY_FILE),
            self.tr("The file to keep; it is copied, and stays where it is."),
        )
        self.add_record(TABLES, self.tr("The table of the record that it is attached to, if any."))
        self._add_choice(
            self.KIND, self.tr("Kind"), KINDS, self.tr("What it is; told by its name where empty.")
        )
        for name, title, words in self._texts():
            self.add(QgsProcessingParameterString(name, title, optional=True), words)
        self._add_choice(
            self.SENSITIVITY,
            self.tr("Sensitivity"),
            SENSITIVITIES,
            self.tr("Who may see it; confidential where empty."),
        )
        self.add_hand(self.tr("Why it is attached, for the history and the custody."))
        self.add_passphrase()
        self.addOutput(QgsProcessingOutputString(self.EVIDENCE_ID, self.tr("Id of the evidence")))
        self.addOutput(QgsProcessingOutputString("SHA256", self.tr("SHA-256")))
        self.addOutput(QgsProcessingOutputNumber("SIZE_BYTES", self.tr("Size in bytes")))

    def work(self, parameters, context, feedback, outputs):
        """Copy the file under its hash, and record it."""
        place = Path(self.parameterAsFile(parameters, self.FILE, context))
        total = place.stat().st_size if place.is_file() else None
        with self.open(parameters, context) as ledger:
            about = self._about(parameters, context, ledger.settings(), place, feedback)
            made = ledger.store_evidence(
                place,
                about,
                self.hand(parameters, context, self.tr("attached as evidence")),
                self.text(parameters, context, self.COLLECTED_BY),
                self.secret(AUTHCFG),
                self.steps(feedback, total),
            )
        feedback.pushInfo(
            self.tr("Kept “%1” (%2 bytes, SHA-256 %3) as %4.")
            .replace("%1", made.file_name or "")
            .replace("%2", f"{made.size_bytes:,}")
            .replace("%3", made.sha256)
            .replace("%4", made.evidence_id)
        )
        return {
            LEDGER: self.parameterAsFile(parameters, LEDGER, context),
            self.EVIDENCE_ID: made.evidence_id,
            "SHA256": made.sha256,
            "SIZE_BYTES": made.size_bytes,
        }

    def _add_choice(self, name, title, options, words) -> None:
        self.add(
            QgsProcessingParameterEnum(
                name, title, options=options, usesStaticStrings=True, optional=True
            ),
            words,
        )

    def _texts(self):
        yield self.DESCRIPTION, self.tr("Description"), self.tr("What it shows.")
        yield (
            self.TAKEN_AT,
            self.tr("Taken at"),
            self.tr("When it was taken, as 2031-05-01T14:30; a JPEG's own time where empty."),
        )
        yield self.COLLECTED_BY, self.tr("Collected by"), self.tr("Who collected it.")
        yield (
            self.COLLECTED_AT,
            self.tr("Collected at"),
            self.tr("When it was collected, as 2031-05-01T14:30."),
        )
        yield (
            self.COLLECTED_WHERE,
            self.tr("Collected where"),
            self.tr("The place, or the address that it was downloaded from, without secrets."),
        )
        yield self.TOOL, self.tr("Collected with"), self.tr("The camera or program, and version.")
        yield (
            self.TIMEZONE,
            self.tr("Time zone"),
            self.tr("The zone of times without one; the ledger's where empty."),
        )

    def _about(self, parameters, context, settings, place, feedback):
        from ...ledger.evidence_taken import taken_at
        from ...model.evidence import Evidence
        from ..ledger.theatretime import TheatreTime

        clock = TheatreTime(self.text(parameters, context, self.TIMEZONE), settings)
        taken = clock.moment(self.text(parameters, context, self.TAKEN_AT) or "", False)
        if taken is None and place.is_file():
            taken = taken_at(place, clock.zone)
            if taken is not None:
                feedback.pushInfo(
                    self.tr("The file itself says that it was taken at %1.").replace(
                        "%1", clock.words(taken)
                    )
                )
        return Evidence(
            kind=self.chosen(parameters, context, self.KIND),
            record_table=self.chosen(parameters, context, TABLE),
            record_id=self.text(parameters, context, RECORD_ID),
            taken_at=taken,
            collected_at=clock.moment(
                self.text(parameters, context, self.COLLECTED_AT) or "", False
            ),
            collected_where=self.text(parameters, context, self.COLLECTED_WHERE),
            tool=self.text(parameters, context, self.TOOL),
            description=self.text(parameters, context, self.DESCRIPTION),
            sensitivity=self.chosen(parameters, context, self.SENSITIVITY) or "confidential",
        )
