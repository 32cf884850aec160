"""The row above the table that says which incidents it shows."""

from __future__ import annotations

from typing import Optional, Tuple

from qgis.gui import QgsDateEdit, QgsFilterLineEdit
from qgis.PyQt.QtCore import QDate, QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import QLabel, QToolButton, QWidget

from .flag_chips import FlagChips
from .flow_layout import FlowLayout
from .incident_filter import Filtered, IncidentFilter, words_of
from .local_time import LocalTime

TYPING_MS = 150


class FilterBar(QWidget):
    """Text, period and flags; ``changed`` comes once the typing has paused.

    The panel places ``first_day`` and ``last_day`` beside its buttons.
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
        )

    def period(self) -> Tuple[Optional[QDate], Optional[QDate]]:
        """First and last day asked for; None where any."""
        return tuple(
            None if edit.isNull() else edit.date() for edit in (self.first_day, self.last_day)
        )

    def clear(self) -> None:
        """Ask for all incidents."""
        self.text.clear()
        self.first_day.clear()
        self.last_day.clear()
        self.chips.clear()

    def show_result(self, filtered: Filtered, total: int) -> None:
        """Write how many are shown out of how many, and the counts of the flags."""
        self.chips.set_counts(filtered.flags)
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

    def _lay_out(self) -> None:
        row = FlowLayout(self)
        row.setContentsMargins(4, 2, 4, 2)
        for widget in (self.text, *self.chips.buttons(), self.nothing, self.summary):
            row.addWidget(widget)
