"""``ceasefire:copyledger``: a whole or a clean copy of a ledger, safe while others work in it."""

from __future__ import annotations

from qgis.core import (
    QgsProcessingOutputString,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
)

from ..base import CeasefireAlgorithm


class CopyLedger(CeasefireAlgorithm):
    """Copies a ledger with its whole history; a clean copy leaves out what must stay here."""

    NAME = "copyledger"
    TITLE = "Copy ledger"
    GROUP = "Ledger"
    GROUP_ID = "ledger"
    HELP = (
        "Writes a compact copy of a ledger, with every revision and the custody chain. Others may "
        "work in the ledger meanwhile; a copy made with a file manager may be torn.\n\n"
        "CLEAN leaves out protected values (names, contacts), sessions, the list of copies and "
        "settings such as passwords and folders. The copy's history says of each value that it "
        "was left out, and the chain goes on from the ledger's: “Verify ledger” holds for it. "
        "Incidents of any sensitivity stay in it, and files of evidence are not copied. It is "
        "cleaned beside the ledger: no protected value ever reaches the copy's folder.\n\n"
        "The ledger remembers where its copies went, so that an erasure can name them."
    )

    LEDGER = "LEDGER"
    CLEAN = "CLEAN"
    OUTPUT = "OUTPUT"

    def initAlgorithm(self, configuration=None):
        """The parameters, each with its help, and the outputs."""
        self.add(
            QgsProcessingParameterFile(
                self.LEDGER, self.tr("Ledger"), fileFilter="GeoPackage (*.gpkg)"
            ),
            self.tr("The ledger's file."),
        )
        self.add(
            QgsProcessingParameterBoolean(
                self.CLEAN, self.tr("Clean copy, without protected values"), defaultValue=False
            ),
            self.tr("Leave out protected values, sessions and private settings."),
        )
        self.add(
            QgsProcessingParameterFileDestination(
                self.OUTPUT, self.tr("Copy"), fileFilter="GeoPackage (*.gpkg)"
            ),
            self.tr("The copy to make; a file that exists is never written over."),
        )
        self.addOutput(QgsProcessingOutputString(self.LEDGER, self.tr("Ledger")))

    def work(self, parameters, context, feedback, outputs):
        """Copy, whole or not at all."""
        from .place import open_place

        path = self.parameterAsString(parameters, self.LEDGER, context)
        clean = self.parameterAsBool(parameters, self.CLEAN, context)
        output = self.parameterAsFileOutput(parameters, self.OUTPUT, context)
        with open_place(path) as ledger:
            ledger.copy_to(output, clean)
        told = (
            self.tr("Copied the ledger, without its protected values, to “%1”.")
            if clean
            else self.tr("Copied the ledger to “%1”.")
        )
        feedback.pushInfo(told.replace("%1", output))
        return {self.LEDGER: path, self.OUTPUT: output}
