"""The trend of a weekly report: this period beside the ones before it, per observed hour."""

from __future__ import annotations

import bisect
import dataclasses
from datetime import date
from typing import Optional

from .comparison import hours_with_fire
from .counting import Total, total
from .figures import OWN, in_period, origin_of
from .material import Material
from .period import Period
from .tables import Table
from .watch import observing_spans, watch_of
from .words import Words

PERIODS = 8


@dataclasses.dataclass
class TrendStep:
    """One period of the trend.

    ``hours`` is None where no effort is recorded. ``with_fire`` are the post-hours with fire, the
    unit in which periods are compared.
    """

    label: date
    own: Total
    others: int
    hours: Optional[float]
    with_fire: int

    @property
    def rate(self) -> Optional[float]:
        """Post-hours with fire per 100 observed hours; None where nobody observed."""
        return 100 * self.with_fire / self.hours if self.hours else None

    @property
    def not_observed(self) -> bool:
        """Whether it is known that nobody could observe."""
        return self.hours is not None and self.hours <= 0


@dataclasses.dataclass
class Trend:
    """The periods in order of time, the reported one last."""

    steps: list[TrendStep]

    @property
    def now(self) -> TrendStep:
        """The reported period."""
        return self.steps[-1]

    @property
    def earlier(self) -> list[TrendStep]:
        """The periods before in which somebody observed."""
        return [step for step in self.steps[:-1] if step.hours]

    @property
    def mean(self) -> Optional[float]:
        """The rate of the earlier periods together: their hours with fire over their hours."""
        hours = sum(step.hours for step in self.earlier)
        return 100 * sum(step.with_fire for step in self.earlier) / hours if hours else None


def trend_of(material: Material, period: Period, periods: int = PERIODS) -> Trend:
    """The trend up to a period."""
    own = [entry for entry in material.entries if origin_of(entry) == OWN]
    fire = hours_with_fire(own, observing_spans(material.effort))
    steps = []
    for _ in range(periods):
        steps.insert(0, _step(material, period, fire))
        period = period.previous()
    return Trend(steps)


def _step(material: Material, period: Period, fire: list) -> TrendStep:
    entries = in_period(material.entries, period)
    own = [entry for entry in entries if origin_of(entry) == OWN]
    watch = watch_of(material.effort, period)
    return TrendStep(
        label=next(iter(period.days())).label,
        own=total(own),
        others=len(entries) - len(own),
        hours=watch.observed if watch.known else None,
        with_fire=bisect.bisect_left(fire, period.end) - bisect.bisect_left(fire, period.start),
    )


def trend_table(trend: Trend, words: Words) -> Table:
    """The chart's numbers, a row a period; the last row is the mean of the earlier ones."""
    columns = [
        (words("col_from"), 34, False),
        (words("col_own"), 34, True),
        (words("col_rows"), 16, True),
        (words("col_hours"), 24, True),
        (words("col_with_fire"), 28, True),
        (words("col_rate"), 30, True),
        (words("col_others_rows"), 26, True),
    ]
    rows = [_row(step, words) for step in trend.steps]
    mean = "\u2013" if trend.mean is None else words.number(trend.mean, 1)
    label = words("mean_before").replace("{n}", str(len(trend.earlier)))
    sums = [label, "\u2013", "\u2013", "\u2013", "\u2013", mean, "\u2013"]
    return Table("trend", columns, [*rows, sums], sums=1)


def _row(step: TrendStep, words: Words) -> list[str]:
    if step.own.rows:
        own = words.amount(step.own)
    elif step.hours is None:
        own = words("not_known")
    else:
        own = words("not_observed") if step.not_observed else words.number(0)
    unseen = words("not_observed") if step.not_observed else words("not_known")
    return [
        words.day(step.label),
        own,
        words.number(step.own.rows),
        words.hours(step.hours) if step.hours else unseen,
        words.number(step.with_fire) if step.hours else "\u2013",
        words.number(step.rate, 1) if step.rate is not None else "\u2013",
        words.number(step.others),
    ]
