"""One table item a page: its rows are measured by us, so that none is cut or lost.

QGIS lays out one long table in quadratic time, and a frame cuts what does not fit.
"""

from __future__ import annotations

from qgis.core import (
    QgsLayoutFrame,
    QgsLayoutItemManualTable,
    QgsLayoutTable,
    QgsLayoutUtils,
    QgsTableCell,
    QgsTextFormat,
)
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QColor

from ...model.errors import CeasefireError
from ..tables import Table
from .brief_layout import BriefLayout, Page, Template

MARGIN = 0.85
LINE = 0.12
RULE = QColor("#b8c0c8")
SUM_FILL = QColor("#eef1f4")


class RowMeasure:
    """Column widths and row heights of a table on a page of a width, in millimetres."""

    def __init__(self, template: Template, ruler, table: Table, width: float):
        self.table = table
        shares = [share for _, share, _ in table.columns]
        self.widths = [width * share / sum(shares) for share in shares]
        self.head_style = template.style("head")
        self.cell_style = template.style("cell")
        self.below_style = template.style("below")
        self.number_style = template.style("number")
        headings = [heading for heading, _, _ in table.columns]
        self.head = self._height(headings, ruler, self.head_style) + LINE
        self.own = [self._height(row, ruler, self.cell_style) for row in table.rows]
        self.below = [self._below(text, ruler) for text in table.below] or [0.0] * len(self.own)
        self.heights = [own + below + LINE for own, below in zip(self.own, self.below)]

    def _height(self, texts: list[str], ruler, style: QgsTextFormat) -> float:
        # Half a millimetre less than there is: QGIS breaks lines at a hair's difference.
        inside = [width - 2 * MARGIN - 0.5 for width in self.widths]
        return max(ruler.height(text, style, room) for text, room in zip(texts, inside)) + (
            2 * MARGIN
        )

    def _below(self, text: str, ruler) -> float:
        if not text:
            return 0.0
        room = sum(self.widths[1:]) - 2 * MARGIN - 0.5
        return ruler.height(text, self.below_style, room) + 0.5


def measured(measure: RowMeasure, first: int, room: float) -> int:
    """The row after the last one that fits into ``room`` with the headings; at least one."""
    used, row = measure.head + LINE, first
    while row < len(measure.heights) and used + measure.heights[row] <= room:
        used += measure.heights[row]
        row += 1
    return max(row, first + 1)


def add_table(
    brief: BriefLayout,
    page: Page,
    measure: RowMeasure,
    rows: tuple[int, int],
    place: tuple[float, float],
) -> float:
    """Put the rows [first, last) on a page with their headings; the result is the height in mm."""
    item = _table_item(brief, measure)
    contents, heights = [_headings(measure)], [measure.head - LINE]
    for row in range(*rows):
        contents.append(_cells(measure, row))
        heights.append(measure.own[row] + measure.below[row])
    item.setTableContents(contents)
    # QGIS takes the widths and heights inside a cell's margins.
    item.setColumnWidths([width - 2 * MARGIN for width in measure.widths])
    item.setRowHeights([height - 2 * MARGIN for height in heights])
    height = sum(heights) + LINE * (len(heights) + 1)
    frame = QgsLayoutFrame(brief.layout, item)
    frame.setId(f"table.{measure.table.key}")
    item.addFrame(frame)
    brief.put(frame, page, place[0], place[1], sum(measure.widths) + 0.5, height + 0.6)
    context = QgsLayoutUtils.createRenderContextForLayout(brief.layout, None, 300)
    if item.rowRange(context, 0)[1] < len(contents):
        raise CeasefireError(
            f"The table “{measure.table.key}” came out higher than measured, and rows would be "
            "lost. Choose another font for “style.cell” in the template."
        )
    _sentences(brief, page, measure, rows, place)
    return height


def _table_item(brief: BriefLayout, measure: RowMeasure) -> QgsLayoutItemManualTable:
    item = QgsLayoutItemManualTable.create(brief.layout)
    brief.layout.addMultiFrame(item)
    item.setContentTextFormat(measure.cell_style)
    item.setCellMargin(MARGIN)
    item.setWrapBehavior(QgsLayoutTable.WrapBehavior.WrapText)
    item.setShowGrid(True)
    item.setVerticalGrid(False)
    item.setHorizontalGrid(True)
    item.setGridStrokeWidth(LINE)
    item.setGridColor(RULE)
    item.setIncludeTableHeader(False)
    return item


def _cell(text: str, style: QgsTextFormat, right: bool) -> QgsTableCell:
    cell = QgsTableCell(text)
    cell.setTextFormat(style)
    cell.setHorizontalAlignment(
        Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    )
    cell.setVerticalAlignment(Qt.AlignmentFlag.AlignTop)
    return cell


def _headings(measure: RowMeasure) -> list[QgsTableCell]:
    cells = []
    for heading, _, right in measure.table.columns:
        cell = _cell(heading, measure.head_style, right)
        cell.setVerticalAlignment(Qt.AlignmentFlag.AlignBottom)
        cell.setBackgroundColor(SUM_FILL)
        cells.append(cell)
    return cells


def _cells(measure: RowMeasure, row: int) -> list[QgsTableCell]:
    table = measure.table
    is_sum = row >= len(table.rows) - table.sums
    cells = []
    for column, (text, (_, _, right)) in enumerate(zip(table.rows[row], table.columns)):
        strong = is_sum or (column == 0 and bool(table.below))
        cells.append(_cell(text, measure.number_style if strong else measure.cell_style, right))
        if is_sum:
            cells[-1].setBackgroundColor(SUM_FILL)
    return cells


def _sentences(brief, page, measure, rows: tuple[int, int], place: tuple[float, float]) -> None:
    """The sentence under each row, from the second column on: QGIS's cells cannot span columns."""
    left = place[0] + measure.widths[0] + MARGIN
    width = sum(measure.widths[1:]) - 2 * MARGIN
    top = place[1] + measure.head + LINE
    for row in range(*rows):
        if measure.below[row]:
            label = brief.label(measure.table.below[row], measure.below_style, "table.sentence")
            y = top + measure.own[row] - MARGIN + 0.3
            brief.put(label, page, left, y, width, measure.below[row])
        top += measure.heights[row]
