"""Flags, dates, spans and sentences."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from geographiclib.geodesic import Geodesic

from ceasefire_monitor.analysis.areas import AreaColumns
from ceasefire_monitor.analysis.contact_line import LineColumns, prepare_lines
from ceasefire_monitor.analysis.flagging import FlagSettings, flag
from ceasefire_monitor.analysis.incident_columns import IncidentColumns
from ceasefire_monitor.analysis.line_words import Found, sentence
from ceasefire_monitor.model.errors import Cancelled, CeasefireError
from ceasefire_monitor.model.tables import FLAG_FIELDS

EQUATORWARD = shapely.LineString([(30, 50), (31, 50)])
NORTHWARD = shapely.LineString([(30, 50.5), (31, 50.5)])


def moments(*texts):
    return np.array([text or "NaT" for text in texts], dtype="datetime64[us]")


def two_versions(**columns):
    """South until March, none in March, north from April on."""
    return prepare_lines(
        LineColumns(
            np.array([EQUATORWARD, NORTHWARD], dtype=object),
            line_name=["Northern sector"] * 2,
            left_party=["Aster"] * 2,
            right_party=["Borealis"] * 2,
            valid_from=moments("2025-01-01", "2025-04-01"),
            valid_to=moments("2025-03-01", None),
            **columns,
        )
    )


def flagged(lines, lon, lat, start=None, end=None, settings=None, **columns):
    return flag(
        IncidentColumns(
            np.atleast_1d(lon),
            np.atleast_1d(lat),
            moments(*start) if start else None,
            moments(*end) if end else None,
            **columns,
        ),
        lines,
        settings or FlagSettings(),
    )


def test_the_line_in_force_at_the_incidents_time_counts_and_bounds_are_half_open():
    start = ["2024-12-31T23:59:59", "2025-01-01", "2025-02-28T23:59:59", "2025-03-01", "2025-04-01"]
    found = flagged(two_versions(), [30.5] * 5, [50.01] * 5, start)
    assert found.flag.tolist() == ["no_line_in_force", "near", "near", "no_line_in_force", "far"]
    assert found.line_name.tolist() == [None, "Northern sector", "Northern sector", None] + [
        "Northern sector"
    ]
    assert np.isnat(found.line_valid_from[3])
    assert str(found.line_valid_from[4])[:10] == "2025-04-01"
    told = Geodesic.WGS84.Inverse(50.01, 30.5, 50.0, 30.5)["s12"]
    assert found.line_distance_m[1] == pytest.approx(told, abs=200)


def test_every_field_of_the_contract_is_given():
    found = flagged(two_versions(), [30.5], [50.01], ["2025-01-05"])
    for field in FLAG_FIELDS:
        assert len(getattr(found, field.name)) == 1


def test_gaps_are_named_with_the_number_of_incidents():
    found = flagged(
        two_versions(), [30.5] * 3, [50.01] * 3, ["2025-03-05", "2025-03-09", "2024-01-01"]
    )
    assert found.notes == [
        "No line was in force before 1 Jan 2025; this concerns 1 incident.",
        "No line was in force from 1 Mar 2025 until 1 Apr 2025; this concerns 2 incidents.",
    ]


def test_without_an_uncertainty_the_bare_point_decides_and_no_probability_is_given():
    found = flagged(two_versions(), [30.5, 30.5], [50.0, 50.06], ["2025-01-05"] * 2)
    assert found.flag.tolist() == ["near", "far"]
    assert found.flag_basis.tolist() == ["none", "none"]
    assert np.isnan(found.flag_probability).all()
    assert "by the bare point" in found.finding[0]


def test_a_known_place_gives_a_probability_and_a_default_is_said_to_be_one():
    radius = np.array([1000.0, 20_000.0, np.nan])
    found = flagged(
        two_versions(),
        [30.5] * 3,
        [50.01] * 3,
        ["2025-01-05"] * 3,
        uncertainty_m=radius,
        settings=FlagSettings(default_uncertainty_m=500.0),
    )
    assert found.flag.tolist() == ["near", "possible", "near"]
    assert found.flag_basis.tolist() == ["measured", "measured", "default"]
    assert 0.05 < found.flag_probability[1] < 0.95
    assert "taking 500 m as the uncertainty of its place" in found.finding[2]


def test_an_uncertainty_that_cannot_be_is_named_and_not_used():
    found = flagged(
        two_versions(), [30.5] * 2, [50.01] * 2, ["2025-01-05"] * 2, uncertainty_m=[-5.0, 9e9]
    )
    assert found.flag_basis.tolist() == ["none", "none"]
    assert "2 incidents" in found.notes[0]


def test_what_lasted_is_near_if_it_was_near_at_any_moment():
    columns = {"span_is": ["duration", "uncertainty"], "uncertainty_m": [200.0, 200.0]}
    # 1 February to 1 May 2025: 28 days at the southern line, 31 without, 30 at the northern.
    found = flagged(
        two_versions(), [30.5] * 2, [50.5] * 2, ["2025-02-01"] * 2, ["2025-05-01"] * 2, **columns
    )
    assert found.flag.tolist() == ["near", "possible"]
    assert found.flag_probability[0] == 1.0
    assert found.flag_probability[1] == pytest.approx(30 / 89, abs=1e-9)
    # Distance and version are those at its beginning.
    assert str(found.line_valid_from[0])[:10] == "2025-01-01"
    assert found.line_distance_m[0] > 50_000
    assert "35% of that time no line was in force" in found.finding[1]


def test_the_first_version_in_the_span_counts_where_none_was_in_force_at_its_beginning():
    found = flagged(two_versions(), [30.5], [50.5], ["2025-03-10"], ["2025-04-10"])
    assert str(found.line_valid_from[0])[:10] == "2025-04-01"
    # The share of the moments, 9 of 31 days, is neither near nor far.
    assert found.flag[0] == "possible"


def test_an_incident_without_time_is_held_against_undated_lines_alone():
    dated = flagged(two_versions(), [30.5], [50.01], [None])
    assert dated.flag[0] == "no_line_in_force"
    assert "time is not known" in dated.finding[0]
    undated = prepare_lines(LineColumns(np.array([EQUATORWARD], dtype=object)))
    found = flagged(undated, [30.5], [50.01], [None], uncertainty_m=[100.0])
    assert found.flag[0] == "near"
    assert found.flag_probability[0] == 1.0


def test_an_incident_without_place_is_counted_as_not_located():
    found = flagged(two_versions(), [np.nan, 30.5], [np.nan, 95.0], ["2025-01-05"] * 2)
    assert found.flag.tolist() == ["not_located", "not_located"]
    assert found.line_side.tolist() == [None, None]
    assert "No place is known" in found.finding[0]


def test_a_process_without_any_line_is_no_error():
    found = flagged(None, [30.5, np.nan], [50.0, np.nan], ["2025-01-05"] * 2)
    assert found.flag.tolist() == ["no_line_in_force", "not_located"]
    assert found.finding[0] == "No contact line was given."


def test_the_sentence_says_what_was_found():
    lines = two_versions(uncertainty_m=[200.0, np.nan])
    found = flagged(
        lines,
        [30.5, 30.5, 29.9, 30.2],
        [50.02, 49.98, 50.0, 50.002],
        ["2025-01-05"] * 4,
        uncertainty_m=[200.0] * 4,
    )
    assert found.line_side.tolist() == ["Aster", "Borealis", "beyond the end", "on the line"]
    assert "on the line within its uncertainty of 200 m" in found.finding[3]
    assert found.finding[0] == (
        f"{found.line_distance_m[0]:,.0f} m from the line “Northern sector” in force since "
        f"1 Jan 2025, on the Aster side, at km {found.line_chainage_m[0] / 1000:.1f}; near "
        "(within 5 km) with probability 1.00."
    )
    assert "beyond the end of the line" in found.finding[2]


def test_dates_in_sentences_are_the_theatres():
    lines = prepare_lines(
        LineColumns(
            np.array([EQUATORWARD], dtype=object), valid_from=moments("2025-10-11T22:00:00")
        )
    )
    found = flagged(
        lines, [30.5], [50.0], ["2025-12-01"], settings=FlagSettings(timezone="Europe/Athens")
    )
    assert "in force since 12 Oct 2025" in found.finding[0]
    with pytest.raises(CeasefireError, match="not a time zone"):
        flagged(lines, [30.5], [50.0], ["2025-12-01"], settings=FlagSettings(timezone="Mars/One"))


def test_zones_and_control_are_those_of_the_moment():
    west, east = shapely.box(30, 49, 30.5, 51), shapely.box(30.4, 49, 31, 51)
    zones = AreaColumns(
        [west, east], ["Zone W", "Zone E"], moments(None, "2025-02-01"), moments(None, None)
    )
    control = AreaColumns([west], ["Aster"], moments("2025-01-01"), moments("2025-02-01"))
    found = flagged(
        two_versions(),
        [30.45, 30.45, 30.9, np.nan],
        [50.0, 50.0, 50.0, np.nan],
        ["2025-01-10", "2025-02-01", "2025-02-10", "2025-02-10"],
        settings=FlagSettings(zones=zones, control=control),
    )
    assert found.zones.tolist() == ["Zone W", "Zone E; Zone W", "Zone E", None]
    assert found.control.tolist() == ["Aster", "unknown", "unknown", None]
    assert flagged(two_versions(), [30.4], [50.0], ["2025-01-10"]).control[0] is None


def test_progress_is_told_and_a_stop_is_heeded():
    incidents = IncidentColumns([30.5], [50.0], moments("2025-01-10"))
    told = []
    flag(incidents, two_versions(), FlagSettings(), progress=told.append)
    assert told and all(0.0 <= share <= 1.0 for share in told)
    with pytest.raises(Cancelled):
        flag(incidents, two_versions(), FlagSettings(), cancelled=lambda: True)


@pytest.mark.parametrize("distance", [-1.0, np.nan, np.inf])
def test_a_distance_that_cannot_be_is_refused(distance):
    with pytest.raises(CeasefireError, match="distance"):
        flagged(two_versions(), [30.5], [50.0], settings=FlagSettings(distance_m=distance))


def test_no_incidents_at_all_give_empty_columns():
    found = flag(IncidentColumns([], []), two_versions(), FlagSettings())
    assert len(found.flag) == 0


def test_a_vague_year_over_many_versions_is_weighed_by_time():
    days = np.arange("2025-01-01", "2025-02-01", dtype="datetime64[D]").astype("datetime64[us]")
    geometry = np.array([EQUATORWARD if i < 10 else NORTHWARD for i in range(31)], dtype=object)
    lines = prepare_lines(
        LineColumns(geometry, valid_from=days, valid_to=days + np.timedelta64(1, "D"))
    )
    found = flagged(lines, [30.5], [50.0], ["2025-01-01"], ["2025-02-01"], uncertainty_m=[100.0])
    assert found.flag_probability[0] == pytest.approx(10 / 31)


def test_two_digits_never_contradict_the_flag():
    lines = prepare_lines(LineColumns(np.array([EQUATORWARD], dtype=object)))
    lat = 50.0 + np.arange(400) * 0.0005
    found = flagged(lines, np.full(400, 30.5), lat, uncertainty_m=np.full(400, 4000.0))
    for flag_of_it, words in zip(found.flag, found.finding):
        told = words.split("probability ")[-1].split(", its place")[0]
        told = float(told.rstrip(".").split()[-1])
        if flag_of_it == "possible":
            assert 0.05 < told < 0.95, words
    assert set(found.flag) == {"near", "possible", "far"}


def test_a_place_vaguer_than_its_distance_is_said_to_be_so():
    found = Found(780.0, "Cell", None, "left", 0.0, 4000.0, "possible", 5000.0, 0.07, "measured",
                  0.0, 1, 0.0)  # fmt: skip
    assert "its place being known to ± 100 km" in sentence(replace(found, place_m=100_000.0))
    assert "its place" not in sentence(replace(found, place_m=500.0))
    assert "its place" not in sentence(found)


def test_a_version_within_the_time_that_came_nearer_is_named():
    found = flagged(
        two_versions(),
        30.5,
        50.49,
        ["2025-02-01"],
        ["2025-05-01"],
        uncertainty_m=[50.0],
        span_is=["duration"],
    )
    assert found.flag[0] == "near"
    assert found.line_distance_m[0] > 50_000.0
    away = Geodesic.WGS84.Inverse(50.49, 30.5, 50.5012, 30.5)["s12"]
    nearer = found.finding[0].split("; it came as near as ")[1]
    assert nearer.endswith(" m from the line “Northern sector” in force since 1 Apr 2025.")
    assert float(nearer.split(" m ")[0].replace(",", "")) == pytest.approx(away, rel=0.05)


def test_what_is_odd_with_incidents_is_named_by_feature():
    found = flagged(
        two_versions(),
        [30.5, 400.0, 30.5, 30.5],
        [50.01, 50.0, 95.0, 50.01],
        ["2025-02-01"] * 4,
        ["2025-01-01", None, None, "2025-02-02"],
        uncertainty_m=[100.0] * 4,
        uncertainty_kind=["gauss", None, "disc", "Kreis"],
        feature_id=np.array([11, 12, 13, 14]),
    )
    assert found.flag.tolist() == ["near", "not_located", "not_located", "near"]
    notes = " ".join(found.notes)
    assert "coordinates of 2 incidents (features 12 and 13) are no place on the earth" in notes
    assert "The time of 1 incident (feature 11) ends before it begins" in notes
    assert "The uncertainty kind “Kreis” of 1 incident (feature 14) is not known" in notes
    assert "1,000 km" not in notes


def test_incidents_that_are_all_absurdly_far_point_to_the_layers_crs():
    far = flagged(two_versions(), [-60.0, -61.0], [0.0, 1.0], ["2025-02-01"] * 2)
    assert sum("more than 1,000 km from the line: check" in note for note in far.notes) == 1
    one_near = flagged(two_versions(), [-60.0, 30.5], [0.0, 50.0], ["2025-02-01"] * 2)
    assert "1,000 km" not in " ".join(one_near.notes)
