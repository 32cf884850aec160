"""What lines bring that cannot be used as it is: each is named, and the rest goes on."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from ceasefire_monitor.analysis.contact_line import LineColumns, prepare_lines
from ceasefire_monitor.analysis.nearest import nearest
from ceasefire_monitor.model.errors import CeasefireError

GOOD = shapely.LineString([(30, 50), (31, 50)])


def prepared(*geometries, chosen=None, **columns):
    return prepare_lines(LineColumns(np.array(geometries, dtype=object), **columns), chosen)


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (None, "Line 2 has no geometry"),
        (shapely.LineString(), "Line 2 has no geometry"),
        (shapely.LineString([(30, 50), (30, 50)]), "Line 2 has no length"),
        (shapely.box(30, 50, 31, 51), "Line 2 is a polygon where a line is needed"),
        (shapely.Point(30, 50), "Line 2 is a point where a line is needed"),
        (shapely.LineString([(300_000, 5e6), (310_000, 5e6)]), "not degrees"),
        (shapely.LineString([(30, 50), (np.nan, 50)]), "not degrees"),
    ],
)
def test_a_line_that_cannot_be_used_is_left_out_by_name(bad, told):
    lines = prepared(GOOD, bad)
    assert len(lines) == 1
    assert told in lines.notes[0]
    with pytest.raises(CeasefireError, match="None of the contact lines can be used"):
        prepared(bad)


def test_validity_that_ends_before_it_begins_is_left_out_by_name():
    starts = np.array(["2025-03-01", "2025-01-01"], dtype="datetime64[us]")
    ends = np.array(["2025-02-01", "NaT"], dtype="datetime64[us]")
    lines = prepared(GOOD, GOOD, valid_from=starts, valid_to=ends)
    assert len(lines) == 1
    assert lines.notes == [
        "Line 1 ends (2025-02-01) before it begins (2025-03-01); it was left out."
    ]


def test_overlapping_validity_is_named():
    starts = np.array(["2025-01-01", "2025-02-01"], dtype="datetime64[us]")
    ends = np.array(["2025-02-10", "NaT"], dtype="datetime64[us]")
    lines = prepared(GOOD, GOOD, valid_from=starts, valid_to=ends)
    assert "Line 1 and line 2 are both in force from 2025-02-01" in lines.notes[0]


def test_no_line_at_all_is_one_sentence():
    with pytest.raises(CeasefireError, match="has no features"):
        prepared()


def test_mixed_kinds_ask_for_one_and_list_them():
    kinds = ["agreed", "de_facto"]
    with pytest.raises(CeasefireError, match="“agreed”, “de_facto”"):
        prepared(GOOD, GOOD, kind=kinds)
    assert len(prepared(GOOD, GOOD, chosen="agreed", kind=kinds)) == 1
    with pytest.raises(CeasefireError, match="No contact line is of the kind “marked”"):
        prepared(GOOD, GOOD, chosen="marked", kind=kinds)
    with pytest.raises(CeasefireError, match="lines without a kind"):
        prepared(GOOD, GOOD, kind=["agreed", None])


def test_duplicate_vertices_and_heights_change_nothing():
    bare = prepared(shapely.LineString([(30, 50), (30.5, 50.2), (31, 50)]))
    odd = prepared(
        shapely.LineString(
            [(30, 50, 1), (30, 50, 2), (30.5, 50.2, 9), (30.5, 50.2, 3), (31, 50, 0)]
        )
    )
    points = ([30.1, 30.5, 30.9], [50.2, 50.21, 49.0])
    one, other = nearest(bare, *points), nearest(odd, *points)
    assert np.allclose(one.distance_m, other.distance_m, atol=1e-6)
    assert np.allclose(one.chainage_m, other.chainage_m, atol=1e-6)
    assert (one.side == other.side).all()
    assert odd.notes == [
        "Line 1 has 2 repeated vertices; each counts once.",
        "Line 1 has heights; they are left aside.",
    ]
    assert bare.notes == []


def test_one_party_on_both_sides_is_named():
    lines = prepared(GOOD, GOOD, left_party=["Aster", None], right_party=["Aster", None])
    assert lines.notes == ["Line 1 has “Aster” on both sides; check its parties."]


def test_dates_are_told_as_they_were_written():
    with pytest.raises(CeasefireError, match=r"ends \(1 Apr\) before it begins \(2025-05-01\)"):
        prepared(
            GOOD,
            valid_from=np.array(["2025-05-01"], dtype="datetime64[us]"),
            valid_to=np.array(["2025-04-02"], dtype="datetime64[us]"),
            written_to=["1 Apr"],
        )


def test_a_line_that_crosses_itself_is_used_and_named():
    lines = prepared(shapely.LineString([(30, 50), (31, 51), (31, 50), (30, 51)]))
    assert "crosses itself" in lines.notes[0]


@pytest.mark.parametrize("uncertainty", [-1.0, 1e7, np.inf])
def test_an_uncertainty_that_cannot_be_is_taken_as_not_known(uncertainty):
    lines = prepared(GOOD, uncertainty_m=[uncertainty])
    assert np.isnan(lines.columns.uncertainty_m[0])
    assert "taken as not known" in lines.notes[0]


def test_parts_in_any_order_and_direction_give_the_same_chainage():
    rng = np.random.default_rng(4)
    vertices = [(30 + 0.1 * i, 50 + 0.03 * (i % 3)) for i in range(13)]
    parts = [vertices[i : i + 3] for i in range(0, 12, 2)]
    whole = prepared(shapely.LineString(vertices))
    lon, lat = rng.uniform(30, 31.2, 50), rng.uniform(49.9, 50.2, 50)
    told = nearest(whole, lon, lat)
    for _ in range(10):
        order = rng.permutation(len(parts))
        # Fewer than half are turned, so that the direction of the whole is that of most of it.
        turned = set(rng.choice(len(parts), 2, replace=False).tolist())
        mixed = [parts[i][::-1] if i in turned else parts[i] for i in order]
        found = nearest(prepared(shapely.MultiLineString(mixed)), lon, lat)
        assert np.allclose(found.chainage_m, told.chainage_m, atol=1e-3)
        assert (found.side == told.side).all()
