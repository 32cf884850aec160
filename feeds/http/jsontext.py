"""JSON from strangers: no depth that overflows, nothing that is not text."""

from __future__ import annotations

import codecs
import json
import re
from typing import Any

from .errors import FeedError, Reason

DEEPEST = 200
BRACKETS = bytes.maketrans(b"{}", b"[]")
NOT_STRUCTURE = bytes(sign for sign in range(256) if sign not in b'"[]{}')
WIDE = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_json(data: bytes, what: str) -> Any:
    """The value of a JSON text in UTF-8 (UTF-16 and UTF-32 with their mark).

    ``what`` names the text in sentences ("The reply of “host”"). NaN and Infinity become None, of
    doubled keys the last holds, whole numbers stay whole at any length Python reads. Raises
    FeedError (BROKEN) where it is no JSON, is nested deeper than 200 levels, or is no UTF-8.
    """
    data = as_utf8(data, what)
    if not data.strip():
        raise FeedError(f"{what} is empty where JSON was asked for: try again later.")
    if deeper_than(data, DEEPEST):
        raise _too_deep(what)
    wrong = ""
    try:
        return json.loads(data.decode("utf-8"), parse_constant=_unknown)
    except json.JSONDecodeError as error:
        wrong = f"line {error.lineno}, column {error.colno}"
    except RecursionError:
        raise _too_deep(what) from None
    except ValueError:
        wrong = "a number with too many digits"
    raise FeedError(
        f"{what} is not whole or not JSON ({wrong}): try again later, and tell the source if it "
        "stays so."
    )


def as_utf8(data: bytes, what: str) -> bytes:
    """The text as UTF-8 without a byte order mark; raises FeedError (BROKEN) where it is none."""
    place = -1
    try:
        for mark, encoding in WIDE:
            if data.startswith(mark):
                return data.decode(encoding).encode("utf-8")
        data = data[3:] if data.startswith(codecs.BOM_UTF8) else data
        data.decode("utf-8")
        return data
    except UnicodeError as error:
        place = getattr(error, "start", 0)
    raise FeedError(
        f"{what} is not valid UTF-8 (byte {place + 1:,}), so its words cannot be trusted: tell the "
        "source, or fetch it in another format.",
        Reason.BROKEN,
    )


def deeper_than(data: bytes, levels: int) -> bool:
    """Whether brackets outside of strings nest deeper than so many levels.

    Works on bytes with C's speed: all but quotes and brackets goes, then the strings, then one
    innermost level at a time.
    """
    if data.count(b"[") + data.count(b"{") <= levels:
        return False
    if b"\\" in data:
        data = re.sub(rb"\\.", b"", data, flags=re.DOTALL)
    # Two quotes side by side are an empty string, or two strings that join into one.
    structure = data.translate(BRACKETS, NOT_STRUCTURE).replace(b'""', b"")
    structure = re.sub(rb'"[^"]*"', b"", structure)
    for _level in range(levels):
        shorter = structure.replace(b"[]", b"")
        if len(shorter) == len(structure):
            break
        structure = shorter
    depth = structure.count(b"[") - structure.count(b"]")
    return b"[]" in structure or depth > levels


def _unknown(_word: str) -> None:
    return None


def _too_deep(what: str) -> FeedError:
    return FeedError(
        f"{what} is JSON nested deeper than {DEEPEST} levels, which no data of ours is: it was not "
        "read; check the feed's address.",
        Reason.BROKEN,
    )
