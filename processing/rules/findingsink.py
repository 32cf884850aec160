"""Writing findings of rules as features, each where its subject lies."""

from __future__ import annotations

from qgis.core import QgsFeature, QgsFeatureSink, QgsGeometry, QgsPointXY

from ...model.errors import Cancelled, CeasefireError
from ...model.field import Shape
from ...model.tables import RULE_FIELDS
from ..fields import WGS84, WKB_TYPES, qgis_fields, qgis_value
from ..line.columns import not_written

NAMES = [field.name for field in RULE_FIELDS]
LOOK_EVERY = 1000


class FindingSink:
    """The output of one run; what is written maps at the point given with it."""

    def __init__(self, algorithm, outputs, feedback):
        self.algorithm, self.feedback = algorithm, feedback
        self.fields = qgis_fields(RULE_FIELDS)
        self.sink, self.destination = outputs.sink(
            algorithm.OUTPUT, self.fields, WKB_TYPES[Shape.POINT], WGS84
        )
        self.count = 0

    def write(self, records: list, lon, lat) -> None:
        """Write findings with their degrees (NaN: nowhere)."""
        for record, x, y in zip(records, lon, lat):
            self.count += 1
            if self.count % LOOK_EVERY == 0 and self.feedback.isCanceled():
                raise Cancelled("Stopped; nothing was written.")
            if self.sink is None:
                continue
            feature = QgsFeature(self.fields)
            feature.setAttributes([qgis_value(getattr(record, name)) for name in NAMES])
            if x == x and y == y:
                feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(x, y)))
            if not self.sink.addFeature(feature, QgsFeatureSink.Flag.FastInsert):
                raise CeasefireError(not_written(self.algorithm, self.sink))
