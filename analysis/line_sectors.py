"""Contact lines cut into sectors: at chainages, every so many metres, or at places."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Any, Callable, Optional, Sequence

import numpy as np

from ..model.errors import Cancelled, CeasefireError
from ..model.field import Shape, instant, integer, real, table_of, text
from ..model.incident import content_id
from .conformal_plane import line_in_degrees
from .contact_line import PreparedLines
from .line_course import Course
from .line_in_force import identity_of_line, name_of_line
from .line_words import metres
from .nearest import nearest
from .utc import utc_datetime

SAME_CUT_M = 1.0
MOST_SECTORS = 5_000


@dataclasses.dataclass
class Sector:
    """A stretch of one line; ``geometry`` is that stretch (shapely, EPSG:4326).

    A place belongs to the sector with ``chainage_from_m`` ≤ chainage < ``chainage_to_m``; the
    line's end belongs to its last sector. ``line`` is the index among the prepared lines.
    """

    sector_id: str = text("Sector id", default="")
    sector_name: Optional[str] = text("Sector")
    number: Optional[int] = integer("Number along the line")
    line_id: Optional[str] = text("Line id")
    line_name: Optional[str] = text("Line")
    line_valid_from: Optional[datetime] = instant("Line in force from (UTC)")
    chainage_from_m: Optional[float] = real("From chainage (m)")
    chainage_to_m: Optional[float] = real("To chainage (m)")
    length_m: Optional[float] = real("Length (m)")
    left_party: Optional[str] = text("Party on the left")
    right_party: Optional[str] = text("Party on the right")
    geometry: Any = None
    line: int = -1


SECTORS = table_of(Sector, "sectors", "Sectors of the line", Shape.LINE, "sector_id")
SECTOR_AREAS = table_of(Sector, "sector_areas", "Areas of the sectors", Shape.AREA, "sector_id")


@dataclasses.dataclass
class Cuts:
    """Where one line is cut: chainages in order, the line's start and end among them.

    ``names`` has a name a sector, None where the sector has none of its own.
    """

    chainage_m: np.ndarray
    names: list[Optional[str]]


def cuts_at_chainages(lines: PreparedLines, index: int, chainage_m: Sequence[float]) -> Cuts:
    """Cut line ``index`` at these chainages (metres); 0 and the end need not be among them.

    Raises CeasefireError for a chainage that is not on the line.
    """
    length = lines.lines[index].length_m
    given = np.asarray(chainage_m, dtype=float)
    outside = given[~((given >= 0.0) & (given <= length + SAME_CUT_M))]
    if len(outside):
        raise CeasefireError(
            f"The line “{name_of_line(lines, index)}” runs from km 0 to km {length / 1000.0:.3f}, "
            f"so it cannot be cut at km {outside[0] / 1000.0:g}. Give chainages that lie on it, or "
            "choose the line that is meant by its name."
        )
    return _cuts(length, np.minimum(given, length))


def cuts_every(lines: PreparedLines, index: int, length_m: float) -> Cuts:
    """Cut line ``index`` every ``length_m`` metres; the last sector is what remains."""
    length = lines.lines[index].length_m
    if not length_m > 0.0 or length / length_m > MOST_SECTORS:
        raise CeasefireError(
            f"The line “{name_of_line(lines, index)}”, {metres(length)} long, cannot be cut every "
            f"{length_m / 1000.0:g} km. Give a longer length in kilometres, for example 10."
        )
    return _cuts(length, np.arange(1, int(np.ceil(length / length_m))) * length_m)


def cuts_at_places(
    lines: PreparedLines, among, lon, lat, names: Sequence[Optional[str]]
) -> tuple[dict[int, Cuts], list[str]]:
    """Cut each line at the feet of the places that are nearest to it; sectors named "A – B".

    ``lon``, ``lat``: degrees (n,). Returns the cuts of every line ``among`` and notes on places
    that cut nothing: without coordinates, at a line's end, or at the foot of another place.
    """
    found = nearest(lines, lon, lat, among)
    notes = []
    unplaced = int(np.count_nonzero(found.line < 0))
    if unplaced:
        notes.append(f"{unplaced:,} of the places have no coordinates; they cut nothing.")
    cuts = {}
    for index in among:
        rows = np.flatnonzero(found.line == index)
        rows = rows[np.argsort(found.chainage_m[rows], kind="stable")]
        cuts[index] = _cuts_of_feet(lines, index, found.chainage_m[rows], rows, names, notes)
    return cuts, notes


def _cuts_of_feet(lines, index, chainage, rows, names, notes: list[str]) -> Cuts:
    length = lines.lines[index].length_m
    kept: list[tuple[float, str]] = []
    for at, row in zip(chainage, rows):
        name = names[row] or f"place {row + 1}"
        if at < SAME_CUT_M or at > length - SAME_CUT_M:
            notes.append(
                f"“{name}” lies at an end of the line “{name_of_line(lines, index)}”; it cuts "
                "nothing."
            )
        elif kept and at - kept[-1][0] < SAME_CUT_M:
            notes.append(f"“{name}” has the same foot as “{kept[-1][1]}”; it cuts nothing.")
        else:
            kept.append((float(at), name))
    cuts = _cuts(length, np.array([at for at, _ in kept]))
    if kept:
        stops = ["start", *(name for _, name in kept), "end"]
        cuts.names = [f"{one} – {other}" for one, other in zip(stops, stops[1:])]
    return cuts


def _cuts(length: float, inner: np.ndarray) -> Cuts:
    inner = np.unique(inner)
    inner = inner[(inner > SAME_CUT_M) & (inner < length - SAME_CUT_M)]
    if len(inner) > 1:
        inner = inner[np.concatenate([[True], np.diff(inner) > SAME_CUT_M])]
    chainage = np.concatenate([[0.0], inner, [length]])
    return Cuts(chainage, [None] * (len(chainage) - 1))


def sectors_of(
    lines: PreparedLines,
    cuts: dict[int, Cuts],
    names: Optional[Sequence[str]] = None,
    cancelled: Optional[Callable[[], bool]] = None,
) -> list[Sector]:
    """The sectors of each line, in order.

    ``names`` name them all, in the order of the lines and along each; raises CeasefireError where
    there are not as many names as sectors. Without them a sector is called by its places, or by its
    number and, where there are several lines, its line.
    """
    total = sum(len(one.names) for one in cuts.values())
    if names and len(names) != total:
        raise CeasefireError(
            f"There are {total} sectors but {len(names)} names. Give one name a sector, in the "
            "order of the chainages, or none."
        )
    sectors: list[Sector] = []
    for index, one in cuts.items():
        if cancelled is not None and cancelled():
            raise Cancelled("Stopped; nothing was written.")
        for number, (start, end) in enumerate(zip(one.chainage_m, one.chainage_m[1:])):
            name = names[len(sectors)] if names else one.names[number]
            if name is None:
                line = f"{name_of_line(lines, index)}, " if len(cuts) > 1 else ""
                name = f"{line}sector {number + 1}"
            sectors.append(_sector(lines, index, number + 1, name, float(start), float(end)))
    return sectors


def _sector(lines, index: int, number: int, name: str, start: float, end: float) -> Sector:
    columns = lines.columns
    identity, line_name = identity_of_line(lines, index), name_of_line(lines, index)
    since = utc_datetime(columns.valid_from[index])
    course = Course.of(lines.lines[index])
    content = content_id(identity or line_name, since, f"{start:.1f}", f"{end:.1f}")
    return Sector(
        sector_id=f"sector:{content}",
        sector_name=name,
        number=number,
        line_id=identity,
        line_name=line_name,
        line_valid_from=since,
        chainage_from_m=start,
        chainage_to_m=end,
        length_m=end - start,
        left_party=columns.left_party[index],
        right_party=columns.right_party[index],
        geometry=line_in_degrees(course.between(start, end)),
        line=index,
    )


def sector_at(sectors: Sequence[Sector], line, chainage_m) -> np.ndarray:
    """The index of the sector to which each chainage of each line belongs; -1 where to none.

    ``line`` and ``chainage_m`` are as the kernel's ``nearest`` gives them, (n,).
    """
    line, chainage = np.asarray(line), np.asarray(chainage_m, dtype=float)
    result = np.full(len(line), -1, dtype=np.int64)
    for index in {sector.line for sector in sectors}:
        own = [number for number, sector in enumerate(sectors) if sector.line == index]
        starts = np.array([sectors[number].chainage_from_m for number in own])
        rows = np.flatnonzero(line == index)
        place = np.searchsorted(starts, chainage[rows], side="right") - 1
        result[rows] = np.array(own)[np.clip(place, 0, len(own) - 1)]
    return result
