"""Whatever comes, every row is accounted for and nothing but a sentence is raised."""

from __future__ import annotations

import csv
import io
import os

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ceasefire_monitor.feeds.importer import import_table
from ceasefire_monitor.feeds.presets import PRESETS
from ceasefire_monitor.feeds.table import RawTable, read_table
from ceasefire_monitor.model.errors import CeasefireError

CELLS = st.one_of(
    st.none(),
    st.text(max_size=12),
    st.floats(),
    st.integers(),
    st.sampled_from(
        """N/K|nil|0|-1|30|about 60|>5|48.1|37,5|148.2|48°01'23"N|2020-01-01|1/22/2014 12:00:00 AM
        |13-Oct, 18:47|20:00-21:00|0000|35|2202-01-01|2020-03-29 02:30|2020-10-25 02:30|3-5km NNW
        |2km E|Explosion|Nil|not operational|operating|POINT (37 48)|44117.5|1602614820000""".split(
            "|"
        )
    ),
)
LETTERS = st.characters(exclude_categories=["Cs", "Cc"])
QUIET = settings(
    max_examples=5000 if "CEASEFIRE_PROVE" in os.environ else 150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@st.composite
def tables(draw):
    """A preset and a table with some of its columns and any cells."""
    preset = draw(st.sampled_from(list(PRESETS.values())))
    names = [draw(st.sampled_from(preset.columns[preset.dates[0]]))]
    for field in draw(st.lists(st.sampled_from(list(preset.columns)), max_size=8, unique=True)):
        names.append(draw(st.sampled_from(preset.columns[field])))
    names = list(dict.fromkeys(names))
    row = st.lists(CELLS, min_size=len(names), max_size=len(names))
    rows = draw(st.lists(row, min_size=1, max_size=12))
    return preset.name, RawTable(names, rows, list(range(1, len(rows) + 1)), [], "t_2020.csv")


@given(tables(), st.sampled_from(["UTC", "Europe/Vienna", "America/Havana"]))
@QUIET
def test_every_row_is_imported_effort_or_set_aside(made, zone):
    preset, table = made
    try:
        result = import_table(table, preset, zone)
    except CeasefireError as error:
        assert str(error).endswith((".", "}."))
        return
    assert len(result.incidents) + len(result.effort) + len(result.rejected) == len(table.rows)
    assert all(one.reason for one in result.rejected)
    assert len({one.incident_id for one in result.incidents}) == len(result.incidents)
    for one in result.incidents:
        assert one.occurred_from < one.occurred_to
        assert (one.longitude is None) == (one.latitude is None)
        assert one.longitude is None or (abs(one.longitude) <= 180 and abs(one.latitude) <= 90)


@given(st.binary(max_size=400))
@QUIET
def test_any_bytes_are_a_table_or_give_a_sentence(tmp_path, data):
    path = tmp_path / "any.csv"
    path.write_bytes(data)
    try:
        result = import_table(read_table(str(path)), "auto")
    except CeasefireError:
        return
    assert len(result.incidents) + len(result.effort) + len(result.rejected) == result.rows


@given(
    st.lists(
        st.lists(st.text(alphabet=LETTERS, max_size=8), min_size=3, max_size=3),
        min_size=1,
        max_size=10,
    )
)
@QUIET
def test_rows_written_as_csv_come_back_one_for_one(tmp_path, rows):
    rows = [[f"r{position}", *row] for position, row in enumerate(rows)]
    text = io.StringIO()
    csv.writer(text).writerows([["id", "date", "place", "notes"], *rows])
    path = tmp_path / "rows.csv"
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    table = read_table(str(path))
    assert len(table.rows) == len(rows)
