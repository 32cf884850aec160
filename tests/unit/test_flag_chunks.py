"""Flags do not depend on how incidents are cut into chunks; fronts choose among lines."""

from __future__ import annotations

import dataclasses
from statistics import NormalDist

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ceasefire_monitor.analysis import flagging
from ceasefire_monitor.analysis.areas import AreaColumns
from ceasefire_monitor.analysis.contact_line import LineColumns, prepare_lines
from ceasefire_monitor.analysis.flagging import FlagColumns, Flagger, FlagSettings, flag
from ceasefire_monitor.analysis.fronts import of_front
from ceasefire_monitor.analysis.incident_columns import IncidentColumns
from ceasefire_monitor.model.errors import CeasefireError

FIELDS = [field.name for field in dataclasses.fields(FlagColumns) if field.name != "notes"]


def moments(*texts):
    return np.array([text or "NaT" for text in texts], dtype="datetime64[us]")


def three_versions():
    """In January and February by the 50th parallel, none in March, then further north."""
    shapes = [shapely.LineString([(30, lat), (31, lat)]) for lat in (50.0, 50.02, 50.3)]
    return prepare_lines(
        LineColumns(
            np.array(shapes, dtype=object),
            line_name=["Cell"] * 3,
            left_party=["Aster"] * 3,
            right_party=["Borealis"] * 3,
            valid_from=moments("2025-01-01", "2025-02-01", "2025-04-01"),
            valid_to=moments("2025-02-01", "2025-03-01", None),
            uncertainty_m=[100.0, np.nan, 300.0],
        )
    )


def incidents(rng, count):
    start = np.datetime64("2024-12-20", "us") + rng.integers(0, 150, count) * np.timedelta64(1, "D")
    start[rng.random(count) < 0.05] = np.datetime64("NaT")
    end = start + rng.choice([0, 1, 40, 90], count) * np.timedelta64(1, "D")
    lat = rng.normal(50.1, 0.15, count)
    lat[rng.random(count) < 0.05] = np.nan
    return IncidentColumns(
        rng.uniform(29.8, 31.2, count),
        lat,
        start,
        end,
        span_is=rng.choice(["duration", "uncertainty"], count),
        uncertainty_m=rng.choice([np.nan, -5.0, 200.0, 5000.0], count),
        uncertainty_kind=rng.choice(["gauss", "disc", "area"], count),
        feature_id=np.arange(1, count + 1),
    )


def options():
    zone = AreaColumns([shapely.box(30, 49.9, 30.5, 50.2)], ["Zone"], moments("2025-01-10"))
    return FlagSettings(5000.0, 400.0, zones=zone, control=zone)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**31), st.lists(st.integers(0, 60), max_size=6))
def test_the_answers_are_the_same_in_one_chunk_or_many(seed, cuts):
    given_incidents = incidents(np.random.default_rng(seed), 60)
    whole = flag(given_incidents, three_versions(), options())
    flagger = Flagger(three_versions(), options())
    bounds = [0, *sorted(cuts), 60]
    parts = [
        flagger.flag_chunk(given_incidents.part(start, stop))
        for start, stop in zip(bounds, bounds[1:])
    ]
    joined = FlagColumns.joined(parts, flagger.notes())
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(joined, name), getattr(whole, name), err_msg=name)
    assert joined.notes == whole.notes


def test_one_call_cuts_by_itself_and_tells_progress_throughout(monkeypatch):
    given_incidents = incidents(np.random.default_rng(1), 300)
    whole = flag(given_incidents, three_versions(), options())
    monkeypatch.setattr(flagging, "CHUNK", 70)
    told = []
    cut = flag(given_incidents, three_versions(), options(), progress=told.append)
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(cut, name), getattr(whole, name), err_msg=name)
    assert told == sorted(told) and told[0] == 0.0 and 0.8 < told[-1] <= 1.0


def test_what_is_odd_is_named_by_features_ten_at_most():
    count = 25
    given_incidents = IncidentColumns(
        np.full(count, 30.5),
        np.full(count, 50.0),
        moments(*([None] * 12 + ["2025-03-05"] * 2 + ["2025-01-05"] * 11)),
        uncertainty_m=[100.0] * 23 + [-1.0, 3e6],
        feature_id=np.arange(101, 101 + count),
    )
    notes = flag(given_incidents, three_versions(), FlagSettings()).notes
    assert notes[0].startswith(
        "The uncertainty of 2 incidents (features 124 and 125) is below 0 or beyond 2,000 km"
    )
    assert notes[1].startswith(
        "The time of 12 incidents (features 101, 102, 103, 104, 105, 106, 107, 108, 109, 110 and "
        "2 more) is not known"
    )
    assert notes[2] == (
        "No line was in force from 1 Mar 2025 until 1 Apr 2025; this concerns 2 incidents "
        "(features 113 and 114)."
    )


def lines_of_fronts():
    return LineColumns(
        np.array([shapely.LineString([(30, 50), (31, lat)]) for lat in (50, 51, 52)], dtype=object),
        front=["Aster – Borealis", None, "River front"],
        left_party=[None, "Cedar", "Aster"],
        right_party=[None, "Aster", "Cedar"],
        label=np.array(["one", "two", "three"], dtype=object),
    )


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("Aster – Borealis", ["one"]),
        ("borealis - ASTER", ["one"]),
        ("Aster / Cedar", ["two", "three"]),
        ("Cedar and Aster", ["two", "three"]),
        ("river  front", ["three"]),
        ("Borealis-Aster", ["one"]),
        ("cedar‑aster", ["two", "three"]),
        ("Cedar −Aster", ["two", "three"]),
    ],
)
def test_a_front_is_chosen_by_its_name_or_its_parties(asked, found):
    assert of_front(lines_of_fronts(), asked).label.tolist() == found


def test_a_party_may_have_a_dash_in_its_name():
    line = LineColumns(
        np.array([shapely.LineString([(30, 50), (31, 50)])], dtype=object),
        left_party=["North-Aster"],
        right_party=["Cedar"],
    )
    for asked in ("North-Aster – Cedar", "Cedar-North-Aster"):
        assert len(of_front(line, asked)) == 1


def test_a_front_that_is_not_there_is_answered_with_those_that_are():
    with pytest.raises(CeasefireError, match="“Aster – Borealis”, “Cedar – Aster”, “River front”"):
        of_front(lines_of_fronts(), "Drumlin – Esker")


def test_the_side_has_a_probability_where_a_side_is_stated_and_the_place_is_vague():
    line = prepare_lines(
        LineColumns(np.array([shapely.LineString([(30, 50), (31, 50)])], dtype=object))
    )
    north = np.array([50.2, 50.2, 50.006, 50.0, 50.2])
    found = flag(
        IncidentColumns(
            np.array([30.5, 30.5, 30.5, 30.0, 29.0]),
            north,
            uncertainty_m=[1000.0, np.nan, 1000.0, 100.0, 100.0],
        ),
        line,
        FlagSettings(sides=True),
    )
    assert found.line_side.tolist() == ["left", "left", "left", "on the line", "beyond the end"]
    assert found.side_probability[0] == 1.0
    # 1,000 m hold 95 % of a round normal spread: 2.4477 standard deviations.
    off = found.line_distance_m[2] / (1000.0 / 2.447747)
    expected = NormalDist().cdf(off)
    assert found.side_probability[2] == pytest.approx(expected, abs=0.02)
    assert np.isnan(found.side_probability[[1, 3, 4]]).all()
