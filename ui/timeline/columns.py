"""The incidents as columns, and what they add up to in each step of the timeline."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, List, Optional, Sequence, Tuple

from ...reports.symbol_class import CLASSES, SymbolClass, symbol_class

if TYPE_CHECKING:
    import numpy as np

    from ..incident_row import IncidentRow

# How long the moment may lie beside the time that is told, by the precision that is told.
PRECISION_S = {
    "hour": 3600.0,
    "day": 86_400.0,
    "week": 7 * 86_400.0,
    "month": 28 * 86_400.0,
    "quarter": 90 * 86_400.0,
    "year": 365 * 86_400.0,
}
KINDS: Tuple[SymbolClass, ...] = CLASSES
_PLACE = {kind.code: place for place, kind in enumerate(KINDS)}


@dataclasses.dataclass(frozen=True)
class Columns:
    """One value a row, in the order of the rows.

    ``moments``: seconds since 1970, NaN where not known. ``kinds``: places in KINDS. ``low``: the
    number, at least; 0 where it is not known. ``unknown``: whether the number is not known.
    ``spread``: seconds by which the time may be off. ``withdrawn``: never counted.
    """

    moments: np.ndarray
    kinds: np.ndarray
    low: np.ndarray
    unknown: np.ndarray
    spread: np.ndarray
    withdrawn: np.ndarray

    def span(self) -> Optional[Tuple[float, float]]:
        """The first and the last moment that is known; None where none is."""
        import numpy as np

        known = self.moments[np.isfinite(self.moments) & ~self.withdrawn]
        return (float(known.min()), float(known.max())) if len(known) else None


@dataclasses.dataclass(frozen=True)
class Counts:
    """What was counted in each of S steps, by kind (K): arrays of shape (S, K).

    ``numbers`` sums the numbers as recorded, at the least; ``rows`` counts the incidents;
    ``undetermined`` those of them whose number is not known, which add nothing to ``numbers``;
    ``coarse`` (S,) those whose time is known no finer than a step. ``without_time`` and
    ``withdrawn`` pass the filter too and lie in no step.
    """

    edges: np.ndarray
    numbers: np.ndarray
    rows: np.ndarray
    undetermined: np.ndarray
    coarse: np.ndarray
    without_time: int
    withdrawn: int

    def kinds(self) -> List[int]:
        """The kinds that occur, as places in KINDS, in their order."""
        return [int(place) for place in self.rows.sum(axis=0).nonzero()[0]]


def columns_of(rows: Sequence[IncidentRow]) -> Columns:
    """The columns of the rows; for another thread, as it takes a while for many."""
    import numpy as np

    places: dict = {}
    kinds = np.zeros(len(rows), dtype=np.intp)
    for at, row in enumerate(rows):
        place = places.get(row.category)
        if place is None:
            place = places[row.category] = _PLACE[symbol_class(row.category).code]
        kinds[at] = place
    nan = float("nan")
    unknown = [_is_unknown(row) for row in rows]
    return Columns(
        moments=np.array(
            [nan if row.occurred_from is None else row.occurred_from for row in rows], dtype=float
        ),
        kinds=kinds,
        low=np.array([0 if no else (row.count_low or 0) for row, no in zip(rows, unknown)], float),
        unknown=np.array(unknown, dtype=bool),
        spread=np.array([PRECISION_S.get(row.time_precision or "", 0.0) for row in rows], float),
        withdrawn=np.array([row.workflow == "withdrawn" for row in rows], dtype=bool),
    )


def count(columns: Columns, chosen: Optional[np.ndarray], edges: np.ndarray) -> Counts:
    """Count the chosen rows (a mask; None: all) in the steps between the edges."""
    import numpy as np

    keep = ~columns.withdrawn
    withdrawn = columns.withdrawn
    if chosen is not None:
        keep, withdrawn = keep & chosen, withdrawn & chosen
    timed = keep & np.isfinite(columns.moments)
    step = np.searchsorted(edges, columns.moments, side="right") - 1
    inside = timed & (step >= 0) & (step < len(edges) - 1)
    steps, kinds = len(edges) - 1, len(KINDS)
    cell = step[inside] * kinds + columns.kinds[inside]

    def summed(weights):
        return np.bincount(cell, weights, minlength=steps * kinds).reshape(steps, kinds)

    longest = np.diff(edges)[step[inside]] if steps else edges[:0]
    coarse = columns.spread[inside] > longest * 1.01
    return Counts(
        edges=edges,
        numbers=summed(columns.low[inside]),
        rows=summed(None).astype(np.int64),
        undetermined=summed(columns.unknown[inside].astype(float)).astype(np.int64),
        coarse=np.bincount(step[inside], coarse.astype(float), minlength=steps).astype(np.int64),
        without_time=int((keep & ~timed).sum()),
        withdrawn=int(withdrawn.sum()),
    )


def _is_unknown(row: IncidentRow) -> bool:
    nothing = row.count_low is None and row.count_high is None
    return row.count_qualifier == "not_known" or nothing
