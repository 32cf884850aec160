"""The records of an ArcGIS reply as rows: dates, coded values, geometry of any reference system."""

from __future__ import annotations

from typing import Any, Mapping, Optional

from ..instants import instant_text, of_milliseconds
from ..reference import esri_reference, to_degrees
from ..shapes import NOWHERE, Shapes
from .arcgislayer import ArcGISLayer
from .featurerows import FeatureRows


class ArcGISRows:
    """Turns records (``attributes`` or GeoJSON's ``properties``) into rows, reply by reply."""

    def __init__(self, layer: ArcGISLayer):
        self.layer = layer
        options = layer.options
        self.midnight_is_a_day = options.get("midnight") != "time"
        self.table = FeatureRows(
            (one["name"] for one in layer.fields), layer.located, options.get("midnight", "day")
        )
        self.dates = {one["name"] for one in layer.fields if one["type"] == "esriFieldTypeDate"}
        self.words = coded(layer) if options.get("domains") is not False else {}
        self.own_id = options.get("id_field") or layer.global_id
        self._systems: dict[str, Any] = {}
        self.without_id = 0

    def number(self, record: Mapping[str, Any], reply: Mapping[str, Any]) -> Optional[int]:
        """The record's object id; None where neither layer nor reply names the field."""
        field = reply.get("objectIdFieldName") or self.layer.object_id or oid_of(reply)
        value = attribute(record, field)
        if value is None and "attributes" not in record:
            value = record.get("id")
        try:
            return None if value is None else int(value)
        except (TypeError, ValueError):
            return None

    def take(self, records: list, reply: Mapping[str, Any]) -> tuple[list, list, tuple]:
        """(columns, rows, sentences) of the records of one reply."""
        shapes = Shapes(self._transform(reply, records), "the layer")
        for record in records:
            values = dict(record.get("attributes") or record.get("properties") or {})
            own = attribute(record, self.own_id) if self.own_id else None
            if own is None:
                own = self.number(record, reply)
            if own is None:
                self.without_id += 1
            for name in values:
                if name in self.dates:
                    values[name] = self._date(values[name])
                elif name in self.words:
                    values[name] = self.words[name].get(str(values[name]), values[name])
            self.table.add(own, values, self._place(record, shapes))
        columns, rows = self.table.take()
        return columns, rows, shapes.sentence()

    def _date(self, value: Any) -> Any:
        moment = of_milliseconds(value)
        return value if moment is None else instant_text(moment, self.midnight_is_a_day)

    def _place(self, record: Mapping[str, Any], shapes: Shapes) -> list:
        if not self.layer.located:
            return list(NOWHERE)
        geometry = record.get("geometry")
        if isinstance(geometry, Mapping) and "type" in geometry:
            return shapes.geojson(geometry)
        return shapes.esri(geometry)

    def _transform(self, reply: Mapping[str, Any], records: list):
        """From the reply's own reference system, whatever was asked for; GeoJSON is degrees."""
        if not self.layer.located or reply.get("type") == "FeatureCollection":
            return None
        given = reply.get("spatialReference")
        if not given and not all(in_degrees(one.get("geometry")) for one in records[:50]):
            given = (self.layer.meta.get("extent") or {}).get("spatialReference")
        key = repr(given)
        if key not in self._systems:
            self._systems[key] = to_degrees(esri_reference(given))
        return self._systems[key]


def attribute(record: Mapping[str, Any], field: Optional[str]) -> Any:
    """A record's value of a field, whatever the case of its name."""
    values = record.get("attributes") or record.get("properties") or {}
    if field is None:
        return None
    if field in values:
        return values[field]
    wanted = field.casefold()
    return next((value for name, value in values.items() if name.casefold() == wanted), None)


def oid_of(reply: Mapping[str, Any]) -> Optional[str]:
    """The field of a reply that is typed as object id."""
    for one in reply.get("fields") or []:
        if one.get("type") == "esriFieldTypeOID":
            return one["name"]
    return None


def coded(layer: ArcGISLayer) -> dict[str, dict[str, str]]:
    """By field, the names of its coded values: what a person chose in a form."""
    found = {}
    for one in layer.fields:
        values = (one.get("domain") or {}).get("codedValues") or []
        if values:
            found[one["name"]] = {
                str(v.get("code")): v.get("name") for v in values if v.get("name")
            }
    return found


def in_degrees(geometry: Any) -> bool:
    """Whether the first numbers of a geometry can be degrees."""
    if not isinstance(geometry, Mapping):
        return True
    value: Any = geometry.get("x")
    if value is None:
        value = next((geometry[k] for k in ("points", "paths", "rings") if geometry.get(k)), None)
        while isinstance(value, list) and value:
            value = value[0]
    return not isinstance(value, (int, float)) or abs(value) <= 360
