"""The legend of a map: only what is on it, made to fit its place."""

from __future__ import annotations

from typing import Iterable

from qgis.core import (
    Qgis,
    QgsLayerTreeLayer,
    QgsLayoutItem,
    QgsLayoutItemLegend,
    QgsLayoutItemMap,
    QgsLegendRenderer,
    QgsLegendStyle,
    QgsVectorLayer,
)

from ..words import Words

SMALLER_STEPS = 8
MOST_COLUMNS = 4


def fill_legend(
    legend: QgsLayoutItem, item: QgsLayoutItemMap, layers: Iterable[QgsVectorLayer], words: Words
) -> None:
    """Give the legend the layers of a map, the lines first; the frames of sheets need no entry."""
    if not isinstance(legend, QgsLayoutItemLegend):
        return
    legend.setAutoUpdateModel(False)
    legend.setLinkedMap(item)
    root = legend.model().rootGroup()
    root.removeAllChildren()
    named = [layer for layer in layers if layer.name() != words("layer_sheets")]
    for layer in sorted(named, key=lambda layer: not _is_line(layer)):
        if _is_line(layer):
            _name_lines(layer)
        node = QgsLayerTreeLayer(layer)
        root.addChildNode(node)
        if _is_line(layer):
            QgsLegendRenderer.setNodeLegendStyle(node, QgsLegendStyle.Style.Hidden)
    _fit(legend)


def _is_line(layer: QgsVectorLayer) -> bool:
    return layer.geometryType() == Qgis.GeometryType.Line


def _name_lines(layer: QgsVectorLayer) -> None:
    """Lines need no heading: each entry says its kind, and whether it is still in force."""
    renderer, name = layer.renderer(), layer.name()
    for index, category in enumerate(renderer.categories()):
        renderer.updateCategoryLabel(index, f"{category.label()}, {name}")


def _fit(legend: QgsLayoutItemLegend) -> None:
    """Another column or smaller text, step by step, until the legend fits into its place."""
    room = legend.sizeWithUnits()
    for _ in range(SMALLER_STEPS):
        legend.refresh()
        needed = QgsLegendRenderer(legend.model(), legend.legendSettings()).minimumSize()
        if needed.width() <= room.width() and needed.height() <= room.height():
            return
        if needed.height() > room.height() and legend.columnCount() < MOST_COLUMNS:
            legend.setColumnCount(legend.columnCount() + 1)
            continue
        _make_smaller(legend)


def _make_smaller(legend: QgsLayoutItemLegend) -> None:
    for part in (QgsLegendStyle.Style.Subgroup, QgsLegendStyle.Style.SymbolLabel):
        style = legend.style(part)
        form = style.textFormat()
        form.setSize(form.size() * 0.95)
        style.setTextFormat(form)
        legend.setStyle(part, style)
    legend.setColumnSpace(max(1.5, legend.columnSpace() - 0.5))
