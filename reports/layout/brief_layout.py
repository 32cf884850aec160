"""A brief's print layout, made page by page from the master pages of a template.

A template (.qpt, editable in QGIS's layout designer) has items whose ids start with the name of
their master page: ``cover.``, ``map.``, ``text.``; labels ``style.…`` give the fonts. An id
without its item is left out of the page; the ids in ``NEEDED`` must be there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Optional

from qgis.core import (
    Qgis,
    QgsLayoutItem,
    QgsLayoutItemLabel,
    QgsLayoutItemPage,
    QgsLayoutPoint,
    QgsLayoutSize,
    QgsPrintLayout,
    QgsProject,
    QgsReadWriteContext,
    QgsTextFormat,
)
from qgis.PyQt.QtCore import QPointF, QRectF
from qgis.PyQt.QtGui import QFont, QFontDatabase, QFontInfo
from qgis.PyQt.QtXml import QDomDocument

from ...model.errors import CeasefireError
from .paper import AS_TEMPLATE, put_on_paper
from .template_files import SHIPPED

FOLDER = SHIPPED
NEEDED = ("cover.title", "cover.area", "map.map", "map.note", "text.area")
STYLES = ("h1", "h2", "body", "note", "head", "cell", "below", "number")
FALLBACKS = ("DejaVu Sans", "Noto Sans", "Open Sans", "Segoe UI", "Arial", "Liberation Sans")
ABOVE_MASTERS = 10_000
MOST_ITEMS = 300
MILLIMETRES = Qgis.LayoutUnit.Millimeters


class Template:
    """The master pages of one template, read into a layout of their own."""

    def __init__(self, path: Path, project: QgsProject, paper: str = AS_TEMPLATE):
        self.path = path
        self._masters = QgsPrintLayout(project)
        self._read()
        self._items: dict[str, QgsLayoutItem] = {
            item.id(): item
            for item in self._masters.items()
            if isinstance(item, QgsLayoutItem) and "." in item.id()
        }
        missing = [name for name in NEEDED if name not in self._items]
        missing += [f"style.{name}" for name in STYLES if f"style.{name}" not in self._items]
        if missing:
            raise CeasefireError(
                f"The template “{path.name}” has no item with the id “{missing[0]}”. Give one that "
                "id in the layout designer, or choose another template."
            )
        self.missing_fonts = self._mend_fonts()
        put_on_paper(self._masters, self._items.values(), paper)

    def _read(self) -> None:
        document = QDomDocument()
        try:
            text = self.path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise CeasefireError(
                f"The template “{self.path}” cannot be read. Choose another template, or install "
                "the plugin again."
            ) from None
        if not document.setContent(text)[0]:
            raise CeasefireError(
                f"The template “{self.path}” is not a layout template (its XML is broken). "
                "Save it again from the layout designer, or choose another one."
            )
        _, loaded = self._masters.loadFromTemplate(document, QgsReadWriteContext(), True)
        if not loaded or not self._masters.pageCollection().pageCount():
            raise CeasefireError(
                f"The template “{self.path}” is not a layout template. Choose a .qpt file that "
                "the layout designer saved."
            )

    def _mend_fonts(self) -> list[str]:
        """Replace families that this machine has not; the result names them."""
        have = set(QFontDatabase().families())
        missing = set()
        for item in self._items.values():
            if not isinstance(item, QgsLayoutItemLabel):
                continue
            text_format = item.textFormat()
            family = text_format.font().family()
            if family in have or QFontInfo(QFont(family)).exactMatch():
                continue
            missing.add(family)
            font = text_format.font()
            font.setFamily(next((name for name in FALLBACKS if name in have), font.family()))
            text_format.setFont(font)
            item.setTextFormat(text_format)
        return sorted(missing)

    def item(self, identifier: str) -> Optional[QgsLayoutItem]:
        """The master item of an id, if the template has it."""
        return self._items.get(identifier)

    def style(self, name: str) -> QgsTextFormat:
        """The text format of a ``style.`` label."""
        return QgsTextFormat(self._items[f"style.{name}"].textFormat())

    def of_page(self, master: str) -> list[QgsLayoutItem]:
        """The items of a master page, the lowest first."""
        items = [item for name, item in self._items.items() if name.split(".")[0] == master]
        return sorted(items, key=lambda item: item.zValue())

    def size(self, master: str) -> tuple[float, float]:
        """Width and height of a master page in millimetres."""
        page = self._masters.pageCollection().page(self.of_page(master)[0].page())
        return page.pageSize().width(), page.pageSize().height()

    def area(self, identifier: str) -> QRectF:
        """Where a master item lies on its page, in millimetres."""
        item = self._items[identifier]
        place, size = item.pagePos(), item.sizeWithUnits()
        return QRectF(place.x(), place.y(), size.width(), size.height())


class Page:
    """One page of the brief: its number from 0, its place in its layout, its items by id."""

    def __init__(
        self, number: int, layout: QgsPrintLayout, place: int, items: dict[str, QgsLayoutItem]
    ):
        self.number = number
        self.layout = layout
        self.place = place
        self.items = items

    def item(self, identifier: str) -> Optional[QgsLayoutItem]:
        """The item of an id, if the template has it."""
        return self.items.get(identifier)

    def write(self, identifier: str, text: str) -> None:
        """Set a label's text, where the template has that label."""
        label = self.items.get(identifier)
        if isinstance(label, QgsLayoutItemLabel):
            label.setText(text)


class BriefLayout:
    """The layouts that are printed one after the other; pages are copies of the template's masters.

    A layout becomes slow with its items (each addition goes over all of them), so a long brief is
    several layouts. ``layout`` is the last: new items are made for it and put on the last page.
    """

    def __init__(self, template: Template, project: QgsProject):
        self.template = template
        self.project = project
        self.layouts = [QgsPrintLayout(project)]
        self.pages: list[Page] = []
        self._height = ABOVE_MASTERS
        self._items = 0

    @property
    def layout(self) -> QgsPrintLayout:
        """The layout of the last page."""
        return self.layouts[-1]

    def add_page(self, master: str) -> Page:
        """A new page after the last, with copies of the master's items."""
        if self._items >= MOST_ITEMS:
            self.layouts.append(QgsPrintLayout(self.project))
            self._items = 0
        collection = self.layout.pageCollection()
        paper = QgsLayoutItemPage(self.layout)
        width, height = self.template.size(master)
        paper.setPageSize(QgsLayoutSize(width, height, MILLIMETRES))
        collection.addPage(paper)
        place = collection.pageCount() - 1
        items = {
            item.id(): self._copy(item, place)
            for item in self.template.of_page(master)
            if not item.id().startswith("map.number.")
        }
        self.pages.append(Page(len(self.pages), self.layout, place, items))
        return self.pages[-1]

    def add(self, item: QgsLayoutItem) -> None:
        """Add an item above all others: copies of masters bring the heights of their template."""
        if item.scene() is None:
            self.layout.addLayoutItem(item)
        self._items += 1
        self._height += 1
        item.setZValue(self._height)

    def put(self, item: QgsLayoutItem, page: Page, x: float, y: float, width: float, height: float):
        """Add an item to a page, in millimetres from the page's corner."""
        self.add(item)
        item.attemptResize(QgsLayoutSize(width, height, MILLIMETRES))
        item.attemptMove(QgsLayoutPoint(x, y, MILLIMETRES), page=page.place)
        return item

    def label(self, text: str, style: QgsTextFormat, identifier: str) -> QgsLayoutItemLabel:
        """A label without margins; the caller puts it on a page."""
        label = QgsLayoutItemLabel(self.layout)
        label.setId(identifier)
        label.setText(text)
        label.setTextFormat(style)
        label.setMarginX(0)
        label.setMarginY(0)
        return label

    def _copy(self, item: QgsLayoutItem, page: int) -> QgsLayoutItem:
        document = QDomDocument()
        root = document.createElement("Copied")
        document.appendChild(root)
        item.writeXml(root, document, QgsReadWriteContext())
        # Without their identity, so that a second copy of a master is an item of its own.
        root.firstChildElement().removeAttribute("uuid")
        root.firstChildElement().removeAttribute("templateUuid")
        copies = self.layout.addItemsFromXml(
            root, document, QgsReadWriteContext(), QPointF(0, 0), False
        )
        copy = copies[0]
        copy.attemptMove(
            QgsLayoutPoint(item.pagePos().x(), item.pagePos().y(), MILLIMETRES), page=page
        )
        copy.setLocked(True)
        return copy
