"""Incidents and sightings held against rules on acts: prohibited, silent hours, flights, sites."""

from __future__ import annotations

import numpy as np

from ..model.agreement import Clause, Rule, RuleKind
from .agreement_moments import zone_of
from .flagging import HARDLY, SURELY
from .rule_columns import NONE, RuleFindings
from .rule_conditions import (
    PlaceHeld,
    combined,
    conditions_of,
    first_missing,
    has_place,
    time_share,
)
from .rule_exemptions import Exempt, exempt
from .rule_members import MAYBE, NO, concerned
from .rule_sentences import (
    BREAKS,
    COMPLIES,
    EXEMPT,
    NO_CATEGORY,
    NO_PLACE,
    NO_TIME,
    NOT_ASSESSABLE,
    NOT_VERIFIED,
    POSSIBLE,
    act_words,
    all_times,
    clause_words,
    verdict_words,
)

KINDS = (
    RuleKind.PROHIBITED_ACT,
    RuleKind.NO_FLY,
    RuleKind.SILENCE,
    RuleKind.SITE_PROTECTION,
)


def assess_acts(theatre, clause: Clause, rule: Rule, rows: np.ndarray) -> RuleFindings:
    """The findings of one rule on acts for ``rows`` of the subjects that it concerns.

    What the rule does not concern, or what was over before it bound, gives no finding.
    """
    subjects = theatre.subjects
    member = concerned(theatre.agreement, rule, subjects)[rows]
    rows, member = rows[member != NO], member[member != NO]
    time = theatre.time(rule)
    place = subjects.place
    met = time.meet(place.occurred_from[rows], place.occurred_to[rows])
    untimed = np.isnat(place.occurred_from[rows]) & (len(time.starts) > 0)
    kept = np.flatnonzero(met.touched | untimed)
    work = _Acts(theatre, clause, rule, rows[kept], member[kept], met.take(kept))
    return work.findings()


class _Acts:
    """One run: the rows that a rule concerns, and what is found of them."""

    def __init__(self, theatre, clause, rule, rows, member, met):
        self.theatre, self.clause, self.rule = theatre, clause, rule
        self.rows, self.member, self.met = rows, member, met
        self.result = RuleFindings.blank(len(rows))
        self.words = np.full(len(rows), None, dtype=object)
        self.reason = np.full(len(rows), None, dtype=object)
        self.exemption = Exempt(self.words.copy(), self.words.copy())

    def findings(self) -> RuleFindings:
        """Judge every row, and say it."""
        theatre, result = self.theatre, self.result
        result.about(theatre.subjects, self.rows)
        theatre.name_rule(result, self.clause, self.rule)
        place = theatre.subjects.place
        timed = ~np.isnat(place.occurred_from[self.rows])
        located = place.located()[self.rows] | (not has_place(self.rule))
        self._set(~timed, NOT_VERIFIED, NO_TIME)
        self._set(timed & ~located, NOT_VERIFIED, NO_PLACE)
        self._judge(np.flatnonzero(timed & located))
        self._exempt(np.flatnonzero(timed))
        self._say()
        return result

    def _set(self, mask, verdict: str, why: str) -> None:
        self.result.verdict[mask] = verdict
        self.reason[mask] = why

    def _judge(self, some: np.ndarray) -> None:
        """Probability, distances and verdict of rows whose time and place are known."""
        theatre, result = self.theatre, self.result
        rows, met = self.rows[some], self.met.take(some)
        share = time_share(theatre, met, rows)
        conditions = conditions_of(theatre, self.rule, theatre.time(self.rule), met, rows)
        chance, margin, leading = combined(conditions, share)
        verdict = np.full(len(some), POSSIBLE, dtype=object)
        verdict[chance >= SURELY] = BREAKS
        # Who is surely elsewhere keeps a rule whatever is not known of the act.
        maybe = (self.member[some] == MAYBE) & (chance > HARDLY)
        verdict[maybe] = POSSIBLE
        verdict[maybe & self._category_unknown(rows)] = NOT_VERIFIED
        missing = first_missing(conditions, len(some))
        gone = missing != None  # noqa: E711 (elementwise)
        verdict[gone] = NOT_ASSESSABLE
        verdict[chance <= HARDLY] = COMPLIES
        result.verdict[some] = verdict
        bare = theatre.subjects.basis[rows] == NONE
        unknown = maybe | gone | (bare if conditions else False)
        result.probability[some] = np.where(unknown, np.nan, chance)
        if conditions:
            result.probability_basis[some] = theatre.subjects.basis[rows]
        result.distance_to_compliance_m[some] = margin
        self.reason[some] = np.where(gone & (verdict == NOT_ASSESSABLE), missing, None)
        self.reason[some[verdict == NOT_VERIFIED]] = NO_CATEGORY
        self._copy(some, conditions, leading)

    def _category_unknown(self, rows) -> np.ndarray:
        subjects = self.theatre.subjects
        unknown = subjects.category[rows] == None  # noqa: E711 (elementwise)
        return unknown & (not subjects.are_sightings)

    def _copy(self, some, conditions: list[PlaceHeld], leading) -> None:
        """What the leading condition measured, and the names that any of them found."""
        result = self.result
        phrases = np.full(len(some), None, dtype=object)
        for number, condition in enumerate(conditions):
            mine = leading == number
            for name in ("measured_m", "limit_m"):
                getattr(result, name)[some[mine]] = getattr(condition, name)[mine]
            told = condition.line_name != None  # noqa: E711 (elementwise)
            result.line_name[some[told]] = condition.line_name[told]
            dated = ~np.isnat(condition.line_from)
            result.line_valid_from[some[dated]] = condition.line_from[dated]
            inside = condition.zones != None  # noqa: E711 (elementwise)
            result.zones[some[inside]] = condition.zones[inside]
            both = [
                f"{one}, {other}" if one and other else one or other
                for one, other in zip(phrases, condition.words)
            ]
            phrases[:] = both
        self.words[some] = phrases

    def _exempt(self, some: np.ndarray) -> None:
        found = exempt(
            self.theatre,
            self.rule,
            self.theatre.time(self.rule),
            self.met.take(some),
            self.rows[some],
        )
        verdict = self.result.verdict
        open_verdict = verdict[some] != COMPLIES
        sure = open_verdict & (found.why != None)  # noqa: E711 (elementwise)
        perhaps = found.possible != None  # noqa: E711 (elementwise)
        maybe = np.isin(verdict[some], (BREAKS, POSSIBLE)) & perhaps & ~sure
        verdict[some[sure]] = EXEMPT
        self.result.probability[some[sure]] = np.nan
        verdict[some[maybe]] = POSSIBLE
        # How likely it is that the exemption does not hold is not known.
        self.result.probability[some[maybe]] = np.nan
        self.exemption.why[some[sure]] = found.why[sure]
        self.exemption.possible[some[maybe]] = found.possible[maybe]

    def _say(self) -> None:
        """The sentence of every row."""
        theatre, result = self.theatre, self.result
        head = clause_words(self.clause.reference)
        acts = self._acts()
        title = self.rule.title
        bound = self.met.share
        place, zone = theatre.subjects.place, zone_of(theatre.agreement.timing)
        when = all_times(place.occurred_from[self.rows], place.occurred_to[self.rows], zone)
        lasted = theatre.subjects.place.span_is[self.rows] == "duration"
        for index in range(len(self.rows)):
            verdict, basis = result.verdict[index], result.probability_basis[index]
            begin = f"{head}, {title}: {acts[index]}"
            if when[index]:
                begin = f"{begin} {when[index]}"
            if self.words[index]:
                begin = f"{begin}, {self.words[index]}"
            if verdict == EXEMPT:
                end = f"exempt: {self.exemption.why[index]}"
            elif verdict in (NOT_VERIFIED, NOT_ASSESSABLE):
                told = "could not be verified" if verdict == NOT_VERIFIED else "not assessable"
                end = f"{told}: {self.reason[index]}"
            else:
                end = verdict_words(
                    verdict, result.probability[index], basis, theatre.default_uncertainty_m
                )
                if verdict == POSSIBLE:
                    end += self._doubt(index)
                if bound[index] < 0.995 and not lasted[index]:
                    end += f"; the rule bound during {bound[index]:.0%} of the time in question"
            result.finding[index] = f"{begin}; {end}."

    def _acts(self) -> np.ndarray:
        subjects = self.theatre.subjects
        if subjects.are_sightings:
            return self.theatre.weapon_words(self.rows)
        return act_words(subjects.category[self.rows])

    def _doubt(self, index: int) -> str:
        doubt = ""
        if self.member[index] == MAYBE:
            doubt = "; it is not known whether the clause concerns it"
        possible = self.exemption.possible[index]
        return f"{doubt}; possibly exempt: {possible}" if possible else doubt
