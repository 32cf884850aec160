"""The year of dates that bear none, from the table's title or the file's name."""

from __future__ import annotations

import dataclasses
import re
from datetime import date
from typing import Iterable, Optional

from ..model.errors import CeasefireError
from .datefacts import DateFacts
from .dates import UnreadableDate, read_day, year_now
from .notes import Notes
from .sheet import Sheet

YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
DAY_IN_NAME = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_.]?([01]\d)[-_.]?([0-3]\d)(?!\d)")


@dataclasses.dataclass(frozen=True)
class YearSaid:
    """A year, and the day on which the table was made where that is known.

    With that day, a date later than it belongs to the year before (a table of 1 January that
    lists 31 December).
    """

    year: int
    as_of: Optional[date] = None


def year_for(
    sheet: Sheet, fields: Iterable[str], title: str, path: Optional[str], notes: Notes
) -> Optional[YearSaid]:
    """The year for dates that bear none: from the title above the table, else the file's name.

    None where no date needs one. Raises CeasefireError where every date needs one and none, or
    more than one, is named.
    """
    facts = DateFacts()
    for field in fields:
        if sheet.has(field):
            facts.merge(sheet.year_facts(field))
    if not facts.lacking or sheet.has("year"):
        return None
    stem = re.split(r"[\\/]", path or "")[-1].rsplit(".", 1)[0]
    said = year_in_title(title) or year_in_name(stem)
    if said is not None:
        notes.say(
            f"The dates bear no year; {said.year} was taken from the title or the file's name."
        )
        return said
    if facts.lacking == facts.sampled:
        raise CeasefireError(
            "The dates bear no year, and neither the title nor the file's name says which: give it "
            'in MAPPING, as {"year": {"value": 2020}}.'
        )
    return None


def year_in_title(title: str) -> Optional[YearSaid]:
    """The one year in a title, with its day where it names one ("as of 14 October 2019")."""
    years = {int(year) for year in YEAR.findall(title)}
    if len(years) != 1:
        return None
    try:
        day = read_day(title, True, None, year_now())
    except UnreadableDate:
        return YearSaid(years.pop())
    return YearSaid(years.pop(), day.first if day.precision == "day" else None)


def year_in_name(stem: str) -> Optional[YearSaid]:
    """The one year in a file's name, with its day where it has one (20201014, 2020-10-14)."""
    days = [found.groups() for found in DAY_IN_NAME.finditer(stem)]
    if len(days) == 1:
        try:
            day = date(*map(int, days[0]))
        except ValueError:
            day = None
        if day is not None:
            return YearSaid(day.year, day)
    years = {int(year) for year in YEAR.findall(stem)}
    return YearSaid(years.pop()) if len(years) == 1 else None
