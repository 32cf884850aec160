"""Words, tables, sheets and chart of a brief, on the fictional theatre."""

from __future__ import annotations

import importlib.util
import re
import sys
from datetime import datetime, time, timezone
from pathlib import Path

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
from ceasefire_monitor.reports.release import LeftOut
from ceasefire_monitor.reports.sheets import annotated, label_of, numbered_sheets
from ceasefire_monitor.reports.symbol_class import CLASSES, symbol_class
from ceasefire_monitor.reports.tables import incident_table
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
