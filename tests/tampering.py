"""A ledger worth tampering with, and the ways to do it past every trigger."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from datetime import datetime, timedelta, timezone

import shapely

from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.model.incident import Incident, Observation, Post
from ceasefire_monitor.model.land import ContactLine, Zone

NOON = datetime(2031, 5, 1, 12, tzinfo=timezone.utc)
TEXTS = ("Shots near the mill", "Выстрелы у мельницы", "إطلاق نار قرب الطاحونة", 'a "b" \\ c\n')
BOX = shapely.MultiPolygon([shapely.box(30, 45, 30.5, 45.5)])
TRACE = shapely.MultiLineString([[(30, 45), (30.2, 45.1), (30.5, 45.3)]])


def incident(number: int, **values) -> Incident:
    """A fictional incident."""
    known = {
        "incident_id": f"watch:{number}",
        "source": "watch",
        "occurred_from": NOON + timedelta(minutes=number),
        "description": TEXTS[number % 4],
        "uncertainty_m": 0.1 + number / 7,
        "longitude": 30 + number / 1000,
        "latitude": 45.2,
    }
    return Incident(**{**known, **values})


def make(place, incidents: int = 12):
    """A ledger with revisions of every operation, closed and sealed."""
    with Ledger.create(place, {"theatre": "Vale"}) as ledger:
        ledger.write_records("incidents", [incident(n) for n in range(incidents)], "Ana", "first")
        changed = [incident(n, description="later", deaths_best=n) for n in range(0, incidents, 3)]
        ledger.write_records("incidents", changed, "Бо", "поправка")
        ledger.write_records(
            "zones", [Zone(zone_id="zone:a", zone_name="A", geometry=BOX)], None, "z"
        )
        ledger.write_records(
            "zones", [Zone(zone_id="zone:a", zone_name="B", geometry=BOX)], "C", "zz"
        )
        lines = [ContactLine(line_id="line:a", geometry=TRACE)]
        ledger.write_records("contact_lines", lines, "Ana", "line")
        posts = [Post(post_id=f"post:{n}", longitude=30, latitude=45) for n in "ab"]
        ledger.write_records("posts", posts, "Ana", "posts")
        seen = [Observation(observation_id="seen:1", incident_id="watch:1")]
        ledger.write_records("observations", seen, "Ana", "seen")
        ledger._connection.run("DELETE FROM posts WHERE post_id = 'post:b'")
    with Ledger.open(place):
        pass
    return place


@contextlib.contextmanager
def behind_its_back(path):
    """A connection for which no trigger is there; afterwards they are as before."""
    connection = sqlite3.connect(str(path), isolation_level=None)
    triggers = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    ).fetchall()
    connection.execute("BEGIN")
    for name, _ in triggers:
        connection.execute(f'DROP TRIGGER "{name}"')
    try:
        yield connection
        for _, statement in triggers:
            connection.execute(statement)
        connection.execute("COMMIT")
    finally:
        connection.close()


def forge_tail(path, position: int) -> None:
    """Make the chain anew from a position on, over the revisions as they are now, as somebody
    could who knows how it is made. Written from the document alone."""
    columns = {
        "incident_history": "history_id incident_id",
        "record_history": "history_id table_name record_id",
    }
    rest = " revision operation recorded_at payload who why with_what fetch_id based_on conflict"
    with behind_its_back(path) as connection:
        (previous,) = connection.execute(
            "SELECT hash FROM chain WHERE position = ?", (position - 1,)
        ).fetchone()
        rows = connection.execute(
            "SELECT position, history, history_id FROM chain WHERE position >= ? ORDER BY 1",
            (position,),
        ).fetchall()
        for place, history, number in rows:
            names = (columns[history] + rest).replace(" ", ", ")
            row = connection.execute(
                f"SELECT {names} FROM {history} WHERE history_id = ?", (number,)
            ).fetchone()
            previous = hashlib.sha256(bytes.fromhex(previous) + canonical(history, row)).hexdigest()
            connection.execute("UPDATE chain SET hash = ? WHERE position = ?", (previous, place))


def canonical(history: str, row) -> bytes:
    """The canonical form of a revision, as `docs/custody.md` says it, in plain Python."""
    form = b""
    for value in (history, *row):
        if value is None:
            form += b"-"
        else:
            text = str(value).encode("utf-8")
            form += str(len(text)).encode() + b":" + text
    return form
