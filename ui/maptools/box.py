"""The box over the map's corner in which a map tool is set, or its values are typed."""

from __future__ import annotations

from qgis.gui import QgsFloatingWidget
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QKeySequence
from qgis.PyQt.QtWidgets import (
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QShortcut,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ..icons import icon

HELP_PAGE = "desktop.md"


class Box(QgsFloatingWidget):
    """A frame over the map: the tool's name, a sentence that says what to do, and ``form``.

    ``closed`` says that the tool is to be put away, ``escaped`` that Esc was pressed in it.
    """

    closed = pyqtSignal()
    escaped = pyqtSignal()

    def __init__(self, part, name: str, hint: str):
        canvas = part.iface.mapCanvas()
        super().__init__(canvas)
        title = part.choices[name].text().rstrip("…")
        self.setAccessibleName(title)
        self.setAnchorWidget(canvas)
        self.setAnchorPoint(QgsFloatingWidget.AnchorPoint.TopRight)
        self.setAnchorWidgetPoint(QgsFloatingWidget.AnchorPoint.TopRight)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(6, 6, 6, 6)
        self.frame = QFrame(self)
        self.frame.setFrameShape(QFrame.Shape.StyledPanel)
        self.frame.setAutoFillBackground(True)
        outer.addWidget(self.frame)
        column = QVBoxLayout(self.frame)
        column.setContentsMargins(8, 6, 8, 8)
        column.addLayout(self._heading(title, part.commands))
        # The map may be lower than what is to be filled in: that scrolls, the buttons stay.
        self.page = QWidget(self.frame)
        self.inner = QVBoxLayout(self.page)
        self.inner.setContentsMargins(0, 0, 4, 0)
        self.hint = QLabel(hint, self.page)
        self.hint.setWordWrap(True)
        self.inner.addWidget(self.hint)
        self.form = QFormLayout()
        self.form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        self.inner.addLayout(self.form)
        self._scroll = QScrollArea(self.frame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self.page)
        column.addWidget(self._scroll)
        self.column = column
        self.frame.setFixedWidth(self.fontMetrics().averageCharWidth() * 56)
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.activated.connect(self.escaped)
        self.hide()

    def row(self, title: str, widget: QWidget, tip: str) -> QWidget:
        """Add a control with its label, tooltip and accessible name; returns it."""
        widget.setToolTip(tip)
        widget.setAccessibleName(title)
        label = QLabel(title, self.frame)
        label.setBuddy(widget)
        self.form.addRow(label, widget)
        return widget

    def say(self, sentence: str) -> None:
        """Put a sentence in place of the hint."""
        self.hint.setText(sentence)
        self.fit()

    def fit(self) -> None:
        """Be as high as the content, and no higher than the map."""
        self._scroll.setFixedHeight(0)
        self.frame.layout().activate()
        self.layout().activate()
        around = self.sizeHint().height()
        width = self.frame.width() - self._scroll.verticalScrollBar().sizeHint().width() - 24
        wanted = max(self.page.sizeHint().height(), self.page.heightForWidth(width)) + 2
        room = max(self.parentWidget().height() - around, self.fontMetrics().height() * 3)
        self._scroll.setFixedHeight(min(wanted, room))
        self.frame.layout().activate()
        self.layout().activate()
        self.adjustSize()

    def mousePressEvent(self, event):
        """A click between the controls is none on the map below."""
        event.accept()

    def mouseReleaseEvent(self, event):
        """As above."""
        event.accept()

    def mouseDoubleClickEvent(self, event):
        """As above."""
        event.accept()

    def wheelEvent(self, event):
        """As above: turning the wheel here does not zoom."""
        event.accept()

    def _heading(self, title: str, commands) -> QHBoxLayout:
        row = QHBoxLayout()
        name = QLabel(title, self.frame)
        font = name.font()
        font.setBold(True)
        name.setFont(font)
        row.addWidget(name, 1)
        about = self._button(self.tr("Help"), self.tr("How to use the map tools"))
        about.setIcon(icon("help"))
        about.clicked.connect(lambda *_: commands.help(HELP_PAGE))
        close = self._button(self.tr("Close"), self.tr("Put this tool away (Esc)"))
        close.setText("✕")
        close.clicked.connect(self.closed)
        row.addWidget(about)
        row.addWidget(close)
        return row

    def _button(self, name: str, tip: str) -> QToolButton:
        button = QToolButton(self.frame)
        button.setAutoRaise(True)
        button.setAccessibleName(name)
        button.setToolTip(tip)
        return button
