"""Which rules a weapon falls under, and which of them another rule prevails over."""

from __future__ import annotations

import dataclasses
from typing import Iterator, Optional

from ..model.agreement import Agreement, Clause, Rule
from .agreement_weapons import Belonging, classes_of


@dataclasses.dataclass(frozen=True)
class Covered:
    """How a rule covers a weapon: surely or possibly, as which of its classes.

    ``prevailing`` are rules of the same kind that prevail over it while they bind.
    """

    sure: bool
    labels: tuple[str, ...]
    prevailing: tuple[Rule, ...]


def covered(
    agreement: Agreement, clause: Clause, rule: Rule, weapon: Optional[str]
) -> Optional[Covered]:
    """How the rule covers a weapon (a code of ``weapon_types``); None where it does not."""
    matches = [
        match
        for match in classes_of(agreement, weapon)
        if match.weapon_class.code in rule.weapon_classes
    ]
    if not matches:
        return None
    certain = [match for match in matches if match.belonging is Belonging.CERTAIN]
    told = certain or matches
    prevailing = dict.fromkeys(_by_clause(agreement, clause, rule, weapon))
    over = [set(match.yields_to) for match in told]
    if all(over):
        # A rule yields where each class by which it covers the weapon yields.
        yields_to = set().union(*over)
        for _, other in _others(agreement, rule):
            if yields_to & set(other.weapon_classes):
                prevailing[other] = None
    return Covered(
        bool(certain), tuple(match.weapon_class.label for match in told), tuple(prevailing)
    )


def _by_clause(agreement: Agreement, clause: Clause, rule: Rule, weapon) -> Iterator[Rule]:
    """Rules of prevailing clauses that surely cover the weapon too."""
    for order in agreement.precedence:
        if clause.reference not in order.clauses:
            continue
        before = order.clauses[: order.clauses.index(clause.reference)]
        for other_clause, other in _others(agreement, rule):
            if other_clause.reference in before and _surely(agreement, other, weapon):
                yield other


def _others(agreement: Agreement, rule: Rule) -> Iterator[tuple[Clause, Rule]]:
    for clause, other in agreement.rules():
        if other.kind is rule.kind and other.code != rule.code:
            yield clause, other


def _surely(agreement: Agreement, rule: Rule, weapon: Optional[str]) -> bool:
    return any(
        match.belonging is Belonging.CERTAIN and match.weapon_class.code in rule.weapon_classes
        for match in classes_of(agreement, weapon)
    )
