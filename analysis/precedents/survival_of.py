"""How long ceasefires held, group by group: the unit is the ceasefire, not the actor's row."""

from __future__ import annotations

import dataclasses
import functools
import math
from typing import Optional, Sequence

import numpy as np

from ...model.errors import CeasefireError
from ...model.precedent import Outcome, Precedent
from ...model.survival_step import SurvivalStep
from ..survival import Curve, LogRank, kaplan_meier, log_rank, standard_error
from ..survival_intervals import Intervals, turnbull

LOOKED_AT = (0, 30, 90, 180, 365, 730, 1825)
FEW = 10
NOT_KNOWN = "not known"


@dataclasses.dataclass
class Group:
    """The ceasefires of one group: how many days each lasted at least and at most."""

    name: str
    low: np.ndarray
    high: np.ndarray
    known: bool = True
    curve: Optional[Curve] = None

    @functools.cached_property
    def intervals(self) -> Intervals:
        """The same durations for Turnbull's estimate."""
        return Intervals(self.low, self.high)

    @property
    def ends(self) -> int:
        """How many of them ended."""
        return int(np.isfinite(self.high).sum())

    @property
    def exact(self) -> bool:
        """Whether each end is known to the day."""
        ended = np.isfinite(self.high)
        return bool((self.low[ended] == self.high[ended]).all())

    def at_risk(self, day: float) -> tuple[int, int]:
        """How many are known to have held until a day, and how many possibly did.

        One that is watched no longer is no more at risk.
        """
        last = np.where(np.isfinite(self.high), self.high, self.low)
        return int((self.low >= day).sum()), int((last >= day).sum())


@dataclasses.dataclass
class Difference:
    """How much larger the share of ``one`` is than that of ``other`` after a day."""

    one: str
    other: str
    day: int
    points: float
    low: float
    high: float


@dataclasses.dataclass
class Survival:
    """The groups with their curves, what was left out, and the comparison of two or more."""

    groups: list[Group]
    intervals: bool
    left_out: int
    expired: int
    test: Optional[LogRank] = None
    differences: list[Difference] = dataclasses.field(default_factory=list)

    @property
    def method(self) -> str:
        """The estimate that was made."""
        return "Turnbull" if self.intervals else "Kaplan-Meier"


def survival_of(records: Sequence[Precedent], by: Optional[str] = None) -> Survival:
    """The survival of ceasefires; ``by`` names an attribute that makes the groups.

    What an unknown group holds is a group of its own, and no part of the comparison. Raises
    CeasefireError where no duration is known.
    """
    told = [record for record in records if record.lasted_from_days is not None]
    if not told:
        raise CeasefireError(
            "None of these has a duration: a start is needed, and whether and when it ended. PA-X "
            "tells of agreements and not of how long they held; use the ETH/PRIO data set or a "
            "file of your own."
        )
    unknown = f"{by}: {NOT_KNOWN}"
    names = [f"{by}: {getattr(record, by) or NOT_KNOWN}" if by else "all" for record in told]
    groups = []
    for name in sorted(set(names), key=lambda each: (each == unknown, each)):
        members = [record for record, other in zip(told, names) if other == name]
        low = np.array([record.lasted_from_days for record in members], float)
        high = np.array([_upper(record) for record in members])
        groups.append(Group(name, low, high, known=name != unknown))
    intervals = not all(group.exact for group in groups)
    for group in groups:
        group.curve = _curve(group, intervals)
    expired = sum(record.outcome == Outcome.EXPIRED.value for record in told)
    made = Survival(groups, intervals, len(records) - len(told), expired)
    _compare(made)
    return made


def steps_of(survival: Survival) -> list[SurvivalStep]:
    """The table of all curves, each beginning with all of its group on day 0."""
    steps = []
    for group in survival.groups:
        cases, method = len(group.low), survival.method
        first = SurvivalStep(group.name, cases, method, 0.0, 0.0, 1.0, None, None, cases, cases)
        steps.append(first)
        curve = group.curve
        for since, day, share, low, high in zip(
            curve.since, curve.time, curve.survival, curve.low, curve.high
        ):
            risk = group.at_risk(day)
            steps.append(
                SurvivalStep(
                    *(group.name, cases, method, float(since), float(day), float(share)),
                    *(_bound(low), _bound(high), *risk),
                )
            )
    return steps


def _upper(record: Precedent) -> float:
    """The most days it lasted; infinite where it did not end, or when is not known."""
    if record.outcome != Outcome.ENDED.value or record.lasted_to_days is None:
        return math.inf
    return float(record.lasted_to_days)


def _curve(group: Group, intervals: bool) -> Curve:
    if not intervals:
        ended = np.isfinite(group.high)
        return kaplan_meier(group.low, ended)
    curve = turnbull(group.intervals)
    # Innermost intervals without mass are no steps.
    falls = np.diff(np.concatenate([[1.0], curve.survival])) < -1e-6
    return Curve(*(getattr(curve, name)[falls] for name in _NAMES))


_NAMES = ("since", "time", "survival", "low", "high")


def _compare(made: Survival) -> None:
    """Hold the known groups against each other: a test, and for two the difference in shares."""
    known = [group for group in made.groups if group.known]
    if len(known) < 2:
        return
    if not made.intervals:
        low = np.concatenate([group.low for group in known])
        ended = np.concatenate([np.isfinite(group.high) for group in known])
        names = [group.name for group in known for _ in group.low]
        made.test = log_rank(low, ended, names)
    if len(known) != 2:
        return
    one, other = reversed(known)
    watched = min(_watched(group) for group in known)
    for day in LOOKED_AT[1:]:
        if day <= watched:
            made.differences.append(_difference(one, other, day, made.intervals))


def _watched(group: Group) -> float:
    """Until which day a group's share is known: for ever where all of it ended."""
    survival = group.curve.survival
    gone = len(survival) and survival[-1] < 1e-9
    return math.inf if gone else float(group.low.max())


def _difference(one: Group, other: Group, day: int, intervals: bool) -> Difference:
    """The difference of two shares; NaN bounds where none or all of a group has ended by then."""
    both = [group.curve.at(day)[0] for group in (one, other)]
    points, low, high = both[0] - both[1], math.nan, math.nan
    told = all(1e-6 < share < 1.0 - 1e-6 for share in both)
    if told and intervals:
        # The draws of both begin with the same seed; reversed, they are drawn apart.
        drawn = one.intervals.drawn_at(day) - other.intervals.drawn_at(day)[::-1]
        low, high = (float(each) for each in np.percentile(drawn, [2.5, 97.5]))
    elif told:
        ended = [np.isfinite(group.high) for group in (one, other)]
        errors = [standard_error(group.low, end, day) for group, end in zip((one, other), ended)]
        low, high = points - 1.959964 * math.hypot(*errors), points + 1.959964 * math.hypot(*errors)
    return Difference(one.name, other.name, day, points, low, high)


def _bound(value: float) -> Optional[float]:
    return None if math.isnan(value) else float(value)
