"""``ceasefire:answerclaims``: hold the parties' claims against what was observed."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

from qgis.core import (
    Qgis,
    QgsProcessing,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterDistance,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterNumber,
)

from ...model.errors import CeasefireError
from ...model.field import Field, Kind, Shape
from .reviewparameters import ReviewAlgorithm

PROPOSED = (
    Field("claim_id", Kind.TEXT, "Claim"),
    Field("party", Kind.TEXT, "Party"),
    Field("received_at", Kind.INSTANT, "Received at (UTC)"),
    Field("alleged_from", Kind.INSTANT, "Alleged from (UTC)"),
    Field("place", Kind.TEXT, "Alleged place"),
    Field("finding_now", Kind.TEXT, "Finding in the ledger"),
    Field("finding", Kind.TEXT, "Proposed finding"),
    Field("share_observed", Kind.REAL, "Share of the hours observed"),
    Field("coverage", Kind.TEXT, "Observation of that hour"),
    Field("reason", Kind.TEXT, "Why this is proposed"),
    Field("candidates", Kind.TEXT, "What may be it"),
    Field("written", Kind.INTEGER, "Written to the ledger"),
)
OPEN = (None, "", "under_review")


class AnswerClaims(ReviewAlgorithm):
    """Proposes a finding on each claim, with that hour's coverage; writes them if asked."""

    NAME = "answerclaims"
    TITLE = "Answer claims"
    HELP = (
        "Holds the claims that were received in a period against the ledger's incidents and "
        "observations, and proposes a finding on each, with the observation of that place and hour "
        "in words beside it. Candidates are listed with their distances.\n\n"
        "Observed, or partly: the mission's own observation fits in place, time and category, or "
        "does so in part. What other sources tell is listed but never makes a claim observed. Not "
        "observed, with coverage: posts that reach the alleged place observed it for at least "
        "LEAST_SHARE of the clock hours that the alleged time touches, and recorded nothing that "
        "fits. Access denied: they did not, and access was denied or prevented. No coverage: "
        "nobody is known to have been able to. Inconclusive: all else, such as posts of which the "
        "records contradict each other. A claim that tells a day alone is held against that whole "
        "day.\n\n"
        "Nothing is written unless APPLY is on; then finding and observation are written, with a "
        "reason, to the claims still under review, or with REPLACE to all."
    )

    DISTANCE = "DISTANCE"
    TIME = "TIME"
    REACH = "REACH"
    LEAST_SHARE = "LEAST_SHARE"
    APPLY = "APPLY"
    REPLACE = "REPLACE"
    OUTPUT = "OUTPUT"
    COUNTS = (("CLAIMS", "Claims held against the records"), ("WRITTEN", "Findings written"))

    def initAlgorithm(self, configuration=None):
        """The parameters, each with its help, and the outputs."""
        self.add_ledger(self.tr("The ledger whose claims are answered."))
        self.add_period()
        self._add_tolerances()
        self.add(
            QgsProcessingParameterBoolean(self.APPLY, self.tr("Write them"), defaultValue=False),
            self.tr("On: the findings are written to the ledger. Off: they are only proposed."),
        )
        self.add(
            QgsProcessingParameterBoolean(
                self.REPLACE, self.tr("Replace findings"), defaultValue=False
            ),
            self.tr("On: findings that people or an earlier run set are replaced too."),
        )
        self.add_signature(self.tr("The reason; needed where the findings are written."), True)
        self.add(
            QgsProcessingParameterFeatureSink(
                self.OUTPUT, self.tr("Proposed findings"), QgsProcessing.SourceType.TypeVectorPoint
            ),
            self.tr("The claims where they allege it, with the proposed finding and its reasons."),
        )
        for name, title in self.COUNTS:
            self.addOutput(QgsProcessingOutputNumber(name, self.tr(title)))
        self.addOutput(QgsProcessingOutputString(self.LEDGER, self.tr("Ledger")))

    def _add_tolerances(self) -> None:
        for name, title, default, words in (
            (
                self.DISTANCE,
                self.tr("Distance"),
                2000.0,
                self.tr(
                    "How far from the alleged place a record may lie, in metres; the record's own "
                    "uncertainty is added."
                ),
            ),
            (
                self.REACH,
                self.tr("Reach of a post"),
                5000.0,
                self.tr(
                    "How far, in metres, a post without a range of its own observes, and how near "
                    "a restriction of access must lie to concern a place."
                ),
            ),
        ):
            distance = QgsProcessingParameterDistance(name, title, default, minValue=0.0)
            distance.setDefaultUnit(Qgis.DistanceUnit.Meters)
            self.add(distance, words)
        for name, title, default, most, words in (
            (
                self.TIME,
                self.tr("Time (minutes)"),
                60.0,
                525_600.0,
                self.tr("How long before or after the alleged time a record may lie."),
            ),
            (
                self.LEAST_SHARE,
                self.tr("Least share observed"),
                1.0,
                1.0,
                self.tr(
                    "How much of the alleged hours must have been observed, 0 to 1, before “not "
                    "observed” is proposed."
                ),
            ),
        ):
            kind = QgsProcessingParameterNumber.Type.Double
            self.add(
                QgsProcessingParameterNumber(name, title, kind, default, False, 0, most), words
            )

    def work(self, parameters, context, feedback, outputs):
        """Propose, write if asked, and give the table."""
        from ..libraries import require_shapely

        require_shapely()
        apply = self.parameterAsBoolean(parameters, self.APPLY, context)
        why = self.text(parameters, self.WHY, context)
        if apply and not why:
            raise CeasefireError(self.tr("Findings are written for a reason: say WHY."))
        with self.open_ledger(parameters, context, readonly=not apply) as ledger:
            time = self.theatre_time(parameters, context, ledger)
            start, end = self.period(parameters, context, time)
            claims = ledger.read("claims", since=start, until=end)
            proposals = self._proposals(parameters, context, ledger, claims, time.zone, feedback)
            replace = self.parameterAsBoolean(parameters, self.REPLACE, context)
            changed = _changed(claims, proposals, replace) if apply else []
            if changed:
                ledger.write_records("claims", changed, self.signature(parameters, context), why)
        written = {claim.claim_id for claim in changed}
        rows = [_row(claim, item, written) for claim, item in zip(claims, proposals)]
        destination = self.write_rows(
            outputs, self.OUTPUT, PROPOSED, rows, feedback, shape=Shape.POINT
        )
        self._tell(feedback, proposals, len(written), apply)
        return {
            "CLAIMS": len(claims),
            "WRITTEN": len(written),
            self.OUTPUT: destination,
            self.LEDGER: self.ledger_place(parameters, context),
        }

    def _proposals(self, parameters, context, ledger, claims, zone, feedback) -> list:
        from ...analysis.claim_candidates import Recorded, Tolerances
        from ...analysis.claim_coverage import Observers
        from ...analysis.claim_findings import propose

        tolerances = Tolerances(
            self.parameterAsDouble(parameters, self.DISTANCE, context),
            timedelta(minutes=self.parameterAsDouble(parameters, self.TIME, context)),
        )
        if not claims:
            return []
        reach = self.parameterAsDouble(parameters, self.REACH, context)
        least = self.parameterAsDouble(parameters, self.LEAST_SHARE, context)
        recorded = Recorded(ledger.read("incidents"), ledger.read("observations"))
        observers = Observers(
            ledger.read("posts"), ledger.read("effort"), ledger.read("restrictions"), reach, zone
        )
        proposals = []
        for number, claim in enumerate(claims, start=1):
            self.stop_if_cancelled(feedback)
            proposals.append(propose(claim, recorded, observers, tolerances, least))
            feedback.setProgress(100.0 * number / len(claims))
        return proposals

    def _tell(self, feedback, proposals, written: int, apply: bool) -> None:
        from collections import Counter

        from ...model.vocabulary import label

        counts = Counter(item.finding for item in proposals)
        for code, number in counts.most_common():
            feedback.pushInfo(f"{label('claim_findings', code)}: {number:,}")
        if not proposals:
            feedback.pushWarning(self.tr("No claim was received in that period."))
        if apply:
            feedback.pushInfo(
                self.counted(
                    written,
                    self.tr("One finding was written."),
                    self.tr("%1 findings were written."),
                )
            )
        else:
            feedback.pushInfo(self.tr("Nothing was written; turn on APPLY to write them."))


def _changed(claims, proposals, replace: bool) -> list:
    """The claims with their proposed findings, those that may get one."""
    return [
        dataclasses.replace(claim, finding=item.finding, coverage=item.coverage)
        for claim, item in zip(claims, proposals)
        if (replace or claim.finding in OPEN)
        and (claim.finding, claim.coverage) != (item.finding, item.coverage)
    ]


def _row(claim, item, written: set) -> tuple:
    from ...analysis.claim_findings import candidate_words

    return (
        claim.claim_id,
        claim.party,
        claim.received_at,
        claim.alleged_from,
        claim.place,
        claim.finding,
        item.finding,
        item.share,
        item.coverage,
        item.reason,
        candidate_words(item.candidates) or None,
        int(claim.claim_id in written),
        claim.longitude,
        claim.latitude,
    )
