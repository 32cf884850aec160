"""What may be handed on of what feeds brought, by the terms of each."""

from __future__ import annotations

from typing import Iterable

from ..model.feed import Feed
from .connection import Connection
from .payload import decoded

# The strictest last.
ORDER = ("rows", "aggregates", "none")
_BROUGHT = (
    "SELECT DISTINCT feed_id || '' AS feed, source || '' AS source FROM fetches "
    "WHERE feed_id IS NOT NULL AND source IS NOT NULL"
)
_REMOVED = (
    "SELECT record_id || '' AS feed, payload FROM record_history "
    "WHERE table_name = 'feeds' AND operation = 'delete' ORDER BY history_id"
)


def redistribution(connection: Connection, feeds: Iterable[Feed]) -> dict[str, str]:
    """rows, aggregates or none by the ``source`` of the incidents; the strictest of its feeds.

    A feed that was removed from the ledger still counts for what it brought.
    """
    if "feed_id" in connection.absent.get("fetches", ()):
        return {}
    terms = {feed: decoded(text).get("redistribution") for feed, text in connection.rows(_REMOVED)}
    terms.update({feed.feed_id: feed.redistribution for feed in feeds})
    found: dict[str, str] = {}
    for feed_id, source in connection.rows(_BROUGHT):
        if feed_id not in terms:
            continue
        word = terms[feed_id] or ORDER[0]
        # A word that nobody knows is the strictest: it was meant as a limit.
        word = word if word in ORDER else ORDER[-1]
        found[source] = max(found.get(source, ORDER[0]), word, key=ORDER.index)
    return found
