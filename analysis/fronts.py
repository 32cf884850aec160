"""The lines of one front: a pair of parties, or a front's own name."""

from __future__ import annotations

import re

import numpy as np

from ..model.errors import CeasefireError
from .contact_line import LineColumns

BETWEEN = re.compile(r"\s+and\s+|\s*[-‐‑‒–—−/|;]\s*", re.IGNORECASE)


def of_front(columns: LineColumns, front: str) -> LineColumns:
    """The lines of a front alone, by its name or by its two parties in any order ("A – B").

    Upper and lower case do not matter. Raises CeasefireError, naming the fronts there are, where
    no line is of that front.
    """
    wanted, pairs = _plain(front), _pairs(front)
    chosen = np.zeros(len(columns), dtype=bool)
    for index in range(len(columns)):
        name = columns.front[index]
        parties = {_plain(columns.left_party[index]), _plain(columns.right_party[index])} - {""}
        chosen[index] = name is not None and (_plain(name) == wanted or bool(pairs & _pairs(name)))
        chosen[index] |= len(parties) == 2 and frozenset(parties) in pairs
    if not chosen.any():
        raise CeasefireError(
            f"No contact line is of the front “{front}”. The layer has these fronts: "
            f"{', '.join(fronts_of(columns)) or 'none that is named'}."
        )
    return columns.take(chosen)


def fronts_of(columns: LineColumns) -> list[str]:
    """The fronts of lines, each in quotes: by name, or else by the pair of parties."""
    names = set()
    for index in range(len(columns)):
        left, right = columns.left_party[index], columns.right_party[index]
        pair = f"{left} – {right}" if left and right else None
        name = columns.front[index] or pair
        if name:
            names.add(f"“{name}”")
    return sorted(names)


def _pairs(text: str) -> set[frozenset[str]]:
    """The pairs that a text may mean: a party's own name may have a dash in it too."""
    found = set()
    for match in BETWEEN.finditer(text):
        parts = frozenset((_plain(text[: match.start()]), _plain(text[match.end() :])))
        if len(parts) == 2 and "" not in parts:
            found.add(parts)
    return found


def _plain(text) -> str:
    return " ".join(str(text or "").split()).casefold()
