"""What changed between two moments: record by record, field by field, by whom and why."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from string import Template
from typing import Any, Iterable, Iterator, Optional, Sequence

from ..model.errors import CeasefireError
from ..model.field import Table
from ..model.sensitivity import is_observers
from ..model.tables import ALERT_RULES, ALERTS, CUSTODY, FETCHES, INCIDENTS
from ..model.tables import table as table_named
from .compare import WITHDRAWN
from .connection import Connection, bound
from .history import is_kept, kept_of
from .past import PAGE, State, StateReader, was_there_before
from .payload import recorded_fields
from .record_triggers import HISTORIED
from .rows import instant_of, instant_text
from .sensitivity import END_OF_TIME, OF_INCIDENTS, WITH_LEVEL, level_of
from .store import CHUNK, TIMES

GEOMETRY = "geometry"
# What was done and told, and of what somebody wants to be told.
LOGS = (ALERT_RULES, ALERTS, CUSTODY, FETCHES)
# What reviewing sets; a change of these alone corrects nothing of what is told.
OF_REVIEW = frozenset(("verification", "workflow", "sensitivity", "reliability", "credibility"))
# Links have their status, claims their answers and findings.
OF_REVIEW_BESIDE = {
    "links": frozenset(("status", "lead_id")),
    "claims": frozenset(("finding", "coverage", "response", "answered_at", "disputed_by")),
}
# The tables that tell of what happened at a moment: what they get afterwards is late.
OF_WHAT_HAPPENED = frozenset(
    ("incidents", "observations", "effort", "weapon_sightings", "inventories", "harm")
)
# The span's steps of each record, and the record's last state before the span: one statement. What
# is earlier is told by indices alone, so that states outside of the span are not touched.
_STEPS = Template(
    "SELECT '[' || group_concat('[' || json_quote(before) || ',[' || steps || ']]') || ']' AS page "
    "FROM (SELECT min(history_id) AS first, group_concat(history_id || '') AS steps, "
    "(SELECT max(history_id) FROM $history AS earlier WHERE $of_earlier "
    "AND earlier.$record = step.$record AND earlier.history_id NOT IN "
    "(SELECT history_id FROM $history WHERE recorded_at > $$since)) AS before "
    "FROM $history AS step WHERE $condition "
    "AND recorded_at > $$since AND recorded_at <= $$until GROUP BY $record ORDER BY first) AS told"
)
_LEVELS = "SELECT incident_id, sensitivity FROM incidents WHERE incident_id IN ($ids)"


class Kind(str, Enum):
    """What became of a record between two moments.

    ``REVERTED`` was changed and stands as before; ``PASSED`` was recorded and is deleted or
    withdrawn again. ``REVIEWED`` changed in verification, workflow and the like alone.
    """

    NEW = "new"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"
    REVIEWED = "reviewed"
    DELETED = "deleted"
    RESTORED = "restored"
    REVERTED = "changed_and_restored"
    PASSED = "recorded_and_removed"


@dataclass(frozen=True)
class FieldChange:
    """A field's first value before and last value after, and the states that set another value.

    Values are as stored: instants as text, ``geometry`` as hexadecimal WKB. ``before`` equals
    ``after`` where the field was changed and restored.
    """

    name: str
    before: Any
    after: Any
    steps: tuple[tuple[State, Any], ...]


@dataclass(frozen=True)
class Change:
    """What became of one record between two moments.

    ``before`` is its last state by the first moment, None where it had none; ``after`` its last by
    the second; ``steps`` all states of the span, the oldest first. ``fields`` are those that
    changed while the record stood. ``late``: recorded in the span of what happened before it.
    ``later`` is its last state of what was recorded after the second moment, None where nothing
    was. ``sensitivity`` is the strictest level that the record had in any of these states.
    """

    table: Table
    record_id: str
    kind: Kind
    before: Optional[State]
    after: State
    steps: tuple[State, ...]
    fields: tuple[FieldChange, ...]
    late: bool
    sensitivity: str
    later: Optional[State] = None

    @property
    def observers_point(self) -> bool:
        """Whether the point of any of these states may be that of who observed the incident."""
        states = (self.before, *self.steps, self.later)
        return any(is_observers(state.values.get("point_role")) for state in states if state)

    @property
    def conflicts(self) -> tuple[State, ...]:
        """The states that were edited on an older state than the one they replaced."""
        return tuple(step for step in self.steps if step.conflict)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why, each reason once, the oldest first."""
        return tuple(dict.fromkeys(step.why for step in self.steps if step.why))

    @property
    def source(self) -> Optional[str]:
        """The record's source, where its table has one."""
        return self.after.values.get("source")


def changes(
    connection: Connection,
    since: datetime,
    until: datetime,
    tables: Optional[Iterable[str]] = None,
    source: Optional[str] = None,
) -> Iterator[Change]:
    """Each record that changed after ``since`` and by ``until`` (aware), table by table.

    In each table in the order of their first change. ``tables`` keeps some tables; ``source`` the
    records of one source, which are those of tables that have one. CeasefireError where the span
    is empty or a table has no history.
    """
    if since >= until:
        raise CeasefireError(
            f"The span ends ({instant_text(until)}) before it begins ({instant_text(since)}): "
            "give a later end or an earlier beginning."
        )
    for table in chosen(tables):
        for change in _of_table(connection, table, since, until):
            if source is None or source in _sources(change):
                yield change


def chosen(tables: Optional[Iterable[str]]) -> list[Table]:
    """The tables of those names that have a history; for None, all but those that log what was
    done or told: what their rows speak of has its own history."""
    if tables is None:
        return [table for table in HISTORIED if table not in LOGS]
    try:
        found = [table_named(name) for name in tables]
    except KeyError as error:
        raise CeasefireError(f"A ledger has no table “{error.args[0]}”.") from None
    for table in found:
        if table not in HISTORIED:
            raise CeasefireError(f"{table.title} have no history. Choose another table.")
    return found


def _of_table(
    connection: Connection, table: Table, since: datetime, until: datetime
) -> Iterator[Change]:
    reader = StateReader(connection, kept_of(table))
    if not is_kept(connection, reader.kept):
        return
    later = _later(connection, reader, table, until)
    for some in _in_pages(_steps(connection, reader, since, until)):
        wanted = [number for before, steps in some for number in (before, *steps) if number]
        states = reader.read(wanted)
        levels = _levels(connection, table, states.values())
        for before, steps in some:
            known = states.get(before)
            own = tuple(states[number] for number in steps)
            if known is None and was_there_before(own[0]):
                known, own = own[0], own[1:]
            if own:
                yield _change(table, known, own, since, levels, later.get(own[-1].record_id))


def _later(
    connection: Connection, reader: StateReader, table: Table, until: datetime
) -> dict[str, State]:
    """By record, the last state that was recorded after the span: what was made confidential since
    is not told now. Of tables without a level of their own, none."""
    if table.name not in WITH_LEVEL or until >= END_OF_TIME:
        return {}
    last = [steps[-1] for _, steps in _steps(connection, reader, until, END_OF_TIME)]
    return {state.record_id: state for page in reader.pages(last) for state in page}


def _steps(
    connection: Connection, reader: StateReader, since: datetime, until: datetime
) -> list[tuple[Optional[int], list[int]]]:
    kept = reader.kept
    sql = _STEPS.substitute(
        history=kept.history,
        record=kept.record,
        condition=kept.condition,
        of_earlier=kept.condition.replace("table_name", "earlier.table_name"),
    )
    span = {"since": instant_text(since), "until": instant_text(until)}
    ((page,),) = connection.rows(bound(sql, **span))
    return [(before, sorted(steps)) for before, steps in json.loads(page or "[]")]


def _in_pages(records: Sequence[tuple]) -> Iterator[list[tuple]]:
    """The records in groups with some ``PAGE`` states, and those of one record together."""
    group: list[tuple] = []
    states = 0
    for record in records:
        group.append(record)
        states += len(record[1]) + 1
        if states >= PAGE:
            yield group
            group, states = [], 0
    if group:
        yield group


def _change(
    table: Table,
    before: Optional[State],
    steps: tuple[State, ...],
    since: datetime,
    levels: dict[str, Optional[str]],
    later: Optional[State],
) -> Change:
    # Where a clock was set back, what was recorded in the span may be older than what was known.
    after = steps[-1]
    if before is not None and before.history_id > after.history_id:
        after = before
    states = [state for state in (before, *steps, later) if state is not None]
    kind, fields = _kind(table, before, after, steps)
    begins = instant_of(after.values.get(TIMES[table.name][0]))
    return Change(
        table=table,
        record_id=after.record_id,
        kind=kind,
        before=before,
        after=after,
        steps=steps,
        fields=fields,
        late=kind is Kind.NEW
        and table.name in OF_WHAT_HAPPENED
        and begins is not None
        and begins < since,
        sensitivity=level_of(table, (state.values for state in states), levels),
        later=later,
    )


def _kind(
    table: Table, before: Optional[State], after: State, steps: tuple[State, ...]
) -> tuple[Kind, tuple[FieldChange, ...]]:
    if before is None:
        return (Kind.NEW if _stands(table, after) else Kind.PASSED), ()
    fields = _fields(table, before, steps, after)
    if before.deleted and after.deleted:
        return Kind.PASSED, fields
    if before.deleted:
        return Kind.RESTORED, fields
    if after.deleted:
        return Kind.DELETED, fields
    changed = {field.name for field in fields if field.before != field.after}
    if not changed:
        return Kind.REVERTED, fields
    if _stands(table, before) != _stands(table, after):
        return (Kind.RESTORED if _stands(table, after) else Kind.WITHDRAWN), fields
    return (Kind.REVIEWED if changed <= _of_review(table) else Kind.CORRECTED), fields


def _of_review(table: Table) -> frozenset:
    return OF_REVIEW | OF_REVIEW_BESIDE.get(table.name, frozenset())


def _stands(table: Table, state: State) -> bool:
    """Whether a record is neither deleted nor withdrawn in a state."""
    if state.deleted:
        return False
    flow = "status" if table.name == "links" else "workflow" if table is INCIDENTS else None
    return flow is None or state.values.get(flow) != WITHDRAWN


def _fields(
    table: Table, before: State, steps: tuple[State, ...], after: State
) -> tuple[FieldChange, ...]:
    """The fields that any step set to another value, in the table's order."""
    moved: dict[str, list[tuple[State, Any]]] = {}
    known = before.values
    for step in steps:
        if step.values != known:
            for name, value in _told(step.values, known):
                if value != known.get(name):
                    moved.setdefault(name, []).append((step, value))
        known = step.values
    return tuple(
        FieldChange(name, before.values.get(name), after.values.get(name), tuple(moved[name]))
        for name in (sorted(moved, key=_places(table.name).get) if len(moved) > 1 else moved)
    )


def _told(values: dict[str, Any], known: dict[str, Any]) -> Iterable[tuple[str, Any]]:
    """The values of a state, and None for what only the state before it tells of."""
    if len(values) >= len(known):
        return values.items()
    return {**dict.fromkeys(known), **values}.items()


@functools.cache
def _places(table_name: str) -> dict[str, int]:
    """Where each field of a state of that table stands, the geometry last."""
    names = [field.name for field in recorded_fields(table_named(table_name))]
    return {name: place for place, name in enumerate((*names, GEOMETRY))}


def _sources(change: Change) -> set[Optional[str]]:
    states = (change.before, *change.steps)
    return {state.values.get("source") for state in states if state is not None}


def _levels(
    connection: Connection, table: Table, states: Iterable[State]
) -> dict[str, Optional[str]]:
    """The levels of the incidents that these states tell of."""
    names = OF_INCIDENTS.get(table.name, ())
    ids = sorted({state.values.get(name) for state in states for name in names} - {None})
    levels: dict[str, Optional[str]] = {}
    for start in range(0, len(ids), CHUNK):
        levels.update(connection.rows(bound(_LEVELS, ids=ids[start : start + CHUNK])))
    return levels
