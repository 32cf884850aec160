"""Records of forms as rows: one layout for a whole run, though each record has other questions."""

from __future__ import annotations

from typing import Any, Mapping, Optional

from ..personal import Withheld
from ..shapes import COLUMNS, NOWHERE
from ..table import named_columns
from .featurerows import cell

FIXED = ("source", "source_id", "verification", "workflow", "uncertainty_m", "uncertainty_kind")
# What the importer must be told beyond the names that it knows by itself.
MAPPING = {"source": "source", "workflow": "workflow"}
# The 68 % radius that phones give, brought to 95 % for a circular normal law:
# sqrt(ln 0.05 / ln 0.32).
TO_95 = 1.6215


class FormRows:
    """Grows its columns as questions are met, keeps those met before, leaves out persons.

    The first columns are ``FIXED``, the last three the geometry's. A question inside groups has
    its whole path as its column, and a second one of its own name where no other has that.
    """

    def __init__(self, source: str, withheld: Withheld):
        self.source = source
        self.withheld = withheld
        self.names: dict[str, bool] = {}
        self._rows: list[tuple[dict, Mapping[str, Any], list]] = []

    def know(self, path: str, kind: str = "") -> bool:
        """Take a question into the columns; False where it must be left out."""
        if path not in self.names:
            self.names[path] = self.withheld.keeps(path, kind)
        return self.names[path]

    def add(
        self,
        own_id: str,
        answers: Mapping[str, Any],
        place: Optional[list] = None,
        accuracy_m: Optional[float] = None,
        verification: Optional[str] = None,
        workflow: Optional[str] = None,
    ) -> None:
        """One record: its id, answers by path, cells of place, and a phone's accuracy."""
        for path in answers:
            self.know(path)
        good = accuracy_m is not None and accuracy_m > 0
        fixed = {
            "source": self.source,
            "source_id": own_id,
            "verification": verification,
            "workflow": workflow,
            "uncertainty_m": round(accuracy_m * TO_95, 1) if good else None,
            "uncertainty_kind": "gauss" if good else None,
        }
        self._rows.append((fixed, answers, list(place or NOWHERE)))

    def take(self) -> tuple[list[str], list[list]]:
        """Columns and rows of what was added since the last time."""
        paths = [path for path, kept in self.names.items() if kept]
        short = self._short(paths)
        header = named_columns([*FIXED, *paths, *short, *COLUMNS])
        rows = []
        for fixed, answers, place in self._rows:
            cells = {path: cell(answers.get(path)) for path in paths}
            rows.append(
                [
                    *(fixed[name] for name in FIXED),
                    *cells.values(),
                    *(cells[path] for path in short.values()),
                    *place,
                ]
            )
        self._rows = []
        return header, rows

    @staticmethod
    def _short(paths: list[str]) -> dict[str, str]:
        """Questions' own names where only one path ends with it, to the path."""
        ends: dict[str, list[str]] = {}
        for path in paths:
            ends.setdefault(path.split("/")[-1], []).append(path)
        whole = {name.casefold() for name in (*paths, *FIXED)}
        return {
            end: found[0]
            for end, found in ends.items()
            if len(found) == 1 and found[0] != end and end.casefold() not in whole
        }


def flattened(record: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Objects within objects as paths; lists, and objects that are geometries, as they are."""
    flat: dict[str, Any] = {}
    for name, value in record.items():
        path = f"{before}{name}"
        if isinstance(value, Mapping) and not is_geometry(value):
            flat.update(flattened(value, f"{path}/"))
        else:
            flat[path] = value
    return flat


def is_geometry(value: Any) -> bool:
    """Whether a JSON value is a GeoJSON geometry."""
    return (
        isinstance(value, Mapping)
        and isinstance(value.get("type"), str)
        and ("coordinates" in value or "geometries" in value)
    )
