"""A layout that goes on in the next line where a row is full, as text does."""

from __future__ import annotations

from qgis.PyQt.QtCore import QPoint, QRect, QSize, Qt
from qgis.PyQt.QtWidgets import QLayout


class FlowLayout(QLayout):
    """Places its widgets from left to right, then in further lines; the lines' height follows."""

    def __init__(self, parent=None, spacing: int = 4):
        super().__init__(parent)
        self._items = []
        self.setSpacing(spacing)

    def addItem(self, item):
        self._items.append(item)

    def count(self):
        return len(self._items)

    def itemAt(self, index):
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index):
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self):
        return Qt.Orientation.Horizontal

    def hasHeightForWidth(self):
        return True

    def heightForWidth(self, width):
        return self._place(QRect(0, 0, width, 0), dry=True)

    def setGeometry(self, rectangle):
        super().setGeometry(rectangle)
        self._place(rectangle, dry=False)

    def sizeHint(self):
        return self.minimumSize()

    def minimumSize(self):
        size = QSize()
        for item in self._shown():
            size = size.expandedTo(item.minimumSize())
        margins = self.contentsMargins()
        return size + QSize(margins.left() + margins.right(), margins.top() + margins.bottom())

    def _shown(self):
        return [item for item in self._items if not item.isEmpty()]

    def _place(self, rectangle: QRect, dry: bool) -> int:
        """Place the items, unless ``dry``; returns the height that they need."""
        margins = self.contentsMargins()
        width = max(rectangle.width() - margins.left() - margins.right(), 1)
        y = rectangle.y() + margins.top()
        for line in self._lines(width):
            height = max(hint.height() for _, hint in line)
            x = rectangle.x() + margins.left()
            for item, hint in line:
                if not dry:
                    middle = y + (height - hint.height()) // 2
                    item.setGeometry(QRect(QPoint(x, middle), hint))
                x += hint.width() + self.spacing()
            y += height + self.spacing()
        return y - self.spacing() + margins.bottom() - rectangle.y()

    def _lines(self, width: int) -> list:
        """The shown items with their sizes, broken into lines of at most ``width``."""
        lines, room = [[]], width
        for item in self._shown():
            hint = item.sizeHint().boundedTo(QSize(width, 10_000))
            if hint.width() > room and lines[-1]:
                lines.append([])
                room = width
            lines[-1].append((item, hint))
            room -= hint.width() + self.spacing()
        return [line for line in lines if line]
