"""Which of GDELT's files one run reads, and what it says of those that did not come."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ...model.incident import content_id
from ..source import Asked
from ..theatredays import day_of, whole_option
from .gdelt_files import STEP, WHO, floor, instant
from .gdelt_sieve import Sieve

if TYPE_CHECKING:
    from ..http.reply import Reply


class Plan:
    """Which files one run reads, and what it says of those that did not come."""

    def __init__(self, asked: Asked, options: dict):
        self.asked, self.options = asked, options
        self.root = asked.address.rstrip("/")
        first = day_of(asked.since, asked.timezone) if asked.since else None
        self.sieve = Sieve(self.options, first)
        self.fingerprint = content_id(
            asked.address, first, json.dumps(self.options, sort_keys=True, default=str)
        )
        same = asked.mark.get("query") == self.fingerprint and not asked.full
        self.mark = asked.mark if same else {}
        self.done = instant(self.mark.get("last"))
        self.waiting = [one for one in map(instant, self.mark.get("waiting") or ()) if one]
        self.uneven = 0

    def hours(self, name: str) -> timedelta:
        """An option that is a number of hours."""
        return timedelta(hours=whole_option(self.options, name, 0, 1_000_000))

    def after(self, newest: datetime) -> datetime:
        """The instant after which files are wanted."""
        if self.done is not None:
            return self.done
        if self.asked.since is not None:
            return min(floor(self.asked.since), newest) - STEP
        return newest - max(self.hours("history_hours"), STEP)

    def get(self, name: str, accept: str) -> Reply:
        """The reply of a file below GDELT's address."""
        return self.asked.client.get(f"{self.root}/{name}", accept=accept, authorised=False)

    def is_waited_for(self, stamp: datetime) -> bool:
        """Whether a file that did not come is new enough to be asked for again."""
        return self.asked.now - stamp < self.hours("wait_for_missing_hours")

    def tell_missing(self, missing: dict[datetime, str]) -> list[datetime]:
        """Say which files did not come and why; those that are to be asked for again."""
        again = [stamp for stamp in missing if self.is_waited_for(stamp)]
        given_up = [stamp for stamp in missing if stamp not in again]
        for stamps, then in (
            (again, "asked for again at the next fetch"),
            (given_up, "given up, and the events in it are missing"),
        ):
            if stamps:
                several = f" and {len(stamps) - 1:,} after it" if len(stamps) > 1 else ""
                self.asked.warn(
                    f"{WHO}'s file of {stamps[0]:%Y-%m-%d %H:%M} UTC{several} did not come "
                    f"({missing[stamps[0]]}): {'they are' if several else 'it is'} {then}."
                )
        return again
