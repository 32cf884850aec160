"""Feed A: the mission's own table of ceasefire violations, and its log of cameras."""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime, timedelta

from .chance import Chance
from .happenings import AUDIBLE, VISIBLE, Happening
from .shapes import bearing, degrees, distance
from .watch import WATCHERS, Watch, Watcher

WINDS = "N NNE NE ENE E ESE SE SSE S SSW SW WSW W WNW NW NNW".split()
TABLE = ("ID", "Position", "Event location", "Means", "No.", "Observation", "Description",
         "Weapon", "Date, time", "Duplicate group")  # fmt: skip
LOG = ("id", "camera", "latitude", "longitude", "date", "time", "from", "to", "bearing_deg",
       "bearing_halfwidth_deg", "range_min_m", "range_max_m", "observation", "description",
       "number", "weapon", "duplicate_group", "status", "reason")  # fmt: skip
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
# What the table must hold whatever chance brings; times are local, 26 October 00:30 comes twice.
PECULIAR = (
    ("OP Ardesk Hill", "", "", "nil", "Nil", "", "", "04-Sep, 09:00-17:00", ""),
    ("OP Mosswater", "", "", "nil", "Nil", "Nothing to report", "", "23-Sep, 09:00-17:00", ""),
    ("OP Fenlock Road", "", "", "nil", "Nil", "", "", "21-Oct, 09:00-17:00", ""),
    ("Patrol Base Varne", "2-4km ENE", "Heard", "30", "Burst", "Undetermined", "HMG",
     "07-Oct, 20:10-20:55", ""),
    ("Patrol Base Lowmere", "3-5km WNW", "Heard", "N/K", "Explosion", "Undetermined", "N/K",
     "05-Nov, 22:15-23:40", ""),
    ("Patrol Base Varne", "N/K", "Heard", "N/K", "Shot", "Undetermined", "Small arms",
     "08-Oct, 02:20", ""),
    ("Patrol Base Torvane", "2-3km ENE", "Heard", "4", "Burst", "Undetermined", "Small arms",
     "26-Oct, 00:30", ""),
    ("OP Estwick Mill", "3-4km ESE", "Saw and heard", "12", "Explosion",
     "Outgoing, live-fire exercise, outside the security zone", "Mortar (82mm)",
     "25-Sep, 10:00-11:30", ""),
    ("OP Cobrin Ridge", "4-5km E", "Heard", "9", "Shot",
     "Live-fire exercise, assessed as outside the security zone", "Small arms",
     "13-Nov, 13:00-14:00", ""),
    ("OP Braskell", "2-3km W", "Heard", "6", "Burst",
     "Live-fire exercise, assessed as inside the security zone", "Small arms",
     "26-Nov, 10:20-10:50", ""),
    ("OP Ardesk Hill", "1-2km E", "Saw and heard", "1", "Explosion",
     "Controlled explosion, notified beforehand", "N/K", "15-Oct, 12:00", ""),
    ("Patrol Base Varne", "N/K", "Interview", "1", "Civilian casualty",
     "Followed up: one person wounded while driving, place not known", "Small arms",
     "09-Nov, 16:00", ""),
    ("Patrol Base Tarnwick", "6-10km N", "Heard", "about 20", "Explosion", "Undetermined",
     "Artillery (122mm)", "12-Nov, 04:45-05:20", ""),
    ("OP Umber Ford", "5-8km", "Heard", "2", "Explosion", "Undetermined", "N/K",
     "30-Sep, 11:25", ""),
)  # fmt: skip
NIL_PATROLS = {
    ("OP Ardesk Hill", "2025-09-04"),
    ("OP Mosswater", "2025-09-23"),
    ("OP Fenlock Road", "2025-10-21"),
}
MUST_HAVE_WATCHED = NIL_PATROLS | {
    ("OP Estwick Mill", "2025-09-25"),
    ("OP Cobrin Ridge", "2025-11-13"),
    ("OP Braskell", "2025-11-26"),
    ("OP Ardesk Hill", "2025-10-15"),
    ("OP Umber Ford", "2025-09-30"),
}


class OnWatch:
    """Which posts could observe at a moment."""

    def __init__(self, watches: list[Watch]):
        self._by_post: dict[str, list[Watch]] = {}
        for watch in watches:
            if watch.status in ("operating", "degraded"):
                self._by_post.setdefault(watch.watcher.name, []).append(watch)
        self._starts = {name: [w.start for w in some] for name, some in self._by_post.items()}

    def able(self, watcher: Watcher, when: datetime) -> bool:
        """Whether a post was observing at that time."""
        index = bisect_right(self._starts.get(watcher.name, []), when) - 1
        return index >= 0 and when < self._by_post[watcher.name][index].end


def mission_rows(events: list[Happening], on_watch: OnWatch) -> tuple[list, list, set]:
    """The rows of the table, those of the cameras' events, and the numbers of what was told."""
    chance = Chance("mission")
    table, log, told = [], [], set()
    groups = 0
    for event in events:
        listeners = _people(event, on_watch, chance)
        cameras = _cameras(event, on_watch)
        if not listeners and not cameras:
            continue
        told.add(event.number)
        group = ""
        if len(listeners) + len(cameras) > 1:
            groups += 1
            group = f"D{groups:03d}"
        for watcher in listeners:
            table.append((event.when, _table_row(event, watcher, group, chance)))
        for watcher in cameras:
            log.append((event.when, _log_row(event, watcher, group, chance)))
    for row in PECULIAR:
        day, month = row[7].split(",")[0].split("-")
        clock = row[7].split(", ")[1].split("-")[0]
        when = datetime(2025, MONTHS.index(month) + 1, int(day), *map(int, clock.split(":")))
        table.append((when, row))
    table.sort(key=lambda entry: entry[0])
    rows = [(f"V{number:04d}", *row) for number, (_, row) in enumerate(table, 1)]
    return rows, log, told


def _people(event: Happening, on_watch: OnWatch, chance: Chance) -> list[Watcher]:
    """The nearest post of people that perceived it, and at times a second."""
    reach = max(AUDIBLE.get(event.kind, 0.0), VISIBLE.get(event.kind, 0.0))
    found = sorted(
        (
            (distance(watcher.point, event.point), watcher.name, watcher)
            for watcher in WATCHERS
            if watcher.kind != "camera"
            and distance(watcher.point, event.point) <= reach
            and on_watch.able(watcher, event.when)
        ),
        key=lambda entry: entry[:2],
    )
    if found and chance.happens(0.12):
        return []
    number = 2 if len(found) > 1 and chance.happens(0.15) else 1
    return [watcher for _, _, watcher in found[:number]]


def _cameras(event: Happening, on_watch: OnWatch) -> list[Watcher]:
    if event.kind not in VISIBLE or event.kind in ("Burst", "Shot"):
        return []
    return [
        watcher
        for watcher in WATCHERS
        if watcher.kind == "camera"
        and watcher.sees(event.point)
        and on_watch.able(watcher, event.when)
    ]


def _table_row(event: Happening, watcher: Watcher, group: str, chance: Chance) -> tuple:
    far = distance(watcher.point, event.point)
    visible = far <= VISIBLE.get(event.kind, 0.0) and (far < 2.0 or chance.happens(0.5))
    audible = far <= AUDIBLE.get(event.kind, 0.0)
    means = {(True, True): "Saw and heard", (True, False): "Saw"}.get((visible, audible), "Heard")
    lasted = event.kind == "Burst" and event.count > 4
    end = event.when + timedelta(minutes=chance.whole(3, 25))
    return (
        watcher.name,
        _event_location(watcher, event, far, chance),
        means,
        str(event.count),
        event.kind,
        _description(event, chance),
        event.weapon,
        _local(event.when, end if lasted and end.date() == event.when.date() else None),
        group,
    )


def _event_location(watcher: Watcher, event: Happening, far: float, chance: Chance) -> str:
    """Distance and direction as an observer writes them."""
    if chance.happens(0.03):
        return "N/K"
    wind = _wind(bearing(watcher.point, event.point) + chance.bell(5.0))
    if far < 1.0:
        return f"{max(1, round(far * 10)) * 100}m {wind}"
    if chance.happens(0.35):
        return f"{max(1, round(far))}km {wind}"
    low = max(1, int(far - chance.between(0.0, 0.9)))
    return f"{low}-{max(low + 1, int(far) + 1 + chance.whole(0, 1))}km {wind}"


def _wind(degrees_true: float) -> str:
    return WINDS[int((degrees_true % 360.0) / 22.5 + 0.5) % 16]


def _description(event: Happening, chance: Chance) -> str:
    if event.kind == "Explosion":
        return chance.pick_weighted(
            {"Undetermined": 6, "Outgoing": 3, "Impact": 3, "Incoming": 1, "Airburst": 1}
        )
    if event.kind in ("Projectile", "Tracer"):
        return chance.pick(("In flight, W to E", "In flight, E to W", "In flight, NE to SW",
                            "In vertical flight"))  # fmt: skip
    if event.kind in ("Muzzle flash",):
        return "Outgoing"
    return "N/K" if chance.happens(0.3) else "Undetermined"


def _local(start: datetime, end: datetime | None) -> str:
    text = f"{start.day:02d}-{MONTHS[start.month - 1]}, {start:%H:%M}"
    return f"{text}-{end:%H:%M}" if end else text


def _log_row(event: Happening, watcher: Watcher, group: str, chance: Chance) -> dict:
    far = distance(watcher.point, event.point) * 1000
    bearing_deg = (bearing(watcher.point, event.point) + chance.bell(1.5)) % 360.0
    return {
        "date": event.when.date().isoformat(),
        "time": f"{event.when:%H:%M:%S}",
        "bearing_deg": f"{bearing_deg:.0f}",
        "bearing_halfwidth_deg": str(chance.whole(3, 8)),
        "range_min_m": str(int(far * chance.between(0.70, 0.90) / 100) * 100),
        "range_max_m": str(int(far * chance.between(1.10, 1.35) / 100 + 1) * 100),
        "observation": event.kind,
        "description": _description(event, chance),
        "number": str(event.count),
        "weapon": "",
        "duplicate_group": group,
        **_camera_cells(watcher),
    }


def _camera_cells(watcher: Watcher) -> dict:
    longitude, latitude = degrees(watcher.point)
    return {"camera": watcher.name, "latitude": str(latitude), "longitude": str(longitude)}


def camera_rows(log: list, watches: list[Watch]) -> list[tuple]:
    """The cameras' events and the hours in which each could see, in order of time."""
    entries = [
        *((when, 1, row) for when, row in log),
        *((w.start, 0, _status_row(w)) for w in watches if w.watcher.kind == "camera"),
    ]
    entries.sort(key=lambda entry: (entry[0], entry[1], entry[2]["camera"]))
    return [
        tuple({"id": f"C{number:04d}", **row}.get(name, "") for name in LOG)
        for number, (_, _, row) in enumerate(entries, 1)
    ]


def _status_row(watch: Watch) -> dict:
    return {
        "from": f"{watch.start:%Y-%m-%d %H:%M}",
        "to": f"{watch.end:%Y-%m-%d %H:%M}",
        "status": watch.status,
        "reason": watch.reason,
        **_camera_cells(watch.watcher),
    }
