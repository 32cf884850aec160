"""``ceasefire:flagincidents`` in real QGIS: layers in, flags out, and what cannot be used."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from geographiclib.geodesic import Geodesic
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsGeometry,
    QgsProcessingException,
    QgsProject,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QDate, QDateTime, Qt, QTime

from ceasefire_monitor.model.tables import FLAG_FIELDS

NAMES = [field.name for field in FLAG_FIELDS]
LINE = "LineString (30 50, 31 50)"
LINE_FIELDS = (
    "field=line_name:string&field=kind:string&field=left_party:string&field=right_party:string"
    "&field=valid_from:date&field=valid_to:date&field=uncertainty_m:double"
)


def layer(kind, fields, rows, crs="EPSG:4326"):
    """A memory layer from rows of (WKT or None, attributes…)."""
    made = QgsVectorLayer(f"{kind}?crs={crs}&{fields}", "given", "memory")
    assert made.isValid()
    for wkt, *attributes in rows:
        feature = QgsFeature(made.fields())
        if wkt:
            feature.setGeometry(QgsGeometry.fromWkt(wkt))
        feature.setAttributes(attributes)
        assert made.dataProvider().addFeature(feature)
    QgsProject.instance().addMapLayer(made)
    return made


@pytest.fixture
def lines(qgis_app):
    return layer(
        "LineString",
        LINE_FIELDS,
        [
            (
                LINE,
                "Sector",
                "agreed",
                "Aster",
                "Borealis",
                QDate(2025, 1, 1),
                QDate(2025, 1, 31),
                50.0,
            ),
            (
                "LineString (30 50.5, 31 50.5)",
                "Sector",
                "agreed",
                "Aster",
                "Borealis",
                QDate(2025, 2, 1),
                None,
                50.0,
            ),
        ],
    )


@pytest.fixture
def incidents(qgis_app):
    return layer(
        "Point",
        "field=incident_id:string&field=occurred_from:date&field=uncertainty_m:double"
        "&field=flag:string",
        [
            ("Point (30.5 50.02)", "a", QDate(2025, 1, 31), 100.0, "old"),
            ("Point (30.5 49.98)", "b", QDate(2025, 2, 1), 100.0, "old"),
            ("Point (30.5 49.98)", "c", QDate(2024, 12, 31), 100.0, "old"),
            (None, "d", QDate(2025, 1, 10), 100.0, "old"),
            ("Point (30.5 50.045)", "e", QDate(2025, 1, 10), 5000.0, "old"),
        ],
    )


def features(found):
    return {item["incident_id"]: item for item in found["OUTPUT"].getFeatures()}


def value(item, name):
    got = item[name]
    return None if not got and str(got) == "NULL" else got


def test_incidents_are_held_against_the_line_of_their_day(run, incidents, lines):
    found = run(
        "ceasefire:flagincidents",
        INPUT=incidents,
        LINES=lines,
        TIMEZONE="Europe/Athens",
        OUTPUT="memory:",
    )
    rows = features(found)
    assert {key: row["flag"] for key, row in rows.items()} == {
        "a": "near",
        "b": "far",
        "c": "no_line_in_force",
        "d": "not_located",
        "e": "possible",
    }
    counts = [found[name] for name in ("NEAR", "POSSIBLE", "FAR", "NO_LINE", "NOT_LOCATED")]
    assert counts == [1, 1, 1, 1, 1]
    told = Geodesic.WGS84
    edge = told.InverseLine(50, 30, 50, 31)
    middle = edge.Position(edge.s13 / 2)
    distance = told.Inverse(50.02, 30.5, middle["lat2"], middle["lon2"])["s12"]
    assert rows["a"]["line_distance_m"] == pytest.approx(distance, abs=0.05)
    assert rows["a"]["line_side"] == "Aster"
    assert rows["a"]["line_chainage_m"] == pytest.approx(edge.s13 / 2, abs=0.5)
    assert rows["a"]["flag_probability"] == 1.0
    assert rows["a"]["flag_basis"] == "measured"
    midnight = datetime(2024, 12, 31, 22, tzinfo=timezone.utc)
    assert rows["a"]["line_valid_from"].toMSecsSinceEpoch() == midnight.timestamp() * 1000
    assert "in force since 1 Jan 2025, on the Aster side" in rows["a"]["finding"]


def test_fields_of_an_earlier_run_are_replaced(run, incidents, lines):
    once = run("ceasefire:flagincidents", INPUT=incidents, LINES=lines, OUTPUT="memory:")["OUTPUT"]
    twice = run("ceasefire:flagincidents", INPUT=once, LINES=lines, OUTPUT="memory:")["OUTPUT"]
    expected = ["incident_id", "occurred_from", "uncertainty_m", *NAMES]
    assert once.fields().names() == expected
    assert twice.fields().names() == expected
    for one, other in zip(once.getFeatures(), twice.getFeatures()):
        assert one.attributes() == other.attributes()


def test_a_geopackage_is_written_and_reads_back(run, incidents, lines, tmp_path):
    path = tmp_path / "flagged.gpkg"
    run("ceasefire:flagincidents", INPUT=incidents, LINES=lines, OUTPUT=str(path))
    read = QgsVectorLayer(str(path), "read", "ogr")
    assert read.featureCount() == 5
    assert {item["flag"] for item in read.getFeatures()} >= {"near", "possible", "far"}


def test_layers_in_other_systems_are_measured_alike(run, incidents, lines):
    import processing

    def moved(source, crs):
        return processing.run(
            "native:reprojectlayer", {"INPUT": source, "TARGET_CRS": crs, "OUTPUT": "memory:"}
        )["OUTPUT"]

    here = features(run("ceasefire:flagincidents", INPUT=incidents, LINES=lines, OUTPUT="memory:"))
    there = features(
        run(
            "ceasefire:flagincidents",
            INPUT=moved(incidents, QgsCoordinateReferenceSystem("EPSG:3857")),
            LINES=moved(lines, QgsCoordinateReferenceSystem("EPSG:32636")),
            OUTPUT="memory:",
        )
    )
    for key in "abe":
        assert there[key]["line_distance_m"] == pytest.approx(
            here[key]["line_distance_m"], abs=0.01
        )


def test_times_without_a_zone_are_the_theatres(run, lines):
    noon = QDateTime(QDate(2025, 1, 1), QTime(0, 30), Qt.TimeSpec.LocalTime)
    late = QDateTime(QDate(2024, 12, 31), QTime(22, 30), Qt.TimeSpec.UTC)
    local = layer(
        "Point",
        "field=incident_id:string&field=moment:datetime&field=text:string",
        [
            ("Point (30.5 50)", "naive", noon, "2025-01-01T00:30:00"),
            ("Point (30.5 50)", "utc", late, "2024-12-31T22:30:00Z"),
            ("Point (30.5 50)", "early", late.addSecs(-3600), "2024-12-31 21:30+00:00"),
        ],
    )
    for field in ("moment", "text"):
        rows = features(
            run(
                "ceasefire:flagincidents",
                INPUT=local,
                LINES=lines,
                TIMEZONE="Europe/Athens",
                TIME_FIELD=field,
                OUTPUT="memory:",
            )
        )
        assert [rows[key]["flag"] for key in ("naive", "utc", "early")] == [
            "near",
            "near",
            "no_line_in_force",
        ]


def test_named_fields_defaults_zones_and_control_are_used(run):
    places = layer(
        "Point",
        "field=incident_id:string&field=day:string&field=until:string&field=radius:string",
        [
            ("Point (30.5 50.01)", "a", "2025-01-05", "2025-01-06", "250"),
            ("Point (30.5 50.01)", "b", "20250105", None, "N/K"),
            ("Point (30.9 50.01)", "c", "5th of May", None, None),
        ],
    )
    drawn = layer(
        "MultiLineString",
        "field=label:string&field=since:string&field=til:string&field=l:string&field=r:string"
        "&field=sigma:double",
        [("MultiLineString ((30 50, 31 50))", "Old line", "2025-01-01", "2025-12-31", "A", "B", 5)],
    )
    areas = layer(
        "Polygon",
        "field=zone_name:string&field=holder:string",
        [("Polygon ((30.4 49.9, 30.6 49.9, 30.6 50.1, 30.4 50.1, 30.4 49.9))", "Buffer", "Cedar")],
    )
    rows = features(
        run(
            "ceasefire:flagincidents",
            INPUT=places,
            LINES=drawn,
            TIME_FIELD="day",
            TIME_TO_FIELD="until",
            UNCERTAINTY_FIELD="radius",
            UNCERTAINTY_DEFAULT=300,
            LINE_FROM_FIELD="since",
            LINE_TO_FIELD="til",
            LINE_NAME_FIELD="label",
            LEFT_FIELD="l",
            RIGHT_FIELD="r",
            LINE_UNCERTAINTY_FIELD="sigma",
            ZONES=areas,
            CONTROL=areas,
            OUTPUT="memory:",
        )
    )
    assert [rows[key]["flag"] for key in "abc"] == ["near", "near", "no_line_in_force"]
    assert [value(rows[key], "flag_basis") for key in "abc"] == ["measured", "default", None]
    assert rows["a"]["line_name"] == "Old line" and rows["a"]["line_side"] == "A"
    assert rows["a"]["zones"] == "Buffer" and rows["a"]["control"] == "Cedar"
    assert value(rows["c"], "zones") is None and rows["c"]["control"] == "unknown"


def test_distance_is_in_metres_and_one_model_serves_any_layer(run, incidents, lines):
    wide = features(
        run(
            "ceasefire:flagincidents",
            INPUT=incidents,
            LINES=lines,
            DISTANCE=60_000,
            OUTPUT="memory:",
        )
    )
    assert wide["b"]["flag"] == "near"


def test_without_lines_every_incident_has_no_line(run, incidents):
    found = run("ceasefire:flagincidents", INPUT=incidents, OUTPUT="memory:")
    assert (found["NO_LINE"], found["NOT_LOCATED"]) == (4, 1)


def test_a_table_without_places_is_not_located(run, lines):
    table = layer(
        "None", "field=incident_id:string&field=occurred_from:string", [(None, "a", "2025-01-05")]
    )
    assert (
        run("ceasefire:flagincidents", INPUT=table, LINES=lines, OUTPUT="memory:")["NOT_LOCATED"]
        == 1
    )


def refused(run, words, **parameters):
    with pytest.raises(QgsProcessingException, match=words) as caught:
        run("ceasefire:flagincidents", OUTPUT="memory:", **parameters)
    assert "Traceback" not in str(caught.value)


def test_what_cannot_be_used_is_told_in_a_sentence(run, incidents, lines, qgis_app):
    polygons = layer("Polygon", "field=a:int", [("Polygon ((30 50, 31 50, 31 51, 30 50))", 1)])
    refused(run, "polygons, but lines are needed", INPUT=incidents, LINES=polygons)
    refused(run, "polygons, but points are needed", INPUT=polygons, LINES=lines)
    refused(run, "no features", INPUT=incidents, LINES=layer("LineString", "field=a:int", []))
    bare = layer("LineString", "field=a:int", [(LINE, 1)])
    bare.setCrs(QgsCoordinateReferenceSystem())
    refused(run, "no coordinate reference system", INPUT=incidents, LINES=bare)
    loose = layer("Point", "field=a:int", [("Point (30 50)", 1)])
    loose.setCrs(QgsCoordinateReferenceSystem())
    refused(run, "no coordinate reference system", INPUT=loose, LINES=lines)
    refused(run, "not a time zone", INPUT=incidents, LINES=lines, TIMEZONE="Nowhere/Else")
    mixed = layer("LineString", "field=kind:string", [(LINE, "agreed"), (LINE, "de_facto")])
    refused(run, "“agreed”, “de_facto”", INPUT=incidents, LINES=mixed)
    assert run(
        "ceasefire:flagincidents",
        INPUT=incidents,
        LINES=mixed,
        LINE_KIND="agreed",
        OUTPUT="memory:",
    )


def test_a_field_fid_that_repeats_does_not_stop_a_geopackage(run, lines, tmp_path):
    places = layer(
        "Point",
        "field=fid:integer&field=incident_id:string",
        [("Point (30 50)", 1, "a"), ("Point (31 50)", 1, "b")],
    )
    path = tmp_path / "flagged.gpkg"
    run("ceasefire:flagincidents", INPUT=places, LINES=lines, OUTPUT=str(path))
    read = QgsVectorLayer(str(path), "read", "ogr")
    assert sorted(item["incident_id"] for item in read.getFeatures()) == ["a", "b"]


def test_lines_and_years_that_cannot_be_are_named_and_the_rest_goes_on(run):
    from qgis.core import QgsProcessingContext, QgsProcessingFeedback

    odd = layer(
        "LineString",
        "field=valid_from:string&field=valid_to:string",
        [
            (LINE, "2025-01-01", "2025-12-31"),
            (LINE, "2026-02-01", "2026-01-01"),
            ("LineString (30 50, 30 50)", None, None),
            (None, None, None),
        ],
    )
    places = layer(
        "Point",
        "field=incident_id:string&field=occurred_from:string",
        [("Point (30.5 50)", "a", "2025-05-05"), ("Point (30.5 50)", "b", "2202-05-05")],
    )
    import processing

    feedback = QgsProcessingFeedback()
    found = processing.run(
        "ceasefire:flagincidents",
        {"INPUT": places, "LINES": odd, "OUTPUT": "memory:"},
        context=QgsProcessingContext(),
        feedback=feedback,
    )
    assert (found["NEAR"], found["NO_LINE"]) == (1, 1)
    log = feedback.textLog()
    for words in (
        "Line 2 ends (2026-01-01) before it begins (2026-02-01)",
        "Line 3 has no length",
        "Line 4 has no geometry",
        "No line was in force from 1 Jan 2026 on; this concerns 1 incident (feature 2).",
    ):
        assert words in log


def test_nothing_half_made_is_left(run, incidents, tmp_path):
    path = tmp_path / "flagged.gpkg"
    polygons = layer("Polygon", "field=a:int", [("Polygon ((30 50, 31 50, 31 51, 30 50))", 1)])
    with pytest.raises(QgsProcessingException):
        run("ceasefire:flagincidents", INPUT=incidents, LINES=polygons, OUTPUT=str(path))
    assert list(tmp_path.iterdir()) == []


def test_findings_go_to_the_ledger_and_its_lines_are_used(run, tmp_path):
    import shapely

    from ceasefire_monitor.ledger.geopackage import Ledger
    from ceasefire_monitor.model.incident import Incident, Observation
    from ceasefire_monitor.model.land import ContactLine

    path = tmp_path / "ledger.gpkg"
    moment = datetime(2025, 1, 5, 12, tzinfo=timezone.utc)
    with Ledger.create(str(path), {"timezone": "UTC"}) as ledger:
        ledger.write_records(
            "contact_lines",
            [
                ContactLine(
                    line_id="l",
                    line_name="Sector",
                    left_party="Aster",
                    geometry=shapely.LineString([(30, 50), (31, 50)]),
                )
            ],
            None,
            "test",
        )
        ledger.write_records(
            "incidents",
            [
                Incident(
                    incident_id="a",
                    source="own",
                    source_id="a",
                    occurred_from=moment,
                    occurred_to=moment,
                    uncertainty_kind="sector",
                    longitude=30.5,
                    latitude=50.06,
                )
            ],
            None,
            "test",
        )
        ledger.write_records(
            "observations",
            [
                Observation(
                    observation_id="o",
                    incident_id="a",
                    bearing_deg=180.0,
                    bearing_halfwidth_deg=10.0,
                    range_min_m=1000.0,
                    range_max_m=9000.0,
                    longitude=30.5,
                    latitude=50.11,
                )
            ],
            None,
            "test",
        )
    found = run(
        "ceasefire:flagincidents",
        INPUT=f"{path}|layername=incidents",
        LEDGER=str(path),
        OUTPUT=str(tmp_path / "flagged.gpkg"),
    )
    assert found["LEDGER"] == str(path)
    assert found["POSSIBLE"] == 1
    with Ledger.open(str(path)) as ledger:
        finding = ledger.latest_findings()["a"]
    assert finding.flag == "possible" and finding.flag_basis == "measured"
    assert finding.flag_distance_m == 5000.0 and finding.line_name == "Sector"
    assert 0.05 < finding.flag_probability < 0.95


@pytest.mark.real_data
def test_the_known_answer_through_qgis(run, real_data):
    path = real_data / "ucdp_ukraine" / "ucdp_ged_ukraine_2014-20220223_iso_dates.csv"
    line = real_data / "line_of_contact" / "line_of_contact_natural_earth.geojson"
    events = QgsVectorLayer(
        f"{path.as_uri()}?type=csv&xField=longitude&yField=latitude&crs=EPSG:4326&detectTypes=yes",
        "events",
        "delimitedtext",
    )
    events.setSubsetString("date_start >= '2015-02-18' AND date_start <= '2022-02-23'")
    # The dates of the line itself; the bare date of the last day is included.
    for limit, count, ties in ((5_000, 763, 16), (10_000, 995, 0), (30_000, 1229, 0)):
        found = run(
            "ceasefire:flagincidents",
            INPUT=events,
            LINES=str(line),
            TIMEZONE="Europe/Kyiv",
            TIME_FIELD="date_start",
            DISTANCE=limit,
            OUTPUT="memory:",
        )
        assert found["NEAR"] + found["FAR"] == 1427
        assert abs(found["NEAR"] - count) <= ties


@pytest.mark.real_data
def test_vague_real_events_are_hardly_ever_near(run, real_data):
    imported = run(
        "ceasefire:importincidents",
        INPUT=str(real_data / "ucdp_ukraine" / "ucdp_ged_ukraine_2014-20220223_iso_dates.csv"),
        TIMEZONE="Europe/Kyiv",
        OUTPUT="memory:",
        REJECTED="memory:",
    )["OUTPUT"]
    line = real_data / "line_of_contact" / "line_of_contact_natural_earth.geojson"
    found = run(
        "ceasefire:flagincidents",
        INPUT=imported,
        LINES=str(line),
        TIMEZONE="Europe/Kyiv",
        OUTPUT="memory:",
    )["OUTPUT"]
    flags = [(item["uncertainty_m"], item["flag"]) for item in found.getFeatures()]
    assert len(flags) == 3077
    vague = [flag for radius, flag in flags if radius >= 25_000.0 and flag != "no_line_in_force"]
    assert len(vague) > 589
    assert vague.count("near") <= 5
    assert sum(flag == "near" for _, flag in flags) > 50
