"""``ceasefire:restorerecord``: an earlier state of a record, written again as a new revision."""

from __future__ import annotations

from qgis.core import (
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFile,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from ...model.tables import AGREEMENTS, CUSTODY, FETCHES, INCIDENTS, PROTECTED
from ..base import CeasefireAlgorithm
from .ledgerasof import TABLES

# What is only added to, and what was erased to be gone.
NOT_RESTORED = tuple(item.name for item in (AGREEMENTS, CUSTODY, FETCHES, PROTECTED))


class RestoreRecord(CeasefireAlgorithm):
    """Writes what a record was at an earlier revision again; brings back what was deleted."""

    NAME = "restorerecord"
    TITLE = "Restore record"
    GROUP = "Ledger"
    GROUP_ID = "ledger"
    HELP = (
        "Writes the state that a record had in an earlier revision again, as a new revision with "
        "its reason: nothing is removed from the history. A record that was deleted is brought "
        "back. “Ledger as of” and the history tell which revision that is.\n\n"
        "A field that the ledger did not have then stays as it is. Protected values are not "
        "restored."
    )

    LEDGER = "LEDGER"
    TABLE = "TABLE"
    RECORD_ID = "RECORD_ID"
    REVISION = "REVISION"
    WHY = "WHY"
    BY = "BY"

    def initAlgorithm(self, configuration=None):
        """The parameters, each with its help, and the outputs."""
        self.add(
            QgsProcessingParameterFile(
                self.LEDGER, self.tr("Ledger"), fileFilter="GeoPackage (*.gpkg);;All files (*)"
            ),
            self.tr("The ledger's file."),
        )
        self.add(
            QgsProcessingParameterEnum(
                self.TABLE,
                self.tr("Table of the ledger"),
                options=[name for name in TABLES if name not in NOT_RESTORED],
                defaultValue=INCIDENTS.name,
                usesStaticStrings=True,
            ),
            self.tr("The table that the record is of."),
        )
        self.add(
            QgsProcessingParameterString(self.RECORD_ID, self.tr("Record")),
            self.tr("The record's id, as its incident_id, line_id or zone_id."),
        )
        self.add(
            QgsProcessingParameterNumber(self.REVISION, self.tr("Revision"), minValue=1),
            self.tr("The revision whose state is written again."),
        )
        self.add(
            QgsProcessingParameterString(self.WHY, self.tr("Why")),
            self.tr("Why it is restored, for the history; it must be given."),
        )
        self.add(
            QgsProcessingParameterString(self.BY, self.tr("By"), optional=True),
            self.tr("Who signs for it in the history; nobody where empty."),
        )
        self.addOutput(QgsProcessingOutputNumber("NEW_REVISION", self.tr("Revision now")))
        self.addOutput(QgsProcessingOutputNumber("FIELDS", self.tr("Fields that changed")))
        self.addOutput(QgsProcessingOutputString(self.LEDGER, self.tr("Ledger")))

    def work(self, parameters, context, feedback, outputs):
        """Restore, and tell what changed."""
        from .place import open_place

        path = self.parameterAsString(parameters, self.LEDGER, context)
        name = self.parameterAsEnumString(parameters, self.TABLE, context)
        record_id = self.parameterAsString(parameters, self.RECORD_ID, context).strip()
        revision = self.parameterAsInt(parameters, self.REVISION, context)
        why = self.parameterAsString(parameters, self.WHY, context).strip()
        who = self.parameterAsString(parameters, self.BY, context).strip() or None
        with open_place(path) as ledger:
            done = ledger.restore(name, record_id, revision, who, why)
        if done.brought_back:
            words = self.tr("“%1” was brought back; it is now at revision %3.")
        elif done.fields:
            words = self.tr("“%1” is again as at revision %2, now as revision %3; changed: %4.")
        else:
            words = self.tr("“%1” stands as at revision %2 already; nothing was written.")
        feedback.pushInfo(
            words.replace("%2", str(revision))
            .replace("%3", str(done.revision))
            .replace("%4", ", ".join(done.fields))
            .replace("%1", record_id)
        )
        return {"NEW_REVISION": done.revision, "FIELDS": len(done.fields), self.LEDGER: path}
