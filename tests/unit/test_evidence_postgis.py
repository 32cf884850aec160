"""Evidence of a ledger in PostgreSQL: kept in a folder of the team, its bytes never exchanged."""

from __future__ import annotations

import pytest

pytest.importorskip("psycopg2")

from ceasefire_monitor.ledger.evidence import Hand
from ceasefire_monitor.ledger.postgis.ledger import PostgisLedger
from ceasefire_monitor.ledger.postgis.place import PostgisPlace
from ceasefire_monitor.model.errors import CeasefireError
from ceasefire_monitor.model.evidence import Evidence

ANA = Hand("Ana", "part of the file")
PHRASE = "seven quiet herons at dusk"


def test_evidence_keeps_its_hash_is_checked_and_encrypted(server, tmp_path):
    place = PostgisPlace(server.conninfo(), "evidence test", "test")
    file = tmp_path / "a"
    file.write_bytes(b"one")
    with PostgisLedger.create(place, {"evidence_folder": str(tmp_path / "team")}) as ledger:
        made = ledger.store_evidence(file, Evidence(), ANA)
        for change in ("sha256 = 'aa'", "size_bytes = 1"):
            with pytest.raises(CeasefireError, match="keeps its SHA-256"):
                ledger._connection.run(f"UPDATE evidence SET {change}")
        assert not ledger.has_encrypted_evidence()
        assert [found.state for found in ledger.check_evidence(ANA).files] == ["unaltered"]
        ledger.encrypt_evidence(PHRASE, None, ANA)
        assert ledger.has_encrypted_evidence()
        ledger.take_evidence(made.evidence_id, tmp_path / "b", ANA, passphrase=PHRASE)
    assert (tmp_path / "b").read_bytes() == b"one"
