"""The history: written by the database itself, whoever writes to the file and with what."""

from __future__ import annotations

import json
import random
import shutil
import struct
import subprocess
import sys
from datetime import datetime, timedelta, timezone

import pytest
from osgeo import gdal, ogr

from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.model.incident import Incident
from tests.ledger_sql import run as sql

NOON = datetime(2031, 5, 1, 12, tzinfo=timezone.utc)


def incident(number: int, **values) -> Incident:
    known = {
        "incident_id": f"watch:{number}",
        "source": "watch",
        "source_id": str(number),
        "category": "firing/explosion",
        "occurred_from": NOON + timedelta(minutes=number),
        "occurred_to": NOON + timedelta(minutes=number + 1),
        "uncertainty_m": 0.1 + 0.2,
        "longitude": round(30.1 + number / 1000, 3),
        "latitude": 45.2,
    }
    return Incident(**{**known, **values})


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    """A ledger with three incidents, signed by an analyst; closed."""
    place = tmp_path_factory.mktemp("three") / "ledger.gpkg"
    with Ledger.create(place, {"theatre": "Vale"}) as ledger:
        ledger.write_records("incidents", [incident(n) for n in range(3)], "Ana", "first entry")
    return place


@pytest.fixture
def path(three, tmp_path):
    """A copy of ``three`` for one test."""
    return shutil.copy(three, tmp_path / "ledger.gpkg")


def history(path, identifier):
    with Ledger.open(path) as ledger:
        return ledger.history(identifier)


def current(path, identifier):
    with Ledger.open(path) as ledger:
        (found,) = ledger.read("incidents", ids=[identifier])
        return found


def test_an_added_incident_is_revision_one_and_signed(path):
    (revision,) = history(path, "watch:1")
    assert (revision.revision, revision.operation) == (1, "insert")
    assert (revision.who, revision.why) == ("Ana", "first entry")
    assert revision.with_what.startswith("Ceasefire Monitor")
    assert revision.payload["occurred_from"] == NOON + timedelta(minutes=1)
    assert (revision.payload["longitude"], revision.payload["latitude"]) == (30.101, 45.2)
    assert revision.payload["uncertainty_m"] == 0.30000000000000004
    assert current(path, "watch:1").revision == 1
    assert current(path, "watch:1").recorded_at == revision.recorded_at


def test_an_sql_edit_is_a_revision_that_nobody_signed(path):
    assert sql(path, "UPDATE incidents SET place='Mill' WHERE incident_id='watch:1'") is None
    first, second = history(path, "watch:1")
    assert (first.payload["place"], second.payload["place"]) == (None, "Mill")
    assert (second.revision, second.operation, second.who) == (2, "update", None)
    assert (second.why, second.with_what, second.fetch_id) == (None, None, None)
    assert current(path, "watch:1").revision == 2
    assert len(history(path, "watch:2")) == 1


def test_an_edit_that_changes_nothing_is_no_revision(path):
    assert sql(path, "UPDATE incidents SET place=place, source='watch'") is None
    dataset = gdal.OpenEx(str(path), gdal.OF_VECTOR | gdal.OF_UPDATE)
    layer = dataset.GetLayerByName("incidents")
    for feature in list(layer):
        layer.SetFeature(feature)
    del layer, dataset
    assert len(history(path, "watch:1")) == 1


def test_the_same_moment_spelt_otherwise_is_no_revision(path):
    spelt = "UPDATE incidents SET occurred_from='2031-05-01T14:01:00+02:00' WHERE incident_id="
    assert sql(path, spelt + "'watch:1'") is None
    assert len(history(path, "watch:1")) == 1
    assert sql(path, spelt.replace("14:01", "14:02") + "'watch:1'") is None
    moved = history(path, "watch:1")[1]
    assert moved.payload["occurred_from"] == NOON + timedelta(minutes=2)
    assert '"occurred_from":"2031-05-01T12:02:00.000Z"' in moved.payload_text


@pytest.mark.parametrize(
    ("flags", "doubles"), [(1, 0), (2, 4), (3, 4), (5, 6), (7, 6), (8, 8), (9, 8)]
)
def test_a_geometry_with_another_header_is_no_revision_and_a_moved_one_is(path, flags, doubles):
    def update(longitude, latitude):
        order = "<" if flags & 1 else ">"
        srid = struct.pack(order + "i", 4326).hex()
        envelope = struct.pack(order + "d" * doubles, *[30.0] * doubles).hex()
        point = struct.pack("<BIdd", 1, 1, longitude, latitude).hex()
        blob = f"475000{flags:02x}{srid}{envelope}{point}"
        return f"UPDATE incidents SET geom = x'{blob}' WHERE incident_id='watch:1'"

    assert sql(path, update(30.101, 45.2)) is None
    assert len(history(path, "watch:1")) == 1
    assert sql(path, update(31, 45)) is None
    moved = history(path, "watch:1")[1]
    assert (moved.payload["longitude"], moved.payload["latitude"]) == (31, 45)
    assert current(path, "watch:1").longitude == 31


def test_revision_and_moment_cannot_be_set_by_hand(path):
    assert sql(path, "UPDATE incidents SET revision=7, recorded_at='1999-01-01'") is None
    assert current(path, "watch:1").revision == 1
    assert current(path, "watch:1").recorded_at.year > 2020
    assert sql(path, "UPDATE incidents SET revision=7, place='Mill'") is None
    assert [r.revision for r in history(path, "watch:1")] == [1, 2]
    assert current(path, "watch:1").revision == 2


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("DELETE FROM incidents", "set workflow to withdrawn"),
        ("DELETE FROM incidents WHERE incident_id='watch:1'", "set workflow to withdrawn"),
        ("UPDATE incidents SET incident_id='x' WHERE incident_id='watch:1'", "keeps its id"),
        ("UPDATE incidents SET fid=99 WHERE incident_id='watch:1'", "keeps its id"),
        ("INSERT OR REPLACE INTO incidents(fid, incident_id) VALUES (1, 'x')", "taken by another"),
        ("REPLACE INTO incidents(incident_id, place) VALUES ('watch:1', 'Mill')", "withdrawn"),
        ("DELETE FROM incident_history", "never changed or removed"),
        ("UPDATE incident_history SET payload='{}'", "never changed or removed"),
        (
            "INSERT OR REPLACE INTO incident_history"
            "(history_id, incident_id, revision, operation, recorded_at, payload)"
            " VALUES (1, 'watch:0', 1, 'insert', '2031', '{}')",
            "never changed or removed",
        ),
        (
            "INSERT OR REPLACE INTO incident_history"
            "(incident_id, revision, operation, recorded_at, payload)"
            " VALUES ('watch:0', 1, 'insert', '2031', '{}')",
            "never changed or removed",
        ),
        ("INSERT INTO incidents(incident_id) VALUES ('watch:1')", "UNIQUE"),
        ("DELETE FROM gpkg_contents WHERE table_name='incidents'", "belongs to a ledger"),
        ("DELLAYER:incidents", "belongs to a ledger"),
        ("DELLAYER:incident_history", "belongs to a ledger"),
        ("DROP TABLE incidents", "belongs to a ledger"),
        ("ALTER TABLE incidents DROP COLUMN deaths_best", "error in trigger"),
    ],
)
def test_what_would_lose_a_state_is_refused_and_leaves_all_as_it_was(path, statement, words):
    assert words in (sql(path, statement) or "nothing was refused")
    with Ledger.open(path) as ledger:
        assert [item.incident_id for item in ledger.read("incidents")] == [
            "watch:0",
            "watch:1",
            "watch:2",
        ]
        assert [len(ledger.history(f"watch:{n}")) for n in range(3)] == [1, 1, 1]


def test_an_incident_drawn_by_hand_gets_an_id_defaults_and_a_history(path):
    dataset = gdal.OpenEx(str(path), gdal.OF_VECTOR | gdal.OF_UPDATE)
    layer = dataset.GetLayerByName("incidents")
    feature = ogr.Feature(layer.GetLayerDefn())
    feature.SetField("place", "Mill")
    feature.SetGeometry(ogr.CreateGeometryFromWkt("POINT (30 45)"))
    assert layer.CreateFeature(feature) == ogr.OGRERR_NONE
    del feature, layer, dataset
    with Ledger.open(path) as ledger:
        drawn = ledger.read("incidents")[-1]
        assert drawn.incident_id.startswith("own:")
        assert (drawn.workflow, drawn.sensitivity) == ("recorded", "restricted")
        assert (drawn.revision, drawn.longitude) == (1, 30)
        (revision,) = ledger.history(drawn.incident_id)
        assert (revision.who, revision.payload["incident_id"]) == (None, drawn.incident_id)


@pytest.mark.parametrize("layer", ["incidents", "contact_lines", "incident_history", "settings"])
def test_ogr2ogr_overwrite_fails_with_everything_intact(path, tmp_path, layer):
    other = tmp_path / "other.gpkg"
    with Ledger.create(other) as ledger:
        ledger.write_records("incidents", [incident(9)], None, "other")
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    target = gdal.OpenEx(str(path), gdal.OF_VECTOR | gdal.OF_UPDATE)
    done = gdal.VectorTranslate(
        target, str(other), layers=[layer], accessMode="overwrite", layerName=layer
    )
    gdal.PopErrorHandler()
    del done, target
    with Ledger.open(path) as ledger:
        assert len(ledger.read("incidents")) == 3
        assert ledger.settings()["theatre"] == "Vale"
    assert "withdrawn" in sql(path, "DELETE FROM incidents")


def test_ogr2ogr_append_and_upsert_are_recorded_unsigned(path, tmp_path):
    other = tmp_path / "other.gpkg"
    with Ledger.create(other) as ledger:
        ledger.write_records(
            "incidents", [incident(1, place="Mill"), incident(5)], "Zed", "elsewhere"
        )
    target = gdal.OpenEx(str(path), gdal.OF_VECTOR | gdal.OF_UPDATE)
    options = ["-upsert", "-unsetFid"] if hasattr(ogr.Layer, "UpsertFeature") else None
    if options is None:
        pytest.skip("this GDAL has no upsert")
    gdal.VectorTranslate(target, str(other), options=[*options, "incidents"])
    del target
    first, second = history(path, "watch:1")
    assert (second.payload["place"], second.who) == ("Mill", None)
    (added,) = history(path, "watch:5")
    assert (added.revision, added.who) == (1, None)
    assert current(path, "watch:5").recorded_at == added.recorded_at


def test_payloads_are_json_and_keep_text_numbers_and_places_exactly(tmp_path):
    rng = random.Random(7)
    texts = ['"', "\\", "a\nb\tc\x01", "Ёлка", "قرية", "😀", "'); DROP TABLE incidents;--", "%s$x"]
    given = [
        incident(
            number,
            description=rng.choice(texts) + rng.choice(texts),
            uncertainty_m=rng.uniform(0, 1e5),
            altitude_m=rng.choice([None, -0.1, 1e-12, 12345678.9]),
            longitude=rng.uniform(-180, 180),
            latitude=rng.uniform(-90, 90),
        )
        for number in range(300)
    ]
    with Ledger.create(tmp_path / "exact.gpkg") as ledger:
        ledger.write_records("incidents", given, texts[6], texts[7])
        for item in given:
            (revision,) = ledger.history(item.incident_id)
            assert (revision.who, revision.why) == (texts[6], texts[7])
            for name in ("description", "uncertainty_m", "altitude_m", "longitude", "latitude"):
                assert revision.payload[name] == getattr(item, name)
            assert list(json.loads(revision.payload_text))[:2] == ["incident_id", "source"]


def test_as_of_gives_each_incident_as_it_was_recorded_then(path):
    before = current(path, "watch:1").recorded_at
    assert sql(path, "UPDATE incidents SET place='Mill' WHERE incident_id='watch:1'") is None
    after = current(path, "watch:1").recorded_at
    assert after > before
    with Ledger.open(path) as ledger:
        then = {item.incident_id: item for item in ledger.incidents_as_of(before)}
        assert (then["watch:1"].place, then["watch:1"].revision) == (None, 1)
        assert then["watch:1"].occurred_from == NOON + timedelta(minutes=1)
        now = {item.incident_id: item for item in ledger.incidents_as_of(after)}
        assert (now["watch:1"].place, now["watch:1"].revision) == ("Mill", 2)
        assert now["watch:1"] == ledger.read("incidents", ids=["watch:1"])[0]
        assert ledger.incidents_as_of(before - timedelta(days=1)) == []


def test_another_program_with_the_standard_library_alone_can_read_the_payloads(path):
    program = (
        "import json, sqlite3, struct, sys\n"
        "rows = sqlite3.connect(sys.argv[1]).execute("
        "'SELECT payload FROM incident_history ORDER BY history_id')\n"
        "for (text,) in rows:\n"
        "    state = json.loads(text)\n"
        "    wkb = bytes.fromhex(state['geometry'])\n"
        "    print(state['incident_id'], *struct.unpack('<BIdd', wkb)[2:])\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", program, str(path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[1] == "watch:1 30.101 45.2"
