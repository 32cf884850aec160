"""``ceasefire:accordprogress`` in real QGIS, on the places of a real country."""

from __future__ import annotations

import csv
import json

import pytest
from qgis.core import QgsProcessingException

SIGNED = "2016-11-24"
PUBLISHED = {3: 173, 2: 108, 1: 213, 0: 84}


def table(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return str(path)


def rows_of(made):
    names = [field.name() for field in made.fields()]
    return [dict(zip(names, row.attributes())) for row in made.getFeatures()]


@pytest.fixture
def accord(tmp_path):
    provisions = [
        {"provision_id": "1.1", "title": "Land fund", "theme": "Land", "priority": "yes",
         "kind": "develop", "deadline": "2018-01-01"},
        {"provision_id": "2.1", "title": "Seats", "theme": "Votes", "priority": "no",
         "kind": "elect", "deadline": ""},
        {"provision_id": "2.2", "title": "Media", "theme": "Votes", "priority": "no",
         "kind": "media", "deadline": ""},
    ]  # fmt: skip
    scores = [
        {"provision_id": one, "month": month, "score": score, "coder": coder}
        for one, month, score, coder in (
            ("1.1", "2018-06", "1", "A"),
            ("1.1", "2018-06", "2", "B"),
            ("1.1", "2021-06", "1", "A"),
            ("2.1", "2018-06", "2", "A"),
            ("2.1", "2018-06", "2", "B"),
            ("2.2", "2021-06", "", "A"),
        )
    ]  # fmt: skip
    return {
        "PROVISIONS": table(tmp_path / "provisions.csv", provisions),
        "SCORES": table(tmp_path / "scores.csv", scores),
        "SIGNED": SIGNED,
    }


def test_tables_and_page_say_how_the_accord_stands(run, accord, tmp_path):
    page = tmp_path / "page.html"
    others = [{"caseid": n, "year_count": 5, "elect_prov": 1, "elect_implem": n,
               "develop_prov": 1, "develop_iplem": 3} for n in (0, 1)]  # fmt: skip
    results = run(
        "ceasefire:accordprogress", **accord, CODER="A", SECOND_CODER="B", AS_OF="2021-11",
        OTHERS=table(tmp_path / "pam.csv", others), TITLE="Accord of <Vale>",
        OUTPUT="memory:", STANDINGS="memory:", COMPARED="memory:", SHEET=str(page),
    )  # fmt: skip
    assert results["PROVISION_COUNT"] == 3
    assert results["RATE"] == pytest.approx(50.0)
    standing = {row["provision_id"]: row["standing"] for row in rows_of(results["STANDINGS"])}
    assert standing == {"1.1": "stalled", "2.1": "stalled", "2.2": "not_assessed"}
    compared = {row["kind"]: (row["score"], row["mean"]) for row in rows_of(results["COMPARED"])}
    assert compared == {"elect": (2.0, 0.5), "develop": (1.0, 3.0)}
    words = results["SENTENCES"]
    assert "A and B scored 2 in common: 50 % equal" in words
    assert "above the mean of 2 accords in 1 of 2 provisions" in words
    html = page.read_text(encoding="utf-8")
    assert "Accord of &lt;Vale&gt;" in html
    assert "1 not assessed" in html


@pytest.mark.real_data
def test_the_published_distribution_comes_back_over_a_real_countrys_departments(
    run, real_data, tmp_path
):
    names = []
    for path in sorted((real_data / "admin1").rglob("*.geojson")):
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
        names += [str(sorted(one["properties"].items())[0][1]) for one in features]
    assert len(names) >= 33
    scores = [score for score, count in PUBLISHED.items() for _ in range(count)]
    provisions = [{"provision_id": n, "place": names[n % len(names)]} for n in range(578)]
    given = [{"provision_id": n, "date": "2021-11-30", "score": s} for n, s in enumerate(scores)]
    results = run(
        "ceasefire:accordprogress", SIGNED=SIGNED,
        PROVISIONS=table(tmp_path / "p.csv", provisions), SCORES=table(tmp_path / "s.csv", given),
        OUTPUT="memory:",
    )  # fmt: skip
    assert "Complete 173 (30 %), intermediate 108 (19 %), minimum 213 (37 %), not initiated 84 " \
        "(15 %)." in results["SENTENCES"]  # fmt: skip
    places = [row for row in rows_of(results["OUTPUT"]) if row["by"] == "place"]
    assert sum(row["provisions"] for row in places) == 578
    assert len(places) == len(set(names))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "scores of several coders \\(A, B\\)"),
        ({"CODER": "C"}, "no scores of “C”"),
        ({"CODER": "A", "SIGNED": "soon"}, "Give the day of the signature"),
        ({"CODER": "A", "AS_OF": "2015"}, "2015-12-31 is not after that"),
        ({"SECOND_CODER": "B", "CODER": "A", "SCORES": "PROVISIONS"}, "has no column"),
    ],
)
def test_what_is_missing_is_said_in_one_sentence(run, accord, change, words):
    change = {**change}
    if change.get("SCORES") == "PROVISIONS":
        change["SCORES"] = accord["PROVISIONS"]
    with pytest.raises(QgsProcessingException, match=words):
        run("ceasefire:accordprogress", **{**accord, **change}, OUTPUT="memory:")


def test_a_score_outside_of_the_scale_is_named_with_its_row(run, accord, tmp_path):
    bad = [{"provision_id": "1.1", "year": "2018", "score": "4"}]
    accord["SCORES"] = table(tmp_path / "bad.csv", bad)
    with pytest.raises(QgsProcessingException, match="Row 1 of the scores: “4” is no score"):
        run("ceasefire:accordprogress", **accord, OUTPUT="memory:")
