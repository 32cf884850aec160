"""What a rule's finding says, in neutral words that can be read aloud."""

from __future__ import annotations

from datetime import datetime, time, timedelta, timezone, tzinfo
from typing import Iterable, Optional

import numpy as np

from ..model.vocabulary import label
from .line_words import MONTHS, date_words, limit, metres
from .rule_columns import DEFAULT, NONE

BREAKS, COMPLIES, POSSIBLE, EXEMPT = "breaks", "complies", "possible", "exempt"
NOT_VERIFIED, NOT_ASSESSABLE = "could_not_verify", "not_assessable"
OUTSIDE_STORAGE = "beyond_lines_outside_storage"
STORED, STORED_MISSING = "stored_present", "stored_missing"
MICROSECOND = timedelta(microseconds=1)
NO_PLACE = "no place is known"
NO_TIME = "the time is not known"
NO_WEAPON = "the type of weapon is not known"
NO_CATEGORY = "what kind of act it was is not known"


def chance_words(probability: float, verdict: Optional[str] = None) -> str:
    """A probability in two digits that do not contradict the verdict."""
    if 0.0 < probability < 0.005:
        return "below 0.01"
    if 0.995 < probability < 1.0:
        return "above 0.99"
    by_a_hair = verdict == POSSIBLE and not 0.055 <= probability < 0.945
    return f"{probability:.3f}" if by_a_hair else f"{probability:.2f}"


def all_dates(moments: np.ndarray, zone: tzinfo) -> np.ndarray:
    """Dates in words, None where not known; each different moment is put in words once."""
    different, back = np.unique(moments, return_inverse=True)
    words = np.empty(len(different), dtype=object)
    words[:] = [None if np.isnat(moment) else date_words(moment, zone) for moment in different]
    return words[back.ravel()]


def all_times(start: np.ndarray, end: np.ndarray, zone: tzinfo) -> np.ndarray:
    """When each span [start, end) was, by a zone's clocks: "on 3 Mar 2025 at 14:00".

    None: not known. A whole day is told without its hours.
    """
    pairs = list(zip(start.tolist(), end.tolist()))
    known = {pair: _time_words(*pair, zone) for pair in set(pairs)}
    words = np.empty(len(pairs), dtype=object)
    words[:] = [known[pair] for pair in pairs]
    return words


def _time_words(start: Optional[datetime], end: Optional[datetime], zone: tzinfo) -> Optional[str]:
    if start is None:
        return None
    try:
        begun = start.replace(tzinfo=timezone.utc).astimezone(zone)
        ended = (end or start).replace(tzinfo=timezone.utc).astimezone(zone)
        last = (max(end or start, start) - MICROSECOND).replace(tzinfo=timezone.utc)
        last_day = _day(last.astimezone(zone))
    except (AttributeError, OverflowError, ValueError):
        # Before the year 1 or after 9999 there is no calendar to tell it by.
        return None
    first_day = _day(begun)
    if end is None or end <= start:
        return f"on {first_day} at {begun:%H:%M}"
    if begun.time() == time() and ended.time() == time():
        return f"on {first_day}" if first_day == last_day else f"from {first_day} to {last_day}"
    if first_day == last_day:
        until = "24:00" if ended.time() == time() else f"{ended:%H:%M}"
        return f"on {first_day} between {begun:%H:%M} and {until}"
    return f"between {first_day} {begun:%H:%M} and {_day(ended)} {ended:%H:%M}"


def _day(moment: datetime) -> str:
    return f"{moment.day} {MONTHS[moment.month - 1]} {moment.year}"


def line_phrase(name: Optional[str], since: Optional[str]) -> str:
    """The line by its name and the day since which it has been in force."""
    called = f"the line “{name}”" if name else "the line"
    return f"{called} in force since {since}" if since else called


def weapon_sentence(
    clause: str, margin_m: float, limit_m: float, weapons: str, line: str, holder: str
) -> str:
    """The beginning of a sentence on a withdrawal: how far inside or beyond the limit."""
    where = "inside" if margin_m > 0.0 else "beyond"
    return (
        f"{clause_words(clause)}: {metres(abs(margin_m))} {where} the limit of {limit(limit_m)} "
        f"for {weapons}, measured from {line}, for weapons held by {holder}"
    )


def clause_words(clause: str) -> str:
    """ "Clause 2(b)"; as it is where the reference brings its own word."""
    return f"Clause {clause}" if clause[:1].isdigit() or len(clause) <= 4 else clause


def verdict_words(verdict: str, probability: float, basis: Optional[str], default_m=None) -> str:
    """How the finding ends: what it comes to, and how sure that is."""
    told = {
        BREAKS: "not in keeping with the clause",
        COMPLIES: "in keeping with the clause",
        POSSIBLE: "possibly not in keeping with the clause",
        OUTSIDE_STORAGE: "beyond the withdrawal lines, but outside the known storage sites",
    }.get(verdict, verdict)
    if basis == NONE:
        return f"{told}, by the bare point, whose uncertainty is not known"
    if probability != probability:
        return told
    if verdict == COMPLIES:
        sure = f"{told} with probability {chance_words(1.0 - probability)}"
    elif verdict == POSSIBLE:
        sure = f"{told}: probability {chance_words(probability, verdict)}"
    else:
        sure = f"{told} with probability {chance_words(probability, verdict)}"
    if basis == DEFAULT and default_m is not None:
        return f"{sure}, taking {limit(default_m)} as the uncertainty of its place"
    return sure


def act_words(categories: Iterable[Optional[str]]) -> np.ndarray:
    """Categories in words, each different one looked up once."""
    categories = list(categories)
    known = {
        code: label("categories", code) or "an act of unknown kind" for code in set(categories)
    }
    words = np.empty(len(categories), dtype=object)
    words[:] = [known[code] for code in categories]
    return words


def possessive(name: str) -> str:
    """ "Aster’s", "Northern forces’"."""
    return f"{name}’" if name.endswith("s") else f"{name}’s"


def capital(text: str) -> str:
    """The text with a capital letter at its beginning."""
    return text[:1].upper() + text[1:]
