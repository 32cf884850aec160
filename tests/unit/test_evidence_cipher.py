"""Evidence at rest: against RFC 7914, Python's scrypt, and AES from the openssl program."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import os
import shutil
import subprocess

import pytest

from ceasefire_monitor.ledger import evidence_cipher as cipher
from ceasefire_monitor.model.errors import CeasefireError

KEY = bytes(range(32))
PHRASE = "seven quiet herons at dusk"
CHUNK = cipher.CHUNK


def read(data: bytes, key: bytes = KEY) -> bytes:
    return b"".join(cipher.decrypted(io.BytesIO(data), key))


def write(plain: bytes, key: bytes = KEY, block: int = 70_000) -> bytes:
    blocks = (plain[start : start + block] for start in range(0, len(plain), block))
    return b"".join(cipher.encrypted(blocks, key))


@pytest.mark.parametrize("size", [1, 15, 16, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 7])
def test_what_was_encrypted_is_read_again(size):
    plain = os.urandom(size)
    assert read(write(plain)) == plain


def test_two_encryptions_of_the_same_bytes_share_nothing():
    first, second = write(b"same" * 1000), write(b"same" * 1000)
    assert first[8:40] != second[8:40]
    assert first[40:] != second[40:]


@pytest.mark.parametrize("at", [0, 8, 39, 40, 5000, -1, CHUNK + 60])
def test_a_changed_byte_is_noticed(at):
    data = bytearray(write(os.urandom(CHUNK + 5000)))
    data[at] ^= 1
    with pytest.raises((cipher.Altered, cipher.OtherKey)):
        read(bytes(data))


def test_chunks_cannot_be_cut_off_moved_doubled_or_added():
    plain = os.urandom(3 * CHUNK + 10)
    data = write(plain)
    header, step = data[:40], CHUNK + cipher.TAG
    chunks = [data[start : start + step] for start in range(40, len(data), step)]
    assert len(chunks) == 4
    for wrong in (
        chunks[:3],
        chunks[:1],
        [],
        [chunks[1], chunks[0], *chunks[2:]],
        [chunks[0], chunks[0], *chunks[1:]],
        [*chunks, chunks[-1]],
        [*chunks[:3], chunks[3][:-3]],
    ):
        with pytest.raises(cipher.Altered):
            read(header + b"".join(wrong))
    assert read(header + b"".join(chunks)) == plain


def test_a_chunk_of_another_file_is_not_taken():
    first, second = write(os.urandom(CHUNK + 5)), write(os.urandom(CHUNK + 5))
    with pytest.raises(cipher.Altered):
        read(first[: 40 + CHUNK + 16] + second[40 + CHUNK + 16 :])


def test_the_key_of_a_passphrase_is_that_of_rfc_7914_and_of_python():
    # RFC 7914, section 12, third vector.
    settings = {"n": 16384, "r": 8, "p": 1}
    expected = "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
    assert cipher._scrypt("pleaseletmein", b"SodiumChloride", settings).hex() == expected
    salt = os.urandom(16)
    ours = cipher._scrypt(PHRASE, salt, cipher.SCRYPT)
    theirs = hashlib.scrypt(
        PHRASE.encode(), salt=salt, n=1 << 17, r=8, p=1, maxmem=1 << 28, dklen=32
    )
    assert ours == theirs


def openssl(mode: str, key: bytes, data: bytes, iv: bytes = b"") -> bytes:
    vector = ["-iv", iv.hex()] if iv else []
    command = ["openssl", "enc", "-e", mode, "-K", key.hex(), *vector, "-nopad"]
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout


def times(a: int, b: int) -> int:
    """The product in GCM's field (NIST SP 800-38D, 6.3)."""
    product = 0
    for bit in range(127, -1, -1):
        if a >> bit & 1:
            product ^= b
        b = b >> 1 ^ (0xE1 << 120 if b & 1 else 0)
    return product


def gcm_tag(key: bytes, nonce: bytes, sealed: bytes, about: bytes) -> bytes:
    """GCM's tag over the cipher text, with AES from openssl and the arithmetic here."""
    h = int.from_bytes(openssl("-aes-256-ecb", key, bytes(16)), "big")
    padded = b"".join(part + bytes(-len(part) % 16) for part in (about, sealed))
    padded += (8 * len(about)).to_bytes(8, "big") + (8 * len(sealed)).to_bytes(8, "big")
    state = 0
    for start in range(0, len(padded), 16):
        state = times(state ^ int.from_bytes(padded[start : start + 16], "big"), h)
    mask = openssl("-aes-256-ecb", key, nonce + (1).to_bytes(4, "big"))
    return bytes(x ^ y for x, y in zip(state.to_bytes(16, "big"), mask))


def open_with_openssl(data: bytes, key: bytes) -> bytes:
    """The plain bytes of an encrypted file, by the definition in docs/evidence.md alone."""
    header, plain, at, number = data[:40], b"", 40, 0
    assert header[:8] == b"CMEVID1\n"
    own = hmac.new(key, b"ceasefire-evidence-file-1\n" + header[8:], hashlib.sha256).digest()
    while at < len(data):
        chunk = data[at : at + 1048576 + 16]
        at += len(chunk)
        nonce = number.to_bytes(11, "big") + (b"\x01" if at >= len(data) else b"\x00")
        counter = nonce + (2).to_bytes(4, "big")
        assert gcm_tag(own, nonce, chunk[:-16], header) == chunk[-16:]
        plain += openssl("-aes-256-ctr", own, chunk[:-16], counter)
        number += 1
    return plain


@pytest.mark.skipif(shutil.which("openssl") is None, reason="the program openssl is not here")
def test_another_program_reads_what_we_write():
    plain = os.urandom(5003)
    assert open_with_openssl(write(plain), KEY) == plain


@pytest.mark.skipif(shutil.which("openssl") is None, reason="the program openssl is not here")
def test_another_program_opens_the_key_file():
    told = json.loads(cipher.wrapped(KEY, PHRASE))
    own = hashlib.scrypt(
        PHRASE.encode(),
        salt=bytes.fromhex(told["salt"]),
        n=told["n"],
        r=told["r"],
        p=told["p"],
        maxmem=1 << 28,
        dklen=32,
    )
    sealed, nonce = bytes.fromhex(told["wrapped"]), bytes.fromhex(told["nonce"])
    about = b"ceasefire-evidence-key-1\nscrypt 131072 8 1\n"
    assert gcm_tag(own, nonce, sealed[:-16], about) == sealed[-16:]
    assert openssl("-aes-256-ctr", own, sealed[:-16], nonce + (2).to_bytes(4, "big")) == KEY


def test_the_key_file_opens_with_its_passphrase_alone_and_holds_neither():
    text = cipher.wrapped(KEY, PHRASE)
    assert cipher.unwrapped(text, PHRASE) == KEY
    assert PHRASE not in text
    assert KEY.hex() not in text
    with pytest.raises(CeasefireError, match="not that of this evidence"):
        cipher.unwrapped(text, PHRASE + " ")


def test_accents_composed_by_another_keyboard_open_it_too():
    assert cipher.unwrapped(
        cipher.wrapped(KEY, "caf\u00e9 in the harbour"), "cafe\u0301 in the harbour"
    )


@pytest.mark.parametrize(
    "damage",
    [
        lambda told: told.pop("salt"),
        lambda told: told.update(n=1 << 40),
        lambda told: told.update(n=1000),
        lambda told: told.update(nonce=""),
        lambda told: told.update(format="another"),
        lambda told: told.update(nonce="zz"),
    ],
)
def test_a_damaged_key_file_is_told_and_no_trap(damage):
    told = json.loads(cipher.wrapped(KEY, PHRASE))
    damage(told)
    with pytest.raises(CeasefireError, match="key.json"):
        cipher.unwrapped(json.dumps(told), PHRASE)


def test_a_file_of_another_key_is_told_from_an_altered_one():
    data = bytearray(write(b"plain" * 1000))
    with pytest.raises(cipher.OtherKey, match="another key"):
        read(bytes(data), bytes(32))
    data[60] ^= 1
    with pytest.raises(cipher.Altered, match="chunk 1"):
        read(bytes(data))


def test_a_short_passphrase_is_refused():
    with pytest.raises(CeasefireError, match="12 characters"):
        cipher.check_passphrase("short")
