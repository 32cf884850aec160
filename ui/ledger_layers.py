"""A ledger's layers in the project: found where they are, added where they are not."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, Optional

from qgis.core import QgsLayerTreeGroup, QgsProject, QgsProviderRegistry, QgsVectorLayer

from ..model.tables import table
from ..reports.layout.styles import apply_style

GROUP = "Ceasefire Monitor"
# From top to bottom, as the map draws them.
LAYERS = ("incidents", "sites", "posts", "contact_lines", "zones", "control_areas")


def layer_source(ledger: str, name: str) -> str:
    """The address of one layer of a ledger, as QGIS's OGR provider takes it."""
    return f"{ledger}|layername={name}"


def find_layer(project: QgsProject, ledger: str, name: str) -> Optional[QgsVectorLayer]:
    """The project's layer that shows this table of this ledger, filtered or not."""
    for layer in project.mapLayers().values():
        if _shows(layer, ledger, name):
            return layer
    return None


def find_ledger(project: QgsProject) -> Optional[str]:
    """The ledger whose incidents a project shows; None where it shows none."""
    for layer in project.mapLayers().values():
        parts = _parts(layer)
        if parts.get("layerName") == "incidents" and layer.fields().lookupField("incident_id") >= 0:
            return parts["path"]
    return None


def add_layers(project: QgsProject, ledger: str) -> Dict[str, QgsVectorLayer]:
    """Every layer of the ledger, by name; those that the project lacks are added in our group."""
    found = {}
    for name in LAYERS:
        layer = find_layer(project, ledger, name) or _add(project, ledger, name)
        if layer is not None:
            found[name] = layer
    return found


def _add(project: QgsProject, ledger: str, name: str) -> Optional[QgsVectorLayer]:
    layer = QgsVectorLayer(layer_source(ledger, name), table(name).title, "ogr")
    if not layer.isValid():
        return None
    apply_style(layer, name)
    project.addMapLayer(layer, False)
    _group(project).addLayer(layer).setExpanded(False)
    return layer


def _group(project: QgsProject) -> QgsLayerTreeGroup:
    root = project.layerTreeRoot()
    return root.findGroup(GROUP) or root.insertGroup(0, GROUP)


def _shows(layer, ledger: str, name: str) -> bool:
    parts = _parts(layer)
    if parts.get("layerName") != name or not parts.get("path"):
        return False
    return Path(parts["path"]).resolve() == Path(ledger).resolve()


def _parts(layer) -> dict:
    if not isinstance(layer, QgsVectorLayer) or layer.providerType() != "ogr":
        return {}
    return QgsProviderRegistry.instance().decodeUri("ogr", layer.source())
