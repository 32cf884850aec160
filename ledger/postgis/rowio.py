"""Reading and writing whole rows of a ledger in PostgreSQL."""

from __future__ import annotations

from typing import Any, Iterator, Sequence

from ...model.field import Kind, Shape, Table
from ...model.tables import INCIDENTS
from ..record_triggers import RECORDED
from ..rows import Row
from .refusals import ChangedMeanwhile, driver_errors

AT_A_TIME = 500
HIDDEN = (
    "%d records of %s are in the ledger under the same ids, but you may not see them; they were "
    "left as they are."
)


def read_rows(connection: Any, table: Table, where: str = "") -> list[Row]:
    """All rows, or those of a condition, in the order of writing.

    Inside a transaction the rows of a condition are locked, so that what is decided on them still
    holds when it is written. Incidents are not: their revision is held against what was read.
    """
    from .connection import parameters

    columns = ", ".join(f'kept."{name}"' for name in table.names())
    shape = "" if table.shape is Shape.NONE else ", ST_AsBinary(kept.geom, 'NDR')"
    lock = connection.within and where and table in RECORDED and table is not INCIDENTS
    condition, values = parameters(where)
    sql = f'SELECT kept.fid, {columns}{shape} FROM "{table.name}" AS kept {condition} ORDER BY fid'  # nosec B608 - names of the model
    sql += " FOR UPDATE" if lock else ""
    end = len(table.fields) + 1
    return [
        Row(list(found[1:end]), found[end] if shape else None, found[0])
        for found in connection.fetch(sql, values)
    ]


def write_rows(connection: Any, table: Table, rows: Sequence[Row], new: bool) -> Iterator[None]:
    """Add rows, or write them over those that have their ``fid``; yields after each."""
    write = _add if new else _change
    hidden = 0
    for start in range(0, len(rows), AT_A_TIME):
        some = rows[start : start + AT_A_TIME]
        hidden += write(connection, table, some)
        for _ in some:
            yield
    if hidden:
        connection.hidden_rows += hidden
        connection.notes.append(HIDDEN % (hidden, table.title.lower()))


def _add(connection: Any, table: Table, rows: Sequence[Row]) -> int:
    """Add rows; the number of those that are there already, out of this user's sight."""
    from psycopg2.extras import execute_values

    columns = ", ".join(f'"{name}"' for name in table.names())
    shape = "" if table.shape is Shape.NONE else ", geom"
    marks = ", ".join(["%s"] * len(table.fields))
    marks += ", ST_GeomFromWKB(%s, 4326)" if shape else ""
    # Without a target: only so may one add a record that one may not see afterwards.
    sql = f'INSERT INTO "{table.name}" ({columns}{shape}) VALUES %s ON CONFLICT DO NOTHING'  # nosec B608 - names of the model
    with connection.cursor() as cursor:
        execute_values(
            cursor, sql, [_values(table, row) for row in rows], f"({marks})", page_size=AT_A_TIME
        )
        missing = len(rows) - cursor.rowcount
    if not missing:
        return 0
    return _out_of_sight(connection, table, rows, missing)


def _out_of_sight(connection: Any, table: Table, rows: Sequence[Row], missing: int) -> int:
    """Rows that were not added are another's: visible ones came since the ledger was read."""
    key = table.names().index(table.key)
    sql = f'SELECT count(*) FROM "{table.name}" WHERE "{table.key}" = ANY(%s)'  # nosec B608 - names of the model
    ((seen,),) = connection.fetch(sql, [[row.values[key] for row in rows]])
    added_and_unseen = len(rows) - seen
    if added_and_unseen < missing:
        raise ChangedMeanwhile(
            f"Somebody else added the same {table.title.lower()} to “{connection.path}” meanwhile: "
            "run it again; nothing was written."
        )
    return missing


def _change(connection: Any, table: Table, rows: Sequence[Row]) -> int:
    from psycopg2.extras import execute_batch

    based = table is INCIDENTS
    assignments = ", ".join(f'"{name}" = %s' for name in table.names())
    assignments += "" if table.shape is Shape.NONE else ", geom = ST_GeomFromWKB(%s, 4326)"
    assignments += ", edit_base = %s" if based else ""
    sql = f'UPDATE "{table.name}" SET {assignments} WHERE fid = %s'  # nosec B608 - names of the model
    values = [(*_values(table, row), *([row.base] if based else []), row.fid) for row in rows]
    with driver_errors(connection.path), connection.driver.cursor() as cursor:
        execute_batch(cursor, sql, values, page_size=100)
    return 0


def _values(table: Table, row: Row) -> tuple:
    values = [
        bool(value) if field.kind is Kind.BOOLEAN and value is not None else value
        for field, value in zip(table.fields, row.values)
    ]
    if table.shape is Shape.NONE:
        return tuple(values)
    return (*values, None if row.geometry is None else memoryview(row.geometry))
