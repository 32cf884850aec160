"""Evidence and protected values in real QGIS, and that no secret reaches history or log."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import datetime, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from qgis.core import (
    QgsApplication,
    QgsAuthMethodConfig,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
)

from ceasefire_monitor.ledger.evidence_check import STATES
from ceasefire_monitor.ledger.evidence_taken import taken_at
from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.model.harm import Harm
from ceasefire_monitor.model.incident import Incident
from ceasefire_monitor.processing.evidence import checkevidence

ROOT = Path(__file__).resolve().parents[2]
PHRASE = "seven quiet herons at dusk"
OTHER = "five loud gulls before noon"
NAME = "Quillon Žarabeth the Elder"


@pytest.fixture
def path(tmp_path):
    place = tmp_path / "Журнал 1.gpkg"
    with Ledger.create(place, {"theatre": "Vale", "timezone": "Europe/Athens"}) as made:
        made.write_records("incidents", [Incident(incident_id="i:1", source="i")], "Ana", "x")
        made.write_records("harm", [Harm(harm_id="h:1", person="P1")], "Ana", "x")
    return str(place)


@pytest.fixture
def document(tmp_path):
    place = tmp_path / "сообщение <b>1.pdf"
    place.write_bytes(b"%PDF " + os.urandom(2_000_000))
    return str(place)


def add(run, path, file, **values):
    given = {"LEDGER": path, "FILE": file, "TABLE": "incidents", "RECORD_ID": "i:1", "BY": "Ana"}
    return run("ceasefire:addevidence", **{**given, **values})


def rows(layer) -> list[dict]:
    return [
        dict(zip(feature.fields().names(), feature.attributes())) for feature in layer.getFeatures()
    ]


def refused(run, identifier, **parameters) -> str:
    with pytest.raises(QgsProcessingException) as caught:
        run(identifier, **parameters)
    assert "Traceback" not in str(caught.value)
    return str(caught.value)


def test_evidence_is_added_listed_and_taken_out(run, path, document, tmp_path):
    added = add(run, path, document, COLLECTED_BY="Bo", COLLECTED_AT="2031-05-01T14:30", TOOL="<i>")
    sheet = tmp_path / "sheet.html"
    listed = run(
        "ceasefire:evidencelist",
        LEDGER=path,
        OUTPUT="TEMPORARY_OUTPUT",
        CUSTODY="TEMPORARY_OUTPUT",
        SHEET=str(sheet),
    )
    (row,) = rows(listed["OUTPUT"])
    assert (row["evidence_id"], row["sha256"]) == (added["EVIDENCE_ID"], added["SHA256"])
    assert [item["action"] for item in rows(listed["CUSTODY"])] == ["collected", "attached"]
    words = sheet.read_text(encoding="utf-8")
    assert added["SHA256"] in words
    assert "<b>1" not in words
    assert "&lt;i&gt;" in words
    assert "2031-05-01 14:30:00 (Europe/Athens)" in words
    out = tmp_path / "out.pdf"
    taken = run(
        "ceasefire:takeevidence",
        LEDGER=path,
        EVIDENCE_ID=added["EVIDENCE_ID"],
        BY="Cleo",
        WHY="session 12",
        RECIPIENT="Joint commission",
        OUTPUT=str(out),
    )
    assert taken["OUTPUT"] == str(out)
    assert out.read_bytes() == Path(document).read_bytes()
    with Ledger.open(path) as ledger:
        assert ledger.read("custody")[-1].recipient == "Joint commission"
        # 14:30 in Athens in summer.
        collected = datetime(2031, 5, 1, 11, 30, tzinfo=timezone.utc)
        assert ledger.read("evidence")[0].collected_at == collected


def test_a_list_of_another_record_is_empty(run, path, document):
    add(run, path, document)
    listed = run("ceasefire:evidencelist", LEDGER=path, TABLE="harm", OUTPUT="TEMPORARY_OUTPUT")
    assert (listed["COUNT"], rows(listed["OUTPUT"])) == (0, [])


def test_the_check_counts_and_names(run, path, document):
    added = add(run, path, document)
    folder = Path(path).with_name("Журнал 1.evidence")
    (folder / "stray.txt").write_text("x")
    (folder / added["SHA256"][:2] / added["SHA256"][2:]).write_bytes(b"else")
    checked = run("ceasefire:checkevidence", LEDGER=path, BY="Bo", OUTPUT="TEMPORARY_OUTPUT")
    assert [checked[name] for name in ("UNALTERED", "ALTERED", "MISSING", "STRAY")] == [0, 1, 0, 1]
    assert [row["state"] for row in rows(checked["OUTPUT"])] == ["altered", "stray"]


def test_the_states_are_those_of_the_check():
    assert checkevidence.STATES == STATES


def test_what_is_wrong_is_one_sentence(run, path, tmp_path, document):
    (tmp_path / "empty.jpg").touch()
    assert "is empty" in refused(
        run, "ceasefire:addevidence", LEDGER=path, FILE=str(tmp_path / "empty.jpg"), BY="Ana"
    )
    assert "no evidence" in refused(
        run,
        "ceasefire:takeevidence",
        LEDGER=path,
        EVIDENCE_ID="none",
        BY="Bo",
        WHY="x",
        OUTPUT=str(tmp_path / "x"),
    )
    assert "authentication configuration" in refused(
        run, "ceasefire:addevidence", LEDGER=path, FILE=document, AUTHCFG="abc1234"
    )


def test_cancelling_leaves_nothing(provider, path, document):
    algorithm = provider.algorithm("addevidence").create()
    feedback = QgsProcessingFeedback()
    feedback.cancel()
    given = {"LEDGER": path, "FILE": document}
    _, done = algorithm.run(given, QgsProcessingContext(), feedback)
    assert not done
    with Ledger.open(path) as ledger:
        assert ledger.read("evidence") == []


@pytest.fixture
def configurations(qgis_app, tmp_path):
    """Two authentication configurations that hold the passphrases."""
    manager = QgsApplication.authManager()
    if manager.isDisabled() or not manager.setMasterPassword("a master password", True):
        pytest.skip("QGIS has no authentication database here")
    made = []
    for phrase in (PHRASE, OTHER):
        configuration = QgsAuthMethodConfig("Basic")
        configuration.setName("evidence")
        configuration.setConfig("username", "evidence")
        configuration.setConfig("password", phrase)
        assert manager.storeAuthenticationConfig(configuration)
        made.append(configuration.id())
    yield made
    for identifier in made:
        manager.removeAuthenticationConfig(identifier)


def test_a_passphrase_comes_from_qgis_and_can_be_changed(run, path, document, configurations):
    first, second = configurations
    add(run, path, document)
    done = run("ceasefire:encryptevidence", LEDGER=path, AUTHCFG=first, BY="Ana")
    assert done["ENCRYPTED"] == 1
    run("ceasefire:encryptevidence", LEDGER=path, AUTHCFG=first, NEW_AUTHCFG=second)
    words = refused(run, "ceasefire:checkevidence", LEDGER=path, AUTHCFG=first)
    assert "not that of this evidence" in words
    assert PHRASE not in words
    assert run("ceasefire:checkevidence", LEDGER=path, AUTHCFG=second)["UNALTERED"] == 1


def secret_free(provider, name, given) -> str:
    """All that QGIS writes down of a run: for its history, its log and its Python console."""
    algorithm = provider.algorithm(name)
    context = QgsProcessingContext()
    map_, _ = algorithm.asQgisProcessCommand(given, context)
    python = algorithm.asPythonCommand(given, context)
    return map_ + python + str(algorithm.asMap(given, context))


def test_no_parameter_takes_a_secret(provider, path):
    for name in ("setprotected", "encryptevidence", "addevidence"):
        parameters = {item.name() for item in provider.algorithm(name).parameterDefinitions()}
        assert not parameters & {"VALUE", "PASSPHRASE", "PASSWORD", "NEW_PASSPHRASE"}
    written = secret_free(provider, "encryptevidence", {"LEDGER": path, "AUTHCFG": "abc1234"})
    assert "abc1234" in written


@pytest.fixture
def value_file(tmp_path):
    place = tmp_path / "value.txt"
    place.write_text(NAME + "\n", encoding="utf-8")
    return str(place)


def keep(run, path, value_file, **values):
    given = {"LEDGER": path, "TABLE": "person", "RECORD_ID": "P1", "VALUE_FILE": value_file}
    return run("ceasefire:setprotected", **{**given, "BY": "Ana", **values})


def test_a_protected_value_is_kept_read_and_erased(run, path, value_file):
    kept = keep(run, path, value_file)
    asked = {"LEDGER": path, "PERSON": "P1", "BY": "Bo", "WHY": "visa"}
    read = run("ceasefire:readprotected", **asked, OUTPUT="TEMPORARY_OUTPUT")
    (row,) = rows(read["OUTPUT"])
    assert (row["value"], row["matches"]) == (NAME, True)
    assert row["protected_id"] == kept["PROTECTED_ID"]
    erased = run("ceasefire:eraseprotected", **asked)
    counts = [erased[name] for name in ("ERASED", "ERASED_BEFORE", "CLEAN", "COPIES_HOLDING")]
    assert counts == [1, 0, 1, 0]
    again = run("ceasefire:readprotected", **asked, OUTPUT="TEMPORARY_OUTPUT")
    assert (again["COUNT"], again["ERASED"]) == (1, 1)


def test_erasing_names_copies_and_erases_there_when_told(run, path, value_file, tmp_path):
    keep(run, path, value_file)
    copy = tmp_path / "old.gpkg"
    shutil.copy(path, copy)
    asked = {"LEDGER": path, "PERSON": "P1", "BY": "Bo", "WHY": "asked"}
    assert run("ceasefire:eraseprotected", **asked)["COPIES_HOLDING"] == 1
    assert run("ceasefire:eraseprotected", **asked, COPIES=True)["COPIES_HOLDING"] == 0
    assert NAME.encode() not in copy.read_bytes()


def test_nothing_is_erased_where_nothing_was_chosen(run, path, value_file):
    keep(run, path, value_file)
    words = refused(run, "ceasefire:eraseprotected", LEDGER=path, BY="Bo", WHY="asked")
    assert "Say which values" in words
    with Ledger.open(path) as ledger:
        assert len(ledger.protected_values()) == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"", "is empty"), (b"\xff\xfe\x00", "UTF-8"), (b"x" * 70_000, "longer than")],
)
def test_a_file_that_holds_no_value_is_told(run, path, tmp_path, data, words):
    place = tmp_path / "value.txt"
    place.write_bytes(data)
    assert words in refused(
        run,
        "ceasefire:setprotected",
        LEDGER=path,
        TABLE="person",
        RECORD_ID="P1",
        VALUE_FILE=str(place),
    )


def test_without_a_value_that_is_told(run, path, monkeypatch):
    monkeypatch.delenv("CEASEFIRE_VALUE", raising=False)
    words = refused(run, "ceasefire:setprotected", LEDGER=path, TABLE="person", RECORD_ID="P1")
    assert "No value was given" in words


@pytest.mark.skipif(shutil.which("qgis_process") is None, reason="qgis_process is not here")
def test_qgis_process_leaves_no_secret_in_its_profile_or_output(path, document, tmp_path):
    profile = tmp_path / "profile"
    plugins = tmp_path / "plugins"
    plugins.mkdir()
    profile.mkdir()
    (plugins / "ceasefire_monitor").symlink_to(ROOT)
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "QGIS_PLUGINPATH": str(plugins),
        "QGIS_CUSTOM_CONFIG_PATH": str(profile),
        "PYTHONPATH": os.pathsep.join(entry for entry in _site_packages()),
        "CPL_DEBUG": "ON",
        "QGIS_DEBUG": "9",
        "CEASEFIRE_PASSPHRASE": PHRASE,
        "CEASEFIRE_NEW_PASSPHRASE": OTHER,
        "CEASEFIRE_VALUE": NAME,
    }

    def process(*arguments) -> str:
        command = ["qgis_process", *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, timeout=240)
        words = (done.stdout + done.stderr).decode("utf-8", "replace")
        assert done.returncode == 0, words[-2000:]
        return words

    words = process("plugins", "enable", "ceasefire_monitor")
    said = ["--", f"LEDGER={path}"]
    words += process("run", "ceasefire:encryptevidence", *said)
    words += process(
        "run", "ceasefire:setprotected", *said, "TABLE=person", "RECORD_ID=P1", "FIELD=name"
    )
    assert "protected:" in words
    places = [place for place in [*profile.rglob("*")] if place.is_file()]
    written = b"".join(place.read_bytes() for place in places)
    folder = Path(path).with_name("Журнал 1.evidence")
    written += b"".join(place.read_bytes() for place in folder.rglob("*") if place.is_file())
    for secret in (PHRASE, OTHER, NAME):
        assert secret not in words
        assert secret.encode() not in written
        assert secret.encode().hex() not in words.lower()


def _site_packages():
    import sysconfig

    return [sysconfig.get_path("purelib")]


def photograph(place, taken, offset="") -> Path:
    """A JPEG with EXIF data, written by another library."""
    image = pytest.importorskip("PIL.Image")
    data = image.Exif()
    data[0x8769] = {0x9003: taken, **({0x9011: offset} if offset else {})}
    image.new("RGB", (8, 8)).save(place, exif=data)
    return place


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        ("2031:05:01 14:30:05", datetime(2031, 5, 1, 11, 30, 5, tzinfo=timezone.utc)),
        ("2031:10:26 03:30:00", None),
        ("2031:03:30 03:30:00", None),
        ("0000:00:00 00:00:00", None),
    ],
)
def test_a_photograph_says_when_it_was_taken_in_the_theatres_time(tmp_path, taken, expected):
    place = photograph(tmp_path / "a.jpg", taken)
    assert taken_at(place, ZoneInfo("Europe/Athens")) == expected


def test_a_photograph_with_an_offset_needs_no_zone(tmp_path):
    place = photograph(tmp_path / "a.jpg", "2031:05:01 14:30:05", "+05:30")
    expected = datetime(2031, 5, 1, 9, 0, 5, tzinfo=timezone.utc)
    assert taken_at(place, ZoneInfo("Europe/Athens")) == expected


def test_the_photographs_own_time_is_kept(run, path, tmp_path):
    add(run, path, str(photograph(tmp_path / "a.jpg", "2031:05:01 14:30:05")))
    with Ledger.open(path) as ledger:
        taken = datetime(2031, 5, 1, 11, 30, 5, tzinfo=timezone.utc)
        assert ledger.read("evidence")[0].taken_at == taken


def test_names_without_an_ending_are_files_too(run, path, tmp_path, value_file):
    place = tmp_path / "recording"
    place.write_bytes(b"bytes")
    added = add(run, path, str(place))
    out = str(tmp_path / "copy")
    asked = {"LEDGER": path, "EVIDENCE_ID": added["EVIDENCE_ID"], "BY": "Bo", "WHY": "x"}
    assert run("ceasefire:takeevidence", **asked, OUTPUT=out)["OUTPUT"] == out
    assert Path(out).read_bytes() == b"bytes"
    bare = tmp_path / "value"
    shutil.copy(value_file, bare)
    assert keep(run, path, str(bare))["PROTECTED_ID"]


def test_a_passphrase_in_the_environment_that_is_not_set_is_told(run, path, document, monkeypatch):
    monkeypatch.setenv("CEASEFIRE_PASSPHRASE", PHRASE)
    words = refused(run, "ceasefire:addevidence", LEDGER=path, FILE=document, BY="Ana")
    assert "none is set" in words
    assert not list(Path(path).with_name("Журнал 1.evidence").rglob("*"))


def test_encryption_names_what_stays_plain(provider, path, document, run, monkeypatch):
    import processing

    add(run, path, document)
    note = Path(path).with_name("Журнал 1.evidence") / "note.txt"
    note.write_text("plain")
    monkeypatch.setenv("CEASEFIRE_PASSPHRASE", PHRASE)
    feedback = QgsProcessingFeedback(False)
    done = processing.run("ceasefire:encryptevidence", {"LEDGER": path}, feedback=feedback)
    assert (done["ENCRYPTED"], done["LEFT"], done["PLAIN"]) == (1, 0, 1)
    assert str(note) in feedback.textLog()


def test_what_was_not_searched_is_not_said_to_be_nowhere(run, path, value_file):
    keep(run, path, value_file)
    asked = {"LEDGER": path, "PERSON": "P1", "BY": "Bo", "WHY": "asked"}
    assert run("ceasefire:eraseprotected", **asked)["ELSEWHERE"] == 0
    assert run("ceasefire:eraseprotected", **asked)["ELSEWHERE"] is None
