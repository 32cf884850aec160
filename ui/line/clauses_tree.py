"""The clauses of the ledger's agreements as a tree, with what was found by each."""

from __future__ import annotations

from typing import Dict, List, NamedTuple, Optional, Tuple

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QTreeWidget, QTreeWidgetItem

from ...model.vocabulary import label, vocabulary
from .reader import ClauseFindings, ClauseKey

CHOICE = Qt.ItemDataRole.UserRole
VERDICTS = "verdicts"


class Choice(NamedTuple):
    """What is chosen in the tree: an agreement, a clause of it, or one verdict of a clause."""

    agreement: str
    clause: Optional[str] = None
    verdict: Optional[str] = None


class ClausesTree(QTreeWidget):
    """Agreement ▸ clause ▸ verdict, each with the number of findings that hold now."""

    def __init__(self, parent=None):
        super().__init__(parent)
        self.setHeaderLabels([self.tr("Clause"), self.tr("Findings")])
        self.setAccessibleName(self.tr("Clauses of the agreements, with what was found"))
        self.setToolTip(
            self.tr(
                "Choose a clause to read it, to see what it draws on the map and to select the "
                "incidents that were held against it"
            )
        )
        self.setUniformRowHeights(True)

    def show_agreements(
        self, agreements: List[tuple], findings: Dict[ClauseKey, ClauseFindings]
    ) -> None:
        """List the agreements; one that cannot be read says why in its tooltip."""
        before = self.choice()
        self.clear()
        for code, title, agreement in agreements:
            top = self._item(title, "", Choice(code))
            self.addTopLevelItem(top)
            top.setExpanded(True)
            if isinstance(agreement, str):
                top.setText(1, self.tr("cannot be read"))
                top.setToolTip(0, agreement)
                continue
            for clause in agreement.clauses:
                self._add_clause(top, code, clause, findings.get((code, clause.reference)))
        self.resizeColumnToContents(1)
        self.header().setStretchLastSection(False)
        self.header().setSectionResizeMode(0, self.header().ResizeMode.Stretch)
        self.choose(before)

    def choice(self) -> Optional[Choice]:
        """What is selected."""
        item = self.currentItem()
        return None if item is None else item.data(0, CHOICE)

    def choose(self, wanted: Optional[Choice]) -> None:
        """Select what is asked for, where it is listed."""
        for item in self.items():
            if wanted is not None and item.data(0, CHOICE) == wanted:
                self.setCurrentItem(item)

    def items(self) -> List[QTreeWidgetItem]:
        """Every entry, from top to bottom."""
        waiting = [self.topLevelItem(at) for at in range(self.topLevelItemCount())]
        found = []
        while waiting:
            item = waiting.pop(0)
            found.append(item)
            waiting = [item.child(at) for at in range(item.childCount())] + waiting
        return found

    def _add_clause(self, top, code: str, clause, found: Optional[ClauseFindings]) -> None:
        heading = clause.title or clause.text
        name = self.tr("%1: %2").replace("%1", clause.reference).replace("%2", heading)
        count = self._count(clause, found)
        item = self._item(name, count, Choice(code, clause.reference))
        item.setToolTip(0, clause.text)
        top.addChild(item)
        if found is None:
            return
        for verdict in _in_order(found.verdicts):
            words = label(VERDICTS, verdict) if verdict in vocabulary(VERDICTS) else verdict
            item.addChild(
                self._item(
                    words.replace("_", " "),
                    f"{found.verdicts[verdict]:,}",
                    Choice(code, clause.reference, verdict),
                )
            )

    def _count(self, clause, found: Optional[ClauseFindings]) -> str:
        if found is not None:
            return f"{sum(found.verdicts.values()):,}"
        # No findings: either nothing of it can be checked, or nobody has checked it.
        return self.tr("not checked") if clause.rules else self.tr("no rule")

    def _item(self, text: str, count: str, choice: Choice) -> QTreeWidgetItem:
        item = QTreeWidgetItem([text, count])
        item.setData(0, CHOICE, choice)
        item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return item


def _in_order(verdicts) -> Tuple[str, ...]:
    """Verdicts in the order of the vocabulary; others after them."""
    known = list(vocabulary(VERDICTS))
    return tuple(
        sorted(verdicts, key=lambda each: known.index(each) if each in known else len(known))
    )
