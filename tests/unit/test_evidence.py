"""Raw evidence: kept by its hash, logged, checked, encrypted, and whole when killed."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import sys
import textwrap
import tracemalloc
from datetime import datetime, timezone
from pathlib import Path

import pytest

from ceasefire_monitor.ledger.connection import Session
from ceasefire_monitor.ledger.evidence import Hand
from ceasefire_monitor.ledger.evidence_types import kind_of, media_type_of
from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.model.errors import Cancelled, CeasefireError
from ceasefire_monitor.model.evidence import Evidence
from ceasefire_monitor.model.incident import Incident

TESTS = Path(__file__).resolve().parent.parent
ANA = Hand("Ana", "part of the file")
PHRASE = "seven quiet herons at dusk"
OTHER = "five loud gulls before noon"
NOON = datetime(2031, 5, 1, 12, tzinfo=timezone.utc)
ROOT_USER = hasattr(os, "geteuid") and os.geteuid() == 0


@pytest.fixture(params=["ledger", "Журнал 1", "سجل"])
def path(request, tmp_path):
    folder = tmp_path / f"{request.param} folder"
    folder.mkdir()
    return folder / f"{request.param}.gpkg"


@pytest.fixture
def ledger(tmp_path):
    with Ledger.create(tmp_path / "Журнал 1.gpkg") as made:
        made.write_records("incidents", [Incident(incident_id="i:1", source="i")], "Ana", "x")
        yield made


def file(tmp_path, name="снимок 1.jpg", data=b"picture") -> Path:
    place = tmp_path / name
    place.write_bytes(data)
    return place


def files_of(ledger) -> list:
    return sorted(path for path in ledger.evidence_folder.rglob("*") if path.is_file())


def states(check) -> list:
    return [found.state for found in check.files]


def test_a_file_lies_under_its_hash_with_its_custody(path, tmp_path):
    data = os.urandom(3_000_000)
    digest = hashlib.sha256(data).hexdigest()
    with Ledger.create(path) as ledger:
        ledger.write_records("incidents", [Incident(incident_id="i:1", source="i")], "Ana", "x")
        about = Evidence(
            record_table="incidents",
            record_id="i:1",
            collected_at=NOON,
            collected_where="Northern bridge",
            tool="Camera 7",
        )
        made = ledger.store_evidence(file(tmp_path, data=data), about, ANA, "Bo")
        assert [item.sha256 for item in ledger.read("evidence")] == [digest]
        collected, attached = ledger.read("custody")
        (revision,) = ledger.history(made.evidence_id, "evidence")
    assert (
        path.with_name(path.stem + ".evidence").joinpath(digest[:2], digest[2:]).read_bytes()
        == data
    )
    assert (made.sha256, made.size_bytes, made.file_name) == (digest, len(data), "снимок 1.jpg")
    assert (made.media_type, made.kind, made.sensitivity) == ("image/jpeg", "photo", "confidential")
    assert (collected.action, collected.by_whom, collected.happened_at) == ("collected", "Bo", NOON)
    assert (collected.place, collected.tool) == ("Northern bridge", "Camera 7")
    assert (attached.action, attached.by_whom, attached.sha256) == ("attached", "Ana", digest)
    assert (revision.who, revision.why) == ("Ana", "part of the file")


def test_the_same_bytes_twice_are_one_file_and_two_records(ledger, tmp_path):
    first = ledger.store_evidence(file(tmp_path, "a.jpg"), Evidence(), ANA)
    second = ledger.store_evidence(file(tmp_path, "b.pdf"), Evidence(), ANA)
    assert first.sha256 == second.sha256
    assert first.evidence_id != second.evidence_id
    assert len(files_of(ledger)) == 1
    assert [item.kind for item in ledger.read("evidence")] == ["photo", "document"]


def test_a_stream_is_kept_like_a_file(ledger):
    about = Evidence(file_name="reply.json", kind="reply")
    made = ledger.store_evidence(io.BytesIO(b"{}"), about, ANA)
    assert made.sha256 == hashlib.sha256(b"{}").hexdigest()
    assert (made.kind, made.media_type) == ("reply", "application/json")


def test_memory_does_not_grow_with_the_file(ledger):
    class Long(io.RawIOBase):
        """96 MiB that nobody holds."""

        left = 96

        def read(self, size=-1):
            self.left -= 1
            return bytes(1 << 20) if self.left >= 0 else b""

    ledger.encrypt_evidence(PHRASE, None, ANA)
    tracemalloc.start()
    made = ledger.store_evidence(Long(), Evidence(file_name="x.bin"), ANA, passphrase=PHRASE)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert made.size_bytes == 96 << 20
    assert most < 16 << 20


@pytest.mark.skipif("CEASEFIRE_PROVE" not in os.environ, reason="ten gigabytes; make prove")
def test_ten_gigabytes_are_kept_and_checked(ledger, tmp_path):
    free = shutil.disk_usage(tmp_path).free
    if free < 12 << 30:
        pytest.skip(f"ten gigabytes do not fit on this disk: {free >> 30} are free")
    place = tmp_path / "long.bin"
    with place.open("wb") as stream:
        stream.truncate(10 << 30)
    made = ledger.store_evidence(place, Evidence(), ANA)
    assert made.size_bytes == 10 << 30
    assert states(ledger.check_evidence(ANA)) == ["unaltered"]


def link_to_nothing(tmp_path):
    place = tmp_path / "gone.jpg"
    place.symlink_to(tmp_path / "nowhere.jpg")
    return place


def pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "pipe"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda place: place / "absent.jpg", "could not be read"),
        (lambda place: place, "is a folder"),
        (lambda place: file(place, data=b""), "is empty"),
        (link_to_nothing, "could not be read"),
        (pipe, "not a file but a device"),
        (lambda place: place / "Журнал 1.gpkg", "the ledger itself"),
    ],
)
def test_what_is_no_file_is_refused_in_one_sentence_and_leaves_nothing(
    ledger, tmp_path, make, words
):
    with pytest.raises(CeasefireError, match=words):
        ledger.store_evidence(make(tmp_path), Evidence(), ANA)
    assert files_of(ledger) == []
    assert ledger.read("evidence") == ledger.read("custody") == []


@pytest.mark.skipif(ROOT_USER, reason="root may read everything")
def test_an_unreadable_file_is_refused(ledger, tmp_path):
    place = file(tmp_path)
    place.chmod(0)
    with pytest.raises(CeasefireError, match="could not be read"):
        ledger.store_evidence(place, Evidence(), ANA)


def test_a_link_to_a_file_keeps_the_bytes_behind_it(ledger, tmp_path):
    place = tmp_path / "link.jpg"
    place.symlink_to(file(tmp_path, data=b"behind"))
    made = ledger.store_evidence(place, Evidence(), ANA)
    assert made.sha256 == hashlib.sha256(b"behind").hexdigest()
    assert not files_of(ledger)[0].is_symlink()


def test_a_file_that_changes_while_it_is_read_is_refused(ledger, tmp_path):
    place = file(tmp_path, data=bytes(3 << 20))

    def grow(count):
        with place.open("ab") as stream:
            stream.write(b"more")

    with pytest.raises(CeasefireError, match="changed while it was read"):
        ledger.store_evidence(place, Evidence(), ANA, step=grow)
    assert files_of(ledger) == []


@pytest.mark.parametrize(
    "about",
    [
        Evidence(record_table="incidents", record_id="i:none"),
        Evidence(record_table="nowhere", record_id="i:1"),
        Evidence(record_id="i:1"),
    ],
)
def test_evidence_is_attached_to_a_record_that_is_there(ledger, tmp_path, about):
    with pytest.raises(CeasefireError):
        ledger.store_evidence(file(tmp_path), about, ANA)
    assert files_of(ledger) == []


def test_stopping_leaves_nothing(ledger, tmp_path):
    def stop(count):
        raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        ledger.store_evidence(file(tmp_path, data=bytes(2 << 20)), Evidence(), ANA, step=stop)
    assert files_of(ledger) == []
    assert ledger.read("custody") == []


def test_a_locked_ledger_leaves_no_file(ledger, tmp_path):
    place = file(tmp_path)
    other = Ledger.open(ledger.path, wait_ms=50)
    writing = ledger._connection.transaction(Session())
    with writing, pytest.raises(CeasefireError, match="another program"):
        other.store_evidence(place, Evidence(), ANA)
    other.close()
    assert files_of(ledger) == []


def test_custody_and_evidence_are_never_changed_or_removed_by_hand(ledger, tmp_path):
    ledger.store_evidence(file(tmp_path), Evidence(), ANA)
    for sql in ("DELETE FROM custody", "UPDATE custody SET note = 'x'", "DELETE FROM evidence"):
        with pytest.raises(CeasefireError):
            ledger._connection.run(sql)
    assert len(ledger.read("custody")) == 1


def test_taking_out_gives_the_bytes_and_logs_who_why_and_to_whom(ledger, tmp_path):
    made = ledger.store_evidence(file(tmp_path, data=b"bytes"), Evidence(), ANA)
    ledger.take_evidence(made.evidence_id, tmp_path / "копия.jpg", Hand("Bo", "to look"))
    ledger.take_evidence(made.evidence_id, tmp_path / "c.jpg", Hand("Bo", "handed"), "Commission")
    assert (tmp_path / "копия.jpg").read_bytes() == b"bytes"
    _, seen, handed = ledger.read("custody")
    assert (seen.action, seen.by_whom, seen.recipient, seen.note) == (
        "accessed",
        "Bo",
        None,
        "to look",
    )
    assert (handed.action, handed.recipient) == ("transferred", "Commission")


@pytest.mark.parametrize("hand", [Hand(None, "why"), Hand("Bo", "")])
def test_nobody_takes_out_unsigned(ledger, tmp_path, hand):
    made = ledger.store_evidence(file(tmp_path), Evidence(), ANA)
    with pytest.raises(CeasefireError, match="who takes"):
        ledger.take_evidence(made.evidence_id, tmp_path / "c.jpg", hand)
    assert not (tmp_path / "c.jpg").exists()


def test_an_altered_file_is_not_given_out_and_nothing_is_logged(ledger, tmp_path):
    made = ledger.store_evidence(file(tmp_path, data=b"bytes"), Evidence(), ANA)
    files_of(ledger)[0].write_bytes(b"bytez")
    before = set(tmp_path.iterdir())
    with pytest.raises(CeasefireError, match="not the one that was attached"):
        ledger.take_evidence(made.evidence_id, tmp_path / "c.jpg", ANA)
    assert set(tmp_path.iterdir()) == before
    assert len(ledger.read("custody")) == 1


def test_a_destination_that_exists_is_kept(ledger, tmp_path):
    made = ledger.store_evidence(file(tmp_path, data=b"bytes"), Evidence(), ANA)
    there = file(tmp_path, "there.jpg", b"mine")
    with pytest.raises(CeasefireError, match="exists already"):
        ledger.take_evidence(made.evidence_id, there, ANA)
    assert there.read_bytes() == b"mine"


def test_a_copy_that_cannot_be_logged_is_not_given(ledger, tmp_path):
    made = ledger.store_evidence(file(tmp_path), Evidence(), ANA)
    ledger.close()
    reading = Ledger.open(tmp_path / "Журнал 1.gpkg", readonly=True)
    with reading, pytest.raises(CeasefireError, match="cannot be written"):
        reading.take_evidence(made.evidence_id, tmp_path / "c.jpg", ANA)
    assert not (tmp_path / "c.jpg").exists()


def test_the_check_names_unaltered_altered_missing_and_stray(ledger, tmp_path):
    made = [
        ledger.store_evidence(file(tmp_path, data=data), Evidence(), ANA)
        for data in (b"one", b"two", b"three")
    ]
    root = ledger.evidence_folder
    (root / made[1].sha256[:2] / made[1].sha256[2:]).write_bytes(b"tvo")
    (root / made[2].sha256[:2] / made[2].sha256[2:]).unlink()
    stray = root / "note.txt"
    stray.write_text("x")
    check = ledger.check_evidence(Hand("Bo", "monthly"))
    assert states(check) == ["unaltered", "altered", "missing"]
    assert check.strays == [stray]
    assert stray.exists()
    logged = [item for item in ledger.read("custody") if item.action == "checked"]
    assert [item.sha256 for item in logged] == [
        made[0].sha256,
        hashlib.sha256(b"tvo").hexdigest(),
        None,
    ]
    assert {item.by_whom for item in logged} == {"Bo"}


def test_giving_the_bytes_again_repairs_an_altered_file_and_says_so(ledger, tmp_path):
    ledger.store_evidence(file(tmp_path, data=b"one"), Evidence(), ANA)
    files_of(ledger)[0].write_bytes(b"onf")
    ledger.store_evidence(file(tmp_path, data=b"one"), Evidence(), ANA)
    assert states(ledger.check_evidence(ANA)) == ["unaltered", "unaltered"]
    assert "altered" in ledger.read("custody")[1].note


def test_a_passphrase_encrypts_what_is_there_and_what_comes(ledger, tmp_path):
    before = ledger.store_evidence(file(tmp_path, data=b"plain one" * 99), Evidence(), ANA)
    done = ledger.encrypt_evidence(PHRASE, None, ANA)
    assert (done.set, done.encrypted, done.left) == (True, 1, [])
    about = Evidence(file_name="b.jpg")
    after = ledger.store_evidence(io.BytesIO(b"plain two" * 99), about, ANA, passphrase=PHRASE)
    kept = b"".join(place.read_bytes() for place in files_of(ledger))
    assert b"plain" not in kept
    assert PHRASE.encode() not in kept
    assert [bool(item.encrypted) for item in ledger.read("evidence")] == [True, True]
    assert [item.action for item in ledger.read("custody")] == ["attached", "encrypted", "attached"]
    for made, data in ((before, b"plain one" * 99), (after, b"plain two" * 99)):
        out = tmp_path / made.evidence_id.replace(":", "_")
        ledger.take_evidence(made.evidence_id, out, ANA, passphrase=PHRASE)
        assert out.read_bytes() == data
    assert states(ledger.check_evidence(ANA)) == ["not_checked"] * 2
    assert states(ledger.check_evidence(ANA, PHRASE)) == ["unaltered"] * 2


def test_without_or_with_a_wrong_passphrase_nothing_is_read_or_kept(ledger, tmp_path):
    made = ledger.store_evidence(file(tmp_path), Evidence(), ANA)
    ledger.encrypt_evidence(PHRASE, None, ANA)
    for phrase, words in ((None, "give its passphrase"), (OTHER, "not that of this evidence")):
        with pytest.raises(CeasefireError, match=words):
            ledger.take_evidence(made.evidence_id, tmp_path / "c", ANA, passphrase=phrase)
        with pytest.raises(CeasefireError, match=words):
            ledger.store_evidence(file(tmp_path, "d"), Evidence(), ANA, passphrase=phrase)
    with pytest.raises(CeasefireError, match="not that of this evidence"):
        ledger.check_evidence(ANA, OTHER)
    with pytest.raises(CeasefireError, match="not that of this evidence"):
        ledger.encrypt_evidence(OTHER, "a new one of length", ANA)
    assert not (tmp_path / "c").exists()
    assert len(files_of(ledger)) == 2


def test_another_passphrase_leaves_the_files_as_they_are(ledger, tmp_path):
    ledger.store_evidence(file(tmp_path), Evidence(), ANA)
    ledger.encrypt_evidence(PHRASE, None, ANA)
    (place,) = (path for path in files_of(ledger) if path.suffix == ".enc")
    before = place.read_bytes()
    assert ledger.encrypt_evidence(PHRASE, OTHER, ANA).changed
    assert place.read_bytes() == before
    assert states(ledger.check_evidence(ANA, OTHER)) == ["unaltered"]
    with pytest.raises(CeasefireError, match="not that of this evidence"):
        ledger.check_evidence(ANA, PHRASE)


def test_an_altered_or_swapped_encrypted_file_is_found(ledger, tmp_path):
    first = ledger.store_evidence(file(tmp_path, data=b"one"), Evidence(), ANA)
    second = ledger.store_evidence(file(tmp_path, data=b"two"), Evidence(), ANA)
    ledger.encrypt_evidence(PHRASE, None, ANA)
    root = ledger.evidence_folder
    places = [root / item.sha256[:2] / f"{item.sha256[2:]}.enc" for item in (first, second)]
    data = [place.read_bytes() for place in places]
    places[0].write_bytes(data[1])
    places[1].write_bytes(data[1][:-1])
    assert states(ledger.check_evidence(ANA, PHRASE)) == ["altered", "altered"]


def test_encryption_that_was_stopped_goes_on(ledger, tmp_path):
    for number in range(4):
        ledger.store_evidence(file(tmp_path, data=b"x%d" % number), Evidence(), ANA)
    seen = []

    def stop(count):
        seen.append(count)
        if len(seen) == 3:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        ledger.encrypt_evidence(PHRASE, None, ANA, stop)
    assert states(ledger.check_evidence(ANA, PHRASE)) == ["unaltered"] * 4
    assert ledger.encrypt_evidence(PHRASE, None, ANA).encrypted == 2
    assert states(ledger.check_evidence(ANA, PHRASE)) == ["unaltered"] * 4
    assert ledger.check_evidence(ANA, PHRASE).strays == []


def test_encryption_leaves_an_altered_file_as_it_is(ledger, tmp_path):
    ledger.store_evidence(file(tmp_path, data=b"one"), Evidence(), ANA)
    files_of(ledger)[0].write_bytes(b"onf")
    done = ledger.encrypt_evidence(PHRASE, None, ANA)
    assert done.encrypted == 0
    assert "altered" in done.left[0]
    assert states(ledger.check_evidence(ANA, PHRASE)) == ["altered"]


# The child keeps a file and waits to be killed where it is told to.
CHILD = """
import os, sys
sys.path.insert(0, {tests!r})
import conftest
from ceasefire_monitor.ledger import evidence_folder
from ceasefire_monitor.ledger.connection import Session
from ceasefire_monitor.ledger.evidence import Hand
from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.model.evidence import Evidence

def wait(*_):
    print("here", flush=True)
    sys.stdin.read()

place = evidence_folder.EvidenceFolder.place
def placed(folder, received):
    place(folder, received)
    wait()

ledger = Ledger.open({path!r})
step = wait if {when!r} == "reading" else None
if {when!r} == "placed":
    evidence_folder.EvidenceFolder.place = placed
ledger.store_evidence({file!r}, Evidence(), Hand("Ana", "x"), step=step)
"""


@pytest.mark.parametrize("when", ["reading", "placed"])
def test_killed_in_between_ledger_and_folder_agree_or_the_check_says(ledger, tmp_path, when):
    place = file(tmp_path, data=bytes(range(256)) * 9000)
    ledger.close()
    path = tmp_path / "Журнал 1.gpkg"
    program = textwrap.dedent(CHILD).format(
        tests=str(TESTS), path=str(path), file=str(place), when=when
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout.readline() == "here\n"
    child.kill()
    child.wait()
    with Ledger.open(path) as opened:
        assert opened.read("evidence") == opened.read("custody") == []
        check = opened.check_evidence(ANA)
        assert check.files == []
        assert len(check.strays) == 1
        opened.store_evidence(place, Evidence(), ANA)
        check = opened.check_evidence(ANA)
        assert states(check) == ["unaltered"]
        assert len(check.strays) == (1 if when == "reading" else 0)


@pytest.mark.parametrize(
    ("name", "media_type", "kind"),
    [
        ("A.JPG", "image/jpeg", "photo"),
        ("a.mp4", "video/mp4", "video"),
        ("a.opus", "audio/ogg", "audio"),
        ("a.pdf", "application/pdf", "document"),
        ("a", None, "other"),
    ],
)
def test_a_name_tells_type_and_kind(name, media_type, kind):
    assert (media_type_of(name), kind_of(media_type_of(name))) == (media_type, kind)


def test_a_record_keeps_the_hash_and_size_of_its_bytes(ledger, tmp_path):
    made = ledger.store_evidence(file(tmp_path), Evidence(), ANA)
    for change in ("sha256 = 'aa'", "size_bytes = 1", "sha256 = NULL", "evidence_id = 'e:2'"):
        with pytest.raises(CeasefireError):
            ledger._connection.run(f"UPDATE evidence SET {change}")
    ledger._connection.run("UPDATE evidence SET description = 'a bridge'")
    assert ledger.read("evidence")[0].sha256 == made.sha256


@pytest.mark.parametrize("forget", ["", "custody", "history"])
def test_a_record_made_to_speak_of_another_file_is_found_and_not_given_out(
    ledger, tmp_path, forget
):
    """Past the triggers, as somebody with the file in hand can; by history or custody alone too."""
    first = ledger.store_evidence(file(tmp_path, data=b"one"), Evidence(), ANA)
    second = ledger.store_evidence(file(tmp_path, data=b"two"), Evidence(), ANA)
    run = ledger._connection.run
    run("DROP TRIGGER evidence_keep_their_bytes")
    run(f"UPDATE evidence SET sha256 = '{second.sha256}' WHERE evidence_id = '{first.evidence_id}'")
    if forget == "custody":
        run("DROP TRIGGER custody_no_delete")
        run("DELETE FROM custody")
    if forget == "history":
        run("DROP TRIGGER record_history_no_delete")
        run("DELETE FROM record_history WHERE table_name = 'evidence' AND revision = 1")
    with pytest.raises(CeasefireError, match="not given out"):
        ledger.take_evidence(first.evidence_id, tmp_path / "c", ANA)
    assert not (tmp_path / "c").exists()
    check = ledger.check_evidence(ANA)
    assert states(check) == ["altered", "unaltered"]
    assert first.sha256 in check.files[0].note


def test_a_passphrase_that_is_not_set_is_no_silent_plain_file(ledger, tmp_path):
    with pytest.raises(CeasefireError, match="none is set"):
        ledger.store_evidence(file(tmp_path), Evidence(), ANA, passphrase=PHRASE)
    assert files_of(ledger) == []
    ledger.store_evidence(file(tmp_path), Evidence(), ANA)


def without_key(ledger, tmp_path):
    """An encrypted file whose key file is gone; the key's text."""
    made = ledger.store_evidence(file(tmp_path, data=b"one"), Evidence(), ANA)
    ledger.encrypt_evidence(PHRASE, None, ANA)
    key = ledger.evidence_folder / "key.json"
    text = key.read_text()
    key.unlink()
    return made, key, text


@pytest.mark.parametrize("folder_gone", [False, True])
def test_where_the_key_is_lost_nothing_is_stored_plain_and_no_second_key_made(
    ledger, tmp_path, folder_gone
):
    made, key, text = without_key(ledger, tmp_path)
    if folder_gone:
        ledger.evidence_folder.rename(tmp_path / "away")
    for phrase in (None, PHRASE):
        with pytest.raises(CeasefireError, match="key"):
            ledger.store_evidence(file(tmp_path, "b"), Evidence(), ANA, passphrase=phrase)
    with pytest.raises(CeasefireError, match="missing: restore it"):
        ledger.encrypt_evidence(OTHER, None, ANA)
    assert not key.exists()
    if folder_gone:
        return
    check = ledger.check_evidence(ANA, PHRASE)
    assert states(check) == ["unreadable"]
    assert "key.json" in check.files[0].note
    key.write_text(text)
    assert states(ledger.check_evidence(ANA, PHRASE)) == ["unaltered"]


def test_a_file_of_another_key_is_unreadable_and_says_so(ledger, tmp_path):
    made, key, _ = without_key(ledger, tmp_path)
    with Ledger.create(tmp_path / "other.gpkg") as other:
        other.encrypt_evidence(OTHER, None, ANA)
        key.write_bytes((other.evidence_folder / "key.json").read_bytes())
    check = ledger.check_evidence(ANA, OTHER)
    assert states(check) == ["unreadable"]
    assert "another key" in check.files[0].note
    with pytest.raises(CeasefireError, match="another key"):
        ledger.take_evidence(made.evidence_id, tmp_path / "c", ANA, passphrase=OTHER)


def test_plain_leftovers_do_not_survive_encryption_unnamed(ledger, tmp_path):
    ledger.store_evidence(file(tmp_path, data=b"one"), Evidence(), ANA)
    root = ledger.evidence_folder
    (root / "incoming" / "a.part").write_bytes(b"plain part")
    (root / "note.txt").write_bytes(b"plain note")
    digest = hashlib.sha256(b"plain orphan").hexdigest()
    (root / digest[:2]).mkdir(exist_ok=True)
    (root / digest[:2] / digest[2:]).write_bytes(b"plain orphan")
    done = ledger.encrypt_evidence(PHRASE, None, ANA)
    assert (done.encrypted, done.removed, done.plain) == (2, 1, [root / "note.txt"])
    kept = [place for place in files_of(ledger) if b"plain" in place.read_bytes()]
    assert kept == [root / "note.txt"]
    again = ledger.encrypt_evidence(PHRASE, None, ANA)
    assert (again.encrypted, again.removed, again.plain) == (0, 0, [root / "note.txt"])


def test_a_copy_under_way_while_a_passphrase_is_set_is_not_kept_plain(ledger, tmp_path):
    def set_meanwhile(count):
        other = Ledger.open(ledger.path)
        other.encrypt_evidence(PHRASE, None, ANA)
        other.close()

    with pytest.raises(CeasefireError, match="set for the evidence meanwhile"):
        ledger.store_evidence(file(tmp_path), Evidence(), ANA, step=set_meanwhile)
    assert ledger.read("evidence") == []
    assert [place.name for place in files_of(ledger)] == ["key.json"]


@pytest.mark.skipif(os.name == "nt", reason="links and pipes are POSIX")
@pytest.mark.parametrize("kind", ["link", "pipe", "folder link"])
def test_what_is_no_file_of_the_folder_is_unreadable_and_not_given_out(ledger, tmp_path, kind):
    made = ledger.store_evidence(file(tmp_path, data=b"one"), Evidence(), ANA)
    (place,) = files_of(ledger)
    away = tmp_path / "away"
    if kind == "folder link":
        place.parent.rename(away)
        place.parent.symlink_to(away)
    else:
        place.rename(away)
        place.symlink_to(away) if kind == "link" else os.mkfifo(place)
    check = ledger.check_evidence(ANA)
    assert (states(check), check.strays) == (["unreadable"], [])
    assert ("link" if "link" in kind else "pipe") in check.files[0].note
    with pytest.raises(CeasefireError, match="was not copied"):
        ledger.take_evidence(made.evidence_id, tmp_path / "c", ANA)
    assert not (tmp_path / "c").exists()
