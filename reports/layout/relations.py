"""Which record belongs to which, told to a project: forms then show what stands beside a record."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, Optional, Tuple

from qgis.core import (
    QgsDataSourceUri,
    QgsProject,
    QgsProviderRegistry,
    QgsRelation,
    QgsRelationContext,
    QgsVectorLayer,
)

from ...ledger.form_layout import RELATIONS, Relation

Place = Tuple[str, str]


def relate(project: QgsProject) -> None:
    """Add the relations between the layers of a ledger that the project shows, where it lacks them.

    A project that shows two ledgers has the relations of the first; QGIS names a relation once.
    """
    layers = _layers_of_ledgers(project)
    known = project.relationManager().relations()
    for relation in RELATIONS:
        for path, name in layers:
            child = layers.get((path, relation.child))
            if name != relation.parent or child is None or relation.name in known:
                continue
            made = _made(relation, layers[(path, name)], child)
            project.relationManager().addRelation(made)
            break
    # A form that was read before its relations were there looks for them when it hears this.
    project.relationManager().relationsLoaded.emit()


def _made(relation: Relation, parent: QgsVectorLayer, child: QgsVectorLayer) -> QgsRelation:
    made = QgsRelation(QgsRelationContext(parent.project()))
    made.setId(relation.name)
    made.setName(f"{child.name()} · {relation.field}")
    made.setReferencedLayer(parent.id())
    made.setReferencingLayer(child.id())
    made.addFieldPair(relation.field, relation.key)
    return made


def _layers_of_ledgers(project: QgsProject) -> Dict[Place, QgsVectorLayer]:
    """The project's layers of GeoPackages and of databases, by where they lie and their table."""
    found: Dict[Place, QgsVectorLayer] = {}
    for layer in project.mapLayers().values():
        place = _place_of(layer) if isinstance(layer, QgsVectorLayer) else None
        if place is not None:
            found.setdefault(place, layer)
    return found


def _place_of(layer: QgsVectorLayer) -> Optional[Place]:
    if layer.providerType() == "postgres":
        uri = QgsDataSourceUri(layer.source())
        server = (uri.service(), uri.host(), uri.port(), uri.database(), uri.schema())
        return ("\0".join(server), uri.table())
    if layer.providerType() != "ogr":
        return None
    parts = QgsProviderRegistry.instance().decodeUri("ogr", layer.source())
    if parts.get("layerName") and str(parts.get("path", "")).endswith(".gpkg"):
        return (str(Path(parts["path"]).resolve()), parts["layerName"])
    return None
