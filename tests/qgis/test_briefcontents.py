"""``ceasefire:briefcontents`` on a real ledger, by the brief's own parameters."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest
from qgis.core import QgsProcessingContext, QgsProcessingFeedback

from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.model.incident import Incident
from ceasefire_monitor.processing.reports.brief import Brief
from ceasefire_monitor.processing.reports.briefcontents import OF_FILES, BriefContents
from ceasefire_monitor.processing.reports.contentwords import SENTENCES

START = datetime(2031, 3, 1, 6, tzinfo=timezone.utc)


@pytest.fixture
def ledger(tmp_path):
    path = tmp_path / "theatre.gpkg"
    with Ledger.create(path, {"theatre": "Merrow Valley", "timezone": "UTC"}) as made:
        rows = [
            Incident(
                incident_id=f"patrol:{i}",
                source="patrol",
                origin="own_observation",
                workflow="recorded" if i else "reviewed",
                occurred_from=START + timedelta(days=i),
                longitude=10.0 if i < 2 else None,
                latitude=5.0 if i < 2 else None,
            )
            for i in range(3)
        ]
        made.write_records("incidents", rows, None, "test")
    return str(path)


def run(ledger, **parameters):
    context, feedback = QgsProcessingContext(), QgsProcessingFeedback(False)
    asked = {"LEDGER": ledger, "OUTPUT": "TEMPORARY_OUTPUT", **parameters}
    results, well = BriefContents().create().run(asked, context, feedback)
    assert well, feedback.textLog()
    return results, context


def test_the_lines_of_a_ledger_are_a_table_and_json(qgis_app, ledger):
    results, context = run(ledger)
    lines = {line["kind"]: line for line in json.loads(results["JSON"])}
    assert results["INCIDENTS"] == 3
    assert lines["unreviewed"]["sentence"] == "2 of 3 incidents are not reviewed yet."
    assert lines["not_located"]["count"] == 1
    assert lines["effort_not_known"]["count"] is None
    shown = lines["unreviewed"]["filter"]
    assert (shown["first"], shown["last"]) == ("2031-03-01", "2031-03-03")
    layer = context.takeResultLayer(results["OUTPUT"])
    assert {row["kind"] for row in layer.getFeatures()} == set(lines)


def test_the_period_narrows_what_is_counted(qgis_app, ledger):
    results, _ = run(ledger, FROM="2031-03-01", TO="2031-03-01")
    assert results["INCIDENTS"] == 1


def test_it_takes_every_parameter_of_the_brief_but_the_folder(qgis_app):
    brief, contents = Brief().create(), BriefContents().create()
    wanted = {one.name() for one in brief.parameterDefinitions()} - set(OF_FILES)
    assert wanted == {one.name() for one in contents.parameterDefinitions()} - {"OUTPUT"}


def test_every_line_has_its_sentence():
    import re
    from pathlib import Path

    import ceasefire_monitor.reports.contents as module

    text = Path(module.__file__).read_text(encoding="utf-8")
    kinds = set(re.findall(r'(?:Content|_of_sources)\(\s*"(\w+)"', text))
    assert kinds | {"revised_since_report", "revised_since_start"} == set(SENTENCES)
