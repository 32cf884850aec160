"""What was read on the main thread for expressions, and what it stands on."""

from __future__ import annotations

from typing import Any, NamedTuple, Optional


class Reading(NamedTuple):
    """A snapshot that any thread may ask, or the sentence that says why there is none.

    ``layers`` and ``files`` are watched; ``state`` tells whether another reading gave the same.
    """

    snapshot: Any = None
    layers: tuple = ()
    files: tuple[str, ...] = ()
    state: Any = None
    notes: tuple[str, ...] = ()
    problem: Optional[str] = None

    def told(self) -> tuple:
        """What has to change before what rests on it is another."""
        return self.state, self.problem
