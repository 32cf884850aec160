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
    where = line_words(found.line_name, found.since)
    parts = [f"{metres(found.distance_m)} from {where}"]
    parts.append(side_part(found.side, found.line_uncertainty_m))
    if found.side != BEYOND_THE_END:
        parts.append(f"at km {kilometre(found.chainage_m)}")
    vague = found.basis == "measured" and found.flag != "near"
    vague = vague and found.place_m > found.distance_m
    flagged = flag_words(
        found.flag,
        found.limit_m,
        found.basis,
        chance(found.probability, found.flag),
        found.default_m,
        found.place_m if vague else -1.0,
    )
    spans = span_words(found.lines_in_span, found.share_without_line)
    return f"{', '.join(parts)}; {flagged}{spans}."


def kilometre(chainage_m: float) -> str:
    """A chainage in kilometres, to a hundred metres: "12.3"."""
    return f"{chainage_m / 1000.0:.1f}"


def line_words(name: Optional[str], since: Optional[str]) -> str:
    """The line by its name, and since when it is in force, where these are known."""
    line = f"the line “{name}”" if name else "the line"
    return f"{line} in force since {since}" if since else line


def side_part(side: str, line_uncertainty_m: float) -> str:
    """On which side of the line, or why on none."""
    if side == ON_THE_LINE:
        if line_uncertainty_m > 0.0:
            return f"on the line within its uncertainty of {limit(line_uncertainty_m)}"
        return ON_THE_LINE
    if side == BEYOND_THE_END:
        return "beyond the end of the line"
    if side == BETWEEN_LINES:
        return "between the lines of the two sides"
    if side in (LEFT, RIGHT):
        return f"on its {side}"
    if side == UNKNOWN:
        return "side not known"
    return f"on the {side} side"


def flag_words(
    flag: str, limit_m: float, basis: str, chance_words: str, default_m: float, vague_m: float
) -> str:
    """The flag with its probability and what that rests on.

    ``vague_m``: how vaguely the place is known, where the bare distance alone would seem exact;
    below 0 where that need not be said.
    """
    words = {"near": "near", "far": "not near", "possible": "possibly near"}[flag]
    within = f"{words} (within {limit(limit_m)})"
    if basis == "none":
        return f"{within} by the bare point, whose uncertainty is not known"
    told = f"{within} with probability {chance_words}"
    if basis == "default":
        return f"{told}, taking {limit(default_m)} as the uncertainty of its place"
    if vague_m >= 0.0:
        return f"{told}, its place being known to ± {limit(float(f'{vague_m:.2g}'))}"
    return told


def chance(probability: float, flag: str) -> str:
    """A probability in two digits, three where two would contradict the flag."""
    if 0.0 < probability < 0.005:
        return "below 0.01"
    if 0.995 < probability < 1.0:
        return "above 0.99"
    # Two digits must not contradict the flag: possible lies between 0.05 and 0.95.
    if flag != "far" and probability < 0.055 or flag != "near" and probability >= 0.945:
        # Nor may three: 0.0503 is still more than 0.05.
        if flag == "possible" and 0.05 < probability < 0.95:
            probability = min(max(probability, 0.051), 0.949)
        return f"{probability:.3f}"
    return f"{probability:.2f}"


def span_words(lines_in_span: int, share_without_line: float) -> str:
    """How often the line changed within the incident's span, and how long there was none."""
    words = ""
    if lines_in_span > 1:
        times = "once" if lines_in_span == 2 else f"{lines_in_span - 1} times"
        words = f"; the line changed {times} during the time in question"
    if share_without_line > 0.0:
        words += f"; for {share_without_line:.0%} of that time no line was in force"
    return words
