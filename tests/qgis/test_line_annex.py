"""``ceasefire:lineannex`` and ``checkannex`` in real QGIS: there and back, with a wrong digit."""

from __future__ import annotations

import pytest
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsProcessingException,
    QgsProject,
    QgsVectorLayer,
)

LINE = "LineString (37.6 48, 37.62 48.01, 37.65 48.01, 37.66 48.03, 37.7 48.03, 37.71 48.05)"


@pytest.fixture(autouse=True)
def project(qgis_app):
    yield
    QgsProject.instance().clear()


def layer(*shapes, kind="LineString"):
    made = QgsVectorLayer(f"{kind}?crs=EPSG:4326", "line", "memory")
    for wkt in shapes:
        feature = QgsFeature()
        feature.setGeometry(QgsGeometry.fromWkt(wkt))
        assert made.dataProvider().addFeature(feature)
    QgsProject.instance().addMapLayer(made)
    return made


def test_an_annex_goes_out_and_comes_back(run, tmp_path):
    table, page = tmp_path / "annex.csv", tmp_path / "annex.html"
    made = run("ceasefire:lineannex", INPUT=layer(LINE), OUTPUT=str(table), SHEET=str(page))
    assert made["POINTS"] == 6
    assert "37U" in table.read_text(encoding="utf-8")
    assert "DRAFT · WITHOUT PREJUDICE" in page.read_text(encoding="utf-8")
    back = run("ceasefire:checkannex", INPUT=str(table), OUTPUT="memory:", LINE="memory:")
    assert (back["POINTS"], back["PROBLEMS"]) == (6, 0)
    shape = next(back["LINE"].getFeatures()).geometry()
    assert shape.hausdorffDistance(QgsGeometry.fromWkt(LINE)) < 2e-5
    words = table.read_text(encoding="utf-8")
    wrong = tmp_path / "wrong.csv"
    wrong.write_text(words.replace('48°01\'48.0""N 37°39', '48°11\'48.0""N 37°39'), "utf-8")
    assert wrong.read_text(encoding="utf-8") != words
    found = run("ceasefire:checkannex", INPUT=str(wrong), OUTPUT="memory:")
    problems = [dict(zip(("number", "column"), row.attributes()))
                for row in found["OUTPUT"].getFeatures()]  # fmt: skip
    assert problems == [{"number": "4", "column": "dms"}]


def test_several_lines_and_tables_without_coordinates_are_named(run, tmp_path):
    out = str(tmp_path / "annex.csv")
    two = layer(LINE, "LineString (30 40, 31 40)")
    with pytest.raises(QgsProcessingException, match="one line, and there are 2"):
        run("ceasefire:lineannex", INPUT=two, OUTPUT=out)
    bare = tmp_path / "bare.csv"
    bare.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(QgsProcessingException, match="no coordinates: name a column one of dms"):
        run("ceasefire:checkannex", INPUT=str(bare), OUTPUT=out)


def test_the_rim_of_a_zone_is_an_annex_that_closes(run, tmp_path):
    table = tmp_path / "zone.csv"
    zone = layer("Polygon ((30 50, 30.1 50, 30.1 50.1, 30 50))", kind="Polygon")
    made = run("ceasefire:lineannex", INPUT=zone, OUTPUT=str(table))
    assert made["POINTS"] == 4
    back = run("ceasefire:checkannex", INPUT=str(table), CLOSED=True, OUTPUT="memory:")
    assert back["PROBLEMS"] == 0
