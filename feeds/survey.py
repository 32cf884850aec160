"""What holds for a whole file that is imported in parts: one decision for all of them."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import Mapping, Optional

from .coordinates import UnreadableCoordinate, degrees
from .datefacts import DateFacts
from .table import cell_text, plain_name

# Names that columns of dates, times and coordinates have in the presets or elsewhere.
CLOCKS = ("date", "time", "day", "hour", "start", "end", "from", "to", "when", "begin", "occurred")
PLACES = ("lat", "lon", "lng", "x", "y", "xcoord", "ycoord")
LONGEST = 80


@dataclasses.dataclass
class Survey:
    """Facts of a file by the names of its columns.

    ``filled`` are the columns with any value (None: not told, each part sees for itself).
    ``dates`` the facts of columns that hold dates or times. ``beyond`` gives for columns of
    coordinates how many lie beyond 90° (up to 180°), and how many there are.
    """

    filled: Optional[set[str]] = None
    dates: dict[str, DateFacts] = dataclasses.field(default_factory=dict)
    beyond: dict[str, list[int]] = dataclasses.field(default_factory=dict)

    @classmethod
    def of_json(cls, told: Mapping) -> Survey:
        """The survey that ``as_json`` wrote."""
        filled = told.get("filled")
        return cls(
            set(filled) if filled is not None else None,
            {name: DateFacts.of_json(facts) for name, facts in told.get("dates", {}).items()},
            {name: list(counts) for name, counts in told.get("beyond", {}).items()},
        )

    def as_json(self) -> dict:
        """All of it as JSON, to go beside a part of the file."""
        return {
            "filled": sorted(self.filled) if self.filled is not None else None,
            "dates": {name: facts.as_json() for name, facts in self.dates.items()},
            "beyond": self.beyond,
        }

    def add(self, columns: list[str], rows: list[list]) -> None:
        """Look at one part of the file."""
        self.filled = set() if self.filled is None else self.filled
        for position, name in enumerate(columns):
            cells = Counter(row[position] for row in rows)
            texts: dict[str, int] = {}
            for value, times in cells.items():
                text = cell_text(value)
                if text is not None:
                    texts[text] = texts.get(text, 0) + times
            if not texts:
                continue
            self.filled.add(name)
            if may_be(name, PLACES):
                self._look_beyond(name, texts)
            if may_be(name, CLOCKS) or any(map(like_date, list(texts)[:50])):
                self._look_at_dates(name, texts, (cell_text(row[position]) for row in rows))

    def _look_at_dates(self, name: str, texts: dict[str, int], in_order) -> None:
        facts = self.dates.setdefault(name, DateFacts())
        facts.add({text: times for text, times in texts.items() if len(text) <= LONGEST})
        facts.sample(text for text in in_order if text)

    def _look_beyond(self, name: str, texts: dict[str, int]) -> None:
        counts = self.beyond.setdefault(name, [0, 0])
        for text, times in texts.items():
            try:
                value = degrees(text)
            except UnreadableCoordinate:
                continue
            if value is not None:
                counts[0] += times if 90.0 < abs(value) <= 180.0 else 0
                counts[1] += times


def may_be(name: str, words: tuple) -> bool:
    """Whether a column's name speaks of one of these: is it, or begins or ends with it."""
    plain = plain_name(name)
    return any(
        plain == word or (len(word) > 1 and (plain.startswith(word) or plain.endswith(word)))
        for word in words
    )


def like_date(text: str) -> bool:
    """Whether a cell could be a date or a time: short, with a digit and a sign between numbers."""
    return len(text) <= LONGEST and any(map(str.isdigit, text)) and any(s in text for s in "-/.:")
