"""Killed at random moments: no committed revision is lost, none is half-written.

In full (`make prove`) at 300 moments of each kind of ledger, in `make test` at a few. There is no
upgrade in PostgreSQL yet: the first version there is the present one. There, every second kill
is of the server's process that works for the child, which has the server start over.
"""

from __future__ import annotations

import contextlib
import os
import random
import select
import signal

import psycopg2
import pytest

from ceasefire_monitor.tests.postgis import NoPostgis, PostgisCluster
from tests.ledger_sql import rows
from tests.prove.killing import (
    Nursery,
    assert_nothing_half,
    assert_nothing_lost,
    assert_opens_in_qgis,
    moments,
)
from tests.prove.workloads import BACKENDS, FORM

PROVE = "CEASEFIRE_PROVE" in os.environ
# Of each of four workloads in a file, and of three in PostgreSQL.
KILLS = {"geopackage": 75, "postgis": 100} if PROVE else {"geopackage": 3, "postgis": 2}
# A new ledger now and then, so that the checks stay quick.
KILLS_A_LEDGER = 15
SEED = int(os.environ.get("CEASEFIRE_SEED", "4"))
AT_WORK = (
    "SELECT pid FROM pg_stat_activity WHERE application_name IN "
    f"('Ceasefire Monitor', '{FORM}') ORDER BY random() LIMIT 1"
)

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the nursery forks")


@pytest.fixture(scope="module")
def nursery():
    with Nursery() as made:
        yield made


@pytest.fixture(scope="module")
def server():
    try:
        # What a commit said is on the disk, or the proof would prove nothing.
        cluster = PostgisCluster(["fsync=on", "synchronous_commit=on"]).__enter__()
    except NoPostgis as reason:
        pytest.skip(f"PostGIS is not to be had: {reason}")
    BACKENDS["postgis"].server = cluster
    yield cluster
    cluster.close()


@pytest.mark.parametrize("workload", ["imports", "edits", "reviews"])
def test_killed_in_the_middle_of_work_nothing_committed_is_lost_or_half(
    nursery, tmp_path, workload
):
    kept = killed_again_and_again(nursery, tmp_path, workload, "geopackage", lambda number: None)
    assert kept > at_work("geopackage")


@pytest.mark.parametrize("workload", ["imports", "edits", "reviews"])
def test_client_or_server_killed_in_the_middle_of_work_nothing_is_lost_or_half(
    nursery, server, tmp_path, workload
):
    witnesses = []

    def kill_its_process():
        # Its connection may not be there yet, or be over: then the child itself is killed.
        with contextlib.suppress(ProcessLookupError):
            for (process,) in server.run(AT_WORK):
                witness = psycopg2.connect(server.conninfo())
                os.kill(int(process), signal.SIGKILL)
                witnesses.append(witness)
                return True
        return False

    kept = killed_again_and_again(
        *(nursery, tmp_path, workload, "postgis"),
        lambda number: kill_its_process if number % 2 else None,
        lambda: wait_for(server, witnesses),
    )
    assert kept > at_work("postgis")


def at_work(name: str) -> int:
    """More revisions than this are told where the children did get to work."""
    return 20 * KILLS[name] if PROVE else 0


def killed_again_and_again(nursery, folder, workload, name, whom, afterwards=lambda: None):
    """Kill workers of one kind, and look at the ledger from all sides after each kill.

    Returns how many revisions were told as committed in all; each of them was found.
    """
    rng = random.Random(SEED)
    backend, place, said, committed = BACKENDS[name], None, [], 0
    for number, seconds in enumerate(moments(rng, KILLS[name], 1.5 if PROVE else 1.0)):
        if number % KILLS_A_LEDGER == 0:
            place, said = backend.fresh(folder, f"{workload} {number}"), []
        told = nursery.killed(workload, name, place, rng.getrandbits(30), seconds, whom(number))
        afterwards()
        committed += sum(len(line) == 5 for line in told)
        said += told
        backend.assert_whole(place)
        assert_nothing_lost(name, place, said)
        assert_nothing_half(name, place)
        last = number == KILLS[name] - 1 or number % KILLS_A_LEDGER == KILLS_A_LEDGER - 1
        # QGIS takes longer to begin than a kill.
        if last and (PROVE or workload == "edits"):
            counts = assert_opens_in_qgis(name, place)
            assert not PROVE or int(counts["incident_history"]) > 0
    print(f"{name}, {workload}: {KILLS[name]} kills, {committed} revisions told and kept")
    return committed


def wait_for(server, witnesses) -> None:
    """The server takes up again by itself after one of its processes was killed.

    It may take a connection yet before it begins to: a witness tells when it has begun.
    """
    while witnesses:
        with contextlib.suppress(psycopg2.Error):
            witnesses[-1].cursor().execute("SELECT pg_sleep(30)")
        witnesses.pop()
    for _ in range(300):
        try:
            psycopg2.connect(server.conninfo()).close()
            return
        except psycopg2.OperationalError:
            select.select([], [], [], 0.1)
    raise AssertionError("the server did not come back")


def test_killed_in_the_middle_of_an_upgrade_the_old_or_the_new_ledger_is_whole(nursery, tmp_path):
    rng = random.Random(SEED)
    name, ways = "geopackage", {"old": 0, "new": 0}
    backend = BACKENDS[name]
    kept = "SELECT incident_id, revision, operation, payload, who FROM incident_history"
    # How long an upgrade takes here and now is followed, so that kills fall on both sides of its
    # end; every second one falls anywhere before.
    longest = 1.0
    for number in range(KILLS[name]):
        seconds = longest * (rng.random() if number % 4 < 2 else 1)
        folder = tmp_path / str(number)
        folder.mkdir()
        version = 1 + number % 2
        place = backend.older(folder, "ledger", version)
        before = rows(place, kept)
        said = nursery.killed("upgrades", name, place, number, seconds)
        settings = dict(rows(place, "SELECT key, value FROM settings"))
        assert rows(place, kept) == before
        new = settings["schema_version"] == "3"
        assert new or ("upgraded",) not in said
        ways["new" if new else "old"] += 1
        longest *= 0.85 if new else 1.15
        tables = {table for (table,) in rows(place, "SELECT name FROM sqlite_master")}
        assert {"record_history", "chain", "current_findings"} <= tables or not new
        assert not tables & {"record_history", "chain", "links", "current_findings"} or new
        copies = list(folder.glob("ledger.before*"))
        assert copies or not new
        for copy in copies:
            assert rows(copy, kept) == before
            assert dict(rows(copy, "SELECT key, value FROM settings")) == {
                **settings,
                "schema_version": str(version),
            }
        # What the killed one left of a copy is an hour old, as it were: opened again the ledger
        # is upgraded, if it was not, is whole, and nothing hidden is left beside it.
        for hidden in folder.glob(".*"):
            os.utime(hidden, (0, 0))
        backend.open(place).close()
        assert not list(folder.glob(".*"))
        backend.assert_whole(place)
        assert_nothing_lost(name, place, said)
        if number % 50 == 0:
            assert_opens_in_qgis(name, place)
    if PROVE:
        assert min(ways.values()) > 5, ways
    print(f"{name}, upgrades: {KILLS[name]} kills, {ways}")
