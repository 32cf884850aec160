"""Draws on the map where an incident may truly have been: a circle, or the sectors it was seen in.

All geodesic, on the WGS 84 ellipsoid, whatever CRS the map has. It is drawn over the map alone and
never printed.
"""

from __future__ import annotations

import math
from typing import Iterable, List, Optional, Tuple

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsDistanceArea,
    QgsGeometry,
    QgsPointXY,
    QgsProject,
    QgsWkbTypes,
)
from qgis.gui import QgsMapCanvas, QgsRubberBand
from qgis.PyQt.QtCore import QObject, Qt
from qgis.PyQt.QtGui import QColor, QPalette

from .incident_record import IncidentRecord

CORNERS = 90
STEP_DEG = 2.0
FILL_ALPHA = 36
Sector = Tuple[QgsPointXY, float, float, float, float]


class UncertaintyOnMap(QObject):
    """Shows one incident's uncertainty on a canvas until another one is shown, or none."""

    def __init__(self, canvas: QgsMapCanvas, parent=None):
        super().__init__(parent)
        self._canvas = canvas
        self._band: Optional[QgsRubberBand] = None
        self.shape: Optional[QgsGeometry] = None
        canvas.destinationCrsChanged.connect(self._draw)

    def show_record(self, record: IncidentRecord) -> None:
        """What a ledger keeps of an incident's place: its sectors where it was seen in such, else
        the circle that its uncertainty is the radius of; none where nothing is known of it."""
        incident = record.incident
        if incident is None:
            self.clear()
            return
        sectors = sectors_of(record.observations) if incident.uncertainty_kind == "sector" else []
        if sectors:
            self.show_sectors(sectors)
        elif None in (incident.longitude, incident.latitude, incident.uncertainty_m):
            self.clear()
        else:
            centre = QgsPointXY(incident.longitude, incident.latitude)
            self.show_circle(centre, incident.uncertainty_m)

    def show_circle(self, centre: QgsPointXY, radius_m: float) -> None:
        """A circle of that radius, in metres, about a place in degrees."""
        self._show([circle(centre, radius_m)] if radius_m > 0 else [])

    def show_sectors(self, sectors: Iterable[Sector]) -> None:
        """Sectors: the observer's place (degrees), bearing and its plus or minus (degrees, true),
        range at least and at most (metres)."""
        self._show([sector(*one) for one in sectors])

    def clear(self) -> None:
        """Show none."""
        self._show([])

    def unload(self) -> None:
        """Take everything off the canvas."""
        self._canvas.destinationCrsChanged.disconnect(self._draw)
        self._take_off()

    def _show(self, shapes: List[QgsGeometry]) -> None:
        self.shape = QgsGeometry.collectGeometry(shapes) if shapes else None
        self._draw()

    def _draw(self) -> None:
        self._take_off()
        if self.shape is None:
            return
        band = QgsRubberBand(self._canvas, QgsWkbTypes.GeometryType.PolygonGeometry)
        colour = self._canvas.palette().color(QPalette.ColorRole.Highlight)
        fill = QColor(colour)
        fill.setAlpha(FILL_ALPHA)
        band.setFillColor(fill)
        band.setStrokeColor(colour)
        band.setWidth(2)
        band.setLineStyle(Qt.PenStyle.DashLine)
        band.setToGeometry(self.shape, QgsCoordinateReferenceSystem("EPSG:4326"))
        self._band = band

    def _take_off(self) -> None:
        if self._band is not None:
            self._canvas.scene().removeItem(self._band)
            self._band = None


def sectors_of(observations) -> List[Sector]:
    """The sectors of those observations of which place, direction and range are known."""
    found = []
    for item in observations:
        parts = (item.bearing_deg, item.bearing_halfwidth_deg, item.range_max_m)
        if None in (item.longitude, item.latitude, *parts):
            continue
        observer = QgsPointXY(item.longitude, item.latitude)
        found.append((observer, *parts[:2], item.range_min_m or 0.0, item.range_max_m))
    return found


def circle(centre: QgsPointXY, radius_m: float) -> QgsGeometry:
    """The geodesic circle about a place, in degrees; longitudes may pass 180."""
    measure = _ellipsoid()
    ring = [_reached(measure, centre, 360.0 * i / CORNERS, radius_m) for i in range(CORNERS)]
    return QgsGeometry.fromPolygonXY([[*ring, ring[0]]])


def sector(
    observer: QgsPointXY,
    bearing: float,
    halfwidth: float,
    nearest_m: float,
    farthest_m: float,
) -> QgsGeometry:
    """The geodesic annular sector seen from a place; of no direction a ring or a disc."""
    if halfwidth >= 180.0:
        outside = circle(observer, farthest_m)
        return outside.difference(circle(observer, nearest_m)) if nearest_m > 0 else outside
    measure = _ellipsoid()
    steps = max(2, math.ceil(2 * halfwidth / STEP_DEG))
    angles = [bearing - halfwidth + 2 * halfwidth * i / steps for i in range(steps + 1)]
    far = [_reached(measure, observer, angle, farthest_m) for angle in angles]
    near = [observer]
    if nearest_m > 0:
        near = [_reached(measure, observer, angle, nearest_m) for angle in reversed(angles)]
    return QgsGeometry.fromPolygonXY([[*far, *near, far[0]]])


def _reached(measure, start: QgsPointXY, azimuth_deg: float, distance_m: float) -> QgsPointXY:
    there = measure.computeSpheroidProject(start, distance_m, math.radians(azimuth_deg))
    # A circle over the 180th meridian stays in one piece.
    turns = round((there.x() - start.x()) / 360.0)
    return QgsPointXY(there.x() - 360.0 * turns, there.y())


def _ellipsoid() -> QgsDistanceArea:
    measure = QgsDistanceArea()
    measure.setSourceCrs(
        QgsCoordinateReferenceSystem("EPSG:4326"), QgsProject.instance().transformContext()
    )
    measure.setEllipsoid("EPSG:7030")
    return measure
