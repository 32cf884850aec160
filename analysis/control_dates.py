"""The date that a file's name or a text tells."""

from __future__ import annotations

import re
from datetime import date
from typing import Optional

YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})([-_. /]?)(\d{1,2})\2(\d{1,2})(?!\d)")
YEAR_LAST = re.compile(r"(?<!\d)(\d{1,2})([-_. /])(\d{1,2})\2(\d{4})(?!\d)")
EIGHT_DIGITS = re.compile(r"(?<!\d)(\d{2})(\d{2})(\d{4})(?!\d)")


def date_in(text: str) -> Optional[date]:
    """The first date in a text: 20250914, 2025-09-14, 2025_9_14, 14_09_2025, 14.9.2025, 14092025.

    With the year last, the day comes first, unless only month-first makes a date (09_14_2025).
    None where there is no date.
    """
    for match in YEAR_FIRST.finditer(text):
        separated = bool(match.group(2))
        if not separated and len(match.group(0)) != 8:
            continue
        found = _date(match.group(1), match.group(3), match.group(4))
        if found:
            return found
    for pattern, places in ((YEAR_LAST, (1, 3, 4)), (EIGHT_DIGITS, (1, 2, 3))):
        for match in pattern.finditer(text):
            first, second, year = (match.group(place) for place in places)
            found = _date(year, second, first) or _date(year, first, second)
            if found:
                return found
    return None


def _date(year: str, month: str, day: str) -> Optional[date]:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return found if 1800 <= found.year <= 2200 else None
