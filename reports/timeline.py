"""Counts along time: by day, or by week or month where the period is long."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime, timedelta
from typing import Callable, Optional, Union

from ..model.incident import Effort
from .counting import Total, count_of
from .material import Entry
from .period import Day, Period
from .symbol_class import symbol_class
from .watch import observing_spans

MOST_DAYS = 46
MOST_WEEKS = 54
# One reporting day, also the one on which the clocks go back, is shown by its hours.
MOST_HOURS = 25
NOT_TO_THE_HOUR = ("day", "week", "month", "year")


@dataclasses.dataclass
class Bin:
    """One step of the timeline.

    ``observed_hours`` is None where no effort is recorded in the whole period. ``own`` and
    ``others`` are totals by symbol class code: own observation, and all other sources.
    """

    label: Union[date, datetime]
    start: datetime
    end: datetime
    observed_hours: Optional[float]
    own: dict[str, Total]
    others: dict[str, Total]

    @property
    def not_observed(self) -> bool:
        """Whether it is known that nobody could observe."""
        return self.observed_hours is not None and self.observed_hours <= 0


@dataclasses.dataclass
class Timeline:
    """The bins of a period in order, and their step: hour, day, week, month or year.

    ``apart`` holds, by hours, the incidents whose hour is not known; they are in no bin.
    """

    step: str
    bins: list[Bin]
    apart: Optional[Bin] = None


def timeline_of(entries: list[Entry], effort: list[Effort], period: Period) -> Timeline:
    """Count the entries along the period, days without observation marked."""
    if period.hours() <= MOST_HOURS:
        step, groups = "hour", [[hour] for hour in _hours(period)]
    else:
        step, groups = _grouped(list(period.days()))
    spans = observing_spans(effort)
    known = any(
        item.observed_from
        and item.observed_to
        and item.observed_from < period.end
        and item.observed_to > period.start
        for item in effort
    )
    bins = []
    for group in groups:
        start, end = group[0].start, group[-1].end
        seen = sum(item.hours(start, end) for item in spans.values())
        bins.append(Bin(group[0].label, start, end, seen if known else None, {}, {}))
    vague = [
        entry
        for entry in entries
        if step == "hour" and entry.incident.time_precision in NOT_TO_THE_HOUR
    ]
    apart = Bin(bins[0].label, period.start, period.end, None, {}, {}) if vague else None
    if apart:
        _fill([apart], vague)
        taken = {id(entry) for entry in vague}
        entries = [entry for entry in entries if id(entry) not in taken]
    _fill(bins, entries)
    return Timeline(step, bins, apart)


def _hours(period: Period) -> list[Day]:
    """The hours of a period from its start, the last one cut to it, with their local times."""
    hours, start = [], period.start
    while start < period.end:
        end = min(start + timedelta(hours=1), period.end)
        hours.append(Day(start.astimezone(period.zone), start, end))
        start = end
    return hours


def _fill(bins: list[Bin], entries: list[Entry]) -> None:
    position = 0
    for entry in sorted(entries, key=lambda item: item.when):
        while position + 1 < len(bins) and entry.when >= bins[position].end:
            position += 1
        item = bins[position]
        side = item.own if entry.incident.origin == "own_observation" else item.others
        code = symbol_class(entry.incident.category).code
        side[code] = side.get(code, Total()) + count_of(entry.incident)


def _grouped(days: list[Day]) -> tuple[str, list[list[Day]]]:
    if len(days) <= MOST_DAYS:
        return "day", [[day] for day in days]
    if len(days) <= MOST_WEEKS * 7:
        return "week", _by(days, lambda day: day - timedelta(days=day.weekday()))
    if len(days) <= 10 * 366:
        return "month", _by(days, lambda day: day.replace(day=1))
    return "year", _by(days, lambda day: day.replace(month=1, day=1))


def _by(days: list[Day], key: Callable[[date], date]) -> list[list[Day]]:
    groups: list[list[Day]] = []
    for day in days:
        if groups and key(groups[-1][0].label) == key(day.label):
            groups[-1].append(day)
        else:
            groups.append([day])
    return groups
