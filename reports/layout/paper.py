"""Other paper for a template: its pages grow or shrink, its texts keep their size.

Margins stay. Across, positions stretch between the margins; down, the one area of a page that
holds its contents takes up the difference, and what is below it moves.
"""

from __future__ import annotations

import dataclasses
from typing import Iterable

from qgis.core import (
    Qgis,
    QgsLayoutItem,
    QgsLayoutItemPicture,
    QgsLayoutItemScaleBar,
    QgsLayoutPoint,
    QgsLayoutSize,
    QgsPrintLayout,
)

# Width and height in millimetres, by the names of PAPER.
PAPERS = {
    "a4_portrait": (210.0, 297.0),
    "a4_landscape": (297.0, 210.0),
    "a3_portrait": (297.0, 420.0),
    "a3_landscape": (420.0, 297.0),
    "letter_portrait": (215.9, 279.4),
    "letter_landscape": (279.4, 215.9),
}
AS_TEMPLATE = "as_template"
GROWING = ("cover.area", "map.map", "text.area")
MARGIN = 16.0
OF_FIXED_SIZE = (QgsLayoutItemPicture, QgsLayoutItemScaleBar)
MILLIMETRES = Qgis.LayoutUnit.Millimeters


@dataclasses.dataclass
class _Placed:
    """An item with its page, place and size as the template has them."""

    item: QgsLayoutItem
    page: int
    x: float
    y: float
    width: float
    height: float


def put_on_paper(masters: QgsPrintLayout, items: Iterable[QgsLayoutItem], paper: str) -> None:
    """Give the pages of a template's masters the size of a paper, and their items their places."""
    if paper == AS_TEMPLATE:
        return
    placed = [_placed(item) for item in items]
    collection = masters.pageCollection()
    before = [(page.pageSize().width(), page.pageSize().height()) for page in collection.pages()]
    for page in collection.pages():
        page.setPageSize(QgsLayoutSize(*PAPERS[paper], MILLIMETRES))
    collection.reflow()
    growing = {one.page: one for one in placed if one.item.id() in GROWING}
    for one in placed:
        if one.page in growing:
            _place(one, growing[one.page], before[one.page], PAPERS[paper])


def _placed(item: QgsLayoutItem) -> _Placed:
    place, size = item.pagePos(), item.sizeWithUnits()
    return _Placed(item, item.page(), place.x(), place.y(), size.width(), size.height())


def _place(one: _Placed, growing: _Placed, before: tuple, after: tuple) -> None:
    left, right = (_across(x, before[0], after[0]) for x in (one.x, one.x + one.width))
    top, bottom = one.y, one.y + one.height
    more = after[1] - before[1]
    end = growing.y + growing.height
    if top >= end - 0.5:
        top, bottom = top + more, bottom + more
    elif bottom >= end - 0.5:
        bottom += more
    if isinstance(one.item, OF_FIXED_SIZE):
        at_the_right = one.x + one.width / 2 > before[0] / 2
        left = right - one.width if at_the_right else left
        right = left + one.width
    one.item.attemptResize(QgsLayoutSize(right - left, bottom - top, MILLIMETRES))
    one.item.attemptMove(QgsLayoutPoint(left, top, MILLIMETRES), page=one.page)


def _across(x: float, before: float, after: float) -> float:
    """Where a position across the page comes to lie; the margins keep their width."""
    if x <= MARGIN:
        return x
    if x >= before - MARGIN:
        return after - (before - x)
    return MARGIN + (x - MARGIN) * (after - 2 * MARGIN) / (before - 2 * MARGIN)
