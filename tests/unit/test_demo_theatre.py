"""The demo theatre: made again byte for byte, small, and with everything that it must show."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

DEMO = Path(__file__).resolve().parents[2] / "resources" / "demo"
DATA = (
    "theatre.json",
    "theatre.geojson",
    "control_areas.geojson",
    "zones.geojson",
    "sites.geojson",
    "places.geojson",
    "posts.csv",
    "effort.csv",
    "violations_2025.csv",
    "camera_log.csv",
    "third_party.csv",
    "claims.csv",
)


def rows(name):
    with (DEMO / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def features(name):
    return json.loads((DEMO / name).read_text(encoding="utf-8"))["features"]


def utc(year, month, day, hour=0, minute=0):
    return datetime(year, month, day, hour, minute, tzinfo=timezone.utc)


@pytest.fixture(scope="module")
def settings():
    return json.loads((DEMO / "theatre.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def imported(settings):
    """Every feed, imported as the demo does."""
    from ceasefire_monitor.feeds.gazetteer import gazetteer_of
    from ceasefire_monitor.feeds.importer import import_table
    from ceasefire_monitor.feeds.table import read_table

    posts = gazetteer_of(read_table(str(DEMO / "posts.csv")))
    return {
        feed["file"]: import_table(
            read_table(str(DEMO / feed["file"])),
            feed["preset"],
            settings["timezone"],
            feed.get("mapping"),
            posts,
        )
        for feed in settings["feeds"]
    }


@pytest.fixture(scope="module")
def violations(imported):
    """The mission's own table: its incidents by their row's words."""
    result = imported["violations_2025.csv"]
    return {one.source_id: one for one in result.incidents}


def of(violations, **cells):
    """The incident of the one row of the mission's table that has these cells."""
    found = [
        row
        for row in rows("violations_2025.csv")
        if all(text in row[name] for name, text in cells.items())
    ]
    assert len(found) == 1, found
    return violations[found[0]["ID"]]


def test_the_script_makes_the_same_bytes_again(tmp_path):
    subprocess.run([sys.executable, "-B", str(DEMO / "make_theatre.py"), str(tmp_path)], check=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(DATA)
    for name in DATA:
        assert (tmp_path / name).read_bytes() == (DEMO / name).read_bytes(), name


def test_the_theatre_is_under_one_megabyte():
    assert sum(path.stat().st_size for path in DEMO.rglob("*") if path.is_file()) < 1_000_000


def test_every_row_is_accounted_for_and_there_are_a_few_hundred_incidents(imported):
    for name, result in imported.items():
        counted = len(result.incidents) + len(result.effort) + len(result.rejected)
        assert counted == result.rows == len(rows(name)), name
    assert 300 <= sum(len(result.incidents) for result in imported.values()) <= 450


def test_every_feed_is_recognised_by_its_columns(imported, settings):
    from ceasefire_monitor.feeds.importer import import_table
    from ceasefire_monitor.feeds.table import read_table

    for feed in settings["feeds"]:
        table = read_table(str(DEMO / feed["file"]))
        found = import_table(table, "auto", settings["timezone"], feed.get("mapping"))
        assert found.preset == feed["preset"]


def test_all_located_incidents_lie_in_the_theatre(imported, settings):
    west, south, east, north = settings["extent"]
    for result in imported.values():
        for one in result.incidents:
            if one.longitude is not None:
                assert west < one.longitude < east
                assert south < one.latitude < north


def test_a_nil_patrol_is_effort(imported):
    nil = {
        (one.post_id, one.observed_from, one.observed_to, one.status)
        for one in imported["violations_2025.csv"].effort
    }
    assert ("OP Ardesk Hill", utc(2025, 9, 4, 9), utc(2025, 9, 4, 17), "operating") in nil
    told = {(row["post_id"], row["observed_from"]) for row in rows("effort.csv")}
    assert ("OP Ardesk Hill", "2025-09-04T09:00:00Z") not in told


def test_the_hour_that_came_twice_is_a_span_over_both(violations):
    one = of(violations, **{"Date, time": "26-Oct, 00:30"})
    assert one.occurred_from == utc(2025, 10, 26, 0, 30)
    assert utc(2025, 10, 26, 1, 30) <= one.occurred_to <= utc(2025, 10, 26, 2)
    assert one.span_is == "uncertainty"


def test_a_row_of_thirty_counts_thirty(violations):
    one = of(violations, **{"No.": "30"})
    assert (one.count_low, one.count_high, one.count_qualifier) == (30, 30, "exact")
    assert one.occurred_to - one.occurred_from == timedelta(minutes=45)
    assert one.span_is == "duration"


def test_a_number_not_known_is_never_zero_or_one(violations):
    unknown = [row["ID"] for row in rows("violations_2025.csv") if row["No."] == "N/K"]
    assert len(unknown) == 2
    for identifier in unknown:
        one = violations[identifier]
        assert (one.count_low, one.count_high, one.count_qualifier) == (None, None, "not_known")


def test_exercises_and_a_controlled_explosion_keep_their_circumstance(violations):
    exercises = [i for i in violations.values() if i.circumstance == "live_fire_exercise"]
    assert len(exercises) == 3
    assert of(violations, Description="Controlled").circumstance == "controlled_explosion"


def test_a_casualty_without_a_place_is_kept_without_one(violations):
    one = of(violations, Observation="Civilian casualty")
    assert one.category == "civilian/casualty"
    assert one.longitude is None and one.latitude is None


def test_a_place_known_badly_has_a_large_uncertainty(imported, violations):
    assert of(violations, **{"No.": "about"}).uncertainty_m > 2000
    vague = [i.uncertainty_m for i in imported["third_party.csv"].incidents if i.longitude]
    assert min(vague) < 10_000 < max(vague)


def test_one_explosion_is_on_two_cameras_and_says_so(imported):
    pair = [
        one
        for one in imported["camera_log.csv"].observations
        if one.observed_from == utc(2025, 11, 12, 22, 37)
    ]
    assert {one.post_id for one in pair} == {
        "Camera at Varne Lower School",
        "Camera at Lake Cobrin Water Works",
    }
    assert len({one.duplicate_group for one in pair}) == 1 and pair[0].duplicate_group


def test_cameras_have_hours_in_which_they_were_down(imported):
    statuses = {one.status for one in imported["camera_log.csv"].effort}
    assert statuses == {"operating", "down"}
    assert {row["status"] for row in rows("effort.csv")} >= {"operating", "denied", "degraded"}


def test_a_claim_of_the_storm_stands_where_nobody_could_observe(imported):
    claims = [one for one in imported["claims.csv"].incidents if "storm" in (one.description or "")]
    assert len(claims) == 1 and claims[0].origin == "party_claim"
    moment = claims[0].occurred_from
    able = [
        row
        for row in rows("effort.csv")
        if row["status"] in ("operating", "degraded")
        and datetime.fromisoformat(row["observed_from"].replace("Z", "+00:00")) <= moment
        and moment < datetime.fromisoformat(row["observed_to"].replace("Z", "+00:00"))
    ]
    cameras = [
        one
        for one in imported["camera_log.csv"].effort
        if one.status == "operating" and one.observed_from <= moment < one.observed_to
    ]
    assert able == [] and cameras == []


def test_a_claim_without_a_date_is_set_aside_with_its_reason(imported):
    (one,) = imported["claims.csv"].rejected
    assert one.value == "not stated" and one.column == "alleged_time" and one.reason


def test_the_third_party_tells_of_some_of_the_same_incidents(imported):
    own = [
        (one.occurred_from.date(), one.longitude, one.latitude)
        for one in imported["violations_2025.csv"].incidents
        if one.longitude is not None
    ]
    shared = 0
    for one in imported["third_party.csv"].incidents:
        if one.longitude is None:
            continue
        day = one.occurred_from.date()
        shared += any(
            abs((day - other).days) <= 1
            and abs(one.longitude - lon) * 84 < 8
            and abs(one.latitude - lat) * 111 < 8
            for other, lon, lat in own
        )
    assert 20 <= shared < len(imported["third_party.csv"].incidents)


def test_every_position_of_the_tables_is_among_the_posts():
    posts = {row["post_id"] for row in rows("posts.csv")}
    for name, column in (
        ("violations_2025.csv", "Position"),
        ("camera_log.csv", "camera"),
        ("effort.csv", "post_id"),
    ):
        assert {row[column] for row in rows(name)} <= posts


def test_nobody_observes_before_being_there():
    """A patrol's rows lie in hours for which the effort says that it could observe."""
    able = {}
    for row in rows("effort.csv"):
        if row["status"] in ("operating", "degraded"):
            span = tuple(
                datetime.fromisoformat(row[name].replace("Z", "+00:00"))
                for name in ("observed_from", "observed_to")
            )
            able.setdefault(row["post_id"], []).append(span)
    assert able
    from ceasefire_monitor.feeds.importer import import_table
    from ceasefire_monitor.feeds.table import read_table

    table = read_table(str(DEMO / "violations_2025.csv"))
    result = import_table(table, "smm", "Atlantic/Azores")
    for one in result.observations:
        assert any(start <= one.observed_from < end for start, end in able[one.post_id]), one


def test_areas_of_control_are_whole_and_meet_without_overlapping():
    shapely = pytest.importorskip("shapely")
    from shapely.geometry import shape

    coast = shape(features("theatre.geojson")[0]["geometry"])
    assert coast.is_valid
    by_date = {}
    for item in features("control_areas.geojson"):
        area = shape(item["geometry"])
        assert area.is_valid
        by_date.setdefault(item["properties"]["valid_from"], {})[item["properties"]["holder"]] = (
            area
        )
    assert sorted(by_date) == ["2025-09-01", "2025-10-06", "2025-11-03"]
    for held in by_date.values():
        assert set(held) == {"Aster", "Borea", "Calder"}
        together = shapely.union_all(list(held.values()))
        assert sum(area.area for area in held.values()) == pytest.approx(together.area, rel=1e-6)
        # What nobody holds is the strip between the forward lines: some 17 square kilometres.
        left = coast.difference(together).area * 111.05 * 84.13
        assert 8 < left < 40
        assert len(held["Borea"].geoms) == 3
        assert sum(len(part.interiors) for part in held["Aster"].geoms) == 1


def test_the_line_moves_on_both_later_dates():
    pytest.importorskip("shapely")
    from shapely.geometry import shape

    held = {
        item["properties"]["valid_from"]: shape(item["geometry"])
        for item in features("control_areas.geojson")
        if item["properties"]["holder"] == "Borea"
    }
    first, second, third = (held[date] for date in sorted(held))
    scale = 111.05 * 84.13
    assert first.difference(second).area * scale > 20
    assert third.difference(second).area * scale > 20


def test_zones_sites_and_posts_use_the_vocabularies():
    from ceasefire_monitor.model.vocabulary import vocabulary

    for name, key in (("zones.geojson", "zone_kinds"), ("sites.geojson", "site_kinds")):
        assert {item["properties"]["kind"] for item in features(name)} <= set(vocabulary(key))
    assert {row["kind"] for row in rows("posts.csv")} <= set(vocabulary("post_kinds"))
    kinds = [item["properties"]["kind"] for item in features("zones.geojson")]
    assert kinds.count("disengagement_area") == 2 and "security_zone" in kinds
