"""``ceasefire:flagincidents`` with every kind of source, odd input, and a user who stops it."""

from __future__ import annotations

import csv
import sqlite3
import threading

import pytest
from qgis.core import (
    QgsFeature,
    QgsFeatureRequest,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingFeedback,
    QgsProject,
    QgsVectorLayer,
    QgsVectorLayerJoinInfo,
)

LINE = "LineString (30 50, 31 50)"
FIELDS = "field=incident_id:string&field=occurred_from:string&field=uncertainty_m:double"


def layer(kind, fields, rows, crs="EPSG:4326"):
    made = QgsVectorLayer(f"{kind}?crs={crs}&{fields}", "given", "memory")
    for wkt, *attributes in rows:
        feature = QgsFeature(made.fields())
        if wkt:
            feature.setGeometry(QgsGeometry.fromWkt(wkt))
        feature.setAttributes(attributes)
        assert made.dataProvider().addFeature(feature)
    QgsProject.instance().addMapLayer(made)
    return made


@pytest.fixture
def line(qgis_app):
    return layer("LineString", "field=line_name:string", [(LINE, "Cell")])


def points(count, **more):
    rows = [
        (f"Point ({30 + row / count} {50 + row / count / 10})", f"i{row}", "2025-01-05", 100.0)
        for row in range(count)
    ]
    return layer("Point", FIELDS, rows, **more)


def told_by(parameters):
    """The log and the results of one run."""
    import processing

    feedback = QgsProcessingFeedback()
    found = processing.run(
        "ceasefire:flagincidents",
        {"OUTPUT": "memory:", **parameters},
        context=QgsProcessingContext(),
        feedback=feedback,
    )
    return feedback.textLog(), found


def test_a_selection_a_filter_and_a_join_are_respected(run, line):
    places = points(20)
    places.selectByExpression("uncertainty_m > 0 and $id <= 5")
    chosen = QgsProcessingFeatureSourceDefinition(places.id(), True)
    found = run("ceasefire:flagincidents", INPUT=chosen, LINES=line, OUTPUT="memory:")["OUTPUT"]
    assert found.featureCount() == 5
    filtered = QgsProcessingFeatureSourceDefinition(places.id(), False)
    filtered.filterExpression = "incident_id in ('i3', 'i4')"
    found = run("ceasefire:flagincidents", INPUT=filtered, LINES=line, OUTPUT="memory:")["OUTPUT"]
    assert [item["incident_id"] for item in found.getFeatures()] == ["i3", "i4"]
    radius = layer("None", "field=key:string&field=radius:double", [(None, "i7", 40_000.0)])
    join = QgsVectorLayerJoinInfo()
    join.setJoinLayer(radius)
    join.setTargetFieldName("incident_id")
    join.setJoinFieldName("key")
    join.setUsingMemoryCache(True)
    places.addJoin(join)
    found = run(
        "ceasefire:flagincidents",
        INPUT=places,
        LINES=line,
        UNCERTAINTY_FIELD="given_radius",
        OUTPUT="memory:",
    )["OUTPUT"]
    basis = {item["incident_id"]: item["flag_basis"] for item in found.getFeatures()}
    assert {key for key, value in basis.items() if value == "measured"} == {"i7"}


def test_more_incidents_than_a_chunk_keep_their_order_and_their_answers(run, line, monkeypatch):
    from ceasefire_monitor.processing.line import flagrun

    places = points(97)
    whole = run("ceasefire:flagincidents", INPUT=places, LINES=line, OUTPUT="memory:")
    monkeypatch.setattr(flagrun, "CHUNK", 10)
    cut = run("ceasefire:flagincidents", INPUT=places, LINES=line, OUTPUT="memory:")
    assert cut["NEAR"] == whole["NEAR"] and cut["NEAR"] > 0
    pairs = zip(cut["OUTPUT"].getFeatures(), whole["OUTPUT"].getFeatures())
    compared = [one.attributes() == other.attributes() for one, other in pairs]
    assert compared == [True] * 97


def test_a_csv_is_written_with_its_places(run, line, tmp_path):
    path = tmp_path / "flagged.csv"
    run("ceasefire:flagincidents", INPUT=points(12), LINES=line, OUTPUT=str(path))
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 12 and rows[0]["flag"] == "near"
    assert float(rows[0]["X"]) == 30.0 and float(rows[0]["line_distance_m"]) < 0.01


def test_a_geopackage_keeps_its_keys_and_is_indexed_like_gdals_own(run, line, tmp_path):
    import processing

    given = tmp_path / "given.gpkg"
    places = points(400)
    places.dataProvider().deleteFeatures([3, 4])
    processing.run("native:savefeatures", {"INPUT": places, "OUTPUT": str(given)})
    path = tmp_path / 'flag’s "own" file.gpkg'
    run("ceasefire:flagincidents", INPUT=str(given), LINES=line, OUTPUT=str(path))
    with sqlite3.connect(path) as opened:
        (tree,) = opened.execute(
            "SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%rtree%'"
        ).fetchone()
        assert opened.execute("SELECT rtreecheck(?)", (tree,)).fetchone() == ("ok",)
    read = QgsVectorLayer(str(path), "read", "ogr")
    from qgis.core import QgsFeatureSource, QgsRectangle

    assert read.hasSpatialIndex() == QgsFeatureSource.SpatialIndexPresence.SpatialIndexPresent
    request = QgsFeatureRequest().setFilterRect(QgsRectangle(30.2, 49, 30.3, 51))
    inside = {item["incident_id"] for item in read.getFeatures(request)}
    expected = {
        item["incident_id"]
        for item in places.getFeatures()
        if 30.2 <= item.geometry().asPoint().x() <= 30.3
    }
    assert inside == expected and len(inside) > 30
    kept = QgsVectorLayer(str(given), "given", "ogr")
    keys = {item["incident_id"]: item.id() for item in kept.getFeatures()}
    assert {item["incident_id"]: item.id() for item in read.getFeatures()} == keys
    # It can still be edited: the triggers that keep the index are there.
    assert read.startEditing() and read.deleteFeature(next(iter(keys.values())))
    assert read.commitChanges()
    with sqlite3.connect(path) as opened:
        assert opened.execute("SELECT rtreecheck(?)", (tree,)).fetchone() == ("ok",)


def test_only_the_lines_of_the_front_asked_for_count(run):
    lines = layer(
        "LineString",
        "field=line_name:string&field=left_party:string&field=right_party:string",
        [
            (LINE, "A-B", "Aster", "Borealis"),
            ("LineString (30 51, 31 51)", "A-C", "Aster", "Cedar"),
        ],
    )
    log, found = told_by({"INPUT": points(3), "LINES": lines, "FRONT": "Cedar – Aster"})
    assert {item["line_name"] for item in found["OUTPUT"].getFeatures()} == {"A-C"}
    with pytest.raises(QgsProcessingException, match="“Aster – Borealis”, “Aster – Cedar”"):
        told_by({"INPUT": points(3), "LINES": lines, "FRONT": "Drumlin"})


def test_incidents_known_by_an_area_may_have_been_anywhere_in_it(run, line):
    """Half of Northland lies within 5 km of the line; Farland does not come near it."""
    half = 5000.0 / 111_250.0
    districts = layer(
        "Polygon",
        "field=name:string",
        [
            (f"Polygon ((30.4 50, 30.6 50, 30.6 {50 + 2 * half}, 30.4 {50 + 2 * half}, 30.4 50))",
             "Northland"),
            ("Polygon ((30.4 52, 30.6 52, 30.6 53, 30.4 53, 30.4 52))", "Farland"),
        ],
    )  # fmt: skip
    places = layer(
        "Point",
        "field=admin1:string&field=uncertainty_kind:string&field=uncertainty_m:double",
        [
            ("Point (30.5 50.01)", "NORTHLAND", "area", 9000.0),
            ("Point (30.5 50.01)", "Farland", "area", 9000.0),
            ("Point (30.5 50.01)", "Esker", "area", 100.0),
            ("Point (30.5 50.01)", "Farland", "gauss", 100.0),
        ],
    )
    log, found = told_by({"INPUT": places, "LINES": line, "AREAS": districts})
    shares = [item["flag_probability"] for item in found["OUTPUT"].getFeatures()]
    assert shares[0] == pytest.approx(0.5, abs=0.03)
    assert shares[1:] == [0.0, 1.0, 1.0]
    assert "1 incident is known by an area that the layer of areas does not have (“Esker”)" in log


def test_odd_lines_and_incidents_are_named_with_their_features_and_the_rest_goes_on(run):
    odd = layer(
        "LineStringZ",
        "field=line_name:string&field=valid_from:string&field=valid_to:string"
        "&field=uncertainty_m:double",
        [
            ("LineStringZ (30 50 7, 31 50 9)", "Cell", "2025-01-01", "2025-01-31", 50.0),
            ("LineStringZ (30 50 0, 31 50 0)", "Cell", "2025-01-20", "2025-02-28", -3.0),
            ("LineStringZ (30 50 0, 30 50 5)", "Dot", None, None, None),
            ("LineStringZ (30 50 0, 31 50 0)", "Late", "2026-02-01", "2026-01-01", None),
            ("LineStringZ (30 50 0, 30.5 50 0, 30.5 50 0, 31 50 0)", "Cell", "2025-04-01", None, 1),
            ("LineStringZ (30 60 0, 31 61 0, 31 60 0, 30 61 0)", "Bow", "2025-04-01", None, None),
        ],
    )
    places = layer(
        "Point",
        FIELDS,
        [
            ("Point (30.5 50.01)", "a", "2025-01-05", 100.0),
            ("Point (30.5 50.01)", "b", "2025-03-05", 100.0),
            ("Point (30.5 50.01)", "c", None, 100.0),
            ("Point (30.5 50.01)", "d", "2025-05-05", -4.0),
            ("Point (30.5 50.01)", "e", "2025-05-05", 9e9),
            ("Point (30.5 50.01)", "f", "last week", 100.0),
        ],
    )
    log, found = told_by({"INPUT": places, "LINES": odd})
    for words in (
        "Line 1 and line 2 are both in force from 2025-01-20",
        "Line 2 has an uncertainty of -3 m, which cannot be",
        "Line 3 has no length",
        "Line 4 ends (2026-01-01) before it begins (2026-02-01)",
        "Line 6 crosses itself",
        "The field “occurred_from” of 1 incident (feature 6) holds no date",
        "The uncertainty of 2 incidents (features 4 and 5) is below 0 or beyond 2,000 km",
        "The time of 2 incidents (features 3 and 6) is not known",
        "No line was in force from 1 Mar 2025 until 1 Apr 2025; this concerns 1 incident "
        "(feature 2).",
    ):
        assert words in log
    rows = {item["incident_id"]: item for item in found["OUTPUT"].getFeatures()}
    assert [rows[key]["flag"] for key in "abcdef"] == [
        "near",
        "no_line_in_force",
        "no_line_in_force",
        "near",
        "near",
        "no_line_in_force",
    ]
    assert found["OUTPUT"].featureCount() == 6


class StopsAt(QgsProcessingFeedback):
    """A user who stops a run once it has come so far."""

    def __init__(self, share):
        super().__init__()
        self.share = share
        self.progressChanged.connect(self._look)

    def _look(self, progress):
        if progress >= self.share:
            self.cancel()


@pytest.mark.parametrize("share", [0, 6, 50])
def test_a_stop_is_heeded_and_leaves_nothing(line, provider, tmp_path, monkeypatch, share):
    import processing

    from ceasefire_monitor.processing.line import flagrun

    monkeypatch.setattr(flagrun, "CHUNK", 500)
    feedback = StopsAt(share)
    if share == 0:
        feedback.cancel()
    with pytest.raises(QgsProcessingException, match="Stopped"):
        processing.run(
            "ceasefire:flagincidents",
            {"INPUT": points(5000), "LINES": line, "OUTPUT": str(tmp_path / "flagged.gpkg")},
            feedback=feedback,
        )
    assert list(tmp_path.iterdir()) == []
    assert not [one for one in threading.enumerate() if one.name.startswith("ceasefire-flags")]


def test_what_goes_wrong_beside_is_told_like_everything_else(run, line, tmp_path, monkeypatch):
    from ceasefire_monitor.analysis import flag_cases
    from ceasefire_monitor.model.errors import CeasefireError

    def broken(*_):
        raise CeasefireError("The measuring stopped.")

    monkeypatch.setattr(flag_cases, "nearest", broken)
    with pytest.raises(QgsProcessingException, match="The measuring stopped"):
        run("ceasefire:flagincidents", INPUT=points(50), LINES=line,
            OUTPUT=str(tmp_path / "flagged.gpkg"))  # fmt: skip
    assert list(tmp_path.iterdir()) == []


def test_progress_is_told_while_the_first_chunk_is_read_and_written(line):
    rows = [("Point (30.5 50.01)", str(number), "2025-01-05", 100.0) for number in range(3000)]
    feedback, seen = QgsProcessingFeedback(False), []
    feedback.progressChanged.connect(seen.append)
    import processing

    given = {"INPUT": layer("Point", FIELDS, rows), "LINES": line, "OUTPUT": "memory:"}
    processing.run("ceasefire:flagincidents", given, feedback=feedback)
    assert 0.0 < seen[0] < 5.0
    assert any(5.0 < share < 90.0 for share in seen)
    assert seen == sorted(seen)
