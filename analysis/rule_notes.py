"""What has to be said of the subjects as a whole before they are held against rules."""

from __future__ import annotations

import collections
import dataclasses
from typing import Optional

import numpy as np

from ..model.vocabulary import vocabulary
from .agreement_times import in_force
from .line_words import date_words
from .rule_columns import InventoryColumns, StorageColumns
from .rule_times import FAR_FUTURE, FAR_PAST, RuleTime
from .utc import instants

LISTED = 12
MICROSECOND = np.timedelta64(1, "us")


def note_subjects(theatre) -> None:
    """Say which codes are not known, and how many subjects lie outside the agreement's time."""
    subjects = theatre.subjects
    if not subjects.are_sightings:
        _note_codes(
            theatre,
            subjects.category,
            "categories",
            "Categories that are not in the vocabulary: %s. A rule on certain acts does not "
            "concern them; map them to known categories and import again.",
        )
    _note_codes(
        theatre,
        subjects.weapon,
        "weapon_types",
        "Weapons that are not in the vocabulary: %s. They count as weapons of unknown type; map "
        "them to known weapons and import again.",
    )
    _note_outside(theatre)


def usable_inventories(
    counted: InventoryColumns, storage: Optional[StorageColumns]
) -> tuple[InventoryColumns, list[str]]:
    """The rows of inventories that can be held against rules, and sentences on the others."""
    undated = np.isnat(counted.observed_from)
    figures = (counted.declared, counted.inspected, counted.present, counted.missing)
    negative = np.zeros(len(counted), dtype=bool)
    for figure in figures:
        negative |= np.nan_to_num(figure, nan=0.0) < 0.0
    nowhere = np.zeros(len(counted), dtype=bool)
    if storage is not None:
        nowhere = ~np.isin(counted.site_id.astype(str), storage.site_id.astype(str))
    notes = []
    for mask, why in (
        (undated, "have no date that can be read"),
        (negative, "have a count below 0"),
        (nowhere, "name no site of the storage sites"),
    ):
        if mask.any():
            notes.append(
                f"Rows of inventories that {why} were set aside: {np.count_nonzero(mask):,}"
                f"{_of_sites(counted.site_id[mask])}. Correct them and check the rules again."
            )
    kept = ~(undated | negative | nowhere)
    columns = {each.name: getattr(counted, each.name) for each in dataclasses.fields(counted)}
    return InventoryColumns(**{name: column[kept] for name, column in columns.items()}), notes


def _of_sites(sites: np.ndarray) -> str:
    named = [f"“{site}”" for site in dict.fromkeys(sites.tolist()) if site is not None]
    more = " and others" if len(named) > LISTED else ""
    return f" (site {', '.join(named[:LISTED])}{more})" if named else ""


def _note_codes(theatre, column: np.ndarray, name: str, sentence: str) -> None:
    known = vocabulary(name)
    counts = collections.Counter(code for code in column.tolist() if code is not None)
    # A first level alone, such as "firing", is known too.
    levels = {code.partition("/")[0] for code in known if "/" in code}
    odd = [each for each in counts.most_common() if each[0] not in known and each[0] not in levels]
    if not odd:
        return
    listed = ", ".join(f"“{code}” ({count:,})" for code, count in odd[:LISTED])
    more = f" and {len(odd) - LISTED:,} more" if len(odd) > LISTED else ""
    theatre.note(sentence.replace("%s", listed + more))


def _note_outside(theatre) -> None:
    """How many subjects happened while the agreement was not in force at all."""
    place = theatre.subjects.place
    spans = in_force(theatre.agreement)
    starts = instants([start for start, _ in spans])
    ends = instants([end for _, end in spans])
    filled = (
        np.where(np.isnat(starts), FAR_PAST, starts),
        np.where(np.isnat(ends), FAR_FUTURE, ends),
    )
    time = RuleTime(*(moments.astype(np.int64) for moments in filled))
    met = time.meet(place.occurred_from, place.occurred_to)
    count = int(np.count_nonzero(~met.touched & ~np.isnat(place.occurred_from)))
    if count == 0:
        return
    one = "weapon sighting" if theatre.subjects.are_sightings else "incident"
    who = f"1 {one} is" if count == 1 else f"{count:,} {one}s are"
    they = (
        f"it is an {one}, not a violation, and gets"
        if count == 1
        else (f"they are {one}s, not violations, and get")
    )
    if theatre.subjects.are_sightings:
        they = "it gets" if count == 1 else "they get"
    theatre.note(
        f"{who} outside the agreement's time ({_when(theatre, starts, ends)}); {they} no finding."
    )


def _when(theatre, starts: np.ndarray, ends: np.ndarray) -> str:
    if len(starts) == 0:
        return "it is a draft or its entry into force is not known"
    parts = ["in force"]
    if not np.isnat(starts[0]):
        parts.append(f"from {date_words(starts[0], theatre.zone)}")
    if not np.isnat(ends[-1]):
        parts.append(f"until {date_words(ends[-1] - MICROSECOND, theatre.zone)}")
    return " ".join(parts) + (", with interruptions" if len(starts) > 1 else "")
