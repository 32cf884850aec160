"""How each feed stands: its last runs, its failures, and where its next run goes on.

One row a feed, overwritten at every run. It is no record of what happened (``fetches`` is), so it
is not in the chain. The mark is written in the transaction of the rows that it speaks of.
"""

from __future__ import annotations

import dataclasses
import json
from datetime import datetime, timedelta, timezone
from typing import Any, Optional

from ..model.errors import CeasefireError
from .connection import Connection, Session, bound
from .own_tables import FEED_STATUS
from .rows import instant_of, instant_text
from .settings import with_what

MOMENTS = ("last_run_at", "last_success_at", "last_complete_at", "next_allowed_at")
LONGEST_WAIT = timedelta(days=1)
USUAL_MINUTES = 60
_READ = (
    "SELECT feed_id || '' AS feed, run + 0 AS run, failures + 0 AS failures, "
    "last_run_at || '' AS a, last_success_at || '' AS b, last_complete_at || '' AS c, "
    "next_allowed_at || '' AS d, message || '' AS e, mark || '' AS f, quota || '' AS g "
    "FROM feed_status"
)
_MADE = "INSERT INTO feed_status(feed_id) VALUES ($feed) ON CONFLICT (feed_id) DO NOTHING"
_WRITE = (
    "UPDATE feed_status SET run = {run}, failures = {failures}, last_run_at = $last_run_at, "
    "last_success_at = $last_success_at, last_complete_at = $last_complete_at, "
    "next_allowed_at = $next_allowed_at, message = $message, mark = $memory, quota = $quota "
    "WHERE feed_id = $feed"
)
OVERTAKEN = (
    "Another program fetched “%1” at the same time: what that one wrote stands, and what was left "
    "of this run was not written."
)


class Overtaken(CeasefireError):
    """Another run of the same feed wrote meanwhile."""


@dataclasses.dataclass
class FeedStatus:
    """How a feed stands.

    ``run`` counts its runs that came to write. Moments are aware, in UTC. ``failures`` are those
    since the last success; ``message`` is one sentence on the last run; before ``next_allowed_at``
    it should not be asked again. ``mark`` is the source's own, ``quota`` counts requests by day
    (UTC). ``question`` and ``reading`` tell what the mark is an answer to, ``columns`` which of the
    source's columns had values.
    """

    feed_id: str
    run: int = 0
    last_run_at: Optional[datetime] = None
    last_success_at: Optional[datetime] = None
    last_complete_at: Optional[datetime] = None
    failures: int = 0
    message: Optional[str] = None
    next_allowed_at: Optional[datetime] = None
    mark: dict = dataclasses.field(default_factory=dict)
    quota: dict = dataclasses.field(default_factory=dict)
    question: Optional[str] = None
    reading: Optional[str] = None
    columns: dict = dataclasses.field(default_factory=dict)


def read_statuses(connection: Connection) -> dict[str, FeedStatus]:
    """The status of every feed that was fetched, by its id."""
    if "*" in connection.absent.get(FEED_STATUS, ()):
        return {}
    return {row[0]: _status(row) for row in connection.rows(_READ)}


def read_status(connection: Connection, feed_id: str, locked: bool = False) -> FeedStatus:
    """The status of one feed; a fresh one where it was never fetched.

    ``locked``: inside a transaction, nobody else may write it until the end of that.
    """
    if "*" in connection.absent.get(FEED_STATUS, ()):
        return FeedStatus(feed_id)
    if locked:
        connection.run(bound(_MADE, feed=feed_id))
    lock = " FOR UPDATE" if locked and connection.keeps_rows_itself else ""
    rows = connection.rows(bound(f"{_READ} WHERE feed_id = $feed{lock}", feed=feed_id))
    return _status(rows[0]) if rows else FeedStatus(feed_id)


def claim(connection: Connection, feed_id: str, name: str, before: int, run: int) -> FeedStatus:
    """The status for a run that is going to write, inside its transaction.

    Overtaken where another run came between: ``before`` is the run that this one knew of.
    """
    status = read_status(connection, feed_id, locked=True)
    if status.run != before:
        raise Overtaken(OVERTAKEN.replace("%1", name))
    status.run = run
    return status


def write_status(connection: Connection, status: FeedStatus) -> None:
    """Keep a status, inside a transaction of the caller."""
    memory = {name: getattr(status, name) for name in ("mark", "question", "reading", "columns")}
    moments = {
        name: instant_text(value) if value else None
        for name, value in ((name, getattr(status, name)) for name in MOMENTS)
    }
    connection.run(bound(_MADE, feed=status.feed_id))
    sql = _WRITE.format(run=int(status.run), failures=int(status.failures))
    connection.run(
        bound(
            sql,
            feed=status.feed_id,
            message=status.message,
            memory=json.dumps(memory, ensure_ascii=False),
            quota=json.dumps(status.quota),
            **moments,
        )
    )


def note_failure(
    connection: Connection,
    feed: Any,
    message: str,
    retry_after_s: Optional[float] = None,
    requests: int = 0,
    of_source: bool = True,
) -> FeedStatus:
    """Note that a run of a feed failed, and when it may be asked again; the status as it is then.

    The wait doubles with each failure in a row, from twice the feed's interval to a day; where
    the source asked for a longer one it is that. A fault that is not the source's (``of_source``
    False, such as a full disk of ours) keeps the feed waiting no longer than its interval.
    """
    with connection.transaction(Session(with_what=with_what())):
        status = read_status(connection, feed.feed_id, locked=True)
        now = datetime.now(timezone.utc)
        status.failures += 1
        status.message = message
        status.last_run_at = now
        waits = _wait(feed, status.failures, retry_after_s) if of_source else timedelta()
        status.next_allowed_at = now + waits
        count_requests(status, requests, now)
        write_status(connection, status)
    return status


def count_requests(status: FeedStatus, requests: int, now: datetime) -> None:
    """Add requests to the count of the day (UTC); earlier days are forgotten."""
    today = now.date().isoformat()
    before = status.quota.get("requests", 0) if status.quota.get("day") == today else 0
    status.quota = {"day": today, "requests": before + requests}


def _wait(feed: Any, failures: int, retry_after_s: Optional[float]) -> timedelta:
    usual = timedelta(minutes=feed.interval_minutes or USUAL_MINUTES)
    # From the twentieth failure on every interval is beyond a day.
    doubled = min(usual * 2 ** min(failures, 20), max(LONGEST_WAIT, usual))
    asked = timedelta(seconds=min(retry_after_s or 0, 366 * 86_400))
    return max(doubled, asked)


def _status(row: tuple) -> FeedStatus:
    feed_id, run, failures, *texts = row
    first, second, third, fourth, message, memory, quota = (text or None for text in texts)
    known = _object(memory)
    return FeedStatus(
        feed_id,
        int(run),
        instant_of(first),
        instant_of(second),
        instant_of(third),
        int(failures),
        message,
        instant_of(fourth),
        known.get("mark") or {},
        _object(quota),
        known.get("question"),
        known.get("reading"),
        known.get("columns") or {},
    )


def _object(text: Optional[str]) -> dict:
    """A JSON object; an empty one where another program wrote something else."""
    try:
        value = json.loads(text or "{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
