"""Keeps the table at its incident while the rows are read again, sorted or filtered."""

from __future__ import annotations

from typing import List, Optional

from qgis.PyQt.QtCore import QItemSelection, QItemSelectionModel, QObject


class KeepPlace(QObject):
    """Remembers the current incident over a reset of the model; and, where no layer of the map
    keeps it, what is selected."""

    def __init__(self, table, session, parent=None):
        super().__init__(parent)
        self._table, self._session = table, session
        self._path: Optional[str] = session.path
        self._current: Optional[int] = None
        self._selected: List[int] = []
        model = table.model()
        model.modelAboutToBeReset.connect(self._remember)
        model.modelReset.connect(self._restore)

    def _remember(self) -> None:
        model, selection = self._table.model(), self._table.selectionModel()
        index = self._table.currentIndex()
        if index.isValid() and index.row() < model.rowCount():
            self._current = model.row_at(index.row()).fid
        self._selected = []
        if self._session.layer() is None:
            self._selected = [model.row_at(i.row()).fid for i in selection.selectedRows()]

    def _restore(self) -> None:
        if self._session.path != self._path:
            # Another ledger has other incidents behind the same numbers.
            self._path, self._current, self._selected = self._session.path, None, []
            return
        model, selection = self._table.model(), self._table.selectionModel()
        flags = QItemSelectionModel.SelectionFlag
        rows = QItemSelection()
        for fid in self._selected:
            position = model.position_of(fid)
            if position is not None:
                index = model.index(position, 0)
                rows.select(index, index)
        if not rows.isEmpty():
            selection.select(rows, flags.ClearAndSelect | flags.Rows)
        position = None if self._current is None else model.position_of(self._current)
        if position is not None:
            selection.setCurrentIndex(model.index(position, 0), flags.NoUpdate)
            self._table.scrollTo(model.index(position, 0))
