"""What an opened ledger has to say reaches the user of the algorithm that opened it."""

from __future__ import annotations

import contextlib
from contextvars import ContextVar
from typing import Any, Iterator, Optional

_OPENED: ContextVar[Optional[list]] = ContextVar("ledgers_opened", default=None)


@contextlib.contextmanager
def telling_notes(feedback: Any) -> Iterator[None]:
    """Tell what the ledgers that are opened inside have to say, each sentence once.

    It is told at the end, also where the work fails: some of it is known only after writing.
    """
    opened: list = []
    before = _OPENED.set(opened)
    try:
        yield
    finally:
        _OPENED.reset(before)
        for note in dict.fromkeys(note for ledger in opened for note in ledger.notes):
            feedback.pushWarning(note)


def noted(ledger: Any) -> Any:
    """The ledger, whose ``notes`` are told when the running algorithm ends."""
    opened = _OPENED.get()
    if opened is not None:
        opened.append(ledger)
    return ledger
