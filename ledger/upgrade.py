"""Ledgers that an earlier version made: what they lack is added, or taken as empty."""

from __future__ import annotations

from ..model.errors import CeasefireError
from ..model.field import Table
from ..model.tables import LEDGER_TABLES
from .connection import Connection, Session, driver_errors
from .schema import (
    FLAGS_INDEX,
    KEY_INDEX,
    SCHEMA_VERSION,
    column_of,
    create_layer,
    missing_columns,
    write_titles_of,
)
from .settings import read_settings, with_what, write_setting
from .triggers import LAYERS_STAY, trigger_statements

NEW_TABLES = {2: ("weapon_sightings", "storage_sites", "inventories", "agreements")}
NEW_COLUMNS = {
    2: {
        "findings": (
            "side_probability",
            "sighting_id",
            "site_id",
            "agreement_id",
            "clause",
            "rule",
            "party",
            "verdict",
            "probability",
            "probability_basis",
            "measured_m",
            "limit_m",
            "distance_to_compliance_m",
            "counted_low",
            "counted_high",
            "limit_count",
            "period_from",
            "period_to",
            "rests_on",
        )
    }
}


def settle(connection: Connection, version: int) -> None:
    """Bring an older ledger to this version, or where it is open for reading, remember what it
    lacks. CeasefireError where it lacks what every ledger of its version has.
    """
    missing = missing_columns(connection)
    lost = [
        f"{table}.{column}"
        for table, columns in missing.items()
        for column in columns
        if not _came_later(table, column, version)
    ]
    if lost:
        raise CeasefireError(
            f"“{connection.path}” lacks {', '.join(lost[:5])}: restore the ledger from a copy."
        )
    if version < SCHEMA_VERSION and connection.update:
        _upgrade(connection)
    else:
        connection.absent = missing


def _came_later(table: str, column: str, version: int) -> bool:
    later = range(version + 1, SCHEMA_VERSION + 1)
    return any(
        table in NEW_TABLES.get(number, ()) or column in NEW_COLUMNS.get(number, {}).get(table, ())
        for number in later
    )


def _upgrade(connection: Connection) -> None:
    """Add what is lacking, in one transaction; nothing that is there is changed."""
    with connection.transaction(Session(with_what=with_what())):
        # Another program may have done it since the file was opened.
        version = int(read_settings(connection)["schema_version"] or 0)
        if version < SCHEMA_VERSION:
            missing = missing_columns(connection)
            for table in LEDGER_TABLES:
                if table.name in missing:
                    _complete(connection, table, missing[table.name])
            _renew_triggers(connection)
            connection.run(FLAGS_INDEX)
            write_setting(connection, "schema_version", str(SCHEMA_VERSION))
    connection.reopen()


def _complete(connection: Connection, table: Table, missing: list[str]) -> None:
    if len(missing) == len(table.fields):
        create_layer(connection, table)
        connection.run(KEY_INDEX.substitute(table=table.name, key=table.key))
    else:
        layer = connection.layer(table.name)
        with driver_errors(connection.path):
            for field in table.fields:
                if field.name in missing:
                    layer.CreateField(column_of(table, field))
            layer.SyncToDisk()
    write_titles_of(connection, table, missing)


def _renew_triggers(connection: Connection) -> None:
    """Add the triggers of the new tables; those that list the tables are made anew."""
    for name in LAYERS_STAY:
        connection.run(f'DROP TRIGGER IF EXISTS "{name}"')
    there = {
        name for (name,) in connection.rows("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    }
    for statement in trigger_statements():
        if _name_of(statement) not in there:
            connection.run(statement)


def _name_of(statement: str) -> str:
    return statement.split(None, 3)[2].strip('"')
