"""``ceasefire:acknowledgealerts``: say that alerts were seen, and what was done about them."""

from __future__ import annotations

import re

from qgis.core import (
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterString,
)

from ...model.errors import CeasefireError
from .alertsink import AlertsAlgorithm


class AcknowledgeAlerts(AlertsAlgorithm):
    """Signs open alerts with a reason."""

    NAME = "acknowledgealerts"
    TITLE = "Acknowledge alerts"
    HELP = (
        "Says of alerts, or of all that are open, that they were seen: who, when and why is kept "
        "with the alert and in its history. Alerts are never removed; the first acknowledgement "
        "of an alert stands."
    )

    ALERTS = "ALERTS"
    ALL = "ALL"
    SEEN = "seen"

    def initAlgorithm(self, configuration=None):
        """The parameters, each with its help, and the outputs."""
        self.add_ledger(self.tr("The ledger whose alerts are acknowledged."))
        self.add(
            QgsProcessingParameterString(
                self.ALERTS, self.tr("Alerts"), multiLine=True, optional=True
            ),
            self.tr("Ids of alerts, with semicolons or line breaks between them."),
        )
        self.add(
            QgsProcessingParameterBoolean(self.ALL, self.tr("All open alerts"), defaultValue=False),
            self.tr("On: every alert that nobody has acknowledged yet."),
        )
        self.add(
            QgsProcessingParameterString(self.BY, self.tr("By"), optional=True),
            self.tr("Who signs for it in the history; where empty, QGIS's user by full name."),
        )
        self.add(
            QgsProcessingParameterString(self.WHY, self.tr("Why"), defaultValue=self.SEEN),
            self.tr("What was done about them; it is kept with the alerts."),
        )
        self.addOutput(QgsProcessingOutputNumber("ACKNOWLEDGED", self.tr("Alerts acknowledged")))
        self.addOutput(QgsProcessingOutputNumber("OPEN", self.tr("Alerts that still stand open")))
        self.addOutput(QgsProcessingOutputString(self.LEDGER, self.tr("Ledger")))

    def work(self, parameters, context, feedback, outputs):
        """Acknowledge, and say how many are left."""
        from ...ledger.alerting import acknowledge, open_alerts

        given = re.split(r"[;,\n]", self.text(parameters, self.ALERTS, context))
        ids = [part.strip() for part in given if part.strip()]
        every = self.parameterAsBoolean(parameters, self.ALL, context)
        if not ids and not every:
            raise CeasefireError(self.tr("Name the alerts by their ids, or choose all open ones."))
        with self.open_ledger(parameters, context) as ledger:
            done = acknowledge(
                ledger,
                None if every else ids,
                self.signature(parameters, context),
                self.text(parameters, self.WHY, context),
            )
            left = len(open_alerts(ledger))
        feedback.pushInfo(
            self.tr("%1 alerts acknowledged; %2 stand open.")
            .replace("%1", f"{len(done):,}")
            .replace("%2", f"{left:,}")
        )
        place = self.ledger_place(parameters, context)
        return {"ACKNOWLEDGED": len(done), "OPEN": left, self.LEDGER: place}
