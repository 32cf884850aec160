"""The row above the timeline: steps, what is counted, the period in words."""

from __future__ import annotations

from datetime import date
from typing import Optional, Tuple

from qgis.gui import QgsDateEdit
from qgis.PyQt.QtCore import QDate, pyqtSignal
from qgis.PyQt.QtWidgets import QComboBox, QLabel, QToolButton, QWidget

from ..flow_layout import FlowLayout
from .calendar import Step
from .scene import Unit


class TimelineBar(QWidget):
    """``changed``: another step or unit; ``typed``: days typed, or None; ``whole``: show all."""

    changed = pyqtSignal()
    typed = pyqtSignal(object, object)
    whole = pyqtSignal()

    def __init__(self, parent=None):
        super().__init__(parent)
        self.step = self._choice(
            self.tr("How long a bar is; a reporting day begins where the theatre's does"),
            (
                (self.tr("Bars that fit"), None),
                (self.tr("Hours"), Step.HOUR),
                (self.tr("Reporting days"), Step.DAY),
                (self.tr("Weeks"), Step.WEEK),
                (self.tr("Months"), Step.MONTH),
            ),
        )
        self.unit = self._choice(
            self.tr(
                "Numbers add up how many were recorded, at the least; a ring over a bar says that "
                "some number is not known. Incidents count each once."
            ),
            (
                (self.tr("Numbers as recorded"), Unit.NUMBERS),
                (self.tr("Incidents"), Unit.INCIDENTS),
            ),
        )
        self.first = self._day(self.tr("from…"), self.tr("First reporting day of the period"))
        self.last = self._day(self.tr("to…"), self.tr("Last reporting day of the period"))
        self.clear = self._button(
            self.tr("All days"), self.tr("Take the period off (double-click, or Esc)")
        )
        self.clear.clicked.connect(lambda: self.typed.emit(None, None))
        self.show_all = self._button(
            self.tr("Whole time"), self.tr("Zoom out to all there is (key 0)")
        )
        self.show_all.clicked.connect(self.whole)
        self.summary = QLabel(self)
        self.summary.setAccessibleName(self.tr("What the timeline shows"))
        self._lay_out()

    def show_period(self, first: Optional[QDate], last: Optional[QDate]) -> None:
        """Show a period without saying that it was typed."""
        for edit, day in ((self.first, first), (self.last, last)):
            edit.blockSignals(True)
            edit.clear() if day is None else edit.setDate(day)
            edit.blockSignals(False)
        self.clear.setEnabled(first is not None or last is not None)

    def period(self) -> Tuple[Optional[QDate], Optional[QDate]]:
        """The days that stand in the fields."""
        return tuple(None if e.isNull() else e.date() for e in (self.first, self.last))

    def _typed(self, *_) -> None:
        self.typed.emit(*(day and date(*_parts(day)) for day in self.period()))

    def _choice(self, tip: str, entries) -> QComboBox:
        box = QComboBox(self)
        for text, value in entries:
            box.addItem(text, value)
        box.setToolTip(tip)
        box.setAccessibleName(tip)
        box.currentIndexChanged.connect(lambda *_: self.changed.emit())
        return box

    def _day(self, any_day: str, name: str) -> QgsDateEdit:
        edit = QgsDateEdit(self)
        edit.setAllowNull(True)
        edit.setNullRepresentation(any_day)
        edit.setDisplayFormat("yyyy-MM-dd")
        edit.setCalendarPopup(True)
        # Room for a date beside the buttons that clear it and open the calendar.
        edit.setMinimumWidth(edit.fontMetrics().horizontalAdvance("2031-03-14") + 62)
        edit.clear()
        edit.setToolTip(self.tr("%1, of table, map and timeline").replace("%1", name))
        edit.setAccessibleName(name)
        edit.dateValueChanged.connect(self._typed)
        return edit

    def _button(self, text: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setAutoRaise(True)
        return button

    def _lay_out(self) -> None:
        row = FlowLayout(self)
        row.setContentsMargins(4, 2, 4, 2)
        for widget in (
            *(self.step, self.unit, self.first, self.last, self.clear, self.show_all),
            self.summary,
        ):
            row.addWidget(widget)


def _parts(day: QDate) -> Tuple[int, int, int]:
    return day.year(), day.month(), day.day()
