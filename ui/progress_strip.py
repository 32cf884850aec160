"""What runs, how far it is, and a button to stop it."""

from __future__ import annotations

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from .runner import Runner


class ProgressStrip(QWidget):
    """Follows a runner; hidden while nothing runs."""

    def __init__(self, runner: Runner, parent=None):
        super().__init__(parent)
        self._title = ""
        self.label = QLabel(self)
        self.bar = QProgressBar(self)
        self.bar.setRange(0, 0)
        self.bar.setMaximumWidth(180)
        self.bar.setAccessibleName(self.tr("Progress"))
        self.button = QPushButton(self.tr("Cancel"), self)
        self.button.setToolTip(self.tr("Stop it; what it has made is discarded"))
        self.button.clicked.connect(runner.cancel)
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 0, 6, 2)
        row.addWidget(self.label, 1)
        row.addWidget(self.bar)
        row.addWidget(self.button)
        self.hide()
        runner.started.connect(self._started)
        runner.progressed.connect(self._progressed)
        runner.said.connect(self._said)
        runner.finished.connect(self.hide)

    def _started(self, title: str) -> None:
        self._title = title
        self.label.setText(title)
        self.bar.setRange(0, 0)
        self.show()

    def _progressed(self, percent: float) -> None:
        self.bar.setRange(0, 100)
        self.bar.setValue(int(percent))

    def _said(self, sentence: str) -> None:
        text = f"{self._title}: {sentence}"
        room = max(self.label.width(), 200)
        self.label.setText(
            self.label.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room)
        )
        self.label.setToolTip(text)
