"""What a brief will hold and what it will lack, counted before it is made."""

from __future__ import annotations

import dataclasses
from enum import Enum
from typing import Any, Optional

from .figures import OWN, Figures, figures_of, flag_of, in_period, origin_of
from .material import Entry, Material
from .period import Period
from .release import Release, released

REVIEWED = ("reviewed", "released")


class Severity(Enum):
    """How much a line matters to who is about to make the brief."""

    INFO = "info"
    ATTENTION = "attention"
    SERIOUS = "serious"


@dataclasses.dataclass(frozen=True)
class Content:
    """One line. ``count`` None: not known. ``of`` is out of how many, ``names`` whose it is.

    ``facets`` and ``flags`` say by which filter the incidents panel shows it; both empty where none
    does. ``opens`` names the panel that helps otherwise.
    """

    kind: str
    severity: Severity
    count: Optional[int]
    of: Optional[int] = None
    names: tuple[str, ...] = ()
    facets: tuple[tuple[str, tuple[str, ...]], ...] = ()
    flags: tuple[str, ...] = ()
    opens: str = ""


@dataclasses.dataclass(frozen=True)
class Around:
    """What the ledger knows beside the material: feeds that are not in step, by name; agreements
    against which incidents of the period were not held since they were last changed, with how
    many."""

    feeds: tuple[str, ...] = ()
    unchecked: tuple[tuple[str, int], ...] = ()


def contents_of(
    material: Material, period: Period, release: Release, reasons: bool, around: Around
) -> list[Content]:
    """The lines, in the order in which they are told: what is in it first, then what is not."""
    shown, left_out = released(material, release, reasons)
    figures = figures_of(shown, period)
    every = in_period(material.entries, period)
    lines = [
        *_held(figures),
        *_wanting(figures),
        *_watched(figures),
        *_kept_out(every, figures, material, release),
        *_left_out(left_out),
        *_around(around),
        *_revised(shown.revisions),
    ]
    return [line for line in lines if line.count is None or line.count or line.kind == "incidents"]


def incidents_after(entries: list[Entry], last: Any) -> int:
    """How many were recorded after a moment, or at an unknown one; all where it is None."""
    if last is None:
        return len(entries)
    moments = [entry.incident.recorded_at for entry in entries]
    return sum(moment is None or moment > last for moment in moments)


def _held(figures: Figures) -> list[Content]:
    entries = figures.entries
    severity = Severity.INFO if entries else Severity.ATTENTION
    own = sum(origin_of(entry) == OWN for entry in entries)
    return [
        Content("incidents", severity, len(entries)),
        Content("own_observation", Severity.INFO, own, len(entries)),
        Content("other_sources", Severity.INFO, len(entries) - own, len(entries)),
        Content("late", Severity.INFO, len(figures.late)),
    ]


def _wanting(figures: Figures) -> list[Content]:
    """What the incidents of the period lack; each can be filtered for, where the panel can."""
    entries, unknown = figures.entries, figures.unknowns
    every = len(entries)
    rows = [entry.incident for entry in entries]
    unreviewed = sum(row.workflow not in REVIEWED for row in rows)
    flags = [flag_of(entry) for entry in entries]
    look = Severity.ATTENTION
    return [
        Content(
            "unreviewed", look, unreviewed, every, facets=(("workflow", ("draft", "recorded", "")),)
        ),
        Content(
            "not_flagged",
            Severity.SERIOUS,
            flags.count("not_flagged"),
            every,
            facets=(("located", ("located",)),),
            flags=("not_flagged",),
        ),
        Content("stale", Severity.SERIOUS, unknown.stale, every),
        Content("not_located", look, unknown.place, every, facets=(("located", ("not_located",)),)),
        Content("number_not_known", look, unknown.number, every),
        Content("uncertainty_not_known", look, unknown.uncertainty, every),
        Content("origin_not_known", look, unknown.origin, every),
        Content("refuted", look, unknown.refuted, every, facets=(("verification", ("refuted",)),)),
        Content("undated", look, unknown.undated),
    ]


def _watched(figures: Figures) -> list[Content]:
    """Effort: not recorded at all is not known, which is not the same as days without any."""
    watch = figures.watch
    if not watch.known:
        return [Content("effort_not_known", Severity.SERIOUS, None)]
    days = tuple(day.isoformat() for day in watch.days_without)
    every = sum(1 for _ in figures.period.days())
    return [
        Content("days_not_observed", Severity.ATTENTION, len(days), every, days),
        Content(
            "claims_nobody_could_observe",
            Severity.ATTENTION,
            len(figures.claims.unobservable),
        ),
    ]


def _kept_out(every, figures: Figures, material: Material, release: Release) -> list[Content]:
    """Incidents of the period that the level or their sources' terms keep out."""
    inside = {entry.incident.incident_id for entry in figures.entries}
    out = [entry for entry in every if entry.incident.incident_id not in inside]
    withdrawn = [entry for entry in out if entry.incident.workflow == "withdrawn"]
    lines = [Content("withdrawn", Severity.INFO, len(withdrawn), len(every),
                     facets=(("workflow", ("withdrawn",)),))]  # fmt: skip
    out = [entry for entry in out if entry.incident.workflow != "withdrawn"]
    terms = {} if release is Release.CONFIDENTIAL else material.terms
    by_terms = [entry for entry in out if terms.get(entry.incident.source or "") == "none"]
    by_level = len(out) - len(by_terms)
    rows = [
        entry
        for entry in figures.entries
        if terms.get(entry.incident.source or "", "rows") == "aggregates"
    ]
    return [
        *lines,
        _of_sources("kept_out_by_source", by_terms, len(every)),
        Content(
            "kept_out_by_level",
            Severity.ATTENTION,
            by_level if material.sees_all else None,
            len(every),
        ),
        _of_sources("not_in_annex", rows, len(every)),
    ]


def _of_sources(kind: str, entries: list[Entry], every: int) -> Content:
    names = tuple(sorted({entry.incident.source or "" for entry in entries}))
    facets = (("source", names),) if names else ()
    return Content(kind, Severity.ATTENTION, len(entries), every, names, facets)


def _left_out(left_out: Any) -> list[Content]:
    return [
        Content("observers_points", Severity.INFO, left_out.observers_points),
        Content("reasons_held_back", Severity.INFO, left_out.reasons),
    ]


def _around(around: Around) -> list[Content]:
    lines = [
        Content("rules_not_checked", Severity.SERIOUS, count, names=(name,))
        for name, count in around.unchecked
    ]
    feeds = around.feeds
    return [
        *lines,
        Content("feeds_not_in_step", Severity.ATTENTION, len(feeds), names=feeds, opens="feeds"),
    ]


def _revised(revisions: Any) -> list[Content]:
    if revisions is None:
        return []
    kind = "revised_since_report" if revisions.of_report else "revised_since_start"
    return [Content(kind, Severity.ATTENTION, sum(revisions.counts.values()))]
