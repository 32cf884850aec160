"""How a field and a table are described, once, for OGR, QGIS, SQLite and forms alike."""

from __future__ import annotations

import dataclasses
from enum import Enum
from typing import Optional, Tuple


class Kind(Enum):
    """What a column holds; ``INSTANT`` is a UTC moment."""

    TEXT = "text"
    INTEGER = "integer"
    REAL = "real"
    INSTANT = "instant"
    BOOLEAN = "boolean"


class Shape(Enum):
    """The geometry of a table's features, always in EPSG:4326."""

    NONE = "none"
    POINT = "point"
    LINE = "multilinestring"
    AREA = "multipolygon"


@dataclasses.dataclass(frozen=True)
class Field:
    """One column: its name in every file, what it holds, and its name for people."""

    name: str
    kind: Kind
    title: str


@dataclasses.dataclass(frozen=True)
class Table:
    """One table or layer of the ledger.

    ``key`` is unique. ``fields`` leave out the geometry and the feature id.
    """

    name: str
    title: str
    shape: Shape
    key: Optional[str]
    fields: Tuple[Field, ...]

    def names(self) -> list[str]:
        """The names of the columns, in order."""
        return [field.name for field in self.fields]


def _column(kind: Kind, title: str, **options):
    described = {"kind": kind, "title": title}
    return dataclasses.field(metadata=described, **{"default": None, **options})


def text(title: str, **options):
    """A text column of a record."""
    return _column(Kind.TEXT, title, **options)


def integer(title: str, **options):
    """A whole-number column of a record."""
    return _column(Kind.INTEGER, title, **options)


def real(title: str, **options):
    """A number column of a record."""
    return _column(Kind.REAL, title, **options)


def boolean(title: str, **options):
    """A yes-or-no column of a record."""
    return _column(Kind.BOOLEAN, title, **options)


def instant(title: str, **options):
    """A column that holds an aware ``datetime`` in UTC."""
    return _column(Kind.INSTANT, title, **options)


def table_of(record: type, name: str, title: str, shape: Shape, key: Optional[str]) -> Table:
    """The table that keeps ``record``: its columns are the record's described attributes.

    Attributes without a description (coordinates, geometry) are kept as the feature's geometry.
    """
    fields = tuple(
        Field(item.name, item.metadata["kind"], item.metadata["title"])
        for item in dataclasses.fields(record)
        if "kind" in item.metadata
    )
    return Table(name, title, shape, key, fields)
