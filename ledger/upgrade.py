"""Ledgers that an earlier version made: copied, then brought to this version, or read as they are.

An upgrade adds; nothing that is there is changed. All of it is one transaction, after a copy of
the file as it was: stopped, killed or out of room in the middle, the ledger is as it was before.
"""

from __future__ import annotations

import contextlib
import os
import re
import time
import uuid
from pathlib import Path
from string import Template

from ..model.errors import CeasefireError
from ..model.field import Table
from ..model.tables import INCIDENTS, LEDGER_TABLES
from .connection import Connection, Session, bound, driver_errors
from .copying import note_copy, removed, synced, write_copy
from .own_tables import DEFINITIONS, INCIDENT_HISTORY, RECORD_HISTORY, TITLES
from .payload import NOW, payload_sql
from .record_triggers import HISTORIED, RECORDED, STAMPS
from .schema import (
    ALERTS_INDEX,
    FLAGS_INDEX,
    KEY_INDEX,
    SCHEMA_VERSION,
    TITLE,
    column_of,
    create_layer,
    create_own_tables,
    create_stamps,
    missing_columns,
    write_stamps_of,
    write_titles_of,
)
from .settings import read_settings, with_what, write_setting
from .stored_styles import write_styles
from .triggers import trigger_names, trigger_statements

NEW_TABLES = {
    2: ("weapon_sightings", "storage_sites", "inventories", "agreements"),
    3: (
        "alert_rules",
        "alerts",
        "links",
        "harm",
        "claims",
        "restrictions",
        "evidence",
        "custody",
        "protected",
        "feeds",
    ),
}
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
    },
    3: {
        "incidents": ("reliability", "credibility"),
        "fetches": (
            *("feed_id", "run_id", "complete", "withdrawn", "reappeared", "version"),
            "raw_evidence",
        ),
    },
}
# Columns of histories that came later; the histories themselves are among the own tables.
NEW_IN_HISTORY = {INCIDENT_HISTORY: ("based_on", "conflict")}
# What a killed upgrade left of its copy is nobody's any more when it is this old.
LEFT_FOR_S = 3600
_LEFT = r"\.[0-9a-f]{8}\.%s\.before-version-\d+(-\d+)?\.gpkg(-journal|-wal|-shm)?"
WHY_FIRST = "already there when histories of records began"
_UNNAMED = Template(
    """UPDATE "$table" SET "$key" = 'own:' || lower(hex(randomblob(10)))
    WHERE coalesce("$key", '') = ''"""
)
_FIRST = Template(
    """INSERT INTO record_history
    (table_name, record_id, revision, operation, recorded_at, payload, who, why, with_what)
    SELECT '$table', state."$key", 1, 'insert', $now, $payload, NULL, $$why, $$with_what
    FROM "$table" AS state ORDER BY state.fid"""
)


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
    lacking = _own_tables_lacking(connection)
    if version == SCHEMA_VERSION:
        lost += lacking
    if lost:
        raise CeasefireError(
            f"“{connection.path}” lacks {', '.join(lost[:5])}: restore the ledger from a copy."
        )
    if version < SCHEMA_VERSION and connection.update:
        _upgrade(connection, version)
    elif version < SCHEMA_VERSION:
        connection.absent = {**missing, **_history_absent(lacking)}
    if connection.update:
        _remove_leftovers(connection.path)


def _remove_leftovers(place: Path) -> None:
    """Remove what upgrades of this very file that were killed left of the copies that they made.

    Whatever else is there stays: also a copy that somebody may be writing just now.
    """
    of_ours = re.compile(_LEFT % re.escape(place.stem))
    oldest = time.time() - LEFT_FOR_S
    with contextlib.suppress(OSError), os.scandir(place.parent) as found:
        for item in found:
            if not of_ours.fullmatch(item.name) or not item.is_file(follow_symlinks=False):
                continue
            if item.stat(follow_symlinks=False).st_mtime < oldest:
                removed(Path(item.path))


def _came_later(table: str, column: str, version: int) -> bool:
    later = range(version + 1, SCHEMA_VERSION + 1)
    return any(
        table in NEW_TABLES.get(number, ()) or column in NEW_COLUMNS.get(number, {}).get(table, ())
        for number in later
    )


def _own_tables_lacking(connection: Connection) -> list[str]:
    there = {name for (name,) in connection.rows("SELECT name FROM sqlite_master")}
    return [name for name in DEFINITIONS if name not in there]


def _history_absent(lacking: list[str]) -> dict[str, list[str]]:
    absent = {name: list(columns) for name, columns in NEW_IN_HISTORY.items()}
    return {**absent, **{name: ["*"] for name in lacking}}


def _upgrade(connection: Connection, version: int) -> None:
    copy = _copy_beside(connection, version)
    try:
        done = _add_what_is_lacking(connection, version, copy)
    except BaseException:
        removed(copy)
        raise
    connection.reopen()
    if not done:
        removed(copy)
        return
    connection.notes.append(
        f"“{connection.path}” was made by an earlier Ceasefire Monitor and was brought from "
        f"ledger version {version} to {SCHEMA_VERSION}. As it was, it lies in “{copy}”."
    )


def _copy_beside(connection: Connection, version: int) -> Path:
    """A copy of the file as it is, whole or not there at all."""
    place = connection.path
    final = _free_name(place)
    beside = place.with_name(f".{uuid.uuid4().hex[:8]}.{final.name}")
    try:
        write_copy(connection, beside)
        synced(beside)
        os.rename(beside, final)
    except (CeasefireError, OSError) as error:
        reason = str(error) if isinstance(error, CeasefireError) else os.strerror(error.errno)
        raise CeasefireError(
            f"“{place}” is a ledger of version {version} and is copied before it is brought to "
            f"version {SCHEMA_VERSION}, which failed: {reason.rstrip('.')}. Free some room in its "
            "folder or get the right to write there and open it again, or open it for reading; "
            "nothing was changed."
        ) from None
    finally:
        removed(beside)
    return final


def _free_name(place: Path) -> Path:
    name = f"{place.stem}.before-version-{SCHEMA_VERSION}"
    final, number = place.with_name(name + ".gpkg"), 1
    while final.exists():
        number += 1
        final = place.with_name(f"{name}-{number}.gpkg")
    return final


def _add_what_is_lacking(connection: Connection, version: int, copy: Path) -> bool:
    """All in one transaction; False where another program did it since the file was opened."""
    with connection.transaction(Session(with_what=with_what())):
        if int(read_settings(connection)["schema_version"] or 0) >= SCHEMA_VERSION:
            return False
        missing = missing_columns(connection)
        for table in LEDGER_TABLES:
            if table.name in missing:
                _complete(connection, table, missing[table.name])
            if table in RECORDED and not _has_stamps(connection, table):
                create_stamps(connection, connection.layer(table.name))
                write_stamps_of(connection, table)
        for name, columns in NEW_IN_HISTORY.items():
            for column in columns:
                connection.run(f'ALTER TABLE "{name}" ADD COLUMN "{column}" INTEGER')
                title = TITLES[name][column]
                connection.run(bound(TITLE, table=name, column=column, title=title))
        without_history = RECORD_HISTORY in _own_tables_lacking(connection)
        _drop_triggers(connection)
        connection.run(FLAGS_INDEX)
        connection.run(ALERTS_INDEX)
        create_own_tables(connection)
        if without_history:
            _write_first_revisions(connection)
        for statement in trigger_statements():
            connection.run(statement)
        write_styles(connection)
        why = f"as it was before ledger version {SCHEMA_VERSION} (it was {version})"
        note_copy(connection, copy, why)
        write_setting(connection, "schema_version", str(SCHEMA_VERSION))
    return True


def _complete(connection: Connection, table: Table, missing: list[str]) -> None:
    if len(missing) == len(table.fields):
        create_layer(connection, table)
        connection.run(KEY_INDEX.substitute(table=table.name, key=table.key))
        write_stamps_of(connection, table)
    else:
        layer = connection.layer(table.name)
        with driver_errors(connection.path):
            for field in table.fields:
                if field.name in missing:
                    layer.CreateField(column_of(table, field))
            layer.SyncToDisk()
    write_titles_of(connection, table, missing)


def _has_stamps(connection: Connection, table: Table) -> bool:
    definition = connection.layer(table.name).GetLayerDefn()
    return all(definition.GetFieldIndex(name) >= 0 for name in STAMPS)


def _drop_triggers(connection: Connection) -> None:
    """Drop the ledger's triggers of any version; the layers' own and a user's stay."""
    ours = trigger_names()
    for (name,) in connection.rows("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
        if name in ours:
            connection.run(f'DROP TRIGGER "{name}"')


def _write_first_revisions(connection: Connection) -> None:
    """Give every record that has no history the state that it is in now as its first."""
    for table in HISTORIED:
        if table is INCIDENTS:
            continue
        connection.run(_UNNAMED.substitute(table=table.name, key=table.key))
        payload = payload_sql(table, "state.").replace("$", "$$")
        sql = _FIRST.substitute(table=table.name, key=table.key, now=NOW, payload=payload)
        connection.run(bound(sql, why=WHY_FIRST, with_what=with_what()))
