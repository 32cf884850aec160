"""One reading of a source against its scripted server, as the engine does it, without a ledger."""

from __future__ import annotations

import dataclasses
import threading
from datetime import datetime, timezone
from typing import Any, Optional

from ceasefire_monitor.feeds.http.client import Client
from ceasefire_monitor.feeds.http.credentials import Credentials
from ceasefire_monitor.feeds.http.limits import Limits
from ceasefire_monitor.feeds.http.waits import Clock
from ceasefire_monitor.feeds.importer import import_table
from ceasefire_monitor.feeds.source import Asked, Batch, Outcome, Source
from ceasefire_monitor.feeds.table import RawTable

NOW = datetime(2026, 10, 5, 12, tzinfo=timezone.utc)
QUICK = Limits(connect_s=5, idle_s=5, whole_s=30, attempts=3, first_wait_s=0.001)


class Skipping(Clock):
    """A clock whose waits pass at once; ``waited`` is their sum in seconds."""

    def __init__(self):
        self.waited = 0.0
        self._lock = threading.Lock()

    def monotonic(self) -> float:
        return super().monotonic() + self.waited

    def wait(self, seconds: float) -> None:
        with self._lock:
            self.waited += seconds


@dataclasses.dataclass
class Read:
    """What a reading gave; ``error`` is what ended it, with the batches that came before."""

    batches: list[Batch]
    outcome: Optional[Outcome]
    warnings: list[str]
    requests: int
    waited: float
    error: Optional[Exception] = None

    @property
    def rows(self) -> list[dict]:
        return [dict(zip(one.columns, row)) for one in self.batches for row in one.rows]

    @property
    def removed(self) -> list[str]:
        return [identifier for one in self.batches for identifier in one.removed]

    def said(self, words: str) -> bool:
        """Whether a warning holds these words, and each is a sentence."""
        assert all(
            one.rstrip()[-1] in ".!)" and (one[0].isalnum() or one[0] == "“")
            for one in self.warnings
        )
        return any(words in one for one in self.warnings)


def asked(source: Source, address: str, client: Client, warnings: list, **how: Any) -> Asked:
    """What the engine would hand to the source."""
    return Asked(
        address=address,
        options=how.get("options") or {},
        timezone=how.get("timezone", "UTC"),
        client=client,
        credentials=how.get("credentials") or Credentials(),
        mark=how.get("mark") or {},
        since=how.get("since"),
        full=how.get("full", False),
        warn=warnings.append,
        now=how.get("now", NOW),
        memory=how.get("memory") or how.get("mark") or {},
        quota=how.get("quota") or {},
    )


def read(source: Source, address: str, keep_error: bool = False, **how: Any) -> Read:
    """All batches and the outcome of one run; raises what the source raises."""
    warnings: list[str] = []
    clock = Skipping()
    credentials = how.get("credentials") or Credentials()
    with Client(limits=QUICK, credentials=credentials, clock=clock) as client:
        reading = source.read(asked(source, address, client, warnings, **how))
        batches: list[Batch] = []
        outcome, error = None, None
        try:
            while True:
                try:
                    batches.append(next(reading))
                except StopIteration as end:
                    outcome = end.value
                    break
        except Exception as raised:
            if not keep_error:
                raise
            error = raised
        return Read(batches, outcome, warnings, client.requests, clock.waited, error)


def checked(source: Source, address: str, **how: Any):
    """What the source's trial says."""
    credentials = how.get("credentials") or Credentials()
    with Client(limits=QUICK, credentials=credentials, clock=Skipping()) as client:
        return source.check(asked(source, address, client, [], **how))


def imported(source: Source, found: Read, timezone: str = "UTC"):
    """The incidents of a reading by the source's preset, batch by batch, by id."""
    incidents, rejected = {}, []
    for batch in found.batches:
        if not batch.rows:
            continue
        numbers = list(range(1, len(batch.rows) + 1))
        table = RawTable(batch.columns, [list(row) for row in batch.rows], numbers)
        result = import_table(table, source.preset, timezone, dict(source.mapping))
        incidents.update({one.incident_id: one for one in result.incidents})
        rejected += result.rejected
    return incidents, rejected
