"""``ceasefire:claimslist``: the parties' claims of a period, for the joint commission."""

from __future__ import annotations

from datetime import datetime, timezone

from qgis.core import (
    QgsProcessing,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterString,
)

from ...model.field import Field, Kind, Shape
from .reviewparameters import ReviewAlgorithm, write_page

LISTED = (
    Field("number", Kind.INTEGER, "No."),
    Field("claim_id", Kind.TEXT, "Claim"),
    Field("party", Kind.TEXT, "Party"),
    Field("received_at", Kind.INSTANT, "Received at (UTC)"),
    Field("received_how", Kind.TEXT, "Received how"),
    Field("alleged_from", Kind.INSTANT, "Alleged from (UTC)"),
    Field("alleged_to", Kind.INSTANT, "Alleged to (UTC)"),
    Field("place", Kind.TEXT, "Alleged place"),
    Field("category", Kind.TEXT, "Alleged category"),
    Field("original_text", Kind.TEXT, "Original text"),
    Field("due_at", Kind.INSTANT, "Answer due at (UTC)"),
    Field("state", Kind.TEXT, "State"),
    Field("response", Kind.TEXT, "Response"),
    Field("finding", Kind.TEXT, "Finding"),
    Field("coverage", Kind.TEXT, "Observation of that hour"),
)


class ClaimsList(ReviewAlgorithm):
    """Gives the claims of a period as a table and as a sheet."""

    NAME = "claimslist"
    TITLE = "List of claims"
    HELP = (
        "Lists the claims that were received in a period, with what was alleged, when the answer "
        "is due, the response, the finding, and the observation of that hour: as points, and as a "
        "sheet (HTML) for the joint commission.\n\n"
        "All parties are treated alike: claims stand in the order in which they were received. "
        "“Not observed” is printed only where the observation of that hour is recorded beside it; "
        "otherwise the finding is withheld. A restricted list leaves out what is not known to be "
        "public or restricted; sheet and log say how many."
    )

    PARTY = "PARTY"
    AS_OF = "AS_OF"
    OUTPUT = "OUTPUT"
    SHEET = "SHEET"
    COUNTS = (
        ("CLAIMS", "Claims listed"),
        ("ANSWERED", "Claims answered"),
        ("OVERDUE", "Claims whose answer is overdue"),
        ("LEFT_OUT", "Claims left out at this release level"),
    )

    def initAlgorithm(self, configuration=None):
        """The parameters, each with its help, and the outputs."""
        self.add_ledger(self.tr("The ledger whose claims are listed; it is only read."))
        self.add_period()
        self.add(
            QgsProcessingParameterString(self.PARTY, self.tr("Party"), optional=True),
            self.tr("List this party's claims alone; all parties where empty."),
        )
        self.add(
            QgsProcessingParameterString(self.AS_OF, self.tr("As of"), optional=True),
            self.tr("The moment at which an answer counts as overdue; now where empty."),
        )
        self.add_release(
            self.tr("Who may read the list; the sheet bears it. A confidential one has all claims.")
        )
        self.add(
            QgsProcessingParameterFeatureSink(
                self.OUTPUT, self.tr("Claims"), QgsProcessing.SourceType.TypeVectorPoint
            ),
            self.tr("The claims where they allege it."),
        )
        self.add(
            QgsProcessingParameterFileDestination(
                self.SHEET, self.tr("Sheet"), fileFilter="HTML (*.html)", optional=True
            ),
            self.tr("The sheet for the joint commission."),
        )
        for name, title in self.COUNTS:
            self.addOutput(QgsProcessingOutputNumber(name, self.tr(title)))
        self.addOutput(QgsProcessingOutputString(self.LEDGER, self.tr("Ledger")))

    def work(self, parameters, context, feedback, outputs):
        """Read the claims, put them in order, write table and sheet."""
        from ...reports.claims_list import claim_lines, claims_in, claims_sheet

        with self.open_ledger(parameters, context, readonly=True) as ledger:
            theatre = ledger.settings().get("theatre")
            time = self.theatre_time(parameters, context, ledger)
            start, end = self.period(parameters, context, time)
            every = ledger.read("claims", since=start, until=end)
        now = time.moment(self.text(parameters, self.AS_OF, context), closing=True)
        now = now or datetime.now(timezone.utc)
        party = self.text(parameters, self.PARTY, context)
        claims = [item for item in every if not party or item.party == party]
        release = self.release(parameters, context)
        told, left_out = claims_in(claims, release)
        lines = claim_lines(told, now)
        destination = self.write_rows(
            outputs, self.OUTPUT, LISTED, map(_row, lines), feedback, shape=Shape.POINT
        )
        sheet = self.parameterAsFileOutput(parameters, self.SHEET, context)
        if sheet:
            title = self.tr("Claims of the parties") + (f": {theatre}" if theatre else "")
            page = claims_sheet(lines, start, end, time.zone, now, title, release, left_out)
            write_page(outputs, sheet, page.html())
        self._tell(feedback, lines, left_out)
        return {
            "CLAIMS": len(lines),
            "ANSWERED": sum(line.claim.answered_at is not None for line in lines),
            "OVERDUE": sum(line.state == "overdue" for line in lines),
            "LEFT_OUT": left_out,
            self.OUTPUT: destination,
            self.SHEET: sheet,
            self.LEDGER: self.ledger_place(parameters, context),
        }

    def _tell(self, feedback, lines, left_out: int) -> None:
        from ...reports.claims_list import WITHHELD

        if left_out:
            feedback.pushWarning(
                self.tr("%1 claims were left out at this release level.").replace(
                    "%1", f"{left_out:,}"
                )
            )
        withheld = sum(line.finding == WITHHELD for line in lines)
        if withheld:
            feedback.pushWarning(
                self.tr(
                    "Of %1 claims “not observed” is withheld, for the observation of that hour is "
                    "not recorded: run “Answer claims”, or write it into the claim."
                ).replace("%1", f"{withheld:,}")
            )
        feedback.pushInfo(self.tr("%1 claims listed.").replace("%1", f"{len(lines):,}"))


def _row(line) -> tuple:
    claim = line.claim
    return (
        line.number,
        claim.claim_id,
        claim.party,
        claim.received_at,
        claim.received_how,
        claim.alleged_from,
        claim.alleged_to,
        claim.place,
        claim.category,
        claim.original_text,
        claim.due_at,
        line.state,
        claim.response,
        line.finding,
        line.coverage or None,
        claim.longitude,
        claim.latitude,
    )
