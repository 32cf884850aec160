"""The daily report, printed in real QGIS from a ledger by its algorithm."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
import unicodedata
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from ceasefire_monitor.model.claim import Restriction
from ceasefire_monitor.model.land import Finding
from ceasefire_monitor.model.stored_agreement import StoredAgreement
from ceasefire_monitor.model.weapons import WeaponSighting

_SPEC = importlib.util.spec_from_file_location(
    "brief_theatre", Path(__file__).resolve().parent.parent / "brief_theatre.py"
)
brief_theatre = importlib.util.module_from_spec(_SPEC)
sys.modules.setdefault("brief_theatre", brief_theatre)
_SPEC.loader.exec_module(brief_theatre)

NOON = datetime(2031, 3, 5, 12, tzinfo=timezone.utc)
HEADINGS = (
    "1. Fire and incidents by region",
    "2. Casualties and damage",
    "3. Disengagement areas",
    "4. Findings by clause",
    "5. Weapons",
    "6. Military presence",
    "7. Mines and unexploded ordnance",
    "8. Repairs and windows of silence",
    "9. Crossing points",
    "10. Restrictions of access",
    "11. Totals since the commitment",
    "Table of incidents",
)


@pytest.fixture(scope="module")
def ledger(provider, tmp_path_factory):
    """The fictional theatre as a ledger, with an agreement, weapons, and a restriction."""
    from ceasefire_monitor.ledger.geopackage import Ledger

    material = brief_theatre.theatre()
    path = tmp_path_factory.mktemp("daily") / "ledger.gpkg"
    agreement = StoredAgreement("v1", "vale", "Vale understanding", "{}", valid_from=NOON)
    agreement.valid_from = NOON - timedelta(days=8)
    sightings = [
        WeaponSighting("w1", seen_from=NOON, weapon="tank", count_low=2, place="Quarry Hill"),
        WeaponSighting("w2", seen_from=NOON, weapon="mlrs", sensitivity="confidential"),
    ]
    restriction = Restriction("r1", NOON, NOON + timedelta(hours=2), "denial", place="Pells")
    finding = Finding(
        sighting_id="w1",
        agreement_id="vale",
        clause="2.1",
        rule="withdrawal",
        verdict="breaks",
        assessed_at=NOON + timedelta(days=1),
    )
    with Ledger.create(path, {"theatre": "Vell theatre", "timezone": "UTC"}) as made:
        incidents = [entry.incident for entry in material.entries]
        made.write_records("incidents", incidents, None, "test")
        observations = [item for entry in material.entries for item in entry.observations]
        for name, records in (
            ("observations", observations),
            ("contact_lines", material.lines),
            ("zones", material.zones),
            ("sites", material.sites),
            ("control_areas", material.control),
            ("posts", material.posts),
            ("effort", material.effort),
            ("weapon_sightings", sightings),
            ("restrictions", [restriction]),
            ("agreements", [agreement]),
        ):
            made.write_records(name, records, None, "test")
        made.write_findings([entry.finding for entry in material.entries])
        made.write_rule_findings([finding])
    return path


def printed(ledger, folder, **changes):
    import processing

    asked = {"LEDGER": str(ledger), "KIND": "daily", "OUTPUT_FOLDER": str(folder), **changes}
    return processing.run("ceasefire:brief", asked)


def text_of(folder):
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    done = subprocess.run(
        ["pdftotext", "-layout", str(folder / "brief.pdf"), "-"], capture_output=True, check=True
    )
    return " ".join(unicodedata.normalize("NFKC", done.stdout.decode("utf-8")).split())


def test_all_sections_are_printed_in_the_fields_order(ledger, tmp_path):
    printed(ledger, tmp_path / "made", FROM="2031-03-05")
    text = text_of(tmp_path / "made")
    places = [text.find(heading) for heading in HEADINGS]
    assert -1 not in places
    assert places == sorted(places)
    assert "Daily report 64/2031" in text
    assert "2.1: not in keeping with the rule" in text
    assert "Vale understanding: in force since 25 Feb 2031" in text
    assert "Denial" in text


def test_a_restricted_report_holds_back_where_recent_weapons_stand(ledger, tmp_path):
    # The sightings lie in the future of the machine's clock, so they are recent.
    printed(ledger, tmp_path / "restricted", FROM="2031-03-05")
    text = text_of(tmp_path / "restricted")
    assert "not told" in text
    assert "1 weapon sighting of the last 7 days" in text
    assert "1 confidential weapon sighting is left out" in text
    printed(ledger, tmp_path / "confidential", FROM="2031-03-05", RELEASE="confidential")
    whole = text_of(tmp_path / "confidential")
    assert "1 confidential weapon" not in whole
    assert "ultiple-launch rocket" in whole


def test_a_day_without_observation_says_so_in_every_section(ledger, tmp_path):
    printed(ledger, tmp_path / "blind", FROM="2031-03-07")
    text = text_of(tmp_path / "blind")
    assert text.count("Not observed: no post was able to observe") >= 2
    assert "Nil." not in text


def test_without_dates_the_last_day_with_data_is_reported(ledger, tmp_path):
    printed(ledger, tmp_path / "last")
    manifest = json.loads((tmp_path / "last" / "manifest.json").read_text(encoding="utf-8"))
    options = manifest["options"]
    assert options["kind"] == "daily"
    last = max(e.when for e in brief_theatre.theatre().entries).date()
    assert options["from"][:10] == str(last)
    assert options["to"][:10] == str(last + timedelta(days=1))
    assert list(manifest["sections"])[0] == "regions"
    assert manifest["sections"]["crossings"]["tables"]["crossings"][1][0] == "Tarn crossing"


def test_a_period_review_has_no_fixed_sections(ledger, tmp_path):
    printed(ledger, tmp_path / "review", KIND="period", FROM="2031-03-05", TO="2031-03-06")
    text = text_of(tmp_path / "review")
    assert "Repairs and windows of silence" not in text
    assert "Situation along the contact line" in text


def test_as_known_before_anything_was_assessed_no_finding_of_a_rule_is_told(ledger, tmp_path):
    printed(ledger, tmp_path / "then", FROM="2031-03-05", AS_OF="2031-03-05T13:00")
    text = text_of(tmp_path / "then")
    assert "not held against a rule" in text


def test_a_weekly_report_opens_with_the_trend_and_leaves_no_drawing_behind(ledger, tmp_path):
    folder = tmp_path / "weekly"
    printed(ledger, folder, KIND="weekly", TO="2031-03-16")
    text = text_of(folder)
    assert "Weekly report 11/2031" in text
    assert text.find("1. Trend") < text.find("2. Fire and incidents by region")
    assert "12. Totals since the commitment" in text
    assert "Table of incidents" not in text
    names = {path.name for path in folder.iterdir()}
    assert names == {"brief.pdf", "annex.gpkg", "incidents.csv", "manifest.json"}
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["options"]["from"][:10] == "2031-03-10"
    assert len(manifest["sections"]["trend"]["tables"]["trend"]) == 1 + 8 + 1
