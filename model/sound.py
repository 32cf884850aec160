"""Whether a record can be so: numbers that count, in order, and ends after their beginnings.

What cannot be so is refused where people enter it, and set aside where it is counted; it is never
put in order silently.
"""

from __future__ import annotations

from typing import Any, Optional

from .vocabulary import vocabulary

# Numbers of persons or things, the least first.
_COUNTED = {
    "incidents": (
        ("deaths_low", "deaths_best", "deaths_high"),
        ("civilian_deaths",),
        ("injured",),
        ("count_low", "count_high"),
    ),
    "harm": (("low", "best", "high"), ("independent_sources",)),
    "weapon_sightings": (("count_low", "count_high"),),
}
# Beginnings and ends. What begins and ends at one moment is a moment; effort has to last.
_SPANS = {
    "incidents": ("occurred_from", "occurred_to"),
    "observations": ("observed_from", "observed_to"),
    "effort": ("observed_from", "observed_to"),
    "weapon_sightings": ("seen_from", "seen_to"),
    "harm": ("harmed_from", "harmed_to"),
    "claims": ("alleged_from", "alleged_to"),
    "restrictions": ("restricted_from", "restricted_to"),
}
_LASTING = ("effort",)
# Codes without which a record says nothing.
_CODES = {"effort": ("status", "effort_statuses")}


def problem_of(table: str, record: Any) -> Optional[str]:
    """Why a record of a table cannot be so, as a sentence that names the fields; None: it can.

    What is not told is no problem.
    """
    found = count_problem_of(table, record)
    return found or _span_problem(table, record) or _code_problem(table, record)


def count_problem_of(table: str, record: Any) -> Optional[str]:
    """As ``problem_of``, of the record's numbers of persons or things alone."""
    for names in _COUNTED.get(table, ()):
        problem = _count_problem({name: getattr(record, name, None) for name in names})
        if problem is not None:
            return problem
    return None


def _count_problem(counts: dict[str, Any]) -> Optional[str]:
    told = [(name, value) for name, value in counts.items() if value is not None]
    for name, value in told:
        if not isinstance(value, (int, float)):
            return f"{name} is “{value}”, which is no number: write a number."
        if value < 0:
            return f"{name} is {value}: nobody counts less than none; write 0 or more."
    for (name, value), (other, more) in zip(told, told[1:]):
        if value > more:
            return f"{name} is {value} and {other} {more}: write them in order, the least first."
    return None


def _span_problem(table: str, record: Any) -> Optional[str]:
    first, last = _SPANS.get(table, ("", ""))
    start, end = getattr(record, first, None), getattr(record, last, None)
    if start is None or end is None:
        return None
    if end < start:
        return f"{last} is before {first}: correct one of them."
    if end == start and table in _LASTING:
        return f"{last} is the same moment as {first}: say how long it lasted."
    return None


def _code_problem(table: str, record: Any) -> Optional[str]:
    name, listed = _CODES.get(table, ("", ""))
    code = getattr(record, name, None)
    if not code or code in vocabulary(listed):
        return None
    return f"{name} is “{code}”: choose one of {', '.join(vocabulary(listed))}."
