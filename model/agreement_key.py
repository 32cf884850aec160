"""What each key of an agreement's file expects: the description that its attributes carry."""

from __future__ import annotations

import dataclasses
from enum import Enum
from typing import Optional


class Expects(Enum):
    """What the value of a key is."""

    TEXT = "text"
    CODE = "a short name of letters, digits and _"
    WHOLE = "a whole number"
    NUMBER = "a number"
    METRES = "a number of metres"
    YES_NO = "true or false"
    DATE = "a date such as 2025-09-01"
    CLOCK = "a time of day such as 04:00"
    MOMENT = "a date (2025-09-01), a date and time (2025-09-01 04:00), D+14, D+14 18:00 or H+72"
    ZONE = "the name of a time zone such as Europe/Kyiv"
    CHOICE = "one of the words that are known"
    OBJECT = "an object in braces { }"
    RING = "a list of [longitude, latitude] pairs in degrees"


@dataclasses.dataclass(frozen=True)
class Key:
    """One key of the file: what it expects, and what its value has to name.

    ``of`` is the Enum or dataclass of a choice or object. ``refers`` is the list of the agreement
    ("parties", "lines", "zones", "weapon_classes", "rules", "clauses", "sources") in which the
    value has to be, or "vocabulary:" and the name of one of the model's vocabularies.
    """

    expects: Expects
    title: str
    many: bool = False
    required: bool = False
    of: Optional[type] = None
    refers: Optional[str] = None


def key(expects: Expects, title: str, default=None, **described):
    """An attribute that a file may leave out; ``described`` are further fields of ``Key``."""
    described_key = Key(expects, title, **described)
    if described_key.many:
        default = ()
    return dataclasses.field(default=default, metadata={"key": described_key})


def need(expects: Expects, title: str, **described):
    """An attribute that every file has to state."""
    return key(expects, title, default="", required=True, **described)


def some(expects: Expects, title: str, **described):
    """An attribute that is a list, empty if left out."""
    return key(expects, title, many=True, **described)


def keys_of(record: type) -> dict[str, Key]:
    """The keys of one of the dataclasses here, in order."""
    return {item.name: item.metadata["key"] for item in dataclasses.fields(record)}
