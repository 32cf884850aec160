"""Which incidents a review refused, and why, in a table."""

from __future__ import annotations

from typing import Dict

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


class RefusedDialog(QDialog):
    """A sentence, and a row for each incident that was refused."""

    def __init__(self, sentence: str, reasons: Dict[str, str], parent=None):
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Not reviewed"))
        self.resize(640, 320)
        self._reasons = reasons
        words = QLabel(sentence, self)
        words.setWordWrap(True)
        self.table = QTableWidget(len(reasons), 2, self)
        self.table.setAccessibleName(self.tr("Incidents that were refused, with the reasons"))
        self.table.setHorizontalHeaderLabels([self.tr("Incident"), self.tr("Reason")])
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.verticalHeader().hide()
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        for number, (incident_id, reason) in enumerate(reasons.items()):
            reason = f"{reason[:1].upper()}{reason[1:]}"
            for column, text in enumerate((incident_id, reason)):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                self.table.setItem(number, column, item)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        copy = buttons.addButton(self.tr("Copy"), QDialogButtonBox.ButtonRole.ActionRole)
        copy.setToolTip(self.tr("Copy the table, as a spreadsheet takes it"))
        copy.clicked.connect(self._copy)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        for widget in (words, self.table, buttons):
            column.addWidget(widget)
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _copy(self) -> None:
        lines = [f"{incident_id}\t{reason}" for incident_id, reason in self._reasons.items()]
        QgsApplication.clipboard().setText("\n".join(lines) + "\n")
