"""What stands in the panel of briefs: the form, what the brief will hold, earlier briefs."""

from __future__ import annotations

from typing import Dict, List

from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QAction,
    QLabel,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QStyle,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ..empty_state import EmptyState
from ..flow_layout import FlowLayout
from ..local_time import LocalTime
from .form import BriefForm
from .past import PastBrief

SIGNS = {
    "info": QStyle.StandardPixmap.SP_MessageBoxInformation,
    "attention": QStyle.StandardPixmap.SP_MessageBoxWarning,
    "serious": QStyle.StandardPixmap.SP_MessageBoxCritical,
}
CARRIED = Qt.ItemDataRole.UserRole


class BriefsPage(QStackedWidget):
    """Shows what the panel hands it. ``line_chosen`` carries a line of the contents."""

    line_chosen = pyqtSignal(object)

    def __init__(self, panel):
        super().__init__(panel)
        actions = panel.commands.actions
        self.empty = EmptyState(
            self.tr("No ledger is open"),
            self.tr(
                "Open a ledger, or the demo. This panel then says what the brief of a period will "
                "hold and what it will lack, shows it, and makes it."
            ),
            [actions["demo"], actions["open"]],
            self,
        )
        self.form = BriefForm(self)
        self.summary = QLabel(self)
        self.summary.setWordWrap(True)
        self.summary.setAccessibleName(self.tr("How it stands"))
        self.contents = self._tree(
            [self.tr("What will be in it, and what is missing")],
            self.tr("Press Enter on a line to see its incidents"),
        )
        self.contents.setRootIsDecorated(False)
        self.contents.itemActivated.connect(self._activated)
        self.past = self._tree(
            [self.tr("Earlier briefs"), self.tr("As known on"), self.tr("Level")],
            self.tr("Briefs that were made from this ledger, the latest first"),
        )
        self.past.setRootIsDecorated(False)
        self.nothing_yet = QLabel(
            self.tr("No brief of this ledger lies beside it yet. “Make” makes one."), self
        )
        self.nothing_yet.setWordWrap(True)
        self._lay_out(panel.own)

    def show_contents(self, lines: List[dict]) -> None:
        """List the lines of ``ceasefire:briefcontents``."""
        self.contents.clear()
        for line in lines:
            item = QTreeWidgetItem([line["sentence"]])
            item.setIcon(0, self.style().standardIcon(SIGNS[line["severity"]]))
            item.setData(0, CARRIED, line)
            tip = line["sentence"]
            if line.get("filter"):
                tip += "\n" + self.tr("Press Enter to see them in the panel of incidents.")
            item.setToolTip(0, tip)
            self.contents.addTopLevelItem(item)

    def show_past(self, briefs: List[PastBrief], clock: LocalTime) -> None:
        """List earlier briefs."""
        self.past.clear()
        for brief in briefs:
            words = f"{brief.title} ({_day(brief.begins, clock)} – {_day(brief.ends, clock, -1)})"
            item = QTreeWidgetItem([words, _moment(brief.as_of, clock), brief.release])
            item.setData(0, CARRIED, brief)
            item.setToolTip(0, str(brief.folder))
            self.past.addTopLevelItem(item)
        if briefs:
            self.past.setCurrentItem(self.past.topLevelItem(0))
        self.past.setVisible(bool(briefs))
        self.nothing_yet.setVisible(not briefs)

    def chosen_brief(self):
        """The earlier brief that is chosen; None where there is none."""
        item = self.past.currentItem()
        return None if item is None else item.data(0, CARRIED)

    def _activated(self, item: QTreeWidgetItem, _column: int) -> None:
        self.line_chosen.emit(item.data(0, CARRIED))

    def _tree(self, headings: List[str], tip: str) -> QTreeWidget:
        tree = QTreeWidget(self)
        tree.setHeaderLabels(headings)
        tree.setToolTip(tip)
        tree.setAccessibleName(headings[0])
        tree.setWordWrap(True)
        tree.setUniformRowHeights(False)
        tree.header().setStretchLastSection(True)
        return tree

    def _lay_out(self, own: Dict[str, QAction]) -> None:
        above, below = QWidget(self), QWidget(self)
        column = QVBoxLayout(above)
        column.addWidget(self.form)
        column.addWidget(self._buttons(own, ("preview", "make"), above))
        column.addWidget(self.summary)
        column.addStretch(1)
        lower = QVBoxLayout(below)
        lower.addWidget(self.nothing_yet)
        lower.addWidget(self.past, 1)
        lower.addWidget(self._buttons(own, ("open", "folder", "since", "again"), below))
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setWidget(above)
        self.whole = QSplitter(Qt.Orientation.Vertical, self)
        for part, share in ((scroll, 3), (self.contents, 2), (below, 2)):
            self.whole.addWidget(part)
            self.whole.setStretchFactor(self.whole.count() - 1, share)
        self.addWidget(self.empty)
        self.addWidget(self.whole)

    def _buttons(self, own: Dict[str, QAction], names, parent: QWidget) -> QWidget:
        row = QWidget(parent)
        flow = FlowLayout(row, spacing=6)
        flow.setContentsMargins(0, 0, 0, 0)
        for name in names:
            button = QToolButton(row)
            button.setDefaultAction(own[name])
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.setAccessibleName(own[name].toolTip())
            flow.addWidget(button)
        return row


def _day(written: str, clock: LocalTime, less_s: int = 0) -> str:
    from datetime import datetime

    return clock.text(datetime.fromisoformat(written).timestamp() + less_s, "day")


def _moment(written: str, clock: LocalTime) -> str:
    from datetime import datetime

    return clock.text(datetime.fromisoformat(written).timestamp())
