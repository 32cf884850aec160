"""Findings of rules, agreements and weapons in the ledger; and ledgers of the first version."""

from __future__ import annotations

import contextlib
import gzip
import sqlite3
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.ledger.schema import SCHEMA_VERSION
from ceasefire_monitor.ledger.upgrade import NEW_TABLES
from ceasefire_monitor.model.errors import CeasefireError
from ceasefire_monitor.model.incident import Incident
from ceasefire_monitor.model.land import Finding
from ceasefire_monitor.model.stored_agreement import StoredAgreement
from ceasefire_monitor.model.weapons import Inventory, StorageSite, WeaponSighting
from ceasefire_monitor.reports.from_ledger import material_of_ledger

DATA = Path(__file__).resolve().parent.parent / "data"
NOON = datetime(2031, 5, 1, 12, tzinfo=timezone.utc)


@pytest.fixture
def path(tmp_path):
    place = tmp_path / "ledger.gpkg"
    with Ledger.create(place, {"theatre": "Vale"}) as ledger:
        ledger.write_records("incidents", [Incident(incident_id="a")], "me", "x")
        ledger.write_findings([Finding(incident_id="a", flag="near", flag_probability=0.97)])
    return place


def ruled(verdict, moment=NOON, **more):
    values = {"incident_id": "a", "agreement_id": "vale", "rule": "fire", "rests_on": "1"}
    return Finding(verdict=verdict, assessed_at=moment, **{**values, **more})


@pytest.fixture
def first(tmp_path):
    """A ledger that the first version made: three incidents, the second of them flagged."""
    place = tmp_path / "first.gpkg"
    place.write_bytes(gzip.decompress((DATA / "ledger-version-1.gpkg.gz").read_bytes()))
    return place


def test_a_ledger_of_the_first_version_is_brought_up_when_opened_for_writing(first):
    with Ledger.open(first) as ledger:
        assert ledger.settings()["schema_version"] == str(SCHEMA_VERSION)
        (flagged,) = ledger.latest_findings().values()
        assert (flagged.incident_id, flagged.verdict) == ("watch:1", None)
        ledger.write_rule_findings([ruled("breaks", incident_id="watch:1")])
        ledger.write_records("weapon_sightings", [WeaponSighting(weapon="tank")], None, "seen")
        assert len(ledger.read("weapon_sightings")[0].sighting_id) == 20
        ledger.write_records("agreements", [StoredAgreement(agreement_id="vale")], None, "x")
        with pytest.raises(CeasefireError, match="never changed"):
            ledger._connection.run("UPDATE agreements SET title = 'x'")
        with pytest.raises(CeasefireError, match="belongs to a ledger"):
            ledger._connection.run("DELETE FROM gpkg_contents WHERE table_name = 'storage_sites'")
    with Ledger.open(first) as ledger:
        assert len(ledger.read("findings")) == 2


def test_opened_for_reading_it_stays_as_it_is_and_what_it_lacks_reads_as_empty(first):
    before = first.read_bytes()
    with Ledger.open(first, readonly=True) as ledger:
        assert ledger.settings()["schema_version"] == "1"
        for table in NEW_TABLES[2]:
            assert ledger.read(table) == []
        (flagged,) = ledger.latest_findings().values()
        assert flagged.verdict is None
        assert ledger.latest_rule_findings("vale") == {} and ledger.latest_agreements() == {}
    flags = {entry.incident.incident_id: entry.finding for entry in entries_of(first)}
    assert flags["watch:1"].flag == flagged.flag
    assert first.read_bytes() == before


def test_what_every_version_has_is_still_missed(first):
    with contextlib.closing(sqlite3.connect(first)) as base:
        base.execute("ALTER TABLE findings DROP COLUMN zones")
        base.commit()
    with pytest.raises(CeasefireError, match="lacks findings.zones"):
        Ledger.open(first)


def entries_of(path):
    return material_of_ledger(str(path)).entries


def test_the_latest_flag_stays_the_flag_whatever_rules_find(path):
    with Ledger.open(path) as ledger:
        ledger.write_rule_findings([ruled("breaks")])
        assert ledger.latest_findings()["a"].flag == "near"
        again = ledger.write_findings(
            [Finding(incident_id="a", flag="near", flag_probability=0.97)]
        )
        assert (again.added, again.unchanged) == (0, 1)
    assert material_of_ledger(str(path)).entries[0].finding.flag == "near"
    later = datetime.now(timezone.utc) + timedelta(days=9000)
    assert material_of_ledger(str(path), later).entries[0].finding.flag == "near"


def test_the_latest_assessment_holds_with_all_its_findings(path):
    hour = timedelta(hours=1)
    with Ledger.open(path) as ledger:
        ledger.write_rule_findings([ruled("breaks", party="Aster"), ruled("complies", rule="far")])
        ledger.write_rule_findings(
            [
                ruled("possible", NOON + hour, party="Aster"),
                ruled("complies", NOON + hour, party="Borealis"),
                ruled("breaks", incident_id=None, sighting_id="a"),
                ruled("breaks", agreement_id="other"),
            ]
        )
        latest = ledger.latest_rule_findings("vale")
        told = {
            (subject.rule, subject.incident_id, subject.sighting_id): [f.verdict for f in findings]
            for subject, findings in latest.items()
        }
        assert told == {
            ("fire", "a", None): ["possible", "complies"],
            ("far", "a", None): ["complies"],
            ("fire", None, "a"): ["breaks"],
        }
        ledger.write_rule_findings([ruled(None, NOON + 2 * hour)])
        assert ("fire", "a") not in {
            (subject.rule, subject.incident_id) for subject in ledger.latest_rule_findings("vale")
        }
        assert len(ledger.read("findings")) == 8


def test_an_amended_agreement_is_another_version_and_the_old_text_stays(path):
    def stored(text):
        return StoredAgreement(agreement_id="vale", title="Vale", text=text, valid_from=NOON)

    with Ledger.open(path) as ledger:
        for text, added in (("{1}", 1), ("{1}", 0), ("{2}", 1), ("{1}", 1)):
            counts = ledger.write_records("agreements", [stored(text)], "me", "signed")
            assert (counts.added, counts.unchanged) == (added, 1 - added)
        assert [version.text for version in ledger.read("agreements")] == ["{1}", "{2}", "{1}"]
        latest = ledger.latest_agreements()["vale"]
        assert latest.text == "{1}" and len(latest.sha256) == 64 and latest.valid_from == NOON


def test_weapons_storage_and_inventories_are_kept_as_given(path):
    sighting = WeaponSighting(
        sighting_id="w", weapon="tank", holder=None, count_low=3, seen_from=NOON, longitude=30.0,
        latitude=50.0,
    )  # fmt: skip
    site = StorageSite(site_id="d", holder="Aster", radius_m=800.0, longitude=30.0, latitude=50.0)
    counted = Inventory(inventory_id="i", site_id="d", weapon="tank", declared=9, present=None)
    with Ledger.open(path) as ledger:
        for table, record in (
            ("weapon_sightings", sighting),
            ("storage_sites", site),
            ("inventories", counted),
        ):
            ledger.write_records(table, [record], "me", "x")
            assert ledger.read(table) == [record]
        assert ledger.read("weapon_sightings", until=NOON) == []
