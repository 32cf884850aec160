"""Changes between two moments as a table: one row a changed field."""

from __future__ import annotations

from typing import Any, Iterator, Optional, Sequence

from ..model.field import Field
from ..model.field import Kind as Holds
from .difference import GEOMETRY, Change, FieldChange, Kind
from .difference_words import text_of
from .past import State
from .rows import instant_of
from .sensitivity import level_of_field

FIELDS = (
    Field("record_table", Holds.TEXT, "Table"),
    Field("record_id", Holds.TEXT, "Record"),
    Field("change", Holds.TEXT, "What became of the record"),
    Field("late", Holds.BOOLEAN, "Recorded late"),
    Field("field", Holds.TEXT, "Field"),
    Field("field_title", Holds.TEXT, "Field in words"),
    Field("before", Holds.TEXT, "Before"),
    Field("after", Holds.TEXT, "After"),
    Field("revision_before", Holds.INTEGER, "Revision before"),
    Field("revision_after", Holds.INTEGER, "Revision after"),
    Field("changed_at", Holds.INSTANT, "Changed at (UTC)"),
    Field("who", Holds.TEXT, "Who"),
    Field("why", Holds.TEXT, "Why"),
    Field("with_what", Holds.TEXT, "With what"),
    Field("fetch_id", Holds.TEXT, "Fetch"),
    Field("steps", Holds.TEXT, "Steps"),
    Field("conflict", Holds.BOOLEAN, "Edited on an older state"),
    Field("source", Holds.TEXT, "Source"),
    Field("sensitivity", Holds.TEXT, "Sensitivity"),
)
# These stand for the record as a whole; what fields changed beside follows below them.
_AS_A_WHOLE = (Kind.NEW, Kind.PASSED, Kind.DELETED)


def rows_of(change: Change) -> Iterator[list[Any]]:
    """The rows of one change, values in the order of ``FIELDS``, instants as datetimes.

    A record that is new, deleted, brought back from deletion, or recorded and removed again has a
    row without a field first. Who, when and why of a field are those of its last step; where there
    are several, ``steps`` tells each with its value.
    """
    came_back = change.before is not None and change.before.deleted
    if change.kind in _AS_A_WHOLE or came_back or not change.fields:
        # A new record is signed by who recorded it, any other by who changed it last.
        signed = change.steps[0 if change.kind is Kind.NEW else -1]
        steps = [(step, step.operation) for step in change.steps]
        yield _row(change, None, None, None, signed, steps)
    for item in change.fields:
        yield _row(change, item, *_ends(change, item), item.steps[-1][0], _told(change, item))


def _row(
    change: Change,
    item: Optional[FieldChange],
    before: Optional[str],
    after: Optional[str],
    signed: State,
    steps: Sequence[tuple[State, Any]],
) -> list[Any]:
    name = item.name if item else None
    return [
        change.table.name,
        change.record_id,
        change.kind.value,
        change.late,
        name,
        _title(change, name),
        before,
        after,
        change.before.revision if change.before else None,
        change.after.revision,
        instant_of(signed.recorded_at),
        signed.who,
        signed.why,
        signed.with_what,
        signed.fetch_id,
        "; ".join(_step(*step) for step in steps) if len(steps) > 1 else None,
        any(step.conflict for step, _ in steps),
        change.source,
        level_of_field(change, name),
    ]


def _ends(change: Change, item: FieldChange) -> tuple[Optional[str], Optional[str]]:
    return (
        text_of(change.table, item.name, item.before),
        text_of(change.table, item.name, item.after),
    )


def _told(change: Change, item: FieldChange) -> list[tuple[State, Any]]:
    return [(step, text_of(change.table, item.name, value)) for step, value in item.steps]


def _step(step: State, value: Any) -> str:
    signature = ", ".join(part for part in (step.recorded_at, step.who, step.why) if part)
    return f"revision {step.revision} ({signature}): {value if value is not None else 'not known'}"


def _title(change: Change, name: Optional[str]) -> Optional[str]:
    if name == GEOMETRY:
        return "Place on the map"
    return next((field.title for field in change.table.fields if field.name == name), None)
