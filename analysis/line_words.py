"""Numbers, dates and sides in plain words, and the one sentence that says what was found."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timezone, tzinfo
from typing import Optional

import numpy as np

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
ON_THE_LINE = "on the line"
BEYOND_THE_END = "beyond the end"
BETWEEN_LINES = "between lines"
UNKNOWN = "unknown"
LEFT = "left"
RIGHT = "right"


def metres(value: float) -> str:
    """A measured distance: "840 m", "1,240 m", "23.4 km"."""
    if value < 9_999.5:
        return f"{value:,.0f} m"
    return f"{value / 1000.0:,.1f} km"


def limit(value: float) -> str:
    """A limit that somebody gave, as they would say it: "500 m", "5 km", "7.5 km"."""
    if value < 1000.0:
        return f"{value:,.10g} m"
    return f"{value / 1000.0:,.10g} km"


def counted(number: int) -> str:
    """So many incidents, in words."""
    return "1 incident" if number == 1 else f"{number:,} incidents"


def date_words(moment: np.datetime64, zone: tzinfo) -> str:
    """A UTC moment as a date in the theatre's zone: "12 Oct 2025"."""
    seconds = moment.astype("datetime64[s]").astype(np.int64).item()
    try:
        local = datetime.fromtimestamp(seconds, timezone.utc).astimezone(zone)
    except (OverflowError, OSError, ValueError):
        return str(moment.astype("datetime64[D]"))
    return f"{local.day} {MONTHS[local.month - 1]} {local.year}"


@dataclasses.dataclass
class Found:
    """What one sentence tells of one incident; None and NaN are not known.

    ``place_m`` is the uncertainty of the incident's place.
    """

    distance_m: float
    line_name: Optional[str]
    since: Optional[str]
    side: str
    line_uncertainty_m: float
    chainage_m: float
    flag: str
    limit_m: float
    probability: float
    basis: str
    default_m: float
    lines_in_span: int
    share_without_line: float
    place_m: float = float("nan")


def sentence(found: Found) -> str:
    """One sentence in neutral words for an incident held against a line."""
    line = f"the line “{found.line_name}”" if found.line_name else "the line"
    since = f" in force since {found.since}" if found.since else ""
    parts = [f"{metres(found.distance_m)} from {line}{since}", _side_words(found)]
    if found.side != BEYOND_THE_END:
        parts.append(f"at km {found.chainage_m / 1000.0:.1f}")
    told = ", ".join(part for part in parts if part)
    return f"{told}; {_flag_words(found)}{_span_words(found)}."


def _side_words(found: Found) -> str:
    if found.side == ON_THE_LINE:
        if found.line_uncertainty_m > 0.0:
            return f"on the line within its uncertainty of {limit(found.line_uncertainty_m)}"
        return ON_THE_LINE
    if found.side == BEYOND_THE_END:
        return "beyond the end of the line"
    if found.side == BETWEEN_LINES:
        return "between the lines of the two sides"
    if found.side in (LEFT, RIGHT):
        return f"on its {found.side}"
    if found.side == UNKNOWN:
        return "side not known"
    return f"on the {found.side} side"


def _flag_words(found: Found) -> str:
    words = {"near": "near", "far": "not near", "possible": "possibly near"}[found.flag]
    within = f"{words} (within {limit(found.limit_m)})"
    if found.basis == "none":
        return f"{within} by the bare point, whose uncertainty is not known"
    told = f"{within} with probability {_chance(found.probability, found.flag)}"
    if found.basis == "default":
        return f"{told}, taking {limit(found.default_m)} as the uncertainty of its place"
    if found.flag != "near" and found.place_m > found.distance_m:
        # The bare distance alone would seem exact.
        return f"{told}, its place being known to ± {limit(float(f'{found.place_m:.2g}'))}"
    return told


def _chance(probability: float, flag: str) -> str:
    if 0.0 < probability < 0.005:
        return "below 0.01"
    if 0.995 < probability < 1.0:
        return "above 0.99"
    # Two digits must not contradict the flag: possible lies between 0.05 and 0.95.
    if flag != "far" and probability < 0.055 or flag != "near" and probability >= 0.945:
        return f"{probability:.3f}"
    return f"{probability:.2f}"


def _span_words(found: Found) -> str:
    words = ""
    if found.lines_in_span > 1:
        times = "once" if found.lines_in_span == 2 else f"{found.lines_in_span - 1} times"
        words = f"; the line changed {times} during the time in question"
    if found.share_without_line > 0.0:
        words += f"; for {found.share_without_line:.0%} of that time no line was in force"
    return words
