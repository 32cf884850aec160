"""Weapon sightings held against withdrawal limits: how far, from whose line, as which weapon."""

from __future__ import annotations

import dataclasses
from typing import Iterator

import numpy as np

from ..model.agreement import Clause, Rule
from .flagging import HARDLY, SURELY
from .line_words import metres
from .nearest import Side
from .rule_columns import NONE, RuleFindings
from .rule_conditions import combined, first_missing, time_share, where_held
from .rule_distances import LineLimit
from .rule_exemptions import exempt
from .rule_precedence import Covered, covered
from .rule_sentences import (
    BREAKS,
    COMPLIES,
    EXEMPT,
    NO_PLACE,
    NO_TIME,
    NO_WEAPON,
    NOT_ASSESSABLE,
    NOT_VERIFIED,
    POSSIBLE,
    all_dates,
    clause_words,
    line_phrase,
    possessive,
    verdict_words,
    weapon_sentence,
)
from .rule_times import Met


@dataclasses.dataclass
class Concerned:
    """Sightings that a rule on weapons concerns, as one class of weapon each.

    ``covered`` is how the rule covers each one's weapon; ``met`` its time with the rule.
    """

    rows: np.ndarray
    covered: list[Covered]
    met: Met


def concerned_by(theatre, clause: Clause, rule: Rule, rows: np.ndarray) -> Concerned:
    """The sightings that the rule covers while no other rule prevails over it."""
    subjects, place = theatre.subjects, theatre.subjects.place
    answers = {
        weapon: covered(theatre.agreement, clause, rule, weapon)
        for weapon in set(subjects.weapon[rows].tolist())
    }
    told = [answers[weapon] for weapon in subjects.weapon[rows].tolist()]
    time = theatre.time(rule)
    met = time.meet(place.occurred_from[rows], place.occurred_to[rows])
    untimed = np.isnat(place.occurred_from[rows]) & (len(time.starts) > 0)
    kept = np.array([answer is not None for answer in told], dtype=bool) & (met.touched | untimed)
    for weapon, answer in answers.items():
        for other in answer.prevailing if answer is not None else ():
            mine = kept & (subjects.weapon[rows] == weapon)
            start, end = place.occurred_from[rows], place.occurred_to[rows]
            kept &= ~(mine & theatre.time(other).meet(start, end).touched)
    chosen = np.flatnonzero(kept)
    return Concerned(rows[chosen], [told[index] for index in chosen], met.take(chosen))


def assess_withdrawal(theatre, clause: Clause, rule: Rule, rows: np.ndarray) -> RuleFindings:
    """The findings of one withdrawal: one a sighting, or where its holder is not known one a party.

    The limit is the holder's own, measured from the line that the agreement names for it; on the
    other side of that line a weapon is all the more inside the limit.
    """
    typeless = theatre.of_unknown_type()[rows]
    parts = [each.result for each in withdrawals(theatre, clause, rule, rows[~typeless])]
    parts.append(unknown_types(theatre, clause, rule, rows[typeless]))
    return RuleFindings.joined(parts)


def withdrawals(theatre, clause: Clause, rule: Rule, rows: np.ndarray) -> Iterator[Withdrawal]:
    """Each bound party's limit, with the sightings that it was held against."""
    found = concerned_by(theatre, clause, rule, rows)
    for party, limit in _limits(theatre, rule):
        holder = theatre.holders()[found.rows]
        mine = np.flatnonzero((holder == party) | (holder == None))  # noqa: E711 (elementwise)
        yield Withdrawal(theatre, clause, rule, party, limit, found, mine).assessed()


def _limits(theatre, rule: Rule):
    """Each party that is bound, with its own limit."""
    bound = rule.parties or tuple(party.code for party in theatre.agreement.parties)
    for party in bound:
        for limit in rule.limits:
            if limit.party in (None, party):
                yield party, limit


class Withdrawal:
    """One rule and one party's limit, held against the sightings that may be that party's.

    ``chance`` of having been inside the limit, NaN where that could not be told. ``sure``: whether
    the weapon surely is of the rule's classes. ``reason``: why a row could not be assessed.
    """

    def __init__(self, theatre, clause, rule, party, limit, found: Concerned, mine):
        self.theatre, self.clause, self.rule = theatre, clause, rule
        self.party, self.limit = party, limit
        self.rows, self.met = found.rows[mine], found.met.take(mine)
        self.covered = [found.covered[index] for index in mine]
        self.result = RuleFindings.blank(len(mine))
        self.reason = np.full(len(mine), None, dtype=object)
        self.exempt_by = np.full(len(mine), None, dtype=object)
        self.possibly_exempt_by = np.full(len(mine), None, dtype=object)
        self.chance = np.full(len(mine), np.nan)
        self.sure = np.array([each.sure for each in self.covered], dtype=bool)
        self.across = np.zeros(len(mine), dtype=bool)
        self.unsided = np.zeros(len(mine), dtype=bool)

    def assessed(self) -> Withdrawal:
        """The same, every sighting judged and told in ``result``."""
        theatre, result = self.theatre, self.result
        result.about(theatre.subjects, self.rows)
        theatre.name_rule(result, self.clause, self.rule)
        result.party[:] = theatre.party_name(self.party)
        result.limit_m[:] = self.limit.distance_m
        place = theatre.subjects.place
        timed = ~np.isnat(place.occurred_from[self.rows])
        located = place.located()[self.rows]
        self._set(~timed, NO_TIME)
        self._set(timed & ~located, NO_PLACE)
        self._judge(np.flatnonzero(timed & located))
        self._say()
        return self

    def _set(self, mask, why: str) -> None:
        self.result.verdict[mask] = NOT_VERIFIED
        self.reason[mask] = why

    def _judge(self, some: np.ndarray) -> None:
        theatre, result = self.theatre, self.result
        rows, met = self.rows[some], self.met.take(some)
        time, measured = theatre.time(self.rule), theatre.line(self.limit.line)
        limit = LineLimit.of(
            theatre.agreement, measured, theatre.subjects, self.limit.distance_m, self.party
        )
        held = limit.held(time, met, rows)
        conditions = where_held(theatre, self.rule.where, time, met, rows)
        share = time_share(theatre, met, rows)
        chance = held.chance * combined(conditions, share)[0] / np.maximum(share, 1e-12)
        missing = first_missing(conditions, len(some))
        missing[held.line < 0] = self._no_line(measured)
        if measured.lines is not None:
            # By distance alone a weapon across the line would seem to have been withdrawn.
            strange = ~held.sided & measured.names_strangers(theatre.agreement)[held.line]
            untold = strange & (held.line >= 0) & (limit.own[held.line] == Side.NOT_KNOWN)
            missing[untold & (chance < SURELY)] = self._not_on_line(measured)
        result.verdict[some] = self._verdicts(some, chance, missing)
        bare = theatre.subjects.basis[rows] == NONE
        gone = missing != None  # noqa: E711 (elementwise)
        self.chance[some] = np.where(gone, np.nan, chance)
        unknown = bare | gone | (~self.sure[some] & (chance > HARDLY))
        result.probability[some] = np.where(unknown, np.nan, chance)
        result.probability_basis[some] = theatre.subjects.basis[rows]
        result.measured_m[some] = np.abs(held.signed_m)
        result.distance_to_compliance_m[some] = self.limit.distance_m - held.signed_m
        self.across[some] = held.signed_m < 0.0
        self.unsided[some] = ~held.sided & (held.line >= 0)
        if measured.lines is not None:
            result.line_name[some] = measured.text_of("line_name", held.line, None)
            since = measured.text_of("valid_from", held.line, "NaT")
            result.line_valid_from[some] = since.astype("datetime64[us]")
        self._exempt(some, time, met, rows)

    def _not_on_line(self, measured) -> str:
        party = self.theatre.party_name(self.party)
        return f"on which side of “{measured.named.title}” {party} is, is not known"

    def _no_line(self, measured) -> str:
        if measured.lines is None:
            return f"for “{measured.named.title}” {measured.why}"
        return f"no line “{measured.named.title}” was in force then"

    def _verdicts(self, some, chance, missing) -> np.ndarray:
        verdict = np.full(len(some), POSSIBLE, dtype=object)
        verdict[chance >= SURELY] = BREAKS
        verdict[~self.sure[some]] = POSSIBLE
        verdict[chance <= HARDLY] = COMPLIES
        gone = missing != None  # noqa: E711 (elementwise)
        verdict[gone] = NOT_ASSESSABLE
        self.reason[some[gone]] = missing[gone]
        return verdict

    def _exempt(self, some, time, met, rows) -> None:
        found = exempt(self.theatre, self.rule, time, met, rows)
        verdict = self.result.verdict
        sure = (verdict[some] != COMPLIES) & (found.why != None)  # noqa: E711 (elementwise)
        verdict[some[sure]] = EXEMPT
        self.result.probability[some[sure]] = np.nan
        self.exempt_by[some[sure]] = found.why[sure]
        perhaps = found.possible != None  # noqa: E711 (elementwise)
        maybe = np.isin(verdict[some], (BREAKS, POSSIBLE)) & perhaps
        verdict[some[maybe]] = POSSIBLE
        # How likely it is that the exemption does not hold is not known.
        self.result.probability[some[maybe]] = np.nan
        self.possibly_exempt_by[some[maybe]] = found.possible[maybe]

    def _say(self) -> None:
        theatre, result = self.theatre, self.result
        since = all_dates(result.line_valid_from, theatre.zone)
        unknown = theatre.holders()[self.rows] == None  # noqa: E711 (elementwise)
        name = theatre.party_name(self.party)
        weapons = theatre.weapon_words(self.rows)
        for index in range(len(self.rows)):
            result.finding[index] = self._sentence(
                index, since[index], name, bool(unknown[index]), weapons[index]
            )

    def _sentence(self, index: int, since, name: str, unknown: bool, weapons: str) -> str:
        result = self.result
        margin = result.distance_to_compliance_m[index]
        if margin != margin:
            return (
                f"{clause_words(self.clause.reference)}, {self.rule.title}: {weapons}, "
                f"held by {name}{' if theirs' if unknown else ''}; {self._end(index)}."
            )
        told = weapon_sentence(
            self.clause.reference,
            margin,
            self.limit.distance_m,
            " or ".join(self.covered[index].labels),
            line_phrase(result.line_name[index], since),
            name,
        )
        if unknown:
            told += f" (the holder is not known; this holds if they are {possessive(name)})"
        if self.across[index]:
            told += f", being {metres(result.measured_m[index])} across that line"
        elif self.unsided[index]:
            told += ", by distance alone, the side not being known"
        told += f": {weapons}"
        return f"{told}; {self._end(index)}."

    def _end(self, index: int) -> str:
        result, verdict = self.result, self.result.verdict[index]
        if verdict == EXEMPT:
            return f"exempt: {self.exempt_by[index]}"
        if verdict == NOT_ASSESSABLE:
            return f"not assessable: {self.reason[index]}"
        if verdict == NOT_VERIFIED:
            return f"could not be verified: {self.reason[index]}"
        end = verdict_words(
            verdict,
            result.probability[index],
            result.probability_basis[index],
            self.theatre.default_uncertainty_m,
        )
        if verdict == POSSIBLE and not self.sure[index]:
            end += "; it is not known whether the weapon is of this kind"
        if self.possibly_exempt_by[index]:
            end += f"; possibly exempt: {self.possibly_exempt_by[index]}"
        return end


def unknown_types(theatre, clause: Clause, rule: Rule, rows: np.ndarray) -> RuleFindings:
    """Sightings of weapons of wholly unknown type: one finding a clause, that it is not known.

    It is of the clause's first rule that bound their holder then.
    """
    rows = rows[_bound(theatre, rule, rows)]
    for other_clause, other in theatre.agreement.rules():
        if other.code == rule.code:
            break
        if other.kind is rule.kind and other_clause.reference == clause.reference:
            rows = rows[~_bound(theatre, other, rows)]
    result = RuleFindings.blank(len(rows))
    result.about(theatre.subjects, rows)
    theatre.name_rule(result, clause, rule)
    result.verdict[:] = NOT_VERIFIED
    weapons = theatre.weapon_words(rows)
    for index, code in enumerate(theatre.holders()[rows]):
        name = None if code is None else theatre.party_name(code)
        result.party[index] = name
        held = "whose holder is not known" if name is None else f"held by {name}"
        result.finding[index] = (
            f"{clause_words(clause.reference)}, {rule.title}: {weapons[index]}, {held}; "
            f"could not be verified: {NO_WEAPON}."
        )
    return result


def _bound(theatre, rule: Rule, rows: np.ndarray) -> np.ndarray:
    """Whether the rule bound the holder of each sighting at its time (mask)."""
    holder, place = theatre.holders()[rows], theatre.subjects.place
    parties = [party for party, _ in _limits(theatre, rule)]
    theirs = np.array([each is None or each in parties for each in holder], dtype=bool)
    time = theatre.time(rule)
    met = time.meet(place.occurred_from[rows], place.occurred_to[rows])
    untimed = np.isnat(place.occurred_from[rows]) & (len(time.starts) > 0)
    return theirs & (met.touched | untimed)
