"""The pages of a brief in their order: cover, maps, tables, chart, effort, method, sources."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable

from qgis.core import QgsLayoutPoint, QgsLayoutSize

from ..figure_tables import (
    category_table,
    deaths_table,
    effort_table,
    reasons_table,
    source_table,
    sources_table,
    timeline_table,
)
from ..figures import Figures, flag_of
from ..material import Material
from ..printed import MOST_ROWS, printed_rows
from ..revisions import revisions_table
from ..sheets import Sheet, unlabelled
from ..tables import Table, dated_table, distance_words, incident_table, unlocated_table
from ..withheld import Withheld
from ..words import Words
from .brief_layout import MILLIMETRES, BriefLayout, Page
from .flow import Flow, Ruler
from .maps import Maps

COVER_FOOT_MM = 17.0
MOST_REVISIONS = 500


class BriefPages:
    """Lays out one brief; ``compose`` is called once."""

    def __init__(
        self,
        brief: BriefLayout,
        material: Material,
        figures: Figures,
        sheets: list[Sheet],
        words: Words,
        options: Any,
        left_out: Any,
    ):
        self.brief = brief
        self.material = material
        self.figures = figures
        self.sheets = sheets
        self.words = words
        self.options = options
        self.left_out = left_out
        self.maps = Maps(brief, material, figures.period, words)
        self._later: list[tuple[str, Table]] = []
        self._cancelled: Callable[[], None] = lambda: None
        self.withheld = Withheld()
        self.told_sections: list = []
        self.printed = printed_rows(figures.entries, MOST_ROWS)

    def compose(
        self,
        chart: Path,
        chart_height: float,
        progress: Callable[[float], None],
        cancelled: Callable[[], None],
    ) -> None:
        """Make all pages; ``cancelled`` is called before each."""
        self._cancelled, self.charts = cancelled, chart.parent
        self._cover()
        progress(0.2)
        self._sections()
        plans = self.maps.plan(self.figures.entries, self.sheets)
        for plan in plans:
            self._draw_map(plan)
        progress(0.5)
        flow = self._flow(*self._text_page())
        self._incidents(flow)
        progress(0.7)
        self._along_the_period(flow, chart, chart_height)
        self._lists(flow)
        self._closing_tables(flow)
        off_map = self.maps.off_every_map(plans, self.figures.entries)
        self._texts(flow, off_map, bool(plans))
        self._number_pages()
        progress(1.0)

    def _sections(self) -> None:
        """The sections of this kind of brief that stand before the maps: none here."""

    def _closing_tables(self, flow: Flow) -> None:
        """The tables of this kind of brief that stand before the texts at the end: none here."""

    def _cover(self) -> None:
        page = self._page("cover")
        words, options = self.words, self.options
        kind = "violation" if options.agreement else "incident"
        page.write("cover.kicker", words(f"kicker_{kind}"))
        page.write("cover.release", self.words(f"release_{self.options.release.value}"))
        lower = self._title(page)
        lines = words.paragraphs(
            "cover",
            theatre=options.theatre,
            agreement=options.agreement,
            period=words.span(self.figures.period),
            previous=words.span(self.figures.period.previous()),
            zone=self.figures.period.zone.key,
            as_of=words.moment(options.as_of or options.created),
        )
        page.write("cover.subtitle", lines[0])
        page.write("cover.meta", "\n".join(lines[1:]))
        self._headlines(page)
        area = self.brief.template.area("cover.area").adjusted(0, lower, 0, 0)
        flow = self._flow(page, area)
        flow.heading(words("heading_summary"))
        near = self._distance()
        values = {"near_words": f" ({words('within')} {near})" if near else ""}
        for text in words.paragraphs("summary", f=self.figures, left_out=self.left_out, **values):
            flow.paragraph(text, bullet=True)
        flow.heading(words("heading_figures"), words("heading_figures_note"))
        flow.table(source_table(self.figures, words))
        for heading, table in self._by_kind():
            # What does not fit on the cover stands further back, not on a page of its own.
            if self._later or not flow.fits(table, above=10):
                self._later.append((heading, table))
            else:
                self._table(flow, heading, table)

    def _by_kind(self) -> list[tuple[str, Table]]:
        tables = [
            ("heading_categories_own", category_table(self.figures, self.words, True)),
            ("heading_categories_others", category_table(self.figures, self.words, False)),
            ("heading_deaths", deaths_table(self.figures, self.words)),
        ]
        return [(heading, table) for heading, table in tables if table is not None]

    def _title(self, page: Page) -> float:
        """Write the title, and move what is under it down if it needs more than one line."""
        title = page.item("cover.title")
        page.write("cover.title", self.options.title)
        area = self.brief.template.area("cover.title")
        height = Ruler(self.brief).height(self.options.title, title.textFormat(), area.width()) + 1
        lower = max(0.0, height - area.height())
        foot = self.brief.template.size("cover")[1] - COVER_FOOT_MM
        for item in page.items.values():
            if lower and area.bottom() <= item.pagePos().y() < foot:
                place = item.pagePos()
                item.attemptMove(
                    QgsLayoutPoint(place.x(), place.y() + lower, MILLIMETRES), page=page.place
                )
        title.attemptResize(QgsLayoutSize(area.width(), area.height() + lower, MILLIMETRES))
        return lower

    def _headlines(self, page: Page) -> None:
        lines = self.words.paragraphs("headlines", f=self.figures)
        for place, line in enumerate(lines[:4], start=1):
            parts = [part.strip() for part in line.split("|")]
            for name, text in zip(("value", "label", "note"), parts):
                page.write(f"cover.figure{place}.{name}", text)

    def _draw_map(self, plan) -> None:
        page = self._page("map")
        self.maps.draw(page, plan, self.figures.entries)

    def _incidents(self, flow: Flow) -> None:
        printed, words = self.printed, self.words
        table = incident_table("incidents", printed.numbered, words)
        self._table(flow, "heading_incidents", table)
        held = any(flag_of(entry) == "far" for entry in printed.others)
        heading = "heading_other_incidents" if held else "heading_more_incidents"
        self._table(flow, heading, incident_table("other_incidents", printed.others, words))
        if printed.others_left:
            shown, nearest = len(printed.others), printed.nearest and not printed.left
            flow.gap(2)
            for text in words.paragraphs(
                "others_left", left=printed.others_left, shown=shown, nearest=nearest
            ):
                flow.paragraph(text)
        self._table(flow, "heading_unlocated", unlocated_table(printed.nowhere, words))

    def _along_the_period(self, flow: Flow, chart: Path, height: float) -> None:
        words = self.words
        if self.figures.entries or self.figures.watch.known:
            hours = "_hours" if self.figures.timeline.step == "hour" else ""
            note = words(f"heading_chart{hours}_note")
            flow.heading(words("heading_chart"), note, keep=height + 4)
            flow.picture(chart, height, self.brief.template.area("text.area").width())
            flow.gap(3)
            flow.table(timeline_table(self.figures, words))
        effort = effort_table(self.figures, self.material, words)
        if effort is None:
            flow.heading(words("heading_effort"), keep=6)
            flow.paragraph(words("no_effort"))
            return
        self._table(flow, "heading_effort", effort)
        self._table(flow, "heading_reasons", reasons_table(self.figures, words))

    def _lists(self, flow: Flow) -> None:
        for heading, later in self._later:
            self._table(flow, heading, later)
        words, claims = self.words, self.figures.claims
        table = dated_table("claims", claims.unobservable, words)
        self._table(flow, "heading_claims", table)
        self._table(flow, "heading_late", dated_table("late", self.figures.late[:MOST_ROWS], words))
        self._revisions(flow)

    def _revisions(self, flow: Flow) -> None:
        """What became of incidents since the report that this one is compared with."""
        revisions, words = self.material.revisions, self.words
        if revisions is None or not revisions.worth_a_table:
            return
        table = revisions_table(
            revisions, self.figures.entries, self.options.release, words, MOST_REVISIONS
        )
        flow.heading(words("heading_revisions"), keep=12)
        for text in words.paragraphs("revisions", r=revisions, most=MOST_REVISIONS):
            flow.paragraph(text)
        if table is not None:
            flow.table(table)

    def _texts(self, flow: Flow, off_map: int, has_maps: bool) -> None:
        words = self.words
        flow.heading(words("heading_unknowns"))
        values = {
            "not_printed": self.printed.left,
            "most_rows": MOST_ROWS,
            "off_map": off_map,
            "has_maps": has_maps,
            "unlabelled": unlabelled(self.figures.entries, self.sheets),
        }
        for text in words.paragraphs("unknowns", f=self.figures, left_out=self.left_out, **values):
            flow.paragraph(text, bullet=True)
        flow.heading(words("heading_method"))
        period = self.figures.period
        for text in words.paragraphs(
            "method",
            lines=bool(self.material.lines),
            distance=self._distance(),
            zone=period.zone.key,
            period_words=words.span(period),
            day_start=f"{period.day_start:%H:%M}",
            head=self.material.ledger_head,
        ):
            flow.paragraph(text)
        self._table(flow, "heading_sources", sources_table(self.material, words))

    def _table(self, flow: Flow, heading: str, table: Table | None) -> None:
        if table is None:
            return
        note = f"{heading}_note"
        flow.heading(self.words(heading), self.words(note) if note in self.words else "")
        flow.table(table)

    def _distance(self) -> str:
        """The distance that "near" means, in words, if it is known."""
        given = self.options.distance_m
        found = {
            entry.finding.flag_distance_m
            for entry in self.figures.entries
            if entry.finding.flag_distance_m
        }
        metres = given or (found.pop() if len(found) == 1 else None)
        if not metres:
            return ""
        if metres >= 1000:
            return f"{metres / 1000:,.10g} km"
        return distance_words(metres, self.words)

    def _page(self, master: str) -> Page:
        self._cancelled()
        page = self.brief.add_page(master)
        page.write(
            f"{master}.running",
            f"{self.options.title} \u00b7 {self.words.span(self.figures.period)}",
        )
        page.write(f"{master}.release", self.words(f"release_{self.options.release.value}"))
        page.write(f"{master}.footer", self.options.title)
        return page

    def _text_page(self):
        return self._page("text"), self.brief.template.area("text.area")

    def _flow(self, page: Page, area) -> Flow:
        """A flow on a page; the label that marks the area gives way to it."""
        for name in ("cover.area", "text.area"):
            page.write(name, "")
        return Flow(self.brief, page, area, self._next_page)

    def _next_page(self):
        page, area = self._text_page()
        page.write("text.area", "")
        return page, area

    def _number_pages(self) -> None:
        total = len(self.brief.pages)
        for page in self.brief.pages:
            text = self.words("page").replace("{n}", str(page.number + 1))
            for master in ("cover", "map", "text"):
                page.write(f"{master}.page", text.replace("{total}", str(total)))
