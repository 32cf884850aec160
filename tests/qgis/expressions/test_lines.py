"""The functions on the contact line: the answers of ``flagincidents``, else a sentence."""

from __future__ import annotations

import random

import pytest
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsExpression,
    QgsExpressionContextUtils,
    QgsProject,
    QgsVectorLayer,
)


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:32636"])
def test_every_answer_is_that_of_flagincidents(run, lines, crs, ask):
    layer = ask.incidents_of(500, crs)
    flagged = run("ceasefire:flagincidents", INPUT=layer, LINES=lines, OUTPUT="memory:")["OUTPUT"]
    rows = {row["incident_id"]: row for row in flagged.getFeatures()}
    expected = {
        "line_distance": "line_distance_m",
        "line_side": "line_side",
        "line_chainage": "line_chainage_m",
    }
    asked = '(@geometry, "occurred_from")'
    got = {name: ask.values_of(name + asked, layer) for name in expected}
    got["line_in_force"] = ask.values_of(
        'line_in_force("occurred_from", geometry:=@geometry)', layer
    )
    expected["line_in_force"] = "line_name"
    sides = set()
    for identifier, row in rows.items():
        for name, field in expected.items():
            wanted, found = ask.none(row[field]), got[name][identifier]
            if isinstance(wanted, float):
                assert found == pytest.approx(wanted, abs=1e-6), (name, identifier)
            else:
                assert found == wanted, (name, identifier)
        sides.add(ask.none(row["line_side"]))
    # The sample is no good unless it holds every kind of answer.
    assert sides >= {None, "Aster", "Borea", "Calder", "between lines", "beyond the end"}
    assert {ask.none(row["flag"]) for row in rows.values()} >= {"not_located", "far", "near"}


def test_a_date_is_its_beginning_in_the_theatres_zone_and_text_is_iso(lines, ask):
    project = QgsProject.instance()
    place = "make_point(31.5, 50.02)"
    layer = ask.incidents_of(3)

    def name(when):
        return ask.evaluated(f"line_in_force({when}, geometry:={place}, crs:='EPSG:4326')", layer)[
            0
        ]

    assert name("'2025-03-01'") == "Main 1"
    assert name("to_date('2025-03-01')") == "Main 1"
    assert name("'2025-03-01T00:30+02:00'") == "Main 0"
    assert name("to_datetime('2025-03-01T00:30:00')") == "Main 1"
    QgsExpressionContextUtils.setProjectVariable(project, "ceasefire_timezone", "Europe/Athens")
    assert name("'2025-03-01'") == "Main 0"
    assert name("to_date('2025-03-01')") == "Main 0"
    assert name("'2025-03-01T02:00'") == "Main 1"
    assert name("NULL") == "Calder line"
    assert name("'2025-06-15'") == "Calder line"
    QgsExpressionContextUtils.setProjectVariable(project, "ceasefire_timezone", "Mars/Olympus")
    problem = ask.evaluated(f"line_distance({place}, now())", layer)[1]
    assert "“Mars/Olympus” is not a time zone" in problem


def test_the_geometrys_system_is_the_argument_or_the_layers(lines, ask):
    degrees, metres = ask.incidents_of(1), ask.incidents_of(1, "EPSG:32636")
    here = ask.evaluated("line_distance(@geometry, '2025-02-01')", degrees)[0]
    there = ask.evaluated("line_distance(@geometry, '2025-02-01')", metres)[0]
    assert there == pytest.approx(here, abs=1e-3)
    asked = "line_distance(transform(@geometry, 'EPSG:4326', 'EPSG:3857'), '2025-02-01', crs:="
    assert ask.evaluated(asked + "'EPSG:3857')", degrees)[0] == pytest.approx(here, abs=1e-3)
    assert (
        "“EPSG:38” is no coordinate reference system"
        in ask.evaluated(asked + "'EPSG:38')", degrees)[1]
    )
    point = "make_point(31.5, 50.02), '2025-02-01'"
    with_layer = ask.evaluated(f"line_distance({point}, crs:='EPSG:4326')", metres)[0]
    bare = QgsExpression(f"line_distance({point})")
    assert bare.evaluate() == with_layer


def test_a_system_without_a_code_is_used_and_none_at_all_is_said(lines, ask):
    own = ask.incidents_of(1)
    expected = ask.evaluated("line_distance(@geometry, '2025-02-01')", own)[0]
    plane = QgsCoordinateReferenceSystem.fromProj("+proj=laea +lat_0=50 +lon_0=31 +ellps=WGS84")
    assert plane.authid() == ""
    geometry = next(own.getFeatures()).geometry()
    geometry.transform(QgsCoordinateTransform(ask.WGS84, plane, QgsProject.instance()))
    own.dataProvider().changeGeometryValues({1: geometry})
    own.setCrs(plane)
    found, problem = ask.evaluated("line_distance(@geometry, '2025-02-01')", own)
    assert not problem
    assert found == pytest.approx(expected, abs=1e-3)
    own.setCrs(QgsCoordinateReferenceSystem())
    value, problem = ask.evaluated("line_distance(@geometry, '2025-02-01')", own)
    assert value is None and "has no coordinate reference system" in problem


def test_what_is_not_known_is_null_and_what_is_wrong_is_a_sentence(lines, ask):
    layer = ask.incidents_of(3)
    assert ask.evaluated("line_distance(NULL, now())", layer) == (None, "")
    assert ask.evaluated("line_side(geom_from_wkt('Point EMPTY'), now())", layer) == (None, "")
    assert ask.evaluated("line_in_force(now(), geometry:=NULL)", layer) == (None, "")
    wrong = {
        "line_distance('here', now())": "The first argument must be a geometry",
        "line_distance(buffer(@geometry, 1), now())": "Only a point can be held against the line",
        "line_distance(@geometry, 'yesterday')": "“yesterday” is no date and no time",
        "line_distance(@geometry, 12)": "“12” is no date and no time",
        "line_distance(@geometry, now(), 'Nowhere')": "“Nowhere” is neither a layer of lines",
        "line_distance(@geometry, now(), 12)": "The argument “lines” must be a text",
        "line_distance(@geometry, now(), 'claimed')": "No contact line is of the kind “claimed”",
        "line_in_force(now(), give:='shape')": "“shape” cannot be given",
    }
    for text, sentence in wrong.items():
        value, problem = ask.evaluated(text, layer)
        assert value is None
        assert sentence in problem and "Traceback" not in problem, text


def test_the_lines_are_chosen_by_name_id_kind_file_or_variable(lines, tmp_path, ask):
    layer, project = ask.incidents_of(1), QgsProject.instance()
    asked = "line_in_force('2025-02-01', {})"
    usual = ask.evaluated(asked.format("NULL"), layer)[0]
    assert usual == "Main 0; North 0; South 0; Calder line"
    for words in ("'Contact lines'", f"'{lines.id()}'", "'agreed'", "'Contact lines|kind=agreed'"):
        assert ask.evaluated(asked.format(words), layer) == (usual, "")
    other = ask.add_layer(
        "LineString",
        ask.LINE_FIELDS,
        ask.three_versions(random.Random(4), "agreed")
        + ask.three_versions(random.Random(5), "claimed")[-1:],
        "Proposal",
    )
    problem = ask.evaluated(asked.format("NULL"), layer)[1]
    assert "several layers of contact lines: “Contact lines”, “Proposal”" in problem
    QgsExpressionContextUtils.setProjectVariable(project, "ceasefire_lines", "Proposal")
    assert (
        "The contact lines are of different kinds" in ask.evaluated(asked.format("NULL"), layer)[1]
    )
    QgsExpressionContextUtils.setProjectVariable(
        project, "ceasefire_lines", "Proposal|kind=claimed"
    )
    assert ask.evaluated(asked.format("NULL"), layer)[0] == "Calder line"
    other.setName("Renamed")
    assert "“Proposal” is neither" in ask.evaluated(asked.format("NULL"), layer)[1]
    QgsExpressionContextUtils.removeProjectVariable(project, "ceasefire_lines")
    project.removeMapLayers([lines.id(), other.id()])
    value, problem = ask.evaluated(asked.format("NULL"), layer)
    assert value is None and "has no layer of contact lines. Add one, or name it" in problem


def test_a_ledger_gives_its_lines_and_its_time_zone(functions, tmp_path, ask):
    path = ask.two_dated(tmp_path / "ledger.gpkg")
    asked = f"line_in_force({{}}, '{path}')"
    # Midnight of 1 February in Athens is 22:00 UTC the day before.
    assert ask.evaluated(asked.format("'2025-02-01'"))[0] == "New"
    assert ask.evaluated(asked.format("'2025-01-31'"))[0] == "Old"
    project = QgsProject.instance()
    for number, subset in enumerate(('"valid_to" IS NULL', '"valid_to" IS NOT NULL')):
        source = f"{path}|layername=contact_lines|subset={subset}"
        project.addMapLayer(QgsVectorLayer(source, f"part {number}", "ogr"))
    # Two layers of one table, each showing a part of it, are one layer of lines.
    layer = ask.incidents_of(1)
    assert ask.evaluated("line_in_force('2025-02-01')", layer)[0] == "New"
    assert ask.evaluated("line_in_force('2025-01-31')", layer)[0] == "Old"


def test_the_line_itself_can_be_had_with_its_parties(lines, ask):
    layer = ask.incidents_of(1)
    near = "line_in_force('2025-02-01', geometry:=make_point(31.5, 50.0), give:='{}')"
    (told,) = ask.evaluated(near.format("lines"), layer)[0]
    assert told["name"] == "Main 0" and told["left_party"] == "Aster"
    assert told["uncertainty_m"] == 80.0
    assert told["valid_to"].toUTC() == ask.utc("2025-03-01T00:00:00Z")
    shape = ask.evaluated(near.format("geometry"), layer)[0]
    first = next(lines.getFeatures()).geometry()
    assert shape.equals(first) or shape.hausdorffDistance(first) < 1e-9
    assert len(ask.evaluated("line_in_force('2025-02-01', give:='lines')", layer)[0]) == 4
