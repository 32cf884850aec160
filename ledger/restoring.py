"""Writing an earlier state of a record again: a new revision, nothing of the history is removed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from ..model.errors import CeasefireError
from ..model.field import Table
from ..model.tables import PROTECTED
from .connection import Connection, Session
from .history import Revision, kept_of, read_history
from .payload import BY_TRIGGER, decoded
from .record_triggers import RECORDED_ONCE
from .rows import Row
from .store import rows_by_key, write_all, write_changed, write_new


@dataclass(frozen=True)
class Restored:
    """What restoring did: the record's revision now, the fields that it set, and whether the
    record had been deleted and was brought back. No fields: it stood in that state already."""

    revision: int
    fields: list[str]
    brought_back: bool


def restore(
    connection: Connection, table: Table, record_id: str, revision: int, session: Session
) -> Restored:
    """Write the state that a record had in a revision again, in one transaction.

    What the table did not have then stays as it is. CeasefireError where no reason is given, or
    there is no such record or revision, or the table's records are not restored.
    """
    kept_of(table)
    if table in RECORDED_ONCE:
        raise CeasefireError(
            f"{table.title} are added and never changed: there is nothing to restore."
        )
    if table is PROTECTED:
        raise CeasefireError(
            "Protected values are not restored: what was erased is meant to be gone."
        )
    if not (session.why or "").strip():
        raise CeasefireError("No reason was given: say why the earlier state is restored.")
    with connection.transaction(session):
        revisions = read_history(connection, record_id, table)
        state = _wanted(table, record_id, revision, revisions)
        old = rows_by_key(connection, table, [record_id]).get(record_id)
        row = _row_again(table, state, old)
        fields = [] if old is None else _set_again(table, old, row)
        if old is None:
            write_all(write_new(connection, table, [row]))
        elif fields:
            write_all(write_changed(connection, table, [row]))
    # A team's ledger writes its history as the transaction ends.
    latest = read_history(connection, record_id, table)[-1].revision
    return Restored(latest, fields or ([] if old else table.names()), old is None)


def _wanted(table: Table, record_id: str, revision: int, revisions: list[Revision]) -> Revision:
    if not revisions:
        raise CeasefireError(
            f"{table.title} have no record “{record_id}” in their history: check the id."
        )
    for item in revisions:
        if item.revision == revision:
            return item
    first, last = revisions[0].revision, revisions[-1].revision
    raise CeasefireError(
        f"“{record_id}” of {table.title.lower()} has no revision {revision}: "
        f"it has {first} to {last}."
    )


def _row_again(table: Table, state: Revision, old: Optional[Row]) -> Row:
    values = decoded(state.payload_text)
    now = old.values if old is not None else [None] * len(table.fields)
    again = [
        before if field.name in BY_TRIGGER else values.get(field.name, before)
        for field, before in zip(table.fields, now)
    ]
    return Row(again, values.get("geometry"), old.fid if old is not None else None)


def _set_again(table: Table, old: Row, row: Row) -> list[str]:
    """The fields in which the rows differ at all."""
    fields = [
        field.name
        for field, before, after in zip(table.fields, old.values, row.values)
        if before != after
    ]
    return fields + (["geometry"] if old.geometry != row.geometry else [])
