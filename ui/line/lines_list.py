"""The list of contact lines: parties, dates, length, uncertainty and source."""

from __future__ import annotations

from typing import List, Optional

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem

from ...model.vocabulary import label
from ..local_time import LocalTime
from .reader import LineRow

RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
ID = Qt.ItemDataRole.UserRole


class LinesList(QTreeWidget):
    """Lines in force first; the others below, closed, under a heading that says how many."""

    def __init__(self, parent=None):
        super().__init__(parent)
        self.setHeaderLabels(
            [
                self.tr("Line"),
                self.tr("Left | right"),
                self.tr("In force"),
                self.tr("Length"),
                self.tr("±"),
                self.tr("Kind"),
                self.tr("Source"),
            ]
        )
        self.setAccessibleName(self.tr("Contact lines"))
        self.setToolTip(
            self.tr("The lines in force on the date; double-click or Enter shows one on the map")
        )
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.header().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)

    def show_lines(self, lines: List[LineRow], moment: float, clock: LocalTime) -> None:
        """List the lines as of a moment; what was selected stays so."""
        before = self.line_id()
        self.clear()
        now = [line for line in lines if line.in_force(moment)]
        others = [line for line in lines if not line.in_force(moment)]
        for line in now:
            self.addTopLevelItem(self._item(line, clock))
        if others:
            heading = QTreeWidgetItem(
                [self.tr("Not in force then: %1").replace("%1", str(len(others)))]
            )
            heading.setFlags(Qt.ItemFlag.ItemIsEnabled)
            self.addTopLevelItem(heading)
            heading.setFirstColumnSpanned(True)
            heading.addChildren([self._item(line, clock) for line in others])
        for column in range(self.columnCount() - 1):
            self.resizeColumnToContents(column)
        self.select(before)

    def line_id(self) -> Optional[str]:
        """The line that is selected."""
        item = self.currentItem()
        return None if item is None else item.data(0, ID)

    def select(self, line_id: Optional[str]) -> None:
        """Select a line where it is listed."""
        for index in range(self.topLevelItemCount()):
            item = self.topLevelItem(index)
            if line_id is not None and item.data(0, ID) == line_id:
                self.setCurrentItem(item)

    def _item(self, line: LineRow, clock: LocalTime) -> QTreeWidgetItem:
        unknown = self.tr("not known")
        parties = f"{line.left or unknown} | {line.right or unknown}"
        length = unknown if line.length_m is None else f"{line.length_m / 1000:,.1f} km"
        uncertainty = unknown if line.uncertainty_m is None else f"{line.uncertainty_m:,.0f} m"
        kind = label("line_kinds", line.kind) if line.kind else unknown
        texts = [
            line.name,
            parties,
            self.validity(line, clock),
            length,
            uncertainty,
            kind,
            line.source or unknown,
        ]
        item = QTreeWidgetItem(texts)
        item.setData(0, ID, line.line_id)
        for column, text in enumerate(texts):
            item.setToolTip(column, text)
        for column in (3, 4):
            item.setTextAlignment(
                column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            )
        return item

    def validity(self, line: LineRow, clock: LocalTime) -> str:
        """From when until when, by the theatre's clocks."""
        begin = clock.text(line.begin) or self.tr("always")
        return f"{begin} – {clock.text(line.end) or self.tr('open')}"
