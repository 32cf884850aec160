"""The timeline's picture: zoom, pan, brush and tooltips by mouse and by keyboard."""

from __future__ import annotations

from datetime import date
from typing import Optional, Tuple

from qgis.PyQt.QtCore import QEvent, QPoint, QRectF, QSize, Qt, pyqtSignal
from qgis.PyQt.QtGui import QPainter, QPalette
from qgis.PyQt.QtWidgets import QToolTip, QWidget

from .calendar import DAY_S, Step
from .painter import Layout, ScenePainter
from .scene import Scene
from .view import TimelineView
from .words import description, of_step

ZOOM = 1.25
NEAR_PX = 5
DRAG_PX = 4
PAN_PART = 0.25
Days = Tuple[date, date]


class TimelineChart(QWidget):
    """Draws a view. ``brushed`` carries the first and last reporting day chosen, or two None.

    ``viewed`` comes after every change of what is in view.
    """

    brushed = pyqtSignal(object, object)
    viewed = pyqtSignal()

    def __init__(self, view: TimelineView, parent=None):
        super().__init__(parent)
        self.view = view
        self.scene: Optional[Scene] = None
        self._anchor: Optional[float] = None
        self._dragged: Optional[Days] = None
        self._pressed_at = QPoint()
        self._panning: Optional[float] = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumHeight(self.fontMetrics().height() * 2 + 70)
        self.setAccessibleName(self.tr("Timeline of incidents"))

    def sizeHint(self):
        return QSize(900, 190)

    def minimumSizeHint(self):
        return QSize(260, self.minimumHeight())

    def refresh(self) -> None:
        """Count again what is in view, and draw it."""
        plot = self._layout().plot
        self.scene = self.view.scene(plot.left(), plot.right())
        if self.scene is not None:
            self.setAccessibleDescription(description(self.scene))
        self.update()
        self.viewed.emit()

    # Drawing

    def paintEvent(self, event):
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().color(QPalette.ColorRole.Base))
        if self.scene is None:
            return
        if self._dragged is not None:
            self.scene.period = self.view.span_of(*self._dragged)
        drawn = ScenePainter(painter, self.scene, self._layout(), self.palette())
        drawn.draw(self._band_name())
        if self.hasFocus():
            painter.setPen(self.palette().color(QPalette.ColorRole.Highlight))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def resizeEvent(self, event):
        super().resizeEvent(event)
        self.refresh()

    def changeEvent(self, event):
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self.update()

    def _layout(self) -> Layout:
        return Layout(self.width(), self.height(), self.fontMetrics(), self._band_name())

    def _band_name(self) -> str:
        return self.tr("observed")

    # The mouse

    def wheelEvent(self, event):
        turned = event.angleDelta()
        if self.scene is None or turned.isNull():
            return
        if turned.x() or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._pan(-(turned.x() or turned.y()) / 120 * PAN_PART / 2)
        else:
            about = self.scene.scale.moment(event.position().x())
            self._zoom(ZOOM ** (-turned.y() / 120), about)
        event.accept()

    def mousePressEvent(self, event):
        if self.scene is None:
            return
        self._pressed_at = event.pos()
        moment = self.scene.scale.moment(event.pos().x())
        if event.button() == Qt.MouseButton.MiddleButton or (
            event.modifiers() & Qt.KeyboardModifier.ControlModifier
        ):
            self._panning = moment
        elif event.button() == Qt.MouseButton.LeftButton:
            self._anchor = self._other_edge(event.pos().x()) or moment

    def mouseMoveEvent(self, event):
        if self.scene is None:
            return
        x = event.pos().x()
        if self._panning is not None:
            self.view.move(self._panning - self.scene.scale.moment(x))
            self.refresh()
            # What is under the hand stays there, also where the view goes no further.
            self._panning = self.scene.scale.moment(x)
        elif self._anchor is not None:
            far = abs(x - self._pressed_at.x()) >= DRAG_PX
            if far or self._dragged is not None:
                self._dragged = self._days(self._anchor, self.scene.scale.moment(x))
                self.update()
        else:
            near = self._other_edge(x) is not None
            shape = Qt.CursorShape.SizeHorCursor if near else Qt.CursorShape.ArrowCursor
            self.setCursor(shape)

    def mouseReleaseEvent(self, event):
        if self._panning is None and self._anchor is not None:
            days, self._dragged = self._dragged, None
            if days is not None:
                self.brushed.emit(*days)
            elif self.scene is not None:
                self._put_cursor(self.scene.scale.moment(event.pos().x()))
        self._anchor = self._panning = None

    def mouseDoubleClickEvent(self, event):
        self._anchor = self._dragged = None
        self.brushed.emit(None, None)

    def event(self, event):
        if event.type() == QEvent.Type.ToolTip and self.scene is not None:
            text, area = self._tip(event.pos())
            QToolTip.showText(event.globalPos(), text, self, area)
            return True
        return super().event(event)

    def _tip(self, place: QPoint) -> Tuple[str, object]:
        layout = self._layout()
        lines = []
        for mark in self.scene.marks:
            if abs(self.scene.scale.x(mark.moment) - place.x()) <= NEAR_PX:
                moment = self.scene.calendar.local(mark.moment).strftime("%Y-%m-%d %H:%M")
                lines += [f"{moment}: {sentence}" for sentence in mark.sentences]
        at = None
        if layout.plot.left() <= place.x() <= layout.plot.right():
            at = self.scene.step_at(self.scene.scale.moment(place.x()))
        if at is not None:
            lines += of_step(self.scene, at)
        area = QRectF(place.x() - 2, place.y() - 8, 4, 16).toRect()
        return "\n".join(lines), area

    def _other_edge(self, x: float) -> Optional[float]:
        """Near an edge of the brush: a moment within the day at its other edge."""
        period = self.view.period_in(self.view.whole)
        if period is None:
            return None
        for near, far in ((period[0], period[1] - 1.0), (period[1], period[0])):
            if abs(self.scene.scale.x(near) - x) <= NEAR_PX:
                return far
        return None

    # The keyboard

    def keyPressEvent(self, event):
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        sideways = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(event.key())
        if self.scene is None:
            super().keyPressEvent(event)
        elif sideways is not None and control:
            self._pan(sideways * PAN_PART)
        elif sideways is not None:
            self._step(sideways, shift)
        elif not self._other_key(event.key()):
            super().keyPressEvent(event)

    def focusInEvent(self, event):
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event):
        super().focusOutEvent(event)
        self.update()

    def _other_key(self, key: int) -> bool:
        """The keys that are not arrows; False for one that means nothing here."""
        scale = self.scene.scale
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            by = ZOOM if key == Qt.Key.Key_Minus else 1 / ZOOM
            cursor = self.view.cursor
            about = (scale.start + scale.end) / 2 if cursor is None else cursor
            self._zoom(by, about)
        elif key == Qt.Key.Key_0:
            self.show_whole()
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self._pan(-1 if key == Qt.Key.Key_PageUp else 1)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            ends = self.view.whole
            self._put_cursor(ends[0] if key == Qt.Key.Key_Home else ends[1] - 1.0)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.view.cursor is not None:
            self.brushed.emit(*self._days(self.view.cursor, self.view.cursor))
        elif key in (Qt.Key.Key_Escape, Qt.Key.Key_Delete):
            self.brushed.emit(None, None)
        else:
            return False
        return True

    def _step(self, sideways: int, choose: bool) -> None:
        """Go to the next bar; with ``choose`` the brush goes along from where it began."""
        was = self.view.cursor
        if was is None:
            before = self.scene.scale.start if sideways > 0 else self.scene.scale.end - 1.0
            self._put_cursor(before)
        else:
            at = self.scene.step_at(was)
            edges = self.scene.edges()
            start, end = (was, was + DAY_S) if at is None else edges[at : at + 2]
            self._put_cursor(float(end) + 1.0 if sideways > 0 else float(start) - 1.0)
        if not choose:
            self.view.anchor = None
            return
        if self.view.anchor is None:
            self.view.anchor = self.view.cursor if was is None else was
        self.brushed.emit(*self._days(self.view.anchor, self.view.cursor))

    # What both do

    def show_whole(self) -> None:
        """Show all there is."""
        self.view.show_whole()
        self.refresh()

    def _zoom(self, by: float, about: float) -> None:
        self.view.zoom(by, about)
        self.refresh()

    def _pan(self, part: float) -> None:
        self.view.move(part * (self.scene.scale.end - self.scene.scale.start))
        self.refresh()

    def _put_cursor(self, moment: float) -> None:
        self.view.put_cursor(moment)
        self.refresh()

    def _days(self, one: float, other: float) -> Days:
        """The whole reporting days, weeks or months that two moments span."""
        step = Step.DAY if self.scene.step is Step.HOUR else self.scene.step
        return self.view.days(min(one, other), max(one, other), step)
