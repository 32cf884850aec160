"""Agreements in the ledger: every version is kept, the latest of an agreement counts."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timezone
from typing import Iterable, Optional

from ..model.incident import content_id
from ..model.stored_agreement import StoredAgreement, sha256_of
from ..model.tables import AGREEMENTS
from .connection import Connection
from .counts import WriteCounts
from .rows import record_of, row_of
from .store import read_rows, write_new
from .upsert import Step, go_through


def latest_agreements(connection: Connection) -> dict[str, StoredAgreement]:
    """The latest version of each agreement, by its id, in the order of their writing."""
    latest: dict[str, StoredAgreement] = {}
    for row in read_rows(connection, AGREEMENTS):
        stored = record_of(AGREEMENTS, StoredAgreement, row)
        latest.pop(stored.agreement_id, None)
        latest[stored.agreement_id] = stored
    return latest


def write_agreements(
    connection: Connection, agreements: Iterable[StoredAgreement], step: Optional[Step] = None
) -> WriteCounts:
    """Add those whose text is not that of the latest version; inside a caller's transaction."""
    latest = latest_agreements(connection)
    counts = WriteCounts()
    now = datetime.now(timezone.utc)
    new = []
    for agreement in agreements:
        digest = sha256_of(agreement.text or "")
        before = latest.get(agreement.agreement_id)
        if before is not None and before.sha256 == digest:
            counts.unchanged += 1
            continue
        agreement = dataclasses.replace(
            agreement,
            version_id=content_id(agreement.agreement_id, digest, now),
            sha256=digest,
            recorded_at=now,
        )
        latest[agreement.agreement_id] = agreement
        new.append(row_of(AGREEMENTS, agreement))
    go_through(write_new(connection, AGREEMENTS, new), step)
    counts.added = len(new)
    return counts
