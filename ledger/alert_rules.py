"""Adding and changing rules of alerts: checked, known by their names, signed."""

from __future__ import annotations

import dataclasses
import math
from typing import Any, Optional

from ..model.alert import COUNTS, INCIDENTS, SECTOR, THEATRE, AlertRule, listed
from ..model.errors import CeasefireError
from ..model.incident import content_id
from ..model.sensitivity import LEVELS
from ..model.tables import ALERT_RULES
from ..model.vocabulary import vocabulary

# Numbers that are given must be more than nothing.
POSITIVE = {
    "distance_m": "The distance from the line",
    "site_distance_m": "The distance from sites",
    "count_least": "The number",
    "window_minutes": "The window",
    "max_age_hours": "How far the rule looks back",
}
# Ten years, and a century.
MOST = {"window_minutes": 5_256_000, "max_age_hours": 1_000_000}


def set_rule(ledger: Any, rule: AlertRule, who: Optional[str], why: str) -> tuple[AlertRule, bool]:
    """Add a rule, or change the one of its name; the rule as kept, and whether it is new.

    CeasefireError where the rule cannot be, or names what the ledger does not have.
    """
    name = " ".join((rule.rule_name or "").split())
    if not name:
        raise CeasefireError("A rule needs a name: give one by which you will know its alerts.")
    refuse_what_cannot_be(rule)
    _refuse_unknown_zones(ledger, rule)
    alike = [
        known
        for known in ledger.read(ALERT_RULES.name)
        if (known.rule_name or "").casefold() == name.casefold()
    ]
    identifier = alike[0].rule_id if alike else "rule:" + content_id(name.casefold())
    kept = dataclasses.replace(rule, rule_id=identifier, rule_name=name)
    ledger.write_records(ALERT_RULES.name, [kept], who, why)
    return kept, not alike


def refuse_what_cannot_be(rule: AlertRule) -> None:
    """Raise CeasefireError where the conditions of a rule make no sense."""
    for field, title in POSITIVE.items():
        value = getattr(rule, field)
        if value is not None and not (math.isfinite(value) and value > 0):
            raise CeasefireError(f"{title} must be more than 0, or left empty.")
        if value is not None and value > MOST.get(field, math.inf):
            raise CeasefireError(f"{title} must be at most {MOST[field]:,}.")
    chance = rule.min_probability
    if chance is not None and not 0.0 < chance <= 1.0:
        raise CeasefireError("The probability must be more than 0 and at most 1, such as 0.5.")
    if bool(listed(rule.site_kinds)) != (rule.site_distance_m is not None):
        raise CeasefireError("Give the kind of site and the distance from it together.")
    if (rule.count_least is None) != (rule.window_minutes is None):
        raise CeasefireError("Give the number and the window in minutes together.")
    if rule.count_of not in (None, INCIDENTS, COUNTS):
        raise CeasefireError(f"“{rule.count_of}” cannot be counted: choose incidents or counts.")
    if rule.count_per not in (None, THEATRE, SECTOR):
        raise CeasefireError(f"“{rule.count_per}” is neither theatre nor sector: choose one.")
    if rule.count_per == SECTOR and rule.count_least is not None and not listed(rule.sectors):
        raise CeasefireError("To count by sector, name the sectors: zones of the ledger.")
    if rule.most_sensitive not in (None, *LEVELS):
        raise CeasefireError(f"“{rule.most_sensitive}” is no level: choose of {', '.join(LEVELS)}.")
    classes = {entry.get("class") for entry in vocabulary("weapon_types").values()}
    for names, known, what in (
        (rule.site_kinds, set(vocabulary("site_kinds")), "kind of site"),
        (rule.weapon_classes, classes, "class of weapons"),
    ):
        for name in listed(names):
            if name not in known:
                raise CeasefireError(
                    f"“{name}” is no {what}: choose of {', '.join(sorted(filter(None, known)))}."
                )
    if rule.area:
        from ..analysis.alert_places import area_of

        area_of(rule.area)


def _refuse_unknown_zones(ledger: Any, rule: AlertRule) -> None:
    wanted = [*listed(rule.sectors), *listed(rule.zones)]
    if not wanted:
        return
    known = {zone.zone_name or zone.zone_id for zone in ledger.read("zones")}
    for name in wanted:
        if name not in known:
            there = ", ".join(f"“{zone}”" for zone in sorted(known)[:20]) or "none"
            raise CeasefireError(
                f"The ledger has no zone “{name}”: add it (“Add to ledger”), or choose of these: "
                f"{there}."
            )
