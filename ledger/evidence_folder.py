"""The folder beside a ledger that holds the files of evidence, each under its SHA-256.

`ab/cdef…` holds the bytes whose SHA-256 is `abcdef…`, as they were given, or encrypted with
`.enc` behind the name. A file appears under its name whole or not at all.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Callable, Iterable, Iterator, Optional

from ..model.errors import CeasefireError
from .evidence_cipher import (
    CHUNK,
    MAGIC,
    Altered,
    OtherKey,
    decrypted,
    encrypted,
    new_data_key,
    unwrapped,
    wrapped,
)

INCOMING = "incoming"
PART = ".part"
KEY_FILE = "key.json"
ENCRYPTED = ".enc"
NAMED = re.compile(r"([0-9a-f]{2})/([0-9a-f]{62})(\.enc)?")
# Called with the number of bytes just done; may raise to stop.
Progress = Callable[[int], None]


class Unreadable(CeasefireError):
    """The system refuses to read or write a file; the text says which and why."""


@dataclass(frozen=True)
class Received:
    """Bytes that lie in the folder under a temporary name: what they are, and where."""

    sha256: str
    size: int
    temporary: Path
    encrypted: bool


@contextlib.contextmanager
def file_errors(path: Path) -> Iterator[None]:
    """Turn what the system says about a file into one sentence."""
    try:
        yield
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        raise Unreadable(
            f"“{error.filename or path}” could not be read or written ({why}): see that it is "
            "there, that you have the right to it and that its disk has room, and run it again."
        ) from None


class EvidenceFolder:
    """The files of evidence of one ledger. ``unlock`` comes before encrypted ones are read."""

    def __init__(self, root: Path):
        self.root = root
        self._data_key: Optional[bytes] = None

    @property
    def key_file(self) -> Path:
        """Where the wrapped data key lies once a passphrase is set."""
        return self.root / KEY_FILE

    def is_locked(self) -> bool:
        """Whether a passphrase was set and not yet given."""
        return self._data_key is None and self.key_file.exists()

    def has_lost_its_key(self) -> bool:
        """Whether the folder holds encrypted files and no key file."""
        return not self.key_file.exists() and any(self.root.glob(f"[0-9a-f]*/*{ENCRYPTED}"))

    def unlock(self, passphrase: Optional[str]) -> None:
        """Take the passphrase, where one is set and given; CeasefireError for a wrong one."""
        if passphrase and self.key_file.exists():
            with file_errors(self.key_file):
                text = self.key_file.read_text(encoding="utf-8", errors="replace")
            self._data_key = unwrapped(text, passphrase)

    def set_passphrase(self, passphrase: str) -> None:
        """Write the key file: for a new data key where there is none, else for the one in use."""
        if self.is_locked():
            raise CeasefireError(needs_passphrase())
        if self.has_lost_its_key():
            raise CeasefireError(key_is_missing(self.key_file))
        data_key = self._data_key or new_data_key()
        text = wrapped(data_key, passphrase).encode("ascii")
        with file_errors(self.key_file):
            self.root.mkdir(parents=True, exist_ok=True)
            for leftover in self.root.glob(f".????????.{KEY_FILE}"):
                leftover.unlink()
            beside = self.root / f".{uuid.uuid4().hex[:8]}.{KEY_FILE}"
            _write(beside, [text])
            os.replace(beside, self.key_file)
            _sync_folder(self.root)
        self._data_key = data_key

    def path_of(self, sha256: str, is_encrypted: bool) -> Path:
        """Where the bytes of that SHA-256 lie if they are there."""
        return self.root / sha256[:2] / (sha256[2:] + (ENCRYPTED if is_encrypted else ""))

    def find(self, sha256: Optional[str]) -> Optional[Path]:
        """What lies under the name of those bytes; the encrypted one where both are there.

        It may be something else than a file of this folder: see ``what_it_is``.
        """
        if not re.fullmatch("[0-9a-f]{64}", sha256 or ""):
            return None
        places = (self.path_of(sha256, True), self.path_of(sha256, False))
        return next((place for place in places if os.path.lexists(place)), None)

    def what_it_is(self, place: Path) -> str:
        """Why a place is no file of this folder, in a sentence; empty where it is one."""
        if place.is_symlink():
            return "Under its name there is a link: put the file itself there."
        if not place.is_file():
            return "Under its name there is no file but a folder, a pipe or a device."
        with file_errors(place):
            inside = place.resolve() == self.root.resolve() / place.relative_to(self.root)
        return "" if inside else "A link leads out of the folder: put the file itself there."

    def receive(self, blocks: Iterable[bytes], step: Optional[Progress] = None) -> Received:
        """Write bytes under a temporary name, encrypted where a passphrase is set."""
        if self.is_locked():
            raise CeasefireError(needs_passphrase())
        if self._data_key is None and self.has_lost_its_key():
            raise CeasefireError(key_is_missing(self.key_file))
        digest, size = hashlib.sha256(), 0

        def seen() -> Iterator[bytes]:
            nonlocal size
            for block in blocks:
                digest.update(block)
                size += len(block)
                if step is not None:
                    step(len(block))
                yield block

        temporary = self.root / INCOMING / f"{uuid.uuid4().hex}{PART}"
        is_encrypted = self._data_key is not None
        with file_errors(temporary):
            temporary.parent.mkdir(parents=True, exist_ok=True)
            _write(temporary, encrypted(seen(), self._data_key) if is_encrypted else seen())
        return Received(digest.hexdigest(), size, temporary, is_encrypted)

    def place(self, received: Received) -> None:
        """Give received bytes their name; what lies there under it gives way.

        CeasefireError where they are plain and a passphrase was set meanwhile.
        """
        if not received.encrypted and self.key_file.exists():
            raise CeasefireError(
                "A passphrase was set for the evidence meanwhile: run this again with it; nothing "
                "was kept."
            )
        final = self.path_of(received.sha256, received.encrypted)
        with file_errors(final):
            final.parent.mkdir(parents=True, exist_ok=True)
            os.replace(received.temporary, final)
            _sync_folder(final.parent)
            _sync_folder(self.root)

    def drop(self, received: Received) -> None:
        """Remove received bytes that did not get their name."""
        with contextlib.suppress(FileNotFoundError), file_errors(received.temporary):
            received.temporary.unlink(missing_ok=True)

    def blocks(self, place: Path) -> Iterator[bytes]:
        """The plain bytes of a file of the folder; Altered where they cannot be true.

        Unreadable where it is no file of the folder, or its key is not at hand.
        """
        wrong = self.what_it_is(place)
        if wrong:
            raise Unreadable(wrong)
        if place.suffix != ENCRYPTED:
            yield from blocks_of(place)
            return
        if self._data_key is None and not self.key_file.exists():
            raise Unreadable(key_is_missing(self.key_file))
        if self._data_key is None:
            raise CeasefireError(needs_passphrase())
        with file_errors(place), place.open("rb") as stream:
            yield from decrypted(stream, self._data_key)

    def sha256_of(self, place: Path, step: Optional[Progress] = None) -> str:
        """The SHA-256 of a file's plain bytes; Altered where an encrypted one was changed."""
        digest = hashlib.sha256()
        for block in self.blocks(place):
            digest.update(block)
            if step is not None:
                step(len(block))
        return digest.hexdigest()

    def holds(self, place: Path, sha256: str) -> bool:
        """Whether a file is there and its bytes are those of its name."""
        try:
            return not self.what_it_is(place) and self.sha256_of(place) == sha256
        except (Altered, OtherKey):
            return False

    def is_plain(self, place: Path) -> bool:
        """Whether a file may be read without the passphrase: one that holds bytes of ours not
        encrypted, or anything else. The key file and what is empty do not count."""
        if place == self.key_file or place.name.endswith(f".{KEY_FILE}"):
            return False
        if self.what_it_is(place):
            return True
        with file_errors(place), place.open("rb") as stream:
            first = stream.read(len(MAGIC))
        return first not in (b"", MAGIC)

    def hash_of_name(self, place: Path) -> Optional[str]:
        """The SHA-256 that a file's name in the folder stands for; None for another name."""
        match = NAMED.fullmatch(place.relative_to(self.root).as_posix())
        return match.group(1) + match.group(2) if match else None

    def strays(self, known: set[str]) -> list[Path]:
        """The files of the folder that no record speaks of: leftovers, and what others put there.

        A plain file beside its encrypted one is a leftover too.
        """
        found = []
        for folder, _, names in os.walk(self.root):
            for name in names:
                path = Path(folder) / name
                sha256 = self.hash_of_name(path)
                if sha256 in known and path == self.find(sha256):
                    continue
                if path != self.key_file:
                    found.append(path)
        return sorted(found)


def blocks_of(place: Path) -> Iterator[bytes]:
    """The bytes of a file in blocks."""
    with file_errors(place), place.open("rb") as stream:
        yield from blocks_from(stream)


def blocks_from(stream: BinaryIO) -> Iterator[bytes]:
    """The bytes of an open binary stream in blocks."""
    while True:
        block = stream.read(CHUNK)
        if not block:
            return
        yield block


def needs_passphrase() -> str:
    """What is said where a passphrase is set and none was given."""
    return (
        "The evidence of this ledger is encrypted: give its passphrase, by an authentication "
        "configuration of QGIS or in the environment variable CEASEFIRE_PASSPHRASE."
    )


def key_is_missing(place: Path) -> str:
    """What is said where there are encrypted files and their key file is gone."""
    return (
        f"The folder holds encrypted files, but their key “{place}” is missing: restore it from a "
        "copy of the folder; without it they cannot be read, and nothing is added or set."
    )


def write_whole(final: Path, blocks: Iterable[bytes]) -> Path:
    """Write a file beside ``final`` down to the disk, for the caller to rename; its path."""
    beside = final.with_name(f".{uuid.uuid4().hex}.part")
    with file_errors(final):
        _write(beside, blocks)
    return beside


def _write(path: Path, blocks: Iterable[bytes]) -> None:
    try:
        with path.open("xb") as stream:
            for block in blocks:
                stream.write(block)
            stream.flush()
            os.fsync(stream.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _sync_folder(folder: Path) -> None:
    """Bring the new name itself down to the disk; Windows does so by itself."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        # Some network folders refuse this; the file's bytes are down already.
        with contextlib.suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
