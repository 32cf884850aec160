"""A small fictional theatre in mid-ocean for the tests of the brief: seeded, no real place."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import numpy as np
from pyproj import Geod
from shapely.geometry import LineString, MultiLineString, MultiPolygon, Point, Polygon

from ceasefire_monitor.model.incident import Effort, Incident, Observation, Post
from ceasefire_monitor.model.land import ContactLine, ControlArea, Finding, Site, Zone
from ceasefire_monitor.reports.material import Entry, Material, Source

START = datetime(2031, 3, 3, tzinfo=timezone.utc)
DAYS = 14
PLACES = ("Vell", "Harrow Ford", "Oster Mill", "Lower Dene", "Quarry Hill", "Pells", "Tarn Bridge")
CATEGORIES = (
    "firing/explosion",
    "firing/burst",
    "firing/shot",
    "firing/shelling",
    "clash/armed_clash",
    "overflight/uav",
    "firing/projectile",
    "damage/site",
    "movement/vehicles",
)
COURSE = [(-30.40, 30.02), (-30.25, 30.10), (-30.12, 30.06), (-29.98, 30.16), (-29.80, 30.13)]
GEOD = Geod(ellps="WGS84")


def theatre(incidents: int = 120, seed: int = 7, clustered: bool = False) -> Material:
    """Two weeks and the two before them: incidents with findings, land, posts, effort."""
    random = np.random.default_rng(seed)
    course = LineString(COURSE)
    entries = [_entry(random, course, number, clustered) for number in range(incidents)]
    return Material(
        entries=entries,
        lines=_lines(),
        zones=_zones(course),
        sites=_sites(),
        control=_control(),
        posts=[
            Post("P1", "Hill post", "observation_post", longitude=-30.2, latitude=30.12),
            Post("P2", "Mill camera", "camera", longitude=-30.0, latitude=30.12),
            Post("P3", "East patrol", "patrol", longitude=-29.9, latitude=30.2),
        ],
        effort=_effort(),
        sources=[
            Source(
                "Mission daily table", "Monitoring mission of the demo theatre", START, "ab" * 32
            ),
            Source("Gazette of Vell", "Gazette of Vell, CC BY 4.0", START, "cd" * 32),
        ],
    )


def _entry(random, course: LineString, number: int, clustered: bool) -> Entry:
    along = random.choice([0.2, 0.45, 0.8]) if clustered else random.uniform(0, 1)
    near = course.interpolate(along + random.normal(0, 0.02), normalized=True)
    away = random.normal(0, 0.035) if number % 6 else random.choice([-1, 1]) * 0.16
    place = (round(near.x, 5), round(near.y + away, 5)) if number % 17 else (None, None)
    when = START + timedelta(days=float(random.uniform(-DAYS, DAYS)))
    when = when.replace(second=0, microsecond=0)
    category = str(random.choice(CATEGORIES, p=[0.3, 0.2, 0.12, 0.1, 0.08, 0.06, 0.06, 0.04, 0.04]))
    origin = str(random.choice(["own_observation", "party_claim", "media"], p=[0.6, 0.2, 0.2]))
    low = None if number % 19 == 5 else int(random.integers(1, 9))
    incident = Incident(
        incident_id=f"demo:{number}",
        source={"own_observation": "Mission daily table"}.get(origin, "Gazette of Vell"),
        source_id=f"secret-{number}",
        source_url=f"https://example.org/{number}",
        origin=origin,
        category=category,
        phase="undetermined",
        circumstance="live_fire_exercise" if number % 23 == 3 else None,
        count_low=low,
        count_high=low + 3 if low and number % 11 == 2 else low,
        count_qualifier="not_known" if low is None else "exact",
        occurred_from=when,
        occurred_to=when + timedelta(minutes=20),
        time_precision="day" if number % 13 == 4 else "minute",
        span_is="duration",
        place=PLACES[number % len(PLACES)],
        description="Heard from the post; nobody was hurt. “Aa” & <b>.",
        uncertainty_m=None if number % 9 == 4 else float(random.choice([200, 500, 2000])),
        uncertainty_kind="gauss",
        revision=1,
        recorded_at=when + timedelta(hours=3),
        longitude=place[0],
        latitude=place[1],
    )
    finding = _finding(random, course, incident)
    return Entry(incident, finding, _observations(incident, number))


def _observations(incident: Incident, number: int) -> list[Observation]:
    if incident.origin != "own_observation":
        return []
    post = ("P1", "P2", "P3")[number % 3]
    return [
        Observation(f"o{number}", incident.incident_id, post, observed_from=incident.occurred_from)
    ]


def _finding(random, course: LineString, incident: Incident) -> Finding:
    finding = Finding(incident_id=incident.incident_id, line_name="Line of contact")
    if incident.longitude is None:
        finding.flag, finding.finding = "not_located", "No place is known."
        return finding
    point = Point(incident.longitude, incident.latitude)
    foot = course.interpolate(course.project(point))
    metres = GEOD.inv(point.x, point.y, foot.x, foot.y)[2]
    finding.line_distance_m = metres
    finding.line_side = "North side" if point.y > foot.y else "South side"
    finding.flag_basis = "none" if incident.uncertainty_m is None else "measured"
    if finding.flag_basis == "none":
        finding.flag = "near" if metres < 5000 else "far"
    else:
        chance = 1 / (1 + np.exp((metres - 5000) / (incident.uncertainty_m / 2)))
        finding.flag_probability = float(chance)
        finding.flag = "near" if chance >= 0.95 else "far" if chance <= 0.05 else "possible"
    finding.flag_distance_m = 5000.0
    finding.zones = "Security zone" if metres < 3000 else None
    words = {"near": "near", "possible": "possibly near", "far": "not near"}[finding.flag]
    finding.finding = (
        f"{metres:,.0f} m from the line “Line of contact” in force since 1 Feb 2031, on the "
        f"{finding.line_side}, at km {random.uniform(0, 60):.1f}; {words} (within 5 km)."
    )
    return finding


def _lines() -> list[ContactLine]:
    moved = [(x, y - 0.012 if -30.2 < x < -29.9 else y) for x, y in COURSE]
    change = START + timedelta(days=6)
    common = {"line_name": "Line of contact", "kind": "agreed", "uncertainty_m": 150.0}
    common.update(left_party="North side", right_party="South side", source="Joint commission map")
    return [
        ContactLine(
            line_id="L1",
            valid_from=datetime(2031, 2, 1, tzinfo=timezone.utc),
            valid_to=change,
            geometry=MultiLineString([moved]),
            **common,
        ),
        ContactLine(line_id="L2", valid_from=change, geometry=MultiLineString([COURSE]), **common),
    ]


def _zones(course: LineString) -> list[Zone]:
    box = Polygon([(-30.06, 30.08), (-29.94, 30.08), (-29.94, 30.19), (-30.06, 30.19)])
    return [
        Zone("Z1", "Security zone", "security_zone", geometry=MultiPolygon([course.buffer(0.03)])),
        Zone("Z2", "Tarn disengagement area", "disengagement_area", geometry=MultiPolygon([box])),
    ]


def _sites() -> list[Site]:
    return [
        Site("S1", "Vell clinic", "hospital", "restricted", geometry=Point(-30.3, 30.14)),
        Site("S2", "Tarn crossing", "crossing_point", "restricted", geometry=Point(-29.97, 30.15)),
        Site("S3", "Hidden shelter", "shelter", "confidential", geometry=Point(-30.1, 30.0)),
    ]


def _control() -> list[ControlArea]:
    north = Polygon([*COURSE, (-29.80, 30.40), (-30.40, 30.40)])
    south = Polygon([*COURSE, (-29.80, 29.80), (-30.40, 29.80)])
    return [
        ControlArea("C1", "North side", geometry=MultiPolygon([north])),
        ControlArea("C2", "South side", geometry=MultiPolygon([south])),
    ]


def _effort() -> list[Effort]:
    effort = []
    for day in range(-DAYS, DAYS):
        start = START + timedelta(days=day)
        blind = day in (4, 5)
        for post, hours in (("P1", 24), ("P2", 24), ("P3", 9)):
            status = "down" if blind and post == "P2" else "denied" if blind else "operating"
            reason = "power cut" if status == "down" else "access refused" if blind else None
            end = start + timedelta(hours=hours)
            effort.append(Effort(f"{post}{day}", post, start, end, status, reason))
    return effort
