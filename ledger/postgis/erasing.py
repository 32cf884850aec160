"""The right to be forgotten in PostgreSQL: what is erased, and what only its administrator can."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Sequence

from ...model.errors import CeasefireError
from ...model.evidence import Protected
from ..connection import Session
from ..copies import Copy, Holding
from ..erasure import Erasure, erase_rows, where_else
from .upgrade import IS_OWNER

LEFT = (
    "PostgreSQL keeps the bytes of removed rows until its next VACUUM, in its write-ahead log for "
    "a while, and in every backup: let its administrator vacuum protected_values, and erase in the "
    "backups or let them expire"
)


def erase_protected(connection: Any, records: Sequence[Protected], session: Session) -> Erasure:
    """Delete values and salts, record that, and name what the database still holds of them.

    CeasefireError where no reason is given, the reason holds a value, or the user is no keeper.
    """
    if not connection.may_read("protected_values"):
        raise CeasefireError(
            f"Only a keeper of “{connection.path}” erases protected values: ask one."
        )
    done = where_else(connection, records, session)
    with connection.transaction(session):
        erase_rows(connection, records, session, done)
    done.left = LEFT + "."
    if connection.fetch(IS_OWNER, [connection.path.schema]) == [(1,)]:
        connection.execute(connection.composed("VACUUM {s}.protected_values"))
        done.left = (
            LEFT.replace("until its next VACUUM, in", "in").replace(
                "vacuum protected_values, and erase", "erase"
            )
            + "."
        )
    done.copies = [
        Copy(Path(path), Holding.UNKNOWN, "It was made when the ledger was moved or copied.")
        for (path,) in connection.rows("SELECT DISTINCT path FROM copies ORDER BY path")
    ]
    return done
