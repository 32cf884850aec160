"""One feed fetched into an open ledger, and what became of it in sentences and layers."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Any, Iterable, Iterator, Optional

from ...model.field import Field, Kind, Shape
from ...model.tables import INCIDENTS, REJECTED

COUNTS = (
    ("ADDED", "Incidents added"),
    ("CHANGED", "Incidents changed"),
    ("WITHDRAWN", "Incidents withdrawn"),
    ("REAPPEARED", "Incidents that reappeared"),
    ("UNCHANGED", "Incidents unchanged"),
    ("REJECTED_ROWS", "Rows set aside"),
    ("ROWS", "Rows"),
)
CHANGE = Field("change", Kind.TEXT, "What happened to it")
FEED_NAME = Field("feed_name", Kind.TEXT, "Feed")
OUTPUT_FIELDS = (*INCIDENTS.fields, CHANGE, FEED_NAME)
REJECTED_FIELDS = (*REJECTED.fields, FEED_NAME)
READ_AT_ONCE = 2000
UNDETERMINED = "other/undetermined"
TOLD = 5


@dataclasses.dataclass(frozen=True)
class Wanted:
    """How a feed is to be fetched: see the parameters of ``fetchfeed``."""

    who: Optional[str] = None
    full: bool = False
    since: Optional[datetime] = None
    allow_empty: bool = False


def fetch_one(algorithm, ledger: Any, feed: Any, wanted: Wanted, feedback) -> Any:
    """Fetch a feed into an open ledger; its SyncReport.

    Raises FeedError with one sentence where it failed, Cancelled where the user asked to stop.
    """
    from ...feeds.http.errors import FeedError
    from ...feeds.sources import source_named
    from ...ledger.feedsync import synchronise
    from .client import make_client

    try:
        made = make_client(feed, feedback)
    except FeedError as error:
        ledger.note_failure(feed, str(error))
        raise
    with made as client:
        return synchronise(
            ledger,
            feed,
            source_named(feed.source),
            client,
            client.credentials,
            wanted.who,
            full=wanted.full,
            since=wanted.since,
            step=lambda *_: algorithm.stop_if_cancelled(feedback),
            progress=feedback.setProgress,
            allow_empty=wanted.allow_empty,
        )


def tell(algorithm, feedback, ledger: Any, feed: Any, report: Any) -> list[str]:
    """Say in the log what a fetch did; returns its sentences, the one with the counts first.

    Each names the feed, for in the log of all feeds it stands among those of others.
    """
    words = sentence_of(algorithm, feed, report)
    feedback.pushInfo(words)
    warned = [named(algorithm, feed, one) for one in warnings_of(algorithm, ledger, report)]
    for sentence in warned:
        feedback.pushWarning(sentence)
    return [words, *warned]


def named(algorithm, feed: Any, sentence: str) -> str:
    """A sentence on a feed, with the feed's name before it where it does not begin so itself."""
    if sentence.startswith(f"“{feed.feed_name}”"):
        return sentence
    return algorithm.tr("“%1”: %2").replace("%1", feed.feed_name).replace("%2", sentence)


def failure_of(algorithm, feed: Any, sentence: str) -> str:
    """Why a feed failed, with its name: the source's own sentence names only a host."""
    words = algorithm.tr("“%1” failed: %2")
    return words.replace("%1", feed.feed_name).replace("%2", sentence)


def warnings_of(algorithm, ledger: Any, report: Any) -> list[str]:
    """What to know of a fetch: its warnings, rows set aside, corrections that stand."""
    found = list(report.warnings)
    if report.run == 1 and has_no_category(ledger, report.added_ids):
        found.append(
            algorithm.tr(
                "No category was recognised in what this first fetch added, so all of it is "
                "other/undetermined. “Test a feed” says which columns were taken; name the "
                'category\'s in MAPPING, as {"category": "Column"}, and fetch everything (FULL).'
            )
        )
    for one in report.rejected_rows[:TOLD]:
        found.append(
            algorithm.tr("Row %1 was set aside: %2.")
            .replace("%1", str(one.row_number))
            .replace("%2", str(one.reason).rstrip("."))
        )
    if report.kept:
        shown = ", ".join(report.kept[:8]) + (" …" if len(report.kept) > 8 else "")
        found.append(
            algorithm.tr(
                "Corrected by hand in the ledger, and now told otherwise by the source; the "
                "correction stands: %1"
            ).replace("%1", shown)
        )
    return found


def has_no_category(ledger: Any, ids: list[str]) -> bool:
    """Whether there are incidents of those ids, and each of them is other/undetermined."""
    for start in range(0, len(ids), READ_AT_ONCE):
        part = ledger.read("incidents", ids=ids[start : start + READ_AT_ONCE])
        if any(one.category not in (None, UNDETERMINED) for one in part):
            return False
    return bool(ids)


def sentence_of(algorithm, feed: Any, report: Any) -> str:
    """What a fetch did, in one or two sentences."""
    if report.nothing_new:
        words = algorithm.tr("“%1”: nothing new.").replace("%1", feed.feed_name)
    else:
        words = algorithm.tr(
            "“%1”: %2 added, %3 changed, %4 withdrawn, %5 reappeared, %6 unchanged, %7 set aside; "
            "%8 rows."
        )
        numbers = (
            report.added,
            report.changed,
            report.withdrawn,
            report.reappeared,
            report.unchanged,
            report.rejected,
            report.rows,
        )
        for place, number in enumerate(numbers, start=2):
            words = words.replace(f"%{place}", f"{number:,}")
        words = words.replace("%1", feed.feed_name)
    if report.earlier:
        early = algorithm.tr("%1 incidents were over before SINCE and are left out.")
        words += " " + early.replace("%1", f"{report.earlier:,}")
    if report.complete:
        return words
    return (
        words
        + " "
        + algorithm.tr(
            "It is incomplete: what came is kept, and what did not come was not withdrawn."
        )
    )


def numbers_of(reports: Iterable[Any]) -> dict:
    """The counts of fetches as results of an algorithm; COMPLETE is 1 where all of them were."""
    reports = list(reports)
    names = {"REJECTED_ROWS": "rejected"}
    found = {
        name: sum(getattr(report, names.get(name, name.lower())) for report in reports)
        for name, _ in COUNTS
    }
    return {**found, "COMPLETE": int(all(report.complete for report in reports))}


def changed_incidents(ledger: Any, fetched: Iterable[tuple[Any, Any]]) -> Iterator[tuple]:
    """The new and changed incidents of (feed, report) pairs, as rows of OUTPUT_FIELDS and place.

    An incident that two feeds brought is there once, as the ledger has it now.
    """
    seen: set[str] = set()
    for feed, report in fetched:
        for change in ("added", "changed", "reappeared"):
            ids = getattr(report, f"{change}_ids")
            fresh = [key for key in dict.fromkeys(ids) if key not in seen]
            seen.update(fresh)
            for start in range(0, len(fresh), READ_AT_ONCE):
                part = fresh[start : start + READ_AT_ONCE]
                for one in ledger.read("incidents", ids=part):
                    values = [getattr(one, name) for name in INCIDENTS.names()]
                    yield (*values, change, feed.feed_name, one.longitude, one.latitude)


def rejected_rows(fetched: Iterable[tuple[Any, Any]]) -> Iterator[tuple]:
    """The rows that were set aside, as rows of REJECTED_FIELDS."""
    for feed, report in fetched:
        for one in report.rejected_rows:
            yield (*(getattr(one, name) for name in REJECTED.names()), feed.feed_name)


def write_layers(algorithm, outputs, feedback, ledger: Any, fetched: list) -> dict:
    """OUTPUT and REJECTED of (feed, report) pairs; their destinations by name."""
    return {
        algorithm.OUTPUT: algorithm.write_rows(
            outputs,
            algorithm.OUTPUT,
            OUTPUT_FIELDS,
            changed_incidents(ledger, fetched),
            feedback,
            Shape.POINT,
        ),
        algorithm.REJECTED: algorithm.write_rows(
            outputs, algorithm.REJECTED, REJECTED_FIELDS, rejected_rows(fetched), feedback
        ),
    }
