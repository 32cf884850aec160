"""``ceasefire:reviewincidents``: verification, workflow and grading of many incidents at once."""

from __future__ import annotations

from qgis.core import (
    QgsProcessing,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFeatureSink,
)

from ...model.errors import CeasefireError
from ...model.field import Field, Kind
from ...model.review import REVIEW_FIELDS, VOCABULARIES, Review
from ...model.vocabulary import vocabulary
from .reviewparameters import ReviewAlgorithm

REFUSED = (
    Field("incident_id", Kind.TEXT, "Incident"),
    Field("result", Kind.TEXT, "Result"),
    Field("reason", Kind.TEXT, "Reason"),
)
TOLD = 10


class ReviewIncidents(ReviewAlgorithm):
    """Gives one review to incidents, one revision each."""

    NAME = "reviewincidents"
    TITLE = "Review incidents"
    HELP = (
        "Sets verification, workflow, reliability of the source (A to F), credibility of the "
        "information (1 to 6) or sensitivity of incidents of a ledger; what is left empty stays as "
        "it is. Each incident gets one revision, with who and why.\n\n"
        "Which state may follow which is kept in the vocabularies “verifications” and “workflows”; "
        "a record goes from draft to recorded, reviewed and released, back to recorded, or is "
        "withdrawn. Where one incident may not have the review, none gets it, unless PARTLY is on: "
        "then the others do. The table says which were refused and why.\n\n"
        "Where the ledger's setting four_eyes is on, who recorded an incident or last changed its "
        "content does not set it to corroborated, confirmed, reviewed or released. Incidents that "
        "nobody signed are reviewed and counted apart, for the rule cannot be held against anybody."
    )

    PARTLY = "PARTLY"
    OUTPUT = "OUTPUT"
    COUNTS = (
        ("REVIEWED", "Incidents reviewed"),
        ("UNCHANGED", "Incidents that were so already"),
        ("REFUSED", "Incidents refused"),
        ("UNSIGNED", "Reviewed without knowing who recorded them"),
    )

    def initAlgorithm(self, configuration=None):
        """The parameters, each with its help, and the outputs."""
        self.add_ledger(self.tr("The ledger whose incidents are reviewed."))
        self.add_incidents(self.tr("Ids of incidents, with commas or line breaks between them."))
        for field in REVIEW_FIELDS:
            self.add_choice(
                field.upper(),
                self.tr(field.capitalize()),
                list(vocabulary(VOCABULARIES[field])),
                self.tr("The new %1; empty leaves it as it is.").replace("%1", field),
            )
        self.add_signature(self.tr("The reason of the review; it is kept in the history."))
        self.add(
            QgsProcessingParameterBoolean(
                self.PARTLY, self.tr("Review those that may be"), defaultValue=False
            ),
            self.tr("On: those that may have the review get it. Off: all of them, or none."),
        )
        self.add(
            QgsProcessingParameterFeatureSink(
                self.OUTPUT,
                self.tr("Results"),
                QgsProcessing.SourceType.TypeVector,
                optional=True,
                createByDefault=False,
            ),
            self.tr("A table: each incident, whether it was reviewed, and if not, why not."),
        )
        for name, title in self.COUNTS:
            self.addOutput(QgsProcessingOutputNumber(name, self.tr(title)))
        self.addOutput(QgsProcessingOutputString(self.LEDGER, self.tr("Ledger")))

    def work(self, parameters, context, feedback, outputs):
        """Hold the review against each incident, then write them in one transaction."""
        from ...ledger.review import review_incidents

        ids = self.incident_ids(parameters, context, feedback)
        if not ids:
            raise CeasefireError(
                self.tr("No incident is named: give ids, or a layer with incidents in it.")
            )
        chosen = {field: self.chosen(parameters, field.upper(), context) for field in REVIEW_FIELDS}
        partly = self.parameterAsBoolean(parameters, self.PARTLY, context)
        with self.open_ledger(parameters, context) as ledger:
            outcome = review_incidents(
                ledger,
                ids,
                Review(**chosen),
                self.signature(parameters, context),
                self.text(parameters, self.WHY, context),
                partly,
                step=lambda: self.stop_if_cancelled(feedback),
            )
        self._tell(feedback, outcome)
        if outcome.refused and not partly:
            raise CeasefireError(self._refusal(outcome, len(ids)))
        destination = self.write_rows(outputs, self.OUTPUT, REFUSED, _rows(outcome), feedback)
        return {
            "REVIEWED": len(outcome.reviewed),
            "UNCHANGED": len(outcome.unchanged),
            "REFUSED": len(outcome.refused),
            "UNSIGNED": len(outcome.unsigned),
            self.OUTPUT: destination,
            self.LEDGER: self.ledger_place(parameters, context),
        }

    def _tell(self, feedback, outcome) -> None:
        for identifier, reason in list(outcome.refused.items())[:TOLD]:
            feedback.pushWarning(f"{identifier}: {reason}")
        if len(outcome.refused) > TOLD:
            feedback.pushWarning(
                self.tr("… and %1 more were refused.").replace(
                    "%1", f"{len(outcome.refused) - TOLD:,}"
                )
            )
        if outcome.unsigned:
            feedback.pushWarning(
                self.counted(
                    len(outcome.unsigned),
                    self.tr(
                        "Of one incident nobody signed the first revision or the last change: the "
                        "four-eyes rule could not be held against anybody there."
                    ),
                    self.tr(
                        "Of %1 incidents nobody signed the first revision or the last change: the "
                        "four-eyes rule could not be held against anybody there."
                    ),
                )
            )
        feedback.pushInfo(
            self.tr("Incidents reviewed: %1; so already: %2; refused: %3.")
            .replace("%1", f"{len(outcome.reviewed):,}")
            .replace("%2", f"{len(outcome.unchanged):,}")
            .replace("%3", f"{len(outcome.refused):,}")
        )

    def _refusal(self, outcome, count: int) -> str:
        identifier, reason = next(iter(outcome.refused.items()))
        return (
            self.tr(
                "Nothing was reviewed: %1 of %2 incidents may not have this review. The first is "
                "%3: %4 Turn on PARTLY to review the others, or choose another state."
            )
            .replace("%1", f"{len(outcome.refused):,}")
            .replace("%2", f"{count:,}")
            .replace("%3", identifier)
            .replace("%4", reason[:1].upper() + reason[1:])
        )


def _rows(outcome):
    """The rows of the table of results."""
    unsigned = set(outcome.unsigned)
    for identifier in outcome.reviewed:
        yield identifier, "reviewed", "nobody signed it" if identifier in unsigned else None
    for identifier in outcome.unchanged:
        yield identifier, "unchanged", None
    for identifier, reason in outcome.refused.items():
        yield identifier, "refused", reason
