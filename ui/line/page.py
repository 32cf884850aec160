"""What stands in the panel of lines and rules: buttons, date, lines, clauses."""

from __future__ import annotations

from html import escape
from typing import Iterable

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import (
    QAction,
    QLabel,
    QSplitter,
    QStackedWidget,
    QTextBrowser,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ...model.agreement_rule import TextStatus
from ..empty_state import EmptyState
from ..flow_layout import FlowLayout
from .clauses_tree import ClausesTree
from .date_bar import DateBar
from .lines_list import LinesList

TEXT_LINES = 6


class LinePage(QStackedWidget):
    """Shows what the panel hands it."""

    def __init__(self, panel):
        super().__init__(panel)
        actions = panel.commands.actions
        self.empty = EmptyState(
            self.tr("No ledger is open"),
            self.tr(
                "Open a ledger, or the demo. This panel then shows the contact lines in force on a "
                "date, and the clauses of the agreement with what was found by each."
            ),
            [actions["demo"], actions["open"]],
            self,
        )
        self.date = DateBar(self)
        self.lines, self.clauses = LinesList(self), ClausesTree(self)
        self.summary = self._label(self.tr("How many lines are in force"))
        self.text = QTextBrowser(self)
        self.text.setAccessibleName(self.tr("The clause's text"))
        self.text.setToolTip(self.tr("What the chosen clause says, and how far that is verified"))
        self.text.setMinimumHeight(TEXT_LINES * self.fontMetrics().lineSpacing())
        self.links = self._label(self.tr("Select the incidents of this clause"))
        self.links.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByKeyboard
            | Qt.TextInteractionFlag.LinksAccessibleByMouse
        )
        self.drawn = self._label(self.tr("What this clause draws on the map"))
        self._lay_out(panel)

    def show_nothing(self) -> None:
        """No ledger is open."""
        self.clauses.clear()
        self.setCurrentWidget(self.empty)

    def show_ledger(self, reader, moment: float, clock) -> None:
        """Show what was read of a ledger."""
        self._trouble = reader.sentence
        self.date.show_stops(reader.stops, moment, clock)
        self.clauses.show_agreements(reader.agreements, reader.findings)
        self.no_clauses.setVisible(not reader.agreements)
        self.clauses.setVisible(bool(reader.agreements))
        self.below.setVisible(bool(reader.agreements))
        self.setCurrentWidget(self.whole)

    def show_date(self, lines: list, moment: float, clock) -> None:
        """List the lines of a moment, and say how many there are."""
        self.lines.show_lines(lines, moment, clock)
        count = sum(line.in_force(moment) for line in lines)
        if self._trouble:
            words = self._trouble
        elif not lines:
            words = self.tr(
                "This ledger has no contact lines: draw one, make one from coordinates, or import."
            )
        elif not count:
            words = self.tr("No line was in force then.")
        else:
            words = self.tr("Lines in force then: %1.").replace("%1", str(count))
        self.summary.setText(words)

    def show_clause(self, clause, incident_ids: list) -> None:
        """Show a clause's text and how many incidents can be selected."""
        self.drawn.clear()
        if clause is None:
            self.text.clear()
            self.links.clear()
            return
        heading = escape(clause.title or "")
        parts = [f"<b>{escape(clause.reference)} {heading}</b><br>{escape(clause.text)}"]
        if clause.note:
            parts.append(f"<i>{escape(clause.note)}</i>")
        parts.append(f"<small>{escape(self._status(clause.text_status))}</small>")
        for rule in clause.rules:
            parts.append("• " + escape(rule.title))
        self.text.setHtml("<br>".join(parts))
        if not incident_ids:
            self.links.setText(self.tr("No incident was held against it."))
            return
        words = self.tr("Select its %1 incidents").replace("%1", f"{len(incident_ids):,}")
        self.links.setText(f'<a href="#select">{words}</a>')

    def _status(self, status: TextStatus) -> str:
        """How far a clause's words were held against their source."""
        return {
            TextStatus.VERIFIED: self.tr("Held against its source; told in our words."),
            TextStatus.PARAPHRASE: self.tr("The main thing was held against its source."),
            TextStatus.NOT_VERIFIED: self.tr("Not held against a source: check it first."),
        }[status]

    def _label(self, name: str) -> QLabel:
        made = QLabel(self)
        made.setWordWrap(True)
        made.setMargin(2)
        made.setAccessibleName(name)
        made.setToolTip(name)
        return made

    def _lay_out(self, panel) -> None:
        self._trouble = ""
        own = panel.own
        self.no_clauses = self._label(self.tr("No agreement in this ledger"))
        self.no_clauses.setText(
            self.tr(
                "This ledger holds no agreement. “Check the rules…” takes one from its file and "
                "keeps it in the ledger; templates are in the plugin's folder resources/agreements."
            )
        )
        self.below = QWidget(self)
        column = self._column(self.below, (self.text, self.links, self.drawn))
        column.setStretch(0, 1)
        upper, middle = QWidget(self), QWidget(self)
        line_tools = self._buttons(
            own[name] for name in ("draw", "coordinates", "import", "split", "parties", "compare")
        )
        self._column(upper, (self.date, line_tools, self.summary, self.lines)).setStretch(3, 1)
        rule_tools = self._buttons(own[name] for name in ("zones", "check"))
        self._column(middle, (rule_tools, self.no_clauses, self.clauses)).setStretch(2, 1)
        splitter = QSplitter(Qt.Orientation.Vertical, self)
        splitter.setChildrenCollapsible(False)
        for part, stretch in ((upper, 3), (middle, 3), (self.below, 2)):
            splitter.addWidget(part)
            splitter.setStretchFactor(splitter.count() - 1, stretch)
        self.whole = QWidget(self)
        self._column(self.whole, (panel.editor.bar, splitter)).setStretch(1, 1)
        self.addWidget(self.empty)
        self.addWidget(self.whole)

    def _column(self, widget: QWidget, parts: Iterable[QWidget]) -> QVBoxLayout:
        column = QVBoxLayout(widget)
        column.setContentsMargins(2, 2, 2, 2)
        column.setSpacing(2)
        for part in parts:
            column.addWidget(part)
        return column

    def _buttons(self, actions: Iterable[QAction]) -> QWidget:
        row = QWidget(self)
        layout = FlowLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        for action in actions:
            button = QToolButton(row)
            button.setDefaultAction(action)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.setAccessibleName(action.toolTip())
            layout.addWidget(button)
        return row
