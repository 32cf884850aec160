"""What exempts a subject from a rule: the rule's own exemptions, and permitted acts."""

from __future__ import annotations

import dataclasses
from typing import Iterator

import numpy as np

from ..model.agreement import Clause, Exemption, Rule, RuleKind
from .flagging import HARDLY, SURELY
from .rule_conditions import asks_place, combined, time_share, where_held
from .rule_members import YES, concerned, of_categories, of_weapons
from .rule_sentences import clause_words
from .rule_times import Met, RuleTime


@dataclasses.dataclass
class Exempt:
    """For each row: what exempts it (None: nothing), and whether that is only possible."""

    why: np.ndarray
    possible: np.ndarray


def exempt(theatre, rule: Rule, time: RuleTime, met: Met, rows: np.ndarray) -> Exempt:
    """What exempts ``rows`` of the subjects from the rule; ``met`` is their time with it."""
    result = Exempt(np.full(len(rows), None, dtype=object), np.full(len(rows), None, dtype=object))
    for exemption in rule.exemptions:
        fits = _fits(theatre, exemption)[rows]
        _mark(theatre, result, fits, exemption.where, exemption.title, time, met, rows)
    for clause, permitted in _permissions(theatre, rule):
        fits = (concerned(theatre.agreement, permitted, theatre.subjects) == YES)[rows]
        if permitted.circumstances:
            fits &= np.isin(theatre.subjects.circumstance[rows], permitted.circumstances)
        start, end = theatre.subjects.place.occurred_from, theatre.subjects.place.occurred_to
        fits &= theatre.time(permitted).meet(start[rows], end[rows]).touched
        title = f"{permitted.title} ({clause_words(clause.reference)})"
        _mark(theatre, result, fits, permitted.where, title, time, met, rows)
    return result


def _permissions(theatre, rule: Rule) -> Iterator[tuple[Clause, Rule]]:
    for clause, other in theatre.agreement.rules():
        permits = not other.exempts_from or rule.code in other.exempts_from
        if other.kind is RuleKind.PERMITTED_ACT and permits:
            yield clause, other


def _fits(theatre, exemption: Exemption) -> np.ndarray:
    """Whether each subject is what the exemption is about, its place apart (mask)."""
    subjects = theatre.subjects
    fits = np.ones(len(subjects), dtype=bool)
    if exemption.circumstances:
        fits &= np.isin(subjects.circumstance, exemption.circumstances)
    if exemption.categories:
        fits &= of_categories(subjects, exemption.categories) == YES
    if exemption.weapon_classes:
        fits &= of_weapons(theatre.agreement, subjects, exemption.weapon_classes) == YES
    if exemption.parties:
        fits &= np.isin(theatre.holders(), exemption.parties)
    return fits


def _mark(theatre, result: Exempt, fits, where, title: str, time, met: Met, rows) -> None:
    open_rows = np.flatnonzero(fits & (result.why == None))  # noqa: E711 (elementwise)
    if len(open_rows) == 0:
        return
    if not asks_place(where):
        result.why[open_rows] = title
        return
    some = met.take(open_rows)
    share = time_share(theatre, some, rows[open_rows])
    located = theatre.subjects.place.located()[rows[open_rows]]
    chance = np.zeros(len(open_rows))
    here = np.flatnonzero(located)
    conditions = where_held(theatre, where, time, some.take(here), rows[open_rows[here]])
    there = combined(conditions, share[here])[0] / np.maximum(share[here], 1e-12)
    missing = np.zeros(len(here), dtype=bool)
    for condition in conditions:
        missing |= condition.missing != None  # noqa: E711 (elementwise)
    chance[here] = np.where(missing, 0.5, there)
    chance[~located] = 0.5
    result.why[open_rows[chance >= SURELY]] = title
    result.possible[open_rows[(chance > HARDLY) & (chance < SURELY)]] = title
