"""Review on real files of others, where they are beside the repository."""

from __future__ import annotations

import csv
from datetime import timedelta, timezone

import pytest

from ceasefire_monitor.analysis.claim_candidates import Recorded, Tolerances
from ceasefire_monitor.analysis.claim_coverage import Observers
from ceasefire_monitor.analysis.claim_findings import propose
from ceasefire_monitor.analysis.harm_totals import feed_figures, harm_totals
from ceasefire_monitor.feeds.importer import import_table
from ceasefire_monitor.feeds.table import read_table
from ceasefire_monitor.model.claim import Claim
from ceasefire_monitor.model.harm import Harm

pytestmark = pytest.mark.real_data
FILE = "ucdp_ged_ukraine_2014-2021_isoT_dates.csv"


@pytest.fixture(scope="module")
def ucdp(real_data):
    path = real_data / "ucdp_ukraine" / FILE
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return rows, import_table(read_table(str(path)), "auto", "Europe/Kyiv").incidents


def test_a_feeds_deaths_are_those_of_its_file_and_no_record_of_harm(ucdp):
    rows, incidents = ucdp
    (figures,) = feed_figures(incidents)
    assert figures.rows == len(rows)
    for name in ("low", "best", "high"):
        assert getattr(figures, f"deaths_{name}") == sum(int(row[name]) for row in rows)
    assert harm_totals([], incidents, [], 2).rows == []


def test_as_many_groups_as_a_feed_has_rows_add_up_to_its_figures(ucdp):
    rows, incidents = ucdp
    harm = [
        Harm(
            f"H{number}",
            item.incident_id,
            None,
            "killed",
            low=item.deaths_low,
            best=item.deaths_best,
            high=item.deaths_high,
        )
        for number, item in enumerate(incidents)
    ]
    found = harm_totals(harm, incidents, [], 2)
    (row,) = [row for row in found.rows if row.dimension == "all"]
    # Where a file has its best estimate above its highest the row is set aside and told.
    sound = [item for item in rows if int(item["low"]) <= int(item["best"]) <= int(item["high"])]
    assert len(found.people.unsound) == len(rows) - len(sound) > 0
    for name in ("low", "best", "high"):
        assert getattr(row, name) == sum(int(item[name]) for item in sound)


def test_claims_of_what_others_recorded_find_it_and_are_never_observed_for_that(ucdp):
    _, incidents = ucdp
    recorded = Recorded(incidents)
    nobody = Observers([], [], [], 5000.0, timezone.utc)
    exact = [item for item in incidents if item.longitude is not None][::60]
    for item in exact:
        claim = Claim(
            item.incident_id,
            "Aster",
            alleged_from=item.occurred_from,
            category=item.category,
            longitude=item.longitude,
            latitude=item.latitude,
        )
        found = propose(claim, recorded, nobody, Tolerances(100.0, timedelta(0)))
        assert found.finding == "no_coverage"
        own = [c for c in found.candidates if c.record_id == item.incident_id]
        assert own and own[0].distance_m == pytest.approx(0.0, abs=1e-6)
    assert len(exact) > 40
