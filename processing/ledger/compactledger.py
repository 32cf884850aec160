"""``ceasefire:compactledger``: give back the room of what was removed from a ledger's file."""

from __future__ import annotations

from qgis.core import (
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterFile,
)

from ..base import CeasefireAlgorithm


class CompactLedger(CeasefireAlgorithm):
    """Writes the ledger's file anew without its free pages."""

    NAME = "compactledger"
    TITLE = "Compact ledger"
    GROUP = "Ledger"
    GROUP_ID = "ledger"
    HELP = (
        "Writes the ledger's file anew without the room that erased values, removed records and "
        "stopped imports left in it. Nothing that the ledger keeps is changed: every revision, "
        "finding and seal stays.\n\n"
        "While it works the disk needs free room for one more file of that size, and nobody else "
        "may have the ledger open for writing."
    )

    LEDGER = "LEDGER"

    def initAlgorithm(self, configuration=None):
        """The parameter, with its help, and the outputs."""
        self.add(
            QgsProcessingParameterFile(
                self.LEDGER, self.tr("Ledger"), fileFilter="GeoPackage (*.gpkg)"
            ),
            self.tr("The ledger's file."),
        )
        self.addOutput(QgsProcessingOutputNumber("SIZE_BEFORE", self.tr("Bytes before")))
        self.addOutput(QgsProcessingOutputNumber("SIZE_AFTER", self.tr("Bytes after")))
        self.addOutput(QgsProcessingOutputString(self.LEDGER, self.tr("Ledger")))

    def work(self, parameters, context, feedback, outputs):
        """Compact, and tell both sizes."""
        from ...ledger.geopackage import Ledger

        path = self.parameterAsString(parameters, self.LEDGER, context)
        with Ledger.open(path) as ledger:
            for note in ledger.notes:
                feedback.pushInfo(note)
            before, after = ledger.compact()
        feedback.pushInfo(
            self.tr("The ledger took %1 bytes and takes %2 now.")
            .replace("%1", f"{before:,}")
            .replace("%2", f"{after:,}")
        )
        return {self.LEDGER: path, "SIZE_BEFORE": before, "SIZE_AFTER": after}
