"""Whether the zones and distances of an agreement agree with one another."""

from __future__ import annotations

from ..model.agreement import Rule, ZoneDrawing
from .agreement_problems import Problems

WAYS = ("bands", "between", "area", "layer_zone")


def check_zone(where: str, zone: ZoneDrawing, problems: Problems) -> None:
    """Name what is wrong with how a zone is drawn."""
    stated = [way for way in WAYS if getattr(zone, way)]
    if len(stated) != 1:
        given = " and ".join(f"“{way}”" for way in stated) or "none"
        problems.add(
            where,
            "a zone is drawn in one way, by “bands”, “between”, “area” or “layer_zone”; "
            f"given: {given}",
        )
    if zone.between and len(set(zone.between)) != 2:
        problems.add(where, f"key “between” names {len(zone.between)} lines; two are expected")
    for number, band in enumerate(zone.bands, 1):
        if band.far_m <= band.near_m:
            problems.add(
                f"{where}, band {number}",
                f"key “far_m” is {band.far_m:g}, but more than “near_m” ({band.near_m:g}) is "
                "expected",
            )
    _check_rings(where, zone, problems)
    if zone.width_m is not None and not zone.bands:
        problems.add(where, "key “width_m” is for zones drawn by “bands”")
    elif zone.width_m is not None:
        sides = [(band.party, band.far_m) for band in zone.bands]
        check_width(where, "width_m", zone.width_m, sides, problems)
        if any(band.near_m for band in zone.bands):
            problems.add(where, "key “width_m” is for bands that begin at the line (near_m 0)")


def check_rule_width(where: str, rule: Rule, problems: Problems) -> None:
    """Name a whole width that is not what the two sides' distances make."""
    if rule.zone_width_m is None:
        return
    sides = [(limit.party, limit.distance_m) for limit in rule.limits]
    check_width(where, "zone_width_m", rule.zone_width_m, sides, problems)


def check_width(where: str, key: str, width: float, sides: list, problems: Problems) -> None:
    """Whether every two sides make up a whole width; ``sides`` are (party or None, metres).

    A distance without a party holds on both sides.
    """
    if len(sides) == 1 and sides[0][0] is not None:
        problems.add(where, f"key “{key}” is {width:g}, but the distance of one side only is given")
        return
    distances = [metres for _, metres in sides]
    pairs = [(metres, metres) for party, metres in sides if party is None]
    pairs += [
        (one, other)
        for index, (party, one) in enumerate(sides)
        for second, other in sides[index + 1 :]
        if party is not None and second is not None and second != party
    ]
    for one, other in pairs:
        if abs(one + other - width) > 1e-6 * max(width, 1.0):
            problems.add(
                where,
                f"key “{key}” is {width:,.10g}, but the distances of the two sides make "
                f"{one + other:,.10g}; a width counts both sides together, so {width:,.10g} wide "
                f"is {width / 2.0:,.10g} on each side where they are equal",
            )
            return
    if not pairs and distances:
        problems.add(where, f"key “{key}” needs the distances of both sides")


def _check_rings(where: str, zone: ZoneDrawing, problems: Problems) -> None:
    for number, ring in enumerate(zone.area, 1):
        corners = len(set(ring))
        if corners < 3:
            problems.add(
                f"{where}, ring {number} of “area”",
                f"it has {corners} different corners; at least three are expected",
            )
            continue
        area = sum(
            one[0] * other[1] - other[0] * one[1] for one, other in zip(ring, (*ring[1:], ring[0]))
        )
        if abs(area) < 1e-14:
            problems.add(f"{where}, ring {number} of “area”", "its corners lie on one line")
