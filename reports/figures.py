"""The figures of a brief: the period's counts beside the previous period's, as the model counts."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import Optional

from .casualties import Deaths, deaths_of
from .comparison import Comparison, compare
from .counting import Total, by_category, total, without_duplicates
from .material import Entry, Material
from .period import Period
from .timeline import Timeline, timeline_of
from .watch import Watch, anyone, observing_spans, watch_of

ORIGINS = ("own_observation", "party_claim", "third_party", "media", "sensor", "not_known")
OWN = "own_observation"
OF_WHICH = ("live_fire_exercise", "controlled_explosion", "demining")
FLAGS = ("near", "possible", "far", "no_line_in_force", "not_located", "not_flagged")


@dataclasses.dataclass
class OriginFigures:
    """What one kind of source says: this period, the previous one, and both by category.

    ``previous`` is None where nothing is known of the previous period. ``source`` is the one feed
    that it is of; None for all of that origin together.
    """

    origin: str
    now: Total
    previous: Optional[Total]
    categories: dict[str, Total]
    previous_categories: dict[str, Total]
    unique: Optional[Total]
    source: Optional[str] = None


@dataclasses.dataclass
class OfWhich:
    """Exercises and the like, which are in the total: inside a zone and elsewhere."""

    circumstance: str
    inside: Total
    outside: Total


@dataclasses.dataclass
class Claims:
    """Claims of parties, by whether any post could observe at the time."""

    observable: list[Entry]
    unobservable: list[Entry]
    not_known: list[Entry]


@dataclasses.dataclass
class Unknowns:
    """How many rows of the period lack what a reader may take for granted."""

    place: int = 0
    number: int = 0
    uncertainty: int = 0
    time: int = 0
    undated: int = 0
    origin: int = 0
    refuted: int = 0
    spans_the_end: int = 0
    stale: int = 0


@dataclasses.dataclass
class Figures:
    """All the figures of a brief.

    ``voices`` are the mission's own observation and, each apart, every other source: sources are
    not added together before they are matched. ``origins`` serve to count rows. ``flags`` rest on
    an uncertainty, the incident's own or, for those in ``flags_by_default`` too, an assumed one.
    """

    period: Period
    entries: list[Entry]
    origins: dict[str, OriginFigures]
    voices: list[OriginFigures]
    has_previous: bool
    of_which: list[OfWhich]
    flags: Counter
    flags_by_default: Counter
    flags_without_basis: Counter
    late: list[Entry]
    watch: Watch
    comparison: Comparison
    deaths: list[Deaths]
    claims: Claims
    unknowns: Unknowns
    timeline: Timeline

    @property
    def own(self) -> OriginFigures:
        """The mission's own observation: the headline."""
        return self.origins[OWN]

    @property
    def located(self) -> int:
        """The incidents of the period whose place is known."""
        return sum(entry.located for entry in self.entries)


def figures_of(material: Material, period: Period) -> Figures:
    """Count the material for a period; see the module."""
    entries = in_period(material.entries, period)
    before = in_period(material.entries, period.previous())
    watch = watch_of(material.effort, period)
    spans = observing_spans(material.effort)
    has_previous = bool(before) or watch.previous_observed is not None
    own = [entry for entry in material.entries if origin_of(entry) == OWN]
    with_basis = [entry for entry in entries if entry.finding.flag_basis != "none"]
    without = [entry for entry in entries if entry.finding.flag_basis == "none"]
    assumed = [entry for entry in entries if entry.finding.flag_basis == "default"]
    return Figures(
        period=period,
        entries=entries,
        origins=_origins(entries, before, has_previous, material.links),
        voices=_voices(entries, before, has_previous, material.links),
        has_previous=has_previous,
        of_which=_of_which([entry for entry in entries if origin_of(entry) == OWN]),
        flags=Counter(flag_of(entry) for entry in with_basis),
        flags_by_default=Counter(flag_of(entry) for entry in assumed),
        flags_without_basis=Counter(flag_of(entry) for entry in without),
        late=_late(material.entries, period),
        watch=watch,
        comparison=compare(own, spans, period),
        deaths=_deaths(entries),
        claims=_claims(entries, material, spans),
        unknowns=_unknowns(entries, material.entries, period),
        timeline=timeline_of(entries, material.effort, period),
    )


def in_period(entries: list[Entry], period: Period) -> list[Entry]:
    """The entries that count in a period, in order of time: by their ``occurred_from`` alone."""
    held = [entry for entry in entries if period.holds(entry.when)]
    return sorted(held, key=lambda entry: (entry.when, entry.incident.incident_id))


def origin_of(entry: Entry) -> str:
    """Whose word an entry is; "not_known" where it is not said."""
    return entry.incident.origin if entry.incident.origin in ORIGINS else "not_known"


def flag_of(entry: Entry) -> str:
    """The entry's flag; "not_flagged" where it was held against nothing."""
    if not entry.located:
        return "not_located"
    return entry.finding.flag if entry.finding.flag in FLAGS else "not_flagged"


def voice_of(entry: Entry) -> tuple[str, Optional[str]]:
    """Whose word an entry is, and by which source; the mission's own is one voice."""
    origin = origin_of(entry)
    return origin, None if origin == OWN else entry.incident.source


def _voices(entries, before, has_previous, links) -> list[OriginFigures]:
    """The mission's own observation first, then each source that says something."""
    heard = {voice_of(entry) for entry in [*entries, *before]} | {(OWN, None)}
    return [
        _said(
            *voice,
            [entry for entry in entries if voice_of(entry) == voice],
            [entry for entry in before if voice_of(entry) == voice] if has_previous else None,
            links,
        )
        for voice in sorted(heard, key=_in_order)
    ]


def _origins(entries, before, has_previous, links) -> dict[str, OriginFigures]:
    return {
        origin: _said(
            origin,
            None,
            [entry for entry in entries if origin_of(entry) == origin],
            [entry for entry in before if origin_of(entry) == origin] if has_previous else None,
            links,
        )
        for origin in ORIGINS
    }


def _said(origin: str, source: Optional[str], now, past, links) -> OriginFigures:
    return OriginFigures(
        origin=origin,
        now=total(now),
        previous=None if past is None else total(past),
        categories=by_category(now),
        previous_categories=by_category(past or []),
        unique=without_duplicates(now, links),
        source=source,
    )


def _in_order(voice: tuple[str, Optional[str]]) -> tuple[int, str]:
    return ORIGINS.index(voice[0]), voice[1] or ""


def _of_which(own: list[Entry]) -> list[OfWhich]:
    result = []
    for circumstance in OF_WHICH:
        rows = [entry for entry in own if entry.incident.circumstance == circumstance]
        if not rows:
            continue
        inside = [entry for entry in rows if entry.finding.zones]
        outside = [entry for entry in rows if not entry.finding.zones]
        result.append(OfWhich(circumstance, total(inside), total(outside)))
    return result


def _late(entries: list[Entry], period: Period) -> list[Entry]:
    """Incidents from before the period that were first recorded in it (revision 1)."""
    return [
        entry
        for entry in entries
        if entry.when is not None
        and entry.when < period.start
        and entry.incident.revision in (None, 1)
        and period.holds(entry.incident.recorded_at)
    ]


def _deaths(entries: list[Entry]) -> list[Deaths]:
    """The casualties of each voice that tells of any."""
    rows: dict[tuple[str, Optional[str]], list] = {}
    for entry in entries:
        rows.setdefault(voice_of(entry), []).append(entry.incident)
    found = (deaths_of(*voice, rows[voice]) for voice in sorted(rows, key=_in_order))
    return [item for item in found if item is not None]


def _claims(entries: list[Entry], material: Material, spans) -> Claims:
    claims = Claims([], [], [])
    every = anyone(spans)
    for entry in entries:
        if origin_of(entry) != "party_claim":
            continue
        start, end = entry.when, entry.incident.occurred_to or entry.when
        if not material.effort:
            claims.not_known.append(entry)
        elif every.hours(start, end) > 0 or every.holds(start):
            claims.observable.append(entry)
        else:
            claims.unobservable.append(entry)
    return claims


def _unknowns(entries: list[Entry], every: list[Entry], period: Period) -> Unknowns:
    rows = [entry.incident for entry in entries]
    return Unknowns(
        place=sum(not entry.located for entry in entries),
        number=sum(
            row.count_qualifier == "not_known" or (row.count_low is None and row.count_high is None)
            for row in rows
        ),
        uncertainty=sum(
            entry.located and entry.incident.uncertainty_m is None for entry in entries
        ),
        time=sum(row.time_precision in ("day", "week", "month", "year") for row in rows),
        undated=sum(entry.when is None for entry in every),
        origin=sum(origin_of(entry) == "not_known" for entry in entries),
        stale=sum(_is_stale(entry) for entry in entries),
        refuted=sum(row.verification == "refuted" for row in rows),
        spans_the_end=sum(
            row.occurred_to is not None and row.occurred_to > period.end for row in rows
        ),
    )


def _is_stale(entry: Entry) -> bool:
    """Whether the incident was changed after it was held against the lines."""
    assessed, now = entry.finding.incident_revision, entry.incident.revision
    return assessed is not None and now is not None and assessed < now
