"""A brief of real data: UCDP's first quarter of 2017 against the line of contact."""

from __future__ import annotations

import csv
import json
import subprocess

import pytest

RELEASE = "ucdp_ged_ukraine_2014-20220223_iso_dates.csv"


@pytest.fixture(scope="module")
def made(real_data, provider, tmp_path_factory):
    """Feed, line, flags, ledger and brief, each by its algorithm."""
    import processing

    folder = tmp_path_factory.mktemp("real")
    ledger, brief = str(folder / "ledger.gpkg"), folder / "brief"
    zone = "Europe/Kyiv"
    feed = real_data / "ucdp_ukraine" / RELEASE
    line = real_data / "line_of_contact" / "line_of_contact_natural_earth.geojson"
    processing.run(
        "ceasefire:importincidents", {"INPUT": str(feed), "TIMEZONE": zone, "LEDGER": ledger}
    )
    processing.run(
        "ceasefire:addtoledger",
        {"INPUT": str(line), "TABLE": "contact_lines", "TIMEZONE": zone, "LEDGER": ledger},
    )
    flagged = processing.run(
        "ceasefire:flagincidents",
        {
            "INPUT": f"{ledger}|layername=incidents",
            "TIMEZONE": zone,
            "LEDGER": ledger,
            "OUTPUT": str(folder / "flagged.gpkg"),
        },
    )
    printed = processing.run(
        "ceasefire:brief",
        {
            "LEDGER": ledger,
            "FROM": "2017-01-01",
            "TO": "2017-03-31",
            "TIMEZONE": zone,
            "RELEASE": "confidential",
            "OUTPUT_FOLDER": str(brief),
        },
    )
    with feed.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    quarter = [row for row in rows if "2017-01-01" <= row["date_start"] <= "2017-03-31"]
    return {"brief": brief, "printed": printed, "flagged": flagged, "quarter": quarter}


def test_the_brief_holds_every_event_of_the_quarter_and_no_other(made):
    with (made["brief"] / "incidents.csv").open(encoding="utf-8-sig", newline="") as file:
        written = {row["incident_id"] for row in csv.DictReader(file)}
    assert len(written) == made["printed"]["INCIDENTS"] == len(made["quarter"])
    assert {"ucdp:" + row["id"] for row in made["quarter"]} == written


def test_its_pages_name_the_source_and_what_could_not_be_observed(made):
    text = subprocess.run(
        ["pdftotext", "-layout", str(made["brief"] / "brief.pdf"), "-"],
        check=True,
        stdout=subprocess.PIPE,
    ).stdout.decode("utf-8")
    assert "Uppsala" in text
    assert "imply no endorsement" in text
    assert "Europe/Kyiv" in text
    assert "violation" not in text.split("Method")[0].lower(), "no agreement was given"


def test_vague_events_are_not_said_to_be_near(made):
    near = made["flagged"]["NEAR"]
    possible = made["flagged"]["POSSIBLE"]
    assert near < 435, "528 precise events lie within 5 km at most; vague ones are only possible"
    assert possible > near


def test_the_manifest_names_the_ledger_and_the_figures(made):
    manifest = json.loads((made["brief"] / "manifest.json").read_text(encoding="utf-8"))
    assert "ledger.gpkg" in json.dumps(manifest)
    assert str(len(made["quarter"])) in json.dumps(manifest)
