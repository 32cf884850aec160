"""How sensitive a state of a record is, so that what is told of it can be held back."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, Iterable, Optional

from ..model.field import Table
from ..model.sensitivity import CONFIDENTIAL, LEVELS, SinceThen, is_observers, strictest
from ..model.sensitivity import level_of as level_of_code
from ..model.tables import CUSTODY, INCIDENTS, LEDGER_TABLES, LINKS, OBSERVATIONS, POSTS, PROTECTED

# They have no level of their own: they are as sensitive as the incidents they tell of.
OF_INCIDENTS = {OBSERVATIONS.name: ("incident_id",), LINKS.name: ("incident_id", "other_id")}
# What a restricted release leaves out of records that it shows.
FIELDS = {
    (POSTS.name, "geometry"): CONFIDENTIAL,
    (OBSERVATIONS.name, "geometry"): CONFIDENTIAL,
    (INCIDENTS.name, "source_id"): CONFIDENTIAL,
    (INCIDENTS.name, "source_url"): CONFIDENTIAL,
}
# What tells of the place where an incident's point is that of who observed it.
OF_THE_POINT = ("geometry", "uncertainty_m", "uncertainty_kind", "altitude_m")
END_OF_TIME = datetime(9999, 12, 31, tzinfo=timezone.utc)
WITH_LEVEL = frozenset(item.name for item in LEDGER_TABLES if "sensitivity" in item.names())
_OF_TABLES = dict.fromkeys((CUSTODY.name, PROTECTED.name), CONFIDENTIAL)


def level_of(
    table: Table, states: Iterable[dict[str, Any]], of_incidents: dict[str, Optional[str]]
) -> str:
    """The strictest level that a record had in any of its states.

    ``of_incidents`` holds the levels of the incidents that observations and links tell of. A level
    that is not set is the table's beginning; one that is not known counts as confidential.
    """
    if table.name in OF_INCIDENTS:
        names = OF_INCIDENTS[table.name]
        known = [
            of_incidents.get(state[name])
            for state in states
            for name in names
            if state.get(name) is not None
        ]
        return strictest(level_of_code(INCIDENTS.name, value) for value in known)
    if table.name not in WITH_LEVEL:
        return _OF_TABLES.get(table.name, "restricted")
    return strictest(level_of_code(table.name, state.get("sensitivity")) for state in states)


def level_of_field(change: Any, field: Optional[str]) -> str:
    """The level of one field of a ``difference.Change``; None: of the record as a whole."""
    own = FIELDS.get((change.table.name, field), LEVELS[0])
    if change.table is INCIDENTS and field in OF_THE_POINT and change.observers_point:
        own = CONFIDENTIAL
    return strictest((change.sensitivity, own))


def since_then(ledger: Any, moment: datetime, tables: Iterable[str]) -> SinceThen:
    """What became after ``moment`` (aware) of the sensitivity of records of these tables."""
    levels: dict[tuple[str, str], str] = {}
    observers = set()
    for change in ledger.each_change(moment, END_OF_TIME, tables):
        name, now = change.table.name, change.after.values
        levels[name, change.record_id] = level_of_code(name, now.get("sensitivity"))
        if change.table is INCIDENTS and is_observers(now.get("point_role")):
            observers.add(change.record_id)
    return SinceThen(levels, frozenset(observers))
