"""What the database says when it refuses, as a sentence that says what to do."""

from __future__ import annotations

from pathlib import Path

SENTENCES = (
    (
        ("database is locked", "database table is locked", "busy"),
        "“{path}” is being written to by another program or layer: save or stop editing there, "
        "then run it again; nothing was written.",
    ),
    (
        ("disk is full", "no space left", "file too large"),
        "The disk of “{path}” is full: free some room and run it again; nothing was written.",
    ),
    (
        ("readonly", "read-only", "permission denied", "unable to open database file"),
        "“{path}” cannot be written to: give yourself the right to write to this file and its "
        "folder, or work on a copy elsewhere; nothing was written.",
    ),
    (
        ("not recognized", "not a database", "not identified", "not a gpkg"),
        "“{path}” is not a GeoPackage: choose a ledger, or make one with “Create ledger”.",
    ),
    (
        ("malformed", "corrupt"),
        "“{path}” is damaged: restore the ledger from a copy; nothing was written.",
    ),
    (
        ("disk i/o error",),
        "“{path}” could not be read or written (disk I/O error): the disk may be full or its "
        "network connection lost; look at it and run it again; nothing was written.",
    ),
)
OURS = "Ledger: "


def refusal(path: Path, message: str) -> str:
    """One sentence for the database's ``message`` about the file at ``path``.

    The ledger's own triggers speak in sentences already, behind the word ``Ledger:``.
    """
    if OURS in message:
        return message[message.index(OURS) + len(OURS) :].strip()
    lower = message.lower()
    for marks, sentence in SENTENCES:
        if any(mark in lower for mark in marks):
            return sentence.replace("{path}", str(path))
    return (
        f"“{path}” refused the work ({' '.join(message.split())}); nothing was written. "
        "Look whether the file is whole and is a ledger, and run it again."
    )
