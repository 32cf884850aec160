"""Writing what a run read, part by part, and ending the run."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timezone
from typing import Any, Optional

from ..feeds.source import Outcome
from ..model.incident import incident_id
from .feedabsence import Absence, Window, missing_in_snapshot, removed_by_source, withdraw
from .feedapply import Ending, Run, Told, Written, needs_writing, told_of
from .feeditems import items_of
from .feedparts import Part, imported_part, leave_out_earlier, screen
from .feedraw import received_bodies
from .feedschema import columns_used, reading_of, refuse_changed_schema
from .feedspool import ADDED, CHANGED, REAPPEARED, UNCHANGED, ReplyRead, Spool
from .feedstatus import FeedStatus, count_requests
from .feedwords import (
    EMPTY,
    LET_GO,
    MANY_GONE,
    SEEN_UNREADABLE,
    SHIFTED,
    SHORT,
    said,
    summary,
)
from .syncreport import SyncReport

HALF, ENOUGH = 0.5, 10


class Applying:
    """What one run read, on its way into the ledger."""

    def __init__(
        self,
        sync: Any,
        status: FeedStatus,
        spool: Spool,
        report: SyncReport,
        asked: Any,
        question: str,
    ):
        self.sync, self.status, self.spool = sync, status, spool
        self.report, self.asked, self.question = report, asked, question
        self.connection = sync.ledger._connection
        self.feed_id = sync.feed.feed_id
        self.allow_empty = False
        self.keeps_mark = False
        self.earlier: list[Told] = []
        self.sources: set[str] = set()
        self.unreadable = 0
        self.columns: dict[str, str] = {}
        self.began = False

    def apply(self, outcome: Optional[Outcome], step: Any, progress: Any) -> None:
        """Write all parts; with ``outcome`` the run ends well, without it was cut off."""
        self._check_schema()
        parts = list(self.spool.parts()) or [[]]
        done = 0
        for number, replies in enumerate(parts, start=1):
            part = imported_part(self.spool, replies, self.sync.reading)
            if self.asked.since is not None:
                self.report.earlier += leave_out_earlier(
                    self.connection, self.feed_id, part, self.asked.since
                )
            screen(self.connection, self.feed_id, part, self.asked.full and not self._is_fresh())
            self._look_at(part)
            if number < len(parts):
                self._write(part, None, step)
            else:
                self._end(part, outcome, step)
            done += sum(reply.rows for reply in replies)
            progress(100.0 * done / max(self.spool.rows, 1))
        self._count()

    def in_words(self) -> str:
        """What a run that was cut off wrote, in a sentence."""
        return summary(self.report)

    def _is_fresh(self) -> bool:
        """Whether there is nothing yet that the feed could have said before."""
        return self.status.run == 0

    def _check_schema(self) -> None:
        self.columns = columns_used(self.spool, self.sync.reading)
        same = self.status.question == self.question
        if same and self.status.reading == reading_of(self.sync.reading):
            refuse_changed_schema(self.sync.name, self.status.columns, self.columns, self.spool)

    def _look_at(self, part: Part) -> None:
        """Take account of what a part's import told."""
        report = self.report
        for one in part.replies:
            report.replies += 1
            report.rows += one.reply.rows
            report.repeated += one.repeated
            report.rejected += len(one.result.rejected)
            report.rejected_rows += one.result.rejected
            if one.result.source:
                self.sources.add(one.result.source)
            if one.set_aside:
                held = items_of(self.connection, self.feed_id, one.set_aside)
                self.unreadable += sum(not item.gone for item in held.values())

    def _write(self, part: Part, ending: Optional[Ending], step: Any) -> None:
        """Write a part where there is anything to write."""
        if ending is None and not needs_writing(part):
            self._absorb(_unchanged(part))
            return
        replies = [one.reply for one in part.replies]
        with received_bodies(self.sync, self._to_receive(replies, ending), self.report) as bodies:
            run = Run(
                self.feed_id,
                self.sync.name,
                self.report.run,
                self._run_before(),
                self.report.run_id,
                self.sync.session,
                bodies,
            )
            hidden = self.connection.hidden_rows
            written = self.sync.ledger.write_feed_part(run, part, ending, step)
            self.began = True
            if self.connection.hidden_rows > hidden:
                self.report.warnings.append(self.connection.notes[-1])
        self._absorb(written)

    def _run_before(self) -> int:
        """The run that the ledger must tell of for this one to go on."""
        return self.report.run if self.began else self.status.run

    def _to_receive(self, replies: list[ReplyRead], ending: Optional[Ending]) -> list[ReplyRead]:
        """The replies whose bodies may have to be kept now."""
        if isinstance(ending, RunsEnd) and ending.absence.missing:
            return [told.reply for told in self.earlier] + replies
        return replies

    def _absorb(self, written: Written) -> None:
        for what, ids in written.what.items():
            self.spool.note(what, ids)
        self.report.kept += written.kept
        self.report.withdrawn_ids += written.withdrawn
        self.earlier += [one for one in written.told if one.reply.number not in written.recorded]

    def _end(self, part: Part, outcome: Optional[Outcome], step: Any) -> None:
        """Write the last part with what ends the run."""
        if self.unreadable:
            self.report.warnings.append(said(SEEN_UNREADABLE, self.unreadable))
        complete = outcome is not None and outcome.complete and self._is_whole(outcome)
        absence = Absence()
        if complete:
            complete = self._find_absent(outcome, absence)
        self.report.complete = complete
        self.report.nothing_new = bool(outcome is not None and outcome.nothing_new)
        ending = RunsEnd(self, outcome, absence, complete)
        nothing = not needs_writing(part) and not absence
        if nothing:
            self._absorb(_unchanged(part))
            if outcome is not None:
                self.sync.ledger.write_feed_status(
                    self.feed_id, self.sync.name, self._run_before(), ending.settle_unchanged
                )
            return
        self._write(part, ending, step)

    def _is_whole(self, outcome: Outcome) -> bool:
        """Whether as many different rows came as the source said that there are."""
        distinct = self.report.rows - self.report.repeated
        if outcome.total is None or distinct >= outcome.total:
            return True
        words = SHIFTED if self.report.repeated else SHORT
        self.report.warnings.append(
            said(words, self.report.rows, outcome.total, self.report.repeated)
        )
        return False

    def _find_absent(self, outcome: Outcome, absence: Absence) -> bool:
        """Find what the feed has no longer; False where that is not to be believed."""
        ids = self.spool.unseen(self._removed_names())
        removed_by_source(self.connection, self.feed_id, ids, absence)
        if not outcome.snapshot:
            return True
        window = _clipped(outcome.window, self.asked.since)
        found = Absence(removed=absence.removed)
        missing_in_snapshot(self.connection, self.feed_id, self.spool, window, found)
        if found.active and not self.report.rows and not self.allow_empty:
            self.report.warnings.append(said(EMPTY, len(found.active)))
            return False
        absence.missing = found.missing
        if self._asks_otherwise():
            if found.active:
                self.report.warnings.append(said(LET_GO, len(found.active)))
            return True
        absence.active |= found.active
        seen = self.report.rows - self.report.repeated
        if len(found.active) > max(ENOUGH, HALF * (seen + len(found.active))):
            self.report.warnings.append(said(MANY_GONE, len(found.active), seen))
        return True

    def _asks_otherwise(self) -> bool:
        """Whether the feed was told to ask for something else since its last complete run."""
        return self.status.question not in (None, self.question)

    def _removed_names(self) -> list[str]:
        """The incidents' ids of what the source says is gone."""
        if not self.spool.removed:
            return []
        reading = self.sync.reading
        told = reading.mapping.get("source")
        prefixes = {reading.own_source, reading.preset, *self.sources}
        prefixes |= self.sync.ledger.feed_sources(self.feed_id)
        if isinstance(told, dict) and told.get("value"):
            prefixes.add(str(told["value"]))
        return [
            incident_id(prefix, own) for own in self.spool.removed for prefix in sorted(prefixes)
        ]

    def _count(self) -> None:
        report, counted = self.report, self.spool.counted()
        report.added = counted.get(ADDED, 0)
        report.changed = counted.get(CHANGED, 0)
        report.reappeared = counted.get(REAPPEARED, 0)
        report.unchanged = counted.get(UNCHANGED, 0)
        report.withdrawn = len(report.withdrawn_ids)
        report.added_ids = self.spool.ids(ADDED)
        report.changed_ids = self.spool.ids(CHANGED)
        report.reappeared_ids = self.spool.ids(REAPPEARED)

    def settle(self, status: FeedStatus, outcome: Outcome, now: datetime) -> None:
        """Bring a status to what this run found."""
        status.failures = 0
        status.last_run_at = status.last_success_at = now
        status.next_allowed_at = None
        status.message = (self.report.warnings or [None])[0]
        count_requests(status, self.sync.requests(), now)
        if not self.report.complete:
            return
        status.last_complete_at = now
        if self.keeps_mark:
            return
        reading = reading_of(self.sync.reading)
        same = status.question == self.question and status.reading == reading
        status.mark = outcome.mark
        status.columns = {**(status.columns if same else {}), **self.columns}
        status.question, status.reading = self.question, reading


@dataclasses.dataclass
class RunsEnd(Ending):
    """The end of a run: withdrawals, the record of what they rest on, and the mark."""

    applying: Applying
    outcome: Optional[Outcome]
    absence: Absence
    complete: bool

    def withdraw(self, connection: Any) -> list[str]:
        """See ``Ending``."""
        applying, absence = self.applying, self.absence
        if not absence:
            return []
        replies = applying.spool.replies
        session = dataclasses.replace(
            applying.sync.session, fetch_id=replies[-1].fetch_id if replies else None
        )
        done = []
        for names, why in (
            (absence.removed, f"removed at the source, says the feed “{applying.sync.name}”"),
            (absence.missing, f"no longer in the feed “{applying.sync.name}”"),
        ):
            connection.sign(dataclasses.replace(session, why=why))
            number = applying.report.run
            done += withdraw(connection, applying.feed_id, number, names, absence.active)
        return done

    def replies(self, told: list[Told], withdrawn: list[str]) -> list[Told]:
        """All replies testify to what none of them has; else those that did something."""
        applying = self.applying
        if withdrawn and self.absence.missing:
            return [*applying.earlier, *told]
        something = bool(withdrawn) or any(one.did_something for one in told)
        # Those before that stand in the record already did something.
        something |= len(applying.earlier) < len(applying.spool.replies) - len(told)
        return [one for one in told if one.did_something or (something and self.is_last(one))]

    def is_last(self, told: Told) -> bool:
        """See ``Ending``."""
        last = told.reply.number == len(self.applying.spool.replies) - 1
        return self.complete and last

    def settle(self, status: FeedStatus, written: Written) -> None:
        """See ``Ending``; a run that was cut off leaves the status as it is."""
        if self.outcome is not None:
            self.applying.settle(status, self.outcome, datetime.now(timezone.utc))

    def settle_unchanged(self, status: FeedStatus) -> None:
        """Bring the status up to date where there was nothing to write."""
        if self.outcome is not None:
            self.applying.settle(status, self.outcome, datetime.now(timezone.utc))


def _unchanged(part: Part) -> Written:
    """What writing a part would have told that has nothing new."""
    written = Written()
    for one in part.replies:
        written.by(UNCHANGED).extend(one.rows)
        written.told.append(told_of(one, len(one.rows)))
    return written


def _clipped(window: Window, since: Optional[datetime]) -> Window:
    """The window without what was not asked for."""
    first, end = window or (None, None)
    if since is not None and (first is None or first < since):
        first = since
    return (first, end)
