"""Times of day as people write them."""

from __future__ import annotations

import functools
import re
from typing import Optional

COLON_TIME = re.compile(
    r"(?P<h>\d{1,2})(?::|\.|h)(?P<m>\d{2})(?:[:.](?P<s>\d{2})(?:[.,]\d+)?)?\s*(?P<p>[ap]\.?m\.?)?",
    re.IGNORECASE,
)
HOUR_ONLY = re.compile(r"(?P<h>\d{1,2})\s*(?P<p>[ap])\.?m\.?$", re.IGNORECASE)
DIGITS_TIME = re.compile(r"(?P<digits>\d{1,6})\s*(?:hrs|hours|h)?\.?$", re.IGNORECASE)


class UnreadableDate(ValueError):
    """A text that is no date or time; its words say what is wrong with it."""


@functools.lru_cache(maxsize=20_000)
def read_clock(text: str) -> tuple[int, int, str]:
    """A time of day: (seconds after midnight, length of what it names in seconds, precision).

    ``18:47``, ``6:47 PM``, ``18.47``, ``18h47``, ``1847``, ``35`` (0:35), ``0`` (0:00), ``24:00``.
    """
    text = text.strip().strip("hrsHRS ").strip() if text.strip()[-1:] in "sS" else text.strip()
    found = COLON_TIME.match(text)
    if found and found.end() == len(text):
        hour, minute, second = int(found["h"]), int(found["m"]), int(found["s"] or 0)
        return seconds_of(hour, minute, second, found["p"], found["s"] is not None)
    found = HOUR_ONLY.match(text)
    if found:
        total, _, _ = seconds_of(int(found["h"]), 0, 0, found["p"], False)
        return total, 3600, "hour"
    found = DIGITS_TIME.match(text)
    if not found:
        raise UnreadableDate("the time cannot be read")
    digits = found["digits"]
    if len(digits) > 4:
        digits = digits.zfill(6)
        return seconds_of(int(digits[:2]), int(digits[2:4]), int(digits[4:]), None, True)
    digits = digits.zfill(4)
    return seconds_of(int(digits[:2]), int(digits[2:]), 0, None, False)


def seconds_of(hour: int, minute: int, second: int, half: Optional[str], has_seconds: bool):
    """Seconds after midnight, the length named and the precision; 24:00 is the day's end."""
    if half:
        if not 1 <= hour <= 12:
            raise UnreadableDate("there is no such time of day")
        hour = hour % 12 + (12 if half.lower().startswith("p") else 0)
    if minute > 59 or second > 59 or hour > 24 or (hour == 24 and (minute or second)):
        raise UnreadableDate("there is no such time of day")
    total = hour * 3600 + minute * 60 + second
    return (total, 1, "second") if has_seconds else (total, 60, "minute")
