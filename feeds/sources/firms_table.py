"""The tables that FIRMS sends; their header tells a table from an error with status 200."""

from __future__ import annotations

import csv
from datetime import date
from typing import TYPE_CHECKING, Iterator, Optional

from ..http.errors import FeedError, Reason

if TYPE_CHECKING:
    from ..http.reply import Reply

WHO = "FIRMS"
FIRST_COLUMNS = ("latitude", "country_id", "data_id")
NEEDED = ("latitude", "longitude", "acq_date", "acq_time", "satellite")
# FIRMS counts what a key asks for over ten minutes.
LIMIT_S = 600.0


class Table:
    """The rows of one reply, one by one, as dictionaries of text."""

    def __init__(self, reply: Reply):
        self._records = csv.reader(reply.lines())
        header = next(self._records, [])
        self.columns = [name.strip().lstrip("\ufeff") for name in header]
        if not self.columns or self.columns[0] not in FIRST_COLUMNS:
            raise said_instead(",".join(header))
        self.uneven = 0

    def __iter__(self) -> Iterator[dict]:
        for record in self._records:
            if len(record) == len(self.columns):
                yield dict(zip(self.columns, record))
            elif record:
                self.uneven += 1


def said_instead(text: str) -> FeedError:
    """The error for a reply that is a sentence instead of a table."""
    words = " ".join(text.split())[:200]
    plain = words.casefold()
    if not words:
        return FeedError(
            f"{WHO}'s reply is empty, where at least a header was to come: fetch again later.",
            Reason.TRUNCATED,
        )
    if "map_key" in plain or "map key" in plain:
        return FeedError(
            f"{WHO} does not take this feed's MAP_KEY: check it, or ask for one at "
            "firms.modaps.eosdis.nasa.gov/api/map_key.",
            Reason.UNAUTHORISED,
        )
    if any(word in plain for word in ("limit", "exceed", "too many")):
        return FeedError(
            f"{WHO}'s limit of requests in ten minutes is used up: the next fetch goes on.",
            Reason.LIMITED,
            retry_after_s=LIMIT_S,
        )
    return FeedError(
        f"{WHO} answered with words instead of a table (“{words}”): check the feed's options.",
        Reason.REFUSED,
    )


def identifier(row: dict) -> str:
    """What names one detection: satellite, day, time and the pixel's middle.

    FIRMS gives no id; ``version``, brightness and confidence may change when data are processed
    anew, these do not.
    """
    clock = row["acq_time"].strip().zfill(4)
    place = ",".join(rounded(row[name]) for name in ("latitude", "longitude"))
    return f"{row['satellite'].strip()}/{row['acq_date'].strip()}/{clock}/{place}"


def rounded(text: str) -> str:
    """Degrees to five digits, however many the text has."""
    try:
        return f"{float(text):.5f}"
    except ValueError:
        return text.strip()


def sure_enough(row: dict, least: str) -> bool:
    """Whether a detection is at least as sure as low, nominal or high; unknown ones are."""
    steps = ("low", "nominal", "high")
    text = str(row.get("confidence") or "").strip().casefold()
    if text.isdigit():
        step = 0 if int(text) < 30 else 1 if int(text) < 80 else 2
    else:
        step = next((i for i, name in enumerate(steps) if text and name.startswith(text)), 2)
    return step >= steps.index(least)


def day_of_row(row: dict) -> Optional[date]:
    """The day of a detection (UTC); None where it cannot be read."""
    try:
        return date.fromisoformat(row["acq_date"].strip())
    except ValueError:
        return None
