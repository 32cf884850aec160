"""``ceasefire:ceasefiresurvival``: how long ceasefires held, with and without a mechanism."""

from __future__ import annotations

from pathlib import Path

from qgis.core import (
    QgsProcessing,
    QgsProcessingException,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFileDestination,
)

from ...model.survival_step import SURVIVAL_STEPS
from ..base import CeasefireAlgorithm
from ..libraries import require
from ..line.recordsink import write_records
from .precedentfilter import INPUT, add_filter, add_precedents, asked

NONE = "none"
GROUPS = (
    NONE, "mechanism", "enforcement", "mediated", "written", "partial", "kind", "sided", "region",
    "country", "dataset",
)  # fmt: skip


class CeasefireSurvival(CeasefireAlgorithm):
    """Estimates how long ceasefires held, group by group, and draws it."""

    NAME = "ceasefiresurvival"
    TITLE = "How long ceasefires held"
    GROUP = "Agreements"
    GROUP_ID = "agreements"
    HELP = (
        "Estimates which share of ceasefires still held after so many days, for all or group by "
        "group, with 95 % bounds and the numbers at risk. The unit is the ceasefire, not the "
        "actor's row. What still held when the data end, and a fixed term that ran out, is no "
        "failure: it counts as watched until then.\n\n"
        "Where all days are known this is Kaplan and Meier's estimate with bounds on the log-log "
        "scale, and groups are compared by the log-rank test. Where some days are known to the "
        "month or year only, it is Turnbull's estimate for interval-censored durations, with "
        "bounds by drawing the ceasefires again (fixed seed, so the same data give the same "
        "bounds); then a step falls somewhere between two days, and the number at risk is a range."
        "\n\nSUMMARY says it in sentences. A difference between groups is what was seen, not what "
        "a mechanism does: who agrees on one may differ from who does not."
    )

    BY = "BY"
    OUTPUT = "OUTPUT"
    CHART = "CHART"

    def initAlgorithm(self, config=None):
        """The parameters, each with its help, and the outputs."""
        tr = self.tr
        add_precedents(self)
        self.add(
            QgsProcessingParameterEnum(
                self.BY,
                tr("Groups by"),
                options=list(GROUPS),
                defaultValue="mechanism",
                usesStaticStrings=True,
            ),
            tr("What makes the groups; where it is not known, a group of its own."),
        )
        add_filter(self, advanced=True)
        self.add(
            QgsProcessingParameterFeatureSink(
                self.OUTPUT, tr("Survival"), QgsProcessing.SourceType.TypeVector
            ),
            tr("One row a step of each curve: day, share, bounds, numbers at risk."),
        )
        self.add(
            QgsProcessingParameterFileDestination(
                self.CHART, tr("Chart"), fileFilter="SVG (*.svg)", optional=True
            ),
            tr("The curves with their bounds and numbers at risk; at most six groups."),
        )
        self.addOutput(QgsProcessingOutputNumber("CEASEFIRES", tr("Ceasefires counted")))
        self.addOutput(QgsProcessingOutputNumber("LEFT_OUT", tr("Without a known duration")))
        self.addOutput(QgsProcessingOutputString("METHOD", tr("Method")))
        self.addOutput(QgsProcessingOutputString("SUMMARY", tr("Summary")))

    def work(self, parameters, context, feedback, outputs):
        """Read, choose, estimate, write the table and the chart."""
        from ...analysis.precedents.filtering import chosen
        from ...analysis.precedents.survival_of import steps_of, survival_of
        from ...analysis.precedents.survival_words import sentences
        from .precedentsource import precedents_of

        source = self.parameterAsSource(parameters, INPUT, context)
        if source is None:
            raise QgsProcessingException(self.invalidSourceError(parameters, INPUT))
        by = self.parameterAsEnumString(parameters, self.BY, context)
        records = chosen(precedents_of(self, source, feedback), asked(self, parameters, context))
        survival = survival_of(records, None if by == NONE else by)
        feedback.setProgress(70.0)
        destination = write_records(
            self, outputs, self.OUTPUT, SURVIVAL_STEPS, steps_of(survival), context, feedback
        )
        results = {self.OUTPUT: destination}
        chart = self.parameterAsFileOutput(parameters, self.CHART, context)
        if chart:
            self._draw(survival, chart, outputs, feedback)
            results[self.CHART] = chart
        told = sentences(survival)
        for sentence in told:
            feedback.pushInfo(sentence)
        return {
            **results,
            "CEASEFIRES": sum(len(group.low) for group in survival.groups),
            "LEFT_OUT": survival.left_out,
            "METHOD": survival.method,
            "SUMMARY": "\n".join(told),
        }

    def _draw(self, survival, chart: str, outputs, feedback) -> None:
        require("matplotlib")
        from ...reports.survival_chart import MOST, draw_survival

        if len(survival.groups) > MOST:
            feedback.pushWarning(
                self.tr("The chart shows the first %1 of %2 groups; the table has all.")
                .replace("%1", str(MOST))
                .replace("%2", str(len(survival.groups)))
            )
        words = {
            "title": self.tr("Share of ceasefires that still held (%1)").replace(
                "%1", survival.method
            ),
            "days": self.tr("Days since it took effect"),
            "share": self.tr("Per cent"),
            "at_risk": self.tr("At risk"),
        }
        draw_survival(survival.groups, words, Path(outputs.file(chart)))
