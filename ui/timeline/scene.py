"""What the timeline draws: everything that is in view, made ready."""

from __future__ import annotations

import dataclasses
from enum import Enum
from typing import TYPE_CHECKING, List, Optional, Tuple

from .calendar import DAY_S, Calendar, Step
from .columns import Counts
from .effort import Watched
from .marks import Mark
from .scale import Scale, day_starts, labels

if TYPE_CHECKING:
    import numpy as np

Span = Tuple[float, float]
NIGHTS_UP_TO_S = 16 * DAY_S
DAY_LINES_PX = 20


class Unit(Enum):
    """What the height of a bar is."""

    NUMBERS = "numbers"
    INCIDENTS = "incidents"


@dataclasses.dataclass
class Scene:
    """One view. ``watched`` is None where the ledger keeps no effort.

    ``period`` is what the filter shows and ``map_range`` what the map shows, where either is
    limited; ``cursor`` the place of the step that the keyboard is on.
    """

    scale: Scale
    calendar: Calendar
    step: Step
    unit: Unit
    counts: Counts
    watched: Optional[Watched]
    posts: int
    marks: List[Mark]
    nights: List[Span]
    period: Optional[Span] = None
    map_range: Optional[Span] = None
    cursor: Optional[int] = None

    def heights(self) -> np.ndarray:
        """The values of the bars, steps by kinds."""
        return self.counts.numbers if self.unit is Unit.NUMBERS else self.counts.rows

    def edges(self) -> np.ndarray:
        """The bounds of the steps."""
        return self.counts.edges

    def labels(self) -> List[Tuple[float, str]]:
        """What stands below the bars."""
        return labels(self.scale, self.calendar)

    def day_starts(self) -> List[float]:
        """Where reporting days begin, if there is room to show it."""
        if self.scale.per_second() * DAY_S < DAY_LINES_PX:
            return []
        return day_starts(self.scale, self.calendar)

    def not_observed(self) -> List[Tuple[int, int]]:
        """Runs of steps in which nobody is known to have observed: first, and one after last."""
        if self.watched is None:
            return []
        runs: List[Tuple[int, int]] = []
        for at in (self.watched.any <= 0).nonzero()[0]:
            if runs and runs[-1][1] == at:
                runs[-1] = (runs[-1][0], int(at) + 1)
            else:
                runs.append((int(at), int(at) + 1))
        return runs

    def step_at(self, moment: float) -> Optional[int]:
        """The step that a moment lies in; None beyond them."""
        import numpy as np

        at = int(np.searchsorted(self.edges(), moment, side="right")) - 1
        return at if 0 <= at < len(self.edges()) - 1 else None


def nights_in(scale: Scale, centre: Optional[Tuple[float, float]]) -> List[Span]:
    """The nights in view, where they can be told apart and the theatre's place is known."""
    if centre is None or scale.end - scale.start > NIGHTS_UP_TO_S:
        return []
    from ...analysis.solar import nights

    return nights(scale.start, scale.end, *centre)
