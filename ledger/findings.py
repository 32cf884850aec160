"""Flags are added, never changed: the latest of an incident is the one that holds."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timezone
from typing import Iterable, Optional

from ..model.incident import content_id
from ..model.land import Finding
from ..model.tables import FINDINGS
from .compare import same_value
from .connection import Connection
from .counts import WriteCounts
from .rows import Row, record_of, row_of
from .store import read_rows, write_new
from .upsert import Step, go_through

NAMES = FINDINGS.names()
INCIDENT = NAMES.index("incident_id")
# What was found and on what; the id and the moment of the assessment are not part of it.
RESULT = [
    (index, field.kind)
    for index, field in enumerate(FINDINGS.fields)
    if field.name not in ("finding_id", "assessed_at")
]


def latest_rows(connection: Connection) -> dict[Optional[str], Row]:
    """The latest flag of each incident, by incident; findings of rules do not count."""
    rows = read_rows(
        connection,
        FINDINGS,
        "WHERE kept.fid IN "
        "(SELECT max(fid) FROM findings WHERE flag IS NOT NULL GROUP BY incident_id)",
    )
    return {row.values[INCIDENT]: row for row in rows}


def latest_findings(connection: Connection) -> dict[str, Finding]:
    """The latest flag of each incident, by incident id."""
    latest = latest_rows(connection)
    return {
        key: record_of(FINDINGS, Finding, row) for key, row in latest.items() if key is not None
    }


def write_findings(
    connection: Connection, findings: Iterable[Finding], step: Optional[Step] = None
) -> WriteCounts:
    """Add those flags that say something else than the latest of the same incident.

    A flag on another revision of the incident says something else. Inside a transaction of the
    caller.
    """
    latest = latest_rows(connection)
    counts = WriteCounts()
    now = datetime.now(timezone.utc)
    new = []
    for finding in findings:
        row = row_of(FINDINGS, signed(finding, now))
        before = latest.get(row.values[INCIDENT])
        if before is not None and _same(before, row):
            counts.unchanged += 1
            continue
        latest[row.values[INCIDENT]] = row
        new.append(row)
    go_through(write_new(connection, FINDINGS, new), step)
    counts.added = len(new)
    return counts


def signed(finding: Finding, now: datetime) -> Finding:
    """The finding with its moment and an id that is its own."""
    moment = finding.assessed_at or now
    identifier = finding.finding_id or content_id(
        moment, *(getattr(finding, NAMES[index]) for index, _ in RESULT)
    )
    return dataclasses.replace(finding, finding_id=identifier, assessed_at=moment)


def _same(old: Row, new: Row) -> bool:
    return all(same_value(kind, old.values[index], new.values[index]) for index, kind in RESULT)
