"""What is wrong with an agreement's file, gathered in whole sentences."""

from __future__ import annotations

import difflib
from typing import Any, Iterable

from ..model.errors import CeasefireError

AT_MOST = 20


class Problems:
    """Sentences on what is wrong; ``raise_if_any`` raises them together."""

    def __init__(self):
        self.sentences: list[str] = []

    def add(self, where: str, what: str) -> None:
        """One problem: where it is ("Clause 2(b), rule “artillery”") and what it is."""
        sentence = f"{where}: {what}."
        if sentence not in self.sentences:
            self.sentences.append(sentence)

    def wrong(self, where: str, key: str, value: Any, expected: str) -> None:
        """A key whose value is not what is expected."""
        self.add(where, f"key “{key}” is {shown(value)}, but {expected} is expected")

    def raise_if_any(self) -> None:
        """Raise CeasefireError with the first problems, and how many more there are."""
        if not self.sentences:
            return
        told = self.sentences[:AT_MOST]
        more = len(self.sentences) - len(told)
        if more:
            told.append(f"There are {more} more problems." if more > 1 else "There is 1 more.")
        raise CeasefireError("\n".join(told))


def shown(value: Any) -> str:
    """A value as a message shows it, cut short where it is long."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        # A number with thousands of digits cannot even be printed.
        return f"{value:,.10g}" if abs(value) < 1e300 else "a number too large"
    if isinstance(value, str):
        text = " ".join(value.split())
        return f"“{text[:60]}…”" if len(text) > 60 else f"“{text}”"
    if isinstance(value, (list, tuple)):
        return f"a list of {len(value)}" if value else "an empty list"
    return "an object in braces { }"


def nearest_word(word: Any, known: Iterable[str]) -> str:
    """In words: the known word that may be meant, or the words that are known."""
    known = [str(each) for each in known]
    close = difflib.get_close_matches(str(word), known, n=1, cutoff=0.6)
    if close:
        return f"; “{close[0]}” may be meant"
    if not known:
        return "; none is given"
    listed = ", ".join(f"“{each}”" for each in known[:8])
    return f"; there is {listed}" + (" and more" if len(known) > 8 else "")
