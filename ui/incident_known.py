"""What is known of one incident, in words: the first page beside the table."""

from __future__ import annotations

from html import escape
from typing import List, Optional, Sequence, Tuple

from qgis.PyQt.QtWidgets import QTextBrowser

from ..model.vocabulary import label
from . import incident_words as words
from .incident_row import IncidentRow
from .local_time import LocalTime

Fact = Tuple[str, str]


class KnownPage(QTextBrowser):
    """Shows the selected incident; what is not known is said to be not known."""

    def __init__(self, parent=None):
        super().__init__(parent)
        self.setAccessibleName(self.tr("Detail of the selected incident"))
        self.setOpenLinks(False)
        self._former = ""
        self._is_old: Optional[bool] = None
        self.show_rows([], LocalTime("UTC"))

    def show_rows(
        self,
        rows: List[IncidentRow],
        clock: LocalTime,
        state: str = "",
        sources: Sequence[Fact] = (),
        is_old: Optional[bool] = None,
    ) -> None:
        """Show one incident, or how many are selected.

        ``state``: how far its review is, in words. ``sources``: from whom it is known, and
        ``is_old``: whether its content changed since it was flagged, once that was read; None: by
        the revision's number.
        """
        self._is_old = is_old
        if not rows:
            self._say(self.tr("Select an incident to read what is known of it."))
        elif len(rows) > 1:
            self._say(self.tr("%1 incidents are selected.").replace("%1", f"{len(rows):,}"))
        else:
            self._show_page(self._page(rows[0], clock, state, sources))

    def _say(self, sentence: str) -> None:
        self.setHtml(f"<p style='color:gray'>{escape(sentence)}</p>")

    def _show_page(self, page: str) -> None:
        """Show a page; where it grew only at its end, what is read stays in view."""
        bar = self.verticalScrollBar()
        place = bar.value() if page[:200] == self._former[:200] else 0
        self._former = page
        self.setHtml(page)
        bar.setValue(place)

    def _page(self, row: IncidentRow, clock: LocalTime, state: str, sources: Sequence[Fact]) -> str:
        heading = " · ".join(part for part in (words.what(row), words.place(row)) if part)
        parts = [f"<h3 style='margin-bottom:2px'>{escape(heading)}</h3>"]
        parts.append(f"<p style='margin:0'>{escape(self._when(row, clock))}</p>")
        if state:
            parts.append(f"<p style='margin:0'><b>{escape(state)}</b></p>")
        parts.append(f"<p>{escape(self._finding(row))}</p>")
        if row.description:
            parts.append(f"<p><i>{escape(row.description)}</i></p>")
        cells = "".join(
            f"<tr><td style='padding-right:12px'><b>{escape(title)}</b></td>"
            f"<td>{escape(value)}</td></tr>"
            for title, value in [*self._facts(row), *sources]
            if value
        )
        return "".join(parts) + f"<table>{cells}</table>"

    def _when(self, row: IncidentRow, clock: LocalTime) -> str:
        if row.occurred_from is None:
            return self.tr("When it happened is not known.")
        start = clock.text(row.occurred_from, row.time_precision)
        end = clock.text(row.occurred_to)
        if row.span_is == "duration" and end and row.occurred_to > row.occurred_from:
            text = self.tr("From %1 to %2 (%3)").replace("%2", end)
        elif row.time_precision in (None, "minute", "second"):
            text = self.tr("%1 (%3)")
        else:
            known = label("time_precisions", row.time_precision)
            text = self.tr("%1 (%3), known to the %2").replace("%2", known)
        return text.replace("%1", start).replace("%3", clock.name)

    def _finding(self, row: IncidentRow) -> str:
        if row.flag is None:
            return self.tr("It has not been held against a contact line yet: use “Flag”.")
        text = row.finding or words.flag_label(row.flag)
        if row.finding_is_old() if self._is_old is None else self._is_old:
            return self.tr(
                "The incident was revised since it was flagged; flag it again. %1"
            ).replace("%1", text)
        return text

    def _facts(self, row: IncidentRow) -> List[Fact]:
        actors = ", ".join(actor for actor in (row.actor_1, row.actor_2) if actor)
        return [
            (self.tr("Number"), words.number(row)),
            (self.tr("Place"), ", ".join(part for part in (row.place, row.admin1) if part)),
            (self.tr("Place known to"), self._uncertainty(row.uncertainty_m)),
            (self.tr("Line"), row.line_name or ""),
            (self.tr("Probability of being near"), self._probability(row)),
            (self.tr("Zones"), row.zones or ""),
            (self.tr("Circumstance"), label("circumstances", row.circumstance)),
            (self.tr("Actors, as reported"), actors),
            (self.tr("Source"), row.source or ""),
            (self.tr("Source's own term"), row.term or ""),
            (self.tr("Verification"), label("verifications", row.verification)),
            (self.tr("Workflow"), label("workflows", row.workflow)),
            (self.tr("Revision"), "" if row.revision is None else str(row.revision)),
            (self.tr("Incident"), row.incident_id),
        ]

    def _uncertainty(self, metres: Optional[float]) -> str:
        if metres is None:
            return self.tr("not known")
        return self.tr("within %1").replace("%1", words.distance(metres))

    def _probability(self, row: IncidentRow) -> str:
        if row.flag_probability is None:
            return ""
        basis = label("flag_bases", row.flag_basis)
        percent = f"{100 * row.flag_probability:.0f} %"
        return f"{percent} ({basis})" if basis else percent
