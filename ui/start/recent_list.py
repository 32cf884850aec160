"""The ledgers opened lately; those out of reach are greyed, with the reason."""

from __future__ import annotations

from pathlib import Path

from qgis.PyQt.QtCore import QEvent, Qt, pyqtSignal
from qgis.PyQt.QtGui import QPalette
from qgis.PyQt.QtWidgets import QAction, QListWidget, QListWidgetItem

from ...processing.ledger.place import is_in_database
from ..ledger_session import LedgerSession

PATH = Qt.ItemDataRole.UserRole
THERE = Qt.ItemDataRole.UserRole + 1
ROWS_SHOWN = 5


class RecentList(QListWidget):
    """Enter or a double click opens a ledger; Delete takes it off the list."""

    chosen = pyqtSignal(str)
    missing = pyqtSignal(str)

    def __init__(self, session: LedgerSession, parent=None):
        super().__init__(parent)
        self._session = session
        self.setAccessibleName(self.tr("Ledgers opened lately"))
        self.setToolTip(
            self.tr("Enter or a double click opens a ledger; Delete takes it off this list")
        )
        self.setAlternatingRowColors(True)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self._add_action(self.tr("Open"), self._open_current)
        self._add_action(self.tr("Take off this list"), self.forget_current)
        self.itemDoubleClicked.connect(lambda item: self._open(item))

    def fill(self) -> None:
        """Show what the session remembers."""
        current = self.currentItem().data(PATH) if self.currentItem() else None
        self.clear()
        for path in self._session.remembered():
            item = QListWidgetItem(self)
            there = self._session.is_there(path)
            item.setData(PATH, path)
            item.setData(THERE, there)
            self._word(item, path, there)
            if path == current:
                self.setCurrentItem(item)
        if self.currentItem() is None and self.count():
            self.setCurrentRow(0)
        high = max(1, min(ROWS_SHOWN, self.count())) * max(18, self.sizeHintForRow(0))
        self.setFixedHeight(high + 2 * self.frameWidth() + 2)

    def forget_current(self) -> None:
        """Take the current ledger off the list."""
        item = self.currentItem()
        if item is not None:
            self._session.forget(item.data(PATH))
            self.fill()

    def keyPressEvent(self, event):
        """Enter opens, Delete forgets."""
        if event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._open_current()
                return
            if event.key() == Qt.Key.Key_Delete:
                self.forget_current()
                return
        super().keyPressEvent(event)

    def _word(self, item: QListWidgetItem, path: str, there: bool) -> None:
        name = path if is_in_database(path) else Path(path).stem
        where = self.tr("team") if is_in_database(path) else str(Path(path).parent)
        if path == self._session.path:
            item.setText(self.tr("%1 (open) · %2").replace("%1", name).replace("%2", where))
        elif there:
            item.setText(f"{name} · {where}")
        else:
            item.setText(f"{name} · {self._reason(path)}")
            grey = self.palette().color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text)
            item.setForeground(grey)
        item.setToolTip(path if there else f"{path}\n{self._reason(path)}")
        item.setData(Qt.ItemDataRole.AccessibleTextRole, item.text())

    def _reason(self, path: str) -> str:
        if is_in_database(path):
            return self.tr("QGIS does not know its connection any more")
        if not Path(path).parent.is_dir():
            return self.tr("its folder is out of reach: a drive that is not there?")
        return self.tr("the file was moved or deleted")

    def _open_current(self) -> None:
        if self.currentItem() is not None:
            self._open(self.currentItem())

    def _open(self, item: QListWidgetItem) -> None:
        path = item.data(PATH)
        if self._session.is_there(path):
            self.chosen.emit(path)
            return
        self.missing.emit(
            self.tr("“%1” cannot be opened: %2.")
            .replace("%1", path)
            .replace("%2", self._reason(path))
        )
        self.fill()

    def _add_action(self, text: str, slot) -> None:
        action = QAction(text, self)
        action.triggered.connect(lambda *_: slot())
        self.addAction(action)
