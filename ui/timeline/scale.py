"""Where a moment lies on the timeline, and what may be seen of it."""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta
from typing import Iterator, List, Tuple

from .calendar import DAY_S, HOUR_S, Calendar, Step

SHORTEST_S = 6 * HOUR_S
LABEL_PX = 78
HOURS = (1, 3, 6, 12)
DAYS = (1, 7)
MONTHS = (1, 3, 6, 12, 24, 60, 120, 240)
MONTH_S = 30.4 * DAY_S


@dataclasses.dataclass(frozen=True)
class Scale:
    """A view from ``start`` until ``end`` (seconds since 1970) between two places in pixels."""

    start: float
    end: float
    left: float
    right: float

    def x(self, moment: float) -> float:
        """Where a moment is drawn; beyond the edges for moments beyond them."""
        return self.left + (moment - self.start) * self.per_second()

    def moment(self, x: float) -> float:
        """The moment that is drawn there."""
        return self.start + (x - self.left) / self.per_second()

    def per_second(self) -> float:
        """Pixels a second."""
        return max(self.right - self.left, 1.0) / max(self.end - self.start, 1.0)


def zoomed(view: Tuple[float, float], whole: Tuple[float, float], about: float, by: float):
    """The view with its length times ``by``, the moment ``about`` staying where it is."""
    length = (view[1] - view[0]) * by
    length = min(max(length, SHORTEST_S), max(1.1 * (whole[1] - whole[0]), SHORTEST_S))
    part = (about - view[0]) / (view[1] - view[0])
    start = about - part * length
    return _kept(start, start + length, whole)


def moved(view: Tuple[float, float], whole: Tuple[float, float], seconds: float):
    """The view moved along time, never wholly away from what there is."""
    return _kept(view[0] + seconds, view[1] + seconds, whole)


def _kept(start: float, end: float, whole: Tuple[float, float]) -> Tuple[float, float]:
    middle = (start + end) / 2
    by = max(whole[0] - middle, 0.0) + min(whole[1] - middle, 0.0)
    return start + by, end + by


def labels(scale: Scale, calendar: Calendar) -> List[Tuple[float, str]]:
    """Moments and the texts that stand below them, as many as there is room for."""
    px_hour = scale.per_second() * HOUR_S
    for every in HOURS:
        if px_hour * every >= LABEL_PX:
            return list(_hours(scale, calendar, every))
    for every in DAYS:
        if px_hour * 24 * every >= LABEL_PX:
            return list(_days(scale, calendar, every))
    for every in MONTHS:
        if scale.per_second() * MONTH_S * every >= LABEL_PX:
            break
    return list(_months(scale, calendar, every))


def day_starts(scale: Scale, calendar: Calendar) -> List[float]:
    """The beginnings of the reporting days in view."""
    return [edge for edge in calendar.edges(Step.DAY, scale.start, scale.end) if edge < scale.end]


def _hours(scale: Scale, calendar: Calendar, every: int) -> Iterator[Tuple[float, str]]:
    for edge in calendar.edges(Step.HOUR, scale.start, scale.end):
        local = calendar.local(edge)
        if local.hour % every == 0:
            yield edge, local.strftime("%Y-%m-%d" if local.hour == 0 else "%H:%M")


def _days(scale: Scale, calendar: Calendar, every: int) -> Iterator[Tuple[float, str]]:
    step = Step.DAY if every == 1 else Step.WEEK
    for edge in calendar.edges(step, scale.start, scale.end):
        yield edge, calendar.day_of(edge).isoformat()


def _months(scale: Scale, calendar: Calendar, every: int) -> Iterator[Tuple[float, str]]:
    for edge in calendar.edges(Step.MONTH, scale.start, scale.end):
        day: date = calendar.day_of(edge + timedelta(hours=1).total_seconds())
        if ((day.year * 12) + day.month - 1) % every == 0:
            yield edge, f"{day.year:04d}" if every >= 12 else f"{day.year:04d}-{day.month:02d}"
