"""Whether records of evidence still speak of the bytes that were attached."""

from __future__ import annotations

from typing import Any, Sequence

from ..model.evidence import CustodyEvent, Evidence

CHANGED = (
    "its record was changed since it was attached, and the {} was {}: look into its history, and "
    "verify the ledger."
)


def as_attached(
    ledger: Any, records: Sequence[Evidence], attached: Sequence[CustodyEvent]
) -> dict[str, str]:
    """What is wrong, in a sentence, with the records that no longer speak of the bytes that were
    attached: by their first revision that had a SHA-256, and by the custody's rows ``attached``.
    """
    by_custody: dict = {}
    for row in attached:
        if row.sha256:
            by_custody.setdefault(row.evidence_id, row.sha256)
    wrong = {}
    for record in records:
        states = [past.payload for past in ledger.history(record.evidence_id, "evidence")]
        first = next((state for state in states if state.get("sha256")), None)
        if first is not None and first["sha256"] != record.sha256:
            wrong[record.evidence_id] = CHANGED.format("SHA-256", first["sha256"])
        elif first is not None and first.get("size_bytes") not in (None, record.size_bytes):
            wrong[record.evidence_id] = CHANGED.format("size", first["size_bytes"])
        elif by_custody.get(record.evidence_id, record.sha256) != record.sha256:
            wrong[record.evidence_id] = CHANGED.format("SHA-256", by_custody[record.evidence_id])
    return wrong
