"""The words of a brief: labels, numbers, dates, and sentences from the templates in resources."""

from __future__ import annotations

import dataclasses
import functools
import json
from datetime import date, datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import Any, Optional

from ..model.errors import CeasefireError
from ..model.vocabulary import label as vocabulary_label
from .counting import Total
from .period import Period

FOLDER = Path(__file__).resolve().parent.parent / "resources" / "words"
_INSTANT = timedelta(microseconds=1)
# A feed's months may be those of another zone: they begin less than this from the local ones.
_ZONES_APART = timedelta(hours=15)


def languages() -> list[str]:
    """The languages that have words, as codes."""
    return sorted(path.parent.name for path in FOLDER.glob("*/labels.json"))


class Words:
    """The words of one language.

    ``noun`` is "violation" where an agreement is in force, else "incident".
    """

    def __init__(self, language: str, zone: tzinfo, violation: bool):
        path = FOLDER / language / "labels.json"
        if not path.is_file():
            raise CeasefireError(
                f"There are no words for the language “{language}”. "
                f"Choose one of: {', '.join(languages())}."
            )
        self.language = language
        self.zone = zone
        self._labels = _labels(language)
        self.noun = self("violation" if violation else "incident")
        self.nouns = self("violations" if violation else "incidents")

    def __call__(self, key: str) -> str:
        """The label of a key; raises KeyError for one that the language does not have."""
        return self._labels[key]

    def __contains__(self, key: str) -> bool:
        return key in self._labels

    def title(self, vocabulary: str, value: Optional[str]) -> str:
        """The label of a code with a capital, as the first word of a cell."""
        text = self.code(vocabulary, value)
        return text[:1].upper() + text[1:]

    def code(self, vocabulary: str, value: Optional[str]) -> str:
        """The label of a vocabulary's code, "not known" for none."""
        return vocabulary_label(vocabulary, value, self.language) if value else self("not_known")

    def number(self, value: float, digits: int = 0) -> str:
        """A number with thousands apart."""
        return f"{value:,.{digits}f}"

    def hours(self, value: float) -> str:
        """Hours, to a tenth where there are few."""
        fine = 0 < value < 10 and round(value, 1) != round(value)
        return self.number(value, 1 if fine else 0)

    def amount(self, total: Optional[Total]) -> str:
        """A total in words: "60", "46–52", "at least 46", "12 and an undetermined number"."""
        if total is None:
            return "\u2013"
        if total.undetermined and total.undetermined == total.rows:
            return self("undetermined_number")
        text = self.number(total.low)
        if total.high > total.low:
            text += f"\u2013{self.number(total.high)}"
        if total.at_least:
            text = f"{self('at_least')} {text}"
        elif total.about:
            text = f"{self('about')} {text}"
        if total.undetermined:
            text += f" {self('and_undetermined')}"
        return text

    def day(self, day: date) -> str:
        """A date in words: "3 Mar 2031"."""
        return f"{day.day} {self._labels['months'][day.month - 1]} {day.year}"

    def step(self, label: date, step: str) -> str:
        """A step of a timeline: its day, or its hour as local time."""
        return f"{label:%H:%M}" if step == "hour" else self.day(label)

    def moment(
        self,
        moment: Optional[datetime],
        precision: Optional[str] = None,
        until: Optional[datetime] = None,
    ) -> str:
        """A moment in local time, no finer than it is known.

        ``until`` (exclusive) ends the span in which it lies: a time known to the week, month or
        year is printed as that span where it is not just a whole month or year.
        """
        if moment is None:
            return self("not_known")
        local = moment.astimezone(self.zone)
        span = self._days_between(moment, precision, until)
        if span:
            return span
        if precision in ("month", "year"):
            if until is not None and until > moment:
                local = _middle(local, until.astimezone(self.zone))
            month = self._labels["months"][local.month - 1]
            return f"{month} {local.year}" if precision == "month" else str(local.year)
        if precision in ("day", "week"):
            return self.day(local.date())
        return f"{self.day(local.date())}, {local:%H:%M}"

    def _days_between(
        self, moment: datetime, precision: Optional[str], until: Optional[datetime]
    ) -> str:
        """The days of a span, "16 Feb to 15 May 2031"; empty where the precision names it."""
        if precision not in ("week", "month", "year") or until is None or until <= moment:
            return ""
        local = moment.astimezone(self.zone)
        if precision != "week" and _is_whole(local, until.astimezone(self.zone), precision):
            return ""
        first, last = local.date(), (until - _INSTANT).astimezone(self.zone).date()
        if first == last:
            return self.day(first)
        begin = self.day(first)
        if first.year == last.year:
            begin = begin.rsplit(" ", 1)[0]
        return f"{begin} {self('to')} {self.day(last)}"

    def amount_of(self, total: Total, noun: str, nouns: str) -> str:
        """A total with its noun: "60 incidents", "12 incidents and an undetermined number more"."""
        if not total.undetermined:
            return f"{self.amount(total)} {noun if total.high == 1 else nouns}"
        if total.undetermined == total.rows:
            return f"{self('undetermined_number')} {self('of')} {nouns}"
        known = dataclasses.replace(total, undetermined=0)
        return f"{self.amount(known)} {nouns} {self('and_undetermined')} {self('more_of_them')}"

    def span(self, period: Period) -> str:
        """A period in words: its days where it is whole days, else its moments."""
        start, end = (item.astimezone(self.zone) for item in (period.start, period.end))
        if start.time() == end.time() == time(0, 0) and period.day_start == time(0, 0):
            first, last = start.date(), end.date() - timedelta(days=1)
            if first == last:
                return self.day(first)
            return f"{self.day(first)} {self('to')} {self.day(last)}"
        return f"{self.moment(period.start)} {self('to')} {self.moment(period.end)}"

    def short_moment(
        self,
        moment: Optional[datetime],
        precision: Optional[str] = None,
        until: Optional[datetime] = None,
    ) -> str:
        """A moment without its year, for tables whose page names the period; spans keep it."""
        text = self.moment(moment, precision, until)
        if moment is None or precision in ("month", "year"):
            return text
        if self._days_between(moment, precision, until):
            return text
        return text.replace(f" {moment.astimezone(self.zone).year}", "", 1)

    def paragraphs(self, name: str, **values: Any) -> list[str]:
        """The paragraphs of a template: its lines that are not empty, with the values put in."""
        from jinja2 import TemplateError

        try:
            text = _environment(self.language).get_template(f"{name}.j2").render(w=self, **values)
        except TemplateError as error:
            raise CeasefireError(
                f"The words “{name}” ({self.language}) have a mistake: {error}. "
                f"Correct {FOLDER / self.language / (name + '.j2')}."
            ) from None
        lines = (" ".join(line.split()) for line in text.splitlines())
        return [line for line in lines if line]


def _middle(start: datetime, end: datetime) -> datetime:
    return start + (end - start) / 2


def _is_whole(start: datetime, end: datetime, precision: str) -> bool:
    """Whether a local span is one calendar month or year, also one cut in a neighbouring zone."""
    middle = _middle(start, end).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    first = middle if precision == "month" else middle.replace(month=1)
    # 32 days after a month's first, and 366 after a year's, lie in the next month or year.
    next_one = first + timedelta(days=32 if precision == "month" else 366)
    last = next_one.replace(day=1)
    return abs(start - first) < _ZONES_APART and abs(end - last) < _ZONES_APART


@functools.lru_cache(maxsize=8)
def _labels(language: str) -> dict[str, Any]:
    return json.loads((FOLDER / language / "labels.json").read_text(encoding="utf-8"))


@functools.lru_cache(maxsize=8)
def _environment(language: str):
    """A sandbox: a template that a user changed can read its values and nothing else."""
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    return SandboxedEnvironment(
        loader=FileSystemLoader(str(FOLDER / language)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
