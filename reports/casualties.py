"""Casualties as the sources give them: what is not known stays not known."""

from __future__ import annotations

import dataclasses
from typing import Optional

from ..model.incident import Incident
from .source_names import civilian_deaths_are_a_floor

FIGURES = ("deaths_low", "deaths_best", "deaths_high", "civilian_deaths", "injured")


@dataclasses.dataclass
class Deaths:
    """What one voice says of casualties.

    ``rows`` are those that tell of any. A sum is None where no row gives the figure; its
    ``_unknown`` are the rows that give some figure of casualties and not this one, so that the sum
    is a floor. ``civilian_is_floor``: the source itself counts only civilians known as such.
    """

    origin: str
    source: Optional[str]
    rows: int
    low: Optional[int]
    low_unknown: int
    best: Optional[int]
    best_unknown: int
    high: Optional[int]
    high_unknown: int
    civilian: Optional[int]
    civilian_unknown: int
    civilian_is_floor: bool
    injured: Optional[int]
    injured_unknown: int


def deaths_of(origin: str, source: Optional[str], incidents: list[Incident]) -> Optional[Deaths]:
    """The casualties of one voice; None where it tells of none."""
    told = [row for row in incidents if any(getattr(row, name) for name in FIGURES)]
    if not told:
        return None
    # A feed's "0" may stand for "not known" (low 0, best none): such rows make the sum a floor.
    given = [row for row in incidents if any(getattr(row, name) is not None for name in FIGURES)]
    low, low_unknown = _sum([row.deaths_low for row in given])
    best, best_unknown = _sum([row.deaths_best for row in given])
    high, high_unknown = _sum([row.deaths_high for row in given])
    if high is not None:
        # Where a row has no upper figure, it is not below what the row does give.
        high = sum(_first(row.deaths_high, row.deaths_best, row.deaths_low) for row in given)
    civilian, civilian_unknown = _sum([row.civilian_deaths for row in given])
    injured, injured_unknown = _sum([row.injured for row in given])
    return Deaths(
        origin=origin,
        source=source,
        rows=len(told),
        low=low,
        low_unknown=low_unknown,
        best=best,
        best_unknown=best_unknown,
        high=high,
        high_unknown=high_unknown,
        civilian=civilian,
        civilian_unknown=civilian_unknown,
        civilian_is_floor=civilian_deaths_are_a_floor(source),
        injured=injured,
        injured_unknown=injured_unknown,
    )


def _sum(values: list[Optional[int]]) -> tuple[Optional[int], int]:
    """The sum of what is known, None where nothing is, and how many are not known."""
    known = [value for value in values if value is not None]
    return (sum(known) if known else None), len(values) - len(known)


def _first(*values: Optional[int]) -> int:
    return next((value for value in values if value is not None), 0)
