"""Who may do what in a team's ledger: each role sees its rows, and nobody gets around it."""

# ruff: noqa: E501 - statements of SQL, and records in a row, stay in one piece
from __future__ import annotations

import secrets

import psycopg2
import pytest
import shapely

from ceasefire_monitor.ledger.postgis.granting import grant
from ceasefire_monitor.ledger.postgis.ledger import PostgisLedger
from ceasefire_monitor.ledger.postgis.place import PostgisPlace
from ceasefire_monitor.model.claim import Claim
from ceasefire_monitor.model.errors import CeasefireError
from ceasefire_monitor.model.evidence import CustodyEvent, Evidence
from ceasefire_monitor.model.harm import Harm, Link
from ceasefire_monitor.model.incident import Effort, Observation, Post
from ceasefire_monitor.model.land import Fetch, Finding, Site
from ceasefire_monitor.model.tables import LEDGER_TABLES
from ceasefire_monitor.model.weapons import Inventory, StorageSite, WeaponSighting
from ceasefire_monitor.reports.from_ledger import material_of_ledger
from ceasefire_monitor.reports.release import Release, released
from ceasefire_monitor.tests.unit.test_ledger_writing import incident, result

SCHEMA = "watch"
SECRETS = {"restricted": "SECRETRESTRICTED", "confidential": "SECRETCONFIDENTIAL"}
USERS = {name: f"one_{name}" for name in ("reader", "analyst", "reviewer", "keeper")}
PASSWORD = secrets.token_hex(8)
SEEN = {
    "reader": {"public"},
    "analyst": {"public", "restricted"},
    "reviewer": {"public", "restricted", "confidential"},
    "keeper": {"public", "restricted", "confidential"},
}
OWN = ("incident_history", "record_history", "chain", "heads", "copies", "protected_values")
OWN += ("settings", "pending", "chain_turn", "current_findings")
DENIED = ("42501", "42809", "25006", "0A000", "P0001", "3F000", "42704", "42883", "22023", "55000")


@pytest.fixture(scope="module")
def owned(server):
    with PostgisLedger.create(PostgisPlace(server.conninfo(), SCHEMA, "team")) as ledger:
        ledger.set_setting("timezone", "Europe/Vienna")
        fill(ledger)
        for role, user in {**USERS, "nobody": "one_nobody"}.items():
            server.run(f"CREATE ROLE {user} LOGIN PASSWORD '{PASSWORD}'")
            if role != "nobody":
                grant(ledger, role, user)
        yield ledger


def fill(ledger) -> None:
    """Records of every table in all three levels, each with its level's secret in its words."""
    levels = ("public", "restricted", "confidential")
    words = {level: SECRETS.get(level, "open") for level in levels}
    ledger.write_import(
        result(
            *[
                incident(n, description=words[level], sensitivity=level)
                for n, level in enumerate(levels)
            ]
        ),
        Fetch(source="watch"),
        "Ana",
        "daily",
    )
    # Once confidential, now public: what stood there then stays hidden, and the other way round.
    ledger.write_records(
        "incidents",
        [incident(7, description=words["confidential"], sensitivity="confidential")],
        "Ana",
        "a",
    )
    ledger.write_records(
        "incidents", [incident(7, description="open", sensitivity="public")], "Ana", "b"
    )
    ledger.write_records(
        "incidents",
        [incident(8, description="SECRETRESTRICTED SECRETCONFIDENTIAL", sensitivity="public")],
        "Ana",
        "a",
    )
    ledger.write_records(
        "incidents",
        [incident(8, description=words["confidential"], sensitivity="confidential")],
        "Ana",
        "b",
    )
    point = shapely.Point(30, 45)
    for number, level in enumerate(levels):
        text, parent = words[level], f"watch:{number}"
        for table, record in {
            "sites": Site(f"s{level}", text, sensitivity=level, geometry=point),
            "storage_sites": StorageSite(f"t{level}", text, sensitivity=level),
            "weapon_sightings": WeaponSighting(f"w{level}", source=text, sensitivity=level),
            "claims": Claim(f"c{level}", original_text=text, sensitivity=level, incident_id=parent),
            "harm": Harm(f"h{level}", parent, description=text, sensitivity=level),
            "evidence": Evidence(f"e{level}", file_name=text, sensitivity=level),
            "custody": CustodyEvent(f"v{level}", f"e{level}", note=text),
            "observations": Observation(f"o{level}", parent, "p", category=text),
            "inventories": Inventory(f"i{level}", f"t{level}", holder=text),
            "links": Link(f"l{level}", parent, "same_event", parent, reason=text),
        }.items():
            ledger.write_records(table, [record], "Ana", "first")
        ledger.write_findings([Finding(incident_id=parent, flag="near", finding=text)])
    ledger.write_records("posts", [Post("p1", SECRETS["restricted"])], "Ana", "first")
    ledger.write_records(
        "effort", [Effort("f1", "p1", reason=SECRETS["restricted"])], "Ana", "first"
    )
    ledger.set_protected("incidents", "watch:2", "name", "SECRETNAME", "Ana", "asked")


def as_user(server, role: str):
    driver = psycopg2.connect(server.conninfo(USERS.get(role, "one_nobody"), PASSWORD))
    driver.autocommit = True
    return driver


def said(driver, sql: str, *values) -> str:
    """All that a statement gives, as text; how it was refused, where it was."""
    with driver.cursor() as cursor:
        try:
            cursor.execute(sql, values or None)
            return repr(cursor.fetchall()) if cursor.description else "done"
        except psycopg2.Error as error:
            return f"refused {error.pgcode} {error}"


@pytest.mark.parametrize("role", USERS)
def test_each_role_sees_its_levels_and_no_other_in_any_table(server, owned, role):
    driver = as_user(server, role)
    for name in [table.name for table in LEDGER_TABLES] + list(OWN):
        for sql in (
            f'SELECT * FROM {SCHEMA}."{name}"',
            f'SELECT t::text FROM {SCHEMA}."{name}" AS t',
            f"SELECT most_common_vals::text FROM pg_stats WHERE schemaname = '{SCHEMA}'",
        ):
            told = said(driver, sql)
            for level, word in SECRETS.items():
                if level not in SEEN[role]:
                    assert word not in told, (name, sql)
            if role != "keeper":
                assert "SECRETNAME" not in told, (name, sql)
    driver.close()


def test_what_each_role_sees_is_what_it_should_see(server, owned):
    counts = {}
    for role in USERS:
        with PostgisLedger.open(
            PostgisPlace(server.conninfo(USERS[role], PASSWORD), SCHEMA)
        ) as own:
            counts[role] = {
                t.name: len(own.read(t.name))
                for t in LEDGER_TABLES
                if t.name != "protected" or role != "reader"
            }
            counts[role]["history"] = sum(len(own.history(f"watch:{n}")) for n in (0, 1, 2, 7, 8))
    for name in ("sites", "storage_sites", "weapon_sightings", "claims", "harm", "evidence"):
        assert [counts[role][name] for role in USERS] == [1, 2, 3, 3], name
    for name in ("custody", "observations", "inventories", "links", "findings"):
        assert [counts[role][name] for role in USERS] == [1, 2, 3, 3], name
    assert [counts[role]["incidents"] for role in USERS] == [2, 3, 5, 5]
    assert [counts[role]["effort"] for role in USERS] == [0, 1, 1, 1]
    # Of incident 7 its public revision alone, of 8 none.
    assert [counts[role]["history"] for role in USERS] == [2, 3, 7, 7]


EVERYTHING = [
    *(f'INSERT INTO {SCHEMA}."{t.name}" DEFAULT VALUES' for t in LEDGER_TABLES),
    *(f'UPDATE {SCHEMA}."{t.name}" SET "{t.key}" = \'x\'' for t in LEDGER_TABLES),
    *(f'DELETE FROM {SCHEMA}."{t.name}"' for t in LEDGER_TABLES),
    *(f'TRUNCATE {SCHEMA}."{t.name}" CASCADE' for t in LEDGER_TABLES),
    *(f'DROP TABLE {SCHEMA}."{t.name}" CASCADE' for t in LEDGER_TABLES),
    *(f'ALTER TABLE {SCHEMA}."{t.name}" DISABLE TRIGGER ALL' for t in LEDGER_TABLES),
    *(f'ALTER TABLE {SCHEMA}."{t.name}" DISABLE ROW LEVEL SECURITY' for t in LEDGER_TABLES),
    *(f"COPY {SCHEMA}.\"{t.name}\" TO PROGRAM 'cat'" for t in LEDGER_TABLES),
    *(
        f'DO $$ BEGIN LOCK TABLE {SCHEMA}."{t.name}" IN ACCESS EXCLUSIVE MODE; END $$'
        for t in LEDGER_TABLES
    ),
    *(f"INSERT INTO {SCHEMA}.{name} DEFAULT VALUES" for name in OWN),
    *(f"DELETE FROM {SCHEMA}.{name}" for name in OWN),
    *(f"TRUNCATE {SCHEMA}.{name}" for name in OWN),
    *(f"DROP TABLE {SCHEMA}.{name} CASCADE" for name in OWN),
    f"UPDATE {SCHEMA}.incident_history SET who = 'x'",
    f"UPDATE {SCHEMA}.chain SET hash = repeat('0', 64)",
    f"UPDATE {SCHEMA}.settings SET value = 'x'",
    f"SELECT * FROM {SCHEMA}.incident_history_others",
    f"SELECT * FROM {SCHEMA}.incidents FOR UPDATE",
    f"DROP TRIGGER yy_record_update_before ON {SCHEMA}.incidents",
    f"CREATE TRIGGER mine AFTER UPDATE ON {SCHEMA}.incidents EXECUTE FUNCTION {SCHEMA}.tell()",
    f"CREATE RULE mine AS ON UPDATE TO {SCHEMA}.incidents DO INSTEAD NOTHING",
    f"CREATE POLICY mine ON {SCHEMA}.incidents USING (true)",
    f"DROP POLICY reader_reads ON {SCHEMA}.incidents",
    f"CREATE TABLE {SCHEMA}.mine (id int)",
    f"CREATE FUNCTION {SCHEMA}.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    f"CREATE VIEW {SCHEMA}.mine AS SELECT 1",
    f"ALTER SCHEMA {SCHEMA} RENAME TO mine",
    f"DROP SCHEMA {SCHEMA} CASCADE",
    f"SELECT {SCHEMA}.seal_incident_history()",
    f"SELECT {SCHEMA}.seal_record_history()",
    f"SELECT {SCHEMA}.make_partition(2001)",
    f"SELECT {SCHEMA}.make_partitions()",
    f"SELECT {SCHEMA}.wrote_it('watch:2', 'Ana')",
    f"SELECT {SCHEMA}.refuse_stale('{{}}', '{{}}', 'x', 'y')",
    f"SELECT {SCHEMA}.payload_of(NULL::{SCHEMA}.incidents)",
    f"SELECT nextval(pg_get_serial_sequence('{SCHEMA}.incidents', 'fid'))",
    "SET session_replication_role = replica",
    "SET ROLE postgres",
    f"SET ROLE {SCHEMA}_reviewer",
    f"SET ROLE {SCHEMA}_keeper",
    "SET SESSION AUTHORIZATION postgres",
    f"GRANT {SCHEMA}_keeper TO CURRENT_USER",
    f"GRANT ALL ON ALL TABLES IN SCHEMA {SCHEMA} TO PUBLIC",
    f"ALTER ROLE {SCHEMA}_reader SUPERUSER",
    "CREATE ROLE another LOGIN",
    "ALTER SYSTEM SET fsync = on",
    "SELECT pg_read_file('/etc/passwd')",
    "COPY (SELECT 1) TO PROGRAM 'id'",
]


@pytest.mark.parametrize("role", ["reader", "nobody"])
def test_a_reader_that_tries_everything_changes_and_learns_nothing(server, owned, role):
    before = contents(server)
    driver = as_user(server, role)
    allowed = []
    for sql in EVERYTHING:
        told = said(driver, sql)
        assert "SECRET" not in told, sql
        if not told.startswith("refused") or told.split()[1] not in DENIED:
            allowed.append((sql, told))
    assert allowed == []
    assert contents(server) == before
    driver.close()


def contents(server) -> list:
    """Everything that is in the ledger and about it, as the administrator sees it."""
    names = [table.name for table in LEDGER_TABLES] + [n for n in OWN if n != "pending"]
    told = [server.run(f'SELECT t::text FROM {SCHEMA}."{name}" AS t ORDER BY 1') for name in names]
    told.append(
        server.run("SELECT oid, relname, relrowsecurity, relacl::text FROM pg_class ORDER BY 1")
    )
    told.append(server.run("SELECT oid, tgname, tgenabled FROM pg_trigger ORDER BY 1"))
    told.append(server.run("SELECT roleid, member FROM pg_auth_members ORDER BY 1, 2"))
    return told


def test_tricks_with_functions_and_names_show_no_hidden_row(server, owned):
    driver = as_user(server, "reader")
    for sql in (
        "CREATE FUNCTION pg_temp.leak(text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS "
        "$$ BEGIN RAISE EXCEPTION 'told %', $1; END $$",
        f"SELECT * FROM {SCHEMA}.incidents WHERE sensitivity <> 'public' AND pg_temp.leak(description)",
        f"SELECT * FROM {SCHEMA}.incidents WHERE 1 / (sensitivity <> 'confidential')::int = 1",
        f"SELECT payload FROM {SCHEMA}.incident_history WHERE who = 'Ana' AND pg_temp.leak(payload)",
        "CREATE TEMP TABLE incidents AS SELECT 'watch:2'::text AS incident_id",
        "SET search_path = pg_temp, watch",
        f"SELECT payload FROM {SCHEMA}.incident_history WHERE incident_id = 'watch:2'",
        "SET row_security = off",
        f"SELECT * FROM {SCHEMA}.incidents",
        f"SELECT ({SCHEMA}.chain_end()).*",
        f"EXPLAIN ANALYZE SELECT * FROM {SCHEMA}.incidents WHERE description LIKE 'SECRETC%'",
    ):
        told = said(driver, sql)
        assert "SECRETCONFIDENTIAL" not in told, sql
        assert "SECRETRESTRICTED" not in told, sql
    driver.close()


def test_an_analyst_works_on_what_is_restricted_and_no_further(server, owned):
    place = PostgisPlace(server.conninfo(USERS["analyst"], PASSWORD), SCHEMA)
    with PostgisLedger.open(place) as own:
        counts = own.write_records(
            "incidents", [incident(1, term="x", sensitivity="restricted")], "An", "fix"
        )
        assert counts.changed == 1
        (last,) = own.history("watch:1")[-1:]
        assert last.who == "An" and last.with_what.endswith(" as one_analyst")
        # What is confidential is there already, unseen; it is left as it is, and that is told.
        counts = own.write_import(
            result(incident(2, term="x")), Fetch(source="watch"), "An", "daily"
        )
        assert (counts.added, counts.changed, counts.unchanged) == (0, 0, 1)
        assert own.read("fetches")[-1].added == 0
        assert any("may not see" in note for note in own.notes)
        with pytest.raises(CeasefireError, match="ask a reviewer"):
            own.write_records("incidents", [incident(1, sensitivity="confidential")], "An", "up")
        with pytest.raises(CeasefireError):
            own.set_setting("theatre", "Elsewhere")
        # Handing up what one may not see afterwards.
        own.write_records("harm", [Harm("hup", "watch:1", description="up")], "An", "met")
        assert "hup" not in [record.harm_id for record in own.read("harm")]
    assert owned.read("incidents", ids=["watch:2"])[0].term is None
    assert "hup" in [record.harm_id for record in owned.read("harm")]
    assert owned.verify().holds


def test_a_name_that_is_put_on_does_not_hide_the_login_nor_four_eyes(server, owned):
    owned.set_setting("four_eyes", "yes")
    driver = as_user(server, "analyst")
    said(driver, "SELECT set_config('ceasefire.who', 'Somebody Else', false)")
    assert (
        said(
            driver,
            f"INSERT INTO {SCHEMA}.incidents(incident_id, sensitivity) VALUES ('mine:1', 'public')",
        )
        == "done"
    )
    told = said(
        driver,
        f"UPDATE {SCHEMA}.incidents SET verification = 'confirmed' WHERE incident_id = 'mine:1'",
    )
    said(driver, "SELECT set_config('ceasefire.who', 'A Third', false)")
    again = said(
        driver,
        f"UPDATE {SCHEMA}.incidents SET verification = 'corroborated' WHERE incident_id = 'mine:1'",
    )
    owned.set_setting("four_eyes", "no")
    assert "refused P0001" in told and "refused P0001" in again
    assert owned.history("mine:1")[0].with_what.endswith(" as one_analyst")
    driver.close()


def test_a_user_has_the_role_that_was_given_last(server, owned):
    assert grant(owned, "analyst", "one_nobody") == ["analyst"]
    assert grant(owned, "reader", "one_nobody") == ["reader"]
    assert grant(owned, "reader", "one_nobody", take=True) == []
    with pytest.raises(CeasefireError, match="no user"):
        grant(owned, "reader", "not there'; DROP SCHEMA watch; --")
    with pytest.raises(CeasefireError, match="ask its keeper"):
        PostgisLedger.open(PostgisPlace(server.conninfo("one_nobody", PASSWORD), SCHEMA))


def test_who_sees_a_part_is_told_so_and_counts_nothing_that_is_out_of_sight(server, owned):
    head = owned.head()
    for role, words in (("reader", "restricted or confidential"), ("analyst", "confidential")):
        place = PostgisPlace(server.conninfo(USERS[role], PASSWORD), SCHEMA)
        with PostgisLedger.open(place, readonly=True) as own:
            assert own.notes == [f"You read this ledger as {role}: what is {words} is not in this."]
            # The end of the chain is read without a right on the chain.
            assert (own.head().position, own.head().hash) == (head.position, head.hash)
        material = material_of_ledger(place)
        for release in Release:
            left_out = released(material, release)[1]
            assert left_out.confidential_incidents is None
            assert left_out.confidential_sites is None
    for role in ("reviewer", "keeper"):
        place = PostgisPlace(server.conninfo(USERS[role], PASSWORD), SCHEMA)
        with PostgisLedger.open(place) as own:
            assert (own.notes, own.sees_all) == ([], True)
        left_out = released(material_of_ledger(place), Release.RESTRICTED)[1]
        assert left_out.confidential_incidents > 0


def test_an_analyst_keeps_no_head_that_the_chain_never_had(server, owned):
    driver = as_user(server, "analyst")
    head = owned.head()
    add = f"INSERT INTO {SCHEMA}.heads(position, hash, made_at, token) VALUES (%s, %s, '2031-05-01T00:00:00.000Z', %s)"
    for values in (
        (99999, "ff", None),
        (head.position, "f" * 64, None),
        (head.position - 1, head.hash, None),
        (0, "0" * 64, None),
        (None, head.hash, None),
        (head.position, head.hash, "30"),
    ):
        assert "none of the ledger's chain" in said(driver, add, *values), values
    assert said(driver, add, head.position, head.hash, None) == "done"
    place = PostgisPlace(server.conninfo(USERS["analyst"], PASSWORD), SCHEMA)
    with PostgisLedger.open(place) as own:
        assert own.add_head("weekly").hash == own.head().hash
    driver.close()
    assert owned.verify().holds


def test_a_door_that_stays_shut_says_why(server, owned):
    import psycopg2.extensions

    known = psycopg2.extensions.parse_dsn(server.conninfo(USERS["reader"], "wrong"))
    for changed, words in (
        ({}, "does not accept this user and password"),
        ({"password": PASSWORD, "dbname": "nowhere"}, "There is no such database"),
    ):
        conninfo = psycopg2.extensions.make_dsn(**{**known, **changed})
        with pytest.raises(CeasefireError, match=words):
            PostgisLedger.open(PostgisPlace(conninfo, SCHEMA))
