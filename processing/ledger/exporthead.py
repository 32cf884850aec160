"""``ceasefire:exporthead``: the head of a ledger's custody chain, to be kept elsewhere."""

from __future__ import annotations

from pathlib import Path

from qgis.core import (
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterString,
)

from ..base import CeasefireAlgorithm


class ExportHead(CeasefireAlgorithm):
    """Writes the head, and a request that a time-stamp authority can countersign."""

    NAME = "exporthead"
    TITLE = "Export head of ledger"
    GROUP = "Ledger"
    GROUP_ID = "ledger"
    HELP = (
        "Writes the head of a ledger's custody chain into a small file: the ledger's id, how many "
        "revisions are sealed, and the last hash. Keep it where those who write the ledger cannot "
        "reach it: with it, “Verify ledger” finds a chain that was made anew or cut. The head is "
        "kept in the ledger as well.\n\n"
        "LEDGER is the ledger; it must be open for writing.\n"
        "WHY says what the head is for, such as “brief of 1 May”.\n"
        "OUTPUT is the file (JSON).\n"
        "REQUEST is a time-stamp request (RFC 3161) for that hash. Send it to an authority of "
        "your choice, which sees nothing but the hash, and give its reply to “Add time-stamp to "
        "ledger”. docs/custody.md has the commands, step by step."
    )

    LEDGER = "LEDGER"
    WHY = "WHY"
    OUTPUT = "OUTPUT"
    REQUEST = "REQUEST"

    def initAlgorithm(self, configuration=None):
        """The parameters, each with its help, and the outputs."""
        self.add(
            QgsProcessingParameterFile(
                self.LEDGER, self.tr("Ledger"), fileFilter="GeoPackage (*.gpkg);;All files (*)"
            ),
            self.tr("The ledger whose head is exported and kept."),
        )
        self.add(
            QgsProcessingParameterString(self.WHY, self.tr("Why"), optional=True),
            self.tr("What the head is for; it is kept with it."),
        )
        self.add(
            QgsProcessingParameterFileDestination(
                self.OUTPUT, self.tr("Head"), fileFilter="JSON (*.json)"
            ),
            self.tr("The file with the head; keep it elsewhere."),
        )
        self.add(
            QgsProcessingParameterFileDestination(
                self.REQUEST,
                self.tr("Time-stamp request"),
                fileFilter="Time-stamp request (*.tsq)",
                optional=True,
                createByDefault=False,
            ),
            self.tr("The request to send to a time-stamp authority."),
        )
        self.addOutput(QgsProcessingOutputString(self.LEDGER, self.tr("Ledger")))
        self.addOutput(QgsProcessingOutputNumber("POSITION", self.tr("Position in the chain")))
        self.addOutput(QgsProcessingOutputString("HASH", self.tr("Hash")))

    def work(self, parameters, context, feedback, outputs):
        """Keep the head in the ledger, and write the files."""
        from .place import open_place

        path = self.parameterAsFile(parameters, self.LEDGER, context)
        why = self.parameterAsString(parameters, self.WHY, context).strip() or None
        final = self.parameterAsFileOutput(parameters, self.OUTPUT, context)
        asked = self.parameterAsFileOutput(parameters, self.REQUEST, context)
        with open_place(path) as ledger:
            head = ledger.add_head(why)
            text = ledger.head_as_text(head)
        Path(outputs.file(final)).write_text(text, encoding="utf-8")
        results = {self.LEDGER: path, self.OUTPUT: final}
        if asked:
            Path(outputs.file(asked)).write_bytes(head.request)
            results[self.REQUEST] = asked
        feedback.pushInfo(
            self.tr("Exported the head: position %1, hash %2.")
            .replace("%1", str(head.position))
            .replace("%2", head.hash)
        )
        return {**results, "POSITION": head.position, "HASH": head.hash}
