"""Tells of new alerts: in the message bar, by the system, with a sound, and on the map."""

from __future__ import annotations

from typing import Callable, List, Optional

from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsGeometry,
    QgsPointXY,
    QgsProject,
    QgsRectangle,
    QgsSettings,
)
from qgis.gui import QgsMapCanvas, QgsMessageBar
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QObject
from qgis.PyQt.QtWidgets import QApplication, QPushButton, QSystemTrayIcon, QWidget

from .icons import icon

SOUND_KEY = "ceasefire_monitor/alert_sound"
NOTIFICATION_KEY = "ceasefire_monitor/alert_notification"
AROUND_DEGREES = 0.03
FLASHED = 200
FLASHES = 5
FLASH_MS = 400
NOTIFIED_MS = 15_000


class AlertNotices(QObject):
    """One message for all alerts that came at once; it stays until somebody takes it away.

    ``show`` is called by the message's button. A notification of the system may be read by whoever
    sees the screen: it says how many, and an alert's words without a place.
    """

    def __init__(
        self,
        message_bar: QgsMessageBar,
        canvas: QgsMapCanvas,
        show: Callable[[list], None],
        window: QWidget,
    ):
        super().__init__(window)
        self._bar = message_bar
        self._canvas = canvas
        self._show = show
        self._item: Optional[QWidget] = None
        self._tray: Optional[QSystemTrayIcon] = None
        self._newest: list = []

    def tell(self, alerts: list) -> None:
        """Tell of alerts that are new."""
        if not alerts:
            return
        self._newest = alerts
        self._put_in_bar(alerts)
        self._notify(alerts)
        if QgsSettings().value(SOUND_KEY, False, bool) or any(one.sound for one in alerts):
            QApplication.beep()
        flash(self._canvas, alerts)

    def unload(self) -> None:
        """Take back message and tray."""
        self._take_from_bar()
        if self._tray is not None:
            self._tray.hide()
            self._tray.deleteLater()
            self._tray = None

    def _put_in_bar(self, alerts: list) -> None:
        self._take_from_bar()
        words = alerts[0].sentence or alerts[0].public_text or ""
        if len(alerts) > 1:
            words = (
                self.tr("%1 new alerts. The latest: %2")
                .replace("%1", f"{len(alerts):,}")
                .replace("%2", words)
            )
        item = self._bar.createMessage(self.tr("Alert"), words)
        button = QPushButton(self.tr("Show"), item)
        button.setToolTip(self.tr("Show it in the list of alerts and on the map"))
        button.clicked.connect(lambda *_: self._show(alerts))
        item.layout().addWidget(button)
        self._bar.pushWidget(item, Qgis.MessageLevel.Warning, 0)
        self._item = item

    def _take_from_bar(self) -> None:
        item, self._item = self._item, None
        if item is not None and not sip.isdeleted(item):
            self._bar.popWidget(item)

    def _notify(self, alerts: list) -> None:
        wanted = QgsSettings().value(NOTIFICATION_KEY, True, bool)
        if not wanted or not QSystemTrayIcon.isSystemTrayAvailable():
            return
        if self._tray is None:
            self._tray = QSystemTrayIcon(icon("alert"), self)
            self._tray.messageClicked.connect(lambda: self._show(self._newest))
        self._tray.setToolTip(self.tr("Ceasefire Monitor"))
        self._tray.show()
        if QSystemTrayIcon.supportsMessages():
            self._tray.showMessage(
                self.tr("Ceasefire Monitor"), self.public_words(alerts), icon("alert"), NOTIFIED_MS
            )

    def public_words(self, alerts: list) -> str:
        """What may stand on a screen that others see: no place, no name."""
        if len(alerts) > 1:
            return self.tr("%1 new alerts.").replace("%1", f"{len(alerts):,}")
        return alerts[0].public_text or self.tr("A new alert.")


def flash(canvas: QgsMapCanvas, alerts: list) -> int:
    """Flash the places of alerts on the map; how many places there are."""
    points = places_of(alerts)
    if points:
        canvas.flashGeometries(
            [QgsGeometry.fromPointXY(point) for point in points[:FLASHED]],
            QgsCoordinateReferenceSystem("EPSG:4326"),
            flashes=FLASHES,
            duration=FLASH_MS,
        )
    return len(points)


def zoom_to(canvas: QgsMapCanvas, alerts: list) -> bool:
    """Show the places of alerts with their surroundings, and flash them; False without any."""
    points = places_of(alerts)
    if not points:
        return False
    around = QgsRectangle()
    around.setNull()
    for point in points:
        around.include(point)
    around.grow(AROUND_DEGREES)
    to_canvas = QgsCoordinateTransform(
        QgsCoordinateReferenceSystem("EPSG:4326"),
        canvas.mapSettings().destinationCrs(),
        QgsProject.instance(),
    )
    try:
        canvas.setExtent(to_canvas.transformBoundingBox(around))
    except QgsCsException:
        # The map's projection does not reach there.
        return False
    canvas.refresh()
    flash(canvas, alerts)
    return True


def places_of(alerts: list) -> List[QgsPointXY]:
    """The known places (degrees) of alerts."""
    return [
        QgsPointXY(one.longitude, one.latitude)
        for one in alerts
        if one.longitude is not None and one.latitude is not None
    ]
