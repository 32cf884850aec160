"""The line below the table: what waits for review, the reason, who signs, and the menu of keys."""

from __future__ import annotations

from qgis.gui import QgsFilterLineEdit
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QHBoxLayout, QInputDialog, QLabel, QMenu, QToolButton, QWidget

from ...model.vocabulary import label
from .keys import KEYS, VERIFICATION_KEYS, WORKFLOW_KEYS, Act, Key
from .signature import sign_as, signed_by


class ReviewStrip(QWidget):
    """``asked`` carries the Key that was chosen from the menu or a button."""

    asked = pyqtSignal(object)
    left = pyqtSignal()

    def __init__(self, parent=None):
        super().__init__(parent)
        self.menu = QMenu(self)
        self.review = self._button(
            self.tr("Review"), self.tr("What review can do, with the key for each in the table")
        )
        self.review.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.review.setMenu(self.menu)
        self.undo = self._button(
            self.tr("Take back"),
            self.tr("Take back the latest review (Ctrl+Z in the table); the ledger keeps both"),
        )
        self.undo.clicked.connect(lambda *_: self.asked.emit(KEYS["Ctrl+Z"]))
        self.reason = QgsFilterLineEdit(self)
        self.reason.setPlaceholderText(self.tr("Reason of the next reviews…"))
        self.reason.setAccessibleName(self.tr("Reason of the next reviews"))
        self.reason.setToolTip(
            self.tr(
                "Kept in the history with each review (key T; Enter goes back to the table). What "
                "needs a reason of its own asks for it."
            )
        )
        self.reason.returnPressed.connect(self.left)
        self.signature = self._button("", self.tr("Whose name the history keeps; click to change"))
        self.signature.clicked.connect(self._ask_name)
        self.status = QLabel(self)
        self.status.setAccessibleName(self.tr("What waits for review"))
        self.status.setTextFormat(Qt.TextFormat.PlainText)
        self._lay_out()
        self._fill_menu()

    def showEvent(self, event):
        """Say who signs once somebody looks: finding it out loads modules."""
        super().showEvent(event)
        self.show_signature()

    def show_status(self, waiting: int, total: int, pending: int, can_undo: bool) -> None:
        """Say how many wait for review, and how many reviews are being written."""
        text = (
            self.tr("All of %2 incidents are reviewed")
            if waiting == 0
            else self.tr("%1 of %2 wait for review")
        )
        text = text.replace("%1", f"{waiting:,}").replace("%2", f"{total:,}")
        if pending:
            text += self.tr(" · writing %1").replace("%1", f"{pending:,}")
        self.status.setText(text)
        self.undo.setEnabled(can_undo)

    def show_signature(self) -> None:
        """Say who signs."""
        name = signed_by()
        self.signature.setText(
            self.tr("Signed by %1").replace("%1", name) if name else self.tr("Sign as…")
        )
        self.signature.setAccessibleName(self.signature.text())

    def _ask_name(self) -> None:
        name, chosen = QInputDialog.getText(
            self,
            self.tr("Signed by"),
            self.tr("The name that the history keeps with your reviews and edits:"),
            text=signed_by() or "",
        )
        if chosen:
            sign_as(name)
            self.show_signature()

    def _button(self, text: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 4, 0)
        row.setSpacing(6)
        row.addWidget(self.review)
        row.addWidget(self.undo)
        row.addWidget(self.reason, 1)
        row.addWidget(self.signature)
        row.addWidget(self.status)

    def _fill_menu(self) -> None:
        for key in VERIFICATION_KEYS:
            self._entry(label("verifications", key.code), key)
        self.menu.addSeparator()
        for key in WORKFLOW_KEYS:
            self._entry(label("workflows", key.code), key)
        self.menu.addSeparator()
        for act, text in self._titles().items():
            self._entry(text, next(key for key in KEYS.values() if key.act is act))

    def _titles(self) -> dict:
        return {
            Act.NEXT: self.tr("Next that waits for review"),
            Act.PREVIOUS: self.tr("Previous that waits for review"),
            Act.UNDO: self.tr("Take back the latest review"),
            Act.REASON: self.tr("Write the reason"),
            Act.MANY: self.tr("Review the selected…"),
            Act.LINK: self.tr("Link the selected…"),
            Act.EDIT: self.tr("Edit in QGIS's form…"),
        }

    def _entry(self, text: str, key: Key) -> None:
        # The key stands behind the text only: as a shortcut it would act in every line of text.
        action = self.menu.addAction(f"{text[:1].upper()}{text[1:]}\t{key.key}")
        action.triggered.connect(lambda *_, chosen=key: self.asked.emit(chosen))
