"""Headings, paragraphs, tables and pictures that run down the pages, each measured beforehand."""

from __future__ import annotations

from pathlib import Path
from typing import Callable

from qgis.core import (
    Qgis,
    QgsLayoutItemPicture,
    QgsLayoutUtils,
    QgsRenderContext,
    QgsTextFormat,
    QgsTextRenderer,
)
from qgis.PyQt.QtCore import QRectF

from ..tables import Table
from .brief_layout import BriefLayout, Page
from .table_item import RowMeasure, add_table, measured

DPI = 300
BULLET = "\u2022"
AFTER_HEADING, AFTER_NOTE, AFTER_PARAGRAPH, AFTER_BLOCK = 1.4, 1.6, 1.5, 6.5


class Ruler:
    """Measures text as the layout will draw it, in millimetres."""

    def __init__(self, brief: BriefLayout):
        self._context: QgsRenderContext = QgsLayoutUtils.createRenderContextForLayout(
            brief.layout, None, DPI
        )

    def height(self, text: str, style: QgsTextFormat, width: float) -> float:
        """The height of a text that is wrapped to a width."""
        factor = self._context.scaleFactor()
        pixels = QgsTextRenderer.textHeight(
            self._context,
            style,
            [text],
            Qgis.TextLayoutMode.Rectangle,
            None,
            Qgis.TextRendererFlags(Qgis.TextRendererFlag.WrapLines),
            width * factor,
        )
        return pixels / factor

    def width(self, text: str, style: QgsTextFormat) -> float:
        """The width of a text on one line."""
        return QgsTextRenderer.textWidth(self._context, style, [text]) / self._context.scaleFactor()


class Flow:
    """The place on the pages where the next block goes.

    ``new_page`` is called where a block does not fit, and gives the next page; it may raise
    Cancelled.
    """

    def __init__(self, brief: BriefLayout, page: Page, area: QRectF, new_page: Callable):
        self.brief = brief
        self.ruler = Ruler(brief)
        self._page = page
        self._area = area
        self._new_page = new_page
        self._y = area.top()

    @property
    def room(self) -> float:
        """The millimetres left on this page."""
        return self._area.bottom() - self._y

    def fits(self, table: Table, above: float = 0.0) -> bool:
        """Whether a whole table fits on this page, with a heading of some height above it."""
        measure = RowMeasure(self.brief.template, self.ruler, table, self._area.width())
        return AFTER_BLOCK + above + measure.head + sum(measure.heights) + 1 <= self.room

    def turn(self) -> None:
        """Go on on a new page."""
        self._page, self._area = self._new_page()
        self._y = self._area.top()

    def need(self, height: float) -> None:
        """Turn the page unless there is so much room, or the page is still empty."""
        if self.room < height and self._y > self._area.top():
            self.turn()

    def gap(self, height: float = AFTER_BLOCK) -> None:
        """Leave room before the next block, unless the page is empty."""
        if self._y > self._area.top():
            self._y += height

    def heading(self, text: str, note: str = "", keep: float = 22.0, style: str = "h2") -> None:
        """A heading and a note under it, kept together with ``keep`` mm of what follows."""
        self.gap()
        title, small = self.brief.template.style(style), self.brief.template.style("note")
        height = self.ruler.height(text, title, self._area.width())
        below = self.ruler.height(note, small, self._area.width()) + AFTER_NOTE if note else 0
        self.need(height + below + keep)
        self._text(text, title, height, "heading")
        self._y += AFTER_HEADING
        if note:
            self._text(note, small, below - AFTER_NOTE, "note")
            self._y += AFTER_NOTE

    def paragraph(self, text: str, style: str = "body", bullet: bool = False) -> None:
        """A paragraph; one too long for a page is cut between words."""
        form = self.brief.template.style(style)
        indent = 4.0 if bullet else 0.0
        width = self._area.width() - indent
        height = self.ruler.height(text, form, width)
        if height > self._area.height():
            half = text.rfind(" ", 0, len(text) // 2)
            if half > 0:
                self.paragraph(text[:half], style, bullet)
                self.paragraph(text[half + 1 :], style)
                return
        self.need(height)
        if bullet:
            mark = self.brief.label(BULLET, form, "bullet")
            self.brief.put(mark, self._page, self._area.left() + 0.6, self._y, 3, height + 0.6)
        self._text(text, form, height, "text", indent)
        self._y += AFTER_PARAGRAPH

    def table(self, table: Table) -> None:
        """A table with its headings repeated on each page; no row is lost or cut."""
        measure = RowMeasure(self.brief.template, self.ruler, table, self._area.width())
        position = 0
        while position < len(table.rows):
            self.need(measure.head + measure.heights[position])
            last = measured(measure, position, self.room)
            self._y += add_table(
                self.brief, self._page, measure, (position, last), (self._area.left(), self._y)
            )
            position = last
            if position < len(table.rows):
                self.turn()

    def picture(self, path: Path, height: float, width: float) -> None:
        """A picture of that size."""
        self.need(height)
        picture = QgsLayoutItemPicture(self.brief.layout)
        picture.setId("chart")
        picture.setPicturePath(str(path))
        picture.setResizeMode(QgsLayoutItemPicture.ResizeMode.Zoom)
        self.brief.put(picture, self._page, self._area.left(), self._y, width, height)
        self._y += height

    def _text(self, text, style, height, identifier, indent=0.0) -> None:
        label = self.brief.label(text, style, identifier)
        width = self._area.width() - indent
        # Half a millimetre more than measured, for the descenders of the last line.
        self.brief.put(label, self._page, self._area.left() + indent, self._y, width, height + 0.8)
        self._y += height
