"""``importprecedents``, ``precedents`` and ``ceasefiresurvival`` in real QGIS."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from qgis.core import QgsProcessingException, QgsVectorLayer

COLUMNS = [
    "uniq_id", "cc", "cf_id", "location", "actor_name", "fixed", "fixed_time", "cf_effect_yr",
    "cf_effect_month", "cf_effect_day", "implement", "ended", "end_yr", "end_month", "end_day",
]  # fmt: skip


@pytest.fixture
def data_set(tmp_path) -> str:
    """Forty ceasefires of an invented country, half with a mechanism, two rows each."""
    path = tmp_path / "ceasefires.csv"
    rows = []
    for number in range(40):
        mechanism = number % 2
        year = 2002 + (number % 5) * (1 + mechanism)
        ended = int(number % 8 != 7)
        end = (year, 1 + number % 12, 1 + number % 28) if ended else (-1, -1, -1)
        for actor in ("North", "South"):
            rows.append([len(rows), "XX", number, "Vale", actor, 0, -1, 2001, 3, 5, mechanism,
                         ended, *end])  # fmt: skip
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    return str(path)


def table(results, name="OUTPUT"):
    made = results[name]
    return made if isinstance(made, QgsVectorLayer) else QgsVectorLayer(made, "made", "ogr")


def imported(run, data_set, tmp_path):
    output = str(tmp_path / "precedents.gpkg")
    return run("ceasefire:importprecedents", INPUT=data_set, OUTPUT=output)


def test_ceasefires_are_counted_and_not_the_rows_of_actors(run, data_set, tmp_path):
    results = imported(run, data_set, tmp_path)
    assert (results["PRECEDENTS"], results["SET_ASIDE"]) == (40, 0)
    assert "10.1177/00220027221129195" in results["CITATION"]
    rows = list(table(results).getFeatures())
    assert {row["rows"] for row in rows} == {2} and rows[0]["parties"] == "North; South"


def test_what_holds_is_no_end_and_filters_ask_for_what_is_sure(run, data_set, tmp_path):
    layer = imported(run, data_set, tmp_path)["OUTPUT"]
    asked = {"INPUT": layer, "MECHANISM": "yes", "OUTCOME": "holding", "OUTPUT": "TEMPORARY_OUTPUT"}
    results = run("ceasefire:precedents", **asked)
    assert (results["FOUND"], results["OF"]) == (5, 40)
    assert all(row["lasted_to_days"] in (None,) or not row["lasted_to_days"]
               for row in table(results).getFeatures())  # fmt: skip


def test_survival_with_and_without_a_mechanism_as_table_chart_and_sentences(
    run, data_set, tmp_path
):
    layer = imported(run, data_set, tmp_path)["OUTPUT"]
    chart = tmp_path / "survival.svg"
    results = run(
        "ceasefire:ceasefiresurvival",
        INPUT=layer,
        BY="mechanism",
        OUTPUT="TEMPORARY_OUTPUT",
        CHART=str(chart),
    )
    assert results["METHOD"] == "Kaplan-Meier" and results["CEASEFIRES"] == 40
    assert "no effect" in results["SUMMARY"] and "Log-rank" in results["SUMMARY"]
    rows = list(table(results).getFeatures())
    assert {row["series"] for row in rows} == {"mechanism: no", "mechanism: yes"}
    assert sorted(row["at_risk_from"] for row in rows if row["day"] == 0) == [20, 20]
    assert re.search(r"<svg", chart.read_text(encoding="utf-8"))


def test_the_raw_data_set_as_a_layer_gives_the_same(run, data_set, tmp_path):
    layer = imported(run, data_set, tmp_path)["OUTPUT"]
    raw = QgsVectorLayer(f"file://{data_set}?type=csv&detectTypes=yes", "raw", "delimitedtext")
    told = [
        run("ceasefire:ceasefiresurvival", INPUT=each, OUTPUT="TEMPORARY_OUTPUT")["SUMMARY"]
        for each in (layer, raw)
    ]
    assert told[0] == told[1]


def test_a_table_kept_as_csv_gives_the_same(run, data_set, tmp_path):
    kept = str(tmp_path / "kept.csv")
    run("ceasefire:importprecedents", INPUT=data_set, OUTPUT=kept)
    layer = imported(run, data_set, tmp_path)["OUTPUT"]
    told = [
        run("ceasefire:ceasefiresurvival", INPUT=each, OUTPUT="TEMPORARY_OUTPUT")["SUMMARY"]
        for each in (layer, kept)
    ]
    assert told[0] == told[1]
    asked = {"INPUT": kept, "LASTED_DAYS": 400, "OUTPUT": "TEMPORARY_OUTPUT"}
    assert 0 < run("ceasefire:precedents", **asked)["FOUND"] < 40


def test_a_file_without_a_start_is_named_in_a_sentence(run, tmp_path):
    path = Path(tmp_path / "other.csv")
    path.write_text("name,place\nOne,Vale\nTwo,Dale\n", encoding="utf-8")
    with pytest.raises(QgsProcessingException, match="no column “start”"):
        run("ceasefire:importprecedents", INPUT=str(path), OUTPUT="TEMPORARY_OUTPUT")
