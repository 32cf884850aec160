"""The zones that a rule names: drawn by the agreement, or given as areas, and when they hold."""

from __future__ import annotations

import dataclasses
from typing import Optional

import numpy as np
import shapely

from ..model.agreement import Agreement, ZoneDrawing
from .agreement_times import drawing_intervals
from .contact_line import LineColumns
from .line_time import Timeline
from .rule_chance import weighed
from .rule_columns import NONE, RuleSubjects
from .rule_drawings import drawn_over_time
from .rule_places import PreparedArea, probability_inside
from .rule_times import Met, RuleTime
from .utc import instants

MICROSECONDS = "datetime64[us]"
LISTED = 10


@dataclasses.dataclass
class GivenZones:
    """Zones of a layer or a ledger: shapely areas (EPSG:4326), ids, names, dates (NaT: open)."""

    geometry: np.ndarray
    zone_id: np.ndarray
    name: np.ndarray
    valid_from: np.ndarray
    valid_to: np.ndarray

    def __len__(self) -> int:
        return len(self.geometry)


@dataclasses.dataclass
class ZonesHeld:
    """Rows held against zones: the chance of having been in any of them, and what was measured.

    ``depth_m``: metres from the edge, positive inside. ``names``: the zones that hold the bare
    point. ``words``: the zone as a sentence calls it. ``reference`` -1: none was in force then.
    """

    chance: np.ndarray
    depth_m: np.ndarray
    names: np.ndarray
    words: np.ndarray
    reference: np.ndarray


@dataclasses.dataclass(frozen=True)
class Unknown:
    """A zone that was in force between two moments (``datetime64[us]``) but is not drawn."""

    title: str
    start: np.datetime64
    end: np.datetime64


@dataclasses.dataclass
class RuleZones:
    """The shapes of one or several zones with their dates; ``timeline`` None: ``why`` not.

    ``unknown`` are those of the zones of which it is not known where they were at some time.
    """

    shapes: list
    titles: list[str]
    timeline: Optional[Timeline]
    told: str
    why: str = ""
    notes: tuple[str, ...] = ()
    drawn: tuple[ZoneDrawing, ...] = ()
    unknown: tuple[Unknown, ...] = ()

    def __post_init__(self):
        self._areas: dict[tuple, PreparedArea] = {}
        self._depths: dict[tuple, tuple[np.ndarray, np.ndarray]] = {}

    def not_drawn(self, opens: np.ndarray, closes: np.ndarray) -> np.ndarray:
        """Which zones were in force at some moment of each span but are not drawn; None: none.

        ``opens`` and ``closes``: microseconds since 1970 (UTC).
        """
        result = np.full(len(opens), None, dtype=object)
        for title in dict.fromkeys(each.title for each in self.unknown):
            mine = [each for each in self.unknown if each.title == title]
            then = np.zeros(len(opens), dtype=bool)
            for each in mine:
                start, end = (moment.astype(np.int64) for moment in (each.start, each.end))
                then |= (opens < end) & (closes >= start)
            for index in np.flatnonzero(then):
                before = result[index]
                result[index] = f"“{title}”" if before is None else f"{before} and “{title}”"
        return result

    def bands(self) -> list:
        """The strips of which the zones consist, where they are drawn of strips alone."""
        if not self.drawn or not all(drawing.bands for drawing in self.drawn):
            return []
        return [band for drawing in self.drawn for band in drawing.bands]

    def area(self, members: tuple) -> PreparedArea:
        """The union of some of the shapes, ready to be asked."""
        if members not in self._areas:
            whole = shapely.union_all([self.shapes[index] for index in members])
            self._areas[members] = PreparedArea.of(whole)
        return self._areas[members]

    def depth_m(self, members: tuple, subjects: RuleSubjects, rows: np.ndarray) -> np.ndarray:
        """Metres of the bare points from the edge, positive inside; kept once measured."""
        if members not in self._depths:
            count = len(subjects)
            self._depths[members] = (np.zeros(count, dtype=bool), np.full(count, np.nan))
        done, depth = self._depths[members]
        missing = np.unique(rows[~done[rows]])
        if len(missing):
            place = subjects.place
            depth[missing] = self.area(members).depth_m(place.lon[missing], place.lat[missing])
            done[missing] = True
        return depth[rows]

    def held(self, subjects: RuleSubjects, time: RuleTime, met: Met, rows) -> ZonesHeld:
        """Hold ``rows`` (located, timed) against the zones; ``met`` is their time with the rule."""

        def chance(members: tuple, some: np.ndarray) -> np.ndarray:
            asked = rows[some]
            depth = self.depth_m(members, subjects, asked)
            chances = (depth >= 0.0).astype(float)
            known = np.flatnonzero(subjects.basis[asked] != NONE)
            if len(known):
                chances[known] = probability_inside(
                    self.area(members), subjects.place, asked[known], depth[known]
                )
            return chances

        lasted = subjects.place.span_is[rows] == "duration"
        answer = weighed(self.timeline, time, met, lasted, chance)
        held = ZonesHeld(
            answer.chance,
            np.full(len(rows), np.nan),
            np.full(len(rows), None, dtype=object),
            np.full(len(rows), None, dtype=object),
            answer.reference,
        )
        for some, members in answer.groups():
            held.depth_m[some] = self.depth_m(members, subjects, rows[some])
            self._name(held, subjects, rows, some, members)
        return held

    def _name(self, held: ZonesHeld, subjects, rows, some: np.ndarray, members: tuple) -> None:
        place = subjects.place
        lon, lat = place.lon[rows[some]], place.lat[rows[some]]
        titles = list(dict.fromkeys(self.titles[index] for index in members))
        held.words[some] = _any_of(titles)
        for title in titles:
            mine = [index for index in members if self.titles[index] == title]
            inside = some[self.area(tuple(mine)).inside(lon, lat)]
            for index in inside:
                before = held.names[index]
                held.names[index] = title if before is None else f"{before}; {title}"
                held.words[index] = f"the zone “{held.names[index]}”"


def rule_zones(
    agreement: Agreement,
    codes: tuple[str, ...],
    given: Optional[GivenZones],
    lines: Optional[LineColumns],
    span,
) -> RuleZones:
    """The zones of those codes: as given by a layer where it has them, else as drawn.

    A zone of the layer is meant where its id or name is the zone's ``layer_zone``, code or title.
    ``span``: the moments (``datetime64[us]``) between which zones are asked for.
    """
    shapes, titles, starts, ends, lacking, notes = [], [], [], [], [], []
    drawn: list[ZoneDrawing] = []
    unknown: list[Unknown] = []
    for code in codes:
        drawing = agreement.find("zones", code)
        found = _given(drawing, given)
        if not found:
            found, told_why, gaps = drawn_over_time(agreement, drawing, lines, span)
            notes += [_not_given(drawing, given)] if _of_layer(drawing) and gaps else told_why
            unknown += [Unknown(drawing.title, *gap) for gap in gaps]
            drawn.append(drawing)
        if not found:
            lacking.append(drawing.title)
        for geometry, start, end in _within_force(agreement, drawing, found):
            shapes.append(geometry)
            titles.append(drawing.title)
            starts.append(start)
            ends.append(end)
    names = [agreement.find("zones", code).title for code in codes]
    told = _any_of(names)
    if not shapes:
        missing = lacking or names
        areas, are = ("it", "is") if len(missing) == 1 else ("them", "are")
        why = f"{_any_of(missing)} {are} not drawn: neither an area nor lines to draw {areas} given"
        return RuleZones([], [], None, told, why, tuple(notes), unknown=tuple(unknown))
    columns = LineColumns(
        geometry=_objects(shapes),
        valid_from=np.array(starts, dtype=MICROSECONDS),
        valid_to=np.array(ends, dtype=MICROSECONDS),
    )
    every = tuple(drawn) if len(drawn) == len(codes) else ()
    timeline = Timeline.of(columns)
    return RuleZones(
        shapes, titles, timeline, told, notes=tuple(notes), drawn=every, unknown=tuple(unknown)
    )


def _of_layer(drawing: ZoneDrawing) -> bool:
    """Whether only a layer can tell where the zone is."""
    return bool(drawing.layer_zone) and not (drawing.area or drawing.bands or drawing.between)


def _not_given(drawing: ZoneDrawing, given: Optional[GivenZones]) -> str:
    """Why a zone that a layer should have is not drawn: with what the layer has instead."""
    if given is None:
        return (
            f"The zone “{drawing.title}” is not drawn: it is the zone “{drawing.layer_zone}” of a "
            "layer of zones, and none was given."
        )
    called = (name or code for name, code in zip(given.name, given.zone_id))
    has = [f"“{each}”" for each in dict.fromkeys(called) if each]
    listed = ", ".join(has[:LISTED]) + (" and others" if len(has) > LISTED else "")
    return (
        f"The zone “{drawing.title}” is not drawn: the layer of zones has no zone "
        f"“{drawing.layer_zone}”; it has {listed or 'none with a name'}."
    )


def _given(drawing: ZoneDrawing, given: Optional[GivenZones]) -> list:
    """The layer's areas that the zone means: ``(geometry, from, to)``."""
    if given is None:
        return []
    wanted = {drawing.layer_zone, drawing.code, drawing.title} - {None}
    if drawing.layer_zone:
        wanted = {drawing.layer_zone}
    names = {name.strip().casefold() for name in wanted}
    found = []
    for index in range(len(given)):
        called = {given.zone_id[index], given.name[index]} - {None}
        if names & {name.strip().casefold() for name in called}:
            geometry = shapely.make_valid(shapely.force_2d(given.geometry[index]))
            found.append((geometry, given.valid_from[index], given.valid_to[index]))
    return found


def _within_force(agreement: Agreement, drawing: ZoneDrawing, found: list):
    """Each area within the times at which the agreement has the zone in force."""
    intervals = [instants(interval) for interval in drawing_intervals(agreement, drawing)]
    for geometry, start, end in found:
        for opens, closes in intervals:
            begins = _later(start, opens)
            until = _earlier(end, closes)
            if np.isnat(begins) or np.isnat(until) or begins < until:
                yield geometry, begins, until


def _later(one, other):
    return other if np.isnat(one) else one if np.isnat(other) else max(one, other)


def _earlier(one, other):
    return other if np.isnat(one) else one if np.isnat(other) else min(one, other)


def _any_of(titles: list[str]) -> str:
    if len(titles) == 1:
        return f"the zone “{titles[0]}”"
    return "the zones " + " and ".join(f"“{title}”" for title in titles)


def _objects(values: list) -> np.ndarray:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column
