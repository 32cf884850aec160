"""``ceasefire:comparelines`` in real QGIS: real events, and what a user may give it wrong."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsProcessingException,
    QgsProject,
    QgsVectorLayer,
)

LINE = "LineString (30 50, 30 51)"
BENT = "LineString (30 50, 30 50.3, 30.2 50.5, 30 50.7, 30 51)"
FIELDS = "field=scenario:string&field=left_party:string&field=right_party:string"
DATED = (
    "field=line_name:string&field=left_party:string&field=right_party:string"
    "&field=valid_from:string"
)


def layer(fields, rows, kind="LineString", name="given"):
    made = QgsVectorLayer(f"{kind}?crs=EPSG:4326&{fields}", name, "memory")
    for wkt, *attributes in rows:
        feature = QgsFeature(made.fields())
        if wkt:
            feature.setGeometry(QgsGeometry.fromWkt(wkt))
        feature.setAttributes(attributes)
        assert made.dataProvider().addFeature(feature)
    QgsProject.instance().addMapLayer(made)
    return made


def rows_of(made):
    names = [field.name() for field in made.fields()]
    return [dict(zip(names, row.attributes())) for row in made.getFeatures()]


@pytest.fixture(autouse=True)
def project(qgis_app):
    yield
    QgsProject.instance().clear()


@pytest.fixture
def proposals(qgis_app):
    return layer(FIELDS, [(LINE, "Straight", "Aster", "Borea"), (BENT, "Bent", "Aster", "Borea")])


@pytest.fixture
def incidents(qgis_app):
    return layer(
        "field=occurred_from:string&field=uncertainty_m:double&field=workflow:string",
        [
            ("Point (29.9 50.5)", "2031-03-01T10:00:00Z", 50.0, "reviewed"),
            ("Point (30.1 50.5)", "2031-03-02T10:00:00Z", 50.0, "reviewed"),
            ("Point (30.1 50.45)", "2031-03-03T22:00:00Z", 50.0, "withdrawn"),
            ("Point (30.1 50.9)", "2031-04-09T10:00:00Z", 50.0, None),
            (None, "2031-03-02T11:00:00Z", None, None),
        ],
        "Point",
    )


def value(rows, scenario, measure, side=None, unit="number"):
    wanted = {"scenario": scenario, "measure": measure, "unit": unit, "side": side, "kind": None}
    found = [row for row in rows if all((row[name] or None) == one for name, one in wanted.items())]
    assert len(found) == 1
    return found[0]["value"]


def test_scenarios_stand_side_by_side_as_figures_table_and_sheet(
    run, proposals, incidents, tmp_path
):
    page = tmp_path / "sheet.html"
    today = layer(DATED, [(LINE, "Front", "Aster", "Borea", "2031-01-01")], name="today")
    results = run(
        "ceasefire:comparelines",
        SCENARIOS=proposals, INCIDENTS=incidents, LINES=today, DATE="2031-05-01",
        FROM="2031-03-01", TO="2031-03-31", TIMEZONE="UTC", COPY="3 of 5",
        OUTPUT="memory:", TABLE=str(tmp_path / "table.csv"), SHEET=str(page),
    )  # fmt: skip
    assert results["SCENARIO_COUNT"] == 2
    rows = rows_of(results["OUTPUT"])
    # The withdrawn one and April's are not counted; the one without a place is told apart.
    assert value(rows, "Straight", "on the side", "Borea") == 1.0
    assert value(rows, "Bent", "on the side", "Borea") == 0.0
    assert value(rows, "Bent", "on the side", "Aster") == 2.0
    assert value(rows, "Bent", "without a place") == 1.0
    assert value(rows, "Straight", "gained", "Aster", "km2") == 0.0
    assert value(rows, "Bent", "gained", "Aster", "km2") == pytest.approx(316.6, abs=1.0)
    table = (tmp_path / "table.csv").read_text(encoding="utf-8")
    assert "scenario_1,scenario_2" in table.splitlines()[0]
    words = page.read_text(encoding="utf-8")
    assert "WITHOUT PREJUDICE · Copy 3 of 5" in words
    assert "<th>Straight</th><th>Bent</th>" in words


@pytest.mark.real_data
def test_real_events_near_the_real_line_are_the_known_ones(run, real_data, tmp_path):
    events = real_data / "ucdp_ukraine" / "ucdp_ged_ukraine_2014-20220223_iso_dates.csv"
    line = real_data / "line_of_contact" / "line_of_contact_natural_earth.geojson"
    source = QgsVectorLayer(
        f"file://{events}?delimiter=,&xField=longitude&yField=latitude&crs=EPSG:4326&detectTypes=no",
        "events", "delimitedtext",
    )  # fmt: skip
    assert source.featureCount() == 3077
    QgsProject.instance().addMapLayer(source)
    shape = next(QgsVectorLayer(str(line), "line", "ogr").getFeatures()).geometry()
    moved = QgsGeometry(shape)
    moved.translate(0.3, 0.0)
    scenarios = layer(
        FIELDS,
        [(shape.asWkt(), "2015", "West", "East"), (moved.asWkt(), "Moved", "West", "East")],
        "MultiLineString",
    )
    for distance, known in ((10_000, 995), (15_000, 1069), (30_000, 1229)):
        out = tmp_path / f"{distance}.csv"
        run(
            "ceasefire:comparelines",
            SCENARIOS=scenarios, INCIDENTS=source, FROM="2015-02-18", TO="2022-02-23",
            DISTANCE=distance, OUTPUT=str(out),
        )  # fmt: skip
        with out.open(encoding="utf-8", newline="") as file:
            (near,) = [
                row
                for row in csv.DictReader(file)
                if (row["scenario"], row["measure"]) == ("2015", f"within {distance} m")
            ]
        assert float(near["value"]) == known


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda: layer(FIELDS, []), "The layer of scenarios is empty"),
        (lambda: layer(FIELDS, [(LINE, None, "A", "B")]), "has no name"),
        (lambda: layer(FIELDS, [(None, "One", "A", "B")]), "“One” has no shape"),
        (
            lambda: layer(FIELDS, [(LINE, "One", "A", "B"), (LINE, "One", "A", "B")]),
            "Two features of the scenario “One” overlap",
        ),
        (
            lambda: layer(
                "field=scenario:string",
                [("Polygon ((0 0, 1 0, 1 1, 0 0))", "Z"), ("Polygon ((0 0, 1 0, 1 1, 0 0))", "Z")],
                "Polygon",
            ),
            "Two features of the scenario “Z” overlap",
        ),
    ],
)
def test_what_cannot_be_compared_is_named_in_one_sentence(run, tmp_path, made, words):
    out = tmp_path / "figures.csv"
    with pytest.raises(QgsProcessingException, match=words):
        run("ceasefire:comparelines", SCENARIOS=made(), OUTPUT=str(out))
    assert not Path(out).exists()


def test_a_period_the_wrong_way_round_and_a_date_without_a_line_are_named(
    run, proposals, incidents, tmp_path
):
    out = str(tmp_path / "figures.csv")
    with pytest.raises(QgsProcessingException, match="FROM is after TO"):
        run(
            "ceasefire:comparelines",
            SCENARIOS=proposals, INCIDENTS=incidents, FROM="2031-03-09", TO="2031-03-01",
            OUTPUT=out,
        )  # fmt: skip
    today = layer(DATED, [(LINE, "Front", "Aster", "Borea", "2031-01-01")], name="today")
    with pytest.raises(QgsProcessingException, match="No contact line was in force on 2030-05-01"):
        run(
            "ceasefire:comparelines",
            SCENARIOS=proposals, LINES=today, DATE="2030-05-01", OUTPUT=out,
        )  # fmt: skip


def test_derived_lines_are_scenarios_to_compare(run, tmp_path):
    one = layer(FIELDS, [(LINE, "One", "Aster", "Borea")])
    other = layer(FIELDS, [("LineString (30.2 50, 30.2 51)", "Other", "Aster", "Borea")])
    beside = run("ceasefire:derivescenario", INPUT=one, DISTANCE=-5000.0, OUTPUT="memory:")
    between = run(
        "ceasefire:derivescenario",
        INPUT=one, OTHER=other, METHOD="midline", STEP=500.0, SCENARIO="Half", OUTPUT="memory:",
    )  # fmt: skip
    rows = rows_of(beside["OUTPUT"]) + rows_of(between["OUTPUT"])
    assert rows == [
        {"scenario": "Offset by -5000 m", "left_party": "Aster", "right_party": "Borea"},
        {"scenario": "Half", "left_party": "Aster", "right_party": "Borea"},
    ]
    shape = next(between["OUTPUT"].getFeatures()).geometry()
    assert shape.boundingBox().center().x() == pytest.approx(30.1, abs=1e-3)
    compared = run("ceasefire:comparelines", SCENARIOS=between["OUTPUT"], OUTPUT="memory:")
    assert compared["SCENARIO_COUNT"] == 1
    with pytest.raises(QgsProcessingException, match="name the other"):
        run("ceasefire:derivescenario", INPUT=one, METHOD="midline", OUTPUT="memory:")
