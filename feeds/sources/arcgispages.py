"""The pages of an ArcGIS layer: by offset, by ids, or the one there is, held against its own list.

Paging by offset is not safe while a layer is edited: a record deleted on a page that was read moves
another from the next page onto it. So after more than one page the ids that the server lists are
held against those that came, and what is missing is asked for by id.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Generator, Mapping, Optional

from ..instants import of_milliseconds
from ..source import Batch
from .arcgislayer import ArcGISLayer
from .arcgisrows import ArcGISRows
from .boxes import box

CHUNK = 500


@dataclasses.dataclass
class Pages:
    """One reading of a layer: what was asked, which ids came, and whether all did."""

    layer: ArcGISLayer
    rows: ArcGISRows
    where: str
    warn: Any
    seen: set = dataclasses.field(default_factory=set)
    given: int = 0
    complete: bool = True
    replies: int = 0
    looped: bool = False

    def question(self, **more: Any) -> dict:
        """The parameters of one query for records."""
        options = self.layer.options
        asked = {
            "where": self.where,
            "outFields": "*",
            "returnGeometry": self.layer.located,
            "outSR": 4326,
            "f": options.get("format") or "json",
            **more,
        }
        if options.get("bbox"):
            asked.update(
                geometry=box(options["bbox"]),
                geometryType="esriGeometryEnvelope",
                inSR=4326,
                spatialRel="esriSpatialRelIntersects",
            )
        return asked

    def batch(self, reply, value: Mapping[str, Any]) -> Batch:
        """The batch of a reply: each record once, by its object id."""
        records = []
        for record in value.get("features") or []:
            number = self.rows.number(record, value)
            if number is not None:
                if number in self.seen:
                    continue
                self.seen.add(number)
            records.append(record)
        self.given += len(records)
        self.replies += 1
        columns, rows, notes = self.rows.take(records, value)
        return Batch(
            reply, columns, rows, [], version=self.version, table_notes=notes, whole_schema=True
        )

    @property
    def version(self) -> Optional[str]:
        """When the layer says that it was last edited, as the version of its replies."""
        moment = of_milliseconds(self.layer.last_edit)
        return f"last edit {moment:%Y-%m-%dT%H:%M:%SZ}" if moment else None

    def incomplete(self, sentence: str) -> None:
        """Say once what did not come."""
        self.complete = False
        self.warn(sentence)


def everything(pages: Pages, total: Optional[int]) -> Generator[Batch, None, None]:
    """The records in whichever way the server can give them, then what is still missing."""
    layer = pages.layer
    if layer.can("supportsPagination") and layer.can("supportsOrderBy") is not False:
        yield from by_offset(pages)
        ids = None if pages.replies == 1 else listed_ids(pages)
    else:
        ids = listed_ids(pages)
        if ids is None:
            yield from one_page(pages)
    if ids is not None:
        yield from by_ids(pages, [number for number in ids if number not in pages.seen])
        yield from once_more(pages, ids)
        if total is not None and total != len(ids) and count(pages) != len(ids):
            pages.incomplete(
                f"The layer counts {total:,} records, but lists {len(ids):,}: what is missing is "
                "not taken for withdrawn."
            )
    elif pages.looped:
        pages.incomplete(
            "The server gives the same page again and again, and says that there is more: reading "
            "stopped there, and what is missing is not taken for withdrawn."
        )
    elif pages.complete and total is not None and pages.given != total:
        pages.incomplete(
            f"The layer counts {total:,} records, but {pages.given:,} came: what is missing is not "
            "taken for withdrawn."
        )


def by_offset(pages: Pages) -> Generator[Batch, None, None]:
    """Page after page in the order of the object ids, until the server says it was the last."""
    layer, offset = pages.layer, 0
    order = {"orderByFields": f"{layer.object_id} ASC"} if layer.object_id else {}
    while True:
        reply, value = layer.query(
            **pages.question(resultOffset=offset, resultRecordCount=layer.page_size, **order)
        )
        records = value.get("features") or []
        before = pages.given
        if records or not offset:
            yield pages.batch(reply, value)
        if not exceeded(value):
            return
        if not records or pages.given == before:
            pages.looped = True
            return
        offset += len(records)


def by_ids(pages: Pages, ids: list[int]) -> Generator[Batch, None, None]:
    """The records with these object ids in chunks; a chunk that is cut short is halved."""
    size = min(pages.layer.page_size, CHUNK)
    waiting = [ids[i : i + size] for i in range(0, len(ids), size)]
    while waiting:
        chunk = waiting.pop(0)
        reply, value = pages.layer.query(
            **pages.question(objectIds=",".join(map(str, chunk)), where="1=1")
        )
        records = value.get("features") or []
        yield pages.batch(reply, value)
        if records and all(pages.rows.number(one, value) is None for one in records):
            # Nothing in the records tells their number: as many as were asked for must do.
            if len(records) == len(chunk):
                pages.seen.update(chunk)
            continue
        left = [number for number in chunk if number not in pages.seen]
        if left and (exceeded(value) or len(left) < len(chunk)) and len(chunk) > 1:
            half = max(1, min(len(chunk) // 2, len(left)))
            waiting[:0] = [left[i : i + half] for i in range(0, len(left), half)]


def once_more(pages: Pages, ids: list[int]) -> Generator[Batch, None, None]:
    """Ask which of the ids that did not come are still listed; they are missing, not deleted."""
    left = [number for number in ids if number not in pages.seen]
    if not left:
        return
    still = set(listed_ids(pages) or ids)
    missing = [number for number in left if number in still]
    if missing:
        yield from by_ids(pages, missing)
        missing = [number for number in missing if number not in pages.seen]
    if missing:
        pages.incomplete(
            f"The layer lists {len(ids):,} records, but {len(missing):,} of them did not come "
            f"(such as number {missing[0]}): what is missing is not taken for withdrawn."
        )


def one_page(pages: Pages) -> Generator[Batch, None, None]:
    """What a server gives that neither pages nor lists ids: one reply, and its word on the rest."""
    reply, value = pages.layer.query(**pages.question())
    yield pages.batch(reply, value)
    most = pages.layer.meta.get("maxRecordCount")
    if exceeded(value) or (most and len(value.get("features") or []) >= int(most)):
        pages.incomplete(
            "The server gave the first part of its records and has no way to give the rest: narrow "
            "the feed by the options where or bbox."
        )


def listed_ids(pages: Pages) -> Optional[list[int]]:
    """All object ids that fit the question, in order; None where the server does not list them."""
    _, value = pages.layer.query(
        **{**pages.question(returnIdsOnly=True), "f": "json", "returnGeometry": False}
    )
    ids = value.get("objectIds", (value.get("properties") or {}).get("objectIds"))
    if ids is None and "features" not in value and "objectIds" in value:
        ids = []
    if not isinstance(ids, list):
        return None
    return sorted({int(number) for number in ids})


def count(pages: Pages) -> Optional[int]:
    """How many records the server counts; None where it does not answer with a count."""
    asked = {**pages.question(returnCountOnly=True), "f": "json", "returnGeometry": False}
    _, value = pages.layer.query(**asked)
    told = value.get("count")
    return int(told) if isinstance(told, (int, float)) and not isinstance(told, bool) else None


def exceeded(value: Mapping[str, Any]) -> bool:
    """Whether the server says that there is more, at the top or, in GeoJSON, among properties."""
    inner = value.get("properties")
    return bool(
        value.get("exceededTransferLimit")
        or (isinstance(inner, Mapping) and inner.get("exceededTransferLimit"))
    )
