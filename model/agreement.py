"""An agreement as data: parties, times, weapon classes, lines, zones, clauses and their rules.

Every attribute is a key of the agreement's JSON file, and its ``Key`` says what the key expects:
the reader, the writer and the published schema all follow these descriptions. Moments are kept as
written ("2015-02-15", "2015-02-15 00:00", "D+14", "D+14 18:00", "H+72"); what they mean in UTC
is told by ``analysis/agreement_times.py``. None and an empty tuple mean: not stated.
"""

from __future__ import annotations

import dataclasses
from enum import Enum
from typing import Iterator, Optional, Tuple

from .agreement_key import Expects, Key, key, keys_of, need, some
from .agreement_place import Band, NamedLine, WeaponClass, ZoneDrawing
from .agreement_rule import (
    Clause,
    Counted,
    Exemption,
    Limit,
    Rule,
    RuleKind,
    Severity,
    TextStatus,
    Where,
    Window,
)

FORMAT = 1

__all__ = [
    "Agreement",
    "Band",
    "Change",
    "ChangeKind",
    "Clause",
    "Counted",
    "Exemption",
    "Expects",
    "FORMAT",
    "Key",
    "Limit",
    "NamedLine",
    "Party",
    "Precedence",
    "Rule",
    "RuleKind",
    "Severity",
    "Source",
    "Status",
    "TextStatus",
    "Timing",
    "WeaponClass",
    "Where",
    "Window",
    "ZoneDrawing",
    "keys_of",
]


class Status(str, Enum):
    """Whether the agreement was ever agreed. A draft is never in force."""

    DRAFT = "draft"
    AGREED = "agreed"


class ChangeKind(str, Enum):
    """What happened to an agreement's validity after it was made."""

    EXTENDED = "extended"
    SUSPENDED = "suspended"
    ENDED = "ended"
    DEADLINE_MOVED = "deadline_moved"


@dataclasses.dataclass(frozen=True)
class Source:
    """Where the text, or a fact about it, was taken from."""

    code: str = need(Expects.CODE, "Short name by which clauses refer to the source")
    title: str = need(Expects.TEXT, "What the source is")
    date: Optional[str] = key(Expects.DATE, "Its date")
    address: Optional[str] = key(Expects.TEXT, "Where it can be read")
    note: Optional[str] = key(Expects.TEXT, "What was taken from it, and what was not")


@dataclasses.dataclass(frozen=True)
class Party:
    """A party; ``name`` and ``aliases`` are what lines, areas and incidents may call it."""

    code: str = need(Expects.CODE, "Short name by which the file refers to the party")
    name: str = need(Expects.TEXT, "Name as printed")
    aliases: Tuple[str, ...] = some(Expects.TEXT, "Other names in layers and feeds")


@dataclasses.dataclass(frozen=True)
class Change:
    """An extension, suspension or end; without ``rules`` it concerns the whole agreement."""

    kind: ChangeKind = need(Expects.CHOICE, "What happened", of=ChangeKind)
    since: Optional[str] = key(Expects.MOMENT, "From when (suspended, ended)")
    until: Optional[str] = key(
        Expects.MOMENT, "Until when, the day included (extended, suspended, deadline_moved)"
    )
    rules: Tuple[str, ...] = some(Expects.CODE, "The rules concerned", refers="rules")
    note: Optional[str] = key(Expects.TEXT, "Remark")
    text_status: TextStatus = key(
        Expects.CHOICE, "How far this is verified", TextStatus.NOT_VERIFIED, of=TextStatus
    )
    source: Optional[str] = key(Expects.CODE, "Its source", refers="sources")


@dataclasses.dataclass(frozen=True)
class Timing:
    """The agreement's own calendar: zone, D-day, H-hour, entry into force, and end.

    D-day is D+``first_day_number`` (0 or 1). A bare day as an end or deadline includes that day.
    """

    timezone: str = need(Expects.ZONE, "The agreement's time zone")
    signed_on: Optional[str] = key(Expects.DATE, "Day of signature")
    d_day: Optional[str] = key(Expects.DATE, "D-day")
    first_day_number: int = key(Expects.WHOLE, "Number that D-day bears: 0 or 1", 0)
    h_hour: Optional[str] = key(Expects.CLOCK, "H-hour on D-day, local; 00:00 if not stated")
    in_force_from: Optional[str] = key(
        Expects.MOMENT, "Entry into force; if not stated H-hour on D-day, else the day of signature"
    )
    in_force_to: Optional[str] = key(Expects.MOMENT, "End, a bare day included")
    duration_days: Optional[int] = key(
        Expects.WHOLE, "Or: how many days it lasts from its entry into force"
    )
    changes: Tuple[Change, ...] = some(Expects.OBJECT, "Extensions, suspensions, end", of=Change)


@dataclasses.dataclass(frozen=True)
class Precedence:
    """Which prevails where two cover one weapon: the one that stands first.

    ``weapon_classes`` orders classes, ``clauses`` orders clauses; ``clause`` says where it stands.
    """

    weapon_classes: Tuple[str, ...] = some(
        Expects.CODE, "Classes, the prevailing first", refers="weapon_classes"
    )
    clauses: Tuple[str, ...] = some(Expects.TEXT, "Clauses, the prevailing first", refers="clauses")
    clause: Optional[str] = key(Expects.TEXT, "The clause that says so", refers="clauses")
    note: Optional[str] = key(Expects.TEXT, "Reason")
    text_status: TextStatus = key(
        Expects.CHOICE, "How far this is verified", TextStatus.NOT_VERIFIED, of=TextStatus
    )


@dataclasses.dataclass(frozen=True)
class Agreement:
    """One agreement, with everything that its clauses name."""

    format: int = key(Expects.WHOLE, "Version of this format: 1", FORMAT, required=True)
    agreement_id: str = need(Expects.CODE, "Short name of the agreement")
    title: str = need(Expects.TEXT, "Title as printed")
    status: Status = key(Expects.CHOICE, "Whether it was agreed", Status.AGREED, of=Status)
    note: Optional[str] = key(Expects.TEXT, "What a reader has to know before using it")
    sources: Tuple[Source, ...] = some(Expects.OBJECT, "Sources", of=Source)
    parties: Tuple[Party, ...] = some(Expects.OBJECT, "Parties", of=Party, required=True)
    timing: Timing = key(
        Expects.OBJECT, "Calendar", Timing(timezone="UTC"), of=Timing, required=True
    )
    weapon_classes: Tuple[WeaponClass, ...] = some(Expects.OBJECT, "Weapon classes", of=WeaponClass)
    lines: Tuple[NamedLine, ...] = some(Expects.OBJECT, "Lines", of=NamedLine)
    zones: Tuple[ZoneDrawing, ...] = some(Expects.OBJECT, "Zones", of=ZoneDrawing)
    clauses: Tuple[Clause, ...] = some(Expects.OBJECT, "Clauses", of=Clause, required=True)
    precedence: Tuple[Precedence, ...] = some(Expects.OBJECT, "What prevails", of=Precedence)

    def rules(self) -> Iterator[Tuple[Clause, Rule]]:
        """Every rule with its clause, in the order of the text."""
        for clause in self.clauses:
            for rule in clause.rules:
                yield clause, rule

    def party(self, name: Optional[str]) -> Optional[Party]:
        """The party of that code, name or alias; upper and lower case do not matter."""
        wanted = (name or "").strip().casefold()
        for party in self.parties:
            known = {each.strip().casefold() for each in (party.code, party.name, *party.aliases)}
            if wanted and wanted in known:
                return party
        return None

    def find(self, collection: str, code: Optional[str]):
        """The entry of ``lines``, ``zones``, ``weapon_classes`` … with that code; else None."""
        named = "reference" if collection == "clauses" else "code"
        entries = getattr(self, collection)
        return next((entry for entry in entries if getattr(entry, named) == code), None)
