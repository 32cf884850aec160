"""What a feed has no longer: found without holding the ledger, withdrawn with the run's end."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Any, Iterable, Iterator, Optional

from ..model.tables import INCIDENTS
from .compare import WITHDRAWN, taken
from .connection import Connection
from .feedimport import BEGINS, FLOW
from .feeditems import held_by, held_by_others, items_of, let_go
from .history import set_by_people
from .rows import Row, instant_of
from .store import CHUNK, rows_by_key, write_changed
from .upsert import go_through

Window = Optional[tuple[Optional[datetime], Optional[datetime]]]


@dataclasses.dataclass
class Absence:
    """Incidents that a feed has no longer, as it says itself (``removed``) or as they are not among
    all that it has (``missing``); ``active`` are those of them that are to be withdrawn."""

    removed: list[str] = dataclasses.field(default_factory=list)
    missing: list[str] = dataclasses.field(default_factory=list)
    active: set[str] = dataclasses.field(default_factory=set)
    elsewhere: int = 0

    def __bool__(self) -> bool:
        return bool(self.removed or self.missing)


def removed_by_source(
    connection: Connection, feed_id: str, ids: Iterable[str], absence: Absence
) -> None:
    """Add what the source says is gone, of what the feed had."""
    items = items_of(connection, feed_id, ids)
    names = [name for name, item in items.items() if not item.gone]
    for some in _chunks(names):
        absence.removed += some
        _add_active(connection, feed_id, some, rows_by_key(connection, INCIDENTS, some), absence)


def missing_in_snapshot(
    connection: Connection, feed_id: str, spool: Any, window: Window, absence: Absence
) -> None:
    """Add what a snapshot has not, of what the feed had within the window."""
    known = set(absence.removed)
    for page in held_by(connection, feed_id):
        for some in _chunks([name for name in spool.unseen(page) if name not in known]):
            rows = rows_by_key(connection, INCIDENTS, some)
            inside = [name for name in some if name in rows]
            if window is not None and window != (None, None):
                inside = _within(connection, rows, window)
            absence.missing += inside
            _add_active(connection, feed_id, inside, rows, absence)


def _add_active(
    connection: Connection, feed_id: str, names: list[str], rows: dict[str, Row], absence: Absence
) -> None:
    others = held_by_others(connection, feed_id, names)
    absence.elsewhere += len(others)
    absence.active |= {
        name
        for name in names
        if name in rows and name not in others and rows[name].values[FLOW] != WITHDRAWN
    }


def _within(connection: Connection, rows: dict[str, Row], window: Any) -> list[str]:
    """Those whose beginning, as the feed told it, lies in the window (half-open).

    Where a person corrected the time, the feed still has them under its own.
    """
    first, end = window
    by_hand = set_by_people(connection, rows)
    inside = []
    for name, row in rows.items():
        told = by_hand.get(name, {}).get("occurred_from", row.values[BEGINS])
        begins = instant_of(told)
        if begins is None:
            continue
        if (first is None or begins >= first) and (end is None or begins < end):
            inside.append(name)
    return inside


def withdraw(
    connection: Connection, feed_id: str, run: int, names: list[str], active: set[str]
) -> list[str]:
    """Set ``active`` ones of the incidents to withdrawn and let go of all, inside a transaction of
    the caller, who signed it; the ids that were withdrawn."""
    done = []
    for some in _chunks([name for name in names if name in active]):
        rows = rows_by_key(connection, INCIDENTS, some)
        others = held_by_others(connection, feed_id, some)
        changed = [
            _withdrawn(row)
            for name, row in rows.items()
            if name not in others and row.values[FLOW] != WITHDRAWN
        ]
        go_through(write_changed(connection, INCIDENTS, changed), None)
        done += [row.values[0] for row in changed]
    let_go(connection, feed_id, run, names)
    return done


def _withdrawn(row: Row) -> Row:
    values = list(row.values)
    values[FLOW] = WITHDRAWN
    return taken(INCIDENTS, row, Row(values, row.geometry, row.fid), ["workflow"])


def _chunks(names: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(names), CHUNK):
        yield names[start : start + CHUNK]
