"""Keeping a ledger in step with a feed: read, compare, write; nothing lost, nothing doubled.

What a source has is read first, with nothing locked, into a folder of its own. Then each part of at
most 50,000 rows is one transaction, and the last of them also withdraws what is gone and moves the
mark from which the next run goes on. So a run that is cut off anywhere, and run again, gives what
one whole run would have given.
"""

from __future__ import annotations

import contextlib
import json
import uuid
from datetime import datetime
from typing import Any, Callable, Optional

from ..feeds.http.errors import FeedError, Reason
from ..feeds.source import Asked, Outcome, Source
from ..model.errors import Cancelled, CeasefireError
from ..model.feed import Feed
from ..model.incident import content_id
from .connection import Session
from .feedapplying import Applying
from .feedparts import Reading
from .feedschema import question_of, reading_of
from .feedspool import Spool, read_into
from .feedstatus import FeedStatus, Overtaken
from .settings import with_what
from .syncreport import SyncReport

Step = Callable[[], None]
Progress = Callable[[float], None]

__all__ = ["SyncReport", "synchronise"]


def synchronise(
    ledger: Any,
    feed: Feed,
    source: Source,
    client: Any,
    credentials: Any,
    who: Optional[str],
    full: bool = False,
    since: Optional[datetime] = None,
    step: Optional[Step] = None,
    progress: Optional[Progress] = None,
    allow_empty: bool = False,
) -> SyncReport:
    """Bring the ledger to what the feed's source has now, and tell what that changed.

    ``full`` asks for everything and compares everything, whatever was known; ``since`` is the
    instant before which this one run wants nothing (by default the feed's own). ``allow_empty``
    withdraws also where the source has nothing at all any more. ``step`` is called once a reply and
    a record and may raise to stop: then what was not finished is not written. ``progress`` takes 0
    to 100.

    CeasefireError (FeedError where the source is at fault) where the run failed: what had come by
    then is written, nothing is withdrawn, and the feed's status says why. Cancelled writes nothing.
    """
    if not feed.feed_id:
        raise CeasefireError(f"The feed “{feed.feed_name}” is not kept: add it with “Add a feed”.")
    if ledger.readonly:
        raise CeasefireError(
            f"“{ledger.path}” is open for reading only, and a feed is written into it: choose a "
            "ledger that you may write to."
        )
    sync = _Sync(ledger, feed, source, client, credentials, who)
    return sync.run(full, since, allow_empty, step, progress or (lambda _share: None))


class _Sync:
    """One run of one feed."""

    def __init__(self, ledger: Any, feed: Feed, source: Source, client: Any, credentials: Any, who):
        self.ledger, self.feed, self.source = ledger, feed, source
        self.client, self.credentials = client, credentials
        self.name = feed.feed_name or source.title
        self.session = Session(who, f"the feed “{self.name}”", with_what())
        self.requests_before = _requests(client)
        self.given = _object(feed.options, "options")
        self.options = source.options_with_defaults(self.given)
        zone = feed.timezone or ledger.settings().get("timezone") or "UTC"
        prefix = source.id_prefix or source.name
        self.reading = Reading(
            feed.preset or source.preset,
            {**source.mapping, **_object(feed.mapping, "mapping")},
            zone,
            {},
            f"{prefix}-{content_id(feed.feed_id)[:8]}",
        )

    def run(self, full, since, allow_empty, step, progress) -> SyncReport:
        """Read and write; see ``synchronise``."""
        status = self.ledger.feed_status(self.feed.feed_id)
        question = question_of(self.feed, self.given)
        report = SyncReport(run=status.run + 1, run_id=uuid.uuid4().hex[:20])
        asked = self._asked(status, question, full, since, report)
        with Spool(report.run_id) as spool:
            outcome, failure = self._read(spool, asked, step)
            self.reading.survey = spool.survey.as_json()
            applying = Applying(self, status, spool, report, asked, question)
            applying.allow_empty = allow_empty
            # Such a run does not see what came to be known before its own beginning.
            applying.keeps_mark = since is not None and _is_later(since, self.feed.since)
            if failure is not None:
                raise self._failed(applying, failure, step, progress)
            try:
                applying.apply(outcome, step, progress)
            except (Cancelled, Overtaken):
                raise
            except CeasefireError as error:
                self._note(error, of_source=isinstance(error, FeedError))
                raise
        return report

    def requests(self) -> int:
        """How many requests this run sent."""
        return _requests(self.client) - self.requests_before

    def _asked(self, status: FeedStatus, question: str, full, since, report) -> Asked:
        same = status.question == question and status.reading == reading_of(self.reading)
        wider = since is not None and self.feed.since is not None and since < self.feed.since
        everything = full or wider or not same
        return Asked(
            address=self.feed.address or self.source.address,
            options=dict(self.options),
            timezone=self.reading.timezone,
            client=self.client,
            credentials=self.credentials,
            mark={} if everything else dict(status.mark),
            since=since or self.feed.since,
            full=everything,
            warn=lambda sentence: _warn(report, self._hide(sentence)),
            now=_now(),
            memory=dict(status.mark),
            quota=dict(status.quota),
        )

    def _read(self, spool: Spool, asked: Asked, step) -> tuple[Optional[Outcome], Any]:
        """What came of reading: how it ended, or what failed."""
        try:
            return read_into(spool, self.source, asked, step), None
        except Cancelled:
            raise
        except CeasefireError as error:
            return None, error
        except Exception as error:  # noqa: BLE001 - a source may stumble over any reply
            return None, FeedError(
                f"What “{self.name}” answered is not what a source of the kind {self.source.name} "
                f"answers ({type(error).__name__}): look at its address and options with “Test "
                "a feed”, and report it where they are right.",
                Reason.BROKEN,
            )

    def _failed(self, applying, failure: CeasefireError, step, progress) -> CeasefireError:
        """Write what had come before a failure; the failure, with what was written."""
        try:
            applying.apply(None, step, progress)
            told = applying.in_words()
        except (Cancelled, Overtaken):
            raise
        except CeasefireError as error:
            told = f"What had come was not written: {error}"
        sentence = self._hide(f"{failure} {told}".strip())
        failure.args = (sentence,)
        self._note(failure, of_source=isinstance(failure, FeedError))
        return failure

    def _note(self, error: CeasefireError, of_source: bool = True) -> None:
        """Let the status tell of a failure; where the ledger is taken just now it cannot.

        That nothing was asked, as the user works offline, is none.
        """
        if getattr(error, "reason", None) is Reason.OFFLINE:
            return
        wait = getattr(error, "retry_after_s", None)
        with contextlib.suppress(CeasefireError):
            self.ledger.note_failure(
                self.feed, self._hide(str(error)), wait, self.requests(), of_source
            )

    def _hide(self, text: str) -> str:
        return getattr(self.client, "hide", str)(text)


def _requests(client: Any) -> int:
    return int(getattr(client, "requests", 0) or 0)


def _is_later(since: datetime, other: Optional[datetime]) -> bool:
    return other is None or since > other


def _now() -> datetime:
    from datetime import timezone

    return datetime.now(timezone.utc)


def _warn(report: SyncReport, sentence: str) -> None:
    if sentence not in report.warnings:
        report.warnings.append(sentence)


def _object(text: Optional[str], what: str) -> dict:
    """A JSON object as it is kept in a feed's record."""
    try:
        value = json.loads(text or "{}")
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise CeasefireError(
            f"The feed's {what} are no JSON object: change the feed with “Add a feed”."
        )
    return value
