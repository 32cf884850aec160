"""A ledger's layers in the project: found where they are, added where they are not."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, Optional

from qgis.core import QgsLayerTreeGroup, QgsProject, QgsVectorLayer

from ..model.field import Shape
from ..model.tables import table
from ..processing.ledger.place import is_in_database, ledger_and_table, source_of
from ..reports.layout.relations import relate
from ..reports.layout.styles import style_of_ledger

GROUP = "Ceasefire Monitor"
GEOMETRY = "geom"
# From top to bottom, as the map draws them.
LAYERS = ("incidents", "sites", "posts", "contact_lines", "zones", "control_areas")
# What the forms show beside a record.
TABLES_GROUP = "Tables"
TABLES = (
    *("observations", "effort", "harm", "links", "claims", "restrictions", "evidence", "findings"),
    *("incident_history",),
)
TITLES = {"incident_history": "History of incidents"}


def find_layer(project: QgsProject, ledger: str, name: str) -> Optional[QgsVectorLayer]:
    """The project's layer that shows this table of this ledger, filtered or not."""
    for layer in project.mapLayers().values():
        if _shows(layer, ledger, name):
            return layer
    return None


def find_ledger(project: QgsProject) -> Optional[str]:
    """The ledger whose incidents a project shows; None where it shows none."""
    for layer in project.mapLayers().values():
        ledger, name = ledger_and_table(layer) or (None, None)
        if name == "incidents" and layer.fields().lookupField("incident_id") >= 0:
            return ledger
    return None


def add_layers(project: QgsProject, ledger: str) -> Dict[str, QgsVectorLayer]:
    """Every layer of the ledger, by name; those that the project lacks are added in our group.

    They come in the styles and forms that are kept in the ledger, and with their relations.
    """
    found = {}
    for name in (*LAYERS, *TABLES):
        layer = find_layer(project, ledger, name) or _add(project, ledger, name)
        if layer is not None:
            found[name] = layer
    relate(project)
    return found


def _add(project: QgsProject, ledger: str, name: str) -> Optional[QgsVectorLayer]:
    title = TITLES.get(name) or table(name).title
    source, provider = source_of(ledger, name, GEOMETRY if _has_places(name) else None)
    layer = QgsVectorLayer(source, title, provider)
    if not layer.isValid():
        return None
    style_of_ledger(layer, name)
    if provider == "postgres":
        # The database tells who listens which table was written to.
        layer.setRefreshOnNofifyMessage(name)
        layer.setRefreshOnNotifyEnabled(True)
    project.addMapLayer(layer, False)
    group = _group(project) if name in LAYERS else _tables(project)
    group.addLayer(layer).setExpanded(False)
    return layer


def _group(project: QgsProject) -> QgsLayerTreeGroup:
    root = project.layerTreeRoot()
    return root.findGroup(GROUP) or root.insertGroup(0, GROUP)


def _tables(project: QgsProject) -> QgsLayerTreeGroup:
    """Below the map's layers, closed, and not drawn until somebody wants them drawn."""
    group = _group(project)
    found = group.findGroup(TABLES_GROUP)
    if found is None:
        found = group.addGroup(TABLES_GROUP)
        found.setExpanded(False)
        found.setItemVisibilityChecked(False)
    return found


def _has_places(name: str) -> bool:
    return name not in TITLES and table(name).shape is not Shape.NONE


def _shows(layer, ledger: str, name: str) -> bool:
    found = ledger_and_table(layer)
    if found is None or found[1] != name:
        return False
    if is_in_database(ledger) or found[0] == ledger:
        return found[0] == ledger
    return Path(found[0]).resolve() == Path(ledger).resolve()
