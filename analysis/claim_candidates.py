"""What of the recorded incidents and observations may be what a party's claim tells of."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta
from typing import Iterable, Optional

import numpy as np

from ..model.claim import Claim
from ..model.incident import Incident, Observation
from .geodesy import inverse
from .utc import instants

OWN = "own_observation"
CLAIM = "party_claim"
MICROSECOND = np.timedelta64(1, "us")


@dataclasses.dataclass(frozen=True)
class Tolerances:
    """How far a record may lie from what is alleged and still be it.

    ``distance_m`` from the alleged place, to which the record's own uncertainty is added; ``time``
    before the alleged beginning and after the alleged end.
    """

    distance_m: float = 2000.0
    time: timedelta = timedelta(hours=1)


@dataclasses.dataclass(frozen=True)
class Candidate:
    """A record that may be what a claim tells of.

    ``table`` and ``record_id`` name it. ``own``: the mission's own observation. ``full``: it fits
    in place, time and category without help of what is uncertain; else ``short`` says what not.
    ``placed``: both places are known, and the record's to within the tolerance. ``distance_m`` is
    from the alleged place, None where one of the places is not known.
    """

    table: str
    record_id: str
    own: bool
    full: bool
    distance_m: Optional[float]
    placed: bool
    short: tuple[str, ...] = ()


class Recorded:
    """Incidents, and observations that belong to none, as columns to hold claims against.

    Claims that were recorded as incidents, withdrawn and refuted incidents are left out.
    """

    def __init__(self, incidents: Iterable[Incident], observations: Iterable[Observation] = ()):
        self.incidents = [item for item in incidents if _counts(item)]
        self.alone = [item for item in observations if not item.incident_id]
        own = [item.origin == OWN for item in self.incidents]
        self.ids = [("incidents", item.incident_id) for item in self.incidents]
        self.ids += [("observations", item.observation_id) for item in self.alone]
        self.own = np.array(own + [True] * len(self.alone), dtype=bool)
        rows = [(item.occurred_from, item.occurred_to) for item in self.incidents]
        rows += [(item.observed_from, item.observed_to) for item in self.alone]
        self.start = instants(row[0] for row in rows)
        self.end = instants(row[1] or row[0] for row in rows)
        every = [*self.incidents, *self.alone]
        self.lon = _degrees(item.longitude for item in every)
        self.lat = _degrees(item.latitude for item in every)
        duration = [item.span_is == "duration" for item in self.incidents]
        self.lasted = np.array(duration + [True] * len(self.alone), dtype=bool)
        self.category = [item.category for item in every]
        uncertainty = [item.uncertainty_m or 0.0 for item in self.incidents]
        self.uncertainty = np.array(uncertainty + [0.0] * len(self.alone))
        self.bearing = _sector(self.incidents, self.alone, "bearing_deg")
        self.halfwidth = _sector(self.incidents, self.alone, "bearing_halfwidth_deg")
        self.nearest = _sector(self.incidents, self.alone, "range_min_m")
        self.farthest = _sector(self.incidents, self.alone, "range_max_m")

    def candidates(self, claim: Claim, tolerances: Tolerances) -> list[Candidate]:
        """The records that may be what the claim tells of: the best first.

        Empty where the claim does not say when.
        """
        start, end = claim.alleged_from, claim.alleged_to or claim.alleged_from
        if start is None:
            return []
        rows = np.flatnonzero(self._in_time(start, max(start, end), tolerances.time))
        distance, beyond = self._off(claim, rows)
        found = []
        for row, far, off in zip(rows, distance, beyond):
            if not off > tolerances.distance_m and _group_fits(claim.category, self.category[row]):
                found.append(self._candidate(claim, int(row), far, (start, end), tolerances))
        return sorted(found, key=_best_first)

    def _in_time(self, start: datetime, end: datetime, tolerance: timedelta) -> np.ndarray:
        first, last = instants([start - tolerance, end + tolerance])
        # A record's moment without length lies within it all the same.
        finish = np.maximum(self.end, self.start + MICROSECOND)
        return (self.start <= last) & (finish > first)

    def _off(self, claim: Claim, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Distances from the alleged place, and what of them no uncertainty explains (metres).

        NaN where a place is not known. An observation by bearing and range is held as its sector:
        its distance is that by which the place lies outside.
        """
        if claim.longitude is None or claim.latitude is None or not len(rows):
            nothing = np.full(len(rows), np.nan)
            return nothing, nothing
        azimuth, distance = inverse(
            self.lon[rows], self.lat[rows], float(claim.longitude), float(claim.latitude)
        )
        azimuth, distance = np.atleast_1d(azimuth), np.atleast_1d(distance)
        outside = self._outside_sector(rows, azimuth, distance)
        distance = np.where(np.isnan(outside), distance, outside)
        return distance, np.maximum(distance - self.uncertainty[rows], 0.0)

    def _outside_sector(self, rows, azimuth, distance) -> np.ndarray:
        """How far the place lies outside the sector of an observation; NaN where it has none."""
        nearest = np.nan_to_num(self.nearest[rows])
        farthest = np.where(np.isnan(self.farthest[rows]), np.inf, self.farthest[rows])
        turn = np.abs((azimuth - self.bearing[rows] + 180.0) % 360.0 - 180.0)
        halfwidth = np.where(np.isnan(self.halfwidth[rows]), 0.0, self.halfwidth[rows])
        aside = np.radians(np.maximum(np.nan_to_num(turn) - halfwidth, 0.0))
        across = distance * np.where(aside < np.pi / 2, np.sin(aside), 1.0)
        along = np.maximum(np.maximum(nearest - distance, distance - farthest), 0.0)
        known = ~np.isnan(self.bearing[rows]) | ~np.isnan(self.farthest[rows])
        return np.where(known, np.hypot(across, along), np.nan)

    def _candidate(self, claim, row: int, distance: float, alleged, tolerances) -> Candidate:
        short = []
        uncertain = self.uncertainty[row] > tolerances.distance_m
        if distance != distance:
            short.append("a place is not known")
        elif distance > tolerances.distance_m or uncertain:
            short.append("only its uncertain place fits")
        if self._too_rough(row, alleged, tolerances.time):
            short.append("its time is known too roughly")
        if not claim.category or not self.category[row]:
            short.append("a category is not known")
        elif claim.category != self.category[row]:
            short.append(f"it was recorded as {self.category[row]}")
        table, identifier = self.ids[row]
        far = None if distance != distance else float(distance)
        own, placed = bool(self.own[row]), far is not None and not uncertain
        return Candidate(table, identifier, own, not short, far, placed, tuple(short))

    def _too_rough(self, row: int, alleged, tolerance: timedelta) -> bool:
        """Whether it was some moment of a span longer than the alleged one and the tolerance."""
        if self.lasted[row]:
            return False
        first, last = instants([alleged[0] - tolerance, alleged[1] + tolerance])
        return bool((self.end[row] - self.start[row]) > (last - first))


def _counts(item: Incident) -> bool:
    return (
        item.origin != CLAIM
        and item.workflow not in ("withdrawn", "draft")
        and item.verification != "refuted"
    )


def _group_fits(alleged: Optional[str], recorded: Optional[str]) -> bool:
    """Whether two categories are of one group; one that is not known fits any."""
    if not alleged or not recorded:
        return True
    return alleged.split("/")[0] == recorded.split("/")[0]


def _best_first(item: Candidate) -> tuple:
    far = float("inf") if item.distance_m is None else item.distance_m
    return (not item.own, not item.full, far, item.table, item.record_id)


def _degrees(values) -> np.ndarray:
    return np.array([np.nan if value is None else float(value) for value in values], dtype=float)


def _sector(incidents: list, alone: list, name: str) -> np.ndarray:
    return np.concatenate(
        [np.full(len(incidents), np.nan), _degrees(getattr(item, name) for item in alone)]
    )
