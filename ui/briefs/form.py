"""What a brief is asked to be: days, area, and every choice that ``ceasefire:brief`` has."""

from __future__ import annotations

from typing import Any, Dict

from qgis.core import (
    QgsApplication,
    QgsMapLayerProxyModel,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingParameterEnum,
)
from qgis.gui import QgsDateEdit, QgsFileWidget, QgsMapLayerComboBox
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QComboBox, QFormLayout, QHBoxLayout, QLineEdit, QWidget

from ..services.defaults import for_new_brief
from .spans import ALL, LAST_DAY, MONTH, OWN, WEEK, days_of

ALGORITHM = "ceasefire:brief"


class BriefForm(QWidget):
    """``changed`` comes when another brief would be made; the folder alone makes no other brief."""

    changed = pyqtSignal()

    def __init__(self, parent=None):
        super().__init__(parent)
        self.span = QComboBox(self)
        for code, words in (
            (LAST_DAY, self.tr("Last day with data")),
            (WEEK, self.tr("Seven days up to it")),
            (MONTH, self.tr("A month up to it")),
            (ALL, self.tr("Everything")),
            (OWN, self.tr("These days")),
        ):
            self.span.addItem(words, code)
        self.first, self.last = QgsDateEdit(self), QgsDateEdit(self)
        for edit, words in ((self.first, self.tr("First day")), (self.last, self.tr("Last day"))):
            edit.setDisplayFormat("yyyy-MM-dd")
            edit.setAllowNull(True)
            edit.setNullRepresentation(self.tr("any"))
            edit.clear()
            self._name(edit, words)
        self.area = QgsMapLayerComboBox(self)
        self.area.setFilters(QgsMapLayerProxyModel.Filter.PolygonLayer)
        self.area.setAllowEmptyLayer(True, self.tr("The whole theatre"))
        self.area.setCurrentIndex(0)
        self.title = QLineEdit(self)
        self.title.setPlaceholderText(self.tr("made from the kind of brief"))
        self.folder = QgsFileWidget(self)
        self.folder.setStorageMode(QgsFileWidget.StorageMode.GetDirectory)
        self.choices: Dict[str, QComboBox] = {}
        self._lay_out()
        self._connect()

    def parameters(self, ledger: str) -> Dict[str, Any]:
        """The brief's parameters, but for its folder."""
        asked = {name: box.currentText() for name, box in self.choices.items()}
        asked.update(LEDGER=ledger, TITLE=self.title.text().strip())
        for name, edit in (("FROM", self.first), ("TO", self.last)):
            asked[name] = "" if edit.isNull() else edit.date().toString("yyyy-MM-dd")
        layer = self.area.currentLayer()
        if layer is not None:
            # Where something is selected, only that is meant.
            asked["AREA"] = QgsProcessingFeatureSourceDefinition(
                layer.id(), selectedFeaturesOnly=layer.selectedFeatureCount() > 0
            )
        return asked

    def follow(self, session) -> None:
        """Set the days of the chosen span by what the open ledger holds."""
        span = self.span.currentData()
        if span == OWN:
            return
        moments = (row.occurred_from for row in session.rows)
        days = days_of(span, moments, session.clock)
        blocked = [edit.blockSignals(True) for edit in (self.first, self.last)]
        for edit, day in zip((self.first, self.last), days):
            edit.clear() if day is None else edit.setDate(day)
        for edit, was in zip((self.first, self.last), blocked):
            edit.blockSignals(was)

    def days(self) -> str:
        """The days for a folder's name; empty where the span is open."""
        edits = [edit for edit in (self.first, self.last) if not edit.isNull()]
        return "_".join(dict.fromkeys(edit.date().toString("yyyy-MM-dd") for edit in edits))

    def _lay_out(self) -> None:
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        self._row(form, self.tr("Period"), self.span, self.tr("The days that the brief tells of"))
        days = QWidget(self)
        both = QHBoxLayout(days)
        both.setContentsMargins(0, 0, 0, 0)
        both.addWidget(self.first)
        both.addWidget(self.last)
        form.addRow("", days)
        self._row(
            form, self.tr("Area"), self.area,
            self.tr("Only what lies in this layer's areas; in the selected ones, if there are any"),
        )  # fmt: skip
        self._add_choices(form)
        self._row(form, self.tr("Title"), self.title, self.tr("The title on the cover"))
        self._row(
            form, self.tr("Folder"), self.folder,
            self.tr("The folder for the brief; files of an earlier brief in it are replaced"),
        )  # fmt: skip

    def _add_choices(self, form: QFormLayout) -> None:
        """A box for each choice of the algorithm: what it learns is offered here by itself."""
        algorithm = QgsApplication.processingRegistry().algorithmById(ALGORITHM)
        usual = for_new_brief()
        for definition in algorithm.parameterDefinitions() if algorithm is not None else ():
            if not isinstance(definition, QgsProcessingParameterEnum):
                continue
            box = QComboBox(self)
            box.addItems(definition.options())
            box.setCurrentText(str(usual.get(definition.name(), definition.defaultValue())))
            self.choices[definition.name()] = box
            self._row(form, definition.description(), box, definition.help())

    def _row(self, form: QFormLayout, words: str, widget: QWidget, tip: str) -> None:
        self._name(widget, words)
        widget.setToolTip(tip)
        form.addRow(words, widget)

    def _name(self, widget: QWidget, words: str) -> None:
        widget.setAccessibleName(words)

    def _connect(self) -> None:
        self.span.currentIndexChanged.connect(self.changed)
        for edit in (self.first, self.last):
            edit.valueChanged.connect(self._own_days)
        self.area.layerChanged.connect(self.changed)
        self.title.editingFinished.connect(self.changed)
        for box in self.choices.values():
            box.currentIndexChanged.connect(self.changed)

    def _own_days(self, *_) -> None:
        blocked = self.span.blockSignals(True)
        self.span.setCurrentIndex(self.span.findData(OWN))
        self.span.blockSignals(blocked)
        self.changed.emit()
