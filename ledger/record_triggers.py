"""The triggers that write the histories: every insert, change and deletion, whoever makes it.

SQLite knows no user. Who edits stands in ``ledger_session`` while our code writes; a form sends
it in the stamps, three columns that the triggers read and empty again.
"""

from __future__ import annotations

from string import Template
from typing import Iterator

from ..model.field import Kind, Table
from ..model.tables import AGREEMENTS, CUSTODY, FETCHES, FINDINGS, INCIDENTS, LEDGER_TABLES
from .own_tables import INCIDENT_HISTORY, RECORD_HISTORY
from .payload import NOW, difference_sql, payload_sql

STAMPS = {
    "edited_by": (Kind.TEXT, "Edited by"),
    "edit_reason": (Kind.TEXT, "Reason of the edit"),
    "edit_base": (Kind.INTEGER, "Edited revision"),
}
ADDED_ONLY = (AGREEMENTS, CUSTODY, FETCHES, FINDINGS)
# What is edited, with a revision for each state.
RECORDED = tuple(table for table in LEDGER_TABLES if table not in ADDED_ONLY)
# What is only added to, with one revision for each row. Findings have none: they are many, and
# can be made again from what has.
RECORDED_ONCE = (AGREEMENTS, CUSTODY, FETCHES)
HISTORIED = tuple(table for table in LEDGER_TABLES if table is not FINDINGS)
# How long after a revision its signature may come: QGIS commits all places of a layer, then all
# values, in which the signature is.
SIGNED_WITHIN = "-10 minutes"

_RECENT = f"strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '{SIGNED_WITHIN}')"
NAME_IT = Template(
    """UPDATE "$table" SET "$key" = 'own:' || lower(hex(randomblob(10)))
    WHERE fid = NEW.fid AND coalesce("$key", '') = '';"""
)
# INSERT OR REPLACE deletes a row without any trigger where recursive triggers are off.
_NEW_ONE = Template(
    """SELECT RAISE(ABORT, 'Ledger: a record with this id is in $table already; change that one.')
    FROM "$table" AS state WHERE state.fid = NEW.fid AND 'delete' <> (
        SELECT operation FROM $history AS latest WHERE $of_latest
        ORDER BY revision DESC LIMIT 1);"""
)
_RECORD = Template(
    """INSERT INTO $history ($identity, revision, operation, recorded_at, payload,
        who, why, with_what, fetch_id, based_on, conflict)
    SELECT $identified, coalesce((SELECT max(revision) FROM $history AS before
            WHERE $of_before), 0) + 1,
        '$operation', $now, $payload,
        CASE WHEN signed.id IS NULL THEN state.edited_by ELSE signed.who END,
        CASE WHEN signed.id IS NULL THEN state.edit_reason ELSE signed.why END,
        signed.with_what, signed.fetch_id, state.edit_base, $conflict
    FROM "$table" AS state LEFT JOIN ledger_session AS signed ON signed.id = 1
    WHERE state.fid = NEW.fid;"""
)
_RECORD_ONCE = Template(
    """INSERT INTO record_history (table_name, record_id, revision, operation, recorded_at, payload,
        who, why, with_what, fetch_id)
    SELECT '$table', state."$key", 1, 'insert', $now, $payload,
        signed.who, signed.why, signed.with_what, signed.fetch_id
    FROM "$table" AS state LEFT JOIN ledger_session AS signed ON signed.id = 1
    WHERE state.fid = NEW.fid;"""
)
_RECORD_DELETED = Template(
    """INSERT INTO $history ($identity, revision, operation, recorded_at, payload,
        who, why, with_what, fetch_id)
    SELECT $identified, coalesce((SELECT max(revision) FROM $history AS before
            WHERE $of_before), 0) + 1,
        'delete', $now, $payload, signed.who, signed.why, signed.with_what, signed.fetch_id
    FROM (SELECT 1) LEFT JOIN ledger_session AS signed ON signed.id = 1;"""
)
_SHOW = """UPDATE incidents SET (revision, recorded_at) = (
        SELECT revision, recorded_at FROM incident_history AS latest
        WHERE latest.incident_id = incidents.incident_id ORDER BY latest.revision DESC LIMIT 1)
    WHERE fid = NEW.fid;"""
_SHOW_AND_EMPTY = """UPDATE incidents SET (revision, recorded_at) = (
        SELECT revision, recorded_at FROM incident_history AS latest
        WHERE latest.incident_id = incidents.incident_id ORDER BY latest.revision DESC LIMIT 1),
        edited_by = NULL, edit_reason = NULL, edit_base = NULL
    WHERE fid = NEW.fid;"""
_EMPTY = Template(
    """UPDATE "$table" SET edited_by = NULL, edit_reason = NULL, edit_base = NULL
    WHERE fid = NEW.fid AND (edited_by IS NOT NULL OR edit_reason IS NOT NULL
        OR edit_base IS NOT NULL);"""
)
# A form's place and its values come as two UPDATEs. The first bears no stamps: it is unsigned,
# recent, not sealed, and nothing but the place differs.
_OPEN = Template(
    """$row.who IS NULL AND $row.why IS NULL AND $row.with_what IS NULL
        AND $row.fetch_id IS NULL AND $row.based_on IS NULL AND $row.recorded_at >= $recent
        AND $row.history_id > coalesce((SELECT max(history_id) FROM chain
            WHERE history = '$history'), 0)"""
)
_MOVED_ONLY = Template(
    """EXISTS (SELECT 1 FROM $history AS former WHERE $of_former
        AND former.revision = $row.revision - 1
        AND substr(former.payload, 1, instr(former.payload, ',"geometry":'))
            = substr($row.payload, 1, instr($row.payload, ',"geometry":')))"""
)
_CONFLICT = Template(
    """CASE WHEN NEW.edit_base IS NULL THEN NULL ELSE EXISTS (
        SELECT 1 FROM $history AS other WHERE $of_other
            AND other.revision > NEW.edit_base AND other.revision < $until
            AND (other.who IS NOT $me OR $me IS NULL)
            AND NOT ($open AND $moved_only)) END"""
)
_SIGN = Template(
    """UPDATE $history SET who = NEW.edited_by, why = NEW.edit_reason, based_on = NEW.edit_base,
        conflict = $conflict
    WHERE $of_row AND (NEW.edited_by IS NOT NULL OR NEW.edit_reason IS NOT NULL)
        AND NOT EXISTS (SELECT 1 FROM ledger_session)
        AND $history.revision > coalesce(NEW.edit_base, 0)
        AND $history.revision = (SELECT max(revision) FROM $history AS latest WHERE $of_latest)
        AND $open$moved;"""
)
_AFTER = Template('CREATE TRIGGER "${table}_$name" AFTER $event ON "$table"$when BEGIN $steps END')
# An edit form sends the revision that it once read: what the triggers keep is put back.
_KEPT = Template(
    """CREATE TRIGGER incidents_stamped AFTER UPDATE OF revision, recorded_at ON incidents
    WHEN (NEW.revision IS NOT OLD.revision OR NEW.recorded_at IS NOT OLD.recorded_at)
        AND EXISTS (SELECT 1 FROM incident_history AS latest
        WHERE latest.incident_id = NEW.incident_id AND latest.revision = (
            SELECT max(revision) FROM incident_history AS any_one
            WHERE any_one.incident_id = NEW.incident_id)
        AND (latest.revision IS NOT NEW.revision OR latest.recorded_at IS NOT NEW.recorded_at))
    BEGIN $show END"""
)


def history_of(table: Table) -> str:
    """The name of the history that holds a table's revisions."""
    return INCIDENT_HISTORY if table is INCIDENTS else RECORD_HISTORY


def recording_statements(table: Table) -> Iterator[str]:
    """The triggers that write the history of one table."""
    yield _trigger(table, "inserted", "INSERT", "", _inserted(table))
    yield _trigger(table, "updated", "UPDATE", f" WHEN {difference_sql(table)}", _updated(table))
    stamped = " OR ".join(f"NEW.{name} IS NOT NULL" for name in STAMPS)
    yield _trigger(
        table,
        "signed",
        f"UPDATE OF {', '.join(STAMPS)}",
        f" WHEN ({stamped}) AND NOT ({difference_sql(table)})",
        [_sign(table, moved_only=False), _EMPTY.substitute(table=table.name)],
    )
    if table is INCIDENTS:
        yield _KEPT.substitute(show=_SHOW)


def recording_once_statement(table: Table) -> str:
    """The trigger that writes the one revision of each row of a table that is only added to."""
    name_it = NAME_IT.substitute(table=table.name, key=table.key)
    payload = payload_sql(table, "state.")
    record = _RECORD_ONCE.substitute(table=table.name, key=table.key, now=NOW, payload=payload)
    return _trigger(table, "inserted", "INSERT", "", [name_it, record])


def deletion_statement(table: Table) -> str:
    """The trigger that keeps the last state of a deleted record."""
    deleted = _RECORD_DELETED.substitute(
        history=history_of(table),
        identity=_identity(table),
        identified=_identified(table, f'OLD."{table.key}"'),
        of_before=_of(table, "before", f'OLD."{table.key}"'),
        now=NOW,
        payload=payload_sql(table, "OLD."),
    )
    return _trigger(table, "deleted", "DELETE", "", [deleted])


def _inserted(table: Table) -> list[str]:
    key = f'state."{table.key}"'
    new_one = _NEW_ONE.substitute(
        table=table.name, history=history_of(table), of_latest=_of(table, "latest", key)
    )
    name_it = NAME_IT.substitute(table=table.name, key=table.key)
    return [name_it, new_one, _record(table, "insert", "NULL"), _last_step(table)]


def _updated(table: Table) -> list[str]:
    me = "CASE WHEN signed.id IS NULL THEN NEW.edited_by ELSE signed.who END"
    conflict = _conflict(table, until="9e18", me=f"({me})")
    return [_sign(table, moved_only=True), _record(table, "update", conflict), _last_step(table)]


def _last_step(table: Table) -> str:
    return _SHOW_AND_EMPTY if table is INCIDENTS else _EMPTY.substitute(table=table.name)


def _record(table: Table, operation: str, conflict: str) -> str:
    key = f'state."{table.key}"'
    return _RECORD.substitute(
        history=history_of(table),
        table=table.name,
        identity=_identity(table),
        identified=_identified(table, key),
        of_before=_of(table, "before", key),
        operation=operation,
        now=NOW,
        payload=payload_sql(table, "state."),
        conflict=conflict,
    )


def _sign(table: Table, moved_only: bool) -> str:
    history = history_of(table)
    moved = f" AND {_moved_only(table, history)}" if moved_only else ""
    return _SIGN.substitute(
        history=history,
        conflict=_conflict(table, until=f"{history}.revision", me="NEW.edited_by"),
        of_row=_of(table, history, f'NEW."{table.key}"'),
        of_latest=_of(table, "latest", f'NEW."{table.key}"'),
        open=_open(table, history),
        moved=moved,
    )


def _conflict(table: Table, until: str, me: str) -> str:
    return _CONFLICT.substitute(
        history=history_of(table),
        of_other=_of(table, "other", f'NEW."{table.key}"'),
        until=until,
        me=me,
        open=_open(table, "other"),
        moved_only=_moved_only(table, "other"),
    )


def _open(table: Table, row: str) -> str:
    return _OPEN.substitute(row=row, recent=_RECENT, history=history_of(table))


def _moved_only(table: Table, row: str) -> str:
    return _MOVED_ONLY.substitute(
        history=history_of(table),
        of_former=_of(table, "former", f'NEW."{table.key}"'),
        row=row,
    )


def _identity(table: Table) -> str:
    return "incident_id" if table is INCIDENTS else "table_name, record_id"


def _identified(table: Table, key: str) -> str:
    return key if table is INCIDENTS else f"'{table.name}', {key}"


def _of(table: Table, alias: str, key: str) -> str:
    if table is INCIDENTS:
        return f"{alias}.incident_id = {key}"
    return f"{alias}.table_name = '{table.name}' AND {alias}.record_id = {key}"


def _trigger(table: Table, name: str, event: str, when: str, steps: list[str]) -> str:
    return _AFTER.substitute(
        table=table.name, name=name, event=event, when=when, steps=" ".join(steps)
    )
