"""Adding records by their key: new ones are added, different ones changed, equal ones left."""

from __future__ import annotations

import contextlib
from typing import Any, Callable, Generator, Iterable, Optional, Sequence

from ..model.errors import CeasefireError
from ..model.field import Table
from ..model.incident import content_id
from ..model.tables import INCIDENTS, POSTS
from .compare import GEOMETRY, OF_PEOPLE, differences, open_to_feed, taken, without_loss
from .connection import Connection
from .counts import WriteCounts
from .rows import Row, row_of
from .store import rows_by_key, write_changed, write_new

Step = Callable[[], None]
Choice = Callable[[str, Row, Row, list], list]


def upsert(
    connection: Connection,
    table: Table,
    records: Iterable[Any],
    step: Optional[Step] = None,
    choose: Optional[Choice] = None,
) -> WriteCounts:
    """Write records of one table, inside a transaction of the caller.

    A record without a key gets one from its content. What is known of a post is never lost to
    an empty value. ``step`` is called once a record and may raise to stop; ``choose`` says which
    fields may change, all by default.
    """
    rows = keyed_rows(table, records)
    current = rows_by_key(connection, table, rows.keys())
    return apply(connection, table, rows, current, choose or chooser(table), step)


def keyed_rows(table: Table, records: Iterable[Any]) -> dict[str, Row]:
    """The rows of records by key; where a key stands twice, the last counts."""
    index = table.names().index(table.key)
    rows: dict[str, Row] = {}
    for record in records:
        row = row_of(table, record)
        if not row.values[index]:
            geometry = row.geometry.hex() if row.geometry else None
            row.values[index] = content_id(*row.values, geometry)
        rows.pop(row.values[index], None)
        rows[row.values[index]] = row
    return rows


def apply(
    connection: Connection,
    table: Table,
    rows: dict[str, Row],
    current: dict[str, Row],
    choose: Choice,
    step: Optional[Step] = None,
) -> WriteCounts:
    """Write what is new, and of the rest the fields that ``choose`` lets through."""
    counts = WriteCounts()
    new, changed = decided(table, rows, current, choose)
    # What is new goes last: OGR's own idea of the layer ends where many rows are taken over.
    go_through(write_changed(connection, table, changed), step)
    hidden = connection.hidden_rows
    go_through(write_new(connection, table, new), step)
    counts.added = len(new) - (connection.hidden_rows - hidden)
    counts.changed = len(changed)
    counts.unchanged = len(rows) - counts.added - counts.changed
    return counts


def decided(
    table: Table, rows: dict[str, Row], current: dict[str, Row], choose: Choice
) -> tuple[list[Row], list[Row]]:
    """The rows that are new, and those that are to be written over what is there."""
    new: list[Row] = []
    changed: list[Row] = []
    for key, row in rows.items():
        old = current.get(key)
        if old is None:
            new.append(row)
            continue
        names = differences(table, old, row)
        names = choose(key, old, row, names) if names else names
        if names:
            changed.append(taken(table, old, row, names))
    return new, changed


def chooser(table: Table) -> Choice:
    """What may change when a record of the table is written again."""
    if table is POSTS:
        return lambda key, old, new, names: without_loss(table, old, new, names)
    return lambda key, old, new, names: names


def fill_gaps(key: str, old: Row, new: Row, names: list) -> list:
    """Of a post that is known already, a feed fills in only what is not known."""
    columns = POSTS.names()
    return [
        name
        for name in without_loss(POSTS, old, new, names)
        if (old.geometry if name == GEOMETRY else old.values[columns.index(name)]) is None
    ]


def people_fields(row: Row) -> dict[str, Any]:
    """The values of an incident that people set."""
    names = INCIDENTS.names()
    return {name: row.values[names.index(name)] for name in OF_PEOPLE}


def allowed_to_feed(old: Row, new: Row, names: Sequence[str]) -> list[str]:
    """Of an incident's changed fields, those that a feed may set."""
    return open_to_feed(people_fields(old), people_fields(new), list(names))


def refuse_unkeyed(table: Table, records: Iterable[Any]) -> None:
    """Incidents of a feed must have their ids: without them a re-import would double them."""
    for number, record in enumerate(records, start=1):
        if not getattr(record, table.key):
            raise CeasefireError(
                f"Record {number} of {table.title.lower()} has no {table.key}: "
                "give it the id of its source."
            )


def go_through(writing: Generator[None, None, None], step: Optional[Step]) -> None:
    """Go through a writer; where a step stops it, nothing of it is left working."""
    with contextlib.closing(writing):
        for _ in writing:
            if step is not None:
                step()
