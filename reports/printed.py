"""Which incidents the tables of a brief print, and how many are in the data annex only."""

from __future__ import annotations

import dataclasses
import math

from .material import Entry
from .sheets import annotated

MOST_ROWS = 2000
# Incidents that no map numbers: a reader looks for the nearest of them, not for all.
MOST_OTHERS = 100


@dataclasses.dataclass
class Printed:
    """The rows of the tables of incidents, each in order of number.

    ``others_left`` of the located incidents without a number on a map, and ``left`` of the rest,
    are not printed. ``nearest``: the others were chosen by their distance to the line.
    """

    numbered: list[Entry]
    others: list[Entry]
    nowhere: list[Entry]
    others_left: int
    nearest: bool
    left: int


def printed_rows(
    entries: list[Entry], most_rows: int = MOST_ROWS, most_others: int = MOST_OTHERS
) -> Printed:
    """Choose the rows: all numbered ones, the ``most_others`` others nearest to the line, and
    those without a place, together at most ``most_rows``."""
    chosen = {id(entry) for entry in annotated(entries)}
    others = [entry for entry in entries if entry.located and id(entry) not in chosen]
    nearest = sorted(others, key=lambda entry: (_distance(entry), entry.number))[:most_others]
    dropped = {id(entry) for entry in others} - {id(entry) for entry in nearest}
    kept = sorted(
        (entry for entry in entries if id(entry) not in dropped), key=lambda entry: entry.number
    )
    rows = kept[:most_rows]
    shown = [entry for entry in rows if entry.located and id(entry) not in chosen]
    # Where no other is printed there is no table that could say how many more there are.
    others_left = len(dropped) if shown else 0
    return Printed(
        numbered=[entry for entry in rows if id(entry) in chosen],
        others=shown,
        nowhere=[entry for entry in rows if not entry.located],
        others_left=others_left,
        nearest=all(math.isfinite(_distance(entry)) for entry in nearest),
        left=len(entries) - len(rows) - others_left,
    )


def _distance(entry: Entry) -> float:
    metres = entry.finding.line_distance_m
    return math.inf if metres is None else metres
