"""One import at work: the sheet, the clock, the places and the notes that presets share."""

from __future__ import annotations

import dataclasses
from datetime import tzinfo
from typing import Callable, Optional, Union

from ..model.incident import Effort, Incident, Observation, Post, content_id, incident_id
from .dates import UnreadableDate
from .moments import Moments, When
from .notes import Notes
from .numbers import NOT_KNOWN, Count, count, is_empty_word, whole
from .places import Gazetteer
from .precision import Precision
from .sheet import Sheet

AMBIGUOUS = "day and month could stand either way"
DOUBLED = "the local time fell into the hour that the clock ran through twice, and covers both"
UNREADABLE_COUNT = "the number could not be read and was taken as not known"
UNREADABLE_FIGURE = "a figure of deaths or injured could not be read and was left empty"


@dataclasses.dataclass
class Sector:
    """Where to put an incident: seen from a point, within a direction and a range."""

    longitude: float
    latitude: float
    bearing_deg: float
    halfwidth_deg: float
    range_min_m: float
    range_max_m: float


@dataclasses.dataclass
class Found:
    """What one row gave: an incident with its observation, or effort; and the post it names."""

    incident: Optional[Incident] = None
    observation: Optional[Observation] = None
    effort: Optional[Effort] = None
    post: Optional[Post] = None
    sector: Optional[Sector] = None


Outcome = Union[Incident, Found]
ReadRow = Callable[[int, list], Outcome]


@dataclasses.dataclass
class Work:
    """What a preset works with; ``source`` begins every id."""

    sheet: Sheet
    zone: tzinfo
    notes: Notes
    source: str
    gazetteer: Gazetteer
    title: str = ""
    path: Optional[str] = None
    latest: Optional[int] = None

    def __post_init__(self):
        self._own_id = self.sheet.getter("source_id")
        self._source = self.sheet.getter("source")

    def identity(self, cells: list) -> dict:
        """The incident's id, source and source id; a row without an id gets one of its content."""
        source = self._source(cells) or self.source
        own = self._own_id(cells)
        source_id = own if not is_empty_word(own) else content_id(*cells)
        return {
            "incident_id": incident_id(source, source_id),
            "source": source,
            "source_id": source_id,
        }

    def when(self, moments: Moments, i: int, field: str, *texts, year=None) -> When:
        """The time of row ``i``; raises RowError for what the date column ``field`` holds."""
        if is_empty_word(texts[0]):
            raise self.sheet.wrong(field, texts[0], "the row has no date")
        try:
            when = moments.when(*texts, year=year)
        except UnreadableDate as error:
            value = " ".join(text for text in texts if text)
            raise self.sheet.wrong(field, value, f"the date cannot be taken: {error}") from None
        if when.ambiguous:
            self.notes.row(AMBIGUOUS, self.sheet.numbers[i])
        if when.doubled:
            self.notes.row(DOUBLED, self.sheet.numbers[i])
        return when

    def year_of(self, text: Optional[str]) -> Optional[int]:
        """A year from a cell; None where it holds none."""
        value = whole(text) if text else None
        return value if value is not None and 1900 <= value <= 2100 else None

    def counted(self, i: int, text: Optional[str]) -> Count:
        """How many, from a cell; what cannot be read is not known, and noted."""
        if text is None:
            return NOT_KNOWN
        known = count(text)
        if known is None:
            self.notes.row(UNREADABLE_COUNT, self.sheet.numbers[i])
            return NOT_KNOWN
        return known

    def figure(self, i: int, text: Optional[str]) -> Optional[int]:
        """A figure of deaths or injured; None where empty, N/K or unreadable (noted)."""
        if text is None or is_empty_word(text):
            return None
        value = whole(text)
        if value is None:
            self.notes.row(UNREADABLE_FIGURE, self.sheet.numbers[i])
        return value


ONE = {"count_low": 1, "count_high": 1, "count_qualifier": "exact"}


def time_of(when: When) -> dict:
    """The fields of an incident that say when."""
    return {
        "occurred_from": when.start,
        "occurred_to": when.end,
        "time_precision": when.precision,
        "span_is": when.span_is,
        "time_text": when.text,
    }


def place_of(point: Optional[tuple[float, float]], precision: Optional[Precision]) -> dict:
    """The fields of an incident that say where; none without a point."""
    if point is None:
        return {}
    where = {"longitude": point[0], "latitude": point[1]}
    if precision is None:
        return where
    return {
        **where,
        "point_role": precision.point_role,
        "uncertainty_m": precision.uncertainty_m,
        "uncertainty_kind": precision.uncertainty_kind,
    }
