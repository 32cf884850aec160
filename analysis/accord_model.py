"""Provisions of a peace accord and the scores that coders gave them."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Optional

from ..model.errors import CeasefireError

STATES = ("not_initiated", "minimum", "intermediate", "complete")
APART = ("not_due", "not_assessed", "no_evidence")
TITLES = {
    "not_initiated": "Not initiated",
    "minimum": "Minimum",
    "intermediate": "Intermediate",
    "complete": "Complete",
    "not_due": "Not due yet",
    "not_assessed": "Not assessed",
    "no_evidence": "No evidence found",
}
FULL = 3


@dataclasses.dataclass(frozen=True)
class Provision:
    """One commitment of an accord; what is not known is None."""

    provision_id: str
    title: str = ""
    theme: Optional[str] = None
    priority: Optional[bool] = None
    body: Optional[str] = None
    place: Optional[str] = None
    deadline: Optional[date] = None
    kind: Optional[str] = None


@dataclasses.dataclass(frozen=True)
class Assessment:
    """What was found of a provision on a day: a state of ``STATES`` or one of ``APART``."""

    provision_id: str
    day: date
    state: str
    coder: Optional[str] = None

    @property
    def score(self) -> Optional[int]:
        """0 to 3; None for what is no score."""
        return STATES.index(self.state) if self.state in STATES else None


def state_of(value: object) -> str:
    """The state that a cell means: 0 to 3, a state's name or title, or one of ``APART``.

    An empty cell is "not assessed", never 0. Raises CeasefireError for anything else.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return "not_assessed"
    if isinstance(value, str):
        plain = value.strip().lower().replace(" ", "_").replace("-", "_")
        titles = {title.lower().replace(" ", "_"): state for state, title in TITLES.items()}
        if plain in STATES or plain in APART:
            return plain
        if plain in titles:
            return titles[plain]
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = -1.0
    if number in (0.0, 1.0, 2.0, 3.0):
        return STATES[int(number)]
    raise CeasefireError(
        f"“{value}” is no score: there are 0 to 3, {', '.join(STATES)}, {', '.join(APART)}"
    )


def day_of(value: object) -> date:
    """The last day of what a cell names: a day, a month (2031-03), a quarter (2031-Q1) or a year.

    Raises CeasefireError for anything else.
    """
    text = str(value).strip()
    for length, year_end in ((4, (12, 31)), (7, None)):
        if len(text) != length or not text[:4].isdigit():
            continue
        if year_end is not None:
            return date(int(text), *year_end)
        month = {"Q1": 3, "Q2": 6, "Q3": 9, "Q4": 12}.get(text[5:].upper())
        if month is None and text[5:].isdigit():
            month = int(text[5:])
        if month is not None and 1 <= month <= 12:
            following = date(int(text[:4]) + month // 12, month % 12 + 1, 1)
            return date.fromordinal(following.toordinal() - 1)
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise CeasefireError(
            f"“{value}” is no date: write 2031, 2031-Q1, 2031-03 or 2031-03-14"
        ) from None


def checked(
    provisions: list[Provision], assessments: list[Assessment]
) -> dict[str, list[Assessment]]:
    """The assessments of each provision in order of time.

    Raises CeasefireError for an empty list, provisions that stand there twice, scores of provisions
    that the accord does not have, and two different scores of one coder for one month.
    """
    if not provisions:
        raise CeasefireError("The accord has no provisions: nothing can be assessed.")
    known: dict[str, list[Assessment]] = {}
    for provision in provisions:
        if provision.provision_id in known:
            raise CeasefireError(f"The provision “{provision.provision_id}” stands there twice.")
        known[provision.provision_id] = []
    strangers = sorted({one.provision_id for one in assessments} - set(known))
    if strangers:
        raise CeasefireError(
            f"There are scores of {len(strangers)} provisions that the accord does not have, such "
            f"as “{strangers[0]}”. Add them to the provisions, or correct their ids."
        )
    seen: dict[tuple, Assessment] = {}
    for one in sorted(assessments, key=lambda item: item.day):
        key = (one.provision_id, one.day.year, one.day.month, one.coder)
        before = seen.setdefault(key, one)
        if before.state != one.state:
            raise CeasefireError(
                f"The provision “{one.provision_id}” has two scores for {one.day:%Y-%m} "
                f"({TITLES[before.state]} and {TITLES[one.state]}). Keep the one that stands."
            )
        known[one.provision_id].append(one)
    return known
