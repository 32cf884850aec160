"""A workload: incidents are recorded and alerts raised on them until the child is killed."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from ceasefire_monitor.ledger.alerting import raise_alerts
from ceasefire_monitor.model.alert import AlertRule
from ceasefire_monitor.model.incident import Incident

NOW = datetime(2031, 5, 1, 12, tzinfo=timezone.utc)


def alerts(backend, place, rng, say):
    """Some incidents in one commit, then the alerts on them; what was recorded and told is said."""
    with backend.open(place) as ledger:
        if not ledger.read("alert_rules"):
            ledger.write_records("alert_rules", [AlertRule("R", "All")], "Ana", "rule")
        while True:
            batch = [incident(rng) for _ in range(rng.randrange(1, 40))]
            ledger.write_records("incidents", batch, "Ana", "log")
            for item in batch:
                say("recorded", item.incident_id)
            if rng.random() < 0.8:
                for alert in raise_alerts(ledger, now=NOW):
                    say("told", alert.incident_id)


def incident(rng):
    """One of many possible incidents: the same one hardly ever comes twice."""
    number = rng.getrandbits(50)
    begin = NOW - timedelta(minutes=number % 1_000)
    return Incident(f"watch:{number}", "watch", str(number), occurred_from=begin)
