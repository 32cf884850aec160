"""The fixed sections of the daily report; each is printed, also where there is nothing to tell."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Callable, Optional

from .daily_tables import (
    areas_table,
    clauses_table,
    commitment_table,
    crossings_table,
    region_table,
    restrictions_table,
    weapons_table,
)
from .figure_tables import deaths_table
from .figures import OWN, Figures, origin_of
from .material import Entry, Material, in_force
from .period import Period
from .tables import Table, dated_table
from .withheld import Withheld
from .words import Words

MOST_ROWS = 200
HARM = ("civilian/", "damage/")
PRESENCE = ("movement/", "fortification/", "overflight/", "maritime/vessel")
MINES = ("mine_uxo/",)
WEAPONS = ("weapon/",)


class State(Enum):
    """What may be said where a section has no rows of the mission's own."""

    TOLD = "told"
    OTHERS_ONLY = "others_only"
    NIL = "nil"
    NOT_OBSERVED = "not_observed"
    NO_EFFORT = "no_effort"


@dataclasses.dataclass
class Section:
    """One section: its heading's key, what is said in sentences, and its tables.

    ``chart`` draws a picture (SVG) to a path and gives its height in millimetres.
    """

    key: str
    texts: list[str]
    tables: list[Table]
    chart: Optional[Callable[[Path], float]] = None


class DailyReport:
    """Writes the sections of one period, in the order of the field."""

    def __init__(self, figures: Figures, material: Material, words: Words, withheld: Withheld):
        self.figures = figures
        self.material = material
        self.words = words
        self.withheld = withheld

    def sections(self) -> list[Section]:
        """All sections; none is left out because it is empty."""
        return [
            self._regions(),
            self._harm(),
            self._areas(),
            self._clauses(),
            self._weapons(),
            self._listed("presence", PRESENCE),
            self._listed("mines", MINES),
            Section("repairs", self.say("repairs"), []),
            self._crossings(),
            self._restrictions(),
            self._commitment(),
        ]

    def state(self, entries: list[Entry]) -> State:
        """Nil only where somebody observed; see ``State``."""
        if any(origin_of(entry) == OWN for entry in entries):
            return State.TOLD
        if entries:
            return State.OTHERS_ONLY
        if not self.figures.watch.known:
            return State.NO_EFFORT
        return State.NIL if self.figures.watch.observed > 0 else State.NOT_OBSERVED

    def _state_words(self, entries: list[Entry]) -> list[str]:
        return self.say("state", state=self.state(entries).value)

    def say(self, part: str, **values) -> list[str]:
        """The sentences of one part of the words of sections."""
        return self.words.paragraphs(
            "daily", part=part, f=self.figures, withheld=self.withheld, **{"state": "", **values}
        )

    def _of(self, *groups: str) -> list[Entry]:
        return [
            entry
            for entry in self.figures.entries
            if (entry.incident.category or "").startswith(groups)
        ]

    def _listed(self, key: str, groups: tuple) -> Section:
        entries = self._of(*groups)
        texts = self._state_words(entries) + self._left(entries)
        return Section(key, texts, self._list(key, entries))

    def _left(self, entries: list[Entry]) -> list[str]:
        """What is said where a section's list is cut: its rows stand further back, all of them."""
        left = len(entries) - MOST_ROWS
        return self.say("left", left=left, shown=MOST_ROWS) if left > 0 else []

    def _list(self, key: str, entries: list[Entry]) -> list[Table]:
        table = dated_table(key, entries[:MOST_ROWS], self.words)
        return [table] if table else []

    def _regions(self) -> Section:
        entries = self.figures.entries
        texts = self._state_words(entries)
        table, by_side = region_table(self.figures, self.material, self.words)
        if table is not None:
            texts += self.say("regions", by_side=by_side)
        return Section("regions", texts, [table] if table else [])

    def _harm(self) -> Section:
        entries = [
            entry
            for entry in self.figures.entries
            if (entry.incident.category or "").startswith(HARM) or _harmed(entry)
        ]
        tables = [deaths_table(self.figures, self.words), *self._list("harm", entries)]
        texts = self._state_words(entries) + self._left(entries)
        return Section("harm", texts, [item for item in tables if item])

    def _areas(self) -> Section:
        zones = [
            zone
            for zone in self.material.zones
            if zone.kind == "disengagement_area" and self._in_force(zone)
        ]
        table = areas_table(zones, self.figures, self.material, self.words)
        return Section(
            "areas",
            self.say("areas", number=len(zones), nowhere=self._nowhere()),
            [table] if table else [],
        )

    def _clauses(self) -> Section:
        held = ruled_in(self.material, self.figures)
        table = clauses_table(held, self.words)
        agreements = [item for item in self.material.agreements if self._in_force(item)]
        texts = self.say("clauses", number=len(held), agreements=agreements)
        return Section("clauses", texts, [table] if table else [])

    def _weapons(self) -> Section:
        period = self.figures.period
        seen = [item for item in self.material.sightings if period.holds(item.seen_from)]
        table = weapons_table(seen, self.material, self.words)
        entries = self._of(*WEAPONS)
        texts = [] if seen else self._state_words(entries)
        texts += self.say("weapons", number=len(seen)) + self._left(entries)
        tables = ([table] if table else []) + self._list("weapon_incidents", entries)
        return Section("weapons", texts, tables)

    def _crossings(self) -> Section:
        sites = [
            site
            for site in self.material.sites
            if site.kind == "crossing_point" and self._in_force(site)
        ]
        table = crossings_table(sites, self.figures, self.words)
        texts = self.say("crossings", number=len(sites), nowhere=self._nowhere())
        return Section("crossings", texts, [table] if table else [])

    def _restrictions(self) -> Section:
        period = self.figures.period
        held = [item for item in self.material.restrictions if _touches(item, period)]
        table = restrictions_table(held, self.material, self.words)
        texts = self.say("restrictions", number=len(held))
        return Section("restrictions", texts, [table] if table else [])

    def _commitment(self) -> Section:
        begun = sorted(
            (
                item
                for item in self.material.agreements
                if item.valid_from is not None and self._in_force(item)
            ),
            key=lambda item: item.valid_from,
        )
        dates = [entry.when for entry in self.material.entries if entry.when is not None]
        texts = self.say("commitment", agreements=begun, first=min(dates, default=None))
        tables = [commitment_table(begun, self.figures, self.material, self.words)] if begun else []
        return Section("commitment", texts, tables)

    def _nowhere(self) -> int:
        """How many rows of own observation have no place."""
        return sum(origin_of(entry) == OWN and not entry.located for entry in self.figures.entries)

    def _in_force(self, record) -> bool:
        return in_force(record, self.figures.period.start, self.figures.period.end)


def ruled_in(material: Material, figures: Figures) -> list:
    """The findings of rules of the period: of its incidents, its sightings, its zones' days."""
    shown = {entry.incident.incident_id for entry in figures.entries}
    period = figures.period
    seen = {item.sighting_id for item in material.sightings if period.holds(item.seen_from)}
    return [
        finding
        for finding in material.ruled
        if finding.incident_id in shown
        or finding.sighting_id in seen
        or (
            finding.incident_id is None
            and finding.sighting_id is None
            and period.holds(finding.period_from)
        )
    ]


def _harmed(entry: Entry) -> bool:
    row = entry.incident
    figures = (row.deaths_low, row.deaths_best, row.deaths_high, row.civilian_deaths, row.injured)
    return any(figures)


def _touches(item, period: Period) -> bool:
    start: Optional[datetime] = item.restricted_from
    if start is None or start >= period.end:
        return False
    return period.holds(start) or (
        item.restricted_to is not None and item.restricted_to > period.start
    )
