"""``ledgerdiff`` in real QGIS, and the brief that says what was corrected since the last one."""

from __future__ import annotations

import json
import shutil
import subprocess
import unicodedata
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from osgeo import ogr
from qgis.core import NULL, QgsProcessingException
from shapely.geometry import LineString, MultiLineString

from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.model.incident import Effort, Incident, Post
from ceasefire_monitor.model.land import ContactLine

ZONE = "Africa/Nairobi"
# The past, so that what is recorded while the test runs was recorded late.
DAY = datetime(2020, 5, 1, tzinfo=timezone.utc)


def incident(number, **values):
    known = {
        "incident_id": f"watch:{number}",
        "source": "watch",
        "source_id": f"id-{number}",
        "origin": "own_observation",
        "category": "firing/explosion",
        "count_low": 1,
        "count_high": 1,
        "place": f"Mill {number}",
        "occurred_from": DAY + timedelta(hours=number),
        "longitude": 30.0 + number / 10,
        "latitude": 45.0,
    }
    return Incident(**{**known, **values})


def now():
    """A moment between what was written before and what is written after."""
    moment = datetime.now(timezone.utc)
    for end in (2, 4):
        while datetime.now(timezone.utc) < moment + timedelta(milliseconds=end):
            pass
    return moment + timedelta(milliseconds=2)


def local(moment):
    return moment.astimezone(ZoneInfo(ZONE)).replace(tzinfo=None).isoformat(timespec="milliseconds")


def line(latitude):
    course = MultiLineString([LineString([(30, latitude), (31, latitude)])])
    return ContactLine("l1", "Line of contact", "agreed", geometry=course)


@pytest.fixture
def kept(tmp_path):
    """A ledger with five incidents, of which some were changed; the moment before that."""
    path = str(tmp_path / "ledger.gpkg")
    with Ledger.create(path, {"theatre": "Vale", "timezone": ZONE}) as ledger:
        first = [incident(number) for number in range(1, 5)]
        first.append(incident(5, sensitivity="confidential", place="Hidden shelter"))
        ledger.write_records("incidents", first, "Ana Quill", "first")
        ledger.write_records("contact_lines", [line(45.001)], "Ana Quill", "drawn")
        ledger.write_records("posts", [Post("p1", "Hill")], "Ana Quill", "set up")
        effort = Effort("e1", "p1", DAY, DAY + timedelta(days=1), "operating")
        ledger.write_records("effort", [effort], "Ana Quill", "logged")
        since = now()
        changed = [
            incident(1, place="Old mill", count_low=2, count_high=2),
            incident(2, workflow="withdrawn"),
            incident(3, verification="confirmed"),
            incident(5, sensitivity="confidential", place="Another shelter"),
            incident(6, occurred_from=DAY + timedelta(hours=1)),
        ]
        ledger.write_records("incidents", changed, "Ben Rook", "asked the post again")
        ledger.write_records("contact_lines", [line(45.5)], "Ben Rook", "moved by agreement")
    return path, since


def test_the_table_and_the_counts_tell_what_became_of_the_records(run, kept):
    path, since = kept
    made = run("ceasefire:ledgerdiff", LEDGER=path, SINCE=local(since), OUTPUT="memory:")
    names = ("NEW", "CORRECTED", "WITHDRAWN", "REVIEWED", "DELETED", "LATE", "CONFLICTS")
    assert [made[name] for name in names] == [1, 3, 1, 1, 0, 1, 0]
    rows = list(made["OUTPUT"].getFeatures())
    told = {(row["record_id"], row["field"] or None): row for row in rows}
    place = told["watch:1", "place"]
    assert (place["before"], place["after"], place["change"]) == ("Mill 1", "Old mill", "corrected")
    assert (place["who"], place["why"]) == ("Ben Rook", "asked the post again")
    assert (place["revision_before"], place["revision_after"]) == (1, 2)
    assert told["watch:2", "workflow"]["change"] == "withdrawn"
    assert told["watch:5", "place"]["sensitivity"] == "confidential"
    (late,) = [row for row in rows if row["record_id"] == "watch:6"]
    assert (late["change"], late["late"], late["field"]) == ("new", True, NULL)
    assert told["l1", "geometry"]["record_table"] == "contact_lines"
    lines = made["SUMMARY"].splitlines()
    assert "Incidents: 1 new (1 of them late), 2 corrected, 1 withdrawn, 1 reviewed." in lines[0]
    assert "Contact lines: 1 corrected." in lines[0]
    assert any(line.startswith("Incident watch:1 was corrected: ") for line in lines)
    assert "1 change of a confidential record is in the table alone." in lines
    for hidden in ("Quill", "Rook", "shelter", "asked the post again"):
        assert hidden not in made["SUMMARY"]
    asked = run(
        "ceasefire:ledgerdiff", LEDGER=path, SINCE=local(since), REASONS=True, OUTPUT="memory:"
    )
    assert "Why: asked the post again." in asked["SUMMARY"]


def test_tables_and_spans_narrow_what_is_told(run, kept):
    path, since = kept
    common = {"LEDGER": path, "OUTPUT": "memory:"}
    made = run("ceasefire:ledgerdiff", SINCE=local(since), TABLES=["contact_lines"], **common)
    assert (made["CORRECTED"], made["NEW"]) == (1, 0)
    made = run("ceasefire:ledgerdiff", SINCE="2020-01-01", UNTIL=local(since), **common)
    assert (made["NEW"], made["CORRECTED"]) == (8, 0)
    made = run("ceasefire:ledgerdiff", SINCE=local(now()), **common)
    assert "nothing was recorded or changed" in made["SUMMARY"]
    assert made["OUTPUT"].featureCount() == 0


@pytest.mark.parametrize(
    ("span", "words"),
    [
        ({"SINCE": " "}, "SINCE is empty"),
        ({"SINCE": "2021-01-01", "UNTIL": "2020-01-01"}, "not later than SINCE"),
        ({"SINCE": "soon"}, "not a date"),
    ],
)
def test_a_bad_span_is_told(run, kept, span, words):
    with pytest.raises(QgsProcessingException, match=words):
        run("ceasefire:ledgerdiff", LEDGER=kept[0], OUTPUT="memory:", **span)


def text_of(path):
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    done = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True)
    # Fonts with ligatures write “fi” as one character.
    return " ".join(unicodedata.normalize("NFKC", done.stdout.decode("utf-8")).split())


def brief(run, path, folder, **parameters):
    return run(
        "ceasefire:brief",
        **{
            "LEDGER": path,
            "FROM": "2020-05-01",
            "TO": "2020-05-02",
            "OUTPUT_FOLDER": str(folder),
            **parameters,
        },
    )


def test_the_brief_says_what_was_corrected_since_the_report_before(run, kept, tmp_path):
    path, since = kept
    first = brief(run, path, tmp_path / "first", AS_OF=local(since))
    second = brief(run, path, tmp_path / "second", COMPARE_WITH=str(tmp_path / "first"))
    text = text_of(second["PDF"])
    assert "1 corrected, 1 withdrawn, 1 recorded late, 1 reviewed." in text
    assert "Since the report of" in text
    assert "Place from “Mill 1” to “Old mill”" in text
    assert "asked the post again" not in text
    assert "The reasons of 3 changes are held back at this release level." in text
    assert "1 change of a confidential incident is left out" in text
    for hidden in ("Quill", "Rook", "shelter", "watch:1"):
        assert hidden not in text
    manifest = json.loads((tmp_path / "second" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["revisions"]["corrected"] == 1
    assert manifest["revisions"]["since"].startswith(since.isoformat(timespec="milliseconds")[:19])
    dataset = ogr.Open(second["ANNEX"])
    layer = dataset.GetLayerByName("revisions")
    rows = [(row["change"], row["field"], row["before"], row["after"]) for row in layer]
    assert ("corrected", "place", "Mill 1", "Old mill") in rows
    assert ("withdrawn", "workflow", "recorded", "withdrawn") in rows
    assert {row["why"] for row in layer} == {None}
    assert not {field.name for field in layer.schema} & {"who", "record_id", "steps", "with_what"}
    assert "Since the report of" not in text_of(first["PDF"])


def test_the_brief_as_of_then_has_the_line_the_posts_and_the_incidents_of_then(run, kept, tmp_path):
    path, since = kept
    brief(run, path, tmp_path / "then", AS_OF=local(since), RELEASE="confidential")
    brief(run, path, tmp_path / "now", RELEASE="confidential", COMPARE_WITH=local(since))
    south = {}
    for name in ("then", "now"):
        dataset = ogr.Open(str(tmp_path / name / "annex.gpkg"))
        (feature,) = list(dataset.GetLayerByName("contact_lines"))
        south[name] = feature.GetGeometryRef().GetEnvelope()[2]
        del feature, dataset
    assert south == {"then": 45.001, "now": 45.5}
    figures = {
        name: json.loads((tmp_path / name / "manifest.json").read_text("utf-8"))["figures"]
        for name in ("then", "now")
    }
    assert (figures["then"]["incidents"], figures["now"]["incidents"]) == (5, 5)
    assert figures["then"]["observed_hours"] == figures["now"]["observed_hours"] == 24
    assert "Another shelter" in text_of(tmp_path / "now" / "brief.pdf")


@pytest.mark.parametrize("choice", [{"REASONS": True}, {"RELEASE": "confidential"}])
def test_reasons_are_printed_where_they_are_asked_for(run, kept, tmp_path, choice):
    path, since = kept
    made = brief(run, path, tmp_path / "made", COMPARE_WITH=local(since), **choice)
    assert "Why: asked the post again." in text_of(made["PDF"])
    dataset = ogr.Open(made["ANNEX"])
    reasons = {row["why"] for row in dataset.GetLayerByName("revisions")}
    assert "asked the post again" in reasons
    manifest = json.loads((tmp_path / "made" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["options"]["reasons"] is True and manifest["left_out"]["reasons"] == 0


def test_a_restricted_brief_of_then_has_nothing_that_is_confidential_today(run, kept, tmp_path):
    path, _ = kept
    then = now()
    with Ledger.open(path) as ledger:
        hidden = incident(4, sensitivity="Confidential ", description="Told in confidence")
        ledger.write_records("incidents", [hidden], "Ana Quill", "asked for it")
        ledger.write_records("incidents", [incident(3, point_role="observer")], "Ana Quill", "own")
    made = brief(run, path, tmp_path / "made", AS_OF=local(then))
    table = (tmp_path / "made" / "incidents.csv").read_text(encoding="utf-8-sig")
    assert "Mill 4" not in table and "Mill 4" not in text_of(made["PDF"])
    assert "30.4" not in table and "30.3" not in table
    assert "Mill 3" in table
    assert "The point of 1 incident is that of who observed it" in text_of(made["PDF"])
    dataset = ogr.Open(made["ANNEX"])
    located = {row["place"]: row.GetGeometryRef() is not None for row in dataset.GetLayer(0)}
    assert located["Old mill"] and not located["Mill 3"] and "Mill 4" not in located


@pytest.mark.parametrize(
    ("compare", "words"),
    [
        ("9000-01-01", "not earlier than this one"),
        ("yesterday", "not a date"),
        ("OTHER", "another ledger"),
        ("FOLDER", "not the manifest of a brief"),
    ],
)
def test_what_a_brief_cannot_be_compared_with_is_told(run, kept, tmp_path, compare, words):
    path, since = kept
    if compare == "OTHER":
        compare = str(tmp_path / "manifest.json")
        other = {"as_of": since.isoformat(), "ledger": {"ledger_id": "another"}}
        (tmp_path / "manifest.json").write_text(json.dumps(other), encoding="utf-8")
    elif compare == "FOLDER":
        compare = str(tmp_path)
    with pytest.raises(QgsProcessingException, match=words):
        brief(run, path, tmp_path / "made", COMPARE_WITH=compare)
    assert not (tmp_path / "made").exists()
