"""Reading the history of incidents: every state, and what was known at a moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Iterable, Optional

from ..model.incident import Incident
from ..model.tables import INCIDENTS
from .connection import Connection, bound
from .payload import decoded
from .rows import instant_of, instant_text, state_of
from .store import CHUNK

_COLUMNS = (
    "SELECT history_id + 0 AS row_number, incident_id, revision, operation, "
    "recorded_at || '' AS moment, payload, who, why, with_what, fetch_id FROM incident_history "
)
_AS_OF = (
    "SELECT state.payload, state.revision, state.recorded_at || '' AS moment FROM "
    "(SELECT min(history_id) AS first, max(history_id) AS last FROM incident_history "
    "WHERE recorded_at <= $moment GROUP BY incident_id) AS known "
    "JOIN incident_history AS state ON state.history_id = known.last ORDER BY known.first"
)
_OF_ONE = _COLUMNS + "WHERE incident_id = $id ORDER BY revision"
_OF_SOME = _COLUMNS + "WHERE incident_id IN ($ids) ORDER BY incident_id, revision"


@dataclass(frozen=True)
class Revision:
    """One state of an incident as recorded at one moment.

    ``payload`` holds the state after by field, instants as aware UTC datetimes, the place as
    ``longitude`` and ``latitude``; ``payload_text`` is the stored text. ``who`` is None where
    nobody signed; ``fetch_id`` names the fetch that an import's revision stems from.
    """

    history_id: int
    incident_id: str
    revision: int
    operation: str
    recorded_at: Optional[datetime]
    payload: dict[str, Any]
    payload_text: str
    who: Optional[str]
    why: Optional[str]
    with_what: Optional[str]
    fetch_id: Optional[str]


def read_history(connection: Connection, incident_id: str) -> list[Revision]:
    """All revisions of an incident, the oldest first; empty where there is no such incident."""
    sql = bound(_OF_ONE, id=incident_id)
    rows = connection.rows(sql)
    return [_revision(row) for row in rows]


def incidents_as_of(connection: Connection, moment: datetime) -> list[Incident]:
    """The incidents as known at ``moment``: the last state of each that was recorded by then."""
    rows = connection.rows(bound(_AS_OF, moment=instant_text(moment)))
    names = set(INCIDENTS.names()) | {"longitude", "latitude"}
    incidents = []
    for text, revision, recorded_at in rows:
        state = state_of(INCIDENTS, text)
        state["revision"], state["recorded_at"] = revision, instant_of(recorded_at)
        incidents.append(Incident(**{key: state[key] for key in names if key in state}))
    return incidents


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
    for row in rows:
        operation, text, fetch_id = row[3], row[5], row[9]
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


def _revision(row: tuple) -> Revision:
    number, incident_id, revision, operation, moment, text, who, why, with_what, fetch_id = row
    return Revision(
        history_id=number,
        incident_id=incident_id,
        revision=revision,
        operation=operation,
        recorded_at=instant_of(moment),
        payload=state_of(INCIDENTS, text),
        payload_text=text,
        who=who,
        why=why,
        with_what=with_what,
        fetch_id=fetch_id,
    )
