"""What the panel of feeds shows of one feed: how it stands, in a state and in words."""

from __future__ import annotations

import dataclasses
from datetime import datetime, tzinfo
from enum import Enum
from typing import Any, Optional

from qgis.PyQt.QtCore import QCoreApplication


class State(Enum):
    """How a feed stands; each has a light of its own shape and colour."""

    RUNNING = "running"
    IN_STEP = "in_step"
    INCOMPLETE = "incomplete"
    FAILING = "failing"
    NEW = "new"
    PAUSED = "paused"


@dataclasses.dataclass
class FeedRow:
    """A feed of the ledger, its status (None: never fetched) and how many incidents are new today.

    ``new_today`` counts from the beginning of the theatre's reporting day; None: not known.
    ``trouble`` is why this QGIS could not fetch it, where the ledger does not know of that.
    """

    feed: Any
    status: Any = None
    new_today: Optional[int] = None
    trouble: str = ""

    def state(self, running: bool = False) -> State:
        """By the last run, the pause, and whether it is being fetched now."""
        if running:
            return State.RUNNING
        if self.feed.enabled is False:
            return State.PAUSED
        status = self.status
        if self.trouble or (status is not None and status.failures):
            return State.FAILING
        if status is None or status.last_run_at is None:
            return State.NEW
        if status.last_complete_at is None or status.last_complete_at < status.last_run_at:
            return State.INCOMPLETE
        return State.IN_STEP

    def name(self) -> str:
        """The feed's name for people."""
        return self.feed.feed_name or self.feed.feed_id

    def last_success(self) -> Optional[float]:
        """Seconds since 1970 (UTC) of the last fetch that went well; None: there was none."""
        moment = getattr(self.status, "last_success_at", None)
        return moment.timestamp() if moment is not None else None

    def reason(self) -> str:
        """Why it does not stand well, in one sentence; empty where it does."""
        if self.trouble:
            return self.trouble
        if self.state() in (State.FAILING, State.INCOMPLETE):
            return (self.status.message or "").strip()
        return ""

    def turn(self, now: datetime, zone: tzinfo):
        """When its turn is: see ``feeds.due``."""
        from ..feeds.due import turn_of

        return turn_of(self.feed, self.status, now, zone)

    def needs_login(self) -> bool:
        """Whether its login is kept in QGIS's authentication database."""
        return bool((self.feed.authcfg or "").strip())


def state_words(state: State) -> str:
    """A state in a word or two."""
    return _tr(WORDS[state][0])


def state_sentence(state: State) -> str:
    """A state in a sentence."""
    return _tr(WORDS[state][1])


WORDS = {
    State.RUNNING: ("fetching", "It is being fetched."),
    State.IN_STEP: ("in step", "The ledger holds what the source held at the last fetch."),
    State.INCOMPLETE: (
        "incomplete",
        "Not everything came at the last fetch; what came is kept, and nothing was withdrawn.",
    ),
    State.FAILING: ("failing", "The last fetch failed; the ledger keeps what it had."),
    State.NEW: ("not yet fetched", "It was never fetched."),
    State.PAUSED: ("paused", "It is paused, and fetched only when you say so."),
}


def _tr(text: str) -> str:
    return QCoreApplication.translate("FeedRow", text)
