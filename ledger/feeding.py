"""What a ledger knows and does of its feeds; keeping them in step is ``feedsync``'s."""

from __future__ import annotations

from typing import Any, Callable, Optional

from ..model.errors import CeasefireError
from ..model.feed import Feed
from . import feedapply, feedstatus
from .connection import Connection, Session, bound
from .feedredistribution import redistribution
from .feedstatus import FeedStatus
from .settings import with_what
from .upsert import Step

# A row may name its source itself, and then it is another than its fetch's.
_SOURCES = (
    "SELECT source || '' AS source FROM fetches WHERE feed_id = $feed UNION "
    "SELECT kept.source || '' AS source FROM incidents AS kept JOIN feed_items AS item "
    "ON item.incident_id = kept.incident_id WHERE item.feed_id = $feed"
)


class Feeding:
    """Methods of a ledger for its feeds; one that lies elsewhere has them too."""

    _connection: Connection
    read: Callable

    def feeds(self) -> list[Feed]:
        """All feeds that the ledger knows, by name."""
        return sorted(self.read("feeds"), key=lambda feed: (feed.feed_name or "").casefold())

    def feed(self, name_or_id: str) -> Feed:
        """The feed of that name or id; CeasefireError with the names that there are."""
        feeds = self.feeds()
        for feed in feeds:
            if feed.feed_id == name_or_id:
                return feed
        wanted = (name_or_id or "").strip().casefold()
        found = [feed for feed in feeds if (feed.feed_name or "").strip().casefold() == wanted]
        if len(found) == 1:
            return found[0]
        if found:
            raise CeasefireError(
                f"{len(found)} feeds are called “{name_or_id}”: give the feed_id of one of them."
            )
        names = "”, “".join(feed.feed_name or feed.feed_id for feed in feeds)
        there = f"it has “{names}”" if feeds else "it has none yet; add one with “Add a feed”"
        raise CeasefireError(f"The ledger has no feed “{name_or_id}”: {there}.")

    def feed_status(self, feed_id: str) -> FeedStatus:
        """How a feed stands; a fresh status where it was never fetched."""
        return feedstatus.read_status(self._connection, feed_id)

    def feed_statuses(self) -> dict[str, FeedStatus]:
        """How each feed that was ever fetched stands, by its id."""
        return feedstatus.read_statuses(self._connection)

    def note_failure(
        self,
        feed: Feed,
        message: str,
        retry_after_s: Optional[float] = None,
        requests: int = 0,
        of_source: bool = True,
    ) -> FeedStatus:
        """Note that a run failed, and when the next may be; see ``feedstatus.note_failure``."""
        return feedstatus.note_failure(
            self._connection, feed, message, retry_after_s, requests, of_source
        )

    def feed_sources(self, feed_id: str) -> set[str]:
        """What begins the ids of the incidents that a feed brought."""
        rows = self._connection.rows(bound(_SOURCES, feed=feed_id))
        return {source for (source,) in rows if source}

    def redistribution(self) -> dict[str, str]:
        """What may be handed on of each source that a feed brought: rows, aggregates or none.

        By ``source`` of the incidents; where several feeds bring one, the strictest counts.
        Sources that no feed of the ledger brought are not told of.
        """
        return redistribution(self._connection, self.feeds())

    def write_feed_part(
        self,
        run: feedapply.Run,
        part: Any,
        ending: Optional[feedapply.Ending] = None,
        step: Optional[Step] = None,
    ) -> feedapply.Written:
        """Write one part of a run, in one transaction; see ``feedapply.write_part``."""
        return feedapply.write_part(self._connection, run, part, ending, step)

    def write_feed_status(
        self, feed_id: str, name: str, run: int, settle: Callable[[FeedStatus], None]
    ) -> FeedStatus:
        """Bring a status up to date where a run had nothing to write, and nobody else ran."""
        with self._connection.transaction(Session(with_what=with_what())):
            status = feedstatus.claim(self._connection, feed_id, name, run, run)
            settle(status)
            feedstatus.write_status(self._connection, status)
        return status
