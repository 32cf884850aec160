"""``ceasefire:addtimestamp``: an authority's countersignature of a ledger's head."""

from __future__ import annotations

from pathlib import Path

from qgis.core import (
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterFile,
)

from ..base import CeasefireAlgorithm


class AddTimestamp(CeasefireAlgorithm):
    """Checks a time-stamp reply without network, and keeps it in the ledger."""

    NAME = "addtimestamp"
    TITLE = "Add time-stamp to ledger"
    GROUP = "Ledger"
    GROUP_ID = "ledger"
    HELP = (
        "Checks the reply of a time-stamp authority (RFC 3161), without network, and keeps it in "
        "the ledger with the head that it countersigns. It proves to others that all revisions up "
        "to that head were there, as they are, at the time that it gives.\n\n"
        "LEDGER is the ledger that the request was exported from.\n"
        "TOKEN is the reply (.tsr) to the request of “Export head of ledger”.\n"
        "AUTHORITY is a PEM file with the certificates that you trust: the authority's root, and "
        "those between where the reply lacks them. They must have been valid at the time that the "
        "reply gives; that they have expired since does no harm.\n\n"
        "A reply for another hash, to another request, or of another authority is refused. "
        "The check needs the library rfc3161-client."
    )

    LEDGER = "LEDGER"
    TOKEN = "TOKEN"
    AUTHORITY = "AUTHORITY"

    def initAlgorithm(self, configuration=None):
        """The parameters, each with its help, and the outputs."""
        self.add(
            QgsProcessingParameterFile(
                self.LEDGER, self.tr("Ledger"), fileFilter="GeoPackage (*.gpkg);;All files (*)"
            ),
            self.tr("The ledger that the request was exported from."),
        )
        self.add(
            QgsProcessingParameterFile(self.TOKEN, self.tr("Time-stamp reply")),
            self.tr("The reply of the authority, a .tsr file."),
        )
        self.add(
            QgsProcessingParameterFile(
                self.AUTHORITY, self.tr("Time-stamp authority's certificates")
            ),
            self.tr("A PEM file with the certificates that you trust of this authority."),
        )
        self.addOutput(QgsProcessingOutputString(self.LEDGER, self.tr("Ledger")))
        self.addOutput(QgsProcessingOutputNumber("POSITION", self.tr("Position in the chain")))
        self.addOutput(QgsProcessingOutputString("TIME", self.tr("Time-stamped at (UTC)")))
        self.addOutput(QgsProcessingOutputString("BY", self.tr("Time-stamped by")))

    def work(self, parameters, context, feedback, outputs):
        """Check the reply, and keep it."""
        from .place import open_place

        path = self.parameterAsFile(parameters, self.LEDGER, context)
        reply = Path(self.parameterAsFile(parameters, self.TOKEN, context)).read_bytes()
        trusted = Path(self.parameterAsFile(parameters, self.AUTHORITY, context)).read_bytes()
        with open_place(path) as ledger:
            head = ledger.add_timestamp(reply, trusted)
        time = f"{head.token_time:%Y-%m-%dT%H:%M:%SZ}"
        feedback.pushInfo(
            self.tr("Position %1 of the chain is time-stamped: %2, by %3.")
            .replace("%1", str(head.position))
            .replace("%2", time)
            .replace("%3", head.token_authority or "")
        )
        return {
            self.LEDGER: path,
            "POSITION": head.position,
            "TIME": time,
            "BY": head.token_authority or "",
        }
