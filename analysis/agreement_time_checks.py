"""Whether an agreement's days and hours follow one another."""

from __future__ import annotations

import dataclasses
from typing import Optional

from ..model.agreement import Agreement, ChangeKind, Expects
from ..model.errors import CeasefireError
from .agreement_moments import moment_end, moment_start
from .agreement_problems import Problems
from .agreement_times import entry_into_force, in_force
from .agreement_walk import records

NEEDS = {
    ChangeKind.EXTENDED: ("until",),
    ChangeKind.SUSPENDED: ("since",),
    ChangeKind.ENDED: ("since",),
    ChangeKind.DEADLINE_MOVED: ("until", "rules"),
}
SPANS = (("valid_from", "valid_to"), ("opens", "closes"), ("since", "until"))


def check_times(agreement: Agreement, problems: Problems) -> None:
    """Name moments that the calendar does not have, and ends before their beginnings."""
    timing = agreement.timing
    if timing.first_day_number not in (0, 1):
        problems.wrong("Timing", "first_day_number", timing.first_day_number, "0 or 1")
    if timing.in_force_to and timing.duration_days is not None:
        problems.add("Timing", "give “in_force_to” or “duration_days”, not both")
    if timing.duration_days is not None and not 1 <= timing.duration_days <= 100_000:
        problems.wrong("Timing", "duration_days", timing.duration_days, "1 to 100,000 days")
    if not (timing.in_force_from or timing.d_day or timing.signed_on):
        problems.add(
            "Timing", "say since when it is in force: “in_force_from”, “d_day” or “signed_on”"
        )
    for number, change in enumerate(timing.changes, 1):
        for name in NEEDS[change.kind]:
            if not getattr(change, name):
                problems.add(
                    f"Timing, change {number}", f"key “{name}” is missing for “{change.kind.value}”"
                )
    if problems.sentences:
        return
    _check_moments(agreement, problems)
    if not problems.sentences:
        _check_order(agreement, problems)


def _check_moments(agreement: Agreement, problems: Problems) -> None:
    """Every moment can be told, and every span begins before it ends."""
    for where, record in records(agreement):
        told = {}
        for item in dataclasses.fields(record):
            text = getattr(record, item.name)
            if item.metadata["key"].expects is not Expects.MOMENT or text is None:
                continue
            try:
                told[item.name] = (
                    moment_start(agreement.timing, text),
                    moment_end(agreement.timing, text),
                )
            except CeasefireError as error:
                problems.add(where, f"key “{item.name}” is “{text}”: {str(error).rstrip('.')}")
        for start, end in SPANS:
            if start in told and end in told and told[end][1] <= told[start][0]:
                problems.add(
                    where,
                    f"“{end}” ({getattr(record, end)}) comes before “{start}” "
                    f"({getattr(record, start)})",
                )


def _check_order(agreement: Agreement, problems: Problems) -> None:
    """The agreement ends after it begins, and nothing is due before it is in force."""
    timing = agreement.timing
    start = entry_into_force(timing)
    end = moment_end(timing, timing.in_force_to) if timing.in_force_to else None
    if end is not None and end <= start:
        problems.add("Timing", f"it ends (in_force_to {timing.in_force_to}) before it is in force")
        return
    spans = in_force(agreement)
    last = spans[-1][1] if spans else None
    for clause, rule in agreement.rules():
        at = f"Clause {clause.reference}, rule “{rule.code}”"
        due = [("deadline", rule.deadline), ("valid_to", rule.valid_to)]
        for name, text in due:
            if text and moment_end(timing, text) <= start:
                problems.add(at, f"key “{name}” is {text}, before the agreement is in force")
        began = _start_of(timing, rule.valid_from)
        if began is not None and last is not None and began >= last:
            problems.add(at, f"key “valid_from” is {rule.valid_from}, after the agreement's end")


def _start_of(timing, text: Optional[str]):
    return moment_start(timing, text) if text else None
