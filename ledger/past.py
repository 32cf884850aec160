"""The ledger as it was known at a moment: of each record, the last state recorded by then.

Which states those are is answered by one pass over the history's indices, without reading the
states; these are then read page by page, in the order in which their records were first written.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from string import Template
from typing import Any, Iterator, NamedTuple, Optional, Sequence

from ..model.errors import CeasefireError
from ..model.field import Table
from ..model.tables import INCIDENTS
from .connection import Connection, bound
from .history import Kept, column_or_null, is_kept, kept_of
from .rows import Row, instant_of, instant_text, record_of
from .schema import RECORDS
from .store import read_rows
from .upgrade import WHY_FIRST

PAGE = 2000
DELETED = "delete"
# What was recorded later is left out by the index over the moments alone, so that the pass over
# the index of ids and revisions does not touch the states.
_LAST = Template(
    "SELECT json_group_array(last) AS ids FROM ("
    "SELECT min(history_id) AS first, max(history_id) AS last FROM $history "
    "WHERE $condition AND history_id NOT IN "
    "(SELECT history_id FROM $history WHERE recorded_at > $moment) "
    "GROUP BY $record ORDER BY first) AS known"
)
# Records that were there before their table had a history were known at any moment before it. An
# upgrade writes their first states before any other.
_THERE_BEFORE = Template(
    "SELECT json_group_array(history_id) AS ids FROM $history WHERE $condition AND revision = 1 "
    "AND recorded_at > $moment AND why = $there_before AND (SELECT why FROM $history AS oldest "
    "ORDER BY history_id LIMIT 1) = $there_before"
)
# A page comes as one text: GDAL is asked once a page, not once a value. The states are JSON.
_PAGE = Template(
    "SELECT '[' || group_concat('[' || history_id || ',' || json_quote($record) || ',' || "
    "revision || ',' || json_quote(operation) || ',' || json_quote(recorded_at || '') || ',' || "
    "json_quote(who) || ',' || json_quote(why) || ',' || json_quote(with_what) || ',' || "
    "json_quote(fetch_id) || ',' || json_quote($conflict) || ',' || payload || ']') || ']' AS page "
    "FROM (SELECT * FROM $history WHERE history_id IN ($ids)) AS states"
)


class State(NamedTuple):
    """One state of a record as its history keeps it: ``recorded_at`` as text, ``values`` by field
    with instants as text and ``geometry`` as hexadecimal WKB.

    ``history_id``, ``revision`` and ``recorded_at`` are None where an older ledger keeps no
    history of the table: then it is the record as it stands.
    """

    history_id: Optional[int]
    record_id: str
    revision: Optional[int]
    operation: str
    recorded_at: Optional[str]
    who: Optional[str]
    why: Optional[str]
    with_what: Optional[str]
    fetch_id: Optional[str]
    conflict: Optional[int]
    values: dict[str, Any]

    @property
    def deleted(self) -> bool:
        """Whether the record was deleted; the values are those that it had last."""
        return self.operation == DELETED


@dataclass
class StateReader:
    """Reads states of one table's history by their ``history_id``, page by page."""

    connection: Connection
    kept: Kept

    def read(self, ids: Sequence[int]) -> dict[int, State]:
        """The states of those rows of the history, by ``history_id``; one query."""
        if not ids:
            return {}
        sql = _PAGE.substitute(
            history=self.kept.history,
            record=self.kept.record,
            conflict=column_or_null(self.connection, self.kept, "conflict"),
            ids=",".join(str(int(number)) for number in ids),
        )
        ((page,),) = self.connection.rows(sql)
        try:
            return {values[0]: State(*values) for values in json.loads(page or "[]")}
        except (ValueError, TypeError):
            raise CeasefireError(
                f"The history of “{self.connection.path}” holds a state that cannot be read: "
                "somebody changed it. Run “Verify ledger”, and restore the ledger from a copy."
            ) from None

    def pages(self, ids: Sequence[int]) -> Iterator[list[State]]:
        """The states of those rows, in the order of ``ids``, in pages."""
        for start in range(0, len(ids), PAGE):
            some = ids[start : start + PAGE]
            states = self.read(some)
            yield [states[number] for number in some if number in states]

    def last_by(self, moment: datetime) -> list[int]:
        """The ``history_id`` of the last state of each record that was recorded by ``moment``."""
        return [*self._numbers(_THERE_BEFORE, moment), *self._numbers(_LAST, moment)]

    def _numbers(self, query: Template, moment: datetime) -> list[int]:
        sql = query.safe_substitute(
            history=self.kept.history, record=self.kept.record, condition=self.kept.condition
        )
        sql = bound(sql, moment=instant_text(moment), there_before=WHY_FIRST)
        ((ids,),) = self.connection.rows(sql)
        return json.loads(ids)


def was_there_before(state: State) -> bool:
    """Whether a state is that of a record which was there before its table had a history."""
    return state.revision == 1 and state.why == WHY_FIRST


def states_as_of(
    connection: Connection, table: Table, moment: datetime
) -> tuple[int, Iterator[list[State]]]:
    """How many records had a state by ``moment``, and these states in pages, deleted ones too.

    Where an older ledger keeps no history of the table, the records as they stand.
    """
    reader = StateReader(connection, kept_of(table))
    if not is_kept(connection, reader.kept):
        states = _as_they_stand(connection, table)
        return len(states), iter([states])
    ids = reader.last_by(moment)
    return len(ids), reader.pages(ids)


def records_as_of(connection: Connection, table: Table, moment: datetime) -> list[Any]:
    """The records of a table as known at ``moment``, in the order of writing.

    Withdrawn incidents are among them, deleted records are not.
    """
    _, pages = states_as_of(connection, table, moment)
    return [record_of_state(table, state) for page in pages for state in page if not state.deleted]


def record_of_state(table: Table, state: State) -> Any:
    """The model's record of a state; an incident with its revision and its moment."""
    record = record_of(table, RECORDS[table.name], row_of_state(table, state.values))
    if table is INCIDENTS:
        record.revision, record.recorded_at = state.revision, instant_of(state.recorded_at)
    return record


def row_of_state(table: Table, values: dict[str, Any]) -> Row:
    """A state's values as a row; what the table did not have then is None."""
    return Row([values.get(name) for name in table.names()], wkb_of(values))


def wkb_of(values: dict[str, Any]) -> Optional[bytes]:
    """The geometry of a state as WKB; None where it has none."""
    text = values.get("geometry")
    return bytes.fromhex(text) if text else None


def _as_they_stand(connection: Connection, table: Table) -> list[State]:
    names = table.names()
    key = names.index(table.key)
    states = []
    for row in read_rows(connection, table):
        values = dict(zip(names, row.values))
        values["geometry"] = row.geometry.hex() if row.geometry else None
        nothing = (None,) * 5
        states.append(State(None, row.values[key], None, "insert", None, *nothing, values))
    return states
