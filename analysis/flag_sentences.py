"""The sentence of every finding, and the sentences that the log needs on times without a line."""

from __future__ import annotations

from datetime import timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from ..model.errors import CeasefireError
from .line_words import Found, counted, date_words, sentence

NOT_LOCATED = "No place is known, so it could not be held against the contact line."
NO_TIME = "The time is not known, so it cannot be said which line was in force."
NO_LINES = "No contact line was given."


def zone_of(name: str) -> tzinfo:
    """The time zone of that IANA name; raises CeasefireError for an unknown one."""
    if name in ("", "UTC"):
        return timezone.utc
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CeasefireError(
            f"“{name}” is not a time zone. Give a name such as “Europe/Athens” or “UTC”."
        ) from None


def write_sentences(columns, incidents, work, settings) -> None:
    """Fill ``columns.finding``, and add to ``columns.notes`` what concerns times without a line."""
    zone = zone_of(settings.timezone)
    if work.lines is None:
        columns.finding[:] = NO_LINES
        columns.finding[~work.located] = NOT_LOCATED
        return
    columns.notes.extend(_gap_notes(columns, incidents, work, zone))
    since = _in_words(columns.line_valid_from, zone)
    began = _in_words(incidents.occurred_from, zone)
    uncertainty = np.nan_to_num(work.lines.columns.uncertainty_m, nan=0.0)
    for row, flag in enumerate(columns.flag):
        if flag == "not_located":
            columns.finding[row] = NOT_LOCATED
        elif flag == "no_line_in_force":
            when = began[row]
            columns.finding[row] = f"No line was in force on {when}." if when else NO_TIME
        else:
            columns.finding[row] = sentence(
                Found(
                    distance_m=columns.line_distance_m[row],
                    line_name=columns.line_name[row],
                    since=since[row],
                    side=columns.line_side[row],
                    line_uncertainty_m=uncertainty[work.measured.line[row]],
                    chainage_m=columns.line_chainage_m[row],
                    flag=flag,
                    limit_m=settings.distance_m,
                    probability=work.share[row],
                    basis=columns.flag_basis[row],
                    default_m=settings.default_uncertainty_m or 0.0,
                    lines_in_span=int(work.lines_in_span[row]),
                    share_without_line=float(work.without_line[row]),
                    place_m=float(incidents.uncertainty_m[row]),
                )
            )


def _in_words(moments: np.ndarray, zone: tzinfo) -> np.ndarray:
    """Dates in words, None where not known; each different moment is put in words once."""
    different, back = np.unique(moments, return_inverse=True)
    words = np.empty(len(different), dtype=object)
    words[:] = [None if np.isnat(moment) else date_words(moment, zone) for moment in different]
    return words[back.ravel()]


def _gap_notes(columns, incidents, work, zone) -> list[str]:
    """Which times have no line in force, and how many incidents that concerns."""
    timeline = work.timeline
    without = columns.flag == "no_line_in_force"
    untimed = without & np.isnat(incidents.occurred_from)
    notes = []
    if untimed.any():
        notes.append(
            f"The time of {counted(np.count_nonzero(untimed))} is not known; as the lines are "
            "dated, none can be chosen for them (flag “no line in force”)."
        )
    timed = np.flatnonzero(without & ~np.isnat(incidents.occurred_from))
    interval = timeline.interval(incidents.occurred_from[timed].astype(np.int64))
    for number, among in enumerate(timeline.in_force):
        if among:
            continue
        concerned = int(np.count_nonzero(interval == number))
        outside = number == 0 or number == len(timeline.changes)
        if concerned or not outside:
            notes.append(_gap_sentence(timeline, number, concerned, zone))
    return notes[:30]


def _gap_sentence(timeline, number: int, concerned: int, zone: tzinfo) -> str:
    def words(change):
        return date_words(np.datetime64(int(change), "us"), zone)

    changes = timeline.changes
    if number == 0:
        when = f"before {words(changes[0])}"
    elif number == len(changes):
        when = f"from {words(changes[-1])} on"
    else:
        when = f"from {words(changes[number - 1])} until {words(changes[number])}"
    return f"No line was in force {when}; this concerns {counted(concerned)}."
