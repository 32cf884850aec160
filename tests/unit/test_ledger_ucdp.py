"""Two releases of UCDP's events, the newer imported over the older: real corrections."""

from __future__ import annotations

import collections
import csv

import pytest

from ceasefire_monitor.feeds.importer import import_table
from ceasefire_monitor.feeds.table import read_table
from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.model.land import Fetch

OLDER = "ucdp_ged_ukraine_2014-2021_isoT_dates.csv"
NEWER = "ucdp_ged_ukraine_2014-20220223_iso_dates.csv"


@pytest.fixture(scope="module")
def releases(real_data):
    return [real_data / "ucdp_ukraine" / name for name in (OLDER, NEWER)]


@pytest.fixture(scope="module")
def written(releases, tmp_path_factory):
    """The ledger after both releases, and what each of three imports did (the newer twice)."""
    with Ledger.create(tmp_path_factory.mktemp("ucdp") / "ledger.gpkg") as ledger:
        counts = []
        for path in (*releases, releases[1]):
            result = import_table(read_table(str(path)), "ucdp", "Europe/Kyiv")
            counts.append(ledger.write_import(result, Fetch(source="ucdp"), None, path.name))
        yield ledger, counts


def rows(path) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return {f"ucdp:{row['id']}": row for row in csv.DictReader(file)}


def test_the_newer_release_adds_changes_and_loses_what_it_must(written):
    _, (older, newer, again) = written
    assert (older.added, older.changed, older.unchanged) == (3000, 0, 0)
    assert newer.added == 79
    assert newer.changed + newer.unchanged == 2998
    assert len(newer.not_seen) == 2
    assert (again.added, again.changed, again.unchanged) == (0, 0, 3077)
    assert again.not_seen == newer.not_seen


def test_what_the_newer_release_lost_stays(written, releases):
    ledger, (_, newer, _) = written
    gone = rows(releases[0]).keys() - rows(releases[1]).keys()
    assert set(newer.not_seen) == gone
    assert len(ledger.read("incidents", ids=gone)) == 2
    assert all(len(ledger.history(key)) == 1 for key in gone)


def test_history_shows_each_correction_and_unchanged_rows_have_none(written, releases):
    ledger, (_, newer, _) = written
    before, after = map(rows, releases)
    shared = before.keys() & after.keys()
    assert len(shared) == 2998
    differing = collections.Counter()
    corrected = 0
    for key in shared:
        states = [revision.payload for revision in ledger.history(key)]
        corrected += len(states) - 1
        assert len(states) <= 2
        first, last = states[0], states[-1]
        moved = max(abs(first[name] - last[name]) for name in ("longitude", "latitude"))
        differing["position"] += moved > 1e-6
        for name in ("deaths_best", "deaths_high", "occurred_from"):
            differing[name] += first[name] != last[name]
        differing["other"] += len(states) == 2 and first["description"] != last["description"]
        assert (last["deaths_best"], last["deaths_high"]) == tuple(
            int(after[key][name]) for name in ("best", "high")
        )
    assert differing["position"] == 7
    assert differing["deaths_best"] == 4
    assert differing["deaths_high"] == 5
    assert differing["occurred_from"] == 1
    assert corrected == newer.changed


def test_the_older_release_can_still_be_read_as_of_then(written, releases):
    ledger, _ = written
    moment = max(ledger.history(key)[0].recorded_at for key in rows(releases[0]))
    then = {item.incident_id: item for item in ledger.incidents_as_of(moment)}
    before = rows(releases[0])
    assert before.keys() <= then.keys()
    for key, row in before.items():
        assert then[key].deaths_best == int(row["best"])
        assert abs(then[key].longitude - float(row["longitude"])) < 1e-9
