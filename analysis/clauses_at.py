"""Which clauses of an agreement cover an act at one place and moment: what an expression asks.

``check_rules`` holds many incidents at once and weighs how surely each is known. Here one bare
point is asked: the clauses named are those whose finding would be ``breaks``, or ``possible`` where
it cannot be told whether the act is one that the clause means.
"""

from __future__ import annotations

import dataclasses
from bisect import bisect_right
from datetime import datetime
from functools import lru_cache
from typing import Optional

import numpy as np

from ..model.agreement import Agreement, Exemption, Rule, RuleKind, Where
from .agreement_times import drawing_intervals
from .contact_line import LineColumns
from .geodesy import between
from .incident_columns import IncidentColumns
from .line_time import Timeline
from .nearest import Side
from .one_point import OnePoint
from .rule_acts import KINDS
from .rule_columns import RuleSubjects
from .rule_conditions import AT_SITE_M
from .rule_lines import MeasuredLine, measured_line
from .rule_members import NO, YES, concerned, of_categories
from .rule_sites import METRES_PER_DEGREE, SitePoints
from .rule_times import FAR_FUTURE, FAR_PAST, RuleTime
from .rule_zones import GivenZones, RuleZones, rule_zones
from .utc import instants

KEPT = 512
DAY = np.timedelta64(1, "D")


@dataclasses.dataclass(frozen=True)
class Place:
    """A point (degrees, EPSG:4326) at a moment (``datetime64[us]``, UTC)."""

    lon: float
    lat: float
    moment: np.datetime64


class ClausesAt:
    """An agreement's rules on acts, ready to be asked point by point; any thread may ask it.

    ``lines``, ``zones`` and ``sites`` are the theatre's, None where not known. What a rule needs is
    drawn and measured when it is first asked for. A condition is True, False, or None where it
    cannot be told because its line, zone or sites are not known.
    """

    def __init__(
        self,
        agreement: Agreement,
        lines: Optional[LineColumns] = None,
        zones: Optional[GivenZones] = None,
        sites: Optional[SitePoints] = None,
    ):
        self._agreement, self._columns = agreement, lines
        self._given_zones, self._sites = zones, sites
        self._rules = [pair for pair in agreement.rules() if pair[1].kind in KINDS]
        self._by_code = {rule.code: rule for _, rule in agreement.rules()}
        self._permits = [rule for _, rule in agreement.rules() if _permits(rule)]
        self._changes = self._all_changes()
        self._member = lru_cache(maxsize=KEPT)(self._member_of)
        self._fits = lru_cache(maxsize=KEPT)(self._fits_of)
        self._time = lru_cache(maxsize=KEPT)(self._time_of)
        self._zones = lru_cache(maxsize=KEPT)(self._zones_of)
        self._line = lru_cache(maxsize=KEPT)(self._line_of)
        self._against = lru_cache(maxsize=KEPT)(self._one_point)

    def covering(
        self, lon: float, lat: float, category: str, moment: datetime
    ) -> list[tuple[str, bool]]:
        """``(clause's reference, whether it surely means that act)``, in the order of the text.

        ``moment`` is aware. Without a clause in force there and then the list is empty.
        """
        place = Place(lon, lat, instants([moment])[0])
        found: dict[str, bool] = {}
        for clause, rule in self._rules:
            if found.get(clause.reference):
                continue
            member = self._member(rule.code, category)
            if member == NO or not self._binds(rule, place):
                continue
            if not self._applies(rule, place):
                continue
            exempt = self._is_exempt(rule, category, place)
            if not exempt:
                found[clause.reference] = member == YES and exempt is False
        return list(found.items())

    # What, and when

    def _member_of(self, code: str, category: str) -> int:
        return int(concerned(self._agreement, self._by_code[code], _act(category))[0])

    def _fits_of(self, categories: tuple, category: str) -> bool:
        return bool(of_categories(_act(category), categories)[0] == YES)

    def _binds(self, rule: Rule, place: Place) -> bool:
        day = place.moment.astype("datetime64[D]") if rule.kind is RuleKind.SILENCE else None
        at = place.moment.astype("datetime64[us]").astype(np.int64).reshape(1)
        return bool(self._time(rule.code, day).binds_at(at)[0])

    def _time_of(self, code: str, day: Optional[np.datetime64]) -> RuleTime:
        rule = self._by_code[code]
        if day is None:
            return RuleTime.of(self._agreement, rule, FAR_PAST, FAR_FUTURE)
        around = (each.astype("datetime64[us]") for each in (day - DAY, day + 2 * DAY))
        return RuleTime.of(self._agreement, rule, *around)

    # Where

    def _applies(self, rule: Rule, place: Place) -> Optional[bool]:
        limits = [self._within_limit(limit, place) for limit in rule.limits]
        return _all([_any(limits) if limits else True, self._is_at(rule.where, place)])

    def _is_at(self, where: Optional[Where], place: Place) -> Optional[bool]:
        """Whether every condition of the place that is stated holds."""
        if where is None:
            return True
        held = []
        if where.zones:
            held.append(self._in_zones(where.zones, place))
        if where.outside_zones:
            held.append(self._outside_zones(where.outside_zones, place))
        if where.line:
            found = self._from_line(where.line, place)
            held.append(None if found is None else found[1].distance_m <= (where.within_m or 0.0))
        if where.site_kinds:
            held.append(self._near_sites(where, place))
        return _all(held)

    def _in_zones(self, codes: tuple[str, ...], place: Place) -> Optional[bool]:
        zones, at = self._zones_then(codes, place)
        if zones.timeline is None:
            return None
        members = zones.timeline.in_force[int(zones.timeline.interval(at)[0])]
        if members and zones.area(members).inside(place.lon, place.lat):
            return True
        return False if members and zones.not_drawn(at, at)[0] is None else None

    def _outside_zones(self, codes: tuple[str, ...], place: Place) -> Optional[bool]:
        """As of the inside; a zone that is not in force leaves everything outside."""
        inside = self._in_zones(codes, place)
        if inside is not None:
            return not inside
        zones, at = self._zones_then(codes, place)
        return True if zones.not_drawn(at, at)[0] is None else None

    def _zones_then(self, codes: tuple[str, ...], place: Place):
        """The zones as they are at the place's moment, and that moment (1,), microseconds."""
        at = place.moment.astype("datetime64[us]").astype(np.int64).reshape(1)
        return self._zones(codes, bisect_right(self._changes, int(at[0]))), at

    def _zones_of(self, codes: tuple[str, ...], interval: int) -> RuleZones:
        """The zones as they are between two changes: only that stretch of time is drawn."""
        ends = [FAR_PAST, *(np.datetime64(each, "us") for each in self._changes), FAR_FUTURE]
        span = (ends[interval], ends[interval + 1])
        return rule_zones(self._agreement, codes, self._given_zones, self._columns, span)

    def _all_changes(self) -> list[int]:
        """When lines or zones change, microseconds since 1970 (UTC), in order."""
        drawn = [
            each
            for zone in self._agreement.zones
            for interval in drawing_intervals(self._agreement, zone)
            for each in interval
            if each is not None
        ]
        changes = instants(drawn).astype(np.int64)
        if self._columns is not None and len(self._columns):
            changes = np.concatenate([changes, Timeline.of(self._columns).changes])
        low, high = (each.astype(np.int64) for each in (FAR_PAST, FAR_FUTURE))
        return np.unique(changes[(changes > low) & (changes < high)]).tolist()

    def _within_limit(self, limit, place: Place) -> Optional[bool]:
        """Whether the place is in the limit's strip, on its party's own side or on both."""
        found = self._from_line(limit.line, place)
        if found is None:
            return None
        index, foot = found
        near = foot.distance_m <= limit.distance_m
        if limit.party is None or foot.side not in (Side.LEFT, Side.RIGHT):
            return near
        own = self._line(limit.line).own_side(self._agreement, limit.party)[index]
        return near and own in (Side.NOT_KNOWN, foot.side)

    def _from_line(self, code: str, place: Place):
        """The line version in force there, and the foot on it; None where there is none."""
        measured = self._line(code)
        if measured.lines is None:
            return None
        at = place.moment.astype("datetime64[us]").astype(np.int64).reshape(1)
        among = measured.timeline.in_force[int(measured.timeline.interval(at)[0])]
        return self._against(code, among).nearest(place.lon, place.lat) if among else None

    def _line_of(self, code: str) -> MeasuredLine:
        named = self._agreement.find("lines", code)
        return measured_line(self._agreement, named, self._columns, _nowhere())

    def _one_point(self, code: str, among: tuple[int, ...]) -> OnePoint:
        return OnePoint(self._line(code).lines, among)

    def _near_sites(self, where: Where, place: Place) -> Optional[bool]:
        sites = self._sites
        if sites is None:
            return None
        within = max(where.within_m or 0.0, AT_SITE_M)
        near = np.isin(sites.kind, where.site_kinds)
        if not near.any():
            return None
        near &= np.abs(sites.lat - place.lat) <= within / METRES_PER_DEGREE
        near &= np.isnat(sites.valid_from) | (sites.valid_from <= place.moment)
        near &= np.isnat(sites.valid_to) | (place.moment < sites.valid_to)
        some = np.flatnonzero(near)
        if len(some) == 0:
            return False
        here = (np.full(len(some), place.lon), np.full(len(some), place.lat))
        return bool((between(*here, sites.lon[some], sites.lat[some])[2] <= within).any())

    # What is exempt

    def _is_exempt(self, rule: Rule, category: str, place: Place) -> Optional[bool]:
        """Whether an exemption or a permitted act takes the act out, whoever did it and why.

        As in a condition, None: it cannot be told whether the place is exempt.
        """
        held = [
            self._is_at(each.where, place)
            for each in rule.exemptions
            if not _asks_more(each) and self._fits(each.categories, category)
        ]
        for permit in self._permits:
            concerns = not permit.exempts_from or rule.code in permit.exempts_from
            if concerns and self._member(permit.code, category) == YES:
                held.append(self._binds(permit, place) and self._is_at(permit.where, place))
        return True if True in held else None if None in held else False


def _permits(rule: Rule) -> bool:
    """Whether a rule permits an act in whatever circumstances."""
    return rule.kind is RuleKind.PERMITTED_ACT and not rule.circumstances


def _asks_more(exemption: Exemption) -> bool:
    """Whether an exemption asks what is not told here: circumstances, weapon or party."""
    return bool(exemption.circumstances or exemption.weapon_classes or exemption.parties)


def _all(held: list[Optional[bool]]) -> Optional[bool]:
    """One False is enough; else what cannot be told leaves the whole untold."""
    if False in held:
        return False
    return None if None in held else True


def _any(held: list[Optional[bool]]) -> Optional[bool]:
    """One True is enough; of the rest, what can be told counts."""
    if True in held:
        return True
    return False if False in held else None


def _act(category: str) -> RuleSubjects:
    return RuleSubjects(_nowhere(1), np.array([None], dtype=object), category=[category])


def _nowhere(count: int = 0) -> IncidentColumns:
    never = np.full(count, "NaT", dtype="datetime64[us]")
    nan = np.full(count, np.nan)
    return IncidentColumns(lon=nan, lat=nan, occurred_from=never, occurred_to=never)
