"""``ceasefire:linechange``, ``linesectors`` and ``linepositions`` in real QGIS."""

from __future__ import annotations

import pytest
from geographiclib.geodesic import Geodesic
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProject,
    QgsVectorLayer,
)

from ceasefire_monitor.processing.base import ROOT

WGS84 = Geodesic.WGS84
TOOLS = ("linechange", "linesectors", "linepositions")
LINE_FIELDS = (
    "field=line_name:string&field=left_party:string&field=right_party:string"
    "&field=valid_from:string&field=valid_to:string&field=uncertainty_m:double"
)
OLD = "LineString (30 50, 30 50.6)"
NEW = "LineString (30 50, 30 50.2, 30.1 50.3, 30 50.4, 30 50.6)"


def layer(fields, rows, kind="LineString", name="given", crs="EPSG:4326"):
    made = QgsVectorLayer(f"{kind}?crs={crs}&{fields}", name, "memory")
    for wkt, *attributes in rows:
        feature = QgsFeature(made.fields())
        feature.setGeometry(QgsGeometry.fromWkt(wkt))
        feature.setAttributes(attributes)
        assert made.dataProvider().addFeature(feature)
    QgsProject.instance().addMapLayer(made)
    return made


@pytest.fixture
def lines(qgis_app):
    return layer(
        LINE_FIELDS,
        [
            (OLD, "Front", "Aster", "Borea", "2025-09-01", "2025-10-31", 150.0),
            (NEW, "Front", "Aster", "Borea", "2025-11-01", None, 150.0),
        ],
    )


@pytest.fixture
def told(run):
    """Run with a feedback that keeps what is said: (results, information, warnings)."""
    import processing

    class Feedback(QgsProcessingFeedback):
        def __init__(self):
            super().__init__(False)
            self.said, self.warned = [], []

        def pushInfo(self, info):
            self.said.append(info)

        def pushWarning(self, warning):
            self.warned.append(warning)

    def run_told(identifier, **parameters):
        feedback = Feedback()
        results = processing.run(identifier, parameters, feedback=feedback)
        return results, feedback.said, feedback.warned

    return run_told


def signed_km2(places):
    polygon = WGS84.Polygon()
    for lon, lat in places:
        polygon.AddPoint(lat, lon)
    return polygon.Compute(False, True)[2] / 1e6


def test_change_gives_areas_stretches_table_numbers_and_a_sentence(told, lines):
    results, said, warned = told(
        "ceasefire:linechange",
        LINES=lines,
        FROM="2025-10-12",
        TO="2025-11-03",
        TIMEZONE="Europe/Athens",
        OUTPUT="memory:",
        STRETCHES="memory:",
        TABLE="memory:",
    )
    (area,) = results["OUTPUT"].getFeatures()
    truth = abs(signed_km2([(30, 50.2), (30.1, 50.3), (30, 50.4)]))
    assert area["area_km2"] == pytest.approx(truth, abs=1e-6)
    assert (area["from_party"], area["to_party"]) == ("Borea", "Aster")
    assert area["tolerance_m"] == 150.0
    (stretch,) = results["STRETCHES"].getFeatures()
    assert stretch["area_number"] == area["number"] == 1
    assert stretch["gaining_party"] == "Aster" and stretch["new_line"] == "Front"
    table = {(row["front"], row["party"]): row for row in results["TABLE"].getFeatures()}
    assert {front for front, _ in table} == {"Aster – Borea", "all fronts"}
    assert table["all fronts", "Aster"]["net_km2"] == pytest.approx(truth, abs=1e-6)
    assert table["all fronts", "Borea"]["lost_km2"] == pytest.approx(truth, abs=1e-6)
    assert (results["AREA_COUNT"], results["STRETCH_COUNT"]) == (1, 1)
    assert results["CHANGED_KM2"] == pytest.approx(truth, abs=1e-6)
    assert results["MOVED_KM"] == pytest.approx(stretch["old_length_m"] / 1000.0)
    assert results["SENTENCE"] in said and warned == []
    assert results["SENTENCE"] == (
        "Between 12 Oct and 3 Nov 2025 Aster's side grew by 79.3 km²; 22.2 km of the line moved, "
        "at most 7,125 m."
    )


@pytest.mark.parametrize(
    ("since", "until", "words"),
    [
        ("2025-10-12", "2025-10-31", "the line did not move"),
        ("2025-10-12", "2025-10-31T23:59", "the line did not move"),
        ("2025-08-12", "2025-10-31", "No contact line was in force on 12 Aug 2025"),
    ],
)
def test_no_change_or_no_line_gives_no_rows_and_says_so(told, lines, since, until, words):
    results, said, warned = told(
        "ceasefire:linechange",
        LINES=lines,
        FROM=since,
        TO=until,
        OUTPUT="memory:",
        STRETCHES="memory:",
        TABLE="memory:",
    )
    assert [results[name].featureCount() for name in ("OUTPUT", "STRETCHES", "TABLE")] == [0, 0, 0]
    assert words in results["SENTENCE"]
    assert any(words in one for one in said + warned)


def test_change_in_another_crs_with_a_theatre_and_optional_outputs_left_out(run):
    projected = layer(
        LINE_FIELDS,
        [
            ("LineString (500000 5540000, 500000 5600000)", "a", "A", "B", None, "2025-10-31", 0),
            ("LineString (503000 5541000, 503000 5600000)", "b", "A", "B", "2025-11-01", None, 0),
        ],
        crs="EPSG:32636",
    )
    theatre = layer(
        "field=id:int",
        [("Polygon ((32.0 49.9, 34.0 49.9, 34.0 50.6, 32.0 50.6, 32.0 49.9))", 1)],
        "Polygon",
    )
    results = run(
        "ceasefire:linechange",
        LINES=projected,
        FROM="2025-10-01",
        TO="2025-12-01",
        THEATRE=theatre,
        OUTPUT="memory:",
    )
    assert not results["STRETCHES"] and not results["TABLE"]
    (area,) = results["OUTPUT"].getFeatures()
    # A strip of 3 km (scale 0.9996) from the southern to the northern edge of the theatre.
    height = WGS84.Inverse(49.9, 33.0, 50.6, 33.0)["s12"] / 1000.0
    assert area["area_km2"] == pytest.approx(3.0 / 0.9996 * height, rel=0.03)


def test_sectors_by_chainage_by_length_and_at_places(run, lines):
    parameters = {"LINES": lines, "DATE": "2025-10-12", "OUTPUT": "memory:", "AREAS": "memory:"}
    results = run(
        "ceasefire:linesectors", CHAINAGES="km 0, 20 km; 45.5", NAMES="North; Mid; South",
        **parameters,
    )  # fmt: skip
    sectors = sorted(results["OUTPUT"].getFeatures(), key=lambda item: item["number"])
    assert [sector["sector_name"] for sector in sectors] == ["North", "Mid", "South"]
    assert [sector["chainage_from_m"] for sector in sectors] == [0.0, 20_000.0, 45_500.0]
    assert {area["sector_id"] for area in results["AREAS"].getFeatures()} == {
        sector["sector_id"] for sector in sectors
    }
    results = run("ceasefire:linesectors", LENGTH=25, **parameters)
    assert results["SECTORS"] == 3
    places = layer(
        "field=place:string",
        [("Point (30.05 50.4)", "Karan"), ("Point (29.9 50.2)", "Alder")],
        "Point",
    )
    results = run("ceasefire:linesectors", PLACES=places, **parameters)
    names = {sector["sector_name"] for sector in results["OUTPUT"].getFeatures()}
    assert names == {"start – Alder", "Alder – Karan", "Karan – end"}


def test_incidents_flagged_by_chainage_lie_in_the_sector_of_that_chainage(run, lines):
    sectors = run(
        "ceasefire:linesectors", LINES=lines, DATE="2025-11-12", LENGTH=17,
        OUTPUT="memory:", AREAS="memory:",
    )["AREAS"]  # fmt: skip
    rows = [
        (f"Point ({30 - 0.13 + 0.031 * (n % 9)} {50.01 + 0.012 * n})", "2025-11-12")
        for n in range(48)
    ]
    incidents = layer("field=occurred_from:string", rows, "Point")
    flagged = run("ceasefire:flagincidents", INPUT=incidents, LINES=lines, OUTPUT="memory:")
    held = 0
    areas = list(sectors.getFeatures())
    for incident in flagged["OUTPUT"].getFeatures():
        inside = [area for area in areas if area.geometry().contains(incident.geometry())]
        assert len(inside) == (1 if incident["line_distance_m"] < 15_000 else 0)
        for area in inside:
            chainage = incident["line_chainage_m"]
            assert area["chainage_from_m"] - 0.2 <= chainage <= area["chainage_to_m"] + 0.2
            held += 1
    assert held > 40


def test_positions_carry_labels_directions_and_parties(told, lines, tmp_path):
    output = str(tmp_path / "positions.gpkg")
    results, said, _ = told(
        "ceasefire:linepositions", LINES=lines, DATE="2025-10-12", OUTPUT=output
    )
    written = QgsVectorLayer(output, "positions", "ogr")
    assert written.featureCount() == results["POINTS"] == 68
    assert results["LINES_IN_FORCE"] == 1
    by_label = {feature["label"]: feature for feature in written.getFeatures()}
    place = by_label["km 12"].geometry().asPoint()
    truth = WGS84.Direct(50, 30, 0, 12_000.0)
    assert WGS84.Inverse(truth["lat2"], truth["lon2"], place.y(), place.x())["s12"] < 0.01
    assert not by_label["km 12"]["major"] and by_label["km 15"]["major"]
    assert by_label["km 12"]["offset_azimuth_deg"] == pytest.approx(90.0)
    assert by_label["km 12"]["left_party"] == "Aster"
    assert any("68 points" in one for one in said)


@pytest.mark.parametrize("tool", ["linesectors", "linepositions"])
def test_a_date_without_a_line_gives_empty_layers_and_a_sentence(told, lines, tool):
    cut = {"LENGTH": 10} if tool == "linesectors" else {}
    results, _, warned = told(
        f"ceasefire:{tool}", LINES=lines, DATE="2020-01-01", OUTPUT="memory:", **cut
    )
    assert results["OUTPUT"].featureCount() == 0 and results["LINES_IN_FORCE"] == 0
    assert any("No contact line was in force on 1 Jan 2020" in one for one in warned)


def test_without_a_date_the_lines_in_force_now_count(run, lines):
    results = run("ceasefire:linepositions", LINES=lines, OUTPUT="memory:")
    assert results["LENGTH_M"] > 70_000.0


def test_several_lines_in_force_are_each_handled_or_one_by_its_name(run):
    two = layer(
        LINE_FIELDS,
        [
            ("LineString (30 50, 30 50.2)", "West", "A", "B", None, None, None),
            ("LineString (31 50, 31 50.2)", "East", "B", "C", None, None, None),
        ],
    )
    results = run("ceasefire:linepositions", LINES=two, OUTPUT="memory:")
    assert {feature["line_name"] for feature in results["OUTPUT"].getFeatures()} == {"West", "East"}
    results = run("ceasefire:linesectors", LINES=two, LINE="east", LENGTH=10, OUTPUT="memory:")
    assert {feature["line_name"] for feature in results["OUTPUT"].getFeatures()} == {"East"}
    with pytest.raises(QgsProcessingException, match="“East”, “West”"):
        run("ceasefire:linepositions", LINES=two, LINE="North", OUTPUT="memory:")


def test_bad_input_is_told_and_leaves_no_file(run, lines, tmp_path):
    points = layer("field=id:int", [("Point (30 50)", 1)], "Point")
    mixed = layer("field=kind:string", [(OLD, "agreed"), (NEW, "de_facto")])
    for tool, words, parameters in (
        ("linechange", "such as 2031-03-14", {"LINES": lines, "FROM": "2025-10-12", "TO": " "}),
        ("linechange", "is no date", {"LINES": lines, "FROM": "autumn", "TO": "2025-11-01"}),
        ("linechange", "no contact lines", {"FROM": "2025-10-12", "TO": "2025-11-01"}),
        ("linepositions", "no contact lines", {}),
        ("linepositions", "lines are needed", {"LINES": points}),
        ("linepositions", "not a time zone", {"LINES": lines, "TIMEZONE": "Mars"}),
        ("linepositions", "of different kinds", {"LINES": mixed}),
        ("linesectors", "in one way", {"LINES": lines}),
        ("linesectors", "in one way", {"LINES": lines, "LENGTH": 5, "CHAINAGES": "4"}),
        ("linesectors", "cannot be cut at km 90", {"LINES": lines, "CHAINAGES": "0, 90"}),
        ("linesectors", "“here” is no number", {"LINES": lines, "CHAINAGES": "0, here"}),
        ("linesectors", "points are needed", {"LINES": lines, "PLACES": mixed}),
        ("linesectors", "but 1 names", {"LINES": lines, "LENGTH": 10, "NAMES": "one"}),
    ):
        with pytest.raises(QgsProcessingException, match=words):
            run(f"ceasefire:{tool}", OUTPUT=str(tmp_path / "output.gpkg"), **parameters)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("tool", "style"),
    [
        ("linechange", "line_change"),
        ("linesectors", "sectors"),
        ("linepositions", "line_positions"),
    ],
)
def test_a_loaded_output_gets_the_shipped_style(provider, lines, tool, style):
    from qgis.core import QgsApplication

    context, feedback = QgsProcessingContext(), QgsProcessingFeedback(False)
    context.setProject(QgsProject.instance())
    algorithm = QgsApplication.processingRegistry().algorithmById(f"ceasefire:{tool}").create()
    parameters = {"LINES": lines.id(), "FROM": "2025-10-12", "TO": "2025-11-03", "LENGTH": 20}
    name = "AREAS" if tool == "linesectors" else "OUTPUT"
    details = QgsProcessingContext.LayerDetails("made", QgsProject.instance(), name)
    context.addLayerToLoadOnCompletion("placeholder", details)
    from qgis.core import QgsProcessingOutputLayerDefinition

    parameters.setdefault("OUTPUT", "memory:")
    parameters[name] = QgsProcessingOutputLayerDefinition("memory:", QgsProject.instance())
    results, worked = algorithm.run(parameters, context, feedback)
    assert worked
    processor = context.layerToLoadOnCompletionDetails(results[name]).postProcessor()
    loaded = context.getMapLayer(results[name])
    processor.postProcessLayer(loaded, context, feedback)
    assert (ROOT / "resources" / "styles" / f"{style}.qml").is_file()
    assert loaded.labelsEnabled()


def test_on_the_demo_theatre_the_line_moves_twice_and_every_party_is_told(told, tmp_path):
    demo = ROOT / "resources" / "demo"
    lines, _, _ = told(
        "ceasefire:linefromcontrol",
        INPUT=str(demo / "control_areas.geojson"),
        PARTY_FIELD="holder",
        THEATRE=str(demo / "theatre.geojson"),
        DATE_FIELD="valid_from",
        TIMEZONE="Atlantic/Azores",
        OUTPUT=str(tmp_path / "lines.gpkg"),
    )
    held = {}
    for since in ("2025-09-10", "2025-10-12", "2025-11-10"):
        held[since] = _held_km2(demo / "control_areas.geojson", since)
    for since, until in (("2025-09-10", "2025-10-12"), ("2025-10-12", "2025-11-10")):
        results, _, _ = told(
            "ceasefire:linechange",
            LINES=lines["OUTPUT"],
            FROM=since,
            TO=until,
            TIMEZONE="Atlantic/Azores",
            THEATRE=str(demo / "theatre.geojson"),
            TOLERANCE=0,
            OUTPUT="memory:",
            TABLE="memory:",
        )
        for row in results["TABLE"].getFeatures():
            if row["front"] == "all fronts" and row["party"] in held[since]:
                net = held[until][row["party"]] - held[since][row["party"]]
                assert row["net_km2"] == pytest.approx(net, abs=0.5), row["party"]
        assert results["AREA_COUNT"] > 0


def _day(value):
    """A date field as ISO text, whether the driver made it text or a date."""
    return value if isinstance(value, str) else value.toString("yyyy-MM-dd")


def _held_km2(path, day):
    """What each party held on a day, by the polygons themselves and GeographicLib."""
    areas = QgsVectorLayer(str(path), "areas", "ogr")
    dates = sorted({_day(feature["valid_from"]) for feature in areas.getFeatures()})
    current = max(date for date in dates if date <= day)
    held = {}
    for feature in areas.getFeatures():
        if _day(feature["valid_from"]) != current:
            continue
        for polygon in feature.geometry().asGeometryCollection():
            rings = polygon.asPolygon()
            size = [abs(signed_km2([(p.x(), p.y()) for p in ring[:-1]])) for ring in rings]
            held[feature["holder"]] = held.get(feature["holder"], 0.0) + size[0] - sum(size[1:])
    return held


def test_overlapping_versions_are_named_and_the_run_ends(qgis_app, told):
    overlapping = layer(
        LINE_FIELDS,
        [
            ("LineString (38 47, 38 49)", "Front", "P", "Q", "2020-01-01", None, None),
            (
                "LineString (38 47, 38 47.5, 38.1 47.8, 38.1 48.2, 38 48.5, 38 49)",
                "Front",
                "P",
                "Q",
                "2020-07-01",
                None,
                None,
            ),
        ],
    )
    given = {"LINES": overlapping, "OUTPUT": "memory:", "STRETCHES": "memory:", "TABLE": "memory:"}
    results, _, warned = told("ceasefire:linechange", FROM="2020-02-01", TO="2020-08-01", **given)
    assert results["AREA_COUNT"] == 1
    assert any("are both in force from 2020-07-01" in words for words in warned)
    results, _, warned = told("ceasefire:linechange", FROM="2020-02-01", TO="2020-02-01", **given)
    assert results["AREA_COUNT"] == 0
    assert any("Both dates are 1 Feb 2020" in words for words in warned)


def test_a_line_whose_date_cannot_be_read_is_left_out_by_name(qgis_app, told):
    rows = [
        (OLD, "Front", "Aster", "Borea", "2025-09-01", "31/12/2025 or so", None),
        (NEW, "Front", "Aster", "Borea", "2025-09-01", None, None),
    ]
    given = {"DATE": "2027-01-01", "OUTPUT": "memory:"}
    results, _, warned = told("ceasefire:linepositions", LINES=layer(LINE_FIELDS, rows), **given)
    assert results["LINES_IN_FORCE"] == 1
    left_out = "Line 1 has “31/12/2025 or so” as “valid_to”, which is no date; it was left out."
    assert left_out in warned
    with pytest.raises(QgsProcessingException, match="31/12/2025 or so"):
        told("ceasefire:linepositions", LINES=layer(LINE_FIELDS, rows[:1]), **given)
