"""Effort per post and hour, so that every zero has its effort.

"0" is said only of an hour in which a post surely observed; otherwise "not observed", or where no
row tells of the hour, "not known".
"""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Iterable, Optional, Sequence

import numpy as np

from ..model.claim import Restriction
from ..model.errors import CeasefireError
from ..model.incident import Effort, Observation, Post
from .utc import instants
from .watch_spans import OBSERVING, STATES, Stretches, restricted_span, stretches_of

HOUR = timedelta(hours=1)
MOST_CELLS = 5_000_000
OBSERVING_STATES = [STATES.index(state) for state in OBSERVING]
NOT_KNOWN = STATES.index("not_known")


@dataclasses.dataclass
class Coverage:
    """The effort of P posts over H local clock hours.

    ``posts`` are the ids in order; ``edges`` (``datetime64[us]``, UTC, shape (H + 1,)) bound the
    hours; ``seconds`` (shape (P, H, 7)) are the seconds of each hour in each of STATES, and add
    up to the hour's length. ``events`` (whole numbers, shape (P, H)) are the observations that
    began in the hour. ``stretches`` are the posts' states, by id.
    """

    posts: list[str]
    edges: np.ndarray
    seconds: np.ndarray
    events: np.ndarray
    stretches: dict[str, Stretches]

    @property
    def fraction(self) -> np.ndarray:
        """How much of each hour was surely observed, 0 to 1, shape (P, H)."""
        length = self.seconds.sum(axis=2)
        return self.seconds[:, :, OBSERVING_STATES].sum(axis=2) / length

    @property
    def state(self) -> np.ndarray:
        """One word for each hour, shape (P, H): observed, partly, not_observed or not_known.

        ``not_known`` where no row tells of any of the hour; ``partly`` where some was observed.
        """
        fraction = self.fraction
        length = self.seconds.sum(axis=2)
        words = np.full(fraction.shape, "not_observed", dtype="<U12")
        words[self.seconds[:, :, NOT_KNOWN] >= length] = "not_known"
        words[fraction > 0] = "partly"
        words[fraction >= 1.0 - 1e-12] = "observed"
        return words

    def hours(self) -> np.ndarray:
        """The hours of each post in each of STATES, shape (P, 7)."""
        return self.seconds.sum(axis=1) / 3600.0


def coverage_of(
    posts: Iterable[Post],
    effort: Iterable[Effort],
    restrictions: Iterable[Restriction],
    start: datetime,
    end: datetime,
    zone: tzinfo,
    observations: Iterable[Observation] = (),
) -> Coverage:
    """The effort of each post in each local clock hour from ``start`` to ``end`` (aware).

    A post that has effort but no record of its own is there by its id. CeasefireError where the
    period is empty or too long for its posts.
    """
    stretches = watch_of_posts(posts, effort, restrictions)
    edges = hour_edges(start, end, zone)
    if len(stretches) * len(edges) > MOST_CELLS:
        raise CeasefireError(
            f"{len(stretches)} posts over {len(edges) - 1:,} hours are too many for one table: "
            "choose a shorter period."
        )
    names = sorted(stretches)
    seconds = np.zeros((len(names), len(edges) - 1, len(STATES)))
    for row, name in enumerate(names):
        seconds[row] = _by_hour(stretches[name], edges)
    events = _events(names, edges, observations)
    return Coverage(names, edges, seconds, events, stretches)


def watch_of_posts(
    posts: Iterable[Post], effort: Iterable[Effort], restrictions: Iterable[Restriction]
) -> dict[str, Stretches]:
    """The states of each post over all time, by its id."""
    known = {post.post_id: post for post in posts}
    rows: dict[str, list[Effort]] = {name: [] for name in known}
    for item in effort:
        rows.setdefault(item.post_id or "", []).append(item)
    restrictions = list(restrictions)
    return {
        name: stretches_of(name, own, known.get(name), restrictions) for name, own in rows.items()
    }


def hour_edges(start: datetime, end: datetime, zone: tzinfo) -> np.ndarray:
    """The edges of the local clock hours of a period, ``datetime64[us]`` in UTC.

    The first and the last hour are cut to the period. On the day that clocks go forward there are
    23, on the day that they go back 25. CeasefireError where the period is empty.
    """
    start, end = start.astimezone(timezone.utc), end.astimezone(timezone.utc)
    if end <= start:
        raise CeasefireError(
            "The period ends before it begins, or is empty: give TO later than FROM."
        )
    if (end - start) / HOUR > MOST_CELLS:
        raise CeasefireError("The period has too many hours: choose a shorter one.")
    edges, here = [start], start
    while here < end:
        here = min(next_hour(here, zone), end)
        edges.append(here)
    return instants(edges)


def next_hour(moment: datetime, zone: tzinfo) -> datetime:
    """The next full hour of the local clock after an aware moment, in UTC."""
    local = moment.astimezone(zone)
    past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    return moment.astimezone(timezone.utc) + HOUR - past


def hour_start(moment: datetime, zone: tzinfo) -> datetime:
    """The full hour of the local clock at or before an aware moment, in UTC."""
    return next_hour(moment, zone) - HOUR


def restrictions_within(
    restrictions: Sequence[Restriction],
    post_id: Optional[str],
    start: np.datetime64,
    end: np.datetime64,
) -> list[Restriction]:
    """The restrictions of a post (None: of any) that held in a span."""
    found = []
    for item in restrictions:
        first, last = restricted_span(item)
        if (post_id is None or item.post_id == post_id) and first < end and last > start:
            found.append(item)
    return found


def _by_hour(stretches: Stretches, edges: np.ndarray) -> np.ndarray:
    """The seconds of each hour in each state, shape (H, 7)."""
    cuts = np.union1d(
        edges, stretches.starts[(stretches.starts > edges[0]) & (stretches.starts < edges[-1])]
    )
    begins, length = cuts[:-1], np.diff(cuts) / np.timedelta64(1_000_000, "us")
    hour = np.searchsorted(edges, begins, side="right") - 1
    state = stretches.states[np.searchsorted(stretches.starts, begins, side="right") - 1]
    cell = hour * len(STATES) + state
    size = (len(edges) - 1) * len(STATES)
    return np.bincount(cell, weights=length, minlength=size).reshape(-1, len(STATES))


def _events(names: list[str], edges: np.ndarray, observations: Iterable[Observation]) -> np.ndarray:
    events = np.zeros((len(names), len(edges) - 1), dtype=np.int64)
    place = {name: row for row, name in enumerate(names)}
    for item in observations:
        row = place.get(item.post_id or "")
        if row is None or item.observed_from is None:
            continue
        hour = int(np.searchsorted(edges, instants([item.observed_from])[0], side="right")) - 1
        if 0 <= hour < events.shape[1]:
            events[row, hour] += 1
    return events


def printed(state: str, events: int) -> str:
    """What may be printed of a post's hour: a number, "not observed" or "not known".

    "0" only where some of the hour was observed.
    """
    if events or state in ("observed", "partly"):
        return str(events)
    return state.replace("_", " ")
