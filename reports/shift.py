"""What a shift hands over: what is new, changed, unreviewed, overdue, down and restricted."""

from __future__ import annotations

import dataclasses
from collections import Counter
from datetime import datetime, timedelta
from typing import Any, Iterable, Optional

import numpy as np

from ..analysis.utc import instants, utc_datetime
from ..analysis.watch_spans import STATES, restricted_span
from ..ledger.difference import Change, Kind
from ..ledger.reviewsettings import CLAIM_DUE_HOURS, REVIEW_DUE_HOURS, whole
from ..ledger.rows import instant_of
from ..ledger.sensitivity import since_then
from ..model.incident import Incident
from ..model.sensitivity import CONFIDENTIAL, SinceThen
from ..model.vocabulary import label
from .release import Release

UNREVIEWED = ("draft", "recorded")
GONE = (Kind.WITHDRAWN, Kind.DELETED, Kind.PASSED)


@dataclasses.dataclass(frozen=True)
class Item:
    """One line of the handover: the part of the sheet, the record, what, when, who and why."""

    part: str
    table: str
    record_id: str
    what: str
    when: Optional[datetime] = None
    who: Optional[str] = None
    why: Optional[str] = None


@dataclasses.dataclass
class Shift:
    """All lines of a handover, and the settings that they rest on.

    ``withheld`` counts the records whose details the release level holds back.
    """

    since: datetime
    until: datetime
    items: list[Item]
    review_due: timedelta
    release: Release = Release.RESTRICTED
    withheld: int = 0

    def of(self, part: str) -> list[Item]:
        """The lines of one part."""
        return [item for item in self.items if item.part == part]

    def counts(self) -> Counter:
        """How many lines each part has."""
        return Counter(item.part for item in self.items)


def shift_of(
    ledger: Any, since: datetime, until: datetime, release: Release = Release.RESTRICTED
) -> Shift:
    """What happened after ``since`` and by ``until`` (aware), and how things stood then.

    Of records that the release level does not show, as known then or today, it says only which
    they are and what is to be done.
    """
    settings = ledger.settings()
    due = timedelta(hours=whole(settings, REVIEW_DUE_HOURS))
    ahead = timedelta(hours=whole(settings, CLAIM_DUE_HOURS))
    view = _View(release, since_then(ledger, until, ("incidents", "claims", "restrictions")))
    changes = list(ledger.changes(since, until))
    items = [item for change in changes for item in _changed(change, view)]
    items += _unreviewed(ledger.records_as_of("incidents", until), until, due, view)
    items += _claims(ledger.records_as_of("claims", until), until, ahead, view)
    restrictions = ledger.records_as_of("restrictions", until)
    items += _posts(ledger, restrictions, until)
    items += _restrictions(restrictions, until, view)
    return Shift(since, until, items, due, release, len(view.withheld))


class _View:
    """What of each record a release level shows; it keeps which it did not."""

    def __init__(self, release: Release, since: SinceThen):
        self.release, self.since = release, since
        self.withheld: set[tuple[str, str]] = set()

    def shows(self, table: str, record_id: str, code: Optional[str]) -> bool:
        """Whether the details of a record with that sensitivity are told."""
        return self._noted(table, record_id, self.since.level(table, record_id, code))

    def shows_change(self, change: Change) -> bool:
        """Whether the details of a change are told."""
        return self._noted(change.table.name, change.record_id, change.sensitivity)

    def _noted(self, table: str, record_id: str, level: str) -> bool:
        shown = self.release.shows(level)
        if not shown:
            self.withheld.add((table, record_id))
        return shown


def _changed(change: Change, view: _View) -> Iterable[Item]:
    """The lines of one record's changes: what became of it, conflicts, and unsigned edits."""
    last = change.steps[-1]
    table, when = change.table.name, instant_of(last.recorded_at)
    part = "new" if change.kind is Kind.NEW else "withdrawn" if change.kind in GONE else "changed"
    shown = view.shows_change(change)
    if not shown:
        what = CONFIDENTIAL if part == "new" else f"{_plain(change.kind.value)} ({CONFIDENTIAL})"
    else:
        what = _new_words(change) if part == "new" else _change_words(change)
    who = ", ".join(dict.fromkeys(step.who for step in change.steps if step.who)) or None
    why = "; ".join(change.reasons) or None if shown else None
    yield Item(part, table, change.record_id, what, when, who, why)
    for step in change.conflicts:
        words = f"revision {step.revision} was made on an older state than the one it replaced"
        moment = instant_of(step.recorded_at)
        why = step.why if shown else None
        yield Item("conflict", table, change.record_id, words, moment, step.who, why)
    unsigned = [step for step in change.steps if step.who is None and step.fetch_id is None]
    if unsigned:
        words = "revision " + ", ".join(str(step.revision) for step in unsigned)
        yield Item("unsigned", table, change.record_id, words, when)


def _new_words(change: Change) -> str:
    values = change.after.values
    words = [label("categories", values.get("category")), values.get("place"), values.get("party")]
    late = "recorded late" if change.late else ""
    return ", ".join(str(word) for word in (*words, late) if word)


def _change_words(change: Change) -> str:
    """How a record changed; the values themselves only of review, which give nothing away."""
    words = change.kind.value.replace("_", " ")
    told = []
    for field in change.fields:
        if field.name in ("verification", "workflow", "status", "finding"):
            told.append(f"{field.name}: {_plain(field.before)} to {_plain(field.after)}")
        else:
            told.append(field.name)
    return f"{words} ({'; '.join(told)})" if told else words


def _unreviewed(
    incidents: list[Incident], until: datetime, due: timedelta, view: _View
) -> Iterable[Item]:
    waiting = [item for item in incidents if (item.workflow or "recorded") in UNREVIEWED]
    for item in sorted(waiting, key=lambda item: (item.recorded_at or until, item.incident_id)):
        late = item.recorded_at is not None and item.recorded_at < until - due
        part = "overdue" if late else "unreviewed"
        shown = view.shows("incidents", item.incident_id, item.sensitivity)
        what = _incident_words(item) if shown else CONFIDENTIAL
        yield Item(part, "incidents", item.incident_id, what, item.recorded_at)


def _incident_words(item: Incident) -> str:
    words = (
        label("categories", item.category),
        item.place,
        label("verifications", item.verification or "unverified"),
    )
    return ", ".join(word for word in words if word)


def _claims(claims: list, until: datetime, ahead: timedelta, view: _View) -> Iterable[Item]:
    """Claims without an answer whose day has come, or comes within the setting's hours."""
    waiting = [item for item in claims if item.answered_at is None and item.due_at is not None]
    for item in sorted(waiting, key=lambda item: (item.due_at, item.claim_id)):
        if item.due_at < until + ahead:
            words = "overdue" if item.due_at < until else "due"
            finding = "no finding yet" if item.finding in (None, "under_review") else "finding set"
            shown = view.shows("claims", item.claim_id, item.sensitivity)
            told = (item.party, item.place) if shown else (CONFIDENTIAL,)
            what = ", ".join(part for part in (words, *told, finding) if part)
            yield Item("claim", "claims", item.claim_id, what, item.due_at)


def _posts(ledger: Any, restrictions: list, until: datetime) -> Iterable[Item]:
    """The posts that did not fully observe at the end of the shift, and since when."""
    from ..analysis.coverage import watch_of_posts

    posts = ledger.records_as_of("posts", until)
    there = {post.post_id: post for post in posts if _stands_at(post, until)}
    effort = ledger.records_as_of("effort", until)
    watch = watch_of_posts(posts, effort, restrictions)
    moment = instants([until])[0] - np.timedelta64(1, "us")
    for name in sorted(there):
        stretches = watch[name]
        row = int(np.searchsorted(stretches.ends, moment, side="right"))
        state = STATES[stretches.states[row]]
        if state == "operating":
            continue
        words = "no effort recorded" if state == "not_known" else state.replace("_", " ")
        start = utc_datetime(stretches.starts[row])
        since = start if start is not None and start.year > 1 else None
        reasons = stretches.reasons(moment, moment + np.timedelta64(1, "us"))
        title = there[name].name
        what = words if title in (None, name) else f"{title}: {words}"
        yield Item("post", "posts", name, what, since, why=", ".join(reasons) or None)


def _stands_at(post: Any, until: datetime) -> bool:
    begun = post.valid_from is None or post.valid_from < until
    return begun and (post.valid_to is None or post.valid_to >= until)


def _restrictions(restrictions: list, until: datetime, view: _View) -> Iterable[Item]:
    moment = instants([until])[0]
    for item in restrictions:
        first, last = restricted_span(item)
        if first < moment <= last:
            words = (label("restriction_kinds", item.kind), item.asset, item.post_id or item.place)
            shown = view.shows("restrictions", item.restriction_id, item.sensitivity)
            yield Item(
                "restriction",
                "restrictions",
                item.restriction_id,
                ", ".join(word for word in words if word) if shown else CONFIDENTIAL,
                item.restricted_from,
                why=(item.stated_reason or item.cause) if shown else None,
            )


def _plain(value: Any) -> str:
    return "not set" if value is None else str(value).replace("_", " ")
