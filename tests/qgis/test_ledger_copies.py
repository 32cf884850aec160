"""The algorithms ``copyledger`` and ``compactledger`` in real QGIS."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from qgis.core import QgsProcessingException, QgsProcessingFeedback

from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.model.incident import Incident
from tests.ledger_sql import rows
from tests.ledger_sql import run as run_sql

DATA = Path(__file__).resolve().parent.parent / "data"


@pytest.fixture
def ledger(tmp_path):
    place = tmp_path / "Журнал 1.gpkg"
    with Ledger.create(place) as made:
        made.write_records("incidents", [Incident(incident_id="x:1")], "Ana", "first")
    assert run_sql(place, "INSERT INTO protected_values(value) VALUES ('a name')") is None
    return place


@pytest.mark.parametrize("clean", [False, True])
def test_a_ledger_is_copied_whole_or_clean(run, ledger, tmp_path, clean):
    copy = tmp_path / "سجل.gpkg"
    done = run("ceasefire:copyledger", LEDGER=str(ledger), CLEAN=clean, OUTPUT=str(copy))
    assert (done["LEDGER"], done["OUTPUT"]) == (str(ledger), str(copy))
    kept = rows(copy, "SELECT value FROM protected_values")
    assert kept == ([] if clean else [("a name",)])
    assert len(rows(copy, "SELECT * FROM incident_history")) == 1
    with pytest.raises(QgsProcessingException, match="exists already"):
        run("ceasefire:copyledger", LEDGER=str(ledger), CLEAN=clean, OUTPUT=str(copy))


def test_compacting_tells_both_sizes(run, ledger):
    done = run("ceasefire:compactledger", LEDGER=str(ledger))
    assert done["SIZE_AFTER"] == ledger.stat().st_size <= done["SIZE_BEFORE"]
    assert done["LEDGER"] == str(ledger)


def test_an_upgrade_is_told_with_the_place_of_the_copy(provider, tmp_path):
    import processing

    place = tmp_path / "old.gpkg"
    place.write_bytes(gzip.decompress((DATA / "ledger-version-1.gpkg.gz").read_bytes()))
    feedback = QgsProcessingFeedback(False)
    processing.run("ceasefire:compactledger", {"LEDGER": str(place)}, feedback=feedback)
    assert "old.before-version-3.gpkg" in feedback.textLog()
