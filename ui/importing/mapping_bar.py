"""Mappings by name: choose, save, forget, and hand on as a file."""

from __future__ import annotations

from typing import Callable

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QInputDialog,
    QMenu,
    QToolButton,
    QWidget,
)

from ...model.errors import CeasefireError
from . import mapping_store
from .trial import Reading


class MappingBar(QWidget):
    """``chosen`` carries a Reading; ``refused`` a sentence. ``current`` gives what is set now."""

    chosen = pyqtSignal(object)
    refused = pyqtSignal(str)

    def __init__(self, current: Callable[[], Reading], parent=None):
        super().__init__(parent)
        self._current = current
        self.names = QComboBox(self)
        self.names.setToolTip(self.tr("Read the file as one with a saved mapping was read"))
        self.names.setAccessibleName(self.tr("Saved mapping"))
        self.names.activated.connect(lambda *_: self._pick())
        self.menu = QMenu(self)
        for text, slot in (
            (self.tr("Save by name…"), self._ask_name),
            (self.tr("Forget the one chosen"), self.forget),
            (self.tr("Write to a file…"), self._ask_file_to_write),
            (self.tr("Read from a file…"), self._ask_file_to_read),
        ):
            self.menu.addAction(text).triggered.connect(lambda *_, do=slot: do())
        button = QToolButton(self)
        button.setText(self.tr("Mapping"))
        button.setToolTip(self.tr("Save, forget, write or read a mapping"))
        button.setAccessibleName(self.tr("Save, forget, write or read a mapping"))
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setMenu(self.menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.names, 1)
        row.addWidget(button)
        self.fill("")

    def fill(self, name: str) -> None:
        """List what is saved, with ``name`` chosen."""
        self.names.clear()
        self.names.addItem(self.tr("No saved mapping"))
        self.names.addItems(mapping_store.names())
        self.names.setCurrentIndex(max(0, self.names.findText(name)) if name else 0)

    def save(self, name: str) -> None:
        """Keep what is set now by name."""
        mapping_store.save(name, self._current())
        self.fill(name)

    def forget(self) -> None:
        """Forget the mapping that is chosen; what is set in the dialog stays."""
        if self.names.currentIndex() > 0:
            mapping_store.remove(self.names.currentText())
            self.fill("")

    def _pick(self) -> None:
        reading = mapping_store.load(self.names.currentText())
        if self.names.currentIndex() > 0 and reading is not None:
            self.chosen.emit(reading)

    def _ask_name(self) -> None:
        before = self.names.currentText() if self.names.currentIndex() > 0 else ""
        text, taken = QInputDialog.getText(
            self, self.tr("Save the mapping"), self.tr("Name:"), text=before
        )
        if taken and text.strip():
            self.save(text.strip())

    def _ask_file_to_write(self) -> None:
        path, _ = QFileDialog.getSaveFileName(
            self, self.tr("Write the mapping"), "mapping.json", self.tr("Mapping (*.json)")
        )
        if path:
            self._try(lambda: mapping_store.write_file(path, self._current()))

    def _ask_file_to_read(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, self.tr("Read a mapping"), "", self.tr("Mapping (*.json)")
        )
        if path:
            self._try(lambda: self.chosen.emit(mapping_store.read_file(path)))

    def _try(self, do: Callable[[], None]) -> None:
        try:
            do()
        except CeasefireError as error:
            self.refused.emit(str(error))
