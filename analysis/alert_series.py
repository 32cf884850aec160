"""Series: so many incidents within so many minutes, however they follow each other."""

from __future__ import annotations

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class Series:
    """Rows that belong to one series, in the order of time, and the sum of their weights."""

    rows: np.ndarray
    weight: float


def series(moments: np.ndarray, weights: np.ndarray, least: float, window: float) -> list[Series]:
    """The series among incidents: windows that hold at least ``least``, joined where they share.

    ``moments`` and ``window`` are numbers of one unit; NaN is in no series. A window is half-open:
    two incidents that lie ``window`` apart are not in one. Series are what is left when windows
    with a common incident are one, so that fire that goes on is one series, and a pause in which
    no window is full ends it.
    """
    known = np.flatnonzero(np.isfinite(moments))
    rows = known[np.argsort(moments[known], kind="stable")]
    times, sums = moments[rows], np.concatenate([[0.0], np.cumsum(weights[rows])])
    first = np.searchsorted(times, times - window, side="right")
    last = np.searchsorted(times, times, side="right")
    full = np.flatnonzero(sums[last] - sums[first] >= least)
    found: list[list[int]] = []
    for start, stop in zip(first[full].tolist(), last[full].tolist()):
        if found and start < found[-1][1]:
            found[-1][1] = max(stop, found[-1][1])
        else:
            found.append([start, stop])
    return [Series(rows[start:stop], float(sums[stop] - sums[start])) for start, stop in found]
