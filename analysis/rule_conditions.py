"""Where a rule applies: each condition of its place, held against subjects."""

from __future__ import annotations

import dataclasses
from typing import Optional

import numpy as np

from ..model.agreement import Rule, Where
from ..model.vocabulary import label
from .flagging import HARDLY
from .line_words import metres
from .rule_columns import NONE
from .rule_distances import LineLimit
from .rule_sentences import all_dates, line_phrase
from .rule_sites import near_sites
from .rule_times import Met, RuleTime

AT_SITE_M = 100.0


@dataclasses.dataclass
class PlaceHeld:
    """One condition of place, held against rows; one array a field.

    ``chance`` that it was met. ``margin_m``: how far inside (positive) or outside (negative).
    ``words`` say where the subject was. ``missing`` says why it could not be assessed, else None.
    """

    chance: np.ndarray
    margin_m: np.ndarray
    measured_m: np.ndarray
    limit_m: np.ndarray
    line_name: np.ndarray
    line_from: np.ndarray
    zones: np.ndarray
    words: np.ndarray
    missing: np.ndarray

    @classmethod
    def blank(cls, count: int) -> PlaceHeld:
        """Nothing held yet."""

        def numbers():
            return np.full(count, np.nan)

        def texts():
            return np.full(count, None, dtype=object)

        moments = np.full(count, "NaT", dtype="datetime64[us]")
        return cls(
            np.zeros(count),
            numbers(),
            numbers(),
            numbers(),
            texts(),
            moments,
            texts(),
            texts(),
            texts(),
        )


def conditions_of(theatre, rule: Rule, time: RuleTime, met: Met, rows) -> list[PlaceHeld]:
    """Every condition of the rule's place; ``rows`` are located and timed, touched by ``met``."""
    held = []
    if rule.limits:
        held.append(_within_limits(theatre, rule, time, met, rows))
    return held + where_held(theatre, rule.where, time, met, rows)


def has_place(rule: Rule) -> bool:
    """Whether the rule asks for a place at all."""
    return bool(rule.limits) or asks_place(rule.where)


def asks_place(where: Optional[Where]) -> bool:
    """Whether a place is stated."""
    stated = where is not None
    return stated and bool(where.zones or where.outside_zones or where.line or where.site_kinds)


def where_held(theatre, where: Optional[Where], time, met, rows) -> list[PlaceHeld]:
    """Every condition that a stated place makes."""
    if where is None:
        return []
    held = []
    if where.zones:
        held.append(_in_zones(theatre, where.zones, time, met, rows))
    if where.outside_zones:
        codes = where.outside_zones
        inside = _in_zones(theatre, codes, time, met, rows)
        unknown = theatre.zones(codes).not_drawn(met.opens, met.closes)
        held.append(_outside(inside, time_share(theatre, met, rows), unknown))
    if where.line:
        held.append(_near_line(theatre, where.line, where.within_m or 0.0, time, met, rows))
    if where.site_kinds:
        held.append(_near_sites(theatre, where, met, rows))
    return held


def combined(conditions: list[PlaceHeld], share: np.ndarray):
    """``(chance, margin_m, leading)`` of all conditions together, one value a row.

    ``share``: the chance that the rule bound at the time. Where several conditions are uncertain
    they are taken as independent of each other; one that could not be assessed counts as met.
    ``leading`` is the number of the condition by which the subject is the least inside.
    """
    if not conditions:
        nan = np.full(len(share), np.nan)
        return share, nan, np.full(len(share), -1, dtype=np.int64)
    chance = share.copy()
    for condition in conditions:
        own = np.clip(condition.chance / np.maximum(share, 1e-12), 0.0, 1.0)
        chance = chance * np.where(condition.missing == None, own, 1.0)  # noqa: E711 (elementwise)
    margins = np.array([condition.margin_m for condition in conditions])
    leading = np.argmin(np.where(np.isnan(margins), np.inf, margins), axis=0)
    return chance, margins[leading, np.arange(len(share))], leading


def first_missing(conditions: list[PlaceHeld], count: int) -> np.ndarray:
    """Why a row could not be assessed, by the first condition that says so; else None."""
    result = np.full(count, None, dtype=object)
    for condition in reversed(conditions):
        told = condition.missing != None  # noqa: E711 (elementwise)
        result[told] = condition.missing[told]
    return result


def _near_line(theatre, code: str, within_m: float, time, met, rows) -> PlaceHeld:
    held = PlaceHeld.blank(len(rows))
    measured = theatre.line(code)
    found = LineLimit.of(theatre.agreement, measured, theatre.subjects, within_m).held(
        time, met, rows
    )
    _fill_from_line(theatre, held, measured, found, within_m)
    held.margin_m = within_m - held.measured_m
    return held


def _within_limits(theatre, rule: Rule, time, met, rows) -> PlaceHeld:
    """Within any of the rule's strips: on the limit's own side, or on both."""
    best: Optional[PlaceHeld] = None
    total = np.zeros(len(rows))
    for each in rule.limits:
        measured = theatre.line(each.line)
        limit = LineLimit.of(
            theatre.agreement, measured, theatre.subjects, each.distance_m, each.party, strip=True
        )
        found = limit.held(time, met, rows)
        held = PlaceHeld.blank(len(rows))
        _fill_from_line(theatre, held, measured, found, each.distance_m)
        across = found.signed_m < 0.0
        held.margin_m = np.where(across, found.signed_m, each.distance_m - found.signed_m)
        total = np.minimum(total + held.chance, 1.0)
        best = held if best is None else _nearer(best, held)
    best.chance = total
    return best


def _nearer(one: PlaceHeld, other: PlaceHeld) -> PlaceHeld:
    """By row, the one that the subject is deeper inside; what could be assessed comes first."""
    a = np.where(np.isnan(one.margin_m), -np.inf, one.margin_m)
    b = np.where(np.isnan(other.margin_m), -np.inf, other.margin_m)
    chosen = b > a
    columns = {
        field.name: np.where(chosen, getattr(other, field.name), getattr(one, field.name))
        for field in dataclasses.fields(one)
    }
    return PlaceHeld(**columns)


def _fill_from_line(theatre, held: PlaceHeld, measured, found, limit_m: float) -> None:
    held.limit_m[:] = limit_m
    if measured.lines is None:
        held.missing[:] = f"for “{measured.named.title}” {measured.why}"
        return
    held.chance = found.chance
    held.measured_m = np.abs(found.signed_m)
    held.line_name = measured.text_of("line_name", found.line, None)
    held.line_from = measured.text_of("valid_from", found.line, "NaT").astype("datetime64[us]")
    since = all_dates(held.line_from, theatre.zone)
    held.missing[found.line < 0] = f"no line “{measured.named.title}” was in force then"
    held.words[:] = [
        None if line < 0 else f"{metres(away)} from {line_phrase(name, day)}"
        for line, away, name, day in zip(found.line, held.measured_m, held.line_name, since)
    ]


def _in_zones(theatre, codes: tuple, time: RuleTime, met: Met, rows: np.ndarray) -> PlaceHeld:
    held = PlaceHeld.blank(len(rows))
    zones = theatre.zones(codes)
    if zones.timeline is None:
        held.missing[:] = zones.why
        return held
    found = zones.held(theatre.subjects, time, met, rows)
    held.chance, held.margin_m, held.zones = found.chance, found.depth_m, found.names
    held.measured_m = np.abs(found.depth_m)
    held.missing[found.reference < 0] = f"{zones.told} was not in force or not drawn then"
    held.words[:] = [
        None if name is None else f"{metres(abs(deep))} {_side(deep)} {name}"
        for name, deep in zip(found.words, found.depth_m)
    ]
    held.zones = np.where(found.depth_m >= 0.0, found.names, None)
    # Outside those that are known, a place may still be inside one that is not.
    unknown = zones.not_drawn(met.opens, met.closes)
    elsewhere = (unknown != None) & (found.chance <= HARDLY)  # noqa: E711 (elementwise)
    held.missing[elsewhere] = [_not_drawn(titles) for titles in unknown[elsewhere]]
    return held


def _not_drawn(titles: str) -> str:
    return f"it is not known where {titles} lay, and it may have been there"


def _side(depth_m: float) -> str:
    return "inside" if depth_m >= 0.0 else "outside"


def time_share(theatre, met: Met, rows: np.ndarray) -> np.ndarray:
    """The chance that the rule bound at the time; 1 for what lasted into its time."""
    return np.where(theatre.subjects.place.span_is[rows] == "duration", 1.0, met.share)


def _outside(held: PlaceHeld, share: np.ndarray, unknown: np.ndarray) -> PlaceHeld:
    """The other way round: outside the zones is where the rule applies.

    A zone that was not in force leaves everything outside; one that was but is not drawn
    (``unknown``, else None) leaves it untold.
    """
    nowhere = held.missing != None  # noqa: E711 (elementwise)
    untold = nowhere & (unknown != None)  # noqa: E711 (elementwise)
    missing = np.full(len(held.chance), None, dtype=object)
    missing[untold] = [_not_drawn(titles) for titles in unknown[untold]]
    return dataclasses.replace(
        held,
        chance=np.where(nowhere, share, np.maximum(share - held.chance, 0.0)),
        margin_m=np.where(nowhere, np.nan, -held.margin_m),
        missing=missing,
        zones=np.full(len(held.chance), None, dtype=object),
    )


def _near_sites(theatre, where: Where, met: Met, rows: np.ndarray) -> PlaceHeld:
    held = PlaceHeld.blank(len(rows))
    sites = theatre.sites_of(where.site_kinds)
    within = max(where.within_m or 0.0, AT_SITE_M)
    held.limit_m[:] = within
    if sites is None:
        held.missing[:] = "no sites were given"
        return held
    if len(sites) == 0:
        kinds = ", ".join(label("site_kinds", kind) or kind for kind in where.site_kinds)
        held.missing[:] = f"no site of the kinds that it protects ({kinds}) was given"
        return held
    chance, away, site = near_sites(sites, theatre.subjects.place, rows, within)
    bare = theatre.subjects.basis[rows] == NONE
    chance = np.where(bare, (away <= within).astype(float), chance)
    held.chance = chance * time_share(theatre, met, rows)
    held.measured_m, held.margin_m = away, within - away
    kind_words = {kind: label("site_kinds", kind) for kind in set(sites.kind)}
    held.words[:] = [
        "no site was there then" if index < 0 else _site_words(sites, index, metre, kind_words)
        for index, metre in zip(site, away)
    ]
    return held


def _site_words(sites, index: int, away: float, kinds: dict) -> str:
    kind = kinds.get(sites.kind[index]) or "site"
    name = sites.name[index]
    return f"{metres(away)} from the {kind} “{name}”" if name else f"{metres(away)} from a {kind}"
