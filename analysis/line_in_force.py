"""Which lines were in force on a day, and in words."""

from __future__ import annotations

from typing import Optional

import numpy as np

from .contact_line import LineColumns, PreparedLines
from .line_time import Timeline


def lines_in_force(columns: LineColumns, start: np.datetime64, end: np.datetime64) -> tuple:
    """Indices of the lines in force at ``start`` (``datetime64[us]``, UTC).

    Where none was, those of the first moment before ``end`` at which one was: a bare date is a
    whole day. Lines that are open at both ends are always in force.
    """
    timeline = Timeline.of(columns)
    begin = int(start.astype("datetime64[us]").astype(np.int64))
    finish = begin if np.isnat(end) else int(end.astype("datetime64[us]").astype(np.int64))
    first = int(timeline.interval(np.array([begin]))[0])
    last = int(timeline.interval(np.array([max(finish - 1, begin)]))[0])
    for interval in range(first, last + 1):
        if timeline.in_force[interval]:
            return timeline.in_force[interval]
    return ()


def name_of_line(lines: PreparedLines, index: int) -> str:
    """What a line is called: its name, its front, its parties, or its label."""
    columns = lines.columns
    left, right = columns.left_party[index], columns.right_party[index]
    parties = " – ".join(name for name in (left, right) if name is not None)
    known = (columns.line_name[index], columns.front[index], parties or None)
    return str(next((name for name in known if name), columns.label[index]))


def identity_of_line(lines: PreparedLines, index: int) -> Optional[str]:
    """The line's id; None where it has none."""
    value = lines.columns.line_id[index]
    return None if value is None else str(value)
