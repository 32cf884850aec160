"""Killed at random moments between recording and telling: nothing is lost, nothing told twice."""

from __future__ import annotations

import os
import random
from collections import Counter

import pytest

from ceasefire_monitor.ledger.alerting import raise_alerts
from ceasefire_monitor.tests.postgis import NoPostgis, PostgisCluster
from tests.prove.alert_work import NOW
from tests.prove.killing import Nursery, assert_nothing_half, moments
from tests.prove.workloads import BACKENDS

PROVE = "CEASEFIRE_PROVE" in os.environ
KILLS = 60 if PROVE else 4
SEED = int(os.environ.get("CEASEFIRE_SEED", "5"))

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the nursery forks")


@pytest.fixture(params=["geopackage", "postgis"])
def backend(request):
    if request.param == "geopackage":
        yield request.param
        return
    try:
        cluster = PostgisCluster(["fsync=on", "synchronous_commit=on"]).__enter__()
    except NoPostgis as reason:
        pytest.skip(f"PostGIS is not to be had: {reason}")
    BACKENDS["postgis"].server = cluster
    yield request.param
    cluster.close()


def test_killed_between_recording_and_telling_each_incident_is_told_once(backend, tmp_path):
    rng = random.Random(SEED)
    place = BACKENDS[backend].fresh(tmp_path, "alerts")
    said: list = []
    with Nursery() as nursery:
        for seconds in moments(rng, KILLS, 1.5):
            said += nursery.killed("alerts", backend, place, rng.getrandbits(30), seconds)
            BACKENDS[backend].assert_whole(place)
            assert_nothing_half(backend, place)
            # Whoever comes next tells what the killed one did not.
            with BACKENDS[backend].open(place) as ledger:
                said += [("told", item.incident_id) for item in raise_alerts(ledger, now=NOW)]
                recorded = {item.incident_id for item in ledger.read("incidents")}
                kept = Counter(item.incident_id for item in ledger.read("alerts"))
            assert set(kept.values()) <= {1}
            assert set(kept) == recorded
            assert {line[1] for line in said if line[0] == "recorded"} <= recorded
            told = Counter(line[1] for line in said if line[0] == "told")
            assert set(told.values()) <= {1}
            assert set(told) <= recorded
    assert len(kept) > KILLS
    print(f"{backend}: {KILLS} kills, {len(kept):,} alerts, each once")
