"""What a reader has to know of an agreement's file before using what comes of it."""

from __future__ import annotations

from typing import Iterator

from ..model.agreement import Agreement, Band, Limit, TextStatus
from .agreement_walk import records

# Shorter than this, a distance from a line that armies keep was typed in kilometres.
SHORT_M = 100.0
MOST = 12


def agreement_notes(agreement: Agreement) -> list[str]:
    """In whole sentences: clauses that are not verified, the file's own note, short distances.

    The file's own note is repeated only where clauses are not verified, as in a template.
    """
    notes = []
    clauses = [
        each.reference for each in agreement.clauses if each.text_status is TextStatus.NOT_VERIFIED
    ]
    if clauses:
        more = f" and {len(clauses) - MOST} more" if len(clauses) > MOST else ""
        listed = ", ".join(f"“{each}”" for each in clauses[:MOST]) + more
        notes.append(
            f"“{agreement.title}” marks clauses as not verified: {listed}. Compare them with the "
            "signed text before you rely on what comes of them."
        )
        if agreement.note:
            notes.append(f"Note in the agreement's file: {agreement.note}")
    return notes + list(_short_distances(agreement))


def _short_distances(agreement: Agreement) -> Iterator[str]:
    """Limits and bands so short that kilometres may have been written for metres."""
    for where, record in records(agreement):
        if isinstance(record, Limit):
            name, metres = "distance_m", record.distance_m
        elif isinstance(record, Band):
            name, metres = "far_m", record.far_m
        else:
            continue
        if 0.0 < metres < SHORT_M:
            yield (
                f"{where}: “{name}” is {metres:g} m; if kilometres were meant, write "
                f"{metres * 1000.0:.10g}."
            )
