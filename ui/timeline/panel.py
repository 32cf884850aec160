"""The panel of time: how much happened when, what was observed, and the period of all panels."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Optional

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QDate, Qt
from qgis.PyQt.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from ..panel import Panel
from .calendar import BEFORE_S


class TimelinePanel(Panel):
    """Counts along time under the filter of the incidents panel, whose period it sets."""

    NAME = "timeline"
    ICON = "timeline"
    AREA = Qt.DockWidgetArea.BottomDockWidgetArea

    def title(self) -> str:
        return self.tr("Ceasefire Monitor: timeline")

    def short_title(self) -> str:
        return self.tr("Timeline")

    def tip(self) -> str:
        return self.tr(
            "Show or hide the timeline: counts by hour, day or week, with what was observed"
        )

    def build(self) -> QWidget:
        from ..empty_state import EmptyState
        from .bar import TimelineBar
        from .chart import TimelineChart
        from .legend import TimelineLegend
        from .map_time import MapTime
        from .view import TimelineView

        self.view = TimelineView()
        self.bar, self.chart = TimelineBar(self), TimelineChart(self.view, self)
        self.legend = TimelineLegend(self)
        self.map_time = MapTime(self.iface.mapCanvas(), self)
        self._reader = None
        # A task without a reference in Python loses its Python half, even while it is cancelled.
        self._running: set = set()
        self._read_of: Optional[str] = None
        self._asked = None
        actions = self.commands.actions
        self.empty = EmptyState(
            self.tr("Nothing to show along time yet"),
            self.tr(
                "Open a ledger that holds incidents with times, or import a feed's file. The "
                "timeline then shows when they were, and when somebody was able to observe."
            ),
            [actions["demo"], actions["open"], actions["import"]],
            self,
        )
        self._connect()
        return self._lay_out()

    def refresh(self) -> None:
        """Read what the session holds now, in a task; what is shown stays until then."""
        path, rows = self.session.path, self.session.rows
        if path is None:
            self._stop_reading()
            self._read_of = None
            self.view.columns = None
            self._show()
            return
        if self._read_of == path and self._rows is rows:
            self._filter_changed()
            return
        from .reader import TimelineReader

        self._stop_reading()
        reader = TimelineReader(path, rows, self._read)
        self._reader = reader
        self._running.add(reader)
        QgsApplication.taskManager().addTask(reader)

    def take_back(self) -> None:
        self._stop_reading()
        self.commands.incidents.filter.changed.disconnect(self._filter_changed)
        self.map_time.unload()

    def showEvent(self, event):
        """Also bring up to date what the filter did while nobody looked."""
        built = self.built
        super().showEvent(event)
        if built:
            self._filter_changed()

    # Reading

    def _stop_reading(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.cancel()

    def _read(self, reader) -> None:
        self._running.discard(reader)
        if reader is not self._reader:
            return
        self._reader = None
        if reader.columns is None:
            return
        from .calendar import Calendar

        calendar = Calendar(
            self.session.clock.name, self.session.settings.get("reporting_day_start")
        )
        keep = reader.path == self._read_of
        self._read_of, self._rows = reader.path, reader.rows
        self.view.show(reader.columns, reader.band, calendar, keep)
        self.view.marks, self.view.centre = reader.marks, reader.centre
        self._asked = None
        self._trouble = reader.sentence
        self._filter_changed()

    # The filter, the map and the chart tell each other of the period

    def _filter_changed(self) -> None:
        if self.view.columns is None:
            self._show()
            return
        asked = self.commands.incidents.filter.asked(self.session.clock)
        period = (asked.start, asked.end)
        backwards = None not in period and period[1] <= period[0]
        self.map_time.show((None, None) if backwards else period, self.session.layer())
        if not self.isVisible():
            return
        from .passing import passing, without_period

        self.view.period = period
        unlimited = without_period(asked)
        if unlimited != self._asked:
            self._asked = unlimited
            self.view.chosen = passing(self._rows, unlimited)
        self.bar.show_period(*self.commands.incidents.filter.period())
        self._show()

    def _choose(self, first: Optional[date], last: Optional[date]) -> None:
        """Make days the period of all panels."""
        days = (
            None if day is None else QDate(day.year, day.month, day.day) for day in (first, last)
        )
        self.commands.incidents.filter.set_period(*days)

    def _map_chosen(self, span: tuple) -> None:
        """Somebody gave the temporal controller a fixed range: its whole days are the period."""
        if self.view.columns is None:
            return
        start, end = span
        calendar = self.view.calendar
        first = None if start is None else calendar.day_of(start)
        last = None if end is None else calendar.day_of(end - BEFORE_S)
        if first is None and last is None:
            self._choose(None, None)
            return
        self.map_time.keep_for(
            (
                None if first is None else calendar.start_of(first),
                None if last is None else calendar.start_of(last + timedelta(days=1)),
            )
        )
        self._choose(first, last)

    def _map_seen(self, span: tuple) -> None:
        self.view.map_range = None if None in span else span
        if self.isVisible():
            self.chart.refresh()

    # What it shows

    def _show(self) -> None:
        some = self.view.has_times()
        self.pages.setCurrentWidget(self.whole if some else self.empty)
        if some:
            self.chart.refresh()

    def _viewed(self) -> None:
        scene = self.chart.scene
        if scene is None:
            return
        from .words import summary

        self.legend.show_scene(scene)
        self.bar.summary.setText(summary(scene, self.view.wanted))
        self.bar.summary.setToolTip(self._trouble or self.bar.summary.text())

    def _wish_changed(self) -> None:
        self.view.wanted = self.bar.step.currentData()
        self.view.unit = self.bar.unit.currentData()
        self._show()

    def _connect(self) -> None:
        self._rows: list = []
        self._trouble = ""
        self.bar.changed.connect(self._wish_changed)
        self.bar.typed.connect(self._choose)
        self.bar.whole.connect(self.chart.show_whole)
        self.chart.brushed.connect(self._choose)
        self.chart.viewed.connect(self._viewed)
        self.map_time.chosen.connect(self._map_chosen)
        self.map_time.seen.connect(self._map_seen)
        self.commands.incidents.filter.changed.connect(self._filter_changed)

    def _lay_out(self) -> QWidget:
        self.pages = QStackedWidget(self)
        self.whole = QWidget(self.pages)
        column = QVBoxLayout(self.whole)
        column.setContentsMargins(2, 2, 2, 2)
        column.setSpacing(2)
        column.addWidget(self.bar)
        column.addWidget(self.chart, 1)
        column.addWidget(self.legend)
        self.pages.addWidget(self.empty)
        self.pages.addWidget(self.whole)
        return self.pages
