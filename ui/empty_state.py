"""What the panel shows while it has nothing to show: what to do, and the buttons for it."""

from __future__ import annotations

from typing import Iterable

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QFont
from qgis.PyQt.QtWidgets import QAction, QLabel, QScrollArea, QToolButton, QVBoxLayout, QWidget

from .flow_layout import FlowLayout


class EmptyState(QScrollArea):
    """A heading, a sentence, buttons for actions, and a place for further widgets below."""

    def __init__(self, heading: str, sentence: str, actions: Iterable[QAction], parent=None):
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        page = QWidget(self)
        self.column = QVBoxLayout(page)
        self.column.setContentsMargins(16, 12, 16, 12)
        self.column.setSpacing(8)
        self.heading = QLabel(heading, page)
        font = QFont(self.heading.font())
        font.setPointSizeF(font.pointSizeF() * 1.25)
        font.setBold(True)
        self.heading.setFont(font)
        self.sentence = QLabel(sentence, page)
        self.sentence.setWordWrap(True)
        self.column.addWidget(self.heading)
        self.column.addWidget(self.sentence)
        self.column.addWidget(self._buttons(actions, page))
        self.column.addStretch(1)
        self.setWidget(page)

    def _buttons(self, actions: Iterable[QAction], page: QWidget) -> QWidget:
        row = QWidget(page)
        layout = FlowLayout(row, spacing=8)
        layout.setContentsMargins(0, 0, 0, 0)
        for action in actions:
            button = QToolButton(row)
            button.setDefaultAction(action)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.setAccessibleName(action.toolTip())
            layout.addWidget(button)
        return row
