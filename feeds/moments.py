"""The times of a table's rows: order of day and month, midnights, clock changes."""

from __future__ import annotations

import dataclasses
import re
from datetime import datetime, timedelta, tzinfo
from enum import Enum
from typing import Iterable, Optional

from .datefacts import MIDNIGHT_TEXT, DateFacts
from .dateorder import Order, decided
from .dates import (
    Day,
    Reading,
    UnreadableDate,
    YearMissing,
    read_moment,
    whole_day,
    with_time,
    year_now,
)
from .notes import Notes
from .numbers import is_empty_word
from .sheet import Sheet
from .span import to_utc
from .years import YearSaid

MIDNIGHT_SHARE = 0.1


class Midnight(Enum):
    """What 00:00 means: a time, no time at all, or what its share in the file suggests."""

    IS_A_TIME = "time"
    IS_UNKNOWN = "unknown"
    BY_SHARE = "share"


@dataclasses.dataclass(frozen=True)
class When:
    """The four values of the model's time, and the text they came from."""

    start: datetime
    end: datetime
    precision: str
    span_is: str
    text: str
    ambiguous: bool = False
    doubled: bool = False


class Moments:
    """Reads the times of one table; ``fields`` are those that hold dates.

    Decides day or month first over all of them together, and what midnight means.
    """

    def __init__(
        self,
        sheet: Sheet,
        zone: tzinfo,
        notes: Notes,
        fields: Iterable[str],
        midnight: Midnight = Midnight.BY_SHARE,
        day_first: Optional[bool] = None,
        year: Optional[YearSaid] = None,
        latest: Optional[int] = None,
    ):
        self.sheet, self.zone, self.notes = sheet, zone, notes
        self.year = year
        self.latest = latest or year_now()
        self.fields = [field for field in fields if sheet.has(field)]
        facts = DateFacts()
        for field in self.fields:
            facts.merge(sheet.date_facts(field))
        self.order: Order = decided(facts.votes, day_first)
        if self.order.sentence:
            notes.say(self.order.sentence)
        if sheet.has("time"):
            facts.merge(sheet.date_facts("time"))
        self.midnight_unknown = self._midnight(midnight, facts)
        # Without any seconds other than 00, times are known to the minute.
        self.to_the_minute = not facts.seconds
        self._cache: dict[tuple, object] = {}

    def _midnight(self, midnight: Midnight, facts: DateFacts) -> bool:
        if midnight is not Midnight.BY_SHARE:
            return midnight is Midnight.IS_UNKNOWN
        unknown = facts.midnight > MIDNIGHT_SHARE * facts.timed and facts.midnight >= 1
        if unknown and facts.midnight < facts.timed:
            self.notes.say(
                f"{facts.midnight:,} of {facts.timed:,} times are 00:00, far more than chance: "
                "there the time was taken as not known, and the incident as of the whole day."
            )
        return unknown

    def when(self, date_text, time_text=None, to_date=None, to_time=None, year=None) -> When:
        """The time of a row; raises UnreadableDate (see the module dates)."""
        key = (date_text, time_text, to_date, to_time, year)
        found = self._cache.get(key)
        if found is None:
            try:
                found = self._read(*key)
            except UnreadableDate as error:
                found = error
            except OverflowError:
                found = UnreadableDate("this is not a date")
            self._cache[key] = found
        if isinstance(found, UnreadableDate):
            raise found
        return found

    def _read(self, date_text, time_text, to_date, to_time, year) -> When:
        first, ambiguous = self._reading(date_text, time_text, year)
        text = " ".join(part for part in (date_text, time_text) if part)
        if to_date == date_text and to_time == time_text:
            to_date = to_time = None
        if is_empty_word(to_date) and is_empty_word(to_time):
            return self._single(first, ambiguous, text)
        last, also = self._reading(
            date_text_only(date_text) if is_empty_word(to_date) else to_date, to_time, year
        )
        text += " – " + " ".join(part for part in (to_date, to_time) if part)
        if is_empty_word(to_date) and last.start < first.start:
            day = timedelta(days=1)
            last = dataclasses.replace(last, start=last.start + day, end=last.end + day)
        if last.start < first.start:
            raise UnreadableDate("the end lies before the beginning")
        if (last.start, last.end) == (first.start, first.end):
            return self._single(first, ambiguous or also, text)
        begin, finish = to_utc(first, self.zone), to_utc(last, self.zone)
        exact_end = last.precision in ("minute", "second", "hour") and last.start > first.start
        end = to_utc_start(last, self.zone) if exact_end else finish.end
        precision = coarser(begin.precision, finish.precision)
        return When(
            begin.start,
            end,
            precision,
            "duration",
            text,
            ambiguous or also,
            begin.doubled or finish.doubled,
        )

    def _single(self, reading: Reading, ambiguous: bool, text: str) -> When:
        span = to_utc(reading, self.zone)
        if span.precision == "day" and self.midnight_unknown:
            text = MIDNIGHT_TEXT.sub("", text).strip(" T") or text
        return When(
            span.start, span.end, span.precision, "uncertainty", text, ambiguous, span.doubled
        )

    def _dated(self, text: str, day_first: bool, year: Optional[int]) -> Reading:
        """The reading of a date; one without a year takes the row's, else that said of the file."""
        try:
            return read_moment(text, day_first, year, self.latest)
        except YearMissing:
            if self.year is None:
                raise
        reading = read_moment(text, day_first, self.year.year, self.latest)
        if self.year.as_of is not None and reading.start.date() > self.year.as_of:
            return read_moment(text, day_first, self.year.year - 1, self.latest)
        return reading

    def _reading(self, date_text, time_text, year) -> tuple[Reading, bool]:
        day_first, certain = self.order.of(date_text or "")
        reading = self._dated(date_text or "", day_first, year)
        if not is_empty_word(time_text):
            day = Day(reading.start.date(), reading.start.date() + timedelta(days=1), "day", "")
            reading = dataclasses.replace(with_time(day, time_text), ambiguous=reading.ambiguous)
        if reading.midnight and self.midnight_unknown:
            first = reading.start.date()
            day = Day(first, first + timedelta(days=1), "day", "", reading.ambiguous)
            reading = whole_day(day)
        elif reading.precision == "second" and self.to_the_minute and not reading.is_range:
            end = reading.start + timedelta(minutes=1)
            reading = dataclasses.replace(reading, end=end, precision="minute")
        return reading, reading.ambiguous and not certain


def date_text_only(text: Optional[str]) -> Optional[str]:
    """A date's text without its time, for an end that names only a time."""
    return re.split(r"[T,]| \d{1,2}[:.]", text)[0].strip() if text else text


def to_utc_start(reading: Reading, zone: tzinfo) -> datetime:
    """The instant an end names (the end itself is left out of a half-open span)."""
    point = dataclasses.replace(
        reading, end=reading.start + timedelta(microseconds=1), is_range=False
    )
    span = to_utc(point, zone)
    return span.end - timedelta(microseconds=1)


def coarser(one: str, other: str) -> str:
    """The coarser of two precisions."""
    rank = ["second", "minute", "hour", "day", "week", "month", "year"]
    return max(one, other, key=rank.index)
