"""``ceasefire:shifthandover``: what one shift hands over to the next."""

from __future__ import annotations

from qgis.core import (
    QgsProcessing,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterString,
)

from ...model.errors import CeasefireError
from ...model.field import Field, Kind
from ..ledger.theatretime import zone_parameter
from .reviewparameters import ReviewAlgorithm, write_page

LINES = (
    Field("part", Kind.TEXT, "Part"),
    Field("record_table", Kind.TEXT, "Table"),
    Field("record_id", Kind.TEXT, "Record"),
    Field("what", Kind.TEXT, "What"),
    Field("at", Kind.INSTANT, "At (UTC)"),
    Field("who", Kind.TEXT, "Who"),
    Field("why", Kind.TEXT, "Why"),
)


class ShiftHandover(ReviewAlgorithm):
    """Gives the lines of a handover as a table and as a sheet."""

    NAME = "shifthandover"
    TITLE = "Shift handover"
    HELP = (
        "Says what a shift hands over: what was recorded, changed and withdrawn since a moment; "
        "what waits for review and what is overdue; claims to be answered; posts that do not fully "
        "observe; restrictions of access in force; edits that met another's, and edits that nobody "
        "signed. As a table, and as a sheet (HTML) to read and sign.\n\n"
        "How long a review may wait is the ledger's setting review_due_hours. With an UNTIL in the "
        "past the sheet says how things stood then. Of records that the release level does not "
        "show, as known then or today, only their ids and what is to be done are told."
    )

    SINCE = "SINCE"
    UNTIL = "UNTIL"
    OUTPUT = "OUTPUT"
    SHEET = "SHEET"

    def initAlgorithm(self, configuration=None):
        """The parameters, each with its help, and the outputs."""
        self.add_ledger(self.tr("The ledger that is handed over; it is only read."))
        self.add(
            QgsProcessingParameterString(self.SINCE, self.tr("Since")),
            self.tr("When the shift began, as 2031-03-14 or 2031-03-14T06:00, the theatre's time."),
        )
        self.add(
            QgsProcessingParameterString(self.UNTIL, self.tr("Until"), optional=True),
            self.tr("When the shift ends; now where empty."),
        )
        self.add(*zone_parameter(self, self.TIMEZONE))
        self.add_release(
            self.tr("Who may read the sheet; it bears it. A confidential one has all details.")
        )
        self.add(
            QgsProcessingParameterFeatureSink(
                self.OUTPUT, self.tr("Lines"), QgsProcessing.SourceType.TypeVector
            ),
            self.tr("A table with one row for each line of the handover."),
        )
        self.add(
            QgsProcessingParameterFileDestination(
                self.SHEET, self.tr("Sheet"), fileFilter="HTML (*.html)", optional=True
            ),
            self.tr("The sheet to read, sign and pass on."),
        )
        for name, title in self._parts():
            self.addOutput(QgsProcessingOutputNumber(name, self.tr(title)))
        self.addOutput(QgsProcessingOutputString(self.LEDGER, self.tr("Ledger")))

    def work(self, parameters, context, feedback, outputs):
        """Gather what is to be told, write table and sheet."""
        from ...reports.shift import shift_of
        from ...reports.shift_sheet import PARTS, shift_sheet
        from ..libraries import require_shapely

        require_shapely()
        with self.open_ledger(parameters, context, readonly=True) as ledger:
            theatre = ledger.settings().get("theatre")
            time = self.theatre_time(parameters, context, ledger)
            since = time.moment(self.text(parameters, self.SINCE, context), closing=False)
            until = time.past(self.text(parameters, self.UNTIL, context))
            if since is None:
                raise CeasefireError(self.tr("SINCE is empty: say when the shift began."))
            if since >= until:
                raise CeasefireError(self.tr("SINCE is not before UNTIL: give an earlier one."))
            shift = shift_of(ledger, since, until, self.release(parameters, context))
        self.stop_if_cancelled(feedback)
        order = list(PARTS)
        items = sorted(shift.items, key=lambda item: order.index(item.part))
        rows = [
            (item.part, item.table, item.record_id, item.what, item.when, item.who, item.why)
            for item in items
        ]
        destination = self.write_rows(outputs, self.OUTPUT, LINES, rows, feedback)
        sheet = self.parameterAsFileOutput(parameters, self.SHEET, context)
        if sheet:
            write_page(outputs, sheet, shift_sheet(shift, time.zone, theatre).html())
        counts = shift.counts()
        for part, (title, _) in PARTS.items():
            feedback.pushInfo(f"{title}: {counts[part]:,}")
        return {
            **{part.upper(): counts[part] for part in PARTS},
            self.OUTPUT: destination,
            self.SHEET: sheet,
            self.LEDGER: self.ledger_place(parameters, context),
        }

    def _parts(self):
        """The counts that it returns, and their titles."""
        return (
            ("OVERDUE", "Reviews overdue"),
            ("CLAIM", "Claims to be answered"),
            ("POST", "Posts that do not fully observe"),
            ("RESTRICTION", "Restrictions in force"),
            ("CONFLICT", "Edits that met another's"),
            ("UNSIGNED", "Records with edits that nobody signed"),
            ("NEW", "Records added"),
            ("CHANGED", "Records changed"),
            ("WITHDRAWN", "Records withdrawn or deleted"),
            ("UNREVIEWED", "Incidents waiting for review"),
        )
