"""Who watches on the island, from where, and in which hours: posts and their effort.

Times here are naive local times of the theatre.
"""

from __future__ import annotations

import dataclasses
from datetime import date, datetime, time, timedelta

from .chance import Chance
from .shapes import Point, bearing, degrees, distance

FIRST, LAST = date(2025, 9, 1), date(2025, 11, 30)
# On these two days a storm kept everybody inside: nobody observed anything.
STORM = (date(2025, 11, 18), date(2025, 11, 19))


@dataclasses.dataclass(frozen=True)
class Watcher:
    """A post: its name as the tables write it, its point (km), and what a camera looks at."""

    name: str
    kind: str
    point: Point
    looks: float | None = None
    opening: float | None = None
    reach_km: float | None = None
    since: date = FIRST

    def sees(self, point: Point) -> bool:
        """Whether a point lies in a camera's field of view."""
        turned = (bearing(self.point, point) - self.looks + 180.0) % 360.0 - 180.0
        return abs(turned) <= self.opening / 2 and distance(self.point, point) <= self.reach_km


WATCHERS = (
    Watcher("Patrol Base Varne", "patrol_base", (-6.2, 20.2)),
    Watcher("Patrol Base Lowmere", "patrol_base", (2.8, 4.9)),
    Watcher("Patrol Base Torvane", "patrol_base", (-3.1, -8.6)),
    Watcher("Patrol Base Tarnwick", "patrol_base", (25.8, -16.4), since=date(2025, 9, 15)),
    Watcher("OP Ardesk Hill", "observation_post", (-7.6, 31.4)),
    Watcher("OP Tessmar", "observation_post", (4.2, 33.1)),
    Watcher("OP Fenlock Road", "observation_post", (12.2, 18.2)),
    Watcher("OP Cobrin Ridge", "observation_post", (8.2, 11.0)),
    Watcher("OP Braskell", "observation_post", (-9.2, 0.4)),
    Watcher("OP Estwick Mill", "observation_post", (9.4, -4.1)),
    Watcher("OP Mosswater", "observation_post", (9.2, -19.6)),
    Watcher("OP Umber Ford", "observation_post", (-8.3, -22.6)),
    Watcher("Camera at Varne Lower School", "camera", (-2.6, 20.8), 92.0, 80.0, 8.0),
    Watcher("Camera at Lake Cobrin Water Works", "camera", (6.3, 13.0), 285.0, 75.0, 6.5),
    Watcher("Camera at Lowmere Bridge", "camera", (-3.0, 7.4), 240.0, 80.0, 7.0),
    Watcher("Camera at Ardesk Crossing", "camera", (-5.6, 33.6), 88.0, 65.0, 5.5),
    Watcher("Camera at Estwick Mill", "camera", (8.8, -4.6), 262.0, 70.0, 7.0),
    Watcher("Camera at Wexlow Heights", "camera", (-10.8, 14.2), 278.0, 60.0, 6.0),
)


@dataclasses.dataclass(frozen=True)
class Watch:
    """A stretch of hours in which a post could observe, or why it could not."""

    watcher: Watcher
    start: datetime
    end: datetime
    status: str
    reason: str = ""


def days():
    """Every day of the theatre's period."""
    return (FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1))


def at(day: date, hour: int = 0, minute: int = 0) -> datetime:
    """A local time of day; hour 24 is the next midnight."""
    return datetime.combine(day, time(0, 0)) + timedelta(hours=hour, minutes=minute)


def watches() -> list[Watch]:
    """The effort of all posts, in order of post and time."""
    made: list[Watch] = []
    for watcher in WATCHERS:
        chance = Chance(f"effort of {watcher.name}")
        if watcher.kind == "camera":
            made.extend(_camera(watcher, chance))
        elif watcher.kind == "patrol_base":
            made.extend(_base(watcher, day) for day in days() if day >= watcher.since)
        else:
            made.extend(_patrol(watcher, day, chance) for day in days())
    return made


def _base(watcher: Watcher, day: date) -> Watch:
    if day in STORM:
        return Watch(watcher, at(day), at(day, 24), "not_deployed", "Storm: all monitors inside")
    return Watch(watcher, at(day), at(day, 24), "operating")


def _patrol(watcher: Watcher, day: date, chance: Chance) -> Watch:
    """A patrol's hours at its observation post on one day."""
    fate = chance.between(0, 1)
    start, end = at(day, 9), at(day, 17)
    if day in STORM:
        return Watch(watcher, start, end, "not_deployed", "Storm: all monitors inside")
    if fate < 0.05:
        reason = chance.pick(("Turned back at a checkpoint", "Passage refused, no reason given"))
        return Watch(watcher, start, end, "denied", reason)
    if fate < 0.11:
        return Watch(watcher, start, end, "not_deployed", "No vehicle")
    if fate < 0.16:
        return Watch(watcher, start, end, "degraded", "Fog until midday")
    return Watch(watcher, start, end, "operating")


def _camera(watcher: Watcher, chance: Chance) -> list[Watch]:
    """A camera's weeks, with the hours in which it was down."""
    made = []
    start, last = at(FIRST), at(LAST, 24)
    while start < last:
        end = min(start + timedelta(days=chance.whole(5, 11), hours=chance.whole(0, 20)), last)
        _around_the_storm(made, watcher, start, end)
        if end >= last:
            break
        start = min(end + timedelta(hours=chance.whole(4, 40)), last)
        reason = chance.pick(("Power cut", "Lens obscured", "Link lost"))
        made.append(Watch(watcher, end, start, "down", reason))
    return made


def _around_the_storm(made: list, watcher: Watcher, start: datetime, end: datetime) -> None:
    """Add the working hours, cut where the storm took the power."""
    storm_start, storm_end = at(STORM[0]), at(STORM[1], 24)
    if end <= storm_start or start >= storm_end:
        made.append(Watch(watcher, start, end, "operating"))
        return
    if start < storm_start:
        made.append(Watch(watcher, start, storm_start, "operating"))
    made.append(
        Watch(watcher, max(start, storm_start), min(end, storm_end), "down", "Power cut by storm")
    )
    if end > storm_end:
        made.append(Watch(watcher, storm_end, end, "operating"))


def post_rows() -> list[dict]:
    """The table of posts, in the model's fields, with longitude and latitude."""
    rows = []
    for watcher in WATCHERS:
        longitude, latitude = degrees(watcher.point)
        rows.append(
            {
                "post_id": watcher.name,
                "name": watcher.name,
                "kind": watcher.kind,
                "bearing_deg": watcher.looks,
                "field_of_view_deg": watcher.opening,
                "range_m": None if watcher.reach_km is None else round(watcher.reach_km * 1000),
                "valid_from": watcher.since.isoformat(),
                "valid_to": None,
                "longitude": longitude,
                "latitude": latitude,
            }
        )
    return rows
