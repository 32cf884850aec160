"""Contact lines made ready for measuring: their parts in order, their dates and their names."""

from __future__ import annotations

import dataclasses
from typing import Optional

import numpy as np
import shapely

from ..model.errors import CeasefireError
from .line_parts import order_parts, unit_vectors
from .line_pieces import Pieces, cut
from .line_search import LineSearch

MICROSECONDS = "datetime64[us]"
NAMED = (
    "line_id",
    "line_name",
    "kind",
    "front",
    "left_party",
    "right_party",
    "written_from",
    "written_to",
)


@dataclasses.dataclass
class LineColumns:
    """Contact lines as they are given, one array a field, all of one length.

    ``geometry``: shapely lines, EPSG:4326. ``valid_from`` (inclusive) and ``valid_to`` (exclusive)
    are ``datetime64[us]`` in UTC, NaT for an open end. ``uncertainty_m`` holds 95 % of the true
    positions, NaN where not known. The names are object arrays of text or None. ``label`` is how
    messages call a line ("feature 12"); ``written_from`` and ``written_to`` are the dates as the
    user wrote them, for messages. What is left out is not known.
    """

    geometry: np.ndarray
    label: Optional[np.ndarray] = None
    line_id: Optional[np.ndarray] = None
    line_name: Optional[np.ndarray] = None
    kind: Optional[np.ndarray] = None
    front: Optional[np.ndarray] = None
    left_party: Optional[np.ndarray] = None
    right_party: Optional[np.ndarray] = None
    valid_from: Optional[np.ndarray] = None
    valid_to: Optional[np.ndarray] = None
    uncertainty_m: Optional[np.ndarray] = None
    written_from: Optional[np.ndarray] = None
    written_to: Optional[np.ndarray] = None

    def __post_init__(self):
        count = len(self.geometry)
        self.geometry = np.asarray(self.geometry, dtype=object)
        if self.label is None:
            self.label = np.array([f"line {index + 1}" for index in range(count)], dtype=object)
        for name in NAMED:
            values = getattr(self, name)
            values = [None] * count if values is None else values
            column = np.empty(count, dtype=object)
            column[:] = [value if value not in ("", None) else None for value in values]
            setattr(self, name, column)
        for name in ("valid_from", "valid_to"):
            values = getattr(self, name)
            empty = np.full(count, "NaT", dtype=MICROSECONDS)
            setattr(self, name, empty if values is None else np.asarray(values, MICROSECONDS))
        known = self.uncertainty_m
        self.uncertainty_m = np.full(count, np.nan) if known is None else np.asarray(known, float)

    def __len__(self) -> int:
        return len(self.geometry)

    def take(self, chosen) -> LineColumns:
        """The lines that an index array or mask chooses."""
        names = [field.name for field in dataclasses.fields(self)]
        return LineColumns(**{name: getattr(self, name)[chosen] for name in names})


@dataclasses.dataclass
class PreparedLine:
    """The geometry of one line: its pieces, and the search for the nearest of them."""

    pieces: Pieces
    search: LineSearch
    length_m: float


@dataclasses.dataclass
class PreparedLines:
    """Lines that can be measured against: ``columns`` and ``lines`` run side by side.

    ``notes`` say in whole sentences what was repaired, left out or looks doubtful.
    """

    columns: LineColumns
    lines: list[PreparedLine]
    notes: list[str]

    def __len__(self) -> int:
        return len(self.lines)


def prepare_lines(columns: LineColumns, kind: Optional[str] = None) -> PreparedLines:
    """Make lines ready: order their parts, cut them into pieces, and check their dates.

    ``kind`` keeps the lines of that kind alone. A line that cannot be used (no length, no valid
    dates, not a line) is left out and named in ``notes``. Raises CeasefireError where no line is
    given, kinds mix and none is chosen, or none can be used.
    """
    if len(columns) == 0:
        raise CeasefireError(
            "The layer of contact lines has no features. Choose a layer that has at least one line."
        )
    columns = of_one_kind(columns, kind)
    notes: list[str] = []
    kept: list[int] = []
    lines: list[PreparedLine] = []
    for index in range(len(columns)):
        label = columns.label[index]
        problem = _problem_with_fields(columns, index)
        line = None
        if problem is None:
            line, problem = _prepare_geometry(columns.geometry[index], label, notes)
        if problem is not None:
            notes.append(f"{_capital(label)} {problem}; it was left out.")
            continue
        kept.append(index)
        lines.append(line)
    if not lines:
        reasons = " ".join(notes[:3])
        raise CeasefireError(f"None of the contact lines can be used. {reasons}")
    columns = columns.take(np.array(kept))
    _drop_odd_uncertainty(columns, notes)
    notes += _one_party_on_both_sides(columns)
    return PreparedLines(columns, lines, notes + overlaps(columns))


def of_one_kind(columns: LineColumns, kind: Optional[str]) -> LineColumns:
    """The lines of ``kind``; all, where none is asked and the lines are of one kind."""
    kinds = sorted({value for value in columns.kind if value is not None})
    if kind:
        chosen = columns.kind == kind
        if not chosen.any():
            have = ", ".join(f"“{value}”" for value in kinds) or "none that is named"
            raise CeasefireError(
                f"No contact line is of the kind “{kind}”. The layer has these kinds: {have}."
            )
        return columns.take(chosen)
    unnamed = any(value is None for value in columns.kind)
    if len(kinds) > 1 or (kinds and unnamed):
        listed = ", ".join(f"“{value}”" for value in kinds)
        listed += " and lines without a kind" if unnamed else ""
        raise CeasefireError(
            f"The contact lines are of different kinds: {listed}. "
            "Choose one of them as the kind of line to measure from."
        )
    return columns


def overlaps(columns: LineColumns) -> list[str]:
    """Sentences on lines of the same name, kind and sides that are in force at the same time."""
    sentences = []
    groups: dict[tuple, list[int]] = {}
    for index in range(len(columns)):
        names = tuple(
            getattr(columns, name)[index]
            for name in ("kind", "front", "line_name", "left_party", "right_party")
        )
        groups.setdefault(names, []).append(index)
    starts, ends = validity_bounds(columns)
    for members in groups.values():
        order = sorted(members, key=lambda index: starts[index])
        for one, other in zip(order, order[1:]):
            dated = not np.isnat(columns.valid_from[[one, other]]).all()
            if dated and starts[other] < ends[one]:
                known = other if not np.isnat(columns.valid_from[other]) else one
                since = columns.written_from[known] or day(columns.valid_from[known])
                sentences.append(
                    f"{_capital(columns.label[one])} and {columns.label[other]} are both in "
                    f"force from {since}; where both are, the nearer one counts."
                )
    return sentences


def validity_bounds(columns: LineColumns) -> tuple[np.ndarray, np.ndarray]:
    """``valid_from`` and ``valid_to`` as microseconds since 1970, open ends as far as can be."""
    limits = np.iinfo(np.int64)
    starts = columns.valid_from.astype(np.int64).copy()
    ends = columns.valid_to.astype(np.int64).copy()
    starts[np.isnat(columns.valid_from)] = limits.min
    ends[np.isnat(columns.valid_to)] = limits.max
    return starts, ends


def day(*moments) -> str:
    """The first of the moments that is known, as an ISO date (UTC)."""
    known = [moment for moment in moments if not np.isnat(moment)]
    return str(known[0].astype("datetime64[D]")) if known else "the beginning"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _problem_with_fields(columns: LineColumns, index: int) -> Optional[str]:
    start, end = columns.valid_from[index], columns.valid_to[index]
    if not np.isnat(start) and not np.isnat(end) and end <= start:
        begins = columns.written_from[index] or day(start)
        ends = columns.written_to[index] or day(end)
        return f"ends ({ends}) before it begins ({begins})"
    return None


def _drop_odd_uncertainty(columns: LineColumns, notes: list[str]) -> None:
    """An uncertainty below zero or beyond 100 km says nothing: not known, and named."""
    known = columns.uncertainty_m
    odd = ~np.isnan(known) & ~((known >= 0.0) & (known <= 100_000.0))
    for index in np.flatnonzero(odd):
        notes.append(
            f"{_capital(columns.label[index])} has an uncertainty of {known[index]:g} m, which "
            "cannot be; it is taken as not known."
        )
    columns.uncertainty_m = np.where(odd, np.nan, known)


def _one_party_on_both_sides(columns: LineColumns) -> list[str]:
    both = np.not_equal(columns.left_party, None) & (columns.left_party == columns.right_party)
    return [
        f"{_capital(columns.label[index])} has “{columns.left_party[index]}” on both sides; "
        "check its parties."
        for index in np.flatnonzero(both)
    ]


def _prepare_geometry(geometry, label: str, notes: list[str]):
    """The prepared line and None, or None and what is wrong with it."""
    if geometry is None or shapely.is_empty(geometry):
        return None, "has no geometry"
    if geometry.geom_type in ("Polygon", "MultiPolygon", "Point", "MultiPoint"):
        return None, f"is a {geometry.geom_type.lower()} where a line is needed"
    coordinates = [_coordinates(part) for part in _line_strings(geometry)]
    for points in coordinates:
        if not np.isfinite(points).all() or (np.abs(points[:, 1]) > 90.0).any():
            return None, "has coordinates that are not degrees of longitude and latitude"
        if (np.abs(points[:, 0]) > 540.0).any():
            return None, "has coordinates that are not degrees of longitude and latitude"
    single = [_without_duplicates(points) for points in coordinates]
    parts = [points for points in single if len(points) > 1]
    if not parts:
        return None, "has no length"
    repeated = sum(map(len, coordinates)) - sum(map(len, single))
    if repeated:
        what = "1 repeated vertex" if repeated == 1 else f"{repeated:,} repeated vertices"
        notes.append(f"{_capital(label)} has {what}; each counts once.")
    if shapely.has_z(geometry):
        notes.append(f"{_capital(label)} has heights; they are left aside.")
    ordered = order_parts(parts)
    pieces = cut(ordered)
    if ordered.turned:
        notes.append(
            f"{_capital(label)} has {ordered.turned} of its parts digitised the other way round; "
            "they were turned to follow the rest."
        )
    if not shapely.is_simple(shapely.force_2d(geometry)):
        notes.append(
            f"{_capital(label)} crosses itself; near the crossing the side may not be meaningful."
        )
    return PreparedLine(pieces, LineSearch.of(pieces), float(pieces.length.sum())), None


def _line_strings(geometry) -> list:
    if hasattr(geometry, "geoms"):
        return [line for part in geometry.geoms for line in _line_strings(part)]
    return [geometry] if geometry.geom_type in ("LineString", "LinearRing") else []


def _coordinates(line) -> np.ndarray:
    return shapely.get_coordinates(shapely.force_2d(line))


def _without_duplicates(points: np.ndarray) -> np.ndarray:
    if len(points) < 2:
        return points
    steps = np.linalg.norm(np.diff(unit_vectors(points), axis=0), axis=1)
    return points[np.concatenate([[True], steps > 1e-10])]
