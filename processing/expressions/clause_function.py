"""The function on an agreement: which clauses cover an act there and then."""

from __future__ import annotations

from ...model.errors import CeasefireError
from .agreement_reading import VARIABLE, AgreementAsked
from .function import Argument, CeasefireFunction
from .line_functions import CRS, GEOMETRY, ZONE_VARIABLE, moment_of, text_of, variable
from .linechoice import VARIABLE as LINES_VARIABLE


class AgreementClause(CeasefireFunction):
    """The references of the clauses that cover an act at a place and moment."""

    NAME = "agreement_clause"
    HELP = (
        "Returns the references of the clauses of an agreement that cover such an act there and "
        "then, one after the other, as in “2(b); 5”: those that forbid it, by category, place "
        "(zones, distances from lines, sites) and time. “(possibly)” follows where it cannot be "
        "told whether the clause means that act, or whether it is exempt. It says what the text "
        "covers, not that anybody broke it: circumstances, parties and the uncertainty of the "
        "place are weighed by the check of an agreement's rules."
    )
    ARGUMENTS = (
        GEOMETRY,
        Argument("category", "the act: a category such as 'firing/explosion'; NULL gives NULL"),
        Argument(
            "when",
            "the moment: a date and time, a date (its beginning in the theatre's time zone) or "
            "ISO text; NULL gives NULL",
        ),
        Argument(
            "agreement",
            "the agreement: a JSON file, a ledger ('ledger.gpkg|agreement=its id' where it holds "
            "several), or the name of one that comes with the plugin. Left out, the project "
            "variable ceasefire_agreement names it, else it is the only one in the ledger that "
            "holds the contact lines",
            True,
        ),
        Argument(
            "lines",
            "the contact lines, as in line_distance; zones and sites come from the ledger that "
            "holds them",
            True,
        ),
        CRS,
    )
    EXAMPLES = (
        ('agreement_clause(@geometry, "category", "occurred_from")', "'2(b); 5'"),
        (
            "agreement_clause(@geometry, 'overflight/uav', now(), 'accord.json')",
            "'Annex 2 (possibly)'",
        ),
    )
    NOTES = (
        "NULL where no clause covers it, or the agreement was not in force. A clause whose line, "
        "zone or sites are not known is not named. Dates are read in the time zone of the project "
        "variable ceasefire_timezone, else in the agreement's own."
    )

    def question(self, given, context):
        agreement = text_of(given["agreement"], "agreement") or variable(context, VARIABLE)
        lines = text_of(given["lines"], "lines") or variable(context, LINES_VARIABLE)
        folder = variable(context, "project_folder") if lines or agreement else None
        return AgreementAsked(agreement, lines, variable(context, ZONE_VARIABLE), folder)

    def answer(self, snapshot, given, context):
        place = snapshot.places.place(given["geometry"], text_of(given["crs"], "crs"), context)
        category = given["category"]
        if category is not None and not isinstance(category, str):
            raise CeasefireError(f"The argument “category” must be a text; it is “{category}”.")
        moment = moment_of(given["when"], snapshot.zone)
        if place is None or not category or moment is None:
            return None
        found = snapshot.covering(*place, category, moment)
        named = [
            reference if sure else self.tr("%1 (possibly)").replace("%1", reference)
            for reference, sure in found
        ]
        return "; ".join(named) or None
