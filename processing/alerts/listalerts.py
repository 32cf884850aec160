"""``ceasefire:listalerts``: the alerts of a ledger as a layer."""

from __future__ import annotations

from qgis.core import (
    QgsProcessing,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFeatureSink,
)

from ...model.sensitivity import level_of, may_show
from .alertsink import AlertsAlgorithm


class ListAlerts(AlertsAlgorithm):
    """Gives the alerts, all or the open ones, at a release level."""

    NAME = "listalerts"
    TITLE = "List alerts"
    HELP = (
        "Lists the alerts of a ledger as points, in the order in which they were raised: those "
        "that nobody has acknowledged, or all. A restricted list leaves out what is not known to "
        "be public or restricted; the log says how many."
    )

    OPEN_ONLY = "OPEN_ONLY"
    COUNTS = (("ALERTS", "Alerts listed"), ("LEFT_OUT", "Alerts left out at this release level"))

    def initAlgorithm(self, configuration=None):
        """The parameters, each with its help, and the outputs."""
        self.add_ledger(self.tr("The ledger whose alerts are listed; it is only read."))
        self.add(
            QgsProcessingParameterBoolean(
                self.OPEN_ONLY, self.tr("Open alerts alone"), defaultValue=True
            ),
            self.tr("Off: those that were acknowledged, too."),
        )
        self.add_release(self.tr("Who may read the list. A confidential one has all alerts."))
        self.add(
            QgsProcessingParameterFeatureSink(
                self.OUTPUT, self.tr("Alerts"), QgsProcessing.SourceType.TypeVectorPoint
            ),
            self.tr("The alerts where they were, with their sentences."),
        )
        for name, title in self.COUNTS:
            self.addOutput(QgsProcessingOutputNumber(name, self.tr(title)))
        self.addOutput(QgsProcessingOutputString(self.LEDGER, self.tr("Ledger")))

    def work(self, parameters, context, feedback, outputs):
        """Read, leave out what may not be shown, write."""
        from ...ledger.alerting import open_alerts

        with self.open_ledger(parameters, context, readonly=True) as ledger:
            if self.parameterAsBoolean(parameters, self.OPEN_ONLY, context):
                alerts = open_alerts(ledger)
            else:
                alerts = ledger.read("alerts")
        release = self.chosen(parameters, self.RELEASE, context)
        shown = [
            alert for alert in alerts if may_show(level_of("alerts", alert.sensitivity), release)
        ]
        left_out = len(alerts) - len(shown)
        if left_out:
            feedback.pushWarning(
                self.tr("%1 alerts were left out at this release level.").replace(
                    "%1", f"{left_out:,}"
                )
            )
        destination = self.write_alerts(outputs, shown, feedback)
        feedback.pushInfo(self.tr("%1 alerts listed.").replace("%1", f"{len(shown):,}"))
        return {
            "ALERTS": len(shown),
            "LEFT_OUT": left_out,
            self.OUTPUT: destination,
            self.LEDGER: self.ledger_place(parameters, context),
        }
