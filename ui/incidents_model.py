"""The incidents of the open ledger as a table, sorted and filtered in the source."""

from __future__ import annotations

from enum import IntEnum
from typing import Any, Callable, Dict, List, Optional

from qgis.PyQt.QtCore import QAbstractTableModel, QModelIndex, Qt
from qgis.PyQt.QtGui import QFont, QIcon

from . import incident_words as words
from .icons import icon
from .incident_filter import IncidentFilter, apply_filter, columns_of
from .incident_row import IncidentRow
from .local_time import LocalTime


class Column(IntEnum):
    """The columns, from left to right."""

    TIME = 0
    WHAT = 1
    NUMBER = 2
    PLACE = 3
    FLAG = 4
    DISTANCE = 5
    SIDE = 6
    FINDING = 7
    SOURCE = 8
    VERIFICATION = 9


SORT_KEYS: Dict[Column, Callable[[IncidentRow], Any]] = {
    Column.TIME: lambda row: row.occurred_from,
    Column.WHAT: lambda row: words.what(row).lower(),
    Column.NUMBER: lambda row: row.count_low if row.count_low is not None else row.count_high,
    Column.PLACE: lambda row: words.place(row).lower() or None,
    Column.FLAG: lambda row: words.FLAGS.index(words.flag_of(row)),
    Column.DISTANCE: lambda row: row.line_distance_m,
    Column.SIDE: lambda row: words.side(row) or None,
    Column.FINDING: lambda row: row.finding,
    Column.SOURCE: lambda row: row.source,
    Column.VERIFICATION: lambda row: words.verification(row) or None,
}
RIGHT = (Column.NUMBER, Column.DISTANCE)


class IncidentsModel(QAbstractTableModel):
    """Rows that pass the filter, in the order of the sorted column; unknown values come last."""

    def __init__(self, parent=None):
        super().__init__(parent)
        self.clock = LocalTime("UTC")
        self._rows: List[IncidentRow] = []
        self._columns = None
        self._sorted: List[int] = []
        self._shown: List[int] = []
        self._position: Dict[int, int] = {}
        self._sort = (Column.TIME, Qt.SortOrder.DescendingOrder)
        self._filter = IncidentFilter()
        self.filtered = apply_filter([], [], self._filter)
        self._icons: Dict[str, QIcon] = {}
        self._titles = self._column_titles()

    def set_rows(self, rows: List[IncidentRow], clock: LocalTime) -> None:
        """Show these incidents, their times by this clock."""
        self.beginResetModel()
        self._rows = rows
        self._columns = columns_of(rows) if rows else None
        self.clock = clock
        self._order_rows()
        self._select_rows()
        self.endResetModel()

    def set_filter(self, asked: IncidentFilter) -> None:
        """Show only what is asked for."""
        if asked == self._filter:
            return
        self.beginResetModel()
        self._filter = asked
        self._select_rows()
        self.endResetModel()

    def total(self) -> int:
        """How many incidents there are without the filter."""
        return len(self._rows)

    def row_at(self, position: int) -> IncidentRow:
        """The incident in a row of the table."""
        return self._rows[self._shown[position]]

    def position_of(self, fid: int) -> Optional[int]:
        """The row of the table that shows a feature; None where the filter hides it."""
        return self._position.get(fid)

    # What a view asks

    def rowCount(self, parent=QModelIndex()):  # noqa: B008 (as Qt has it)
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent=QModelIndex()):  # noqa: B008 (as Qt has it)
        return 0 if parent.isValid() else len(Column)

    def headerData(self, section, orientation, role=Qt.ItemDataRole.DisplayRole):
        if orientation != Qt.Orientation.Horizontal or section >= len(self._titles):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._titles[section]
        if role == Qt.ItemDataRole.ToolTipRole and section == Column.TIME:
            return self.tr("When it began, by the clocks of %1").replace("%1", self.clock.name)
        return None

    def data(self, index, role=Qt.ItemDataRole.DisplayRole):
        if not index.isValid():
            return None
        row, column = self.row_at(index.row()), Column(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(row, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(row, column)
        if role == Qt.ItemDataRole.DecorationRole and column == Column.FLAG:
            return self._flag_icon(words.flag_of(row))
        if role == Qt.ItemDataRole.TextAlignmentRole and column in RIGHT:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.FontRole and row.workflow == "withdrawn":
            font = QFont()
            font.setStrikeOut(True)
            return font
        return None

    def sort(self, column, order=Qt.SortOrder.AscendingOrder):
        if column < 0:
            return
        self.beginResetModel()
        self._sort = (Column(column), order)
        self._order_rows()
        self._select_rows()
        self.endResetModel()

    def text(self, row: IncidentRow, column: Column) -> str:
        """What a cell says."""
        if column == Column.TIME:
            return self.clock.text(row.occurred_from, row.time_precision)
        if column == Column.WHAT:
            return words.what(row)
        if column == Column.NUMBER:
            return words.number(row)
        if column == Column.PLACE:
            return words.place(row)
        if column == Column.FLAG:
            return words.short_label(words.flag_of(row))
        if column == Column.DISTANCE:
            return words.distance(row.line_distance_m)
        if column == Column.SIDE:
            return words.side(row)
        if column == Column.FINDING:
            return row.finding or ""
        if column == Column.SOURCE:
            return row.source or ""
        return words.verification(row)

    def _tip(self, row: IncidentRow, column: Column) -> str:
        if column == Column.FINDING and row.finding_is_old():
            return self.tr("The incident was revised since; flag again. %1").replace(
                "%1", row.finding or ""
            )
        if column == Column.WHAT and row.term:
            return self.tr("The source's own term: %1").replace("%1", row.term)
        return self.text(row, column)

    def _flag_icon(self, flag: str) -> QIcon:
        if flag not in self._icons:
            self._icons[flag] = icon(f"flag_{flag}")
        return self._icons[flag]

    def _order_rows(self) -> None:
        column, order = self._sort
        key = SORT_KEYS[column]
        keys = [key(row) for row in self._rows]
        known = [index for index, value in enumerate(keys) if value is not None]
        unknown = [index for index, value in enumerate(keys) if value is None]
        known.sort(key=keys.__getitem__, reverse=order == Qt.SortOrder.DescendingOrder)
        self._sorted = known + unknown

    def _select_rows(self) -> None:
        self.filtered = apply_filter(self._rows, self._sorted, self._filter, self._columns)
        self._shown = self.filtered.indices
        self._position = {self._rows[at].fid: place for place, at in enumerate(self._shown)}

    def _column_titles(self) -> List[str]:
        return [
            self.tr("Local time"),
            self.tr("What"),
            self.tr("Number"),
            self.tr("Place"),
            self.tr("Flag"),
            self.tr("Distance"),
            self.tr("Side"),
            self.tr("Finding"),
            self.tr("Source"),
            self.tr("Verification"),
        ]
