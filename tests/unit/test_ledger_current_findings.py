"""The view of current findings says the same as the ledger's own reading of the latest."""

from __future__ import annotations

import random
from datetime import datetime, timedelta, timezone

from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.model.land import Finding
from tests.ledger_sql import rows, run

NOON = datetime(2031, 5, 1, 12, tzinfo=timezone.utc)
AGREEMENTS = ("vale", "moor")


def assessments(rng):
    """Four assessments at random: of incidents, sightings, sites by day, and zones by party."""
    for day in range(4):
        found = {}
        for number in range(400):
            subject = rng.choice(
                [
                    {"incident_id": f"i:{rng.randrange(20)}"},
                    {"sighting_id": f"w:{rng.randrange(10)}"},
                    {
                        "site_id": f"s:{rng.randrange(3)}",
                        "period_from": NOON + timedelta(days=rng.randrange(3)),
                    },
                    {
                        "zones": f"z:{rng.randrange(2)}",
                        "period_from": NOON + timedelta(days=rng.randrange(2)),
                    },
                ]
            )
            finding = Finding(
                **subject,
                agreement_id=rng.choice(AGREEMENTS),
                rule=rng.choice(["1.a", "2.b"]),
                party=rng.choice(["North", "South", None]),
                verdict=rng.choice(["breaks", "complies", None]),
                assessed_at=NOON + timedelta(days=day),
                finding=f"{day} {number}",
            )
            found[number] = finding
        yield list(found.values())


def test_it_holds_the_latest_flags_and_the_latest_assessment_of_each_subject(tmp_path):
    rng = random.Random(5)
    path = tmp_path / "ledger.gpkg"
    with Ledger.create(path) as ledger:
        for part in assessments(rng):
            ledger.write_rule_findings(part)
            flags = [
                Finding(
                    incident_id=f"i:{rng.randrange(20)}",
                    flag=rng.choice(["near", "far"]),
                    finding=f"flag {number}",
                )
                for number in range(30)
            ]
            ledger.write_findings(flags)
        expected = [item.finding for item in ledger.latest_findings().values()]
        for name in AGREEMENTS:
            for found in ledger.latest_rule_findings(name).values():
                expected += [item.finding for item in found]
    view = [row[0] for row in rows(path, "SELECT finding FROM current_findings")]
    assert sorted(view) == sorted(expected)
    assert 100 < len(view) < 1600


def test_it_opens_as_a_table_and_cannot_be_written_to(tmp_path):
    path = tmp_path / "ledger.gpkg"
    with Ledger.create(path) as ledger:
        ledger.write_findings([Finding(incident_id="i:1", flag="near")])
    assert rows(path, "SELECT count(*) AS n FROM current_findings") == [(1,)]
    assert "view" in run(path, "DELETE FROM current_findings")
