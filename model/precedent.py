"""A precedent: one earlier ceasefire or agreement, as a data set or the user's own file has it."""

from __future__ import annotations

import dataclasses
from enum import Enum
from typing import Optional

from .field import Shape, integer, table_of, text


class Outcome(str, Enum):
    """What became of a ceasefire; a term that ran out is no failure."""

    ENDED = "ended"
    EXPIRED = "expired"
    HOLDING = "holding"
    NOT_KNOWN = "not_known"


@dataclasses.dataclass
class Precedent:
    """One ceasefire or agreement, however many rows a data set has of it.

    Yes-or-no columns are ``yes``, ``no`` or None (not known). Days are written YYYY-MM-DD; where a
    data set knows the month or year only, ``…_from`` and ``…_to`` are its first and last day.
    A duration lies between ``lasted_from_days`` and ``lasted_to_days``; without the latter it is
    only known to be longer.
    """

    precedent_id: str = text("Precedent", default="")
    dataset: Optional[str] = text("Data set")
    source_id: Optional[str] = text("Number in the data set")
    precedent_name: Optional[str] = text("Name")
    country: Optional[str] = text("Country")
    region: Optional[str] = text("Region")
    parties: Optional[str] = text("Parties, as the data set names them")
    kind: Optional[str] = text("Type")
    sided: Optional[str] = text("Unilateral, or by more than one")
    purpose: Optional[str] = text("Purpose")
    mechanism: Optional[str] = text("Mechanism agreed")
    enforcement: Optional[str] = text("Enforcement")
    mediated: Optional[str] = text("Mediated")
    written: Optional[str] = text("Written")
    partial: Optional[str] = text("Partial")
    start_from: Optional[str] = text("Began, not before")
    start_to: Optional[str] = text("Began, not after")
    end_from: Optional[str] = text("Ended, not before")
    end_to: Optional[str] = text("Ended, not after")
    term_days: Optional[int] = integer("Fixed term (days)")
    outcome: str = text("What became of it", default=Outcome.NOT_KNOWN.value)
    lasted_from_days: Optional[int] = integer("Lasted at least (days)")
    lasted_to_days: Optional[int] = integer("Lasted at most (days)")
    codes: Optional[str] = text("Codes of the data set (JSON)")
    rows: Optional[int] = integer("Rows of the data set")
    note: Optional[str] = text("Note")


PRECEDENTS = table_of(Precedent, "precedents", "Precedents", Shape.NONE, "precedent_id")


@dataclasses.dataclass
class SetAside:
    """A row that could not become a precedent, and why."""

    row: Optional[int] = integer("Row")
    source_id: Optional[str] = text("Number in the data set")
    reason: Optional[str] = text("Reason")


SET_ASIDE = table_of(SetAside, "precedents_set_aside", "Rows set aside", Shape.NONE, None)
