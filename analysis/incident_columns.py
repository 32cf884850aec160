"""Incidents as columns: what the flags need to know of them."""

from __future__ import annotations

import dataclasses
from typing import Optional

import numpy as np

MICROSECONDS = "datetime64[us]"
NUMBERS = (
    "uncertainty_m",
    "observer_lon",
    "observer_lat",
    "bearing_deg",
    "bearing_halfwidth_deg",
    "range_min_m",
    "range_max_m",
)
ABSURD_M = 2_000_000.0
KINDS = ("gauss", "disc", "area", "sector")
# Longitudes may be counted from 0 to 360, or run on past the date line.
GREATEST_LON = 360.0


@dataclasses.dataclass
class IncidentColumns:
    """Incidents, one array a field, all of one length; what is left out is not known.

    ``lon``, ``lat``: degrees EPSG:4326, NaN where not located. ``occurred_from`` and
    ``occurred_to``: ``datetime64[us]`` in UTC, half-open, NaT where not known. ``span_is``:
    "duration" or "uncertainty". ``uncertainty_kind``: gauss, disc, area or sector; for a sector
    the observer's point, the bearing and its half-width (degrees, true) and the range (metres);
    for an area its ``area``, shapely polygons in EPSG:4326 or None. ``feature_id``: whole numbers
    by which messages name the incidents; None where there are none.
    """

    lon: np.ndarray
    lat: np.ndarray
    occurred_from: Optional[np.ndarray] = None
    occurred_to: Optional[np.ndarray] = None
    span_is: Optional[np.ndarray] = None
    uncertainty_m: Optional[np.ndarray] = None
    uncertainty_kind: Optional[np.ndarray] = None
    observer_lon: Optional[np.ndarray] = None
    observer_lat: Optional[np.ndarray] = None
    bearing_deg: Optional[np.ndarray] = None
    bearing_halfwidth_deg: Optional[np.ndarray] = None
    range_min_m: Optional[np.ndarray] = None
    range_max_m: Optional[np.ndarray] = None
    area: Optional[np.ndarray] = None
    feature_id: Optional[np.ndarray] = None

    def __post_init__(self):
        self.lon, self.lat = np.asarray(self.lon, float), np.asarray(self.lat, float)
        count = len(self.lon)
        for name in ("occurred_from", "occurred_to"):
            given = getattr(self, name)
            empty = np.full(count, "NaT", dtype=MICROSECONDS)
            setattr(self, name, empty if given is None else np.asarray(given, MICROSECONDS))
        for name in ("span_is", "uncertainty_kind", "area"):
            given = getattr(self, name)
            empty = np.full(count, None, dtype=object)
            setattr(self, name, empty if given is None else np.asarray(given, dtype=object))
        for name in NUMBERS:
            given = getattr(self, name)
            setattr(
                self, name, np.full(count, np.nan) if given is None else np.asarray(given, float)
            )

    def __len__(self) -> int:
        return len(self.lon)

    def part(self, start: int, stop: int) -> IncidentColumns:
        """The incidents from row ``start`` until before ``stop``."""
        columns = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return IncidentColumns(
            **{
                name: None if column is None else column[start:stop]
                for name, column in columns.items()
            }
        )

    def located(self) -> np.ndarray:
        """Where the place is known (mask)."""
        inside = (np.abs(self.lat) <= 90.0) & (np.abs(self.lon) <= GREATEST_LON)
        return self._given() & inside

    def off_the_earth(self) -> np.ndarray:
        """Where there are coordinates that are no place on the earth (mask)."""
        return self._given() & ~self.located()

    def _given(self) -> np.ndarray:
        return np.isfinite(self.lon) & np.isfinite(self.lat)

    def has_sector(self) -> np.ndarray:
        """Where the kind is sector and its observation is known in full (mask)."""
        known = np.isfinite(self.observer_lon) & np.isfinite(self.observer_lat)
        known &= np.isfinite(self.bearing_deg) & np.isfinite(self.bearing_halfwidth_deg)
        known &= (self.range_max_m > 0.0) & (self.range_min_m >= 0.0)
        return known & (self.uncertainty_kind == "sector")

    def has_area(self) -> np.ndarray:
        """Where the kind is area and its polygon is known (mask)."""
        return np.not_equal(self.area, None).astype(bool) & (self.uncertainty_kind == "area")
