"""Racer: from a feed's reply to alerts, in a large ledger, with a long line and ten rules."""

from __future__ import annotations

import csv
import itertools
import os
import sys
import time
from datetime import timedelta
from pathlib import Path

import shapely

from ...analysis.utc import utc_datetime
from ...feeds.http.client import Client
from ...feeds.sources import source_named
from ...ledger.alerting import raise_alerts
from ...ledger.feedsync import synchronise
from ...ledger.geopackage import Ledger
from ...model.alert import SECTOR, AlertRule
from ...model.feed import Feed
from ...model.incident import Incident
from ...model.land import ContactLine, Site, Zone
from . import theatre
from .serve import peak_bytes, serve

CATEGORIES = ("firing/explosion", "firing/burst", "firing/shelling", "movement/convoy")
WEAPONS = ("mortar", "small_arms", None)
SECTORS = 12
AT_ONCE = 20_000
COLUMNS = "source_id occurred_from occurred_to category weapon count latitude longitude".split()
COLUMNS += ["uncertainty_m", "uncertainty_kind"]


class Watch:
    """A ledger with its theatre; each turn brings so many new incidents and raises alerts."""

    def __init__(self, folder: Path, segments: str, versions: str):
        self.place = folder / "watched.gpkg"
        self.reply = folder / "watched.csv"
        self.segments, self.versions = int(segments), int(versions)
        self._numbers = itertools.count()
        self.ledger = None

    def make(self, count: str) -> dict:
        """A ledger that holds ``count`` incidents, all of them evaluated."""
        self.close()
        self.ledger = Ledger.create(self.place, {"timezone": "Europe/Athens"})
        self._land()
        made = theatre.incidents(int(count), self.versions)
        self.until = max(utc_datetime(moment) for moment in made.occurred_from)
        for start in range(0, len(made), AT_ONCE):
            self._write(made.part(start, start + AT_ONCE))
        self.ledger.write_records("alert_rules", rules(), "bench", "rules")
        mapping = '{"source": {"value": "watch"}}'
        options = '{"snapshot": false, "settle_seconds": 0}'
        feed = Feed("F", "Feed", "url", str(self.reply), options, preset="generic", mapping=mapping)
        self.ledger.write_records("feeds", [feed], "bench", "feed")
        self.feed = self.ledger.feed("F")
        raise_alerts(self.ledger, now=self.until + timedelta(days=3650))
        return {}

    def raised(self, count: str) -> dict:
        """A reply with ``count`` new incidents of the latest hours; the seconds from its arrival
        to the alerts on them: read, written, sealed and evaluated."""
        made = theatre.incidents(int(count), self.versions)
        turn = next(self._numbers)
        now = self.until + timedelta(days=1 + turn)
        for row in range(len(made)):
            moment = now - timedelta(minutes=row % 1_200, seconds=row % 60)
            made.occurred_from[row] = moment.replace(tzinfo=None)
            made.occurred_to[row] = moment.replace(tzinfo=None) + timedelta(minutes=1)
        self._reply(made, turn)
        begun = time.perf_counter()
        with Client() as client:
            source = source_named("url")
            told = synchronise(self.ledger, self.feed, source, client, None, "bench")
        alerts = raise_alerts(self.ledger, now=now)
        seconds = time.perf_counter() - begun
        if told.added != len(made):
            raise RuntimeError(f"{told.added} of {len(made)} rows came into the ledger.")
        return {"measured": len(alerts), "seconds": seconds, "peak_bytes": peak_bytes()}

    def close(self) -> None:
        """Take away what is large."""
        if self.ledger is not None:
            self.ledger.close()
        self.place.unlink(missing_ok=True)
        self.reply.unlink(missing_ok=True)

    def _land(self) -> None:
        lines = theatre.contact_lines(self.segments, self.versions)
        records = [
            ContactLine(
                line_id=f"L{row}",
                line_name=lines.line_name[row],
                kind="de_facto",
                valid_from=utc_datetime(lines.valid_from[row]),
                # The last version holds on.
                valid_to=utc_datetime(lines.valid_to[row]) if row + 1 < len(lines) else None,
                uncertainty_m=200.0,
                geometry=lines.geometry[row],
            )
            for row in range(len(lines))
        ]
        self.ledger.write_records("contact_lines", records, "bench", "lines")
        west, south, east, north = shapely.total_bounds(lines.geometry)
        wide = (east - west) / SECTORS
        boxes = [
            shapely.box(west + i * wide, south - 1, west + (i + 1) * wide, north + 1)
            for i in range(SECTORS)
        ]
        zones = [Zone(f"Z{i}", f"Sector {i}", "other", geometry=box) for i, box in enumerate(boxes)]
        self.ledger.write_records("zones", zones, "bench", "zones")
        middle = shapely.line_interpolate_point(lines.geometry[-1], 0.5, normalized=True)
        sites = [
            Site(f"S{i}", f"Site {i}", "hospital", geometry=shapely.Point(middle.x, middle.y + i))
            for i in (0.001, 0.01, 0.1)
        ]
        self.ledger.write_records("sites", sites, "bench", "sites")

    def _reply(self, made, turn: int) -> None:
        with self.reply.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for one in records_of(made, turn):
                place = one.count_low, one.latitude, one.longitude
                times = one.occurred_from.isoformat(), one.occurred_to.isoformat()
                what = one.category, one.weapon
                spread = one.uncertainty_m, one.uncertainty_kind
                writer.writerow([one.source_id, *times, *what, *place, *spread])
        # Files have whole seconds on some disks: each turn's is another file to the feed.
        os.utime(self.reply, (1_000_000_000 + turn, 1_000_000_000 + turn))

    def _write(self, made) -> None:
        turn = next(self._numbers)
        self.ledger.write_records("incidents", records_of(made, turn), "bench", f"batch {turn}")


def records_of(made, turn: int) -> list[Incident]:
    """Incidents of the theatre as the ledger keeps them."""
    return [
        Incident(
            incident_id=f"watch:{turn}-{row}",
            source="watch",
            source_id=f"{turn}-{row}",
            category=CATEGORIES[row % len(CATEGORIES)],
            weapon=WEAPONS[row % len(WEAPONS)],
            count_low=1 + row % 4,
            occurred_from=utc_datetime(made.occurred_from[row]),
            occurred_to=utc_datetime(made.occurred_to[row]),
            span_is=made.span_is[row],
            uncertainty_m=_number(made.uncertainty_m[row]),
            uncertainty_kind="gauss",
            longitude=float(made.lon[row]),
            latitude=float(made.lat[row]),
        )
        for row in range(len(made))
    ]


def rules() -> list[AlertRule]:
    """Ten rules, as a watch room may have."""
    sectors = "; ".join(f"Sector {i}" for i in range(SECTORS))
    return [
        AlertRule("R0", "Shelling near the line", categories="firing/shelling", distance_m=1000.0),
        AlertRule("R1", "Mortars near the line", weapon_classes="mortar", distance_m=500.0),
        AlertRule("R2", "Sites", site_kinds="hospital", site_distance_m=1000.0),
        AlertRule("R3", "Sector 3", categories="movement", zones="Sector 3"),
        AlertRule("R4", "Sector 5", sectors="Sector 5", distance_m=200.0, min_probability=0.9),
        AlertRule("R5", "Many", count_least=60, window_minutes=15.0),
        AlertRule(
            "R6",
            "Many in a sector",
            categories="firing",
            sectors=sectors,
            count_least=8,
            count_per=SECTOR,
            window_minutes=30.0,
        ),
        AlertRule("R7", "Much", count_least=300, count_of="counts", window_minutes=60.0),
        AlertRule("R8", "Another source", sources="elsewhere"),
        AlertRule("R9", "Convoys at the line", categories="movement", distance_m=1000.0),
    ]


def _number(value: float):
    return None if value != value else float(value)


def main() -> None:
    watch = Watch(Path(sys.argv[1]), *sys.argv[2:4])
    serve({name: getattr(watch, name) for name in ("make", "raised")})
    watch.close()


if __name__ == "__main__":
    main()
