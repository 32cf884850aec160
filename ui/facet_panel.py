"""The facets beside the table: each value with its count, to be ticked."""

from __future__ import annotations

from typing import Dict, FrozenSet, List, Mapping, Optional, Tuple

from qgis.gui import QgsDoubleSpinBox
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QHeaderView,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ..model.vocabulary import label
from .facets import FACETS, NOT_KNOWN, Facet, facet_title, value_words

FACET = Qt.ItemDataRole.UserRole
NO_LIMIT = -1.0
CHECKED, UNCHECKED = Qt.CheckState.Checked, Qt.CheckState.Unchecked
BY_NAME = {facet.name: facet for facet in FACETS}


class FacetPanel(QWidget):
    """Ticked values narrow the table; of one facet any may hold, of several all must.

    ``changed`` comes when the user ticks, or sets the distance.
    """

    changed = pyqtSignal()

    def __init__(self, parent=None):
        super().__init__(parent)
        self._chosen: Dict[str, FrozenSet[str]] = {}
        # The items of the values by facet and value; the tree has them only as long as these do.
        self._items: Dict[Tuple[str, str], QTreeWidgetItem] = {}
        self._known: set = set()
        self.distance = QgsDoubleSpinBox(self)
        self.distance.setDecimals(0)
        self.distance.setRange(NO_LIMIT, 1_000_000)
        self.distance.setSingleStep(500)
        self.distance.setSpecialValueText(self.tr("at any distance"))
        self.distance.setPrefix(self.tr("at most "))
        self.distance.setSuffix(self.tr(" m from the line"))
        self.distance.setClearValue(NO_LIMIT, self.tr("at any distance"))
        self.distance.setValue(NO_LIMIT)
        self.distance.setAccessibleName(self.tr("Show only incidents that near to the line"))
        self.distance.setToolTip(
            self.tr("Incidents whose distance from the line is not known are left out then")
        )
        self.distance.valueChanged.connect(lambda *_: self.changed.emit())
        self.tree = QTreeWidget(self)
        self.tree.setColumnCount(2)
        self.tree.setHeaderHidden(True)
        self.tree.setUniformRowHeights(True)
        self.tree.setAccessibleName(self.tr("What the table is narrowed to"))
        self.tree.setToolTip(
            self.tr("Counts are of incidents that pass every other filter; Space ticks a value")
        )
        header = self.tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.tree.itemChanged.connect(self._ticked)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.distance)
        column.addWidget(self.tree, 1)

    def chosen(self) -> Tuple[Tuple[str, FrozenSet[str]], ...]:
        """The values that are ticked, facet by facet."""
        names = [facet.name for facet in FACETS]
        return tuple((name, self._chosen[name]) for name in names if self._chosen.get(name))

    def within_m(self) -> Optional[float]:
        """The distance that is asked for; None where any."""
        value = self.distance.value()
        return None if value <= NO_LIMIT else value

    def choose(self, chosen: Mapping[str, FrozenSet[str]], within_m: Optional[float]) -> None:
        """Ask for these values and this distance; ``changed`` comes once."""
        self._chosen = {name: frozenset(values) for name, values in chosen.items() if values}
        self.distance.blockSignals(True)
        self.distance.setValue(NO_LIMIT if within_m is None else within_m)
        self.distance.blockSignals(False)
        self._tick_all()
        self.changed.emit()

    def drop(self, facet: str) -> None:
        """Ask for any value of a facet."""
        rest = {name: values for name, values in self._chosen.items() if name != facet}
        self.choose(rest, self.within_m())

    def show_counts(self, counts: Mapping[str, Mapping[str, int]]) -> None:
        """Write how many incidents each value has; values are listed once any row has them."""
        self.tree.blockSignals(True)
        values = {(facet, value) for facet, of in counts.items() for value in of}
        if values != self._known:
            self._known = values
            self._list(counts)
        for (facet, value), item in self._items.items():
            count = counts.get(facet, {}).get(value, 0)
            item.setText(1, f"{count:,}")
            item.setHidden(count == 0 and item.checkState(0) != CHECKED)
        self._hide_empty()
        self.tree.blockSignals(False)

    # The tree

    def _list(self, counts) -> None:
        closed = {
            self.tree.topLevelItem(at).data(0, FACET)
            for at in range(self.tree.topLevelItemCount())
            if not self.tree.topLevelItem(at).isExpanded()
        }
        self._items = {}
        self.tree.clear()
        for facet in FACETS:
            values = counts.get(facet.name, {})
            if len(values) < 2 and not self._chosen.get(facet.name):
                continue
            top = QTreeWidgetItem([facet_title(facet.name), ""])
            top.setData(0, FACET, facet.name)
            font = top.font(0)
            font.setBold(True)
            top.setFont(0, font)
            self.tree.addTopLevelItem(top)
            self._list_values(facet, top, sorted(values, key=lambda v: (v == NOT_KNOWN, v)))
            top.setExpanded(facet.name not in closed)
        self._tick_all()

    def _list_values(self, facet: Facet, top: QTreeWidgetItem, values: List[str]) -> None:
        kinds: Dict[str, QTreeWidgetItem] = {}
        for value in values:
            kind = value.partition("/")[0] if facet.name == "category" else ""
            below = top
            if kind and sum(other.partition("/")[0] == kind for other in values) > 1:
                if kind not in kinds:
                    kinds[kind] = QTreeWidgetItem([label("categories", kind) or kind, ""])
                    kinds[kind].setFlags(
                        kinds[kind].flags()
                        | Qt.ItemFlag.ItemIsUserCheckable
                        | Qt.ItemFlag.ItemIsAutoTristate
                    )
                    top.addChild(kinds[kind])
                below = kinds[kind]
            item = QTreeWidgetItem([value_words(facet, value), ""])
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(0, UNCHECKED)
            item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            item.setToolTip(0, item.text(0))
            below.addChild(item)
            self._items[facet.name, value] = item

    def _tick_all(self) -> None:
        blocked = self.tree.blockSignals(True)
        for (facet, value), item in self._items.items():
            wanted = value in self._chosen.get(facet, ())
            item.setCheckState(0, CHECKED if wanted else UNCHECKED)
        self.tree.blockSignals(blocked)

    def _hide_empty(self) -> None:
        """Kinds and facets of which nothing is left to choose are not shown."""
        for at in range(self.tree.topLevelItemCount()):
            top = self.tree.topLevelItem(at)
            for kind in map(top.child, range(top.childCount())):
                if kind.childCount():
                    kind.setHidden(_all_hidden(kind))
            top.setHidden(_all_hidden(top))

    def _ticked(self, *_) -> None:
        chosen: Dict[str, set] = {}
        for (facet, value), item in self._items.items():
            if item.checkState(0) == CHECKED:
                chosen.setdefault(facet, set()).add(value)
        now = {name: frozenset(values) for name, values in chosen.items()}
        if now != self._chosen:
            self._chosen = now
            self.changed.emit()


def _all_hidden(item: QTreeWidgetItem) -> bool:
    return all(item.child(at).isHidden() for at in range(item.childCount()))
