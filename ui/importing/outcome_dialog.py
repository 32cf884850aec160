"""After an import: what became of the rows, and those set aside with their reasons."""

from __future__ import annotations

from typing import List, Tuple

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
)


class OutcomeDialog(QDialog):
    """A sentence, and a row for each that was set aside: number, column, value, reason."""

    def __init__(self, sentence: str, rejected: List[Tuple[str, ...]], parent=None):
        super().__init__(parent)
        self.setWindowTitle(self.tr("Imported"))
        self.resize(760, 380)
        self.rejected = rejected
        self.sentence = QLabel(sentence, self)
        self.sentence.setWordWrap(True)
        names = [self.tr("Row"), self.tr("Column"), self.tr("Value"), self.tr("Reason")]
        self.table = QTableWidget(len(rejected), 4, self)
        self.table.setHorizontalHeaderLabels(names)
        self.table.setAccessibleName(self.tr("Rows that were set aside, with the reasons"))
        self.table.setToolTip(self.tr("The rows that were set aside; nothing of them is lost"))
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.verticalHeader().hide()
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)
        for row, texts in enumerate(rejected):
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                self.table.setItem(row, column, item)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        copy = buttons.addButton(self.tr("Copy"), QDialogButtonBox.ButtonRole.ActionRole)
        copy.setToolTip(self.tr("Copy the table, as a spreadsheet takes it"))
        copy.clicked.connect(self._copy)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        for widget in (self.sentence, self.table, buttons):
            column.addWidget(widget)
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _copy(self) -> None:
        lines = ["\t".join(" ".join(text.split()) for text in texts) for texts in self.rejected]
        QgsApplication.clipboard().setText("\n".join(lines) + "\n")
