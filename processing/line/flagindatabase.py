"""``ceasefire:flagindatabase``: hold a team's incidents against the line, where they lie."""

from __future__ import annotations

from qgis.core import (
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from ...model.errors import Cancelled, CeasefireError
from ..base import CeasefireAlgorithm
from ..ledger.place import is_in_database, open_place

COUNTS = {
    "NEAR": "near",
    "FAR": "far",
    "NO_LINE": "no_line_in_force",
    "NOT_LOCATED": "not_located",
    "ADDED": "added",
    "LEFT": "left",
}


class FlagInDatabase(CeasefireAlgorithm):
    """Measures in PostGIS what does not fit a desktop."""

    NAME = "flagindatabase"
    TITLE = "Flag incidents in the database"
    GROUP = "Line"
    GROUP_ID = "line"
    HELP = (
        "Measures, in PostGIS itself, how far the incidents of a team's ledger lie from the "
        "contact line that was in force at their time, and writes the findings. Distances are "
        "geodesic and agree with “Flag incidents” to half a metre.\n\n"
        "Only what needs no probability is flagged here: incidents without an uncertainty of their "
        "own, and of one moment as far as the lines go. The basis of such a flag is none: it rests "
        "on the bare point. The others are counted (LEFT) and stay for “Flag incidents”, which "
        "also gives the side, the control, the zones and the probability; these stay empty here."
    )
    LEDGER = "LEDGER"
    DISTANCE = "DISTANCE"
    LINE_KIND = "LINE_KIND"

    def initAlgorithm(self, configuration=None):
        """The parameters, each with its help."""
        self.add(
            QgsProcessingParameterString(self.LEDGER, self.tr("Ledger")),
            self.tr("The team's ledger, as connection/schema, with its contact lines."),
        )
        self.add(
            QgsProcessingParameterNumber(
                self.DISTANCE,
                self.tr("Distance (m)"),
                QgsProcessingParameterNumber.Type.Double,
                defaultValue=5000.0,
                minValue=0.0,
            ),
            self.tr("Near means within this many metres of the line."),
        )
        self.add(
            QgsProcessingParameterString(self.LINE_KIND, self.tr("Kind of line"), optional=True),
            self.tr("The kind of contact line, such as agreed; needed where kinds mix."),
        )
        self.addOutput(QgsProcessingOutputString(self.LEDGER, self.tr("Ledger")))
        for name, title in (
            ("NEAR", self.tr("Near")),
            ("FAR", self.tr("Far")),
            ("NO_LINE", self.tr("No line in force")),
            ("NOT_LOCATED", self.tr("Not located")),
            ("ADDED", self.tr("New findings")),
            ("LEFT", self.tr("Left for “Flag incidents”")),
        ):
            self.addOutput(QgsProcessingOutputNumber(name, title))

    def work(self, parameters, context, feedback, outputs):
        """Flag, all of it in one transaction."""
        from ...ledger.postgis.flagging import flag_in_database

        text = self.parameterAsString(parameters, self.LEDGER, context)
        if not is_in_database(text):
            raise CeasefireError(
                f"“{text}” is a file: use “Flag incidents” for it, or give connection/schema."
            )

        def progress(share):
            feedback.setProgress(100.0 * share)
            if feedback.isCanceled():
                raise Cancelled()

        distance = self.parameterAsDouble(parameters, self.DISTANCE, context)
        kind = self.parameterAsString(parameters, self.LINE_KIND, context).strip() or None
        with open_place(text) as ledger:
            done = flag_in_database(ledger, distance, kind, progress)
        feedback.pushInfo(
            self.tr("%1 near, %2 far, %3 without a line in force, %4 not located; %5 new findings.")
            .replace("%1", f"{done.near:,}")
            .replace("%2", f"{done.far:,}")
            .replace("%3", f"{done.no_line_in_force:,}")
            .replace("%4", f"{done.not_located:,}")
            .replace("%5", f"{done.added:,}")
        )
        if done.left:
            feedback.pushWarning(
                self.tr(
                    "%1 incidents have an uncertainty, no moment, or a span in which the line "
                    "changed: they need probabilities and were left. Run “Flag incidents” on them."
                ).replace("%1", f"{done.left:,}")
            )
        return {self.LEDGER: text, **{name: getattr(done, field) for name, field in COUNTS.items()}}
