"""What rules are held against, and what comes of it, as columns."""

from __future__ import annotations

import dataclasses
from typing import Optional

import numpy as np

from .incident_columns import ABSURD_M, IncidentColumns

MICROSECONDS = "datetime64[us]"
MEASURED, DEFAULT, NONE = "measured", "default", "none"
TEXTS = ("category", "circumstance", "domain", "weapon", "holder")
NUMBERS = ("revision", "altitude_m", "count_low", "count_high")


@dataclasses.dataclass
class RuleSubjects:
    """Incidents, or weapon sightings where ``are_sightings``; one array a field, of one length.

    ``place`` has where, when and how sure. ``identifier`` is the incident's or sighting's id.
    Text is an object array, None where not known; numbers are NaN where not known.
    """

    place: IncidentColumns
    identifier: np.ndarray
    are_sightings: bool = False
    revision: Optional[np.ndarray] = None
    category: Optional[np.ndarray] = None
    circumstance: Optional[np.ndarray] = None
    domain: Optional[np.ndarray] = None
    altitude_m: Optional[np.ndarray] = None
    weapon: Optional[np.ndarray] = None
    holder: Optional[np.ndarray] = None
    count_low: Optional[np.ndarray] = None
    count_high: Optional[np.ndarray] = None
    basis: Optional[np.ndarray] = None

    def __post_init__(self):
        count = len(self.place)
        self.identifier = np.asarray(self.identifier, dtype=object)
        for name in TEXTS:
            given = getattr(self, name)
            column = np.full(count, None, dtype=object)
            if given is not None:
                column[:] = [value if value not in ("", None) else None for value in given]
            setattr(self, name, column)
        for name in NUMBERS:
            given = getattr(self, name)
            empty = np.full(count, np.nan)
            setattr(self, name, empty if given is None else np.asarray(given, float))
        if self.basis is None:
            self.place, self.basis = _with_uncertainty(self.place, None)

    def __len__(self) -> int:
        return len(self.place)

    def with_default(self, default_m: Optional[float]) -> RuleSubjects:
        """The same, with an uncertainty (95 % radius, metres) for those that bring none."""
        place, basis = _with_uncertainty(self.place, default_m)
        return dataclasses.replace(self, place=place, basis=basis)


@dataclasses.dataclass
class StorageColumns:
    """Storage sites: degrees, radius (metres, NaN not known), holder, dates (NaT: open)."""

    site_id: np.ndarray
    name: np.ndarray
    holder: np.ndarray
    lon: np.ndarray
    lat: np.ndarray
    radius_m: np.ndarray
    valid_from: np.ndarray
    valid_to: np.ndarray

    def __len__(self) -> int:
        return len(self.site_id)


@dataclasses.dataclass
class InventoryColumns:
    """What inspections counted, one row a site, weapon and inspection; NaN: not known."""

    site_id: np.ndarray
    holder: np.ndarray
    weapon: np.ndarray
    observed_from: np.ndarray
    declared: np.ndarray
    inspected: np.ndarray
    present: np.ndarray
    missing: np.ndarray

    def __len__(self) -> int:
        return len(self.site_id)


@dataclasses.dataclass
class EffortColumns:
    """When somebody was able to observe: ``datetime64[us]`` UTC, of posts that were operating."""

    observed_from: np.ndarray
    observed_to: np.ndarray


@dataclasses.dataclass
class RuleFindings:
    """Findings of rules, the fields of ``model.tables.RULE_FIELDS``, one array a field.

    ``row`` is the subject's row, -1 where the subject is a site or a zone. ``lon`` and ``lat`` are
    where it maps. Text None, numbers NaN and moments NaT: does not apply or is not known.
    """

    row: np.ndarray
    incident_id: np.ndarray
    sighting_id: np.ndarray
    site_id: np.ndarray
    incident_revision: np.ndarray
    agreement_id: np.ndarray
    clause: np.ndarray
    rule: np.ndarray
    party: np.ndarray
    verdict: np.ndarray
    probability: np.ndarray
    probability_basis: np.ndarray
    measured_m: np.ndarray
    limit_m: np.ndarray
    distance_to_compliance_m: np.ndarray
    line_name: np.ndarray
    line_valid_from: np.ndarray
    zones: np.ndarray
    counted_low: np.ndarray
    counted_high: np.ndarray
    limit_count: np.ndarray
    period_from: np.ndarray
    period_to: np.ndarray
    finding: np.ndarray
    rests_on: np.ndarray
    lon: np.ndarray
    lat: np.ndarray

    @classmethod
    def blank(cls, count: int) -> RuleFindings:
        """So many findings of which nothing is known yet."""
        return cls(**{name: _blank(kind, count) for name, kind in COLUMN_KINDS.items()})

    @classmethod
    def joined(cls, parts: list[RuleFindings]) -> RuleFindings:
        """Several one after another."""
        if not parts:
            return cls.blank(0)
        columns = {
            name: np.concatenate([getattr(part, name) for part in parts]) for name in COLUMN_KINDS
        }
        return cls(**columns)

    def __len__(self) -> int:
        return len(self.row)

    def take(self, chosen) -> RuleFindings:
        """The findings that an index array or mask chooses."""
        return RuleFindings(**{name: getattr(self, name)[chosen] for name in COLUMN_KINDS})

    def count(self, verdict: str) -> int:
        """How many findings have that verdict."""
        return int(np.count_nonzero(self.verdict == verdict))

    def about(self, subjects: RuleSubjects, rows: np.ndarray) -> None:
        """Set whom the findings are about: rows of incidents or sightings."""
        self.row[:] = rows
        name = "sighting_id" if subjects.are_sightings else "incident_id"
        getattr(self, name)[:] = subjects.identifier[rows]
        if not subjects.are_sightings:
            self.incident_revision[:] = subjects.revision[rows]
        self.lon[:], self.lat[:] = subjects.place.lon[rows], subjects.place.lat[rows]


COLUMN_KINDS = {
    "row": "row",
    **dict.fromkeys(("incident_id", "sighting_id", "site_id", "agreement_id", "clause"), "text"),
    **dict.fromkeys(("rule", "party", "verdict", "probability_basis", "line_name"), "text"),
    **dict.fromkeys(("zones", "finding", "rests_on"), "text"),
    **dict.fromkeys(("incident_revision", "probability", "measured_m", "limit_m"), "number"),
    **dict.fromkeys(("distance_to_compliance_m", "counted_low", "counted_high"), "number"),
    **dict.fromkeys(("limit_count", "lon", "lat"), "number"),
    **dict.fromkeys(("line_valid_from", "period_from", "period_to"), "moment"),
}


def _blank(kind: str, count: int) -> np.ndarray:
    if kind == "text":
        return np.full(count, None, dtype=object)
    if kind == "moment":
        return np.full(count, "NaT", dtype=MICROSECONDS)
    return np.full(count, -1, dtype=np.int64) if kind == "row" else np.full(count, np.nan)


def _with_uncertainty(place: IncidentColumns, default_m: Optional[float]):
    """Places with their uncertainty or the default, and what each rests on."""
    given = place.uncertainty_m
    odd = ~np.isnan(given) & ~((given >= 0.0) & (given <= ABSURD_M))
    radius = np.where(odd, np.nan, given)
    basis = np.full(len(place), NONE, dtype=object)
    basis[~np.isnan(radius) | place.has_sector()] = MEASURED
    missing = basis == NONE
    kind = place.uncertainty_kind
    if default_m is not None:
        radius = np.where(missing, default_m, radius)
        kind = np.where(missing, "gauss", kind)
        basis[missing] = DEFAULT
    return dataclasses.replace(place, uncertainty_m=radius, uncertainty_kind=kind), basis
