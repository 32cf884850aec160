"""Contact lines from areas of control."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely
from pyproj import Geod

from ceasefire_monitor.analysis.contact_line import LineColumns, prepare_lines
from ceasefire_monitor.analysis.control import (
    ControlColumns,
    ControlSettings,
    lines_from_control,
)
from ceasefire_monitor.analysis.nearest import Side, nearest
from ceasefire_monitor.model.errors import Cancelled, CeasefireError

GEOD = Geod(ellps="WGS84")
THEATRE = shapely.box(30.0, 50.0, 31.0, 50.6)


def areas(*rows):
    """Areas from rows of (date, holder, geometry)."""
    geometry = np.empty(len(rows), dtype=object)
    geometry[:] = [row[2] for row in rows]
    holder = None
    if any(row[1] is not None for row in rows):
        holder = np.array([row[1] for row in rows], dtype=object)
    since = np.array([row[0] or "NaT" for row in rows], dtype="datetime64[us]")
    label = np.array([f"area {index}" for index in range(len(rows))], dtype=object)
    return ControlColumns(geometry, holder, since, label)


def drawn(*rows, theatre=THEATRE, **settings):
    settings.setdefault("tolerance_m", 500.0)
    return lines_from_control(areas(*rows), ControlSettings(theatre, **settings))


def length_km(geometry):
    return GEOD.geometry_length(geometry) / 1000.0


def box(west, east, south=50.0, north=50.6):
    return shapely.box(west, south, east, north)


def test_two_parties_share_one_line_with_the_first_in_the_alphabet_on_the_left():
    for first, second in (("Aster", "Borealis"), ("Borealis", "Aster")):
        (line,) = drawn(
            ("2025-01-01", first, box(30, 30.5)), ("2025-01-01", second, box(30.5, 31))
        ).lines
        assert (line.left_party, line.right_party) == ("Aster", "Borealis")
        assert line.front == line.line_name == "Aster – Borealis"
        assert length_km(line.geometry) == pytest.approx(GEOD.inv(30.5, 50, 30.5, 50.6)[2] / 1000)
        lines = prepare_lines(LineColumns(np.array([line.geometry], dtype=object)))
        aster_lon = 30.3 if first == "Aster" else 30.7
        assert nearest(lines, [aster_lon], [50.3]).side[0] == Side.LEFT


def test_a_line_is_in_force_until_the_next_date_and_equal_dates_become_one():
    rows = []
    for date, border in (("2025-01-01", 30.5), ("2025-01-08", 30.5), ("2025-01-15", 30.6)):
        rows += [(date, "Aster", box(30, border)), (date, "Borealis", box(border, 31))]
    first, second = drawn(*rows).lines
    assert (str(first.valid_from.date()), str(first.valid_to.date())) == (
        "2025-01-01",
        "2025-01-15",
    )
    assert (str(second.valid_from.date()), second.valid_to) == ("2025-01-15", None)
    assert first.line_id != second.line_id


def test_the_same_areas_always_give_the_same_lines():
    rows = [("2025-01-01", "Aster", box(30, 30.5)), ("2025-01-01", "Borealis", box(30.5, 31))]
    one, other = drawn(*rows).lines, drawn(*reversed(rows)).lines
    assert [line.line_id for line in one] == [line.line_id for line in other]
    assert one[0].geometry.equals_exact(other[0].geometry, 1e-9)


def test_a_wide_gap_gives_two_forward_lines_and_a_sliver_one():
    def pair(gap):
        return drawn(
            ("2025-01-01", "Aster", box(30, 30.5)), ("2025-01-01", "Borealis", box(30.5 + gap, 31))
        ).lines

    (one,) = pair(0.004)
    assert (one.left_party, one.right_party) == ("Aster", "Borealis")
    two = pair(0.05)
    assert [(line.left_party, line.right_party) for line in two] == [
        ("Aster", None),
        (None, "Borealis"),
    ]
    assert {line.front for line in two} == {"Aster – Borealis"}
    assert [round(line.geometry.centroid.x, 3) for line in two] == [30.5, 30.55]


def test_what_two_parties_both_claim_is_a_gap_between_their_forward_lines():
    lines = drawn(
        ("2025-01-01", "Aster", box(30, 30.6)), ("2025-01-01", "Borealis", box(30.5, 31))
    ).lines
    assert [(line.left_party, line.right_party) for line in lines] == [
        ("Aster", None),
        (None, "Borealis"),
    ]
    assert [round(line.geometry.centroid.x, 3) for line in lines] == [30.5, 30.6]


def test_contested_areas_are_nobodys():
    lines = drawn(
        ("2025-01-01", "Aster", box(30, 30.4)),
        ("2025-01-01", "contested", box(30.4, 30.6)),
        ("2025-01-01", "Borealis", box(30.6, 31)),
    ).lines
    assert [(line.left_party, line.right_party) for line in lines] == [
        ("Aster", None),
        (None, "Borealis"),
    ]


def test_three_parties_have_a_front_each_that_meet():
    lines = drawn(
        ("2025-01-01", "Aster", box(30, 30.5, 50.3)),
        ("2025-01-01", "Borealis", box(30.5, 31, 50.3)),
        ("2025-01-01", "Cedar", box(30, 31, 50, 50.3)),
    ).lines
    assert [line.front for line in lines] == [
        "Aster – Borealis",
        "Aster – Cedar",
        "Borealis – Cedar",
    ]
    meeting = shapely.Point(30.5, 50.3)
    for line in lines:
        assert line.geometry.distance(meeting) < 1e-6


def test_pockets_are_parts_of_their_front():
    pocket = box(30.7, 30.8, 50.2, 50.3)
    (line,) = drawn(
        ("2025-01-01", "Aster", box(30, 30.5).union(pocket)),
        ("2025-01-01", "Borealis", box(30.5, 31).difference(pocket)),
    ).lines
    parts = list(line.geometry.geoms)
    assert len(parts) == 2
    assert parts[1].is_closed
    lines = prepare_lines(LineColumns(np.array([line.geometry], dtype=object)))
    side = nearest(lines, [30.75, 30.69, 30.4], [50.25, 50.25, 50.25]).side
    assert side.tolist() == [Side.LEFT, Side.RIGHT, Side.LEFT]


def test_with_one_side_alone_the_rest_of_the_theatre_is_the_other():
    (line,) = drawn(
        ("2025-01-01", None, box(30.5, 31)), party="Borealis", other_party="Aster"
    ).lines
    assert (line.left_party, line.right_party) == ("Aster", "Borealis")
    (unnamed,) = drawn(("2025-01-01", None, box(30.5, 31))).lines
    assert (unnamed.left_party, unnamed.right_party, unnamed.front) == (None, None, None)
    with pytest.raises(CeasefireError, match="theatre is needed"):
        drawn(("2025-01-01", None, box(30.5, 31)), theatre=None)


def test_without_a_theatre_the_outline_of_all_areas_is_the_edge():
    (line,) = drawn(
        ("2025-01-01", "Aster", box(30, 30.5)),
        ("2025-01-01", "Borealis", box(30.5, 31)),
        theatre=None,
    ).lines
    assert line.geometry.bounds == pytest.approx((30.5, 50.0, 30.5, 50.6), abs=1e-6)


def test_a_border_drawn_otherwise_than_the_theatres_edge_is_left_out():
    ragged = shapely.Polygon(
        [(30.5, 50.003), (30.7, 50.002), (30.996, 50.003), (30.995, 50.2), (30.998, 50.4)]
        + [(30.997, 50.598), (30.7, 50.597), (30.5, 50.598)]
    )
    (line,) = drawn(("2025-01-01", None, ragged)).lines
    assert line.geometry.bounds == pytest.approx((30.5, 50.003, 30.5, 50.598), abs=0.001)


def test_broken_polygons_collections_and_heights_are_read():
    bow_tie = shapely.Polygon([(30, 50), (30.5, 50.6), (30, 50.6), (30.5, 50)])
    mixed = shapely.GeometryCollection(
        [shapely.force_3d(box(30.5, 31), 7.0), shapely.Point(30, 50), bow_tie]
    )
    found = drawn(("2025-01-01", "Aster", box(30, 30.5)), ("2025-01-01", "Borealis", box(30.5, 31)))
    odd = drawn(
        ("2025-01-01", "Aster", shapely.force_3d(box(30, 30.5), 3.0)),
        ("2025-01-01", "Borealis", shapely.GeometryCollection(list(mixed.geoms)[:2])),
    )
    assert odd.lines[0].geometry.equals_exact(found.lines[0].geometry, 1e-9)
    repaired = drawn(("2025-01-01", None, bow_tie))
    assert "1 invalid areas were repaired: area 0" in repaired.notes[0]
    assert repaired.lines


def test_short_fragments_are_dropped_and_counted():
    pocket = box(30.7, 30.71, 50.2, 50.21)
    rows = [
        ("2025-01-01", "Aster", box(30, 30.5).union(pocket)),
        ("2025-01-01", "Borealis", box(30.5, 31).difference(pocket)),
    ]
    found = drawn(*rows, tolerance_m=100.0, min_length_m=10_000.0)
    assert len(found.lines[0].geometry.geoms) == 1
    assert found.dropped_m == pytest.approx(GEOD.geometry_length(pocket.exterior), rel=1e-3)
    assert "were dropped" in found.notes[0]


def test_what_cannot_give_a_line_is_one_sentence():
    with pytest.raises(CeasefireError, match="no features"):
        drawn()
    with pytest.raises(CeasefireError, match="None of the areas"):
        drawn(("2025-01-01", "Aster", shapely.Point(30, 50)))
    with pytest.raises(CeasefireError, match="No contact line came"):
        drawn(("2025-01-01", None, THEATRE))
    with pytest.raises(CeasefireError, match="0 m or more"):
        drawn(("2025-01-01", None, box(30, 30.5)), tolerance_m=-1.0)
    with pytest.raises(CeasefireError, match="The theatre has no area"):
        drawn(("2025-01-01", None, box(30, 30.5)), theatre=shapely.LineString([(0, 0), (1, 1)]))


def test_areas_without_a_date_among_dated_ones_are_named():
    found = drawn(
        ("2025-01-01", None, box(30, 30.5)),
        (None, None, box(30, 30.6)),
        ("2025-02-01", None, box(30, 30.7)),
    )
    assert "1 areas have no date and were left out: area 1." in found.notes
    assert len(found.lines) == 2
    (undated,) = drawn((None, None, box(30, 30.5))).lines
    assert (undated.valid_from, undated.valid_to) == (None, None)


def test_a_stop_is_heeded():
    with pytest.raises(Cancelled):
        lines_from_control(
            areas(("2025-01-01", None, box(30, 30.5))),
            ControlSettings(THEATRE),
            cancelled=lambda: True,
        )


def test_chainage_keeps_where_the_line_keeps():
    def line_at(west):
        bulge = box(west, 30.5, 50.4, 50.5)
        return (
            drawn(
                ("2025-01-01", "Aster", box(30, 30.5).difference(bulge)),
                ("2025-01-01", "Borealis", box(30.5, 31).union(bulge)),
            )
            .lines[0]
            .geometry
        )

    chainages = []
    for west in (30.45, 30.4):
        lines = prepare_lines(LineColumns(np.array([line_at(west)], dtype=object)))
        chainages.append(nearest(lines, [30.45, 30.45], [50.1, 50.3]).chainage_m)
    assert np.allclose(chainages[0], chainages[1], atol=1.0)


@pytest.mark.real_data
def test_a_real_area_gives_the_real_line(real_data):
    folder = real_data / "natural_earth"

    def shape_of(name, word):
        text = (folder / name).read_text(encoding="utf-8")
        found = [f for f in json.loads(text)["features"] if word in json.dumps(f["properties"])]
        return [shapely.from_geojson(json.dumps(item["geometry"])) for item in found]

    area = shape_of("ne_10m_admin_0_disputed_areas.geojson", "Donbas")
    (theatre,) = shape_of("ne_50m_admin_0_countries_subset.geojson", "Ukraine")
    (line,) = drawn(
        *((None, None, part) for part in area), theatre=theatre, tolerance_m=5000.0
    ).lines
    path = real_data / "line_of_contact" / "line_of_contact_natural_earth.geojson"
    feature = json.loads(path.read_text(encoding="utf-8"))["features"][0]
    known = shapely.from_geojson(json.dumps(feature["geometry"]))
    assert length_km(known) == pytest.approx(312.6, abs=0.1)
    assert length_km(line.geometry) == pytest.approx(312.6, rel=0.06)
    lines = prepare_lines(LineColumns(np.array([line.geometry], dtype=object)))
    vertices = shapely.get_coordinates(known)
    assert nearest(lines, *vertices.T).distance_m.max() < 1.0


def test_without_a_tolerance_the_theatres_own_edge_is_still_its_edge():
    (line,) = drawn(
        ("2025-01-01", "Aster", box(30, 30.5)),
        ("2025-01-01", "Borealis", box(30.5, 31)),
        tolerance_m=0.0,
    ).lines
    assert line.geometry.bounds == pytest.approx((30.5, 50.0, 30.5, 50.6), abs=1e-6)
