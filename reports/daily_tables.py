"""The tables of the daily report's sections."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import Optional

from .counting import count_of, total
from .figures import OWN, Figures, in_period, origin_of
from .material import Entry, Material
from .reach import around, in_area
from .tables import Table, shortened
from .watch import watch_of
from .words import Words

NEAR_CROSSING_M = 2000.0
VERDICTS = ("breaks", "possible", "could_not_verify", "exempt", "complies", "not_assessable")
STORED = ("beyond_lines_outside_storage", "stored_present", "stored_missing")


def region_table(
    figures: Figures, material: Material, words: Words
) -> tuple[Optional[Table], bool]:
    """Own observation and other sources by region, beside the previous period.

    By first-level area; where most incidents do not name theirs, by side of the line (True) if
    any side is known.
    """
    now = figures.entries
    before = in_period(material.entries, figures.period.previous())
    named = sum(bool(entry.incident.admin1) for entry in now)
    by_side = 2 * named < len(now) and any(_side_of(entry) for entry in now)
    name = _side_of if by_side else _area_of
    groups = sorted(
        {name(entry) or "" for entry in [*now, *before]}, key=lambda text: (not text, text)
    )
    none = words("side_not_known" if by_side else "region_not_stated")
    columns = [
        (words("col_side" if by_side else "col_region"), 46, False),
        *_number_columns(words),
    ]
    rows = [
        [
            group or none,
            *_numbers(
                [entry for entry in now if (name(entry) or "") == group],
                [entry for entry in before if (name(entry) or "") == group],
                figures,
                words,
            ),
        ]
        for group in groups
    ]
    return (Table("regions", columns, rows) if rows else None), by_side


def _area_of(entry: Entry) -> Optional[str]:
    return shortened(entry.incident.admin1, 60) or None


def _side_of(entry: Entry) -> Optional[str]:
    return entry.finding.line_side if entry.located else None


def _number_columns(words: Words) -> list:
    return [
        (words("col_own"), 34, True),
        (words("col_rows"), 16, True),
        (words("col_sum_before"), 34, True),
        (words("col_others_rows"), 30, True),
    ]


def _numbers(now: list[Entry], before: list[Entry], figures: Figures, words: Words) -> list[str]:
    """Own number, own rows, own number before, rows of others."""
    own = [entry for entry in now if origin_of(entry) == OWN]
    past = [entry for entry in before if origin_of(entry) == OWN]
    watch = figures.watch
    earlier = (
        _own(past, watch.previous_observed is not None, watch.previous_observed or 0.0, words)
        if figures.has_previous
        else "\u2013"
    )
    return [
        _own(own, watch.known, watch.observed, words),
        words.number(len(own)),
        earlier,
        words.number(len(now) - len(own)),
    ]


def _own(own: list[Entry], known: bool, hours: float, words: Words) -> str:
    """The sum of own counts; without rows a zero only where somebody observed."""
    if own:
        return words.amount(total(own))
    if not known:
        return words("not_known")
    return words.number(0) if hours else words("not_observed")


def areas_table(zones: list, figures: Figures, material: Material, words: Words) -> Optional[Table]:
    """Disengagement areas, a row each, also where there is nothing in them."""
    if not zones:
        return None
    before = in_period(material.entries, figures.period.previous())
    columns = [(words("col_area"), 52, False), *_number_columns(words)]
    columns[1] = (words("col_inside"), 30, True)
    columns.insert(2, (words("col_possibly_inside"), 26, True))
    rows = []
    for zone in sorted(zones, key=lambda item: item.zone_name or item.zone_id):
        inside, perhaps = in_area(zone, figures.entries)
        numbers = _numbers(inside, in_area(zone, before)[0], figures, words)
        own = [entry for entry in perhaps if origin_of(entry) == OWN]
        numbers.insert(1, words.amount(total(own)) if own else "\u2013")
        rows.append([zone.zone_name or zone.zone_id, *numbers])
    return Table("areas", columns, rows)


def clauses_table(held: list, words: Words) -> Optional[Table]:
    """Findings by clause: how many of each verdict; nothing is added over clauses."""
    if not held:
        return None
    counts: dict[tuple[str, str], Counter] = {}
    for finding in held:
        key = (finding.clause or "\u2013", finding.rule or "\u2013")
        counts.setdefault(key, Counter())[finding.verdict] += 1
    verdicts = [code for code in (*VERDICTS, *STORED) if any(row[code] for row in counts.values())]
    columns = [(words("col_clause"), 34, False), (words("col_rule"), 34, False)]
    columns += [(words.title("verdicts", code), 24, True) for code in verdicts]
    rows = [
        [clause, rule, *(words.number(counts[clause, rule][code]) for code in verdicts)]
        for clause, rule in sorted(counts)
    ]
    return Table("clauses", columns, rows)


def weapons_table(seen: list, material: Material, words: Words) -> Optional[Table]:
    """Weapons that were sighted, with what the rules say of each."""
    if not seen:
        return None
    verdicts: dict[str, list[str]] = {}
    for finding in material.ruled:
        if finding.sighting_id and finding.verdict:
            text = f"{finding.clause or finding.rule}: {words.code('verdicts', finding.verdict)}"
            held = verdicts.setdefault(finding.sighting_id, [])
            if text not in held:
                held.append(text)
    columns = [
        (words("col_time"), 26, False),
        (words("col_count"), 16, True),
        (words("col_weapon"), 40, False),
        (words("col_place"), 36, False),
        (words("col_means"), 20, False),
        (words("col_verdict"), 60, False),
    ]
    rows = [
        [
            words.moment(item.seen_from),
            _amount(item, words),
            words.title("weapon_types", item.weapon),
            shortened(item.place, 90) or words("not_told"),
            words.title("means", item.means),
            shortened("; ".join(verdicts.get(item.sighting_id, [])), 300) or words("not_held"),
        ]
        for item in sorted(seen, key=lambda item: (item.seen_from, item.sighting_id))
    ]
    return Table("weapons", columns, rows)


def _amount(item, words: Words) -> str:
    amount = count_of(item)
    return words("not_known") if amount.undetermined else words.amount(amount)


def crossings_table(sites: list, figures: Figures, words: Words) -> Optional[Table]:
    """Crossing points, a row each: fire within 2 km, and possibly so."""
    if not sites:
        return None
    columns = [
        (words("col_crossing"), 70, False),
        (words("col_within_2km"), 50, True),
        (words("col_possibly_2km"), 40, True),
        (words("col_others_rows"), 30, True),
    ]
    rows = []
    for site in sorted(sites, key=lambda item: item.site_name or item.site_id):
        near, possible = around(site.geometry, NEAR_CROSSING_M, figures.entries)
        own = [entry for entry in near if origin_of(entry) == OWN]
        perhaps = [entry for entry in possible if origin_of(entry) == OWN]
        others = len(near) + len(possible) - len(own) - len(perhaps)
        watch = figures.watch
        rows.append(
            [
                site.site_name or site.site_id,
                _own(own, watch.known, watch.observed, words),
                words.amount(total(perhaps)) if perhaps else "\u2013",
                words.number(others),
            ]
        )
    return Table("crossings", columns, rows)


def restrictions_table(held: list, material: Material, words: Words) -> Optional[Table]:
    """Restrictions of access: when, where, how, and the reason that was given."""
    if not held:
        return None
    posts = {post.post_id: post.name for post in material.posts}
    columns = [
        (words("col_time"), 28, False),
        (words("col_until"), 28, False),
        (words("col_kind"), 28, False),
        (words("col_place"), 34, False),
        (words("col_post"), 30, False),
        (words("col_stated_reason"), 50, False),
    ]
    rows = [
        [
            words.moment(item.restricted_from),
            words.moment(item.restricted_to),
            words.title("restriction_kinds", item.kind),
            shortened(item.place, 90) or words("not_known"),
            posts.get(item.post_id) or shortened(item.asset, 60) or "\u2013",
            shortened(item.stated_reason, 200) or words("not_known"),
        ]
        for item in sorted(held, key=lambda item: (item.restricted_from, item.restriction_id))
    ]
    return Table("restrictions", columns, rows)


def commitment_table(agreements: list, figures: Figures, material: Material, words: Words) -> Table:
    """This period, and all since each agreement came into force, with the effort of each."""
    columns = [
        (words("col_span"), 70, False),
        (words("col_own"), 34, True),
        (words("col_rows"), 16, True),
        (words("col_others_rows"), 30, True),
        (words("col_hours"), 26, True),
        (words("col_days_without"), 26, True),
    ]
    period = figures.period
    spans = [(words("this_period"), period)]
    for agreement in agreements:
        since = words.day(agreement.valid_from.astimezone(period.zone).date())
        label = words("since").replace("{day}", since)
        spans.append((label, dataclasses.replace(period, start=agreement.valid_from)))
    rows = []
    for label, span in spans:
        entries = in_period(material.entries, span)
        own = [entry for entry in entries if origin_of(entry) == OWN]
        watch = watch_of(material.effort, span)
        rows.append(
            [
                label,
                _own(own, watch.known, watch.observed, words),
                words.number(len(own)),
                words.number(len(entries) - len(own)),
                words.hours(watch.observed) if watch.known else words("not_known"),
                words.number(len(watch.days_without)) if watch.known else words("not_known"),
            ]
        )
    return Table("commitment", columns, rows)
