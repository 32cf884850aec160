"""Which feed has which incident, and what it last said of it.

``word`` is a digest of what the feed said. Where it says the same again there is nothing to do, so
that two feeds with the same incident do not write over each other at every run.
"""

from __future__ import annotations

import hashlib
import json
from typing import Iterable, Iterator, Mapping, NamedTuple, Optional, Sequence

from .connection import Connection, bound
from .rows import Row

AT_A_TIME = 500
PAGE = 5_000
UNKEPT = "unkept-"
_HELD = "SELECT count(*) FROM feed_items WHERE feed_id = $feed AND gone = 0"
_OF = (
    "SELECT incident_id || '' AS incident, gone + 0 AS gone, word || '' AS word FROM feed_items "
    "WHERE feed_id = $feed AND incident_id IN ($ids)"
)
_PAGE = (
    "SELECT incident_id || '' AS incident FROM feed_items "
    "WHERE feed_id = $feed AND gone = 0 AND incident_id > $after ORDER BY feed_id, incident_id "
    f"LIMIT {PAGE}"  # nosec B608 - a number
)
# A feed that was removed from the ledger has nothing any more.
_OTHERS = (
    "SELECT DISTINCT incident_id || '' AS incident FROM feed_items AS item "
    "WHERE incident_id IN ($ids) AND item.feed_id <> $feed AND gone = 0 "
    f"AND (item.feed_id LIKE '{UNKEPT}%' "  # nosec B608 - of ours
    "OR item.feed_id IN (SELECT feed_id FROM feeds))"
)
_ADD = (
    "INSERT INTO feed_items(feed_id, incident_id, run, gone, word) VALUES {rows} "
    "ON CONFLICT DO NOTHING"
)
_CHANGE = (
    "INSERT INTO feed_items(feed_id, incident_id, run, gone, word) VALUES {rows} "
    "ON CONFLICT (feed_id, incident_id) DO UPDATE SET run = excluded.run, gone = 0, "
    "word = excluded.word"
)
_GONE = (
    "UPDATE feed_items SET gone = {run} WHERE feed_id = $feed AND gone = 0 "
    "AND incident_id IN ($ids)"
)


class Item(NamedTuple):
    """What is known of a feed's incident: the run in which it was gone (0: it is there), and the
    digest of the feed's last word."""

    gone: int
    word: Optional[str]


def word_of(row: Row) -> str:
    """The digest of what a feed says of an incident: 16 hexadecimal digits."""
    text = json.dumps(row.values) + (row.geometry.hex() if row.geometry else "")
    return hashlib.blake2b(text.encode("ascii"), digest_size=8).hexdigest()


def items_of(connection: Connection, feed_id: str, ids: Iterable[str]) -> dict[str, Item]:
    """What is known of those incidents of a feed, by id."""
    found = {}
    for some in _chunks(ids):
        for identifier, gone, word in connection.rows(bound(_OF, feed=feed_id, ids=some)):
            found[identifier] = Item(int(gone), word)
    return found


def held_by(connection: Connection, feed_id: str) -> Iterator[list[str]]:
    """The ids of the incidents that a feed has, in pages, in order."""
    after = ""
    while True:
        page = [name for (name,) in connection.rows(bound(_PAGE, feed=feed_id, after=after))]
        if page:
            yield page
        if len(page) < PAGE:
            return
        after = page[-1]


def held_by_others(connection: Connection, feed_id: str, ids: Iterable[str]) -> set[str]:
    """Those of the incidents that another feed of the ledger has as well."""
    found = set()
    for some in _chunks(ids):
        found |= {name for (name,) in connection.rows(bound(_OTHERS, feed=feed_id, ids=some))}
    return found


def count_held(connection: Connection, feed_id: str) -> int:
    """How many incidents a feed has."""
    return int(connection.rows(bound(_HELD, feed=feed_id))[0][0])


def put_items(
    connection: Connection,
    feed_id: str,
    run: int,
    words: Mapping[str, str],
    known: Mapping[str, Item],
) -> None:
    """Keep what a feed said of its incidents, inside a transaction of the caller.

    Those that are not ``known`` are only added: one of them may be there, out of the user's sight.
    """
    new = [(name, word) for name, word in words.items() if name not in known]
    old = [(name, word) for name, word in words.items() if name in known]
    for sql, pairs in ((_ADD, new), (_CHANGE, old)):
        for start in range(0, len(pairs), AT_A_TIME):
            rows, values = [], {"feed": feed_id}
            for number, (name, word) in enumerate(pairs[start : start + AT_A_TIME]):
                rows.append(f"($feed, $i{number}, {int(run)}, 0, $w{number})")
                values[f"i{number}"], values[f"w{number}"] = name, word
            connection.run(bound(sql.format(rows=", ".join(rows)), **values))


def let_go(connection: Connection, feed_id: str, run: int, ids: Iterable[str]) -> None:
    """Note that a feed has those incidents no longer, inside a transaction of the caller."""
    sql = _GONE.format(run=int(run))
    for some in _chunks(ids):
        connection.run(bound(sql, feed=feed_id, ids=some))


def _chunks(ids: Iterable[str]) -> Iterator[Sequence[str]]:
    wanted = list(ids)
    for start in range(0, len(wanted), AT_A_TIME):
        yield wanted[start : start + AT_A_TIME]
