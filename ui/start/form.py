"""Pieces that the wizard's pages share: a page of labelled rows, and a choice of layer or file."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

from qgis.core import Qgis, QgsMapLayer, QgsSettings, QgsVectorLayer
from qgis.gui import QgsMapLayerComboBox
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import (
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QWidget,
    QWizardPage,
)

from ..commands import FOLDER_KEY


class FormPage(QWizardPage):
    """A page with a title, a sentence, and rows of a label and a control."""

    def __init__(self, title: str, sentence: str):
        super().__init__()
        self.setTitle(title)
        self.setSubTitle(sentence)
        self.form = QFormLayout(self)
        self.form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)

    def row(self, words: str, control: QWidget, tip: str) -> QWidget:
        """Add a control with its label, tooltip and accessible name."""
        label = QLabel(words, self)
        label.setBuddy(control)
        for one in (label, control):
            one.setToolTip(tip)
        control.setAccessibleName(words.rstrip(":"))
        control.setAccessibleDescription(tip)
        self.form.addRow(label, control)
        return control

    def note(self, text: str = "") -> QLabel:
        """Add a sentence over the whole width."""
        label = QLabel(text, self)
        label.setWordWrap(True)
        self.form.addRow(label)
        return label

    def show_row(self, control: QWidget, visible: bool) -> None:
        """Show or hide a control with its label."""
        control.setVisible(visible)
        label = self.form.labelForField(control)
        if label is not None:
            label.setVisible(visible)


class SourceChooser(QWidget):
    """A layer that is open in the project, or a file."""

    changed = pyqtSignal()

    def __init__(self, filters: Qgis.LayerFilters, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self.layers = QgsMapLayerComboBox(self)
        self.layers.setFilters(filters)
        self.layers.setAllowEmptyLayer(True)
        self.layers.setCurrentIndex(0)
        self.button = QToolButton(self)
        self.button.setText("…")
        self.button.setToolTip(self.tr("Choose a file"))
        self.button.setAccessibleName(self.tr("Choose a file"))
        self.button.clicked.connect(self._ask)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.layers, 1)
        row.addWidget(self.button)
        self.setFocusProxy(self.layers)
        self.layers.currentIndexChanged.connect(lambda *_: self.changed.emit())

    def value(self) -> str:
        """The file's path or the layer's id; empty where nothing is chosen."""
        layer = self.layers.currentLayer()
        return layer.id() if layer is not None else self.layers.currentText().strip()

    def words(self) -> str:
        """What is chosen, for people."""
        layer = self.layers.currentLayer()
        return layer.name() if layer is not None else Path(self.value()).name

    def layer(self) -> Optional[QgsMapLayer]:
        """The layer, opened where it is a file; None where there is none."""
        layer = self.layers.currentLayer()
        if layer is not None or not self.value():
            return layer
        opened = QgsVectorLayer(self.value(), "chosen", "ogr")
        return opened if opened.isValid() else None

    def choose_file(self, path: str) -> None:
        """Take a file, as though it were chosen in the file dialog."""
        self.layers.setAdditionalItems([path])
        self.layers.setCurrentIndex(self.layers.count() - 1)

    def setAccessibleName(self, name: str) -> None:
        """The name is the combo box's, which has the focus."""
        super().setAccessibleName(name)
        self.layers.setAccessibleName(name)

    def _ask(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self,
            self.tr("Choose a file"),
            QgsSettings().value(FOLDER_KEY, ""),
            self.tr("Layers (*.gpkg *.geojson *.json *.shp *.kml *.fgb *.csv);;All files (*)"),
        )
        if path:
            QgsSettings().setValue(FOLDER_KEY, str(Path(path).parent))
            self.choose_file(path)
