"""HDX HAPI: monthly numbers of conflict events by administrative area, one event type a feed.

Its event types overlap (civilian targeting is also political violence), so they are never read
together and never summed: a feed has one of them.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Generator, Mapping, Optional

from ..http.errors import FeedError, Reason
from ..source import Asked, Batch, Checked, Option, Outcome, Source
from .trial import trial

ADDRESS = "https://hapi.humdata.org/api/v2/coordination-context/conflict-events"
TYPES = ("political_violence", "civilian_targeting", "demonstration")
COLUMNS = [
    "source_id",
    "event_type",
    "events",
    "fatalities",
    "reference_period_start",
    "reference_period_end",
    "location_code",
    "location_name",
    "admin_level",
    "admin1_code",
    "admin1_name",
    "provider_admin1_name",
    "admin2_code",
    "admin2_name",
    "provider_admin2_name",
    "resource_hdx_id",
]
HEADER = "X-HDX-HAPI-APP-IDENTIFIER"
MOST = 10_000


def read(asked: Asked) -> Generator[Batch, None, Outcome]:
    """All months and areas of one event type, page after page until a page is not full."""
    question_ = question(asked)
    reading = Reading(asked)
    offset, complete = 0, True
    while True:
        reply, records = page(asked, question_, offset)
        before = reading.met
        yield reading.batch(reply, records)
        if len(records) < question_["limit"]:
            break
        if reading.met == before:
            asked.warn(
                "HDX HAPI gives the same page again and again (a loop): reading stopped there, "
                "and what is missing is not taken for withdrawn."
            )
            complete = False
            break
        offset += len(records)
    complete = reading.sound() and complete
    first = asked.since.date() if asked.since else None
    return Outcome(
        mark={"full_at": asked.now.isoformat()},
        snapshot=complete,
        window=None if first is None else (asked.since, None),
        complete=complete,
    )


class Reading:
    """Which months of which areas came, and what of the pages was left out."""

    def __init__(self, asked: Asked):
        self.asked = asked
        self.wanted = event_type(asked)
        self.first: Optional[date] = asked.since.date() if asked.since else None
        self.seen: set[str] = set()
        self.met = self.doubled = self.other = self.zero = 0

    def batch(self, reply, records: list) -> Batch:
        """The rows of a page that are of this feed: its type, its time, at least one event."""
        rows = []
        for record in records:
            own = row_id(record)
            if own in self.seen:
                self.doubled += 1
                continue
            self.seen.add(own)
            self.met += 1
            if record.get("event_type") != self.wanted:
                self.other += 1
            elif not record.get("events") and not record.get("fatalities"):
                self.zero += 1
            elif not self._too_early(record):
                rows.append([own, *(record.get(name) for name in COLUMNS[1:])])
        notes = (
            "The event types of HDX HAPI overlap: numbers of different types must not be added.",
        )
        return Batch(reply, list(COLUMNS), rows, [], table_notes=notes, whole_schema=True)

    def _too_early(self, record: Mapping[str, Any]) -> bool:
        """Whether a month begins before what is wanted (the server need not know that filter)."""
        start = str(record.get("reference_period_start") or "")[:10]
        return self.first is not None and start < self.first.isoformat()

    def sound(self) -> bool:
        """Whether the pages were those of this feed; what was not so is said."""
        if self.other:
            self.asked.warn(
                f"HDX HAPI gave {self.other:,} rows of event types that were not asked for; they "
                "were left out, because its types overlap and must not be summed."
            )
        if self.doubled:
            self.asked.warn(
                f"{self.doubled:,} rows came twice, so the pages may have shifted while they were "
                "read: nothing is taken for withdrawn until the next time."
            )
        return not self.doubled


def event_type(asked: Asked) -> str:
    """The one event type of this feed; raises FeedError for none or several."""
    wanted = str(asked.options.get("event_type") or TYPES[0])
    if wanted not in TYPES:
        raise FeedError(
            f"The option event_type is “{wanted}”: choose one of {', '.join(TYPES)}. They overlap "
            "and must not be summed, so a second type needs a feed of its own.",
            Reason.REFUSED,
        )
    return wanted


def question(asked: Asked) -> dict:
    """The parameters of every page but the offset."""
    options = asked.options
    asked_for = {
        "output_format": "json",
        "event_type": event_type(asked),
        "location_code": options.get("location_code"),
        "admin_level": options.get("admin_level") if options.get("admin_level") != "" else None,
        "admin1_code": options.get("admin1_code"),
        "limit": max(1, min(int(options.get("limit") or MOST), MOST)),
    }
    return {name: value for name, value in asked_for.items() if value not in (None, "")}


def page(asked: Asked, params: Mapping[str, Any], offset: int):
    """(reply, records) of a page. The app identifier goes in a header, not in the address."""
    own = asked.credentials.token
    reply = asked.client.get(
        asked.address or ADDRESS,
        params={**params, "offset": offset},
        headers={HEADER: own} if own else None,
        authorised=not own,
    )
    value = reply.json()
    records = value.get("data") if isinstance(value, dict) else None
    if not isinstance(records, list):
        raise FeedError(
            "The reply is not one of HDX HAPI's (it has no data): check the feed's address.",
            Reason.SCHEMA,
        )
    needed = {"event_type", "events", "reference_period_start"}
    if records and not needed <= set(records[0]):
        missing = ", ".join(sorted(needed - set(records[0])))
        raise FeedError(
            f"HDX HAPI's rows have no {missing} any more: the plugin needs a newer version.",
            Reason.SCHEMA,
        )
    return reply, records


def row_id(record: Mapping[str, Any]) -> str:
    """An id that stays: country, area (its code, else its provider's name), type and month."""
    level = record.get("admin_level")
    area = [record.get("location_code") or record.get("location_name")]
    for number in (1, 2):
        named = record.get(f"admin{number}_code") or record.get(f"provider_admin{number}_name")
        if named and (level is None or int(level) >= number):
            area.append(named)
    start = str(record.get("reference_period_start") or "")[:10]
    return "/".join(str(part) for part in [*area, record.get("event_type"), start])


def check(asked: Asked) -> Checked:
    """Whether the identifier is accepted and a first row comes."""
    return trial(asked, _look)


def _look(asked: Asked, found: Checked) -> None:
    _, records = page(asked, {**question(asked), "limit": 1}, 0)
    found.sentences.append(
        "HDX HAPI does not tell how many rows there are."
        if records
        else "HDX HAPI has no rows that fit: check the options."
    )
    if not records:
        found.rows = 0


SOURCE = Source(
    name="hapi",
    title="HDX HAPI conflict events",
    help=(
        "Monthly numbers of conflict events by administrative area, as HDX HAPI has them from "
        "ACLED. The token is the app identifier that HAPI gives for a name and an address of mail."
    ),
    read=read,
    check=check,
    address=ADDRESS,
    options=(
        Option("location_code", "Country", help="Its ISO code of three letters."),
        Option(
            "event_type",
            "Event type",
            "choice",
            default=TYPES[0],
            choices=TYPES,
            help="One of three that overlap; their numbers must not be added.",
        ),
        Option("admin_level", "Level", "choice", default="2", choices=("0", "1", "2")),
        Option("admin1_code", "First-level area", help="Its p-code."),
        Option("limit", "Rows a page", "integer", default=MOST, help="At most 10,000."),
    ),
    credentials=("key", "token"),
    preset="hapi",
    attribution="HDX HAPI; ACLED",
    redistribution="aggregates",
    interval_minutes=24 * 60,
    id_prefix="hapi",
)
