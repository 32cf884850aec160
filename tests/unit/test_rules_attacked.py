"""Rules against anything: every shipped template, with values unknown, odd or absurd."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ceasefire_monitor.analysis.agreement_file import read_agreement
from ceasefire_monitor.analysis.incident_columns import IncidentColumns
from ceasefire_monitor.analysis.rule_columns import RuleSubjects, StorageColumns
from ceasefire_monitor.analysis.rule_sites import SitePoints
from ceasefire_monitor.model.vocabulary import vocabulary
from tests.vale_agreement import checked, lines

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "agreements"
TEMPLATES = sorted(path for path in FOLDER.glob("*.json") if path.name != "schema.json")
VERDICTS = set(vocabulary("verdicts"))


def anything(sightings: bool, count=400, seed=5) -> RuleSubjects:
    rng = np.random.default_rng(seed)

    def some(values):
        column = np.empty(count, dtype=object)
        column[:] = [values[index] for index in rng.integers(0, len(values), count)]
        return column

    def numbers(*values):
        return rng.choice(np.array(values, float), count)

    start = np.datetime64("1950-01-01", "us") + (rng.random(count) * 76 * 365 * 864e8).astype(
        "timedelta64[us]"
    )
    end = start + (rng.choice([-1, 0, 1, 40, 400], count) * 864e8).astype("timedelta64[us]")
    start[rng.random(count) < 0.1] = np.datetime64("NaT", "us")
    end[rng.random(count) < 0.2] = np.datetime64("NaT", "us")
    place = IncidentColumns(
        lon=numbers(np.nan, 30.5, 30.2, 179.99, -179.99, 35.9),
        lat=numbers(np.nan, 50.02, 49.9, 89.9, 33.1),
        occurred_from=start,
        occurred_to=end,
        span_is=some([None, "duration", "uncertainty", "odd"]),
        uncertainty_m=numbers(np.nan, 0.0, 50.0, 25_000.0, -5.0, 1e9),
        uncertainty_kind=some([None, "gauss", "disc", "area", "sector", "odd"]),
        observer_lon=numbers(np.nan, 30.4),
        observer_lat=numbers(np.nan, 50.0),
        bearing_deg=numbers(np.nan, 45.0),
        bearing_halfwidth_deg=numbers(np.nan, 10.0),
        range_min_m=numbers(np.nan, 500.0),
        range_max_m=numbers(np.nan, 4000.0),
    )
    return RuleSubjects(
        place,
        [f"s{number}" for number in range(count)],
        are_sightings=sightings,
        category=some([None, "odd", "firing", *vocabulary("categories")]),
        circumstance=some([None, *vocabulary("circumstances")]),
        domain=some([None, "air", "odd"]),
        weapon=some([None, "odd", *vocabulary("weapon_types")]),
        holder=some([None, "Nobody", "Israel", "Syria", "Ukraine", "armed formations", "Aster"]),
        count_low=numbers(np.nan, 0, 5, 100),
        count_high=numbers(np.nan, 0, 5, 100),
        altitude_m=numbers(np.nan, 0.0, 5000.0),
    )


CONTACT = lines(
    ([(30, 50), (31, 50)], "agreed", "1953-07-27", None, 100.0),
    ([(30, 50), (30.5, 50.1), (31, 50)], "de_facto", None, "2015-01-01", 0.0),
    ([(30, 50), (30.5, 50.2), (31, 50)], "de_facto", "2015-01-01", None, 5000.0),
)
SITES = SitePoints(
    np.array([30.5, 179.999]),
    np.array([50.02, 89.9]),
    np.array([None, "Clinic"], dtype=object),
    np.array(["hospital", "school"], dtype=object),
    np.array(["NaT", "2020-01-01"], "datetime64[us]"),
    np.array(["NaT", "NaT"], "datetime64[us]"),
)
STORAGE = StorageColumns(
    *(np.array([each], dtype=object) for each in ("d", None, None)),
    *(np.array([each]) for each in (30.5, np.nan, np.nan)),
    *(np.array(["NaT"], "datetime64[us]") for _ in range(2)),
)


@pytest.mark.parametrize("sightings", [False, True], ids=["incidents", "sightings"])
@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_anything_gets_verdicts_of_the_list_and_whole_sentences(path, sightings):
    told = read_agreement(path)
    for around in ({}, {"given_sites": SITES, "storage": STORAGE}):
        contact = CONTACT if around else None
        outcome = checked(told, anything(sightings), contact, **around)
        found = outcome.findings
        assert set(found.verdict) <= VERDICTS
        known = ~np.isnan(found.probability)
        assert ((found.probability[known] >= 0.0) & (found.probability[known] <= 1.0)).all()
        for sentence, print_ in zip(found.finding, found.rests_on):
            assert sentence.endswith(".") and "None" not in sentence and " nan" not in sentence
            assert "violat" not in sentence.lower()
            assert len(print_) == 16
        for verdict, least in (("breaks", 0.95), ("possible", 0.05)):
            chance = found.probability[(found.verdict == verdict) & known]
            assert (chance >= least - 1e-9).all()


def test_no_subjects_at_all_give_no_findings():
    none = RuleSubjects(IncidentColumns(lon=[], lat=[]), [])
    assert len(checked(read_agreement(TEMPLATES[0]), none, CONTACT).findings) == 0
