"""Every record of an agreement, with how messages call it."""

from __future__ import annotations

import dataclasses
from typing import Any, Iterator

from ..model.agreement import (
    Agreement,
    Clause,
    Exemption,
    NamedLine,
    Party,
    Rule,
    Source,
    WeaponClass,
    ZoneDrawing,
)

NAMES = {
    Source: "Source “{code}”",
    Party: "Party “{code}”",
    WeaponClass: "Weapon class “{code}”",
    NamedLine: "Line “{code}”",
    ZoneDrawing: "Zone “{code}”",
    Clause: "Clause {reference}",
}


def records(agreement: Agreement) -> Iterator[tuple[str, Any]]:
    """Every record of an agreement with how messages call it."""
    yield from _walk("The agreement", agreement)


def _walk(where: str, record: Any) -> Iterator[tuple[str, Any]]:
    yield where, record
    for item in dataclasses.fields(record):
        value = getattr(record, item.name)
        many = value if isinstance(value, tuple) else (value,)
        for number, each in enumerate(many, 1):
            if dataclasses.is_dataclass(each):
                yield from _walk(_named(where, item.name, each, number), each)


def _named(where: str, key: str, record: Any, number: int) -> str:
    if type(record) in NAMES:
        return NAMES[type(record)].format(**vars(record))
    if isinstance(record, Rule):
        return f"{where}, rule “{record.code}”"
    if isinstance(record, Exemption):
        return f"{where}, exemption “{record.title}”"
    if where == "The agreement":
        return key[:1].upper() + key[1:] + (f" no. {number}" if key != "timing" else "")
    return f"{where}, “{key}”" if key == "where" else f"{where}, {key.rstrip('s')} {number}"
