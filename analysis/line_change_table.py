"""What each side gained and lost, as a table and as one sentence."""

from __future__ import annotations

import math
from datetime import tzinfo

import numpy as np

from .line_change_barriers import NO_PARTY
from .line_change_records import (
    ChangedArea,
    ChangeSettings,
    LineChange,
    MovedStretch,
    SideChange,
)
from .line_words import LEFT, RIGHT, date_words, metres

ALL_FRONTS = "all fronts"


def side_changes(areas: list[ChangedArea], stretches: list[MovedStretch]) -> list[SideChange]:
    """One row a front and side, and one a side over all fronts; none where nothing changed."""
    rows = []
    for front in sorted({area.front for area in areas}):
        own = [area for area in areas if area.front == front]
        moved = [stretch for stretch in stretches if stretch.front == front]
        rows += _rows(front, own, moved)
    return rows + (_rows(ALL_FRONTS, areas, stretches) if areas else [])


def _rows(front: str, areas: list[ChangedArea], stretches: list[MovedStretch]):
    result = []
    for party in sorted({name for area in areas for name in (area.from_party, area.to_party)}):
        own = [area for area in areas if party in (area.from_party, area.to_party)]
        gained = math.fsum(area.area_km2 for area in own if area.to_party == party)
        lost = math.fsum(area.area_km2 for area in own if area.from_party == party)
        around = [one for one in stretches if party in (one.gaining_party, one.losing_party)]
        result.append(
            SideChange(
                front=front,
                party=party,
                gained_km2=gained,
                lost_km2=lost,
                net_km2=gained - lost,
                areas=len(own),
                moved_km=math.fsum(one.moved_m for one in around) / 1000.0,
                greatest_move_m=max(area.depth_m for area in own),
                date_from=own[0].date_from,
                date_to=own[0].date_to,
            )
        )
    return result


def change_sentence(change: LineChange, settings: ChangeSettings, zone: tzinfo) -> str:
    """One sentence in neutral words on what changed between the two dates."""
    between = _between(settings.before, settings.after, zone)
    if not change.areas and not change.same_fronts:
        return (
            f"{between} no land is seen to have changed sides, but lines between other sides were "
            "in force; give the theatre to compare them."
        )
    if not change.areas:
        return f"{between} the line did not move."
    grown = [row for row in change.sides if row.front == ALL_FRONTS and row.gained_km2 > 0.0]
    told = [
        f"{_whose(row.party)} {'grew ' if not number else ''}by {_km2(row.gained_km2)}"
        for number, row in enumerate(grown)
    ]
    words = told[0] if len(told) == 1 else ", ".join(told[:-1]) + f" and {told[-1]}"
    moved = metres(change.moved_m)
    return (
        f"{between} {words}; {moved} of the line moved, at most {metres(change.greatest_move_m)}."
    )


def _between(before: np.datetime64, after: np.datetime64, zone: tzinfo) -> str:
    one, other = date_words(before, zone), date_words(after, zone)
    if one.split(" ")[-1] == other.split(" ")[-1] and one != other:
        one = one.rsplit(" ", 1)[0]
    return f"Between {one} and {other}"


def _whose(party: str) -> str:
    if party in (LEFT, RIGHT):
        return f"the {party} side"
    if party == NO_PARTY:
        return "the land of no party"
    return f"{party}'s side"


def _km2(area: float) -> str:
    return f"{area:,.1f} km²" if area >= 0.95 else f"{area:.2g} km²"
