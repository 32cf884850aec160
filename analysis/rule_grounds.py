"""What each finding of a rule rests on, as one fingerprint a subject."""

from __future__ import annotations

from typing import Iterator

import numpy as np

from ..model.agreement import Clause, Rule, RuleKind, Where
from .rule_places import FAR_TAIL
from .rule_prints import (
    UNSIGNED,
    GroundPrints,
    digest,
    mixed,
    of_arrays,
    print_of_line,
    prints_of_subjects,
)
from .spread import HOLDS_95_ONE

# Raised where a change of the method changes verdicts: then everything is assessed again.
METHOD = 2


class Grounds:
    """Fingerprints for one theatre: what was worked out for a line or zone is kept."""

    def __init__(self, theatre):
        self.theatre = theatre
        self.subjects = prints_of_subjects(theatre.subjects)
        self._made: dict = {}

    def of(self, clause: Clause, rule: Rule) -> np.ndarray:
        """The fingerprint of each subject under one rule (n,), 64-bit."""
        theatre = self.theatre
        place = theatre.subjects.place
        met = theatre.time(rule).meet(place.occurred_from, place.occurred_to)
        rows = np.arange(len(theatre.subjects))
        fixed = np.full(len(rows), self.content(clause, rule), dtype=UNSIGNED)
        parts = [fixed, self.subjects, met.touched.astype(UNSIGNED)]
        parts.append(np.round(met.share * 1e9).astype(UNSIGNED))
        for line in sorted(set(self._lines(rule))):
            parts.append(self._line(line, met, rows))
        for codes in sorted(set(self._zones(rule))):
            parts.append(self._zone(codes, met, rows))
        for other in self._beside(rule):
            time = theatre.time(other)
            touched = time.meet(place.occurred_from, place.occurred_to).touched
            parts.append(touched.astype(UNSIGNED))
        return mixed(*parts)

    def content(self, clause: Clause, rule: Rule) -> int:
        """The fingerprint of the rule itself and of all that it names."""
        agreement = self.theatre.agreement
        named = [agreement.find("lines", code) for code in sorted(set(self._lines(rule)))]
        drawn = [
            agreement.find("zones", code)
            for code in sorted({code for codes in self._zones(rule) for code in codes})
        ]
        around = self._beside(rule)
        theatre = self.theatre
        return digest(
            METHOD,
            clause.reference,
            _untimed(rule),
            [_untimed(other) for other in around],
            named,
            drawn,
            agreement.weapon_classes,
            agreement.parties,
            agreement.precedence,
            agreement.timing.timezone,
            theatre.timezone,
            theatre.default_uncertainty_m,
            self._given(rule),
        )

    def _given(self, rule: Rule) -> list[int]:
        """Fingerprints of the sites and storage that the rule looks at."""
        theatre = self.theatre
        told = []
        kinds = sorted({kind for where in _places(theatre, rule) for kind in where.site_kinds})
        if kinds and theatre.given_sites is not None:
            sites = theatre.sites_of(tuple(kinds))
            told.append(
                of_arrays(
                    sites.lon, sites.lat, sites.name, sites.kind, sites.valid_from, sites.valid_to
                )
            )
        if rule.kind is RuleKind.STORAGE and theatre.storage is not None:
            kept = theatre.storage
            told.append(of_arrays(*(getattr(kept, name) for name in kept.__dataclass_fields__)))
        return told

    def _lines(self, rule: Rule) -> Iterator[str]:
        yield from (limit.line for limit in rule.limits)
        yield from (where.line for where in _places(self.theatre, rule) if where.line)
        if rule.kind is RuleKind.STORAGE:
            for _, other in self.theatre.agreement.rules():
                if other.code in rule.beyond_rules:
                    yield from self._lines(other)

    def _zones(self, rule: Rule) -> Iterator[tuple[str, ...]]:
        for where in _places(self.theatre, rule):
            if where.zones:
                yield where.zones
            if where.outside_zones:
                yield where.outside_zones

    def _beside(self, rule: Rule) -> list[Rule]:
        """Other rules on which a finding of this one depends: permissions, and what prevails."""
        agreement = self.theatre.agreement
        weapons = rule.kind in (RuleKind.WITHDRAWAL, RuleKind.STORAGE)
        return [
            other
            for _, other in agreement.rules()
            if other.code != rule.code
            and (
                other.kind is RuleKind.PERMITTED_ACT
                and (not other.exempts_from or rule.code in other.exempts_from)
                or weapons
                and other.kind is RuleKind.WITHDRAWAL
                and (agreement.precedence or other.code in rule.beyond_rules)
            )
        ]

    def _line(self, code: str, met, rows, beyond_m: float = 0.0) -> np.ndarray:
        """What rows rest on of a line, and of what lies up to ``beyond_m`` from it."""
        measured = self.theatre.line(code)
        if measured.lines is None:
            return np.full(len(rows), digest(measured.why), dtype=UNSIGNED)
        if (code, beyond_m) not in self._made:
            columns = measured.lines.columns
            facts = [print_of_line(columns, index) for index in range(len(columns))]
            moves = np.nan_to_num(columns.uncertainty_m, nan=0.0).max() * FAR_TAIL / HOLDS_95_ONE
            self._made[code, beyond_m] = GroundPrints(
                list(columns.geometry), facts, measured.timeline, float(moves) + beyond_m
            )
        return self._made[code, beyond_m].of(self.theatre.subjects, met, rows)

    def _zone(self, codes: tuple[str, ...], met, rows) -> np.ndarray:
        zones = self.theatre.zones(codes)
        untold = zones.not_drawn(met.opens, met.closes)
        answers = {titles: digest(titles) for titles in set(untold.tolist())}
        unknown = np.array([answers[titles] for titles in untold.tolist()], dtype=UNSIGNED)
        if zones.timeline is None:
            return mixed(np.full(len(rows), digest(zones.why), dtype=UNSIGNED), unknown)
        return mixed(self._drawn_zone(zones, codes, met, rows), unknown)

    def _drawn_zone(self, zones, codes: tuple[str, ...], met, rows) -> np.ndarray:
        bands = zones.bands()
        if bands:
            # Drawn anew, a strip differs a little everywhere; it rests on its line near by.
            return mixed(*(self._line(band.line, met, rows, 2.0 * band.far_m) for band in bands))
        if codes not in self._made:
            edges = [shape.boundary for shape in zones.shapes]
            self._made[codes] = GroundPrints(edges, zones.titles, zones.timeline, 0.0)
        return self._made[codes].of(self.theatre.subjects, met, rows)


def _untimed(rule: Rule) -> str:
    """A rule without its dates: those bear on a subject by the time that both have in common."""
    names = [name for name in rule.__dataclass_fields__ if name not in _DATES]
    return repr([(name, getattr(rule, name)) for name in names])


_DATES = ("valid_from", "valid_to", "deadline", "severity")


def _places(theatre, rule: Rule) -> Iterator[Where]:
    """Every place that bears on a finding of the rule."""
    permitted = (
        other
        for _, other in theatre.agreement.rules()
        if other.kind is RuleKind.PERMITTED_ACT
        and (not other.exempts_from or rule.code in other.exempts_from)
    )
    for place in (rule.where, *(each.where for each in rule.exemptions)):
        if place is not None:
            yield place
    for other in permitted:
        if other.where is not None:
            yield other.where
