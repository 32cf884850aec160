"""When two states are the same, and what of a person's work a new state of a feed may change."""

from __future__ import annotations

from typing import Any, Optional

from ..model.field import Kind, Table
from ..model.tables import INCIDENTS
from .payload import BY_TRIGGER, point_of
from .rows import Row

DEGREES = 1e-7
RELATIVE = 1e-9
# What only people set after an import, with the importers' own beginnings.
OF_PEOPLE = {"verification": "unverified", "workflow": "recorded", "sensitivity": "restricted"}
WITHDRAWN = "withdrawn"
GEOMETRY = "geometry"
REVISION = INCIDENTS.names().index("revision")


def same_value(kind: Kind, old: Any, new: Any) -> bool:
    """Whether two values are equal; numbers but for the noise of floating point."""
    if old == new:
        return True
    if kind is not Kind.REAL or not _are_numbers(old, new):
        return False
    return abs(old - new) <= RELATIVE * max(abs(old), abs(new))


def same_geometry(old: Optional[bytes], new: Optional[bytes]) -> bool:
    """Whether two WKB are the same place, to 1e-7 degrees; lines and areas vertex by vertex."""
    if old == new:
        return True
    if old is None or new is None:
        return False
    if len(old) == len(new) == 21:
        a, b = point_of(old), point_of(new)
        if a is None or b is None:
            return a == b
        return abs(a[0] - b[0]) <= DEGREES and abs(a[1] - b[1]) <= DEGREES
    import shapely

    return bool(
        shapely.equals_exact(shapely.from_wkb(old), shapely.from_wkb(new), tolerance=DEGREES)
    )


def differences(table: Table, old: Row, new: Row) -> list[str]:
    """The names of the fields that differ, ``geometry`` among them; not what triggers keep."""
    names = []
    if old.values != new.values:
        for field, before, after in zip(table.fields, old.values, new.values):
            if before == after or field.name in BY_TRIGGER:
                continue
            if not same_value(field.kind, before, after):
                names.append(field.name)
    if not same_geometry(old.geometry, new.geometry):
        names.append(GEOMETRY)
    return names


def taken(table: Table, old: Row, new: Row, changed: list[str]) -> Row:
    """``old`` with the ``changed`` fields of ``new``; it rests on the revision that ``new`` was
    read as, or else on ``old``."""
    values = [
        after if field.name in changed else before
        for field, before, after in zip(table.fields, old.values, new.values)
    ]
    geometry = new.geometry if GEOMETRY in changed else old.geometry
    return Row(values, geometry, old.fid, _revision(table, new) or _revision(table, old))


def _revision(table: Table, row: Row) -> Optional[int]:
    return row.values[REVISION] if table is INCIDENTS else None


def open_to_feed(old: dict[str, Any], new: dict[str, Any], changed: list[str]) -> list[str]:
    """Of the changed fields, those that a feed may set on an incident in the ledger.

    ``old`` and ``new`` hold the values of OF_PEOPLE. A verification, workflow or sensitivity
    gives way only where the feed says something of its own; withdrawn stays withdrawn.
    """
    return [
        name
        for name in changed
        if name not in OF_PEOPLE
        or not (
            new[name] in (None, OF_PEOPLE[name]) or (name == "workflow" and old[name] == WITHDRAWN)
        )
    ]


def without_loss(table: Table, old: Row, new: Row, changed: list[str]) -> list[str]:
    """Of the changed fields, those where the new row knows something."""
    names = table.names()
    return [
        name
        for name in changed
        if (new.geometry if name == GEOMETRY else new.values[names.index(name)]) is not None
    ]


def _are_numbers(*values: Any) -> bool:
    return all(isinstance(value, (int, float)) for value in values)
