"""What changed, told in sentences: short where many came late, and true of what was withdrawn."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta, timezone

from ceasefire_monitor.ledger.difference_words import MOST_LATE_TOLD, Tally, sentences
from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.model.incident import Incident

SINCE = datetime.now(timezone.utc) - timedelta(days=1)
UNTIL = SINCE + timedelta(days=2)
LONG_AGO = datetime(2021, 5, 1, tzinfo=timezone.utc)


def told(ledger) -> list[str]:
    tally = Tally()
    for change in ledger.changes(SINCE, UNTIL):
        tally.add(change)
    return sentences(tally, SINCE, UNTIL, timezone.utc)


def late(number: int) -> Incident:
    return Incident(f"watch:{number}", occurred_from=LONG_AGO, sensitivity="public")


def test_of_many_that_came_late_some_are_told_and_the_rest_counted(tmp_path):
    with Ledger.create(tmp_path / "ledger.gpkg") as ledger:
        ledger.write_records("incidents", [late(number) for number in range(40)], "Ana", "log")
        lines = told(ledger)
    assert sum("was recorded late" in line for line in lines) == MOST_LATE_TOLD
    assert f"{40 - MOST_LATE_TOLD} more records that came late stand in the table." in lines
    assert "40 new (40 of them late)" in lines[0]


def test_what_was_withdrawn_in_the_span_was_not_removed(tmp_path):
    with Ledger.create(tmp_path / "ledger.gpkg") as ledger:
        ledger.write_records("incidents", [late(1)], "Ana", "log")
        withdrawn = dataclasses.replace(late(1), workflow="withdrawn")
        ledger.write_records("incidents", [withdrawn], "Ana", "twice")
        lines = told(ledger)
    assert "Incidents: 1 recorded and withdrawn again." in lines[0]
    assert lines[1].startswith("Incident watch:1 was recorded and withdrawn again")
