"""Verify, export a head, add a time-stamp: through Processing, as a user runs them."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from qgis.core import QgsProcessingException, QgsVectorLayer

from ceasefire_monitor.ledger.geopackage import Ledger
from tests import tampering
from tests.authority import Authority


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return tampering.make(tmp_path_factory.mktemp("verifyledger") / "ledger.gpkg")


@pytest.fixture
def path(made, tmp_path):
    return Path(shutil.copy(made, tmp_path / "журнал قرية.gpkg"))


def refused(run, identifier, **parameters) -> str:
    with pytest.raises(QgsProcessingException) as caught:
        run(identifier, **parameters)
    return str(caught.value)


def test_a_whole_ledger_holds_and_the_verdict_says_so(run, path):
    found = run("ceasefire:verifyledger", LEDGER=str(path))
    assert (found["HOLDS"], found["FAULTS"], found["FIRST"]) == (1, 0, "")
    assert (found["CHECKED"], found["UNSEALED"], found["STATES"]) == (23, 0, 16)
    assert found["VERDICT"].startswith("The ledger holds")
    assert found["LEDGER"] == str(path)


def test_an_altered_revision_is_named(run, path):
    with tampering.behind_its_back(path) as connection:
        connection.execute("UPDATE incident_history SET why = 'no' WHERE history_id = 4")
    found = run("ceasefire:verifyledger", LEDGER=str(path))
    assert (found["HOLDS"], found["FAULTS"]) == (0, 1)
    assert "revision 1 of incident watch:3 (row 4 of incident_history)" in found["FIRST"]


def test_a_head_and_its_time_stamp_go_out_and_come_back(run, path, tmp_path):
    pytest.importorskip("rfc3161_client")
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    authority = Authority(tmp_path / "authority")
    head, request = tmp_path / "голова.json", tmp_path / "head.tsq"
    done = run(
        "ceasefire:exporthead",
        LEDGER=str(path),
        WHY="brief of 1 May",
        OUTPUT=str(head),
        REQUEST=str(request),
    )
    told = json.loads(head.read_text(encoding="utf-8"))
    assert (told["position"], told["hash"]) == (done["POSITION"], done["HASH"])
    assert (told["why"], told["theatre"]) == ("brief of 1 May", "Vale")
    reply = tmp_path / "head.tsr"
    reply.write_bytes(authority.reply(request.read_bytes()))
    files = {"LEDGER": str(path), "AUTHORITY": str(authority.root)}
    added = run("ceasefire:addtimestamp", TOKEN=str(reply), **files)
    assert (added["POSITION"], added["BY"]) == (done["POSITION"], "CN=Fictional Clock")
    found = run("ceasefire:verifyledger", HEAD=str(head), **files)
    assert (found["HOLDS"], found["HEADS"], found["TIMESTAMPS"]) == (1, 1, 1)
    other = Authority(tmp_path / "other")
    found = run("ceasefire:verifyledger", LEDGER=str(path), AUTHORITY=str(other.root))
    assert (found["HOLDS"], found["TIMESTAMPS"]) == (0, 0)
    assert "not one of the authority" in found["FIRST"]
    reply.write_bytes(b"garbage")
    assert "choose the .tsr file" in refused(
        run, "ceasefire:addtimestamp", TOKEN=str(reply), **files
    )
    tampering.forge_tail(path, 5)
    with tampering.behind_its_back(path) as connection:
        connection.execute("UPDATE incident_history SET who = 'Zed' WHERE history_id = 5")
    tampering.forge_tail(path, 5)
    found = run("ceasefire:verifyledger", LEDGER=str(path), HEAD=str(head))
    assert "is another one than the head that was given" in found["FIRST"]


def test_what_is_no_head_or_no_ledger_is_refused_in_a_sentence(run, path, tmp_path):
    other = tmp_path / "other.json"
    other.write_text("{}")
    told = refused(run, "ceasefire:verifyledger", LEDGER=str(path), HEAD=str(other))
    assert "is not a head of a ledger" in told
    text = tmp_path / "text.gpkg"
    text.write_text("no database")
    told = refused(run, "ceasefire:verifyledger", LEDGER=str(text))
    assert "not a GeoPackage" in told
    told = refused(
        run, "ceasefire:exporthead", LEDGER=str(tmp_path / "none.gpkg"), OUTPUT=str(other)
    )
    assert "There is no file" in told and other.read_text() == "{}"


def test_a_plain_python_checks_what_qgis_has_open_for_editing(provider, path):
    layer = QgsVectorLayer(f"{path}|layername=incidents", "incidents", "ogr")
    assert layer.startEditing()
    feature = next(layer.getFeatures())
    index = layer.fields().indexOf("place")
    assert layer.changeAttributeValue(feature.id(), index, "Mill")
    assert layer.commitChanges(False)
    assert layer.changeAttributeValue(feature.id(), index, "Dale")
    program = Path(__file__).resolve().parent.parent.parent / "ledger" / "verify.py"
    done = subprocess.run(
        ["/usr/bin/python3", "-I", str(program), str(path)],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 not yet sealed" in done.stdout
    assert layer.commitChanges()
    del layer
    with Ledger.open(path) as ledger:
        found = ledger.verify()
    assert (found.holds, found.unsealed, found.checked) == (True, 0, 25)
