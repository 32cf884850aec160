"""Incidents that lie far from the rest: kept, and said."""

from __future__ import annotations

from typing import Optional

from ..model.incident import Incident

FEWEST = 20
FAR_M = 300_000.0


def far_from_the_rest(incidents: list[Incident], rows: list[int]) -> Optional[str]:
    """A sentence on the incidents that lie much farther from the middle than nearly all others.

    Where none does it says how far the farthest lies; None for fewer than 20 located incidents.
    Far is more than three times the distance that holds 95 % of them, and more than 300 km.
    ``rows`` are the row numbers of the incidents.
    """
    located = [(one, row) for one, row in zip(incidents, rows) if one.longitude is not None]
    if len(located) < FEWEST:
        return None
    import numpy as np

    lon = np.radians([one.longitude for one, _ in located])
    lat = np.radians([one.latitude for one, _ in located])
    distance = from_middle(np, lon, lat, float(np.median(lon)), float(np.median(lat)))
    limit = max(FAR_M, 3.0 * float(np.quantile(distance, 0.95)))
    far = np.flatnonzero(distance > limit)
    if not len(far):
        farthest = int(np.argmax(distance))
        return (
            f"Half of the located incidents lie within {np.median(distance) / 1000:,.0f} km of "
            f"their middle; the farthest lies {distance[farthest] / 1000:,.0f} km away "
            f"(row {located[farthest][1]})."
        )
    shown = ", ".join(str(located[i][1]) for i in far[:8]) + (" …" if len(far) > 8 else "")
    turned = from_middle(np, lat[far], lon[far], float(np.median(lon)), float(np.median(lat)))
    maybe = int(np.count_nonzero(turned < limit))
    hint = (
        f" With latitude and longitude swapped {maybe:,} would lie among the rest." if maybe else ""
    )
    count = "1 incident lies" if len(far) == 1 else f"{len(far):,} incidents lie"
    label = "row" if len(far) == 1 else "rows"
    return (
        f"{count} more than {limit / 1000:,.0f} km from the middle of the rest ({label} {shown}); "
        f"kept, please check.{hint}"
    )


def from_middle(np, lon, lat, middle_lon: float, middle_lat: float):
    """Metres on a sphere from a middle; arrays in radians."""
    inner = (
        np.sin((lat - middle_lat) / 2) ** 2
        + np.cos(lat) * np.cos(middle_lat) * np.sin((lon - middle_lon) / 2) ** 2
    )
    return 2 * 6_371_008.8 * np.arcsin(np.sqrt(np.clip(inner, 0, 1)))
