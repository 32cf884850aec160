"""``ceasefire:createledger``: a new, empty ledger for a theatre."""

from __future__ import annotations

from qgis.core import QgsProcessingParameterFileDestination, QgsProcessingParameterString

from ..base import CeasefireAlgorithm


class CreateLedger(CeasefireAlgorithm):
    """Makes the monitoring database: one GeoPackage file, opened by any GIS."""

    NAME = "createledger"
    TITLE = "Create ledger"
    GROUP = "Ledger"
    GROUP_ID = "ledger"
    HELP = (
        "Makes a new ledger: a GeoPackage with layers for incidents, observations, posts, effort, "
        "contact lines, areas of control, zones, sites, findings and fetches, and with the history "
        "of every incident. The history is written by the database itself, whoever edits the file "
        "and with what program; nothing in it can be changed or deleted.\n\n"
        "LEDGER is the file to make; a file that exists is never written over. For a team it is a "
        "schema in PostgreSQL with PostGIS instead, written as connection/schema, with the name of "
        "a connection that QGIS knows; docs/team.md says how a team sets it up.\n"
        "THEATRE is the name that briefs print.\n"
        "TIMEZONE is the theatre's time zone: times are stored in UTC and shown in it.\n"
        "REPORTING_DAY_START is the local time at which a reporting day begins, such as 19:30."
    )

    LEDGER = "LEDGER"
    THEATRE = "THEATRE"
    TIMEZONE = "TIMEZONE"
    REPORTING_DAY_START = "REPORTING_DAY_START"

    def initAlgorithm(self, configuration=None):
        """The parameters, each with its help."""
        for parameter, words in (
            (
                QgsProcessingParameterString(self.THEATRE, self.tr("Theatre"), optional=True),
                self.tr("The name of what is watched, as briefs print it."),
            ),
            (
                QgsProcessingParameterString(
                    self.TIMEZONE, self.tr("Time zone"), defaultValue="UTC"
                ),
                self.tr("The theatre's time zone by its IANA name, such as Europe/Vienna."),
            ),
            (
                QgsProcessingParameterString(
                    self.REPORTING_DAY_START,
                    self.tr("Reporting day starts at"),
                    defaultValue="00:00",
                ),
                self.tr("The local time at which a reporting day begins, hours and minutes."),
            ),
            (
                QgsProcessingParameterFileDestination(
                    self.LEDGER, self.tr("Ledger"), fileFilter="GeoPackage (*.gpkg)"
                ),
                self.tr(
                    "The GeoPackage file to make, or connection/schema for a team's ledger in "
                    "PostgreSQL; what exists is never written over."
                ),
            ),
        ):
            parameter.setHelp(words)
            self.addParameter(parameter)

    def work(self, parameters, context, feedback, outputs):
        """Make the file, whole or not at all."""
        from ...ledger.opening import create_ledger
        from .place import ledger_place

        path = self.parameterAsFileOutput(parameters, self.LEDGER, context)
        settings = {
            "theatre": self.parameterAsString(parameters, self.THEATRE, context),
            "timezone": self.parameterAsString(parameters, self.TIMEZONE, context),
            "reporting_day_start": self.parameterAsString(
                parameters, self.REPORTING_DAY_START, context
            ),
        }
        with create_ledger(ledger_place(path), settings) as ledger:
            kept = ledger.settings()
            for note in ledger.notes:
                feedback.pushWarning(note)
        feedback.pushInfo(
            self.tr("Made the ledger “%1”, time zone %2, reporting day from %3.")
            .replace("%1", path)
            .replace("%2", kept["timezone"])
            .replace("%3", kept["reporting_day_start"])
        )
        return {self.LEDGER: path}
