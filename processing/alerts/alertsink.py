"""Alerts as a layer of points, with what people read first."""

from __future__ import annotations

from ...model.field import Shape
from ...model.tables import ALERTS
from ..review.reviewparameters import ReviewAlgorithm


class AlertsAlgorithm(ReviewAlgorithm):
    """Base of the algorithms that give alerts."""

    GROUP = "Alerts"
    GROUP_ID = "alerts"
    OUTPUT = "OUTPUT"

    def write_alerts(self, outputs, alerts, feedback):
        """Write alerts to OUTPUT; returns its destination."""
        names = ALERTS.names()
        rows = (
            (*(getattr(alert, name) for name in names), alert.longitude, alert.latitude)
            for alert in alerts
        )
        return self.write_rows(
            outputs, self.OUTPUT, ALERTS.fields, rows, feedback, shape=Shape.POINT
        )
