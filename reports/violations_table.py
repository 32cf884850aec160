"""The table of what each post perceived, in local time, with the posts that perceived nothing."""

from __future__ import annotations

from typing import Optional

from ..model.incident import Observation
from .counting import count_of
from .figures import OWN, Figures, origin_of
from .material import Entry, Material
from .tables import Table, distance_words
from .words import Words

WINDS = 16


def violations_table(
    figures: Figures, material: Material, words: Words, confidential: bool
) -> Optional[Table]:
    """A row an observation, by post and time; then the posts with nil or no observation.

    Direction and range stand in a confidential brief alone: with the incident's place they would
    tell where the post is.
    """
    names = {post.post_id: post.name for post in material.posts}
    rows = []
    for entry, item in _perceived(figures):
        row = [
            names.get(item.post_id) or item.post_id or words("unnamed_post"),
            words.short_moment(item.observed_from or entry.when),
            words.title("means", item.means),
            _number(item, entry, words),
            words.title("categories", item.category or entry.incident.category),
            words.title("phases", item.phase or entry.incident.phase or "undetermined"),
            words.title("weapon_types", item.weapon or entry.incident.weapon or "not_known"),
            str(entry.number),
        ]
        if confidential:
            row.insert(2, _seen_at(item, words))
        rows.append(row)
    rows.sort(key=lambda row: row[0])
    heard = {item.post_id or "" for _, item in _perceived(figures)}
    for post in figures.watch.posts:
        if post.post_id not in heard:
            name = names.get(post.post_id) or post.post_id or words("unnamed_post")
            told = words("nil") if post.observed else words("not_observed")
            empty = 7 if confidential else 6
            rows.append([name, told, *["\u2013"] * empty])
    if not rows:
        return None
    return Table("violations", _columns(words, confidential), rows)


def _columns(words: Words, confidential: bool) -> list:
    columns = [
        (words("col_post"), 38, False),
        (words("col_time"), 26, False),
        (words("col_means"), 22, False),
        (words("col_count"), 18, True),
        (words("col_observation"), 32, False),
        (words("col_description"), 26, False),
        (words("col_weapon"), 34, False),
        (words("col_number"), 12, True),
    ]
    if confidential:
        columns.insert(2, (words("col_seen_at"), 26, False))
    return columns


def _perceived(figures: Figures) -> list[tuple[Entry, Observation]]:
    """Own observations with their incidents; an incident without any stands as one itself."""
    result = []
    for entry in figures.entries:
        if origin_of(entry) != OWN:
            continue
        for item in entry.observations or [Observation(incident_id=entry.incident.incident_id)]:
            result.append((entry, item))
    return result


def _number(item: Observation, entry: Entry, words: Words) -> str:
    """What this post counted; where it gave no number and is alone, the incident's."""
    given = item.count_qualifier or item.count_low is not None or item.count_high is not None
    if not given and len(entry.observations) > 1:
        return words("not_known")
    amount = count_of(item if given else entry.incident)
    return words("not_known") if amount.undetermined else words.amount(amount)


def _seen_at(item: Observation, words: Words) -> str:
    """Range and direction from the post: "3–5 km NNW"; not known where neither is."""
    parts = []
    low, high = item.range_min_m, item.range_max_m
    if low is not None and high is not None and high > low >= 1000:
        ends = (words.number(value / 1000, int(value % 1000 > 0)) for value in (low, high))
        parts.append("\u2013".join(ends) + " km")
    elif low is not None and high is not None and high > low:
        parts.append(f"{distance_words(low, words)}\u2013{distance_words(high, words)}")
    elif low is not None or high is not None:
        parts.append(distance_words(low if low is not None else high, words))
    if item.bearing_deg is not None:
        step = 360 / WINDS
        parts.append(words("winds")[int((item.bearing_deg % 360) / step + 0.5) % WINDS])
    return " ".join(parts) or words("not_known")
