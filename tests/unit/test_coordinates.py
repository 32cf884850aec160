"""Coordinates as people write them: read, written again, and refused with a sentence."""

from __future__ import annotations

import pytest

from ceasefire_monitor.analysis.coordinates import format_coordinate, read_coordinate, read_lines
from ceasefire_monitor.model.errors import CeasefireError


@pytest.mark.parametrize(
    "text",
    [
        "48.5, 37.75",
        "48.5 37.75",
        "37.75E 48.5N",
        "N48.5 E37.75",
        "48°30'N 37°45'E",
        "48 30 00 37 45 00",
        "48°30'00\"N, 37°45'00\"E",
        "48°30.000' N 37°45.000' E",
    ],
)
def test_ways_to_write_one_place(text):
    place = read_coordinate(text)
    assert (place.lat, place.lon) == pytest.approx((48.5, 37.75), abs=1e-9)


def test_southern_and_western_places_are_negative():
    place = read_coordinate("33°52'10\"S 70°40'00\"W")
    assert place.lat == pytest.approx(-33.869444, abs=1e-6)
    assert place.lon == pytest.approx(-70.666667, abs=1e-6)


def test_mgrs_of_a_published_place():
    """The Honolulu example of the grid's usual description: 4Q FJ 12345 67890."""
    place = read_coordinate("4QFJ1234567890")
    assert (place.lat, place.lon) == pytest.approx((21.4097, -157.9161), abs=2e-4)
    assert format_coordinate(place.lon, place.lat, "mgrs") == "04Q FJ 12345 67890"


def test_mgrs_on_the_edge_of_a_square():
    """42° N 93° W, on the middle meridian of zone 15, as the library “mgrs” prints it."""
    assert format_coordinate(-93.0, 42.0, "mgrs") == "15T WG 00000 49776"


def test_a_shift_that_nobody_knows_has_no_accuracy():
    assert read_coordinate("48.50000, 37.70000", "sk42").accuracy_m >= 10.0
    assert read_coordinate("-35.00000, -60.00000", "sk42").accuracy_m is None


@pytest.mark.parametrize("form", ["decimal", "dms", "utm", "mgrs", "gauss_kruger"])
def test_what_is_not_on_the_earth_is_not_written(form):
    for lon, lat in ((600.0, 10.0), (float("nan"), 1.0)):
        with pytest.raises(CeasefireError):
            format_coordinate(lon, lat, form)


@pytest.mark.parametrize(
    "lon, lat",
    [
        (37.7, 48.5),
        (-70.6, -33.9),
        (7.0, 61.0),
        (15.0, 78.0),
        (33.3, -0.2),
        (44.2, 15.9),
        (-0.1, 0.1),
        (20.0, 83.5),
    ],
)
@pytest.mark.parametrize("form", ["decimal", "dm", "dms", "utm", "mgrs"])
def test_what_is_written_is_read_again(lon, lat, form):
    place = read_coordinate(format_coordinate(lon, lat, form))
    assert place.lat == pytest.approx(lat, abs=2e-5)
    assert place.lon == pytest.approx(lon, abs=1e-4)


def test_gauss_kruger_is_shifted_and_says_how_exact_it_is():
    text = format_coordinate(37.7, 48.5, "gauss_kruger")
    place = read_coordinate(text)
    assert (place.lon, place.lat) == pytest.approx((37.7, 48.5), abs=2e-5)
    assert place.format == "gauss_kruger" and place.accuracy_m >= 10.0


def test_sk42_lies_about_a_hundred_metres_beside_wgs84():
    place = read_coordinate("48.5, 37.75", "sk42")
    east_m = (place.lon - 37.75) * 111_320 * 0.6626
    assert -200.0 < east_m < -50.0


def test_fewer_digits_are_less_exact():
    assert (
        read_coordinate("48.5, 37.7").accuracy_m > read_coordinate("48.50000, 37.70000").accuracy_m
    )
    assert (
        read_coordinate("37U DQ 12 34").accuracy_m
        > read_coordinate("37U DQ 12345 34567").accuracy_m
    )


def test_a_bad_line_has_a_sentence_with_its_number():
    places, bad = read_lines("48.5, 37.7\n\n# a note\n48.5, 237.7\nnowhere\n48 75 0 37 0 0\n")
    assert [place.line for place in places] == [1]
    assert [each.line for each in bad] == [4, 5, 6]
    assert bad[0].sentence.startswith("Line 4, “48.5, 237.7”: ")


@pytest.mark.parametrize(
    "text", ["37U ZZ 123 456", "37U DQ 123 45", "61U DQ 1 1", "48.5N 37.7N", ""]
)
def test_what_fits_nothing_is_refused(text):
    with pytest.raises(CeasefireError):
        read_coordinate(text)
