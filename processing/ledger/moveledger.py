"""``ceasefire:moveledger``: a ledger from a file into a team's database, and back."""

from __future__ import annotations

from qgis.core import (
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterString,
)

from ...model.errors import Cancelled
from ..base import CeasefireAlgorithm
from .place import ledger_place


class MoveLedger(CeasefireAlgorithm):
    """Copies a whole ledger, with history and chain, to the other kind of place."""

    NAME = "moveledger"
    TITLE = "Move ledger"
    GROUP = "Ledger"
    GROUP_ID = "ledger"
    HELP = (
        "Makes a ledger anew in another place: a GeoPackage in PostgreSQL with PostGIS, or a "
        "team's ledger in a GeoPackage. Every row goes along as it is: records, their history, "
        "the custody chain and its heads, findings, agreements, evidence and protected values. "
        "The new ledger goes on where the other ended. At the end both are read again, every row "
        "of both is hashed, and the chain is checked.\n\n"
        "LEDGER stays as it is; work on in one of the two only. It must hold (Verify ledger), and "
        "in PostgreSQL you must see all of it, as its owner or keeper.\n"
        "TARGET is a .gpkg file, or connection/schema with a connection that QGIS knows; one that "
        "exists is refused."
    )
    LEDGER = "LEDGER"
    TARGET = "TARGET"
    ROWS = "ROWS"
    POSITION = "POSITION"
    HEAD = "HEAD"

    def initAlgorithm(self, configuration=None):
        """The parameters, each with its help."""
        self.add(
            QgsProcessingParameterString(self.LEDGER, self.tr("Ledger")),
            self.tr("The ledger to move: a GeoPackage's path, or connection/schema."),
        )
        self.add(
            QgsProcessingParameterString(self.TARGET, self.tr("Target")),
            self.tr("Where to: connection/schema, or the path of a new GeoPackage."),
        )
        self.addOutput(QgsProcessingOutputString(self.TARGET, self.tr("Target")))
        self.addOutput(QgsProcessingOutputNumber(self.ROWS, self.tr("Rows moved")))
        self.addOutput(QgsProcessingOutputNumber(self.POSITION, self.tr("End of the chain")))
        self.addOutput(QgsProcessingOutputString(self.HEAD, self.tr("Head of the chain")))

    def work(self, parameters, context, feedback, outputs):
        """Move it, whole or not at all."""
        from ...ledger.moving import move_ledger

        source = self.parameterAsString(parameters, self.LEDGER, context)
        target = self.parameterAsString(parameters, self.TARGET, context)

        def step():
            if feedback.isCanceled():
                raise Cancelled()

        moved = move_ledger(ledger_place(source), ledger_place(target), step)
        rows = sum(moved.rows.values())
        feedback.pushInfo(
            self.tr("Moved %1 rows from “%2” to “%3”; SHA-256 of all rows, read from both: %4.")
            .replace("%1", str(rows))
            .replace("%2", source)
            .replace("%3", target)
            .replace("%4", moved.digest)
        )
        feedback.pushInfo(
            self.tr("The chain holds up to position %1: %2.")
            .replace("%1", str(moved.position))
            .replace("%2", moved.head)
        )
        for note in moved.notes:
            feedback.pushWarning(note)
        return {
            self.TARGET: target,
            self.ROWS: rows,
            self.POSITION: moved.position,
            self.HEAD: moved.head,
        }
