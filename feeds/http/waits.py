"""How long to wait before asking again, and waiting that can be cancelled."""

from __future__ import annotations

import random
import threading
import time
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Callable, Mapping, Optional

from ...model.errors import Cancelled
from .limits import Limits

# How often a wait asks whether it was cancelled.
GLANCE_S = 0.05
# A source that asks for more than this has a clock that is wrong.
LONGEST_ASKED_S = 30 * 86400.0


class Clock:
    """The time, and waiting; a test may hand the client one of its own."""

    def now(self) -> datetime:
        """The wall clock's time, aware, UTC."""
        return datetime.now(timezone.utc)

    def monotonic(self) -> float:
        """Seconds that never jump."""
        return time.monotonic()

    def wait(self, seconds: float) -> None:
        """Let so many seconds pass."""
        threading.Event().wait(seconds)


def moment(text: Optional[str]) -> Optional[datetime]:
    """A date of HTTP (RFC 9110, all three forms) as an aware UTC time; None where it is none."""
    try:
        found = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    if found.tzinfo is None:
        found = found.replace(tzinfo=timezone.utc)
    try:
        return found.astimezone(timezone.utc)
    except OverflowError:
        return None


def asked_wait_s(headers: Mapping[str, str], now: datetime) -> Optional[float]:
    """The seconds that ``Retry-After`` asks for, None where there is none that can be read.

    A date is held against the reply's own ``Date``, so that a clock that is wrong on either side
    does not matter. Never negative, never more than thirty days.
    """
    text = (headers.get("Retry-After") or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:12]), LONGEST_ASKED_S) if len(text) < 12 else LONGEST_ASKED_S
    until = moment(text) if text else None
    if until is None:
        return None
    since = moment(headers.get("Date")) or now
    return min(max((until - since).total_seconds(), 0.0), LONGEST_ASKED_S)


def backoff_s(attempt: int, limits: Limits, dice: Callable[[], float] = random.random) -> float:
    """The wait after attempt ``attempt`` (from 1): exponential with full jitter.

    Between nothing and ``first_wait_s × 2^(attempt−1)``, at most ``longest_wait_s`` (Brooker 2015,
    “Exponential backoff and jitter”).
    """
    ceiling = limits.first_wait_s * 2.0 ** min(attempt - 1, 30)
    return dice() * min(ceiling, limits.longest_wait_s)


def sit_out(seconds: float, clock: Clock, cancelled: Callable[[], bool]) -> None:
    """Wait so many seconds, asking every glance whether to stop; raises Cancelled then."""
    until = clock.monotonic() + seconds
    while True:
        if cancelled():
            raise Cancelled("The fetch was stopped while it waited to ask the source again.")
        left = until - clock.monotonic()
        if left <= 0:
            return
        clock.wait(min(left, GLANCE_S))
