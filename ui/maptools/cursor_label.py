"""The label beside the cursor on which a map tool says what it measures."""

from __future__ import annotations

from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import QPoint, Qt
from qgis.PyQt.QtGui import QPalette
from qgis.PyQt.QtWidgets import QFrame, QLabel

AWAY = QPoint(18, 18)


class CursorLabel(QLabel):
    """A few lines of text that follow the cursor and stay within the map."""

    def __init__(self, canvas: QgsMapCanvas):
        super().__init__(canvas)
        self.setObjectName("ceasefire_cursor_label")
        self.setAccessibleName(self.tr("What is measured at the cursor"))
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.ToolTipBase)
        self.setForegroundRole(QPalette.ColorRole.ToolTipText)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setMargin(5)
        self.hide()

    def say(self, text: str, at: QPoint) -> None:
        """Show a text beside a place of the canvas; hide where there is none."""
        if not text:
            self.hide()
            return
        self.setText(text)
        self.adjustSize()
        room, place = self.parentWidget().rect(), at + AWAY
        if place.x() + self.width() > room.width():
            place.setX(at.x() - AWAY.x() - self.width())
        if place.y() + self.height() > room.height():
            place.setY(at.y() - AWAY.y() - self.height())
        self.move(max(0, place.x()), max(0, place.y()))
        self.show()
        self.raise_()
