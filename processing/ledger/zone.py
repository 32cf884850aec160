"""Which time zone an algorithm reads local times in: the one given, else the ledger's."""

from __future__ import annotations

from pathlib import Path
from typing import Optional


def theatre_zone(algorithm, given: Optional[str], ledger_path: Optional[str], feedback) -> str:
    """The IANA name of the zone; says so where it is not the ledger's, or none is known.

    A ledger keeps its theatre's zone: reading the same times in another one would move every
    bare date, so that is said, but done.
    """
    given = (given or "").strip()
    kept = _kept(ledger_path)
    if given and kept and given != kept:
        feedback.pushWarning(
            algorithm.tr(
                "Times are read in %1, but the ledger's theatre is in %2. Leave TIMEZONE empty "
                "to use the ledger's."
            )
            .replace("%1", given)
            .replace("%2", kept)
        )
    if not given and not kept:
        feedback.pushInfo(
            algorithm.tr("No time zone was given: times without a zone are read as UTC.")
        )
    return given or kept or "UTC"


def _kept(ledger_path: Optional[str]) -> str:
    from .place import is_in_database, open_place

    if not ledger_path or not (is_in_database(ledger_path) or Path(ledger_path).exists()):
        return ""
    with open_place(ledger_path, readonly=True) as ledger:
        return ledger.settings().get("timezone") or ""
