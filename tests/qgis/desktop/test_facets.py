"""The facets of the table of incidents, in the real panel over 10,000 incidents."""

from __future__ import annotations

from collections import Counter

import pytest
from qgis.PyQt.QtCore import QDate, Qt

from ceasefire_monitor.ui.facets import FACETS, NOT_KNOWN
from ceasefire_monitor.ui.filter_store import keep_filter, kept_filter, kept_filters
from ceasefire_monitor.ui.incident_filter import IncidentFilter, apply_filter
from ceasefire_monitor.ui.incident_words import flag_of


def counted(rows, facet):
    return Counter(facet.of(row) for row in rows)


def shown(opened):
    model = opened.dock.model
    return [model.row_at(at) for at in range(model.rowCount())]


def item_of(panel, facet, value):
    return panel._items[facet, value]


def plain_filter(rows, asked):
    """What a filter lets through, row by row."""
    facets = {facet.name: facet for facet in FACETS}
    for row in rows:
        near = row.line_distance_m is not None and row.line_distance_m <= (asked.within_m or 0)
        if (
            all(word in row.search for word in asked.words)
            and (not asked.flags or flag_of(row) in asked.flags)
            and (asked.within_m is None or near)
            and all(facets[name].of(row) in wanted for name, wanted in asked.facets)
        ):
            yield row


def test_each_value_has_its_count_and_ticking_it_narrows_the_table(opened, wait):
    rows, panel = opened.session.rows, opened.dock.filter.facets
    category = FACETS[0]
    for value, count in counted(rows, category).items():
        assert item_of(panel, "category", value).text(1) == f"{count:,}"
    item_of(panel, "category", "firing/burst").setCheckState(0, Qt.CheckState.Checked)
    wait(lambda: opened.dock.model.rowCount() == counted(rows, category)["firing/burst"])
    assert {row.category for row in shown(opened)} == {"firing/burst"}
    # Its own facet counts as if it were not narrowed by it; the others count what is left.
    assert item_of(panel, "category", "firing/explosion").text(1) == "5,000"
    left = counted(shown(opened), next(one for one in FACETS if one.name == "line_side"))
    for value, count in left.items():
        assert item_of(panel, "line_side", value).text(1) == f"{count:,}"


def test_every_facet_and_count_is_what_row_by_row_gives(opened):
    rows = opened.session.rows
    asked = IncidentFilter(
        words=("village",),
        flags=frozenset({"near", "far"}),
        within_m=4000.0,
        facets=(("category", frozenset({"firing/burst"})), ("located", frozenset({"located"}))),
    )
    got = apply_filter(rows, range(len(rows)), asked)
    assert [rows[at] for at in got.indices] == list(plain_filter(rows, asked))
    assert got.indices
    for facet in FACETS:
        others = IncidentFilter(
            asked.words,
            flags=asked.flags,
            within_m=asked.within_m,
            facets=tuple(one for one in asked.facets if one[0] != facet.name),
        )
        expected = counted(plain_filter(rows, others), facet)
        told = {value: count for value, count in got.facets[facet.name].items() if count}
        assert told == dict(expected)


def test_what_is_not_known_can_be_asked_for(opened, wait):
    rows, panel = opened.session.rows, opened.dock.filter.facets
    unknown = [row for row in rows if row.line_side is None]
    assert unknown
    panel.choose({"line_side": frozenset({NOT_KNOWN})}, None)
    wait(lambda: len(shown(opened)) == len(unknown))
    assert {row.incident_id for row in shown(opened)} == {row.incident_id for row in unknown}


def test_located_or_not_is_told_by_the_place_itself(opened, wait):
    panel = opened.dock.filter.facets
    panel.choose({"located": frozenset({"not_located"})}, None)
    wait(lambda: opened.dock.model.rowCount() == 2000)
    assert {int(row.incident_id.split(":")[1]) % 5 for row in shown(opened)} == {0}


def test_a_distance_leaves_out_what_is_farther_and_what_is_not_known(opened, wait):
    panel = opened.dock.filter.facets
    panel.distance.setValue(3000)
    expected = [
        row
        for row in opened.session.rows
        if row.line_distance_m is not None and row.line_distance_m <= 3000
    ]
    wait(lambda: opened.dock.model.rowCount() == len(expected))
    (chip,) = opened.dock.filter.narrowed
    chip.click()
    wait(lambda: opened.dock.model.rowCount() == 10_000)


def test_each_facet_that_is_asked_for_can_be_taken_off_by_its_button(opened, wait):
    bar = opened.dock.filter
    bar.facets.choose(
        {"category": frozenset({"firing/burst"}), "located": frozenset({"located"})}, None
    )
    wait(lambda: len(bar.narrowed) == 2)
    bar.narrowed[0].click()
    wait(lambda: bar.facets.chosen() == (("located", frozenset({"located"})),))
    bar.nothing.click()
    wait(lambda: opened.dock.model.rowCount() == 10_000)
    assert not bar.facets.chosen() and not bar.narrowed


def test_a_filter_is_kept_by_name_and_taken_again(opened, wait):
    bar = opened.dock.filter
    bar.text.setText("village 4")
    bar.set_period(QDate(2031, 4, 1), QDate(2031, 4, 30))
    bar.facets.choose({"category": frozenset({"firing/burst"})}, 4000.0)
    wait(lambda: 0 < opened.dock.model.rowCount() < 1000)
    before = [row.incident_id for row in shown(opened)]
    keep_filter("April bursts", bar.kept())
    bar.narrow.list_filters()
    assert "April bursts" in [action.text() for action in bar.narrow.filters.actions()]
    bar.clear()
    wait(lambda: opened.dock.model.rowCount() == 10_000)
    bar.take(kept_filter("April bursts"))
    wait(lambda: opened.dock.model.rowCount() == len(before))
    assert [row.incident_id for row in shown(opened)] == before
    assert kept_filters() == ["April bursts"]


def test_a_period_that_is_set_changes_the_table_once(opened, wait):
    bar, times = opened.dock.filter, []
    bar.changed.connect(lambda: times.append(1))
    bar.set_period(QDate(2031, 3, 5), QDate(2031, 3, 5))
    bar.set_period(QDate(2031, 3, 5), QDate(2031, 3, 5))
    assert len(times) == 1 and opened.dock.model.rowCount() == 24


@pytest.mark.parametrize("shown_at_first", [False, True])
def test_the_button_shows_and_hides_the_facets(opened, shown_at_first):
    bar = opened.dock.filter
    bar.narrow.setChecked(shown_at_first)
    bar.narrow.click()
    assert bar.facets.isVisibleTo(opened.dock) is not shown_at_first
