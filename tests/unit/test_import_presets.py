"""Each preset on small tables with its quirks, and what all presets share."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta, timezone

import pytest

from ceasefire_monitor.feeds.importer import import_table
from ceasefire_monitor.feeds.presets import PRESETS
from ceasefire_monitor.feeds.presets.acled import CATEGORIES, EVENT_TYPES
from ceasefire_monitor.feeds.presets.viina import CATEGORIES as VIINA_CATEGORIES
from ceasefire_monitor.feeds.recognise import recognise
from ceasefire_monitor.feeds.table import RawTable
from ceasefire_monitor.model.errors import Cancelled, CeasefireError
from ceasefire_monitor.model.vocabulary import vocabulary


def run(rows: list[dict], preset="auto", zone="UTC", path="made.csv", **options):
    """Import rows given as dictionaries."""
    columns = list(dict.fromkeys(name for one in rows for name in one))
    cells = [[one.get(name) for name in columns] for one in rows]
    table = RawTable(columns, cells, list(range(1, len(rows) + 1)), [], path)
    result = import_table(table, preset, zone, **options)
    assert len(result.incidents) + len(result.effort) + len(result.rejected) == result.rows
    return result


def utc(*parts) -> datetime:
    return datetime(*parts, tzinfo=timezone.utc)


ACLED = {
    "event_id_cnty": "FIC1",
    "event_date": "2020-07-15",
    "time_precision": "1",
    "event_type": "Battles",
    "sub_event_type": "Armed clash",
    "actor1": "Party A",
    "actor2": "Party B",
    "country": "Fictia",
    "admin1": "North",
    "location": "Alder",
    "latitude": "48.0",
    "longitude": "37.0",
    "geo_precision": "1",
    "notes": "Text",
    "fatalities": "0",
    "timestamp": "100",
}
UCDP = {
    "id": "5",
    "type_of_violence": "1",
    "side_a": "Party A",
    "side_b": "Party B",
    "where_prec": "1",
    "latitude": "48.0",
    "longitude": "37.0",
    "event_clarity": "1",
    "date_prec": "1",
    "date_start": "2020-07-15",
    "date_end": "2020-07-15",
    "deaths_civilians": "1",
    "best": "3",
    "high": "4",
    "low": "2",
}


def test_acled_zero_deaths_are_low_zero_and_best_not_known():
    result = run([ACLED])
    assert result.preset == "acled"
    one = result.incidents[0]
    assert (one.deaths_low, one.deaths_best) == (0, None)
    assert one.incident_id == "acled:FIC1" and one.origin == "third_party"
    assert one.category == "clash/armed_clash" and one.term == "Battles: Armed clash"
    killed = run([{**ACLED, "fatalities": "7"}]).incidents[0]
    assert (killed.deaths_low, killed.deaths_best) == (7, 7)


def test_acled_precision_codes():
    near, region = run(
        [ACLED, {**ACLED, "event_id_cnty": "FIC2", "geo_precision": "3", "time_precision": "2"}]
    ).incidents
    assert near.uncertainty_m == 5000 and near.time_precision == "day"
    assert region.uncertainty_m == 100_000 and region.uncertainty_kind == "area"
    assert region.time_precision == "week"
    assert region.occurred_to - region.occurred_from == timedelta(days=7)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_an_acled_id_twice_the_larger_timestamp_wins(order):
    pair = [ACLED, {**ACLED, "timestamp": "200", "fatalities": "9"}]
    result = run([pair[i] for i in order])
    assert result.incidents[0].deaths_best == 9
    assert result.rejected[0].row_number == order.index(0) + 1
    assert "same id" in result.rejected[0].reason


def test_acled_old_names_in_capitals():
    old = {name.upper(): value for name, value in ACLED.items() if name != "geo_precision"}
    old["GEO_PRECIS"] = "2"
    old["EVENT_DATE"] = "15-July-2020"
    one = run([old]).incidents[0]
    assert one.uncertainty_m == 25_000
    assert one.occurred_from == utc(2020, 7, 15)
    by_data_id = {k: v for k, v in ACLED.items() if k != "event_id_cnty"}
    assert run([{**by_data_id, "data_id": "77"}]).incidents[0].incident_id == "acled:77"


def test_ucdp_days_are_local_and_several_exact_days_last():
    rows = [
        UCDP,
        {**UCDP, "id": "6", "date_end": "2020-07-17"},
        {**UCDP, "id": "7", "date_prec": "2", "date_end": "2020-07-17"},
    ]
    result = run(rows, zone="Europe/Vienna")
    assert result.preset == "ucdp"
    day, lasted, doubt = result.incidents
    assert (day.occurred_from, day.occurred_to) == (utc(2020, 7, 14, 22), utc(2020, 7, 15, 22))
    assert day.span_is == "uncertainty"
    assert lasted.span_is == "duration" and lasted.occurred_to == utc(2020, 7, 17, 22)
    assert doubt.span_is == "uncertainty" and doubt.time_precision == "week"


def test_ucdp_figures_types_and_clarity():
    one, summary = run(
        [UCDP, {**UCDP, "id": "6", "type_of_violence": "3", "event_clarity": "2"}]
    ).incidents
    assert (one.deaths_low, one.deaths_best, one.deaths_high, one.civilian_deaths) == (2, 3, 4, 1)
    assert (one.count_low, one.count_high, one.count_qualifier) == (1, 1, "exact")
    assert summary.category == "civilian/attack"
    assert (summary.count_low, summary.count_high, summary.count_qualifier) == (1, None, "at_least")


def test_ucdp_vague_places_are_never_near():
    rows = [{**UCDP, "id": str(code), "where_prec": str(code)} for code in range(1, 8)]
    radii = [one.uncertainty_m for one in run(rows).incidents]
    assert all(radius >= 50_000 for radius in radii[3:])
    assert radii[0] < radii[1] < radii[2]


def test_an_unchanged_day_reads_the_same_in_all_forms_of_ucdp():
    forms = ["2020-07-15", "2020-07-15T00:00:00", "7/15/2020 12:00:00 AM", "07/15/2020 00:00"]
    made = [run([{**UCDP, "date_start": form, "date_end": form}]).incidents[0] for form in forms]
    assert all(one == made[0] for one in made)


def test_older_ucdp_dates_are_month_first_when_nothing_else_tells():
    one = run([{**UCDP, "date_start": "05/02/2014 00:00", "date_end": "05/02/2014 00:00"}])
    assert one.incidents[0].occurred_from == utc(2014, 5, 2)


def test_viina_codes_midnights_and_media():
    result = run(
        [
            {
                "datetime": "2024-07-01 00:00:00",
                "lon": "37.0",
                "lat": "48.0",
                "place_name": "Alder",
                "event_type": "firefighb|loc",
                "headline": "Вибух",
            },
            {
                "datetime": "2024-07-01 10:15:00",
                "lon": "37.0",
                "lat": "48.0",
                "place_name": "Alder",
                "event_type": "uav|artillery|loc",
                "headline": "x",
            },
        ]
    )
    assert result.preset == "viina"
    first, second = result.incidents
    assert first.time_precision == "day" and first.category == "clash/armed_clash"
    assert first.term == "firefight" and first.origin == "media"
    assert first.description == "Вибух" and first.uncertainty_m is None
    assert second.time_precision == "minute" and second.category == "firing/shelling"


def test_firms_times_are_utc_without_leading_zeros():
    result = run(
        [
            {
                "latitude": "48.0",
                "longitude": "37.0",
                "bright_ti4": "330",
                "scan": "0.3",
                "track": "0.4",
                "acq_date": "2026-06-27",
                "acq_time": "35",
                "confidence": "n",
                "satellite": "N",
            }
        ],
        zone="Asia/Seoul",
    )
    one = result.incidents[0]
    assert result.preset == "firms" and one.occurred_from == utc(2026, 6, 27, 0, 35)
    assert one.category == "other/thermal_anomaly" and one.origin == "sensor"
    assert one.uncertainty_m == pytest.approx(250.0) and one.uncertainty_kind == "disc"


def test_insecurity_insight_with_and_without_coordinates():
    base = {
        "Date": "2023/09/28",
        "Event Description": "A clinic was hit.",
        "Country": "Fictia",
        "Country ISO": "FIC",
        "Admin 1": "No Information",
        "Launch Type": "Air-Launched: Drone",
        "Explosive Weapon Type": "Aerial Bomb",
        "Health Workers Killed": "2",
        "SiND Event ID": "9",
    }
    one = run([base]).incidents[0]
    assert one.incident_id == "insecurityinsight:9" and one.longitude is None
    assert one.admin1 is None and one.category == "firing/air_strike"
    assert (one.deaths_low, one.deaths_best) == (2, None)
    placed = {
        **base,
        "Latitude": "48",
        "Longitude": "37",
        "Geo Precision": "(2) 25 km precision ",
    }
    assert run([placed]).incidents[0].uncertainty_m == 25_000


def test_generic_with_a_mapping():
    rows = [{"Tag": "15.7.2020", "B": "48,5", "L": "37,25", "Was": "Knall", "x": "7"}]
    mapping = {
        "occurred_from": "Tag",
        "latitude": "B",
        "longitude": "L",
        "category": {"column": "Was", "values": {"Knall": "firing/explosion"}},
        "origin": {"value": "media"},
        "source": {"value": "wire"},
        "source_id": "x",
    }
    result = run(rows, "generic", mapping=mapping)
    one = result.incidents[0]
    assert (one.incident_id, one.origin, one.category) == ("wire:7", "media", "firing/explosion")
    assert (one.latitude, one.longitude) == (48.5, 37.25)


def test_mapping_sets_fields_that_a_preset_leaves_alone():
    one = run([ACLED], mapping={"verification": {"value": "corroborated"}, "place": "admin1"})
    assert one.incidents[0].verification == "corroborated"
    assert one.incidents[0].place == "North"


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ({"nonsense": "Tag"}, "not one"),
        ({"place": "Nowhere"}, "does not have"),
        ({"place": 3}, "must be"),
        ({"place": {"column": "date", "values": 3}}, "pairs"),
    ],
)
def test_a_mapping_that_does_not_fit_gives_a_sentence(mapping, words):
    with pytest.raises(CeasefireError, match=words):
        run([{"date": "2020-01-01"}], mapping=mapping)


def test_generic_guesses_columns_and_says_which():
    result = run([{"Date": "2020-07-15", "Lat": "48", "Long": "37", "Type": "burst"}])
    assert result.source == "made" and result.incidents[0].category == "firing/burst"
    assert any("Lat as latitude" in note for note in result.notes)


def test_a_table_without_coordinates_gives_incidents_without_a_place():
    result = run([{"date": "2020-07-15", "place": "Alder"}, {"date": "2020-07-16", "place": None}])
    assert [one.longitude for one in result.incidents] == [None, None]


def test_a_table_without_any_date_gives_one_sentence():
    for rows in ([{"place": "Alder"}], [{"date": "", "place": "a"}, {"date": None, "place": "b"}]):
        with pytest.raises(CeasefireError, match="no date"):
            run(rows)


def test_coordinates_empty_half_wrong_and_swapped():
    result = run(
        [
            {"date": "2020-07-15", "lat": "48", "lon": "37"},
            {"date": "2020-07-15", "lat": "", "lon": ""},
            {"date": "2020-07-15", "lat": "48", "lon": ""},
            {"date": "2020-07-15", "lat": "abc", "lon": "37"},
            {"date": "2020-07-15", "lat": "95", "lon": "270"},
            {"date": "2020-07-15", "lat": "0", "lon": "0"},
        ]
    )
    assert [one.longitude for one in result.incidents] == [37.0, None, None, None]
    assert [(one.row_number, one.column, one.value) for one in result.rejected] == [
        (4, "lat", "abc"),
        (5, "lat", "95.0"),
    ]


def test_columns_that_are_swapped_throughout_are_set_right_and_told():
    result = run(
        [
            {"date": "2020-07-15", "lat": "127.0", "lon": "37.5"},
            {"date": "2020-07-15", "lat": "89.0", "lon": "37.6"},
        ]
    )
    assert [(one.longitude, one.latitude) for one in result.incidents] == [
        (127.0, 37.5),
        (89.0, 37.6),
    ]
    assert any("swapped throughout" in note for note in result.notes)


def test_the_same_id_with_other_content_is_set_aside():
    result = run(
        [
            {"id": "1", "date": "2020-07-15", "place": "a"},
            {"id": "1", "date": "2020-07-15", "place": "b"},
        ]
    )
    assert result.incidents[0].place == "a"
    assert result.rejected[0].reason == "the same id as row 1, which was kept"
    assert (result.rejected[0].column, result.rejected[0].value) == ("id", "1")


def test_rows_without_an_id_get_a_stable_one():
    rows = [{"date": "2020-07-15", "place": "a"}, {"date": "2020-07-15", "place": "b"}]
    first = [one.incident_id for one in run(rows).incidents]
    again = [one.incident_id for one in run(list(reversed(rows))).incidents]
    assert first == list(reversed(again)) and len(set(first)) == 2


def test_far_points_are_kept_and_told():
    rows = [{"date": "2020-07-15", "lat": str(48 + i / 100), "lon": "37"} for i in range(40)]
    rows.append({"date": "2020-07-15", "lat": "38.9", "lon": "-77"})
    result = run(rows)
    assert len(result.incidents) == 41
    assert any("row 41" in note and "from the middle" in note for note in result.notes)


def test_an_empty_row_is_set_aside():
    result = run([{"date": "2020-07-15"}, {"date": None}, {"date": None}])
    assert [one.row_number for one in result.rejected] == [2, 3]


def test_every_code_of_the_presets_is_in_the_vocabulary():
    codes = {*CATEGORIES.values(), *EVENT_TYPES.values(), *(code for _, code in VIINA_CATEGORIES)}
    assert codes <= set(vocabulary("categories"))


def test_presets_are_recognised_by_their_columns():
    assert recognise(list(ACLED)).name == "acled"
    assert recognise(list(UCDP)).name == "ucdp"
    assert recognise(["anything", "date"]).name == "generic"
    with pytest.raises(CeasefireError, match="no preset"):
        run([ACLED], "nonsense")


def test_every_preset_needs_fields_that_it_knows():
    for preset in PRESETS.values():
        for group in (*preset.needs, preset.dates):
            assert set(group) <= set(preset.columns), preset.name


def test_cancelling_stops_the_import():
    with pytest.raises(Cancelled):
        run([ACLED], cancelled=lambda: True)


def test_progress_rises():
    seen = []
    rows = [{"date": "2020-07-15", "place": str(i)} for i in range(2000)]
    run(rows, progress=seen.append)
    assert seen == sorted(seen) and len(seen) >= 3


def test_results_hold_plain_values():
    one = run([ACLED]).incidents[0]
    for field in dataclasses.fields(one):
        value = getattr(one, field.name)
        assert value is None or type(value) in (str, int, float, datetime), field.name


@pytest.mark.parametrize(
    ("launch", "weapon", "expected"),
    [
        ("Unspecified Launch Method", "Unspecified Explosive", "firing/explosion"),
        ("Directly-Emplaced", "Unspecified IED", "mine_uxo/ied_detonation"),
        ("Directly-Emplaced", "VBIED", "mine_uxo/ied_detonation"),
        ("Directly-Emplaced", "Mine", "mine_uxo/mine"),
        ("Directly-Emplaced", "Hand Grenade", "firing/explosion"),
        ("Ground-Launched", "Shelling", "firing/shelling"),
        ("Air-Launched: Drone", "Aerial Bomb", "firing/air_strike"),
    ],
)
def test_insecurity_insights_weapons_are_taken_by_whole_words(launch, weapon, expected):
    from ceasefire_monitor.feeds.presets.insecurityinsight import category

    assert category(launch, weapon) == expected
