"""Which days of which satellites one run asks FIRMS for."""

from __future__ import annotations

import dataclasses
import json
from datetime import date, datetime, time, timedelta, timezone
from typing import Optional
from urllib.parse import quote

from ...model.errors import CeasefireError
from ...model.incident import content_id
from ..http.errors import FeedError, Reason
from ..source import Asked
from ..theatredays import box_option, whole_option
from .firms_table import WHO

DAY = timedelta(days=1)


@dataclasses.dataclass(frozen=True)
class Offer:
    """What FIRMS has of one product: its first and last day, None where it does not say."""

    product: str
    first: Optional[date]
    last: Optional[date]


class Plan:
    """Which days of which products one run asks for."""

    def __init__(self, asked: Asked, options: dict):
        self.asked, self.options = asked, options
        key = asked.credentials.token
        if not key:
            raise FeedError(
                f"{WHO} needs a MAP_KEY, which is free at "
                "firms.modaps.eosdis.nasa.gov/api/map_key: give it to the feed as its token.",
                Reason.UNAUTHORISED,
            )
        asked.client.protect(key)
        self.root = f"{asked.address.rstrip('/')}/api"
        self.key = quote(key, safe="")
        self.products = products_of(options)
        box = box_option(options)
        if box is None:
            raise CeasefireError(f"{WHO} needs an area: give the feed's option “bbox”.")
        self.boxes = [box] if box[0] < box[2] else [(*box[:2], 180.0, box[3]), (-180.0, *box[1:])]
        self.today = asked.now.astimezone(timezone.utc).date()
        self.fingerprint = content_id(
            asked.address, asked.since, json.dumps(options, sort_keys=True, default=str)
        )
        self.complete = True
        self.left_out = 0

    def mark(self) -> dict:
        """The mark of the last run where it was about the same; else an empty one."""
        same = self.asked.mark.get("query") == self.fingerprint
        return self.asked.mark if same else {}

    def first_of_all(self) -> date:
        """The first day that the feed is about."""
        begun = self.mark().get("first")
        if begun:
            return date.fromisoformat(begun)
        if self.asked.since is not None:
            return self.asked.since.astimezone(timezone.utc).date()
        return self.today - DAY * (whole_option(self.options, "days", 1, 3650) - 1)

    def is_full(self) -> bool:
        """Whether all days are to be read."""
        mark = self.mark()
        if self.asked.full or not mark.get("until") or not mark.get("full_at"):
            return True
        hours = whole_option(self.options, "full_every_hours", 0, 100_000)
        return self.asked.now - datetime.fromisoformat(mark["full_at"]) >= timedelta(hours=hours)

    def first_day(self) -> date:
        """The first day that this run reads."""
        begin = self.first_of_all()
        if self.is_full():
            return begin
        again = whole_option(self.options, "again_days", 0, 3650)
        return max(begin, date.fromisoformat(self.mark()["until"]) - DAY * again + DAY)

    def missing(self, sentence: str) -> None:
        """Note that something did not come."""
        self.complete = False
        self.asked.warn(sentence)


def products_of(options: dict) -> list[str]:
    """The products of the option; raises CeasefireError where one is no name."""
    names = [name.strip() for name in str(options["product"]).split(",") if name.strip()]
    if not names or not all(name.isidentifier() for name in names):
        raise CeasefireError(
            f"The feed's option “product” is “{options['product']}”: give FIRMS's names with "
            "commas, such as VIIRS_NOAA20_NRT."
        )
    return list(dict.fromkeys(names))


def midnight(day: date) -> datetime:
    """The instant at which a day begins in UTC."""
    return datetime.combine(day, time(), timezone.utc)
