"""Sealing revisions into the custody chain.

Each link is the SHA-256 of the link before it and of the canonical form of one revision;
`docs/custody.md` defines both, and ``verify`` checks them with the same definition.
"""

from __future__ import annotations

import contextlib
import hashlib
from string import Template
from typing import Iterable

from ..model.errors import CeasefireError
from .connection import Connection, Session
from .verify import HEX64, HISTORIES, CannotCheck, Run, Source, Unreadable, hash_0

# Opening a ledger does not wait for another writer: who writes seals, too.
SOON_MS = 100
# What the sentence on a locked file says; see ``refusals``.
BUSY = "is being written to by another program"
_LAST = Template("SELECT max(history_id) + 0 AS last FROM chain WHERE history = '$history'")
_END = "SELECT position + 0 AS position, hash FROM chain ORDER BY position DESC LIMIT 1"
# In PostgreSQL who may not read the chain may still ask where it ends.
_END_IN_DATABASE = 'SELECT "position", hash FROM chain_end() WHERE "position" IS NOT NULL'
_UNSEALED = Template(
    "SELECT EXISTS (SELECT 1 FROM $history WHERE history_id > coalesce("
    "(SELECT max(history_id) FROM chain WHERE history = '$history'), 0)) AS found"
)
_ADD = Template(
    "INSERT INTO chain(history, history_id, hash) SELECT '$history', CAST(key AS INTEGER), value "
    "FROM json_each('{$links}')"
)
_LEDGER_ID = 'SELECT "value" FROM settings WHERE "key" = \'ledger_id\''
ROWS_AT_ONCE = 2_000


def seal(connection: Connection) -> int:
    """Seal the revisions that are not yet; returns how many.

    Inside a transaction of the caller, which holds the write lock: what is sealed by one
    connection comes in the order of the rows, and is never sealed by another.
    """
    _, previous = end_of_chain(connection)
    source = Source(reader(connection))
    sealed = 0
    try:
        for history in HISTORIES:
            ((last,),) = connection.rows(_LAST.substitute(history=history))
            links: list[str] = []
            for number, form in source.forms(history, last or 0):
                previous = hashlib.sha256(previous + form).digest()
                links.append(f'"{number}":"{previous.hex()}"')
                if len(links) == ROWS_AT_ONCE:
                    sealed += _add(connection, history, links)
                    links = []
            sealed += _add(connection, history, links)
    except (CannotCheck, Unreadable) as error:
        raise CeasefireError(str(error)) from None
    return sealed


def seal_at_opening(connection: Connection) -> None:
    """Seal what was edited elsewhere since; where that cannot be done now, it stays unsealed."""
    if not connection.update or connection.absent:
        return
    with contextlib.suppress(CeasefireError):
        if not any(_unsealed(connection)):
            return
        connection.run(f"PRAGMA busy_timeout = {SOON_MS}")
        try:
            with connection.transaction(Session()):
                pass
        finally:
            connection.run(f"PRAGMA busy_timeout = {int(connection.wait_ms)}")


def end_of_chain(connection: Connection) -> tuple[int, bytes]:
    """The last position and its hash; 0 and the beginning's where nothing is sealed."""
    rows = connection.rows(_END_IN_DATABASE if connection.keeps_rows_itself else _END)
    if not rows:
        ((ledger_id,),) = connection.rows(_LEDGER_ID)
        return 0, hash_0(ledger_id or "")
    position, digest = rows[0]
    if not HEX64.fullmatch(str(digest)):
        raise CeasefireError(
            f"The last row of the custody chain in “{connection.path}” was altered: check the "
            "ledger with “Verify ledger”, and restore it from a copy; nothing was written."
        )
    return position, bytes.fromhex(digest)


def reader(connection: Connection) -> Run:
    """What ``verify`` reads the ledger with, through GDAL; a page that is damaged or does not
    come through whole is for it to handle."""

    def run(sql: str) -> list[tuple]:
        try:
            return connection.rows(sql)
        except CeasefireError as error:
            if BUSY in str(error):
                raise CannotCheck(str(error)) from None
            raise Unreadable(str(error).rstrip(".")) from None

    return run


def _add(connection: Connection, history: str, links: list[str]) -> int:
    """Add rows to the chain. The database numbers them on: where its last rows were removed,
    the gap shows."""
    if links:
        connection.run(_ADD.substitute(history=history, links=",".join(links)))
    return len(links)


def _unsealed(connection: Connection) -> Iterable[bool]:
    for history in HISTORIES:
        ((found,),) = connection.rows(_UNSEALED.substitute(history=history))
        yield bool(found)
