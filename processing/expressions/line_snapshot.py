"""Contact lines as expressions use them: read once on the main thread, then never changed."""

from __future__ import annotations

import dataclasses
from bisect import bisect_right
from datetime import datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Any, Callable, Optional

from .places import Places

KEPT = 32_768
SETS = 256
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
MICROSECOND = timedelta(microseconds=1)


@dataclasses.dataclass(frozen=True)
class LineSnapshot:
    """Prepared lines, what was in force when, and the theatre's zone; any thread may ask it.

    ``measured(lon, lat, among)`` remembers its latest answers, so that distance, side and chainage
    of one feature are one measurement.
    """

    lines: Any
    changes: tuple[int, ...]
    in_force: tuple[tuple[int, ...], ...]
    undated: tuple[int, ...]
    zone: tzinfo
    places: Places
    measured: Callable

    @classmethod
    def of(cls, lines, zone: tzinfo, places: Places) -> LineSnapshot:
        """The snapshot of ``analysis.contact_line.PreparedLines``."""
        from ...analysis.line_time import Timeline
        from ...analysis.one_point import OnePoint

        timeline = Timeline.of(lines.columns)

        @lru_cache(maxsize=SETS)
        def against(among: tuple[int, ...]):
            return OnePoint(lines, among)

        @lru_cache(maxsize=KEPT)
        def measured(lon: float, lat: float, among: tuple[int, ...]):
            return against(among).measure(lon, lat)

        changes = tuple(timeline.changes.tolist())
        in_force = tuple(timeline.in_force)
        return cls(lines, changes, in_force, timeline.undated, zone, places, measured)

    def among(self, moment: Optional[datetime]) -> tuple[int, ...]:
        """The indices of the lines in force at a moment (aware); undated ones where it is None."""
        if moment is None:
            return self.undated
        return self.in_force[bisect_right(self.changes, (moment - EPOCH) // MICROSECOND)]
