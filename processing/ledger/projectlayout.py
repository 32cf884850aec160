"""Map sheets of a theatre, ready in its project: what a situation map has to have on it."""

from __future__ import annotations

from typing import Sequence

from qgis.core import (
    Qgis,
    QgsCoordinateTransform,
    QgsLayerTreeLayer,
    QgsLayoutItemLabel,
    QgsLayoutItemLegend,
    QgsLayoutItemMap,
    QgsLayoutItemPage,
    QgsLayoutItemScaleBar,
    QgsLayoutPoint,
    QgsLayoutSize,
    QgsLegendStyle,
    QgsMapLayer,
    QgsPrintLayout,
    QgsProject,
    QgsRectangle,
    QgsTextFormat,
)
from qgis.PyQt.QtGui import QFont

from ..fields import WGS84

# Name, size of the page and whether it lies: millimetres come from QGIS.
SHEETS = (
    ("Situation map A4", "A4", QgsLayoutItemPage.Orientation.Landscape),
    ("Situation map A3", "A3", QgsLayoutItemPage.Orientation.Landscape),
    ("Situation map A4, upright", "A4", QgsLayoutItemPage.Orientation.Portrait),
)
MARGIN, HEAD, FOOT, LEGEND = 10.0, 14.0, 14.0, 58.0
TITLE = "[% @ceasefire_theatre %]"
BELOW_TITLE = (
    "[% to_string(format_date(now(), 'yyyy-MM-dd')) %] · times: [% @ceasefire_timezone %] · "
    "reporting day from [% @ceasefire_reporting_day_start %]"
)
NOTE = (
    "Lines, boundaries and names on this map are approximate and imply no endorsement. What is "
    "not known is not shown as nothing: see the brief for days without observation."
)
FAMILIES = ["Noto Sans", "Segoe UI", "Helvetica Neue", "Arial", "DejaVu Sans"]


def add_layouts(project: QgsProject, extent: QgsRectangle, layers: Sequence[QgsMapLayer]) -> None:
    """Add the sheets; ``layers`` stand in their legends. ``extent`` is in degrees."""
    for name, page, lies in SHEETS:
        layout = QgsPrintLayout(project)
        layout.initializeDefaults()
        layout.setName(name)
        layout.pageCollection().page(0).setPageSize(page, lies)
        _fill(layout, project, extent, layers)
        project.layoutManager().addLayout(layout)


def _fill(layout: QgsPrintLayout, project, extent, layers) -> None:
    size = layout.pageCollection().page(0).pageSize()
    width, height = size.width(), size.height()
    upright = height > width
    below = MARGIN + FOOT + (LEGEND if upright else 0.0)
    room = width - 2 * MARGIN - (0.0 if upright else LEGEND)
    tall = height - MARGIN - HEAD - below
    chart = QgsLayoutItemMap(layout)
    chart.setId("map")
    layout.addLayoutItem(chart)
    chart.attemptMove(QgsLayoutPoint(MARGIN, MARGIN + HEAD))
    chart.attemptResize(QgsLayoutSize(room, tall))
    chart.setFrameEnabled(True)
    if not extent.isNull():
        to_map = QgsCoordinateTransform(WGS84, project.crs(), project)
        chart.zoomToExtent(to_map.transformBoundingBox(extent))
    _label(layout, "title", TITLE, 16.0, (MARGIN, MARGIN, width - 2 * MARGIN, 8.0), bold=True)
    _label(layout, "below_title", BELOW_TITLE, 8.0, (MARGIN, MARGIN + 8.0, room, 5.0))
    bottom = height - MARGIN - FOOT
    _label(layout, "note", NOTE, 7.0, (MARGIN, bottom + 3.0, width - 2 * MARGIN - 70.0, FOOT - 3.0))
    _scale_bar(layout, chart, (width - MARGIN - 66.0, bottom + 3.0))
    corner = (MARGIN, MARGIN + HEAD + tall + 2.0) if upright else (MARGIN + room + 3.0, 24.0)
    _legend(layout, chart, layers, corner, 2 if upright else 1)


def _label(layout, identifier: str, text: str, points: float, box, bold: bool = False) -> None:
    label = QgsLayoutItemLabel(layout)
    label.setId(identifier)
    label.setText(text)
    label.setTextFormat(_words(points, bold))
    layout.addLayoutItem(label)
    left, top, width, height = box
    label.attemptMove(QgsLayoutPoint(left, top))
    label.attemptResize(QgsLayoutSize(width, height))


def _scale_bar(layout, chart: QgsLayoutItemMap, corner) -> None:
    bar = QgsLayoutItemScaleBar(layout)
    bar.setId("scale")
    bar.setStyle("Line Ticks Up")
    bar.setLinkedMap(chart)
    bar.setUnits(Qgis.DistanceUnit.Kilometers)
    bar.setUnitLabel("km")
    bar.setNumberOfSegmentsLeft(0)
    bar.setNumberOfSegments(2)
    bar.setSegmentSizeMode(Qgis.ScaleBarSegmentSizeMode.FitWidth)
    bar.setMinimumBarWidth(30.0)
    bar.setMaximumBarWidth(60.0)
    bar.setTextFormat(_words(7.0))
    layout.addLayoutItem(bar)
    bar.attemptMove(QgsLayoutPoint(*corner))


def _legend(layout, chart: QgsLayoutItemMap, layers, corner, columns: int) -> None:
    """Only what the map shows; the tables of the ledger are on no map."""
    legend = QgsLayoutItemLegend(layout)
    legend.setId("legend")
    layout.addLayoutItem(legend)
    legend.setLinkedMap(chart)
    legend.setAutoUpdateModel(False)
    root = legend.model().rootGroup()
    root.removeAllChildren()
    for layer in layers:
        root.addChildNode(QgsLayerTreeLayer(layer))
    legend.setLegendFilterByMapEnabled(True)
    legend.setColumnCount(columns)
    legend.setSplitLayer(columns > 1)
    for style in (
        QgsLegendStyle.Style.Title,
        QgsLegendStyle.Style.Group,
        QgsLegendStyle.Style.Subgroup,
        QgsLegendStyle.Style.SymbolLabel,
    ):
        heading = style == QgsLegendStyle.Style.Subgroup
        legend.rstyle(style).setTextFormat(_words(7.5 if heading else 6.5, heading))
    legend.setSymbolHeight(2.8)
    legend.setSymbolWidth(5.0)
    for style, room in (("Symbol", 0.6), ("SymbolLabel", 0.6), ("Subgroup", 1.8)):
        legend.rstyle(getattr(QgsLegendStyle.Style, style)).setMargin(QgsLegendStyle.Side.Top, room)
    legend.attemptMove(QgsLayoutPoint(*corner))


def _words(points: float, bold: bool = False) -> QgsTextFormat:
    words = QgsTextFormat()
    font = QFont(FAMILIES[0])
    font.setBold(bold)
    words.setFont(font)
    words.setFamilies(FAMILIES[1:])
    words.setSize(points)
    words.setSizeUnit(Qgis.RenderUnit.Points)
    return words
