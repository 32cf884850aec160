"""Words, tables, sheets and chart of a brief, on the fictional theatre."""

from __future__ import annotations

import importlib.util
import re
import sys
from datetime import datetime, time, timezone
from pathlib import Path
from types import SimpleNamespace

import pytest

from ceasefire_monitor.model.errors import CeasefireError
from ceasefire_monitor.reports.annotations import MOST_NUMBERS
from ceasefire_monitor.reports.chart import draw_chart
from ceasefire_monitor.reports.counting import Total
from ceasefire_monitor.reports.figure_tables import effort_table, source_table, timeline_table
from ceasefire_monitor.reports.figures import figures_of
from ceasefire_monitor.reports.map_view import round_down, round_up, view_of
from ceasefire_monitor.reports.material import Material
from ceasefire_monitor.reports.period import period_of, theatre_zone
from ceasefire_monitor.reports.printed import printed_rows
from ceasefire_monitor.reports.release import LeftOut
from ceasefire_monitor.reports.sheets import annotated, label_of, numbered_sheets
from ceasefire_monitor.reports.symbol_class import CLASSES, symbol_class
from ceasefire_monitor.reports.tables import dated_table, incident_table, unlocated_table
from ceasefire_monitor.reports.words import Words

_SPEC = importlib.util.spec_from_file_location(
    "brief_theatre", Path(__file__).resolve().parent.parent / "brief_theatre.py"
)
brief_theatre = importlib.util.module_from_spec(_SPEC)
sys.modules.setdefault("brief_theatre", brief_theatre)
_SPEC.loader.exec_module(brief_theatre)

ZONE = theatre_zone("Atlantic/Azores")
PERIOD = period_of("2031-03-03", "2031-03-16", [], ZONE, time(0))
SYMBOLS = Path(__file__).resolve().parents[2] / "resources" / "symbols"


def words(violation=False):
    return Words("en", ZONE, violation)


@pytest.mark.parametrize(
    ("total", "text"),
    [
        (Total(3, 60, 60), "60"),
        (Total(3, 46, 52), "46\u201352"),
        (Total(3, 1204, 1204), "1,204"),
        (Total(3, 60, 60, about=True), "about 60"),
        (Total(3, 9, 9, at_least=True), "at least 9"),
        (Total(3, 9, 9, undetermined=1), "9 and an undetermined number"),
        (Total(2, 0, 0, undetermined=2), "an undetermined number"),
        (Total(), "0"),
        (None, "\u2013"),
    ],
)
def test_an_amount_says_what_is_known_of_it(total, text):
    assert words().amount(total) == text


def test_a_moment_is_local_and_no_finer_than_it_is_known():
    moment = datetime(2031, 7, 3, 23, 30, tzinfo=timezone.utc)
    assert words().moment(moment, "minute") == "3 Jul 2031, 23:30"
    assert words().moment(moment.replace(hour=0), "day") == "3 Jul 2031"
    assert words().moment(moment, "month") == "Jul 2031"
    assert words().moment(None) == "not known"


@pytest.mark.parametrize(
    ("start", "until", "precision", "text"),
    [
        ((2031, 1, 1), (2032, 1, 1), "year", "2031"),
        ((2031, 1, 1), (2031, 8, 18), "year", "1 Jan to 17 Aug 2031"),
        ((2031, 2, 16), (2031, 5, 16), "year", "16 Feb to 15 May 2031"),
        ((2030, 12, 20), (2031, 1, 3), "month", "20 Dec 2030 to 2 Jan 2031"),
        ((2031, 2, 1), (2031, 3, 1), "month", "Feb 2031"),
        ((2031, 2, 1), (2031, 4, 1), "month", "1 Feb to 31 Mar 2031"),
        ((2031, 3, 3), (2031, 3, 10), "week", "3 Mar to 9 Mar 2031"),
        ((2031, 3, 3), (2031, 3, 4), "month", "3 Mar 2031"),
        ((2031, 3, 3), None, "year", "2031"),
        ((2031, 3, 3), (2031, 3, 4), "day", "3 Mar 2031"),
    ],
)
def test_a_span_that_is_no_whole_year_or_month_is_printed_as_it_is(start, until, precision, text):
    first = datetime(*start, tzinfo=ZONE)
    last = until and datetime(*until, tzinfo=ZONE)
    assert words().moment(first, precision, last) == text
    short = text.replace(" 2031", "") if precision == "day" else text
    assert words().short_moment(first, precision, last) == short


def test_a_whole_year_of_another_zone_is_still_that_year():
    first, last = (datetime(year, 1, 1, tzinfo=timezone.utc) for year in (2031, 2032))
    assert words().moment(first, "year", last) == "2031"


def test_the_tables_print_the_span_of_a_time_known_to_the_year():
    figures = figures_of(brief_theatre.theatre(), PERIOD)
    one = figures.entries[0]
    one.incident.occurred_from = datetime(2031, 3, 3, tzinfo=ZONE)
    one.incident.occurred_to = datetime(2031, 8, 18, tzinfo=ZONE)
    one.incident.time_precision = "year"
    for table in (
        incident_table("incidents", [one], words()),
        unlocated_table([one], words()),
        dated_table("late", [one], words()),
    ):
        assert table.rows[0][1] == "3 Mar to 17 Aug 2031"


def test_a_language_without_words_is_one_sentence():
    with pytest.raises(CeasefireError, match="Choose one of: en"):
        Words("xx", ZONE, False)


def every_text(figures, violation):
    w = words(violation)
    values = {"left_out": LeftOut(), "near_words": "", "not_printed": 0, "most_rows": 9}
    values.update(
        off_map=0,
        has_maps=True,
        unlabelled=0,
        lines=True,
        distance="5 km",
        zone="x",
        period_words="x",
    )
    names = ("summary", "unknowns", "method", "headlines")
    return "\n".join(
        line
        for name in names
        for line in w.paragraphs(name, f=figures, day_start="00:00", **values)
    )


def test_without_an_agreement_no_text_says_violation():
    figures = figures_of(brief_theatre.theatre(), PERIOD)
    assert "violation" not in every_text(figures, violation=False).lower()
    assert "ceasefire violations" in every_text(figures, violation=True)


def test_the_summary_never_calls_unobserved_time_zero():
    empty = figures_of(Material(), PERIOD)
    text = every_text(empty, violation=False)
    assert "no observation of the mission's own and no observation effort" in text
    assert not re.search(r"^0 \|.*own observation", text, re.MULTILINE)
    material = brief_theatre.theatre()
    material.entries = []
    watched = every_text(figures_of(material, PERIOD), violation=False)
    assert re.search(r"^0 \| incidents \| own observation", watched, re.MULTILINE)
    for item in material.effort:
        item.status = "down"
    blind = figures_of(material, PERIOD)
    assert "Not observed: no post was able to observe" in every_text(blind, violation=False)
    assert source_table(blind, words()).rows[0][1] == "not observed"
    assert effort_table(blind, material, words()).rows[0][1] == "not observed"


def test_flags_that_rest_on_an_assumed_uncertainty_are_not_called_stated():
    material = brief_theatre.theatre()
    stated = every_text(figures_of(material, PERIOD), violation=False)
    assert (
        "whose place has a stated uncertainty" in stated
        and "assumed uncertainty" not in (stated.split("Method")[0].split("Counting.")[0])
    )
    for entry in material.entries:
        if entry.finding.flag_basis == "none":
            entry.finding.flag_basis = "default"
    figures = figures_of(material, PERIOD)
    assumed = sum(entry.finding.flag_basis == "default" for entry in figures.entries)
    text = every_text(figures, violation=False)
    assert "whose place has a stated or an assumed uncertainty" in text
    assert f"not near, the uncertainty of {assumed} places being assumed." in text
    assert f"for {assumed} of them the flag rests on an assumed uncertainty" in text
    for entry in material.entries:
        entry.finding.flag_basis = entry.finding.flag_basis and "default"
    text = every_text(figures_of(material, PERIOD), violation=False)
    assert "stated uncertainty" not in text and "has an assumed uncertainty" in text


def test_rows_of_other_sources_are_reports_and_a_map_shows_only_what_lies_in_it():
    figures = figures_of(brief_theatre.theatre(), PERIOD)
    others = len(figures.entries) - figures.own.now.rows
    assert f"Other sources hold {others} reports:" in every_text(figures, violation=False)
    overview = SimpleNamespace(sheet=None, frames=[], is_overview=True)
    (caption,) = words().paragraphs("caption", plan=overview, period=PERIOD)
    assert "located incidents that lie in the map" in caption


def test_the_timeline_prints_zero_only_where_somebody_observed():
    figures = figures_of(brief_theatre.theatre(), PERIOD)
    table = timeline_table(figures, words())
    blind = [row for row in table.rows if row[1] == "not observed"]
    # The posts keep UTC days and the theatre is an hour behind: one local day is wholly blind.
    assert [row[0] for row in blind] == ["7 Mar 2031"]
    assert all(cell != "0" for cell in blind[0][2:-1])
    assert any("0" in row[2:] for row in table.rows if row not in blind)


def test_every_incident_of_the_period_has_one_number_and_near_ones_come_first():
    figures = figures_of(brief_theatre.theatre(300), PERIOD)
    numbered_sheets(figures.entries)
    numbers = sorted(entry.number for entry in figures.entries)
    assert numbers == list(range(1, len(figures.entries) + 1))
    near = {id(entry) for entry in annotated(figures.entries)}
    last = max(entry.number for entry in figures.entries if id(entry) in near)
    assert last == len(near)
    nowhere = [entry.number for entry in figures.entries if not entry.located]
    assert min(nowhere) > max(entry.number for entry in figures.entries if entry.located)


def test_sheets_hold_at_most_forty_labels_whose_numbers_follow_each_other():
    figures = figures_of(brief_theatre.theatre(600, clustered=True), PERIOD)
    sheets = numbered_sheets(figures.entries)
    assert len(sheets) > 1
    shown = []
    for sheet in sheets:
        assert 0 < len(sheet.places) <= MOST_NUMBERS
        for place in sheet.places:
            numbers = [entry.number for entry in place.entries]
            assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
            assert label_of(place).split("\u2013")[0] == str(numbers[0])
            shown += numbers
    assert sorted(shown) == list(range(1, len(annotated(figures.entries)) + 1))


def test_one_place_with_fifty_incidents_is_one_label():
    material = brief_theatre.theatre(120)
    for entry in material.entries:
        entry.incident.longitude, entry.incident.latitude = -30.0, 30.1
        entry.finding.flag = "near"
    figures = figures_of(material, PERIOD)
    (sheet,) = numbered_sheets(figures.entries)
    assert [label_of(place) for place in sheet.places] == [f"1\u2013{len(figures.entries)}"]


def test_a_label_never_stands_for_near_and_possible_incidents_together():
    material = brief_theatre.theatre(120)
    for index, entry in enumerate(material.entries):
        # Every third is near; the others lie at the same place or a few metres from it.
        entry.incident.longitude, entry.incident.latitude = -30.0 + index % 2 * 1e-4, 30.1
        entry.finding.flag = "possible" if index % 3 else "near"
    figures = figures_of(material, PERIOD)
    (sheet,) = numbered_sheets(figures.entries)
    assert len(sheet.places) == 2
    shown = {}
    for place in sheet.places:
        assert {entry.finding.flag == "near" for entry in place.entries} == {place.is_near}
        first, last = (int(number) for number in label_of(place).split("\u2013"))
        shown.update(dict.fromkeys(range(first, last + 1), place.is_near))
    assert shown == {entry.number: entry.finding.flag == "near" for entry in figures.entries}


def test_of_the_incidents_further_from_the_line_the_nearest_are_printed_and_the_rest_counted():
    figures = figures_of(brief_theatre.theatre(600), PERIOD)
    numbered_sheets(figures.entries)
    near = {id(entry) for entry in annotated(figures.entries)}
    others = [entry for entry in figures.entries if entry.located and id(entry) not in near]
    printed = printed_rows(figures.entries, most_others=10)
    assert len(others) > 40 and len(printed.others) == 10
    assert printed.others_left == len(others) - 10 and printed.left == 0
    # Independently: no incident that is left out is nearer than one that is printed.
    shown = {id(entry) for entry in printed.others}
    metres = [entry.finding.line_distance_m for entry in others if id(entry) not in shown]
    assert min(metres) >= max(entry.finding.line_distance_m for entry in printed.others)
    assert [id(entry) for entry in printed.numbered] == [
        id(entry) for entry in sorted(figures.entries, key=lambda item: item.number)[: len(near)]
    ]
    assert len(printed.nowhere) == len(figures.entries) - figures.located
    # Where the tables end before any of the others, all that is left out is said in one place.
    short = printed_rows(figures.entries, most_rows=5, most_others=10)
    assert (short.others, short.others_left) == ([], 0)
    assert short.left == len(figures.entries) - 5


def test_where_nothing_was_held_against_a_line_all_located_incidents_are_numbered():
    material = brief_theatre.theatre()
    for entry in material.entries:
        entry.finding.flag = "no_line_in_force" if entry.located else "not_located"
    figures = figures_of(material, PERIOD)
    assert len(annotated(figures.entries)) == figures.located


def test_the_incident_table_has_a_row_an_incident_with_its_finding():
    figures = figures_of(brief_theatre.theatre(), PERIOD)
    numbered_sheets(figures.entries)
    table = incident_table("incidents", figures.entries, words())
    assert [row[0] for row in table.rows] == [str(entry.number) for entry in figures.entries]
    assert table.below == [entry.finding.finding for entry in figures.entries]
    assert {len(row) for row in table.rows} == {len(table.columns)}


def test_the_chart_is_the_same_bytes_twice_without_patterns_clips_or_a_date(tmp_path):
    figures = figures_of(brief_theatre.theatre(), PERIOD)
    for name in ("one.svg", "two.svg"):
        assert draw_chart(figures, words(), tmp_path / name) > 50
    text = (tmp_path / "one.svg").read_text(encoding="utf-8")
    assert text == (tmp_path / "two.svg").read_text(encoding="utf-8")
    assert "<pattern" not in text and "<dc:date" not in text and "<text" not in text


def test_the_chart_hatches_what_was_not_observed(tmp_path):
    material = brief_theatre.theatre()
    sizes = {}
    for name, status in (("seen", "operating"), ("blind", "down")):
        for item in material.effort:
            item.status = status
        draw_chart(figures_of(material, PERIOD), words(), tmp_path / "chart.svg")
        sizes[name] = (tmp_path / "chart.svg").read_text(encoding="utf-8").count("#999999")
    assert sizes["seen"] == 0 and sizes["blind"] >= 14 * 9


@pytest.mark.parametrize("category", [None, "firing/explosion", "clash/raid", "no/such"])
def test_every_category_has_a_symbol_whose_picture_ships(category):
    assert (SYMBOLS / f"{symbol_class(category).code}.svg").is_file()
    assert symbol_class("clash/raid").code == "clash" and symbol_class("no/such").code == "other"


def test_every_class_has_its_own_picture_and_colours_of_fire_differ():
    pictures = {(SYMBOLS / f"{item.code}.svg").read_text(encoding="utf-8") for item in CLASSES}
    assert len(pictures) == len(CLASSES)
    fire = [item.colour for item in CLASSES[:7]]
    assert len(set(fire)) == len(fire)


def test_a_map_view_holds_its_bounds_at_a_round_scale():
    bounds = (-30.4, 30.0, -29.8, 30.2)
    view = view_of(bounds, 170, 176, (13.5, 9))
    page = view.on_page([-30.4, -29.8, -30.4, -29.8], [30.0, 30.2, 30.2, 30.0])
    assert (page[:, 0] >= 13.4).all() and (page[:, 0] <= 156.6).all()
    assert (page[:, 1] >= 8.9).all() and (page[:, 1] <= 167.1).all()
    assert view.scale == 450_000
    # 0.6 degrees of longitude at 30.1 N are 57.8 km (WGS 84, GeographicLib).
    across = page[1, 0] - page[0, 0]
    assert across * view.scale / 1e6 == pytest.approx(57.8, abs=0.2)


def test_rounding_goes_up_for_scales_and_down_for_bars():
    assert [round_up(value) for value in (10_000, 10_001, 99_000)] == [10_000, 12_500, 100_000]
    assert [round_down(value) for value in (4_999, 5_000, 19)] == [2_000, 5_000, 10]
