"""The handover of a shift as a sheet to read, sign and pass on."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Optional

from ..model.tables import table
from .plain_sheet import PlainSheet
from .release import sheet_level
from .shift import Item, Shift

# The parts in the order of their urgency: heading, and what stands where there is nothing.
PARTS = {
    "overdue": ("Review overdue", "No review is overdue."),
    "claim": ("Claims to be answered", "No claim is due."),
    "post": ("Posts that do not fully observe", "All posts observe."),
    "restriction": ("Restrictions of access in force", "None is recorded."),
    "conflict": ("Edits that met another's", "None."),
    "unsigned": ("Edits that nobody signed", "None."),
    "new": ("New since then", "Nothing was recorded."),
    "changed": ("Changed since then", "Nothing was changed."),
    "withdrawn": ("Withdrawn or deleted since then", "Nothing was withdrawn."),
    "unreviewed": ("Waiting for review", "Nothing waits."),
}
# How things stand, beside what happened since then.
SUMMARY = (
    ("overdue", "new"),
    ("unreviewed", "changed"),
    ("claim", "withdrawn"),
    ("post", "conflict"),
    ("restriction", "unsigned"),
)
MOST = 100
WHEN = {
    "claim": "Due",
    "post": "Since",
    "restriction": "Since",
}


def shift_sheet(shift: Shift, zone: tzinfo, theatre: Optional[str]) -> PlainSheet:
    """The sheet: counts first, then the parts in the order of their urgency."""
    title = f"Shift handover: {theatre}" if theatre else "Shift handover"
    sheet = PlainSheet(title, sheet_level(shift.release))
    sheet.say(f"From {_moment(shift.since, zone)} to {_moment(shift.until, zone)} ({zone}).")
    counts = shift.counts()
    rows = [[PARTS[a][0], counts[a], PARTS[b][0], counts[b]] for a, b in SUMMARY]
    sheet.table(["How things stand", "Number", "Since then", "Number"], rows)
    for part, (title, nothing) in PARTS.items():
        items = shift.of(part)
        sheet.heading(f"{title} ({len(items):,})" if items else title)
        if not items:
            sheet.say(nothing)
            continue
        sheet.table(*_table(part, items[:MOST], zone))
        if len(items) > MOST:
            sheet.say(f"{len(items) - MOST:,} more stand in the table.")
    hours = round(shift.review_due.total_seconds() / 3600)
    sheet.say(
        f"A review is overdue {hours} hours after the latest revision. Times are local. "
        "“No effort recorded” does not mean that a post was down. " + _withheld(shift),
        small=True,
    )
    return sheet


def _withheld(shift: Shift) -> str:
    if not shift.withheld:
        return "Nothing is held back."
    return f"Details of {shift.withheld:,} confidential records are held back."


def _table(part: str, items: list[Item], zone: tzinfo) -> tuple[list[str], list[list]]:
    columns = {
        "Record": [f"{_one(item.table)} {item.record_id}" for item in items],
        "What": [item.what for item in items],
        WHEN.get(part, "Recorded"): [_moment(item.when, zone) for item in items],
        "Who": [item.who for item in items],
        "Why": [item.why for item in items],
    }
    kept = {name: column for name, column in columns.items() if any(column) or name == "What"}
    return list(kept), [list(row) for row in zip(*kept.values())]


def _one(name: str) -> str:
    """What one record of a table is called: its key's title."""
    described = table(name)
    return next(field.title for field in described.fields if field.name == described.key)


def _moment(moment: Optional[datetime], zone: tzinfo) -> str:
    return "" if moment is None else f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"
