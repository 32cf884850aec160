"""Proposed lines and zones held against the record: against answers computed elsewhere."""

from __future__ import annotations

import csv

import numpy as np
import pytest
import shapely
from geographiclib.geodesic import Geodesic

from ceasefire_monitor.analysis.contact_line import LineColumns, prepare_lines
from ceasefire_monitor.analysis.scenario_records import Scenario, ScenarioSettings, Things
from ceasefire_monitor.analysis.scenarios import compare_scenarios
from ceasefire_monitor.model.errors import Cancelled, CeasefireError
from ceasefire_monitor.reports.scenario_sheet import scenario_sheet, side_by_side

WGS84 = Geodesic.WGS84
MERIDIAN = shapely.LineString([(30, 50), (30, 51)])
BENT = shapely.LineString([(30, 50), (30, 50.3), (30.2, 50.5), (30, 50.7), (30, 51)])


def prepared(geometry, left="Aster", right="Borea", uncertainty=0.0):
    """A line from south to north: Aster lies west of it."""
    return prepare_lines(
        LineColumns(
            np.array([geometry], dtype=object),
            left_party=[left],
            right_party=[right],
            uncertainty_m=[uncertainty],
        )
    )


def at_east(metres, uncertainty=0.0, lat=50.5):
    """Things so many metres east of 30° east; west where negative."""
    places = [WGS84.Direct(lat, 30.0, 90.0, one) for one in metres]
    return Things.at(
        [place["lon2"] for place in places],
        [place["lat2"] for place in places],
        np.full(len(metres), float(uncertainty)),
        low=np.arange(1.0, len(metres) + 1.0),
    )


def figure(figures, scenario, *, subject, measure, side=None, kind=None, unit="number"):
    found = [
        one
        for one in figures
        if one.scenario == scenario and one.key == (subject, measure, side, kind, unit)
    ]
    assert len(found) == 1, [one.key for one in figures]
    return found[0]


def bounds(one):
    return one.low, one.value, one.high


def compared(scenarios, things=None, distance_m=5000.0, **settings):
    asked = ScenarioSettings(distance_m, **settings)
    return compare_scenarios(scenarios, things or {}, asked)


def test_each_side_and_what_is_near_is_counted_with_its_bounds():
    things = at_east([-4_900, -300, 200, 4_950, 9_000], uncertainty=100.0)
    scenario = Scenario("A", prepared(MERIDIAN, uncertainty=150.0))
    figures, _ = compared([scenario], {"incidents": things})
    west = figure(figures, "A", subject="incidents", measure="on the side", side="Aster")
    east = figure(figures, "A", subject="incidents", measure="on the side", side="Borea")
    near = figure(figures, "A", subject="incidents", measure="within 5000 m")
    # 200 m away with 250 m of uncertainty is on neither side for sure.
    assert bounds(west) == (2.0, 2.0, 3.0)
    assert bounds(east) == (2.0, 3.0, 3.0)
    # 4,900 and 4,950 m away may be beyond 5 km.
    assert bounds(near) == (2.0, 4.0, 4.0)
    counts = figure(
        figures, "A", subject="incidents", measure="on the side", side="Borea", unit="counts"
    )
    assert bounds(counts) == (4.0 + 5.0, 3.0 + 4.0 + 5.0, 3.0 + 4.0 + 5.0)


def test_a_count_that_nobody_knows_is_told_and_not_zero():
    things = Things.at([30.1, 30.2], [50.5, 50.5], low=[7.0, np.nan])
    figures, _ = compared([Scenario("A", prepared(MERIDIAN))], {"places": things}, 50_000.0)
    people = {"subject": "places", "measure": "on the side", "side": "Borea"}
    assert figure(figures, "A", **people, unit="people").value == 7.0
    assert figure(figures, "A", **people, unit="people not known").value == 1.0


def test_land_that_changes_sides_is_the_ellipsoids():
    today = prepared(MERIDIAN)
    figures, _ = compared([Scenario("A", prepared(BENT))], today=today)
    polygon = WGS84.Polygon()
    for lon, lat in [(30, 50.3), (30.2, 50.5), (30, 50.7)]:
        polygon.AddPoint(lat, lon)
    expected_km2 = abs(polygon.Compute(False, True)[2]) / 1e6
    gained = figure(figures, "A", subject="land", measure="gained", side="Aster", unit="km2")
    lost = figure(figures, "A", subject="land", measure="lost", side="Borea", unit="km2")
    assert gained.value == pytest.approx(expected_km2, rel=1e-6)
    assert lost.value == gained.value
    none = figure(figures, "A", subject="land", measure="lost", side="Aster", unit="km2")
    assert none.value == 0.0


def test_length_is_geodesic_and_bends_are_counted_without_small_detail():
    jagged = shapely.LineString([(30, 50), (30.0002, 50.25), (30, 50.5), (30.3, 50.5)])
    figures, _ = compared([Scenario("A", prepared(jagged)), Scenario("B", prepared(BENT))])
    points = list(jagged.coords)
    expected_m = sum(
        WGS84.Inverse(a[1], a[0], b[1], b[0])["s12"] for a, b in zip(points, points[1:])
    )
    length = figure(figures, "A", subject="line", measure="length", unit="km")
    assert length.value * 1000.0 == pytest.approx(expected_m, abs=0.01)
    assert figure(figures, "A", subject="line", measure="bends").value == 1.0
    assert figure(figures, "B", subject="line", measure="bends").value == 3.0


def test_with_the_parties_names_exchanged_the_figures_are_exchanged_exactly():
    rng = np.random.default_rng(3)
    things = Things.at(
        rng.uniform(29.6, 30.4, 400), rng.uniform(50, 51, 400), rng.uniform(0, 3_000, 400),
        low=rng.integers(0, 9, 400).astype(float),
    )  # fmt: skip
    names = {"Aster": "Borea", "Borea": "Aster"}
    told = []
    for left, right in (("Aster", "Borea"), ("Borea", "Aster")):
        figures, _ = compared(
            [Scenario("A", prepared(BENT, left, right))],
            {"incidents": things},
            today=prepared(MERIDIAN, left, right),
        )
        told.append(figures)
    first = {(*one.key,): (bounds(one), one.today, one.difference) for one in told[0]}
    second = {
        (one.subject, one.measure, names.get(one.side, one.side), one.kind, one.unit): (
            bounds(one), one.today, one.difference,
        )
        for one in told[1]
    }  # fmt: skip
    assert first == second
    assert first[("incidents", "on the side", "Aster", None, "number")][0][1] > 100


def test_todays_line_stands_beside_with_the_difference():
    things = at_east([1_000, 2_000, 20_000])
    figures, _ = compared(
        [Scenario("A", prepared(BENT))], {"incidents": things}, today=prepared(MERIDIAN)
    )
    east = figure(figures, "A", subject="incidents", measure="on the side", side="Borea")
    assert (east.value, east.today, east.difference) == (1.0, 3.0, -2.0)
    west = figure(figures, "A", subject="incidents", measure="on the side", side="Aster")
    assert (west.value, west.today, west.difference) == (2.0, 0.0, 2.0)


def test_each_scenario_has_todays_figure_beside_it():
    things = at_east([1_000, 2_000, 20_000])
    figures, _ = compared(
        [Scenario(name, prepared(BENT)) for name in ("A", "B", "C")],
        {"incidents": things},
        today=prepared(MERIDIAN),
    )
    for name in ("A", "B", "C"):
        east = figure(figures, name, subject="incidents", measure="on the side", side="Borea")
        assert (east.value, east.today) == (1.0, 3.0)


def test_a_side_that_only_todays_line_has_is_none_by_the_proposal():
    things = at_east([1_000, 2_000])
    figures, _ = compared(
        [Scenario(name, prepared(BENT, "Aster", "Calder")) for name in ("A", "B")],
        {"incidents": things},
        today=prepared(MERIDIAN),
    )
    for name in ("A", "B"):
        gone = figure(figures, name, subject="incidents", measure="on the side", side="Borea")
        assert (gone.value, gone.today, gone.difference) == (0.0, 2.0, -2.0)


def test_a_zone_counts_what_lies_inside_with_bounds_and_its_area():
    zone = shapely.box(30.0, 50.0, 31.0, 51.0)
    things = at_east([-50, 100, 500, -5_000], uncertainty=200.0)
    things.kind[:] = ["school", "school", "hospital", "hospital"]
    figures, _ = compared([Scenario("Z", zone=zone)], {"sites": things})
    inside = {"subject": "sites", "measure": "inside the zone"}
    assert bounds(figure(figures, "Z", **inside)) == (1.0, 2.0, 3.0)
    assert bounds(figure(figures, "Z", **inside, kind="school")) == (0.0, 1.0, 2.0)
    polygon = WGS84.Polygon()
    for lon, lat in [(30, 50), (31, 50), (31, 51), (30, 51)]:
        polygon.AddPoint(lat, lon)
    area = figure(figures, "Z", subject="zone", measure="area", unit="km2")
    assert area.value == pytest.approx(abs(polygon.Compute(False, True)[2]) / 1e6, rel=1e-6)


def test_a_line_that_leaves_the_theatre_is_named_with_its_place():
    theatre = shapely.box(29.0, 49.0, 30.1, 52.0)
    outside_km = 2 * WGS84.Inverse(50.4, 30.1, 50.5, 30.2)["s12"] / 1000.0
    with pytest.raises(
        CeasefireError, match=f"“A” leaves the theatre for {outside_km:.1f} km, first near 50\\.4"
    ):
        compared([Scenario("A", prepared(BENT))], theatre=theatre)


def test_a_cancel_between_scenarios_stops_it():
    with pytest.raises(Cancelled):
        compare_scenarios(
            [Scenario("A", prepared(BENT))], {}, ScenarioSettings(5000.0), lambda: True
        )


def test_the_sheet_ranks_nothing_and_says_without_prejudice():
    things = at_east([-300, 200, 4_950], uncertainty=100.0)
    figures, _ = compared(
        [Scenario("Line <1>", prepared(MERIDIAN)), Scenario("Line 2", prepared(BENT))],
        {"incidents": things},
    )
    names, rows = side_by_side(figures)
    assert names == ["Line <1>", "Line 2"]
    assert all(len(cells) == 2 for _, _, cells in rows)
    page = scenario_sheet(figures, ["Incidents: 3 rows."], copy="7").html()
    assert "WITHOUT PREJUDICE · Copy 7" in page
    assert "Line &lt;1&gt;" in page
    assert "<td>3 (2 to 3)</td>" in page


@pytest.mark.real_data
def test_people_in_a_zone_and_its_area_are_what_postgis_says(server, real_data):
    with (real_data / "places" / "cities500_UA_SD_LB_YE_CO_CY_IL_PS_SY_SS.csv").open(
        encoding="utf-8", newline=""
    ) as file:
        rows = [(float(r["longitude"]), float(r["latitude"]), float(r["population"]))
                for r in csv.DictReader(file)]  # fmt: skip
    zone = shapely.Polygon([(36.2, 47.4), (39.7, 47.6), (39.9, 49.6), (38.0, 48.6), (36.0, 49.2)])
    lon, lat, people = (np.array(column) for column in zip(*rows))
    figures, _ = compared([Scenario("Z", zone=zone)], {"places": Things.at(lon, lat, low=people)})
    inside = {"subject": "places", "measure": "inside the zone"}
    values = ",".join(f"({x!r},{y!r},{n!r})" for x, y, n in rows)
    ((count, total, area),) = server.run(
        f"WITH z AS (SELECT ST_GeogFromText('{zone.wkt}') AS shape) "
        "SELECT count(*), sum(n), (SELECT ST_Area(shape) FROM z) FROM z, "
        f"(VALUES {values}) AS p(x, y, n) "
        "WHERE ST_Intersects(z.shape, ST_SetSRID(ST_MakePoint(x, y), 4326)::geography)"
    )
    assert int(count) > 100
    assert figure(figures, "Z", **inside).value == float(count)
    assert figure(figures, "Z", **inside, unit="people").value == float(total)
    measured = figure(figures, "Z", subject="zone", measure="area", unit="km2")
    assert measured.value == pytest.approx(float(area) / 1e6, rel=1e-6)
