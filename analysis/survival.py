"""How long things last: Kaplan and Meier's estimate, its intervals, and two groups compared.

Durations are known to the day here; where they lie between two days, see
``survival_intervals.py``. Intervals are on the log(-log) scale with Greenwood's variance, so that
they stay between 0 and 1.
"""

from __future__ import annotations

import dataclasses
import math
from statistics import NormalDist
from typing import Optional, Sequence

import numpy as np

CONFIDENCE = 0.95


@dataclasses.dataclass(frozen=True)
class Curve:
    """A survival curve: after ``time[i]`` the share ``survival[i]`` still lasts.

    ``since[i]`` is where the fall of that step may begin: the same moment where it is known.
    ``low`` and ``high`` bound each share; NaN where no bound can be told.
    """

    since: np.ndarray
    time: np.ndarray
    survival: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def at(self, moment: float) -> tuple[float, float, float]:
        """The share that lasts beyond a moment, and its interval."""
        index = int(np.searchsorted(self.time, moment, side="right")) - 1
        if index < 0:
            return 1.0, 1.0, 1.0
        return float(self.survival[index]), float(self.low[index]), float(self.high[index])

    def quantile(self, share: float = 0.5) -> tuple[Optional[float], ...]:
        """When the share falls to ``share`` or less, and the interval; None where it never does."""
        return tuple(_first(self.time, values, share) for values in (self.survival, self.low)) + (
            _first(self.time, self.high, share),
        )


@dataclasses.dataclass(frozen=True)
class LogRank:
    """The log-rank test: observed and expected ends of each group, chi-square, and its p."""

    observed: np.ndarray
    expected: np.ndarray
    chi_square: float
    degrees: int
    p: float


def kaplan_meier(
    durations: Sequence[float], ended: Sequence[bool], confidence: float = CONFIDENCE
) -> Curve:
    """Kaplan and Meier's estimate; what had not ended is censored at its duration.

    At one moment ends come before censorings.
    """
    times, at_risk, ends = _life_table(durations, ended)
    left = at_risk - ends
    survival = np.cumprod(left / at_risk)
    with np.errstate(divide="ignore"):
        greenwood = np.cumsum(ends / (at_risk * left.astype(float)))
    low, high = _log_log(survival, greenwood, confidence)
    return Curve(times, times, survival, low, high)


def standard_error(durations: Sequence[float], ended: Sequence[bool], moment: float) -> float:
    """Greenwood's standard error of the share that lasts beyond a moment; NaN where it is 0."""
    times, at_risk, ends = _life_table(durations, ended)
    before = times <= moment
    at_risk, ends = at_risk[before], ends[before]
    left = at_risk - ends
    if not (left > 0).all():
        return math.nan
    share = float(np.prod(left / at_risk))
    return share * math.sqrt(float(np.sum(ends / (at_risk * left))))


def log_rank(
    durations: Sequence[float], ended: Sequence[bool], groups: Sequence[str]
) -> Optional[LogRank]:
    """The log-rank test between groups (sorted by name); None where nothing can be compared."""
    time, end = np.asarray(durations, float), np.asarray(ended, bool)
    group = np.asarray(groups, object)
    names = sorted(set(group.tolist()))
    if len(names) < 2 or not end.any():
        return None
    observed = np.zeros(len(names))
    expected, variance = np.zeros(len(names)), np.zeros((len(names), len(names)))
    members = np.array([group == name for name in names])
    for moment in np.unique(time[end]):
        risk = (members & (time >= moment)).sum(axis=1).astype(float)
        now = (members & end & (time == moment)).sum(axis=1).astype(float)
        total, ends = risk.sum(), now.sum()
        observed += now
        expected += ends * risk / total
        if total > 1:
            spread = ends * (total - ends) / (total - 1) / total**2
            variance += spread * (np.diag(risk * total) - np.outer(risk, risk))
    difference = (observed - expected)[:-1]
    inner = variance[:-1, :-1]
    if np.linalg.matrix_rank(inner) < len(inner):
        return None
    chi_square = float(difference @ np.linalg.solve(inner, difference))
    degrees = len(names) - 1
    return LogRank(observed, expected, chi_square, degrees, chi_square_tail(chi_square, degrees))


def chi_square_tail(value: float, degrees: int) -> float:
    """The probability of more than ``value`` under chi-square with whole degrees of freedom."""
    half = max(value, 0.0) / 2.0
    if degrees % 2:
        tail, start = math.erfc(math.sqrt(half)), 1
    else:
        tail, start = math.exp(-half), 2
    for each in range(start, degrees, 2):
        tail += half ** (each / 2.0) * math.exp(-half) / math.gamma(each / 2.0 + 1.0)
    return min(1.0, tail)


def _life_table(durations, ended) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The moments at which something ended, how many lasted until then, and how many ended."""
    time, end = np.asarray(durations, float), np.asarray(ended, bool)
    if len(time) != len(end) or not np.isfinite(time).all() or (time < 0).any():
        raise ValueError("durations are finite numbers from 0 on, one for each end")
    moments = np.unique(time[end])
    ordered = np.sort(time)
    at_risk = len(time) - np.searchsorted(ordered, moments, side="left")
    ended_at = np.sort(time[end])
    ends = np.searchsorted(ended_at, moments, side="right") - np.searchsorted(
        ended_at, moments, side="left"
    )
    return moments, at_risk, ends


def _log_log(survival, greenwood, confidence) -> tuple[np.ndarray, np.ndarray]:
    """The interval of each share; NaN where all or none of them ended."""
    z = NormalDist().inv_cdf(0.5 + confidence / 2.0)
    low, high = np.full(len(survival), np.nan), np.full(len(survival), np.nan)
    told = (survival > 0.0) & (survival < 1.0)
    logarithm = np.log(survival[told])
    width = z * np.sqrt(greenwood[told]) / logarithm
    low[told] = survival[told] ** np.exp(-width)
    high[told] = survival[told] ** np.exp(width)
    return low, high


def _first(times, values, share: float) -> Optional[float]:
    # A share computed as 0.5000000001 for one half has reached it.
    reached = np.flatnonzero(np.nan_to_num(values, nan=2.0) <= share + 1e-9)
    return float(times[reached[0]]) if len(reached) else None
