"""The row above the table that says which incidents it shows."""

from __future__ import annotations

from typing import List, Optional, Tuple

from qgis.gui import QgsDateEdit, QgsFilterLineEdit
from qgis.PyQt.QtCore import QDate, Qt, QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import QLabel, QToolButton, QWidget

from .facet_panel import BY_NAME, FacetPanel
from .facets import facet_title, value_words
from .filter_menu import FilterMenu
from .flag_chips import FlagChips
from .flow_layout import FlowLayout
from .incident_filter import Filtered, IncidentFilter, words_of
from .local_time import LocalTime

TYPING_MS = 150
CHIP_WIDTH = 220


class FilterBar(QWidget):
    """Text, period, flags and facets; ``changed`` comes once the typing has paused.

    The panel places ``first_day`` and ``last_day`` beside its buttons, and ``facets`` beside the
    table; the button ``narrow`` shows and hides them.
    """

    changed = pyqtSignal()

    def __init__(self, parent=None):
        super().__init__(parent)
        self.text = QgsFilterLineEdit(self)
        self.text.setShowSearchIcon(True)
        self.text.setPlaceholderText(self.tr("Filter by words: place, source, description…"))
        self.text.setAccessibleName(self.tr("Filter incidents by words"))
        self.text.setToolTip(self.tr('All words must occur; what stands in "quotes" is one word'))
        self.text.setMinimumWidth(230)
        self.first_day = self._day(self.tr("from…"), self.tr("First day of the period"))
        self.last_day = self._day(self.tr("to…"), self.tr("Last day of the period"))
        self.chips = FlagChips(self)
        self.facets = FacetPanel()
        self.facets.changed.connect(self.changed)
        self.narrow = FilterMenu(self)
        self.narrowed: List[QToolButton] = []
        self.nothing = QToolButton(self)
        self.nothing.setText(self.tr("Show all"))
        self.nothing.setToolTip(self.tr("Take every filter off"))
        self.nothing.setAutoRaise(True)
        self.nothing.setVisible(False)
        self.nothing.clicked.connect(self.clear)
        self.summary = QLabel(self)
        self.summary.setMargin(4)
        self.summary.setAccessibleName(self.tr("How many incidents are shown"))
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(TYPING_MS)
        self._typing.timeout.connect(self.changed)
        self.text.textChanged.connect(self._typing.start)
        self.text.returnPressed.connect(self.changed)
        self.chips.changed.connect(self.changed)
        self._lay_out()

    def asked(self, clock: LocalTime) -> IncidentFilter:
        """What is asked for; the days are the reporting days of this clock."""
        first, last = self.period()
        return IncidentFilter(
            words=words_of(self.text.text()),
            start=None if first is None else clock.day_start(first),
            end=None if last is None else clock.day_start(last.addDays(1)),
            flags=self.chips.chosen(),
            within_m=self.facets.within_m(),
            facets=self.facets.chosen(),
        )

    def period(self) -> Tuple[Optional[QDate], Optional[QDate]]:
        """First and last day asked for; None where any."""
        return tuple(
            None if edit.isNull() else edit.date() for edit in (self.first_day, self.last_day)
        )

    def set_period(self, first: Optional[QDate], last: Optional[QDate]) -> None:
        """Ask for these reporting days, both included; ``changed`` comes once, if at all."""
        if (first, last) == self.period():
            return
        for edit, day in ((self.first_day, first), (self.last_day, last)):
            edit.blockSignals(True)
            if day is None:
                edit.clear()
            else:
                edit.setDate(day)
            edit.blockSignals(False)
        self.changed.emit()

    def is_set(self) -> bool:
        """Whether anything is asked for."""
        days = any(day is not None for day in self.period())
        chosen = self.facets.chosen() or self.facets.within_m() is not None
        return bool(self.text.text() or days or self.chips.chosen() or chosen)

    def kept(self) -> dict:
        """All that is asked for, as it can be kept and taken again."""
        first, last = self.period()
        return {
            "text": self.text.text(),
            "first": first and first.toString("yyyy-MM-dd"),
            "last": last and last.toString("yyyy-MM-dd"),
            "flags": sorted(self.chips.chosen()),
            "within_m": self.facets.within_m(),
            "facets": {name: sorted(values) for name, values in self.facets.chosen()},
        }

    def take(self, kept: dict) -> None:
        """Ask for what was kept; what this version does not know of it is left out."""
        blocked = self.blockSignals(True)
        self.text.setText(kept.get("text") or "")
        days = (kept.get("first"), kept.get("last"))
        self.set_period(*(QDate.fromString(day, "yyyy-MM-dd") if day else None for day in days))
        self.chips.choose(frozenset(kept.get("flags") or ()))
        facets = {name: set(of) for name, of in kept.get("facets", {}).items() if name in BY_NAME}
        self.facets.choose(facets, kept.get("within_m"))
        self.blockSignals(blocked)
        self._typing.stop()
        self.changed.emit()

    def clear(self) -> None:
        """Ask for all incidents."""
        self.text.clear()
        self.first_day.clear()
        self.last_day.clear()
        self.chips.clear()
        if self.facets.chosen() or self.facets.within_m() is not None:
            self.facets.choose({}, None)

    def show_result(self, filtered: Filtered, total: int) -> None:
        """Write how many are shown out of how many, and the counts of the flags."""
        self.chips.set_counts(filtered.flags)
        self.facets.show_counts(filtered.facets)
        self._show_narrowed()
        shown = len(filtered.indices)
        text = (
            self.tr("%1 incidents").replace("%1", f"{total:,}")
            if shown == total
            else self.tr("%1 of %2 incidents")
            .replace("%1", f"{shown:,}")
            .replace("%2", f"{total:,}")
        )
        if filtered.without_time:
            text += self.tr(", %1 without a time left out").replace(
                "%1", f"{filtered.without_time:,}"
            )
        self.summary.setText(text)
        self.nothing.setVisible(shown != total or filtered.without_time > 0)

    def _day(self, any_day: str, name: str) -> QgsDateEdit:
        edit = QgsDateEdit(self)
        edit.setAllowNull(True)
        edit.setNullRepresentation(any_day)
        edit.setDisplayFormat("yyyy-MM-dd")
        edit.setCalendarPopup(True)
        # Room for a date beside the buttons that clear it and open the calendar.
        edit.setMinimumWidth(edit.fontMetrics().horizontalAdvance("2031-03-14") + 62)
        edit.clear()
        edit.setAccessibleName(name)
        edit.setToolTip(
            self.tr(
                "%1: a reporting day of the theatre. An incident belongs to the day when it began."
            ).replace("%1", name)
        )
        edit.dateValueChanged.connect(lambda *_: self.changed.emit())
        return edit

    def _show_narrowed(self) -> None:
        """A button for each facet that is asked for; pressing it takes that one off."""
        for chip in self.narrowed:
            self._row.removeWidget(chip)
            chip.deleteLater()
        self.narrowed = []
        for name, values in self.facets.chosen():
            words = ", ".join(sorted(value_words(BY_NAME[name], value) for value in values))
            self._add_narrowed(
                f"{facet_title(name)}: {words}", lambda *_, name=name: self.facets.drop(name)
            )
        if self.facets.within_m() is not None:
            text = self.tr("at most %1 m").replace("%1", f"{self.facets.within_m():,.0f}")
            self._add_narrowed(text, lambda *_: self.facets.distance.clear())

    def _add_narrowed(self, text: str, drop) -> None:
        chip = QToolButton(self)
        metrics = chip.fontMetrics()
        chip.setText(metrics.elidedText(text, Qt.TextElideMode.ElideRight, CHIP_WIDTH) + "  ✕")
        name = self.tr("Take off: %1").replace("%1", text)
        chip.setToolTip(name)
        chip.setAccessibleName(name)
        chip.clicked.connect(drop)
        self._row.addWidget(chip)
        chip.show()
        self.narrowed.append(chip)

    def _lay_out(self) -> None:
        self._row = FlowLayout(self)
        self._row.setContentsMargins(4, 2, 4, 2)
        first = (self.text, self.narrow, *self.chips.buttons(), self.nothing, self.summary)
        for widget in first:
            self._row.addWidget(widget)
