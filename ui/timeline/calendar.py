"""The steps of the timeline: hours, reporting days, weeks and months by the theatre's clocks."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import List, Optional, Tuple

HOUR_S, DAY_S = 3600.0, 86_400.0
# What ends at a moment belongs to the day before it; clocks tell no finer than a microsecond.
BEFORE_S = 0.001
NOON = time(12, 0)
FIRST, LAST = date(2, 1, 1), date(9998, 1, 1)


class Step(Enum):
    """How long a bar is."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


# About how long a step is: which one fits, and which precision is coarser than it.
LENGTH_S = {
    Step.HOUR: HOUR_S,
    Step.DAY: DAY_S,
    Step.WEEK: 7 * DAY_S,
    Step.MONTH: 30.4 * DAY_S,
}


def fitting(span_s: float, most: int) -> Step:
    """The finest step of which at most so many bars fill a span; else the coarsest."""
    for step, length in LENGTH_S.items():
        if span_s / length <= most:
            return step
    return Step.MONTH


class Calendar:
    """Turns seconds since 1970 into reporting days and back, as ``reports.period`` counts them.

    ``zone`` is the name of a time zone; ``day_starts`` the local time, "HH:MM", at which a
    reporting day begins: one that starts after noon is named after the day on which it ends.
    """

    def __init__(self, zone: Optional[str] = "UTC", day_starts: Optional[str] = None):
        from ...reports.period import clock, theatre_zone

        self.zone = theatre_zone(zone)
        self.day_starts = clock(day_starts)
        self._named_after_end = self.day_starts >= NOON

    def day_of(self, seconds: float) -> date:
        """The reporting day that a moment belongs to."""
        local = self.local(seconds)
        day = local.date()
        if local.time() < self.day_starts:
            day -= timedelta(days=1)
        return day + timedelta(days=1) if self._named_after_end else day

    def start_of(self, day: date) -> float:
        """The first moment of a reporting day."""
        if self._named_after_end:
            day -= timedelta(days=1)
        return datetime.combine(day, self.day_starts, tzinfo=self.zone).timestamp()

    def local(self, seconds: float) -> datetime:
        """A moment by the theatre's clocks; what no clock can show is drawn to the nearest."""
        seconds = min(max(seconds, -6.2e10), 2.5e11)
        return datetime.fromtimestamp(seconds, tz=self.zone)

    def edges(self, step: Step, start: float, end: float) -> List[float]:
        """The bounds of all steps that a span touches, in order; one more than there are steps."""
        if step is Step.HOUR:
            return self._hours(start, end)
        day = self.first_of(step, self.day_of(start))
        found = [self.start_of(day)]
        while found[-1] < end and day < LAST:
            day = self.next_of(step, day)
            found.append(self.start_of(day))
        return found

    def first_of(self, step: Step, day: date) -> date:
        """The first reporting day of the week (from Monday) or month that a day lies in."""
        if step is Step.WEEK:
            return max(day - timedelta(days=day.weekday()), FIRST)
        return day.replace(day=1) if step is Step.MONTH else day

    def next_of(self, step: Step, day: date) -> date:
        """The first reporting day of the step after the one that begins with ``day``."""
        if step is Step.MONTH:
            return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
        return day + timedelta(days=7 if step is Step.WEEK else 1)

    def whole_days(self, start: float, end: float) -> Tuple[date, date]:
        """First and last reporting day that a half-open span touches."""
        first = self.day_of(start)
        return first, max(first, self.day_of(end - BEFORE_S))

    def _hours(self, start: float, end: float) -> List[float]:
        local = self.local(start)
        here = start - (local.minute * 60 + local.second + local.microsecond / 1e6)
        found = [here]
        while here < end:
            here += HOUR_S
            # Where clocks are put by less than an hour, the next full hour comes earlier or later.
            minute = self.local(here).minute
            if minute:
                here += (60 - minute) * 60 if minute > 30 else -minute * 60
            found.append(here)
        return found
