"""The canonical text of one state of a record, as PostgreSQL writes it.

Keys, order, texts, moments and geometries are those of `ledger/payload.py`. Numbers are the
shortest digits that read back exactly (where SQLite writes seventeen), always with a point.
"""

from __future__ import annotations

from string import Template

from ...model.field import Kind, Shape, Table
from ..payload import recorded_fields

_REAL = Template(
    "CASE WHEN $c IS NULL OR $c = 'NaN' THEN 'null' WHEN $c = 'Infinity' THEN '9e999' "
    "WHEN $c = '-Infinity' THEN '-9e999' WHEN $c::text ~ '[.e]' THEN $c::text "
    "ELSE $c::text || '.0' END"
)
INSTANT = 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'
NOW = f"to_char(clock_timestamp() AT TIME ZONE 'UTC', '{INSTANT}')"
VALUES = {
    Kind.TEXT: Template("coalesce(to_json($c)::text, 'null')"),
    Kind.INTEGER: Template("coalesce($c::text, 'null')"),
    Kind.BOOLEAN: Template("coalesce($c::integer::text, 'null')"),
    Kind.REAL: _REAL,
    Kind.INSTANT: Template(
        f"coalesce('\"' || to_char($c AT TIME ZONE 'UTC', '{INSTANT}') || '\"', 'null')"
    ),
}
_GEOMETRY = (
    "coalesce('\"' || upper(encode({g}.ST_AsBinary(state.geom, 'NDR'), 'hex')) || '\"', 'null')"
)


def payload_statement(table: Table) -> str:
    """The function ``payload_of(row)`` of one table."""
    parts = []
    for number, field in enumerate(recorded_fields(table)):
        value = VALUES[field.kind].substitute(c=f'state."{field.name}"')
        parts.append(f"""'{"," if number else "{{"}"{field.name}":' || {value}""")
    if table.shape is not Shape.NONE:
        parts.append(f"""',"geometry":' || {_GEOMETRY}""")
    text = " || ".join(parts) + " || '}}'"
    return f"""CREATE FUNCTION {{s}}.payload_of(state {{s}}."{table.name}") RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE AS $body$ SELECT {text} $body$"""
