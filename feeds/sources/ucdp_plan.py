"""What one run asks UCDP for, and which of its rows are within it."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any, Iterable, Mapping, Optional

from ...model.incident import content_id
from ..http.errors import FeedError, Reason
from ..source import Asked, Outcome
from ..theatredays import begin_of, box_option, day_of, day_option, in_box, whole_option
from .ucdp_versions import named_versions

WHO = "UCDP"
KEY = "id"
NEEDED = (KEY, "date_start", "date_end", "latitude", "longitude", "where_prec", "type_of_violence")


class Plan:
    """The span, area and kinds that a run is about; rows of older versions give way to newer ones.

    ``warn`` takes sentences; ``complete`` turns False where something did not come.
    """

    def __init__(self, asked: Asked, options: Mapping[str, Any]):
        self.asked, self.options = asked, options
        self.versions = named_versions(options["version"])
        self.first = day_of(asked.since, asked.timezone) if asked.since else None
        self.until = day_option(options, "until")
        self.box = box_option(options)
        self.complete = True
        self.fingerprint = content_id(
            asked.address, self.first, json.dumps(options, sort_keys=True, default=str)
        )
        self._taken: set[str] = set()
        self._countries = texts_of(options["country"])
        self._kinds = texts_of(options["type_of_violence"])

    @property
    def mark(self) -> dict:
        """The mark of the last run where it was about the same; else an empty one."""
        same = self.asked.mark.get("query") == self.fingerprint
        return self.asked.mark if same else {}

    def may_skip(self) -> bool:
        """Whether a run in which UCDP's totals or files did not change need read nothing."""
        if self.asked.full:
            return False
        hours = whole_option(self.options, "full_every_hours", 0, 100_000)
        try:
            done = datetime.fromisoformat(str(self.mark.get("full_at")))
            return self.asked.now - done < timedelta(hours=hours)
        except (ValueError, TypeError):
            return False

    def take(self, columns: list[str], rows: Iterable[list]) -> list[list]:
        """The rows that are asked for and did not come in a newer version."""
        at = {name: columns.index(name) for name in columns}
        kept = []
        for row in rows:
            identifier = row[at[KEY]]
            key = None if identifier in (None, "") else str(identifier)
            if key is not None and key in self._taken:
                continue
            if not self._wanted(row, at):
                continue
            if key is not None:
                self._taken.add(key)
            kept.append(row)
        return kept

    def _wanted(self, row: list, at: dict) -> bool:
        """Whether a row is within span, area, countries and kinds; what cannot be told is."""
        day = day_in(row[at["date_start"]])
        if day is not None:
            if self.first is not None and day < self.first:
                return False
            if self.until is not None and day > self.until:
                return False
        if self._kinds and str(row[at["type_of_violence"]]).strip() not in self._kinds:
            return False
        land = str(row[at["country_id"]]).strip() if "country_id" in at else None
        if self._countries and land is not None and land not in self._countries:
            return False
        return self.box is None or self._inside(row, at)

    def _inside(self, row: list, at: dict) -> bool:
        try:
            return in_box(self.box, float(row[at["longitude"]]), float(row[at["latitude"]]))
        except (TypeError, ValueError):
            return True

    def outcome(self, versions: list[str], **known: Any) -> Outcome:
        """How a run ended that read all of ``versions``; ``known`` is for the next run."""
        mark = {"versions": versions, "query": self.fingerprint, **known}
        if self.complete:
            mark["full_at"] = self.asked.now.isoformat()
        zone = self.asked.timezone
        first = begin_of(self.first, zone) if self.first else None
        last = begin_of(self.until + timedelta(days=1), zone) if self.until else None
        return Outcome(mark, True, (first, last), complete=self.complete)

    def unchanged(self, **known: Any) -> Outcome:
        """How a run ended in which nothing was new."""
        return Outcome({**self.mark, **known}, nothing_new=True)

    def missing(self, sentence: str) -> None:
        """Note that something did not come."""
        self.complete = False
        self.asked.warn(sentence)


def day_in(value: Any) -> Optional[date]:
    """The day of ``2010-05-13T00:00:00``; None for what is not so written."""
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def texts_of(value: Any) -> set[str]:
    """The parts of a comma list."""
    return {part.strip() for part in str(value or "").split(",") if part.strip()}


def check_columns(columns: Iterable[str]) -> None:
    """Raise FeedError (SCHEMA) where a column is missing without which rows mean nothing."""
    there = set(columns)
    missing = [name for name in NEEDED if name not in there]
    if missing:
        raise changed(f"has no column {' and no '.join(missing)}")


def changed(how: str) -> FeedError:
    """The error of a reply that is not as UCDP's documentation has it."""
    return FeedError(
        f"{WHO}'s reply {how}: its form may have changed, so nothing of it was taken. Look for a "
        "newer version of the plugin.",
        Reason.SCHEMA,
    )


def no_version(version: str) -> FeedError:
    """The error of a version that is not there."""
    return FeedError(
        f"{WHO} has no version “{version}”: look at ucdp.uu.se/downloads for the versions that "
        "there are, and set the feed's option “version”.",
        Reason.NOT_FOUND,
    )
