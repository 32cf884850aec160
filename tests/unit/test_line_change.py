"""What changed between two dates' lines, against areas that GeographicLib gives."""

from __future__ import annotations

from datetime import timezone

import numpy as np
import pytest
import shapely
from geographiclib.geodesic import Geodesic
from hypothesis import given, settings
from hypothesis import strategies as st

from ceasefire_monitor.analysis.contact_line import LineColumns, prepare_lines
from ceasefire_monitor.analysis.line_change import line_change
from ceasefire_monitor.analysis.line_change_records import ChangeSettings
from ceasefire_monitor.analysis.line_change_table import change_sentence
from ceasefire_monitor.model.errors import CeasefireError

WGS84 = Geodesic.WGS84
BEFORE, AFTER = np.datetime64("2025-10-12", "us"), np.datetime64("2025-11-03", "us")
NORTHWARD = [(30.0, 50.0), (30.0, 50.2), (30.0, 50.4), (30.0, 50.6)]
RING = list(shapely.Point(29.9, 50.5).buffer(0.05).exterior.coords)


def signed_km2(places):
    """The signed area of a polygon with geodesic edges, in pure GeographicLib; km²."""
    polygon = WGS84.Polygon()
    for lon, lat in places:
        polygon.AddPoint(lat, lon)
    return polygon.Compute(False, True)[2] / 1e6


def as_line(shape):
    return shape if hasattr(shape, "geom_type") else shapely.LineString(shape)


def compare(old, new, left="Aster", right="Borea", swapped=False, uncertainty=None, **options):
    """Compare lists of lines; ``left`` and ``right``: one party, or a list over old and new."""
    geometry = np.array([as_line(shape) for shape in (*old, *new)], dtype=object)
    count = len(geometry)
    lines = prepare_lines(
        LineColumns(
            geometry,
            left_party=left if isinstance(left, list) else [left] * count,
            right_party=right if isinstance(right, list) else [right] * count,
            uncertainty_m=uncertainty,
        )
    )
    first, second = list(range(len(old))), list(range(len(old), count))
    if swapped:
        return line_change(lines, second, first, ChangeSettings(AFTER, BEFORE, **options))
    return line_change(lines, first, second, ChangeSettings(BEFORE, AFTER, **options))


def told(change):
    return sorted((area.from_party, area.to_party, area.area_km2) for area in change.areas)


def totals(change):
    rows = [row for row in change.sides if row.front == "all fronts"]
    return {row.party: (row.gained_km2, row.lost_km2) for row in rows}


def moved(places, east, north):
    return [(lon + east, lat + north) for lon, lat in places]


def test_a_bulge_is_one_area_with_its_chainages_and_its_greatest_depth():
    bulge = [(30, 50), (30, 50.2), (30.1, 50.3), (30, 50.4), (30, 50.6)]
    change = compare([NORTHWARD], [bulge])
    (area,), (stretch,) = change.areas, change.stretches
    assert (area.from_party, area.to_party) == ("Borea", "Aster")
    truth = abs(signed_km2([(30, 50.2), (30.1, 50.3), (30, 50.4)]))
    assert area.area_km2 == pytest.approx(truth, abs=1e-6)
    start = WGS84.Inverse(50.0, 30, 50.2, 30)["s12"]
    assert area.chainage_from_m == pytest.approx(start, abs=0.01)
    end = WGS84.Inverse(50.0, 30, 50.4, 30)["s12"]
    assert area.chainage_to_m == pytest.approx(end, abs=0.01)
    # The bulge's tip is nearest to the old line on the perpendicular, a little off 50.3° north.
    assert area.depth_m == pytest.approx(7_124.86, abs=1.0)
    assert stretch.old_length_m == pytest.approx(end - start, abs=0.01)
    there = WGS84.Inverse(50.2, 30, 50.3, 30.1)["s12"] + WGS84.Inverse(50.3, 30.1, 50.4, 30)["s12"]
    assert stretch.new_length_m == pytest.approx(there, abs=0.01)
    assert stretch.mean_move_m == pytest.approx(area.depth_m / 2.0, rel=0.001)
    assert stretch.gaining_party == "Aster"


def test_ends_that_moved_are_joined_straight():
    east = [(30.1, 50.0), (30.1, 50.6)]
    change = compare([NORTHWARD], [east])
    truth = abs(signed_km2([(30, 50), (30.1, 50), (30.1, 50.6), (30, 50.6)]))
    assert told(change) == [("Borea", "Aster", pytest.approx(truth, abs=1e-6))]


def test_lines_that_cross_give_each_side_its_own_area():
    slanted = [(29.9, 50.0), (30.1, 50.6)]
    change = compare([NORTHWARD], [slanted])
    net = signed_km2([(30, 50), (30, 50.6), (30.1, 50.6), (29.9, 50.0)])
    gained, lost = totals(change)["Aster"]
    assert gained > 100 and lost > 100
    assert gained - lost == pytest.approx(-net, abs=1e-5)
    assert totals(change)["Borea"] == (lost, gained)


def test_a_theatre_closes_what_open_ends_leave_open():
    slanted = [(29.9, 50.1), (30.1, 50.5)]
    theatre = shapely.box(29, 49.9, 31, 50.7)
    areas = told(compare([NORTHWARD], [slanted], theatre=theatre))
    assert [row[:2] for row in areas] == [("Aster", "Borea"), ("Borea", "Aster")]
    # In the south the old line's end goes on to 49.9° and the new one's too, at 29.9° east.
    south = abs(signed_km2([(30, 49.9), (29.9, 49.9), (29.9, 50.1), (30, 50.3)]))
    assert areas[0][2] == pytest.approx(south, rel=0.002)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (["Aster", "Borea"], ["Borea", "Aster"]),
        (["Aster", "Aster"], ["Borea", "Borea"]),
        ([None, None], [None, None]),
    ],
)
def test_a_new_line_digitised_backwards_changes_no_sides(left, right):
    east = [(30.1, 50.0), (30.1, 50.6)]
    straight = compare([NORTHWARD], [east], left[0], right[0])
    backward = compare([NORTHWARD], [east[::-1]], left, right)
    assert told(backward) == [
        (one, other, pytest.approx(size, abs=1e-9)) for one, other, size in told(straight)
    ]
    assert bool(backward.notes) == (left[0] == left[1])


def test_pockets_appear_vanish_shrink_and_merge():
    line, pocket = shapely.LineString(NORTHWARD), abs(signed_km2(RING[:-1]))
    both = shapely.MultiLineString([NORTHWARD, RING])
    smaller = list(shapely.Point(29.9, 50.5).buffer(0.03).exterior.coords)
    for old, new, change in ((line, both, "appeared"), (both, line, "vanished")):
        (area,) = compare([old], [new]).areas
        assert area.change == change
        assert area.area_km2 == pytest.approx(pocket, abs=1e-6)
        assert {area.from_party, area.to_party} == {"Aster", "Borea"}
        # The deepest place is its middle; the nearest rim is east or west of it.
        rim = WGS84.Inverse(50.5, 29.9, 50.5, 29.95)["s12"]
        assert area.depth_m == pytest.approx(rim, rel=0.01)
    (area,) = compare([both], [shapely.MultiLineString([NORTHWARD, smaller])]).areas
    assert area.area_km2 == pytest.approx(pocket - abs(signed_km2(smaller[:-1])), abs=1e-6)
    outer = [(30, 50), (30, 50.4), (29.8, 50.4), (29.8, 50.6), (30, 50.6)]
    (area,) = compare([both], [outer]).areas
    whole = abs(signed_km2([(30, 50.4), (29.8, 50.4), (29.8, 50.6), (30, 50.6)]))
    assert area.area_km2 == pytest.approx(whole - pocket, abs=1e-4)


def test_three_parties_round_a_junction_that_moved():
    old, new = (30.0, 50.0), (30.1, 50.05)

    def fronts(junction):
        return [[(30, 51), junction], [junction, (31, 49.5)], [junction, (29, 49.5)]]

    change = compare(fronts(old), fronts(new), ["B", "B", "C"] * 2, ["A", "C", "A"] * 2)
    told_km2 = totals(change)
    # By each party's own outline: what the moved junction adds to it or takes from it.
    for party, outline in (
        ("A", [(30, 51), old, (29, 49.5), new]),
        ("B", [(31, 49.5), old, (30, 51), new]),
        ("C", [(29, 49.5), old, (31, 49.5), new]),
    ):
        gained, lost = told_km2[party]
        assert gained - lost == pytest.approx(signed_km2(outline), abs=1e-4), party
    assert sum(gained - lost for gained, lost in told_km2.values()) == pytest.approx(0, abs=1e-9)
    assert {row.front for row in change.sides} == {"A – B", "A – C", "B – C", "all fronts"}


def test_a_gap_between_two_forward_lines_is_no_partys():
    lines = [[(30, 50), (30, 51)], [(30.1, 50), (30.1, 51)]]
    nearer = [[(30.02, 50), (30.02, 51)], lines[1]]
    left, right = ["Aster", None] * 2, [None, "Borea"] * 2
    strip = abs(signed_km2([(30, 50), (30.02, 50), (30.02, 51), (30, 51)]))
    change = compare(lines, nearer, left, right)
    assert told(change) == [("no party", "Aster", pytest.approx(strip, abs=1e-5))]
    middle = [[(30.05, 50), (30.05, 51)]]
    change = compare(lines, middle, ["Aster", None, "Aster"], [None, "Borea", "Borea"])
    half = abs(signed_km2([(30, 50), (30.05, 50), (30.05, 51), (30, 51)]))
    assert told(change) == [
        ("no party", "Aster", pytest.approx(half, abs=1e-4)),
        ("no party", "Borea", pytest.approx(half, abs=1e-4)),
    ]


def test_across_the_antimeridian_areas_are_the_same_and_split_there():
    old = [(179.95, 50.0), (179.95, 50.6)]
    for new in ([(180.05, 50), (180.05, 50.6)], [(-179.95, 50), (-179.95, 50.6)]):
        (area,) = compare([old], [new]).areas
        truth = abs(signed_km2([(30, 50), (30.1, 50), (30.1, 50.6), (30, 50.6)]))
        assert area.area_km2 == pytest.approx(truth, abs=1e-6)
        west, _, east, _ = area.geometry.bounds
        assert (west, east) == (-180.0, 180.0)
        assert all(
            shapely.bounds(part)[2] - shapely.bounds(part)[0] < 1 for part in area.geometry.geoms
        )


def test_edges_of_a_thousand_kilometres_are_geodesics():
    straight, bent = [(10, 60), (30, 60)], [(10, 60), (20, 60), (30, 60)]
    (area,) = compare([straight], [bent]).areas
    assert area.area_km2 == pytest.approx(abs(signed_km2(bent)), rel=1e-7)


def test_breaks_up_to_a_kilometre_are_bridged_and_wider_ones_are_not_counted():
    whole = [(30, 50), (30, 51)]
    small = shapely.MultiLineString([[(30.05, 50), (30.05, 50.4)], [(30.05, 50.405), (30.05, 51)]])
    wide = shapely.MultiLineString([[(30.05, 50), (30.05, 50.4)], [(30.05, 50.6), (30.05, 51)]])
    strip = abs(signed_km2([(30, 50), (30.05, 50), (30.05, 51), (30, 51)]))
    assert sum(area.area_km2 for area in compare([whole], [small]).areas) == pytest.approx(
        strip, rel=1e-6
    )
    south = abs(signed_km2([(30, 50), (30.05, 50), (30.05, 50.4), (30, 50.4)]))
    areas = [area.area_km2 for area in compare([whole], [wide]).areas]
    assert areas[0] == pytest.approx(south, rel=1e-4)
    assert sum(areas) == pytest.approx(strip * 0.8, rel=0.002)


def test_a_line_that_only_became_shorter_changed_no_sides():
    bent = [(30, 50), (30.1, 50.5), (30, 51)]
    assert compare([bent], [[(30, 50), (30.1, 50.5), (30.08, 50.6)]]).areas == []


def test_moves_within_the_tolerance_are_none():
    beside = [(30, 50), (30.001, 50.3), (30, 50.6)]
    depth = WGS84.Inverse(50.3, 30, 50.3, 30.001)["s12"]
    assert 70 < depth < 72
    assert len(compare([NORTHWARD], [beside]).areas) == 1
    wide = np.array([np.nan, 100.0])
    change = compare([NORTHWARD], [beside], uncertainty=wide)
    assert (change.areas, change.stretches, change.sides) == ([], [], [])
    assert "left out" in change.notes[0]
    assert len(compare([NORTHWARD], [beside], uncertainty=wide, tolerance_m=70.0).areas) == 1
    assert compare([NORTHWARD], [beside], tolerance_m=72.0).areas == []
    with pytest.raises(CeasefireError, match="tolerance"):
        compare([NORTHWARD], [beside], tolerance_m=-1.0)


def test_nothing_changed_gives_no_rows_and_says_so():
    change = compare([NORTHWARD], [NORTHWARD])
    assert (change.areas, change.stretches, change.sides) == ([], [], [])
    words = change_sentence(change, ChangeSettings(BEFORE, AFTER), timezone.utc)
    assert words == "Between 12 Oct and 3 Nov 2025 the line did not move."


def test_the_sentence_tells_each_side_and_the_greatest_move():
    slanted = [(29.9, 50.0), (30.1, 50.6)]
    change = compare([NORTHWARD], [slanted])
    assert change_sentence(change, ChangeSettings(BEFORE, AFTER), timezone.utc) == (
        "Between 12 Oct and 3 Nov 2025 Aster's side grew by 117.4 km² and Borea's side by "
        "120.4 km²; 66.7 km of the line moved, at most 7,170 m."
    )
    apart = compare([NORTHWARD], [moved(NORTHWARD, 1, 0)], ["A", "C"], ["B", "D"])
    words = change_sentence(apart, ChangeSettings(BEFORE, AFTER), timezone.utc)
    assert "give the theatre" in words and "did not move" not in words


def test_heights_repeated_vertices_and_crossings_of_itself_do_no_harm():
    high = shapely.LineString([(30, 50, 5), (30, 50, 5), (30, 50.6, np.nan)])
    east = [(30.05, 50), (30.05, 50.3), (30.05, 50.3), (30.05, 50.6)]
    strip = abs(signed_km2([(30, 50), (30.05, 50), (30.05, 50.6), (30, 50.6)]))
    assert told(compare([high], [east]))[0][2] == pytest.approx(strip, abs=1e-5)
    loop = [(30, 50), (30.1, 50.5), (30.1, 50.4), (30, 50.6)]
    assert compare([NORTHWARD], [loop]).areas


@pytest.mark.parametrize("apart", [0.0, 1e-13, 1e-11, 1e-9, 9e-9, 1e-7])
def test_ends_that_all_but_meet_close_the_area(apart):
    new = [*NORTHWARD[:2], (29.96, 50.4), (30.0, 50.6)]
    old = [*NORTHWARD[:3], (30.0 + apart, 50.6)]
    truth = abs(signed_km2(old + new[::-1]))
    for swapped in (False, True):
        assert told(compare([old], [new], tolerance_m=0.0, swapped=swapped))[0][2] == (
            pytest.approx(truth, abs=1e-3)
        )


@pytest.mark.parametrize(
    "old", [NORTHWARD, [(30, 50), (30.13, 50.2), (30.13, 50.4), (30.27, 50.6)]]
)
@pytest.mark.parametrize("aside", [0.0, 1e-12, -1e-9, 1e-7, -1e-7, -1e-5])
def test_an_end_on_the_other_dates_line_closes_the_area_however_that_line_runs(old, aside):
    whole = WGS84.InverseLine(*old[0][::-1], *old[1][::-1])
    there = whole.Position(0.37 * whole.s13)
    on_it = (there["lon2"], there["lat2"])
    begins = (on_it[0] + aside, on_it[1])
    new = [begins, (old[1][0] - 0.05, 50.35), old[3]]
    truth = abs(signed_km2([begins, on_it, *old[1:], *new[:0:-1]]))
    for swapped in (False, True):
        (area,) = compare([old], [new], swapped=swapped).areas
        assert area.area_km2 == pytest.approx(truth, abs=1e-3)


offsets = st.lists(st.floats(-0.05, 0.05), min_size=7, max_size=7)


@settings(max_examples=40, deadline=None)
@given(old=offsets, new=offsets)
def test_gained_less_lost_is_the_net_area_and_exchanging_dates_exchanges_them(old, new):
    lats = np.linspace(50.0, 50.6, 7)
    first = [(30 + east, lat) for east, lat in zip(old, lats)]
    second = [(30 + east, lat) for east, lat in zip(new, lats)]
    change = compare([first], [second], tolerance_m=0.0)
    gained, lost = totals(change).get("Aster", (0.0, 0.0))
    net = signed_km2(first + second[::-1])
    assert gained - lost == pytest.approx(-net, abs=2e-3)
    other = totals(compare([first], [second], tolerance_m=0.0, swapped=True))
    assert other.get("Aster", (0.0, 0.0)) == (lost, gained)


def test_the_real_line_moved_by_a_known_step(real_data):
    path = real_data / "line_of_contact" / "line_of_contact_natural_earth.geojson"
    line = shapely.get_parts(shapely.from_geojson(path.read_text(encoding="utf-8")))[0]
    there = shapely.transform(line, lambda xy: xy + [0.05, 0.02])
    change = compare([line], [there])
    places = shapely.get_coordinates(shapely.line_merge(line))
    net = signed_km2(np.vstack([places, (places + [0.05, 0.02])[::-1]]))
    gained, lost = totals(change)["Aster"]
    assert gained - lost == pytest.approx(-net, abs=0.001)
    assert totals(compare([line], [there], swapped=True))["Aster"] == (lost, gained)
    assert change.moved_m == pytest.approx(312_553, abs=1.0)
    farthest = max(WGS84.Inverse(lat, lon, lat + 0.02, lon + 0.05)["s12"] for lon, lat in places)
    assert 0.9 * farthest < change.greatest_move_m <= farthest + 0.1
