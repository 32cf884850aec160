"""How far an accord is carried out: rates, distributions, pace, and what stands still.

The aggregate implementation rate is that of the Peace Accords Matrix (Joshi, Quinn & Regan 2015):
the sum of the scores over three times the number of provisions. It and the distribution over the
four states are told apart and never merged. What is not due, not assessed or without evidence is
counted by itself and is no zero.
"""

from __future__ import annotations

import dataclasses
import math
from datetime import date
from typing import Callable, Mapping, Optional, Sequence

import numpy as np

from ..model.errors import CeasefireError
from ..model.field import Shape, integer, real, table_of, text
from .accord_model import APART, FULL, STATES, Assessment, Provision

YEAR_DAYS = 365.25
RESAMPLES = 4_000
SEED = 20_161_124


@dataclasses.dataclass
class Rate:
    """The rate and the distribution of some provisions on a day."""

    by: str = text("By", default="")
    group: Optional[str] = text("Group")
    day: Optional[str] = text("On")
    provisions: Optional[int] = integer("Provisions")
    assessed: Optional[int] = integer("With a score")
    rate_percent: Optional[float] = real("Implementation rate (%)")
    not_initiated: Optional[int] = integer("Not initiated")
    minimum: Optional[int] = integer("Minimum")
    intermediate: Optional[int] = integer("Intermediate")
    complete: Optional[int] = integer("Complete")
    not_initiated_percent: Optional[float] = real("Not initiated (% of those with a score)")
    minimum_percent: Optional[float] = real("Minimum (%)")
    intermediate_percent: Optional[float] = real("Intermediate (%)")
    complete_percent: Optional[float] = real("Complete (%)")
    not_due: Optional[int] = integer("Not due yet")
    not_assessed: Optional[int] = integer("Not assessed")
    no_evidence: Optional[int] = integer("No evidence found")


RATES = table_of(Rate, "accord_rates", "Implementation", Shape.NONE, None)


@dataclasses.dataclass
class Standing:
    """How one provision stands on a day."""

    provision_id: str = text("Provision", default="")
    title: Optional[str] = text("Title")
    theme: Optional[str] = text("Theme")
    state: Optional[str] = text("State")
    score: Optional[int] = integer("Score")
    assessed_on: Optional[str] = text("Assessed on")
    points_a_year: Optional[float] = real("Points a year")
    standing: Optional[str] = text("Standing")
    overdue_days: Optional[int] = integer("Overdue (days)")
    at_this_pace: Optional[str] = text("At this pace complete on")


STANDINGS = table_of(Standing, "accord_standings", "Provisions", Shape.NONE, "provision_id")


def states_on(
    provisions: Sequence[Provision], scored: Mapping[str, list[Assessment]], day: date
) -> dict[str, str]:
    """Each provision's last state up to a day; "not_assessed" where there is none."""
    result = {}
    for provision in provisions:
        known = [one for one in scored[provision.provision_id] if one.day <= day]
        result[provision.provision_id] = known[-1].state if known else "not_assessed"
    return result


def rate_of(by: str, group: Optional[str], day: date, states: Sequence[str]) -> Rate:
    """Rate and distribution of some provisions' states."""
    counts = {state: states.count(state) for state in (*STATES, *APART)}
    assessed = sum(counts[state] for state in STATES)
    total = sum(score * counts[state] for score, state in enumerate(STATES))
    made = Rate(by, group, day.isoformat(), len(states), assessed, **counts)
    if assessed:
        made.rate_percent = 100.0 * total / (FULL * assessed)
        for state in STATES:
            setattr(made, f"{state}_percent", 100.0 * counts[state] / assessed)
    return made


def rates(
    provisions: Sequence[Provision], scored: Mapping[str, list[Assessment]], day: date
) -> list[Rate]:
    """The whole accord by year, then by theme, priority, body and place on that day.

    Years are those in which something was assessed, each at its end, the last one on the day.
    """
    years = sorted({one.day.year for own in scored.values() for one in own if one.day <= day})
    result = []
    for year in years:
        until = min(date(year, 12, 31), day)
        states = list(states_on(provisions, scored, until).values())
        result.append(rate_of("year", str(year), until, states))
    now = states_on(provisions, scored, day)
    result.insert(0, rate_of("accord", None, day, list(now.values())))
    groupings: tuple[tuple[str, Callable], ...] = (
        ("theme", lambda one: one.theme),
        ("priority", lambda one: {True: "priority", False: "the rest"}.get(one.priority)),
        ("body", lambda one: one.body),
        ("place", lambda one: one.place),
    )
    for by, of in groupings:
        groups: dict[str, list[str]] = {}
        for provision in provisions:
            if of(provision) is not None:
                groups.setdefault(of(provision), []).append(now[provision.provision_id])
        result += [rate_of(by, group, day, states) for group, states in sorted(groups.items())]
    return result


def points_a_year(assessments: Sequence[Assessment], signed: date, day: date) -> Optional[float]:
    """Points of score gained a year from the signature to the last score up to a day.

    An accord begins at 0. None where there is no score, or none after the signature.
    """
    scored = [one for one in assessments if one.score is not None and signed < one.day <= day]
    if not scored:
        return None
    return scored[-1].score / ((scored[-1].day - signed).days / YEAR_DAYS)


def standings(
    provisions: Sequence[Provision],
    scored: Mapping[str, list[Assessment]],
    signed: date,
    day: date,
    stalled_months: int = 12,
) -> list[Standing]:
    """How each provision stands: complete, advancing, stalled, reversed, or without a score.

    Stalled: no higher score for ``stalled_months``. Reversed: lower than it has been. A date "at
    this pace" is the pace since the signature carried on, for those that advance; no forecast.
    """
    result = []
    for provision in provisions:
        own = [one for one in scored[provision.provision_id] if one.day <= day]
        last = own[-1] if own else None
        pace = points_a_year(own, signed, day)
        made = Standing(
            provision.provision_id,
            provision.title or None,
            provision.theme,
            last.state if last else "not_assessed",
            last.score if last else None,
            last.day.isoformat() if last else None,
            pace,
            _standing(own, day, stalled_months),
        )
        complete = made.score == FULL
        if provision.deadline is not None and provision.deadline < day and not complete:
            made.overdue_days = (day - provision.deadline).days
        if made.standing == "advancing" and pace:
            years = (FULL - made.score) / pace
            if last.day.year + years < 9_000:
                reached = date.fromordinal(last.day.toordinal() + math.ceil(years * YEAR_DAYS))
                made.at_this_pace = reached.isoformat()
        result.append(made)
    return result


def _standing(own: Sequence[Assessment], day: date, stalled_months: int) -> str:
    if not own:
        return "not_assessed"
    if own[-1].score is None:
        return own[-1].state
    scores = [one for one in own if one.score is not None]
    if scores[-1].score < max(one.score for one in scores):
        return "reversed"
    if scores[-1].score == FULL:
        return "complete"
    since = next(one.day for one in scores if one.score == scores[-1].score)
    months = (day.year - since.year) * 12 + day.month - since.month
    if months >= stalled_months:
        return "stalled"
    return "advancing" if scores[-1].score else "not_initiated"


@dataclasses.dataclass(frozen=True)
class PaceRatio:
    """How many times as fast the priority provisions went as the rest, with its 95 % interval."""

    ratio: float
    low: float
    high: float
    priority: int
    rest: int

    @property
    def differs(self) -> bool:
        """Whether equal pace lies outside of the interval."""
        return self.low > 1.0 or self.high < 1.0

    def sentence(self) -> str:
        """In careful words."""
        span = f"{self.ratio:.1f} times, 95 % interval {self.low:.1f} to {self.high:.1f}"
        numbers = f"{self.priority} priority provisions, {self.rest} others"
        if not self.differs:
            return f"No difference in pace can be told from these scores ({span}; {numbers})."
        word = "faster" if self.ratio > 1.0 else "more slowly"
        return f"Priority provisions advanced {word} than the rest ({span}; {numbers})."


def pace_ratio(
    provisions: Sequence[Provision],
    scored: Mapping[str, list[Assessment]],
    signed: date,
    day: date,
) -> Optional[PaceRatio]:
    """Mean points a year of the priority provisions over that of the rest.

    The interval is a percentile bootstrap over provisions (Efron & Tibshirani 1993, ch. 13) from a
    fixed seed. None where either group has fewer than five with a score, or the rest has no pace.
    """
    groups: dict[bool, list[float]] = {True: [], False: []}
    for provision in provisions:
        pace = points_a_year(scored[provision.provision_id], signed, day)
        if provision.priority is not None and pace is not None:
            groups[provision.priority].append(pace)
    first, rest = (np.array(groups[chosen]) for chosen in (True, False))
    if min(len(first), len(rest)) < 5 or rest.mean() <= 0.0:
        return None
    rng = np.random.default_rng(SEED)
    above = first[rng.integers(0, len(first), (RESAMPLES, len(first)))].mean(axis=1)
    below = rest[rng.integers(0, len(rest), (RESAMPLES, len(rest)))].mean(axis=1)
    ratios = above / np.where(below > 0.0, below, np.nan)
    low, high = np.nanpercentile(ratios, [2.5, 97.5])
    return PaceRatio(
        float(first.mean() / rest.mean()), float(low), float(high), len(first), len(rest)
    )


@dataclasses.dataclass(frozen=True)
class Agreement:
    """How two coders agree: share of equal scores, and kappa with linear weights."""

    pairs: int
    equal_percent: float
    kappa: Optional[float]


def coder_agreement(assessments: Sequence[Assessment], one: str, other: str) -> Agreement:
    """The agreement of two coders over what both scored for the same month.

    Weighted kappa after Cohen (1968), linear weights; None where both gave one score throughout.
    Raises CeasefireError where they share nothing.
    """
    given: dict[tuple, dict[str, int]] = {}
    for item in assessments:
        if item.score is not None and item.coder in (one, other):
            key = (item.provision_id, item.day.year, item.day.month)
            given.setdefault(key, {})[item.coder] = item.score
    pairs = [(both[one], both[other]) for both in given.values() if len(both) == 2]
    if not pairs:
        raise CeasefireError(f"The coders “{one}” and “{other}” scored nothing in common.")
    table = np.zeros((FULL + 1, FULL + 1))
    for first, second in pairs:
        table[first, second] += 1.0
    table /= len(pairs)
    scores = np.arange(FULL + 1)
    weight = np.abs(scores[:, None] - scores[None, :]) / FULL
    expected = float((weight * np.outer(table.sum(axis=1), table.sum(axis=0))).sum())
    observed = float((weight * table).sum())
    kappa = None if expected == 0.0 else 1.0 - observed / expected
    return Agreement(len(pairs), 100.0 * float(np.trace(table)), kappa)
