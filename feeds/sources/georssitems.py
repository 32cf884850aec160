"""The items of an RSS 2.0, RSS 1.0 or Atom feed, whatever it left out."""

from __future__ import annotations

import html
import re
from email.utils import parsedate_to_datetime
from typing import Optional
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element

from ...model.incident import content_id
from ..instants import UTC, instant_text, steady
from .gmlfeatures import local

COLUMNS = [
    "source_id",
    "title",
    "summary",
    "link",
    "published",
    "updated",
    "start",
    "end",
    "categories",
    "author",
    "place_name",
]
ATOM = "{http://www.w3.org/2005/Atom}"
TOMBSTONE = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"
TAG = re.compile(r"<(?:[a-zA-Z/!][^>]*)>")
# What RFC 822's readers do not know; names of zones are not offsets.
RFC822 = re.compile(r"^(?:[A-Za-z]{3,9}\.?,?\s*)?\d{1,2}\s+[A-Za-z]{3,9}\.?\s+\d{2,4}")
STARTS = ("startdate", "fromdate", "dtstart")
ENDS = ("enddate", "todate", "dtend")


def items_of(root: Element) -> list[Element]:
    """The items or entries of a feed, wherever its kind puts them."""
    return [e for e in root.iter() if local(e.tag) in ("item", "entry")]


def is_feed(root: Element) -> bool:
    """Whether an XML document is a feed of one of the kinds that are read."""
    return local(root.tag) in ("rss", "feed", "RDF", "channel")


def deleted_ids(root: Element) -> list[str]:
    """The ids of entries that the feed says were deleted (RFC 6721)."""
    return [str(e.get("ref")) for e in root.iter(TOMBSTONE) if e.get("ref")]


def next_page(root: Element) -> Optional[str]:
    """The link to the next page of a paged feed (RFC 5005)."""
    for element in feed_level(root):
        if local(element.tag) == "link" and element.get("rel") == "next":
            return element.get("href")
    return None


def feed_level(root: Element):
    """The children of the feed itself, not of its items."""
    for child in root:
        if local(child.tag) == "channel":
            yield from child
        yield child


def row_of(item: Element, base: str) -> list:
    """The cells of ``COLUMNS``; dates that cannot be read stay as they were written."""
    link = link_of(item)
    link = urljoin(base, link) if link else None
    published = date_of(text(item, "pubDate", "published", "issued", "date", "created"))
    updated = date_of(text(item, "updated", "modified"))
    own = text(item, "guid", "id", "identifier") or item.get(
        "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
    )
    title = plain(text(item, "title"))
    summary = plain(text(item, "description", "summary", "content", "encoded"))
    return [
        own_id(own, base)
        if own
        else content_id(*((link, published or updated) if link else (title, summary, published))),
        title,
        summary,
        link,
        published or updated,
        updated,
        date_of(text(item, *STARTS)),
        date_of(text(item, *ENDS)),
        "; ".join(categories(item)) or None,
        author(item),
        plain(text(item, "featurename", "featureName")),
    ]


def own_id(guid: str, address: str) -> str:
    """An item's own id; one that is no address itself (no ``:``) is known under the feed's host."""
    return guid if ":" in guid else f"{urlsplit(address).hostname}#{guid}"


def text(item: Element, *names: str) -> Optional[str]:
    """The text of the first child of one of these names, in their order; None where empty."""
    for name in names:
        for child in item:
            if local(child.tag) == name:
                found = "".join(child.itertext()).strip()
                if found:
                    return found
    return None


def link_of(item: Element) -> Optional[str]:
    """An item's link: RSS's text, or Atom's alternate."""
    first = None
    for child in item:
        if local(child.tag) != "link":
            continue
        if child.get("href"):
            if child.get("rel", "alternate") == "alternate":
                return child.get("href")
            first = first or child.get("href")
        elif (child.text or "").strip():
            return (child.text or "").strip()
    return first


def categories(item: Element) -> list[str]:
    """The words of the item's categories."""
    words = [
        (child.get("label") or child.get("term") or child.text or "").strip()
        for child in item
        if local(child.tag) in ("category", "subject")
    ]
    return [word for word in dict.fromkeys(words) if word]


def author(item: Element) -> Optional[str]:
    """The name of the item's author or maker."""
    for child in item:
        if local(child.tag) in ("author", "creator", "source"):
            return text(child, "name") or (child.text or "").strip() or None
    return None


def plain(words: Optional[str]) -> Optional[str]:
    """Text without the markup that feeds put in it."""
    if not words:
        return None
    if TAG.search(words):
        words = html.unescape(TAG.sub(" ", words))
    return " ".join(words.split()) or None


def date_of(words: Optional[str]) -> Optional[str]:
    """A date of RFC 822 or ISO 8601 in the steady form; another text as it is."""
    if not words:
        return None
    if not RFC822.match(words):
        return str(steady(words, midnight_is_a_day=False))
    try:
        moment = parsedate_to_datetime(words)
    except (TypeError, ValueError, IndexError, OverflowError):
        return words
    # Without an offset ("-0000" too) RFC 5322 means UTC.
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    try:
        return instant_text(moment, midnight_is_a_day=False)
    except OverflowError:
        return words
