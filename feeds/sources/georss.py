"""RSS and Atom feeds with places: a window of the newest items, so nothing is taken for withdrawn.

What leaves such a feed is old, not wrong. Only Atom's deleted-entry (RFC 6721) says that an item is
gone.
"""

from __future__ import annotations

import json
from typing import Generator

from ..http.errors import FeedError, Reason
from ..instants import iso_instant
from ..shapes import COLUMNS as PLACE
from ..shapes import Shapes
from ..source import Asked, Batch, Checked, Option, Outcome, Source
from .georssitems import COLUMNS, deleted_ids, is_feed, items_of, next_page, row_of
from .georssplaces import place_of_item
from .links import Trail
from .trial import trial, validators_in

TYPES = (
    "application/rss+xml, application/atom+xml, application/rdf+xml, application/xml;q=0.9, "
    "text/xml;q=0.9"
)
MOST_PAGES = 50


def read(asked: Asked) -> Generator[Batch, None, Outcome]:
    """The feed's items, page by page as far as it links to older ones."""
    settings = json.dumps([asked.address, asked.options, str(asked.since)], sort_keys=True)
    known = asked.mark if asked.mark.get("settings") == settings and not asked.full else {}
    trail = Trail(asked.address, asked.warn)
    seen: set[str] = set()
    url, pages, mark = asked.address, 0, {"settings": settings}
    while url:
        reply = asked.client.get(
            url,
            accept=TYPES,
            validators=None if pages else validators_in(known),
            authorised=trail.trusted(url),
        )
        if reply.not_modified:
            return Outcome(mark=asked.mark, nothing_new=True)
        if not pages:
            mark.update(reply.validators)
        pages += 1
        root = feed_of(reply)
        batch, fresh = batch_of(reply, root, url, seen)
        yield batch
        link = next_page(root)
        if link and (pages >= int(asked.options.get("pages") or MOST_PAGES)):
            asked.warn(
                f"The feed has more than {pages:,} pages; older ones were not read. The option "
                "pages says how many."
            )
            break
        if link and not fresh:
            asked.warn(
                "The feed's pages bring the same items again (a loop): reading stopped there."
            )
            trail.broken = True
            break
        url = trail.follow(url, link) if link and not older_than(batch, asked.since) else None
    return Outcome(mark=mark, snapshot=False, complete=not trail.broken)


def feed_of(reply):
    """The root of a feed; raises FeedError where the XML is none."""
    root = reply.xml()
    if not is_feed(root):
        raise FeedError(
            "The reply is XML, but no RSS or Atom feed: check the feed's address.", Reason.SCHEMA
        )
    return root


def batch_of(reply, root, base: str, seen: set[str]) -> tuple[Batch, int]:
    """The batch of a page, and how many of its items were new in this reading."""
    shapes = Shapes(None, "the feed")
    rows = []
    for item in items_of(root):
        cells = row_of(item, base)
        if cells[0] in seen:
            continue
        seen.add(cells[0])
        rows.append([*cells, *place_of_item(item, shapes)])
    columns = [*COLUMNS, *PLACE]
    batch = Batch(reply, columns, rows, deleted_ids(root), reply.etag, shapes.sentence(), True)
    return batch, len(rows)


def older_than(batch: Batch, since) -> bool:
    """Whether all items of a page were published before what is wanted."""
    if since is None or not batch.rows:
        return False
    at = COLUMNS.index("published")
    moments = [iso_instant(row[at]) for row in batch.rows]
    return all(moment is not None and moment < since for moment in moments)


def check(asked: Asked) -> Checked:
    """How many items the feed has now, how many have a place, and their dates."""
    return trial(asked, _look)


def _look(asked: Asked, found: Checked) -> None:
    reply = asked.client.get(asked.address, accept=TYPES)
    batch, found.rows = batch_of(reply, feed_of(reply), asked.address, set())
    located = sum(1 for row in batch.rows if row[-3] is not None)
    found.sentences.append(f"{located:,} of {found.rows:,} items have a place.")
    at = COLUMNS.index("published")
    days = [moment.date() for row in batch.rows if (moment := iso_instant(row[at]))]
    if days:
        found.first, found.last = min(days), max(days)
    if len(days) < len(batch.rows):
        missing = len(batch.rows) - len(days)
        found.sentences.append(f"{missing:,} items have no date that can be read.")


SOURCE = Source(
    name="georss",
    title="RSS or Atom feed (GeoRSS)",
    help=(
        "A feed of news or reports, RSS or Atom, with GeoRSS or W3C places where it has them. It "
        "holds its newest items only, so fetch it oftener than it forgets."
    ),
    read=read,
    check=check,
    options=(
        Option(
            "pages",
            "Pages at most",
            "integer",
            default=MOST_PAGES,
            help="How many pages to read where the feed links to older ones.",
        ),
    ),
    credentials=("none", "basic", "token"),
    preset="georss",
    interval_minutes=30,
    id_prefix="georss",
)
