"""One line of a checked draft: an item that is there or missing, or a contradiction."""

from __future__ import annotations

import dataclasses
from enum import Enum
from typing import Optional

from .field import Shape, boolean, integer, table_of, text


class State(str, Enum):
    """What a draft does with an item of the checklist.

    there: as data, or marked by a person. possibly: a word for it was found, which a person has to
    read. contradicts: two things in the draft cannot both hold, or one cannot be carried out.
    """

    THERE = "there"
    POSSIBLY = "possibly"
    MISSING = "missing"
    CONTRADICTS = "contradicts"


@dataclasses.dataclass
class ClauseCheck:
    """An item of the checklist and what the draft has of it."""

    group_no: Optional[int] = integer("Group")
    group_title: Optional[str] = text("Group's title")
    item: Optional[str] = text("Item")
    title: Optional[str] = text("What")
    essential: Optional[bool] = boolean("Essential")
    state: str = text("State", default=State.MISSING.value)
    found: Optional[str] = text("Where, or what contradicts")
    why: Optional[str] = text("Why it matters")
    precedents: Optional[str] = text("Precedents")


CLAUSE_CHECKS = table_of(ClauseCheck, "clause_checks", "Clauses checked", Shape.NONE, None)
