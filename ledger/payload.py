"""The canonical text of one state of a record: how SQL writes it and how Python reads it.

The same text is what triggers keep as history, what the custody chain is computed over, and how
whole tables are read. `docs/ledger.md` defines it for other programs.
"""

from __future__ import annotations

import json
import struct
from string import Template
from typing import Any, Optional

from ..model.field import Field, Kind, Shape, Table
from ..model.tables import INCIDENTS

GEOMETRY = "geom"
# Of an incident.
BY_TRIGGER = ("revision", "recorded_at")
NOW = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"

_REAL = Template(
    "CASE WHEN $c > 1.7976931348623157e308 THEN '9e999' "
    "WHEN $c < -1.7976931348623157e308 THEN '-9e999' ELSE printf('%!.17g', $c) END"
)
_ANY = Template(
    "CASE typeof($c) WHEN 'null' THEN 'null' WHEN 'integer' THEN $c WHEN 'real' THEN ($real) "
    "WHEN 'text' THEN json_quote($c) ELSE '\"' || hex($c) || '\"' END"
)
_TEXT = Template("CASE typeof($c) WHEN 'blob' THEN '\"' || hex($c) || '\"' ELSE json_quote($c) END")
_INSTANT = Template(
    "CASE WHEN typeof($c) <> 'text' OR $c GLOB '????-??-??T??:??:??.???Z' THEN $any "
    "ELSE json_quote(coalesce(strftime('%Y-%m-%dT%H:%M:%fZ', $c), $c)) END"
)
# A GeoPackage's header is 8 bytes and an envelope whose size stands in bits 1 to 3 of byte 4.
_WKB = Template(
    "hex(substr($c, 9 + CASE substr(hex(substr($c, 4, 1)), 2, 1) WHEN '0' THEN 0 WHEN '1' THEN 0 "
    "WHEN '2' THEN 32 WHEN '3' THEN 32 WHEN '8' THEN 64 WHEN '9' THEN 64 ELSE 48 END))"
)


def recorded_fields(table: Table) -> tuple[Field, ...]:
    """The fields whose values make up a state: all but those that the triggers keep."""
    if table is not INCIDENTS:
        return table.fields
    return tuple(field for field in table.fields if field.name not in BY_TRIGGER)


def value_sql(column: str, kind: Kind) -> str:
    """The SQL expression of one column's value as JSON text."""
    anything = _ANY.substitute(c=column, real=_REAL.substitute(c=column))
    if kind is Kind.TEXT:
        return _TEXT.substitute(c=column)
    if kind is Kind.INSTANT:
        return _INSTANT.substitute(c=column, any=anything)
    return anything


def geometry_sql(column: str) -> str:
    """The SQL expression of a geometry as JSON text: hexadecimal WKB without header, or null."""
    return Template("CASE WHEN $c IS NULL THEN 'null' ELSE '\"' || $wkb || '\"' END").substitute(
        c=column, wkb=_WKB.substitute(c=column)
    )


def payload_sql(table: Table, prefix: str, fields: Optional[tuple[Field, ...]] = None) -> str:
    """The SQL expression of a row's canonical text; ``prefix`` is ``NEW.`` or an alias."""
    fields = recorded_fields(table) if fields is None else fields
    keys = [field.name for field in fields]
    values = [value_sql(f'{prefix}"{field.name}"', field.kind) for field in fields]
    if table.shape is not Shape.NONE:
        keys.append("geometry")
        values.append(geometry_sql(prefix + GEOMETRY))
    pattern = "{" + ",".join(f'"{key}":%s' for key in keys) + "}"
    return "printf('" + pattern + "', " + ", ".join(values) + ")"


def difference_sql(table: Table, fields: Optional[tuple[Field, ...]] = None) -> str:
    """The SQL condition that OLD and NEW differ in content, not only in how it is spelt.

    ``fields`` are those that are compared, by default all of a state; the geometry always is.
    """
    key = table.key
    parts = []
    for field in recorded_fields(table) if fields is None else fields:
        old, new = f'OLD."{field.name}"', f'NEW."{field.name}"'
        if field.name == key:
            continue
        if field.kind is Kind.INSTANT:
            both = (value_sql(old, field.kind), value_sql(new, field.kind))
            parts.append(f"({old} IS NOT {new} AND {both[0]} IS NOT {both[1]})")
        else:
            parts.append(f"{old} IS NOT {new}")
    if table.shape is not Shape.NONE:
        old, new = f"OLD.{GEOMETRY}", f"NEW.{GEOMETRY}"
        both = (geometry_sql(old), geometry_sql(new))
        parts.append(f"({old} IS NOT {new} AND {both[0]} IS NOT {both[1]})")
    return " OR ".join(parts)


def decoded(text: str) -> dict[str, Any]:
    """A payload's values by field; instants stay text, ``geometry`` becomes WKB bytes or None."""
    values = json.loads(text)
    wkb = values.get("geometry")
    if wkb is not None:
        values["geometry"] = bytes.fromhex(wkb)
    return values


def point_of(wkb: Optional[bytes]) -> Optional[tuple[float, float]]:
    """Longitude and latitude of a point's WKB; None for no or an empty point."""
    if not wkb:
        return None
    order = "<" if wkb[0] == 1 else ">"
    code = struct.unpack_from(order + "I", wkb, 1)[0] & 0xFFFF
    if code % 1000 != 1:
        return _inside(wkb)
    longitude, latitude = struct.unpack_from(order + "dd", wkb, 5)
    return None if longitude != longitude else (longitude, latitude)


def point_wkb(longitude: float, latitude: float) -> bytes:
    """A point as little-endian WKB."""
    return struct.pack("<BIdd", 1, 1, longitude, latitude)


def _inside(wkb: bytes) -> Optional[tuple[float, float]]:
    """A point inside a geometry that another program put where points are kept."""
    import shapely

    point = shapely.point_on_surface(shapely.from_wkb(wkb))
    return None if point is None or point.is_empty else (point.x, point.y)
