"""What the timeline looks at: the columns, the part of time in view, the filter's period."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, List, Optional, Tuple

from .calendar import BEFORE_S, DAY_S, LENGTH_S, Calendar, Step, fitting
from .columns import Columns, count
from .effort import EffortBand
from .marks import Mark
from .scale import Scale, moved, zoomed
from .scene import Scene, Span, Unit, nights_in

if TYPE_CHECKING:
    import numpy as np

BAR_PX = 7
THINNEST_PX = 1.5


class TimelineView:
    """The state between the panel and its picture; it draws nothing.

    ``wanted`` is the step that was chosen, None for the one that fits; ``chosen`` the mask of
    the rows that pass the filter, None for all; ``period`` what the filter's days are as moments,
    None for an open side.
    """

    def __init__(self):
        self.calendar = Calendar()
        self.columns: Optional[Columns] = None
        self.chosen: Optional[np.ndarray] = None
        self.band: Optional[EffortBand] = None
        self.marks: List[Mark] = []
        self.centre: Optional[Tuple[float, float]] = None
        self.wanted: Optional[Step] = None
        self.unit = Unit.NUMBERS
        self.period: Tuple[Optional[float], Optional[float]] = (None, None)
        self.map_range: Optional[Span] = None
        self.cursor: Optional[float] = None
        self.anchor: Optional[float] = None
        self.whole: Span = (0.0, DAY_S)
        self._view: Span = self.whole

    def show(self, columns: Columns, band: EffortBand, calendar: Calendar, keep: bool) -> None:
        """Look at other columns; ``keep``: at the same part of time as before."""
        self.columns, self.band, self.calendar = columns, band, calendar
        self.chosen = None
        span = columns.span()
        if band.known:
            # Effort that ends with a day does not reach into the next.
            ends = (float(band.cuts[0]), float(band.cuts[-1]) - BEFORE_S)
            span = ends if span is None else (min(span[0], ends[0]), max(span[1], ends[1]))
        if span is None:
            self.whole = (0.0, DAY_S)
        else:
            self.whole = self.span_of(calendar.day_of(span[0]), calendar.day_of(span[1]))
        if not keep:
            self.show_whole()
            self.cursor = self.anchor = None

    def has_times(self) -> bool:
        """Whether any incident has a time."""
        return self.columns is not None and self.columns.span() is not None

    def scene(self, left: float, right: float) -> Optional[Scene]:
        """What is in view between two places in pixels, counted; None where there is nothing."""
        if self.columns is None or self.band is None:
            return None
        import numpy as np

        scale = Scale(*self._view, left, right)
        step = self._step(right - left)
        edges = np.array(self.calendar.edges(step, scale.start, scale.end))
        scene = Scene(
            scale=scale,
            calendar=self.calendar,
            step=step,
            unit=self.unit,
            counts=count(self.columns, self.chosen, edges),
            watched=self.band.over(edges) if self.band.known else None,
            posts=self.band.posts,
            marks=self.marks,
            nights=nights_in(scale, self.centre),
            period=self.period_in(self._widest()),
            map_range=None if self.map_range == self.period else self.map_range,
        )
        if self.cursor is not None:
            scene.cursor = scene.step_at(self.cursor)
        return scene

    def period_in(self, ends: Span) -> Optional[Span]:
        """The filter's period, its open sides closed; None where it is open on both."""
        if self.period == (None, None):
            return None
        start, end = self.period
        start = min(ends[0], end) if start is None else start
        return start, max(start, ends[1]) if end is None else end

    def show_whole(self) -> None:
        """Look at all there is."""
        self._view = self.whole

    def zoom(self, by: float, about: float) -> None:
        """Look at a time so many times as long, a moment staying in its place."""
        self._view = zoomed(self._view, self.whole, about, by)

    def move(self, seconds: float) -> None:
        """Look at an earlier or later time."""
        self._view = moved(self._view, self.whole, seconds)

    def put_cursor(self, moment: float) -> None:
        """Put the keyboard's step at a moment, and bring it into view."""
        self.cursor = min(max(moment, self.whole[0]), self.whole[1] - 1.0)
        start, end = self._view
        if not start <= self.cursor < end:
            middle = (start + end) / 2
            self.move(self.cursor - middle)

    def days(self, start: float, end: float, step: Step) -> Tuple[date, date]:
        """The reporting days of all steps that two moments lie in: the first and the last."""
        calendar = self.calendar
        first = calendar.first_of(step, calendar.day_of(start))
        last = calendar.first_of(step, calendar.day_of(end))
        return first, calendar.next_of(step, last) - timedelta(days=1)

    def span_of(self, first: date, last: date) -> Span:
        """The moments of reporting days, both included."""
        calendar = self.calendar
        return calendar.start_of(first), calendar.start_of(last + timedelta(days=1))

    def _widest(self) -> Span:
        """All there is and all that is in view: where an open side of a period ends."""
        return min(self.whole[0], self._view[0]), max(self.whole[1], self._view[1])

    def _step(self, width: float) -> Step:
        span = self._view[1] - self._view[0]
        fits = fitting(span, max(int(width / BAR_PX), 1))
        if self.wanted is None:
            return fits
        # A step chosen by hand may have thin bars, but not thinner than can be seen.
        thinnest = fitting(span, max(int(width / THINNEST_PX), 1))
        return max(self.wanted, thinnest, key=LENGTH_S.__getitem__)
