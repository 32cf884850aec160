"""Fingerprints of what findings rest on, so that only what was touched is assessed again.

Of a line, only that part counts which can be nearest to the subject: a stretch that is moved
farther off changes nothing. Fingerprints are 64-bit numbers, mixed by splitmix64 (Steele 2014).
"""

from __future__ import annotations

import dataclasses
import hashlib
from typing import Optional

import numpy as np
import shapely

from .contact_line import LineColumns, prepare_lines
from .line_time import Timeline, moments_of
from .nearest import nearest
from .rule_columns import RuleSubjects
from .rule_places import reach_m
from .rule_sites import METRES_PER_DEGREE
from .rule_times import Met

CELL_DEG = 0.25
MARGIN = 1.2
CENTIMETRE_DEG = 1e-7
UNSIGNED = np.uint64
_STEPS = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)


def digest(*values: object) -> int:
    """A 64-bit number of texts or anything whose ``repr`` says all of it."""
    told = "\x1f".join(value if isinstance(value, str) else repr(value) for value in values)
    return int.from_bytes(hashlib.blake2b(told.encode("utf-8"), digest_size=8).digest(), "big")


def mixed(*columns) -> np.ndarray:
    """One 64-bit number from several columns of them; the order matters."""
    with np.errstate(over="ignore"):
        total = np.zeros(np.broadcast(*columns).shape, dtype=UNSIGNED)
        for column in columns:
            total = (total ^ np.asarray(column, dtype=UNSIGNED)) + UNSIGNED(0x9E3779B97F4A7C15)
            for step, shift in zip(_STEPS, (30, 27)):
                total = (total ^ (total >> UNSIGNED(shift))) * UNSIGNED(step)
            total = total ^ (total >> UNSIGNED(31))
    return total


def prints_of_subjects(subjects: RuleSubjects) -> np.ndarray:
    """A fingerprint of each subject's own facts, its revision among them."""
    place = subjects.place
    columns = [
        getattr(place, field.name)
        for field in dataclasses.fields(place)
        if field.name != "feature_id"
    ]
    columns += [
        getattr(subjects, field.name)
        for field in dataclasses.fields(subjects)
        if field.name not in ("place", "are_sightings")
    ]
    return mixed(*(_column(column) for column in columns))


def _column(column: np.ndarray) -> np.ndarray:
    if column.dtype.kind == "f":
        return np.where(np.isnan(column), np.nan, column).view(UNSIGNED)
    if column.dtype.kind == "M":
        return column.astype(np.int64).view(UNSIGNED)
    known = {value: digest(str(value)) for value in set(column.tolist())}
    return np.array([known[value] for value in column.tolist()], dtype=UNSIGNED)


class GroundPrints:
    """Fingerprints of dated lines or areas as they bear on each subject.

    ``shapes`` are lines, or the edges of areas; ``facts`` one text a shape (its name, its first
    day, its uncertainty). ``slack_m`` is how far its own uncertainty may move a shape.
    """

    def __init__(self, shapes: list, facts: list[str], timeline: Timeline, slack_m: float):
        self.shapes, self.facts = shapes, [digest(text) for text in facts]
        self.timeline, self.slack_m = timeline, slack_m

    def of(self, subjects: RuleSubjects, met: Met, rows: np.ndarray) -> np.ndarray:
        """What ``rows`` rest on during their time with a rule (``met``)."""
        total = np.zeros(len(rows), dtype=UNSIGNED)
        moments = moments_of(
            self.timeline, met.opens.astype("datetime64[us]"), met.closes.astype("datetime64[us]")
        )
        cells = _Cells(subjects, rows, self.slack_m)
        for number, members in enumerate(self.timeline.in_force):
            mine = np.flatnonzero(moments.interval == number)
            if len(mine) == 0:
                continue
            row = moments.incident[mine]
            share = np.round(moments.weight[mine] * 1e6).astype(UNSIGNED)
            own = np.zeros(len(row), dtype=UNSIGNED)
            with np.errstate(over="ignore"):
                for member in members:
                    near = cells.prints(self.shapes[member])[cells.cell[row]]
                    own += mixed(near, np.full(len(row), self.facts[member], dtype=UNSIGNED))
                np.add.at(total, row, mixed(own, share))
        return total


class _Cells:
    """Subjects by quarter-degree cell and by how far from their point they may have been."""

    def __init__(self, subjects: RuleSubjects, rows: np.ndarray, slack_m: float):
        place = subjects.place
        lon, lat = place.lon[rows], place.lat[rows]
        located = np.isfinite(lon) & np.isfinite(lat)
        reach = np.zeros(len(rows))
        reach[located] = reach_m(place, rows[located])
        width = np.ceil(np.log2(np.maximum(reach, 1.0))).astype(np.int64)
        x = np.floor(np.where(located, lon, 999.0) / CELL_DEG).astype(np.int64)
        y = np.floor(np.where(located, lat, 999.0) / CELL_DEG).astype(np.int64)
        table, back = np.unique(np.column_stack([x, y, width]), axis=0, return_inverse=True)
        self.cell = back.ravel()
        self.lon = (table[:, 0] + 0.5) * CELL_DEG
        self.lat = (table[:, 1] + 0.5) * CELL_DEG
        self.reach = 2.0 ** table[:, 2] + slack_m

    def prints(self, shape) -> np.ndarray:
        """For each cell, a fingerprint of the segments that can be nearest to any point in it."""
        known = np.abs(self.lat) <= 90.0
        result = np.zeros(len(self.lat), dtype=UNSIGNED)
        segments = _segments(shape)
        cells = np.flatnonzero(known)
        if len(segments) == 0 or len(cells) == 0:
            return result
        lon, lat = self.lon[cells], self.lat[cells]
        line = prepare_lines(LineColumns(geometry=np.array([shape], dtype=object)))
        away = nearest(line, lon, lat).distance_m
        across = CELL_DEG * METRES_PER_DEGREE * 1.5
        radius = MARGIN * (away + 2.0 * across) + 2.0 * self.reach[cells]
        high = radius / METRES_PER_DEGREE
        squeeze = np.cos(np.radians(np.minimum(np.abs(lat) + high, 89.0)))
        wide = high / np.maximum(squeeze, 0.02)
        boxes = shapely.box(lon - wide, lat - high, lon + wide, lat + high)
        cell, segment = shapely.STRtree(shapely.linestrings(segments)).query(boxes)
        # To a centimetre: a zone drawn anew differs by what floating point leaves.
        places = np.round(segments.reshape(len(segments), 4) / CENTIMETRE_DEG).astype(np.int64)
        content = mixed(*places.view(UNSIGNED).T)
        with np.errstate(over="ignore"):
            np.add.at(result, cells[cell], content[segment])
        return result


def _segments(shape) -> np.ndarray:
    """The edges of a line, as (n, 2, 2) degrees, in its direction."""
    points, part = shapely.get_coordinates(shapely.get_parts(shape), return_index=True)
    joined = part[:-1] == part[1:]
    return np.stack([points[:-1][joined], points[1:][joined]], axis=1)


def hexadecimal(prints: np.ndarray) -> list[str]:
    """Fingerprints as 16 hexadecimal digits."""
    return [f"{value:016x}" for value in prints.tolist()]


def print_of_line(columns: LineColumns, index: int) -> str:
    """What a finding says of a line, but for its geometry and its end."""
    names = ("line_name", "left_party", "right_party", "valid_from", "uncertainty_m")
    return repr([str(getattr(columns, name)[index]) for name in names])


def of_arrays(*columns: Optional[np.ndarray]) -> int:
    """A fingerprint of whole columns together."""
    return digest(*("" if column is None else repr(column.tolist()) for column in columns))
