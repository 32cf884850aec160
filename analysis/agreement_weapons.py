"""Which of an agreement's weapon classes a weapon belongs to, and which of them prevails."""

from __future__ import annotations

import dataclasses
from enum import Enum
from typing import Any, Mapping, Optional

from ..model.agreement import Agreement, WeaponClass
from ..model.vocabulary import vocabulary

NOT_KNOWN = "not_known"


class Belonging(str, Enum):
    """How sure it is that a weapon belongs to a class."""

    CERTAIN = "certain"
    POSSIBLE = "possible"


@dataclasses.dataclass(frozen=True)
class Match:
    """One class that covers a weapon, certainly or possibly (calibre or type not known).

    ``yields_to`` names the classes that prevail over it and cover the weapon with certainty.
    """

    weapon_class: WeaponClass
    belonging: Belonging
    yields_to: tuple[str, ...] = ()


def classes_of(
    agreement: Agreement,
    weapon: Optional[str],
    weapon_types: Optional[Mapping[str, Mapping[str, Any]]] = None,
) -> tuple[Match, ...]:
    """The agreement's classes that cover a weapon (a code of ``weapon_types``), prevailing first.

    ``weapon_types`` is the vocabulary: class, ``calibre_mm``, ``range_m``; the model's own if left
    out. A weapon whose class, calibre or range is not known may belong to several classes; those
    are ``possible``. An unknown code, None or ``not_known`` may be in every class.
    """
    types = vocabulary("weapon_types") if weapon_types is None else weapon_types
    found = []
    for each in agreement.weapon_classes:
        belonging = belongs(each, weapon, types)
        if belonging is not None:
            found.append((each, belonging))
    ordered = _in_order(agreement, found)
    certain = {each.code for each, belonging in ordered if belonging is Belonging.CERTAIN}
    return tuple(
        Match(each, belonging, _prevailing_over(agreement, each.code, certain))
        for each, belonging in ordered
    )


def belongs(
    weapon_class: WeaponClass, weapon: Optional[str], types: Mapping[str, Mapping[str, Any]]
) -> Optional[Belonging]:
    """Whether a weapon belongs to a class: certainly, possibly, or not (None).

    ``types`` is the vocabulary ``weapon_types``.
    """
    if weapon in weapon_class.not_weapons:
        return None
    if weapon in weapon_class.weapons:
        return Belonging.CERTAIN
    told = types.get(weapon or NOT_KNOWN, {})
    answers = {
        _class_fits(weapon_class, told),
        _within(weapon_class, "calibre", "mm", told.get("calibre_mm")),
        _within(weapon_class, "range", "m", told.get("range_m")),
    } - {"not stated"}
    if not answers or "no" in answers:
        # It may still be one of the weapons that are listed singly.
        return Belonging.POSSIBLE if _may_be(weapon_class.weapons, told, types) else None
    sure = "possible" not in answers and not _may_be(weapon_class.not_weapons, told, types)
    return Belonging.CERTAIN if sure else Belonging.POSSIBLE


def _class_fits(weapon_class: WeaponClass, told: Mapping[str, Any]) -> str:
    if not weapon_class.classes:
        return "not stated"
    kind = told.get("class", NOT_KNOWN)
    if kind == NOT_KNOWN:
        return "possible"
    return "yes" if kind in weapon_class.classes else "no"


def _within(weapon_class: WeaponClass, what: str, unit: str, value: Optional[float]) -> str:
    """Whether a figure lies within the class's limits of that sort."""
    least, above, most, below = (
        getattr(weapon_class, f"{what}_{end}_{unit}") for end in ("from", "above", "to", "below")
    )
    if least is None and above is None and most is None and below is None:
        return "not stated"
    if value is None:
        return "possible"
    fits = (
        (least is None or value >= least)
        and (above is None or value > above)
        and (most is None or value <= most)
        and (below is None or value < below)
    )
    return "yes" if fits else "no"


def _may_be(listed: tuple[str, ...], told: Mapping[str, Any], types) -> bool:
    """Whether a weapon that is told by its class alone may be one of those listed."""
    if not listed or told.get("calibre_mm") is not None or told.get("range_m") is not None:
        return False
    kind = told.get("class", NOT_KNOWN)
    return kind == NOT_KNOWN or kind in {types.get(each, {}).get("class") for each in listed}


def _prevailing_over(agreement: Agreement, code: str, among: set[str]) -> tuple[str, ...]:
    """The classes among those given that stand before this one in an order of precedence."""
    before: list[str] = []
    for order in agreement.precedence:
        if code in order.weapon_classes:
            place = order.weapon_classes.index(code)
            before += [each for each in order.weapon_classes[:place] if each in among]
    return tuple(dict.fromkeys(before))


def _in_order(agreement: Agreement, found: list) -> list:
    """Classes with what prevails first; certain before possible, else as the file has them."""
    place = {each.code: index for index, (each, _) in enumerate(found)}
    codes = set(place)
    waiting = {code: set(_prevailing_over(agreement, code, codes)) for code in codes}
    told = {each.code: (each, belonging) for each, belonging in found}
    ordered = []
    while waiting:
        free = [code for code, before in waiting.items() if not before & waiting.keys()]
        # Orders that go round in a circle: the file's own order decides.
        free = free or list(waiting)
        code = min(free, key=lambda each: (told[each][1] is not Belonging.CERTAIN, place[each]))
        del waiting[code]
        ordered.append(told[code])
    return ordered
