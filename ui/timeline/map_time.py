"""Keeps the map's time in step with the filter's period, by QGIS's temporal controller."""

from __future__ import annotations

from typing import Optional, Tuple

from qgis.core import (
    Qgis,
    QgsDateTimeRange,
    QgsTemporalNavigationObject,
    QgsVectorLayer,
)
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import QDateTime, QObject, Qt, pyqtSignal

Span = Tuple[Optional[float], Optional[float]]
OPEN: Span = (None, None)


class MapTime(QObject):
    """Gives the canvas and its temporal controller a range, and tells when a user gives another.

    ``chosen`` carries a range that was set in the temporal controller as fixed; ``seen`` any that
    the map shows, frames of an animation too. Sides are seconds since 1970, None where open.
    """

    chosen = pyqtSignal(object)
    seen = pyqtSignal(object)

    def __init__(self, canvas: QgsMapCanvas, parent=None):
        super().__init__(parent)
        self._canvas = canvas
        self._setting = False
        self._ours: Span = OPEN
        self._kept_for: Optional[Span] = None
        canvas.temporalRangeChanged.connect(self._changed)

    def shown(self) -> Span:
        """What the map shows now; open where it is not limited."""
        return _span_of(self._canvas.temporalRange())

    def show(self, span: Span, layer: Optional[QgsVectorLayer]) -> None:
        """Let the map show a span; an open one takes back what was set here, and only that."""
        if span in (self._ours, self._kept_for):
            return
        self._kept_for = None
        if span == OPEN and self.shown() != self._ours:
            # Somebody has moved on with the temporal controller since: it is theirs.
            self._ours = OPEN
            return
        self._ours = span
        if layer is not None and span != OPEN:
            follow_time(layer)
        self._setting = True
        try:
            self._set(_range_of(span))
        finally:
            self._setting = False
        self.seen.emit(self.shown())

    def keep_for(self, period: Span) -> None:
        """Leave what a user chose for the map as it is while the filter has this period.

        The filter knows whole days only; hours that were set in the controller are not widened.
        """
        self._kept_for = period

    def unload(self) -> None:
        """Let go of the canvas."""
        self._canvas.temporalRangeChanged.disconnect(self._changed)

    def _set(self, wanted: QgsDateTimeRange) -> None:
        controller = self._canvas.temporalController()
        if isinstance(controller, QgsTemporalNavigationObject):
            modes = Qgis.TemporalNavigationMode
            mode = modes.Disabled if wanted.isInfinite() else modes.FixedRange
            if not wanted.isInfinite():
                controller.setTemporalExtents(wanted)
            controller.setNavigationMode(mode)
        if _span_of(self._canvas.temporalRange()) != _span_of(wanted):
            self._canvas.setTemporalRange(wanted)

    def _changed(self) -> None:
        if self._setting:
            return
        shown = self.shown()
        self.seen.emit(shown)
        controller = self._canvas.temporalController()
        animated = Qgis.TemporalNavigationMode.Animated, Qgis.TemporalNavigationMode.Movie
        if isinstance(controller, QgsTemporalNavigationObject) and (
            controller.navigationMode() in animated
        ):
            # Frames run over the chart; a table that followed each would never be at rest.
            return
        if shown != self._ours:
            self._ours = shown
            self.chosen.emit(shown)


def follow_time(layer: QgsVectorLayer) -> None:
    """Let a layer of incidents follow the map's time, unless it was told how already."""
    times = layer.temporalProperties()
    if times.isActive():
        return
    times.setMode(Qgis.VectorTemporalMode.FeatureDateTimeInstantFromField)
    # An incident counts once, in the period of its beginning.
    times.setStartField("occurred_from")
    times.setIsActive(True)


def _range_of(span: Span) -> QgsDateTimeRange:
    start, end = (_moment(side) for side in span)
    return QgsDateTimeRange(start, end, True, span[1] is None)


def _moment(seconds: Optional[float]) -> QDateTime:
    if seconds is None:
        return QDateTime()
    return QDateTime.fromMSecsSinceEpoch(round(seconds * 1000), Qt.TimeSpec.UTC)


def _span_of(shown: QgsDateTimeRange) -> Span:
    if shown.isInfinite() or shown.isEmpty():
        return OPEN
    return tuple(
        side.toMSecsSinceEpoch() / 1000 if side.isValid() else None
        for side in (shown.begin(), shown.end())
    )
