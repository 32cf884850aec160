"""``ledgerasof`` and ``restorerecord`` in real QGIS: what was known then, and written again."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from qgis.core import QgsProcessingException, QgsVectorLayer
from shapely.geometry import LineString, MultiLineString

from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.model.incident import Incident
from ceasefire_monitor.model.land import ContactLine

ZONE = "Africa/Nairobi"


def incident(number, **values):
    known = {
        "incident_id": f"watch:{number}",
        "occurred_from": datetime(2020, 5, 1, 12, number, tzinfo=timezone.utc),
        "longitude": 30.0 + number / 10,
        "latitude": 45.0,
        "deaths_best": 3,
    }
    return Incident(**{**known, **values})


def line(latitude):
    return ContactLine(
        "l1", "Line", geometry=MultiLineString([LineString([(30, latitude), (31, latitude)])])
    )


def now():
    """A moment between what was written before and what is written after."""
    moment = datetime.now(timezone.utc)
    for end in (2, 4):
        while datetime.now(timezone.utc) < moment + timedelta(milliseconds=end):
            pass
    return moment + timedelta(milliseconds=2)


def local(moment):
    """A moment as the theatre's people write it, without an offset."""
    return moment.astimezone(ZoneInfo(ZONE)).replace(tzinfo=None).isoformat(timespec="milliseconds")


@pytest.fixture
def kept(tmp_path):
    """A ledger whose incidents and line were changed, and the moment before that."""
    path = str(tmp_path / "Журнал 1.gpkg")
    with Ledger.create(path, {"theatre": "Vale", "timezone": ZONE}) as ledger:
        ledger.write_records("incidents", [incident(1), incident(2)], "Ana", "first")
        ledger.write_records("contact_lines", [line(45)], "Ana", "drawn")
        before = now()
        changed = [incident(1, deaths_best=4, longitude=31.0), incident(2, workflow="withdrawn")]
        ledger.write_records("incidents", [*changed, incident(3)], "Ben", "recount")
        ledger.write_records("contact_lines", [line(46)], "Ben", "moved")
    return path, before


def features(result, key):
    layer = result["OUTPUT"]
    layer = layer if isinstance(layer, QgsVectorLayer) else QgsVectorLayer(layer, "made", "ogr")
    assert layer.isValid()
    return {feature[key]: feature for feature in layer.getFeatures()}


@pytest.mark.parametrize("output", ["memory:", "then.gpkg"])
def test_incidents_come_as_they_were_known(run, kept, tmp_path, output):
    path, before = kept
    target = output if output == "memory:" else str(tmp_path / output)
    made = run("ceasefire:ledgerasof", LEDGER=path, AS_OF=local(before), OUTPUT=target)
    then = features(made, "incident_id")
    assert (made["RECORDS"], made["WITHDRAWN"], made["DELETED"]) == (2, 0, 0)
    one = then["watch:1"]
    assert (one["deaths_best"], one["known_revision"], one["known_by"]) == (3, 1, "Ana")
    assert (one["known_why"], one["revision"]) == ("first", 1)
    assert one.geometry().asPoint().x() == pytest.approx(30.1)
    since = one["known_since"].toUTC().toPyDateTime().replace(tzinfo=timezone.utc)
    assert timedelta(0) < before - since < timedelta(minutes=1)
    assert one["occurred_from"].toUTC().toPyDateTime() == datetime(2020, 5, 1, 12, 1)

    made = run("ceasefire:ledgerasof", LEDGER=path, AS_OF=local(now()), OUTPUT="memory:")
    known = features(made, "incident_id")
    assert (made["RECORDS"], made["WITHDRAWN"]) == (3, 1)
    assert (known["watch:1"]["deaths_best"], known["watch:1"]["known_by"]) == (4, "Ben")
    assert known["watch:2"]["workflow"] == "withdrawn"


def test_lines_come_as_they_were_drawn_then_and_another_zone_is_another_moment(run, kept):
    path, before = kept
    common = {"LEDGER": path, "TABLE": "contact_lines", "OUTPUT": "memory:"}
    made = run("ceasefire:ledgerasof", AS_OF=local(before), **common)
    assert features(made, "line_id")["l1"].geometry().boundingBox().yMinimum() == 45
    assert features(made, "line_id")["l1"]["known_why"] == "drawn"
    made = run("ceasefire:ledgerasof", AS_OF="9000-01-01", **common)
    assert features(made, "line_id")["l1"].geometry().boundingBox().yMinimum() == 46
    # The same clock time in a zone further east was earlier: nothing was known.
    made = run("ceasefire:ledgerasof", AS_OF=local(before), TIMEZONE="Asia/Tokyo", **common)
    assert made["RECORDS"] == 0


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"AS_OF": "yesterday"}, "not a date"),
        ({"AS_OF": "2031-01-01", "TIMEZONE": "Vale/Mill"}, "not a time zone"),
        ({"AS_OF": "2031-01-01", "LEDGER": "/nowhere/ledger.gpkg"}, "no file"),
    ],
)
def test_bad_moments_zones_and_places_are_told(run, kept, parameters, words):
    with pytest.raises(QgsProcessingException, match=words):
        run("ceasefire:ledgerasof", **{"LEDGER": kept[0], "OUTPUT": "memory:", **parameters})


def test_an_earlier_state_is_written_again_and_a_deleted_line_comes_back(run, kept):
    path, _ = kept
    made = run(
        "ceasefire:restorerecord",
        LEDGER=path,
        RECORD_ID="watch:1",
        REVISION=1,
        WHY="the recount was of another place",
        BY="Cyd",
    )
    assert (made["NEW_REVISION"], made["FIELDS"]) == (3, 2)
    again = {"LEDGER": path, "TABLE": "contact_lines", "RECORD_ID": "l1", "REVISION": 1}
    layer = QgsVectorLayer(f"{path}|layername=contact_lines", "lines", "ogr")
    assert layer.startEditing()
    assert layer.deleteFeatures([feature.id() for feature in layer.getFeatures()])
    assert layer.commitChanges(), layer.commitErrors()
    del layer
    made = run("ceasefire:restorerecord", WHY="deleted by mistake", **again)
    with Ledger.open(path, readonly=True) as ledger:
        (back,) = ledger.read("contact_lines")
        assert back.geometry.bounds[1] == 45
        assert [item.operation for item in ledger.history("l1", "contact_lines")] == [
            "insert",
            "update",
            "delete",
            "insert",
        ]
        one = ledger.history("watch:1")
        assert one[2].payload_text == one[0].payload_text
        assert (one[2].who, one[2].why) == ("Cyd", "the recount was of another place")


def test_restoring_without_a_reason_is_refused(run, kept):
    with pytest.raises(QgsProcessingException, match="No reason"):
        run("ceasefire:restorerecord", LEDGER=kept[0], RECORD_ID="watch:1", REVISION=1, WHY=" ")
