"""``ceasefire:linefromcoordinates`` in real QGIS."""

from __future__ import annotations

import pytest
from geographiclib.geodesic import Geodesic
from qgis.core import NULL, QgsProcessingException

from ceasefire_monitor.ledger.geopackage import Ledger

# The same three places, written as people write them; the last pair is a hair off by its digits.
MIXED = """# from the protocol
5.0000000, 10.0000000
5°03.0000'N 10°00.0000'E

5°06'00.00"N 10°06'00.00"E
"""


def drawn(run, text, **more):
    found = run("ceasefire:linefromcoordinates", TEXT=text, OUTPUT="TEMPORARY_OUTPUT", **more)
    return found, list(found["OUTPUT"].getFeatures())


def test_places_of_several_formats_become_one_line_with_its_geodesic_length(run):
    found, (line,) = drawn(run, MIXED, LINE_NAME="Line of March", LEFT_PARTY="North")
    length = (
        Geodesic.WGS84.Inverse(5.0, 10.0, 5.05, 10.0)["s12"]
        + Geodesic.WGS84.Inverse(5.05, 10.0, 5.1, 10.1)["s12"]
    )
    assert found["POINTS"] == 3 and found["REJECTED"] == 0
    assert found["LENGTH_M"] == pytest.approx(length, abs=0.01)
    assert [line["line_name"], line["left_party"]] == ["Line of March", "North"]
    end = line.geometry().constGet().vertexAt(line.geometry().vertexIdFromVertexNr(2)[1])
    assert (end.x(), end.y()) == pytest.approx((10.1, 5.1), abs=1e-9)


def test_the_uncertainty_is_not_known_unless_it_is_stated(run):
    assert drawn(run, MIXED)[1][0]["uncertainty_m"] == NULL
    stated = drawn(run, "5.00, 10.00\n5.10, 10.10", ACCURACY=100.0)[1][0]["uncertainty_m"]
    # Half of 0.01 degrees, 557 m, weighs more than what was stated.
    assert stated == pytest.approx((100.0**2 + 556.6**2) ** 0.5, abs=0.5)


def test_soviet_coordinates_are_shifted_and_their_datum_kept(run):
    text = "5384000 7400000\n5385000 7402000"
    found, (line,) = drawn(run, text, ACCURACY=0.0)
    assert line["datum"] == "Pulkovo 1942"
    assert line["uncertainty_m"] >= 10.0 and found["WRITTEN_M"] >= 10.0


def test_a_line_that_cannot_be_read_stops_with_its_number(run):
    text = "5.0, 10.0\nby the mill\n5.1, 10.1\n95.0, 10.0\n"
    with pytest.raises(QgsProcessingException, match="Line 2, “by the mill”.*Line 4"):
        drawn(run, text)
    found, _ = drawn(run, text, SKIP=True)
    assert (found["POINTS"], found["REJECTED"]) == (2, 2)


def test_areas_and_points(run):
    text = "5.0, 10.0\n5.0, 10.1\n5.1, 10.1"
    _, (area,) = drawn(run, text, DRAW="area", LINE_NAME="Crossing", KIND="buffer")
    assert (area["zone_name"], area["kind"]) == ("Crossing", "buffer")
    assert area.geometry().area() == pytest.approx(0.005)
    _, points = drawn(run, "\n" + text, DRAW="points")
    assert [point["text_line"] for point in points] == [2, 3, 4]
    with pytest.raises(QgsProcessingException, match="crosses itself"):
        drawn(run, "5.0, 10.0\n5.1, 10.1\n5.0, 10.1\n5.1, 10.0", DRAW="area")
    with pytest.raises(QgsProcessingException, match="at least 2"):
        drawn(run, "5.0, 10.0")


def test_a_bare_day_is_the_theatres_whole_day(run):
    _, (line,) = drawn(
        run, MIXED, FROM="2031-03-14", TO="2031-03-14", TIMEZONE="Asia/Kathmandu", KIND="agreed"
    )
    assert line["valid_from"].toUTC().toString("yyyy-MM-dd HH:mm") == "2031-03-13 18:15"
    assert line["valid_to"].toUTC().toString("yyyy-MM-dd HH:mm") == "2031-03-14 18:15"
    for wrong in ({"FROM": "soon"}, {"FROM": "2031-03-15", "TO": "2031-03-14"}, {"KIND": "odd"}):
        with pytest.raises(QgsProcessingException):
            drawn(run, MIXED, **wrong)


def test_add_to_ledger_takes_the_line_once(run, tmp_path):
    path = tmp_path / "theatre.gpkg"
    Ledger.create(path, {"timezone": "UTC"}).close()
    for _ in range(2):
        _, (line,) = drawn(run, MIXED, LINE_NAME="Line of March", KIND="agreed", ACCURACY=50.0)
        output = run(
            "ceasefire:linefromcoordinates",
            TEXT=MIXED,
            LINE_NAME="Line of March",
            KIND="agreed",
            ACCURACY=50.0,
            OUTPUT="TEMPORARY_OUTPUT",
        )["OUTPUT"]
        run("ceasefire:addtoledger", INPUT=output, TABLE="contact_lines", LEDGER=str(path))
    with Ledger.open(path, readonly=True) as ledger:
        (kept,) = ledger.read("contact_lines")
    assert (kept.line_name, kept.kind) == ("Line of March", "agreed")
    assert kept.line_id and kept.uncertainty_m == pytest.approx(50.0, abs=0.1)
