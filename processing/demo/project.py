"""The QGIS project of the demo: the ledger's layers in their styles over the island."""

from __future__ import annotations

import shutil
from pathlib import Path

from qgis.core import (
    Qgis,
    QgsDateTimeRange,
    QgsFillSymbol,
    QgsMarkerSymbol,
    QgsPalLayerSettings,
    QgsProject,
    QgsProperty,
    QgsRectangle,
    QgsSingleSymbolRenderer,
    QgsTextBufferSettings,
    QgsTextFormat,
    QgsVectorLayer,
    QgsVectorLayerSimpleLabeling,
)
from qgis.PyQt.QtCore import QDateTime, Qt
from qgis.PyQt.QtGui import QColor, QFont

from ...model.errors import CeasefireError
from ..ledger.projectframe import add_bookmarks, keep_entries, set_place, set_time
from ..ledger.projectlayers import (
    GROUP,
    TABLES_GROUP,
    add_group,
    land_layers,
    opened,
    table_layers,
)
from ..ledger.projectlayout import add_layouts

SEA = "#c8dae3"


def write_project(folder: Path, theatre: Path, settings: dict) -> Path:
    """Write ``demo.qgz`` beside ``ledger.gpkg`` in ``folder``; its paths are relative.

    Raises CeasefireError where a layer or the project cannot be made.
    """
    background = folder / "background"
    background.mkdir(exist_ok=True)
    for name in ("theatre.geojson", "places.geojson"):
        shutil.copyfile(theatre / name, background / name)
    project = QgsProject()
    project.setTitle(f"Ceasefire Monitor: {settings['theatre']}")
    project.setFilePathStorage(Qgis.FilePathType.Relative)
    project.setBackgroundColor(QColor(SEA))
    extent = QgsRectangle(*settings["extent"])
    set_place(project, extent)
    set_time(project, _period(settings))
    # What the expression functions (line_distance, agreement_clause) go by.
    project.setCustomVariables({"ceasefire_agreement": "agreement.json"})
    keep_entries(project, settings)
    path = folder / "demo.qgz"
    project.setFileName(str(path))
    _add_layers(project, folder, extent)
    if not project.write():
        raise CeasefireError(
            f"The project “{path}” could not be written ({project.error()}). Free some room or "
            "choose another folder, and run it again."
        )
    project.clear()
    return path


def _period(settings: dict) -> QgsDateTimeRange:
    """The theatre's whole period, for the temporal controller."""
    first = QDateTime.fromString(settings["period_from"], Qt.DateFormat.ISODate)
    last = QDateTime.fromString(settings["period_to"], Qt.DateFormat.ISODate)
    return QgsDateTimeRange(first, last.addDays(1))


def _add_layers(project: QgsProject, folder: Path, extent: QgsRectangle) -> None:
    """The layers in their groups, and from top to bottom as the map draws them."""
    from ...reports.layout.relations import relate
    from ...reports.layout.styles import apply_style

    ledger, root = str(folder / "ledger.gpkg"), project.layerTreeRoot()
    incidents, sites, posts, in_force, earlier, zones, held = land_layers(ledger)
    places = _places(folder / "background" / "places.geojson")
    coast = _coast(folder / "background" / "theatre.geojson")
    kilometres = opened(str(folder / "kilometres.gpkg"), "Kilometres of the line")
    apply_style(kilometres, "line_positions")
    limits = opened(str(folder / "agreement_zones.gpkg"), "Zones and limits")
    apply_style(limits, "agreement_zones")
    ours = [incidents, sites, posts, kilometres, in_force, earlier, zones, held]
    add_group(project, GROUP, ours)
    add_group(project, "Agreement", [limits])
    root.findLayer(limits).setItemVisibilityChecked(False)
    add_group(project, "Island", [places, coast])
    add_group(project, TABLES_GROUP, table_layers(ledger), closed=True)
    relate(project)
    root.setHasCustomLayerOrder(True)
    root.setCustomLayerOrder(
        [
            *(incidents, sites, posts, kilometres, in_force, places, earlier),
            *(limits, zones, held, coast),
        ]
    )
    theatre = project.customVariables()["ceasefire_theatre"]
    add_bookmarks(project, theatre, extent, zones)
    add_layouts(project, extent, ours)


def _coast(path: Path) -> QgsVectorLayer:
    layer = opened(str(path), "Coast")
    symbol = QgsFillSymbol.createSimple(
        {"color": "#f4f1e8", "outline_color": "#7d97a3", "outline_width": "0.3"}
    )
    layer.setRenderer(QgsSingleSymbolRenderer(symbol))
    return layer


def _places(path: Path) -> QgsVectorLayer:
    """Settlements with their names; larger ones in larger letters."""
    layer = opened(str(path), "Places")
    symbol = QgsMarkerSymbol.createSimple(
        {"name": "circle", "color": "#ffffff", "outline_color": "#4a4a4a", "size": "1.4"}
    )
    layer.setRenderer(QgsSingleSymbolRenderer(symbol))
    words = QgsTextFormat()
    words.setFont(QFont("DejaVu Sans"))
    words.setFamilies(["Noto Sans", "Segoe UI", "Helvetica Neue", "Arial"])
    words.setSize(7.5)
    words.setColor(QColor("#3a3a3a"))
    words.dataDefinedProperties().setProperty(
        QgsPalLayerSettings.Property.Size,
        QgsProperty.fromExpression(
            "CASE WHEN \"kind\" = 'city' THEN 11 WHEN \"kind\" = 'town' THEN 9 ELSE 7.5 END"
        ),
    )
    halo = QgsTextBufferSettings()
    halo.setEnabled(True)
    halo.setSize(0.7)
    halo.setColor(QColor(255, 255, 255, 210))
    words.setBuffer(halo)
    labels = QgsPalLayerSettings()
    labels.fieldName = "place_name"
    labels.setFormat(words)
    labels.placement = Qgis.LabelPlacement.OrderedPositionsAroundPoint
    labels.priority = 7
    layer.setLabeling(QgsVectorLayerSimpleLabeling(labels))
    layer.setLabelsEnabled(True)
    return layer
