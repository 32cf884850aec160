"""Cells of a data set's table: codes, numbers, words, and days that are partly known."""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime
from typing import Any, Mapping, Optional, Sequence, Tuple

Span = Tuple[date, date]
EMPTY = {"", "na", "n/a", "nan", "null", "none", ".", "-"}
NUMBER = re.compile(r"\d+(?:\.\d+)?")
TERM_UNITS = (("hour", 1.0 / 24.0), ("week", 7.0), ("month", 30.4375), ("year", 365.25))


class Row:
    """One row of a table, its cells found by the names of the columns in lower case."""

    def __init__(self, number: int, cells: Mapping[str, Any]):
        self.number = number
        self._cells = {str(name).strip().lower(): cell for name, cell in cells.items()}

    def text(self, *names: str) -> Optional[str]:
        """The first of these columns that has something, as text."""
        for name in names:
            cell = self._cells.get(name)
            # QGIS takes a column of 0 and 1 for yes and no.
            if isinstance(cell, bool) or (isinstance(cell, float) and cell.is_integer()):
                cell = int(cell)
            told = "" if cell is None else " ".join(str(cell).split())
            if told.lower() not in EMPTY:
                return told
        return None

    def code(self, *names: str) -> Optional[int]:
        """A whole number; None where there is none. Unclear stays -1."""
        told = self.text(*names)
        try:
            return None if told is None else int(float(told))
        except (ValueError, OverflowError):
            return None

    def known(self, *names: str) -> Optional[int]:
        """A whole number from 0 on; None where it is unclear (-1) or absent."""
        code = self.code(*names)
        return None if code is None or code < 0 else code

    def raw(self, name: str) -> Any:
        """The cell as it was read."""
        return self._cells.get(name)

    def names(self) -> list[str]:
        """The names of the columns, in lower case."""
        return list(self._cells)


def yes_or_no(code: Optional[int]) -> Optional[str]:
    """A code as yes (above 0), no (0) or None (unclear, absent)."""
    if code is None or code < 0:
        return None
    return "yes" if code else "no"


def span_of_parts(year: Optional[int], month: Optional[int], day: Optional[int]) -> Optional[Span]:
    """The days that a year, month and day may mean; 0 and -1 are not known.

    A day that the month does not have leaves the whole month.
    """
    if year is None or not 1 <= year <= 9999:
        return None
    if month is None or not 1 <= month <= 12:
        return date(year, 1, 1), date(year, 12, 31)
    last = calendar.monthrange(year, month)[1]
    if day is None or not 1 <= day <= last:
        return date(year, month, 1), date(year, month, last)
    return date(year, month, day), date(year, month, day)


def span_of_cell(cell: Any) -> Optional[Span]:
    """The days that a cell means: 2019, 2019-05, 2019-05-03, 03/05/2019 (day first), or a date.

    Raises ValueError where it is something else.
    """
    if isinstance(cell, datetime):
        return cell.date(), cell.date()
    if isinstance(cell, date):
        return cell, cell
    told = "" if cell is None else str(cell).strip()
    if told.lower() in EMPTY:
        return None
    numbers = _numbers(told)
    if numbers is None:
        raise ValueError(told)
    year, month, day = numbers
    span = span_of_parts(year, month, day)
    wrong_day = day is not None and span is not None and span[0] != span[1]
    if span is None or wrong_day or (month is not None and not 1 <= month <= 12):
        raise ValueError(told)
    return span


def term_days(told: Optional[str]) -> Optional[float]:
    """How many days a fixed term has: 30, "72 hours", "2 weeks"; a bare number counts days."""
    found = NUMBER.findall(told or "")
    if len(found) != 1 or "-" in (told or "")[:1]:
        return None
    for unit, days in TERM_UNITS:
        if unit in (told or "").lower():
            return float(found[0]) * days
    return float(found[0]) or None


def lasted(start: Span, end: Span) -> tuple[int, int]:
    """The least and most days from a start to an end that is not before it."""
    return max(0, (end[0] - start[1]).days), (end[1] - start[0]).days


def agreed(values: Sequence[Optional[Any]]) -> tuple[Optional[Any], bool]:
    """What several rows say of one thing: the one known value, and whether they differ."""
    told = list(dict.fromkeys(value for value in values if value is not None))
    return (told[0], False) if len(told) == 1 else (None, len(told) > 1)


def _numbers(told: str) -> Optional[tuple[int, Optional[int], Optional[int]]]:
    iso = re.fullmatch(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:[T ].*)?", told)
    if iso:
        return int(iso[1]), _whole(iso[2]), _whole(iso[3])
    first = re.fullmatch(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", told)
    return (int(first[3]), int(first[2]), int(first[1])) if first else None


def _whole(told: Optional[str]) -> Optional[int]:
    return int(told) if told else None
