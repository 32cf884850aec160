"""The columns of many new incidents, and their payload as the triggers would write it."""

from __future__ import annotations

import json
from operator import itemgetter
from typing import Any, Optional, Sequence

from ..model.tables import INCIDENTS
from .payload import BY_TRIGGER
from .rows import Row

KEPT = [index for index, field in enumerate(INCIDENTS.fields) if field.name not in BY_TRIGGER]
COLUMNS = [INCIDENTS.fields[index].name for index in KEPT]
_quoted = json.encoder.c_encode_basestring or json.encoder.py_encode_basestring


class Columns:
    """The columns in which some rows have values: what no row knows need not be carried.

    ``take`` gives these values of a row's, the incident's id first.
    """

    def __init__(self, used: Sequence[int]):
        self.take = itemgetter(*used)
        self.names = [INCIDENTS.fields[index].name for index in used]
        # What stands before each value, members that are not known included.
        self.heads, before = [], ""
        for number, index in enumerate(KEPT):
            before += f'{"," if number else "{"}"{INCIDENTS.fields[index].name}":'
            if index in used:
                self.heads.append(before)
                before = ""
            else:
                before += "null"
        self.tail = f'{before},"geometry":'

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Columns:
        """Those of some rows; the first two always."""
        rest = [index for index in KEPT[2:] if any(row.values[index] is not None for row in rows)]
        return cls([*KEPT[:2], *rest])

    def listed(self) -> str:
        """Their names, for a statement."""
        return ", ".join(f'"{name}"' for name in self.names)

    def values(self) -> str:
        """What goes into each of ``COLUMNS``, for a statement."""
        return ", ".join(f'"{name}"' if name in self.names else "NULL" for name in COLUMNS)

    def canonical_text(self, values: Sequence[Any], geometry: Optional[bytes]) -> str:
        """An incident's payload as `payload.payload_sql` writes it, of values that were taken."""
        parts = [
            head + (_quoted(value) if type(value) is str else _number(value))
            for head, value in zip(self.heads, values)
        ]
        wkb = "null" if geometry is None else f'"{geometry.hex().upper()}"'
        return f"{''.join(parts)}{self.tail}{wkb}}}"


def _number(value: Any) -> str:
    if value is None:
        return "null"
    if type(value) is int:
        return str(value)
    if value in (float("inf"), float("-inf")):
        return "9e999" if value > 0 else "-9e999"
    # SQLite knows no zero below zero.
    digits = f"{value + 0.0:.17g}"
    mantissa, e, exponent = digits.partition("e")
    return digits if "." in mantissa else f"{mantissa}.0{e}{exponent}"
