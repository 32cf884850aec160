"""Whether a rule has the keys that its kind needs, and no others."""

from __future__ import annotations

from ..model.agreement import Agreement, Counted, Rule, RuleKind, Where
from .agreement_problems import Problems
from .agreement_zone_checks import check_rule_width

ALWAYS = {
    "code", "kind", "title", "parties", "valid_from", "valid_to", "deadline", "exemptions",
    "severity",
}  # fmt: skip
ACTS = {
    "categories", "not_categories", "weapon_classes", "where", "domains", "altitude_below_m",
    "altitude_above_m",
}  # fmt: skip
USED = {
    RuleKind.WITHDRAWAL: {"weapon_classes", "limits", "zone_width_m", "where"},
    RuleKind.PROHIBITED_ACT: ACTS | {"circumstances"},
    RuleKind.PERMITTED_ACT: ACTS | {"circumstances", "exempts_from"},
    RuleKind.CEILING: {"weapon_classes", "where", "at_most", "counted"},
    RuleKind.NO_FLY: ACTS | {"limits", "zone_width_m"},
    RuleKind.SILENCE: ACTS | {"windows"},
    RuleKind.STORAGE: {"weapon_classes", "beyond_rules", "where"},
    RuleKind.SITE_PROTECTION: ACTS,
}


def check_rule(where: str, rule: Rule, agreement: Agreement, problems: Problems) -> None:
    """Name what is missing in a rule of its kind, and what does not belong to it."""
    for name, field in rule.__dataclass_fields__.items():
        stated = getattr(rule, name) != field.default
        if stated and name not in ALWAYS and name not in USED[rule.kind]:
            problems.add(
                where, f"key “{name}” does not belong to a rule of the kind “{rule.kind.value}”"
            )
    for name, what in _missing(rule):
        problems.add(where, f"key “{name}” is missing; {what}")
    if rule.where is not None:
        check_where(f"{where}, “where”", rule.where, problems)
    _check_limits(where, rule, problems)
    check_rule_width(where, rule, problems)
    _check_windows(where, rule, problems)
    kinds = {each.code: each.kind for _, each in agreement.rules()}
    for code in rule.beyond_rules:
        if kinds.get(code, RuleKind.WITHDRAWAL) is not RuleKind.WITHDRAWAL:
            problems.add(where, f"key “beyond_rules” names “{code}”, which is no withdrawal")
    low, high = rule.altitude_above_m, rule.altitude_below_m
    if low is not None and high is not None and low >= high:
        problems.add(where, f"no altitude is above {low:g} m and below {high:g} m")


def check_where(where: str, place: Where, problems: Problems) -> None:
    """Name what is wrong with a place."""
    near = bool(place.line) or bool(place.site_kinds)
    if place.line and place.site_kinds:
        problems.add(where, "“within_m” is from a line or from sites; give one of them")
    if near and place.within_m is None:
        problems.add(where, "key “within_m” is missing; a number of metres is expected")
    if not near and place.within_m is not None:
        problems.add(where, "key “within_m” needs a “line” or “site_kinds” to measure from")
    for zone in set(place.zones) & set(place.outside_zones):
        problems.add(where, f"no place is in and outside the zone “{zone}”")


def _missing(rule: Rule):
    """The keys that the rule's kind needs and that are not stated, and what is expected."""
    kind, place = rule.kind, rule.where
    if kind is RuleKind.WITHDRAWAL:
        if not rule.weapon_classes:
            yield "weapon_classes", "a withdrawal says which weapons it concerns"
        if not rule.limits:
            yield "limits", "a withdrawal says how far, from which line, on whose side"
    if kind is RuleKind.NO_FLY and not rule.limits and place is None:
        yield "limits", "a no-fly rule says how far from which line, or “where”"
    if kind is RuleKind.CEILING:
        if rule.at_most is None:
            yield "at_most", "a ceiling says how many there may be"
        if place is None or not place.zones:
            yield "where", "a ceiling says in which “zones” it counts"
        if not rule.weapon_classes and rule.counted is Counted.WEAPONS:
            yield "weapon_classes", "a ceiling says which weapons it counts"
    if kind is RuleKind.SILENCE and not rule.windows:
        yield "windows", "a rule of silence says from when to when"
    if kind is RuleKind.STORAGE and not rule.beyond_rules:
        yield "beyond_rules", "a storage rule says beyond which withdrawals it holds"
    if kind is RuleKind.SITE_PROTECTION and (place is None or not place.site_kinds):
        yield "where", "a protection of sites says for which “site_kinds”, and “within_m”"
    if kind is RuleKind.PROHIBITED_ACT and not (rule.categories or rule.weapon_classes):
        yield "categories", "a prohibition says which acts or weapons it concerns"
    if kind is RuleKind.PERMITTED_ACT and not (rule.categories or rule.circumstances):
        yield "categories", "a permission says which acts or “circumstances” it concerns"


def _check_limits(where: str, rule: Rule, problems: Problems) -> None:
    """Each party has one limit, and where one holds for every party it is the only one."""
    holders = [limit.party for limit in rule.limits]
    for party in sorted({each for each in holders if each and holders.count(each) > 1}):
        problems.add(where, f"key “limits” gives the party “{party}” two limits; give one")
    if None in holders and len(holders) > 1:
        problems.add(
            where, "one of its “limits” has no party and so holds for each; it has to be alone"
        )
    for number, limit in enumerate(rule.limits, 1):
        at = f"{where}, limit {number}"
        if limit.distance_m <= 0.0:
            problems.wrong(at, "distance_m", limit.distance_m, "more than 0")
        if rule.parties and limit.party and limit.party not in rule.parties:
            problems.add(at, f"the party “{limit.party}” is not among those that the rule binds")


def _check_windows(where: str, rule: Rule, problems: Problems) -> None:
    for number, window in enumerate(rule.windows, 1):
        at = f"{where}, window {number}"
        if bool(window.daily_from) != bool(window.daily_to):
            problems.add(at, "“daily_from” and “daily_to” are given together or not at all")
        if not (window.opens or window.closes or window.daily_from):
            problems.add(at, "it says no time; give “opens” and “closes”, or daily hours")
        if window.daily_from and window.daily_from == window.daily_to:
            problems.add(at, "“daily_from” and “daily_to” are the same; leave both out for all day")
