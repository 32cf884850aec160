"""Several people write to one ledger at once: nothing is lost, and the chain stays whole.

In full (`make prove`) four clients write for five minutes and a hundred of each kind are killed.
"""

# ruff: noqa: E501 - statements of SQL, and records in a row, stay in one piece
from __future__ import annotations

import json
import os
import random
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg2
import pytest

from ceasefire_monitor.ledger.postgis.ledger import PostgisLedger
from ceasefire_monitor.ledger.postgis.place import PostgisPlace
from ceasefire_monitor.model.errors import CeasefireError
from ceasefire_monitor.model.evidence import CustodyEvent
from ceasefire_monitor.model.land import Fetch, Site
from ceasefire_monitor.model.stored_agreement import StoredAgreement
from ceasefire_monitor.tests.postgis import NoPostgis, PostgisCluster
from ceasefire_monitor.tests.unit.test_ledger_writing import incident, result

PROVE = "CEASEFIRE_PROVE" in os.environ
SECONDS = 300.0 if PROVE else 6.0
KILLS = 100 if PROVE else 4
CLIENTS = 4
CLIENT = Path(__file__).resolve().parent.parent / "postgis_client.py"


@pytest.fixture(scope="module")
def server():
    try:
        # What a commit said is on the disk, or the proof would prove nothing.
        cluster = PostgisCluster(["fsync=on", "synchronous_commit=on"]).__enter__()
    except NoPostgis as reason:
        pytest.skip(f"PostGIS is not to be had: {reason}")
    yield cluster
    cluster.close()


@pytest.fixture
def place(server, request):
    where = PostgisPlace(server.conninfo(), f"team_{abs(hash(request.node.name)) % 10**8}")
    with PostgisLedger.create(where) as ledger:
        records = [incident(number) for number in range(30)]
        ledger.write_import(result(*records), Fetch(source="watch"), "Ana", "first")
    return where


def client(place, name: str, seconds: float) -> subprocess.Popen:
    """A process that edits at random, and says each edit that was committed."""
    return subprocess.Popen(
        [sys.executable, str(CLIENT), place.schema, name, str(seconds)],
        env={**os.environ, "CLIENT_CONNINFO": place.conninfo},
        stdout=subprocess.PIPE,
        text=True,
    )


def committed(told: str) -> list[dict]:
    # What a killed client wrote last may be cut.
    return [json.loads(line) for line in told.splitlines() if line.endswith("}")]


def hold_against_history(place, edits: list[dict]) -> None:
    """Every committed state is in the history, each once, and the chain holds."""
    with PostgisLedger.open(place) as ledger:
        found = {}
        for number in {edit["id"] for edit in edits}:
            for revision in ledger.history(number):
                found.setdefault((number, revision.payload["term"]), []).append(revision)
        for edit in edits:
            states = found.get((edit["id"], edit["term"]))
            assert states is not None, f"lost: {edit}"
        for number in {edit["id"] for edit in edits}:
            revisions = [revision.revision for revision in ledger.history(number)]
            assert revisions == list(range(1, len(revisions) + 1))
        checked = ledger.verify()
        assert checked.holds, checked.sentences()
        assert checked.unsealed == 0
        pending = ledger._connection.rows("SELECT count(*) FROM pending")
        assert pending == [(0,)]


def test_four_clients_at_random_lose_nothing_and_keep_the_chain(place):
    clients = [client(place, f"client {n}", SECONDS) for n in range(CLIENTS)]
    edits = [
        edit for one in clients for edit in committed(one.communicate(timeout=SECONDS + 60)[0])
    ]
    assert all(one.returncode == 0 for one in clients)
    assert len(edits) > 10 * CLIENTS
    hold_against_history(place, edits)
    # Nothing overwrote another's field in silence: each counter is the number of its edits.
    with PostgisLedger.open(place) as ledger:
        for record in ledger.read("incidents"):
            count = sum(edit["id"] == record.incident_id and edit["counted"] for edit in edits)
            assert (record.count_low or 0) == count, record.incident_id


@pytest.mark.parametrize("whom", ["client", "server process"])
def test_kill_9_at_random_moments_leaves_no_half_and_loses_nothing(server, place, whom):
    chance = random.Random(1)
    edits: list[dict] = []
    for number in range(KILLS):
        one = client(place, f"killed {number}", 30)
        # It is at work once it has told of an edit; the moment after that is by chance.
        edits += committed(one.stdout.readline())
        time.sleep(chance.random())
        if whom == "client":
            one.send_signal(signal.SIGKILL)
        else:
            pid = server.run(
                "SELECT pid FROM pg_stat_activity WHERE application_name = 'Ceasefire Monitor' "
                "ORDER BY backend_start DESC LIMIT 1"
            )
            os.kill(int(pid[0][0]), signal.SIGKILL)
        edits += committed(one.communicate(timeout=60)[0])
        wait_for(server)
    assert edits
    hold_against_history(place, edits)


def wait_for(server) -> None:
    """The server takes up again by itself after one of its processes was killed."""
    for _ in range(200):
        try:
            psycopg2.connect(server.conninfo()).close()
            return
        except psycopg2.OperationalError:
            select.select([], [], [], 0.1)
    raise AssertionError("the server did not come back")


def test_a_stale_edit_is_refused_with_what_changed_meanwhile(place):
    with PostgisLedger.open(place) as ana, PostgisLedger.open(place) as boris:
        (read,) = ana.read("incidents", ids=["watch:1"])
        boris.write_records("incidents", [incident(1, category="clash/armed")], "Boris", "fix")
        read.description = "seen at dusk"
        with pytest.raises(
            CeasefireError,
            match="changed meanwhile by Boris at .*: category from firing/explosion to clash/armed",
        ):
            ana.write_records("incidents", [read], "Ana", "more")
        (now,) = ana.read("incidents", ids=["watch:1"])
        assert (now.category, now.description) == ("clash/armed", None)
        now.description = "seen at dusk"
        assert ana.write_records("incidents", [now], "Ana", "more").changed == 1
        assert ana.history("watch:1")[-1].based_on == 2


def test_an_edit_by_a_form_says_on_what_it_rests(place):
    driver = psycopg2.connect(place.conninfo)
    driver.autocommit = True
    cursor = driver.cursor()
    table = f"{place.schema}.incidents"
    cursor.execute(
        f"UPDATE {table} SET term = 'a', edited_by = 'Cleo', edit_reason = 'r', edit_base = 1 WHERE incident_id = 'watch:2'"
    )
    with pytest.raises(psycopg2.Error, match="changed meanwhile by Cleo"):
        cursor.execute(
            f"UPDATE {table} SET term = 'b', edited_by = 'Dan', edit_base = 1 WHERE incident_id = 'watch:2'"
        )
    # QGIS may send one edit in two steps, in one transaction.
    cursor.execute("BEGIN")
    cursor.execute(f"UPDATE {table} SET geom = NULL WHERE incident_id = 'watch:2'")
    cursor.execute(
        f"UPDATE {table} SET term = 'c', edited_by = 'Dan', edit_base = 2 WHERE incident_id = 'watch:2'"
    )
    cursor.execute("COMMIT")
    cursor.execute(
        f"SELECT edited_by, edit_reason, edit_base, revision FROM {table} WHERE incident_id = 'watch:2'"
    )
    assert cursor.fetchone() == (None, None, None, 4)
    driver.close()
    with PostgisLedger.open(place) as ledger:
        last = ledger.history("watch:2")
        assert [(r.who, r.why, r.based_on) for r in last[1:]] == [
            ("Cleo", "r", 1),
            ("postgres", None, None),
            ("Dan", None, 2),
        ]
        assert ledger.verify().holds


def test_nothing_of_the_history_can_be_changed_even_by_its_owner(place):
    with PostgisLedger.open(place) as ledger:
        run = ledger._connection.run
        for sql, words in (
            ("DELETE FROM incidents", "never deleted"),
            ("TRUNCATE incidents", "never emptied"),
            ("UPDATE incident_history SET who = 'x'", "never changed"),
            ("DELETE FROM incident_history", "never changed"),
            ("TRUNCATE incident_history", "never emptied"),
            ("DELETE FROM chain", "never changed"),
            ("UPDATE fetches SET fetch_id = 'x'", "never changed"),
            ("DELETE FROM fetches", "never changed"),
            ("UPDATE incidents SET incident_id = 'x' WHERE fid = 1", "keeps its id"),
            ("UPDATE settings SET value = 'x' WHERE key = 'ledger_id'", "fixed when it is made"),
            (
                "INSERT INTO incident_history SELECT * FROM incident_history LIMIT 1",
                "that revision already",
            ),
        ):
            with pytest.raises(CeasefireError, match=words):
                run(sql)
        assert ledger.verify().holds


def test_what_is_only_added_to_has_a_sealed_revision_of_each_row(place):
    with PostgisLedger.open(place) as ledger:
        ledger.write_records("custody", [CustodyEvent("v:1", "e:1", note="ё")], "Ana", "kept")
        ledger.write_records(
            "agreements", [StoredAgreement("", "vale", text="{}")], "Ana", "signed"
        )
        ledger._connection.run("INSERT INTO custody(note) VALUES ('by hand')")
        (agreed,) = ledger.read("agreements")
        (fetched,) = ledger.read("fetches")
        one, other = ledger.read("custody")
        assert other.event_id.startswith("own:")
        for name, key, why in (
            ("custody", "v:1", "kept"),
            ("custody", other.event_id, None),
            ("agreements", agreed.version_id, "signed"),
            ("fetches", fetched.fetch_id, "first"),
        ):
            (revision,) = ledger.history(key, name)
            assert (revision.operation, revision.revision, revision.why) == ("insert", 1, why)
        assert ledger.history("v:1", "custody")[0].payload["note"] == "ё"
        found = ledger.verify()
        assert found.holds and found.unsealed == 0, found.sentences()


def test_savepoints_and_undone_work_leave_no_trace(place):
    driver = psycopg2.connect(place.conninfo)
    cursor = driver.cursor()
    table = f"{place.schema}.incidents"
    cursor.execute(f"UPDATE {table} SET term = 'kept' WHERE incident_id = 'watch:3'")
    cursor.execute("SAVEPOINT one")
    cursor.execute(
        f"UPDATE {table} SET term = 'undone' WHERE incident_id IN ('watch:3', 'watch:4')"
    )
    cursor.execute("ROLLBACK TO one")
    cursor.execute(f"UPDATE {table} SET term = 'also kept' WHERE incident_id = 'watch:5'")
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    cursor.execute(f"UPDATE {table} SET term = 'last' WHERE incident_id = 'watch:5'")
    driver.commit()
    driver.close()
    with PostgisLedger.open(place) as ledger:
        terms = {
            n: [r.payload["term"] for r in ledger.history(f"watch:{n}")[1:]] for n in (3, 4, 5)
        }
        assert terms == {3: ["kept"], 4: [], 5: ["also kept", "last"]}
        assert ledger.verify().holds


def test_an_older_snapshot_never_writes_a_second_branch(place):
    first, second = psycopg2.connect(place.conninfo), psycopg2.connect(place.conninfo)
    table = f"{place.schema}.incidents"
    one, two = first.cursor(), second.cursor()
    one.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
    one.execute(f"SELECT count(*) FROM {table}")
    two.execute(f"UPDATE {table} SET term = 'b' WHERE incident_id = 'watch:6'")
    second.commit()
    one.execute(f"UPDATE {table} SET term = 'a' WHERE incident_id = 'watch:7'")
    with pytest.raises(psycopg2.errors.SerializationFailure):
        first.commit()
    first.close()
    second.close()
    with PostgisLedger.open(place) as ledger:
        assert ledger.verify().holds


def test_a_year_without_a_partition_fails_no_insert_and_gets_one_later(place):
    with PostgisLedger.open(place) as ledger:
        connection = ledger._connection
        ((year,),) = connection.rows("SELECT max(left(recorded_at, 4)) FROM incident_history")
        connection.run(f"ALTER TABLE incident_history DETACH PARTITION incident_history_{year}")
        connection.run(f"ALTER TABLE incident_history_{year} DISABLE TRIGGER ALL")
        connection.run(f"INSERT INTO incident_history_others SELECT * FROM incident_history_{year}")
        connection.run(f"DROP TABLE incident_history_{year}")
        ledger.write_records("incidents", [incident(40)], "Ana", "new")
        assert ledger.verify().holds
    with PostgisLedger.open(place) as ledger:
        counts = ledger._connection.rows(
            f"SELECT (SELECT count(*) FROM incident_history_{year}), "
            "(SELECT count(*) FROM incident_history_others)"
        )
        assert counts == [(31, 0)]
        assert ledger.verify().holds
        with pytest.raises(CeasefireError, match="never changed"):
            ledger._connection.run(f"DELETE FROM incident_history_{year}")


TEXTS = (
    "'; DROP TABLE incidents; --",
    "\\'); TRUNCATE chain; --",
    "$$; SELECT 1 $body$ {s} {0} %s %(a)s %",
    "CAST(x'41' AS TEXT) $name ${x}",
    "Вода у мосту “Ёж” ќ",
    "وقف إطلاق النار \u202e1234",
    "\u0001\u001f\u007f\u2028\U0001f54a \"'` \\ / \n\r\t",
)


def test_any_text_in_any_field_comes_back_as_it_was(place):
    with PostgisLedger.open(place) as ledger:
        for number, text in enumerate(TEXTS):
            record = incident(100 + number, source_id=text, description=text, place=text, term=text)
            record.incident_id = f"t:{text}"
            site = Site(f"s:{text}", text)
            ledger.write_records("incidents", [record], text, text)
            ledger.write_records("sites", [site], text, text)
            ledger.set_setting("theatre", text)
            (again,) = ledger.read("incidents", ids=[record.incident_id])
            assert (again.description, again.place, again.term) == (text, text, text)
            (revision,) = ledger.history(record.incident_id)
            assert (revision.who, revision.why, revision.payload["place"]) == (text, text, text)
            assert ledger.read("sites", ids=[site.site_id])[0].site_name == text
        assert ledger.verify().holds


def test_any_altered_revision_is_found_and_named(place):
    with PostgisLedger.open(place) as ledger:
        run = ledger._connection.run
        run("ALTER TABLE incident_history DISABLE TRIGGER USER")
        run(
            "UPDATE incident_history SET payload = replace(payload, '1234.5', '1234.6') WHERE history_id = 12"
        )
        run("ALTER TABLE incident_history ENABLE TRIGGER USER")
        found = ledger.verify()
        assert not found.holds
        assert (found.faults[0].history, found.faults[0].history_id) == ("incident_history", 12)
        run("ALTER TABLE fetches DISABLE TRIGGER USER")
        run("UPDATE fetches SET imported = 31")
        run("ALTER TABLE fetches ENABLE TRIGGER USER")
        assert any("imported differs" in fault.sentence for fault in ledger.verify().faults)
        run("DROP TRIGGER yy_record_insert_after ON custody")
        assert any("triggers of custody are gone" in f.sentence for f in ledger.verify().faults)
        run("ALTER TABLE incidents DISABLE TRIGGER USER")
        assert any("turned off" in fault.sentence for fault in ledger.verify().faults)


def test_a_listener_hears_of_the_table_and_of_nothing_else(place):
    listening = psycopg2.connect(place.conninfo)
    listening.autocommit = True
    cursor = listening.cursor()
    cursor.execute("LISTEN qgis")
    cursor.execute("LISTEN ceasefire")
    with PostgisLedger.open(place) as ledger:
        ledger.write_records("incidents", [incident(1, description="secret")], "Ana", "secret")
    ready = select.select([listening], [], [], 1.0)[0]
    assert ready, "nothing was heard within a second"
    listening.poll()
    heard = {(note.channel, note.payload) for note in listening.notifies}
    assert heard == {("qgis", "incidents"), ("ceasefire", f"{place.schema}.incidents")}
    listening.close()
