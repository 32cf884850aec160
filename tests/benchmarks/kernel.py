"""The kernel as it is measured: distance, side, chainage and probability, and nothing else."""

from __future__ import annotations

import dataclasses
import time

import numpy as np

from ...analysis.contact_line import LineColumns, prepare_lines
from ...analysis.incident_columns import IncidentColumns
from ...analysis.line_time import Timeline
from ...analysis.nearest import Nearest, nearest
from ...analysis.probability import probability_near

LIMIT_M = 5_000.0


@dataclasses.dataclass
class Measured:
    """What the kernel found for each incident: metres, ``nearest.Side``, metres, 0 to 1 or NaN."""

    distance_m: np.ndarray
    side: np.ndarray
    chainage_m: np.ndarray
    probability: np.ndarray


class Kernel:
    """Lines made ready once, then held against one block of incidents after the other.

    ``seconds`` adds up what each step took.
    """

    def __init__(self, columns: LineColumns):
        begun = time.perf_counter()
        self.lines = prepare_lines(columns)
        self.timeline = Timeline.of(self.lines.columns)
        spent = time.perf_counter() - begun
        self.seconds = {"prepare": spent, "nearest": 0.0, "probability": 0.0}

    def measure(self, incidents: IncidentColumns) -> Measured:
        """Hold incidents against the version in force at their start."""
        interval = self.timeline.interval(incidents.occurred_from.astype(np.int64))
        found = Nearest.nothing(len(incidents))
        probability = np.full(len(incidents), np.nan)
        known = np.isfinite(incidents.uncertainty_m)
        for number in np.unique(interval):
            among = self.timeline.in_force[number]
            rows = np.flatnonzero(interval == number)
            begun = time.perf_counter()
            place = incidents.lon[rows], incidents.lat[rows]
            found.put(rows, nearest(self.lines, *place, among))
            between = time.perf_counter()
            rows = rows[known[rows]]
            known_of = found.take(rows)
            probability[rows] = probability_near(
                self.lines,
                among,
                incidents,
                rows,
                known_of.distance_m,
                LIMIT_M,
                (known_of.foot_lon, known_of.foot_lat),
            )
            self.seconds["nearest"] += between - begun
            self.seconds["probability"] += time.perf_counter() - between
        return Measured(found.distance_m, found.side, found.chainage_m, probability)


def kernel(incidents: IncidentColumns, columns: LineColumns) -> Measured:
    """The whole way from columns to numbers, the lines' preparation included."""
    return Kernel(columns).measure(incidents)
