"""What the precision codes of feeds mean in metres: the table that docs/importing.md prints.

The codes' words are the sources' own; the metres are this project's reading of them, chosen wide
enough that a vague place is not taken for a near one.
"""

from __future__ import annotations

import dataclasses
import re
from typing import Optional


@dataclasses.dataclass(frozen=True)
class Precision:
    """Radius in metres, the kind of spread within it, and what the point stands for."""

    uncertainty_m: Optional[float]
    uncertainty_kind: Optional[str]
    point_role: str


EVENT = "event"
CENTRE = "place_centroid"
UCDP = {
    "1": Precision(2_000.0, "gauss", EVENT),
    "2": Precision(25_000.0, "disc", CENTRE),
    "3": Precision(30_000.0, "area", CENTRE),
    "4": Precision(100_000.0, "area", CENTRE),
    "5": Precision(50_000.0, "disc", CENTRE),
    "6": Precision(500_000.0, "area", CENTRE),
    "7": Precision(200_000.0, "area", CENTRE),
}
ACLED = {
    "1": Precision(5_000.0, "gauss", CENTRE),
    "2": Precision(25_000.0, "disc", CENTRE),
    "3": Precision(100_000.0, "area", CENTRE),
}
INSECURITY_INSIGHT = {
    "1": Precision(2_000.0, "gauss", EVENT),
    "2": Precision(25_000.0, "disc", CENTRE),
    "3": Precision(30_000.0, "area", CENTRE),
    "4": Precision(100_000.0, "area", CENTRE),
    "5": Precision(500_000.0, "area", CENTRE),
}
VIINA = {
    "STREET": Precision(500.0, "gauss", EVENT),
    "ADM3": Precision(5_000.0, "gauss", CENTRE),
    "ADM2": Precision(30_000.0, "area", CENTRE),
    "ADM1": Precision(100_000.0, "area", CENTRE),
    "ADM0": Precision(500_000.0, "area", CENTRE),
}
UCDP_DATES = {"1": "day", "2": "week", "3": "week", "4": "month", "5": "year"}
ACLED_DATES = {"1": "day", "2": "week", "3": "month"}


def leading_code(text: Optional[str]) -> Optional[str]:
    """The code of ``2``, ``2.0``, ``(2) 25 km precision``; None where there is none."""
    if text is None:
        return None
    found = re.match(r"\s*\(?\s*(\d)(?:\.0+)?(?!\d)", text)
    return found[1] if found else None


def pixel_uncertainty(scan_km: Optional[float], track_km: Optional[float]) -> Optional[float]:
    """Half the diagonal of a satellite pixel in metres, from its sides in kilometres."""
    if scan_km is None or track_km is None or scan_km <= 0 or track_km <= 0:
        return None
    return round(500.0 * (scan_km**2 + track_km**2) ** 0.5, 1)
