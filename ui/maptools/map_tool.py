"""What the map tools share: snapping, the read-out at the cursor, Esc, and their box."""

from __future__ import annotations

from typing import Optional

from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsPointXY,
    QgsProject,
)
from qgis.gui import QgsMapCanvas, QgsMapTool, QgsSnapIndicator
from qgis.PyQt.QtCore import QCoreApplication, QPoint, Qt

from .box import Box
from .cursor_label import CursorLabel
from .marks import Marks


class MapTool(QgsMapTool):
    """Base of the map tools. A subclass makes its box and handles the mouse.

    ``hovered``, ``pressed`` and ``released`` get places in degrees, EPSG:4326, snapped where the
    project snaps. ``reset`` takes back what was begun and returns whether there was anything.
    """

    def __init__(self, part, box: Box):
        canvas: QgsMapCanvas = part.iface.mapCanvas()
        super().__init__(canvas)
        self.part, self.box, self.map = part, box, canvas
        self.label = CursorLabel(canvas)
        self.marks = Marks(canvas)
        self._snapped: Optional[QgsSnapIndicator] = None
        self.setCursor(Qt.CursorShape.CrossCursor)
        box.closed.connect(self.put_away)
        box.escaped.connect(self.escape)

    def tr(self, text: str) -> str:
        return QCoreApplication.translate(type(self).__name__, text)

    # What a subclass writes

    def hovered(self, place: QgsPointXY, at: QPoint) -> None:
        """The cursor moved."""

    def pressed(self, place: QgsPointXY, at: QPoint) -> None:
        """The left button went down."""

    def released(self, place: QgsPointXY, at: QPoint) -> None:
        """The left button went up."""

    def reset(self) -> bool:
        """Take back what was begun; False where nothing was."""
        return False

    def opened(self) -> None:
        """The tool was taken up."""

    # What QGIS calls

    def activate(self):
        """Show the box."""
        super().activate()
        self._snapped = QgsSnapIndicator(self.map)
        self.box.show()
        self.box.fit()
        self.map.extentsChanged.connect(self.box.fit)
        self.box.raise_()
        self.opened()

    def deactivate(self):
        """Take everything off the map."""
        self.map.extentsChanged.disconnect(self.box.fit)
        self.reset()
        self.marks.clear()
        self.label.hide()
        self.tell("")
        self.box.hide()
        self._snapped = None
        super().deactivate()

    def canvasMoveEvent(self, event):
        """Say what is measured at the cursor."""
        place = self._place(event)
        if place is not None:
            self.hovered(place, event.pos())

    def canvasPressEvent(self, event):
        """Begin with the left button; the right one takes back."""
        if event.button() == Qt.MouseButton.RightButton:
            self.escape()
            return
        place = self._place(event)
        if place is not None and event.button() == Qt.MouseButton.LeftButton:
            self.pressed(place, event.pos())

    def canvasReleaseEvent(self, event):
        """End what the press began."""
        place = self._place(event)
        if place is not None and event.button() == Qt.MouseButton.LeftButton:
            self.released(place, event.pos())

    def keyPressEvent(self, event):
        """Esc takes back, then puts the tool away."""
        if event.key() == Qt.Key.Key_Escape:
            self.escape()
            event.accept()

    # What subclasses use

    def escape(self) -> None:
        """Take back what was begun; where nothing was, put the tool away."""
        if not self.reset():
            self.put_away()

    def put_away(self) -> None:
        """Give the map back to the tool that was there before."""
        self.part.put_away(self)

    def read_out(self, lines: list, at: QPoint) -> None:
        """Say something at the cursor, and in one line in the status bar."""
        self.label.say("\n".join(lines), at)
        self.tell(" · ".join(lines))

    def tell(self, text: str) -> None:
        """Write in QGIS's status bar."""
        bar = getattr(self.part.iface, "statusBarIface", self.part.iface.mainWindow().statusBar)()
        bar.showMessage(text)

    def warn(self, sentence: str) -> None:
        """Say in the message bar what is wrong."""
        self.part.commands.say(sentence, Qgis.MessageLevel.Warning)

    def unload(self) -> None:
        """Let go of everything, so that the tool can be deleted."""
        self.marks.clear()
        self._snapped = None
        for widget in (self.label, self.box):
            widget.hide()
            widget.deleteLater()
        self.deleteLater()

    def _place(self, event) -> Optional[QgsPointXY]:
        """Where the cursor is, in degrees; None outside what the map's system can tell."""
        event.snapPoint()
        if self._snapped is not None:
            self._snapped.setMatch(event.mapPointMatch())
        try:
            place = to_degrees(self.map).transform(event.mapPoint())
        except QgsCsException:
            return None
        return place if abs(place.y()) <= 90.0 else None


def to_degrees(canvas: QgsMapCanvas) -> QgsCoordinateTransform:
    """From the map's system to EPSG:4326."""
    degrees = QgsCoordinateReferenceSystem("EPSG:4326")
    return QgsCoordinateTransform(
        canvas.mapSettings().destinationCrs(), degrees, QgsProject.instance().transformContext()
    )
