"""The feeds of the open ledger as a table: a light, what, whence, when, and what is wrong."""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum
from typing import Dict, List, Optional

from qgis.PyQt.QtCore import QAbstractTableModel, QModelIndex, Qt
from qgis.PyQt.QtGui import QIcon

from .feed_row import FeedRow, State, state_sentence, state_words
from .icons import icon
from .local_time import LocalTime


class Column(IntEnum):
    """The columns, from left to right."""

    STATE = 0
    NAME = 1
    SOURCE = 2
    SUCCESS = 3
    NEXT = 4
    TODAY = 5
    REASON = 6


class FeedsModel(QAbstractTableModel):
    """Rows in the order of their names; ``next_run`` and ``running`` come from the watch."""

    def __init__(self, parent=None):
        super().__init__(parent)
        self._rows: List[FeedRow] = []
        self._next: Dict[str, Optional[datetime]] = {}
        self._running: Optional[str] = None
        self._clock = LocalTime("UTC")
        self._why_not = ""
        self._icons: Dict[State, QIcon] = {}
        self._titles = [
            self.tr("State"),
            self.tr("Feed"),
            self.tr("Source"),
            self.tr("Last success"),
            self.tr("Next run"),
            self.tr("New today"),
            self.tr("Reason"),
        ]

    def show(
        self,
        rows: List[FeedRow],
        clock: LocalTime,
        next_runs: Dict[str, Optional[datetime]],
        running: Optional[str],
        why_not: str,
    ) -> None:
        """Show these feeds; ``why_not`` stands for a next run where none will be by itself."""
        same = [row.feed.feed_id for row in rows] == [row.feed.feed_id for row in self._rows]
        if not same:
            self.beginResetModel()
        self._rows, self._clock, self._next = rows, clock, next_runs
        self._running, self._why_not = running, why_not
        if not same:
            self.endResetModel()
        elif rows:
            # Without a reset the selection stays.
            self.dataChanged.emit(
                self.index(0, 0), self.index(len(rows) - 1, self.columnCount() - 1)
            )

    def row_at(self, position: int) -> FeedRow:
        """The feed in a row of the table."""
        return self._rows[position]

    def state_at(self, position: int) -> State:
        """How the feed in a row stands."""
        row = self._rows[position]
        return row.state(row.feed.feed_id == self._running)

    # What a view asks

    def rowCount(self, parent=QModelIndex()):  # noqa: B008 (as Qt has it)
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent=QModelIndex()):  # noqa: B008 (as Qt has it)
        return 0 if parent.isValid() else len(Column)

    def headerData(self, section, orientation, role=Qt.ItemDataRole.DisplayRole):
        if orientation != Qt.Orientation.Horizontal or section >= len(self._titles):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._titles[section]
        if role == Qt.ItemDataRole.ToolTipRole and section in (Column.SUCCESS, Column.NEXT):
            return self.tr("By the clocks of %1").replace("%1", self._clock.name)
        if role == Qt.ItemDataRole.ToolTipRole and section == Column.TODAY:
            return self.tr("Incidents added since the theatre's reporting day began")
        return None

    def data(self, index, role=Qt.ItemDataRole.DisplayRole):
        if not index.isValid():
            return None
        column = Column(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(index.row(), column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(index.row(), column)
        if role == Qt.ItemDataRole.DecorationRole and column == Column.STATE:
            return self._light(self.state_at(index.row()))
        if role == Qt.ItemDataRole.AccessibleTextRole and column == Column.STATE:
            return state_sentence(self.state_at(index.row()))
        if role == Qt.ItemDataRole.TextAlignmentRole and column == Column.TODAY:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def text(self, position: int, column: Column) -> str:
        """What a cell says."""
        row = self._rows[position]
        if column == Column.NAME:
            return row.name()
        if column == Column.STATE:
            return state_words(self.state_at(position))
        if column == Column.SOURCE:
            return row.feed.source or ""
        if column == Column.SUCCESS:
            return self._clock.text(row.last_success()) or self.tr("never")
        if column == Column.NEXT:
            return self._next_words(position)
        if column == Column.TODAY:
            return "" if row.new_today is None else f"{row.new_today:,}"
        return row.reason()

    def _next_words(self, position: int) -> str:
        row = self._rows[position]
        state = self.state_at(position)
        if state is State.RUNNING:
            return self.tr("now")
        if state is State.PAUSED:
            return self.tr("paused")
        moment = self._next.get(row.feed.feed_id)
        return self._clock.text(moment.timestamp()) if moment else self._why_not

    def _tip(self, position: int, column: Column) -> str:
        row = self._rows[position]
        if column == Column.STATE:
            return state_sentence(self.state_at(position))
        if column in (Column.NAME, Column.SOURCE):
            return row.feed.address or row.feed.source or ""
        return self.text(position, column)

    def _light(self, state: State) -> QIcon:
        if state not in self._icons:
            self._icons[state] = icon(f"feed_{state.value}")
        return self._icons[state]
