"""Writing an import to the ledger: incidents, observations, posts, effort and the fetch at once."""

from __future__ import annotations

import uuid
from datetime import datetime, timezone
from pathlib import Path

from ...model.errors import Cancelled


def write_ledger(algorithm, path: str, zone: str, table, result, feedback) -> dict:
    """Write an import to the ledger at ``path``, in one transaction; a new one where none is.

    Returns the numbers of incidents added, changed, unchanged and not seen any more. Where it
    fails nothing stays written, and a ledger made for it is removed again.
    """
    from ...ledger.opening import create_ledger
    from ..ledger.place import is_in_database, open_place

    # A team's ledger is made by its administrator, never by an import.
    made = not is_in_database(path) and not Path(path).exists()
    fetch = fetch_of(algorithm, table, result)
    try:
        with create_ledger(path, {"timezone": zone}) if made else open_place(path) as ledger:
            counts = ledger.write_import(
                result,
                fetch,
                None,
                algorithm.tr("import of %1").replace("%1", str(fetch.address)),
                step=lambda *_: stop_if_cancelled(feedback, algorithm),
            )
    except BaseException:
        if made and Path(path).exists():
            Path(path).unlink()
        raise
    return told(algorithm, feedback, counts)


def told(algorithm, feedback, counts) -> dict:
    """Say what the ledger took, and give it as numbers."""
    feedback.pushInfo(
        algorithm.tr(
            "In the ledger: %1 added, %2 changed, %3 unchanged; %4 of the same source and "
            "period are not in this file and stay."
        )
        .replace("%1", f"{counts.added:,}")
        .replace("%2", f"{counts.changed:,}")
        .replace("%3", f"{counts.unchanged:,}")
        .replace("%4", f"{len(counts.not_seen):,}")
    )
    if counts.not_seen:
        shown = ", ".join(counts.not_seen[:8]) + (" …" if len(counts.not_seen) > 8 else "")
        feedback.pushWarning(algorithm.tr("Not seen any more: %1").replace("%1", shown))
    if counts.kept:
        shown = ", ".join(counts.kept[:8]) + (" …" if len(counts.kept) > 8 else "")
        feedback.pushWarning(
            algorithm.tr(
                "Corrected by hand in the ledger, and now told otherwise by the source; the "
                "correction stands: %1"
            ).replace("%1", shown)
        )
    return {
        "ADDED": counts.added,
        "CHANGED": counts.changed,
        "UNCHANGED": counts.unchanged,
        "NOT_SEEN": len(counts.not_seen),
    }


def fetch_of(algorithm, table, result):
    """The custody of what was read: the file's name, SHA-256 and counts."""
    from ...feeds.custody import sha256_of
    from ...model.land import Fetch

    return Fetch(
        fetch_id=uuid.uuid4().hex,
        source=result.source,
        address=Path(table.path).name if table.path else algorithm.tr("a layer"),
        sha256=sha256_of(table),
        fetched_at=datetime.now(timezone.utc),
        rows=result.rows,
        imported=len(result.incidents),
        effort=len(result.effort),
        rejected=len(result.rejected),
        notes="\n".join(result.notes) or None,
    )


def stop_if_cancelled(feedback, algorithm) -> None:
    """Raise Cancelled where the user asked to stop."""
    if feedback.isCanceled():
        raise Cancelled(algorithm.tr("The import was stopped; nothing was written."))
