"""Whether anybody could have observed a place in an hour, and if not, why not."""

from __future__ import annotations

import dataclasses
from datetime import datetime, tzinfo
from typing import Iterable, Optional, Sequence

import numpy as np

from ..model.claim import Restriction
from ..model.incident import Effort, Post
from .coverage import hour_start, next_hour, restrictions_within, watch_of_posts
from .geodesy import inverse
from .utc import instants
from .watch_spans import STATES, Stretches

DENYING = ("denial", "impediment")
DENIED, DEGRADED = STATES.index("denied"), STATES.index("degraded")
CONTRADICTED, NOT_KNOWN = STATES.index("contradicted"), STATES.index("not_known")


@dataclasses.dataclass(frozen=True)
class PlaceCoverage:
    """The observation of one place in one span of whole hours.

    ``share`` (0 to 1) is how much of the span at least one post that reaches the place surely
    observed; ``posts`` are those posts with the seconds of each in each of STATES. ``denied``:
    access was denied or prevented in it; ``contradicted``: rows of a post say opposite things.
    """

    start: datetime
    end: datetime
    share: float
    posts: dict[str, np.ndarray]
    reasons: dict[str, list[str]]
    restrictions: list[Restriction]
    denied: bool

    @property
    def contradicted(self) -> bool:
        """Whether rows of a post that reaches the place say opposite things of the span."""
        return any(row[CONTRADICTED] > 0 for row in self.posts.values())


class Observers:
    """The posts, their effort and the restrictions of access, to be asked of places and hours.

    ``reach_m`` is how far a post without a range of its own is taken to observe, and how near a
    restriction must lie to concern a place. ``zone`` is that of the clock's hours.
    """

    def __init__(
        self,
        posts: Iterable[Post],
        effort: Iterable[Effort],
        restrictions: Iterable[Restriction],
        reach_m: float,
        zone: tzinfo,
    ):
        self.posts = list(posts)
        self.restrictions = list(restrictions)
        self.stretches = watch_of_posts(self.posts, effort, self.restrictions)
        self.names = {post.post_id: post.name or post.post_id for post in self.posts}
        self.reach_m, self.zone = reach_m, zone

    def hours(self, start: datetime, end: Optional[datetime]) -> tuple[datetime, datetime]:
        """The whole local clock hours that a span touches; a moment's hour."""
        end = start if end is None else max(start, end)
        first, last = hour_start(start, self.zone), hour_start(end, self.zone)
        if last == end and end > start:
            return first, last
        return first, next_hour(last, self.zone)

    def coverage(
        self, longitude: float, latitude: float, start: datetime, end: Optional[datetime]
    ) -> PlaceCoverage:
        """The observation of a place (degrees) in the whole hours that a span touches."""
        first, last = self.hours(start, end)
        span = instants([first, last])
        reaching = self._reaching(longitude, latitude)
        watched = [self.stretches[name] for name in reaching]
        seconds = {item.post_id: item.seconds(*span) for item in watched}
        restrictions = self._restrictions(reaching, longitude, latitude, span)
        denied = any(item.kind in DENYING for item in restrictions)
        denied = denied or any(row[DENIED] > 0 for row in seconds.values())
        return PlaceCoverage(
            start=first,
            end=last,
            share=_share(watched, span),
            posts=seconds,
            reasons={item.post_id: item.reasons(*span) for item in watched},
            restrictions=restrictions,
            denied=denied,
        )

    def _reaching(self, longitude: float, latitude: float) -> list[str]:
        """The posts in whose range and field of view a place lies."""
        located = [post for post in self.posts if None not in (post.longitude, post.latitude)]
        if not located:
            return []
        lon = np.array([post.longitude for post in located], dtype=float)
        lat = np.array([post.latitude for post in located], dtype=float)
        azimuth, distance = inverse(lon, lat, float(longitude), float(latitude))
        return [
            post.post_id
            for post, bearing, far in zip(located, azimuth, distance)
            if far <= (self.reach_m if post.range_m is None else post.range_m)
            and _in_view(post, bearing)
        ]

    def _restrictions(self, reaching: list[str], longitude, latitude, span) -> list[Restriction]:
        held = restrictions_within(self.restrictions, None, *span)
        return [
            item
            for item in held
            if item.post_id in reaching or self._is_near(item, longitude, latitude)
        ]

    def _is_near(self, item: Restriction, longitude: float, latitude: float) -> bool:
        if item.longitude is None or item.latitude is None:
            return False
        _, distance = inverse(item.longitude, item.latitude, longitude, latitude)
        return distance <= self.reach_m


def coverage_words(coverage: PlaceCoverage, names: dict[str, str], zone: tzinfo) -> str:
    """The observation of a place and hour in words, as it stands beside a finding."""
    parts = [f"{_span(coverage, zone)}: {_seen(coverage)}"]
    for post, seconds in coverage.posts.items():
        parts.append(f"{names.get(post, post)}: {_hours_of(seconds, coverage.reasons[post])}")
    if not coverage.posts:
        parts.append("no post is known to reach the place")
    parts += [_restriction(item, names) for item in coverage.restrictions]
    return "; ".join(parts) + "."


def percent(share: float) -> str:
    """A share in percent that is never rounded to all or to nothing."""
    if share <= 0.0:
        return "0 %"
    if share >= 1.0:
        return "100 %"
    return f"{min(max(round(share * 100), 1), 99)} %"


def _in_view(post: Post, bearing: float) -> bool:
    if post.bearing_deg is None or post.field_of_view_deg is None:
        return True
    turn = abs((float(bearing) - post.bearing_deg + 180.0) % 360.0 - 180.0)
    return turn <= post.field_of_view_deg / 2.0


def _share(watched: Sequence[Stretches], span) -> float:
    """How much of a span at least one post surely observed."""
    start, end = span
    pieces = sorted(
        (max(first, start), min(last, end))
        for item in watched
        for first, last in item.observing()
        if first < end and last > start
    )
    seen, reached = np.timedelta64(0, "us"), start
    for first, last in pieces:
        if last > reached:
            seen, reached = seen + (last - max(first, reached)), last
    return float(seen / (end - start))


def _span(coverage: PlaceCoverage, zone: tzinfo) -> str:
    first, last = coverage.start.astimezone(zone), coverage.end.astimezone(zone)
    day = "" if first.date() == last.date() else f"{last:%Y-%m-%d} "
    # On the day that clocks change an hour may begin and end at the same time of the clock.
    zones = (
        ("", f" {last:%Z}") if first.tzname() == last.tzname() else (f" {first:%Z}", f" {last:%Z}")
    )
    return f"{first:%Y-%m-%d %H:%M}{zones[0]} to {day}{last:%H:%M}{zones[1]}"


def _seen(coverage: PlaceCoverage) -> str:
    if coverage.share <= 0.0:
        return "not observed by any post"
    if coverage.share >= 1.0:
        return "observed throughout"
    return f"observed for {percent(coverage.share)} of it"


def _hours_of(seconds: np.ndarray, reasons: list[str]) -> str:
    total = seconds.sum()
    words = [
        f"{state.replace('_', ' ')} {percent(float(value / total))}"
        for state, value in zip(STATES, seconds)
        if value > 0 and STATES.index(state) != NOT_KNOWN
    ]
    if seconds[NOT_KNOWN] > 0:
        words.append(f"not known {percent(float(seconds[NOT_KNOWN] / total))}")
    return ", ".join(words) + (f" ({', '.join(reasons)})" if reasons else "")


def _restriction(item: Restriction, names: dict[str, str]) -> str:
    at = names.get(item.post_id or "", item.post_id) or item.place
    words = f"access restricted ({(item.kind or 'kind not known').replace('_', ' ')}"
    words += f", {item.asset}" if item.asset else ""
    words += ")"
    words += f" at {at}" if at else ""
    why = item.stated_reason or item.cause
    return words + (f": {why}" if why else "")
