"""Holding incidents, weapon sightings and storage sites against the rules of an agreement."""

from __future__ import annotations

import dataclasses
from typing import Callable, Mapping, Optional

import numpy as np

from ..model.agreement import Clause, Rule, RuleKind
from ..model.errors import Cancelled
from .rule_acts import KINDS, assess_acts
from .rule_ceilings import assess_ceiling
from .rule_columns import RuleFindings
from .rule_grounds import Grounds
from .rule_notes import note_subjects
from .rule_prints import UNSIGNED, digest, hexadecimal, mixed
from .rule_storage import assess_inventories, assess_storage
from .rule_theatre import RuleTheatre
from .rule_weapons import assess_withdrawal

Known = Mapping[tuple[str, str], str]


@dataclasses.dataclass
class Checked:
    """What came of one run: the findings that were made, and (rule, subject) that still hold.

    ``unchanged`` names assessments in the ledger that rest on the same as before.
    """

    findings: RuleFindings
    unchanged: set[tuple[str, str]]
    notes: list[str]


def check_rules(
    theatre: RuleTheatre,
    known: Optional[Known] = None,
    progress: Optional[Callable[[float], None]] = None,
    cancelled: Optional[Callable[[], bool]] = None,
) -> Checked:
    """Hold every subject of the theatre against every rule of its agreement.

    One finding a subject and rule that concerns it, compliance too; where the holder of a weapon is
    not known one a party. ``known`` gives the fingerprint of earlier assessments by rule and
    subject id: those that rest on the same are not made again. ``progress`` takes 0 to 1;
    ``cancelled`` is asked before each rule (raises Cancelled).

    The verdict is by the probability that the rule was not kept: breaks from 0.95 on, complies up
    to 0.05, possible between; could_not_verify where the subject's own place, time or kind is not
    known; not_assessable where the line, zone, sites or effort are not.
    """
    rules = [pair for pair in theatre.agreement.rules() if pair[1].kind in ASSESSED]
    note_subjects(theatre)
    grounds = Grounds(theatre)
    parts: list[RuleFindings] = []
    unchanged: set[tuple[str, str]] = set()
    for number, (clause, rule) in enumerate(rules):
        if cancelled is not None and cancelled():
            raise Cancelled("Stopped; nothing was written.")
        if progress is not None:
            progress(number / len(rules))
        prints = grounds.of(clause, rule)
        rows = np.arange(len(theatre.subjects))
        if known:
            same = _same(theatre, rule, prints, known)
            unchanged |= {(rule.code, theatre.subjects.identifier[row]) for row in rows[same]}
            rows = rows[~same]
        made = _assess(theatre, clause, rule, rows)
        _sign(made, prints, grounds, clause, rule)
        parts.append(made)
    return Checked(RuleFindings.joined(parts), unchanged, theatre.notes)


ASSESSED = (*KINDS, RuleKind.WITHDRAWAL, RuleKind.STORAGE, RuleKind.CEILING)


def _same(theatre, rule: Rule, prints: np.ndarray, known: Known) -> np.ndarray:
    """Which subjects' earlier assessment under the rule rests on the same (mask).

    A ceiling is about no single subject; it is always counted again.
    """
    if rule.kind is RuleKind.CEILING:
        return np.zeros(len(prints), dtype=bool)
    told = hexadecimal(prints)
    code = rule.code
    return np.array(
        [
            known.get((code, identifier)) == print_
            for identifier, print_ in zip(theatre.subjects.identifier, told)
        ],
        dtype=bool,
    )


def _assess(theatre, clause: Clause, rule: Rule, rows: np.ndarray) -> RuleFindings:
    if rule.kind in KINDS:
        return assess_acts(theatre, clause, rule, rows)
    if not theatre.subjects.are_sightings:
        return RuleFindings.blank(0)
    if rule.kind is RuleKind.WITHDRAWAL:
        return assess_withdrawal(theatre, clause, rule, rows)
    if rule.kind is RuleKind.CEILING:
        return assess_ceiling(theatre, clause, rule, rows)
    return RuleFindings.joined(
        [assess_storage(theatre, clause, rule, rows), assess_inventories(theatre, clause, rule)]
    )


def _sign(made: RuleFindings, prints: np.ndarray, grounds: Grounds, clause, rule) -> None:
    """Write what each finding rests on."""
    if len(made) == 0:
        return
    own = np.zeros(len(made), dtype=UNSIGNED)
    subject = made.row >= 0
    own[subject] = prints[made.row[subject]]
    content = np.full(len(made), grounds.content(clause, rule), dtype=UNSIGNED)
    for row in np.flatnonzero(~subject):
        # Counts of a zone's day or an inspection rest on what was counted.
        own[row] = digest(made.verdict[row], made.finding[row])
    own[~subject] = mixed(own, content)[~subject]
    made.rests_on[:] = hexadecimal(own)
