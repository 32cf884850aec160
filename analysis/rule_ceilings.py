"""Ceilings: how many weapons of a party were seen in a zone on one day, at least and at most."""

from __future__ import annotations

import dataclasses
from datetime import datetime, time, timedelta

import numpy as np

from ..model.agreement import Clause, Counted, Rule
from .agreement_moments import local_moment, zone_of
from .flagging import HARDLY, SURELY
from .line_words import date_words
from .rule_columns import EffortColumns, RuleFindings
from .rule_members import NO, YES, of_weapons
from .rule_sentences import (
    BREAKS,
    COMPLIES,
    NOT_ASSESSABLE,
    POSSIBLE,
    clause_words,
)
from .utc import instants, utc_datetime


def assess_ceiling(theatre, clause: Clause, rule: Rule, rows: np.ndarray) -> RuleFindings:
    """One finding a party, zone and local day on which weapons of the rule's classes were seen.

    The least number counts sightings that are surely in the zone, of that party and class, by their
    least count; the most counts all that may be. A sum of several sightings may count a weapon
    twice. Where the least is within the ceiling, it is kept only if there was effort that day.
    """
    if rule.counted is Counted.PERSONNEL:
        theatre.note(
            f"The rule “{rule.title}” counts persons, of which there are no records; it was not "
            "assessed."
        )
        return RuleFindings.blank(0)
    seen = _Seen.of(theatre, rule, rows)
    parts = [
        _Ceiling(theatre, clause, rule, code, party, seen).findings()
        for code in rule.where.zones
        for party in rule.parties or tuple(each.code for each in theatre.agreement.parties)
    ]
    return RuleFindings.joined(parts)


@dataclasses.dataclass
class _Seen:
    """Sightings that a ceiling may count: rows, how sure their class is, and their local day."""

    rows: np.ndarray
    member: np.ndarray
    day: np.ndarray
    met: object

    @classmethod
    def of(cls, theatre, rule: Rule, rows: np.ndarray) -> _Seen:
        subjects, place = theatre.subjects, theatre.subjects.place
        member = of_weapons(theatre.agreement, subjects, rule.weapon_classes)[rows]
        met = theatre.time(rule).meet(place.occurred_from[rows], place.occurred_to[rows])
        kept = np.flatnonzero((member != NO) & met.touched & place.located()[rows])
        zone = zone_of(theatre.agreement.timing)
        moments = place.occurred_from[rows[kept]]
        different, back = np.unique(moments, return_inverse=True)
        days = np.array(
            [utc_datetime(moment).astimezone(zone).date().toordinal() for moment in different],
            dtype=np.int64,
        )
        return cls(rows[kept], member[kept], days[back.ravel()], met.take(kept))


class _Ceiling:
    """One ceiling for one zone and party."""

    def __init__(self, theatre, clause, rule, code, party, seen: _Seen):
        self.theatre, self.clause, self.rule = theatre, clause, rule
        self.code, self.party, self.seen = code, party, seen
        self.zone = zone_of(theatre.agreement.timing)

    def findings(self) -> RuleFindings:
        """A finding for each day with a sighting that may count."""
        theatre, seen = self.theatre, self.seen
        zones = theatre.zones((self.code,))
        holder = theatre.holders()[seen.rows]
        mine = (holder == self.party) | (holder == None)  # noqa: E711 (elementwise)
        drawn = zones.timeline is not None
        if drawn and mine.any():
            held = zones.held(theatre.subjects, theatre.time(self.rule), seen.met, seen.rows)
            inside, there = held.chance, held.reference >= 0
        else:
            inside, there = np.full(len(seen.rows), 0.5), np.zeros(len(seen.rows), dtype=bool)
        may = mine & ((inside > HARDLY) | ~there)
        sure = mine & there & (inside >= SURELY) & (seen.member == YES) & (holder == self.party)
        low, high = self._counts(sure)
        days = np.unique(seen.day[may])
        result = RuleFindings.blank(len(days))
        theatre.name_rule(result, self.clause, self.rule)
        result.party[:] = theatre.party_name(self.party)
        result.zones[:] = self._title()
        result.limit_count[:] = self.rule.at_most
        for index, day in enumerate(days):
            of_day = may & (seen.day == day)
            placed = bool(there[of_day].all())
            self._judge(result, index, int(day), of_day, low, high, placed)
        theatre.put_zone(result, self.code)
        return result

    def _counts(self, sure: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The least and the most that each sighting adds; NaN at most: not known."""
        subjects, rows = self.theatre.subjects, self.seen.rows
        low = np.where(sure, np.nan_to_num(subjects.count_low[rows], nan=0.0), 0.0)
        return low, subjects.count_high[rows]

    def _judge(self, result, index: int, day: int, of_day, low, high, placed: bool) -> None:
        least, most = float(low[of_day].sum()), float(high[of_day].sum())
        start, end = self._span(day)
        result.period_from[index], result.period_to[index] = start, end
        result.counted_low[index], result.counted_high[index] = least, most
        limit = self.rule.at_most
        if least > limit:
            verdict, why = BREAKS, ""
        elif not placed:
            verdict, why = NOT_ASSESSABLE, ": the zone was not drawn"
        elif not most <= limit:
            verdict, why = POSSIBLE, ""
        elif _observed(self.theatre.effort, start, end):
            verdict, why = COMPLIES, ""
        else:
            verdict, why = NOT_ASSESSABLE, ": no effort is known for that day"
        result.verdict[index] = verdict
        result.finding[index] = self._sentence(least, most, start, verdict, why, int(of_day.sum()))

    def _span(self, day: int):
        first = datetime.combine(datetime.fromordinal(day).date(), time())
        ends = (first, first + timedelta(days=1))
        return instants([local_moment(moment, self.zone) for moment in ends])

    def _title(self) -> str:
        drawing = self.theatre.agreement.find("zones", self.code)
        return drawing.title if drawing else self.code

    def _sentence(self, least, most, start, verdict: str, why: str, sightings: int) -> str:
        seen = f"{least:,.0f}"
        if most != most:
            least_words = f"at least {seen}" if least else "none surely"
            seen = f"{least_words}, of how many is not known,"
        elif most != least:
            seen += f" to {most:,.0f}"
        told = {
            BREAKS: "not in keeping with the clause",
            POSSIBLE: "possibly not in keeping with the clause",
            COMPLIES: "in keeping with the clause as far as was seen",
            NOT_ASSESSABLE: "not assessable",
        }[verdict]
        of = "1 sighting" if sightings == 1 else f"{sightings:,} sightings together"
        return (
            f"{clause_words(self.clause.reference)}, {self.rule.title}: {seen} seen in "
            f"“{self._title()}” on {date_words(start, self.zone)}, held by "
            f"{self.theatre.party_name(self.party)} ({of}), against a ceiling of "
            f"{self.rule.at_most:,}; {told}{why}."
        )


def _observed(effort: EffortColumns, start, end) -> bool:
    """Whether somebody was able to observe at some moment of the span."""
    if effort is None:
        return False
    began = np.isnat(effort.observed_from) | (effort.observed_from < end)
    lasted = np.isnat(effort.observed_to) | (effort.observed_to > start)
    return bool((began & lasted).any())
