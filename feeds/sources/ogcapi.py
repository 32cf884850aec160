"""OGC API - Features: a collection's items, page after page by the server's own next links."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any, Generator, Mapping, Optional
from urllib.parse import parse_qsl, urlsplit

from ..http.errors import FeedError, Reason
from ..instants import iso_instant
from ..reference import latitude_first, named_reference, to_degrees
from ..shapes import Shapes
from ..source import Asked, Batch, Checked, Option, Outcome, Source
from .boxes import box
from .featurerows import FeatureRows, id_text
from .links import Trail
from .trial import trial, validators_in

JSON_TYPES = "application/geo+json, application/json;q=0.9"
SCHEMAS = ("ogc-rel:schema", "/rel/ogc/1.0/schema", "/rel/ogc/1.0/queryables", "queryables")


@dataclasses.dataclass
class Items:
    """One reading of a collection: which ids came, and what the server says there are."""

    asked: Asked
    table: FeatureRows
    trail: Trail
    seen: set = dataclasses.field(default_factory=set)
    given: int = 0
    doubled: int = 0
    without_id: int = 0
    total: Optional[int] = None
    moved: bool = False

    def batch(self, reply, page: Mapping[str, Any]) -> Batch:
        """The batch of a page: each item once, by its id."""
        name = content_crs(reply)
        shapes = Shapes(to_degrees(named_reference(name)), "the collection")
        swapped = latitude_first(name)
        field = self.asked.options.get("id_field")
        for feature in page.get("features") or []:
            properties = feature.get("properties") or {}
            own = id_text(properties.get(field) if field else feature.get("id"))
            if own is None:
                self.without_id += 1
            elif own in self.seen:
                self.doubled += 1
                continue
            else:
                self.seen.add(own)
            self.given += 1
            self.table.add(own, properties, shapes.geojson(feature.get("geometry"), swapped))
        told = page.get("numberMatched")
        if isinstance(told, int):
            self.moved = self.moved or (self.total is not None and told != self.total)
            self.total = told
        columns, rows = self.table.take()
        known = self.table.whole_schema
        return Batch(reply, columns, rows, [], reply.etag, shapes.sentence(), known)

    def complete(self) -> bool:
        """Whether all came; what did not is said."""
        warn = self.asked.warn
        if self.without_id:
            warn(
                f"{self.without_id:,} items have no id: set the option id_field, or a corrected "
                "item cannot be told from a new one."
            )
        if self.trail.broken:
            return False
        if self.total is not None and self.given != self.total:
            warn(
                f"The server says that {self.total:,} items match, but {self.given:,} came: what "
                "is missing is not taken for withdrawn."
            )
            return False
        if self.total is None and self.doubled:
            warn(
                f"{self.doubled:,} items came on two pages, so the pages shifted while they were "
                "read and others may be missing: nothing is taken for withdrawn."
            )
            return False
        if self.moved:
            warn(
                "The number of items changed while the pages were read: nothing is taken for "
                "withdrawn until the next time."
            )
        return not self.moved


def read(asked: Asked) -> Generator[Batch, None, Outcome]:
    """All items, a batch a page; nothing new where the only page of the last time is unchanged."""
    address = items_address(asked.address, asked.options.get("collection"))
    settings = json.dumps([address, asked.options, str(asked.since)], sort_keys=True)
    known = asked.mark if asked.mark.get("settings") == settings and not asked.full else {}
    trail = Trail(address, asked.warn)
    table = FeatureRows(schema_of(asked, address), True, asked.options.get("midnight") or "day")
    items = Items(asked, table, trail)
    params: Optional[dict] = question(asked)
    mark, pages, url = {"settings": settings}, 0, address
    while url:
        reply = asked.client.get(
            url,
            params=params,
            accept=JSON_TYPES,
            validators=validators_in(known) if not pages else None,
            authorised=trail.trusted(url),
        )
        if reply.not_modified:
            return Outcome(mark=asked.mark, nothing_new=True)
        page = page_of(reply)
        pages += 1
        before = items.given
        yield items.batch(reply, page)
        url = trail.follow(url, next_link(page))
        if url and items.given == before and page.get("features"):
            trail.broken = True
            asked.warn(
                "The server gives the same items on page after page: reading stopped there, and "
                "what is missing is not taken for withdrawn."
            )
            break
        params = None
        if pages == 1 and not url:
            mark.update(reply.validators)
    complete = items.complete()
    filtered = asked.since is not None and asked.options.get("datetime_filter")
    return Outcome(
        mark=mark,
        snapshot=complete,
        window=(asked.since, None) if filtered else None,
        total=items.total if complete else None,
        complete=complete,
    )


def items_address(address: str, collection: Optional[str]) -> str:
    """The address of the items, from that of the service, the collection or the items.

    Raises FeedError where no collection is named.
    """
    plain = address.split("#", 1)[0].split("?", 1)[0].rstrip("/")
    if plain.endswith("/items"):
        return plain
    if re.search(r"/collections/[^/]+$", plain):
        return f"{plain}/items"
    if not collection:
        raise FeedError(
            "The address names a service, not a collection: set the option collection to the id "
            "of one, or give the address …/collections/ID.",
            Reason.REFUSED,
        )
    if plain.endswith("/collections"):
        plain = plain[: -len("/collections")]
    return f"{plain}/collections/{collection}/items"


def question(asked: Asked) -> dict:
    """The parameters of the first page."""
    options = asked.options
    own = dict(parse_qsl(urlsplit(asked.address).query))
    params: dict[str, Any] = {**own, "limit": int(options.get("limit") or 1000)}
    if options.get("bbox"):
        params["bbox"] = box(options["bbox"])
    if asked.since is not None and options.get("datetime_filter"):
        params["datetime"] = f"{asked.since:%Y-%m-%dT%H:%M:%SZ}/.."
    if options.get("filter"):
        params.update({"filter": options["filter"], "filter-lang": "cql2-text"})
    return params


def page_of(reply) -> Mapping[str, Any]:
    """A page's JSON; raises FeedError where it is no collection of features."""
    page = reply.json()
    if not isinstance(page, dict) or not isinstance(page.get("features"), list):
        raise FeedError(
            "The reply is no collection of features: check the feed's address.", Reason.SCHEMA
        )
    return page


def next_link(page: Mapping[str, Any]) -> Optional[str]:
    """The address of the next page; links of other forms (HTML) are passed over."""
    found = [
        link
        for link in page.get("links") or []
        if isinstance(link, Mapping) and link.get("rel") == "next" and link.get("href")
    ]
    as_json = [link for link in found if "json" in str(link.get("type", "json"))]
    return str((as_json or found)[0]["href"]) if found else None


def content_crs(reply) -> Optional[str]:
    """What the header Content-Crs names; None: longitude and latitude, WGS 84."""
    told = (reply.headers.get("Content-Crs") or "").strip().strip("<>").strip()
    return told or None


def collection_of(asked: Asked, address: str) -> Mapping[str, Any]:
    """The description of the collection."""
    reply = asked.client.get(address[: -len("/items")], accept="application/json")
    described = reply.json()
    return described if isinstance(described, dict) else {}


def schema_of(asked: Asked, address: str) -> list[str]:
    """The names of the properties, where the collection links to a schema; else none."""
    try:
        described = collection_of(asked, address)
        trail = Trail(address, lambda _sentence: None)
        for link in described.get("links") or []:
            if not str(link.get("rel", "")).endswith(SCHEMAS):
                continue
            url = trail.follow(address, link.get("href"))
            if url and trail.trusted(url):
                told = asked.client.get(url, accept="application/schema+json, application/json")
                properties = told.json().get("properties") or {}
                return [name for name, one in properties.items() if not is_geometry(one)]
    except FeedError as error:
        if error.reason not in (Reason.NOT_FOUND, Reason.BROKEN, Reason.REFUSED, Reason.GONE):
            raise
    except AttributeError:
        # What stands at the link is no JSON object: the items themselves tell the properties.
        return []
    return []


def is_geometry(schema: Any) -> bool:
    """Whether a property of a schema is the geometry."""
    if not isinstance(schema, Mapping):
        return False
    return (
        str(schema.get("format", "")).startswith("geometry")
        or "geojson.org" in str(schema.get("$ref", ""))
        or schema.get("x-ogc-role") == "primary-geometry"
    )


def check(asked: Asked) -> Checked:
    """The collection's title, how many items match, and the dates of its extent."""
    return trial(asked, _look)


def _look(asked: Asked, found: Checked) -> None:
    address = items_address(asked.address, asked.options.get("collection"))
    reply = asked.client.get(address, params={**question(asked), "limit": 1}, accept=JSON_TYPES)
    page = page_of(reply)
    if isinstance(page.get("numberMatched"), int):
        found.rows = page["numberMatched"]
    try:
        described = collection_of(asked, address)
    except FeedError as error:
        found.sentences.append(f"The collection does not describe itself ({error}).")
        return
    found.sentences.append(f"The collection is “{described.get('title') or described.get('id')}”.")
    interval = (((described.get("extent") or {}).get("temporal") or {}).get("interval") or [[]])[0]
    days = [iso_instant(one) if isinstance(one, str) else None for one in interval]
    if len(days) == 2:
        found.first, found.last = (day.date() if day else None for day in days)


SOURCE = Source(
    name="ogcapi",
    title="OGC API - Features",
    help=(
        "A collection of an OGC API - Features service. Give the collection's address, as "
        "…/collections/incidents, or the service's and the collection's id as an option."
    ),
    read=read,
    check=check,
    options=(
        Option("collection", "Collection", help="Its id, where the address names the service."),
        Option("limit", "Items a page", "integer", default=1000),
        Option("bbox", "Area", "bbox", help="Only items that touch this box, in degrees."),
        Option("filter", "Filter (CQL2 text)", help="Where the service knows filters."),
        Option(
            "datetime_filter",
            "Ask the server for the time",
            "boolean",
            default=False,
            help="Send SINCE to the server; only where its time is that of the incident, for what "
            "it then leaves out within that time is taken for withdrawn.",
        ),
        Option("id_field", "Id field", help="The property to use in place of the item's own id."),
        Option(
            "midnight",
            "00:00 means",
            "choice",
            default="day",
            choices=("day", "time"),
            help="Whether a time of 00:00 is that whole day, or that minute.",
        ),
    ),
    credentials=("none", "token", "basic", "key"),
    id_prefix="ogcapi",
)
