"""What a map tool draws over the map: areas, lines and points in degrees, never printed."""

from __future__ import annotations

from typing import List

from qgis.core import Qgis, QgsCoordinateReferenceSystem, QgsGeometry, QgsPointXY
from qgis.gui import QgsMapCanvas, QgsRubberBand
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QColor, QPalette

FILL_ALPHA = 40
HALO = QColor(255, 255, 255, 200)


class Marks:
    """The rubber bands of one tool."""

    def __init__(self, canvas: QgsMapCanvas):
        self._canvas = canvas
        self._bands: List[QgsRubberBand] = []

    def show(self, shapes: List[QgsGeometry]) -> None:
        """Draw these, EPSG:4326, instead of what was drawn."""
        self.clear()
        degrees = QgsCoordinateReferenceSystem("EPSG:4326")
        colour = self._canvas.palette().color(QPalette.ColorRole.Highlight)
        for shape in shapes:
            band = QgsRubberBand(self._canvas, shape.type())
            fill = QColor(colour)
            fill.setAlpha(FILL_ALPHA)
            band.setFillColor(fill)
            band.setStrokeColor(colour)
            band.setSecondaryStrokeColor(HALO)
            band.setWidth(2)
            if shape.type() == Qgis.GeometryType.Point:
                band.setIcon(QgsRubberBand.IconType.ICON_CIRCLE)
                band.setIconSize(9)
            if shape.type() == Qgis.GeometryType.Polygon:
                band.setLineStyle(Qt.PenStyle.DashLine)
            band.setToGeometry(shape, degrees)
            self._bands.append(band)

    def count(self) -> int:
        """How many shapes are drawn."""
        return len(self._bands)

    def clear(self) -> None:
        """Draw nothing."""
        for band in self._bands:
            self._canvas.scene().removeItem(band)
        self._bands = []


def point(place: QgsPointXY) -> QgsGeometry:
    """A place as a shape."""
    return QgsGeometry.fromPointXY(place)


def area(shape) -> QgsGeometry:
    """An area of shapely's as a shape of QGIS's."""
    made = QgsGeometry()
    made.fromWkb(shape.wkb)
    return made


def geodesic(first: QgsPointXY, last: QgsPointXY) -> QgsGeometry:
    """The shortest way between two places, with corners that keep it on its course."""
    from ...analysis.geodesy import WGS84

    if first == last:
        return QgsGeometry.fromPolylineXY([first, last])
    between = WGS84.npts(first.x(), first.y(), last.x(), last.y(), 32)
    middle = []
    for lon, lat in between:
        # A way over the 180th meridian stays in one piece.
        turns = round((lon - first.x()) / 360.0)
        middle.append(QgsPointXY(lon - 360.0 * turns, lat))
    end = QgsPointXY(last.x() - 360.0 * round((last.x() - first.x()) / 360.0), last.y())
    return QgsGeometry.fromPolylineXY([first, *middle, end])
