"""Least-cost assignment of rows to columns."""

from __future__ import annotations

import numpy as np


def assign(cost: np.ndarray) -> np.ndarray:
    """The column of each row such that the sum of costs is least; no column is used twice.

    ``cost`` is (n, m) with n <= m and finite; the result is (n,) integers. Shortest augmenting
    paths with potentials (Kuhn 1955; Jonker and Volgenant 1987), O(n^2 m).
    """
    rows, columns = cost.shape
    if rows > columns:
        raise ValueError("there are fewer columns than rows")
    row_price, column_price = np.zeros(rows + 1), np.zeros(columns + 1)
    row_of = np.zeros(columns + 1, dtype=int)
    for row in range(1, rows + 1):
        way = _augment(cost, row, row_of, row_price, column_price)
        column = way[0]
        while column:
            before = way[1][column]
            row_of[column] = row_of[before]
            column = before
    result = np.full(rows, -1, dtype=int)
    for column in range(1, columns + 1):
        if row_of[column]:
            result[row_of[column] - 1] = column - 1
    return result


def _augment(cost, row, row_of, row_price, column_price):
    """The free column that ends the shortest path from ``row``, and the path back."""
    columns = cost.shape[1]
    row_of[0] = row
    least = np.full(columns + 1, np.inf)
    used = np.zeros(columns + 1, dtype=bool)
    back = np.zeros(columns + 1, dtype=int)
    column = 0
    while True:
        used[column] = True
        here = row_of[column]
        reduced = cost[here - 1] - row_price[here] - column_price[1:]
        better = (~used[1:]) & (reduced < least[1:])
        least[1:][better] = reduced[better]
        back[1:][better] = column
        free = np.where(used[1:], np.inf, least[1:])
        following = int(np.argmin(free)) + 1
        step = free[following - 1]
        row_price[row_of[used]] += step
        column_price[used] -= step
        least[~used] -= step
        column = following
        if row_of[column] == 0:
            return column, back
