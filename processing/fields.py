"""The model's fields and values as QGIS has them."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, Iterable, Optional

from qgis.core import NULL, QgsCoordinateReferenceSystem, QgsField, QgsFields, QgsWkbTypes
from qgis.PyQt.QtCore import QDateTime, QMetaType, QTimeZone

from ..model.field import Field, Kind, Shape

WGS84 = QgsCoordinateReferenceSystem("EPSG:4326")
TYPES = {
    Kind.TEXT: QMetaType.Type.QString,
    Kind.INTEGER: QMetaType.Type.LongLong,
    Kind.REAL: QMetaType.Type.Double,
    Kind.INSTANT: QMetaType.Type.QDateTime,
    Kind.BOOLEAN: QMetaType.Type.Bool,
}
WKB_TYPES = {
    Shape.NONE: QgsWkbTypes.Type.NoGeometry,
    Shape.POINT: QgsWkbTypes.Type.Point,
    Shape.LINE: QgsWkbTypes.Type.MultiLineString,
    Shape.AREA: QgsWkbTypes.Type.MultiPolygon,
}


def qgis_fields(fields: Iterable[Field]) -> QgsFields:
    """The model's fields as QgsFields, with their titles as aliases."""
    result = QgsFields()
    for field in fields:
        column = QgsField(field.name, TYPES[field.kind])
        column.setAlias(field.title)
        result.append(column)
    return result


def qgis_value(value: Any) -> Any:
    """A value of the model as an attribute: an aware datetime as QDateTime in UTC, None as NULL."""
    if value is None:
        return NULL
    if isinstance(value, datetime):
        return qgis_instant(value)
    return value


def qgis_instant(moment: datetime) -> QDateTime:
    """An aware datetime as QDateTime in UTC, to the millisecond."""
    utc = moment.astimezone(timezone.utc)
    milliseconds = int(utc.timestamp()) * 1000 + utc.microsecond // 1000
    return QDateTime.fromMSecsSinceEpoch(milliseconds, QTimeZone.utc())


def python_value(value: Any) -> Optional[Any]:
    """An attribute as the model has it: NULL as None, the rest unchanged."""
    return None if value is None or value == NULL else value
