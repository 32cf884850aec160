"""The weekly report: the trend first, then the sections of the field over the week."""

from __future__ import annotations

import functools

from .daily import DailyReport, Section
from .trend import trend_of, trend_table
from .trend_chart import draw_trend


class WeeklyReport(DailyReport):
    """Writes the sections of a week, or of any period that is to stand beside those before it."""

    def sections(self) -> list[Section]:
        """The trend, then all sections of the daily report."""
        return [self._trend(), *super().sections()]

    def _trend(self) -> Section:
        trend = trend_of(self.material, self.figures.period)
        drawn = any(step.hours for step in trend.steps)
        return Section(
            "trend",
            self.say("trend", trend=trend),
            [trend_table(trend, self.words)],
            functools.partial(draw_trend, trend, self.words) if drawn else None,
        )
