"""Writing to the ledger: what is new, what differs, what people said, what a feed lost."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace

import pytest
import shapely

from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.ledger.schema import SCHEMA_VERSION
from ceasefire_monitor.model.errors import Cancelled, CeasefireError
from ceasefire_monitor.model.incident import Effort, Incident, Observation, Post
from ceasefire_monitor.model.land import ContactLine, Fetch, Finding, Site, Zone

NOON = datetime(2031, 5, 1, 12, tzinfo=timezone.utc)


def incident(number: int, **values) -> Incident:
    known = {
        "incident_id": f"watch:{number}",
        "source": "watch",
        "source_id": str(number),
        "category": "firing/explosion",
        "occurred_from": NOON + timedelta(minutes=number),
        "occurred_to": NOON + timedelta(minutes=number + 1),
        "uncertainty_m": 1234.5,
        "longitude": 30.1,
        "latitude": 45.2,
    }
    return Incident(**{**known, **values})


def result(*incidents, **beside) -> SimpleNamespace:
    known = {"observations": [], "posts": [], "effort": [], "rejected": [], "notes": []}
    return SimpleNamespace(
        preset="generic",
        source="watch",
        incidents=list(incidents),
        rows=len(incidents),
        **{**known, **beside},
    )


def numbers(counts) -> tuple:
    return counts.added, counts.changed, counts.unchanged


@pytest.fixture
def ledger(tmp_path):
    with Ledger.create(tmp_path / "ledger.gpkg") as made:
        yield made


def imported(ledger, *incidents, **beside):
    return ledger.write_import(result(*incidents, **beside), Fetch(source="watch"), "Ana", "daily")


def revisions(ledger, number=1):
    return [item.revision for item in ledger.history(f"watch:{number}")]


def read(ledger, number=1):
    (found,) = ledger.read("incidents", ids=[f"watch:{number}"])
    return found


def test_the_same_file_again_adds_no_revision(ledger):
    file = [incident(number) for number in range(5)]
    assert numbers(imported(ledger, *file)) == (5, 0, 0)
    assert numbers(imported(ledger, *file)) == (0, 0, 5)
    assert revisions(ledger) == [1]
    first, second = ledger.read("fetches")
    assert (first.added, first.unchanged, first.rows, first.imported) == (5, 0, 5, 5)
    assert (second.added, second.unchanged, second.not_seen) == (0, 5, 0)
    assert first.fetch_id != second.fetch_id
    assert ledger.history("watch:1")[0].fetch_id == first.fetch_id


def test_noise_of_floating_point_is_no_change_and_more_is(ledger):
    imported(ledger, incident(1))
    noise = incident(1, longitude=30.1 + 9e-8, uncertainty_m=1234.5 * (1 + 1e-12))
    assert numbers(imported(ledger, noise)) == (0, 0, 1)
    assert numbers(imported(ledger, incident(1, longitude=30.1 + 2e-7))) == (0, 1, 0)
    assert numbers(imported(ledger, incident(1, uncertainty_m=1234.6))) == (0, 1, 0)
    assert revisions(ledger) == [1, 2, 3]


@pytest.mark.parametrize(
    "change",
    [
        {"occurred_from": NOON + timedelta(minutes=1, milliseconds=1)},
        {"description": "a "},
        {"deaths_best": 0},
        {"longitude": None, "latitude": None},
        {"category": None},
    ],
)
def test_any_field_that_differs_is_one_revision_with_the_new_state(ledger, change):
    imported(ledger, incident(1))
    assert numbers(imported(ledger, incident(1, **change))) == (0, 1, 0)
    _, second = ledger.history("watch:1")
    for name, value in change.items():
        assert second.payload[name] == value
        assert getattr(read(ledger), name) == value
    assert second.who == "Ana"


def test_a_row_that_stands_twice_in_a_file_counts_once(ledger):
    assert numbers(imported(ledger, incident(1), incident(1))) == (1, 0, 1)
    assert numbers(imported(ledger, incident(1), incident(1))) == (0, 0, 2)
    assert revisions(ledger) == [1]


def test_incidents_that_a_file_no_longer_has_are_reported_and_stay(ledger):
    imported(ledger, *(incident(number) for number in range(6)))
    ledger.write_records("incidents", [incident(3, workflow="withdrawn")], "Ana", "a mistake")
    counts = imported(ledger, incident(1), incident(4))
    assert counts.not_seen == ["watch:2"]
    assert len(ledger.read("incidents")) == 6
    assert revisions(ledger, 2) == [1]
    assert ledger.read("fetches")[-1].not_seen == 1


def test_another_source_is_never_reported_as_not_seen(ledger):
    imported(ledger, *(incident(number) for number in range(3)))
    other = result(*(dataclasses.replace(incident(n), source="far") for n in (10, 12)))
    other.incidents = [
        dataclasses.replace(item, incident_id=f"far:{number}", occurred_from=NOON + delta)
        for number, (item, delta) in enumerate(
            zip(other.incidents, (timedelta(0), timedelta(hours=1)))
        )
    ]
    other.source = "far"
    assert ledger.write_import(other, Fetch(source="far"), None, "x").not_seen == []


def test_what_people_decided_outlives_the_next_import(ledger):
    imported(ledger, incident(1))
    decided = {"verification": "confirmed", "sensitivity": "confidential", "workflow": "reviewed"}
    ledger.write_records("incidents", [incident(1, **decided)], "Ana", "seen on site")
    assert numbers(imported(ledger, incident(1))) == (0, 0, 1)
    assert numbers(imported(ledger, incident(1, deaths_best=3))) == (0, 1, 0)
    now = read(ledger)
    assert now.deaths_best == 3
    for name, value in decided.items():
        assert getattr(now, name) == value


def test_withdrawn_stays_withdrawn_whatever_the_feed_says(ledger):
    imported(ledger, incident(1))
    ledger.write_records("incidents", [incident(1, workflow="withdrawn")], "Ana", "a mistake")
    imported(ledger, incident(1, workflow="released", place="Mill"))
    assert (read(ledger).workflow, read(ledger).place) == ("withdrawn", "Mill")
    imported(ledger, incident(2, workflow="withdrawn"))
    assert numbers(imported(ledger, incident(2, workflow="released"))) == (0, 0, 1)
    assert read(ledger, 2).workflow == "withdrawn"


def test_a_persons_correction_stands_and_a_newer_word_of_the_feed_is_reported(ledger):
    imported(ledger, incident(1))
    ledger.write_records("incidents", [incident(1, longitude=30.5)], "Ana", "surveyed")
    same = imported(ledger, incident(1))
    assert (numbers(same), same.kept) == ((0, 0, 1), [])
    moved = imported(ledger, incident(1, longitude=30.9, place="Mill"))
    assert (numbers(moved), moved.kept) == ((0, 1, 0), ["watch:1"])
    assert (read(ledger).longitude, read(ledger).place) == (30.5, "Mill")
    assert revisions(ledger) == [1, 2, 3]


def test_observations_posts_and_effort_are_written_beside_and_upserted(ledger):
    post = Post(post_id="P1", name="Mill", longitude=30.0, latitude=45.0)
    seen = Observation(
        observation_id="o1", incident_id="watch:1", post_id="P1", bearing_deg=330.0, means="heard"
    )
    shift = Effort(
        effort_id="e1",
        post_id="P1",
        observed_from=NOON,
        observed_to=NOON + timedelta(hours=8),
        status="operating",
    )
    beside = {"posts": [post], "observations": [seen], "effort": [shift]}
    counts = imported(ledger, incident(1), **beside)
    assert {name: numbers(item) for name, item in counts.beside.items()} == {
        "posts": (1, 0, 0),
        "observations": (1, 0, 0),
        "effort": (1, 0, 0),
    }
    counts = imported(ledger, incident(1), **{**beside, "posts": [Post(post_id="P1", name="Mill")]})
    assert all(numbers(item) == (0, 0, 1) for item in counts.beside.values())
    assert ledger.read("posts") == [post]
    assert ledger.read("observations") == [seen]
    assert ledger.read("effort") == [shift]
    imported(ledger, posts=[Post(post_id="P1", name="Old mill", kind="camera")])
    (known,) = ledger.read("posts")
    assert (known.name, known.kind, known.longitude) == ("Mill", "camera", 30.0), (
        "a feed fills in what is not known of a post, and changes nothing that is"
    )


def test_lines_zones_and_sites_come_back_as_they_were_given(ledger):
    line = ContactLine(
        line_id="l1",
        line_name="Line of May",
        kind="agreed",
        left_party="North",
        valid_from=NOON,
        uncertainty_m=200.0,
        geometry=shapely.LineString([(30, 45), (30.5, 45.25), (31, 45)]),
    )
    zone = Zone(zone_id="z1", kind="buffer", geometry=shapely.box(30, 45, 31, 46))
    site = Site(site_id="s1", site_name="School", geometry=shapely.Point(30.25, 45.5))
    for name, record in (("contact_lines", line), ("zones", zone), ("sites", site)):
        assert numbers(ledger.write_records(name, [record], None, "drawn")) == (1, 0, 0)
        assert numbers(ledger.write_records(name, [record], None, "drawn")) == (0, 0, 1)
    (kept,) = ledger.read("contact_lines")
    assert kept.geometry.geom_type == "MultiLineString"
    assert list(kept.geometry.geoms[0].coords) == list(line.geometry.coords)
    assert dataclasses.replace(kept, geometry=None) == dataclasses.replace(line, geometry=None)
    (area,) = ledger.read("zones")
    assert area.geometry.equals(zone.geometry)
    (school,) = ledger.read("sites")
    assert (school.geometry.x, school.geometry.y) == (30.25, 45.5)
    assert school.sensitivity == "confidential"


def test_a_record_without_a_key_gets_the_same_one_each_time(ledger):
    zone = Zone(kind="buffer", geometry=shapely.box(30, 45, 31, 46))
    assert numbers(ledger.write_records("zones", [zone, zone], None, "drawn")) == (1, 0, 1)
    assert numbers(ledger.write_records("zones", [zone], None, "drawn")) == (0, 0, 1)
    assert len(ledger.read("zones")[0].zone_id) == 20


def test_an_equal_finding_adds_nothing_and_another_is_added(ledger):
    finding = Finding(
        incident_id="watch:1",
        incident_revision=1,
        flag="near",
        flag_probability=0.97,
        line_distance_m=812.25,
        flag_distance_m=5000.0,
    )
    assert numbers(ledger.write_findings([finding])) == (1, 0, 0)
    assert numbers(ledger.write_findings([finding])) == (0, 0, 1)
    far = dataclasses.replace(finding, flag="far")
    assert numbers(ledger.write_findings([far, far])) == (1, 0, 1)
    assert numbers(ledger.write_findings([finding])) == (1, 0, 0)
    assert len(ledger.read("findings")) == 3
    latest = ledger.latest_findings()
    assert list(latest) == ["watch:1"]
    assert (latest["watch:1"].flag, latest["watch:1"].line_distance_m) == ("near", 812.25)
    assert latest["watch:1"].assessed_at.tzinfo is not None


def test_reading_a_period_is_half_open_and_keeps_what_lasts_into_it(ledger):
    hour = timedelta(hours=1)
    times = [NOON - timedelta(milliseconds=1), NOON, NOON + hour, None]
    imported(ledger, *(incident(n, occurred_from=moment) for n, moment in enumerate(times)))
    found = ledger.read("incidents", since=NOON, until=NOON + hour)
    assert [item.incident_id for item in found] == ["watch:1"]
    assert len(ledger.read("incidents", since=NOON)) == 2
    assert len(ledger.read("incidents", until=NOON)) == 1
    shifts = {
        "before": (NOON - 2 * hour, NOON),
        "into": (NOON - hour, NOON + hour / 2),
        "after": (NOON + hour, NOON + 2 * hour),
        "open": (None, None),
    }
    ledger.write_records(
        "effort",
        [Effort(effort_id=k, observed_from=a, observed_to=b) for k, (a, b) in shifts.items()],
        None,
        "shifts",
    )
    found = ledger.read("effort", since=NOON, until=NOON + hour)
    assert [item.effort_id for item in found] == ["into", "open"]
    assert len(ledger.read("effort")) == 4


def test_moments_are_stored_in_utc_whatever_their_zone(ledger):
    zone = timezone(timedelta(hours=5, minutes=30))
    imported(ledger, incident(1, occurred_from=datetime(2031, 5, 1, 4, tzinfo=zone)))
    assert read(ledger).occurred_from == datetime(2031, 4, 30, 22, 30, tzinfo=timezone.utc)
    assert read(ledger).occurred_from.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"occurred_from": datetime(2031, 5, 1)}, "no time zone"),
        ({"longitude": float("nan")}, "no place"),
        ({"deaths_best": "many"}, "no integer"),
        ({"deaths_best": 2**70}, "no integer"),
        ({"incident_id": ""}, "has no incident_id"),
    ],
)
def test_a_value_that_cannot_be_kept_stops_the_import_and_nothing_is_written(ledger, values, words):
    with pytest.raises(CeasefireError, match=words):
        imported(ledger, incident(1), incident(2, **values))
    assert ledger.read("incidents") == []
    assert ledger.read("fetches") == []
    assert numbers(imported(ledger, incident(1))) == (1, 0, 0)


def test_stopping_in_the_middle_leaves_the_old_state(ledger):
    imported(ledger, *(incident(number) for number in range(3)))
    steps = []

    def stop():
        steps.append(1)
        if len(steps) > 700:
            raise Cancelled("Stopped; nothing was written.")

    more = result(*(incident(number, place="Mill") for number in range(2000)))
    with pytest.raises(Cancelled):
        ledger.write_import(more, Fetch(source="watch"), None, "x", step=stop)
    assert len(ledger.read("incidents")) == 3
    assert revisions(ledger) == [1]
    assert numbers(imported(ledger, *more.incidents)) == (1997, 3, 0)


def test_settings_are_kept_checked_and_the_born_ones_fixed(tmp_path):
    given = {"theatre": "Vale", "timezone": "Asia/Tbilisi", "reporting_day_start": "19:30"}
    with Ledger.create(tmp_path / "l.gpkg", given) as ledger:
        assert {key: ledger.settings()[key] for key in given} == given
        assert ledger.settings()["schema_version"] == str(SCHEMA_VERSION)
        ledger.set_setting("timezone", "UTC")
        ledger.set_setting("colour", None)
        assert (ledger.settings()["timezone"], ledger.settings()["colour"]) == ("UTC", None)
        for key, value in (("timezone", "Mars/Base"), ("reporting_day_start", "25:00")):
            with pytest.raises(CeasefireError, match=value):
                ledger.set_setting(key, value)
        with pytest.raises(CeasefireError, match="fixed"):
            ledger.set_setting("schema_version", "2")
    for bad in ({"timezone": "Mars/Base"}, {"reporting_day_start": "noon"}):
        with pytest.raises(CeasefireError):
            Ledger.create(tmp_path / "bad.gpkg", bad)
    assert [item.name for item in tmp_path.iterdir()] == ["l.gpkg"]


def test_a_copy_holds_everything_and_goes_on_by_itself(ledger, tmp_path):
    imported(ledger, *(incident(number) for number in range(3)))
    ledger.copy_to(tmp_path / "копия نسخة.gpkg")
    with Ledger.open(tmp_path / "копия نسخة.gpkg") as copy:
        assert copy.read("incidents") == ledger.read("incidents")
        assert copy.history("watch:1") == ledger.history("watch:1")
        imported(copy, incident(1, place="Mill"))
        assert revisions(copy) == [1, 2]
    assert revisions(ledger) == [1]
    with pytest.raises(CeasefireError, match="exists already"):
        ledger.copy_to(tmp_path / "копия نسخة.gpkg")
