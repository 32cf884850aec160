"""The lines of one party, joined where they meet and all running with that party on the left.

At a place where two lines of a party meet (a front's line and a forward line, or the lines to two
neighbours) neither ends for that party: measured one by one they would have an end there, past
which there is no side.
"""

from __future__ import annotations

import numpy as np
import shapely

from .agreement_strip import Course
from .contact_line import LineColumns
from .line_parts import gap_m
from .line_pieces import BRIDGED_M

MEET_M = 1.0


def lines_of_party(columns: LineColumns, left, right, party: str) -> LineColumns:
    """Lines with ``party`` on the left: those given that have it on a side, joined where they meet.

    ``left`` and ``right`` are the parties' codes on each side of each line. Each result is one
    run of parts, or a ring; parts less than 1 km apart within a given line stay together.
    """
    runs: list[list[np.ndarray]] = []
    for index in range(len(columns)):
        if party not in (left[index], right[index]):
            continue
        for run in _runs(columns.geometry[index]):
            turned = left[index] != party
            runs.append([part[::-1] for part in reversed(run)] if turned else run)
    geometries = [
        shapely.multilinestrings([shapely.linestrings(part) for part in run])
        for run in _joined(runs)
    ]
    drawn = np.empty(len(geometries), dtype=object)
    drawn[:] = geometries
    return LineColumns(drawn)


def _runs(geometry) -> list[list[np.ndarray]]:
    """A line's parts in order and direction, those at most 1 km apart kept together."""
    course = Course(geometry)
    runs: list[list[np.ndarray]] = []
    for part in course.parts:
        follows = runs and not _ring(part) and not _ring(runs[-1][-1])
        if follows and gap_m(runs[-1][-1][-1], part[0]) <= BRIDGED_M:
            runs[-1].append(part)
        else:
            runs.append([part])
    return runs


def _joined(runs: list[list[np.ndarray]]) -> list[list[np.ndarray]]:
    """Runs joined end to start, where one end alone meets one start."""
    waiting = [run for run in runs if not _ring(run[0])]
    joined = [run for run in runs if _ring(run[0])]
    while waiting:
        run = waiting.pop()
        grown = True
        while grown:
            after = [other for other in waiting if _meet(run, other)]
            before = [other for other in waiting if _meet(other, run)]
            grown = len(after) == 1 or len(before) == 1
            if len(after) == 1:
                run = run + after[0]
                waiting = [other for other in waiting if other is not after[0]]
            elif len(before) == 1:
                run = before[0] + run
                waiting = [other for other in waiting if other is not before[0]]
        joined.append(_touching_as_one(run))
    return joined


def _meet(one: list[np.ndarray], other: list[np.ndarray]) -> bool:
    return gap_m(one[-1][-1], other[0][0]) <= MEET_M


def _touching_as_one(run: list[np.ndarray]) -> list[np.ndarray]:
    """Parts that meet, made one part."""
    parts = [run[0]]
    for part in run[1:]:
        if gap_m(parts[-1][-1], part[0]) <= MEET_M:
            parts[-1] = np.vstack([parts[-1], part[1:]])
        else:
            parts.append(part)
    return parts


def _ring(part: np.ndarray) -> bool:
    return len(part) > 3 and bool(np.array_equal(part[0], part[-1]))
