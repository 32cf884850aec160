"""The tables of a brief's figures: by source, by kind, along time, effort, casualties, sources."""

from __future__ import annotations

import dataclasses
from typing import Optional

from .counting import Total
from .figures import OWN, Figures
from .material import Material
from .source_names import source_title
from .symbol_class import CLASSES
from .tables import Table
from .words import Words


def source_table(figures: Figures, words: Words) -> Table:
    """Sum of counts and rows by whose word it is, beside the previous period."""
    columns = [
        (words("col_source"), 40, False),
        (words("col_sum"), 36, True),
        (words("col_rows"), 16, True),
        (words("col_sum_before"), 36, True),
        (words("col_rows_before"), 22, True),
    ]
    rows = []
    for item in figures.voices:
        before = item.previous
        origin = item.origin
        rows.append(
            [
                voice_name(item, words),
                _or_not_observed(item.now, figures.watch.observed, origin, figures, words),
                words.number(item.now.rows),
                _or_not_observed(before, figures.watch.previous_observed, origin, figures, words),
                words.number(before.rows) if before is not None else "\u2013",
            ]
        )
    return Table("sources", columns, rows)


def voice_name(item, words: Words) -> str:
    """Whose word it is, and the source's name where it is not the mission's own."""
    name = words(f"origin_{item.origin}")
    return f"{name}: {source_title(item.source)}" if item.source else name


def _or_not_observed(
    amount: Optional[Total], hours: Optional[float], origin: str, figures: Figures, words: Words
) -> str:
    """A zero of the mission's own is a zero only where somebody observed."""
    if amount is None:
        return "\u2013"
    if origin == OWN and not amount.rows and not hours:
        return words("not_observed")
    return words.amount(amount)


def category_table(figures: Figures, words: Words, own: bool) -> Optional[Table]:
    """Sums and rows by category: the mission's own, or all other sources (each apart)."""
    voices = [item for item in figures.voices if (item.origin == OWN) == own]
    columns = [
        (words("col_kind"), 38, False),
        (words("col_source"), 44, False),
        (words("col_sum"), 32, True),
        (words("col_rows"), 16, True),
        (words("col_sum_before"), 32, True),
    ]
    rows = []
    for item in voices:
        origin = item.origin
        past = [key for key in item.previous_categories if key not in item.categories]
        for category in [*item.categories, *past]:
            now = item.categories.get(category, Total())
            before = item.previous_categories.get(category, Total())
            hours, hours_before = figures.watch.observed, figures.watch.previous_observed
            rows.append(
                [
                    words.title("categories", category),
                    voice_name(item, words),
                    _or_not_observed(now, hours, origin, figures, words),
                    words.number(now.rows),
                    _or_not_observed(
                        before if figures.has_previous else None,
                        hours_before,
                        origin,
                        figures,
                        words,
                    ),
                ]
            )
    if own:
        columns, rows = columns[:1] + columns[2:], [row[:1] + row[2:] for row in rows]
    return Table("categories_own" if own else "categories_others", columns, rows) if rows else None


def timeline_table(figures: Figures, words: Words) -> Table:
    """The chart's numbers: a row a day (week, month), a column a class that occurs."""
    timeline = figures.timeline
    steps = [*timeline.bins, *([timeline.apart] if timeline.apart else [])]
    codes = [item for item in CLASSES if any(item.code in step.own for step in steps)]
    others = any(step.others for step in steps)
    columns = [(words(f"step_{timeline.step}"), 24, False), (words("col_hours"), 20, True)]
    columns += [(item.label, 20, True) for item in codes]
    columns += [(words("col_others"), 20, True)] if others else []
    rows = []
    for step in steps:
        hours = "\u2013" if step.observed_hours is None else words.hours(step.observed_hours)
        label = words.step(step.label, timeline.step)
        if step is timeline.apart:
            label = words("hour_not_known")
        row = [label, words("not_observed") if step.not_observed else hours]
        row += [_step_amount(step, item.code, words) for item in codes]
        if others:
            row.append(words.number(sum(item.rows for item in step.others.values())))
        rows.append(row)
    return Table("timeline", columns, rows)


def _step_amount(step, code: str, words: Words) -> str:
    amount = step.own.get(code)
    if amount is not None:
        known = dataclasses.replace(amount, undetermined=0)
        if amount.undetermined == amount.rows:
            return words("not_known")
        return words.amount(known) + (" + ?" if amount.undetermined else "")
    # A zero is printed only where somebody observed.
    return "0" if step.observed_hours else "\u2013"


def effort_table(figures: Figures, material: Material, words: Words) -> Optional[Table]:
    """Hours of each post by status; "not observed" where it had none."""
    watch = figures.watch
    if not watch.posts:
        return None
    names = {post.post_id: post.name for post in material.posts}
    columns = [(words("col_post"), 46, False), (words("col_observed"), 24, True)]
    statuses = ("operating", "degraded", "down", "denied", "not_deployed")
    columns += [(words(f"col_{status}"), 22, True) for status in statuses]
    columns.append((words("col_before"), 26, True))
    rows = []
    for post in watch.posts:
        seen = words.hours(post.observed) if post.observed else words("not_observed")
        row = [names.get(post.post_id) or post.post_id or words("unnamed_post"), seen]
        row += [words.hours(post.hours[status]) for status in statuses]
        before = watch.previous_observed
        row.append(words.hours(post.previous_observed) if before is not None else "\u2013")
        rows.append(row)
    sums = [
        words("total"),
        words.hours(watch.observed) if watch.observed else words("not_observed"),
    ]
    sums += [words.hours(sum(post.hours[status] for post in watch.posts)) for status in statuses]
    before = watch.previous_observed
    sums.append(words.hours(before) if before is not None else "\u2013")
    return Table("effort", columns, [*rows, sums], sums=1)


def reasons_table(figures: Figures, words: Words) -> Optional[Table]:
    """Why posts could not observe: how many posts, and for how many hours together."""
    posts: dict[str, set] = {}
    hours: dict[str, float] = {}
    for post, reason, lost in figures.watch.reasons:
        posts.setdefault(reason, set()).add(post)
        hours[reason] = hours.get(reason, 0.0) + lost
    columns = [
        (words("col_reason"), 120, False),
        (words("col_posts"), 29, True),
        (words("col_lost"), 29, True),
    ]
    rows = [
        [reason, words.number(len(posts[reason])), words.hours(hours[reason])]
        for reason in sorted(hours, key=lambda item: (-hours[item], item))
    ]
    return Table("reasons", columns, rows) if rows else None


def deaths_table(figures: Figures, words: Words) -> Optional[Table]:
    """Casualties by source: "at least" what some rows lack, "not known" what all lack."""
    if not figures.deaths:
        return None
    columns = [
        (words("col_source"), 40, False),
        (words("col_rows"), 18, True),
        (words("col_low"), 22, True),
        (words("col_best"), 26, True),
        (words("col_high"), 22, True),
        (words("col_civilian"), 28, True),
        (words("col_injured"), 22, True),
    ]

    def amount(value: Optional[int], is_floor: bool) -> str:
        if value is None:
            return words("not_known")
        return f"{words('at_least')} {words.number(value)}" if is_floor else words.number(value)

    rows = [
        [
            voice_name(item, words),
            words.number(item.rows),
            amount(item.low, item.low_unknown > 0),
            amount(item.best, item.best_unknown > 0),
            amount(item.high, item.high_unknown > 0),
            amount(item.civilian, item.civilian_unknown > 0 or item.civilian_is_floor),
            amount(item.injured, item.injured_unknown > 0),
        ]
        for item in figures.deaths
    ]
    return Table("deaths", columns, rows)


def sources_table(material: Material, words: Words) -> Optional[Table]:
    """Each source with its attribution, when it was read, and the hash of what was read."""
    columns = [
        (words("col_source"), 30, False),
        (words("col_attribution"), 84, False),
        (words("col_read"), 30, False),
        (words("col_hash"), 36, False),
    ]
    rows = [
        [
            source_title(item.name),
            item.attribution or "\u2013",
            words.moment(item.read_at) if item.read_at else "\u2013",
            f"{item.sha256[:16]}\u2026" if item.sha256 else "\u2013",
        ]
        for item in material.sources
    ]
    return Table("attribution", columns, rows) if rows else None
