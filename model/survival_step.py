"""A step of a survival curve, as the table has it."""

from __future__ import annotations

import dataclasses
from typing import Optional

from .field import Shape, integer, real, table_of, text


@dataclasses.dataclass
class SurvivalStep:
    """After ``day`` the share of a group still held; the numbers that stand behind it.

    Where days are known in part, the share fell somewhere between ``day_from`` and ``day``, and
    the number still watched lies between ``at_risk_from`` and ``at_risk_to``.
    """

    series: Optional[str] = text("Group")
    cases: Optional[int] = integer("Ceasefires in the group")
    method: Optional[str] = text("Method")
    day_from: Optional[float] = real("Fell from day")
    day: Optional[float] = real("Fell by day")
    share: Optional[float] = real("Share still holding")
    share_low: Optional[float] = real("Lower bound (95 %)")
    share_high: Optional[float] = real("Upper bound (95 %)")
    at_risk_from: Optional[int] = integer("Known to hold that day")
    at_risk_to: Optional[int] = integer("Possibly holding that day")


SURVIVAL_STEPS = table_of(SurvivalStep, "ceasefire_survival", "Survival", Shape.NONE, None)
