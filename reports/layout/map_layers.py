"""The layers of one map: made in memory from the brief's material, cut to what the map shows."""

from __future__ import annotations

from typing import Any, Callable, Iterable, Optional

import numpy as np
import shapely
from qgis.core import (
    Qgis,
    QgsCategorizedSymbolRenderer,
    QgsFeature,
    QgsFillSymbol,
    QgsGeometry,
    QgsPalLayerSettings,
    QgsSimpleLineSymbolLayer,
    QgsTextBufferSettings,
    QgsTextFormat,
    QgsVectorLayer,
    QgsVectorLayerSimpleLabeling,
)
from qgis.PyQt.QtGui import QColor

from ..map_view import MapView
from ..material import Entry, Material, in_force
from ..period import Period
from ..sheets import Sheet
from ..symbol_class import symbol_class
from ..words import Words
from .styles import apply_style

GREY = QColor("#5a6570")


class MapLayers:
    """Makes the layers of a map; ``layers`` has them from the top down."""

    def __init__(
        self, material: Material, period: Period, words: Words, label_style: QgsTextFormat
    ):
        self.material = material
        self.period = period
        self.words = words
        self.label_style = label_style

    def of(self, view: MapView, entries: list[Entry], frames: Iterable[tuple[Sheet, MapView]] = ()):
        """The layers that have something to show in a view, from the top down.

        With ``frames`` of other sheets it is an overview: names of single posts and sites would
        cover what it shows, and stand on the sheets.
        """
        box = shapely.box(*view.degrees())
        frames = list(frames)
        post_name, site_name = ("", "") if frames else ("name", "site_name")
        layers = [
            self._incidents(entries, box),
            self._records("posts", self.material.posts, box, _at_point, label=post_name),
            self._records("sites", self._dated(self.material.sites), box, label=site_name),
            *self._lines(box),
            self._frames(frames),
            self._records("zones", self._dated(self.material.zones), box, label="zone_name"),
            self._control(box),
        ]
        return [layer for layer in layers if layer is not None]

    def current_lines(self) -> list:
        """The lines in force at the end of the period."""
        last = self.period.end
        return [
            line
            for line in self.material.lines
            if in_force(line, self.period.start, last)
            and (line.valid_to is None or line.valid_to >= last)
        ]

    def _dated(self, records: list) -> list:
        return [item for item in records if in_force(item, self.period.start, self.period.end)]

    def _incidents(self, entries: list[Entry], box) -> Optional[QgsVectorLayer]:
        shown = [
            (entry, shapely.Point(entry.incident.longitude, entry.incident.latitude))
            for entry in entries
            if entry.located
        ]
        shown = [(entry, point) for entry, point in shown if box.intersects(point)]
        rows = [
            ((entry.incident.category, entry.finding.flag), point)
            for entry, point in sorted(shown, key=lambda item: _rank(item[0]))
        ]
        layer = _layer("Point", ("category", "flag"), rows, self.words("layer_incidents"))
        if layer is not None:
            apply_style(layer, "incidents")
            present = {symbol_class(entry.incident.category).code for entry, _ in shown}
            _keep_categories(layer, present, set())
        return layer

    def _lines(self, box) -> list[Optional[QgsVectorLayer]]:
        current = self.current_lines()
        earlier = [
            line
            for line in self._dated(self.material.lines)
            if not any(line is item for item in current)
        ]
        now = self._line_layer(current, box, self.words("layer_lines"))
        before = self._line_layer(earlier, box, self.words("layer_lines_earlier"))
        if before is not None:
            _make_faint(before)
        return [now, before]

    def _line_layer(self, lines: list, box, name: str) -> Optional[QgsVectorLayer]:
        return self._records("contact_lines", lines, box, name=name)

    def _control(self, box) -> Optional[QgsVectorLayer]:
        return self._records("control_areas", self._latest_control(), box, label="holder")

    def _latest_control(self) -> list:
        """The areas in force at the end of the period: they may not be drawn over each other."""
        last = self.period.end
        return [
            area
            for area in self.material.control
            if (area.valid_from is None or area.valid_from < last)
            and (area.valid_to is None or area.valid_to >= last)
        ]

    def _records(
        self,
        style: str,
        records: list,
        box,
        geometry: Callable[[Any], Any] = lambda record: record.geometry,
        label: str = "",
        name: str = "",
    ) -> Optional[QgsVectorLayer]:
        shown = [(record, geometry(record)) for record in records]
        window = shapely.box(*_grown(box.bounds))
        shown = [(record, _within(shape, window)) for record, shape in shown if _meets(shape, box)]
        if not shown:
            return None
        column = "holder" if style == "control_areas" else "kind"
        fields = (column, "label")
        rows = [
            ((getattr(record, column), getattr(record, label) if label else None), shape)
            for record, shape in shown
        ]
        titles = {"zones": "layer_zones", "sites": "layer_sites", "posts": "layer_posts"}
        title = name or self.words(titles.get(style, "layer_control"))
        layer = _layer(_kind_of(shown[0][1]), fields, rows, title)
        apply_style(layer, style)
        values = {getattr(record, column) or "" for record, _ in shown}
        known = {item.value() for item in layer.renderer().categories()}
        _keep_categories(layer, values & known, values - known)
        if label:
            _add_labels(layer, self.label_style, style)
        return layer

    def _frames(self, frames) -> Optional[QgsVectorLayer]:
        rows = [((None, sheet.name), shapely.box(*view.degrees())) for sheet, view in frames]
        layer = _layer("Polygon", ("kind", "label"), rows, self.words("layer_sheets"))
        if layer is None:
            return None
        symbol = QgsFillSymbol.createSimple(
            {"style": "no", "outline_color": "#1f3a5f", "outline_width": "0.3"}
        )
        layer.renderer().setSymbol(symbol)
        _add_labels(layer, self.label_style, "frames")
        return layer


def _rank(entry: Entry) -> int:
    return {"near": 2, "possible": 1}.get(entry.finding.flag, 0)


def _at_point(post) -> Optional[shapely.Point]:
    if post.longitude is None or post.latitude is None:
        return None
    return shapely.Point(post.longitude, post.latitude)


def _meets(shape, box) -> bool:
    return shape is not None and not shape.is_empty and shapely.intersects(shape, box)


def _grown(bounds, share: float = 0.05) -> tuple:
    """Bounds with a rim, so that the edges of what is cut there are not drawn."""
    west, south, east, north = bounds
    across, up = (east - west) * share, (north - south) * share
    return west - across, south - up, east + across, north + up


def _within(shape, window):
    """What of a shape a map can show: huge parts outside would burden the PDF."""
    # GEOS may leave the processor's flag "invalid" set behind, which numpy then warns of.
    with np.errstate(invalid="ignore"):
        cut = shapely.intersection(shapely.make_valid(shape), window)
    kinds = {"Polygon": ("Polygon",), "LineString": ("LineString", "LinearRing")}
    wanted = shape.geom_type.replace("Multi", "")
    parts = [
        part for part in shapely.get_parts(cut) if part.geom_type in kinds.get(wanted, (wanted,))
    ]
    if not parts:
        return shape
    if wanted == "Polygon":
        return shapely.multipolygons(parts)
    return shapely.multilinestrings(parts) if wanted == "LineString" else shape


def _kind_of(shape) -> str:
    return {"Point": "Point", "MultiPoint": "MultiPoint"}.get(
        shape.geom_type, "MultiLineString" if "Line" in shape.geom_type else "MultiPolygon"
    )


def _layer(kind: str, fields: tuple, rows: list, name: str) -> Optional[QgsVectorLayer]:
    if not rows:
        return None
    columns = "&".join(f"field={field}:string" for field in fields)
    layer = QgsVectorLayer(f"{kind}?crs=EPSG:4326&{columns}", name, "memory")
    features = []
    for values, shape in rows:
        feature = QgsFeature(layer.fields())
        feature.setAttributes(list(values))
        geometry = QgsGeometry()
        geometry.fromWkb(shapely.to_wkb(shapely.force_2d(shape)))
        if kind.startswith("Multi"):
            geometry.convertToMultiType()
        feature.setGeometry(geometry)
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    layer.updateExtents()
    return layer


def _keep_categories(layer: QgsVectorLayer, present: set, others: set) -> None:
    """Leave in the legend only what the map shows; ``others`` fall to the style's last symbol."""
    renderer: QgsCategorizedSymbolRenderer = layer.renderer()
    for index in range(len(renderer.categories()) - 1, -1, -1):
        value = renderer.categories()[index].value()
        keep = value in present or (not value and ("" in present or others))
        if not keep:
            renderer.deleteCategory(index)


def _make_faint(layer: QgsVectorLayer) -> None:
    """Draw lines that are no longer in force dashed and thin."""
    renderer = layer.renderer()
    for index, category in enumerate(renderer.categories()):
        symbol = category.symbol().clone()
        top = symbol.symbolLayer(symbol.symbolLayerCount() - 1)
        if isinstance(top, QgsSimpleLineSymbolLayer):
            top.setWidth(0.5)
            top.setColor(QColor("#444444"))
            top.setUseCustomDashPattern(True)
            top.setCustomDashVector([2.2, 1.4])
            top.setCustomDashPatternUnit(Qgis.RenderUnit.Millimeters)
        renderer.updateCategorySymbol(index, symbol)


def _add_labels(layer: QgsVectorLayer, style: QgsTextFormat, kind: str) -> None:
    text = QgsTextFormat(style)
    font = text.font()
    sizes = {"control_areas": 9.0, "zones": 6.6, "sites": 6.2, "posts": 6.2, "frames": 11.0}
    text.setSize(sizes[kind])
    font.setBold(kind == "frames")
    font.setItalic(kind == "zones")
    text.setFont(font)
    text.setColor(QColor("#1f3a5f") if kind == "frames" else GREY)
    halo = QgsTextBufferSettings()
    halo.setEnabled(True)
    halo.setSize(0.6)
    halo.setColor(QColor(255, 255, 255, 200))
    text.setBuffer(halo)
    settings = QgsPalLayerSettings()
    settings.fieldName = "label"
    settings.setFormat(text)
    if kind == "frames":
        settings.placement = Qgis.LabelPlacement.OverPoint
        settings.geometryGeneratorEnabled = True
        settings.geometryGenerator = "point_n($geometry, 4)"
        settings.geometryGeneratorType = Qgis.GeometryType.Point
        settings.quadOffset = Qgis.LabelQuadrantPosition.BelowRight
        settings.dist = 0
        settings.xOffset, settings.yOffset = 0.8, -0.6
        settings.priority = 10
        placement = settings.placementSettings()
        placement.setOverlapHandling(Qgis.LabelOverlapHandling.AllowOverlapIfRequired)
        settings.setPlacementSettings(placement)
    layer.setLabeling(QgsVectorLayerSimpleLabeling(settings))
    layer.setLabelsEnabled(True)
