"""The algorithms ``createledger`` and ``addtoledger`` in real QGIS."""

from __future__ import annotations

import json
from datetime import datetime, timezone

import pytest
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsVectorLayer,
)

from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.tests.unit.test_ledger_upgrade import old_ledger


@pytest.fixture
def ledger_path(run, tmp_path):
    path = str(tmp_path / "Журнал 1.gpkg")
    made = run(
        "ceasefire:createledger",
        LEDGER=path,
        THEATRE="Vale",
        TIMEZONE="Europe/Athens",
        REPORTING_DAY_START="19:30",
    )
    assert made["LEDGER"] == path
    return path


def layer(geometry: str, fields: str, *rows, crs: str = "epsg:4326") -> QgsVectorLayer:
    """A memory layer; each row is WKT (or None) and the values of the fields."""
    uri = f"{geometry}?{'' if crs is None else 'crs=' + crs + '&'}{fields}"
    made = QgsVectorLayer(uri, "drawn", "memory")
    assert made.isValid()
    for wkt, *values in rows:
        feature = QgsFeature(made.fields())
        if wkt:
            feature.setGeometry(QgsGeometry.fromWkt(wkt))
        feature.setAttributes(values)
        assert made.dataProvider().addFeature(feature)
    made.updateExtents()
    return made


def counts(result) -> tuple:
    return tuple(result[name] for name in ("ADDED", "CHANGED", "UNCHANGED", "REJECTED"))


def records(path, table):
    with Ledger.open(path, readonly=True) as ledger:
        return ledger.read(table)


def refused(run, identifier, **parameters) -> str:
    with pytest.raises(QgsProcessingException) as caught:
        run(identifier, **parameters)
    words = str(caught.value)
    assert "Traceback" not in words
    return words


def test_a_new_ledger_has_its_settings(ledger_path):
    with Ledger.open(ledger_path) as ledger:
        kept = ledger.settings()
    assert (kept["theatre"], kept["timezone"]) == ("Vale", "Europe/Athens")
    assert kept["reporting_day_start"] == "19:30"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"TIMEZONE": "Mars/Base"}, "not a time zone"),
        ({"REPORTING_DAY_START": "25:10"}, "no time of day"),
        ({"LEDGER": "/nowhere/at/all/l.gpkg"}, "nowhere"),
    ],
)
def test_a_ledger_that_cannot_be_made_leaves_nothing(run, tmp_path, values, words):
    given = {"LEDGER": str(tmp_path / "l.gpkg"), **values}
    assert words in refused(run, "ceasefire:createledger", **given)
    assert list(tmp_path.iterdir()) == []


def test_an_existing_ledger_is_never_written_over(run, ledger_path):
    assert "exists already" in refused(run, "ceasefire:createledger", LEDGER=ledger_path)
    assert len(records(ledger_path, "incidents")) == 0


def test_lines_are_added_with_bare_dates_as_local_days_and_again_change_nothing(run, ledger_path):
    drawn = layer(
        "LineString",
        "field=line_id:string&field=Line_Name:string&field=START:string&field=valid_to:date"
        "&field=uncertainty_m:double&field=colour:string",
        ("LINESTRING(24 38, 24.5 38.2, 25 38)", "L1", "Line of May", "2031-03-01", None, 200, "r"),
        crs="epsg:4326",
    )
    drawn.dataProvider().changeAttributeValues({1: {3: "2031-03-31"}})
    given = {
        "INPUT": drawn,
        "TABLE": "contact_lines",
        "LEDGER": ledger_path,
        "MAPPING": json.dumps({"valid_from": "START"}),
        "WHO": "Ana",
    }
    result = run("ceasefire:addtoledger", **given)
    assert counts(result) == (1, 0, 0, 0)
    assert result["LEDGER"] == ledger_path
    (line,) = records(ledger_path, "contact_lines")
    assert (line.line_id, line.line_name, line.uncertainty_m) == ("L1", "Line of May", 200.0)
    # Athens is two hours before UTC until the night to 30 March 2031, then three.
    assert line.valid_from == datetime(2031, 2, 28, 22, tzinfo=timezone.utc)
    assert line.valid_to == datetime(2031, 3, 31, 21, tzinfo=timezone.utc)
    assert list(line.geometry.geoms[0].coords) == [(24, 38), (24.5, 38.2), (25, 38)]
    assert counts(run("ceasefire:addtoledger", **given)) == (0, 0, 1, 0)
    given["TIMEZONE"] = "UTC"
    assert counts(run("ceasefire:addtoledger", **given)) == (0, 1, 0, 0)


def test_areas_in_another_crs_with_curves_and_heights_come_in_degrees(run, ledger_path):
    drawn = layer(
        "CurvePolygonZ",
        "field=holder:string",
        ("CURVEPOLYGON Z (CIRCULARSTRING Z(0 0 5, 500 500 5, 1000 0 5, 500 -500 5, 0 0 5))", "A"),
        ("POLYGON Z ((2000 0 1, 3000 0 1, 3000 1000 1, 2000 0 1))", "B"),
        crs="epsg:3857",
    )
    given = {"INPUT": drawn, "TABLE": "control_areas", "LEDGER": ledger_path}
    assert counts(run("ceasefire:addtoledger", **given)) == (2, 0, 0, 0)
    assert counts(run("ceasefire:addtoledger", **given)) == (0, 0, 2, 0)
    first, second = records(ledger_path, "control_areas")
    assert not first.geometry.has_z
    degree = 1000 / 111319.49079327358
    assert first.geometry.area == pytest.approx(3.14159 * (degree / 2) ** 2, rel=1e-3)
    assert second.geometry.bounds == pytest.approx((2 * degree, 0, 3 * degree, degree))


def test_rows_that_cannot_be_kept_are_set_aside_with_reasons(run, ledger_path):
    drawn = layer(
        "MultiPoint",
        "field=site_name:string&field=valid_from:string",
        ("MULTIPOINT((24 38))", "School", "2031-05-01T10:00:00"),
        ("MULTIPOINT((24 38),(25 38))", "Two places", None),
        ("MULTIPOINT((24 38))", "Sometime", "spring"),
        ("MULTIPOINT((24 95))", "Beyond the pole", None),
        (None, "Nowhere", None),
    )
    said = []
    feedback = QgsProcessingFeedback()
    feedback.pushWarning = said.append
    import processing

    result = processing.run(
        "ceasefire:addtoledger",
        {"INPUT": drawn, "TABLE": "sites", "LEDGER": ledger_path},
        feedback=feedback,
    )
    assert counts(result) == (2, 0, 0, 3)
    assert len(said) == 3
    assert "Row 2" in said[0] and "several points" in said[0]
    assert "“spring” in the column “valid_from”" in said[1]
    school, nowhere = records(ledger_path, "sites")
    assert school.valid_from == datetime(2031, 5, 1, 7, tzinfo=timezone.utc)
    assert (school.sensitivity, nowhere.geometry) == ("confidential", None)


def test_codes_are_read_in_any_case_and_an_unknown_level_is_set_aside(run, ledger_path, tmp_path):
    table = tmp_path / "told.csv"
    table.write_text(
        "incident_id,place,sensitivity,point_role,verification,category\n"
        "a:1,Mill,CONFIDENTIAL ,Centre of a place,Confirmed,my own\n"
        "a:2,Ford,secret,,,\n"
        "a:3,Weir,,the post's own,,\n"
        "a:4,Hill,,,by hearsay,\n"
        "a:5,Quay,,,,\n",
        encoding="utf-8",
    )
    said = []
    feedback = QgsProcessingFeedback()
    feedback.pushWarning = said.append
    import processing

    result = processing.run(
        "ceasefire:addtoledger",
        {"INPUT": str(table), "TABLE": "incidents", "LEDGER": ledger_path},
        feedback=feedback,
    )
    assert counts(result) == (2, 0, 0, 3)
    mill, quay = records(ledger_path, "incidents")
    assert (mill.sensitivity, mill.point_role) == ("confidential", "place_centroid")
    assert (mill.verification, mill.category, quay.sensitivity) == (
        "confirmed",
        "my own",
        "restricted",
    )
    assert "Row 2 was set aside: “secret” is no code of sensitivity: write public or" in said[0]
    assert "point_role" in said[1] and "verification" in said[2]


def test_tables_without_geometry_go_to_effort_and_incidents(run, ledger_path, tmp_path):
    shifts = tmp_path / "shifts.csv"
    shifts.write_text(
        "effort_id,post_id,observed_from,observed_to,status\n"
        "e1,P1,2031-05-01 06:00,2031-05-01 14:00,operating\n"
        "e2,P1,2031-05-01T14:00:00Z,,down\n",
        encoding="utf-8",
    )
    given = {"INPUT": str(shifts), "TABLE": "effort", "LEDGER": ledger_path}
    assert counts(run("ceasefire:addtoledger", **given)) == (2, 0, 0, 0)
    first, second = records(ledger_path, "effort")
    assert first.observed_from == datetime(2031, 5, 1, 3, tzinfo=timezone.utc)
    assert second.observed_from == datetime(2031, 5, 1, 14, tzinfo=timezone.utc)
    assert (second.observed_to, second.status) == (None, "down")
    seen = tmp_path / "seen.csv"
    seen.write_text(
        "occurred_from,longitude,latitude,deaths_best,place\n"
        "2031-05-02,24.5,38.5,2,Mill\n2031-05-03,,,,\n2031-05-04,24.5,,,\n",
        encoding="utf-8",
    )
    given = {"INPUT": str(seen), "TABLE": "incidents", "LEDGER": ledger_path}
    assert counts(run("ceasefire:addtoledger", **given)) == (2, 0, 0, 1)
    assert counts(run("ceasefire:addtoledger", **given)) == (0, 0, 2, 1)
    mill, nowhere = records(ledger_path, "incidents")
    assert (mill.longitude, mill.deaths_best, mill.time_precision) == (24.5, 2, "day")
    assert (mill.occurred_to - mill.occurred_from).total_seconds() == 86400
    assert (nowhere.longitude, nowhere.deaths_best) == (None, None)
    assert mill.incident_id.startswith("added:")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"TABLE": "contact_lines"}, "has areas, and contact lines are lines"),
        ({"MAPPING": '{"colour": "holder"}'}, "have no such field"),
        ({"MAPPING": '{"source": "nothing"}'}, "has none; it has holder"),
        ({"MAPPING": "line_id=ID"}, "no JSON object"),
        ({"TIMEZONE": "Mars/Base"}, "not a time zone"),
        ({"LEDGER": "/nowhere/l.gpkg"}, "There is no file"),
        ({"TABLE": "effort"}, "name them in the mapping"),
    ],
)
def test_what_does_not_fit_is_one_sentence(run, ledger_path, given, words):
    drawn = layer("Polygon", "field=holder:string", ("POLYGON((0 0,1 0,1 1,0 0))", "A"))
    base = {"INPUT": drawn, "TABLE": "control_areas", "LEDGER": ledger_path}
    assert words in refused(run, "ceasefire:addtoledger", **{**base, **given})
    assert records(ledger_path, "control_areas") == []


def test_a_layer_without_crs_or_rows_is_refused(run, ledger_path):
    given = {"TABLE": "zones", "LEDGER": ledger_path}
    lost = layer("Polygon", "field=kind:string", ("POLYGON((0 0,1 0,1 1,0 0))", "buffer"))
    from qgis.core import QgsCoordinateReferenceSystem

    lost.setCrs(QgsCoordinateReferenceSystem())
    words = refused(run, "ceasefire:addtoledger", INPUT=lost, **given)
    assert "no coordinate reference system" in words
    empty = layer("Polygon", "field=kind:string")
    assert "has no rows" in refused(run, "ceasefire:addtoledger", INPUT=empty, **given)


def test_what_a_ledger_layer_exports_goes_into_another_ledger(run, ledger_path, tmp_path):
    drawn = layer("Polygon", "field=kind:string", ("POLYGON((0 0,1 0,1 1,0 0))", "buffer"))
    run("ceasefire:addtoledger", INPUT=drawn, TABLE="zones", LEDGER=ledger_path)
    other = run("ceasefire:createledger", LEDGER=str(tmp_path / "other.gpkg"))["LEDGER"]
    source = f"{ledger_path}|layername=zones"
    result = run("ceasefire:addtoledger", INPUT=source, TABLE="zones", LEDGER=other)
    assert counts(result) == (1, 0, 0, 0)
    (one,), (two,) = records(ledger_path, "zones"), records(other, "zones")
    assert (one.zone_id, one.kind) == (two.zone_id, two.kind)
    assert one.geometry.equals(two.geometry)


def test_a_column_called_name_is_the_name_of_a_line(run, ledger_path):
    drawn = layer("LineString", "field=name:string", ("LINESTRING(24 38, 25 38)", "Line of May"))
    run("ceasefire:addtoledger", INPUT=drawn, TABLE="contact_lines", LEDGER=ledger_path)
    (line,) = records(ledger_path, "contact_lines")
    assert line.line_name == "Line of May"


def test_a_row_that_cannot_be_so_is_set_aside_with_its_reason(run, ledger_path, tmp_path):
    table = tmp_path / "effort.csv"
    table.write_text(
        "post_id,observed_from,observed_to,status\n"
        "P1,2031-03-14T06:00Z,2031-03-14T05:00Z,operating\n"
        "P2,2031-03-14T06:00Z,2031-03-14T07:00Z,sleeping\n"
        "P3,2031-03-14T06:00Z,2031-03-14T07:00Z,operating\n",
        encoding="utf-8",
    )
    run("ceasefire:addtoledger", INPUT=str(table), TABLE="effort", LEDGER=ledger_path)
    assert [one.post_id for one in records(ledger_path, "effort")] == ["P3"]


@pytest.mark.parametrize("name", ["exporthead", "linkincidents"])
def test_what_an_opened_ledger_has_to_say_is_told_once(provider, tmp_path, name):
    import processing

    path = str(old_ledger(2, tmp_path))
    feedback = QgsProcessingFeedback()

    def told(identifier, feedback, **parameters):
        return processing.run(identifier, parameters, feedback=feedback)

    if name == "exporthead":
        told("ceasefire:exporthead", feedback, LEDGER=path, OUTPUT=str(tmp_path / "head.json"))
    else:
        # Also where the work is refused afterwards: the ledger was changed all the same.
        with pytest.raises(QgsProcessingException):
            told(
                "ceasefire:linkincidents",
                feedback,
                LEDGER=path,
                INCIDENTS="no:1",
                OTHER="no:2",
                WHY="x",
            )
    assert feedback.textLog().count("As it was, it lies in") == 1


def test_the_folder_of_evidence_is_set_among_the_settings(run, ledger_path, tmp_path):
    run("ceasefire:ledgersettings", LEDGER=ledger_path, EVIDENCE_FOLDER=str(tmp_path / "team"))
    with Ledger.open(ledger_path, readonly=True) as ledger:
        assert ledger.settings()["evidence_folder"] == str(tmp_path / "team")
