"""What one run asks ACLED for, and what it found on the way."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any, Optional
from urllib.parse import parse_qsl

from ...model.errors import CeasefireError
from ...model.incident import content_id
from ..source import Asked, Batch, Outcome
from ..theatredays import begin_of, box_option, day_of, day_option, in_box, whole_option
from .acled_pages import KEY, Pages
from .acled_reply import WHO, Page, Restriction, changed, whole

NEEDED = (KEY, "event_date", "event_type", "latitude", "longitude", "timestamp")
LISTS = ("country", "region", "admin1", "event_type", "sub_event_type", "disorder_type")
# The importer widens a date of which only the month is known by so many days to either side.
WIDENED = timedelta(days=16)


class Plan:
    """What one run asks for, and what it found on the way."""

    def __init__(self, asked: Asked, options: dict):
        self.asked, self.options = asked, options
        self.first = day_of(asked.since, asked.timezone) if asked.since else None
        self.until = day_option(options, "until")
        self.box = box_option(options)
        self.columns = columns_of(options)
        self.newest = whole(asked.mark.get("timestamp")) or 0
        self.restriction: Optional[Restriction] = None
        self._checked = False
        self.fingerprint = content_id(
            asked.address, self.first, json.dumps(options, sort_keys=True, default=str)
        )
        self.full = asked.full or self._full_is_due()

    def _full_is_due(self) -> bool:
        mark = self.asked.mark
        if not mark.get("timestamp") or mark.get("query") != self.fingerprint:
            return True
        # Events that leave the withheld span keep their old timestamps.
        if mark.get("withheld_after"):
            return True
        hours = whole_option(self.options, "full_every_hours", 0, 100_000)
        try:
            done = datetime.fromisoformat(str(mark.get("full_at")))
            return self.asked.now - done >= timedelta(hours=hours)
        except (ValueError, TypeError):
            return True

    def changed_since(self) -> int:
        """The timestamp from which changes and deletions are asked for."""
        days = whole_option(self.options, "overlap_days", 0, 3650)
        return max(0, (whole(self.asked.mark.get("timestamp")) or 0) - days * 86400)

    def query(self) -> dict:
        """The query's parameters, but for the page."""
        options = self.options
        query: dict[str, Any] = {"fields": "|".join(self.columns)}
        query.update({name: options[name] for name in LISTS if options.get(name)})
        query.update(self._days())
        if self.box and self.box[0] <= self.box[2]:
            west, south, east, north = self.box
            query.update(between("longitude", west, east))
            query.update(between("latitude", south, north))
        if not self.full:
            query.update({"timestamp": self.changed_since(), "timestamp_where": ">="})
        query.update(parse_qsl(str(options.get("query") or "").lstrip("?"), keep_blank_values=True))
        return query

    def _days(self) -> dict:
        if self.first and self.until:
            return between("event_date", self.first, self.until)
        if self.first:
            return {"event_date": self.first.isoformat(), "event_date_where": ">="}
        if self.until:
            return {"event_date": self.until.isoformat(), "event_date_where": "<="}
        return {}

    def taken(self, page: Page) -> Batch:
        """A page's rows, the newest timestamp noted, and those outside the area left out."""
        self._note_restriction(page)
        if page.rows and not self._checked:
            self._check_schema(page.rows)
        rows = []
        for row in page.rows:
            self.newest = max(self.newest, whole(row.get("timestamp")) or 0)
            if self.box is None or self._inside(row):
                rows.append([cell(row.get(name)) for name in self.columns])
        return Batch(page.reply, list(self.columns), rows, [])

    def _note_restriction(self, page: Page) -> None:
        found = page.restriction
        if found is None or self.restriction is not None:
            return
        if found.last_day and self.until and self.until <= found.last_day:
            return
        self.restriction = found
        self.asked.warn(found.sentence())

    def _check_schema(self, rows: list[dict]) -> None:
        self._checked = True
        missing = [name for name in NEEDED if not any(name in row for row in rows)]
        if missing:
            raise changed(f"has no column {' and no '.join(missing)}")

    def _inside(self, row: dict) -> bool:
        try:
            return in_box(self.box, float(row["longitude"]), float(row["latitude"]))
        except (KeyError, TypeError, ValueError):
            # What cannot be placed is the importer's to judge.
            return True

    def outcome(self, pages: Pages) -> Outcome:
        """How the run ended: complete for the span that may be read, if anything of it may."""
        if pages.distinct.nameless:
            self.asked.warn(
                f"{pages.distinct.nameless:,} of {WHO}'s rows have no id: corrections of them "
                "cannot be told from new events."
            )
        seen = self.restriction is None or (self.restriction.last_day and pages.distinct.rows)
        complete = pages.proven and bool(seen)
        mark = {"timestamp": self.newest, "query": self.fingerprint}
        mark["full_at"] = self.asked.mark.get("full_at")
        if self.full:
            mark["full_at"] = self.asked.now.isoformat() if complete else None
        if self.restriction is not None:
            mark["withheld_after"] = str(self.restriction.last_day)
        if not pages.proven:
            mark["full_at"] = None
        return Outcome(mark, self.full, self._window(), complete=complete)

    def _window(self) -> tuple:
        zone = self.asked.timezone
        first = begin_of(self.first, zone) if self.first else None
        ends = [self.until, self.restriction.last_day if self.restriction else None]
        end = min((day for day in ends if day), default=None)
        return first, begin_of(end + timedelta(days=1), zone) - WIDENED if end else None


def between(name: str, low: Any, high: Any) -> dict:
    """The parameters that ask for a range of a column."""
    return {name: f"{low}|{high}", f"{name}_where": "BETWEEN"}


def columns_of(options: dict) -> list[str]:
    """The columns asked for, those that are needed among them; raises CeasefireError."""
    names = [name.strip() for name in str(options["fields"]).replace(",", "|").split("|")]
    names = [name for name in names if name]
    wrong = [name for name in names if not name.isidentifier()]
    if wrong:
        raise CeasefireError(
            f"The feed's option “fields” names “{wrong[0]}”, which is no column of {WHO}'s: give "
            "names with | between them."
        )
    return list(dict.fromkeys([*names, *NEEDED]))


def cell(value: Any) -> Any:
    """A value as a cell: lists and objects as JSON text."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else value
