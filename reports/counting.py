"""How many: sums of counts that keep what is not known apart from zero."""

from __future__ import annotations

import dataclasses
from typing import Iterable, Optional

from ..analysis.link_graph import events_of
from ..analysis.linked_counts import linked_counts
from ..model.harm import Link
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


def without_duplicates(entries: Iterable[Entry], links: Iterable[Link] = ()) -> Optional[Total]:
    """The total where rows known to tell of the same event count once.

    Rows of one ``duplicate_group``, and those that ``links`` join as one event, are such; the lead
    record counts, else the largest. None where no duplicate is known: the total as recorded is
    then all there is to say.
    """
    entries, links = list(entries), list(links)
    linked = events_of(links)
    ids, groups = [], {}
    for number, entry in enumerate(entries):
        known = entry.incident.incident_id
        ids.append(known if known in linked else f"row {number}")
        names = {item.duplicate_group for item in entry.observations if item.duplicate_group}
        if names:
            groups[ids[-1]] = min(names)
    totals = [count_of(entry.incident) for entry in entries]
    low = [None if one.undetermined else one.low for one in totals]
    high = [None if one.undetermined else one.high for one in totals]
    found = linked_counts(ids, low, high, links, groups)
    if not found.left_out:
        return None
    return sum((one for one, counts in zip(totals, found.counted) if counts), Total())
