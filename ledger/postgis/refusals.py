"""What PostgreSQL says when it refuses, as a sentence that says what to do."""

from __future__ import annotations

import contextlib
from typing import Iterator

from ...model.errors import CeasefireError

OURS = "Ledger: "
STALE = "CM001"
"""The SQLSTATE of an edit that rests on a state which somebody has replaced."""
AGAIN = ("40001", "40P01")
SENTENCES = {
    "55P03": "“{place}” is being written to by somebody else: wait a moment and run it again; "
    "nothing was written.",
    "40P01": "Somebody else wrote the same records of “{place}” at the same time: run it again; "
    "nothing was written.",
    "40001": "Somebody else wrote the same records of “{place}” at the same time: run it again; "
    "nothing was written.",
    "42501": "Your role in the database may not do this in “{place}” ({message}): ask its keeper "
    "for a role that may; nothing was written.",
    "23505": "“{place}” has a record with this id already, which you may not see: ask a reviewer; "
    "nothing was written.",
    "53100": "The disk of the database “{place}” is full: tell its administrator; nothing was "
    "written.",
    "25006": "“{place}” is open for reading only; nothing was written.",
    "3D000": "There is no such database ({message}): look at the connection.",
    "28P01": "The database does not accept this user and password: look at the connection.",
    "28000": "The database does not accept this user: look at the connection.",
    "row-level": "Your role in “{place}” may not write a record that it may not see, or make one "
    "that it sees more sensitive than that: ask a reviewer; nothing was written.",
    "42P01": "“{place}” lacks a table ({message}): restore the ledger from a backup.",
}
# What is refused while connecting has no SQLSTATE, and the same one may mean different things.
BY_WORDS = (
    ("password authentication failed", "28P01"),
    ("no password supplied", "28P01"),
    ('role "', "28000"),
    ('database "', "3D000"),
)
LOST = (
    "The connection to “{place}” could not be made or was lost ({message}): look at the network "
    "and run it again; what was not finished was not written."
)
OTHER = (
    "“{place}” refused the work ({message}); nothing was written. Look whether the schema is "
    "whole and is a ledger, and run it again."
)


class ChangedMeanwhile(CeasefireError):
    """An edit was refused because somebody else changed or wrote the same record meanwhile."""


@contextlib.contextmanager
def driver_errors(place: object) -> Iterator[None]:
    """Turn what psycopg2 raises into one sentence."""
    import psycopg2

    try:
        yield
    except psycopg2.Error as error:
        code = error.pgcode or ""
        text = refusal(str(place), code, _message(error))
        kind = ChangedMeanwhile if code == STALE or code in AGAIN else CeasefireError
        raise kind(text) from None


def refusal(place: str, code: str, message: str) -> str:
    """One sentence for the database's ``message`` with its SQLSTATE ``code``."""
    if message.startswith(OURS):
        return message[len(OURS) :].strip()
    sentence = SENTENCES.get(_by_words(code, message))
    if sentence is None:
        sentence = LOST if not code or code[:2] in ("08", "57") else OTHER
    return sentence.replace("{message}", message).replace("{place}", place)


def _by_words(code: str, message: str) -> str:
    """The SQLSTATE, or what stands for it where the words alone tell."""
    if code == "42501" and "row-level security" in message:
        return "row-level"
    if code:
        return code
    for words, meant in BY_WORDS:
        if words in message and (not words.endswith('"') or "does not exist" in message):
            return meant
    return code


def _message(error: Exception) -> str:
    diagnosis = getattr(error, "diag", None)
    told = getattr(diagnosis, "message_primary", None) or str(error)
    return " ".join(told.split()).rstrip(".") or "unknown error"
