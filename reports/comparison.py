"""More, fewer or similar: decided per observed hour, with room for overdispersion.

The unit is a post's hour with fire, not the shot. Method: quasi-Poisson rate ratio, standard
error sqrt(phi (1/y1 + 1/y2)), phi from Pearson's chi-square over the blocks of time in both
periods (at least 1), with Student's t where blocks are few. See G. King (1989) and P. McCullagh
and J. Nelder (1989, ch. 6) on overdispersed counts.
"""

from __future__ import annotations

import bisect
import dataclasses
import math
from datetime import datetime, timedelta
from enum import Enum
from typing import Iterable, Optional

from .material import Entry
from .period import Period
from .watch import Spans, anyone

FIRE = ("firing/", "clash/", "maritime/firing")
MOST_UNEQUAL_EFFORT = 3.0
SIMILAR_WITHIN = 2.0


class Verdict(Enum):
    """What may be said of this period beside the previous one."""

    MORE = "more"
    FEWER = "fewer"
    SIMILAR = "similar"
    NOT_COMPARABLE = "not_comparable"


class Why(Enum):
    """Why two periods are not comparable."""

    NO_EFFORT = "no_effort"
    NO_PREVIOUS_EFFORT = "no_previous_effort"
    UNEQUAL_EFFORT = "unequal_effort"
    TOO_FEW = "too_few"


@dataclasses.dataclass(frozen=True)
class Comparison:
    """The verdict, the rate ratio (this period over the previous) and its 95 % interval.

    ``hours_with_fire`` and ``observed_hours`` are of the previous period and this one.
    """

    verdict: Verdict
    why: Optional[Why] = None
    ratio: Optional[float] = None
    low: Optional[float] = None
    high: Optional[float] = None
    dispersion: Optional[float] = None
    hours_with_fire: tuple[int, int] = (0, 0)
    observed_hours: tuple[float, float] = (0.0, 0.0)


def hours_with_fire(entries: Iterable[Entry], spans: dict[str, Spans]) -> list[datetime]:
    """The hours (their UTC start) in which a post that was observing perceived fire.

    One item a post and clock hour. Where the post is not known, any post's effort counts and the
    hour is taken once.
    """
    every = anyone(spans)
    cells = set()
    for entry in entries:
        if not (entry.incident.category or "").startswith(FIRE) or entry.when is None:
            continue
        seen = [(item.post_id or "", item.observed_from) for item in entry.observations]
        for post, moment in seen or [("", entry.when)]:
            hour = (moment or entry.when).replace(minute=0, second=0, microsecond=0)
            watched = spans.get(post, every if not post else Spans([]))
            if watched.hours(hour, hour + timedelta(hours=1)) > 0:
                cells.add((post, hour))
    return sorted(hour for _, hour in cells)


def compare(own: list[Entry], spans: dict[str, Spans], period: Period) -> Comparison:
    """This period beside the previous one, from the mission's own observations."""
    previous = period.previous()
    fire = hours_with_fire(own, spans)
    before, now = (_blocks(fire, spans, item) for item in (previous, period))
    y0, y1 = (sum(count for count, _ in blocks) for blocks in (before, now))
    t0, t1 = (sum(hours for _, hours in blocks) for blocks in (before, now))
    facts = {"hours_with_fire": (y0, y1), "observed_hours": (t0, t1)}
    if t1 <= 0:
        return Comparison(Verdict.NOT_COMPARABLE, Why.NO_EFFORT, **facts)
    if t0 <= 0:
        return Comparison(Verdict.NOT_COMPARABLE, Why.NO_PREVIOUS_EFFORT, **facts)
    if max(t0, t1) > MOST_UNEQUAL_EFFORT * min(t0, t1):
        return Comparison(Verdict.NOT_COMPARABLE, Why.UNEQUAL_EFFORT, **facts)
    if y0 == 0 and y1 == 0:
        return Comparison(Verdict.SIMILAR, **facts)
    return _judge(before, now, facts)


def _judge(before: list, now: list, facts: dict) -> Comparison:
    phi, freedom = _dispersion(before, now)
    (y0, y1), (t0, t1) = facts["hours_with_fire"], facts["observed_hours"]
    # Half an hour is added to both where one is zero, so that the ratio exists (Haldane).
    c0, c1 = (y0 + 0.5, y1 + 0.5) if 0 in (y0, y1) else (float(y0), float(y1))
    ratio = (c1 / t1) / (c0 / t0)
    spread = student_97_5(freedom) * math.sqrt(phi * (1 / c0 + 1 / c1))
    low, high = ratio * math.exp(-spread), ratio * math.exp(spread)
    facts = {**facts, "ratio": ratio, "low": low, "high": high, "dispersion": phi}
    if low > 1:
        return Comparison(Verdict.MORE, **facts)
    if high < 1:
        return Comparison(Verdict.FEWER, **facts)
    if low > 1 / SIMILAR_WITHIN and high < SIMILAR_WITHIN:
        return Comparison(Verdict.SIMILAR, **facts)
    return Comparison(Verdict.NOT_COMPARABLE, Why.TOO_FEW, **facts)


def _blocks(
    fire: list[datetime], spans: dict[str, Spans], period: Period
) -> list[tuple[int, float]]:
    """Hours with fire and observed hours, a reporting day at a time (6 hours in short periods)."""
    step = timedelta(days=1) if period.hours() >= 96 else timedelta(hours=6)
    result = []
    start = period.start
    while start < period.end:
        end = min(start + step, period.end)
        count = bisect.bisect_left(fire, end) - bisect.bisect_left(fire, start)
        observed = sum(item.hours(start, end) for item in spans.values())
        if observed > 0:
            result.append((count, observed))
        start = end
    return result


def _dispersion(before: list, now: list) -> tuple[float, int]:
    """Pearson's chi-square over its degrees of freedom, at least 1, and those degrees."""
    freedom = len(before) + len(now) - 2
    if freedom < 1:
        return 1.0, 1
    chi = 0.0
    for blocks in (before, now):
        rate = sum(count for count, _ in blocks) / sum(hours for _, hours in blocks)
        if rate > 0:
            chi += sum((count - rate * hours) ** 2 / (rate * hours) for count, hours in blocks)
    return max(1.0, chi / freedom), freedom


def student_97_5(freedom: int) -> float:
    """Student's t at 0.975: exact for 1 and 2 degrees of freedom, else to 0.01 (Cornish-Fisher)."""
    if freedom <= 2:
        return (12.706, 4.303)[max(freedom, 1) - 1]
    z = 1.959964
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return sum(term / freedom**power for power, term in enumerate(terms))
