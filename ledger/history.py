"""Reading the history of records: every state, by whom and why, the oldest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from string import Template
from typing import Any, Iterable, Optional

from ..model.errors import CeasefireError
from ..model.field import Table
from ..model.tables import INCIDENTS
from .connection import Connection, bound
from .own_tables import INCIDENT_HISTORY, RECORD_HISTORY
from .payload import decoded
from .record_triggers import HISTORIED
from .rows import instant_of, instants_of, place, state_of
from .schema import RECORDS
from .store import CHUNK

_OF_ONE = Template(
    "SELECT history_id + 0 AS row_number, revision, operation, recorded_at || '' AS moment, "
    "payload, who, why, with_what, fetch_id, $based_on + 0 AS based_on, $conflict + 0 AS conflict "
    "FROM $history WHERE $condition AND $record = $id ORDER BY revision"
)
_OF_SOME = (
    "SELECT history_id + 0 AS row_number, incident_id, operation, payload, fetch_id "
    "FROM incident_history WHERE incident_id IN ($ids) ORDER BY incident_id, revision"
)


@dataclass(frozen=True)
class Kept:
    """Where the states of one table's records are kept: the history's table, its column of the
    record's id, and the SQL condition that picks the table's rows."""

    history: str
    record: str
    condition: str


def kept_of(table: Table) -> Kept:
    """Where a table's states are kept; CeasefireError for findings, which have no history."""
    if table is INCIDENTS:
        return Kept(INCIDENT_HISTORY, "incident_id", "1 = 1")
    if table not in HISTORIED:
        raise CeasefireError(
            f"{table.title} have no history: they are added and never changed. "
            "Choose another table."
        )
    return Kept(RECORD_HISTORY, "record_id", f"table_name = '{table.name}'")


@dataclass(frozen=True)
class Revision:
    """One state of a record as recorded at one moment.

    ``payload`` holds the state after by field, instants as aware UTC datetimes, the place as
    ``longitude`` and ``latitude`` or, of lines, areas and sites, as a shapely ``geometry``;
    ``payload_text`` is the stored text. Of a ``delete`` it is the last state. ``who`` is None where
    nobody signed; ``fetch_id`` names the fetch that an import's revision stems from. ``based_on``
    is the revision that the editor had read, None where that is not known; ``conflict``: another
    edit came between.
    """

    history_id: int
    table: str
    record_id: str
    revision: int
    operation: str
    recorded_at: Optional[datetime]
    payload: dict[str, Any]
    payload_text: str
    who: Optional[str]
    why: Optional[str]
    with_what: Optional[str]
    fetch_id: Optional[str]
    based_on: Optional[int] = None
    conflict: bool = False

    @property
    def incident_id(self) -> str:
        """The record's id, where it is an incident."""
        return self.record_id


def is_kept(connection: Connection, kept: Kept) -> bool:
    """Whether the file keeps that history; an older one, open for reading, may not."""
    return "*" not in connection.absent.get(kept.history, ())


def column_or_null(connection: Connection, kept: Kept, name: str) -> str:
    """A column of a history as SQL; NULL where an older ledger, open for reading, has it not."""
    return "NULL" if name in connection.absent.get(kept.history, ()) else name


def read_history(
    connection: Connection, record_id: str, table: Table = INCIDENTS
) -> list[Revision]:
    """All revisions of a record, the oldest first; empty where there is no such record."""
    kept = kept_of(table)
    if not is_kept(connection, kept):
        return []
    sql = _OF_ONE.safe_substitute(
        history=kept.history,
        record=kept.record,
        condition=kept.condition,
        based_on=column_or_null(connection, kept, "based_on"),
        conflict=column_or_null(connection, kept, "conflict"),
    )
    rows = connection.rows(bound(sql, id=record_id))
    return [_revision(table, record_id, row) for row in rows]


def payload_of(table: Table, text: str) -> dict[str, Any]:
    """A stored state by field; see ``Revision``."""
    record = RECORDS[table.name]()
    if hasattr(record, "longitude"):
        return state_of(table, text)
    state = decoded(text)
    wkb = state.pop("geometry", None)
    for name in instants_of(table):
        if name in state:
            state[name] = instant_of(state[name])
    if hasattr(record, "geometry"):
        place(table, record, wkb)
        state["geometry"] = record.geometry
    return state


def set_by_people(connection: Connection, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """What people, not feeds, last set on incidents: by id, field and the feed's value before.

    Values are those of the payload (instants as text, ``geometry`` as WKB).
    """
    found = {}
    wanted = sorted(set(ids) & _touched(connection))
    for start in range(0, len(wanted), CHUNK):
        rows = connection.rows(bound(_OF_SOME, ids=wanted[start : start + CHUNK]))
        revisions: dict[str, list[tuple]] = {}
        for row in rows:
            revisions.setdefault(row[1], []).append(row)
        found.update({identifier: _by_hand(own) for identifier, own in revisions.items()})
    return found


def _touched(connection: Connection) -> set[str]:
    rows = connection.rows(
        "SELECT DISTINCT incident_id FROM incident_history "
        "WHERE fetch_id IS NULL AND operation = 'update'"
    )
    return {identifier for (identifier,) in rows}


def _by_hand(rows: list[tuple]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    before: dict[str, Any] = {}
    for _, _, operation, text, fetch_id in rows:
        state = decoded(text)
        for name in state:
            if operation == "insert" or state[name] == before.get(name):
                continue
            if fetch_id is not None:
                kept.pop(name, None)
            elif kept.setdefault(name, before.get(name)) == state[name]:
                del kept[name]
        before = state
    return kept


def _revision(table: Table, record_id: str, row: tuple) -> Revision:
    number, revision, operation, moment, text, who, why, with_what, fetch_id, based_on, conflict = (
        row
    )
    return Revision(
        history_id=number,
        table=table.name,
        record_id=record_id,
        revision=revision,
        operation=operation,
        recorded_at=instant_of(moment),
        payload=payload_of(table, text),
        payload_text=text,
        who=who,
        why=why,
        with_what=with_what,
        fetch_id=fetch_id,
        # OGR takes a reckoned column for text where its first row is NULL.
        based_on=None if based_on is None else int(based_on),
        conflict=bool(int(conflict or 0)),
    )
