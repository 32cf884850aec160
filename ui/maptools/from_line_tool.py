"""The map tool that says how far the cursor is from the line, on whose side, and what applies."""

from __future__ import annotations

import time
from typing import List, Optional

from qgis.core import QgsApplication, QgsPointXY

from .from_line_box import FromLineBox
from .lines_reading import Found, LinesReader
from .map_tool import MapTool
from .marks import geodesic, point


class FromLineTool(MapTool):
    """Measures from the lines of the open ledger, at every move; a click keeps the measurement."""

    def __init__(self, part):
        super().__init__(part, FromLineBox(part))
        self.reader: Optional[LinesReader] = None
        self.found: Optional[Found] = None
        # A task without a reference in Python loses its Python half, even while it is cancelled.
        self._running: set = set()
        self._reading: Optional[LinesReader] = None
        self._kept: List[tuple] = []
        self._last = None
        self._dated = None
        self.box.asked.connect(self._again)
        part.session.changed.connect(self._changed)

    def opened(self) -> None:
        """Read the lines where they are not read yet."""
        self._changed()

    def hovered(self, place, at) -> None:
        """Measure, say and draw."""
        self._last = place, at
        lines = self._measure(place)
        self.read_out(lines, at)
        self._draw(place)

    def pressed(self, place, at) -> None:
        """Keep what is measured there."""
        lines = self._measure(place)
        if self.found is None:
            return
        self._kept.append((place, QgsPointXY(*self.found.foot)))
        where = f"{place.y():.5f}, {place.x():.5f}"
        self.box.keep(": ".join([where, " · ".join(lines)]))
        self._draw(place)

    def reset(self) -> bool:
        """Forget the places that were kept."""
        had = self.box.forget()
        self._kept, self.found, self._last = [], None, None
        self.marks.clear()
        self.label.hide()
        return had

    def unload(self) -> None:
        """Let go of the session and of what is being read."""
        self.part.session.changed.disconnect(self._changed)
        self._cancel()
        super().unload()

    # Reading

    def _changed(self) -> None:
        """Another ledger, or another state of it: read again if the tool is in use."""
        path = self.part.session.path
        if path is None or (self.reader is not None and self.reader.path != path):
            self.reader = None
        if not self.isActive():
            self.reader = None
            return
        if path is None:
            self._cancel()
            self.box.say(self.tr("Open a ledger with contact lines: they are what is measured."))
            return
        if path != self._dated:
            self._dated = path
            self.box.show_moment(self._latest(), self.part.session.clock.zone)
        self._read(path)

    def _latest(self) -> float:
        """The latest incident's moment: what one looks at first; now where there is none."""
        moments = [row.occurred_from for row in self.part.session.rows if row.occurred_from]
        return max(moments, default=time.time())

    def _read(self, path: str) -> None:
        self._cancel()
        if self.reader is None:
            self.box.say(self.tr("Reading the contact lines…"))
        reader = LinesReader(path, self._was_read)
        self._reading = reader
        self._running.add(reader)
        QgsApplication.taskManager().addTask(reader)

    def _cancel(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    def _was_read(self, reader: LinesReader) -> None:
        self._running.discard(reader)
        if reader is not self._reading:
            return
        self._reading = None
        self.reader = reader
        self.box.show_kinds(reader.kinds)
        if reader.sentence:
            self.box.say(reader.sentence)
        elif not reader.kinds:
            self.box.say(
                self.tr("This ledger has no contact lines. Add some with “Add to ledger”.")
            )
        else:
            self.box.say(
                self.tr("Move over the map to measure; click to keep a measurement; Esc ends.")
            )
        self._again()

    # Measuring

    def _again(self) -> None:
        if self._last is not None and self.isActive():
            self.hovered(*self._last)

    def _measure(self, place: QgsPointXY) -> List[str]:
        """What is said of a place, line by line."""
        self.found = None
        moment = self.box.moment(self.part.session.clock.zone)
        if self.reader is None or moment is None or not self.reader.kinds:
            return []
        self.found = self.reader.measure(place, moment, self.box.kind.currentData())
        if self.found is None:
            lines = [self.tr("No line of this kind was in force then.")]
        else:
            lines = self._words(self.found)
        return [*lines, *self._clauses(place, moment)]

    def _words(self, found: Found) -> List[str]:
        distance = self.tr("%1 from %2").replace("%1", metres(found.distance_m))
        if found.uncertainty_m:
            distance += self.tr(" (line ± %1)").replace("%1", metres(found.uncertainty_m))
        return [
            distance.replace("%2", found.line),
            self.tr("side: %1 · km %2 along the line")
            .replace("%1", found.side)
            .replace("%2", f"{found.chainage_m / 1000:,.2f}"),
        ]

    def _clauses(self, place, moment) -> List[str]:
        if not self.reader.agreements:
            return []
        named = self.reader.clauses(place, moment, self.box.act.currentData())
        if not named:
            return [self.tr("no clause covers such an act here")]
        return [self.tr("clauses: %1").replace("%1", "; ".join(named))]

    def _draw(self, place: QgsPointXY) -> None:
        pairs = list(self._kept)
        if self.found is not None:
            pairs.append((place, QgsPointXY(*self.found.foot)))
        shapes = []
        for start, foot in pairs:
            shapes += [geodesic(start, foot), point(foot)]
        self.marks.show(shapes)


def metres(value: float) -> str:
    """A distance for people: metres, or kilometres from ten on."""
    return f"{value:,.0f} m" if value < 10_000 else f"{value / 1000:,.1f} km"
