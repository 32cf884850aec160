"""``ceasefire:zonesfromagreement`` in real QGIS."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from qgis.core import QgsFeature, QgsGeometry, QgsProcessingException, QgsProject, QgsVectorLayer

from ceasefire_monitor.model.agreement_zone import AGREEMENT_ZONES

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "resources" / "demo"
MINSK = str(ROOT / "resources" / "agreements" / "minsk_2014_2015.json")
FIELDS = (
    "field=line_name:string&field=kind:string&field=left_party:string&field=right_party:string"
    "&field=valid_from:string&field=valid_to:string"
)
SIDES = ("Ukrainian forces", "armed formations")
LINES = [
    ("LineString (37 48.1, 40 48.1)", "2014", "agreed", *SIDES, "2014-09-01", "2014-12-01"),
    ("LineString (37 48, 40 48)", "now", "de_facto", *SIDES, "2015-02-01", None),
]
ID = "ceasefire:zonesfromagreement"


def layer(rows, fields=FIELDS, kind="LineString", crs="EPSG:4326"):
    made = QgsVectorLayer(f"{kind}?crs={crs}&{fields}", "given", "memory")
    for wkt, *attributes in rows:
        feature = QgsFeature(made.fields())
        feature.setGeometry(QgsGeometry.fromWkt(wkt))
        feature.setAttributes(attributes)
        assert made.dataProvider().addFeature(feature)
    QgsProject.instance().addMapLayer(made)
    return made


def features(results) -> list[QgsFeature]:
    out = results["OUTPUT"]
    out = out if isinstance(out, QgsVectorLayer) else QgsVectorLayer(out, "out", "ogr")
    assert out.isValid()
    return list(out.getFeatures())


def test_the_limits_of_each_side_and_class_are_written_with_the_models_fields(run):
    results = run(
        ID, AGREEMENT=MINSK, LINES=layer(LINES), DATE="2015-03-20", OUTPUT="TEMPORARY_OUTPUT"
    )
    found = features(results)
    assert results["DRAWN"] == len(found) == 26
    assert results["NOT_DRAWN"] == 0
    names = [field.name() for field in found[0].fields()]
    assert [name for name in names if name != "fid"] == AGREEMENT_ZONES.names()
    package = [each for each in found if each["rule_code"] == "package_artillery"]
    assert [(each["party"], each["far_m"], each["line_name"]) for each in package] == [
        ("Ukrainian forces", 25000.0, "now"),
        ("armed formations", 25000.0, "2014"),
    ]
    assert all(each.geometry().isGeosValid() for each in found)
    assert not package[0].geometry().contains(QgsGeometry.fromWkt("Point (38.5 47.99)"))
    assert package[0].geometry().contains(QgsGeometry.fromWkt("Point (38.5 48.01)"))


def test_lines_in_another_crs_give_the_same_zones(run):
    import processing

    there = processing.run(
        "native:reprojectlayer",
        {"INPUT": layer(LINES), "TARGET_CRS": "EPSG:32637", "OUTPUT": "TEMPORARY_OUTPUT"},
    )["OUTPUT"]
    found = [
        features(
            run(ID, AGREEMENT=MINSK, LINES=lines, DATE="2015-03-20", OUTPUT="TEMPORARY_OUTPUT")
        )
        for lines in (layer(LINES), there)
    ]
    for one, other in zip(*found):
        apart = one.geometry().symDifference(other.geometry()).area()
        assert apart < 1e-6 * one.geometry().area() + 1e-9


def test_the_demo_agreement_is_drawn_from_the_demos_own_files(run, tmp_path):
    lines = run(
        "ceasefire:linefromcontrol",
        INPUT=str(DEMO / "control_areas.geojson"),
        THEATRE=str(DEMO / "theatre.geojson"),
        PARTY_FIELD="holder",
        DATE_FIELD="valid_from",
        TIMEZONE="Atlantic/Azores",
        OUTPUT=str(tmp_path / "lines.gpkg"),
    )["OUTPUT"]
    results = run(
        ID,
        AGREEMENT=str(DEMO / "agreement.json"),
        LINES=lines,
        ZONES=str(DEMO / "zones.geojson"),
        DATE="2025-11-20",
        OUTPUT=str(tmp_path / "zones.gpkg"),
    )
    found = features(results)
    assert results["NOT_DRAWN"] == 0
    tanks = {each["party"]: each for each in found if each["rule_code"] == "tanks"}
    assert set(tanks) == {"Aster", "Borea", "Calder"}
    kinds = {each["kind"] for each in found}
    assert {"security_zone", "disengagement_area", "no_fly", "area_of_limitation"} <= kinds
    for one in tanks:
        for other in tanks:
            if one < other:
                both = tanks[one].geometry().intersection(tanks[other].geometry()).area()
                # Borea measures from the line of 1 September, the others from today's.
                assert both < 0.12 * tanks[one].geometry().area(), (one, other)
    assert list(tmp_path.glob(".*")) == []


def test_an_agreement_without_lines_needs_none(run, tmp_path):
    told = {
        "format": 1,
        "agreement_id": "harbour",
        "title": "Harbour agreement (fictional)",
        "parties": [{"code": "aster", "name": "Aster"}],
        "timing": {"timezone": "Atlantic/Azores", "signed_on": "2025-09-01"},
        "zones": [
            {
                "code": "harbour",
                "title": "Harbour",
                "kind": "buffer",
                "clause": "1",
                "area": [[[-40, 41], [-39.9, 41], [-39.9, 41.1], [-40, 41.1]]],
            }
        ],
        "clauses": [{"reference": "1", "text": "No arms there.", "text_status": "verified"}],
    }
    path = tmp_path / "harbour.json"
    path.write_text(json.dumps(told), encoding="utf-8")
    (zone,) = features(run(ID, AGREEMENT=str(path), DATE="2025-10-01", OUTPUT="TEMPORARY_OUTPUT"))
    assert (zone["zone_name"], zone["clause"], zone["rule"]) == ("Harbour", "1", "No arms there.")


@pytest.mark.parametrize(
    "stated, expected",
    [
        ({"DATE": "2014-01-01"}, "is not in force at 2014-01-01"),
        ({"DATE": "some day"}, "“some day” is no date"),
        ({"LINES": None}, "it needs contact lines, and none were given"),
        ({"AGREEMENT": str(DEMO / "theatre.json")}, "the key “theatre” is not known"),
        ({"AGREEMENT": str(DEMO / "posts.csv")}, "is no JSON"),
        ({"AGREEMENT": "/missing/agreement.json"}, "cannot be read"),
        ({"AGREEMENT": None}, "No agreement was given"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(run, tmp_path, stated, expected):
    out = tmp_path / "zones.gpkg"
    given = {"AGREEMENT": MINSK, "LINES": layer(LINES), "DATE": "2015-03-20", "OUTPUT": str(out)}
    with pytest.raises(QgsProcessingException) as caught:
        run(ID, **{**given, **stated})
    assert expected in str(caught.value)
    assert list(tmp_path.iterdir()) == []
