"""Which subjects a rule or an exemption concerns by what they are: act, weapon, domain, height."""

from __future__ import annotations

from typing import Callable, Iterable, Optional

import numpy as np

from ..model.agreement import Agreement, Rule, RuleKind
from .agreement_weapons import Belonging, classes_of
from .rule_columns import RuleSubjects

NO, MAYBE, YES = 0, 1, 2
SEEN_WEAPON = "weapon/sighting"
OVERFLIGHTS = ("overflight",)
UNDETERMINED = "undetermined"
DOMAINS = {"overflight": "air", "firing/air_strike": "air", "maritime": "sea"}


def concerned(agreement: Agreement, rule: Rule, subjects: RuleSubjects) -> np.ndarray:
    """Whether each subject is what the rule is about: NO, MAYBE (not known) or YES."""
    categories = rule.categories
    if not categories and rule.kind is RuleKind.NO_FLY:
        categories = OVERFLIGHTS
    if subjects.are_sightings and not _may_see(rule, categories):
        return np.zeros(len(subjects), dtype=np.int8)
    result = of_categories(subjects, categories, rule.not_categories)
    if rule.weapon_classes:
        result = np.minimum(result, of_weapons(agreement, subjects, rule.weapon_classes))
    if rule.circumstances and rule.kind is not RuleKind.PERMITTED_ACT:
        # What a permitted act permits has to be known; its circumstances are asked there.
        result = np.minimum(result, _of_circumstances(subjects, rule.circumstances))
    if rule.domains:
        result = np.minimum(result, _of_domains(subjects, rule.domains))
    return np.minimum(result, _of_altitudes(subjects, rule))


def _may_see(rule: Rule, categories: tuple) -> bool:
    """Whether a rule on acts concerns weapons that are seen: it names weapons or sightings."""
    if categories:
        return any(is_of(SEEN_WEAPON, code) for code in categories)
    return bool(rule.weapon_classes)


def of_categories(subjects: RuleSubjects, categories: tuple, without: tuple = ()) -> np.ndarray:
    """By category, or its first level; no categories stated: every one."""
    if subjects.are_sightings:
        given = np.full(len(subjects), SEEN_WEAPON, dtype=object)
    else:
        given = subjects.category
    return _each(given, lambda code: _of_category(code, categories, without))


def _of_category(code: Optional[str], categories: tuple, without: tuple) -> int:
    if code is None:
        return MAYBE if categories or without else YES
    if any(is_of(code, other) for other in without):
        return NO
    if not categories or any(is_of(code, wanted) for wanted in categories):
        return YES
    first, _, second = code.partition("/")
    undetermined = second in ("", UNDETERMINED)
    return MAYBE if undetermined and any(is_of(wanted, first) for wanted in categories) else NO


def is_of(code: str, wanted: str) -> bool:
    """Whether a category is ``wanted``, or stands below it."""
    return code == wanted or code.startswith(wanted + "/")


def of_weapons(agreement: Agreement, subjects: RuleSubjects, classes: Iterable[str]) -> np.ndarray:
    """By weapon class of the agreement."""
    return _each(subjects.weapon, lambda weapon: of_weapon(agreement, weapon, classes))


def of_weapon(agreement: Agreement, weapon: Optional[str], classes: Iterable[str]) -> int:
    """Whether one weapon belongs to one of the classes."""
    wanted = set(classes)
    found = {
        match.belonging
        for match in classes_of(agreement, weapon)
        if match.weapon_class.code in wanted
    }
    if Belonging.CERTAIN in found:
        return YES
    return MAYBE if found else NO


def _of_circumstances(subjects: RuleSubjects, circumstances: tuple) -> np.ndarray:
    def answer(code: Optional[str]) -> int:
        if code in circumstances:
            return YES
        return MAYBE if code in (None, UNDETERMINED) else NO

    return _each(subjects.circumstance, answer)


def _of_domains(subjects: RuleSubjects, domains: tuple) -> np.ndarray:
    by_act = _each(subjects.category, lambda code: YES if domain_of(code) in domains else NO)
    unknown = _each(subjects.category, lambda code: MAYBE if domain_of(code) is None else NO)
    told = _each(subjects.domain, lambda code: YES if code in domains else NO)
    known = subjects.domain != None  # noqa: E711 (elementwise)
    return np.where(known, told, np.maximum(by_act, unknown)).astype(np.int8)


def domain_of(category: Optional[str]) -> Optional[str]:
    """Land, air or sea as the category itself tells; None where it does not."""
    if category is None:
        return None
    return next((DOMAINS[known] for known in DOMAINS if is_of(category, known)), None)


def _of_altitudes(subjects: RuleSubjects, rule: Rule) -> np.ndarray:
    result = np.full(len(subjects), YES, dtype=np.int8)
    height, unknown = subjects.altitude_m, np.isnan(subjects.altitude_m)
    if rule.altitude_below_m is not None:
        result[height >= rule.altitude_below_m] = NO
        result[unknown] = MAYBE
    if rule.altitude_above_m is not None:
        result[height <= rule.altitude_above_m] = NO
        result[unknown] = MAYBE
    return result


def _each(column: np.ndarray, answer: Callable[[Optional[str]], int]) -> np.ndarray:
    """``answer`` for each value; each different one is asked once."""
    answers = {value: answer(value) for value in set(column.tolist())}
    return np.array([answers[value] for value in column.tolist()], dtype=np.int8)
