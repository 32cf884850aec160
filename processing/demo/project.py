"""The QGIS project of the demo: the ledger's layers in their styles over the island."""

from __future__ import annotations

import shutil
from pathlib import Path

from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsDateTimeRange,
    QgsFillSymbol,
    QgsLineSymbol,
    QgsMarkerSymbol,
    QgsPalLayerSettings,
    QgsProject,
    QgsProperty,
    QgsRectangle,
    QgsReferencedRectangle,
    QgsSingleSymbolRenderer,
    QgsTextBufferSettings,
    QgsTextFormat,
    QgsVectorLayer,
    QgsVectorLayerSimpleLabeling,
    QgsVectorLayerTemporalProperties,
)
from qgis.PyQt.QtCore import QDateTime, Qt
from qgis.PyQt.QtGui import QColor, QFont

from ...model.errors import CeasefireError
from ...model.tables import table
from ..fields import WGS84

GROUP = "Ceasefire Monitor"
# UTM zone 24 north, in which the invented island lies.
METRES = "EPSG:32624"
SEA = "#c8dae3"
IN_FORCE = '"valid_to" IS NULL'
TIMES = {
    "incidents": ("occurred_from", "occurred_to"),
    "contact_lines": ("valid_from", "valid_to"),
    "control_areas": ("valid_from", "valid_to"),
}


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
    project.setCrs(QgsCoordinateReferenceSystem(METRES), True)
    project.setFilePathStorage(Qgis.FilePathType.Relative)
    project.setBackgroundColor(QColor(SEA))
    extent = QgsRectangle(*settings["extent"])
    project.viewSettings().setDefaultViewExtent(QgsReferencedRectangle(extent, WGS84))
    project.timeSettings().setTemporalRange(_period(settings))
    # What the expression functions (line_distance, agreement_clause) go by.
    project.setCustomVariables(
        {"ceasefire_timezone": settings["timezone"], "ceasefire_agreement": "agreement.json"}
    )
    path = folder / "demo.qgz"
    project.setFileName(str(path))
    _add_layers(project, folder)
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


def _add_layers(project: QgsProject, folder: Path) -> None:
    """The layers in their groups, and from top to bottom as the map draws them."""
    from ...reports.layout.relations import relate
    from ...reports.layout.styles import apply_style

    ledger, root = folder / "ledger.gpkg", project.layerTreeRoot()
    incidents, sites, posts, zones = (
        _of_ledger(ledger, name) for name in ("incidents", "sites", "posts", "zones")
    )
    in_force = _of_ledger(ledger, "contact_lines", IN_FORCE)
    in_force.setName("Contact lines in force")
    earlier = _of_ledger(ledger, "contact_lines", f"NOT ({IN_FORCE})")
    earlier.setName("Earlier contact lines")
    earlier.setRenderer(QgsSingleSymbolRenderer(_dashes()))
    earlier.setLabelsEnabled(False)
    held = _of_ledger(ledger, "control_areas", IN_FORCE)
    held.setName("Areas of control now")
    places = _places(folder / "background" / "places.geojson")
    coast = _coast(folder / "background" / "theatre.geojson")
    kilometres = _layer(str(folder / "kilometres.gpkg"), "Kilometres of the line")
    apply_style(kilometres, "line_positions")
    limits = _layer(str(folder / "agreement_zones.gpkg"), "Zones and limits")
    apply_style(limits, "agreement_zones")
    ours = [incidents, sites, posts, kilometres, in_force, earlier, zones, held]
    _add_group(project, GROUP, ours)
    _add_group(project, "Agreement", [limits])
    root.findLayer(limits).setItemVisibilityChecked(False)
    _add_group(project, "Island", [places, coast])
    _add_group(project, "Tables", _tables(ledger))
    relate(project)
    root.setHasCustomLayerOrder(True)
    root.setCustomLayerOrder(
        [
            *(incidents, sites, posts, kilometres, in_force, places, earlier),
            *(limits, zones, held, coast),
        ]
    )


def _add_group(project: QgsProject, name: str, layers: list[QgsVectorLayer]) -> None:
    group = project.layerTreeRoot().addGroup(name)
    for layer in layers:
        project.addMapLayer(layer, False)
        group.addLayer(layer).setExpanded(False)


def _of_ledger(ledger: Path, name: str, subset: str = "") -> QgsVectorLayer:
    """A layer of the ledger in the style that is kept in it."""
    from ...reports.layout.styles import style_of_ledger

    source = f"{ledger}|layername={name}" + (f"|subset={subset}" if subset else "")
    layer = _layer(source, table(name).title)
    style_of_ledger(layer, name)
    if name in TIMES:
        _follow_time(layer, *TIMES[name])
    return layer


def _layer(source: str, name: str) -> QgsVectorLayer:
    layer = QgsVectorLayer(source, name, "ogr")
    if not layer.isValid():
        raise CeasefireError(f"The layer “{name}” of the demo could not be opened. Run it again.")
    return layer


def _follow_time(layer: QgsVectorLayer, start: str, end: str) -> None:
    """Let QGIS's temporal controller show the features of a moment."""
    times: QgsVectorLayerTemporalProperties = layer.temporalProperties()
    times.setMode(Qgis.VectorTemporalMode.FeatureDateTimeStartAndEndFromFields)
    times.setStartField(start)
    times.setEndField(end)
    times.setIsActive(True)


def _tables(ledger: Path) -> list[QgsVectorLayer]:
    """The ledger's tables without a shape, to look things up."""
    return [
        _layer(f"{ledger}|layername={name}", table(name).title)
        for name in ("findings", "effort", "fetches", "harm", "links", "evidence")
    ] + [_layer(f"{ledger}|layername=incident_history", "History of incidents")]


def _dashes() -> QgsLineSymbol:
    return QgsLineSymbol.createSimple(
        {"line_color": "#6b6b6b", "line_width": "0.35", "line_style": "dash"}
    )


def _coast(path: Path) -> QgsVectorLayer:
    layer = _layer(str(path), "Coast")
    symbol = QgsFillSymbol.createSimple(
        {"color": "#f4f1e8", "outline_color": "#7d97a3", "outline_width": "0.3"}
    )
    layer.setRenderer(QgsSingleSymbolRenderer(symbol))
    return layer


def _places(path: Path) -> QgsVectorLayer:
    """Settlements with their names; larger ones in larger letters."""
    layer = _layer(str(path), "Places")
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
