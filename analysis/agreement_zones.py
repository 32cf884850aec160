"""The zones and limits that an agreement's clauses draw, on one day, per side and weapon class."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Callable, Optional

import numpy as np
import shapely

from ..model.agreement import (
    Agreement,
    Band,
    Clause,
    Limit,
    Rule,
    RuleKind,
    Status,
    ZoneDrawing,
)
from ..model.agreement_zone import AgreementZone
from ..model.errors import Cancelled, CeasefireError
from .agreement_band import band
from .agreement_between import area_of, between_lines
from .agreement_lines import left_out, lines_meant, side_names, side_parties
from .agreement_period import at_words, not_in_force_words
from .agreement_sides import lines_of_party
from .agreement_strip import as_multipolygon
from .agreement_times import Interval, drawing_intervals, in_force, rule_intervals, within
from .contact_line import LineColumns
from .utc import instants, utc_datetime


@dataclasses.dataclass
class ZoneColumns:
    """The zones of the theatre's layer: ids, names (object arrays) and areas, EPSG:4326."""

    zone_id: np.ndarray
    zone_name: np.ndarray
    geometry: np.ndarray
    valid_from: np.ndarray
    valid_to: np.ndarray


@dataclasses.dataclass
class Drawn:
    """What was drawn, and in whole sentences what could not be, and why.

    ``asides`` tell what does not hold at that moment, and so was not to be drawn.
    """

    zones: list[AgreementZone]
    notes: list[str]
    not_drawn: int = 0
    asides: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class _Task:
    """One thing to draw: a zone's drawing, or the limits of a rule.

    ``called`` is how messages call it.
    """

    called: str
    code: str
    name: str
    kind: str
    words: str
    clause: Optional[Clause]
    rule: Optional[Rule]
    drawing: Optional[ZoneDrawing]
    bands: tuple[Band, ...]
    weapon_class: Optional[str]
    interval: Interval


def draw_zones(
    agreement: Agreement,
    lines: Optional[LineColumns],
    zones: Optional[ZoneColumns],
    moment: datetime,
    progress: Optional[Callable[[float], None]] = None,
    cancelled: Optional[Callable[[], bool]] = None,
) -> Drawn:
    """Draw what the clauses draw that is in force at a moment (aware).

    One zone for each zone, side, band and weapon class. A draft is drawn as if it were agreed.
    What cannot be drawn is named in ``notes``; raises CeasefireError where the agreement is not in
    force, or nothing at all can be drawn.
    """
    notes, status = [], agreement.status
    if status is Status.DRAFT:
        agreement = dataclasses.replace(agreement, status=Status.AGREED)
        notes.append(f"“{agreement.title}” is a draft; it is drawn as if it were agreed.")
    if not within(in_force(agreement), instants([moment]))[0]:
        raise CeasefireError(not_in_force_words(agreement, moment, status))
    drawn = Drawn([], notes)
    tasks = _tasks(agreement, moment, drawn.asides)
    for done, task in enumerate(tasks):
        if cancelled is not None and cancelled():
            raise Cancelled("Stopped; nothing was written.")
        try:
            drawn.zones += _draw(agreement, task, lines, zones, moment, drawn.notes)
        except CeasefireError as error:
            drawn.not_drawn += 1
            why = str(error).rstrip(".")
            drawn.notes.append(f"{task.called} was not drawn: {why}.")
        if progress is not None:
            progress((done + 1) / len(tasks))
    if not drawn.zones:
        reasons = (
            " ".join([*drawn.notes, *drawn.asides][:5])
            or "Its clauses name no zone and no distance."
        )
        raise CeasefireError(f"Nothing of “{agreement.title}” could be drawn. {reasons}")
    return drawn


def _tasks(agreement: Agreement, moment: datetime, asides: list[str]) -> list[_Task]:
    """What is to be drawn at a moment: the zones, then the limits of withdrawals and flights."""
    tasks = []
    for drawing in agreement.zones:
        interval = _interval_at(drawing_intervals(agreement, drawing), moment)
        called = f"Zone “{drawing.title}”"
        if interval is None:
            asides.append(f"{called} is not in force {at_words(agreement, moment)}.")
            continue
        clause = agreement.find("clauses", drawing.clause)
        tasks.append(
            _Task(
                called, drawing.code, drawing.title, drawing.kind, _words(clause, drawing.title),
                clause, None, drawing, drawing.bands, drawing.weapon_class, interval,
            )
        )  # fmt: skip
    for clause, rule in agreement.rules():
        tasks += _rule_tasks(agreement, clause, rule, moment, asides)
    return tasks


def _rule_tasks(agreement, clause: Clause, rule: Rule, moment, asides: list[str]) -> list[_Task]:
    bands = tuple(_band_of(limit) for limit in rule.limits)
    kind = "no_fly" if rule.kind is RuleKind.NO_FLY else "security_zone"
    if not bands and rule.where is not None and rule.where.line:
        bands = (Band(line=rule.where.line, far_m=rule.where.within_m),)
        kind = "no_fly" if rule.kind is RuleKind.NO_FLY else "other"
    if not bands:
        return []
    called = f"Clause {clause.reference}, rule “{rule.code}”"
    interval = _interval_at(rule_intervals(agreement, rule), moment)
    if interval is None:
        asides.append(f"{called} does not bind {at_words(agreement, moment)}.")
        return []
    name = rule.title[:1].upper() + rule.title[1:]
    return [
        _Task(called, rule.code, name, kind, rule.title, clause, rule, None, bands, each, interval)
        for each in (rule.weapon_classes or (None,))
    ]


def _draw(agreement, task: _Task, lines, zones, moment, notes) -> list[AgreementZone]:
    if task.bands:
        return _draw_bands(agreement, task, _given(lines), moment, notes)
    drawing = task.drawing
    if drawing.between:
        chosen = [
            lines_meant(agreement, agreement.find("lines", code), _given(lines), moment, notes)
            for code in drawing.between
        ]
        zone = _zone(agreement, task, None, None, between_lines(*chosen))
        return [_with_lines(zone, *chosen)]
    if drawing.area:
        return [_zone(agreement, task, None, None, area_of(drawing.area))]
    return [_zone(agreement, task, None, None, _from_layer(agreement, drawing, zones, moment))]


def _draw_bands(agreement, task: _Task, lines: LineColumns, moment, notes) -> list[AgreementZone]:
    """The bands of one drawing; all of them, or an error."""
    drawn = []
    for each in task.bands:
        named = agreement.find("lines", each.line)
        chosen = lines_meant(agreement, named, lines, moment, notes)
        left, right = side_parties(agreement, chosen)
        if each.party is not None and each.party not in (*left, *right):
            raise CeasefireError(
                f"the contact lines of “{named.title}” do not say that "
                f"“{agreement.find('parties', each.party).name}” is on their left or right (they "
                f"name {side_names(chosen)}); "
                "set left_party and right_party to names or aliases of the agreement's parties"
            )
        note = left_out(agreement, named, chosen, each.party)
        if note is not None and note not in notes:
            notes.append(note)
        geometry = _band(chosen, left, right, each)
        if shapely.is_empty(geometry):
            raise CeasefireError(f"the band along “{named.title}” covers no ground")
        its = (left == each.party) | (right == each.party) | (each.party is None)
        zone = _zone(agreement, task, each, each.party, geometry)
        drawn.append(_with_lines(zone, chosen.take(its)))
    return drawn


def _band(chosen: LineColumns, left, right, each: Band):
    """One band: on a party's side of all its lines, or on both sides."""
    parties = {name for name in (*left, *right) if name is not None}
    drawn = [] if each.party else [band(chosen, left, right, None, each.near_m, each.far_m)]
    for party in sorted({each.party} if each.party else parties):
        own = lines_of_party(chosen, left, right, party)
        here, there = np.full(len(own), party), np.full(len(own), None)
        drawn.append(band(own, here, there, party, each.near_m, each.far_m))
    return as_multipolygon(shapely.union_all(drawn))


def _zone(agreement, task: _Task, each: Optional[Band], party, geometry) -> AgreementZone:
    weapons = agreement.find("weapon_classes", task.weapon_class)
    part = [task.code, task.weapon_class, party]
    part += [f"{each.near_m:g}-{each.far_m:g}"] if each else []
    named = agreement.find("parties", party)
    reference = task.clause.reference if task.clause else None
    return AgreementZone(
        zone_id=":".join([agreement.agreement_id, *(str(one) for one in part if one)]),
        zone_name=f"{task.name} ({named.name})" if named else task.name,
        kind=task.kind,
        rule=task.words,
        clause=reference,
        rule_code=task.rule.code if task.rule else None,
        party=named.name if named else None,
        weapon_class=weapons.label if weapons else None,
        near_m=each.near_m if each else None,
        far_m=each.far_m if each else None,
        valid_from=task.interval[0],
        valid_to=task.interval[1],
        source=", ".join([agreement.title, *([f"clause {reference}"] if reference else [])]),
        geometry=geometry,
    )


def _with_lines(zone: AgreementZone, *chosen: LineColumns) -> AgreementZone:
    """The zone with the names of the lines it was drawn from, and since when they are in force."""
    names = [str(name) for columns in chosen for name in columns.line_name if name]
    zone.line_name = "; ".join(dict.fromkeys(names)) or None
    since = np.concatenate([columns.valid_from for columns in chosen])
    known = since[~np.isnat(since)]
    zone.line_valid_from = utc_datetime(known.max()) if len(known) else None
    return zone


def _from_layer(agreement, drawing: ZoneDrawing, zones: Optional[ZoneColumns], moment: datetime):
    """The area of a zone that the theatre's layer has under its name or id."""
    if zones is None or len(zones.zone_id) == 0:
        raise CeasefireError(
            f"it is the zone “{drawing.layer_zone}” of a layer of zones, and none was given"
        )
    wanted = drawing.layer_zone.strip().casefold()
    fits = np.array(
        [
            wanted in (str(name or "").strip().casefold(), str(code or "").strip().casefold())
            for name, code in zip(zones.zone_name, zones.zone_id)
        ]
    )
    at = instants([moment])[0]
    valid = np.isnat(zones.valid_from) | (zones.valid_from <= at)
    valid &= np.isnat(zones.valid_to) | (at < zones.valid_to)
    areas = [
        area
        for area in zones.geometry[fits & valid]
        if area is not None and not shapely.is_empty(area)
    ]
    if not areas:
        listed = ", ".join(sorted({f"“{name}”" for name in zones.zone_name if name})[:8])
        when = f" {at_words(agreement, moment)}" if fits.any() else ""
        raise CeasefireError(
            f"the layer of zones has no zone “{drawing.layer_zone}”{when}; "
            f"it has {listed or 'none with a name'}"
        )
    return as_multipolygon(shapely.make_valid(shapely.union_all(areas)))


def _band_of(limit: Limit) -> Band:
    return Band(line=limit.line, far_m=limit.distance_m, party=limit.party)


def _given(lines: Optional[LineColumns]) -> LineColumns:
    if lines is None or len(lines) == 0:
        raise CeasefireError("it needs contact lines, and none were given")
    return lines


def _interval_at(intervals, moment: datetime) -> Optional[Interval]:
    at = instants([moment])
    return next((each for each in intervals if within([each], at)[0]), None)


def _words(clause: Optional[Clause], title: str) -> str:
    return clause.text if clause else title
