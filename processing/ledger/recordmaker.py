"""From a feature of any layer to a record of the ledger's model."""

from __future__ import annotations

from datetime import timezone
from typing import Any, Optional
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from qgis.core import (
    Qgis,
    QgsCoordinateTransform,
    QgsFeature,
    QgsWkbTypes,
)

from ...model.errors import CeasefireError
from ...model.field import Kind, Shape
from ...model.incident import content_id, incident_id
from ...model.sound import problem_of
from ...model.tables import INCIDENTS, table
from ..fields import WGS84, python_value
from ..line.instants import span_of
from .attributes import Unfit, as_text, read_attribute, read_code, tr, word_for
from .geometries import given_point, in_degrees, multi_part, single_point

GEOMETRIES = {
    Shape.POINT: Qgis.GeometryType.Point,
    Shape.LINE: Qgis.GeometryType.Line,
    Shape.AREA: Qgis.GeometryType.Polygon,
}
OF_THE_LEDGER = ("revision", "recorded_at")
PLACE = ("longitude", "latitude")
SOURCE_OF_OURS = "added"


class RecordMaker:
    """Makes records of one of the ledger's tables from the features of one source.

    ``mapping`` names columns by field; columns named as fields are found by themselves, whatever
    their case. ``every_code``: a row is unfit where who may read it, or what a review says of it,
    is no code of the lists; else such a code is kept as it is. Raises CeasefireError where source,
    mapping or time zone do not fit the table.
    """

    def __init__(
        self, source, name: str, mapping: dict, zone: str, transforms, every_code: bool = False
    ):
        from ...ledger.form_fields import vocabulary_of
        from ...ledger.schema import RECORDS

        self.table = table(name)
        self.make = RECORDS[name]
        self.zone = _zone(zone)
        self.source_name = source.sourceName()
        self.kinds = {
            field.name: field.kind for field in self.table.fields if field.name not in OF_THE_LEDGER
        }
        if self.table.shape is Shape.POINT:
            self.kinds.update(dict.fromkeys(PLACE, Kind.REAL))
        self.every_code = every_code
        named = {field: vocabulary_of(name, field) for field in self.kinds}
        self.vocabularies = {field: listed for field, listed in named.items() if listed}
        columns = [field.name() for field in source.fields()]
        self.columns = self._columns(columns, mapping)
        used = {*self.columns.values(), "fid"}
        self.unused = [name for name in columns if name not in used]
        self.positions = {field: columns.index(name) for field, name in self.columns.items()}
        self.spatial = source.wkbType() != QgsWkbTypes.Type.NoGeometry
        self._refuse_what_does_not_fit(source)
        self.transform = None
        if self.spatial and source.sourceCrs() != WGS84:
            self.transform = QgsCoordinateTransform(source.sourceCrs(), WGS84, transforms)

    def record(self, feature: QgsFeature) -> Any:
        """The record of a feature; raises Unfit."""
        attributes = feature.attributes()
        values: dict[str, Any] = {}
        for field, position in self.positions.items():
            value = self._value(field, attributes[position])
            if value is not None:
                values[field] = value
        place = {name: values.pop(name, None) for name in PLACE}
        record = self.make(**values)
        self._place(record, feature, place)
        self._times(record, attributes)
        problem = problem_of(self.table.name, record)
        if problem is not None:
            raise Unfit(problem)
        self._name(record)
        return record

    def _columns(self, columns: list[str], mapping: dict[str, str]) -> dict[str, str]:
        for field, column in mapping.items():
            if field not in self.kinds:
                raise CeasefireError(
                    tr("The mapping names “%1”, but %2 have no such field; they have %3.")
                    .replace("%1", str(field))
                    .replace("%2", self.table.title.lower())
                    .replace("%3", ", ".join(self.kinds))
                )
            if column not in columns:
                raise CeasefireError(
                    tr("The mapping names a column “%1”, but “%2” has none; it has %3.")
                    .replace("%1", column)
                    .replace("%2", self.source_name)
                    .replace("%3", ", ".join(columns) or tr("no columns"))
                )
        found = {_plain(name): name for name in reversed(columns)}
        own = {field: found[field] for field in self.kinds if field in found}
        for field in self.kinds:
            # A column "name" of lines is what the ledger calls line_name, and so with the others.
            if field.endswith("_name") and "name" in found:
                own.setdefault(field, found["name"])
        return {**own, **mapping}

    def _refuse_what_does_not_fit(self, source) -> None:
        shape = self.table.shape
        wanted = GEOMETRIES.get(shape)
        kind = QgsWkbTypes.geometryType(source.wkbType())
        located = self.spatial or all(name in self.columns for name in PLACE)
        if shape in (Shape.LINE, Shape.AREA) and not self.spatial:
            self._refuse(tr("“%1” has no geometries, and %2 need them: choose a layer."))
        if (
            self.spatial
            and wanted is not None
            and kind
            not in (
                wanted,
                Qgis.GeometryType.Unknown,
            )
        ):
            self._refuse(
                tr("“%1” has %4, and %2 are %3: choose a layer of those, or convert it first."),
                kind,
            )
        if self.spatial and wanted is not None and not source.sourceCrs().isValid():
            self._refuse(
                tr(
                    "“%1” has no coordinate reference system: set it in the layer's properties, "
                    "and add it again."
                )
            )
        if not self.columns and not (wanted is not None and located):
            self._refuse(
                tr("No column of “%1” is named as a field of %2: name them in the mapping.")
            )

    def _refuse(self, sentence: str, kind: Optional[Qgis.GeometryType] = None) -> None:
        names = {
            Qgis.GeometryType.Point: tr("points"),
            Qgis.GeometryType.Line: tr("lines"),
            Qgis.GeometryType.Polygon: tr("areas"),
        }
        raise CeasefireError(
            sentence.replace("%1", self.source_name)
            .replace("%2", self.table.title.lower())
            .replace("%3", names.get(GEOMETRIES.get(self.table.shape), ""))
            .replace("%4", names.get(kind, tr("no geometries")))
        )

    def _value(self, field: str, attribute: Any) -> Any:
        value = python_value(attribute)
        if isinstance(value, str):
            value = value.strip() or None
        if value is None:
            return None
        try:
            read = read_attribute(field, self.kinds[field], value, self.zone)
            if field in self.vocabularies:
                return read_code(field, read, self.vocabularies[field], self.every_code)
            return read
        except Unfit:
            raise
        except ValueError:
            raise Unfit(
                tr("“%1” in the column “%2” cannot be read as %3.")
                .replace("%1", as_text(field, value, self.zone))
                .replace("%2", self.columns[field])
                .replace("%3", word_for(self.kinds[field]))
            ) from None

    def _place(self, record: Any, feature: QgsFeature, place: dict) -> None:
        shape = self.table.shape
        if shape is Shape.NONE:
            return
        geometry = in_degrees(feature, self.transform) if self.spatial else None
        if shape is not Shape.POINT:
            if geometry is None:
                raise Unfit(tr("it has no geometry."))
            record.geometry = multi_part(geometry, GEOMETRIES[shape])
            return
        point = single_point(geometry) if geometry is not None else given_point(place)
        if hasattr(record, "longitude"):
            record.longitude, record.latitude = point or (None, None)
        elif point is not None:
            import shapely

            record.geometry = shapely.Point(*point)

    def _times(self, record: Any, attributes: list) -> None:
        """A bare date as a beginning, with no end beside it: the incident fell on that day."""
        if self.table is not INCIDENTS or record.occurred_from is None or record.occurred_to:
            return
        start, end = span_of(attributes[self.positions["occurred_from"]], self.zone)
        if end != start:
            record.occurred_to = end.astimezone(timezone.utc)
            record.time_precision = record.time_precision or "day"
            record.span_is = record.span_is or "uncertainty"

    def _name(self, record: Any) -> None:
        """Give an incident without an id that of its source, or one from its content."""
        if self.table is not INCIDENTS or record.incident_id:
            return
        record.source = record.source or SOURCE_OF_OURS
        if not record.source_id:
            values = (getattr(record, name) for name in self.kinds)
            record.source_id = content_id(*values)
        record.incident_id = incident_id(record.source, record.source_id)


def _zone(name: str):
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CeasefireError(
            tr(
                "“%1” is not a time zone that this computer knows: write its name as in the IANA "
                "list, such as UTC or Europe/Vienna."
            ).replace("%1", name)
        ) from None


def _plain(name: str) -> str:
    return "_".join(name.strip().lower().split())
