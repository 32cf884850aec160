"""A draft held against the checklist: what is there, what is missing, what contradicts."""

from __future__ import annotations

import dataclasses
import json
from typing import Iterable, Optional, Sequence

from ...model.clause_check import ClauseCheck, State
from ...model.precedent import Precedent
from .checklist import Checklist, Item
from .contradictions import contradictions
from .draft import Draft
from .evidence import shown_in, worded_in

MOST = 6
MOST_PRECEDENTS = 3
# Every file of an agreement states a zone, whether the agreement's text does or not.
OF_THE_FILE = {"timezone"}
OF_ALL = "Contradictions"


@dataclasses.dataclass
class Library:
    """Where precedents of an item are sought: agreements as data, and imported data sets."""

    drafts: Sequence[Draft] = ()
    records: Sequence[Precedent] = ()


def check_draft(draft: Draft, checklist: Checklist, library: Library) -> list[ClauseCheck]:
    """The contradictions first, then every item of the checklist in order."""
    told = [
        ClauseCheck(0, OF_ALL, None, None, None, State.CONTRADICTS.value, sentence)
        for sentence in contradictions(draft)
    ]
    issues = _counted_issues(library.records)
    return told + [_checked(item, draft, library, issues) for item in checklist.items]


def _checked(item: Item, draft: Draft, library: Library, issues: dict) -> ClauseCheck:
    marked = draft.marks.get(item.code, [])
    shown, worded = shown_in(item, draft), worded_in(item, draft)
    if marked or shown:
        state = State.THERE
        found = [f"{reference} (marked)" for reference in dict.fromkeys(marked)] + shown
    elif worded:
        state, found = State.POSSIBLY, [f"words in {reference}" for reference in worded]
    else:
        state, found = State.MISSING, []
    return ClauseCheck(
        *(item.group, item.group_title, item.code, item.title, item.essential),
        *(state.value, _listed(found), item.why, _precedents(item, draft, library, issues)),
    )


def _precedents(item: Item, draft: Draft, library: Library, issues: dict) -> Optional[str]:
    """Which known agreements hold it as data, and how many PA-X codes with the nearest issue."""
    told = [
        each.title
        for each in library.drafts
        if item.code not in OF_THE_FILE and each.title != draft.title and shown_in(item, each)
    ]
    counted = [(code, issues[code]) for code in item.issues if library.records and issues.get(code)]
    agreements = [_listed(told, MOST_PRECEDENTS)] if told else []
    return _listed(agreements + [f"PA-X {code}: {names}" for code, names in counted])


def _counted_issues(records: Iterable[Precedent]) -> dict[str, str]:
    """For each issue code how many agreements have it, with the latest three."""
    names: dict[str, list[tuple[str, str]]] = {}
    for record in records:
        for code, value in json.loads(record.codes or "{}").items():
            if isinstance(value, int) and value > 0 and record.precedent_name:
                names.setdefault(code, []).append((record.start_from or "", record.precedent_name))
    return {
        code: f"{len(found):,} agreements, such as "
        + ", ".join(name for _, name in sorted(found, reverse=True)[:3])
        for code, found in names.items()
    }


def _listed(parts: Sequence[str], most: int = MOST) -> Optional[str]:
    if not parts:
        return None
    more = f"; and {len(parts) - most} more" if len(parts) > most else ""
    return "; ".join(parts[:most]) + more
