"""Asking a source in a test as the plugin does: a real client, a source, all of its batches."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timezone
from typing import Any, Optional

from ceasefire_monitor.feeds.http.client import Client
from ceasefire_monitor.feeds.http.credentials import Credentials
from ceasefire_monitor.feeds.http.limits import Limits
from ceasefire_monitor.feeds.importer import ImportResult, import_table
from ceasefire_monitor.feeds.source import Asked, Batch, Outcome
from ceasefire_monitor.feeds.sources import SOURCES
from ceasefire_monitor.feeds.survey import Survey
from ceasefire_monitor.feeds.table import RawTable

NOBODY = Credentials()
NOW = datetime(2025, 6, 1, 12, 0, tzinfo=timezone.utc)
QUICK = Limits(attempts=2, first_wait_s=0.01, connect_s=5, idle_s=5, whole_s=60)


@dataclasses.dataclass
class Told:
    """What a source gave in one reading."""

    batches: list[Batch]
    outcome: Outcome
    warnings: list[str]
    requests: int

    @property
    def records(self) -> list[dict[str, Any]]:
        """All rows as dictionaries by column."""
        return [dict(zip(batch.columns, row)) for batch in self.batches for row in batch.rows]

    @property
    def removed(self) -> list[str]:
        """All ids that the source said are gone."""
        return [own for batch in self.batches for own in batch.removed]

    @property
    def notes(self) -> str:
        """All notes on the replies."""
        return " ".join(note for batch in self.batches for note in batch.table_notes)


def asked_of(
    address: str,
    client: Client,
    credentials: Credentials,
    warnings: list,
    options: Optional[dict] = None,
    mark: Optional[dict] = None,
    full: bool = False,
    since: Optional[datetime] = None,
    now: datetime = NOW,
    zone: str = "UTC",
    memory: Optional[dict] = None,
) -> Asked:
    """What a source is asked, with a list that takes its warnings."""
    return Asked(
        address,
        dict(options or {}),
        zone,
        client,
        credentials,
        dict(mark or {}),
        since,
        full,
        warnings.append,
        now,
        dict(memory or mark or {}),
    )


def ask(name: str, address: str, credentials: Credentials = NOBODY, **more: Any) -> Told:
    """Read a source to its end; ``more`` are ``asked_of``'s."""
    warnings: list[str] = []
    with Client(limits=QUICK, credentials=credentials) as client:
        reading = SOURCES[name].read(asked_of(address, client, credentials, warnings, **more))
        batches = []
        while True:
            try:
                batches.append(next(reading))
            except StopIteration as end:
                return Told(batches, end.value, warnings, client.requests)


def checked(name: str, address: str, credentials: Credentials = NOBODY, **more: Any):
    """What a source's trial finds."""
    with Client(limits=QUICK, credentials=credentials) as client:
        return SOURCES[name].check(asked_of(address, client, credentials, [], **more))


def imported(
    name: str,
    told: Told,
    mapping: Optional[dict] = None,
    zone: str = "UTC",
    preset: Optional[str] = None,
) -> list[ImportResult]:
    """Each batch through the importer with the source's own preset and mapping."""
    source = SOURCES[name]
    survey = Survey()
    for batch in told.batches:
        survey.add(batch.columns, batch.rows)
        if batch.whole_schema:
            survey.filled.update(batch.columns)
    return [
        import_table(
            RawTable(batch.columns, batch.rows, list(range(1, len(batch.rows) + 1))),
            preset or source.preset,
            zone,
            {**source.mapping, **(mapping or {})},
            survey=survey.as_json(),
        )
        for batch in told.batches
        if batch.rows
    ]


def incidents(name: str, told: Told, mapping=None, zone: str = "UTC", preset=None) -> dict:
    """All incidents of a reading by their ids."""
    return {
        one.incident_id: one
        for result in imported(name, told, mapping, zone, preset)
        for one in result.incidents
    }
