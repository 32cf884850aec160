"""What a run of a feed says of itself, in sentences."""

from __future__ import annotations

from .syncreport import SyncReport

SEEN_UNREADABLE = (
    "%1 incidents that the feed brought before came in rows that cannot be read now: they are "
    "still at the source and stay as they were; see the rows that were set aside."
)
EMPTY = (
    "The source has nothing at all now, and %1 incidents of it are in the ledger: they stay as "
    "they are, because an empty reply is more often a fault than the truth. If it is true, run it "
    "again and allow an empty reply."
)
SHORT = (
    "The source says that it has %2 rows, and %1 came: what came was written, nothing was "
    "withdrawn, and the next run asks for all of it again."
)
SHIFTED = (
    "The source says that it has %2 rows, and %1 came with %3 of them twice, so its pages shifted "
    "while they were read: what came was written, nothing was withdrawn, and the next run asks "
    "again."
)
LET_GO = (
    "The feed asks for something else than before: %1 incidents that it no longer asks for stay as "
    "they are, and it does not follow them any more."
)
MANY_GONE = (
    "%1 incidents were withdrawn because the feed has them no longer, and it still has %2: look "
    "whether that can be true."
)


def said(sentence: str, *numbers: int) -> str:
    """A sentence with its numbers."""
    for place, number in enumerate(numbers, start=1):
        sentence = sentence.replace(f"%{place}", f"{number:,}")
    return sentence


def summary(report: SyncReport) -> str:
    """What a run that was cut off had written by then."""
    if not report.rows:
        return "Nothing had come by then, and nothing was written."
    return (
        f"By then {report.rows:,} rows had come in {report.replies:,} replies: {report.added:,} "
        f"incidents were added and {report.changed + report.reappeared:,} changed, none was "
        "withdrawn, and the next run asks again."
    )
