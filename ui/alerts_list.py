"""The alerts that nobody has acknowledged yet, with buttons to show and acknowledge them."""

from __future__ import annotations

from typing import Iterable, List

from qgis.PyQt.QtCore import QSize, Qt, pyqtSignal
from qgis.PyQt.QtGui import QFont
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from .icons import icon
from .local_time import LocalTime

SHOWN = 500
ID_ROLE = Qt.ItemDataRole.UserRole


class AlertsList(QWidget):
    """``acknowledge`` and ``show_on_map`` carry the alerts that were chosen.

    An alert stays until it is acknowledged, whatever happens to the message that told of it.
    """

    acknowledge = pyqtSignal(list)
    show_on_map = pyqtSignal(list)

    def __init__(self, rule_action, parent=None):
        super().__init__(parent)
        self._alerts: list = []
        self._busy = False
        self.heading = QLabel(self)
        font = QFont(self.heading.font())
        font.setBold(True)
        self.heading.setFont(font)
        self.tree = self._make_tree()
        self.empty = QLabel(self)
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.empty.setContentsMargins(4, 4, 4, 4)
        self.empty.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.show_button = self._button(
            self.tr("Show"), self.tr("Show the chosen alerts on the map"), self._show_chosen
        )
        self.one_button = self._button(
            self.tr("Acknowledge"),
            self.tr("Say that the chosen alerts were seen; they leave the list"),
            lambda: self.acknowledge.emit(self.chosen()),
        )
        self.all_button = self._button(
            self.tr("Acknowledge all"),
            self.tr("Say that all alerts of the list were seen"),
            lambda: self.acknowledge.emit(list(self._alerts)),
        )
        self.rule_button = QToolButton(self)
        self.rule_button.setDefaultAction(rule_action)
        self._build()

    def show_alerts(self, alerts: list, clock: LocalTime, rules: int, busy: bool) -> None:
        """List these, the newest first; what was chosen stays so."""
        self._busy = busy
        if [one.alert_id for one in alerts] != [one.alert_id for one in self._alerts]:
            chosen = {one.alert_id for one in self.chosen()}
            self._alerts = alerts
            self._fill(clock, chosen)
        self.heading.setText(
            self.tr("Alerts: %1 to acknowledge").replace("%1", f"{len(alerts):,}")
            if alerts
            else self.tr("Alerts")
        )
        self.empty.setText(
            self.tr("No alert waits to be acknowledged. New ones stay here until they are.")
            if rules
            else self.tr(
                "There is no rule yet that says which incidents to tell you of at once. Make one "
                "with “Alert rule…”: by category, weapon, sector, distance from the line, site or "
                "number."
            )
        )
        self.empty.setVisible(not alerts)
        self.tree.setVisible(bool(alerts))
        self._enable()

    def choose(self, alerts: Iterable) -> None:
        """Choose alerts in the list, and bring the first into view."""
        wanted = {one.alert_id for one in alerts}
        self.tree.clearSelection()
        first = None
        for item in self._items():
            if item.data(0, ID_ROLE) in wanted:
                item.setSelected(True)
                first = first or item
        if first is not None:
            self.tree.scrollToItem(first)

    def chosen(self) -> List:
        """The alerts that are chosen in the list."""
        ids = {item.data(0, ID_ROLE) for item in self.tree.selectedItems()}
        return [one for one in self._alerts if one.alert_id in ids]

    def _items(self) -> List[QTreeWidgetItem]:
        return [self.tree.topLevelItem(place) for place in range(self.tree.topLevelItemCount())]

    def _fill(self, clock: LocalTime, chosen: set) -> None:
        self.tree.clear()
        for alert in self._alerts[:SHOWN]:
            raised = alert.raised_at.timestamp() if alert.raised_at else None
            words = alert.sentence or alert.public_text or ""
            item = QTreeWidgetItem([clock.text(raised), alert.rule_name or "", words])
            item.setData(0, ID_ROLE, alert.alert_id)
            item.setIcon(0, icon("alert"))
            item.setToolTip(2, words)
            self.tree.addTopLevelItem(item)
            item.setSelected(alert.alert_id in chosen)
        if len(self._alerts) > SHOWN:
            rest = self.tr("… and %1 older ones").replace("%1", f"{len(self._alerts) - SHOWN:,}")
            item = QTreeWidgetItem(["", "", rest])
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.tree.addTopLevelItem(item)

    def _show_chosen(self) -> None:
        self.show_on_map.emit(self.chosen())

    def _enable(self) -> None:
        some = bool(self.tree.selectedItems())
        self.show_button.setEnabled(some)
        self.one_button.setEnabled(some and not self._busy)
        self.all_button.setEnabled(bool(self._alerts) and not self._busy)
        for button in (self.show_button, self.one_button, self.all_button):
            button.setVisible(bool(self._alerts))

    def _make_tree(self) -> QTreeWidget:
        tree = QTreeWidget(self)
        tree.setAccessibleName(self.tr("Alerts to acknowledge"))
        tree.setHeaderLabels([self.tr("Raised"), self.tr("Rule"), self.tr("What")])
        tree.setRootIsDecorated(False)
        tree.setUniformRowHeights(True)
        tree.setAlternatingRowColors(True)
        tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        tree.setColumnWidth(0, 150)
        tree.setColumnWidth(1, 110)
        tree.itemSelectionChanged.connect(self._enable)
        tree.itemActivated.connect(lambda *_: self._show_chosen())
        return tree

    def _button(self, text: str, tip: str, slot) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.clicked.connect(lambda *_: slot())
        return button

    def _build(self) -> None:
        line = QHBoxLayout()
        line.setContentsMargins(4, 0, 0, 0)
        line.addWidget(self.heading, 1)
        self.rule_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.rule_button.setIconSize(QSize(16, 16))
        for button in (self.show_button, self.one_button, self.all_button, self.rule_button):
            button.setAutoRaise(True)
            line.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(line)
        column.addWidget(self.tree, 1)
        column.addWidget(self.empty, 1)
