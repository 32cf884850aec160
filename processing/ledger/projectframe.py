"""What a project of a theatre knows beside its layers: place, time, bookmarks, its own words."""

from __future__ import annotations

from typing import Iterable, Mapping, Optional

from qgis.core import (
    Qgis,
    QgsBookmark,
    QgsCoordinateReferenceSystem,
    QgsDateTimeRange,
    QgsProject,
    QgsRectangle,
    QgsReferencedRectangle,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QDateTime, QTime, QTimeZone

from ..fields import WGS84

# The project's entries, which the panels read: Project ▸ Properties keeps them with the file.
SCOPE = "ceasefire_monitor"
ENTRIES = ("theatre", "timezone", "reporting_day_start")
BOOKMARKS = "Ceasefire Monitor"
# A wider theatre than this fits in no zone of UTM.
WIDEST_DEGREES = 12.0
MARGIN, LEAST_MARGIN = 0.08, 0.02
DAYS_WITHOUT_INCIDENTS = 30
POLAR_DEGREES = 80.0


def keep_entries(project: QgsProject, settings: Mapping[str, Optional[str]]) -> None:
    """Theatre, time zone and reporting day: as entries, and as variables for layouts and fields."""
    variables = dict(project.customVariables())
    for name in ENTRIES:
        value = settings.get(name) or ""
        project.writeEntry(SCOPE, f"/{name}", value)
        variables[f"ceasefire_{name}"] = value
    project.setCustomVariables(variables)


def extent_of(layers: Iterable[QgsVectorLayer]) -> QgsRectangle:
    """Where the ledger's land lies, with a margin; where there is none, its incidents.

    An incident may be set far away by a slip of the pen: it does not widen the theatre.
    """
    found = QgsRectangle()
    for only in (False, True):
        for layer in layers:
            is_incidents = layer.fields().lookupField("incident_id") >= 0
            # An extent is remembered from before rows were written by others.
            layer.updateExtents(True)
            if layer.isSpatial() and is_incidents is only and not layer.extent().isNull():
                found.combineExtentWith(layer.extent())
        if not found.isNull():
            break
    return found if found.isNull() else with_margin(found)


def with_margin(extent: QgsRectangle) -> QgsRectangle:
    """A little more than an extent, in degrees; of a point, some kilometres around it."""
    margin = max(LEAST_MARGIN, MARGIN * max(extent.width(), extent.height()))
    return extent.buffered(margin)


def metres_crs(extent: QgsRectangle) -> QgsCoordinateReferenceSystem:
    """The UTM zone of the theatre's middle; degrees for one that is wider, polar or not known."""
    middle = extent.center()
    polar = abs(middle.y()) > POLAR_DEGREES
    if extent.isNull() or extent.width() > WIDEST_DEGREES or polar:
        return QgsCoordinateReferenceSystem(WGS84)
    zone = min(60, int((middle.x() + 180.0) // 6.0) + 1)
    return QgsCoordinateReferenceSystem.fromEpsgId((32600 if middle.y() >= 0 else 32700) + zone)


def set_place(project: QgsProject, extent: QgsRectangle) -> None:
    """CRS, ellipsoid and the view that the project opens with."""
    project.setCrs(metres_crs(extent), True)
    # Lengths are measured on the ellipsoid, whatever the map's CRS is.
    project.setEllipsoid("EPSG:7030")
    if not extent.isNull():
        view = QgsReferencedRectangle(extent, QgsCoordinateReferenceSystem(WGS84))
        project.viewSettings().setDefaultViewExtent(view)


def set_time(project: QgsProject, period: QgsDateTimeRange) -> None:
    """The range of the temporal controller, in steps of a day."""
    times = project.timeSettings()
    times.setTemporalRange(period)
    times.setTimeStep(1.0)
    times.setTimeStepUnit(Qgis.TemporalUnit.Days)


def period_of(
    incidents: QgsVectorLayer, timezone: Optional[str], day_start: Optional[str]
) -> QgsDateTimeRange:
    """The reporting days on which incidents began; of a ledger without any, the last thirty."""
    zone = QTimeZone((timezone or "UTC").encode())
    zone = zone if zone.isValid() else QTimeZone(b"UTC")
    starts = QTime.fromString(day_start or "00:00", "HH:mm")
    column = incidents.fields().lookupField("occurred_from")
    first, last = (
        _instant(get(column)) for get in (incidents.minimumValue, incidents.maximumValue)
    )
    if first is None or last is None:
        last = QDateTime.currentDateTimeUtc()
        first = last.addDays(-DAYS_WITHOUT_INCIDENTS)
    begin = _start_of_day(first, zone, starts)
    end = _start_of_day(last, zone, starts).addDays(1)
    return QgsDateTimeRange(begin.toUTC(), end.toUTC(), True, False)


def add_bookmarks(
    project: QgsProject, theatre: str, extent: QgsRectangle, zones: QgsVectorLayer
) -> None:
    """A spatial bookmark for the theatre and one for each zone of the ledger that has a name."""
    places = [] if extent.isNull() else [(theatre or "Theatre", extent)]
    named: dict = {}
    for feature in zones.getFeatures():
        name = feature.attribute("zone_name")
        if name and feature.hasGeometry():
            box = named.setdefault(str(name), QgsRectangle())
            box.combineExtentWith(feature.geometry().boundingBox())
    places += [(name, with_margin(box)) for name, box in sorted(named.items())]
    manager = project.bookmarkManager()
    for name, box in places:
        bookmark = QgsBookmark()
        bookmark.setName(name)
        bookmark.setGroup(BOOKMARKS)
        bookmark.setExtent(QgsReferencedRectangle(box, QgsCoordinateReferenceSystem(WGS84)))
        manager.addBookmark(bookmark)


def _instant(value) -> Optional[QDateTime]:
    return value if isinstance(value, QDateTime) and value.isValid() else None


def _start_of_day(moment: QDateTime, zone: QTimeZone, starts: QTime) -> QDateTime:
    local = moment.toTimeZone(zone)
    day = local.date() if local.time() >= starts else local.date().addDays(-1)
    return QDateTime(day, starts, zone)
