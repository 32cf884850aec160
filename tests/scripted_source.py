"""A source of a feed whose truth a test holds in its hand; it needs no network.

``Truth`` is what the server has: rows by id, and ``Truth.faults`` what goes wrong at which reply.
``snapshot_source`` reads all of it page by page, ``incremental_source`` what changed.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Optional

from ceasefire_monitor.feeds.source import Asked, Batch, Checked, Outcome, Source
from ceasefire_monitor.ledger.feedsync import synchronise
from ceasefire_monitor.model.feed import Feed

COLUMNS = ["id", "date", "latitude", "longitude", "type", "description"]
MAPPING = {
    "source_id": "id",
    "occurred_from": "date",
    "category": "type",
    "description": "description",
    "source": {"value": "scripted"},
}


@dataclasses.dataclass
class ScriptedReply:
    """As much of a reply as the ledger keeps."""

    url: str
    sha256: str
    fetched_at: datetime
    path: Optional[Path] = None
    etag: Optional[str] = None


@dataclasses.dataclass
class Row:
    """One report at the server; ``stamp`` is when it was last edited."""

    id: str
    date: str = "2024-05-01T10:00:00Z"
    latitude: object = 10.0
    longitude: object = 20.0
    type: str = "firing/burst"
    description: str = "first"
    stamp: int = 0

    def cells(self) -> list:
        """The cells of the row in the order of COLUMNS."""
        return [self.id, self.date, self.latitude, self.longitude, self.type, self.description]


class Truth:
    """What the server has, and how it behaves."""

    def __init__(self, page: int = 3):
        self.rows: dict[str, Row] = {}
        self.deleted: dict[str, int] = {}
        self.clock = 0
        self.page = page
        self.columns = list(COLUMNS)
        self.total: Optional[int] = None
        self.faults: dict[int, BaseException] = {}
        self.before_page = {}
        self.asked: list[Asked] = []
        self.complete = True
        self.folder: Optional[Path] = None

    def put(self, name: str, **values: object) -> Row:
        """Add or edit a row."""
        self.clock += 1
        row = self.rows.get(name, Row(name))
        self.rows[name] = dataclasses.replace(row, stamp=self.clock, **values)
        self.deleted.pop(name, None)
        return self.rows[name]

    def drop(self, name: str) -> None:
        """Remove a row."""
        self.clock += 1
        del self.rows[name]
        self.deleted[name] = self.clock

    def batch(self, number: int, rows: list, removed=()) -> Batch:
        """A reply with rows; its hash is that of its content."""
        places = [COLUMNS.index(name) for name in self.columns if name in COLUMNS]
        cells = [[row.cells()[place] for place in places] for row in rows]
        body = json.dumps([cells, list(removed)]).encode()
        reply = ScriptedReply(
            f"http://127.0.0.1/data?page={number}",
            hashlib.sha256(body).hexdigest(),
            datetime.now(timezone.utc),
        )
        if self.folder is not None:
            reply.path = self.folder / reply.sha256
            reply.path.write_bytes(body)
        return Batch(reply, list(self.columns), cells, list(removed))

    def pages(self, rows: list) -> list[list]:
        """Rows in pages, one empty page where there are none."""
        return [rows[i : i + self.page] for i in range(0, len(rows), self.page)] or [[]]


class Client:
    """As much of a client as the ledger asks for."""

    def __init__(self):
        self.requests = 0

    def hide(self, text: str) -> str:
        """The text without the secret of the tests."""
        return text.replace("s3cret", "•••")


def snapshot_source(truth: Truth, window=None, **more) -> Source:
    """A source that always has everything."""

    def read(asked: Asked):
        truth.asked.append(asked)
        # The truth as it is when a page is read, as with offset paging.
        number = 0
        while True:
            if number in truth.before_page:
                truth.before_page.pop(number)()
            asked.client.requests += 1
            if number in truth.faults:
                raise truth.faults.pop(number)
            pages = truth.pages(list(truth.rows.values()))
            if number >= len(pages):
                break
            yield truth.batch(number, pages[number])
            number += 1
        return Outcome(
            {"clock": truth.clock},
            snapshot=True,
            window=window,
            total=truth.total,
            complete=truth.complete,
        )

    return scripted(read, more)


def incremental_source(truth: Truth, **more) -> Source:
    """A source that has what changed since the mark, and which ids were removed."""

    def read(asked: Asked):
        truth.asked.append(asked)
        since = -1 if asked.full else asked.mark.get("clock", -1)
        now = truth.clock
        removed = [name for name, stamp in truth.deleted.items() if stamp > since]
        rows = sorted(
            (row for row in truth.rows.values() if row.stamp > since), key=lambda row: row.stamp
        )
        if not rows and not removed:
            asked.client.requests += 1
            if 0 in truth.faults:
                raise truth.faults.pop(0)
            return Outcome({"clock": now}, nothing_new=True)
        for number, page in enumerate(truth.pages(rows)):
            asked.client.requests += 1
            if number in truth.faults:
                raise truth.faults.pop(number)
            yield truth.batch(number, page, removed if number == 0 else ())
        return Outcome({"clock": now}, snapshot=asked.full, complete=truth.complete)

    return scripted(read, more)


def scripted(read, more: dict) -> Source:
    """A source of that reading."""
    told = {
        "name": "scripted",
        "title": "Scripted",
        "help": "",
        "read": read,
        "check": lambda asked: Checked(True, True),
        "address": "http://127.0.0.1/data",
        "mapping": MAPPING,
    }
    return Source(**{**told, **more})


def kept_feed(ledger, name="North", **more):
    """A feed of the ledger."""
    feed = Feed(f"feed:{name}", name, "scripted", interval_minutes=60, **more)
    ledger.write_records("feeds", [feed], "Ada", "a feed")
    return ledger.feed(name)


def fetch(ledger, feed, source, **more):
    """One run of a feed."""
    return synchronise(ledger, feed, source, Client(), None, "Ada", **more)


def active(ledger):
    """The descriptions of what is not withdrawn, by the source's id."""
    return {
        one.source_id: one.description
        for one in ledger.read("incidents")
        if one.workflow != "withdrawn"
    }


def of(truth):
    """What ``active`` should give."""
    return {name: row.description for name, row in truth.rows.items()}
