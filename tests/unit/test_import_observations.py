"""Tables of violations and logs of cameras: incidents, observations, posts, effort."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from geographiclib.geodesic import Geodesic

from ceasefire_monitor.feeds.importer import import_table
from ceasefire_monitor.feeds.table import RawTable
from ceasefire_monitor.model.errors import CeasefireError

HEADER = [
    "SMM position",
    "Position latitude",
    "Position longitude",
    "Event location",
    "Means",
    "No.",
    "Observation",
    "Description",
    "Weapon",
    "Date, time",
]
ROW = [
    "SMM camera at Alder",
    "48.0",
    "37.0",
    "3-5km NNW",
    "Recorded",
    "30",
    "Explosion",
    "Outgoing",
    "Mortar (120mm)",
    "13-Oct-2020, 18:47",
]


def row(**changes):
    """The usual row with some cells changed, by the header's name."""
    cells = dict(zip(HEADER, ROW))
    cells.update({name.replace("_", " "): value for name, value in changes.items()})
    return [cells[name] for name in HEADER]


def smm(*rows, header=HEADER, path="table.csv", title="", **options):
    table = RawTable(header, [list(one) for one in rows], list(range(1, len(rows) + 1)), [], path)
    table.title = title
    return import_table(table, options.pop("preset", "auto"), **options)


def only(result):
    assert len(result.incidents) == 1, result.rejected
    return result.incidents[0]


def test_the_incident_stands_in_the_middle_of_its_sector():
    result = smm(ROW, timezone="Europe/Vienna")
    one = only(result)
    assert result.preset == "smm"
    middle = ((3000**2 + 5000**2) / 2) ** 0.5
    there = Geodesic.WGS84.Direct(48.0, 37.0, 337.5, middle)
    assert one.latitude == pytest.approx(there["lat2"], abs=1e-9)
    assert one.longitude == pytest.approx(there["lon2"], abs=1e-9)
    assert one.uncertainty_kind == "sector"
    assert 700 < one.uncertainty_m < 1400
    assert one.point_role == "origin" and one.phase == "outgoing"
    assert (one.count_low, one.count_high, one.count_qualifier) == (30, 30, "exact")
    assert one.category == "firing/explosion" and one.term == "Explosion"
    assert one.weapon == "mortar_120" and one.origin == "own_observation"
    assert one.occurred_from == datetime(2020, 10, 13, 16, 47, tzinfo=timezone.utc)


def test_the_observation_keeps_the_sector_and_the_post():
    result = smm(ROW)
    seen = result.observations[0]
    assert seen.incident_id == result.incidents[0].incident_id
    assert (seen.bearing_deg, seen.bearing_halfwidth_deg) == (337.5, 11.25)
    assert (seen.range_min_m, seen.range_max_m) == (3000, 5000)
    assert (seen.longitude, seen.latitude) == (37.0, 48.0)
    assert seen.means == "camera" and seen.post_id == "SMM camera at Alder"
    post = result.posts[0]
    assert (post.post_id, post.kind) == ("SMM camera at Alder", "camera")
    assert (post.longitude, post.latitude) == (37.0, 48.0)


def test_not_known_is_never_zero_or_one():
    one = only(smm(row(**{"No.": "N/K"})))
    assert (one.count_low, one.count_high, one.count_qualifier) == (None, None, "not_known")
    result = smm(row(**{"No.": "lots"}))
    assert only(result).count_qualifier == "not_known"
    assert any("could not be read" in note for note in result.notes)


def test_without_distance_the_incident_has_no_place_and_the_observation_stays():
    for text in ("N/K", "NW", ""):
        result = smm(row(Event_location=text))
        assert only(result).longitude is None and only(result).uncertainty_m is None
        assert len(result.observations) == 1
    assert smm(row(Event_location="NW")).observations[0].bearing_deg == 315.0


def test_without_direction_it_may_be_anywhere_about_the_post():
    one = only(smm(row(Event_location="4km")))
    assert (one.longitude, one.latitude) == (37.0, 48.0)
    assert one.point_role == "observer" and one.uncertainty_m == pytest.approx(4740, rel=0.05)


def test_what_is_not_understood_is_said():
    result = smm(row(Event_location="behind the mill"))
    assert only(result).longitude is None
    assert any("not understood" in note for note in result.notes)


@pytest.mark.parametrize(
    "changes",
    [
        {"No.": "0", "Observation": "Nil", "Description": "", "Weapon": "", "Event location": ""},
        {"No.": "nil", "Observation": "", "Description": "", "Weapon": "", "Event location": ""},
        {"No.": "0"},
        {"No.": "", "Observation": "No ceasefire violations observed"},
        {"No.": "", "Observation": "", "Description": "", "Weapon": "", "Event location": ""},
        {"No.": "N/K", "Observation": "nil", "Event location": "N/K", "Weapon": "N/K"},
    ],
)
def test_a_row_that_reports_nothing_is_effort(changes):
    result = smm(row(**{"Date, time": "2020-10-14", **changes}), timezone="Europe/Vienna")
    assert not result.incidents and not result.rejected and not result.observations
    effort = result.effort[0]
    assert effort.status == "operating" and effort.post_id == "SMM camera at Alder"
    assert effort.observed_from == datetime(2020, 10, 13, 22, tzinfo=timezone.utc)
    assert effort.observed_to == datetime(2020, 10, 14, 22, tzinfo=timezone.utc)
    assert [post.post_id for post in result.posts] == ["SMM camera at Alder"]


def test_a_camera_that_could_not_see_is_effort_of_another_status():
    down = smm(row(**{"No.": "", "Observation": "Camera not operational", "Description": ""}))
    assert (down.effort[0].status, down.effort[0].reason) == ("down", "Camera not operational")
    fog = smm(row(**{"No.": "0", "Observation": "Nil", "Description": "obscured by fog"}))
    assert fog.effort[0].status == "degraded"


def test_circumstances_are_kept():
    exercise = only(smm(row(Description="Outgoing, assessed as live-fire exercise")))
    assert exercise.circumstance == "live_fire_exercise"
    blast = only(smm(row(Description="Controlled explosion")))
    assert blast.circumstance == "controlled_explosion"
    assert only(smm(ROW)).circumstance is None


def test_the_direction_of_a_projectile_is_kept():
    result = smm(row(Observation="Projectile", Description="In flight, W to E"))
    assert result.observations[0].fire_azimuth_deg == 90.0
    assert result.incidents[0].phase == "in_flight"


def test_a_range_of_time_is_a_duration_for_many_and_a_doubt_for_one():
    many = only(smm(row(**{"Date, time": "13-Oct-2020, 20:00-21:00"})))
    one = only(smm(row(**{"Date, time": "13-Oct-2020, 20:00-21:00", "No.": "1"})))
    assert (many.span_is, one.span_is) == ("duration", "uncertainty")
    assert (many.occurred_to - many.occurred_from).total_seconds() == 3600


def test_the_year_comes_from_mapping_title_or_file_name():
    yearless = row(**{"Date, time": "13-Oct, 18:47"})
    assert only(smm(yearless, path="daily_20201014.csv")).occurred_from.year == 2020
    titled = smm(yearless, title="Table of ceasefire violations as of 14 October 2019")
    assert only(titled).occurred_from.year == 2019
    mapped = smm(yearless, mapping={"year": {"value": 2018}})
    assert only(mapped).occurred_from.year == 2018
    column = smm([*yearless, "2017"], header=[*HEADER, "Year"])
    assert only(column).occurred_from.year == 2017
    with pytest.raises(CeasefireError, match="year"):
        smm(yearless)


def test_december_in_a_table_of_january_is_of_the_year_before():
    rows = [row(**{"Date, time": "31-Dec, 23:10"}), row(**{"Date, time": "01-Jan, 00:10"})]
    for said in ({"title": "Violations as of 1 January 2021"}, {"path": "daily_20210101.csv"}):
        years = [one.occurred_from.year for one in smm(*rows, **said).incidents]
        assert years == [2020, 2021]


def test_positions_come_from_a_gazetteer_where_the_table_has_no_points():
    cells = row(Position_latitude="", Position_longitude="")
    here = {"Alder": (37.0, 48.0), "Birch": (37.2, 48.1)}
    assert only(smm(cells, gazetteer=here)).latitude > 48.0
    offset = row(
        SMM_position="SMM camera at Elm (10km N of Birch)",
        Position_latitude="",
        Position_longitude="",
    )
    result = smm(offset, gazetteer=here)
    assert result.posts[0].latitude == pytest.approx(48.19, abs=0.01)
    unknown = smm(cells, gazetteer={})
    assert only(unknown).longitude is None
    assert any("post's own point is not known" in note for note in unknown.notes)


def test_separate_columns_and_other_spellings():
    header = [
        "Post",
        "lat",
        "lon",
        "Distance",
        "Direction",
        "Number",
        "Observation",
        "Date",
        "Time",
    ]
    one = only(
        smm(
            ["OP 1", "48,0", "37,0", "3-5", "NNW", "2", "Burst", "13.10.2020", "20:00-21:00"],
            header=header,
        )
    )
    assert one.latitude > 48.0 and one.category == "firing/burst"
    assert one.occurred_from.hour == 20


def test_no_date_is_set_aside():
    result = smm(ROW, row(**{"Date, time": ""}), row(**{"Date, time": "N/K"}))
    assert [one.reason for one in result.rejected] == ["the row has no date"] * 2


def test_the_same_row_twice_is_kept_once_and_told():
    result = smm(ROW, row(), row(Weapon="Tank"))
    assert len(result.incidents) == 2 and len(result.observations) == 2
    assert result.rejected[0].reason == "the same as row 1 in every column; kept once"


CAMERA_HEADER = [
    "camera",
    "latitude",
    "longitude",
    "date",
    "time",
    "from",
    "to",
    "bearing_deg",
    "bearing_halfwidth_deg",
    "range_min_m",
    "range_max_m",
    "observation",
    "description",
    "number",
    "weapon",
    "status",
    "reason",
    "duplicate_group",
]


def camera(**cells):
    usual = {"camera": "Cam 1", "latitude": "48.0", "longitude": "37.0"}
    cells = {**usual, **cells}
    return [cells.get(name, "") for name in CAMERA_HEADER]


def test_a_camera_log_gives_incidents_and_effort():
    result = smm(
        camera(
            date="2020-10-13",
            time="21:05:10",
            bearing_deg="90",
            bearing_halfwidth_deg="2",
            range_min_m="1000",
            range_max_m="2000",
            observation="Explosion",
            number="1",
            duplicate_group="g1",
        ),
        camera(**{"from": "2020-10-13 00:00", "to": "2020-10-13 06:00", "status": "operating"}),
        camera(
            **{
                "from": "2020-10-13 06:00",
                "to": "2020-10-13 07:30",
                "status": "down",
                "reason": "no power",
            }
        ),
        camera(date="2020-10-14", status="operating", observation="nil"),
        header=CAMERA_HEADER,
        timezone="Europe/Vienna",
    )
    assert result.preset == "cameralog"
    one = only(result)
    assert one.longitude > 37.01 and one.uncertainty_kind == "sector"
    assert result.observations[0].means == "camera"
    assert result.observations[0].duplicate_group == "g1"
    operating, down, nil = result.effort
    assert operating.observed_from == datetime(2020, 10, 12, 22, tzinfo=timezone.utc)
    assert operating.observed_to == datetime(2020, 10, 13, 4, tzinfo=timezone.utc)
    assert (down.status, down.reason) == ("down", "no power")
    assert (down.observed_to - down.observed_from).total_seconds() == 5400
    assert (nil.observed_to - nil.observed_from).total_seconds() == 86400
    assert [post.kind for post in result.posts] == ["camera"]


def test_a_camera_row_without_a_camera_is_set_aside():
    result = smm(
        camera(camera="", date="2020-10-13", observation="Burst", number="1"),
        camera(date="2020-10-13", observation="Burst", number="1"),
        header=CAMERA_HEADER,
    )
    assert result.rejected[0].column == "camera" and len(result.incidents) == 1
    assert only(result).longitude is None
