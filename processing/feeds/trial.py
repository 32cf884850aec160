"""A feed tried without writing: what its source says, and what its first rows would become."""

from __future__ import annotations

import dataclasses
from collections import Counter
from datetime import datetime, timezone
from typing import Any, Optional

from ...model.errors import Cancelled, CeasefireError

ROWS = 200
# Replies that are looked at for rows; some sources begin with what was deleted.
REPLIES = 5


@dataclasses.dataclass
class Trial:
    """What a trial found; ``first_rows`` is an ImportResult, None where no row was seen.

    ``asked`` is False where the source was not even asked, as without its credentials.
    """

    asked: bool = True
    reachable: bool = False
    authorised: bool = False
    rows: Optional[int] = None
    first: Optional[Any] = None
    last: Optional[Any] = None
    sentences: list[str] = dataclasses.field(default_factory=list)
    warnings: list[str] = dataclasses.field(default_factory=list)
    failure: Optional[str] = None
    first_rows: Optional[Any] = None

    def warn(self, sentence: str) -> None:
        """Keep a warning once: the check and the first rows may meet the same."""
        if sentence not in self.warnings:
            self.warnings.append(sentence)

    @property
    def works(self) -> bool:
        """Whether nothing stands in the way of a fetch."""
        return self.reachable and self.authorised and self.failure is None


def try_feed(feed: Any, settings: dict, client: Any, credentials: Any, since=None) -> Trial:
    """Ask a feed's source as little as tells whether it works, and read its first rows.

    ``settings`` are the ledger's. A failure of the source is in the result, not raised; Cancelled
    is raised.
    """
    from ...feeds.sources import source_named

    source = source_named(feed.source)
    found = Trial()
    asked = asked_of(feed, source, settings, client, credentials, found.warn, since)
    try:
        checked = source.check(asked)
        found.reachable, found.authorised = checked.reachable, checked.authorised
        found.rows, found.first, found.last = checked.rows, checked.first, checked.last
        found.sentences = list(checked.sentences)
        if found.works:
            found.first_rows = first_rows(feed, source, asked)
    except Cancelled:
        raise
    except CeasefireError as error:
        _put_failure(found, error)
    return found


def first_rows(feed: Any, source: Any, asked: Any) -> Optional[Any]:
    """The first rows of a source as the importer reads them; None where it gave none."""
    from ...feeds.definition import as_object
    from ...feeds.importer import import_table
    from ...feeds.recognise import chosen
    from ...feeds.table import RawTable
    from ...ledger.feedparts import Reading, mapping_for

    reading = source.read(asked)
    try:
        for number, batch in enumerate(reading):
            if batch.rows:
                rows = batch.rows[:ROWS]
                table = RawTable(
                    list(batch.columns),
                    rows,
                    list(range(1, len(rows) + 1)),
                    list(batch.table_notes),
                )
                preset = chosen(feed.preset or source.preset, table.columns).name
                mapping = {**source.mapping, **as_object("MAPPING", feed.mapping)}
                how = Reading(preset, mapping, asked.timezone, {}, source.name)
                return import_table(table, preset, asked.timezone, mapping_for(how, preset))
            if number + 1 >= REPLIES:
                break
    finally:
        reading.close()
    return None


def asked_of(feed, source, settings: dict, client, credentials, warn, since) -> Any:
    """What the source is asked: all that it has, as at a first fetch."""
    from ...feeds.definition import as_object
    from ...feeds.source import Asked

    return Asked(
        address=feed.address or source.address,
        options=source.options_with_defaults(as_object("OPTIONS", feed.options)),
        timezone=feed.timezone or settings.get("timezone") or "UTC",
        client=client,
        credentials=credentials,
        mark={},
        since=since or feed.since,
        full=False,
        warn=warn,
        now=datetime.now(timezone.utc),
    )


def _put_failure(found: Trial, error: CeasefireError) -> None:
    from ...feeds.http.errors import FeedError, Reason

    found.failure = str(error)
    if isinstance(error, FeedError):
        unreached = (Reason.UNREACHABLE, Reason.SLOW, Reason.OFFLINE)
        found.reachable = found.reachable or error.reason not in unreached
        if error.reason in (Reason.UNAUTHORISED, Reason.FORBIDDEN):
            found.authorised = False


def categories(result: Any) -> list[tuple[str, int]]:
    """The categories of incidents and how many of each, the most frequent first."""
    counted = Counter(one.category or "other/undetermined" for one in result.incidents)
    return sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
