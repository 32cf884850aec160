"""The table of incidents: keys, context menu, columns that are remembered."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsApplication, QgsSettings
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QAbstractItemView, QMenu, QTableView

from .incidents_model import Column, IncidentsModel

COLUMNS_KEY = "ceasefire_monitor/incidents_columns"
WIDTHS = {
    Column.TIME: 118,
    Column.WHAT: 110,
    Column.NUMBER: 60,
    Column.PLACE: 110,
    Column.FLAG: 96,
    Column.DISTANCE: 66,
    Column.SIDE: 90,
    Column.FINDING: 340,
    Column.SOURCE: 80,
    Column.VERIFICATION: 90,
}


class IncidentsTable(QTableView):
    """``chosen`` carries the row that was double-clicked or on which Enter was pressed."""

    chosen = pyqtSignal(int)

    def __init__(self, model: IncidentsModel, parent=None):
        super().__init__(parent)
        # What review can do with the rows; the panel sets it.
        self.review_menu: Optional[QMenu] = None
        self.setModel(model)
        self.setAccessibleName(self.tr("Incidents of the open ledger"))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 6)
        self._set_columns()
        self.doubleClicked.connect(lambda index: self.chosen.emit(index.row()))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._show_menu)

    def keep_state(self) -> None:
        """Remember order, widths, hidden columns and sorting."""
        QgsSettings().setValue(COLUMNS_KEY, self.horizontalHeader().saveState())

    def copy_selected(self) -> None:
        """Put the selected rows on the clipboard, with a heading, as a spreadsheet takes them."""
        model, header = self.model(), self.horizontalHeader()
        columns = [
            header.logicalIndex(place)
            for place in range(header.count())
            if not header.isSectionHidden(header.logicalIndex(place))
        ]
        lines = ["\t".join(_cell(model.headerData(c, Qt.Orientation.Horizontal)) for c in columns)]
        for position in sorted(index.row() for index in self.selectionModel().selectedRows()):
            row = model.row_at(position)
            lines.append("\t".join(_cell(model.text(row, Column(c))) for c in columns))
        QgsApplication.clipboard().setText("\n".join(lines) + "\n")

    def keyPressEvent(self, event):
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.chosen.emit(self.currentIndex().row())
        elif (
            event.key() == Qt.Key.Key_C and event.modifiers() == Qt.KeyboardModifier.ControlModifier
        ):
            self.copy_selected()
        else:
            super().keyPressEvent(event)

    def _set_columns(self) -> None:
        header = self.horizontalHeader()
        header.setSectionsMovable(True)
        header.setHighlightSections(False)
        header.setSortIndicator(Column.TIME, Qt.SortOrder.DescendingOrder)
        for column, width in WIDTHS.items():
            self.setColumnWidth(column, width)
        kept = QgsSettings().value(COLUMNS_KEY)
        if kept:
            header.restoreState(kept)
        header.setStretchLastSection(False)
        self.setSortingEnabled(True)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._show_columns_menu)

    def _show_menu(self, place) -> None:
        index = self.indexAt(place)
        if not index.isValid():
            return
        menu = QMenu(self)
        menu.addAction(self.tr("Zoom to the incident"), lambda: self.chosen.emit(index.row()))
        menu.addAction(self.tr("Copy the rows"), self.copy_selected)
        finding = self.model().row_at(index.row()).finding
        if finding:
            menu.addAction(
                self.tr("Copy the finding"),
                lambda: QgsApplication.clipboard().setText(finding),
            )
        if self.review_menu is not None:
            menu.addSeparator()
            menu.addActions(self.review_menu.actions())
        menu.exec(self.viewport().mapToGlobal(place))
        menu.deleteLater()

    def _show_columns_menu(self, place) -> None:
        header = self.horizontalHeader()
        menu = QMenu(self)
        for column in Column:
            action = menu.addAction(self.model().headerData(column, Qt.Orientation.Horizontal))
            action.setCheckable(True)
            action.setChecked(not header.isSectionHidden(column))
            action.setEnabled(column is not Column.TIME)
            action.toggled.connect(
                lambda shown, which=column: header.setSectionHidden(which, not shown)
            )
        menu.exec(header.mapToGlobal(place))
        menu.deleteLater()


def _cell(text: str) -> str:
    """A text that stays in its cell, and that no spreadsheet takes for a formula."""
    flat = " ".join(str(text).split())
    return f"'{flat}" if flat[:1] in ("=", "+", "-", "@") else flat
