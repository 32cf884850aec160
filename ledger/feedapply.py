"""Writing one part of a feed's run: one transaction, and each revision names its reply.

What a person set stays, as in every import; see ``feedimport``. What a feed had withdrawn and has
again comes back to where it was; what a person withdrew stays withdrawn.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Optional

from ..model.land import Fetch
from ..model.tables import FETCHES, INCIDENTS
from ..model.uncollected import uncollected
from .bulk import AT_LEAST
from .compare import WITHDRAWN
from .connection import Connection, Session, bound
from .feedimport import FLOW, Choice, beside, effort_rows
from .feeditems import put_items
from .feedparts import Imported, Part
from .feedspool import ADDED, CHANGED, REAPPEARED, UNCHANGED, ReplyRead
from .feedstatus import FeedStatus, claim, write_status
from .payload import decoded
from .rows import Row, row_of
from .store import CHUNK, rows_by_key, write_all, write_changed, write_new
from .upsert import Step, decided, go_through, upsert

_PAST = (
    "SELECT history_id + 0 AS n, incident_id || '' AS incident, payload, fetch_id "
    "FROM incident_history WHERE incident_id IN ($ids) ORDER BY incident_id, revision"
)
RECORDED = "recorded"
BESIDE = "beside"


@dataclasses.dataclass(frozen=True)
class Run:
    """One run of one feed: what is signed with it, and the run that it knew of before.

    ``evidence`` gives the records of a reply's kept body, by the reply's number.
    """

    feed_id: str
    name: str
    number: int
    before: int
    run_id: str
    session: Session
    evidence: dict[int, Any] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Written:
    """What a part's transaction did: ids by what became of them, and the replies it recorded."""

    what: dict[str, list[str]] = dataclasses.field(default_factory=dict)
    kept: list[str] = dataclasses.field(default_factory=list)
    told: list[Told] = dataclasses.field(default_factory=list)
    recorded: set[int] = dataclasses.field(default_factory=set)
    withdrawn: list[str] = dataclasses.field(default_factory=list)

    def by(self, what: str) -> list[str]:
        """The ids of which this became."""
        return self.what.setdefault(what, [])


@dataclasses.dataclass
class Told:
    """What a reply is recorded with: whose rows it had, how many, and what became of them."""

    reply: ReplyRead
    source: Optional[str]
    imported: int
    effort: int
    rejected: int
    notes: str
    counts: dict[str, int]

    @property
    def did_something(self) -> bool:
        """Whether the ledger is another for this reply."""
        return any(self.counts[what] for what in (ADDED, CHANGED, REAPPEARED, BESIDE))


class Ending:
    """What the last transaction of a run does besides its part; this one does nothing."""

    def withdraw(self, connection: Connection) -> list[str]:
        """Withdraw what the feed has no longer; the ids."""
        return []

    def replies(self, told: list[Told], withdrawn: list[str]) -> list[Told]:
        """The replies to record, of those of the part and of parts before."""
        return [one for one in told if one.did_something]

    def is_last(self, told: Told) -> bool:
        """Whether this is the last reply of a run in which everything came."""
        return False

    def settle(self, status: FeedStatus, written: Written) -> None:
        """Bring the status up to date."""


def needs_writing(part: Part) -> bool:
    """Whether a part has anything that the ledger does not have."""
    return bool(part.open_ids or part.moved_words or part.beside)


def write_part(
    connection: Connection,
    run: Run,
    part: Part,
    ending: Optional[Ending] = None,
    step: Optional[Step] = None,
) -> Written:
    """Write what a part brings, and what ends the run, in one transaction; see the module."""
    ending = ending or Ending()
    with uncollected(), connection.transaction(run.session):
        status = claim(connection, run.feed_id, run.name, run.before, run.number)
        written = Written()
        written.withdrawn = ending.withdraw(connection)
        new = _put_known(connection, run, part, written, step)
        if connection.keeps_rows_itself:
            hidden = connection.hidden_rows
            _put_new(connection, run, new, step)
            if connection.hidden_rows > hidden:
                _leave_out_hidden(connection, new, written)
        for told in ending.replies(written.told, written.withdrawn):
            last = ending.is_last(told)
            _write_fetch(connection, run, told, len(written.withdrawn) if last else 0, last)
            written.recorded.add(told.reply.number)
        put_items(connection, run.feed_id, run.number, part.moved_words, part.known)
        ending.settle(status, written)
        write_status(connection, status)
        if not connection.keeps_rows_itself:
            # Last of all: OGR's own idea of the layer ends where many rows are taken over.
            _put_new(connection, run, new, step)
    return written


def _put_known(
    connection: Connection, run: Run, part: Part, written: Written, step: Optional[Step]
) -> list[Row]:
    """Write a part's corrections and what stands beside; the rows that are new."""
    current = rows_by_key(connection, INCIDENTS, part.open_ids)
    back = _withdrawn_by_feeds(connection, current)
    new: list[Row] = []
    for one in part.replies:
        rows = {name: row for name, row in one.rows.items() if name in part.open_ids}
        known = {name: current[name] for name in rows if name in current}
        fresh, counts = _put_reply(connection, run, one, rows, known, back, written, step)
        new += fresh
        written.told.append(told_of(one, len(one.rows), counts))
    return new


def _put_reply(
    connection: Connection,
    run: Run,
    one: Imported,
    rows: dict[str, Row],
    current: dict[str, Row],
    back: dict[str, str],
    written: Written,
    step: Optional[Step],
) -> tuple[list[Row], dict[str, int]]:
    """Write a reply's corrections and what stands beside; its new rows, and how many of each."""
    fetch_id = one.reply.fetch_id
    session = dataclasses.replace(run.session, fetch_id=fetch_id)
    returned = _bring_back(rows, back)
    choose = Choice(connection, written.kept, rows, current)
    fresh, changed = decided(INCIDENTS, rows, current, _Returning(choose, returned))
    for row in fresh:
        row.fetch_id = fetch_id
    again = [row for row in changed if row.values[0] in returned]
    others = [row for row in changed if row.values[0] not in returned]
    connection.sign(session)
    go_through(write_changed(connection, INCIDENTS, others), step)
    more = 0
    for table, records, choice in beside(one.result):
        counts = upsert(connection, table, records, step, choice)
        more += counts.added + counts.changed
    if again:
        connection.sign(dataclasses.replace(session, why=f"{session.why} has it again"))
        go_through(write_changed(connection, INCIDENTS, again), step)
    ids = {ADDED: fresh, CHANGED: others, REAPPEARED: again}
    for what, some in ids.items():
        written.by(what).extend(row.values[0] for row in some)
    touched = {row.values[0] for some in ids.values() for row in some}
    same = [name for name in one.rows if name not in touched]
    written.by(UNCHANGED).extend(same)
    numbers = {what: len(some) for what, some in ids.items()}
    return fresh, {**numbers, UNCHANGED: len(same), BESIDE: more}


class _Returning:
    """Lets an incident that comes back take its workflow from before; else as ``choose`` says."""

    def __init__(self, choose: Choice, returned: set[str]):
        self.choose, self.returned = choose, returned

    def __call__(self, key: str, old: Row, new: Row, names: list[str]) -> list[str]:
        chosen = self.choose(key, old, new, names)
        return [*chosen, "workflow"] if key in self.returned else chosen


def _bring_back(rows: dict[str, Row], back: dict[str, str]) -> set[str]:
    """Give those that a feed had withdrawn their workflow from before; their ids."""
    returned = set()
    for name, row in rows.items():
        if name in back and row.values[FLOW] != WITHDRAWN:
            row.values[FLOW] = back[name]
            returned.add(name)
    return returned


def _withdrawn_by_feeds(connection: Connection, current: dict[str, Row]) -> dict[str, str]:
    """Of incidents, those that a feed withdrew, with their workflow before that."""
    wanted = [name for name, row in current.items() if row.values[FLOW] == WITHDRAWN]
    before: dict[str, str] = {}
    last: dict[str, Optional[str]] = {}
    for start in range(0, len(wanted), CHUNK):
        some = wanted[start : start + CHUNK]
        for _, name, text, fetch_id in connection.rows(bound(_PAST, ids=some)):
            flow = decoded(text).get("workflow")
            if flow == WITHDRAWN and last.get(name, "") != WITHDRAWN and fetch_id and name in last:
                before[name] = last[name] or RECORDED
            elif flow == WITHDRAWN and last.get(name, "") != WITHDRAWN:
                before.pop(name, None)
            last[name] = flow
    return before


def _put_new(connection: Connection, run: Run, new: list[Row], step: Optional[Step]) -> None:
    """Add incidents, each signed with its own reply."""
    if not connection.keeps_rows_itself and len(new) >= AT_LEAST:
        connection.sign(run.session)
        go_through(write_new(connection, INCIDENTS, new), step)
        return
    of_replies: dict[Optional[str], list[Row]] = {}
    for row in new:
        of_replies.setdefault(row.fetch_id, []).append(row)
    for fetch_id, rows in of_replies.items():
        connection.sign(dataclasses.replace(run.session, fetch_id=fetch_id))
        go_through(write_new(connection, INCIDENTS, rows), step)


def _leave_out_hidden(connection: Connection, new: list[Row], written: Written) -> None:
    """Count as unchanged what was not added because it is there, out of the user's sight."""
    seen = rows_by_key(connection, INCIDENTS, [row.values[0] for row in new])
    hidden = {row.values[0]: row.fetch_id for row in new if row.values[0] not in seen}
    written.what[ADDED] = [name for name in written.by(ADDED) if name not in hidden]
    written.by(UNCHANGED).extend(hidden)
    for told in written.told:
        number = sum(fetch_id == told.reply.fetch_id for fetch_id in hidden.values())
        told.counts[ADDED] -= number
        told.counts[UNCHANGED] += number


def told_of(one: Imported, unchanged: int, counts: Optional[dict[str, int]] = None) -> Told:
    """What a reply is recorded with; without ``counts`` nothing came of it."""
    result = one.result
    nothing = {ADDED: 0, CHANGED: 0, REAPPEARED: 0, UNCHANGED: unchanged, BESIDE: 0}
    return Told(
        one.reply,
        result.source or None,
        len(result.incidents),
        effort_rows(result),
        len(result.rejected),
        "\n".join(result.notes),
        counts or nothing,
    )


def _write_fetch(
    connection: Connection, run: Run, told: Told, withdrawn: int, complete: bool
) -> None:
    """Record one reply, with its kept body where there is one, inside a transaction."""
    reply, counts = told.reply, told.counts
    kept = run.evidence.get(reply.number)
    fetch = Fetch(
        fetch_id=reply.fetch_id,
        source=told.source,
        address=reply.address,
        sha256=reply.sha256,
        fetched_at=reply.fetched_at,
        rows=reply.rows,
        imported=told.imported,
        effort=told.effort,
        rejected=told.rejected,
        added=counts[ADDED],
        changed=counts[CHANGED],
        unchanged=counts[UNCHANGED],
        notes=told.notes or None,
        feed_id=run.feed_id,
        run_id=run.run_id,
        complete=complete,
        withdrawn=withdrawn,
        reappeared=counts[REAPPEARED],
        version=reply.version,
        raw_evidence=kept.made.evidence_id if kept else None,
    )
    connection.sign(dataclasses.replace(run.session, fetch_id=reply.fetch_id))
    write_all(write_new(connection, FETCHES, [row_of(FETCHES, fetch)]))
    if kept:
        kept.write(connection)
