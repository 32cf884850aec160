"""Filling a new file with the rows of a ledger that is moved, as they are."""

from __future__ import annotations

from typing import Any

from ..model.tables import LEDGER_TABLES
from .connection import Connection, bound, driver_errors
from .store import write_all, write_as_they_are
from .triggers import trigger_names

AT_ONCE = 200


def fill_file(connection: Connection, contents: Any) -> None:
    """Put all rows into an empty ledger, whose triggers are away meanwhile; one transaction."""
    from .moving import OWN

    with driver_errors(connection.path):
        connection.dataset.StartTransaction()
    rows = connection.rows("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    triggers = [(name, sql) for name, sql in rows if name in trigger_names()]
    for name, _ in triggers:
        connection.run(f'DROP TRIGGER "{name}"')
    connection.run("DELETE FROM settings")
    _insert(connection, "settings", {"key": False, "value": False}, contents.settings())
    for table in LEDGER_TABLES:
        for page in contents.of_table(table):
            write_all(write_as_they_are(connection, table, page))
    for name, columns in OWN.items():
        for page in contents.of_own(name):
            _insert(connection, name, columns, page)
    for _, sql in triggers:
        connection.run(sql)
    with driver_errors(connection.path):
        connection.dataset.CommitTransaction()
    connection.reopen()


def _insert(connection: Connection, name: str, columns: dict[str, bool], rows: list) -> None:
    listed = ", ".join(f'"{column}"' for column in columns)
    for start in range(0, len(rows), AT_ONCE):
        values = ", ".join(_literals(columns, row) for row in rows[start : start + AT_ONCE])
        if values:
            connection.run(f'INSERT INTO "{name}"({listed}) VALUES {values}')  # nosec B608 - bound


def _literals(columns: dict[str, bool], row: tuple) -> str:
    return (
        "("
        + ", ".join(
            "NULL" if value is None else str(int(value)) if whole else bound("$value", value=value)
            for value, whole in zip(row, columns.values())
        )
        + ")"
    )
