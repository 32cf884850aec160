"""How long, how much and how often the client goes before it gives up."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Limits:
    """Seconds, bytes and counts for one request with its retries.

    ``connect_s`` until a connection stands, ``idle_s`` without a single byte, ``whole_s`` for one
    reply from the first byte asked to the last one had (each attempt, redirects included, has its
    own). ``received_bytes`` on the wire, ``inflated_bytes`` after inflating. ``attempts`` in all.
    ``longest_wait_s`` is the longest wait before a retry that we still sit through.
    """

    connect_s: float = 10.0
    idle_s: float = 30.0
    whole_s: float = 600.0
    received_bytes: int = 500_000_000
    inflated_bytes: int = 2_000_000_000
    attempts: int = 5
    longest_wait_s: float = 300.0
    redirects: int = 5
    # The first retry waits between 0 and this many seconds, each later one up to twice as long.
    first_wait_s: float = 1.0
