"""``ceasefire:readprotected``: protected values, for somebody who says who and why."""

from __future__ import annotations

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsProcessing,
    QgsProcessingOutputNumber,
    QgsProcessingParameterFeatureSink,
    QgsWkbTypes,
)

from ...model.field import Field, Kind
from ...model.tables import PROTECTED
from ..evidence.evidencealgorithm import BY, LEDGER, WHY
from ..fields import qgis_fields, qgis_value
from .protectedchoice import ProtectedChoice

VALUE = Field("value", Kind.TEXT, "Value")
MATCHES = Field("matches", Kind.BOOLEAN, "Is what was committed to")


class ReadProtected(ProtectedChoice):
    """Gives protected values as a table, and keeps who read them."""

    NAME = "readprotected"
    TITLE = "Read protected values"
    HELP = (
        "Gives protected values as a table: of one id, of a record, or of a person's code. Each "
        "reading is a row of the custody log, with who and why, before the value is given. The "
        "log of this algorithm holds no value. “matches” says whether the value is the one that "
        "the history is committed to; an erased value is empty.\n\n"
        "Leave the output a temporary layer: a file of it is a copy that no erasure reaches."
    )

    OUTPUT = "OUTPUT"

    def initAlgorithm(self, configuration=None):
        """The parameters, each with its help, and the outputs."""
        self.add_ledger()
        self.add_choice()
        self.add_hand(self.tr("Why they are read; kept in the custody."), optional=False)
        self.add(
            QgsProcessingParameterFeatureSink(
                self.OUTPUT, self.tr("Values"), QgsProcessing.SourceType.TypeVector
            ),
            self.tr("One row for each value. A temporary layer leaves no copy."),
        )
        self.addOutput(QgsProcessingOutputNumber("COUNT", self.tr("Values")))
        self.addOutput(QgsProcessingOutputNumber("ERASED", self.tr("Of these, erased")))

    def work(self, parameters, context, feedback, outputs):
        """Log, read, write."""
        fields = qgis_fields((*PROTECTED.fields, VALUE, MATCHES))
        sink, destination = outputs.sink(
            self.OUTPUT, fields, QgsWkbTypes.Type.NoGeometry, QgsCoordinateReferenceSystem()
        )
        with self.open(parameters, context) as ledger:
            records = self.chosen_values(parameters, context, ledger)
            found = ledger.read_protected(
                records,
                self.text(parameters, context, BY) or "",
                self.text(parameters, context, WHY) or "",
            )
        for item in found:
            row = [getattr(item.protected, name) for name in PROTECTED.names()]
            feature = QgsFeature(fields)
            feature.setAttributes([qgis_value(one) for one in (*row, item.value, item.matches)])
            sink.addFeature(feature)
        erased = sum(item.value is None for item in found)
        feedback.pushInfo(
            self.tr("%1 values, of these %2 erased; the custody says who read them and why.")
            .replace("%1", str(len(found)))
            .replace("%2", str(erased))
        )
        return {
            LEDGER: self.parameterAsFile(parameters, LEDGER, context),
            self.OUTPUT: destination,
            "COUNT": len(found),
            "ERASED": erased,
        }
