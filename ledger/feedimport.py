"""Writing what a feed brought: one transaction, one fetch, and nothing of a person's lost."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timezone
from typing import Any, Optional

from ..model.field import Table
from ..model.incident import content_id
from ..model.land import Fetch
from ..model.tables import EFFORT, FETCHES, INCIDENTS, OBSERVATIONS, POSTS
from ..model.uncollected import uncollected
from .compare import GEOMETRY, WITHDRAWN, same_geometry, same_value
from .connection import Connection, Session, bound
from .counts import WriteCounts
from .history import set_by_people
from .rows import Row, instant_of, row_of
from .store import read_rows, rows_by_key, write_all, write_new
from .upsert import Choice as Choose
from .upsert import Step, allowed_to_feed, apply, fill_gaps, keyed_rows, refuse_unkeyed, upsert

NAMES = INCIDENTS.names()
SOURCE, BEGINS, FLOW = (NAMES.index(n) for n in ("source", "occurred_from", "workflow"))
OF_OTHERS = (
    "SELECT fid + 0 AS row_number FROM incidents "
    "WHERE source IS NULL OR source NOT IN ($sources) LIMIT 1"
)
KINDS = {field.name: field.kind for field in INCIDENTS.fields}


def write_import(
    connection: Connection,
    result: Any,
    fetch: Fetch,
    signature: Session,
    step: Optional[Step] = None,
) -> WriteCounts:
    """Write an import's incidents, observations, posts and effort, and the fetch itself.

    All of it or, where anything fails, none.
    """
    refuse_unkeyed(INCIDENTS, result.incidents)
    fetch = _numbered(connection, fetch, result)
    signature = dataclasses.replace(signature, fetch_id=fetch.fetch_id)
    with uncollected(), connection.transaction(signature):
        rows = keyed_rows(INCIDENTS, result.incidents)
        sources = _sources(rows, result.source)
        of_source = _of_sources(connection, sources)
        current = {**of_source, **_elsewhere(connection, rows, of_source, sources)}
        kept: list[str] = []
        counts = apply(
            connection, INCIDENTS, rows, current, Choice(connection, kept, rows, current), step
        )
        counts.unchanged += len(result.incidents) - len(rows)
        counts.kept = kept
        counts.not_seen = _not_seen(rows, of_source)
        for table, records, choose in beside(result):
            counts.beside[table.name] = upsert(connection, table, records, step, choose)
        write_all(write_new(connection, FETCHES, [row_of(FETCHES, _counted(fetch, counts))]))
    return counts


def beside(result: Any) -> tuple[tuple[Table, list, Optional[Choose]], ...]:
    """What a feed brings beside incidents: table, records, and which fields may change."""
    return (
        (POSTS, result.posts, fill_gaps),
        (OBSERVATIONS, result.observations, None),
        (EFFORT, result.effort, None),
    )


class Choice:
    """Which changed fields of an incident its feed may set; notes ids where a person's stands."""

    def __init__(self, connection: Connection, kept: list[str], rows: dict, current: dict):
        self.kept = kept
        self.by_hand = set_by_people(connection, (key for key in rows if key in current))

    def __call__(self, key: str, old: Row, new: Row, names: list[str]) -> list[str]:
        mine = self.by_hand.get(key, {})
        if any(name in mine and _moved_on(name, mine[name], new) for name in names):
            self.kept.append(key)
        return allowed_to_feed(old, new, [name for name in names if name not in mine])


def _moved_on(name: str, feeds_before: Any, new: Row) -> bool:
    """Whether the feed now says something else than when the person decided."""
    if name == GEOMETRY:
        return not same_geometry(feeds_before, new.geometry)
    return not same_value(KINDS[name], feeds_before, new.values[NAMES.index(name)])


def _sources(rows: dict[str, Row], source: str) -> list[str]:
    names = {row.values[SOURCE] for row in rows.values()} | {source}
    return sorted(names - {None})


def _of_sources(connection: Connection, sources: list[str]) -> dict[str, Row]:
    where = bound("WHERE kept.source IN ($sources)", sources=sources)
    found = read_rows(connection, INCIDENTS, where)
    return {row.values[0]: row for row in found}


def _elsewhere(
    connection: Connection, rows: dict, of_source: dict, sources: list[str]
) -> dict[str, Row]:
    """Incidents with an imported id whose source was changed in the ledger since."""
    missing = [key for key in rows if key not in of_source]
    if not missing or not connection.rows(bound(OF_OTHERS, sources=sources)):
        return {}
    return rows_by_key(connection, INCIDENTS, missing)


def _not_seen(rows: dict[str, Row], of_source: dict[str, Row]) -> list[str]:
    """Ids in the ledger within the imported span that the file does not have.

    Withdrawn incidents are not named: that they are gone is known.
    """
    moments = [row.values[BEGINS] for row in rows.values() if row.values[BEGINS]]
    if not moments:
        return []
    first, last = instant_of(min(moments)), instant_of(max(moments))
    gone = []
    for key, row in of_source.items():
        if key in rows or row.values[FLOW] == WITHDRAWN:
            continue
        begins = instant_of(row.values[BEGINS])
        if begins is not None and first <= begins <= last:
            gone.append(key)
    return gone


def _numbered(connection: Connection, fetch: Fetch, result: Any) -> Fetch:
    """The fetch with an id that no other has, its moment, and the counts of its rows."""
    moment = fetch.fetched_at or datetime.now(timezone.utc)
    first = fetch.fetch_id or content_id(fetch.source, fetch.sha256, fetch.address, moment)
    number, identifier = 1, first
    while rows_by_key(connection, FETCHES, [identifier]):
        number += 1
        identifier = f"{first}-{number}"
    known = {
        "source": result.source,
        "rows": result.rows,
        "imported": len(result.incidents),
        "effort": effort_rows(result),
        "rejected": len(result.rejected),
    }
    unknown = {name: value for name, value in known.items() if getattr(fetch, name) is None}
    return dataclasses.replace(fetch, fetch_id=identifier, fetched_at=moment, **unknown)


def effort_rows(result: Any) -> int:
    return result.rows - len(result.incidents) - len(result.rejected)


def _counted(fetch: Fetch, counts: WriteCounts) -> Fetch:
    return dataclasses.replace(
        fetch,
        added=counts.added,
        changed=counts.changed,
        unchanged=counts.unchanged,
        not_seen=len(counts.not_seen),
    )
