"""Clauses of an agreement, and the rules in them that can be checked."""

from __future__ import annotations

import dataclasses
from enum import Enum
from typing import Optional, Tuple

from .agreement_key import Expects, key, need, some


class TextStatus(str, Enum):
    """How far what a clause says was held against its source; the words are ours in any case.

    verified: all of it was seen in a source. paraphrase: the main thing was, and the note says what
    was added. not_verified: background knowledge, to be checked before it is relied on.
    """

    VERIFIED = "verified"
    PARAPHRASE = "paraphrase"
    NOT_VERIFIED = "not_verified"


class RuleKind(str, Enum):
    """What a rule asks."""

    WITHDRAWAL = "withdrawal"
    PROHIBITED_ACT = "prohibited_act"
    PERMITTED_ACT = "permitted_act"
    CEILING = "ceiling"
    NO_FLY = "no_fly"
    SILENCE = "silence"
    STORAGE = "storage"
    SITE_PROTECTION = "site_protection"


class Severity(str, Enum):
    """How grave the agreement itself calls a breach, where it does."""

    MINOR = "minor"
    SERIOUS = "serious"
    GRAVE = "grave"


class Counted(str, Enum):
    """What a ceiling counts."""

    WEAPONS = "weapons"
    PERSONNEL = "personnel"


@dataclasses.dataclass(frozen=True)
class Where:
    """Where a rule or exemption applies; anywhere if nothing is stated.

    In any of ``zones``, outside all of ``outside_zones``, and within ``within_m`` of ``line`` or of
    sites of ``site_kinds``: whatever is stated has to hold.
    """

    zones: Tuple[str, ...] = some(Expects.CODE, "In any of these zones", refers="zones")
    outside_zones: Tuple[str, ...] = some(Expects.CODE, "Outside these zones", refers="zones")
    line: Optional[str] = key(Expects.CODE, "Near this line", refers="lines")
    site_kinds: Tuple[str, ...] = some(
        Expects.CODE, "Near sites of these kinds", refers="vocabulary:site_kinds"
    )
    within_m: Optional[float] = key(Expects.METRES, "How near; 0 at sites means at the site")


@dataclasses.dataclass(frozen=True)
class Limit:
    """From ``distance_m`` on ``party``'s own side of ``line`` on; no party: on each side.

    In a withdrawal the party is the holder of the weapon.
    """

    line: str = need(Expects.CODE, "The line measured from", refers="lines")
    distance_m: float = need(Expects.METRES, "Metres from the line, on one side")
    party: Optional[str] = key(
        Expects.CODE, "The party on whose side it is; every party if not stated", refers="parties"
    )


@dataclasses.dataclass(frozen=True)
class Exemption:
    """What a rule does not concern: all that is stated has to hold."""

    title: str = need(Expects.TEXT, "Name as printed: “demining”")
    circumstances: Tuple[str, ...] = some(
        Expects.CODE, "Circumstances of the incident", refers="vocabulary:circumstances"
    )
    categories: Tuple[str, ...] = some(
        Expects.CODE, "Categories or their first level", refers="vocabulary:categories"
    )
    weapon_classes: Tuple[str, ...] = some(Expects.CODE, "Weapon classes", refers="weapon_classes")
    parties: Tuple[str, ...] = some(Expects.CODE, "Parties", refers="parties")
    where: Optional[Where] = key(Expects.OBJECT, "Where", of=Where)


@dataclasses.dataclass(frozen=True)
class Window:
    """A time of silence: from ``opens`` until before ``closes``, or daily between two hours.

    With both, the daily hours count only between those moments. Daily hours over midnight (22:00
    to 06:00) belong to the evening's day.
    """

    opens: Optional[str] = key(Expects.MOMENT, "From")
    closes: Optional[str] = key(Expects.MOMENT, "Until, a bare day included")
    daily_from: Optional[str] = key(Expects.CLOCK, "Each day from, local")
    daily_to: Optional[str] = key(Expects.CLOCK, "Each day until, local")


@dataclasses.dataclass(frozen=True)
class Rule:
    """One thing that can be checked; which keys it needs depends on its kind.

    withdrawal: ``weapon_classes`` and ``limits`` (``zone_width_m`` checks them); no_fly:
    ``limits`` or ``where``, ``categories`` for the aircraft; prohibited_act and permitted_act:
    ``categories``, ``where``; ceiling: ``where`` with zones, ``at_most``, ``weapon_classes`` or
    ``counted`` personnel; silence: ``windows``, ``categories``; storage: ``beyond_rules``;
    site_protection: ``where`` with site kinds, ``categories``.
    """

    code: str = need(Expects.CODE, "Short name of the rule, used once")
    kind: RuleKind = need(Expects.CHOICE, "What it asks", of=RuleKind)
    title: str = need(Expects.TEXT, "The rule in a few words")
    parties: Tuple[str, ...] = some(
        Expects.CODE, "Parties bound; all if not stated", refers="parties"
    )
    valid_from: Optional[str] = key(Expects.MOMENT, "From when; with the agreement if not stated")
    valid_to: Optional[str] = key(Expects.MOMENT, "Until when; with the agreement if not stated")
    deadline: Optional[str] = key(
        Expects.MOMENT, "Complete by, the day included; the rule binds after it"
    )
    weapon_classes: Tuple[str, ...] = some(
        Expects.CODE, "Weapon classes concerned", refers="weapon_classes"
    )
    limits: Tuple[Limit, ...] = some(Expects.OBJECT, "Distances from lines, by side", of=Limit)
    zone_width_m: Optional[float] = key(
        Expects.METRES, "Whole width that the text states; must equal both sides' distances"
    )
    categories: Tuple[str, ...] = some(
        Expects.CODE,
        "Acts: categories, or their first level for all of them",
        refers="vocabulary:categories",
    )
    not_categories: Tuple[str, ...] = some(
        Expects.CODE, "Acts that do not count", refers="vocabulary:categories"
    )
    where: Optional[Where] = key(Expects.OBJECT, "Where; anywhere if not stated", of=Where)
    domains: Tuple[str, ...] = some(
        Expects.CODE, "Land, air, sea; all if not stated", refers="vocabulary:domains"
    )
    altitude_below_m: Optional[float] = key(Expects.METRES, "Only below this altitude")
    altitude_above_m: Optional[float] = key(Expects.METRES, "Only above this altitude")
    circumstances: Tuple[str, ...] = some(
        Expects.CODE,
        "Only in these circumstances",
        refers="vocabulary:circumstances",
    )
    at_most: Optional[int] = key(Expects.WHOLE, "At most so many, a party and zone (ceiling)")
    counted: Counted = key(Expects.CHOICE, "What is counted", Counted.WEAPONS, of=Counted)
    windows: Tuple[Window, ...] = some(Expects.OBJECT, "Times of silence", of=Window)
    beyond_rules: Tuple[str, ...] = some(
        Expects.CODE, "Withdrawals beyond whose limits weapons are to be in storage", refers="rules"
    )
    exempts_from: Tuple[str, ...] = some(
        Expects.CODE,
        "Rules from which a permitted act is exempt; else all",
        refers="rules",
    )
    exemptions: Tuple[Exemption, ...] = some(Expects.OBJECT, "Exemptions", of=Exemption)
    severity: Optional[Severity] = key(Expects.CHOICE, "How grave a breach is", of=Severity)


@dataclasses.dataclass(frozen=True)
class Clause:
    """A numbered part of the text, told in plain words, and its rules."""

    reference: str = need(Expects.TEXT, "Its number in the text, such as 2(b), used once")
    text: str = need(Expects.TEXT, "What it says")
    text_status: TextStatus = need(Expects.CHOICE, "How far this is verified", of=TextStatus)
    title: Optional[str] = key(Expects.TEXT, "Heading")
    source: Optional[str] = key(Expects.CODE, "Its source", refers="sources")
    note: Optional[str] = key(Expects.TEXT, "What is not verified, and how it was read")
    rules: Tuple[Rule, ...] = some(Expects.OBJECT, "What of it can be checked", of=Rule)
