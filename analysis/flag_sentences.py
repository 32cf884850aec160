"""The sentence of every finding, composed column by column from parts that are worded once."""

from __future__ import annotations

import dataclasses
from datetime import timezone, tzinfo
from typing import Optional
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from ..model.errors import CeasefireError
from .line_words import (
    BEYOND_THE_END,
    chance,
    date_words,
    flag_words,
    kilometre,
    line_words,
    metres,
    side_part,
    span_words,
)

NOT_LOCATED = "No place is known, so it could not be held against the contact line."
NO_TIME = "The time is not known, so it cannot be said which line was in force."
NO_LINES = "No contact line was given."
MOST_KEPT = 200_000


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


@dataclasses.dataclass
class Told:
    """What the sentences of measured incidents tell: one array a field, all of one length.

    ``line``: index among the prepared lines. ``side``: the model's words. ``share``: the
    probability, 0 to 1. ``place_m``: the incidents' own uncertainty, NaN where not known.
    """

    line: np.ndarray
    distance_m: np.ndarray
    side: np.ndarray
    chainage_m: np.ndarray
    flag: np.ndarray
    basis: np.ndarray
    share: np.ndarray
    lines_in_span: np.ndarray
    without_line: np.ndarray
    place_m: np.ndarray


class Sentences:
    """Words findings for one run; ``line_words.sentence`` says what each must read like.

    What many incidents share (the line and its date, the side, the flag and its reason) is worded
    once and kept; what differs from one to the next is formatted in bulk.
    """

    def __init__(self, columns, limit_m: float, default_m: Optional[float], zone: tzinfo):
        self.zone = zone
        since = [
            None if np.isnat(start) else date_words(start, zone) for start in columns.valid_from
        ]
        self.lines = [line_words(name, start) for name, start in zip(columns.line_name, since)]
        self.uncertainty = np.nan_to_num(columns.uncertainty_m, nan=0.0).tolist()
        self.limit_m, self.default_m = limit_m, default_m or 0.0
        self.middles: dict = {}
        self.ends: dict = {}

    def of(self, told: Told) -> list[str]:
        """The sentences of incidents that were held against a line."""
        far = [f"{metres(value)} from " for value in told.distance_m.tolist()]
        middle = self._middle_parts(told.line.tolist(), told.side.tolist())
        at = [f", at km {kilometre(value)}; " for value in told.chainage_m.tolist()]
        for row in np.flatnonzero(told.side == BEYOND_THE_END):
            at[row] = "; "
        return [f"{a}{b}{c}{d}" for a, b, c, d in zip(far, middle, at, self._end_parts(told))]

    def with_nearer_line(self, words: str, line: int, distance_m: float) -> str:
        """A sentence that also names a line which came nearer within the time in question."""
        near = f"{metres(distance_m)} from {self.lines[line]}"
        return f"{words.rstrip('.')}; it came as near as {near}."

    def without_line(self, occurred_from: np.ndarray) -> list[str]:
        """The sentences of incidents for whose time no line was in force."""
        different, back = np.unique(occurred_from, return_inverse=True)
        words = [
            NO_TIME
            if np.isnat(moment)
            else f"No line was in force on {date_words(moment, self.zone)}."
            for moment in different
        ]
        return [words[index] for index in back.ravel().tolist()]

    def _middle_parts(self, lines: list[int], sides: list[str]) -> list[str]:
        kept, parts = self.middles, []
        for key in zip(lines, sides):
            words = kept.get(key)
            if words is None:
                line, side = key
                words = f"{self.lines[line]}, {side_part(side, self.uncertainty[line])}"
                kept[key] = words
            parts.append(words)
        return parts

    def _end_parts(self, told: Told) -> list[str]:
        """Flag, probability and span in words; the place's vagueness only where it is told."""
        flags, shares = told.flag.tolist(), told.share.tolist()
        chances = [chance(share, flag) for share, flag in zip(shares, flags)]
        vague = (told.basis == "measured") & (told.flag != "near")
        vague &= told.place_m > told.distance_m
        places = np.where(vague, told.place_m, -1.0).tolist()
        basis, spans = told.basis.tolist(), told.lines_in_span.tolist()
        kept, parts = self.ends, []
        if len(kept) > MOST_KEPT:
            kept.clear()
        for key in zip(flags, basis, chances, places, spans, told.without_line.tolist()):
            words = kept.get(key)
            if words is None:
                words = kept[key] = self._end(*key)
            parts.append(words)
        return parts

    def _end(self, flag, basis, chance_words, place_m, lines_in_span, without_line) -> str:
        words = flag_words(flag, self.limit_m, basis, chance_words, self.default_m, place_m)
        return f"{words}{span_words(lines_in_span, without_line)}."


def not_measured(located: np.ndarray) -> np.ndarray:
    """The sentences where no line was given at all."""
    return np.where(located, NO_LINES, NOT_LOCATED).astype(object)
