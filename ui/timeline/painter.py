"""Draws a timeline's scene: marks, nights, bars, hatching, brush, dates and the band of effort."""

from __future__ import annotations

import math
from typing import List, Tuple

from qgis.PyQt.QtCore import QPointF, QRectF, Qt
from qgis.PyQt.QtGui import QColor, QFontMetrics, QPainter, QPalette, QPen, QPolygonF

from .colours import colour_of, faint, night_tint
from .columns import KINDS
from .marks import MarkKind
from .scene import Scene, Unit

BAND_PX, GAP_PX, MARK_PX = 10, 3, 5
HATCH_PX = 7
MOST_LINES = 4
WIDEST_GAP_PX = 6


class Layout:
    """Where the parts of the timeline are: plot, dates, band of effort."""

    def __init__(self, width: int, height: int, metrics: QFontMetrics, band_name: str):
        line = metrics.height()
        names = max(metrics.horizontalAdvance("00,000"), metrics.horizontalAdvance(band_name))
        left, right = names + 10, max(width - 10, names + 30)
        band_top = height - BAND_PX - 3
        bottom = band_top - line - 6
        self.strip = QRectF(left, 0, right - left, line + 4)
        self.plot = QRectF(left, line + 5, right - left, max(bottom - line - 5, 10))
        self.dates = QRectF(left, bottom + 2, right - left, line)
        self.band = QRectF(left, band_top, right - left, BAND_PX)


class ScenePainter:
    """Draws one scene into a layout by one palette."""

    def __init__(self, painter: QPainter, scene: Scene, layout: Layout, palette: QPalette):
        self._painter, self._scene, self._layout = painter, scene, layout
        self._palette = palette
        self._metrics = QFontMetrics(painter.font())
        self._edges = [self._clip(scene.scale.x(float(edge))) for edge in scene.edges()]

    def draw(self, band_name: str) -> None:
        """Everything, from the ground up."""
        self._nights()
        self._day_starts()
        top = self._grid()
        self._hatches()
        self._bars(top)
        self._baseline()
        self._marks()
        self._dates()
        self._band(band_name)
        self._brush()
        self._cursor()

    # The ground

    def _nights(self) -> None:
        for start, end in self._scene.nights:
            self._painter.fillRect(self._column(start, end), night_tint(self._palette))

    def _day_starts(self) -> None:
        plot = self._layout.plot
        self._painter.setPen(QPen(faint(self._palette, 60), 1, Qt.PenStyle.DotLine))
        for start in self._scene.day_starts():
            if start >= self._scene.scale.start:
                x = round(self._scene.scale.x(start))
                self._painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom() + 4))

    def _grid(self) -> float:
        """Lines with their numbers; the result is the value at the plot's upper edge."""
        plot, totals = self._layout.plot, self._scene.heights().sum(axis=1)
        highest = max(float(totals.max()) if len(totals) else 0.0, 1.0)
        every = nice_step(highest / MOST_LINES)
        top = highest * 1.08
        value = 0.0
        while value <= top:
            y = round(plot.bottom() - value / top * plot.height())
            if value:
                self._painter.setPen(QPen(faint(self._palette, 36), 1))
                self._painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            self._painter.setPen(faint(self._palette, 190))
            room = QRectF(0, y - 10, plot.left() - 5, 20)
            right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self._painter.drawText(room, right, f"{value:,.0f}")
            value += every
        return top

    def _hatches(self) -> None:
        """Slanting segments of our own over the steps that nobody could observe."""
        self._painter.setPen(QPen(faint(self._palette, 80), 1))
        plot = self._layout.plot
        for first, after in self._scene.not_observed():
            left, right = self._edges[first], self._edges[after]
            if right - left >= 1:
                for one, other in hatching(QRectF(left, plot.top(), right - left, plot.height())):
                    self._painter.drawLine(one, other)

    # What was counted

    def _bars(self, top: float) -> None:
        scene, plot = self._scene, self._layout.plot
        values, kinds = scene.heights(), scene.counts.kinds()
        colours = {kind: colour_of(KINDS[kind].code, self._palette) for kind in kinds}
        per_one = plot.height() / top
        for at in range(len(values)):
            left, right = self._edges[at], self._edges[at + 1]
            if right <= plot.left() or left >= plot.right():
                continue
            gap = min(max((right - left) * 0.12, 0.0), WIDEST_GAP_PX)
            wide = max(right - left - gap, 1.0)
            bottom = plot.bottom()
            for kind in kinds:
                if not values[at][kind]:
                    continue
                high = max(float(values[at][kind]) * per_one, 1.0)
                self._painter.fillRect(
                    QRectF(left + gap / 2, bottom - high, wide, high), colours[kind]
                )
                bottom -= high
                if high > 4 and wide > 3:
                    # A seam, so that colour alone does not part the kinds.
                    seam = QRectF(left + gap / 2, bottom, wide, 1)
                    self._painter.fillRect(seam, self._palette.color(QPalette.ColorRole.Base))
            if scene.unit is Unit.NUMBERS and scene.counts.undetermined[at].any():
                self._undetermined((left + right) / 2, bottom)

    def _undetermined(self, x: float, y: float) -> None:
        """A ring over a bar that holds incidents whose number is not known."""
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        self._painter.setPen(QPen(self._palette.color(QPalette.ColorRole.Text), 1.2))
        self._painter.setBrush(self._palette.color(QPalette.ColorRole.Base))
        self._painter.drawEllipse(QPointF(x, max(y - 4, self._layout.plot.top() + 3)), 2.6, 2.6)
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _baseline(self) -> None:
        """A whole line only where somebody observed: only there is an empty step a zero."""
        plot, watched = self._layout.plot, self._scene.watched
        whole = QPen(faint(self._palette, 200), 1)
        self._painter.setPen(QPen(faint(self._palette, 110), 1, Qt.PenStyle.DotLine))
        y = plot.bottom()
        self._painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
        if watched is None:
            return
        self._painter.setPen(whole)
        for at in (watched.any > 0).nonzero()[0]:
            self._painter.drawLine(QPointF(self._edges[at], y), QPointF(self._edges[at + 1], y))

    # What stands around it

    def _marks(self) -> None:
        scene, strip, plot = self._scene, self._layout.strip, self._layout.plot
        ink = self._palette.color(QPalette.ColorRole.Text)
        places = [(scene.scale.x(mark.moment), mark) for mark in scene.marks]
        places = [item for item in places if strip.left() <= item[0] <= strip.right()]
        drawn = -MARK_PX * 2.0
        for at, (x, mark) in enumerate(places):
            # Two of one moment stand beside each other.
            drawn = max(x, drawn + MARK_PX * 2 + 1)
            self._painter.setPen(QPen(faint(self._palette, 150), 1, Qt.PenStyle.DashLine))
            self._painter.drawLine(QPointF(x, strip.bottom()), QPointF(x, plot.bottom()))
            self._painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
            self._painter.setPen(Qt.PenStyle.NoPen)
            self._painter.setBrush(ink)
            self._painter.drawPolygon(mark_shape(mark.kind, drawn, strip.center().y()))
            self._painter.setBrush(Qt.BrushStyle.NoBrush)
            self._painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            after = places[at + 1][0] if at + 1 < len(places) else strip.right()
            self._mark_text(drawn + MARK_PX + 3, after - MARK_PX - 3, mark.sentences[0])

    def _mark_text(self, left: float, right: float, text: str) -> None:
        if right - left < 40:
            return
        strip = self._layout.strip
        text = self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(right - left))
        self._painter.setPen(faint(self._palette, 210))
        room = QRectF(left, strip.top(), right - left, strip.height())
        self._painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), text)

    def _dates(self) -> None:
        dates, plot = self._layout.dates, self._layout.plot
        for moment, text in self._scene.labels():
            x = self._scene.scale.x(moment)
            wide = self._metrics.horizontalAdvance(text)
            if not dates.left() - 1 <= x <= dates.right() - wide / 2:
                continue
            self._painter.setPen(faint(self._palette, 160))
            self._painter.drawLine(QPointF(x, plot.bottom()), QPointF(x, plot.bottom() + 4))
            self._painter.setPen(faint(self._palette, 220))
            left = max(x - wide / 2, 0)
            self._painter.drawText(QPointF(left, dates.bottom() - self._metrics.descent()), text)

    def _band(self, name: str) -> None:
        band, watched = self._layout.band, self._scene.watched
        self._painter.setPen(faint(self._palette, 190))
        room = QRectF(0, band.top() - 5, band.left() - 5, band.height() + 10)
        right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._painter.drawText(room, right, name)
        if watched is not None:
            for at, share in enumerate(watched.share):
                left, wide = self._edges[at], self._edges[at + 1] - self._edges[at]
                high = max(float(share) * band.height(), 1.0) if share > 0 else 0.0
                self._painter.fillRect(
                    QRectF(left, band.bottom() - high, wide, high), faint(self._palette, 130)
                )
            self._painter.setPen(QPen(faint(self._palette, 80), 1))
            for first, after in self._scene.not_observed():
                area = QRectF(
                    self._edges[first], band.top(), self._edges[after] - self._edges[first], BAND_PX
                )
                for one, other in hatching(area):
                    self._painter.drawLine(one, other)
        style = Qt.PenStyle.SolidLine if watched is not None else Qt.PenStyle.DotLine
        self._painter.setPen(QPen(faint(self._palette, 110), 1, style))
        self._painter.drawRect(band)

    # What is chosen

    def _brush(self) -> None:
        plot, highlight = self._layout.plot, self._palette.color(QPalette.ColorRole.Highlight)
        if self._scene.map_range is not None:
            frame = self._column(*self._scene.map_range)
            self._painter.fillRect(QRectF(frame.left(), plot.bottom(), frame.width(), 3), highlight)
        if self._scene.period is None:
            return
        chosen = self._column(*self._scene.period)
        veil = QColor(self._palette.color(QPalette.ColorRole.Base))
        veil.setAlpha(165)
        if chosen.isEmpty():
            self._painter.fillRect(plot, veil)
            return
        before = QRectF(plot.left(), plot.top(), chosen.left() - plot.left(), plot.height())
        after = QRectF(chosen.right(), plot.top(), plot.right() - chosen.right(), plot.height())
        for area in (before, after):
            self._painter.fillRect(area, veil)
        tint = QColor(highlight)
        tint.setAlpha(34)
        self._painter.fillRect(chosen, tint)
        self._painter.setPen(QPen(highlight, 2))
        for x in (chosen.left(), chosen.right()):
            self._painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))

    def _cursor(self) -> None:
        at = self._scene.cursor
        if at is None or at + 1 >= len(self._edges):
            return
        plot = self._layout.plot
        area = QRectF(
            self._edges[at], plot.top(), self._edges[at + 1] - self._edges[at], plot.height()
        )
        self._painter.setPen(
            QPen(self._palette.color(QPalette.ColorRole.Text), 1, Qt.PenStyle.DashLine)
        )
        self._painter.drawRect(area)

    def _column(self, start: float, end: float) -> QRectF:
        plot, scale = self._layout.plot, self._scene.scale
        left, right = self._clip(scale.x(start)), self._clip(scale.x(end))
        return QRectF(left, plot.top(), right - left, plot.height())

    def _clip(self, x: float) -> float:
        plot = self._layout.plot
        return min(max(x, plot.left()), plot.right())


def hatching(area: QRectF) -> List[Tuple[QPointF, QPointF]]:
    """Slanting segments that fill a rectangle, each cut to it; nothing relies on clipping."""
    segments = []
    # Lines x + y = sum, at the same places whatever the rectangle, so that neighbours go on.
    total = math.ceil((area.left() + area.top()) / HATCH_PX) * HATCH_PX
    while total < area.right() + area.bottom():
        left = max(area.left(), total - area.bottom())
        right = min(area.right(), total - area.top())
        if right > left:
            segments.append((QPointF(left, total - left), QPointF(right, total - right)))
        total += HATCH_PX
    return segments


def mark_shape(kind: MarkKind, x: float, y: float) -> QPolygonF:
    """A diamond for an agreement, a triangle for a line."""
    if kind is MarkKind.AGREEMENT:
        points = ((0, -MARK_PX), (MARK_PX, 0), (0, MARK_PX), (-MARK_PX, 0))
    else:
        points = ((-MARK_PX, -MARK_PX + 1), (MARK_PX, -MARK_PX + 1), (0, MARK_PX))
    return QPolygonF([QPointF(x + across, y + down) for across, down in points])


def nice_step(roughly: float) -> float:
    """1, 2 or 5 times a power of ten, at least one: how far apart the lines of a grid are."""
    if roughly <= 1:
        return 1.0
    power = 10.0 ** math.floor(math.log10(roughly))
    return next(power * by for by in (1, 2, 5, 10) if power * by >= roughly)
