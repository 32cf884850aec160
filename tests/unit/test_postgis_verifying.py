"""What hides or fakes records in a ledger in PostgreSQL, found though no revision differs."""

from __future__ import annotations

import pytest

from ceasefire_monitor.ledger.opening import create_ledger
from ceasefire_monitor.ledger.postgis.place import PostgisPlace


@pytest.fixture(scope="module")
def ledger(server):
    with create_ledger(PostgisPlace(server.conninfo(), "Vale \"'", "test"), {}) as made:
        yield made


def test_an_untouched_ledger_holds_without_a_remark(ledger):
    found = ledger.verify()
    assert (found.faults, found.remarks) == ([], [])


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (
            "CREATE OR REPLACE FUNCTION {s}.refuse() RETURNS trigger LANGUAGE plpgsql "
            "AS $body$ BEGIN RETURN NEW; END $body$",
            "the function refuse, which the ledger rests on, was replaced",
        ),
        ("DROP TRIGGER aa_keep_heads ON {s}.heads", "the trigger aa_keep_heads of heads is gone"),
        ("DROP INDEX {s}.zones_key", "zones from being twice is gone"),
        (
            "ALTER TABLE {s}.sites ALTER COLUMN geom TYPE {g}.geometry(Point, 3857) "
            "USING {g}.st_setsrid(geom, 3857)",
            "the places of sites are not kept as POINT in WGS 84",
        ),
        (
            "UPDATE {g}.spatial_ref_sys SET srtext = replace(srtext, '6378137', '6000000') "
            "WHERE srid = 4326",
            "not that of WGS 84",
        ),
    ],
)
def test_what_hides_or_fakes_records_is_found(ledger, statement, words):
    connection = ledger._connection
    connection.execute("BEGIN")
    try:
        connection.execute(connection.composed(statement))
        told = [fault.sentence for fault in ledger.verify().faults]
    finally:
        connection.execute("ROLLBACK")
    assert any(words in sentence for sentence in told), told


def test_a_column_and_a_trigger_of_a_user_are_told(ledger):
    connection = ledger._connection
    connection.execute(connection.composed('ALTER TABLE {s}.incidents ADD COLUMN "Mine" text'))
    connection.execute(
        connection.composed(
            "CREATE TRIGGER mine AFTER INSERT ON {s}.incidents FOR EACH STATEMENT "
            "EXECUTE FUNCTION {s}.tell()"
        )
    )
    found = ledger.verify()
    assert found.holds
    assert len(found.remarks) == 2 and "mine on incidents" in found.remarks[0]
