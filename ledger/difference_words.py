"""Changes between two moments told in whole sentences, and counted as they go by.

The sentences may stand in a restricted brief: they name no person, of confidential records they say
only how many changed, and the reasons that people typed are told where that is asked for.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any, Optional

from ..model.field import Kind as Holds
from ..model.field import Table
from ..model.sensitivity import may_show
from ..model.tables import INCIDENTS, LEDGER_TABLES
from ..model.vocabulary import label
from .difference import GEOMETRY, Change, FieldChange, Kind
from .payload import point_of
from .rows import instant_of
from .sensitivity import level_of_field

# Who may read the sentences.
RELEASE = "restricted"
MOST_TOLD = 200
# What is merely late is counted; these many are told one by one.
MOST_LATE_TOLD = 10
_FOLDERS = re.compile(r"(?:\w+:)?[/\\].*[/\\]")
MOST_LETTERS = 120
MOST_OF_A_SHAPE = 1000
WORDS = {
    Kind.NEW: "new",
    Kind.CORRECTED: "corrected",
    Kind.WITHDRAWN: "withdrawn",
    Kind.REVIEWED: "reviewed",
    Kind.DELETED: "deleted",
    Kind.RESTORED: "brought back",
    Kind.REVERTED: "changed and restored",
    Kind.PASSED: "recorded and removed again",
}
# Tables whose records are not deleted: what came and went within a span was withdrawn.
WITHDRAWN_NOT_REMOVED = (INCIDENTS.name, "evidence", "protected")
# The lists that hold the labels of codes.
VOCABULARIES = {
    "origin": "origins",
    "category": "categories",
    "phase": "phases",
    "circumstance": "circumstances",
    "weapon": "weapon_types",
    "verification": "verifications",
    "workflow": "workflows",
    "sensitivity": "sensitivities",
    "reliability": "reliabilities",
    "credibility": "credibilities",
}


@dataclass
class Tally:
    """How many records changed and how, by table; and the first changes, to be told.

    ``withheld`` counts those to be told that are confidential; ``reasons``: whether reasons are
    told, ``without_reasons`` counts the changes whose reasons are not. ``more_late`` counts those
    that were merely recorded late and are not told one by one.
    """

    reasons: bool = False
    counts: dict[str, Counter] = field(default_factory=dict)
    late: Counter = field(default_factory=Counter)
    conflicts: int = 0
    told: list[str] = field(default_factory=list)
    untold: int = 0
    withheld: int = 0
    without_reasons: int = 0
    late_told: int = 0
    more_late: int = 0

    def add(self, change: Change) -> None:
        """Count one change, and keep its sentence where there is room."""
        self.counts.setdefault(change.table.name, Counter())[change.kind] += 1
        self.late[change.table.name] += change.late
        self.conflicts += len(change.conflicts)
        if change.kind is Kind.NEW and not change.late and not change.conflicts:
            return
        if not may_show(change.sensitivity, RELEASE):
            self.withheld += 1
        elif _is_merely_late(change) and self.late_told >= MOST_LATE_TOLD:
            self.more_late += 1
        elif len(self.told) < MOST_TOLD:
            self.late_told += _is_merely_late(change)
            self.told.append(sentence(change, self.reasons))
            self.without_reasons += bool(change.reasons) and not self.reasons
        else:
            self.untold += 1

    def total(self, kind: Kind) -> int:
        """How many records of all tables changed in that way."""
        return sum(counts[kind] for counts in self.counts.values())


def sentences(tally: Tally, since: datetime, until: datetime, zone: tzinfo) -> list[str]:
    """The changes of a span in sentences: the counts first, then what is not merely new."""
    span = f"From {moment_words(since, zone)} to {moment_words(until, zone)}"
    parts = [
        f"{table.title}: {_counts(tally, table)}"
        for table in LEDGER_TABLES
        if table.name in tally.counts
    ]
    if not parts:
        return [f"{span} nothing was recorded or changed."]
    lines = [f"{span}. {'. '.join(parts)}.", *tally.told]
    if tally.more_late:
        one, many = "record that came late stands", "records that came late stand"
        words = one if tally.more_late == 1 else many
        lines.append(f"{tally.more_late:,} more {words} in the table.")
    if tally.untold:
        words = "change stands" if tally.untold == 1 else "changes stand"
        lines.append(f"{tally.untold:,} more {words} in the table.")
    if tally.withheld:
        one, many = "change of a confidential record is", "changes of confidential records are"
        words = one if tally.withheld == 1 else many
        lines.append(f"{tally.withheld:,} {words} in the table alone.")
    if tally.without_reasons:
        one, many = "change is", "changes are"
        words = one if tally.without_reasons == 1 else many
        lines.append(f"The reasons of {tally.without_reasons:,} {words} held back.")
    return lines


def words_of(kind: Kind, table: Table) -> str:
    """What became of a record in words; what is never deleted was withdrawn."""
    if kind is Kind.PASSED and table.name in WITHDRAWN_NOT_REMOVED:
        return "recorded and withdrawn again"
    return WORDS[kind]


def sentence(change: Change, reasons: bool = False) -> str:
    """One change as a sentence, without anybody's name; ``reasons``: with why, as typed."""
    what = f"{_one_of(change.table)} {change.record_id}"
    parts = [field_words(change.table, item) for item in change.fields if _may_tell(change, item)]
    if change.kind is Kind.NEW:
        what += " was recorded late" if change.late else " was recorded"
    else:
        what += f" was {words_of(change.kind, change.table)}"
    if parts and change.kind not in (Kind.DELETED, Kind.PASSED):
        what += ": " + "; ".join(parts)
    what += "." if what[-1] not in ".!?…" else ""
    if reasons and change.reasons:
        what += f" Why: {_shortened('; '.join(map(reason_words, change.reasons)))}."
    for step in change.conflicts:
        what += (
            f" Revision {step.revision} was made on an older state than the one that it "
            "replaced: compare the two."
        )
    return what


def field_words(table: Table, change: FieldChange) -> str:
    """One field's change in words: first value before, last value after."""
    title = "Place on the map" if change.name == GEOMETRY else _title(table, change.name)
    if change.before == change.after:
        return f"{title} as before ({plain(table, change.name, change.before)})"
    if change.name == GEOMETRY:
        return f"{title} {_moved(change)}"
    before, after = (plain(table, change.name, value) for value in (change.before, change.after))
    return f"{title} from {before} to {after}"


def reason_words(reason: str) -> str:
    """A reason without the folders of a path that it names: they tell of the machine."""
    return _FOLDERS.sub("", reason)


def plain(table: Table, name: str, value: Any, language: str = "en") -> str:
    """A stored value for a reader: codes by their labels, what is not known by these words."""
    if value is None:
        return "not known"
    if name == GEOMETRY:
        return _shortened(text_of(table, name, value))
    moment = instant_of(value) if _holds(table, name) is Holds.INSTANT else None
    if moment is not None:
        return moment.strftime("%Y-%m-%d %H:%M UTC")
    if name in VOCABULARIES:
        return label(VOCABULARIES[name], str(value), language)
    if isinstance(value, str):
        return f"“{_shortened(value)}”"
    return f"{value:g}" if isinstance(value, float) else str(value)


def text_of(table: Table, name: str, value: Any) -> Optional[str]:
    """A stored value as text, exactly; geometries as well-known text, long ones cut short."""
    if value is None:
        return None
    if name != GEOMETRY:
        return repr(value) if isinstance(value, float) else str(value)
    wkb = bytes.fromhex(value)
    if len(wkb) == 21:
        point = point_of(wkb)
        return f"POINT ({point[0]!r} {point[1]!r})" if point else "POINT EMPTY"
    import shapely

    text = shapely.to_wkt(shapely.from_wkb(wkb), rounding_precision=7)
    return text if len(text) <= MOST_OF_A_SHAPE else text[: MOST_OF_A_SHAPE - 1] + "…"


def moment_words(moment: datetime, zone: tzinfo) -> str:
    """A moment in the theatre's time, in words: "12 May 2031, 19:30"."""
    local = moment.astimezone(zone)
    return f"{local.day} {local:%b %Y, %H:%M}"


def _moved(change: FieldChange) -> str:
    if change.before is None:
        return "given"
    if change.after is None:
        return "taken away"
    ends = [bytes.fromhex(value) for value in (change.before, change.after)]
    points = [point_of(wkb) if len(wkb) == 21 else None for wkb in ends]
    if None in points:
        return "redrawn"
    from ..analysis.geodesy import inverse

    (x1, y1), (x2, y2) = points
    metres = inverse(x1, y1, x2, y2)[1]
    return f"moved by {metres:,.0f} m" if metres < 10_000 else f"moved by {metres / 1000:,.1f} km"


def _is_merely_late(change: Change) -> bool:
    return change.kind is Kind.NEW and not change.conflicts


def _counts(tally: Tally, table: Table) -> str:
    name, counts = table.name, tally.counts[table.name]
    parts = []
    for kind in Kind:
        if not counts[kind]:
            continue
        text = f"{counts[kind]:,} {words_of(kind, table)}"
        if kind is Kind.NEW and tally.late[name]:
            text += f" ({tally.late[name]:,} of them late)"
        parts.append(text)
    return ", ".join(parts)


def _may_tell(change: Change, item: FieldChange) -> bool:
    return may_show(level_of_field(change, item.name), RELEASE)


def _one_of(table: Table) -> str:
    return "Incident" if table is INCIDENTS else f"{table.title}:"


def _title(table: Table, name: str) -> str:
    return next((item.title for item in table.fields if item.name == name), name)


def _holds(table: Table, name: str) -> Optional[Holds]:
    return next((item.kind for item in table.fields if item.name == name), None)


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= MOST_LETTERS else text[: MOST_LETTERS - 1] + "…"
