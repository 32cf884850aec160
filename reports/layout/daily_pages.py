"""The pages of the daily report: the field's fixed sections, then maps, tables and texts."""

from __future__ import annotations

from ..daily import DailyReport
from ..release import Release
from ..violations_table import violations_table
from ..weekly import WeeklyReport
from .brief_pages import BriefPages
from .flow import Flow

BETWEEN_TABLES = 3.5


class DailyPages(BriefPages):
    """Lays out a daily report; what is common to all briefs is the base's."""

    report = DailyReport

    def _by_kind(self):
        """Casualties have a section of their own."""
        return [item for item in super()._by_kind() if item[0] != "heading_deaths"]

    def _sections(self) -> None:
        """Each section with its number, its sentences and its tables, also where it is nil."""
        report = self.report(self.figures, self.material, self.words, self.withheld)
        self.told_sections = report.sections()
        flow = self._flow(*self._text_page())
        for number, section in enumerate(self.told_sections, start=1):
            flow.heading(f"{number}. {self.words(f'section_{section.key}')}")
            for text in section.texts:
                flow.paragraph(text)
            if section.chart is not None:
                self._chart(flow, section)
            for place, table in enumerate(section.tables):
                if place:
                    flow.gap(BETWEEN_TABLES)
                flow.table(table)

    def _chart(self, flow: Flow, section) -> None:
        path = self.charts / f"{section.key}.svg"
        height = section.chart(path)
        flow.picture(path, height, self.brief.template.area("text.area").width())
        flow.gap(BETWEEN_TABLES)

    def _closing_tables(self, flow: Flow) -> None:
        confidential = self.options.release is Release.CONFIDENTIAL
        table = violations_table(self.figures, self.material, self.words, confidential)
        noun = "violation" if self.options.agreement else "incident"
        self._table(flow, f"heading_table_{noun}", table)


class WeeklyPages(DailyPages):
    """Lays out a weekly report: the trend and the sections, without the table of violations."""

    report = WeeklyReport

    def _closing_tables(self, flow: Flow) -> None:
        """What each post perceived stands in the daily reports."""
