"""Whether a column writes the day or the month first, decided by the file as a whole."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from typing import Dict, Iterable, List, Mapping, Optional, Tuple

from .dates import NUMERIC

HALF_DAY = re.compile(r"\b[ap]\.?m\b", re.IGNORECASE)
# By style, (sign between the numbers, AM or PM beside): [only day first, only month first].
Votes = Dict[Tuple[str, bool], List[int]]
MANNERS = {True: "day first (31/12)", False: "month first (12/31)"}


@dataclasses.dataclass
class Order:
    """How numeric dates of each style are read; ``certain`` styles leave no row ambiguous."""

    day_first: dict
    certain: dict
    default: bool
    sentence: Optional[str]

    def of(self, text: str) -> tuple[bool, bool]:
        """(day first, certain) for one text."""
        key = style(text)
        return self.day_first.get(key, self.default), self.certain.get(key, True)


def style(text: str) -> Optional[tuple[str, bool]]:
    """What sets one manner of writing apart: the sign between the numbers, and AM or PM."""
    found = NUMERIC.search(text)
    return (found["sep"], bool(HALF_DAY.search(text))) if found else None


def votes_of(texts: Mapping[str, int]) -> Votes:
    """By style, how many of the texts can only be day first and only month first.

    ``texts`` gives for each how often it stands.
    """
    evidence: Votes = {}
    for text, times in texts.items():
        found = NUMERIC.search(text)
        if found is None:
            continue
        votes = evidence.setdefault((found["sep"], bool(HALF_DAY.search(text))), [0, 0])
        a, b = int(found["a"]), int(found["b"])
        if a > 12 >= b:
            votes[0] += times
        elif b > 12 >= a:
            votes[1] += times
    return evidence


def add_votes(one: Votes, other: Votes) -> None:
    """Add the votes of the other to the one."""
    for key, votes in other.items():
        mine = one.setdefault(key, [0, 0])
        mine[0] += votes[0]
        mine[1] += votes[1]


def decide(texts: Iterable[str], default_day_first: Optional[bool] = None) -> Order:
    """Decide from all date texts of a file; see ``decided``."""
    return decided(votes_of(Counter(texts)), default_day_first)


def decided(evidence: Votes, default_day_first: Optional[bool] = None) -> Order:
    """Decide from the votes of all date texts of a file.

    A number above 12 settles its style (the separator, and AM/PM); a style without one follows the
    rest of the file. Dots are day first. Where nothing settles it, ``default_day_first`` does (a
    preset's custom); None means day first, but month first beside AM or PM, and rows stay
    ambiguous.
    """
    whole = [sum(votes[i] for votes in evidence.values()) for i in (0, 1)]
    day_first: dict = {}
    certain: dict = {}
    for key, votes in evidence.items():
        day_first[key], certain[key] = settle(key, votes, whole, default_day_first)
    return Order(
        day_first, certain, default_day_first is not False, sentence(evidence, whole, day_first)
    )


def settle(key, votes, whole, default) -> tuple[bool, bool]:
    """(day first, certain) for one style from its own votes and those of the whole file."""
    if bool(votes[0]) != bool(votes[1]):
        return bool(votes[0]), True
    if votes[0]:
        return votes[0] >= votes[1], False
    if key[0] == ".":
        return True, True
    if bool(whole[0]) != bool(whole[1]):
        return bool(whole[0]), True
    if whole[0]:
        return whole[0] >= whole[1], False
    if default is not None:
        return default, True
    return not key[1], False


def sentence(evidence, whole, day_first) -> Optional[str]:
    """How the dates were read, where they could have been read otherwise."""
    if not evidence:
        return None
    manners = set(day_first.values())
    if whole[0] and whole[1]:
        return (
            f"The dates are written in two ways: {whole[0]:,} can only be day first and "
            f"{whole[1]:,} only month first."
        )
    if len(manners) == 1:
        settled = max(whole)
        why = (
            f"{settled:,} of them can be read no other way"
            if settled
            else "nothing in them says so"
        )
        return f"The dates were read as {MANNERS[manners.pop()]}; {why}."
    return None
