"""How many: sums of counts that keep what is not known apart from zero."""

from __future__ import annotations

import dataclasses
from typing import Iterable, Optional

from ..model.incident import Incident
from .material import Entry


@dataclasses.dataclass(frozen=True)
class Total:
    """A sum of counts over rows.

    ``low`` and ``high`` add up what has a number; ``undetermined`` counts the rows that have
    none, which add nothing to the sum; ``at_least`` says that a row has no upper number,
    ``about`` that a row's number is an estimate.
    """

    rows: int = 0
    low: int = 0
    high: int = 0
    undetermined: int = 0
    at_least: bool = False
    about: bool = False

    def __add__(self, other: Total) -> Total:
        return Total(
            self.rows + other.rows,
            self.low + other.low,
            self.high + other.high,
            self.undetermined + other.undetermined,
            self.at_least or other.at_least,
            self.about or other.about,
        )


def count_of(incident: Incident) -> Total:
    """What one incident adds: its number, or one undetermined number."""
    low, high = incident.count_low, incident.count_high
    if incident.count_qualifier == "not_known" or (low is None and high is None):
        return Total(rows=1, undetermined=1)
    low = 0 if low is None else low
    at_least = incident.count_qualifier == "at_least" or high is None
    high = low if high is None else high
    return Total(1, low, max(low, high), 0, at_least, incident.count_qualifier == "about")


def total(entries: Iterable[Entry]) -> Total:
    """The sum over entries."""
    result = Total()
    for entry in entries:
        result = result + count_of(entry.incident)
    return result


def by_category(entries: Iterable[Entry]) -> dict[str, Total]:
    """Totals by category code, most rows' worth first; a missing category is other/undetermined."""
    result: dict[str, Total] = {}
    for entry in entries:
        category = entry.incident.category or "other/undetermined"
        result[category] = result.get(category, Total()) + count_of(entry.incident)
    return dict(sorted(result.items(), key=lambda item: (-item[1].high, -item[1].rows, item[0])))


def without_duplicates(entries: Iterable[Entry]) -> Optional[Total]:
    """The total where rows known to tell of the same event count once, by the largest of them.

    None where no duplicate is known: the total as recorded is then all there is to say.
    """
    singles, groups = Total(), {}
    for entry in entries:
        names = {item.duplicate_group for item in entry.observations if item.duplicate_group}
        if not names:
            singles = singles + count_of(entry.incident)
            continue
        groups.setdefault(min(names), []).append(count_of(entry.incident))
    if not any(len(rows) > 1 for rows in groups.values()):
        return None
    for rows in groups.values():
        singles = singles + max(rows, key=lambda row: (row.high, row.low, -row.undetermined))
    return singles
