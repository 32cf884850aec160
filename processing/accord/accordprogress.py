"""Algorithm ``ceasefire:accordprogress``: how far a peace accord is carried out."""

from __future__ import annotations

from datetime import date

from qgis.core import (
    QgsProcessing,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from ...model.errors import CeasefireError
from ..base import CeasefireAlgorithm
from ..line.lineinput import text_of
from ..line.recordsink import write_records
from ..review.reviewparameters import write_page
from .accordsource import assessments_of, provisions_of, rows_of


class AccordProgress(CeasefireAlgorithm):
    """Rates by year, theme, priority and place; each provision's standing; other accords."""

    NAME = "accordprogress"
    TITLE = "Progress of a peace accord"
    GROUP = "Peace accord"
    GROUP_ID = "accord"
    HELP = (
        "Takes an accord's provisions and their scores (0 not initiated, 1 minimum, 2 "
        "intermediate, 3 complete) and gives the aggregate implementation rate (sum of the scores "
        "over three times the number of provisions with a score) and, beside it and never mixed "
        "with it, the distribution over the four states: by year, theme, priority, body and "
        "place. Not due, not assessed and no evidence stand apart and are never zero.\n\n"
        "Each provision is told to be complete, advancing, stalled, reversed or overdue; a date is "
        "given only as “at this pace”. Priority provisions are compared with the rest with an "
        "interval. With the Peace Accords Matrix's data set (your own copy) it says where the "
        "accord stands among others at the same number of years since signature, provision by "
        "provision, over those that they share."
    )

    PROVISIONS, SCORES, CODER, SECOND = "PROVISIONS", "SCORES", "CODER", "SECOND_CODER"
    SIGNED, AS_OF, STALLED, OTHERS = "SIGNED", "AS_OF", "STALLED_MONTHS", "OTHERS"
    TITLE_TEXT, OUTPUT, STANDINGS = "TITLE", "OUTPUT", "STANDINGS"
    COMPARED, SHEET = "COMPARED", "SHEET"

    def initAlgorithm(self, config=None):
        """The parameters, each with its help, and the outputs."""
        for parameter, words in (*self._tables(), *self._choices(), *self._outputs()):
            self.add(parameter, words)
        for name, title in (
            ("PROVISION_COUNT", "Provisions"),
            ("RATE", "Implementation rate (%)"),
        ):
            self.addOutput(QgsProcessingOutputNumber(name, self.tr(title)))
        self.addOutput(QgsProcessingOutputString("SENTENCES", self.tr("What it says, in words")))

    def _tables(self):
        tr, table = self.tr, [QgsProcessing.SourceType.TypeVector]
        yield (
            QgsProcessingParameterFeatureSource(self.PROVISIONS, tr("Provisions"), table),
            tr("One row a provision: provision_id; title, theme, priority, body, place, deadline, "
               "kind (the Matrix's abbreviation) where known."),
        )  # fmt: skip
        yield (
            QgsProcessingParameterFeatureSource(self.SCORES, tr("Scores"), table),
            tr("One row a score: provision_id, date (or month, quarter, year), score, coder."),
        )
        yield (
            QgsProcessingParameterFeatureSource(
                self.OTHERS, tr("Other accords"), table, optional=True
            ),
            tr("Optional: the Peace Accords Matrix's data set, one row an accord and year."),
        )

    def _choices(self):
        tr = self.tr
        for name, title, optional, words in (
            (self.SIGNED, tr("Signed on"), False, tr("The day of the signature, as 2031-03-14.")),
            (self.AS_OF, tr("As of"), True, tr("Left empty, the day of the last score.")),
            (self.CODER, tr("Coder"), True,
             tr("Whose scores count, such as the adjudicated ones; needed where there are "
                "several coders.")),
            (self.SECOND, tr("Second coder"), True,
             tr("Optional: the agreement with this coder is told (share and weighted kappa).")),
            (self.TITLE_TEXT, tr("Title"), True, tr("The accord's name, for the page.")),
        ):  # fmt: skip
            yield QgsProcessingParameterString(name, title, optional=optional), words
        yield (
            QgsProcessingParameterNumber(
                self.STALLED, tr("Stalled after (months)"),
                QgsProcessingParameterNumber.Type.Integer, 12, minValue=1,
            ),
            tr("Without a higher score for so long, a provision is stalled."),
        )  # fmt: skip

    def _outputs(self):
        tr, kind = self.tr, QgsProcessing.SourceType.TypeVector
        for name, title, optional, words in (
            (self.OUTPUT, tr("Rates"), False, tr("Rate and distribution, one row a group.")),
            (self.STANDINGS, tr("Standings"), True, tr("Optional: how each provision stands.")),
            (self.COMPARED, tr("Compared"), True,
             tr("Optional: each shared provision beside other accords.")),
        ):  # fmt: skip
            yield QgsProcessingParameterFeatureSink(name, title, kind, None, optional), words
        yield (
            QgsProcessingParameterFileDestination(
                self.SHEET, tr("Sheet"), "HTML (*.html)", None, True
            ),
            tr("Optional: all of it as a page to print."),
        )

    def work(self, parameters, context, feedback, outputs):
        """Read, count, write."""
        from ...analysis import accord_progress as progress
        from ...analysis.accord_comparison import COMPARED
        from ...analysis.accord_model import checked

        provisions = provisions_of(self, parameters, self.PROVISIONS, context, feedback)
        given = assessments_of(self, parameters, self.SCORES, context, feedback)
        counted = self._of_one_coder(given, text_of(self, parameters, self.CODER, context))
        scored = checked(provisions, counted)
        signed, day = self._days(parameters, context, counted)
        months = self.parameterAsInt(parameters, self.STALLED, context)
        rates = progress.rates(provisions, scored, day)
        standings = progress.standings(provisions, scored, signed, day, months)
        told = self._sentences(rates[0], standings, day)
        pace = progress.pace_ratio(provisions, scored, signed, day)
        if pace is not None:
            told.append(pace.sentence())
        told += self._coders(parameters, context, given)
        rows, sentence = self._others(
            parameters, context, feedback, provisions, standings, signed, day
        )
        told += [sentence] if sentence else []
        for one in told:
            feedback.pushInfo(one)
        sheet = self.parameterAsFileOutput(parameters, self.SHEET, context)
        if sheet:
            from ...reports.accord_sheet import accord_sheet

            title = text_of(self, parameters, self.TITLE_TEXT, context)
            write_page(outputs, sheet, accord_sheet(title, told, rates, standings, rows).html())
        results = {
            name: write_records(self, outputs, name, table, records, context, feedback)
            for name, table, records in (
                (self.OUTPUT, progress.RATES, rates),
                (self.STANDINGS, progress.STANDINGS, standings),
                (self.COMPARED, COMPARED, rows),
            )
        }
        return {
            **results,
            self.SHEET: sheet,
            "PROVISION_COUNT": len(provisions),
            "RATE": rates[0].rate_percent,
            "SENTENCES": "\n".join(told),
        }

    def _of_one_coder(self, given, coder):
        coders = sorted({one.coder for one in given if one.coder is not None})
        if coder is not None:
            counted = [one for one in given if one.coder == coder]
            if not counted:
                words = self.tr("There are no scores of “%1”. There are those of: %2.")
                names = ", ".join(coders) or self.tr("nobody by name")
                raise CeasefireError(words.replace("%1", coder).replace("%2", names))
            return counted
        if len(coders) > 1:
            words = self.tr("There are scores of several coders (%1): say in CODER whose count.")
            raise CeasefireError(words.replace("%1", ", ".join(coders)))
        if not given:
            raise CeasefireError(self.tr("There are no scores: assess the provisions first."))
        return given

    def _days(self, parameters, context, counted) -> tuple[date, date]:
        from ...analysis.accord_model import day_of

        asked = text_of(self, parameters, self.AS_OF, context)
        try:
            signed = date.fromisoformat(text_of(self, parameters, self.SIGNED, context) or "")
        except ValueError:
            words = self.tr("Give the day of the signature, as 2031-03-14, in SIGNED.")
            raise CeasefireError(words) from None
        day = day_of(asked) if asked else max(one.day for one in counted)
        if day <= signed:
            words = self.tr("The accord was signed on %1; %2 is not after that.")
            raise CeasefireError(
                words.replace("%1", signed.isoformat()).replace("%2", day.isoformat())
            )
        return signed, day

    def _sentences(self, whole, standings, day) -> list[str]:
        apart = whole.not_due + whole.not_assessed + whole.no_evidence
        if not whole.assessed:
            return [self.tr("No provision has a score.")]
        told = [
            f"On {day.isoformat()}, {whole.assessed:,} of {whole.provisions:,} provisions have a "
            f"score; the implementation rate is {whole.rate_percent:.1f} %.",
            f"Complete {whole.complete:,} ({whole.complete_percent:.0f} %), intermediate "
            f"{whole.intermediate:,} ({whole.intermediate_percent:.0f} %), minimum "
            f"{whole.minimum:,} ({whole.minimum_percent:.0f} %), not initiated "
            f"{whole.not_initiated:,} ({whole.not_initiated_percent:.0f} %).",
        ]
        if apart:
            told.append(
                f"Without a score: {whole.not_due:,} not due yet, {whole.not_assessed:,} not "
                f"assessed, {whole.no_evidence:,} without evidence."
            )
        counts = dict.fromkeys(("stalled", "reversed"), 0)
        for one in standings:
            if one.standing in counts:
                counts[one.standing] += 1
        overdue = sum(one.overdue_days is not None for one in standings)
        told.append(
            f"Stalled: {counts['stalled']:,}; reversed: {counts['reversed']:,}; overdue: "
            f"{overdue:,}."
        )
        return told

    def _coders(self, parameters, context, given) -> list[str]:
        from ...analysis.accord_progress import coder_agreement

        second = text_of(self, parameters, self.SECOND, context)
        if second is None:
            return []
        first = text_of(self, parameters, self.CODER, context)
        if first is None:
            raise CeasefireError(self.tr("Name the first coder in CODER too."))
        found = coder_agreement(given, first, second)
        kappa = "not defined" if found.kappa is None else f"{found.kappa:.2f}"
        return [
            f"{first} and {second} scored {found.pairs:,} in common: {found.equal_percent:.0f} % "
            f"equal, weighted kappa {kappa}."
        ]

    def _others(self, parameters, context, feedback, provisions, standings, signed, day):
        """The rows of the comparison with other accords, and its sentence."""
        from ...analysis.accord_comparison import compare, matrix_years

        if parameters.get(self.OTHERS) in (None, ""):
            return [], ""
        others = matrix_years(rows_of(self, parameters, self.OTHERS, context, feedback))
        scores: dict[str, list[int]] = {}
        for provision, standing in zip(provisions, standings):
            if provision.kind is not None and standing.score is not None:
                scores.setdefault(provision.kind, []).append(standing.score)
        if not scores:
            words = self.tr("No provision with a score names its kind: none can be compared.")
            return [], words
        own = {kind: sum(values) / len(values) for kind, values in scores.items()}
        return compare(own, max(1, round((day - signed).days / 365.25)), others)
