"""Protected values that a form or another program added: salted when the ledger is next opened."""

from __future__ import annotations

import contextlib

from ..model.errors import CeasefireError
from ..model.tables import PROTECTED
from .chain import SOON_MS
from .connection import Connection, Session
from .protected import add_rows, delete_rows, made_of, place_of, values_of
from .rows import row_of
from .settings import with_what
from .store import write_all, write_new

UNSETTLED = (
    "SELECT kept.fid + 0 AS row_number FROM protected_values AS kept "
    "WHERE coalesce(kept.value, '') <> '' AND (length(coalesce(kept.salt, '')) <> 64 "
    "OR NOT EXISTS (SELECT 1 FROM protected WHERE protected.protected_id = kept.protected_id))"
)


def settle_protected(connection: Connection) -> int:
    """Give the values that a form or another program added their salt and commitment; how many.

    Nothing is done, and nothing is locked, where there are none. Where another program writes,
    it is left to the next opening.
    """
    if not connection.update or connection.absent:
        return 0
    with contextlib.suppress(CeasefireError):
        if connection.rows(UNSETTLED):
            return _settle_soon(connection)
    return 0


def _settle_soon(connection: Connection) -> int:
    connection.run(f"PRAGMA busy_timeout = {SOON_MS}")
    try:
        with connection.transaction(Session(None, "salted after entry by a form", with_what())):
            return _settle(connection)
    finally:
        connection.run(f"PRAGMA busy_timeout = {int(connection.wait_ms)}")


def _settle(connection: Connection) -> int:
    wanted = {fid for (fid,) in connection.rows(UNSETTLED)}
    made, kept = [], []
    for value in values_of(connection):
        if value.fid in wanted:
            record, again = made_of(place_of(value), value.value)
            made.append(record)
            kept.append(again)
    rows = [row_of(PROTECTED, record) for record in made]
    write_all(write_new(connection, PROTECTED, rows))
    delete_rows(connection, wanted)
    add_rows(connection, kept)
    return len(made)
