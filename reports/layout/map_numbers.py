"""Draws the numbers of a map page: boxes in the margin, and leaders to their incidents."""

from __future__ import annotations

import numpy as np
from qgis.core import (
    QgsLayoutItemLabel,
    QgsLayoutItemMap,
    QgsLayoutItemPolyline,
    QgsLayoutMeasurement,
    QgsLineSymbol,
    QgsSimpleLineSymbolLayer,
    QgsTextFormat,
)
from qgis.PyQt.QtCore import QPointF, Qt
from qgis.PyQt.QtGui import QColor, QPolygonF

from ..words import Words
from .brief_layout import MILLIMETRES, BriefLayout, Page
from .flow import Ruler

LABEL_HEIGHT = 4.2
PADDING = 1.1
INK = QColor("#1c2530")
# A leader ends beside the symbol's middle, so that the symbol stays whole.
SHORT_OF_SYMBOL = 1.5


class NumberDrawer:
    """Boxes and leaders in the template's fonts ``map.number.near`` and ``map.number.possible``."""

    def __init__(self, brief: BriefLayout):
        self.brief = brief
        self._ruler = Ruler(brief)
        self._styles = {near: self._style(near) for near in (True, False)}

    def width(self, text: str) -> float:
        """The width of a number's box in millimetres."""
        return max(self._ruler.width(text, self._styles[True]) + 2 * PADDING, LABEL_HEIGHT)

    def box(
        self, page: Page, item: QgsLayoutItemMap, text: str, near: bool, box: np.ndarray
    ) -> None:
        """A number in its box (left, top, right, bottom in mm); the map's labels keep off it."""
        item.addLabelBlockingItem(self._box(page, text, near, box))

    def key(self, page: Page, words: Words) -> None:
        """Under the map: what the two kinds of box mean; where the template leaves room for it."""
        place = page.item("map.facts")
        if place is None:
            return
        x, y = place.pagePos().x(), place.pagePos().y() + place.sizeWithUnits().height() - 10.4
        style = self.brief.template.style("below")
        for row, (near, name) in enumerate(((True, "legend_near"), (False, "legend_possible"))):
            top = y + row * 5.6
            width = self.width("00")
            self._box(page, "n", near, np.array([x, top, x + width, top + LABEL_HEIGHT]))
            text = self.brief.label(words(name), style, "number.key")
            self.brief.put(
                text,
                page,
                x + width + 1.4,
                top - 0.4,
                place.sizeWithUnits().width() - width - 1.4,
                6,
            )

    def _style(self, near: bool) -> QgsTextFormat:
        item = self.brief.template.item(f"map.number.{'near' if near else 'possible'}")
        if isinstance(item, QgsLayoutItemLabel):
            return QgsTextFormat(item.textFormat())
        return self.brief.template.style("number")

    def _box(self, page: Page, text: str, near: bool, box: np.ndarray) -> QgsLayoutItemLabel:
        label = self.brief.label(text, self._styles[near], "number.box")
        label.setHAlign(Qt.AlignmentFlag.AlignHCenter)
        label.setVAlign(Qt.AlignmentFlag.AlignVCenter)
        label.setBackgroundEnabled(True)
        label.setBackgroundColor(INK if near else QColor("#ffffff"))
        label.setFrameEnabled(True)
        label.setFrameStrokeColor(INK)
        label.setFrameStrokeWidth(QgsLayoutMeasurement(0.2, MILLIMETRES))
        left, top, right, bottom = (float(edge) for edge in box)
        self.brief.put(label, page, left, top, right - left, bottom - top)
        return label

    def leader(self, page: Page, point: np.ndarray, end: np.ndarray) -> None:
        """A leader from an incident to its label, in millimetres on the page."""
        length = float(np.hypot(*(end - point)))
        if length <= SHORT_OF_SYMBOL:
            return
        start = point + (end - point) * SHORT_OF_SYMBOL / length
        top = page.layout.pageCollection().page(page.place).pos().y()
        nodes = QPolygonF([QPointF(float(x), float(y) + top) for x, y in (start, end)])
        leader = QgsLayoutItemPolyline(nodes, self.brief.layout)
        leader.setId("number.leader")
        leader.setSymbol(_leader_symbol())
        self.brief.add(leader)


def _leader_symbol() -> QgsLineSymbol:
    symbol = QgsLineSymbol.createSimple(
        {"line_color": "255,255,255,210", "line_width": "0.6", "capstyle": "flat"}
    )
    line = QgsSimpleLineSymbolLayer(INK, 0.17)
    symbol.appendSymbolLayer(line)
    return symbol
