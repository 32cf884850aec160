"""``ceasefire:precedents``: which earlier ceasefires and agreements were like this one."""

from __future__ import annotations

from qgis.core import (
    QgsProcessing,
    QgsProcessingException,
    QgsProcessingOutputNumber,
    QgsProcessingParameterFeatureSink,
)

from ...model.precedent import PRECEDENTS
from ..base import CeasefireAlgorithm
from ..line.recordsink import write_records
from .precedentfilter import INPUT, add_filter, add_precedents, asked


class Precedents(CeasefireAlgorithm):
    """Chooses precedents by place, type, mechanism, enforcement, purpose and time."""

    NAME = "precedents"
    TITLE = "Find precedents"
    GROUP = "Agreements"
    GROUP_ID = "agreements"
    HELP = (
        "Chooses earlier ceasefires and agreements by country, region, type, purpose, mechanism, "
        "enforcement, mediation, what became of them, year, how long they held, and the issues "
        "that PA-X codes. A precedent is chosen where what is asked is surely so: what a data set "
        "does not know is neither yes nor no and can be asked for as not_known."
    )

    OUTPUT = "OUTPUT"

    def initAlgorithm(self, config=None):
        """The parameters, each with its help, and the outputs."""
        add_precedents(self)
        add_filter(self)
        self.add(
            QgsProcessingParameterFeatureSink(
                self.OUTPUT, self.tr("Precedents found"), QgsProcessing.SourceType.TypeVector
            ),
            self.tr("The precedents that are what was asked for."),
        )
        self.addOutput(QgsProcessingOutputNumber("FOUND", self.tr("Precedents found")))
        self.addOutput(QgsProcessingOutputNumber("OF", self.tr("Precedents looked at")))

    def work(self, parameters, context, feedback, outputs):
        """Read, choose and write."""
        from ...analysis.precedents.filtering import chosen
        from .precedentsource import precedents_of

        source = self.parameterAsSource(parameters, INPUT, context)
        if source is None:
            raise QgsProcessingException(self.invalidSourceError(parameters, INPUT))
        records = precedents_of(self, source, feedback)
        found = chosen(records, asked(self, parameters, context))
        destination = write_records(
            self, outputs, self.OUTPUT, PRECEDENTS, found, context, feedback
        )
        feedback.pushInfo(
            self.tr("%1 of %2 precedents are what was asked for.")
            .replace("%1", f"{len(found):,}")
            .replace("%2", f"{len(records):,}")
        )
        return {self.OUTPUT: destination, "FOUND": len(found), "OF": len(records)}
