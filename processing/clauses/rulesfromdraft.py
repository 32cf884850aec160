"""``ceasefire:rulesfromdraft``: clauses of a draft as rules that a person confirms."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from qgis.core import (
    QgsProcessing,
    QgsProcessingOutputNumber,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterString,
)

from ...model.errors import CeasefireError
from ...model.rule_proposal import RULE_PROPOSALS
from ..base import CeasefireAlgorithm
from ..line.recordsink import write_records
from .drafttext import text_of_draft

LINE_KINDS = ("agreed", "claimed", "de_facto", "marked", "historical")


class RulesFromDraft(CeasefireAlgorithm):
    """Proposes rules from a draft's clauses; writes those that a person confirmed."""

    NAME = "rulesfromdraft"
    TITLE = "Rules from a draft"
    GROUP = "Agreements"
    GROUP_ID = "agreements"
    HELP = (
        "Reads which clauses of a draft could be rules (a distance of withdrawal, an act, a zone "
        "around sites, flights near the line, hours of silence) and proposes them, each with the "
        "words it was read from and what was read into them. What cannot be a rule as it stands, "
        "such as heavy weapons that nobody classed, is listed with what it lacks. English "
        "words are known.\n\n"
        "Nothing becomes a rule by itself. Run it once, read the table, then run it again with "
        "the proposals that are right in CONFIRMED and your name in BY: AGREEMENT then receives "
        "them as an agreement's JSON, written as if in force since SINCE, so that checkrules can "
        "hold the record of the last months against the draft. Its findings say what would have "
        "broken the draft's words; they are no violations. Give that file to checkrules without a "
        "ledger, so that it does not stand among the agreements that were signed.\n\n"
        "A draft in JSON keeps its own rules; only clauses without rules are read. A width counts "
        "both sides together: 30 km wide is 15 km on each side."
    )

    DRAFT = "DRAFT"
    CONFIRMED = "CONFIRMED"
    BY = "BY"
    SINCE = "SINCE"
    UNTIL = "UNTIL"
    PARTIES = "PARTIES"
    TIMEZONE = "TIMEZONE"
    LINE_KIND = "LINE_KIND"
    OUTPUT = "OUTPUT"
    AGREEMENT = "AGREEMENT"

    def initAlgorithm(self, config=None):
        """The parameters, each with its help, and the outputs."""
        tr = self.tr
        self.add(
            QgsProcessingParameterFile(
                self.DRAFT, tr("Draft"), fileFilter="Drafts (*.json *.txt *.md);;All files (*)"
            ),
            tr("The agreement's JSON, or its text (UTF-8), a clause a paragraph."),
        )
        for name, title, words in self._texts():
            self.add(QgsProcessingParameterString(name, title, optional=True), words)
        self.add(
            QgsProcessingParameterEnum(
                self.LINE_KIND,
                tr("Line of contact"),
                options=list(LINE_KINDS),
                defaultValue="de_facto",
                usesStaticStrings=True,
            ),
            tr("Which contact line distances are measured from, where the draft's JSON has none."),
        )
        self.add(
            QgsProcessingParameterFeatureSink(
                self.OUTPUT, tr("Rules proposed"), QgsProcessing.SourceType.TypeVector
            ),
            tr("One row a proposal, with the rule's JSON and what was assumed."),
        )
        self.add(
            QgsProcessingParameterFileDestination(
                self.AGREEMENT, tr("Agreement"), fileFilter="Agreements (*.json)", optional=True
            ),
            tr("The confirmed rules, for checkrules; not written while nothing is confirmed."),
        )
        for name, title in (
            ("PROPOSED", tr("Rules proposed")),
            ("LACKING", tr("Clauses that lack something")),
            ("CONFIRMED_RULES", tr("Rules confirmed")),
        ):
            self.addOutput(QgsProcessingOutputNumber(name, title))

    def _texts(self):
        tr = self.tr
        return (
            (
                self.CONFIRMED,
                tr("Confirmed"),
                tr("The proposals that are right, such as “r1, r3”, or “all”; empty: none yet."),
            ),
            (self.BY, tr("By"), tr("Who confirms them; it stands in the file.")),
            (
                self.SINCE,
                tr("As if in force since"),
                tr("The day from which the record is held against the draft, as 2031-03-01."),
            ),
            (self.UNTIL, tr("Until"), tr("The last such day; open where empty.")),
            (
                self.PARTIES,
                tr("Parties"),
                tr("For a text: the parties as your lines name them, “Aster, Borealis”."),
            ),
            (
                self.TIMEZONE,
                tr("Time zone"),
                tr("For a text, or a draft without one: such as Europe/Athens; else UTC."),
            ),
        )

    def work(self, parameters, context, feedback, outputs):
        """Propose; confirm what was named; write the table, and the agreement if any."""
        from ...analysis.clauses.checklist import shipped
        from ...analysis.clauses.draft import draft_of_text
        from ...analysis.clauses.proposals import propose
        from ...analysis.clauses.trial import confirm

        path = Path(self.parameterAsString(parameters, self.DRAFT, context))
        draft = draft_of_text(text_of_draft(self, path), path.name, shipped().codes())
        proposals = propose(draft)
        told = self._text(parameters, self.CONFIRMED, context)
        confirmed = confirm(proposals, told, self._text(parameters, self.BY, context))
        destination = write_records(
            self, outputs, self.OUTPUT, RULE_PROPOSALS, proposals, context, feedback
        )
        results = {self.OUTPUT: destination}
        final = self.parameterAsFileOutput(parameters, self.AGREEMENT, context)
        if confirmed and final:
            self._write(draft, confirmed, final, parameters, context, outputs)
            results[self.AGREEMENT] = final
        self._tell(proposals, confirmed, final, feedback)
        rules = sum(proposal.rule is not None for proposal in proposals)
        counts = {"PROPOSED": rules, "LACKING": len(proposals) - rules}
        return {**results, **counts, "CONFIRMED_RULES": len(confirmed)}

    def _write(self, draft, confirmed, final: str, parameters, context, outputs) -> None:
        from ...analysis.agreement_file import agreement_to_json
        from ...analysis.clauses.trial import Frame, trial_agreement

        names = self._text(parameters, self.PARTIES, context).split(",")
        frame = Frame(
            [name.strip() for name in names if name.strip()],
            self._text(parameters, self.TIMEZONE, context) or "UTC",
            self._day(parameters, self.SINCE, context),
            self.parameterAsEnumString(parameters, self.LINE_KIND, context) or "de_facto",
            self._day(parameters, self.UNTIL, context) or None,
        )
        if not frame.since:
            raise CeasefireError(
                self.tr("SINCE is empty: give the day from which the record is held against it.")
            )
        text = agreement_to_json(trial_agreement(draft, confirmed, frame))
        Path(outputs.file(final)).write_text(text, encoding="utf-8")

    def _tell(self, proposals, confirmed, final: str, feedback) -> None:
        for each in proposals:
            words = f"{each.proposal} ({each.clause}): {each.title or each.kind}"
            if each.rule is None:
                feedback.pushWarning(f"{words}: {each.assumed}.")
            else:
                feedback.pushInfo(f"{words} [{each.assumed}]")
        if not proposals:
            feedback.pushWarning(self.tr("No clause of the draft was read as a rule."))
        elif not confirmed:
            feedback.pushInfo(
                self.tr("Nothing is confirmed yet: name the proposals that are right in CONFIRMED.")
            )
        elif not final:
            feedback.pushWarning(
                self.tr("No file was given for AGREEMENT: the confirmed rules were not written.")
            )

    def _text(self, parameters, name: str, context) -> str:
        return self.parameterAsString(parameters, name, context).strip()

    def _day(self, parameters, name: str, context) -> str:
        told = self._text(parameters, name, context)
        try:
            return date.fromisoformat(told).isoformat() if told else ""
        except ValueError:
            raise CeasefireError(
                self.tr("%1 is “%2”; write a day such as 2031-03-01.")
                .replace("%1", name)
                .replace("%2", told)
            ) from None
