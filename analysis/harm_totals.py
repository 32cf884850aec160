"""Totals of harm to people that never count a person twice.

A person counts once, under death where any record tells of it, else under the latest record. A
group may hold persons that are recorded by themselves: of the same event and outcome, those that
fit are taken out of it, so that the sum is the larger of the two and never both. Of incidents that
are linked as one event, one incident's groups count. Unknown is never zero: what nobody recorded
has no row.
"""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Callable, Iterable, Mapping, Optional

from ..model.harm import Harm, Link
from ..model.incident import Incident
from .harm_people import (
    DEATHS,
    DIED_LATER,
    INJURED,
    TRAITS,
    UNKNOWN,
    People,
    Unit,
    people_of,
)
from .link_graph import events_of, leads_of

DIED = "died"
Keep = Callable[[Unit], bool]
Value = Callable[[Unit], str]


@dataclasses.dataclass
class HarmRow:
    """Persons of one outcome and one value of one dimension, reported or corroborated.

    ``undetermined`` counts groups without any number, ``open_ended`` groups without a number at
    most, ``without_best`` those without a best estimate. ``best`` is None where any group has no
    best estimate, ``high`` where any has no number at most: a sum of the others alone would be no
    sum of these persons. Undetermined groups add nothing and are told beside. ``persons`` are
    recorded one by one; ``died_later`` is of which (in outcome ``died``).
    """

    dimension: str
    value: str
    outcome: str
    corroborated: bool
    persons: int = 0
    groups: int = 0
    low: int = 0
    best: Optional[int] = None
    high: Optional[int] = None
    died_later: int = 0
    undetermined: int = 0
    without_best: int = 0
    open_ended: int = 0

    def add(self, unit: Unit) -> None:
        """Count one person or group."""
        if unit.person is not None:
            self.persons += 1
        else:
            self.groups += 1
        if unit.low is None:
            self.undetermined += 1
            return
        self.low += unit.low
        self.without_best += unit.best is None
        self.open_ended += unit.high is None
        self.best = None if self.without_best else _plus(self.best, unit.best)
        self.high = None if self.open_ended else _plus(self.high, unit.high)
        if unit.outcome == DIED_LATER:
            self.died_later += unit.low if unit.best is None else unit.best


@dataclasses.dataclass
class HarmTotals:
    """The rows, the persons and groups behind them, and what was left out or put together.

    ``within_groups``: persons recorded by themselves that a group of their event holds too.
    ``same_event``: groups not counted, for another incident of the same event has them.
    """

    rows: list[HarmRow]
    units: list[Unit]
    people: People
    within_groups: int
    same_event: int
    died_of_injured: int


def harm_totals(
    harm: Iterable[Harm],
    incidents: Iterable[Incident],
    links: Iterable[Link],
    sources_needed: int,
    keep: Optional[Keep] = None,
    dimensions: Optional[Mapping[str, Value]] = None,
) -> HarmTotals:
    """Count the harm of records.

    ``keep`` says which persons and groups count (a period, an area): asked after persons were put
    together, so that one who died after the period counts as dead in the period of the injury.
    ``dimensions`` gives further ones by name, each the value of a unit; ``all`` and TRAITS are
    always there.
    """
    links = list(links)
    known = {item.incident_id: item for item in incidents}
    events = events_of(links)
    people = people_of(harm, known, events, sources_needed)
    groups, same_event = _one_incident_an_event(people.groups, set(leads_of(links).values()))
    within = _take_out(people.persons, groups)
    died = _take_out_dead(groups)
    groups = [unit for unit in groups if not (unit.lessened and unit.high == 0)]
    units = [unit for unit in (*people.persons, *groups) if keep is None or keep(unit)]
    values: dict[str, Value] = {"all": lambda unit: "all"}
    values.update({name: _trait(name) for name in TRAITS})
    values.update(dimensions or {})
    return HarmTotals(_rows(units, values), units, people, within, same_event, died)


def counted_outcome(unit: Unit) -> str:
    """The outcome of the totals: killed and died later are both ``died``."""
    return DIED if unit.outcome in DEATHS else unit.outcome


@dataclasses.dataclass
class FeedFigures:
    """What one source's incidents say of deaths and injuries; never added to records of harm."""

    source: str
    rows: int = 0
    deaths_low: Optional[int] = None
    deaths_best: Optional[int] = None
    deaths_high: Optional[int] = None
    civilian_deaths: Optional[int] = None
    injured: Optional[int] = None
    unsound: int = 0


def feed_figures(incidents: Iterable[Incident]) -> list[FeedFigures]:
    """The feeds' own figures, by source; None where no row of a source has any.

    Refuted and withdrawn incidents are left out. Rows with a number below zero are set aside and
    counted as ``unsound``; numbers out of order are the feed's own word.
    """
    found: dict[str, FeedFigures] = {}
    names = ("deaths_low", "deaths_best", "deaths_high", "civilian_deaths", "injured")
    for item in incidents:
        told = {name: getattr(item, name) for name in names}
        if item.verification == "refuted" or item.workflow == "withdrawn":
            continue
        if all(value is None for value in told.values()):
            continue
        source = item.source or UNKNOWN
        figures = found.setdefault(source, FeedFigures(source))
        if any(value is not None and value < 0 for value in told.values()):
            figures.unsound += 1
            continue
        figures.rows += 1
        for name, value in told.items():
            setattr(figures, name, _plus(getattr(figures, name), value))
    return [found[source] for source in sorted(found)]


def in_period(start: Optional[datetime], end: Optional[datetime]) -> Keep:
    """Keep what fell in a half-open period (aware; None: open); undated only where it is open."""

    def keep(unit: Unit) -> bool:
        if start is None and end is None:
            return True
        if unit.when is None:
            return False
        return (start is None or unit.when >= start) and (end is None or unit.when < end)

    return keep


def _rows(units: list[Unit], values: Mapping[str, Value]) -> list[HarmRow]:
    rows: dict[tuple, HarmRow] = {}
    for unit in units:
        for dimension, value_of in values.items():
            key = (dimension, value_of(unit), counted_outcome(unit), unit.corroborated)
            rows.setdefault(key, HarmRow(*key)).add(unit)
    order = {name: number for number, name in enumerate(values)}
    return [
        rows[key]
        for key in sorted(rows, key=lambda key: (order[key[0]], key[1], key[2], not key[3]))
    ]


def _one_incident_an_event(groups: list[Unit], leads: set) -> tuple[list[Unit], int]:
    """Of groups of one event and outcome, those of one incident: the lead's, else the largest."""
    kinds: dict[tuple, dict[Optional[str], list[Unit]]] = {}
    for unit in groups:
        incidents = kinds.setdefault((unit.event, counted_outcome(unit)), {})
        incidents.setdefault(unit.incident_id, []).append(unit)
    kept: list[Unit] = []
    for incidents in kinds.values():
        chosen = max(incidents, key=lambda name: (name in leads, *_size(incidents[name])))
        kept += incidents[chosen]
    return kept, len(groups) - len(kept)


def _size(units: list[Unit]) -> tuple[int, int]:
    best = sum(unit.low or 0 if unit.best is None else unit.best for unit in units)
    return best, sum(unit.high or 0 for unit in units)


def _take_out(persons: list[Unit], groups: list[Unit]) -> int:
    """Take persons recorded by themselves out of the groups that hold them; how many."""
    held: dict[tuple[str, str], list[Unit]] = {}
    for unit in sorted(groups, key=_least_described):
        held.setdefault((unit.event, unit.outcome), []).append(unit)
    room = {id(unit): _room(unit) for unit in groups}
    taken = 0
    for person in persons:
        for event, outcomes in person.events.items():
            for outcome in sorted(outcomes):
                group = _that_holds(person, held.get((event, outcome), []), room)
                if group is not None:
                    _lessen(group, 1, 1, 1)
                    room[id(group)] -= 1
                    taken += 1
    return taken


def _least_described(unit: Unit) -> int:
    """Groups in order: those that are described most closely first."""
    return sum(value == UNKNOWN for value in unit.traits.values())


def _that_holds(person: Unit, groups: list[Unit], room: dict) -> Optional[Unit]:
    """The most closely described group that may hold a person."""
    for group in groups:
        fits = all(_fits(person.traits[name], group.traits[name]) for name in TRAITS)
        if fits and room[id(group)] > 0:
            return group
    return None


def _room(unit: Unit) -> float:
    """How many persons a group can hold."""
    if unit.high is not None:
        return unit.high
    return float("inf")


def _fits(one: str, other: str) -> bool:
    return UNKNOWN in (one, other) or one == other


def _take_out_dead(groups: list[Unit]) -> int:
    """Who of a group of injured died later is no more among the injured; how many, at best."""
    injured: dict[str, list[Unit]] = {}
    for unit in groups:
        if unit.outcome == INJURED:
            injured.setdefault(unit.event, []).append(unit)
    taken = 0
    for unit in groups:
        among = injured.get(unit.event, [])
        if unit.outcome == DIED_LATER and len(among) == 1 and unit.low is not None:
            high = unit.low if unit.high is None else unit.high
            _lessen(among[0], high, unit.best, unit.low)
            taken += unit.low if unit.best is None else unit.best
    return taken


def _lessen(unit: Unit, off_low: int, off_best: Optional[int], off_high: int) -> None:
    unit.lessened = True
    if unit.low is not None:
        unit.low = max(0, unit.low - off_low)
    if unit.best is not None:
        unit.best = max(0, unit.best - (off_high if off_best is None else off_best))
    if unit.high is not None:
        unit.high = max(0, unit.high - off_high)


def _trait(name: str) -> Value:
    return lambda unit: unit.traits[name]


def _plus(total: Optional[int], number: Optional[int]) -> Optional[int]:
    if number is None:
        return total
    return number if total is None else total + number
