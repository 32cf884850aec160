"""The first rows of a file as they would be read: incidents, effort, or set aside with why."""

from __future__ import annotations

from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QFont
from qgis.PyQt.QtWidgets import QTableWidget, QTableWidgetItem

from ...model.vocabulary import label
from ..incident_words import number, what
from ..local_time import LocalTime
from .trial import TrialRow

REASON = 2
LETTERS = (4, 10, 17, 16, 10, 14, 17, 20)


class PreviewTable(QTableWidget):
    """One row for each row of the file, in its order and with its number."""

    def __init__(self, parent=None):
        super().__init__(0, 8, parent)
        self.setHorizontalHeaderLabels(
            [
                self.tr("Row"),
                self.tr("Becomes"),
                self.tr("When"),
                self.tr("What"),
                self.tr("Number"),
                self.tr("Place"),
                self.tr("Position"),
                self.tr("Description"),
            ]
        )
        self.setAccessibleName(self.tr("The first rows as they would be read"))
        self.setToolTip(self.tr("The first rows as they would be read; hover to see the cells"))
        self.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        for column, letters in enumerate(LETTERS):
            header.resizeSection(column, letters * header.fontMetrics().averageCharWidth() + 12)
        header.setStretchLastSection(True)

    def sizeHint(self):
        """Room for a dozen rows."""
        return QSize(super().sizeHint().width(), 300)

    def show_rows(self, rows: list, columns: list, clock: LocalTime) -> None:
        """Show rows of a trial; times on the theatre's clock."""
        self.clearSpans()
        self.setRowCount(len(rows))
        for place, row in enumerate(rows):
            cells = "\n".join(
                f"{name}: {cell}"
                for name, cell in zip(columns, row.cells)
                if cell not in (None, "")
            )
            if row.incident is None:
                self.setSpan(place, REASON, 1, self.columnCount() - REASON)
            for column, text in enumerate(self._texts(row, clock)):
                item = QTableWidgetItem(text)
                item.setToolTip(cells)
                if row.rejected is not None:
                    font = QFont(item.font())
                    font.setItalic(True)
                    item.setFont(font)
                self.setItem(place, column, item)

    def _texts(self, row: TrialRow, clock: LocalTime) -> list:
        one = row.incident
        if row.rejected is not None:
            why = row.rejected.reason
            if row.rejected.column:
                why = f"{row.rejected.column}: {row.rejected.value or '—'}: {why}"
            return [str(row.number), self.tr("set aside"), why, "", "", "", "", ""]
        if one is None:
            words = self.tr("somebody was there to see; no incident")
            return [str(row.number), self.tr("effort"), words, "", "", "", "", ""]
        seconds = one.occurred_from.timestamp() if one.occurred_from else None
        when = clock.text(seconds, one.time_precision) or self.tr("not known")
        position = self.tr("not located")
        if one.longitude is not None and one.latitude is not None:
            position = f"{one.latitude:.4f}, {one.longitude:.4f}"
        weapon = label("weapon_types", one.weapon) if one.weapon else ""
        kind = " · ".join(text for text in (what(one), weapon) if text)
        text = one.description or ""
        incident = self.tr("incident")
        return [str(row.number), incident, when, kind, number(one), one.place or "", position, text]
