"""What snapshots stand on, watched: the project, the layers of lines, and the files."""

from __future__ import annotations

from typing import Callable, Optional

from qgis.core import QgsProject, QgsVectorLayer
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QFileSystemWatcher

PROJECT_SIGNALS = (
    "layersAdded",
    "layersRemoved",
    "readProject",
    "cleared",
    "customVariablesChanged",
    "transformContextChanged",
)
LAYER_SIGNALS = (
    "dataChanged",
    "afterCommitChanges",
    "afterRollBack",
    "featureAdded",
    "featureDeleted",
    "geometryChanged",
    "attributeValueChanged",
    "subsetStringChanged",
    "crsChanged",
    "updatedFields",
    "dataSourceChanged",
    "nameChanged",
)


class Watch:
    """Calls ``changed`` when something that was followed is another now. Main thread only."""

    def __init__(self, changed: Callable):
        self._changed = changed
        self._layers: dict[str, QgsVectorLayer] = {}
        self._files: Optional[QFileSystemWatcher] = None
        self._on_project = False

    def follow(self, readings: list) -> None:
        """Follow the layers and files of these readings, and no others."""
        if not self._on_project:
            self._on_project = True
            for name in PROJECT_SIGNALS:
                getattr(QgsProject.instance(), name).connect(self._changed)
        wanted = {
            layer.id(): layer
            for reading in readings
            for layer in reading.layers
            if not sip.isdeleted(layer)
        }
        for identifier in set(self._layers) - set(wanted):
            self._leave(self._layers.pop(identifier))
        for identifier in set(wanted) - set(self._layers):
            self._layers[identifier] = wanted[identifier]
            for name in LAYER_SIGNALS:
                getattr(wanted[identifier], name).connect(self._changed)
        self._follow_files({path for reading in readings for path in reading.files})

    def close(self) -> None:
        """Follow nothing any more."""
        self.follow([])
        if self._on_project:
            self._on_project = False
            for name in PROJECT_SIGNALS:
                getattr(QgsProject.instance(), name).disconnect(self._changed)
        if self._files is not None:
            self._files.fileChanged.disconnect(self._changed)
            self._files.deleteLater()
            self._files = None

    def _leave(self, layer: QgsVectorLayer) -> None:
        if sip.isdeleted(layer):
            return
        for name in LAYER_SIGNALS:
            getattr(layer, name).disconnect(self._changed)

    def _follow_files(self, wanted: set[str]) -> None:
        if self._files is None:
            if not wanted:
                return
            self._files = QFileSystemWatcher()
            self._files.fileChanged.connect(self._changed)
        has = set(self._files.files())
        if has - wanted:
            self._files.removePaths(sorted(has - wanted))
        if wanted - has:
            # A file that was replaced is no longer watched: it is taken up again here.
            self._files.addPaths(sorted(wanted - has))
