"""Numbers, coordinates, directions and words as people write them."""

from __future__ import annotations

import pytest

from ceasefire_monitor.feeds.coordinates import (
    UnreadableCoordinate,
    degrees,
    point_of,
    swapped_as_a_whole,
)
from ceasefire_monitor.feeds.directions import fire_azimuth, sighting
from ceasefire_monitor.feeds.numbers import count, number, whole
from ceasefire_monitor.feeds.places import Gazetteer, post_kind
from ceasefire_monitor.feeds.presets.smm import COLUMNS as SMM_COLUMNS
from ceasefire_monitor.feeds.words import RULES, code_of, says_nil
from ceasefire_monitor.model.vocabulary import vocabulary


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30", (30, 30, "exact")),
        ("1,200", (1200, 1200, "exact")),
        ("30.0", (30, 30, "exact")),
        ("two", (2, 2, "exact")),
        ("about 60", (60, 60, "about")),
        ("~60", (60, 60, "about")),
        ("at least 3", (3, None, "at_least")),
        ("3+", (3, None, "at_least")),
        (">5", (6, None, "at_least")),
        ("more than 5", (6, None, "at_least")),
        ("up to 10", (None, 10, "about")),
        ("2-3", (2, 3, "about")),
        ("between 2 and 3", (2, 3, "about")),
        ("N/K", (None, None, "not_known")),
        ("", (None, None, "not_known")),
        ("undetermined number", (None, None, "not_known")),
        ("0", (0, 0, "exact")),
    ],
)
def test_how_many(text, expected):
    assert count(text) == expected


@pytest.mark.parametrize("text", ["many", "-3", "1.5", "9" * 40, "3 or so or 5"])
def test_a_number_that_cannot_be_read_is_none(text):
    assert count(text) is None


def test_decimal_commas_and_thousands():
    assert number("48,0123") == pytest.approx(48.0123)
    assert number("1.234,5") == pytest.approx(1234.5)
    assert number("1,234.5") == pytest.approx(1234.5)
    assert number("\u221237.5") == pytest.approx(-37.5)
    assert number("48.1.2") is None and number("nan") is None
    assert whole("2.000") == 2000 and whole("-1") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("48.5", 48.5),
        ("48,5", 48.5),
        ("48.5 N", 48.5),
        ("S48.5", -48.5),
        ("37.5W", -37.5),
        ("48°30'00\"N", 48.5),
        ("48 30 0", 48.5),
        ("48° 30.0′ S", -48.5),
        ("-48 30", -48.5),
        ("48:30:00", 48.5),
    ],
)
def test_coordinates_as_text(text, expected):
    assert degrees(text) == pytest.approx(expected, abs=1e-9)


def test_coordinates_that_are_empty_or_none():
    assert degrees("N/K") is None and degrees(None) is None
    for text in ("abc", "48°75'N", "1 2 3 4", "N"):
        with pytest.raises(UnreadableCoordinate):
            degrees(text)
    assert point_of("POINT (37.5 48.5)") == (37.5, 48.5)
    assert point_of("POINT Z (37.5 48.5 100)") == (37.5, 48.5)
    assert point_of("LINESTRING (1 2, 3 4)") is None


def test_columns_are_swapped_only_where_that_is_certain():
    assert swapped_as_a_whole([(10.0, 120.0), (11.0, 121.0)])
    assert not swapped_as_a_whole([(48.0, 37.0), (48.1, 37.1)])
    assert not swapped_as_a_whole([(10.0, 120.0), (121.0, 11.0)])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3-5km NNW", (337.5, 11.25, 3000, 5000)),
        ("2km E", (90.0, 22.5, 1600, 2400)),
        ("500m south-west", (225.0, 22.5, 400, 600)),
        ("1,5 km north-north-east", (22.5, 11.25, 1200, 1800)),
        ("3 to 5 km W", (270.0, 22.5, 3000, 5000)),
        ("5km-3km N", (0.0, 22.5, 3000, 5000)),
        ("NW", (315.0, 22.5, None, None)),
        ("4km", (None, None, 3200, 4800)),
        ("2-3km SSE", (157.5, 11.25, 2000, 3000)),
    ],
)
def test_distance_and_direction(text, expected):
    found = sighting(text)
    assert (found.bearing_deg, found.halfwidth_deg) == expected[:2]
    assert (found.range_min_m, found.range_max_m) == pytest.approx(expected[2:])


def test_a_location_that_is_not_known_or_not_understood():
    assert sighting("N/K").range_max_m is None
    assert sighting("near the bridge") is None


def test_the_direction_of_fire():
    assert fire_azimuth("Projectile, W to E") == 90.0
    assert fire_azimuth("from north-east to south-west") == 225.0
    assert fire_azimuth("N to E") is None


def test_positions_are_found_by_name_and_by_offset():
    places = Gazetteer({"Älder": (37.0, 48.0), "Birch": (37.5, 48.5)})
    assert places.find("SMM camera at Alder (non-government-controlled)") == (37.0, 48.0)
    assert places.find("Elm (government-controlled, 10km E of Birch)") == pytest.approx(
        (37.6355, 48.4999), abs=1e-3
    )
    assert places.find("Elm") is None
    assert post_kind("SMM camera at Alder") == "camera" and post_kind("Alder") == "patrol"


def test_every_rule_gives_a_code_of_its_vocabulary():
    for name, rules in RULES.items():
        assert {code for _, code in rules} <= set(vocabulary(name)), name


@pytest.mark.parametrize(
    ("vocabulary_name", "text", "code"),
    [
        ("categories", "Explosion", "firing/explosion"),
        ("categories", "firing/burst", "firing/burst"),
        ("categories", "Muzzle flash", "firing/muzzle_flash"),
        ("categories", "Illumination flare", "firing/illumination_flare"),
        ("weapon_types", "Mortar (82mm)", "mortar_82"),
        ("weapon_types", "Mortar (120mm)", "mortar_120"),
        ("weapon_types", "Mortar (type N/K)", "mortar"),
        ("weapon_types", "IFV (BMP-2) cannon (30mm)", "ifv_cannon_30"),
        ("weapon_types", "IFV (BMP-1) cannon (73mm)", "ifv_cannon_73"),
        ("weapon_types", "Recoilless gun (SPG-9, 73mm)", "recoilless_gun"),
        ("weapon_types", "AGL (AGS-17)", "agl"),
        ("weapon_types", "AA cannon (ZU-23, 23mm)", "aa_cannon_23"),
        ("weapon_types", "Artillery (type N/K)", "artillery"),
        ("weapon_types", "Artillery (122mm)", "artillery_122"),
        ("weapon_types", "MLRS (BM-21, 122mm)", "mlrs_122"),
        ("weapon_types", "Tank (T-64, 125mm)", "tank"),
        ("weapon_types", "Anti-aircraft missile", "anti_aircraft_missile"),
        ("weapon_types", "UAV-dropped", "uav_dropped"),
        ("weapon_types", "N/K", None),
        ("phases", "Outgoing", "outgoing"),
        ("phases", "Impact (assessed)", "impact"),
        ("circumstances", "Outgoing, live-fire exercise", "live_fire_exercise"),
        ("circumstances", "controlled explosion of UXO", "controlled_explosion"),
        ("means", "Saw and heard", "saw_heard"),
        ("means", "Recorded", "camera"),
        ("effort_statuses", "not operational", "down"),
        ("effort_statuses", "operational", "operating"),
    ],
)
def test_words_become_codes(vocabulary_name, text, code):
    assert code_of(vocabulary_name, text) == code


def test_nil_words():
    assert says_nil("Nil") and says_nil("No ceasefire violations observed")
    assert not says_nil("Explosion") and not says_nil("N/K") and not says_nil(None)


def test_no_two_fields_of_a_preset_claim_the_same_name_first():
    firsts = [names[0] for names in SMM_COLUMNS.values()]
    assert len(firsts) == len(set(firsts))
