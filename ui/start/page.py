"""What the panel Start shows: the open ledger, others, the demo; each with its buttons."""

from __future__ import annotations

from typing import Dict, Iterable

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QLocale, Qt
from qgis.PyQt.QtGui import QFont
from qgis.PyQt.QtWidgets import (
    QAction,
    QLabel,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ..commands import Commands
from ..flow_layout import FlowLayout
from ..ledger_session import LedgerSession
from ..progress_strip import ProgressStrip
from ..runner import Runner
from .recent_list import RecentList

LARGER = 1.25


class StartPage(QScrollArea):
    """The sections from top to bottom; ``refresh`` words the first by what is open."""

    def __init__(
        self,
        session: LedgerSession,
        commands: Commands,
        own: Dict[str, QAction],
        runner: Runner,
        parent=None,
    ):
        super().__init__(parent)
        self._session = session
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page = QWidget(self)
        self.column = QVBoxLayout(page)
        self.column.setContentsMargins(12, 10, 12, 10)
        self.column.setSpacing(6)
        shared = commands.actions
        self.heading = self._heading("", LARGER)
        self.sentence = self._sentence("")
        self.now_row = self._buttons(
            [own["handover"], *(shared[n] for n in ("import", "flag", "brief")), own["project"]]
            + [own["check"]]
        )
        self.progress = ProgressStrip(runner, page)
        self.column.addWidget(self.progress)
        self._gap()
        self._heading(self.tr("Begin"))
        self._buttons([own["set_up"], *(shared[name] for name in ("open", "team", "new"))])
        self._gap()
        self.recent_heading = self._heading(self.tr("Opened lately"))
        self.recent = RecentList(session, page)
        self.column.addWidget(self.recent)
        self._gap()
        self._heading(self.tr("The demo"))
        self._sentence(
            self.tr(
                "An invented island with three parties, four feeds and a printed brief: try "
                "anything, nothing of it is real. The first time it is made, which takes a minute."
            )
        )
        self._buttons([shared["demo"], own["demo_brief"], shared["help"]])
        self.column.addStretch(1)
        self.setWidget(page)

    def refresh(self) -> None:
        """Word what is open, and list what was opened lately."""
        is_open = self._session.path is not None
        self.heading.setText(self._session.theatre() if is_open else self.tr("No ledger is open"))
        self.sentence.setText(self._about() if is_open else self._what_to_do())
        self.sentence.setToolTip(self._session.path or "")
        self.now_row.setVisible(is_open)
        self.recent.fill()
        for widget in (self.recent_heading, self.recent):
            widget.setVisible(self.recent.count() > 0)

    def _about(self) -> str:
        settings, count = self._session.settings, len(self._session.rows)
        return (
            self.tr("%1 incidents · times of %2 · reporting day from %3\n%4")
            .replace("%1", QLocale().toString(count))
            .replace("%2", self._session.clock.name)
            .replace("%3", settings.get("reporting_day_start") or "00:00")
            .replace("%4", self._session.path)
        )

    def _what_to_do(self) -> str:
        return self.tr(
            "A ledger keeps incidents, lines and findings with their history. Set up your "
            "theatre step by step, open a ledger that is there, or look at the demo first."
        )

    def _heading(self, text: str, larger: float = 1.0) -> QLabel:
        label = QLabel(text, self)
        font = QFont(QgsApplication.font())
        font.setBold(True)
        font.setPointSizeF(max(1.0, font.pointSizeF()) * larger)
        label.setFont(font)
        label.setWordWrap(True)
        self.column.addWidget(label)
        return label

    def _sentence(self, text: str) -> QLabel:
        label = QLabel(text, self)
        label.setWordWrap(True)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.column.addWidget(label)
        return label

    def _buttons(self, actions: Iterable[QAction]) -> QWidget:
        row = QWidget(self)
        layout = FlowLayout(row, spacing=6)
        layout.setContentsMargins(0, 0, 0, 0)
        for action in actions:
            button = QToolButton(row)
            button.setDefaultAction(action)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.setAccessibleName(action.text().rstrip("…"))
            button.setAccessibleDescription(action.toolTip())
            layout.addWidget(button)
        self.column.addWidget(row)
        return row

    def _gap(self) -> None:
        self.column.addSpacing(8)
