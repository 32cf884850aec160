"""What became of incidents since the previous report: corrected, withdrawn, recorded late."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any, Optional

from ..ledger.difference import Change, Kind
from ..ledger.difference_words import field_words, reason_words
from ..ledger.past import State, record_of_state
from ..ledger.sensitivity import level_of_field
from ..model.errors import CeasefireError
from ..model.land import Finding
from ..model.tables import INCIDENTS
from .material import Entry
from .release import Release
from .tables import Table, place_words, shortened, what_words
from .words import Words

MANIFEST = "manifest.json"
# What a report told of and does not any more, or tells otherwise; the rest is counted alone.
LISTED = (Kind.CORRECTED, Kind.WITHDRAWN, Kind.RESTORED)
COUNTED = (*LISTED, Kind.REVIEWED, Kind.REVERTED)
MOST_BELOW = 600


@dataclasses.dataclass
class Revisions:
    """Changes of incidents since a moment: of an earlier report, or the beginning of the period.

    ``late`` are incidents recorded since of what happened before; known only beside a report.
    """

    since: datetime
    of_report: bool
    changes: list[Change] = dataclasses.field(default_factory=list)

    @property
    def listed(self) -> list[Change]:
        """The changes that are told one by one: those of what was told before, then the late."""
        own = [change for change in self.changes if change.kind in LISTED]
        return own + self.late

    @property
    def late(self) -> list[Change]:
        """The incidents that were recorded late."""
        return [change for change in self.changes if change.kind is Kind.NEW]

    @property
    def counts(self) -> dict[str, int]:
        """How many incidents changed, by what became of them, and how many were late."""
        kinds = Counter(change.kind for change in self.changes)
        counts = {kind.value: kinds[kind] for kind in COUNTED}
        return {**counts, "late": len(self.late)} if self.of_report else counts

    @property
    def worth_a_table(self) -> bool:
        """Whether the brief has something to say: always where it is compared with a report."""
        return self.of_report or bool(self.listed)

    def within(self, level: Release) -> tuple[Revisions, int]:
        """What a release level may show of it, and how many changes it may not."""
        shown = [change for change in self.changes if level.shows(change.sensitivity)]
        return dataclasses.replace(self, changes=shown), len(self.changes) - len(shown)

    def without_sources(self, sources: set[str]) -> Revisions:
        """The same without incidents that came, in any of their states, from one of them."""
        changes = [change for change in self.changes if not _sources(change) & sources]
        return dataclasses.replace(self, changes=changes)

    def without_reasons(self) -> tuple[Revisions, int]:
        """The same without why, as people typed it; and of how many listed changes it is left out.

        Somebody's name may stand in a reason.
        """
        untold = sum(bool(change.reasons) for change in self.listed)
        changes = [_without_reasons(change) for change in self.changes]
        return dataclasses.replace(self, changes=changes), untold


def revisions_of(ledger: Any, since: datetime, until: datetime, of_report: bool) -> Revisions:
    """What became of the ledger's incidents after ``since`` and by ``until`` (aware)."""
    result = Revisions(since, of_report)
    if since >= until:
        return result
    for change in ledger.each_change(since, until, ["incidents"]):
        late = of_report and change.kind is Kind.NEW and change.late
        if change.kind in COUNTED or late:
            result.changes.append(change)
    return result


def moment_of_report(place: Path, ledger_id: str) -> datetime:
    """The moment as known at which an earlier brief reports, by its manifest or its folder.

    CeasefireError where there is no manifest, or it is of another ledger.
    """
    path = place / MANIFEST if place.is_dir() else place
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        moment = datetime.fromisoformat(manifest["as_of"])
        of = manifest["ledger"]["ledger_id"]
    except (OSError, ValueError, KeyError, TypeError):
        raise CeasefireError(
            f"“{path}” is not the manifest of a brief. Give one, its folder, or the moment of the "
            "earlier report."
        ) from None
    if of != ledger_id:
        raise CeasefireError(
            f"“{path}” is the manifest of a brief from another ledger. Give one from this ledger, "
            "or the moment of the earlier report."
        )
    return moment


def cut_to_area(revisions: Revisions, area: Any) -> None:
    """Keep the changes of incidents that lay within the area before or after, or nowhere."""
    revisions.changes = [change for change in revisions.changes if _within(change, area)]


def revisions_table(
    revisions: Revisions, entries: list[Entry], level: Release, words: Words, most: int
) -> Optional[Table]:
    """The listed changes, at most ``most``: the incident as it stands, and below it what changed
    and why; nobody is named."""
    numbers = {entry.incident.incident_id: entry.number for entry in entries}
    shown = revisions.listed[:most]
    if not shown:
        return None
    names = ("col_number", "col_time", "col_place", "col_what", "col_change", "col_revised")
    shares = (9, 28, 44, 46, 26, 28)
    columns = [(words(name), share, name == "col_number") for name, share in zip(names, shares)]
    rows = [_row(change, numbers.get(change.record_id), words) for change in shown]
    return Table("revisions", columns, rows, [changed_words(item, level) for item in shown])


def changed_words(change: Change, level: Release) -> str:
    """What changed in an incident and why, in words."""
    told = "; ".join(
        field_words(INCIDENTS, item)
        for item in change.fields
        if item.before != item.after and may_show(change, item.name, level)
    )
    why = "; ".join(map(reason_words, change.reasons))
    parts = [f"{told}." if told else "", f"Why: {why}." if why else ""]
    return shortened(" ".join(part for part in parts if part), MOST_BELOW)


def may_show(change: Change, field: Optional[str], level: Release) -> bool:
    """Whether a release level may show that field of a change."""
    return level.shows(level_of_field(change, field))


def _without_reasons(change: Change) -> Change:
    fields = tuple(
        dataclasses.replace(
            item, steps=tuple((step._replace(why=None), value) for step, value in item.steps)
        )
        for item in change.fields
    )
    steps = tuple(step._replace(why=None) for step in change.steps)
    return dataclasses.replace(change, steps=steps, fields=fields)


def _row(change: Change, number: Optional[int], words: Words) -> list[str]:
    entry = Entry(record_of_state(INCIDENTS, change.after), Finding())
    incident = entry.incident
    late = change.kind is Kind.NEW
    return [
        str(number) if number else "\u2013",
        words.moment(incident.occurred_from, incident.time_precision, incident.occurred_to),
        place_words(entry, words("not_known")),
        what_words(entry, words),
        words("change_late" if late else f"change_{change.kind.value}"),
        words.moment(incident.recorded_at),
    ]


def _sources(change: Change) -> set[str]:
    states = (change.before, *change.steps, change.after)
    return {state.values.get("source") or "" for state in states if state is not None}


def _within(change: Change, area: Any) -> bool:
    states = [state for state in (change.before, change.after) if state is not None]
    return any(_lies(state, area) for state in states)


def _lies(state: State, area: Any) -> bool:
    import shapely

    entry = Entry(record_of_state(INCIDENTS, state), Finding())
    if not entry.located:
        return True
    return bool(shapely.intersects_xy(area, entry.incident.longitude, entry.incident.latitude))
