"""The line that comes nearest over an incident's time, where it is not the one told first."""

from __future__ import annotations

import numpy as np

from .contact_line import PreparedLines
from .flag_cases import LineSets
from .incident_columns import IncidentColumns
from .line_time import moments_of
from .nearest import nearest


def nearest_in_span(
    lines: PreparedLines, sets: LineSets, incidents: IncidentColumns, rows: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The nearest of all lines in force within the spans of ``rows``: (line index, metres).

    ``rows``: incidents with a place and a time, whose span touches at least one line.
    """
    line, distance = np.full(len(rows), -1, dtype=np.int64), np.full(len(rows), np.nan)
    if len(rows) == 0:
        return line, distance
    moments = moments_of(sets.timeline, incidents.occurred_from[rows], incidents.occurred_to[rows])
    first = np.searchsorted(moments.incident, np.arange(len(rows)), side="left")
    last = np.searchsorted(moments.incident, np.arange(len(rows)), side="right") - 1
    spans = np.column_stack([moments.interval[first], moments.interval[last]])
    different, back = np.unique(spans, axis=0, return_inverse=True)
    for number, (begin, end) in enumerate(different.tolist()):
        chosen = np.flatnonzero(back.ravel() == number)
        among = sets.sets[sets.union(begin, end)]
        at = rows[chosen]
        found = nearest(lines, incidents.lon[at], incidents.lat[at], among)
        line[chosen], distance[chosen] = found.line, found.distance_m
    return line, distance
