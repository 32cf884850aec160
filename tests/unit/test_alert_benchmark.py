"""The benchmark of alerts, thinned: what it measures is what it says; no times are asserted."""

from __future__ import annotations

from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.tests.benchmarks.alert_racer import Watch, rules
from ceasefire_monitor.tests.benchmarks.racer import of_package
from ceasefire_monitor.tests.benchmarks.sizes import SIZES


def test_alerts_in_a_process_of_its_own_tell_time_and_number(tmp_path):
    with of_package("alert_racer", tmp_path, 120.0, tmp_path, 60, 3) as racer:
        racer.run("make", 80)
        first, second = racer.run("raised", 40), racer.run("raised", 40)
    assert first["seconds"] > 0.0
    assert first["measured"] > 0 and second["measured"] > 0
    assert not (tmp_path / "watched.gpkg").exists()


def test_each_turn_evaluates_the_new_incidents_alone(tmp_path):
    watch = Watch(tmp_path, "60", "3")
    watch.make("80")
    with Ledger.open(watch.place) as ledger:
        # The first evaluation passes over what is long ago.
        assert [alert.kind for alert in ledger.read("alerts")] == ["passed_over"]
        told = watch.raised("40")["measured"]
        later = ledger.read("alerts")[1:]
    assert len(later) == told > 0
    assert {alert.incident_id.split("-")[0] for alert in later if alert.incident_id} == {"watch:1"}
    watch.close()


def test_the_full_size_is_the_one_that_is_promised():
    assert (SIZES["full"].watched, SIZES["full"].fresh, len(rules())) == (100_000, 1_000, 10)
