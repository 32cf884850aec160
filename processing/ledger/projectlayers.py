"""A ledger's layers in a project that is being made: their groups, order, styles and times."""

from __future__ import annotations

from typing import List, Sequence

from qgis.core import (
    Qgis,
    QgsDataSourceUri,
    QgsLayerTreeGroup,
    QgsLineSymbol,
    QgsProject,
    QgsSingleSymbolRenderer,
    QgsVectorLayer,
)

from ...model.errors import CeasefireError
from ...model.field import Shape
from ...model.tables import table
from .place import source_of

GROUP = "Ceasefire Monitor"
TABLES_GROUP = "Tables"
GEOMETRY = "geom"
IN_FORCE = '"valid_to" IS NULL'
TIMES = {
    "incidents": ("occurred_from", "occurred_to"),
    "contact_lines": ("valid_from", "valid_to"),
    "control_areas": ("valid_from", "valid_to"),
}
TABLES = (
    *("observations", "findings", "effort", "fetches", "harm", "links", "claims"),
    *("restrictions", "evidence"),
)
HISTORY = "incident_history"
HISTORY_TITLE = "History of incidents"


def ledger_layer(ledger: str, name: str, subset: str = "") -> QgsVectorLayer:
    """A layer of the ledger in the style that is kept in it, following time where it has one.

    ``ledger`` is a file or ``connection/schema``. Raises CeasefireError where it cannot be opened.
    """
    from ...reports.layout.styles import style_of_ledger

    source, provider = source_of(ledger, name, GEOMETRY if _has_places(name) else None)
    layer = opened(
        _filtered(source, provider, subset),
        HISTORY_TITLE if name == HISTORY else table(name).title,
        provider,
    )
    style_of_ledger(layer, name)
    if provider == "postgres":
        # The database tells who listens which table was written to.
        layer.setRefreshOnNofifyMessage(name)
        layer.setRefreshOnNotifyEnabled(True)
    if name in TIMES:
        _follow_time(layer, *TIMES[name])
    return layer


def opened(source: str, name: str, provider: str = "ogr") -> QgsVectorLayer:
    """A layer that is valid; else CeasefireError names it."""
    layer = QgsVectorLayer(source, name, provider)
    if not layer.isValid():
        raise CeasefireError(
            f"The layer “{name}” could not be opened, so there is no project to write. Check that "
            "the ledger is where you say, and run it again."
        )
    return layer


def land_layers(ledger: str) -> List[QgsVectorLayer]:
    """What the map shows, from top to bottom; lines in force apart from earlier ones."""
    force = ledger_layer(ledger, "contact_lines", IN_FORCE)
    force.setName("Contact lines in force")
    earlier = ledger_layer(ledger, "contact_lines", f"NOT ({IN_FORCE})")
    earlier.setName("Earlier contact lines")
    earlier.setRenderer(QgsSingleSymbolRenderer(_dashes()))
    earlier.setLabelsEnabled(False)
    held = ledger_layer(ledger, "control_areas", IN_FORCE)
    held.setName("Areas of control now")
    above = [ledger_layer(ledger, name) for name in ("incidents", "sites", "posts")]
    return [*above, force, earlier, ledger_layer(ledger, "zones"), held]


def table_layers(ledger: str, names: Sequence[str] = TABLES) -> List[QgsVectorLayer]:
    """The ledger's tables, to look things up and for the lists in forms; its history last."""
    return [ledger_layer(ledger, name) for name in (*names, HISTORY)]


def add_group(
    project: QgsProject, name: str, layers: Sequence[QgsVectorLayer], closed: bool = False
) -> QgsLayerTreeGroup:
    """A group of the layer tree with these layers, which the project owns from now on."""
    group = project.layerTreeRoot().addGroup(name)
    for layer in layers:
        project.addMapLayer(layer, False)
        group.addLayer(layer).setExpanded(False)
    if closed:
        group.setExpanded(False)
        group.setItemVisibilityChecked(False)
    return group


def _filtered(source: str, provider: str, subset: str) -> str:
    """A filter within the source: one that is set later reopens the file, and what QGIS opens of
    it after that has no CRS (3.40)."""
    if not subset:
        return source
    if provider == "ogr":
        return f"{source}|subset={subset}"
    address = QgsDataSourceUri(source)
    address.setSql(subset)
    return address.uri(False)


def _has_places(name: str) -> bool:
    return name != HISTORY and table(name).shape is not Shape.NONE


def _follow_time(layer: QgsVectorLayer, start: str, end: str) -> None:
    """Let QGIS's temporal controller show the features of a moment."""
    times = layer.temporalProperties()
    times.setMode(Qgis.VectorTemporalMode.FeatureDateTimeStartAndEndFromFields)
    times.setStartField(start)
    times.setEndField(end)
    times.setIsActive(True)


def _dashes() -> QgsLineSymbol:
    return QgsLineSymbol.createSimple(
        {"line_color": "#6b6b6b", "line_width": "0.35", "line_style": "dash"}
    )
