"""``ceasefire:linefromcontrol`` in real QGIS."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsGeometry,
    QgsProcessingException,
    QgsProject,
    QgsVectorFileWriter,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QDate

from ceasefire_monitor.model.tables import CONTACT_LINES


def box(west, east, south=50.0, north=50.6):
    corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    return "Polygon ((" + ", ".join(f"{x} {y}" for x, y in corners) + "))"


def layer(fields, rows, kind="Polygon", name="given", crs="EPSG:4326"):
    made = QgsVectorLayer(f"{kind}?crs={crs}&{fields}", name, "memory")
    for wkt, *attributes in rows:
        feature = QgsFeature(made.fields())
        feature.setGeometry(QgsGeometry.fromWkt(wkt))
        feature.setAttributes(attributes)
        assert made.dataProvider().addFeature(feature)
    QgsProject.instance().addMapLayer(made)
    return made


@pytest.fixture
def theatre(qgis_app):
    return layer("field=id:int", [(box(30, 31), 1)])


def moment(text):
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc).timestamp() * 1000


@pytest.mark.parametrize("kind", ["date", "string"])
def test_dated_areas_give_dated_lines_with_the_models_fields(run, theatre, kind):
    def on(year, month, day):
        return QDate(year, month, day) if kind == "date" else f"control_{year}{month:02}{day:02}"

    areas = layer(
        f"field=who:string&field=when:{kind}",
        [
            (box(30, 30.5), "Aster", on(2025, 9, 14)),
            (box(30.5, 31), "Borealis", on(2025, 9, 14)),
            (box(30, 30.6), "Aster", on(2025, 9, 21)),
            (box(30.6, 31), "Borealis", on(2025, 9, 21)),
        ],
    )
    found = run(
        "ceasefire:linefromcontrol",
        INPUT=areas,
        PARTY_FIELD="who",
        THEATRE=theatre,
        DATE_FIELD="when",
        TIMEZONE="Europe/Athens",
        UNCERTAINTY=250,
        OUTPUT="memory:",
    )
    output = found["OUTPUT"]
    assert output.fields().names() == CONTACT_LINES.names()
    first, second = sorted(output.getFeatures(), key=lambda item: item["valid_from"])
    assert first["left_party"] == "Aster" and first["right_party"] == "Borealis"
    assert first["kind"] == "de_facto" and first["uncertainty_m"] == 250.0
    assert first["valid_from"].toMSecsSinceEpoch() == moment("2025-09-13T21:00:00")
    assert first["valid_to"] == second["valid_from"]
    assert not second["valid_to"]
    assert found["LINES"] == 2


def test_the_lines_serve_flagincidents(run, theatre):
    areas = layer("field=valid_from:date", [(box(30.5, 31), QDate(2025, 9, 14))])
    lines = run(
        "ceasefire:linefromcontrol",
        INPUT=areas,
        THEATRE=theatre,
        PARTY="Borealis",
        OTHER_PARTY="Aster",
        OUTPUT="memory:",
    )["OUTPUT"]
    incidents = layer(
        "field=occurred_from:date", [("Point (30.51 50.3)", QDate(2025, 9, 20))], kind="Point"
    )
    (found,) = run("ceasefire:flagincidents", INPUT=incidents, LINES=lines, OUTPUT="memory:")[
        "OUTPUT"
    ].getFeatures()
    assert found["flag"] == "near" and found["line_side"] == "Borealis"


def test_the_files_name_gives_the_date(run, theatre, tmp_path):
    path = tmp_path / "control_14_09_2025.gpkg"
    areas = layer("field=id:int", [(box(30, 30.5), 1)])
    options = QgsVectorFileWriter.SaveVectorOptions()
    QgsVectorFileWriter.writeAsVectorFormatV3(
        areas, str(path), QgsProject.instance().transformContext(), options
    )
    (line,) = run("ceasefire:linefromcontrol", INPUT=str(path), THEATRE=theatre, OUTPUT="memory:")[
        "OUTPUT"
    ].getFeatures()
    assert line["valid_from"].toMSecsSinceEpoch() == moment("2025-09-14T00:00:00")


def test_areas_in_another_system_and_with_heights_are_read(run, theatre):
    import processing

    areas = layer("field=id:int", [(box(30, 30.5), 1)], kind="PolygonZ")
    moved = processing.run(
        "native:reprojectlayer",
        {
            "INPUT": areas,
            "TARGET_CRS": QgsCoordinateReferenceSystem("EPSG:32636"),
            "OUTPUT": "memory:",
        },
    )["OUTPUT"]
    (line,) = run("ceasefire:linefromcontrol", INPUT=moved, THEATRE=theatre, OUTPUT="memory:")[
        "OUTPUT"
    ].getFeatures()
    bounds = line.geometry().boundingBox()
    assert bounds.xMinimum() == pytest.approx(30.5, abs=1e-3)
    assert bounds.xMaximum() == pytest.approx(30.5, abs=1e-3)
    assert bounds.height() == pytest.approx(0.6, abs=1e-3)


def test_what_cannot_be_used_is_told_in_a_sentence_and_leaves_nothing(run, theatre, tmp_path):
    lines = layer("field=id:int", [("LineString (30 50, 31 50)", 1)], kind="LineString")
    areas = layer("field=id:int", [(box(30, 30.5), 1)])
    bare = layer("field=id:int", [(box(30, 30.5), 1)])
    bare.setCrs(QgsCoordinateReferenceSystem())
    for words, parameters in (
        ("lines, but polygons are needed", {"INPUT": lines, "THEATRE": theatre}),
        ("lines, but polygons are needed", {"INPUT": areas, "THEATRE": lines}),
        ("theatre is needed", {"INPUT": areas}),
        ("no coordinate reference system", {"INPUT": bare, "THEATRE": theatre}),
        ("no features", {"INPUT": layer("field=id:int", []), "THEATRE": theatre}),
        ("no field “party”", {"INPUT": areas, "THEATRE": theatre, "PARTY_FIELD": "party"}),
        ("not a time zone", {"INPUT": areas, "THEATRE": theatre, "TIMEZONE": "Mars"}),
    ):
        with pytest.raises(QgsProcessingException, match=words):
            run("ceasefire:linefromcontrol", OUTPUT=str(tmp_path / "lines.gpkg"), **parameters)
    assert list(tmp_path.iterdir()) == []


def test_every_parameter_has_its_help(provider):
    for name in ("linefromcontrol", "flagincidents"):
        algorithm = provider.algorithm(name)
        assert algorithm.shortHelpString()
        for parameter in algorithm.parameterDefinitions():
            assert parameter.help(), parameter.name()


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        (("Map cell", "Map cell"), "Map cell"),
        (("Map cell", "Patrols"), "given"),
        ((None, None), "given"),
    ],
)
def test_a_line_names_the_source_that_its_areas_name(run, theatre, sources, expected):
    areas = layer(
        "field=who:string&field=when:string&field=source:string",
        [
            (box(30, 30.5), "Aster", "2025-09-14", sources[0]),
            (box(30.5, 31), "Borealis", "2025-09-14", sources[1]),
        ],
    )
    output = run(
        "ceasefire:linefromcontrol",
        INPUT=areas,
        PARTY_FIELD="who",
        THEATRE=theatre,
        DATE_FIELD="when",
        OUTPUT="memory:",
    )["OUTPUT"]
    assert {feature["source"] for feature in output.getFeatures()} == {expected}
