"""An open layer's features as a raw table: attributes as Python has them, points in degrees."""

from __future__ import annotations

from typing import Any, Optional

from qgis.core import (
    Qgis,
    QgsCoordinateTransform,
    QgsCoordinateTransformContext,
    QgsCsException,
    QgsFeature,
    QgsGeometry,
    QgsVectorLayer,
    QgsVectorLayerFeatureSource,
)
from qgis.PyQt.QtCore import QCoreApplication, QDate, QDateTime, Qt, QTime

from ...feeds.table import (
    GEOMETRY_LATITUDE,
    GEOMETRY_LONGITUDE,
    GEOMETRY_RADIUS,
    RawTable,
    assemble,
)
from ...feeds.vector import radius
from ...model.errors import Cancelled, CeasefireError
from ..fields import WGS84, python_value

STEP = 512
LOST = "\ufffd"


class LayerTable:
    """What is taken of a layer on the main thread, so that a worker can read its features."""

    def __init__(self, layer: QgsVectorLayer, transforms: QgsCoordinateTransformContext):
        self.layer_name = layer.name()
        self._names = [field.name() for field in layer.fields()]
        self._spatial = layer.isSpatial()
        self._source = QgsVectorLayerFeatureSource(layer)
        self._count = max(1, layer.featureCount())
        self._crs = layer.crs()
        self._transforms = transforms

    def _refuse_what_is_not_degrees(self, rows: list) -> None:
        if any(abs(value) > 360 for row in rows for value in row[-3:-1] if value is not None):
            raise CeasefireError(
                tr(
                    "The layer “%1” has no coordinate system, and its coordinates are not degrees: "
                    "set its coordinate system in the layer's properties and import it again."
                ).replace("%1", self.layer_name)
            )

    def read(self, feedback) -> RawTable:
        """All features as rows; raises CeasefireError where the layer holds none."""
        transform = None
        if self._spatial and self._crs.isValid() and self._crs != WGS84:
            transform = QgsCoordinateTransform(self._crs, WGS84, self._transforms)
        rows, lost = [], False
        for i, feature in enumerate(self._source.getFeatures()):
            if i % STEP == 0:
                if feedback.isCanceled():
                    raise Cancelled(tr("The import was stopped; nothing was written."))
                feedback.setProgress(20.0 * min(1.0, i / self._count))
            cells = [plain(value) for value in feature.attributes()]
            lost = lost or any(isinstance(cell, str) and LOST in cell for cell in cells)
            rows.append([*cells, *self._place(feature, transform)])
        if not rows:
            raise CeasefireError(
                tr("The layer “%1” holds no features: choose another.").replace(
                    "%1", self.layer_name
                )
            )
        if self._spatial and not self._crs.isValid():
            self._refuse_what_is_not_degrees(rows)
        notes = self._notes(lost)
        header = [*self._names, GEOMETRY_LONGITUDE, GEOMETRY_LATITUDE, GEOMETRY_RADIUS]
        if not self._spatial:
            header, rows = header[:-3], [row[:-3] for row in rows]
        return assemble(header, rows, notes, self.layer_name)

    def _notes(self, lost: bool) -> list[str]:
        notes = []
        if lost:
            notes.append(
                tr(
                    "Some letters were lost when QGIS opened the layer's file in a wrong encoding: "
                    "give the file's path instead of the layer, and they are read right."
                )
            )
        if self._spatial and not self._crs.isValid():
            notes.append(
                tr("The layer has no coordinate system; its points were taken as degrees.")
            )
        return notes

    def _place(self, feature: QgsFeature, transform: Optional[QgsCoordinateTransform]) -> list:
        """Longitude, latitude and, for lines and areas, the radius in metres about it."""
        if not feature.hasGeometry() or feature.geometry().isEmpty():
            return [None, None, None]
        geometry = QgsGeometry(feature.geometry())
        if transform is not None:
            try:
                geometry.transform(transform)
            except QgsCsException:
                raise CeasefireError(
                    tr(
                        "A feature of “%1” cannot be brought to degrees: check the layer's "
                        "coordinate system."
                    ).replace("%1", self.layer_name)
                ) from None
        box = geometry.boundingBox()
        point = geometry.type() == Qgis.GeometryType.Point
        if point and (not geometry.isMultipart() or box.isNull() or box.isEmpty()):
            found = geometry.vertexAt(0)
            return [found.x(), found.y(), None]
        middle = geometry.centroid()
        found = middle.asPoint() if not middle.isEmpty() else box.center()
        corners = (box.xMinimum(), box.xMaximum(), box.yMinimum(), box.yMaximum())
        return [found.x(), found.y(), radius(found.x(), found.y(), *corners)]


def tr(text: str) -> str:
    """A sentence in the user's language."""
    return QCoreApplication.translate("LayerTable", text)


def plain(value: Any) -> Any:
    """An attribute as text, number or None; a local date-time without zone stays without one."""
    value = python_value(value)
    if isinstance(value, QDateTime):
        if not value.isValid():
            return None
        text = value.toString("yyyy-MM-ddTHH:mm:ss")
        if value.timeSpec() == Qt.TimeSpec.LocalTime:
            return text
        offset = value.offsetFromUtc() // 60
        sign = "-" if offset < 0 else "+"
        return f"{text}{sign}{abs(offset) // 60:02d}:{abs(offset) % 60:02d}"
    if isinstance(value, QDate):
        return value.toString("yyyy-MM-dd") if value.isValid() else None
    if isinstance(value, QTime):
        return value.toString("HH:mm:ss") if value.isValid() else None
    if isinstance(value, (str, int, float)) or value is None:
        return value
    return str(value)
