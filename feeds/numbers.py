"""Numbers as people write them: decimal commas, "about 60", "at least 3", N/K."""

from __future__ import annotations

import functools
import re
from typing import Optional

EMPTY_WORDS = {
    "n/k",
    "nk",
    "n/a",
    "na",
    "nan",
    "-",
    "–",
    "—",
    "?",
    "unknown",
    "not known",
    "no information",
    "null",
    "none",
    "none given",
    "not available",
    "#n/a",
    "\\n",
    "",
}
WORDS = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve".split()
    )
}
NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$")
THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:[,\u00a0\u202f' ]\d{3})+(?:\.\d+)?$")
THOUSANDS_DOT = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+(?:,\d+)?$")
ABOUT = re.compile(r"^(?:about|approx(?:imately|\.)?|around|ca\.?|circa|some|~|≈|±)\s*(.+)$")
AT_LEAST = re.compile(
    r"^(?:at least|min(?:imum|\.)?|not less than|>=|≥)\s*(.+)$|^(.+?)\s*(?:\+|or more)$"
)
MORE_THAN = re.compile(r"^(?:more than|over|>)\s*(.+)$")
UP_TO = re.compile(r"^(?:up to|at most|max(?:imum|\.)?|no more than|<=|≤)\s*(.+)$")
LESS_THAN = re.compile(r"^(?:less than|fewer than|under|<)\s*(.+)$")
UNCOUNTED = re.compile(
    r"(?:an )?(?:undetermined|unknown|not known|uncounted)(?: number)?$", re.IGNORECASE
)
BETWEEN = re.compile(r"^(?:between\s+|from\s+)?(\S+?)\s*(?:-|–|—|\bto\b|\band\b|\bor\b)\s*(\S+)$")
LARGEST_COUNT = 1_000_000_000
Count = tuple[Optional[int], Optional[int], str]
NOT_KNOWN: Count = (None, None, "not_known")


def is_empty_word(text: Optional[str]) -> bool:
    """Whether a cell says that there is nothing known: empty, N/K, n/a, unknown."""
    return text is None or text.casefold() in EMPTY_WORDS


def number(text: str) -> Optional[float]:
    """A decimal number with point or comma, with or without signs for thousands; else None.

    ``48,123`` is 48.123: a lone comma is taken as the decimal sign; counts take it otherwise.
    """
    if not NUMBER.match(text):
        text = text.strip().replace("\u2212", "-").replace("\u00a0", " ")
    if NUMBER.match(text):
        value = float(text)
        return value if abs(value) < 1e300 else None
    if text.count(",") == 1 and NUMBER.match(text.replace(",", ".")) and "." not in text:
        return float(text.replace(",", "."))
    if THOUSANDS.match(text):
        return float(re.sub(r"[,\u202f' ]", "", text))
    if THOUSANDS_DOT.match(text):
        return float(text.replace(".", "").replace(",", "."))
    return None


def whole(text: str) -> Optional[int]:
    """A whole number of 0 or more, as a digit string, a thousand-separated one or a word."""
    text = text.strip().casefold()
    if text.isascii() and text.isdigit():
        value = int(text) if len(text) < 12 else LARGEST_COUNT + 1
        return value if value <= LARGEST_COUNT else None
    if text in WORDS:
        return WORDS[text]
    if THOUSANDS.match(text) or THOUSANDS_DOT.match(text):
        text = re.sub(r"[,.\u00a0\u202f' ](?=\d{3})", "", text)
    value = number(text)
    if value is None or value < 0 or value > LARGEST_COUNT or not value.is_integer():
        return None
    return int(value)


@functools.lru_cache(maxsize=20_000)
def count(text: Optional[str]) -> Optional[Count]:
    """How many: (low, high, qualifier); None where the text cannot be read.

    ``30`` exact; ``about 60`` about; ``at least 3`` (3, None, at_least); ``>5`` (6, None,
    at_least); ``2-3`` (2, 3, about); N/K and empty (None, None, not_known).
    """
    if is_empty_word(text) or UNCOUNTED.match(text):
        return NOT_KNOWN
    text = re.sub(r"\s+", " ", text.casefold().strip())
    exact = whole(text)
    if exact is not None:
        return exact, exact, "exact"
    for pattern, build in COUNTS:
        found = pattern.match(text)
        if found is None:
            continue
        values = [whole(group) for group in found.groups() if group is not None]
        if any(value is None for value in values):
            continue
        return build(*values)
    return None


COUNTS = (
    (ABOUT, lambda n: (n, n, "about")),
    (AT_LEAST, lambda n: (n, None, "at_least")),
    (MORE_THAN, lambda n: (n + 1, None, "at_least")),
    (UP_TO, lambda n: (None, n, "about")),
    (LESS_THAN, lambda n: (None, max(0, n - 1), "about")),
    (BETWEEN, lambda a, b: (min(a, b), max(a, b), "about")),
)
