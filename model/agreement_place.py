"""Weapons, lines and zones as the clauses of an agreement name them."""

from __future__ import annotations

import dataclasses
from typing import Optional, Tuple

from .agreement_key import Expects, key, need, some


@dataclasses.dataclass(frozen=True)
class WeaponClass:
    """Weapons as a clause groups them.

    A weapon belongs to it if it is one of ``weapons``, or meets every criterion that is stated
    (class, calibre, range), and is not one of ``not_weapons``. ``_from`` and ``_to`` include the
    figure, ``_above`` and ``_below`` do not.
    """

    code: str = need(Expects.CODE, "Short name by which rules refer to the class")
    label: str = need(Expects.TEXT, "Name as printed: “artillery of 100 mm and more”")
    classes: Tuple[str, ...] = some(
        Expects.CODE, "Classes of the model's weapon types", refers="vocabulary:weapon_types.class"
    )
    calibre_from_mm: Optional[float] = key(Expects.NUMBER, "Calibre of … mm and more")
    calibre_above_mm: Optional[float] = key(Expects.NUMBER, "Calibre of more than … mm")
    calibre_to_mm: Optional[float] = key(Expects.NUMBER, "Calibre of up to … mm")
    calibre_below_mm: Optional[float] = key(Expects.NUMBER, "Calibre of less than … mm")
    range_from_m: Optional[float] = key(Expects.METRES, "Range of … m and more")
    range_above_m: Optional[float] = key(Expects.METRES, "Range of more than … m")
    range_to_m: Optional[float] = key(Expects.METRES, "Range of up to … m")
    range_below_m: Optional[float] = key(Expects.METRES, "Range of less than … m")
    weapons: Tuple[str, ...] = some(
        Expects.CODE, "Weapons that belong in any case", refers="vocabulary:weapon_types"
    )
    not_weapons: Tuple[str, ...] = some(
        Expects.CODE, "Weapons that do not belong", refers="vocabulary:weapon_types"
    )


@dataclasses.dataclass(frozen=True)
class NamedLine:
    """A line as the agreement names it, and which contact lines of the theatre it means.

    All that is stated has to hold. With ``as_of`` it is the line that was in force then, whatever
    the day (the line of 19 September 2014); without, the one in force at the time in question.
    """

    code: str = need(Expects.CODE, "Short name by which rules and zones refer to the line")
    title: str = need(Expects.TEXT, "Name as printed")
    kind: Optional[str] = key(Expects.CODE, "Kind of contact line", refers="vocabulary:line_kinds")
    line_name: Optional[str] = key(Expects.TEXT, "Name of the contact line in the layer")
    front: Optional[str] = key(Expects.TEXT, "Front of the contact line in the layer")
    as_of: Optional[str] = key(Expects.MOMENT, "The line as it was at this moment")


@dataclasses.dataclass(frozen=True)
class Band:
    """The strip from ``near_m`` to ``far_m`` on one party's side of a line (no party: both)."""

    line: str = need(Expects.CODE, "The line measured from", refers="lines")
    far_m: float = need(Expects.METRES, "Metres from the line to the far edge, on one side")
    near_m: float = key(Expects.METRES, "Metres from the line to the near edge", 0.0)
    party: Optional[str] = key(
        Expects.CODE, "The party on whose side it lies; both sides if not stated", refers="parties"
    )


@dataclasses.dataclass(frozen=True)
class ZoneDrawing:
    """A zone, drawn in one of four ways: bands, ``between`` two lines, an area, or by its name.

    ``width_m`` is the whole width that a text states (50 km between both sides); it must equal the
    sum of the two sides' bands, for 50 km wide means 25 km on each side.
    """

    code: str = need(Expects.CODE, "Short name by which rules refer to the zone")
    title: str = need(Expects.TEXT, "Name as printed")
    kind: str = key(Expects.CODE, "Kind of zone", "other", refers="vocabulary:zone_kinds")
    clause: Optional[str] = key(Expects.TEXT, "The clause that draws it", refers="clauses")
    bands: Tuple[Band, ...] = some(Expects.OBJECT, "Strips along lines, by side", of=Band)
    width_m: Optional[float] = key(Expects.METRES, "Whole width, both sides together")
    between: Tuple[str, ...] = some(
        Expects.CODE, "The two lines between which it lies", refers="lines"
    )
    area: Tuple[Tuple[Tuple[float, float], ...], ...] = some(
        Expects.RING, "Rings of coordinates, WGS 84; an inner ring is a hole"
    )
    layer_zone: Optional[str] = key(
        Expects.TEXT, "Name or id of the zone in the theatre's layer of zones"
    )
    weapon_class: Optional[str] = key(
        Expects.CODE, "The weapons it concerns", refers="weapon_classes"
    )
    valid_from: Optional[str] = key(Expects.MOMENT, "From when; with the agreement if not stated")
    valid_to: Optional[str] = key(Expects.MOMENT, "Until when; with the agreement if not stated")
