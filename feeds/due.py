"""When a feed's turn is: its interval, its quiet hours, and how long a failure keeps it back."""

from __future__ import annotations

import dataclasses
from datetime import datetime, time, timedelta, timezone, tzinfo
from typing import Any, Optional


@dataclasses.dataclass(frozen=True)
class Turn:
    """Whether a feed is to be fetched now; if not, ``at`` is when (UTC), and ``why`` in words.

    ``at`` is None for a feed that is paused.
    """

    due: bool
    at: Optional[datetime]
    why: str = ""


def is_paused(feed: Any) -> bool:
    """Whether a feed is never fetched by itself; one that does not say so is."""
    return feed.enabled is not None and not feed.enabled


def turn_of(feed: Any, status: Any, now: datetime, zone: tzinfo) -> Turn:
    """The turn of a feed (model.feed.Feed) with its status (None: never fetched).

    ``now`` is an aware instant, ``zone`` the theatre's time zone, in which quiet hours are.
    """
    if is_paused(feed):
        return Turn(False, None, "it is paused")
    at, why = now, ""
    last = getattr(status, "last_run_at", None)
    if last is not None and feed.interval_minutes:
        # A clock that was put back must not keep a feed waiting.
        following = min(last, now) + timedelta(minutes=feed.interval_minutes)
        if following > at:
            at, why = following, "its interval is not over"
    held = getattr(status, "next_allowed_at", None)
    if held is not None and last is not None and last > now:
        # Nor must one that was ahead when the feed failed.
        held -= last - now
    if held is not None and held > at:
        at, why = held, "it waits after a failure"
    awake = end_of_quiet(feed.quiet_from, feed.quiet_to, at, zone)
    if awake > at:
        at, why = awake, "it is in its quiet hours"
    return Turn(at <= now, at, why)


def end_of_quiet(
    start: Optional[str], end: Optional[str], moment: datetime, zone: tzinfo
) -> datetime:
    """The first instant (UTC) from ``moment`` on that is not in the quiet hours.

    ``start`` and ``end`` are "HH:MM" in ``zone``, half-open; a start after its end passes
    midnight. The same two, or none, are no quiet hours.
    """
    if not start or not end or start == end:
        return moment
    first, last = time.fromisoformat(start), time.fromisoformat(end)
    local = moment.astimezone(zone)
    clock = local.time().replace(tzinfo=None)
    if first < last:
        quiet, days = first <= clock < last, 0
    else:
        quiet, days = clock >= first or clock < last, 1 if clock >= first else 0
    if not quiet:
        return moment
    day = local.date() + timedelta(days=days)
    return datetime.combine(day, last, tzinfo=zone).astimezone(timezone.utc)
