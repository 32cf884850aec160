"""What in a draft cannot both hold, or cannot be carried out, in whole sentences."""

from __future__ import annotations

import re
from typing import Iterator, Optional

from ...model.agreement import Agreement, Rule, RuleKind
from ...model.errors import CeasefireError
from ..agreement_moments import moment_end
from .draft import Draft

WEAPONS = re.compile(
    r"(?<!\w)(heavy weapons?|heavy armaments?|artillery|mortars?|tanks?|rocket launchers?|"
    r"howitzers?|multiple[- ]launch)(?!\w)",
    re.IGNORECASE,
)
MAPS = re.compile(r"(?<!\w)maps?(?!\w)", re.IGNORECASE)
SIGNED = re.compile(r"(?<!\w)(?:sign|initial)", re.IGNORECASE)
HOURS = re.compile(
    r"(?<![\d:])\d{1,2}:\d{2}(?!\d)|(?<!\d)\d{1,2}\.?\d{2} ?(?:hours|hrs|h)(?!\w)", re.IGNORECASE
)
ZONED = re.compile(
    r"(?<!\w)(?:UTC|GMT|local time|time zone|Zulu|[A-Z][a-z]+ time)(?!\w)|(?<=\d)Z(?!\w)"
)
NUMBERED_DAY = re.compile(r"(?<!\w)D ?\+ ?\d+(?!\w)")
D_DAY = re.compile(r"(?<!\w)D-?day(?!\w)", re.IGNORECASE)


def contradictions(draft: Draft) -> list[str]:
    """Everything that contradicts, in the order: as data, then as words."""
    found = list(draft.problems)
    if draft.agreement is not None:
        found += _wider_than_zone(draft.agreement)
        found += _two_distances(draft.agreement)
        found += _after_the_end(draft.agreement)
    found += _unclassed(draft)
    found += _unsigned_maps(draft)
    found += _hours_without_zone(draft)
    found += _days_without_d_day(draft)
    return list(dict.fromkeys(found))


def _wider_than_zone(agreement: Agreement) -> Iterator[str]:
    """Withdrawals that end beyond every zone that lies along their line, on their side."""
    for clause, rule in _withdrawals(agreement):
        for limit in rule.limits:
            bands = [
                (band.far_m, zone.title)
                for zone in agreement.zones
                for band in zone.bands
                if band.line == limit.line
                and (zone.weapon_class is None or zone.weapon_class in rule.weapon_classes)
                and (band.party is None or limit.party is None or band.party == limit.party)
            ]
            if bands and limit.distance_m > max(bands)[0]:
                far, title = max(bands)
                yield (
                    f"Clause {clause}: weapons are to withdraw {limit.distance_m:,.10g} m from the "
                    f"line “{limit.line}”, further than the zone “{title}” is wide on that side "
                    f"({far:,.10g} m); say what holds between, or that it is meant."
                )


def _two_distances(agreement: Agreement) -> Iterator[str]:
    """One weapon class of one party on one line with two distances, and nothing that prevails."""
    seen: dict[tuple, tuple[str, float]] = {}
    ordered = {code for each in agreement.precedence for code in each.weapon_classes}
    clauses = {code for each in agreement.precedence for code in each.clauses}
    for clause, rule in _withdrawals(agreement):
        for limit in rule.limits:
            for weapons in rule.weapon_classes:
                key = (weapons, limit.line, limit.party, rule.valid_from, rule.valid_to)
                other, metres = seen.setdefault(key, (clause, limit.distance_m))
                settled = weapons in ordered or {clause, other} <= clauses
                if metres != limit.distance_m and not settled:
                    yield (
                        f"Clauses {other} and {clause}: the class “{weapons}” is to be "
                        f"{metres:,.10g} m and {limit.distance_m:,.10g} m from the line "
                        f"“{limit.line}”, and nothing says which prevails."
                    )


def _after_the_end(agreement: Agreement) -> Iterator[str]:
    """Deadlines that come when the agreement has ended."""
    end = _end(agreement)
    if end is None:
        return
    for clause, rule in agreement.rules():
        if not rule.deadline:
            continue
        due = _moment_end(agreement, rule.deadline)
        if due is not None and due > end:
            yield (
                f"Clause {clause.reference}: “{rule.title}” is due by {rule.deadline}, after the "
                "agreement has ended."
            )


def _unclassed(draft: Draft) -> Iterator[str]:
    """Weapons that a passage names and no class of weapons tells."""
    for passage in draft.passages:
        named = list(dict.fromkeys(word.lower() for word in WEAPONS.findall(passage.text)))
        if not named or _has_classes(draft, passage.reference, passage.text):
            continue
        yield (
            f"{passage.called} names {', '.join(named)} and does not class them by "
            "calibre, range or list: what counts is open."
        )


def _has_classes(draft: Draft, reference: str, text: str) -> bool:
    if draft.agreement is None:
        return bool(re.search(r"\d\s*mm(?!\w)|calib", text, re.IGNORECASE)) or bool(
            draft.marks.get("def_heavy_weapon")
        )
    clause = draft.agreement.find("clauses", reference)
    rules = clause.rules if clause is not None else ()
    if not rules:
        return bool(draft.agreement.weapon_classes)
    return any(rule.weapon_classes or rule.kind is not RuleKind.WITHDRAWAL for rule in rules)


def _unsigned_maps(draft: Draft) -> Iterator[str]:
    if draft.marks.get("map_signed"):
        return
    for passage in draft.passages:
        text = passage.text
        if MAPS.search(text) and "mine" not in text.lower() and not SIGNED.search(text):
            yield (
                f"{passage.called} relies on a map and does not say that both sign it, "
                "nor its edition."
            )


def _hours_without_zone(draft: Draft) -> Iterator[str]:
    told = [passage for passage in draft.passages if HOURS.search(passage.text)]
    if draft.agreement is not None:
        if draft.timezone_stated:
            return
        yield "Timing: no time zone is stated; every hour and day of the draft can be read in two."
        return
    stated = draft.marks.get("timezone") or any(
        ZONED.search(passage.text) for passage in draft.passages
    )
    if told and not stated:
        yield f"{told[0].called} names an hour, and no time zone is stated anywhere."


def _days_without_d_day(draft: Draft) -> Iterator[str]:
    if draft.agreement is not None:
        return
    told = [passage for passage in draft.passages if NUMBERED_DAY.search(passage.text)]
    if told and not any(D_DAY.search(passage.text) for passage in draft.passages):
        yield f"{told[0].called} counts days from D-day, which is nowhere set."


def _withdrawals(agreement: Agreement) -> Iterator[tuple[str, Rule]]:
    for clause, rule in agreement.rules():
        if rule.kind is RuleKind.WITHDRAWAL:
            yield clause.reference, rule


def _end(agreement: Agreement):
    timing = agreement.timing
    if timing.in_force_to:
        return _moment_end(agreement, timing.in_force_to)
    if timing.duration_days is None:
        return None
    from datetime import timedelta

    from ..agreement_times import entry_into_force

    try:
        start = entry_into_force(timing)
    except CeasefireError:
        return None
    return start + timedelta(days=timing.duration_days) if start is not None else None


def _moment_end(agreement: Agreement, text: Optional[str]):
    """The end of a moment; None where it cannot be told, which is named elsewhere."""
    try:
        return moment_end(agreement.timing, text)
    except CeasefireError:
        return None
