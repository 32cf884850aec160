"""Up to which state of the incidents alerts were raised: read, and moved on by one who was first.

The histories' numbers rise in the order of the commits, in a file and in PostgreSQL, so that a
number tells what was there to be evaluated.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from .connection import bound
from .rows import instant_text

EVERYTHING, IN_PART = "all", "in part"
_MARK = "SELECT history_id + 0 AS mark FROM alert_status WHERE sight = $sight"
_TOP = "SELECT max(history_id) + 0 AS top FROM incident_history"
_CLAIM = (
    "INSERT INTO alert_status(sight, history_id, evaluated_at, run) "
    "VALUES ($sight, CAST($top AS BIGINT), $now, $run) "
    "ON CONFLICT (sight) DO UPDATE SET history_id = excluded.history_id, "
    "evaluated_at = excluded.evaluated_at, run = excluded.run "
    "WHERE alert_status.history_id = CAST($mark AS BIGINT)"
)
_WON = "SELECT count(*) + 0 AS won FROM alert_status WHERE sight = $sight AND run = $run"


def sight_of(ledger: Any) -> str:
    """Whose evaluation it is: who sees but a part of the records has a state of their own."""
    return EVERYTHING if ledger.sees_all else IN_PART


def mark_of(connection: Any, sight: str) -> int:
    """The number of the last evaluated row of the history; 0 where nothing was."""
    rows = connection.rows(bound(_MARK, sight=sight))
    return int(rows[0][0]) if rows else 0


def top_of(connection: Any) -> int:
    """The number of the last row of the history; 0 where there is none."""
    rows = connection.rows(_TOP)
    return int(rows[0][0] or 0) if rows else 0


def claim(connection: Any, sight: str, mark: int, top: int, now: datetime) -> bool:
    """Move the state on from ``mark`` to ``top``, inside a transaction of the caller.

    False where somebody else has moved it since: then they told what was to be told.
    """
    run = uuid.uuid4().hex
    moment = instant_text(now)
    connection.run(bound(_CLAIM, sight=sight, mark=str(mark), top=str(top), now=moment, run=run))
    return int(connection.rows(bound(_WON, sight=sight, run=run))[0][0]) == 1
