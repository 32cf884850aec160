"""Which incidents pass the panel's filter, whatever its period: those that the timeline counts."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Optional, Sequence

from ..incident_filter import IncidentFilter, apply_filter

if TYPE_CHECKING:
    import numpy as np

    from ..incident_row import IncidentRow


def without_period(asked: IncidentFilter) -> IncidentFilter:
    """The filter without its period."""
    return dataclasses.replace(asked, start=None, end=None)


def passing(rows: Sequence[IncidentRow], asked: IncidentFilter) -> Optional[np.ndarray]:
    """A mask of the rows that pass a filter without a period; None where all do."""
    if asked.asks_for_all():
        return None
    import numpy as np

    mask = np.zeros(len(rows), dtype=bool)
    mask[apply_filter(rows, range(len(rows)), asked).indices] = True
    return mask
