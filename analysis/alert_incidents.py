"""Incidents as columns: what rules of alerts ask of them."""

from __future__ import annotations

import dataclasses
from typing import Mapping, Optional, Sequence

import numpy as np

from ..model.incident import Incident
from ..model.sensitivity import LEVELS, level_of
from ..model.vocabulary import vocabulary
from .incident_columns import IncidentColumns
from .utc import instants

SECTOR = (
    "observer_lon",
    "observer_lat",
    "bearing_deg",
    "bearing_halfwidth_deg",
    "range_min_m",
    "range_max_m",
)
WITHDRAWN = "withdrawn"


@dataclasses.dataclass
class AlertIncidents:
    """Incidents, one array a field, all of one length.

    ``place`` has where, when and how sure. ``level``: index into ``model.sensitivity.LEVELS``.
    ``count_low``: NaN where the number is not known. Texts are object arrays, None: not known.
    """

    place: IncidentColumns
    identifier: np.ndarray
    revision: np.ndarray
    category: np.ndarray
    weapon_class: np.ndarray
    source: np.ndarray
    level: np.ndarray
    count_low: np.ndarray
    stands: np.ndarray

    def __len__(self) -> int:
        return len(self.identifier)

    def take(self, rows: np.ndarray) -> AlertIncidents:
        """The incidents of these rows."""
        place = {
            field.name: getattr(self.place, field.name) for field in dataclasses.fields(self.place)
        }
        chosen = {name: None if value is None else value[rows] for name, value in place.items()}
        names = [field.name for field in dataclasses.fields(self) if field.name != "place"]
        columns = {name: getattr(self, name)[rows] for name in names}
        return AlertIncidents(place=IncidentColumns(**chosen), **columns)

    @classmethod
    def of(
        cls, incidents: Sequence[Incident], sectors: Optional[Mapping[str, tuple]] = None
    ) -> AlertIncidents:
        """The columns of records; ``sectors`` has, by incident, values in the order of ``SECTOR``.

        What is withdrawn does not stand.
        """
        return cls(
            place=_place(incidents, sectors or {}),
            identifier=_texts([item.incident_id for item in incidents]),
            revision=_numbers([item.revision for item in incidents]),
            category=_texts([item.category for item in incidents]),
            weapon_class=_texts([class_of_weapon(item.weapon) for item in incidents]),
            source=_texts([item.source for item in incidents]),
            level=np.array([rank(item.sensitivity) for item in incidents], dtype=np.int64),
            count_low=_numbers([item.count_low for item in incidents]),
            stands=np.array([item.workflow != WITHDRAWN for item in incidents], dtype=bool),
        )


def rank(sensitivity: Optional[str]) -> int:
    """How sensitive an incident is: the index of its level, from the most open."""
    return LEVELS.index(level_of("incidents", sensitivity))


def class_of_weapon(weapon: Optional[str]) -> Optional[str]:
    """The class of a weapon's code; a code that the list has not stands for itself."""
    if not weapon:
        return None
    return vocabulary("weapon_types").get(weapon, {}).get("class", weapon)


def _place(incidents: Sequence[Incident], sectors: Mapping[str, tuple]) -> IncidentColumns:
    observed = [sectors.get(item.incident_id) or (None,) * len(SECTOR) for item in incidents]
    return IncidentColumns(
        lon=_numbers([item.longitude for item in incidents]),
        lat=_numbers([item.latitude for item in incidents]),
        occurred_from=instants([item.occurred_from for item in incidents]),
        occurred_to=instants([item.occurred_to for item in incidents]),
        span_is=_texts([item.span_is for item in incidents]),
        uncertainty_m=_numbers([item.uncertainty_m for item in incidents]),
        uncertainty_kind=_texts([item.uncertainty_kind for item in incidents]),
        **{name: _numbers([row[i] for row in observed]) for i, name in enumerate(SECTOR)},
    )


def _numbers(values: list) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in values], dtype=float)


def _texts(values: list) -> np.ndarray:
    column = np.empty(len(values), dtype=object)
    column[:] = [value or None for value in values]
    return column
