"""The annex of a line's coordinates as a page."""

from __future__ import annotations

from typing import Optional, Sequence

from ..analysis.annex_forms import TITLES
from ..analysis.line_annex import TurningPoint
from .plain_sheet import PlainSheet

DRAFT = "DRAFT · WITHOUT PREJUDICE"


def annex_sheet(
    points: Sequence[TurningPoint],
    forms: Sequence[str],
    title: Optional[str] = None,
    maps: Optional[str] = None,
    survey: Optional[str] = None,
) -> PlainSheet:
    """The page: what the numbers mean, then one row a turning point."""
    sheet = PlainSheet(title or "Annex: coordinates of the line", DRAFT)
    length_km = points[-1].chainage_m / 1000.0
    sheet.say(
        f"The line runs through {len(points):,} numbered turning points, straight on the ellipsoid "
        f"WGS 84 (geodesic) from each to the next; {length_km:,.3f} km in all."
    )
    sheet.say(f"Maps: {maps or 'not stated'}.")
    sheet.say(f"Accuracy: {survey or 'not stated'}.")
    if {"sk42", "gauss_kruger"} & set(forms):
        sheet.say(
            "Coordinates of SK-42 are on the datum Pulkovo 1942, shifted from WGS 84 by the "
            "region's parameters in PROJ; such a shift is exact to about 10 m at best."
        )
    columns = ["No.", *(TITLES[form] for form in forms), "To the next (m)", "Azimuth (°)"]
    sheet.table(columns, [_row(point, forms) for point in points])
    sheet.say(
        "Distances and azimuths are those between the points; coordinates are rounded in "
        "writing. Where they differ, the parties say which one binds.",
        small=True,
    )
    return sheet


def _row(point: TurningPoint, forms: Sequence[str]) -> list:
    leg = "" if point.leg_m is None else f"{point.leg_m:,.1f}"
    azimuth = "" if point.azimuth_deg is None else f"{point.azimuth_deg:.2f}"
    return [point.number, *(getattr(point, form) for form in forms), leg, azimuth]
