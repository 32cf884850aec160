"""The dialog that asks for one review of many incidents."""

from __future__ import annotations

from collections import Counter
from typing import Callable, Dict, List

from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
)

from ...model.review import REVIEW_FIELDS, VOCABULARIES
from ...model.vocabulary import label, vocabulary
from ..incident_row import IncidentRow
from . import states
from .signature import sign_as, signed_by


class ManyDialog(QDialog):
    """``asked`` carries the parameters of ``reviewincidents``, without its ledger.

    It says beforehand how many may not have the review, by what is known without the ledger.
    """

    asked = pyqtSignal(dict)

    def __init__(
        self,
        rows: List[IncidentRow],
        state: Callable[[IncidentRow], Dict],
        given: Dict[str, str],
        reason: str,
        parent=None,
    ):
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Review incidents"))
        self.setMinimumWidth(480)
        self._ids = [row.incident_id for row in rows]
        # Many stand alike: what may follow is looked at once for each state.
        self._states = Counter(tuple(sorted(state(row).items())) for row in rows)
        self.boxes = {field: self._box(field, given.get(field)) for field in REVIEW_FIELDS}
        self.reason = self._line(reason, self.tr("Reason"))
        self.reason.setPlaceholderText(self.tr("Kept in the history with each of them"))
        self.name = self._line(signed_by() or "", self.tr("Signed by"))
        self.partly = QCheckBox(self.tr("Review those that may be, and tell the others"), self)
        self.partly.setChecked(True)
        self.partly.setToolTip(
            self.tr("Off: where one may not have this review, none of them gets it")
        )
        self.forecast = QLabel(self)
        self.forecast.setWordWrap(True)
        self.forecast.setTextFormat(Qt.TextFormat.PlainText)
        self._lay_out()
        self._look()
        if given:
            self.reason.setFocus(Qt.FocusReason.OtherFocusReason)

    def given(self) -> Dict[str, str]:
        """What is to be set, by field."""
        return {field: box.currentData() for field, box in self.boxes.items() if box.currentData()}

    def _box(self, field: str, code) -> QComboBox:
        box = QComboBox(self)
        box.addItem(self.tr("(leave as it is)"), None)
        for one in vocabulary(VOCABULARIES[field]):
            box.addItem(label(VOCABULARIES[field], one), one)
        box.setCurrentIndex(max(0, box.findData(code)))
        box.setAccessibleName(field.capitalize())
        box.setToolTip(self.tr("What is set on all of them; empty leaves each as it is"))
        box.currentIndexChanged.connect(self._look)
        return box

    def _line(self, text: str, name: str) -> QLineEdit:
        line = QLineEdit(text, self)
        line.setAccessibleName(name)
        line.setToolTip(self.tr("Kept in the history with each of them"))
        line.textChanged.connect(self._look)
        return line

    def _lay_out(self) -> None:
        form = QFormLayout(self)
        words = self.tr("One review for %1 incidents, a revision each.")
        form.addRow(QLabel(words.replace("%1", f"{len(self._ids):,}"), self))
        titles = (
            self.tr("Verification"),
            self.tr("Workflow"),
            self.tr("Sensitivity"),
            self.tr("Reliability of the source"),
            self.tr("Credibility of the information"),
        )
        for title, box in zip(titles, self.boxes.values()):
            form.addRow(title, box)
        form.addRow(self.tr("Reason"), self.reason)
        form.addRow(self.tr("Signed by"), self.name)
        form.addRow(self.partly)
        form.addRow(self.forecast)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.run = self.buttons.addButton(self.tr("Review"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.run.setToolTip(self.tr("Run “Review incidents” for them"))
        self.buttons.accepted.connect(self._ask)
        self.buttons.rejected.connect(self.reject)
        form.addRow(self.buttons)

    def _look(self, *_) -> None:
        """Say what the review would do, and what is still lacking."""
        given, reason = self.given(), self.reason.text().strip()
        self.run.setEnabled(bool(given and reason))
        if not given:
            self.forecast.setText(self.tr("Choose what is to be set."))
            return
        ours = {field: code for field, code in given.items() if field in states.FIELDS}
        refused = Counter()
        for state, count in self._states.items():
            sentence = states.refusal(dict(state), ours)
            if sentence:
                refused[sentence] += count
        if refused:
            sentence, _ = refused.most_common(1)[0]
            text = self.tr("%1 of %2 may not have it. The most frequent reason: %3")
            text = text.replace("%1", f"{sum(refused.values()):,}").replace("%3", sentence)
            self.forecast.setText(text.replace("%2", f"{len(self._ids):,}"))
        elif not reason:
            self.forecast.setText(self.tr("A review needs its reason: say why."))
        else:
            self.forecast.setText("")

    def _ask(self) -> None:
        if self.name.text().strip() != (signed_by() or ""):
            sign_as(self.name.text())
        self.asked.emit(
            {
                "INCIDENTS": "\n".join(self._ids),
                **{field.upper(): code for field, code in self.given().items()},
                "WHY": self.reason.text().strip(),
                "BY": self.name.text().strip(),
                "PARTLY": self.partly.isChecked(),
                "OUTPUT": "TEMPORARY_OUTPUT",
            }
        )
