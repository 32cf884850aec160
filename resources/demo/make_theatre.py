"""Make the demo theatre's files, always the same: ``python make_theatre.py [FOLDER]``.

Everything is invented: the island in the empty ocean, its parties, places and events. Only the
standard library is used, and of chance only the generator's ``random()``, so that every Python
makes the same bytes.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

HERE = Path(__file__).resolve().parent
if __name__ == "__main__":
    sys.path.insert(0, str(HERE))

from source import places, reported, violations, watch  # noqa: E402 (the folder is on the path now)
from source.happenings import happenings  # noqa: E402 (the folder is on the path now)
from source.land import make_land  # noqa: E402 (the folder is on the path now)

TIMEZONE = "Atlantic/Azores"
SETTINGS = {
    "theatre": places.THEATRE,
    "note": "Everything here is invented: no place, party, person or event is real.",
    "timezone": TIMEZONE,
    "reporting_day_start": "00:00",
    "agreement": "Orvenna Understanding of 1 September 2025 (fictional)",
    "parties": ["Aster", "Borea", "Calder"],
    "period_from": "2025-09-01",
    "period_to": "2025-11-30",
    "brief_from": "2025-11-01",
    "brief_to": "2025-11-30",
    "near_m": 5000,
    "line_uncertainty_m": 150,
    "extent": [-40.75, 40.47, -39.25, 41.55],
    "feeds": [
        {"file": "violations_2025.csv", "preset": "smm", "title": "Table of violations"},
        {"file": "camera_log.csv", "preset": "cameralog", "title": "Log of cameras"},
        {
            "file": "third_party.csv",
            "preset": "acled",
            "title": "Third party",
            "mapping": {"source": {"value": "Event Watch"}},
        },
        {
            "file": "claims.csv",
            "preset": "generic",
            "title": "Claims of the parties",
            "mapping": {
                "source": {"value": "claims"},
                "source_id": "claim_no",
                "occurred_from": "alleged_time",
                "place": "place",
                "latitude": "lat",
                "longitude": "lon",
                "category": "alleged_event",
                "count": "number",
                "actor_1": "alleged_actor",
                "weapon": "weapon",
                "description": "text",
                "origin": {"value": "party_claim"},
                "uncertainty_m": {"value": 2000},
                "sensitivity": {"value": "restricted"},
            },
        },
    ],
}


def table(columns, rows) -> str:
    """CSV text with Unix line ends."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(["" if cell is None else cell for cell in row] for row in rows)
    return text.getvalue()


def pretty(value) -> str:
    """JSON text to be read by people."""
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def compact(collection: dict) -> str:
    """GeoJSON text, one feature a line."""
    lines = ",\n".join(
        json.dumps(item, separators=(",", ":"), ensure_ascii=False)
        for item in collection["features"]
    )
    return '{"type":"FeatureCollection","features":[\n' + lines + "\n]}\n"


def effort_rows(watches):
    """Effort of all posts but the cameras, whose hours stand in their log, in UTC."""
    number = 0
    for one in watches:
        told = (one.watcher.name, one.start.date().isoformat()) in violations.NIL_PATROLS
        if one.watcher.kind == "camera" or told:
            continue
        number += 1
        yield (f"E{number:04d}", one.watcher.name, utc(one.start), utc(one.end), one.status,
               one.reason)  # fmt: skip


def utc(local: datetime) -> str:
    """A naive local time as ISO 8601 in UTC; none here falls into the doubled hour."""
    moment = local.replace(tzinfo=ZoneInfo(TIMEZONE)).astimezone(ZoneInfo("UTC"))
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def files() -> dict[str, str]:
    """Every file's name and text."""
    land = make_land()
    watches = watch.watches()
    events = happenings(land)
    mission, log, told = violations.mission_rows(events, violations.OnWatch(watches))
    posts = watch.post_rows()
    effort = ("effort_id", "post_id", "observed_from", "observed_to", "status", "reason")
    return {
        "theatre.json": pretty(SETTINGS),
        "theatre.geojson": compact(places.theatre(land)),
        "control_areas.geojson": compact(places.control_areas(land)),
        "zones.geojson": compact(places.zones(land)),
        "sites.geojson": compact(places.sites()),
        "places.geojson": compact(places.settlements()),
        "posts.csv": table(posts[0].keys(), [row.values() for row in posts]),
        "effort.csv": table(effort, effort_rows(watches)),
        "violations_2025.csv": table(violations.TABLE, mission),
        "camera_log.csv": table(violations.LOG, violations.camera_rows(log, watches)),
        "third_party.csv": table(reported.COLUMNS, reported.third_party_rows(events, told)),
        "claims.csv": table(reported.CLAIM_COLUMNS, reported.claim_rows()),
    }


def main(folder: Path) -> None:
    """Write all files into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files().items():
        (folder / name).write_bytes(text.encode("utf-8"))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
