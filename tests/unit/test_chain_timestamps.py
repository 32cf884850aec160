"""Time-stamps: a real authority made with openssl; what does not hold is refused."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

pytest.importorskip("rfc3161_client")
if shutil.which("openssl") is None:
    pytest.skip("openssl is not installed", allow_module_level=True)

from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.ledger.timestamps import checked_stamp, digest_of, nonce_of, request_for
from ceasefire_monitor.model.errors import CeasefireError
from tests import tampering
from tests.authority import Authority

DIGEST = hashlib.sha256(b"a head").digest()


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority") / "ours")


@pytest.fixture(scope="module")
def expired(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority") / "expired", days=-1)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return tampering.make(tmp_path_factory.mktemp("stamped") / "ledger.gpkg")


@pytest.fixture
def path(made, tmp_path):
    return Path(shutil.copy(made, tmp_path / "ledger.gpkg"))


@pytest.mark.parametrize("nonce", [None, 0, 1, 127, 128, 255, 256, 2**62, 2**63 - 1])
def test_openssl_reads_our_request_as_it_was_meant(authority, nonce):
    request = request_for(DIGEST, nonce)
    told = authority.told_of(request)
    assert "Hash Algorithm: sha256" in told and "Certificate required: yes" in told
    said = "unspecified" if nonce is None else f"0x{nonce:02X}"
    line = next(line for line in told.splitlines() if line.startswith("Nonce"))
    assert line.split(": ")[1] in (said, f"0x{nonce or 0:X}", f"0x0{nonce or 0:X}")
    shown = "".join(part[11:58] for part in told.splitlines() if part.startswith("    00"))
    assert DIGEST.hex() in shown.replace(" ", "").replace("-", "")
    assert nonce_of(request) == nonce


@pytest.mark.parametrize("nonce", [None, 5, 2**62 + 1])
@pytest.mark.parametrize("with_root", [True, False])
def test_a_good_reply_says_when_and_by_whom(authority, nonce, with_root):
    request = request_for(DIGEST, nonce)
    reply = authority.reply(request, with_root)
    assert authority.holds(reply, DIGEST.hex())
    stamp = checked_stamp(reply, authority.root.read_bytes(), request)
    assert (stamp.digest, stamp.authority) == (DIGEST.hex(), "CN=Fictional Clock")
    assert abs(stamp.time - datetime.now(timezone.utc)) < timedelta(minutes=2)
    assert digest_of(reply) == DIGEST.hex()


def test_a_reply_to_another_request_is_refused(authority):
    reply = authority.reply(request_for(DIGEST, 5))
    with pytest.raises(CeasefireError, match="answers another request"):
        checked_stamp(reply, authority.root.read_bytes(), request_for(DIGEST, 6))


def test_another_authority_is_refused(authority, tmp_path):
    reply = authority.reply(request_for(DIGEST))
    other = Authority(tmp_path / "other", "Fictional Clock")
    with pytest.raises(CeasefireError, match="not one of the authority that was given"):
        checked_stamp(reply, other.root.read_bytes())


def test_a_certificate_that_was_not_valid_at_the_stamps_time_is_refused(expired):
    reply = expired.reply(request_for(DIGEST))
    assert not expired.holds(reply, DIGEST.hex())
    with pytest.raises(CeasefireError, match="was not valid at the time"):
        checked_stamp(reply, expired.root.read_bytes())


def test_each_altered_byte_of_the_signed_part_is_refused(authority):
    reply = authority.reply(request_for(DIGEST, 5))
    for place in range(60, len(reply), 97):
        changed = reply[:place] + bytes([reply[place] ^ 1]) + reply[place + 1 :]
        try:
            stamp = checked_stamp(changed, authority.root.read_bytes(), request_for(DIGEST, 5))
        except CeasefireError:
            continue
        # The root that came along is not what the trust rests on.
        assert stamp.digest == DIGEST.hex() and authority.holds(changed, DIGEST.hex())


@pytest.mark.parametrize(
    "reply", [b"", b"\x30", b"garbage", b"\x30\x80" * 40, b"-----BEGIN", bytes(range(256)) * 9000]
)
def test_garbage_is_refused_in_a_sentence(authority, reply):
    with pytest.raises(CeasefireError, match=r"choose the \.tsr file"):
        checked_stamp(reply, authority.root.read_bytes())


@pytest.mark.parametrize("certificates", [b"", b"garbage", b"-----BEGIN CERTIFICATE-----\nAA"])
def test_an_authoritys_file_without_a_certificate_is_refused(authority, certificates):
    reply = authority.reply(request_for(DIGEST))
    with pytest.raises(CeasefireError, match="holds no certificate"):
        checked_stamp(reply, certificates)


def test_a_refusal_of_the_authority_is_told(authority):
    request = request_for(DIGEST).replace(
        bytes.fromhex("608648016503040201"), bytes.fromhex("608648016503040299")
    )
    done = subprocess.run(
        ["openssl", "ts", "-reply", "-queryfile", "/dev/stdin"]
        + "-signer clock.pem -inkey clock.key -config ts.cnf -section ours".split(),
        input=request,
        cwd=authority.folder,
        capture_output=True,
    )
    with pytest.raises(CeasefireError, match="did not grant"):
        checked_stamp(done.stdout, authority.root.read_bytes())


def test_a_stamp_is_kept_with_its_head_and_checked_again(path, authority, tmp_path):
    trusted = authority.root.read_bytes()
    with Ledger.open(path) as ledger:
        first, second = ledger.add_head("one"), ledger.add_head("two")
        assert first.hash == second.hash and first.request != second.request
        kept = ledger.add_timestamp(authority.reply(second.request), trusted)
        assert (kept.head_id, kept.token_authority) == (second.head_id, "CN=Fictional Clock")
        assert ledger.check_timestamps(trusted) == [(kept, None)]
        assert ledger.verify().tokens == 1
        with pytest.raises(CeasefireError, match="has this time-stamp already"):
            ledger.add_timestamp(kept.token, trusted)
        with pytest.raises(CeasefireError, match="for another hash"):
            ledger.add_timestamp(authority.reply(request_for(DIGEST)), trusted)
        other = Authority(tmp_path / "other")
        ((_, fault),) = ledger.check_timestamps(other.root.read_bytes())
        assert "not one of the authority" in fault


def test_a_stamp_of_a_head_that_was_made_elsewhere_gets_a_row_of_its_own(path, authority):
    with Ledger.open(path) as ledger:
        head = ledger.head()
        ledger.write_records("incidents", [tampering.incident(70)], None, "more")
        reply = authority.reply(request_for(bytes.fromhex(head.hash)))
        kept = ledger.add_timestamp(reply, authority.root.read_bytes())
        assert (kept.position, kept.hash) == (head.position, head.hash)
        assert ledger.verify().holds


def test_a_token_that_was_put_to_another_head_is_found_without_the_library(path, authority):
    with Ledger.open(path) as ledger:
        head = ledger.add_head("one")
        ledger.add_timestamp(authority.reply(head.request), authority.root.read_bytes())
    with tampering.behind_its_back(path) as connection:
        connection.execute("UPDATE heads SET token = replace(token, ?, ?)", (head.hash, "ab" * 32))
    with Ledger.open(path, readonly=True) as ledger:
        (fault,) = ledger.verify().faults
    assert fault.sentence == "the time-stamp token of head 1 is for another hash."


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("token_time", "2020-01-01T00:00:00.000Z", "and not when the head says"),
        ("token_authority", "CN=Big Authority", "names no “Big Authority”"),
        ("token", None, "is gone, though the head says when it was made"),
        ("token_authority", "CN=Fictional", None),
    ],
)
def test_what_a_head_says_of_its_stamp_is_held_against_the_stamp(
    path, authority, column, value, words
):
    trusted = authority.root.read_bytes()
    with Ledger.open(path) as ledger:
        head = ledger.add_head("one")
        ledger.add_timestamp(authority.reply(head.request), trusted)
        assert ledger.verify().faults == []
    with tampering.behind_its_back(path) as connection:
        connection.execute(f"UPDATE heads SET {column} = ?", (value,))
    with Ledger.open(path, readonly=True) as ledger:
        faults = [fault.sentence for fault in ledger.verify().faults]
        checked = [fault for _, fault in ledger.check_timestamps(trusted)]
    if words is not None:
        assert len(faults) == 1 and words in faults[0]
    # A part of the name passes without the certificates; with them it does not.
    if value is not None:
        assert len(checked) == 1 and "the head says" in checked[0]


def test_without_the_library_a_sentence_says_what_to_install_and_the_rest_works(path):
    program = (
        "import sys; sys.modules['rfc3161_client'] = None; sys.path.insert(0, 'tests'); "
        "import conftest\n"
        "from ceasefire_monitor.ledger.geopackage import Ledger\n"
        "with Ledger.open(sys.argv[1]) as ledger:\n"
        "    print(ledger.verify().holds, len(ledger.add_head('x').request))\n"
        "    try: ledger.add_timestamp(b'x', b'y')\n"
        "    except Exception as error: print(type(error).__name__, error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).resolve().parent.parent.parent,
        check=True,
    )
    first, second = done.stdout.splitlines()
    assert first.startswith("True ") and second.startswith("MissingLibrary ")
    assert "pip install 'rfc3161-client" in second
