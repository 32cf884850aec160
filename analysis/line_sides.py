"""The side of the line in words: the party's name, or why there is none."""

from __future__ import annotations

import numpy as np

from .contact_line import PreparedLines
from .line_words import BETWEEN_LINES, BEYOND_THE_END, LEFT, ON_THE_LINE, RIGHT, UNKNOWN
from .nearest import Nearest, Side, nearest

ON_M = 0.01


def side_words(
    lines: PreparedLines, among: tuple[int, ...], lon, lat, measured: Nearest
) -> np.ndarray:
    """The model's ``line_side`` for points (degrees) measured against the lines ``among``.

    "on the line" within the line's uncertainty; "beyond the end" past an end; "between lines"
    where two lines of one front are in force and the point lies before both; else the name of the
    party on that side, or left and right where it has none.
    """
    columns = lines.columns
    result = np.full(len(measured.line), UNKNOWN, dtype=object)
    for index in np.unique(measured.line[measured.line >= 0]):
        rows = np.flatnonzero(measured.line == index)
        side = measured.side[rows]
        words = np.full(len(rows), UNKNOWN, dtype=object)
        words[side == Side.LEFT] = columns.left_party[index] or LEFT
        words[side == Side.RIGHT] = columns.right_party[index] or RIGHT
        words[_between(lines, among, index, lon[rows], lat[rows], side)] = BETWEEN_LINES
        words[side == Side.BEYOND] = BEYOND_THE_END
        within = np.nan_to_num(columns.uncertainty_m[index], nan=0.0)
        words[measured.distance_m[rows] <= max(within, ON_M)] = ON_THE_LINE
        result[rows] = words
    return result


def has_side(words: np.ndarray) -> np.ndarray:
    """Where ``side_words`` names a side of the line (mask)."""
    none = np.isin(words.astype(str), (UNKNOWN, ON_THE_LINE, BEYOND_THE_END, BETWEEN_LINES))
    return ~none


def _between(lines: PreparedLines, among, index: int, lon, lat, side) -> np.ndarray:
    """Where a point lies before this line and before another party's line of the same front."""
    columns = lines.columns
    between = np.zeros(len(lon), dtype=bool)
    for other in among:
        if other == index or not same_front(columns, index, other):
            continue
        if same_line(columns, index, other):
            continue
        there = nearest(lines, lon, lat, [other]).side
        for here_side, here_behind in sides_behind(columns, index):
            for there_side, there_behind in sides_behind(columns, other):
                if here_behind is None or there_behind is None or here_behind == there_behind:
                    continue
                between |= (side == here_side) & (there == there_side)
    return between


def sides_behind(columns, index: int):
    """Each side a point may be on, with the party whose side it then is not on."""
    return (
        (Side.LEFT, columns.right_party[index]),
        (Side.RIGHT, columns.left_party[index]),
    )


def same_front(columns, one: int, other: int) -> bool:
    """Whether two lines stand between the same two parties."""
    if columns.front[one] is not None or columns.front[other] is not None:
        return columns.front[one] == columns.front[other]
    parties = {
        party
        for index in (one, other)
        for party in (columns.left_party[index], columns.right_party[index])
        if party is not None
    }
    return len(parties) == 2


def same_line(columns, one: int, other: int) -> bool:
    """Whether two lines are versions of one: the same name, and the same two parties."""
    parties = [{columns.left_party[index], columns.right_party[index]} for index in (one, other)]
    name = columns.line_name[one]
    return name is not None and name == columns.line_name[other] and parties[0] == parties[1]
