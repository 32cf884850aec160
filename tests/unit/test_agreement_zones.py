"""Zones that an agreement draws: measured against GeographicLib, on the right side, by the day."""

from __future__ import annotations

import dataclasses
import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
import shapely
from geographiclib.geodesic import Geodesic
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ceasefire_monitor.analysis.agreement_band import band
from ceasefire_monitor.analysis.agreement_between import area_of
from ceasefire_monitor.analysis.agreement_file import agreement_of, read_agreement
from ceasefire_monitor.analysis.agreement_sides import lines_of_party
from ceasefire_monitor.analysis.agreement_zones import ZoneColumns, draw_zones
from ceasefire_monitor.analysis.contact_line import LineColumns
from ceasefire_monitor.model.agreement import Status
from ceasefire_monitor.model.errors import CeasefireError

ROOT = Path(__file__).resolve().parents[2]
EARTH = Geodesic.WGS84
LEFT, RIGHT = np.array(["left"], dtype=object), np.array(["right"], dtype=object)
MARCH = datetime(2015, 3, 20, tzinfo=timezone.utc)

BENT = [(38.0, 48.0), (38.4, 48.2), (38.9, 48.1), (39.3, 48.35), (39.9, 48.3), (40.6, 48.0)]
NORTH = [(20.0, 70.0), (21.0, 70.2), (22.0, 69.9), (24.0, 70.3)]
DATE_LINE = [(179.2, 65.0), (179.8, 65.2), (-179.6, 65.1), (-178.9, 65.4)]
LONG = [(10.0, 55.0), (34.0, 57.0)]


def line(points) -> LineColumns:
    return LineColumns(np.array([shapely.linestrings(points)], dtype=object))


def drawn(points, side: str, far: float, near: float = 0.0):
    return band(line(points), LEFT, RIGHT, side, near, far)


def away(points, place) -> float:
    """The least distance (m) from a place to a line whose edges are geodesics: GeographicLib."""
    edges = list(zip(points, points[1:]))
    narrow = np.cos(np.radians(place[1]))
    flat = [
        [((lon - place[0] + 180.0) % 360.0 * narrow, lat) for lon, lat in edge] for edge in edges
    ]
    rough = shapely.distance(shapely.linestrings(flat), shapely.Point(180.0 * narrow, place[1]))
    return min(_to_edge(*edges[index], place) for index in np.argsort(rough)[:2])


def _to_edge(one, other, place) -> float:
    edge = EARTH.InverseLine(one[1], one[0], other[1], other[0])

    def distance(along):
        there = edge.Position(along)
        return EARTH.Inverse(there["lat2"], there["lon2"], place[1], place[0])["s12"]

    low, high = 0.0, edge.s13
    for _ in range(26):
        third = (high - low) / 3.0
        if distance(low + third) < distance(high - third):
            high -= third
        else:
            low += third
    return distance((low + high) / 2.0)


def past_an_end(points, place) -> bool:
    """Whether a place lies on or past the perpendicular at one of the line's ends."""
    for end, before in ((points[0], points[1]), (points[-1], points[-2])):
        outwards = EARTH.Inverse(end[1], end[0], before[1], before[0])["azi1"] + 180.0
        towards = EARTH.Inverse(end[1], end[0], place[1], place[0])["azi1"]
        if abs((towards - outwards + 180.0) % 360.0 - 180.0) < 90.01:
            return True
    return False


def edge_points(area, count: int):
    """Vertices of an area's outline, spread over it."""
    vertices = shapely.get_coordinates(area)
    return vertices[np.linspace(0, len(vertices) - 1, count).astype(int)]


@pytest.mark.parametrize("far", [100.0, 1_000.0, 10_000.0, 25_000.0, 70_000.0])
@pytest.mark.parametrize("side", ["left", "right"])
def test_the_far_edge_is_as_far_as_the_clause_says(far, side):
    tolerance = max(10.0, 0.005 * far)
    area = drawn(BENT, side, far)
    measured = 0
    for place in edge_points(area, 40):
        distance = away(BENT, place)
        assert distance <= far + tolerance / 2.0
        if distance > 20.0 and not past_an_end(BENT, place):
            assert distance == pytest.approx(far, abs=tolerance)
            measured += 1
    assert measured >= 10


@pytest.mark.parametrize("points", [NORTH, DATE_LINE, LONG], ids=["70°N", "180°", "long edge"])
def test_it_is_so_in_the_far_north_at_the_date_line_and_along_an_edge_of_hundreds_of_km(points):
    for side in ("left", "right"):
        area = drawn(points, side, 50_000.0)
        west, _, east, _ = area.bounds
        assert west >= -180.0 and east <= 180.0
        off_the_edge = [
            abs(distance - 50_000.0)
            for place in edge_points(area, 36)
            for distance in [away(points, place)]
            if abs(abs(place[0]) - 180.0) > 1e-9
            and distance > 20.0
            and not past_an_end(points, place)
        ]
        assert len(off_the_edge) > 8
        assert max(off_the_edge) < 60.0


def test_a_place_is_in_the_band_by_its_distance_and_its_side():
    random = np.random.default_rng(7)
    places = np.column_stack([random.uniform(38.3, 40.3, 150), random.uniform(47.8, 48.6, 150)])
    left, right = drawn(BENT, "left", 20_000.0, 10_000.0), drawn(BENT, "right", 20_000.0, 10_000.0)
    north_of = shapely.Polygon([*BENT, (40.6, 50), (38.0, 50)])
    told = {"left": 0, "right": 0}
    for place in places:
        distance = away(BENT, place)
        if min(abs(distance - 10_000.0), abs(distance - 20_000.0)) < 30.0:
            continue
        if past_an_end(BENT, place):
            continue
        on_left = north_of.contains(shapely.Point(place))
        within = 10_000.0 < distance < 20_000.0
        assert left.contains(shapely.Point(place)) == (within and on_left)
        assert right.contains(shapely.Point(place)) == (within and not on_left)
        told["left" if on_left else "right"] += within
    assert min(told.values()) > 8


def test_bands_that_follow_one_another_neither_overlap_nor_leave_a_gap():
    inner, outer = drawn(BENT, "left", 10_000.0), drawn(BENT, "left", 20_000.0, 10_000.0)
    whole = drawn(BENT, "left", 20_000.0)
    assert inner.intersection(outer).area < 1e-4 * whole.area
    assert whole.difference(inner).difference(outer).area < 1e-4 * whole.area


def test_at_an_open_end_the_band_stops_at_the_perpendicular():
    straight = [(38.0, 48.0), (39.0, 48.0)]
    area = drawn(straight, "left", 10_000.0)
    azimuth = EARTH.Inverse(48.0, 38.0, 48.0, 39.0)["azi1"]
    for turn, inside in ((-85.0, True), (-89.5, True), (-90.5, False), (-95.0, False)):
        there = EARTH.Direct(48.0, 38.0, azimuth + turn, 9_000.0)
        assert area.contains(shapely.Point(there["lon2"], there["lat2"])) is inside


def test_a_line_of_several_parts_is_one_across_a_short_break_and_ends_at_a_wide_one():
    parts = [
        [(38.0, 48.0), (38.5, 48.0)],
        [(38.508, 48.0), (39.0, 48.0)],
        [(39.4, 48.0), (39.8, 48)],
    ]
    columns = LineColumns(
        np.array([shapely.multilinestrings([shapely.linestrings(part) for part in parts])], object)
    )
    area = band(columns, LEFT, RIGHT, "left", 0.0, 5_000.0)
    assert area.contains(shapely.Point(38.504, 48.02)), "over a break of 600 m"
    assert not area.contains(shapely.Point(39.2, 48.02)), "over a break of 30 km"
    assert not area.contains(shapely.Point(39.05, 48.02)), "past the end at the wide break"
    assert not area.contains(shapely.Point(38.504, 47.98)), "on the other side"
    assert area.contains(shapely.Point(39.6, 48.02))


def test_between_the_turns_of_a_spiral_each_side_keeps_its_half():
    angle = np.linspace(0.0, 5.0 * np.pi, 200)
    reach = 0.1 + 0.04 * angle
    points = np.column_stack([38.0 + 1.5 * reach * np.cos(angle), 48.0 + reach * np.sin(angle)])
    left, right = drawn(points, "left", 25_000.0), drawn(points, "right", 25_000.0)
    whole = left.union(right)
    assert left.intersection(right).area < 1e-3 * whole.area
    # Half-way between two turns, 1 km to either side: the inner turn's right, the outer one's left.
    inner, outer = 0.1 + 0.04 * (1.5 * np.pi), 0.1 + 0.04 * (3.5 * np.pi)
    middle = 48.0 - (inner + outer) / 2.0
    assert right.contains(shapely.Point(38.0, middle + 0.03))
    assert left.contains(shapely.Point(38.0, middle - 0.03))


def test_a_pocket_has_an_inside_and_an_outside():
    ring = [(38.0, 48.0), (38.2, 48.0), (38.2, 48.2), (38.0, 48.2), (38.0, 48.0)]
    inside, outside = drawn(ring, "left", 3_000.0), drawn(ring, "right", 3_000.0)
    assert inside.contains(shapely.Point(38.02, 48.1)) and outside.contains(
        shapely.Point(37.98, 48.1)
    )
    assert not inside.contains(shapely.Point(38.1, 48.1)), "the middle is further than 3 km away"


def test_where_two_lines_of_a_party_meet_neither_has_an_end():
    lines = LineColumns(
        np.array(
            [
                shapely.linestrings([(38.0, 48.0), (38.5, 48.0)]),
                shapely.linestrings([(38.8, 47.5), (38.5, 48.0)]),
            ],
            dtype=object,
        )
    )
    left = np.array(["aster", "calder"], dtype=object)
    right = np.array(["borea", "aster"], dtype=object)
    own = lines_of_party(lines, left, right, "aster")
    assert len(own) == 1
    area = band(own, np.array(["aster"], object), np.array([None], object), "aster", 0.0, 5_000.0)
    # Off the bend, past both lines' perpendiculars.
    assert area.contains(shapely.Point(38.525, 48.025))
    assert not area.contains(shapely.Point(38.4, 47.98))


# The agreement as a whole


def contact(*rows) -> LineColumns:
    """Contact lines from (points, name, kind, left, right, from, to)."""
    columns = list(zip(*rows))
    geometry = np.empty(len(rows), dtype=object)
    geometry[:] = [shapely.linestrings(points) for points in columns[0]]
    dates = [
        np.array([day or "NaT" for day in column], "datetime64[us]") for column in columns[5:7]
    ]
    return LineColumns(
        geometry,
        line_name=columns[1],
        kind=columns[2],
        left_party=columns[3],
        right_party=columns[4],
        valid_from=dates[0],
        valid_to=dates[1],
    )


def minsk_lines() -> LineColumns:
    """A de facto line along 48.0° north and the line of 2014 along 48.1°: north is left."""
    names = ("Ukrainian forces", "armed formations")
    return contact(
        ([(37.0, 48.1), (40.0, 48.1)], "2014", "agreed", *names, "2014-09-01", "2014-12-01"),
        ([(37.0, 47.5), (40.0, 47.5)], "older", "de_facto", *names, "2014-09-01", "2015-02-01"),
        ([(37.0, 48.0), (40.0, 48.0)], "now", "de_facto", *names, "2015-02-01", None),
    )


def template(name: str):
    return read_agreement(ROOT / "resources" / "agreements" / f"{name}.json")


@pytest.mark.parametrize(
    "rule, width", [("artillery", 50_000), ("mlrs", 70_000), ("heavy", 140_000)]
)
def test_a_zone_50_km_wide_is_25_km_on_each_side_each_from_its_own_line(rule, width):
    zones = {
        zone.party: zone
        for zone in draw_zones(template("minsk_2014_2015"), minsk_lines(), None, MARCH).zones
        if zone.rule_code == f"package_{rule}"
    }
    assert set(zones) == {"Ukrainian forces", "armed formations"}
    lines = {"Ukrainian forces": ("now", 48.0, 0.0), "armed formations": ("2014", 48.1, 180.0)}
    for party, (name, latitude, direction) in lines.items():
        zone = zones[party]
        assert (zone.near_m, zone.far_m, zone.line_name) == (0.0, width / 2, name)
        foot = EARTH.InverseLine(latitude, 37.0, latitude, 40.0)
        foot = foot.Position(foot.s13 / 2.0)
        for metres, inside in ((100, True), (width / 2 - 150, True), (width / 2 + 150, False)):
            there = EARTH.Direct(foot["lat2"], foot["lon2"], direction, metres)
            place = shapely.Point(there["lon2"], there["lat2"])
            assert zone.geometry.contains(place) is inside
        behind = EARTH.Direct(foot["lat2"], foot["lon2"], direction + 180.0, 100)
        assert not zone.geometry.contains(shapely.Point(behind["lon2"], behind["lat2"]))


def test_a_zone_says_its_clause_weapons_line_and_dates():
    zones = draw_zones(template("minsk_2014_2015"), minsk_lines(), None, MARCH).zones
    zone = next(each for each in zones if each.rule_code == "package_mlrs" and "Ukr" in each.party)
    assert zone.zone_id == "minsk_2014_2015:package_mlrs:mlrs:ukrainian_forces:0-35000"
    assert zone.clause == "Package 2" and zone.kind == "security_zone"
    assert zone.weapon_class == "multiple-launch rocket systems"
    assert zone.line_valid_from == datetime(2015, 2, 1, tzinfo=timezone.utc)
    assert zone.valid_from == datetime(2015, 3, 1, 22, tzinfo=timezone.utc), "once D+14 is over"
    assert zone.valid_to is None
    assert len({each.zone_id for each in zones}) == len(zones)


def test_before_the_deadline_the_limit_is_not_drawn_and_that_is_said():
    day = datetime(2015, 2, 20, tzinfo=timezone.utc)
    drawn_then = draw_zones(template("minsk_2014_2015"), minsk_lines(), None, day)
    assert not [zone for zone in drawn_then.zones if zone.clause == "Package 2"]
    assert [zone for zone in drawn_then.zones if zone.rule_code == "memorandum_100"]
    assert any("“package_mlrs” does not bind" in aside for aside in drawn_then.asides)


def test_outside_its_time_an_agreement_draws_nothing_but_a_draft_does():
    minsk = template("minsk_2014_2015")
    early = datetime(2014, 1, 1, tzinfo=timezone.utc)
    with pytest.raises(CeasefireError, match=r"not in force at 2014-01-01 02:00 \(Europe/Kyiv\)"):
        draw_zones(minsk, minsk_lines(), None, early)
    draft = dataclasses.replace(minsk, status=Status.DRAFT)
    found = draw_zones(draft, minsk_lines(), None, MARCH)
    assert found.zones and "is a draft" in found.notes[0]
    with pytest.raises(CeasefireError, match="is a draft, and by its own dates it would not be"):
        draw_zones(draft, minsk_lines(), None, early)


def test_a_moment_and_the_agreements_time_are_told_in_the_agreements_zone():
    cessation = template("lebanon_2024")
    beirut = timezone(timedelta(hours=2))
    moment = datetime(2024, 11, 27, 3, 30, tzinfo=beirut)
    with pytest.raises(CeasefireError) as caught:
        draw_zones(cessation, None, None, moment)
    said = str(caught.value)
    assert "not in force at 2024-11-27 03:30 (Asia/Beirut)" in said
    assert "in force from 2024-11-27 04:00 (Asia/Beirut) on" in said and "UTC" not in said


def test_lines_whose_sides_name_no_party_are_named_with_what_their_sides_are_called():
    lines = contact(
        ([(38.0, 47.0), (38.0, 48.0)], "S", "de_facto", "Asterr", "Borrea", None, None),
        ([(38.0, 48.0), (38.0, 49.0)], "N", "de_facto", "Aster", "Borea", None, None),
        ([(38.0, 49.0), (38.0, 50.0)], "NN", "de_facto", "ASTER", "Borrea", None, None),
    )
    told = vale(bands=[{"line": "line", "far_m": 10000, "party": p} for p in ("aster", "borea")])
    when = datetime(2025, 10, 1, tzinfo=timezone.utc)
    found = draw_zones(told, lines, None, when)
    of_aster, of_borea = found.notes
    assert "The band of “Aster” along “contact line” leaves out “S” (left “Asterr”" in of_aster
    assert "right “Borrea”)" in of_aster and "“aliases”" in of_aster and "NN" not in of_aster
    assert "“S” (left" in of_borea and "“NN” (left “ASTER”, right “Borrea”)" in of_borea
    assert draw_zones(told, lines.take(np.array([1])), None, when).notes == []
    both = vale(bands=[{"line": "line", "far_m": 10000}])
    assert draw_zones(both, lines.take(np.array([1])), None, when).notes == []
    with pytest.raises(CeasefireError, match="they name “Asterr”, “Borrea”"):
        draw_zones(told, lines.take(np.array([0])), None, when)


def vale(bands):
    """A fictional agreement of Aster and Borea that draws one zone by these bands."""
    return agreement_of(
        {
            "format": 1,
            "agreement_id": "vale",
            "title": "Understanding of the Vale",
            "parties": [{"code": "aster", "name": "Aster"}, {"code": "borea", "name": "Borea"}],
            "timing": {"timezone": "UTC", "in_force_from": "2025-01-01"},
            "lines": [{"code": "line", "title": "contact line", "kind": "de_facto"}],
            "zones": [{"code": "z", "title": "Inner", "kind": "security_zone", "bands": bands}],
            "clauses": [{"reference": "1", "text": "None.", "text_status": "verified"}],
        }
    )


def test_why_a_zone_could_not_be_drawn_is_said_with_what_there_is():
    minsk, lines = template("minsk_2014_2015"), minsk_lines()
    only_agreed = draw_zones(minsk, lines.take(np.array([0])), None, MARCH)
    assert only_agreed.not_drawn > 0
    note = next(note for note in only_agreed.notes if "package_artillery" in note)
    assert "no contact line for “de facto line of contact” (kind “de_facto”)" in note
    assert "kinds “agreed” and these names “2014”" in note
    lines.left_party[:] = None
    with pytest.raises(CeasefireError, match="do not say that “Ukrainian forces” is on their left"):
        draw_zones(minsk, lines, None, MARCH)
    with pytest.raises(CeasefireError, match="it needs contact lines, and none were given"):
        draw_zones(minsk, None, None, MARCH)


def test_lines_of_several_kinds_are_not_mixed():
    cyprus = template("cyprus_buffer")
    sides = ("Turkish forces", None)
    lines = contact(
        ([(33, 35.1), (34, 35.1)], "Northern ceasefire line", "agreed", *sides, None, None),
        ([(33, 35.2), (34, 35.2)], "Northern ceasefire line", "claimed", *sides, None, None),
        ([(33, 35.0), (34, 35.0)], "Southern ceasefire line", "agreed", None, "South", None, None),
    )
    when = datetime(2020, 1, 1, tzinfo=timezone.utc)
    notes = draw_zones(cyprus, lines, None, when).notes
    assert any("lines of several kinds fit" in note and "agreed, claimed" in note for note in notes)


@pytest.mark.parametrize("turned", [False, True])
def test_the_ground_between_two_lines_is_drawn_whichever_way_they_run(turned):
    separation = template("undof_1974")
    line_b = [(35.95, 32.8), (35.93, 33.2)]
    lines = contact(
        ([(35.85, 32.8), (35.80, 33.2)], "Line A", "agreed", "Israel", None, None, None),
        (line_b[::-1] if turned else line_b, "line b", "agreed",
         *((None, "Syria")[:: -1 if turned else 1]), None, None),
    )  # fmt: skip
    zones = draw_zones(separation, lines, None, datetime(1990, 1, 1, tzinfo=timezone.utc)).zones
    by_code = {zone.zone_id.split(":", 1)[1]: zone.geometry for zone in zones}
    between = by_code["separation"]
    assert between.contains(shapely.Point(35.88, 33.0))
    assert not between.contains(shapely.Point(35.80, 33.0))
    lons, lats = zip((35.85, 32.8), (35.80, 33.2), (35.93, 33.2), (35.95, 32.8))
    outline = EARTH.Polygon()
    for lat, lon in zip(lats, lons):
        outline.AddPoint(lat, lon)
    ground = outline.Compute()[2]
    drawn_ground = EARTH.Polygon()
    for lon, lat in shapely.get_coordinates(between)[:-1]:
        drawn_ground.AddPoint(lat, lon)
    assert abs(drawn_ground.Compute()[2]) == pytest.approx(abs(ground), rel=1e-6)
    west, east = by_code["limitation_10:israel:0-10000"], by_code["limitation_20:syria:10000-20000"]
    assert west.contains(shapely.Point(35.75, 33.0)) and not west.intersects(between.buffer(-1e-4))
    assert east.contains(shapely.Point(36.10, 33.0)) and not east.contains(shapely.Point(35.99, 33))


def test_an_area_by_coordinates_may_cross_the_date_line_and_have_a_hole():
    outer = ((179.0, 10.0), (-179.0, 10.0), (-179.0, 12.0), (179.0, 12.0))
    hole = ((179.9, 10.9), (-179.9, 10.9), (-179.9, 11.1), (179.9, 11.1))
    area = area_of((outer, hole))
    assert area.contains(shapely.Point(179.5, 11)) and area.contains(shapely.Point(-179.5, 11))
    assert not area.contains(shapely.Point(179.95, 11)) and not area.contains(shapely.Point(0, 11))


def orvenna_zones() -> ZoneColumns:
    features = json.loads((ROOT / "resources" / "demo" / "zones.geojson").read_text())["features"]
    columns = [
        [each["properties"]["zone_id"] for each in features],
        [each["properties"]["zone_name"] for each in features],
        [shapely.from_geojson(json.dumps(each["geometry"])) for each in features],
    ]
    told = []
    for values in columns:
        told.append(np.empty(len(features), dtype=object))
        told[-1][:] = values
    return ZoneColumns(*told, *(np.full(len(features), "NaT", "datetime64[us]"),) * 2)


def test_the_demo_agreement_binds_to_the_demos_zones_and_lines():
    orvenna = read_agreement(ROOT / "resources" / "demo" / "agreement.json")
    sides = ("Aster", "Borea")
    lines = contact(
        ([(-40.0, 40.9), (-40.0, 41.3)], "Aster – Borea", "de_facto", *sides, "2025-09-01",
         "2025-10-06"),
        ([(-39.9, 40.9), (-39.9, 41.3)], "Aster – Borea", "de_facto", *sides, "2025-10-06", None),
        ([(-40.3, 40.6), (-40.0, 40.9)], "Aster – Calder", "de_facto", "Aster", "Calder",
         "2025-09-01", None),
        ([(-40.0, 40.9), (-39.5, 40.9)], "Borea – Calder", "de_facto", "Borea", "Calder",
         "2025-09-01", None),
    )  # fmt: skip
    when = datetime(2025, 11, 1, tzinfo=timezone.utc)
    found = draw_zones(orvenna, lines, orvenna_zones(), when)
    assert (found.not_drawn, found.notes) == (0, [])
    limits = {zone.party: zone for zone in found.zones if zone.rule_code == "tanks"}
    assert set(limits) == {"Aster", "Borea", "Calder"}
    assert limits["Borea"].line_valid_from == datetime(2025, 9, 1, tzinfo=timezone.utc)
    assert limits["Aster"].line_valid_from == datetime(2025, 10, 6, tzinfo=timezone.utc)
    without = draw_zones(orvenna, lines, None, when)
    assert without.not_drawn == 5
    assert any("it is the zone “Z01” of a layer of zones, and none" in n for n in without.notes)


def test_a_zone_that_the_layer_does_not_have_is_named_with_those_it_has():
    told = {
        "format": 1,
        "agreement_id": "a",
        "title": "A",
        "parties": [{"code": "aster", "name": "Aster"}],
        "timing": {"timezone": "UTC", "signed_on": "2025-09-01"},
        "zones": [
            {"code": "z", "title": "Z", "layer_zone": "Harbour"},
            {"code": "y", "title": "Y", "area": [[[-40, 41], [-39.9, 41], [-39.9, 41.1]]]},
        ],
        "clauses": [{"reference": "1", "text": "Text.", "text_status": "verified"}],
    }
    when = datetime(2025, 11, 1, tzinfo=timezone.utc)
    found = draw_zones(agreement_of(told), None, orvenna_zones(), when)
    assert [zone.zone_id for zone in found.zones] == ["a:y"]
    assert found.notes == [
        "Zone “Z” was not drawn: the layer of zones has no zone “Harbour”; it has "
        "“Ardesk Crossing disengagement area”, “Lowmere Bridge disengagement area”, "
        "“Rodmere Road area of limitation”, “Security zone”, “Varne Hospital no-fly zone”."
    ]


ODD_LINES = {
    "no geometry": None,
    "empty": shapely.LineString(),
    "no length": shapely.LineString([(35, 33), (35, 33)]),
    "a point": shapely.Point(35, 33),
    "an area": shapely.box(35, 33, 35.1, 33.1),
    "no number": shapely.LineString([(35, 33), (np.nan, 33.1)]),
    "metres": shapely.LineString([(350_000, 33), (36, 330_000)]),
}


@pytest.mark.parametrize("odd", ODD_LINES.values(), ids=ODD_LINES)
def test_a_line_that_cannot_be_used_is_left_out_and_named(odd):
    lines = minsk_lines()
    lines.geometry[2] = odd
    lines.label[2] = "line 7"
    with pytest.raises(CeasefireError, match="None of the contact lines can be used. Line 7 "):
        draw_zones(only_de_facto(), lines, None, MARCH)
    twice = lines.take(np.array([0, 1, 2, 2]))
    twice.geometry[3] = shapely.LineString([(37, 48), (40, 48), (40, 48)])
    found = draw_zones(only_de_facto(), twice, None, MARCH)
    assert len(found.zones) == 1
    assert any(note.startswith("Line 7 ") and "left out" in note for note in found.notes)


def only_de_facto():
    """The Minsk template with one limit left, that of one side from the de facto line."""
    minsk = template("minsk_2014_2015")
    clause = next(each for each in minsk.clauses if each.reference == "Package 2")
    rule = clause.rules[0]
    rule = dataclasses.replace(rule, limits=rule.limits[:1], zone_width_m=None)
    clauses = (dataclasses.replace(clause, rules=(rule,)),)
    return dataclasses.replace(minsk, clauses=clauses, zones=())


@settings(max_examples=80, deadline=None)
@example([(1, 0), (2, -2), (0, 2), (0, 1), (0, 0), (2, -1)], 179)
@example([(0, 1), (1, 0), (2, -2), (0, 2), (0, 0)], 179)
@given(
    st.lists(
        st.tuples(st.integers(-3, 3), st.integers(-2, 2)), min_size=3, max_size=7, unique=True
    ),
    st.sampled_from([0, 179, -180, 540]),
)
def test_whatever_its_corners_an_area_is_valid_or_refused(corners, east):
    ring = tuple((float(east + lon), float(lat)) for lon, lat in corners)
    try:
        area = area_of((ring,))
    except CeasefireError:
        return
    assert area.is_valid and not area.is_empty
    west, _, right, _ = area.bounds
    assert west >= -180.0 and right <= 180.0
    assert area.area < 60.0


def test_a_real_line_of_a_thousand_bends_keeps_its_distances(real_data):
    path = real_data / "line_of_contact" / "line_of_contact_natural_earth.geojson"
    told = json.loads(path.read_text())["features"][0]["geometry"]
    whole = shapely.from_geojson(json.dumps(told))
    points = shapely.get_coordinates(whole)
    for far in (15_000.0, 70_000.0):
        for side in ("left", "right"):
            area = band(LineColumns(np.array([whole], object)), LEFT, RIGHT, side, 0.0, far)
            assert area.is_valid and not area.is_empty
            for place in edge_points(area, 8):
                assert away(points, place) <= far * 1.005


def test_the_korean_zone_lies_2_km_on_each_side_of_the_real_line(real_data):
    path = real_data / "natural_earth" / "ne_10m_admin_0_disputed_areas.geojson"
    told = json.loads(path.read_text(encoding="utf-8"))["features"]
    north, south = (
        shapely.from_geojson(
            json.dumps(next(each for each in told if name in str(each["properties"]))["geometry"])
        )
        for name in ("Korean DMZ (north)", "Korean DMZ (south)")
    )
    middle = shapely.line_merge(north.boundary.intersection(south.boundary))
    points = shapely.get_coordinates(middle)
    points = points if points[0, 0] < points[-1, 0] else points[::-1]
    lines = contact((points, "MDL", "agreed", "North", "South", None, None))
    lines.front[:] = "Military Demarcation Line"
    when = datetime(2010, 1, 1, tzinfo=timezone.utc)
    zones = draw_zones(template("korea_1953_2018"), lines, None, when).zones
    assert [zone.far_m for zone in zones] == [2000.0, 2000.0]
    # Natural Earth draws both halves wider than they are, but on the right side.
    for zone, half in zip(zones, (south, north)):
        assert zone.geometry.intersection(half).area > 0.97 * zone.geometry.area
        assert max(away(points, place) for place in edge_points(zone.geometry, 30)) < 2010.0
