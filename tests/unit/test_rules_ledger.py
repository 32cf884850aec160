"""Findings of rules, agreements and weapons in the ledger; and ledgers of the first version."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta, timezone

import pytest

from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.ledger.upgrade import NEW_COLUMNS, NEW_TABLES
from ceasefire_monitor.model.errors import CeasefireError
from ceasefire_monitor.model.incident import Incident
from ceasefire_monitor.model.land import Finding
from ceasefire_monitor.model.stored_agreement import StoredAgreement
from ceasefire_monitor.model.weapons import Inventory, StorageSite, WeaponSighting
from ceasefire_monitor.reports.from_ledger import material_of_ledger

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


def aged(path):
    """Make the ledger what the first version made: without what came since."""
    with sqlite3.connect(path) as base:
        triggers = base.execute("SELECT name, tbl_name FROM sqlite_master WHERE type='trigger'")
        for name, table in triggers.fetchall():
            if table in NEW_TABLES[2] or name.startswith("ledger_layers"):
                base.execute(f'DROP TRIGGER "{name}"')
        for table in NEW_TABLES[2]:
            base.execute(f'DROP TABLE "{table}"')
            base.execute(f'DROP TABLE IF EXISTS "rtree_{table}_geom"')
            for listed in ("contents", "geometry_columns", "ogr_contents", "data_columns"):
                base.execute(f"DELETE FROM gpkg_{listed} WHERE table_name = ?", (table,))
            base.execute("DELETE FROM gpkg_extensions WHERE table_name = ?", (table,))
        base.execute("DROP INDEX findings_flags")
        for column in NEW_COLUMNS[2]["findings"]:
            base.execute(f'ALTER TABLE findings DROP COLUMN "{column}"')
            base.execute("DELETE FROM gpkg_data_columns WHERE column_name = ?", (column,))
        base.execute("UPDATE settings SET value = '1' WHERE key = 'schema_version'")
    base.close()
    return path


def test_a_ledger_of_the_first_version_is_brought_up_when_opened_for_writing(path):
    aged(path)
    with Ledger.open(path) as ledger:
        assert ledger.settings()["schema_version"] == "2"
        assert ledger.latest_findings()["a"].flag == "near"
        ledger.write_rule_findings([ruled("breaks")])
        ledger.write_records("weapon_sightings", [WeaponSighting(weapon="tank")], None, "seen")
        assert len(ledger.read("weapon_sightings")[0].sighting_id) == 20
        assert len(ledger.history("a")) == 1
        ledger.write_records("agreements", [StoredAgreement(agreement_id="vale")], None, "x")
        with pytest.raises(CeasefireError, match="never changed"):
            ledger._connection.run("UPDATE agreements SET title = 'x'")
        with pytest.raises(CeasefireError, match="belongs to a ledger"):
            ledger._connection.run("DELETE FROM gpkg_contents WHERE table_name = 'storage_sites'")
    with Ledger.open(path) as ledger:
        assert len(ledger.read("findings")) == 2


def test_opened_for_reading_it_stays_as_it_is_and_what_it_lacks_reads_as_empty(path):
    before = aged(path).read_bytes()
    with Ledger.open(path, readonly=True) as ledger:
        assert ledger.settings()["schema_version"] == "1"
        for table in NEW_TABLES[2]:
            assert ledger.read(table) == []
        assert ledger.latest_findings()["a"].verdict is None
        assert ledger.latest_rule_findings("vale") == {} and ledger.latest_agreements() == {}
    assert material_of_ledger(str(path)).entries[0].finding.flag == "near"
    assert path.read_bytes() == before


def test_what_every_version_has_is_still_missed(path):
    with sqlite3.connect(aged(path)) as base:
        base.execute("ALTER TABLE findings DROP COLUMN zones")
    base.close()
    with pytest.raises(CeasefireError, match="lacks findings.zones"):
        Ledger.open(path)


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
