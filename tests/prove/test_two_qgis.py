"""Two QGIS processes edit one GeoPackage at the same time, while an import writes now and then.

In full (`make prove`) with 150 edits each, in `make test` with a few.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.model.errors import CeasefireError
from ceasefire_monitor.model.incident import Incident
from ceasefire_monitor.model.land import Site

PROVE = "CEASEFIRE_PROVE" in os.environ
EDITS = 150 if PROVE else 15
SEED = int(os.environ.get("CEASEFIRE_SEED", "4"))
EDITOR = Path(__file__).with_name("qgis_editor.py")
NOON = datetime(2031, 5, 1, 12, tzinfo=timezone.utc)


def test_every_committed_state_of_two_qgis_is_in_the_history_and_the_chain_is_whole(tmp_path):
    path = tmp_path / "Журнал 1.gpkg"
    _new_ledger(path)
    editors = [_editor(path, name, SEED + number) for number, name in enumerate(("Ana", "Ben"))]
    written = _import_meanwhile(path, editors)
    told = [json.loads(_last_line(editor)) for editor in editors]
    assert [item["lost"] for item in told] == [0, 0]
    with Ledger.open(path) as ledger:
        _assert_all_saved_states_are_there(ledger, told)
        assert len(ledger.read("sites")) == written
        verified = ledger.verify()
        assert verified.holds, verified.sentences()
        assert verified.unsealed == 0


def _new_ledger(path: Path) -> None:
    incidents = [
        Incident(
            incident_id=f"watch:{number}",
            source="watch",
            occurred_from=NOON + timedelta(hours=number),
            longitude=30.0,
            latitude=45.0,
        )
        for number in range(4)
    ]
    with Ledger.create(path, {"theatre": "Vale"}) as ledger:
        ledger.write_records("incidents", incidents, "Ana", "first")


def _editor(path: Path, name: str, seed: int) -> subprocess.Popen:
    words = [sys.executable, str(EDITOR), str(path), name, str(EDITS), str(seed)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _import_meanwhile(path: Path, editors: list) -> int:
    """Write sites as long as an editor works; the number of writes that were told as done."""
    written = 0
    while any(editor.poll() is None for editor in editors):
        try:
            with Ledger.open(path) as ledger:
                site = Site(site_id=f"s{written}", site_name=f"Well {written}")
                ledger.write_records("sites", [site], "Chi", "meanwhile")
            written += 1
        except CeasefireError as error:
            assert "another program" in str(error), error
        try:
            editors[0].wait(0.2)
        except subprocess.TimeoutExpired:
            continue
    return written


def _last_line(editor: subprocess.Popen) -> str:
    out, errors = editor.communicate(timeout=300)
    assert editor.returncode == 0, errors
    return out.strip().splitlines()[-1]


def _assert_all_saved_states_are_there(ledger: Ledger, told: list) -> None:
    fids = ledger._connection.rows("SELECT fid + 0 AS number, incident_id FROM incidents")
    histories = {fid: ledger.history(identifier) for fid, identifier in fids}
    for who, editor in zip(("Ana", "Ben"), told):
        assert len(editor["saved"]) == EDITS
        for fid, words in editor["saved"]:
            states = [item for item in histories[fid] if item.payload["place"] == words]
            signs = {(item.who, item.why) for item in states}
            assert (who, f"reason of {words}") in signs, (fid, words, signs)
    for (fid, _), current in zip(sorted(fids), ledger.read("incidents")):
        revisions = histories[fid]
        assert [item.revision for item in revisions] == list(range(1, len(revisions) + 1))
        assert current.place == revisions[-1].payload["place"]
        assert current.revision == revisions[-1].revision
