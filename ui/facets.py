"""The facets of incidents: by what, besides words, period and flag, a table can be narrowed."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Callable, Dict, List, Mapping, Optional, Sequence

from qgis.PyQt.QtCore import QCoreApplication

from ..model.vocabulary import label

if TYPE_CHECKING:
    import numpy as np

    from .incident_row import IncidentRow

# What stands where nothing is known; no code of a vocabulary is empty.
NOT_KNOWN = ""
LOCATED = {True: "located", False: "not_located"}


@dataclasses.dataclass(frozen=True)
class Facet:
    """One facet: its name, the value of a row (NOT_KNOWN where there is none), and its words.

    ``vocabulary`` gives the words of a code; where it is empty, the value is its own word.
    """

    name: str
    of: Callable[[IncidentRow], str]
    vocabulary: str = ""


def _field(name: str) -> Callable[[IncidentRow], str]:
    return lambda row: getattr(row, name) or NOT_KNOWN


FACETS = (
    Facet("category", _field("category"), "categories"),
    Facet("weapon", _field("weapon"), "weapon_types"),
    Facet("line_side", _field("line_side")),
    Facet("verification", _field("verification"), "verifications"),
    Facet("workflow", _field("workflow"), "workflows"),
    Facet("source", _field("source")),
    Facet("admin1", _field("admin1")),
    Facet("zones", _field("zones")),
    Facet("located", lambda row: LOCATED[bool(row.located)]),
)


def tr(text: str) -> str:
    """The text in the user's language."""
    return QCoreApplication.translate("Facets", text)


def facet_title(name: str) -> str:
    """What stands over a facet."""
    return {
        "category": tr("Category"),
        "weapon": tr("Weapon"),
        "line_side": tr("Side of the line"),
        "verification": tr("Verification"),
        "workflow": tr("Workflow"),
        "source": tr("Source"),
        "admin1": tr("Area"),
        "zones": tr("Zone"),
        "located": tr("Place"),
    }[name]


def value_words(facet: Facet, value: str) -> str:
    """A value in words."""
    if value == NOT_KNOWN:
        return tr("not known")
    if facet.name == "located":
        return tr("located") if value == LOCATED[True] else tr("without a place")
    if facet.vocabulary:
        return label(facet.vocabulary, value) or value
    return value.replace("_", " ") if facet.name == "line_side" else value


class FacetColumns:
    """Rows as columns, so that a filter is a few steps over arrays.

    ``codes[facet]`` has one small number a row, into ``values[facet]``; ``occurred_from`` (seconds
    since 1970) and ``line_distance_m`` are NaN where not known; ``flag_codes`` index ``flags``.
    """

    def __init__(self, rows: Sequence[IncidentRow], flag_of: Callable[[IncidentRow], str]):

        self.codes: Dict[str, np.ndarray] = {}
        self.values: Dict[str, List[str]] = {}
        for facet in FACETS:
            self.codes[facet.name], self.values[facet.name] = _coded(map(facet.of, rows), len(rows))
        self.flag_codes, self.flags = _coded(map(flag_of, rows), len(rows))
        self.occurred_from = _reals(row.occurred_from for row in rows)
        self.line_distance_m = _reals(row.line_distance_m for row in rows)

    def among(self, facet: str, wanted: frozenset) -> np.ndarray:
        """A mask of the rows whose value is one of those wanted."""
        import numpy as np

        values = self.values[facet]
        chosen = np.array([value in wanted for value in values] or [False])
        return chosen[self.codes[facet]] if len(values) else np.zeros(0, dtype=bool)

    def counts(self, facet: str, mask: Optional[np.ndarray]) -> Mapping[str, int]:
        """How many rows of a mask have each value; all rows without a mask."""
        import numpy as np

        values = self.values[facet]
        codes = self.codes[facet] if mask is None else self.codes[facet][mask]
        counts = np.bincount(codes, minlength=len(values)).tolist()
        return dict(zip(values, counts))


def _coded(values, count: int):
    import numpy as np

    known: Dict[str, int] = {}
    codes = np.fromiter(
        (known.setdefault(value, len(known)) for value in values), dtype=np.int32, count=count
    )
    return codes, list(known)


def _reals(values) -> np.ndarray:
    import numpy as np

    return np.array([float("nan") if value is None else value for value in values], dtype=float)
