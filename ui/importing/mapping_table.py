"""The model's fields beside the file's columns, each with an example; a box chooses the column."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping

from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QHeaderView,
    QInputDialog,
    QTableWidget,
    QTableWidgetItem,
)

from .trial import Trial

RECOGNISED, NOTHING, FIXED, COLUMN = range(4)


class MappingTable(QTableWidget):
    """``changed`` says that the user chose otherwise; ``mapping`` is as the algorithm takes it."""

    changed = pyqtSignal()

    def __init__(self, parent=None):
        super().__init__(0, 3, parent)
        self.mapping: Dict[str, Any] = {}
        self._trial = Trial()
        self.setHorizontalHeaderLabels(
            [self.tr("Field"), self.tr("Column of the file"), self.tr("Example")]
        )
        self.setAccessibleName(self.tr("Fields of the model and the columns that give them"))
        self.setToolTip(self.tr("Which column of the file gives which field"))
        self.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.resizeSection(0, 18 * header.fontMetrics().averageCharWidth())
        header.resizeSection(1, 24 * header.fontMetrics().averageCharWidth())
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)

    def fields(self) -> List[str]:
        """The fields shown, in order."""
        return list(self._trial.fields)

    def box(self, field: str) -> QComboBox:
        """The box of a field."""
        return self.cellWidget(self._trial.fields.index(field), 1)

    def show_trial(self, trial: Trial) -> None:
        """Show what a trial bound; the boxes are made anew only where fields or columns differ."""
        before, self._trial = self._trial, trial
        if (before.fields, before.columns) != (trial.fields, trial.columns):
            self._make_rows()
        for row, field in enumerate(trial.fields):
            self._show_row(row, field)

    def set_mapping(self, mapping: Mapping[str, Any]) -> None:
        """Take another mapping; the next trial shows it."""
        self.mapping = dict(mapping)

    def _make_rows(self) -> None:
        self.setRowCount(0)
        self.setRowCount(len(self._trial.fields))
        for row, field in enumerate(self._trial.fields):
            title = field_title(field)
            item = QTableWidgetItem(title)
            item.setToolTip(field)
            self.setItem(row, 0, item)
            self.setItem(row, 2, QTableWidgetItem())
            box = QComboBox(self)
            box.setAccessibleName(self.tr("Column for %1").replace("%1", title))
            box.setToolTip(
                self.tr("The column that gives “%1”, a fixed value, or nothing").replace(
                    "%1", title
                )
            )
            # A wheel that scrolls the table must not change what it passes over.
            box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            box.wheelEvent = lambda event: event.ignore()
            box.activated.connect(lambda _, name=field: self._chosen(name))
            self.setCellWidget(row, 1, box)

    def _show_row(self, row: int, field: str) -> None:
        box, wanted = self.cellWidget(row, 1), self.mapping.get(field)
        column = self._trial.bound.get(field, "")
        own = field not in self.mapping
        recognised = (
            self.tr("%1 (recognised)").replace("%1", column)
            if own and column
            else self.tr("As recognised")
            if not own
            else self.tr("— (not in the file)")
        )
        box.clear()
        box.addItem(recognised, RECOGNISED)
        box.addItem(self.tr("Nothing"), NOTHING)
        box.addItem(self.tr("A fixed value…"), FIXED)
        box.insertSeparator(box.count())
        for name in self._trial.columns:
            box.addItem(name, COLUMN)
        example = self._trial.examples.get(column, "")
        if not own:
            fixed = wanted.get("value") if isinstance(wanted, dict) else None
            if isinstance(wanted, dict) and "column" not in wanted:
                box.setCurrentIndex(2 if fixed else 1)
                example = str(fixed or "")
                if fixed:
                    box.setItemText(2, self.tr("Always “%1”").replace("%1", str(fixed)))
            else:
                name = wanted if isinstance(wanted, str) else str(wanted.get("column"))
                place = box.findText(name, Qt.MatchFlag.MatchExactly)
                box.setCurrentIndex(max(0, place))
        self.item(row, 2).setText(example)
        self.item(row, 2).setToolTip(example)

    def _chosen(self, field: str) -> None:
        box = self.box(field)
        kind = box.currentData()
        if kind == RECOGNISED:
            self.mapping.pop(field, None)
        elif kind == NOTHING:
            self.mapping[field] = {"value": ""}
        elif kind == COLUMN:
            self.mapping[field] = box.currentText()
        elif not self._ask_fixed(field):
            self._show_row(self._trial.fields.index(field), field)
            return
        self.changed.emit()

    def _ask_fixed(self, field: str) -> bool:
        text, taken = QInputDialog.getText(
            self,
            self.tr("A fixed value"),
            self.tr("The value of “%1” in every row:").replace("%1", field_title(field)),
        )
        if taken and text.strip():
            self.mapping[field] = {"value": text.strip()}
        return bool(taken and text.strip())


def field_title(field: str) -> str:
    """A field's name for people."""
    from ...model.tables import INCIDENTS

    titles = {one.name: one.title for one in INCIDENTS.fields}
    # Local times are read as such: the model's title tells of what is kept.
    title = (titles.get(field) or "").replace(" (UTC)", "")
    return title or field.replace("_", " ").capitalize()
