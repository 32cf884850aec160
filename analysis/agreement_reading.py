"""JSON values as the records of an agreement, each held to what its key expects."""

from __future__ import annotations

import math
import re
from datetime import date
from typing import Any, Mapping, Optional
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ..model.agreement import (
    Clause,
    Exemption,
    Expects,
    Key,
    NamedLine,
    Party,
    Rule,
    Source,
    WeaponClass,
    ZoneDrawing,
    keys_of,
)
from .agreement_moments import CLOCK, DATED, HOURS, NUMBERED
from .agreement_problems import Problems, nearest_word, shown

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*", re.ASCII)
LARGEST_NUMBER = 1e9
NAMED = {
    Source: ("Source", "code"),
    Party: ("Party", "code"),
    WeaponClass: ("Weapon class", "code"),
    NamedLine: ("Line", "code"),
    ZoneDrawing: ("Zone", "code"),
    Clause: ("Clause", "reference"),
    Rule: ("rule", "code"),
    Exemption: ("exemption", "title"),
}
SINGULAR = {"limits": "limit", "bands": "band", "windows": "window", "changes": "change"}
MISFIT = object()


def record_of(record: type, told: Mapping[str, Any], where: str, problems: Problems):
    """A record of the model from a JSON object; what is wrong goes to ``problems``.

    Wrong values take the default, so that reading can go on; the caller stops if there are
    problems.
    """
    keys = keys_of(record)
    for name in told:
        if name not in keys:
            hint = nearest_word(name, keys)
            problems.add(where, f"the key {shown(name)} is not known{hint}")
    values = {}
    for name, key in keys.items():
        value = told.get(name)
        if value is None or (key.required and value in ("", [])):
            if key.required:
                what = f"a list of {_plural(key)}" if key.many else _expected(key)
                title = key.title[:1].lower() + key.title[1:]
                lack = f"key “{name}” is missing"
                if value == [] and key.of in NAMED:
                    lack = f"it has no {NAMED[key.of][0].lower()} (key “{name}” is an empty list)"
                problems.add(where, f"{lack}; {what} is expected: {title}")
            continue
        read = _many(name, key, value, where, problems) if key.many else None
        if not key.many:
            read = _one(name, key, value, where, problems)
        if read is not MISFIT:
            values[name] = read
    return record(**values)


def label_of(record: type, told: Mapping[str, Any], where: str, number: int) -> str:
    """How messages call an object: "Clause 2(b), rule “artillery”"."""
    word, name = NAMED[record]
    named = told.get(name)
    if record is Clause:
        return f"Clause {named}" if isinstance(named, str) and named else f"Clause no. {number}"
    called = f"{word} “{named}”" if isinstance(named, str) and named else f"{word} no. {number}"
    return called if word[0].isupper() else f"{where}, {called}"


def _many(name: str, key: Key, value: Any, where: str, problems: Problems):
    if not isinstance(value, list):
        problems.wrong(where, name, value, f"a list of {_plural(key)}")
        return MISFIT
    found = []
    for number, each in enumerate(value, 1):
        read = _one(name, key, each, where, problems, number)
        if read is not MISFIT:
            found.append(read)
    if key.expects is not Expects.OBJECT and key.expects is not Expects.RING:
        for twice in sorted({each for each in found if found.count(each) > 1}):
            problems.add(where, f"key “{name}” names {shown(twice)} twice")
    return tuple(found)


def _one(
    name: str, key: Key, value: Any, where: str, problems: Problems, number: Optional[int] = None
):
    if key.expects is Expects.OBJECT:
        return _object(name, key, value, where, problems, number)
    read = _READERS[key.expects](key, value)
    if read is MISFIT:
        at = where if number is None else f"{where}, no. {number} of its list"
        if key.expects is Expects.CHOICE:
            hint = nearest_word(value, [choice.value for choice in key.of])
            problems.add(at, f"key “{name}” is {shown(value)}, which is not known{hint}")
        else:
            problems.wrong(at, name, value, _expected(key))
    return read


def _object(name, key: Key, value, where: str, problems: Problems, number):
    if not isinstance(value, Mapping):
        problems.wrong(where, name, value, _expected(key))
        return MISFIT
    if key.of in NAMED:
        at = label_of(key.of, value, where, number or 1)
    elif number is not None:
        at = f"{where}, {SINGULAR.get(name, name)} {number}"
    else:
        at = f"{where}, “{name}”"
    if where == "The agreement" and key.of not in NAMED:
        at = name[:1].upper() + name[1:] + (f" no. {number}" if number else "")
    return record_of(key.of, value, at, problems)


def _expected(key: Key) -> str:
    return key.expects.value


def _plural(key: Key) -> str:
    if key.expects is Expects.OBJECT:
        return "objects in braces { }"
    if key.expects is Expects.RING:
        return "rings, each a list of [longitude, latitude] pairs in degrees"
    return "words in quotation marks"


def _text(key: Key, value):
    return value if isinstance(value, str) and value.strip() and "\x00" not in value else MISFIT


def _code(key: Key, value):
    if not isinstance(value, str) or not value:
        return MISFIT
    return value if key.refers or CODE.fullmatch(value) else MISFIT


def _whole(key: Key, value):
    fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_NUMBER
    return value if fits else MISFIT


def _number(key: Key, value):
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return MISFIT
    if isinstance(value, float) and not math.isfinite(value):
        return MISFIT
    return float(value) if 0 <= value <= LARGEST_NUMBER else MISFIT


def _yes_no(key: Key, value):
    return value if isinstance(value, bool) else MISFIT


def _date(key: Key, value):
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        return MISFIT
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return MISFIT
    return value if 1800 <= day.year <= 2999 else MISFIT


def _clock(key: Key, value):
    return value if isinstance(value, str) and CLOCK.fullmatch(value) else MISFIT


def _moment(key: Key, value):
    if not isinstance(value, str):
        return MISFIT
    dated = DATED.fullmatch(value)
    if dated:
        return value if _date(key, dated["date"]) is not MISFIT else MISFIT
    return value if NUMBERED.fullmatch(value) or HOURS.fullmatch(value) else MISFIT


def _zone(key: Key, value):
    if not isinstance(value, str) or not value:
        return MISFIT
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return MISFIT
    return value


def _choice(key: Key, value):
    known = {choice.value: choice for choice in key.of}
    return known.get(value, MISFIT) if isinstance(value, str) else MISFIT


def _ring(key: Key, value):
    if not isinstance(value, list):
        return MISFIT
    pairs = []
    for pair in value:
        if not isinstance(pair, list) or len(pair) != 2:
            return MISFIT
        lon, lat = (_degrees(pair[0], 540.0), _degrees(pair[1], 90.0))
        if lon is MISFIT or lat is MISFIT:
            return MISFIT
        pairs.append((lon, lat))
    return tuple(pairs)


def _degrees(value, limit: float):
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return MISFIT
    return float(value) if abs(value) <= limit else MISFIT


_READERS = {
    Expects.TEXT: _text,
    Expects.CODE: _code,
    Expects.WHOLE: _whole,
    Expects.NUMBER: _number,
    Expects.METRES: _number,
    Expects.YES_NO: _yes_no,
    Expects.DATE: _date,
    Expects.CLOCK: _clock,
    Expects.MOMENT: _moment,
    Expects.ZONE: _zone,
    Expects.CHOICE: _choice,
    Expects.RING: _ring,
}
