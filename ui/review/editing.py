"""Editing one incident in QGIS's form, on the layer's edit buffer: undo, save, give up."""

from __future__ import annotations

from typing import List, Optional

from qgis.core import Qgis, QgsVectorLayer
from qgis.gui import QgsAttributeDialog, QgsAttributeEditorContext
from qgis.PyQt.QtCore import QObject, Qt
from qgis.PyQt.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from ..incident_row import IncidentRow

# Behind this word the ledger's own refusals are sentences already.
OURS = "Ledger: "


class Editor(QObject):
    """Opens forms, and shows in ``bar`` that edits of the layer of incidents are not saved yet."""

    def __init__(self, dock, canvas):
        super().__init__(dock)
        self._dock, self._canvas = dock, canvas
        self._layer: Optional[QgsVectorLayer] = None
        self._form: Optional[QgsAttributeDialog] = None
        self.bar = EditBar(dock)
        self.bar.save.clicked.connect(self.save)
        self.bar.undo.clicked.connect(self.undo)
        self.bar.give_up.clicked.connect(self.give_up)
        self._show_bar()

    def set_layer(self, layer: Optional[QgsVectorLayer]) -> None:
        """Follow another layer, or none."""
        if layer is self._layer:
            return
        if self._layer is not None:
            self._close_form()
            self._layer.layerModified.disconnect(self._show_bar)
            self._layer.editingStopped.disconnect(self._show_bar)
        self._layer = layer
        if layer is not None:
            layer.layerModified.connect(self._show_bar)
            layer.editingStopped.connect(self._show_bar)
        self._show_bar()

    def open(self, row: IncidentRow) -> bool:
        """Open QGIS's form for an incident; False where the map does not show the layer."""
        layer = self._layer
        if layer is None:
            self._dock.say(
                self.tr("The map does not show the incidents: choose “Show on the map” first."),
                Qgis.MessageLevel.Warning,
            )
            return False
        feature = layer.getFeature(row.fid)
        if not feature.isValid():
            self._dock.say(
                self.tr("The layer does not show “%1”; take its filter off.").replace(
                    "%1", row.incident_id
                ),
                Qgis.MessageLevel.Warning,
            )
            return False
        if not layer.isEditable() and not layer.startEditing():
            self._dock.say(
                self.tr("The ledger cannot be written to: it is open for reading only."),
                Qgis.MessageLevel.Warning,
            )
            return False
        self._open_form(layer, feature)
        return True

    def save(self) -> bool:
        """Write the edits to the ledger; what it refuses is said, and stays in the buffer."""
        layer = self._layer
        if layer is None or not layer.isEditable():
            return False
        if layer.commitChanges():
            return True
        self._dock.say(refusal_in(layer.commitErrors()), Qgis.MessageLevel.Warning)
        return False

    def undo(self) -> None:
        """Undo the latest edit that is not saved."""
        if self._layer is not None:
            self._layer.undoStack().undo()

    def give_up(self) -> None:
        """Drop every edit that is not saved."""
        if self._layer is not None and self._layer.isEditable():
            self._layer.rollBack()

    def unload(self) -> None:
        """Let go of the layer and the form."""
        self.set_layer(None)

    def _open_form(self, layer: QgsVectorLayer, feature) -> None:
        self._close_form()
        context = QgsAttributeEditorContext()
        context.setMapCanvas(self._canvas)
        form = QgsAttributeDialog(layer, feature, False, self._dock, True, context)
        form.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        form.finished.connect(self._form_closed)
        self._form = form
        form.show()

    def _form_closed(self, *_) -> None:
        self._form = None
        layer = self._layer
        # Looked at and closed: nothing is to be saved, so nothing stays open for editing.
        if layer is not None and layer.isEditable() and not layer.isModified():
            layer.rollBack()
        self._show_bar()

    def _close_form(self) -> None:
        if self._form is not None:
            self._form.finished.disconnect(self._form_closed)
            self._form.close()
            self._form = None

    def _show_bar(self) -> None:
        layer = self._layer
        modified = layer is not None and layer.isEditable() and layer.isModified()
        self.bar.setVisible(modified)
        if modified:
            self.bar.undo.setEnabled(layer.undoStack().canUndo())


class EditBar(QWidget):
    """Says that edits are not saved, with the buttons for them."""

    def __init__(self, parent=None):
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 4, 0)
        words = QLabel(self.tr("Edits of incidents are not saved yet."), self)
        row.addWidget(words, 1)
        self.save = self._button(
            row, self.tr("Save"), self.tr("Write the edits to the ledger, a revision each")
        )
        self.undo = self._button(row, self.tr("Undo"), self.tr("Undo the latest edit"))
        self.give_up = self._button(
            row, self.tr("Give up"), self.tr("Drop all edits that are not saved")
        )

    def _button(self, row, text: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        row.addWidget(button)
        return button


def refusal_in(errors: List[str]) -> str:
    """What a ledger, or QGIS, said when it refused to save, as one sentence."""
    for text in errors:
        if OURS in text:
            sentence = " ".join(text[text.index(OURS) + len(OURS) :].split())
            return f"{sentence[:1].upper()}{sentence[1:]}"
    return " ".join(" ".join(errors).split())
