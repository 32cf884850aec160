"""Keeps the selection of a table and of a map layer the same, both ways."""

from __future__ import annotations

import math
from typing import Iterable, List, Optional

from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import QItemSelection, QItemSelectionModel, QObject
from qgis.PyQt.QtWidgets import QTableView

from .incident_row import IncidentRow

AROUND_M = 3000.0
METRES_A_DEGREE = 111_320.0


class MapLink(QObject):
    """Selects in the layer what is selected in the table, and the other way round.

    ``view`` shows an IncidentsModel. What a filter hides stays selected on the map.
    """

    def __init__(self, view: QTableView, canvas: QgsMapCanvas, parent=None):
        super().__init__(parent)
        self._view = view
        self._canvas = canvas
        self._layer: Optional[QgsVectorLayer] = None
        self._following = False
        view.selectionModel().selectionChanged.connect(self._table_changed)
        view.model().modelReset.connect(self._select_in_table)

    def set_layer(self, layer: Optional[QgsVectorLayer]) -> None:
        """Follow another layer, or none."""
        if layer is self._layer:
            return
        if self._layer is not None:
            self._layer.selectionChanged.disconnect(self._layer_changed)
        self._layer = layer
        if layer is not None:
            layer.selectionChanged.connect(self._layer_changed)
            self._select_in_table()

    def selected_fids(self) -> List[int]:
        """The features that the table has selected."""
        model = self._view.model()
        ranges = self._view.selectionModel().selection()
        return [
            model.row_at(position).fid
            for part in ranges
            for position in range(part.top(), part.bottom() + 1)
        ]

    def zoom_to(self, row: IncidentRow) -> bool:
        """Show one incident with its uncertainty and flash it; False where it has no place."""
        if self._layer is None:
            return False
        feature = self._layer.getFeature(row.fid)
        if not feature.isValid() or feature.geometry().isNull():
            return False
        point = feature.geometry().centroid().asPoint()
        self._canvas.setExtent(self._extent(point, row.uncertainty_m))
        self._canvas.refresh()
        self._canvas.flashFeatureIds(self._layer, [row.fid])
        return True

    def _extent(self, point, uncertainty_m: Optional[float]) -> QgsRectangle:
        """What the map shows of a place (degrees): its surroundings, in the canvas's CRS."""
        radius = max(AROUND_M, 1.5 * (uncertainty_m or 0.0))
        high = min(radius / METRES_A_DEGREE, 45.0)
        wide = min(high / max(math.cos(math.radians(point.y())), 0.01), 90.0)
        around = QgsRectangle(
            max(point.x() - wide, -180.0),
            max(point.y() - high, -90.0),
            min(point.x() + wide, 180.0),
            min(point.y() + high, 90.0),
        )
        to_canvas = QgsCoordinateTransform(
            QgsCoordinateReferenceSystem("EPSG:4326"),
            self._canvas.mapSettings().destinationCrs(),
            QgsProject.instance(),
        )
        return to_canvas.transformBoundingBox(around)

    def _table_changed(self, *_) -> None:
        if self._following or self._layer is None:
            return
        self._following = True
        self._layer.selectByIds(self.selected_fids(), Qgis.SelectBehavior.SetSelection)
        self._following = False

    def _layer_changed(self, *_) -> None:
        if not self._following:
            self._select_in_table()

    def _select_in_table(self) -> None:
        """Select in the table what the layer has selected, and bring the first into view."""
        if self._layer is None:
            return
        model = self._view.model()
        positions = sorted(
            position
            for position in map(model.position_of, self._layer.selectedFeatureIds())
            if position is not None
        )
        self._following = True
        self._view.selectionModel().select(
            self._ranges(positions), QItemSelectionModel.SelectionFlag.ClearAndSelect
        )
        if positions:
            self._view.scrollTo(model.index(positions[0], 0))
        self._following = False

    def _ranges(self, positions: Iterable[int]) -> QItemSelection:
        """Sorted rows as a selection of as few ranges as there are."""
        model = self._view.model()
        last = model.columnCount() - 1
        selection = QItemSelection()
        start = previous = None
        for position in [*positions, None]:
            if position is not None and previous is not None and position == previous + 1:
                previous = position
                continue
            if start is not None:
                selection.select(model.index(start, 0), model.index(previous, last))
            start = previous = position
        return selection
