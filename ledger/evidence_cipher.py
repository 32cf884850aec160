"""Evidence at rest under a passphrase: what is written to the disk, and how it is read.

Files: AES-256-GCM in chunks, each authenticated with its number and with whether it is the last
(the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015), so that a changed,
moved, missing or added chunk is noticed. The data key is random and wrapped by a key that scrypt
(RFC 7914) makes of the passphrase; another passphrase wraps it anew and leaves the files alone.
`docs/evidence.md` defines both for other programs.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import unicodedata
from typing import BinaryIO, Iterable, Iterator

from ..model.errors import CeasefireError, MissingLibrary

MAGIC = b"CMEVID1\n"
SALT = 32
CHUNK = 1 << 20
TAG = 16
FILE_KEY = b"ceasefire-evidence-file-1\n"
KEY_ID = b"ceasefire-evidence-key-id-1\n"
NAMED = 8
KEY_FORMAT = "ceasefire-evidence-key-1"
SCRYPT = {"n": 1 << 17, "r": 8, "p": 1}
# A key file from elsewhere may not make this computer work for hours or run out of memory.
MOST = {"n": 1 << 20, "r": 16, "p": 4}
SHORTEST = 12
WRONG = "The passphrase is not that of this evidence: give the one that was set."

OTHER_KEY = (
    "It was encrypted under another key than that of key.json in the folder: look for a former "
    "key.json among your copies."
)


class Altered(CeasefireError):
    """A file of evidence does not hold the bytes that were given."""


class OtherKey(CeasefireError):
    """A file of evidence was encrypted under another key than the one at hand."""


def new_data_key() -> bytes:
    """A random key for files, 32 bytes."""
    return os.urandom(32)


def check_passphrase(passphrase: str) -> None:
    """CeasefireError where a passphrase is too short to be set."""
    if len(passphrase) < SHORTEST:
        raise CeasefireError(
            f"The passphrase is shorter than {SHORTEST} characters: choose a longer one, such as "
            "five words that nobody would put together."
        )


def wrapped(data_key: bytes, passphrase: str) -> str:
    """The text of a key file: ``data_key`` under a key made of the passphrase."""
    salt, nonce = os.urandom(16), os.urandom(12)
    key = _scrypt(passphrase, salt, SCRYPT)
    sealed = _aes_gcm()(key).encrypt(nonce, data_key, _about(SCRYPT))
    told = {"format": KEY_FORMAT, "kdf": "scrypt", **SCRYPT}
    told.update(salt=salt.hex(), nonce=nonce.hex(), wrapped=sealed.hex())
    return json.dumps(told, indent=1) + "\n"


def unwrapped(text: str, passphrase: str) -> bytes:
    """The data key of a key file; CeasefireError for another passphrase or a damaged file."""
    settings, salt, nonce, sealed = _key_file(text)
    key = _scrypt(passphrase, salt, settings)
    try:
        return _aes_gcm()(key).decrypt(nonce, sealed, _about(settings))
    except _invalid_tag():
        raise CeasefireError(WRONG) from None


def encrypted(blocks: Iterable[bytes], data_key: bytes) -> Iterator[bytes]:
    """The bytes to write for the plain ``blocks``, whatever their lengths."""
    # The salt begins with the name of the key, so that another one is not taken for damage.
    header = MAGIC + _key_id(data_key) + os.urandom(SALT - NAMED)
    cipher = _aes_gcm()(_file_key(data_key, header))
    yield header
    number, kept = 0, bytearray()
    for block in blocks:
        kept += block
        # A full chunk waits until it is known that more follows: the last one is marked.
        while len(kept) > CHUNK:
            yield cipher.encrypt(_nonce(number, False), bytes(kept[:CHUNK]), header)
            del kept[:CHUNK]
            number += 1
    yield cipher.encrypt(_nonce(number, True), bytes(kept), header)


def decrypted(stream: BinaryIO, data_key: bytes) -> Iterator[bytes]:
    """The plain bytes of an encrypted file, chunk by chunk, each authenticated.

    Raises Altered where a chunk is changed, out of its place, missing or too many, and OtherKey
    where the first does not open and the file names another key. What was yielded before is
    true, but is the whole only if nothing is raised to the end.
    """
    header = stream.read(len(MAGIC) + SALT)
    if len(header) < len(MAGIC) + SALT or not header.startswith(MAGIC):
        raise Altered("It is no encrypted file of evidence.")
    cipher, failed = _aes_gcm()(_file_key(data_key, header)), _invalid_tag()
    number, chunk = 0, stream.read(CHUNK + TAG)
    while True:
        following = stream.read(CHUNK + TAG)
        try:
            plain = cipher.decrypt(_nonce(number, not following), chunk, header)
        except (failed, ValueError):
            if number == 0 and header[len(MAGIC) :][:NAMED] != _key_id(data_key):
                raise OtherKey(OTHER_KEY) from None
            raise Altered(f"Its chunk {number + 1} was altered or cut off.") from None
        yield plain
        if not following:
            return
        number, chunk = number + 1, following


def _nonce(number: int, last: bool) -> bytes:
    """Chunk numbers never repeat under one file's key, so neither do nonces."""
    return number.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


def _key_id(data_key: bytes) -> bytes:
    return hmac.new(data_key, KEY_ID, hashlib.sha256).digest()[:NAMED]


def _file_key(data_key: bytes, header: bytes) -> bytes:
    return hmac.new(data_key, FILE_KEY + header[len(MAGIC) :], hashlib.sha256).digest()


def _about(settings: dict) -> bytes:
    cost = " ".join(str(settings[name]) for name in ("n", "r", "p"))
    return f"{KEY_FORMAT}\nscrypt {cost}\n".encode("ascii")


def _key_file(text: str) -> tuple[dict, bytes, bytes, bytes]:
    try:
        told = json.loads(text)
        settings = {name: int(told[name]) for name in SCRYPT}
        parts = [bytes.fromhex(told[name]) for name in ("salt", "nonce", "wrapped")]
        known = told["format"] == KEY_FORMAT and told["kdf"] == "scrypt"
        known &= settings["n"] > 1 and settings["n"] & (settings["n"] - 1) == 0
        known &= [len(part) for part in parts] == [16, 12, 32 + TAG]
    except (ValueError, KeyError, TypeError):
        known = False
    if not known or any(not 0 < settings[name] <= most for name, most in MOST.items()):
        raise CeasefireError(
            "The key file of the evidence folder (key.json) is damaged or of a newer version: "
            "restore it from a copy; without it the encrypted files cannot be read."
        )
    return settings, parts[0], parts[1], parts[2]


def _scrypt(passphrase: str, salt: bytes, settings: dict) -> bytes:
    """The same letters give the same key, however the keyboard composed their accents."""
    secret = unicodedata.normalize("NFC", passphrase).encode("utf-8")
    try:
        from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
    except (ImportError, OSError):
        raise MissingLibrary(_missing()) from None
    return Scrypt(salt=salt, length=32, **settings).derive(secret)


def _aes_gcm():
    try:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    except (ImportError, OSError):
        raise MissingLibrary(_missing()) from None
    return AESGCM


def _invalid_tag() -> type:
    from cryptography.exceptions import InvalidTag

    return InvalidTag


def _missing() -> str:
    return (
        "Encrypted evidence needs cryptography 3.1 or later, and QGIS's Python has no working "
        "cryptography. Install it with “python3 -m pip install 'cryptography>=3.1'” in QGIS's "
        "Python (on Windows in the OSGeo4W Shell), then start QGIS again; the rest of the plugin "
        "works without it."
    )
