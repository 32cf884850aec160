"""Real files of others, where they are beside the repository: every row is accounted for."""

from __future__ import annotations

import time

import pytest

from ceasefire_monitor.feeds.importer import import_table
from ceasefire_monitor.feeds.table import read_table

pytestmark = pytest.mark.real_data


def imported(path, zone="Europe/Kyiv"):
    result = import_table(read_table(str(path)), "auto", zone)
    assert len(result.incidents) + len(result.effort) + len(result.rejected) == result.rows
    return result


def test_both_releases_of_ucdp_are_imported_whole(real_data):
    folder = real_data / "ucdp_ukraine"
    older = imported(folder / "ucdp_ged_ukraine_2014-2021_isoT_dates.csv")
    newer = imported(folder / "ucdp_ged_ukraine_2014-20220223_iso_dates.csv")
    assert (older.preset, newer.preset) == ("ucdp", "ucdp")
    assert (len(older.incidents), len(newer.incidents)) == (3000, 3077)
    before = {one.incident_id: one for one in older.incidents}
    after = {one.incident_id: one for one in newer.incidents}
    shared = before.keys() & after.keys()
    assert (len(shared), len(after.keys() - shared), len(before.keys() - shared)) == (2998, 79, 2)
    moved = [
        key
        for key in shared
        if abs(before[key].longitude - after[key].longitude) > 1e-6
        or abs(before[key].latitude - after[key].latitude) > 1e-6
    ]
    assert len(moved) == 7
    for field, count in (("deaths_best", 4), ("deaths_high", 5), ("occurred_from", 1)):
        changed = [
            key for key in shared if getattr(before[key], field) != getattr(after[key], field)
        ]
        assert len(changed) == count, field
    changed = sum(1 for key in shared if before[key] != after[key])
    assert changed == 43


def test_vague_ucdp_events_bear_their_uncertainty(real_data):
    name = "ucdp_ged_ukraine_2014-20220223_iso_dates.csv"
    result = imported(real_data / "ucdp_ukraine" / name)
    vague = [one for one in result.incidents if one.uncertainty_m >= 50_000]
    assert len(vague) == 469 + 231 + 2 + 1


@pytest.mark.parametrize(("month", "rows", "doubles"), [("202407", 8113, 48), ("202408", 8615, 32)])
def test_viina_months_are_accounted_for(real_data, month, rows, doubles):
    result = imported(real_data / "viina" / f"viina_incidents_{month}.csv")
    assert result.preset == "viina"
    assert (result.rows, len(result.incidents), len(result.rejected)) == (
        rows,
        rows - doubles,
        doubles,
    )
    assert all("same as row" in one.reason for one in result.rejected)
    assert all(one.longitude is not None for one in result.incidents)
    assert any("middle" in note for note in result.notes)
    assert any("Слов" in (one.description or "") for one in result.incidents)


def test_firms_is_imported_whole_in_utc(real_data):
    path = real_data / "firms_ukraine" / "firms_viirs_nrt_20260624-27_native.csv"
    result = imported(path)
    assert (result.preset, len(result.incidents)) == ("firms", 5731)
    first, last = (
        pick(result.incidents, key=lambda one: one.occurred_from).occurred_from
        for pick in (min, max)
    )
    assert (first.date().isoformat(), last.date().isoformat()) == ("2026-06-24", "2026-06-27")


def test_insecurity_insights_sheet_has_no_coordinates(real_data):
    path = next((real_data / "insecurity_insight").glob("*.xlsx"))
    result = imported(path)
    assert (result.preset, result.rows, len(result.incidents)) == ("insecurityinsight", 2083, 2083)
    assert all(one.longitude is None for one in result.incidents)


def test_ten_times_the_rows_take_about_ten_times_as_long(real_data):
    path = real_data / "firms_ukraine" / "firms_viirs_nrt_20260624-27_native.csv"
    table = read_table(str(path))
    table.rows = [[*row[:-1], f"{copy}"] for copy in range(8) for row in table.rows]
    table.row_numbers = list(range(1, len(table.rows) + 1))
    started = time.perf_counter()
    result = import_table(table, "firms")
    assert len(result.incidents) == len(table.rows)
    assert time.perf_counter() - started < 20
