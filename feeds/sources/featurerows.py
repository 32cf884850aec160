"""Features with properties and a geometry as rows of a table, one layout for all of a run."""

from __future__ import annotations

import json
from typing import Any, Iterable, Mapping, Optional

from ..instants import steady
from ..shapes import COLUMNS, NOWHERE
from ..table import named_columns


class FeatureRows:
    """Grows its columns as properties are met, and keeps those met before.

    The first column is ``source_id``, the last three are the geometry's where ``located``. A
    property of one of these names is kept under a number ("source_id (2)").
    """

    def __init__(self, names: Iterable[str] = (), located: bool = True, midnight: str = "day"):
        self.names = list(dict.fromkeys(names))
        self._schema = len(self.names)
        self.located = located
        self.midnight_is_a_day = midnight != "time"
        self._rows: list[tuple[Optional[str], Mapping[str, Any], list]] = []

    def add(self, own_id: Any, properties: Optional[Mapping[str, Any]], place: list) -> None:
        """One feature: its id at the source, its properties, its three cells of place."""
        properties = properties or {}
        known = set(self.names)
        self.names.extend(name for name in properties if name not in known)
        self._rows.append((id_text(own_id), properties, place))

    @property
    def whole_schema(self) -> bool:
        """Whether a schema gave the columns, and no property was met that it does not have."""
        return 0 < self._schema == len(self.names)

    def take(self) -> tuple[list[str], list[list]]:
        """Columns and rows of what was added since the last time."""
        header = ["source_id", *self.names, *(COLUMNS if self.located else ())]
        rows = [
            [
                own_id,
                *(cell(properties.get(name), self.midnight_is_a_day) for name in self.names),
                *((place or NOWHERE) if self.located else ()),
            ]
            for own_id, properties, place in self._rows
        ]
        self._rows = []
        return named_columns(header), rows


def cell(value: Any, midnight_is_a_day: bool = True) -> Any:
    """A JSON value as a cell: lists and objects as JSON text, instants in their steady form."""
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False)
    return steady(value, midnight_is_a_day)


def id_text(value: Any) -> Optional[str]:
    """An id as text, a whole number without its point; None where there is none."""
    if value is None or isinstance(value, (list, dict)):
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return str(value).strip() or None
