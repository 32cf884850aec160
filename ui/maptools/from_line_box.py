"""The box of the tool that measures from the line: date, kind of line, act."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsApplication
from qgis.gui import QgsDateTimeEdit
from qgis.PyQt.QtCore import QDateTime, QTimeZone, pyqtSignal
from qgis.PyQt.QtWidgets import QComboBox, QListWidget, QPushButton

from ...model.vocabulary import label, vocabulary
from .box import Box

ACT = "firing/explosion"


class FromLineBox(Box):
    """What is asked of the lines; ``asked`` says that it is another now."""

    asked = pyqtSignal()

    def __init__(self, part):
        super().__init__(part, "from_line", "")
        self.when = self.row(
            self.tr("In force on"),
            QgsDateTimeEdit(self.frame),
            self.tr("The moment that decides which lines and clauses count, in the theatre's time"),
        )
        self.when.setAllowNull(False)
        self.when.setDisplayFormat("yyyy-MM-dd HH:mm")
        self.kind = self.row(
            self.tr("Kind of line"),
            QComboBox(self.frame),
            self.tr("Which kind of contact line is measured from"),
        )
        self.act = self.row(
            self.tr("Clauses for"),
            QComboBox(self.frame),
            self.tr("The act whose clauses are named where the cursor is"),
        )
        for code in vocabulary("categories"):
            group = code.partition("/")[0].replace("_", " ")
            self.act.addItem(f"{group}: {label('categories', code)}", code)
        self.act.setCurrentIndex(self.act.findData(ACT))
        self.kept = QListWidget(self.frame)
        self.kept.setAccessibleName(self.tr("Places that were measured"))
        self.kept.setToolTip(self.tr("Click on the map to keep what is measured there"))
        self.kept.setMaximumHeight(self.fontMetrics().height() * 5)
        self.kept.setWordWrap(True)
        self.inner.addWidget(self.kept)
        self.copy = QPushButton(self.tr("Copy"), self.frame)
        self.copy.setToolTip(self.tr("Copy the measured places as text"))
        self.copy.clicked.connect(self._copy)
        self.column.addWidget(self.copy)
        self._show_kept()
        self.when.valueChanged.connect(lambda *_: self.asked.emit())
        self.kind.currentIndexChanged.connect(lambda *_: self.asked.emit())
        self.act.currentIndexChanged.connect(lambda *_: self.asked.emit())

    def show_kinds(self, kinds) -> None:
        """Offer these kinds of line; the one chosen before stays where it is among them."""
        before = self.kind.currentData()
        self.kind.blockSignals(True)
        self.kind.clear()
        for code in kinds:
            self.kind.addItem(label("line_kinds", code) or self.tr("not told"), code)
        at = self.kind.findData(before)
        self.kind.setCurrentIndex(max(at, 0) if self.kind.count() else -1)
        self.kind.blockSignals(False)

    def show_moment(self, seconds: float, zone: QTimeZone) -> None:
        """Set the moment, as the theatre's clocks have it."""
        local = QDateTime.fromSecsSinceEpoch(int(seconds), zone)
        self.when.setDateTime(QDateTime(local.date(), local.time()))

    def moment(self, zone: QTimeZone):
        """The moment asked for, aware; None where none is."""
        told: Optional[QDateTime] = self.when.dateTime()
        if told is None or not told.isValid():
            return None
        from datetime import datetime, timezone

        there = QDateTime(told.date(), told.time(), zone)
        return datetime.fromtimestamp(there.toSecsSinceEpoch(), timezone.utc)

    def keep(self, text: str) -> None:
        """Keep one measured place in the list."""
        self.kept.addItem(text)
        self.kept.scrollToBottom()
        self._show_kept()

    def forget(self) -> bool:
        """Empty the list; whether there was anything in it."""
        had = self.kept.count() > 0
        self.kept.clear()
        self._show_kept()
        return had

    def _copy(self) -> None:
        lines = [self.kept.item(row).text() for row in range(self.kept.count())]
        QgsApplication.clipboard().setText("\n".join(lines))

    def _show_kept(self) -> None:
        some = self.kept.count() > 0
        self.kept.setVisible(some)
        self.copy.setVisible(some)
        self.fit()
