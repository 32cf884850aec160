"""``ceasefire:checkclauses``: what a draft holds, what it lacks and what contradicts in it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from qgis.core import (
    QgsProcessing,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
)

from ...model.clause_check import CLAUSE_CHECKS, State
from ...model.errors import CeasefireError
from ..base import ROOT, CeasefireAlgorithm
from ..line.recordsink import write_records
from .drafttext import text_of_draft

COUNTS = (
    ("THERE", State.THERE, "Items that are there"),
    ("POSSIBLY", State.POSSIBLY, "Items that are possibly there"),
    ("MISSING", State.MISSING, "Items that are missing"),
    ("CONTRADICTIONS", State.CONTRADICTS, "Contradictions"),
)


class CheckClauses(CeasefireAlgorithm):
    """Holds a draft against a checklist of what a ceasefire agreement should hold."""

    NAME = "checkclauses"
    TITLE = "Check the clauses of a draft"
    GROUP = "Agreements"
    GROUP_ID = "agreements"
    HELP = (
        "Holds a draft against a checklist of what a ceasefire agreement should hold, in 14 "
        "groups: what is there, what is missing and what contradicts, each with why it matters "
        "and with precedents.\n\n"
        "DRAFT is an agreement's JSON, or a text file. In a text you mark passages by the item "
        "that they answer, as [[timezone: All times are local time.]]; the items' short names are "
        "in the column item of the table. An item is there where the agreement's data show it or "
        "you marked it, possibly there where only a word for it was found, which a person has to "
        "read, and else missing.\n\n"
        "Contradictions are, among others, a withdrawal further than its zone is wide, a deadline "
        "before entry into force or after the end, weapons that are named and not classed, hours "
        "without a time zone, a map that nobody is said to sign, days counted from a D-day that "
        "is not set, two distances for one class. The checklist is no legal opinion, and a draft "
        "may leave an item out with good reason. CHECKLIST adds your own items or replaces ours."
    )

    DRAFT = "DRAFT"
    CHECKLIST = "CHECKLIST"
    PRECEDENTS = "PRECEDENTS"
    OUTPUT = "OUTPUT"
    SHEET = "SHEET"

    def initAlgorithm(self, config=None):
        """The parameters, each with its help, and the outputs."""
        tr = self.tr
        self.add(
            QgsProcessingParameterFile(
                self.DRAFT, tr("Draft"), fileFilter="Drafts (*.json *.txt *.md);;All files (*)"
            ),
            tr("The agreement's JSON, or its text (UTF-8) with passages marked."),
        )
        self.add(
            QgsProcessingParameterFile(
                self.CHECKLIST,
                tr("Your own checklist"),
                fileFilter="Checklists (*.json);;All files (*)",
                optional=True,
            ),
            tr(
                "Items to add, or to replace those of the same code; written like "
                "resources/checklists/ceasefire.json in the plugin's folder."
            ),
        )
        self.add(
            QgsProcessingParameterFeatureSource(
                self.PRECEDENTS,
                tr("Precedents"),
                [QgsProcessing.SourceType.TypeVector],
                optional=True,
            ),
            tr(
                "A table of PA-X made by importprecedents: how many agreements have the issue "
                "that comes nearest to an item. The agreements that come with the plugin are "
                "looked through in any case."
            ),
        )
        self.add(
            QgsProcessingParameterFeatureSink(
                self.OUTPUT, tr("Clauses checked"), QgsProcessing.SourceType.TypeVector
            ),
            tr("Contradictions first, then one row an item of the checklist."),
        )
        self.add(
            QgsProcessingParameterFileDestination(
                self.SHEET, tr("Sheet"), fileFilter="HTML (*.html)", optional=True
            ),
            tr("The same as a sheet to print."),
        )
        for name, _, title in COUNTS:
            self.addOutput(QgsProcessingOutputNumber(name, tr(title)))
        self.addOutput(QgsProcessingOutputString("SUMMARY", tr("Summary")))

    def work(self, parameters, context, feedback, outputs):
        """Read draft and checklist, check, and write table and sheet."""
        from ...analysis.clauses.checking import Library, check_draft
        from ...analysis.clauses.checklist import read_checklist, shipped
        from ...analysis.clauses.draft import draft_of_text

        checklist = shipped()
        own = self.parameterAsString(parameters, self.CHECKLIST, context).strip()
        if own:
            checklist = checklist.with_more(read_checklist(own))
        path = Path(self.parameterAsString(parameters, self.DRAFT, context))
        draft = draft_of_text(text_of_draft(self, path), path.name, checklist.codes())
        library = Library(
            self._known(checklist.codes()), self._records(parameters, context, feedback)
        )
        rows = check_draft(draft, checklist, library)
        destination = write_records(
            self, outputs, self.OUTPUT, CLAUSE_CHECKS, rows, context, feedback
        )
        results = {self.OUTPUT: destination}
        sheet = self.parameterAsFileOutput(parameters, self.SHEET, context)
        if sheet:
            from ...reports.clauses_sheet import clauses_sheet

            page = clauses_sheet(rows, draft.title, self._words())
            Path(outputs.file(sheet)).write_text(page, encoding="utf-8")
            results[self.SHEET] = sheet
        return {**results, **self._counts(rows, draft.title, feedback)}

    def _counts(self, rows, title: str, feedback) -> dict:
        counted = Counter(row.state for row in rows)
        counts = {name: counted[state.value] for name, state, _ in COUNTS}
        told = self._words()["counts"]
        for place, value in enumerate(counts.values(), 1):
            told = told.replace(f"%{place}", str(value))
        lines = [f"“{title}”: {told}"]
        lines += [row.found for row in rows if row.state == State.CONTRADICTS.value]
        for line in lines:
            feedback.pushInfo(line)
        return {**counts, "SUMMARY": "\n".join(lines)}

    def _known(self, codes) -> list:
        """The agreements that come with the plugin, as precedents."""
        from ...analysis.clauses.draft import draft_of_text

        files = sorted((ROOT / "resources" / "agreements").glob("*.json"))
        return [
            draft_of_text(path.read_text(encoding="utf-8"), path.name, codes)
            for path in files
            if path.name != "schema.json"
        ]

    def _records(self, parameters, context, feedback) -> list:
        from .precedentsource import precedents_of

        if parameters.get(self.PRECEDENTS) in (None, ""):
            return []
        source = self.parameterAsSource(parameters, self.PRECEDENTS, context)
        if source is None:
            raise CeasefireError(self.invalidSourceError(parameters, self.PRECEDENTS))
        return precedents_of(self, source, feedback)

    def _words(self) -> dict[str, str]:
        tr = self.tr
        return {
            "title": tr("Clauses checked: %1"),
            "level": tr("Working paper, not agreed, without prejudice"),
            "counts": tr("%1 items there, %2 possibly there, %3 missing; %4 contradictions."),
            "contradictions": tr("What contradicts"),
            "no_contradictions": tr("Nothing was found that contradicts."),
            "missing_essential": tr("Essential and missing"),
            "nothing_missing": tr("No essential item is missing; see those possibly there."),
            "all": tr("All items"),
            "item": tr("Item"),
            "state": tr("State"),
            "found": tr("Where"),
            "why": tr("Why it matters"),
            "precedents": tr("Precedents"),
            "there": tr("there"),
            "possibly": tr("possibly there"),
            "missing": tr("missing"),
            "contradicts": tr("contradicts"),
            "essential": tr("essential"),
            "how_to_read": tr(
                "There: shown by the agreement's data or marked by a person. Possibly there: a "
                "word for it was found, which a person has to read. Agreements named as precedents "
                "are as the plugin's files tell them, which say what of it is verified; a PA-X "
                "issue is the nearest code and a hint where to read. This is a checklist and no "
                "legal opinion."
            ),
        }
