"""The material of a brief, read from layers whose fields are named as in the model."""

from __future__ import annotations

from typing import Any, Optional

from qgis.core import QgsFeature, QgsProcessingFeatureSource

from ...model.errors import Cancelled, CeasefireError
from ...model.land import Finding
from ...model.tables import FLAG_FIELDS
from ..fields import python_value
from ..ledger.attributes import Unfit, read_attribute
from ..ledger.recordmaker import RecordMaker

# The parameters that give layers, and the model's tables that they hold.
LAYERS = (
    ("LINES", "contact_lines"),
    ("ZONES", "zones"),
    ("SITES", "sites"),
    ("CONTROL", "control_areas"),
    ("POSTS", "posts"),
    ("EFFORT", "effort"),
)


class LayerReader:
    """Reads sources into records; rows that cannot be read are counted and told of."""

    def __init__(self, zone: str, transforms, feedback):
        self.zone = zone
        self.transforms = transforms
        self.feedback = feedback

    def records(self, source: QgsProcessingFeatureSource, table: str) -> list:
        """The records of a table."""
        return [record for record, _ in self._rows(source, table)]

    def entries(self, source: QgsProcessingFeatureSource) -> list:
        """The incidents with their flags, as entries."""
        from ...reports.material import Entry

        names = [field.name() for field in source.fields()]
        if "occurred_from" not in [name.strip().lower() for name in names]:
            raise CeasefireError(
                f"“{source.sourceName()}” has no field “occurred_from”, so no incident has a "
                "time. Import the file with “Import incidents” and flag the result first."
            )
        positions = {_plain(name): position for position, name in enumerate(names)}
        result = []
        for record, feature in self._rows(source, "incidents"):
            attributes = feature.attributes()
            record.revision = self._own(attributes, positions, "revision")
            finding = Finding(incident_id=record.incident_id)
            for field in FLAG_FIELDS:
                setattr(finding, field.name, self._flag(attributes, positions, field))
            result.append(Entry(record, finding))
        return result

    def _rows(self, source, table: str):
        maker = RecordMaker(source, table, {}, self.zone, self.transforms)
        unfit, reason, rows = 0, "", []
        for feature in source.getFeatures():
            if self.feedback.isCanceled():
                raise Cancelled("The brief was stopped; nothing was written.")
            try:
                rows.append((maker.record(feature), QgsFeature(feature)))
            except Unfit as error:
                unfit, reason = unfit + 1, reason or str(error)
        if unfit:
            self.feedback.pushWarning(
                f"{unfit} rows of “{source.sourceName()}” are not in the brief; the first: {reason}"
            )
        return rows

    def _flag(self, attributes: list, positions: dict, field) -> Optional[Any]:
        value = self._own(attributes, positions, field.name)
        if value is None:
            return None
        try:
            return read_attribute(field.name, field.kind, value, self._zone())
        except ValueError:
            return None

    def _own(self, attributes: list, positions: dict, name: str) -> Optional[Any]:
        position = positions.get(name)
        return None if position is None else python_value(attributes[position])

    def _zone(self):
        from ...reports.period import theatre_zone

        return theatre_zone(self.zone)


def _plain(name: str) -> str:
    return "_".join(name.strip().lower().split())
