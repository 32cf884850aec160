"""``ceasefire:raisealerts``: alerts on what was recorded since the last time."""

from __future__ import annotations

from qgis.core import (
    QgsProcessing,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterString,
)

from ..libraries import require
from .alertsink import AlertsAlgorithm

TOLD = 20


class RaiseAlerts(AlertsAlgorithm):
    """Evaluates the rules on new and corrected incidents."""

    NAME = "raisealerts"
    TITLE = "Raise alerts"
    HELP = (
        "Evaluates the rules of alerts on every incident that was recorded since the last time, "
        "whatever program wrote it, and on those whose correction makes them match a rule that "
        "they did not match before. Each alert is told once and stays until somebody acknowledges "
        "it. Incidents older than a rule looks back are passed over; one alert says how many. "
        "Withdrawn incidents raise none, and records that are linked as one event raise one."
    )

    COUNTS = (
        ("RAISED", "Alerts raised"),
        ("OPEN", "Alerts that nobody has acknowledged"),
    )

    def initAlgorithm(self, configuration=None):
        """The parameters, each with its help, and the outputs."""
        self.add_ledger(self.tr("The ledger whose rules are evaluated."))
        self.add(
            QgsProcessingParameterString(self.BY, self.tr("By"), optional=True),
            self.tr("Who signs for it in the history; where empty, QGIS's user by full name."),
        )
        self.add(
            QgsProcessingParameterFeatureSink(
                self.OUTPUT,
                self.tr("New alerts"),
                QgsProcessing.SourceType.TypeVectorPoint,
                optional=True,
                createByDefault=False,
            ),
            self.tr("Optional: the alerts that were raised, where they were."),
        )
        for name, title in self.COUNTS:
            self.addOutput(QgsProcessingOutputNumber(name, self.tr(title)))
        self.addOutput(QgsProcessingOutputString(self.LEDGER, self.tr("Ledger")))

    def work(self, parameters, context, feedback, outputs):
        """Raise what is due, and say it."""
        require("shapely", "pyproj")
        from ...ledger.alerting import open_alerts, raise_alerts

        with self.open_ledger(parameters, context) as ledger:
            who = self.signature(parameters, context)
            alerts = raise_alerts(ledger, who, cancelled=feedback.isCanceled)
            still_open = len(open_alerts(ledger))
        # They are kept by now: whoever stops here finds them in the list.
        destination = self.write_alerts(outputs, alerts, feedback)
        for alert in alerts[:TOLD]:
            name = f"“{alert.rule_name}”: " if alert.rule_name else ""
            feedback.pushInfo(name + (alert.sentence or ""))
        feedback.pushInfo(
            self.tr("%1 alerts raised; %2 stand open.")
            .replace("%1", f"{len(alerts):,}")
            .replace("%2", f"{still_open:,}")
        )
        return {
            "RAISED": len(alerts),
            "OPEN": still_open,
            self.OUTPUT: destination,
            self.LEDGER: self.ledger_place(parameters, context),
        }
