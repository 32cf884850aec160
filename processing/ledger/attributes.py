"""Attributes of any layer as the values that the model keeps."""

from __future__ import annotations

import math
from datetime import datetime, timezone, tzinfo
from typing import Any, Optional

from qgis.PyQt.QtCore import QCoreApplication, QDate, QDateTime, Qt, QTime

from ...model.field import Kind
from ...model.review import REVIEW_FIELDS
from ...model.vocabulary import vocabulary
from ..line.instants import Unreadable, span_of

# The moment that a bare date means where the field is an end: the end of that day.
ENDS = (
    "valid_to",
    "occurred_to",
    "observed_to",
    "alleged_to",
    "harmed_to",
    "restricted_to",
    "due_at",
)


# What decides who may read a record, and what a review rests on: no code but those of the lists.
CODES_ALONE = (*REVIEW_FIELDS, "point_role")


class Unfit(ValueError):
    """A row that cannot be kept; the text says why."""


def tr(text: str) -> str:
    """A sentence in the user's language."""
    return QCoreApplication.translate("RecordMaker", text)


def read_attribute(field: str, kind: Kind, value: Any, zone: tzinfo) -> Any:
    """A value that is not NULL as a field of that kind keeps it; raises ValueError.

    ``zone`` is that of times without one and of bare dates.
    """
    try:
        return READERS[kind](field, value, zone)
    except (TypeError, OverflowError) as error:
        raise ValueError(value) from error


def read_code(field: str, value: str, name: str, every: bool) -> str:
    """The code of the list ``name`` that a value means, whatever its case and spaces.

    A user's own code is kept as it is. With ``every``, of ``CODES_ALONE`` one that the list does
    not have raises Unfit.
    """
    from ...feeds.words import labels

    if value in vocabulary(name):
        return value
    code = labels(name).get(" ".join(value.casefold().split()))
    if code is None and every and field in CODES_ALONE:
        raise Unfit(
            tr("“%1” is no code of %2: write %3.")
            .replace("%1", value)
            .replace("%2", field)
            .replace("%3", tr(" or ").join(vocabulary(name)))
        )
    return code or value


def word_for(kind: Kind) -> str:
    """What a field of that kind keeps, in words."""
    return WORDS[kind]()


def as_text(field: str, value: Any, zone: tzinfo) -> str:
    """A value as text: dates in ISO form, whole numbers without a point."""
    if isinstance(value, (QDate, QDateTime, QTime)):
        return value.toString(Qt.DateFormat.ISODate)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _whole(field: str, value: Any, zone: tzinfo) -> int:
    number = _real(field, value, zone)
    if not number.is_integer() or abs(number) > 2**53:
        raise ValueError(value)
    return int(number)


def _real(field: str, value: Any, zone: tzinfo) -> float:
    if isinstance(value, str) and value.count(",") == 1 and "." not in value:
        value = value.replace(",", ".")
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(value)
    return number


def _instant(field: str, value: Any, zone: tzinfo) -> Optional[datetime]:
    try:
        start, end = span_of(value, zone)
    except Unreadable:
        raise ValueError(value) from None
    moment = end if field in ENDS else start
    return None if moment is None else moment.astimezone(timezone.utc)


READERS = {
    Kind.TEXT: as_text,
    Kind.INTEGER: _whole,
    Kind.REAL: _real,
    Kind.INSTANT: _instant,
    Kind.BOOLEAN: _whole,
}
WORDS = {
    Kind.TEXT: lambda: tr("text"),
    Kind.INTEGER: lambda: tr("a whole number"),
    Kind.REAL: lambda: tr("a number"),
    Kind.INSTANT: lambda: tr("a date or time (write it as 2024-05-01 or 2024-05-01 18:30)"),
    Kind.BOOLEAN: lambda: tr("0 or 1"),
}
