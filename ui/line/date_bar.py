"""The date whose lines are shown: a slider whose stops are the changes of the lines."""

from __future__ import annotations

from typing import List, Optional

from qgis.gui import QgsDateTimeEdit
from qgis.PyQt.QtCore import QDateTime, Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QCheckBox, QGridLayout, QSlider, QWidget

from ..local_time import LocalTime


class DateBar(QWidget):
    """``chosen`` carries the moment (seconds since 1970) that a user chose."""

    chosen = pyqtSignal(float)

    def __init__(self, parent=None):
        super().__init__(parent)
        self.stops: List[float] = []
        self._clock = LocalTime("UTC")
        self._setting = False
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setTickPosition(QSlider.TickPosition.TicksBelow)
        self.slider.setTickInterval(1)
        self.slider.setPageStep(1)
        self.slider.setAccessibleName(self.tr("Date of the lines: each stop is a change"))
        self.slider.setToolTip(
            self.tr("Each stop is a date at which a line came into force or went out of it")
        )
        self.moment = QgsDateTimeEdit(self)
        self.moment.setAllowNull(False)
        self.moment.setDisplayFormat("yyyy-MM-dd HH:mm")
        self.moment.setCalendarPopup(True)
        self.moment.setAccessibleName(self.tr("Lines in force at"))
        self.moment.setToolTip(
            self.tr("The lines in force at this moment, by the theatre's clocks")
        )
        self.on_map = QCheckBox(self.tr("On the map"), self)
        self.on_map.setToolTip(
            self.tr("Show on the map only the lines and zones in force then; off shows all again")
        )
        self.on_map.setAccessibleName(self.on_map.toolTip())
        grid = QGridLayout(self)
        grid.setContentsMargins(4, 2, 4, 2)
        grid.addWidget(self.moment, 0, 0)
        grid.addWidget(self.on_map, 0, 1)
        grid.addWidget(self.slider, 1, 0, 1, 2)
        grid.setColumnStretch(0, 1)
        self.slider.valueChanged.connect(self._slid)
        self.moment.dateTimeChanged.connect(self._typed)

    def show_stops(self, stops: List[float], moment: Optional[float], clock: LocalTime) -> None:
        """Show other stops, and a moment; nothing is told."""
        self.stops, self._clock = stops, clock
        self._setting = True
        self.slider.setRange(0, max(0, len(stops) - 1))
        self.slider.setEnabled(len(stops) > 1)
        self._setting = False
        if moment is not None:
            self.set_moment(moment)

    def set_moment(self, moment: float) -> None:
        """Show a moment; nothing is told."""
        self._setting = True
        self.moment.setDateTime(QDateTime.fromSecsSinceEpoch(int(moment), self._clock.zone))
        self.slider.setValue(self.stop_at(moment))
        self._setting = False

    def stop_at(self, moment: float) -> int:
        """The number of the last change until a moment; the first where there was none."""
        return max(0, sum(stop <= moment for stop in self.stops) - 1)

    def asked(self) -> float:
        """The moment that is shown."""
        shown = self.moment.dateTime()
        # The field may hand its time back without the zone: its clock is the theatre's.
        return float(QDateTime(shown.date(), shown.time(), self._clock.zone).toSecsSinceEpoch())

    def _slid(self, number: int) -> None:
        if self._setting or not self.stops:
            return
        self.set_moment(self.stops[number])
        self.chosen.emit(self.stops[number])

    def _typed(self, *_) -> None:
        if self._setting:
            return
        moment = self.asked()
        self._setting = True
        self.slider.setValue(self.stop_at(moment))
        self._setting = False
        self.chosen.emit(moment)
