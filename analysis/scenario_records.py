"""What is told of proposed lines and zones: one figure a scenario, measure, side and kind."""

from __future__ import annotations

import dataclasses
from typing import Any, Optional

import numpy as np

from ..model.errors import CeasefireError
from ..model.field import Shape, real, table_of, text
from .contact_line import PreparedLines


@dataclasses.dataclass
class Things:
    """Incidents, places or sites as columns; degrees in EPSG:4326, NaN where there is no place.

    ``uncertainty_m`` holds 95 % of the true places, NaN where not known (taken as 0). ``low`` and
    ``high`` are what each stands for (a count, a population), NaN where that is not known.
    """

    lon: np.ndarray
    lat: np.ndarray
    uncertainty_m: np.ndarray
    kind: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @classmethod
    def at(cls, lon, lat, uncertainty_m=None, kind=None, low=None, high=None) -> Things:
        """Columns from arrays of one length; what is left out is not known."""
        lon, lat = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)

        def number(given):
            unknown = np.full(len(lon), np.nan)
            return unknown if given is None else np.asarray(given, dtype=float)

        kinds = np.full(len(lon), None, dtype=object)
        if kind is not None:
            kinds[:] = kind
        low = number(low)
        return cls(
            lon, lat, number(uncertainty_m), kinds, low, low if high is None else number(high)
        )

    def __len__(self) -> int:
        return len(self.lon)


@dataclasses.dataclass
class Scenario:
    """One proposal: its lines, prepared, or its zone (shapely area, EPSG:4326), or both."""

    name: str
    lines: Optional[PreparedLines] = None
    zone: Any = None


@dataclasses.dataclass
class ScenarioSettings:
    """What all scenarios are held against.

    ``distance_m``: how near to the line counts as near. ``today``: the lines in force now, or None.
    ``theatre``: shapely area in EPSG:4326, or None. ``tolerance_m``: moves of the line up to it
    are none; None for the usual one of ``line_change``.
    """

    distance_m: float
    today: Optional[PreparedLines] = None
    theatre: Any = None
    tolerance_m: Optional[float] = None

    def __post_init__(self):
        if not self.distance_m > 0.0:
            raise CeasefireError("The distance must be more than 0 m.")


@dataclasses.dataclass
class ScenarioFigure:
    """A figure with its bounds.

    ``low`` is what is so wherever in their uncertainty the places lie, ``high`` what may be so.
    Empty where there is no such bound. ``side``: the party on whose side; empty for the whole.
    """

    scenario: str = text("Scenario", default="")
    subject: str = text("Subject", default="")
    measure: str = text("Measure", default="")
    side: Optional[str] = text("Side")
    kind: Optional[str] = text("Kind")
    unit: Optional[str] = text("Unit")
    value: Optional[float] = real("Value")
    low: Optional[float] = real("At least")
    high: Optional[float] = real("At most")
    today: Optional[float] = real("By today's line")
    difference: Optional[float] = real("Difference from today's line")

    @property
    def key(self) -> tuple:
        """What makes figures of two scenarios comparable."""
        return self.subject, self.measure, self.side, self.kind, self.unit


SCENARIO_FIGURES = table_of(
    ScenarioFigure, "scenario_figures", "Scenarios compared", Shape.NONE, None
)
