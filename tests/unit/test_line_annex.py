"""The coordinates of a line as an annex, and back again: one wrong digit is found."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic

from ceasefire_monitor.analysis.annex_forms import TITLES
from ceasefire_monitor.analysis.line_annex import AnnexRow, check_annex, turning_points
from ceasefire_monitor.model.errors import CeasefireError
from ceasefire_monitor.reports.annex_sheet import annex_sheet

FORMS = ("dms", "utm", "mgrs", "gauss_kruger")


def path(count=30, seed=5):
    """A line that wanders eastwards in steps of 300 m to 2 km, across the edge of a UTM zone."""
    rng = np.random.default_rng(seed)
    places = [(41.8, 48.1)]
    for _ in range(count - 1):
        lon, lat = places[-1]
        step = Geodesic.WGS84.Direct(lat, lon, rng.uniform(30, 150), rng.uniform(300, 2_000))
        places.append((step["lon2"], step["lat2"]))
    return np.array(places)


def rows_of(points, forms=FORMS, legs=True):
    return [
        AnnexRow(
            str(point.number),
            {form: getattr(point, form) for form in forms},
            round(point.leg_m, 1) if legs and point.leg_m is not None else None,
        )
        for point in points
    ]


def replaced(rows, index, form, old, new):
    words = rows[index].written[form]
    assert words.count(old) >= 1, words
    changed = {**rows[index].written, form: words.replace(old, new, 1)}
    return [*rows[:index], dataclasses.replace(rows[index], written=changed), *rows[index + 1 :]]


def shifted_digit(words, place):
    """The text with the digit at a place of its digits changed by one."""
    where = [i for i, sign in enumerate(words) if sign.isdigit()][place]
    digit = str((int(words[where]) + 1) % 10)
    return words[:where] + digit + words[where + 1 :]


def test_legs_and_azimuths_are_geographiclibs():
    places = path()
    points = turning_points(places, ["dms"])
    for point, following in zip(points, points[1:]):
        known = Geodesic.WGS84.Inverse(point.lat, point.lon, following.lat, following.lon)
        assert point.leg_m == pytest.approx(known["s12"], abs=1e-6)
        assert point.azimuth_deg == pytest.approx(known["azi1"] % 360.0, abs=1e-7)
    assert points[-1].leg_m is None
    assert points[-1].chainage_m == pytest.approx(sum(one.leg_m for one in points[:-1]), abs=1e-6)


@pytest.mark.parametrize("form", list(TITLES))
def test_what_is_written_reads_back_without_a_problem(form):
    places = path()
    rows = rows_of(turning_points(places, [form]), [form])
    points, problems = check_annex(rows)
    assert problems == []
    for (lon, lat), point in zip(places, points):
        assert Geodesic.WGS84.Inverse(lat, lon, point.lat, point.lon)["s12"] < 2.5


def test_all_forms_at_once_hold_together():
    _, problems = check_annex(rows_of(turning_points(path(), list(TITLES)), list(TITLES)))
    assert problems == []


@pytest.mark.parametrize("index", [0, 7, 29])
def test_a_wrong_digit_in_one_of_several_forms_is_named_by_point_and_form(index):
    rows = rows_of(turning_points(path(), FORMS))
    words = rows[index].written["utm"]
    # The easting's hundreds: 37U 410673: after the zone's two digits, its fourth.
    wrong = replaced(rows, index, "utm", words, shifted_digit(words, 5))
    _, problems = check_annex(wrong)
    assert [(one.number, one.column) for one in problems] == [(str(index + 1), "utm")]
    assert problems[0].by_m == pytest.approx(100.0, abs=5.0) or problems[0].by_m == pytest.approx(
        900.0, abs=5.0
    )
    assert "look for a wrong digit" in problems[0].sentence


def test_a_wrong_digit_in_the_only_form_is_found_by_the_legs():
    rows = rows_of(turning_points(path(), ["mgrs"]), ["mgrs"])
    words = rows[11].written["mgrs"]
    places = [i for i, sign in enumerate(words) if sign.isdigit()]
    wrong = replaced(rows, 11, "mgrs", words, shifted_digit(words, len(places) - 4))
    _, problems = check_annex(wrong)
    assert len(problems) == 1
    assert problems[0].number == "12"
    assert problems[0].sentence.startswith("Point 12 jumps")


def test_a_wrong_degree_is_seen_even_without_legs():
    rows = rows_of(turning_points(path(), ["dms"]), ["dms"], legs=False)
    wrong = replaced(rows, 20, "dms", "48°", "49°")
    _, problems = check_annex(wrong)
    assert [one.number for one in problems] == ["21"]
    assert "may jump" in problems[0].sentence


def test_a_wrong_distance_accuses_the_leg_and_no_point():
    rows = rows_of(turning_points(path(), FORMS))
    rows[4] = dataclasses.replace(rows[4], leg_m=rows[4].leg_m + 100.0)
    _, problems = check_annex(rows)
    assert len(problems) == 1
    assert problems[0].sentence.startswith("From point 5 to 6 it is ")
    assert problems[0].by_m == pytest.approx(100.0, abs=0.2 + 2.5)


def test_what_cannot_be_read_is_named_and_the_rest_is_kept():
    rows = rows_of(turning_points(path(5), ["dms"]), ["dms"])
    rows[2] = AnnexRow("3", {"dms": "48°61'00\"N 42°00'00\"E"})
    rows[3] = AnnexRow("4", {})
    points, problems = check_annex(rows)
    assert [point.number for point in points] == ["1", "2", "5"]
    assert [one.number for one in problems] == ["3", "4"]
    assert "minutes or seconds are 60 or more" in problems[0].sentence


def test_a_rim_that_does_not_close_is_told_with_its_gap():
    places = path(6)
    closed = np.vstack([places, places[:1]])
    assert check_annex(rows_of(turning_points(closed, FORMS)), closed=True)[1] == []
    _, problems = check_annex(rows_of(turning_points(places, FORMS)), closed=True)
    gap = Geodesic.WGS84.Inverse(*places[0][::-1], *places[-1][::-1])["s12"]
    assert problems[-1].by_m == pytest.approx(gap, abs=2.0)
    assert "does not close" in problems[-1].sentence


def test_a_place_without_a_gauss_kruger_zone_is_named():
    with pytest.raises(CeasefireError, match="Point 1 cannot be written"):
        turning_points(np.array([[-100.0, 40.0], [-100.1, 40.0]]), ["gauss_kruger"])


def test_the_page_holds_every_point_and_says_what_binds():
    points = turning_points(path(4), ["dms", "sk42"])
    page = annex_sheet(points, ["dms", "sk42"], maps="Sheet <A>", survey="5 m by GNSS").html()
    assert "Maps: Sheet &lt;A&gt;." in page
    assert "Accuracy: 5 m by GNSS." in page
    assert "Pulkovo 1942" in page
    assert page.count("<tr>") == 5
