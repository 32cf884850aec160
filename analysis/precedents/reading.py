"""A table of precedents, whichever data set it is of."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Any, Mapping, Optional, Sequence

from ...model.errors import CeasefireError
from ...model.precedent import Precedent, SetAside
from . import civil_conflict_ceasefires, own_file, pax
from .cells import Row

OWN = "own"


@dataclasses.dataclass
class Reading:
    """What a table gave: the precedents, the rows set aside, and how to cite it."""

    precedents: list[Precedent]
    aside: list[SetAside]
    dataset: str
    citation: Optional[str]
    until: Optional[date] = None


def read_precedents(
    columns: Sequence[str],
    cells: Sequence[Sequence[Any]],
    numbers: Sequence[int],
    name: str,
    mapping: Optional[Mapping[str, str]] = None,
    until: Optional[date] = None,
) -> Reading:
    """The precedents of a table; ``name`` is what the user's own file is called.

    Raises CeasefireError where it is none of the known data sets and has no start.
    """
    rows = [Row(number, dict(zip(columns, row))) for number, row in zip(numbers, cells)]
    if not rows:
        raise CeasefireError("The file has no rows: choose another file or sheet.")
    if not mapping and civil_conflict_ceasefires.is_this(columns):
        made, aside, last = civil_conflict_ceasefires.precedents(rows, until)
        known = civil_conflict_ceasefires
        return Reading(made, aside, known.NAME, known.CITATION, last)
    if not mapping and pax.is_this(columns):
        made, aside = pax.precedents(rows)
        return Reading(made, aside, pax.NAME, pax.CITATION)
    made, aside, last = own_file.precedents(rows, name, mapping or {}, until)
    return Reading(made, aside, name, None, last)
