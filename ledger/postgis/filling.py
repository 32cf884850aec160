"""Filling a new schema with the rows of a ledger that is moved, as they are."""

from __future__ import annotations

import io
import struct
from typing import Any, Iterable, Optional, Sequence

from ...model.errors import CeasefireError
from ...model.field import Kind, Shape, Table
from ...model.tables import LEDGER_TABLES
from ..rows import Row
from .refusals import driver_errors

_WITH_SRID = 0x20000000
NUMBERED = {
    "heads": "head_id",
    "copies": "copy_id",
    "protected_values": "fid",
    "alert_status": "status_id",
}


def fill(connection: Any, contents: Any) -> None:
    """Put all rows into tables that have no triggers yet, inside a transaction of the caller."""
    from ..moving import OWN

    for table in LEDGER_TABLES:
        names = ["fid", *table.names()] + ([] if table.shape is Shape.NONE else ["geom"])
        for page in contents.of_table(table):
            _copy(connection, table.name, names, (_values(table, row) for row in page))
        _go_on(connection, table.name, "fid")
    years = set()
    for name, columns in OWN.items():
        for page in contents.of_own(name):
            if name == "incident_history":
                moment = list(columns).index("recorded_at")
                years |= {row[moment][:4] for row in page}
            _copy(connection, name, list(columns), page)
    for name, key in NUMBERED.items():
        _go_on(connection, name, key)
    for year in sorted(years):
        if year.isdigit():
            connection.execute(connection.composed("SELECT {s}.make_partition(%s)"), [int(year)])


def _values(table: Table, row: Row) -> tuple:
    values: list[Any] = [row.fid]
    for field, value in zip(table.fields, row.values):
        is_truth = field.kind is Kind.BOOLEAN and value is not None
        values.append(("t" if value else "f") if is_truth else value)
    if table.shape is not Shape.NONE:
        values.append(_with_srid(row.geometry))
    return tuple(values)


def _with_srid(wkb: Optional[bytes]) -> Optional[str]:
    """A WKB as PostGIS reads it, in EPSG:4326."""
    if wkb is None:
        return None
    order = "<" if wkb[0] == 1 else ">"
    (kind,) = struct.unpack_from(order + "I", wkb, 1)
    head = wkb[:1] + struct.pack(order + "II", kind | _WITH_SRID, 4326)
    return (head + wkb[5:]).hex()


def _copy(connection: Any, name: str, columns: Sequence[str], rows: Iterable[Sequence]) -> None:
    """Add rows by COPY, the fastest way in."""
    from psycopg2 import sql

    lines = io.StringIO()
    for row in rows:
        lines.write("\t".join(map(_escaped, row)) + "\n")
    lines.seek(0)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(connection.path.schema, name),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
    )
    with driver_errors(connection.path), connection.driver.cursor() as cursor:
        cursor.copy_expert(statement, lines)


def _escaped(value: Any) -> str:
    """A value as COPY's text format has it."""
    if value is None:
        return "\\N"
    if isinstance(value, float):
        return repr(value)
    text = str(value)
    if "\x00" in text:
        raise CeasefireError(
            "A text of the ledger holds a character of the number 0, which PostgreSQL cannot "
            "keep: it is not moved."
        )
    for character, written in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        text = text.replace(character, written)
    return text


def _go_on(connection: Any, name: str, key: str) -> None:
    """Let the next number come after the greatest that was moved."""
    from psycopg2 import sql

    table = sql.Identifier(connection.path.schema, name)
    connection.execute(
        sql.SQL(
            "SELECT pg_catalog.setval(pg_catalog.pg_get_serial_sequence(%s, %s), "
            "coalesce((SELECT max({}) FROM {}), 0) + 1, false)"
        ).format(sql.Identifier(key), table),
        [table.as_string(connection.driver), key],
    )
