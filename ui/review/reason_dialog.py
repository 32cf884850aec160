"""Asks why, where a step of review needs a reason of its own."""

from __future__ import annotations

from typing import Callable

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLineEdit, QVBoxLayout


class ReasonDialog(QDialog):
    """One line for the reason; ``then`` gets it. Shown by ``open``, so that QGIS goes on."""

    def __init__(self, sentence: str, reason: str, then: Callable[[str], None], parent=None):
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Reason"))
        self.setMinimumWidth(420)
        words = QLabel(sentence, self)
        words.setWordWrap(True)
        words.setTextFormat(Qt.TextFormat.PlainText)
        self.line = QLineEdit(reason, self)
        self.line.setAccessibleName(self.tr("Reason"))
        self.line.setToolTip(self.tr("Kept in the history with this review"))
        self.line.setPlaceholderText(self.tr("Say why"))
        self.line.selectAll()
        words.setBuddy(self.line)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel, self
        )
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.line.textChanged.connect(self._enable)
        column = QVBoxLayout(self)
        for widget in (words, self.line, self.buttons):
            column.addWidget(widget)
        self.accepted.connect(lambda: then(self.line.text().strip()))
        self._enable()

    def _enable(self, *_) -> None:
        ok = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        ok.setEnabled(bool(self.line.text().strip()))
